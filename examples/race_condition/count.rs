//! The same count in seven ways, each timed.

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nogil::{ShardedCounter, Wing, generic};

use crate::common::{INTERRUPTED, spawn_scoped, together};

/// Every so many increments, a thread lets others run where it does the most harm: between its read and its write.
pub(crate) const YIELD_EVERY: usize = 64;
/// Every so many increments, a thread looks whether Ctrl-C was pressed.
const LOOK_EVERY: usize = 1024;

/// What is to be counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    pub(crate) threads: usize,
    pub(crate) increments: usize,
}

impl Task {
    pub(crate) fn expected(self) -> u64 {
        self.threads as u64 * self.increments as u64
    }

    /// Calls `increment` from each thread with the number of its turn, and takes the time. After Ctrl-C that is an error, so that `?` ends
    /// the program.
    fn time<W: Wing>(self, wing: W, increment: impl Fn(usize) + Sync) -> io::Result<Duration> {
        let (_, time) = together(wing, self.threads, |_| {
            for turn in 0..self.increments {
                if turn % LOOK_EVERY == 0 && INTERRUPTED.is_set() {
                    return;
                }
                increment(turn);
            }
        })?;
        if INTERRUPTED.is_set() { Err(ErrorKind::Interrupted.into()) } else { Ok(time) }
    }
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) name: &'static str,
    pub(crate) result: u64,
    pub(crate) time: Duration,
}

/// Reads, adds one, and writes. Relaxed: the number carries nothing but itself, and no ordering would make one step of two.
fn in_two_steps(number: &AtomicU64, turn: usize) {
    let seen = number.load(Ordering::Relaxed);
    if turn % YIELD_EVERY == 0 {
        // Where there are few CPUs, threads seldom meet by themselves.
        thread::yield_now();
    }
    number.store(seen + 1, Ordering::Relaxed);
}

pub(crate) fn without_lock<W: Wing>(wing: W, task: Task) -> io::Result<Count> {
    let number = AtomicU64::new(0);
    let time = task.time(wing, |turn| in_two_steps(&number, turn))?;
    Ok(Count { name: "no lock", result: number.into_inner(), time })
}

pub(crate) fn cures<W: Wing>() -> [fn(W, Task) -> io::Result<Count>; 6] {
    [lock, rlock, semaphore, counter, sharded_counter, queue]
}

fn lock<W: Wing>(wing: W, task: Task) -> io::Result<Count> {
    let number = generic::Lock::new_in(wing, 0);
    let time = task.time(wing, |_| *number.acquire() += 1)?;
    Ok(Count { name: "Lock", result: number.into_inner(), time })
}

/// Whoever holds an `RLock` may take it again, so its guard gives shared access only; a `Cell` makes it changeable.
fn rlock<W: Wing>(wing: W, task: Task) -> io::Result<Count> {
    let number = generic::RLock::new_in(wing, Cell::new(0));
    let time = task.time(wing, |_| {
        let number = number.acquire();
        number.set(number.get() + 1);
    })?;
    Ok(Count { name: "RLock", result: number.into_inner().get(), time })
}

/// The same two steps as without a lock, with one permit to take them.
fn semaphore<W: Wing>(wing: W, task: Task) -> io::Result<Count> {
    let (number, one) = (AtomicU64::new(0), generic::Semaphore::new_in(wing, 1));
    let time = task.time(wing, |_| {
        let _permit = one.acquire();
        let seen = number.load(Ordering::Relaxed);
        number.store(seen + 1, Ordering::Relaxed);
    })?;
    Ok(Count { name: "Semaphore(1)", result: number.into_inner(), time })
}

fn counter<W: Wing>(wing: W, task: Task) -> io::Result<Count> {
    let number = generic::Counter::new_in(wing, 0);
    let time = task.time(wing, |_| number.increment())?;
    Ok(Count { name: "Counter", result: number.get().unsigned_abs(), time })
}

fn sharded_counter<W: Wing>(wing: W, task: Task) -> io::Result<Count> {
    let number = ShardedCounter::new();
    let time = task.time(wing, |_| number.increment())?;
    Ok(Count { name: "ShardedCounter", result: number.sum().unsigned_abs(), time })
}

/// No number is shared: one thread owns it, and the others send it what to add.
fn queue<W: Wing>(wing: W, task: Task) -> io::Result<Count> {
    let amounts = generic::Queue::bounded_in(wing, 1024);
    let begin = Instant::now();
    let result = thread::scope(|scope| {
        let end = amounts.shutdown_on_drop();
        let owner = spawn_scoped(scope, || amounts.iter().sum())?;
        task.time(wing, |_| {
            let _ = amounts.put(1_u64); // it is not shut down before all are sent
        })?;
        drop(end);
        io::Result::Ok(owner.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    // The last to be added is as much a part of it as the last to be sent.
    Ok(Count { name: "Queue", result, time: begin.elapsed() })
}
