//! Queues that block, track tasks and can be shut down: [`Queue`], [`LifoQueue`] and [`PriorityQueue`].
//!
//! They are one type, whose last parameter is the [`Order`] in which it gives its items. [`nogil::Queue`](crate::Queue),
//! [`nogil::LifoQueue`](crate::LifoQueue) and [`nogil::PriorityQueue`](crate::PriorityQueue) are short names for it.

#[cfg(doctest)]
mod compile_fail;
mod get;
mod iter;
mod order;
mod prioritized;
mod priority;
mod put;
mod shutdown;
mod tasks;

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::engine::{RawQueue, Wing, for_each_wing};
use crate::locked::Locked;
use crate::primitive::const_unless_model;

pub use iter::{Iter, TryIter};
pub use order::{Fifo, Lifo, Order, Priority};
pub use prioritized::Prioritized;
pub use shutdown::{ShutdownGuard, ShutdownNowGuard};
pub use tasks::{OwnedTask, Task};

/// A queue that threads share: some put items in, some take them out, and each waits while it has to.
///
/// A queue holds items in its [order](Order), and at most its [`capacity`](Self::capacity) of them if it is bounded: then a
/// [`put`](Self::put) waits for room. A [`get`](Self::get) waits for an item. Each item put counts as an *unfinished task*
/// until somebody calls [`task_done`](Self::task_done) for it, or drops the [`Task`] that [`get_task`](Self::get_task) gave;
/// [`join`](Self::join) waits until none is left. [`shutdown`](Self::shutdown) ends a queue: nothing more goes in, what is in
/// can still be fetched, and calls of `put` and `get` that can no longer succeed return [`ShutDown`](struct@crate::ShutDown).
///
/// Every waiting call has four forms: `get` waits as long as it takes, `try_get` does not wait, `get_timeout` waits for a
/// [`Duration`](std::time::Duration) at most and `get_deadline` until an [`Instant`](std::time::Instant).
///
/// In Python: `queue.Queue(maxsize)`; with the other orders `queue.LifoQueue(maxsize)` and `queue.PriorityQueue(maxsize)`.
///
/// # Differences from Python
///
/// * A queue without a limit is called [`unbounded`](Self::unbounded), not of size zero; and its capacity cannot be changed.
/// * An item that could not be put comes back inside the error, and [`shutdown_now`](Self::shutdown_now) hands back what it
///   took out, which Python throws away.
/// * [`put_many`](Self::put_many) and [`get_many`](Self::get_many) move several items at once, a [`Task`] marks itself done,
///   and [`join`](Self::join) has a timeout.
/// * The order of a `PriorityQueue` is stable: equal items come out as they went in. And an item whose comparison panics
///   upsets nothing: the queue is as it was before that item.
///
/// # Fairness
///
/// None is promised. An item, or a place, goes to whoever comes first, and that may be a thread that just arrived while
/// others wait. None is ever lost to a waiter whose time was up.
///
/// # Immediate shutdown and tasks in flight
///
/// [`shutdown_now`](Self::shutdown_now) takes the items that are still queued off the count of unfinished tasks, and only
/// those. Items that were fetched and not yet marked done still count, as in Python; so a thread in `join` goes on waiting
/// until they are done. If the thread that has one may never finish, use [`join_timeout`](Self::join_timeout).
///
/// # Guards that shut it down
///
/// Nothing ends a queue by itself, so a thread that leaves early, by a `?` or a panic, leaves others waiting for it. A guard, bound to a name first thing in the thread's work, sees to them:
///
/// | guard | is for | does | when |
/// |---|---|---|---|
/// | [`shutdown_on_drop`](Self::shutdown_on_drop) | who puts: the only thread that does, the one that joins them, or the last of several | [`shutdown`](Self::shutdown): what is queued is still worked on | it is dropped |
/// | [`shutdown_now_on_drop`](Self::shutdown_now_on_drop) | a worker that works until the queue is shut down | [`shutdown_now`](Self::shutdown_now): **what is queued is dropped**. Nothing, if the queue is shut down and drained | it is dropped |
/// | [`shutdown_now_on_panic`](Self::shutdown_now_on_panic) | a worker that may end while others go on | the same | a panic drops it |
///
/// Where the rest is to be done in spite of a failure, take none in the worker, and deal with the failure in its loop: no `?` out of it, and around the work a [`catch_unwind`](std::panic::catch_unwind).
///
/// # Code of yours that runs inside the queue
///
/// No item is dropped, no iterator advanced and no thread woken while the queue's internal lock is held; so an item's
/// destructor may use the queue it was in. There are two exceptions, both in a `PriorityQueue`: the items' [`Ord`], and the
/// closure of [`peek_with`](PriorityQueue::peek_with). These must not use the same queue, on which they would wait for
/// ever, and while they run every other thread at the queue waits.
///
/// # Memory
///
/// To make a queue allocates nothing. On the [`Atomic`](crate::atomic::Atomic) wing, the first put or get of a bounded queue allocates room for its whole capacity and keeps it until the queue is dropped, if that is at most a
/// megabyte or at most 31 items. A larger or unbounded queue allocates and frees segments of 31 to 255 items. A `LifoQueue` has a node for each item. On the [`Locked`] wing a queue grows with its items, also if it is bounded; and after a
/// burst it gives memory back as it drains, so that the buffer it keeps is in proportion to what it holds.
///
/// # Examples
///
/// Two workers, and a producer that never is more than four items ahead of them:
///
/// ```
/// use std::thread;
/// use nogil::Queue;
///
/// let (numbers, squares) = (Queue::bounded(4), Queue::unbounded());
/// thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| {
///             while let Ok(number) = numbers.get_task() {
///                 squares.put(*number * *number).unwrap();
///             } // Here, at the end of its turn, the task is marked done.
///         });
///     }
///     numbers.put_many(1..=100).unwrap();
///     numbers.join();
///     assert_eq!(squares.try_iter().sum::<i32>(), 338_350);
///     numbers.shutdown();
/// });
/// ```
///
/// A queue can be a `static`, and be iterated over:
///
/// ```
/// use nogil::Queue;
///
/// static LOG: Queue<String> = Queue::unbounded();
///
/// LOG.put("up".to_owned()).unwrap();
/// LOG.put("down".to_owned()).unwrap();
/// LOG.shutdown();
/// assert_eq!(LOG.iter().collect::<Vec<_>>(), ["up", "down"]);
/// ```
pub struct Queue<T, W: Wing, O: Order<T, W> = Fifo> {
    engine: O::Engine,
}

