//! Python's `threading` and `queue` primitives, without the GIL.
//!
//! Whoever knows `queue.Queue`, `threading.Semaphore`, `Event`, `RLock`, `Condition`, `Barrier` and `Timer` finds each one here,
//! with Rust's guards, with timeouts, and with a shutdown that loses nothing. All but `PriorityQueue`, `ShardedCounter` and `Timer` are built twice behind one API:
//! from atomics, and from a mutex and a condition variable.
//!
//! ```
//! use nogil::Queue;
//! use std::thread;
//!
//! let pages = Queue::bounded(16);
//! let sum = thread::scope(|threads| {
//!     let workers: Vec<_> = (0..4)
//!         .map(|_| threads.spawn(|| pages.iter().sum::<u64>())) // ends when shut down and drained
//!         .collect();
//!     for page in 1..=1000 {
//!         pages.put(page).unwrap(); // waits while there are 16
//!     }
//!     pages.shutdown();
//!     workers.into_iter().map(|worker| worker.join().unwrap()).sum::<u64>()
//! });
//! assert_eq!(sum, 500_500);
//! ```
//!
//! # The map
//!
//! | In Python | Here | Engines |
//! |---|---|---|
//! | `queue.Queue` | [`Queue`] | [`locked`], [`atomic`] |
//! | `queue.LifoQueue` | [`LifoQueue`] | [`locked`], [`atomic`] |
//! | `queue.PriorityQueue` | [`PriorityQueue`] | [`locked`] |
//! | `queue.SimpleQueue` | [`SimpleQueue`] | [`locked`], [`atomic`] |
//! | `queue.Full`, `Empty`, `ShutDown` | [`TryPutError`], [`TryGetError`], [`struct@ShutDown`] | |
//! | `threading.Lock` | [`Lock`] | [`locked`], [`atomic`] |
//! | `threading.RLock` | [`RLock`] | [`locked`], [`atomic`] |
//! | `threading.Condition` | [`Condition`] | [`locked`], [`atomic`] |
//! | `threading.Semaphore` | [`Semaphore`] | [`locked`], [`atomic`] |
//! | `threading.BoundedSemaphore` | [`BoundedSemaphore`] | [`locked`], [`atomic`] |
//! | `threading.Event` | [`Event`] | [`locked`], [`atomic`] |
//! | `threading.Barrier` | [`Barrier`] | [`locked`], [`atomic`] |
//! | `threading.Timer` | [`Timer`] | one |
//! | `counter += 1` under a lock | [`Counter`] | [`locked`], [`atomic`] |
//! | the same, from many threads all the time | [`ShardedCounter`] | [`atomic`] |
//! | several locks, in one order | [`acquire_all`](acquire_all()) | both |
//! | `threading.Thread`, `threading.local` | [`std::thread`], [`std::thread_local`] | |
//!
//! # The guide
//!
//! | page | answers |
//! |---|---|
//! | [`guide::from_python`] | what to write for each call of `threading` and `queue`, and what is different |
//! | [`guide::choosing`] | which primitive for which job, what std has already, which wing, and how fast |
//! | [`guide::races`] | what races, deadlocks and the GIL look like when they happen, and what cures them |
//! | [`guide::hangs`] | what to look at when a program stands still, and what it most often is |
//! | [`guide::promises`] | what holds everywhere: visibility, time, fairness, panics, shutdown, destructors, memory |
//! | [`guide::proof`] | how all that is known to be right, and what is not known |
//!
//! # A call that waits has four forms
//!
//! `try_x()` does not wait (an [`Event`] has `is_set` for it; a [`Condition`] and a [`Barrier`] have none; [`LockGuard::hand_over`], [`LockGuard::unlocked`] and a loop over a queue have no timed form), `x()` waits as long as it takes, `x_timeout(Duration)` waits as long as that, and `x_deadline(Instant)` waits until that instant. A
//! timeout of zero does not wait; one that the clock cannot count, as [`Duration::MAX`](std::time::Duration::MAX), waits for ever. A value that was not delivered comes back
//! inside the error.
//!
//! # Two wings
//!
//! [`locked`] is the plain reference: the state of each object under one mutex (a [`Condition`] has one more for each thread that waits). [`atomic`] is the fast one: a call takes no lock while no thread waits, and a thread
//! sleeps only when there is nothing for it to do. The names at the root are the atomic wing's, which measured faster in most workloads: for queues that several threads share
//! mostly two to twenty times. A `LifoQueue` gains less, and used by one thread alone is slower than the locked one. [`PriorityQueue`] has one engine, lock-based.
//!
//! What is on both wings has the same API on both, as each type is written once, over a [`Wing`]; so a program can be too. See [`generic`]. Figures, and when to
//! take which: [`guide::choosing`].
//!
//! Sizes in bytes, on Linux and x86-64, without what the items of a queue take:
//!
//! | type | atomic | locked |
//! |---|---|---|
//! | `Lock<()>` | 8 | 48 |
//! | `RLock<()>` | 24 | 64 |
//! | `Condition` | 48 | 40 |
//! | `Semaphore` | 16 | 40 |
//! | `BoundedSemaphore` | 24 | 48 |
//! | `Event` | 8 | 40 |
//! | `Barrier` | 24 | 64 |
//! | `Counter` | 8 | 16 |
//! | `Queue<u64>` | 896 | 112 |
//! | `LifoQueue<u64>` | 896 | 104 |
//! | `SimpleQueue<u64>` | 640 | 56 |
//! | `PriorityQueue<u64>` | | 112 |
//! | `ShardedCounter` | 216 | |
//!
//! (In a queue of the atomic wing, what putters write and what getters write stand 128 bytes apart, so that they do not slow each other down.)
//!
//! # What holds for all
//!
//! In short; at length in [`guide::promises`].
//!
//! * **Memory.** A call that puts, releases, sets, notifies, marks done or arrives *synchronizes with* the call of another thread that it lets go on (a get, acquire, wait or join): what
//!   the first thread did before its call is visible to the other one after its own. There is no order beyond that: of two threads that each set their own event and then look at the
//!   other's, both may find it not set yet.
//! * **Progress.** No `try_` call waits for an item, for room or for the lock that it asks for. It may wait briefly for an internal mutex: on the locked wing for that of the object, on the atomic wing when
//!   threads wait at a queue, since the list of them has one. (A condition's list has one too, for `notify`.) The queues of the atomic wing are not lock-free in the strict sense: a thread that was preempted between claiming a slot and
//!   filling it, a few instructions (and an allocation, or the taking out of a batch, in some), delays those that need that slot. They pause, then yield, and at last sleep 50 µs at a time.
//! * **Fairness.** None is promised: whoever comes first may take what others wait for. A waiter whose time is up never takes an item, a permit or a notification with it.
//! * **Panics.** Nothing is poisoned: a guard that a panic drops gives back what it holds. No internal lock is held while your code runs, except during the
//!   comparisons of a priority queue and the closure of `peek_with`.
//! * **Spurious wake-ups.** None reaches you.
//! * **Requirements.** Rust 1.85, `std`, and atomics of 64 bits; the two features are for models alone. It has been run on Linux on
//!   x86-64, and compiles elsewhere. On Linux of 64 bits it depends on `crossbeam-epoch`, `crossbeam-utils` and `libc`, elsewhere on `parking_lot_core` instead of the last.
//! * **Async.** Nothing is async. Calls that do not wait for what another thread has yet to do may be made straight from async code: the `try_` forms, and what only looks (`len`, `is_set`); `put` on an unbounded queue or a
//!   [`SimpleQueue`]; `set` and `clear`; `release`; `notify`; `task_done`, `shutdown` and `shutdown_now`; the calls of a counter; and to drop a guard, a permit or a task. They wait for no more than stands under "Progress", at a `PriorityQueue`
//!   also for another thread's comparisons and `peek_with`. Make all others where blocking is allowed. To drop the handle of a `spawn_blocking`, as `select!` does, ends no `get` inside it, which takes an item later that nobody receives; a timeout of
//!   the `get` only bounds how much later: see [`guide::choosing`](guide::choosing#from-async-code). End a [`LockGuard`] before any `.await`: the compiler does not see to it, as the guard is `Send` (an [`RLockGuard`] is not).
//! * **Models of your own.** With the feature `loom` and `--cfg nogil_loom --cfg crossbeam_loom`, or the feature `shuttle` and `--cfg nogil_shuttle`, these primitives stand on loom's or shuttle's. Each execution of a model begins with `nogil::model::begin()`, a module that is there only
//!   then; they are made inside of it, so none is a `static`; and a finite timeout ends when the model calls `nogil::model::expire()`.
//! * **Versions.** They follow [Semantic Versioning](https://semver.org). A newer oldest Rust comes with a minor version, never with a patch; the wing behind a name at the root changes with a major one at most (before 1.0, a minor one).
//! * **Statics.** Whatever is made by `new`, `bounded` or `unbounded` can be a `static`. A [`Timer`] and a [`Barrier`] with an action cannot.

