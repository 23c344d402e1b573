//! The atomic wing: every primitive from atomics, lock-free on the way through, asleep only when there is nothing to do.

mod barrier;
mod condition;
mod counter;
mod event;
mod lock;
mod queue;
mod ring;
mod semaphore;