/// A [`Queue`] that gives the newest item first: a stack.
///
/// On the atomic wing the count of its items and the stack of them change one after the other: a put claims room before its item is there, a get gives room back after its item has
/// gone. So while another thread is inside `get`, `try_put` may return `Full` although the item is already out; and the item of a `put` that began
/// before `shutdown` may appear only after `shutdown` has returned. Neither loses anything, and waiting threads are woken.
///
/// In Python: `queue.LifoQueue(maxsize)`.
///
/// # Examples
///
/// ```
/// use nogil::LifoQueue;
///
/// let queue = LifoQueue::unbounded();
/// queue.put_many([1, 2, 3]).unwrap();
/// assert_eq!(queue.get_many(3).unwrap(), [3, 2, 1]);
/// ```
pub type LifoQueue<T, W> = Queue<T, W, Lifo>;

/// A [`Queue`] that gives the smallest item first, and of equal items the one that was put first.
///
/// For the largest first, wrap the items in [`Reverse`](std::cmp::Reverse). An item without an order gets one by a [`Prioritized`] around it. Putting and getting take a number of comparisons
/// that grows with the logarithm of the length. The comparisons run under the queue's internal lock: they must not use the
/// queue, and had better be quick. If one panics, the panic comes out of the call that made it, and the queue is as it was before the item at which that
/// happened. (A [`shutdown_now`](Self::shutdown_now) that panics has shut it down.)
///
/// It has one engine, on the [`Locked`] wing. Each operation on a heap moves several items, and in a lock-free heap other threads
/// can see those moves half done. The known lock-free heaps give up the exact order, the stability or the blocking, and become
/// faster only with many more cores than most machines have.
///
/// In Python: `queue.PriorityQueue(maxsize)`, whose heap is not stable.
///
/// # Examples
///
/// ```
/// use nogil::PriorityQueue;
///
/// let queue = PriorityQueue::unbounded();
/// queue.put((2, "write the docs")).unwrap();
/// queue.put((1, "write the code")).unwrap();
/// assert_eq!(queue.get().unwrap(), (1, "write the code"));
/// ```
///
/// Largest first:
///
/// ```
/// use std::cmp::Reverse;
/// use nogil::PriorityQueue;
///
/// let queue = PriorityQueue::from_iter([1, 3, 2].map(Reverse));
/// assert_eq!(queue.get().unwrap(), Reverse(3));
/// ```
pub type PriorityQueue<T> = Queue<T, Locked, Priority>;