// Safe code, except for the modules that are named here.
#![deny(unsafe_code)]

#[cfg(not(target_has_atomic = "64"))]
compile_error!(
    "nogil needs atomics of 64 bits, which this target lacks: positions in its queues must never come round"
);

mod aliases;
mod deadline;
mod engine;
mod error;
mod no_way_back;
mod payload;
#[allow(unsafe_code, reason = "calls of the operating system")]
mod primitive;

#[expect(unsafe_code, reason = "guards of locks that were taken by their engines alone")]
mod acquire_all;
mod barrier;
#[cfg(doctest)]
mod compile_fail;
mod condition;
mod counter;
mod event;
#[expect(unsafe_code, reason = "who holds the lock reaches what is in it")]
mod lock;
#[expect(unsafe_code, reason = "its engine, behind an associated type, is sent and shared where its items can be")]
pub mod queue;
#[expect(unsafe_code, reason = "who holds the lock reaches what is in it")]
mod rlock;
pub mod semaphore;
mod sharded_counter;
#[expect(unsafe_code, reason = "as for the queue")]
pub mod simple_queue;
mod timer;

#[expect(unsafe_code, reason = "a helper makes the attempt of a thread that sleeps meanwhile")]
mod park;

#[allow(unsafe_code, reason = "slots that one thread has to itself, and nodes that another may still read")]
pub mod atomic;
#[forbid(unsafe_code)]
pub mod locked;

