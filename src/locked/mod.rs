//! The lock-based wing: every primitive from a mutex and a condition variable.
//!
//! The plain, obviously right reference: the state of each object is a struct under one mutex, and the same tests run over
//! this wing and every other. Nothing here is `unsafe`.

#![expect(missing_debug_implementations, reason = "an engine is shown by its facade, which asks it for a glance")]

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

use crate::engine::{Wing, sealed::Sealed};
use crate::generic;
use crate::semaphore::Unbounded;

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

/// [`generic::Queue`] on this wing.
pub type Queue<T> = generic::Queue<T, Locked>;
/// [`generic::LifoQueue`] on this wing.
pub type LifoQueue<T> = generic::LifoQueue<T, Locked>;
/// [`generic::PriorityQueue`], which has an engine on this wing alone.
pub type PriorityQueue<T> = generic::PriorityQueue<T>;
/// [`generic::SimpleQueue`] on this wing.
pub type SimpleQueue<T> = generic::SimpleQueue<T, Locked>;
/// [`generic::Lock`] on this wing.
pub type Lock<T> = generic::Lock<T, Locked>;
/// [`generic::RLock`] on this wing.
pub type RLock<T> = generic::RLock<T, Locked>;
/// [`generic::Condition`] on this wing.
pub type Condition = generic::Condition<Locked>;
/// [`generic::Semaphore`] on this wing.
pub type Semaphore = generic::Semaphore<Locked>;
/// [`generic::BoundedSemaphore`] on this wing.
pub type BoundedSemaphore = generic::BoundedSemaphore<Locked>;
/// [`generic::Event`] on this wing.
pub type Event = generic::Event<Locked>;
/// [`generic::Barrier`] on this wing.
pub type Barrier = generic::Barrier<Locked>;
/// [`generic::Counter`] on this wing.
pub type Counter = generic::Counter<Locked>;

/// The guard of a [`Lock`] of this wing.
pub type LockGuard<'a, T> = generic::LockGuard<'a, T, Locked>;
/// The guard of a part of what a [`Lock`] of this wing guards.
pub type MappedLockGuard<'a, T> = generic::MappedLockGuard<'a, T, Locked>;
/// The guard of an [`RLock`] of this wing.
pub type RLockGuard<'a, T> = generic::RLockGuard<'a, T, Locked>;
/// Permits of a [`Semaphore`] or a [`BoundedSemaphore`] of this wing.
pub type Permit<'a> = generic::Permit<'a, Locked>;

/// [`generic::OwnedPermit`] on this wing: of a [`Semaphore`], or with [`Bounded`](crate::semaphore::Bounded) of a [`BoundedSemaphore`].
pub type OwnedPermit<L = Unbounded> = generic::OwnedPermit<Locked, L>;
/// An item of a [`Queue`] of this wing, and the task that it is.
pub type Task<'a, T> = generic::Task<'a, T, Locked, crate::queue::Fifo>;
