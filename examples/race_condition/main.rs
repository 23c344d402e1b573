//! Counts wrong, and then right: threads increment one number, first without a lock and then with each cure that nogil has.
//!
//! An increment reads the number, adds one and writes it back. A thread that reads before another has written writes a sum
//! that lacks the other's increment: a lost update. The program counts the lost ones, shows one step by step as it happened
//! in this very run, and then times the cures: three kinds of lock around the same two steps, a counter that takes one step,
//! a counter in stripes, and a queue to a thread that alone owns the number.
//!
//! The Python program that it answers, which loses updates as well, since the interpreter's lock guards the interpreter and not
//! the program:
//!
//! ```text
//! number = 0
//!
//! def successor(n):
//!     return n + 1
//!
//! def count():
//!     global number
//!     for _ in range(1_000_000):
//!         seen = number
//!         number = successor(seen)    # with `with lock:` around both lines it is cured
//!
//! threads = [threading.Thread(target=count) for _ in range(4)]
//! for thread in threads: thread.start()
//! for thread in threads: thread.join()
//! print(number, "of", 4 * 1_000_000)
//! ```
//!
//! It lost between one and three million of its four in each run on CPython 3.6 to 3.13. With a bare `number = seen + 1` those up
//! to 3.9 lose as many, and the later ones none, whose lock changes hands only at calls and jumps backwards. Nothing promises
//! that, and a free-threaded build has no such lock.
//!
//! Run it with `cargo run --release --example race_condition -- [OPTIONS]`, and with `--help` to see the options.
//!
//! In Rust the broken program does not compile with a plain number: two threads may not both change it. It takes an atomic,
//! loaded and stored in two steps, to write it at all.
//!
//! Exit status: 0; 1 if a thread could not be started; 2 for bad arguments; 130 after Ctrl-C.

#[path = "../common/mod.rs"]
mod common;
mod count;
mod timeline;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use nogil::{Atomic, Locked, Wing};

use common::text::{Table, bars, count as digits, heading, nanos, plural, seconds};
use common::{Engine, between, cpus};
use count::{Count, Task};

/// Lose updates by counting without a lock, and cure it in six ways
#[derive(Debug, Parser)]
#[command(name = "race_condition")]
struct Args {
    /// Threads that increment the number
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = between(1, 1024))]
    threads: usize,

    /// Increments by each thread
    #[arg(long, value_name = "M", default_value_t = 1_000_000, value_parser = between(1, 1_000_000_000))]
    increments: usize,

    /// What the primitives are built from
    #[arg(long, value_enum, default_value_t = Engine::Atomic)]
    engine: Engine,
}

fn main() -> ExitCode {
    let args = Args::parse();
    common::run(|out| match args.engine {
        Engine::Locked => run(Locked, &args, out),
        Engine::Atomic => run(Atomic, &args, out),
    })
}

fn run<W: Wing>(wing: W, args: &Args, out: &mut dyn Write) -> io::Result<()> {
    let task = Task { threads: args.threads, increments: args.increments };
    let (threads, each) = (plural(args.threads, "thread"), digits(args.increments as u64));
    writeln!(out, "{threads} x {each} increments, engine: {}, {}\n", W::NAME, plural(cpus(), "CPU"))?;

    let broken = count::without_lock(wing, task)?;
    write!(out, "{}", heading("Without a lock: read, add one, write"))?;
    let lost = task.expected() - broken.result;
    writeln!(out, "{} of {} increments were lost.\n", digits(lost), digits(task.expected()))?;

    write!(out, "{}", heading("How one was lost"))?;
    match timeline::record(wing)? {
        Some(timeline) => writeln!(out, "{timeline}")?,
        None => writeln!(out, "Two threads that were watched lost none this time.\n")?,
    }

    let mut counts = vec![broken];
    for cure in count::cures() {
        counts.push(cure(wing, task)?);
    }
    write!(out, "{}", heading("The cures"))?;
    report(&counts, task, out)?;
    let cured = counts[1..].iter().filter(|count| count.result == task.expected()).count();
    writeln!(out, "\n{cured} of {} cures counted every increment.", counts.len() - 1)
}

fn report(counts: &[Count], task: Task, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(["", "result", "expected", "lost", "time", "ns/op"]);
    let mut costs = Vec::new();
    for &Count { name, result, time } in counts {
        let (expected, cost) = (task.expected(), nanos(time, task.expected()));
        let lost = expected - result;
        table.row([name.into(), digits(result), digits(expected), digits(lost), seconds(time), cost.clone()]);
        costs.push((name.to_owned(), time.as_secs_f64(), cost));
    }
    writeln!(out, "{table}")?;
    write!(out, "{}{}", heading("Nanoseconds per increment"), bars(&costs))?;
    writeln!(out, "\n\"no lock\" yields its CPU in one of {} increments, so that threads meet.", count::YIELD_EVERY)
}