#[cfg(any(doc, doctest))]
pub mod guide;

pub use acquire_all::{LockSet, acquire_all, acquire_all_deadline, acquire_all_timeout, try_acquire_all};
#[doc(inline)]
pub use atomic::{
    Atomic, Barrier, BoundedSemaphore, Condition, Counter, Event, LifoQueue, Lock, LockGuard, MappedLockGuard,
    MappedRLockGuard, OwnedLockGuard, OwnedPermit, OwnedRLockGuard, OwnedTask, Permit, Queue, RLock, RLockGuard,
    Semaphore, ShardedCounter, SimpleQueue, Task,
};
pub use engine::Wing;
pub use error::{BrokenBarrier, ReleaseError, ShutDown, TaskDoneError, TryGetError, TryPutError};
#[doc(inline)]
pub use locked::{Locked, PriorityQueue};
#[doc(inline)]
pub use queue::Prioritized;
pub use timer::{CancelGuard, Timer};

/// The types with the wing as a parameter, for code that is generic over it. (Also `PriorityQueue`, which has one wing alone.) There the constructors take the wing: `new_in(wing, ..)`, `bounded_in(wing, ..)`.
pub mod generic {
    pub use crate::barrier::{AbortGuard, Barrier};
    pub use crate::condition::{Condition, ConditionGuard, View};
    pub use crate::counter::Counter;
    pub use crate::event::{Event, SetGuard};
    pub use crate::lock::{Lock, LockGuard, MappedLockGuard, OwnedLockGuard};
    pub use crate::queue::{Iter, LifoQueue, OwnedTask, PriorityQueue, ShutdownGuard, ShutdownNowGuard, Task, TryIter};
    pub use crate::rlock::{MappedRLockGuard, OwnedRLockGuard, RLock, RLockGuard};
    pub use crate::semaphore::{BoundedSemaphore, OwnedPermit, Permit};
    pub use crate::simple_queue::SimpleQueue;

    /// [`queue::Queue`](crate::queue::Queue), first in, first out. (With the order left open, a constructor could not tell
    /// which one is meant.)
    pub type Queue<T, W> = crate::queue::Queue<T, W, crate::queue::Fifo>;

    /// [`semaphore::Semaphore`](crate::semaphore::Semaphore) without a bound. (With the limit left open, a constructor could
    /// not tell which one is meant.)
    pub type Semaphore<W> = crate::semaphore::Semaphore<W>;
}

primitive::only_in_model! {
    /// What models, your own and those of `tests/loom` and `tests/shuttle`, steer and see: the time, and the threads that sleep.
    pub mod model {
        pub use crate::primitive::model::{begin, disturb, expire, expire_sleepers, until_asleep};
    }
}

/// The README's program, so that it compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
