//! The models of `tests/loom`: here with any number of preemptions, though not in every order. (Not the counter's, whose
//! panics shuttle would report though they are caught.)

#[path = "../loom/acquire_all.rs"]
mod acquire_all;
#[path = "../loom/barrier.rs"]
mod barrier;
#[path = "../loom/condition.rs"]
mod condition;
#[path = "../loom/event.rs"]
mod event;
#[path = "../loom/lock.rs"]
mod lock;
#[path = "../loom/queue/mod.rs"]
pub(crate) mod queue;
#[path = "../loom/rlock.rs"]
mod rlock;
#[path = "../loom/semaphore.rs"]
mod semaphore;
#[path = "../loom/simple_queue.rs"]
mod simple_queue;
#[path = "../loom/timer.rs"]
mod timer;