#[track_caller]
const fn checked(capacity: usize) -> Option<usize> {
    assert!(
        capacity > 0,
        "a queue with room for nothing would never take an item; for one without a limit, say unbounded()"
    );
    Some(capacity)
}

macro_rules! constructors {
    ($W:ty) => {
        impl<T> Queue<T, $W> {
            const_unless_model! {
                /// Makes a queue that holds at most `capacity` items.
                ///
                /// In Python: `queue.Queue(capacity)`.
                ///
                /// # Panics
                ///
                /// If `capacity` is zero; in Python that means [`unbounded`](Self::unbounded).
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::Queue;
                ///
                /// static QUEUE: Queue<u8> = Queue::bounded(1);
                /// assert!(QUEUE.put(1).is_ok());
                /// assert!(QUEUE.try_put(2).is_err());
                /// ```
                #[must_use]
                #[track_caller]
                pub const fn bounded(capacity: usize) -> Self {
                    Self { engine: <<$W as Wing>::Queue<T>>::new(checked(capacity)) }
                }
            }

            const_unless_model! {
                /// Makes a queue without a limit: a `put` never waits.
                ///
                /// In Python: `queue.Queue()`.
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::Queue;
                ///
                /// static QUEUE: Queue<u8> = Queue::unbounded();
                /// assert!(QUEUE.put(1).is_ok());
                /// ```
                #[must_use]
                pub const fn unbounded() -> Self {
                    Self { engine: <<$W as Wing>::Queue<T>>::new(None) }
                }
            }
        }

        impl<T> LifoQueue<T, $W> {
            const_unless_model! {
                /// Makes a queue that holds at most `capacity` items.
                ///
                /// In Python: `queue.LifoQueue(capacity)`.
                ///
                /// # Panics
                ///
                /// If `capacity` is zero; in Python that means [`unbounded`](Self::unbounded).
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::LifoQueue;
                ///
                /// static QUEUE: LifoQueue<u8> = LifoQueue::bounded(1);
                /// assert!(QUEUE.put(1).is_ok());
                /// assert!(QUEUE.try_put(2).is_err());
                /// ```
                #[must_use]
                #[track_caller]
                pub const fn bounded(capacity: usize) -> Self {
                    Self { engine: <<$W as Wing>::LifoQueue<T>>::new(checked(capacity)) }
                }
            }

            const_unless_model! {
                /// Makes a queue without a limit: a `put` never waits.
                ///
                /// In Python: `queue.LifoQueue()`.
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::LifoQueue;
                ///
                /// static QUEUE: LifoQueue<u8> = LifoQueue::unbounded();
                /// assert!(QUEUE.put(1).is_ok());
                /// ```
                #[must_use]
                pub const fn unbounded() -> Self {
                    Self { engine: <<$W as Wing>::LifoQueue<T>>::new(None) }
                }
            }
        }
    };
}
for_each_wing!(constructors);

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// Makes a queue of the given wing that holds at most `capacity` items, for code that is generic over the wing.
    /// Elsewhere, use `bounded`.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Locked, generic};
    ///
    /// let queue = generic::Queue::bounded_in(Locked, 3);
    /// assert!(queue.put("item").is_ok());
    ///
    /// let stack = generic::LifoQueue::bounded_in(Locked, 3);
    /// assert!(stack.put("item").is_ok());
    /// ```
    #[must_use]
    #[track_caller]
    pub fn bounded_in(_: W, capacity: usize) -> Self {
        Self { engine: RawQueue::new(checked(capacity)) }
    }

    /// Makes a queue of the given wing without a limit, for code that is generic over the wing, and even over the order.
    /// Elsewhere, use `unbounded`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::queue::{Lifo, Order, Queue};
    /// use nogil::{Locked, Wing};
    ///
    /// fn first<W: Wing, O: Order<i32, W>>(wing: W) -> i32 {
    ///     let queue = Queue::<i32, W, O>::unbounded_in(wing);
    ///     queue.put_many([1, 2]).unwrap();
    ///     queue.get().unwrap()
    /// }
    ///
    /// assert_eq!(first::<Locked, Lifo>(Locked), 2);
    /// ```
    #[must_use]
    pub fn unbounded_in(_: W) -> Self {
        Self { engine: RawQueue::new(None) }
    }

    /// How many items are queued now. Other threads may have changed that by the time it is read.
    ///
    /// In Python: `queue.qsize()`.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = nogil::Queue::from_iter(["a", "b"]);
    /// assert_eq!(queue.len(), 2);
    /// ```
    #[doc(alias = "qsize")]
    pub fn len(&self) -> usize {
        self.engine.len()
    }

    /// Whether no item is queued now. Other threads may have changed that by the time it is read: to get an item only if
    /// there is one, use [`try_get`](Self::try_get).
    ///
    /// In Python: `queue.empty()`.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = nogil::Queue::unbounded();
    /// assert!(queue.is_empty());
    /// queue.put(1).unwrap();
    /// assert!(!queue.is_empty());
    /// ```
    #[doc(alias = "empty")]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is no room now. Never so in an unbounded queue. Other threads may have changed that by the time it is
    /// read: to put an item only if there is room, use [`try_put`](Self::try_put).
    ///
    /// In Python: `queue.full()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::bounded(1);
    /// assert!(!queue.is_full());
    /// queue.put(1).unwrap();
    /// assert!(queue.is_full());
    /// ```
    #[doc(alias = "full")]
    pub fn is_full(&self) -> bool {
        self.capacity().is_some_and(|capacity| self.len() >= capacity)
    }

    /// How many items the queue can hold; `None` if there is no limit.
    ///
    /// In Python: `queue.maxsize`, which is zero if there is no limit.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// assert_eq!(Queue::<u8>::bounded(5).capacity(), Some(5));
    /// assert_eq!(Queue::<u8>::unbounded().capacity(), None);
    /// ```
    #[doc(alias = "maxsize")]
    pub fn capacity(&self) -> Option<usize> {
        self.engine.capacity()
    }
}

