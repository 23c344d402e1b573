//! The contract between the facades and the wings: one small trait per primitive, and the [`Wing`] that names them all.
//!
//! An engine is the state machine of one primitive, without its public face. Every waiting call takes a [`Deadline`] and
//! tries once even when that has passed. `snapshot` serves `Debug`: it never waits, and is `None` when the engine is busy.
//!
//! The traits are public only because [`Wing`] mentions them; nobody outside of this crate can name or implement one. The
//! facades rely on that: their `unsafe` blocks trust these contracts.

use std::fmt::Debug;

use crate::deadline::Deadline;
use crate::error::{BrokenBarrier, TaskDoneError, TryGetError, TryPutError};

pub(crate) mod sealed {
    /// Keeps a public trait from being implemented elsewhere.
    pub trait Sealed {}

    /// The same for a trait with parameters: `Sealed` alone would let others implement it for our types, with a type of theirs as a parameter.
    pub trait SealedFor<T, W> {}
}

/// A family of engines, one per primitive. The primitives that exist on both wings take one as a type parameter; the names at the root, in
/// [`locked`](crate::locked) and in [`atomic`](crate::atomic) fix it.
///
/// A program that should run on any wing is written once, over `W: Wing`:
///
/// ```
/// use nogil::{Locked, Wing, generic};
///
/// fn run<W: Wing>(wing: W) -> usize {
///     let semaphore = generic::Semaphore::new_in(wing, 2);
///     let _permit = semaphore.acquire();
///     semaphore.available_permits()
/// }
///
/// assert_eq!(run(Locked), 1);
/// ```
pub trait Wing: sealed::Sealed + Copy + Debug + Default + Send + Sync + 'static {
    /// The wing's name in lower case, as the module of its types is called.
    const NAME: &'static str;

    /// The engine of [`generic::Lock`](crate::generic::Lock) and, with an owner over it, of [`generic::RLock`](crate::generic::RLock).
    type Lock: RawLock;
    /// The engine of [`generic::Condition`](crate::generic::Condition).
    type Condition: RawCondition<Lock = Self::Lock>;
    /// The engine of [`generic::Semaphore`](crate::generic::Semaphore) and [`generic::BoundedSemaphore`](crate::generic::BoundedSemaphore).
    type Semaphore: RawSemaphore;
    /// The engine of [`generic::Event`](crate::generic::Event).
    type Event: RawEvent;
    /// The engine of [`generic::Barrier`](crate::generic::Barrier).
    type Barrier: RawBarrier;
    /// The engine of [`generic::Counter`](crate::generic::Counter).
    type Counter: RawCounter;
    /// The engine of [`generic::Queue`](crate::generic::Queue). `Send` and `Sync` whenever `T` is `Send`.
    type Queue<T>: RawQueue<T>;
    /// The engine of [`generic::LifoQueue`](crate::generic::LifoQueue). `Send` and `Sync` whenever `T` is `Send`.
    type LifoQueue<T>: RawQueue<T>;
    /// The engine of [`generic::SimpleQueue`](crate::generic::SimpleQueue). `Send` and `Sync` whenever `T` is `Send`.
    type SimpleQueue<T>: RawSimpleQueue<T>;
}

/// A lock without owner or data.
///
/// From an `acquire` that returns `true` to the next `release` no other `acquire` returns `true`, and what was done before
/// that `release` happens before what follows the next `acquire`. `hand_over` releases and acquires.
pub trait RawLock: Send + Sync {
    fn new() -> Self;
    fn acquire(&self, deadline: Deadline) -> bool;
    /// Called only while the lock is held, by whichever thread has charge of it.
    fn release(&self);
    /// Called only while the lock is held. If a thread waits for it, releases it, lets another thread have it, and acquires
    /// it again. Returns whether another thread had it.
    fn hand_over(&self) -> bool;
    fn is_locked(&self) -> bool;
    /// Whether it is held, and how many threads sleep until it is free. Those count that were woken and are not gone yet.
    fn snapshot(&self) -> Option<(bool, usize)>;
}

/// Threads that wait, with a lock released, to be notified.
pub trait RawCondition: Send + Sync {
    type Lock: RawLock;
    fn new() -> Self;
    /// Called with `lock` held. Enlists the caller, releases `lock`, sleeps until notified or until `deadline`, and acquires
    /// `lock` again in either case. Returns whether it was notified: a notification is never taken and then denied.
    fn wait(&self, lock: &Self::Lock, deadline: Deadline) -> bool;
    /// Wakes the `n` longest waiters, or all if there are fewer.
    fn notify(&self, n: usize);
    /// How many threads wait, not counting those notified already.
    fn snapshot(&self) -> Option<usize>;
}

