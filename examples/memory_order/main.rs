//! What one thread sees of another's writes, and when: two programs of a few steps, each played again and again by two threads at the
//! same moment, and how often each outcome was seen.
//!
//! A processor does not wait until a write has reached the others. It puts the write into a *store buffer*, which only it looks
//! into, and goes on. So of two threads that each set a flag of their own and then look at the other's, both may find nothing,
//! which no order of their four steps explains: each looked while its own write was still in the buffer.
//!
//! Release and Acquire do not forbid it. They promise one thing: who sees a write, by Acquire, that was done by Release, sees also
//! what was written before it. That is what it takes to pass a message: the data, then a flag. But here nobody saw anything, so
//! nothing was promised. SeqCst forbids it: all SeqCst steps have one order, in which whoever looks last comes after both writes.
//! For that a thread must wait until its buffer is empty, which takes time.
//!
//! A program that touches shared data only under its lock need not know any of this. Who takes a lock sees all that was done before
//! the lock was last let go. With the same two flags, each in a `Lock`, whoever is the last to set its own comes to the other lock
//! after the other thread, and sees its flag. An `Event` and a `Queue` pass messages: what was done before a `set` or a `put` is
//! seen by whoever finds the event set, or has the item. Two events promise no more than Release and Acquire do.
//!
//! The Python program that it answers, in which it does not happen, since a step ends before another thread gets the interpreter's
//! lock:
//!
//! ```text
//! ROUNDS = 20_000
//! flags = [[False, False] for _ in range(ROUNDS)]
//! saw = [[None, None] for _ in range(ROUNDS)]
//! both = threading.Barrier(2)
//!
//! def play(me):
//!     for n in range(ROUNDS):
//!         both.wait()
//!         flags[n][me] = True
//!         saw[n][me] = flags[n][1 - me]
//!
//! threads = [threading.Thread(target=play, args=[me]) for me in range(2)]
//! for thread in threads: thread.start()
//! for thread in threads: thread.join()
//! print("neither saw:", saw.count([False, False]))
//! ```
//!
//! It printed 0 on each CPython from 3.6 to 3.13. (No free-threaded build, which has no such lock, was tried.)
//!
//! Run it with `cargo run --release --example memory_order -- [OPTIONS]`, and with `--help` to see the options.
//!
//! Exit status: 0; 1 if a forbidden outcome was seen, or a thread could not be started; 2 for bad arguments; 130 after Ctrl-C.

#[path = "../common/mod.rs"]
mod common;
mod litmus;

use std::env::consts::ARCH;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use nogil::{Atomic, Locked, Wing};

use common::text::{Table, count, heading, plural};
use common::{Engine, between, complain, cpus};
use litmus::{Answers, RELAXED, RELEASE_ACQUIRE, SEQ_CST};

/// See how little one thread may see of another's writes, and what forbids it
#[derive(Debug, Parser)]
#[command(name = "memory_order")]
struct Args {
    /// Rounds of each program
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = between(1, 1_000_000_000))]
    rounds: usize,

    /// What the primitives are built from
    #[arg(long, value_enum, default_value_t = Engine::Atomic)]
    engine: Engine,
}

fn main() -> ExitCode {
    let args = Args::parse();
    common::judge(|out| match args.engine {
        Engine::Locked => run(Locked, args.rounds, out),
        Engine::Atomic => run(Atomic, args.rounds, out),
    })
}

/// One program: what became of its rounds, and whether the last of the three outcomes may be, by what is promised and not by what this
/// machine happens to do.
struct Row {
    name: &'static str,
    answers: Answers,
    last_is: &'static str,
}

const ALLOWED: &str = "allowed";
const FORBIDDEN: &str = "forbidden";

impl Row {
    fn allowed(name: &'static str, answers: Answers) -> Self {
        Self { name, answers, last_is: ALLOWED }
    }

    fn forbidden(name: &'static str, answers: Answers) -> Self {
        Self { name, answers, last_is: FORBIDDEN }
    }
}

/// Answers whether no forbidden outcome was seen.
fn run<W: Wing>(wing: W, rounds: usize, out: &mut dyn Write) -> io::Result<bool> {
    let each = count(rounds as u64);
    writeln!(out, "{each} rounds of each, engine: {}, {}, {ARCH}\n", W::NAME, plural(cpus(), "CPU"))?;

    write!(out, "{}", heading("Store buffering: each thread sets its flag, then looks at the other's"))?;
    let rows = [
        Row::allowed("Relaxed", litmus::flags(wing, rounds, RELAXED)?),
        Row::allowed("Release/Acquire", litmus::flags(wing, rounds, RELEASE_ACQUIRE)?),
        Row::forbidden("SeqCst", litmus::flags(wing, rounds, SEQ_CST)?),
        Row::allowed("two Events", litmus::events(wing, rounds)?),
        Row::forbidden("two Locks", litmus::locks(wing, rounds)?),
    ];
    let mut wrong =
        report(["both saw", "one saw", "neither saw"], |[neither, one, both]| [both, one, neither], &rows, out)?;
    if cpus() == 1 {
        writeln!(out, "On one CPU it is not seen: a switch between threads empties the buffer.")?;
    }
    if IS_X86 {
        writeln!(out, "On {ARCH} two Events do not show it: what sets one also empties the buffer.")?;
    }

    write!(out, "\n{}", heading("Message passing: data, then a flag; the other looks at the flag, then the data"))?;
    let rows = [
        Row::allowed("Relaxed", litmus::by_flag(wing, rounds, RELAXED)?),
        Row::forbidden("Release/Acquire", litmus::by_flag(wing, rounds, RELEASE_ACQUIRE)?),
        Row::forbidden("an Event", litmus::by_event(wing, rounds)?),
        Row::forbidden("a Queue", litmus::by_queue(wing, rounds)?),
    ];
    wrong +=
        report(["no flag yet", "flag and data", "flag, no data"], |[no, flag, both]| [no, both, flag], &rows, out)?;
    if IS_X86 {
        writeln!(out, "On {ARCH} a CPU writes in the program's order, and reads in it. With Relaxed")?;
        writeln!(out, "the compiler need not keep to it, nor CPUs of other kinds.")?;
    }

    if wrong > 0 {
        complain(format_args!("a forbidden outcome was seen in {} rounds", count(wrong)));
    }
    writeln!(out, "\nForbidden outcomes seen: {}.", count(wrong))?;
    Ok(wrong == 0)
}

const IS_X86: bool = cfg!(any(target_arch = "x86", target_arch = "x86_64"));

/// Prints a table, with the answers in the order of its columns. Answers how many rounds had an outcome that is forbidden.
fn report(columns: [&str; 3], in_order: fn(Answers) -> Answers, rows: &[Row], out: &mut dyn Write) -> io::Result<u64> {
    let mut table = Table::new(["", columns[0], columns[1], columns[2], "the last is"]);
    let (mut wrong, mut unseen) = (0, Vec::new());
    for &Row { name, answers, last_is } in rows {
        let answers = in_order(answers);
        let [first, second, last] = answers.map(count);
        table.row([name.into(), first, second, last, last_is.into()]);
        match answers[2] {
            0 if last_is == ALLOWED => unseen.push(name),
            seen if last_is == FORBIDDEN => wrong += seen,
            _ => {}
        }
    }
    writeln!(out, "{table}")?;
    if !unseen.is_empty() {
        writeln!(out, "Allowed, and not seen in this run: {}.", unseen.join(", "))?;
    }
    Ok(wrong)
}
