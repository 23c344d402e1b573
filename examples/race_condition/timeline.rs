//! One lost update, as two threads that are watched really lost it.
//!
//! Each thread writes down what it reads and writes, and takes a number for it from a sequence that both share. Between a
//! step and its number the other thread may come first, so such an account may be wrong in places. One is shown only if its
//! order explains every value: each read finds what the write before it left.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use nogil::Wing;

use crate::common::text::Table;
use crate::common::together;

const ROUNDS: usize = 2_000;
const ATTEMPTS: usize = 50;
/// The most steps that a person likes to follow.
const MOST_STEPS: usize = 14;

#[derive(Clone, Copy, Debug)]
struct Step {
    /// Its place in the order of both threads' steps.
    place: u64,
    thread: usize,
    kind: Kind,
    value: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Read,
    Write,
}

/// Steps from the read of one thread to its write, in which the other's writes are lost.
#[derive(Debug)]
pub(crate) struct Timeline(Vec<Step>);

/// Watches two threads until they lose an update.
pub(crate) fn record<W: Wing>(wing: W) -> io::Result<Option<Timeline>> {
    for _ in 0..ATTEMPTS {
        let loss = shortest_loss(&watch(wing)?);
        if loss.is_some() {
            return Ok(loss);
        }
    }
    Ok(None)
}

fn watch<W: Wing>(wing: W) -> io::Result<Vec<Step>> {
    let (number, places) = (AtomicU64::new(0), AtomicU64::new(0));
    let (steps, _) = together(wing, 2, |thread| {
        let mut steps = Vec::with_capacity(2 * ROUNDS);
        // SeqCst: so that the places follow the steps as closely as they can.
        let mut note = |kind, value| {
            steps.push(Step { place: places.fetch_add(1, Ordering::SeqCst), thread, kind, value });
        };
        for _ in 0..ROUNDS {
            let seen = number.load(Ordering::SeqCst);
            note(Kind::Read, seen);
            // In each round, so that the other thread has its turn here and not after thousands of steps, also on one CPU.
            thread::yield_now();
            number.store(seen + 1, Ordering::SeqCst);
            note(Kind::Write, seen + 1);
        }
        steps
    })?;
    let mut steps = steps.concat();
    steps.sort_unstable_by_key(|step| step.place);
    Ok(steps)
}

fn shortest_loss(steps: &[Step]) -> Option<Timeline> {
    let reads = (0..steps.len()).filter(|&i| steps[i].kind == Kind::Read);
    let losses = reads.filter_map(|read| loss_after(steps, read));
    losses.min_by_key(|steps| steps.len()).map(|steps| Timeline(steps.to_vec()))
}

/// The steps from the given read to the write that belongs to it, if the other thread's write comes in between, and they can be
/// believed. The read by which the other thread began comes along.
fn loss_after(steps: &[Step], read: usize) -> Option<&[Step]> {
    let near =
        read + steps[read..].iter().take(MOST_STEPS).skip(1).position(|step| step.thread == steps[read].thread)? + 1;
    let between = &steps[read + 1..near];
    let lost = between.iter().position(|step| step.kind == Kind::Write)?;
    let begun = between[..lost].iter().any(|step| step.kind == Kind::Read);
    let first = if begun { read } else { steps[..read].iter().rposition(|step| step.thread != steps[read].thread)? };
    let window = &steps[first..=near];
    // One in which the number went back would be a loss as well, but harder to follow; and one that begins with a write does not tell what was read for it.
    let writes = window.iter().filter(|step| step.kind == Kind::Write).count() as u64;
    let loses = steps[near].value > window[0].value && steps[near].value - window[0].value < writes;
    let begins_with_reads = (0..2).all(|thread| {
        let first = window.iter().find(|step| step.thread == thread);
        first.is_none_or(|step| step.kind == Kind::Read)
    });
    (window.len() <= MOST_STEPS && loses && begins_with_reads && is_consistent(window)).then_some(window)
}

/// Whether each read finds what was there.
fn is_consistent(window: &[Step]) -> bool {
    let mut number = window[0].value;
    window.iter().all(|step| match step.kind {
        Kind::Read => step.value == number,
        Kind::Write => {
            number = step.value;
            true
        }
    })
}

impl Display for Timeline {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["step", "thread 1", "thread 2", "the number"]).words(1).words(2);
        let mut number = 0;
        for (n, step) in self.0.iter().enumerate() {
            let did = match step.kind {
                Kind::Read => format!("reads {}", step.value),
                Kind::Write => format!("writes {}", step.value),
            };
            number = step.value;
            let [one, two] = if step.thread == 0 { [did, String::new()] } else { [String::new(), did] };
            table.row([(n + 1).to_string(), one, two, number.to_string()]);
        }
        let writes = self.0.iter().filter(|step| step.kind == Kind::Write).count() as u64;
        let grown = number - self.0[0].value;
        writeln!(f, "{table}\nTwo threads did {writes} increments here, and the number grew by {grown}.")
    }
}
