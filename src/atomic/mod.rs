//! The atomic wing: every primitive from atomics, without a lock on the way through, asleep only when there is nothing to do.
//!
//! Each file begins with the source of its algorithm, a table of its states and a table of its happens-before edges; each atomic
//! operation names the edge that it serves, or says why it needs none.

#![expect(missing_debug_implementations, reason = "an engine is shown by its facade, which asks it for a glance")]

mod barrier;
mod condition;
mod counter;
mod event;
mod fifo;
mod garbage;
mod lock;
mod queue;
mod ring;
mod segment;
mod segments;
mod semaphore;
mod simple_queue;
mod stack;
mod stripes;
mod teardown;

use crate::engine::{Wing, sealed::Sealed};
use crate::generic;
use crate::semaphore::Unbounded;

pub use crate::sharded_counter::ShardedCounter;
pub(crate) use stripes::Engine as Stripes;

/// The wing of engines made from atomics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Atomic;

impl Sealed for Atomic {}

impl Wing for Atomic {
    const NAME: &'static str = "atomic";

    type Lock = lock::Engine;
    type Condition = condition::Engine;
    type Semaphore = semaphore::Engine;
    type Event = event::Engine;
    type Barrier = barrier::Engine;
    type Counter = counter::Engine;
    type Queue<T> = queue::Engine<fifo::Fifo<T>>;
    type LifoQueue<T> = queue::Engine<stack::Stack<T>>;
    type SimpleQueue<T> = simple_queue::Engine<T>;
}

/// The queues' facades share their engines between threads whenever the items may be sent; here the compiler checks that
/// these engines allow it.
fn _engines_are_shared<T: Send>() {
    fn shared<E: Send + Sync>() {}
    shared::<queue::Engine<fifo::Fifo<T>>>();
    shared::<queue::Engine<stack::Stack<T>>>();
    shared::<simple_queue::Engine<T>>();
}

/// [`generic::Queue`] on this wing.
pub type Queue<T> = generic::Queue<T, Atomic>;
/// [`generic::LifoQueue`] on this wing.
pub type LifoQueue<T> = generic::LifoQueue<T, Atomic>;
/// [`generic::SimpleQueue`] on this wing.
pub type SimpleQueue<T> = generic::SimpleQueue<T, Atomic>;
/// [`generic::Lock`] on this wing.
pub type Lock<T> = generic::Lock<T, Atomic>;
/// [`generic::RLock`] on this wing.
pub type RLock<T> = generic::RLock<T, Atomic>;
/// [`generic::Condition`] on this wing.
pub type Condition = generic::Condition<Atomic>;
/// [`generic::Semaphore`] on this wing.
pub type Semaphore = generic::Semaphore<Atomic>;
/// [`generic::BoundedSemaphore`] on this wing.
pub type BoundedSemaphore = generic::BoundedSemaphore<Atomic>;
/// [`generic::Event`] on this wing.
pub type Event = generic::Event<Atomic>;
/// [`generic::Barrier`] on this wing.
pub type Barrier = generic::Barrier<Atomic>;
/// [`generic::Counter`] on this wing.
pub type Counter = generic::Counter<Atomic>;

/// The guard of a [`Lock`] of this wing.
pub type LockGuard<'a, T> = generic::LockGuard<'a, T, Atomic>;
/// The guard of a part of what a [`Lock`] of this wing guards.
pub type MappedLockGuard<'a, T> = generic::MappedLockGuard<'a, T, Atomic>;
/// The guard of an [`RLock`] of this wing.
pub type RLockGuard<'a, T> = generic::RLockGuard<'a, T, Atomic>;
/// Permits of a [`Semaphore`] or a [`BoundedSemaphore`] of this wing.
pub type Permit<'a> = generic::Permit<'a, Atomic>;

/// [`generic::OwnedPermit`] on this wing: of a [`Semaphore`], or with [`Bounded`](crate::semaphore::Bounded) of a [`BoundedSemaphore`].
pub type OwnedPermit<L = Unbounded> = generic::OwnedPermit<Atomic, L>;
/// An item of a [`Queue`] of this wing, and the task that it is.
pub type Task<'a, T> = generic::Task<'a, T, Atomic, crate::queue::Fifo>;
