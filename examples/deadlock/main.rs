//! Gets stuck, sees that it is stuck, and then does the same work without: two threads with two locks, a thread with one, and philosophers at table.
//!
//! Two threads each hold one lock and wait for the other's. Nobody will ever let go: a deadlock. Here both wait with a timeout,
//! so that the program can tell what happened instead of hanging. Then come three cures: take all locks in one order
//! (`acquire_all`), wait for a while only and begin again after a random pause, or never hold two locks at once. One thread that
//! takes a `Lock` twice waits for itself; an `RLock` lets it in again. Dijkstra's
//! philosophers, who each need the two forks beside their plate, are the same with more threads; they have a fourth cure, a
//! `Semaphore` that seats all but one.
//!
//! The Python program that it answers, which hangs:
//!
//! ```text
//! a, b = threading.Lock(), threading.Lock()
//! both = threading.Barrier(2)
//!
//! def work(first, second):
//!     with first:
//!         both.wait()
//!         with second:        # second.acquire(timeout=0.3) would return False
//!             print("never")
//!
//! threading.Thread(target=work, args=[a, b]).start()
//! threading.Thread(target=work, args=[b, a]).start()
//! ```
//!
//! Run it with `cargo run --release --example deadlock -- [OPTIONS]`, and with `--help` to see the options.
//!
//! Exit status: 0; 1 if a thread could not be started; 2 for bad arguments; 130 after Ctrl-C.

#[path = "../common/mod.rs"]
mod common;
mod one_lock;
mod philosophers;
mod two_locks;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use nogil::{Atomic, Locked, Wing};

use common::text::plural;
use common::{Engine, INTERRUPTED, between, cpus};

/// See threads deadlock, and cure it: two locks, one lock, and the dining philosophers
#[derive(Debug, Parser)]
#[command(name = "deadlock")]
struct Args {
    /// Philosophers, and forks
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = between(2, 256))]
    philosophers: usize,

    /// Times that each of two threads takes two locks, for each cure
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = between(1, 100_000_000))]
    rounds: usize,

    /// Milliseconds that the philosophers dine, for each cure
    #[arg(long, value_name = "MS", default_value_t = 500, value_parser = between(1, 3_600_000))]
    dinner: usize,

    /// Milliseconds after which a thread that waits is taken to be stuck
    #[arg(long, value_name = "MS", default_value_t = 300, value_parser = between(1, 3_600_000))]
    patience: usize,

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
    let [patience, dinner] = [args.patience, args.dinner].map(|ms| Duration::from_millis(ms as u64));
    writeln!(out, "engine: {}, {}\n", W::NAME, plural(cpus(), "CPU"))?;
    two_locks::show_stuck(wing, patience, out)?;
    if !INTERRUPTED.is_set() {
        two_locks::show_cures(wing, args.rounds, out)?;
    }
    if !INTERRUPTED.is_set() {
        one_lock::show(wing, patience, out)?;
    }
    if !INTERRUPTED.is_set() {
        philosophers::show_stuck(wing, args.philosophers, patience, out)?;
    }
    if !INTERRUPTED.is_set() {
        philosophers::show_cures(wing, args.philosophers, dinner, out)?;
    }
    Ok(())
}

/// Waits for a lock that may never come, at most for as long as anybody has patience, and not beyond Ctrl-C.
fn wait_in_vain<T>(patience: Duration, acquire_deadline: impl Fn(Instant) -> Option<T>) -> Option<T> {
    const LOOK_EVERY: Duration = Duration::from_millis(50);
    let mut now = Instant::now();
    let deadline = now + patience;
    while now < deadline && !INTERRUPTED.is_set() {
        let guard = acquire_deadline(deadline.min(now + LOOK_EVERY));
        if guard.is_some() {
            return guard;
        }
        now = Instant::now();
    }
    None
}

/// Sleeps for a random time, so that those who fell out with each other do not meet again in step.
fn back_off(most: Duration) {
    std::thread::sleep(most.mul_f64(fastrand::f64()));
}
