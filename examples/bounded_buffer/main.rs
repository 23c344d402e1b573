//! A buffer of few places between producers and consumers, made by hand from a lock and conditions: wrong in the three ways in which
//! it mostly is wrong, and then right.
//!
//! A condition lets a thread sleep until another has changed what the lock guards. Three mistakes are made with it:
//!
//! * `if` before the wait, where `while` is needed. A consumer is notified, but until it has the lock again another one may come
//!   along and take the item. The first goes on all the same, and takes from an empty buffer.
//! * The look is over when the wait begins: the lock was let go in between. An item that is put at that moment notifies nobody, and
//!   then the consumer falls asleep beside it. This is the lost wake-up, as with a flag that is set outside of the lock.
//! * One condition for producers and consumers, and one thread notified. It may be the wrong one: a producer tells another producer,
//!   who finds no room and sleeps again, and the consumer that could go on is told nothing.
//!
//! Each way runs until all items have passed, or until all threads sleep, where a real program would hang. A watch sees that, since it
//! counts who is awake. The right way looks under the lock before the wait and after it, as `wait_for` does, and has a condition for
//! each thing that is waited for. (Or it notifies all, and wakes many in vain.) A `nogil::Queue` is such a buffer.
//!
//! The Python program that it answers:
//!
//! ```text
//! items, lock = collections.deque(), threading.Lock()
//! not_full, not_empty = threading.Condition(lock), threading.Condition(lock)
//!
//! def put():
//!     for item in range(100_000):
//!         with lock:
//!             if len(items) == 2:     # with `while`, here and below, it is cured
//!                 not_full.wait()
//!             items.append(item)
//!             not_empty.notify()
//!
//! def get():
//!     for _ in range(100_000):
//!         with lock:
//!             if not items:
//!                 not_empty.wait()
//!             items.popleft()         # IndexError: pop from an empty deque
//!             not_full.notify()
//!
//! for work in [put, get] * 3:
//!     threading.Thread(target=work).start()
//! ```
//!
//! The error came in 22 of 24 runs, three on each CPython from 3.6 to 3.13; with `while` it never came. With `while`, but
//! `not_full = not_empty = threading.Condition(lock)`, the program hung on each of them.
//!
//! Run it with `cargo run --release --example bounded_buffer -- [OPTIONS]`, and with `--help` to see the options.
//!
//! Exit status: 0; 1 if a right way was found faulty, or a thread could not be started; 2 for bad arguments; 130 after Ctrl-C.

mod buffer;
#[path = "../common/mod.rs"]
mod common;
mod ways;

use std::io::{self, ErrorKind, Write};
use std::iter::once;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use nogil::{Atomic, Locked, Wing, generic};

use buffer::{Buffer, Faults, Got, Role, Stuck};
use common::text::{Table, count, heading, nanos, plural};
use common::{Engine, INTERRUPTED, between, complain, cpus, together};
use ways::{Get, Put};

/// Pass items through a buffer made by hand, wrong in three ways and then right
#[derive(Clone, Copy, Debug, Parser)]
#[command(name = "bounded_buffer")]
struct Args {
    /// Threads that put
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = between(1, 256))]
    producers: usize,

    /// Threads that get
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = between(1, 256))]
    consumers: usize,

    /// Places of the buffer
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = between(1, 1_000_000))]
    places: usize,

    /// Items by each producer
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = between(1, 100_000_000))]
    items: usize,

    /// What the primitives are built from
    #[arg(long, value_enum, default_value_t = Engine::Atomic)]
    engine: Engine,
}

fn main() -> ExitCode {
    let args = Args::parse();
    common::judge(|out| match args.engine {
        Engine::Locked => run(Locked, args, out),
        Engine::Atomic => run(Atomic, args, out),
    })
}

/// What came of one way.
#[derive(Debug)]
struct Outcome {
    name: &'static str,
    passed: u64,
    /// None: they were not looked for.
    faults: Option<Faults>,
    time: Duration,
}

impl Outcome {
    fn stuck(&self) -> Option<Stuck> {
        self.faults?.stuck
    }
}

impl Args {
    /// What one producer puts. At Ctrl-C it ends, and when all producers have ended, so do the consumers.
    fn items(self) -> impl Iterator<Item = u64> {
        (0..self.items as u64).take_while(|_| !INTERRUPTED.is_set())
    }

    fn all_items(self) -> u64 {
        self.producers as u64 * self.items as u64
    }

    /// Runs the producers and the consumers, who answer how many items they got. After Ctrl-C that is an error, so that `?` ends
    /// the program.
    fn pass<W: Wing>(
        self,
        wing: W,
        produce: impl Fn() + Sync,
        consume: impl Fn() -> u64 + Sync,
    ) -> io::Result<(u64, Duration)> {
        let (passed, time) = together(wing, self.producers + self.consumers, |n| {
            if n < self.producers {
                produce();
                0
            } else {
                consume()
            }
        })?;
        if INTERRUPTED.is_set() { Err(ErrorKind::Interrupted.into()) } else { Ok((passed.iter().sum(), time)) }
    }