/// A number of permits.
pub trait RawSemaphore: Send + Sync {
    /// `permits` is at most [`MAX_PERMITS`](crate::semaphore::MAX_PERMITS).
    fn new(permits: usize) -> Self;
    /// All `n` or none.
    fn acquire(&self, n: usize, deadline: Deadline) -> bool;
    /// All `n` or, if there would then be more than `ceiling`, none.
    fn release(&self, n: usize, ceiling: usize) -> bool;
    fn permits(&self) -> usize;
    /// The permits, and how many threads sleep until there are more. Those count that were woken and are not gone yet.
    fn snapshot(&self) -> Option<(usize, usize)>;
}

/// A flag that threads wait for.
pub trait RawEvent: Send + Sync {
    fn new() -> Self;
    fn set(&self);
    fn clear(&self);
    fn is_set(&self) -> bool;
    /// Whether the event was set: before the call, or at any moment while it waited.
    fn wait(&self, deadline: Deadline) -> bool;
    fn snapshot(&self) -> Option<bool>;
}

/// A meeting point for a fixed number of threads.
pub trait RawBarrier: Send + Sync {
    /// `parties` is not zero, and at most `u32::MAX`.
    fn new(parties: usize) -> Self;
    /// Arrives, waits for the others and returns the arrival's index, from zero. The last to arrive runs `action` with no
    /// lock held, before anyone is released, and never beside another action; if it panics, the barrier breaks and the panic goes on. An expired `deadline`
    /// breaks the barrier.
    fn wait(&self, deadline: Deadline, action: impl FnOnce()) -> Result<usize, BrokenBarrier>;
    fn reset(&self);
    fn abort(&self);
    fn parties(&self) -> usize;
    fn waiting(&self) -> usize;
    fn is_broken(&self) -> bool;
    /// How many wait, and whether it is broken.
    fn snapshot(&self) -> Option<(usize, bool)>;
}

/// An integer that is read and changed in one step. `None`: the sum is no `i64`, and nothing was changed.
pub trait RawCounter: Send + Sync {
    fn new(value: i64) -> Self;
    fn fetch_add(&self, n: i64) -> Option<i64>;
    fn fetch_sub(&self, n: i64) -> Option<i64>;
    fn swap(&self, value: i64) -> i64;
    fn get(&self) -> i64;
    fn snapshot(&self) -> Option<i64>;
}

/// A queue that blocks, tracks tasks and can be shut down.
///
/// Items are dropped and threads woken with no lock held. What an item does before `put` happens before what its getter
/// does after `get`; `task_done` happens before the `join` that it ends.
pub trait RawQueue<T> {
    /// `None` is unbounded; a capacity is not zero.
    fn new(capacity: Option<usize>) -> Self;
    fn capacity(&self) -> Option<usize>;
    fn put(&self, item: T, deadline: Deadline) -> Result<(), TryPutError<T>>;
    /// Puts the items in order, as room comes. What is still in `items` afterwards was not stored.
    fn put_many(&self, items: &mut std::vec::IntoIter<T>, deadline: Deadline) -> Result<(), TryPutError>;
    fn get(&self, deadline: Deadline) -> Result<T, TryGetError>;
    /// Waits for one item, then takes what is there, `max` at most, in one step. `max` is not zero.
    fn get_many(&self, max: usize, deadline: Deadline) -> Result<Vec<T>, TryGetError>;
    fn task_done(&self) -> Result<(), TaskDoneError>;
    /// Whether every task was done, in time.
    fn join(&self, deadline: Deadline) -> bool;
    fn shut_down(&self);
    /// Also hands back what was queued, in the order in which it would have been fetched.
    fn shut_down_now(&self) -> Vec<T>;
    /// The same, in any order, and without a comparison of items: for who drops them.
    fn abandon(&self) -> Vec<T> {
        self.shut_down_now()
    }
    fn is_shut_down(&self) -> bool;
    fn len(&self) -> usize;
    fn unfinished(&self) -> usize;
    fn snapshot(&self) -> Option<QueueSnapshot>;
}

/// What `Debug` shows of a queue.
#[derive(Debug)]
pub struct QueueSnapshot {
    pub len: usize,
    pub unfinished: usize,
    pub is_shut_down: bool,
    /// Threads that sleep until there is an item, until there is room. Those count that were woken and are not gone yet.
    pub getters: usize,
    pub putters: usize,
}

/// An unbounded queue without tasks or shutdown. `put` neither waits nor fails, and may run in a destructor that another
/// operation of the same queue runs.
pub trait RawSimpleQueue<T> {
    fn new() -> Self;
    fn put(&self, item: T);
    fn get(&self, deadline: Deadline) -> Option<T>;
    fn len(&self) -> usize;
    /// The length, and how many threads sleep until there is an item. Those count that were woken and are not gone yet.
    fn snapshot(&self) -> Option<(usize, usize)>;
}

/// Expands `$constructors!(Wing)` for each wing. `new` stands once per wing, since a `const fn` can call no trait's method:
/// generic code calls `new_in`, and a `static` the `new` of its wing.
macro_rules! for_each_wing {
    ($constructors:ident) => {
        $constructors!(crate::locked::Locked);
        $constructors!(crate::atomic::Atomic);
    };
}
pub(crate) use for_each_wing;
