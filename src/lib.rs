//! Python's `threading` and `queue` primitives, without the GIL.

mod deadline;
mod engine;
mod error;
mod primitive;

mod acquire_all;
mod barrier;
mod condition;
mod counter;
mod event;
mod lock;
mod queue;
mod rlock;
pub mod semaphore;
mod simple_queue;
mod timer;

mod atomic;
pub mod locked;
mod park;

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
    pub use crate::condition::Condition;
    pub use crate::counter::Counter;
    pub use crate::event::Event;
    pub use crate::lock::{Lock, LockGuard, MappedLockGuard};
    pub use crate::queue::{Iter, LifoQueue, PriorityQueue, Queue, Task, TryIter};
    pub use crate::rlock::{RLock, RLockGuard};
    pub use crate::semaphore::{BoundedSemaphore, Permit, Semaphore};
    pub use crate::simple_queue::SimpleQueue;
}