// SAFETY: a queue is its engine and nothing else. `Wing` and `Order` are sealed, so that engine is one of this crate's, and each
// of these is `Send` and `Sync` whenever `T` is `Send`, as `Wing` asks of it and each wing's module has the compiler check.
unsafe impl<T: Send, W: Wing, O: Order<T, W>> Send for Queue<T, W, O> {}
// SAFETY: as above.
unsafe impl<T: Send, W: Wing, O: Order<T, W>> Sync for Queue<T, W, O> {}

// Whatever panics, in whichever thread, no operation leaves the queue in a state that the next one could trip over.
impl<T, W: Wing, O: Order<T, W>> UnwindSafe for Queue<T, W, O> {}
impl<T, W: Wing, O: Order<T, W>> RefUnwindSafe for Queue<T, W, O> {}

/// An unbounded queue.
impl<T, W: Wing, O: Order<T, W>> Default for Queue<T, W, O> {
    fn default() -> Self {
        Self::unbounded_in(W::default())
    }
}

/// An unbounded queue of the items, each an unfinished task.
impl<T, W: Wing, O: Order<T, W>> FromIterator<T> for Queue<T, W, O> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let queue = Self::default();
        let put = queue.put_many(items);
        debug_assert!(put.is_ok(), "nobody else can have shut the queue down");
        queue
    }
}

/// Shows the state, and no items; and how many threads sleep until there is an item or room, those included that were woken just now. Never waits: while the engine is busy it shows `<busy>`.
impl<T, W: Wing, O: Order<T, W>> fmt::Debug for Queue<T, W, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct(O::NAME);
        let capacity = self.capacity().map_or("unbounded".into(), |capacity| capacity.to_string());
        match self.engine.snapshot() {
            None => fields
                .field("len", &format_args!("<busy>"))
                .field("capacity", &format_args!("{capacity}"))
                .finish_non_exhaustive(),
            Some(snapshot) => fields
                .field("len", &snapshot.len)
                .field("capacity", &format_args!("{capacity}"))
                .field("unfinished_tasks", &snapshot.unfinished)
                .field("shut_down", &snapshot.is_shut_down)
                .field("waiting_to_get", &snapshot.getters)
                .field("waiting_to_put", &snapshot.putters)
                .finish(),
        }
    }
}
