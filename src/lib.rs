//! Python's `threading` and `queue` primitives, without the GIL.

mod deadline;
mod engine;
mod error;
mod primitive;

mod acquire_all;
mod barrier;
#[cfg(doctest)]
mod compile_fail;
mod condition;
mod counter;
mod event;
mod lock;
pub mod queue;
mod rlock;
pub mod semaphore;
pub mod simple_queue;
mod timer;

mod park;

pub mod atomic;
pub mod locked;

pub use acquire_all::{LockSet, acquire_all, acquire_all_deadline, acquire_all_timeout, try_acquire_all};
pub use atomic::Atomic;
pub use engine::Wing;
pub use error::{BrokenBarrier, ReleaseError, ShutDown, TaskDoneError, TryGetError, TryPutError};
pub use locked::{
    Barrier, BoundedSemaphore, Condition, Counter, Event, LifoQueue, Lock, Locked, PriorityQueue, Queue, RLock,
    Semaphore, SimpleQueue,
};
pub use timer::Timer;

/// Every primitive over a wing of one's choice, for code that is generic over it.
pub mod generic {
    pub use crate::barrier::Barrier;
    pub use crate::condition::{Condition, ConditionGuard, View};
    pub use crate::counter::Counter;
    pub use crate::event::Event;
    pub use crate::lock::{Lock, LockGuard, MappedLockGuard};
    pub use crate::queue::{Iter, LifoQueue, PriorityQueue, Task, TryIter};
    pub use crate::rlock::{RLock, RLockGuard};
    pub use crate::semaphore::{BoundedSemaphore, Permit};
    pub use crate::simple_queue::SimpleQueue;

    /// [`queue::Queue`](crate::queue::Queue), first in, first out. (With the order left open, a constructor could not tell
    /// which one is meant.)
    pub type Queue<T, W> = crate::queue::Queue<T, W, crate::queue::Fifo>;

    /// [`semaphore::Semaphore`](crate::semaphore::Semaphore) without a bound. (With the limit left open, a constructor could
    /// not tell which one is meant.)
    pub type Semaphore<W> = crate::semaphore::Semaphore<W>;
}

primitive::only_in_model! {
    /// What the models of `tests/loom` steer and see: the time, and the threads that sleep.
    pub mod model {
        pub use crate::primitive::model::{disturb, expire, until_asleep};
    }
}