    fn by_hand<W: Wing>(self, wing: W, name: &'static str, put: Put<W>, get: Get<W>) -> io::Result<Outcome> {
        let buffer = Buffer::new(wing, self.places, self.producers, self.consumers);
        let produce = || {
            let _ = self.items().all(|item| put(&buffer, item)); // or it was stuck, which `leave` notes
            buffer.leave(Role::Producer);
        };
        let consume = || {
            let mut passed = 0;
            loop {
                match get(&buffer) {
                    Got::Item => passed += 1,
                    Got::Nothing => {} // noted as a fault; it comes again
                    Got::End => break,
                }
            }
            buffer.leave(Role::Consumer);
            passed
        };
        let (passed, time) = self.pass(wing, produce, consume)?;
        Ok(Outcome { name, passed, faults: Some(buffer.into_faults()), time })
    }

    fn by_queue<W: Wing>(self, wing: W) -> io::Result<Outcome> {
        let queue = generic::Queue::bounded_in(wing, self.places);
        let ended = generic::Counter::new_in(wing, 0);
        let produce = || {
            self.items().for_each(|item| {
                let _ = queue.put(item); // it is not shut down before the last producer ends
            });
            if ended.fetch_add(1) + 1 == self.producers as i64 {
                queue.shutdown();
            }
        };
        let (passed, time) = self.pass(wing, produce, || queue.iter().count() as u64)?;
        Ok(Outcome { name: "nogil::Queue", passed, faults: None, time })
    }
}

/// Answers whether the right ways passed all items, without a fault.
fn run<W: Wing>(wing: W, args: Args, out: &mut dyn Write) -> io::Result<bool> {
    let [producers, consumers] =
        [(args.producers, "producer"), (args.consumers, "consumer")].map(|(n, who)| plural(n, who));
    let (items, places) = (count(args.all_items()), plural(args.places, "place"));
    writeln!(out, "{items} items, {producers}, {consumers}, {places}")?;
    writeln!(out, "engine: {}, {}\n", W::NAME, plural(cpus(), "CPU"))?;

    let faulty = [
        args.by_hand(wing, "if, not while", ways::put_after_if, ways::get_after_if)?,
        args.by_hand(wing, "look, unlock, wait", ways::put, ways::get_after_a_look)?,
        args.by_hand(wing, "one condition", ways::put_by_one_condition, ways::get_by_one_condition)?,
    ];
    let right = [args.by_hand(wing, "right", ways::put, ways::get)?, args.by_queue(wing)?];

    let mut table = Table::new(["", "passed", "empty takes", "overfull puts", "stuck", "ns/item"]);
    faulty.iter().chain(&right).for_each(|outcome| table.row(row(outcome)));
    writeln!(out, "{table}")?;
    if faulty.iter().any(|outcome| outcome.stuck().is_some()) {
        show_stuck(&faulty, args.places, out)?;
    }

    let is_sound =
        |outcome: &&Outcome| outcome.passed == args.all_items() && outcome.faults.is_none_or(Faults::are_none);
    let unseen: Vec<_> = faulty.iter().filter(is_sound).map(|outcome| outcome.name).collect();
    if !unseen.is_empty() {
        writeln!(out, "No fault this time: {}.", unseen.join("; "))?;
    }
    let sound = right.iter().filter(is_sound).count();
    if sound < right.len() {
        complain("a right way was found faulty");
    }
    writeln!(out, "{sound} of {} right ways passed every item, without a fault.", right.len())?;
    Ok(sound == right.len())
}

fn row(outcome: &Outcome) -> [String; 6] {
    let faults = |number: fn(Faults) -> u64| outcome.faults.map_or("-".into(), |faults| count(number(faults)));
    let stuck = faults(|faults| faults.stuck.map_or(0, |stuck| (stuck.producers + stuck.consumers) as u64));
    // It stopped where it was stuck, so its time says nothing.
    let cost = if outcome.stuck().is_some() { "-".into() } else { nanos(outcome.time, outcome.passed) };
    let [empty, overfull] = [faults(|faults| faults.empty_takes), faults(|faults| faults.overfull_puts)];
    [outcome.name.into(), count(outcome.passed), empty, overfull, stuck, cost]
}

fn show_stuck(outcomes: &[Outcome], places: usize, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}", heading("Who slept beside what, when nobody was left to wake them"))?;
    let mut table = Table::new(["", "consumers", "items", "producers", "free places"]);
    for (outcome, stuck) in outcomes.iter().filter_map(|outcome| Some((outcome, outcome.stuck()?))) {
        let numbers = [stuck.consumers, stuck.items, stuck.producers, places - stuck.items];
        table.row(once(outcome.name.to_owned()).chain(numbers.map(|n| count(n as u64))));
    }
    writeln!(out, "{table}")
}
