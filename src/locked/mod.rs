//! The lock-based wing: each primitive from a mutex and a condition variable.
//!
//! The plain, obviously right reference: the state of each object is a struct under one mutex (a condition has one more for each that waits), and the same
//! tests run over this wing and every other. Nothing here is `unsafe`.

#![expect(missing_debug_implementations, reason = "an engine is shown by its facade, which asks it for a snapshot")]

mod barrier;
mod condition;
mod counter;
mod event;
mod heap;
mod lock;
mod queue;
mod semaphore;
mod simple_queue;
mod store;
mod waiters;

use std::collections::VecDeque;

use crate::aliases::aliases;
use crate::engine::{Wing, sealed::Sealed};

pub(crate) use heap::Heap;
pub(crate) use queue::Engine as QueueEngine;

/// The wing of engines made from a mutex and a condition variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locked;

impl Sealed for Locked {}

impl Wing for Locked {
    const NAME: &'static str = "locked";

    type Lock = lock::Engine;
    type Condition = condition::Engine;
    type Semaphore = semaphore::Engine;
    type Event = event::Engine;
    type Barrier = barrier::Engine;
    type Counter = counter::Engine;
    type Queue<T> = queue::Engine<VecDeque<T>>;
    type LifoQueue<T> = queue::Engine<Vec<T>>;
    type SimpleQueue<T> = simple_queue::Engine<T>;
}

/// The compiler's proof of what [`Wing`] asks of the engines that hold items: sent and shared whenever the items can be sent.
fn _engines_are_shared<T: Send>() {
    fn shared<E: Send + Sync>() {}
    shared::<queue::Engine<VecDeque<T>>>();
    shared::<queue::Engine<Vec<T>>>();
    shared::<queue::Engine<Heap<T>>>();
    shared::<simple_queue::Engine<T>>();
}

aliases!(Locked);

/// A queue that gives the smallest item first: [`queue::PriorityQueue`](crate::queue::PriorityQueue), which has an engine on this wing alone.
pub type PriorityQueue<T> = crate::queue::Queue<T, Locked, crate::queue::Priority>;
