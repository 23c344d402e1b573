//! How much the stack has left to be freed, and what a getter does when that is much.
//!
//! `crossbeam-epoch` frees a node once each thread that was inside an operation has left it. With more threads than processors one is
//! often preempted inside, and until it runs again nothing is freed: sixteen threads on two processors left half of all nodes, as
//! long as they ran. So whoever has taken a batch of nodes looks whether many are waiting to be freed, and if so lets others run. And a thread
//! that took several at once frees as many: the collector by itself frees some 500 with every 128 operations of a thread, four with each. That
//! is enough where each takes one, but not where each takes more; and after one that has taken all there may come no others.
//!
//! # Memory
//!
//! A taken node is garbage until each thread that was inside an operation of any stack has left it. (The collector is this crate's own: other users of
//! `crossbeam-epoch` keep none of this garbage, and none of theirs is freed in our calls.) It takes its own size and four words of the collector's, or up to twice as
//! many if it was taken with others; its item is gone.
//!
//! * After a burst, however it was taken, or a crowd and a few operations more: less than 64 KiB in the process, if items are small. (Up to some 320 nodes: what
//!   128 operations take, twice, since it can be freed when the collector has moved on twice; and up to 64 that the thread has not handed to the collector yet, as
//!   each further thread has, until it takes more, or ends.)
//! * While threads outnumber processors: it wavers around [`MUCH`] nodes, by a time slice's worth.
//! * While one thread stands still inside an operation: every node taken meanwhile. No scheme that frees by epochs does better. Once
//!   it moves on, every 128 operations free some 500 nodes.
//!
//! `tests/memory.rs` holds it to that.

use crossbeam_epoch::Guard;

use crate::primitive::{IS_MODEL, Tally, pin, thread};

/// Nodes that were taken and not freed, in this process, as far as whole batches are counted.
static LEFT: Tally = Tally::new();

/// Nodes that were taken several at once, since ever, in this process.
static TOGETHER: Tally = Tally::new();

/// Nodes between two looks. As many as a thread keeps before it hands them to the collector.
const BATCH: u64 = 64;

/// Nodes that may be left: more than a few threads ever leave that are never preempted.
const MUCH: isize = 8 * 1024;

/// Says that `n` nodes were left to be freed, after `before` others of the same stack.
#[inline]
pub(super) fn left(guard: Guard, before: u64, n: u64) {
    let batches = full_batches(before, n);
    if batches > 0 {
        count(guard, (batches * BATCH) as isize);
    } else {
        drop(guard);
    }
    // What calls take singly the collector by itself frees four times as fast. (Not in a model, of which each execution must do the same, and which this tally would outlive.)
    if n > 1 && !IS_MODEL {
        // By way of `usize`: where that has 32 bits the tally comes round, to zero and not below it.
        let batches = full_batches(TOGETHER.add(n as isize) as usize as u64, n);
        if batches > 0 {
            free(batches);
        }
    }
}

/// How many batches are full with the `n` nodes after `before` others.
fn full_batches(before: u64, n: u64) -> u64 {
    (before + n) / BATCH - before / BATCH
}

#[cold]
fn count(guard: Guard, nodes: isize) {
    LEFT.add(nodes);
    // Runs at about the time at which these nodes are freed.
    guard.defer(move || LEFT.add(-nodes));
    // Not inside an operation any longer, or others would wait for this thread in turn. (If it makes another's attempt it still holds the list's
    // mutex, which who comes now may wait for.)
    drop(guard);
    if LEFT.get() > MUCH {
        thread::yield_now();
    }
}

/// Frees as many nodes as so many batches have, unless another thread is inside an operation.
#[cold]
fn free(batches: u64) {
    // Each flush frees up to eight bags of 64, and leaves one of its own.
    let flushes = match batches {
        // A flush frees only what was taken at least two flushes ago. So as much is freed as is taken, and little is left in the end.
        1 => 1,
        // This may be the last call for long: flush enough for two epochs.
        _ => batches / 7 + 4,
    };
    for _ in 0..flushes {
        pin().flush();
    }
}
