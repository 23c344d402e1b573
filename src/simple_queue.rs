//! [`SimpleQueue`]: a queue that only holds items.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::{Duration, Instant};

use crate::deadline::Deadline;
use crate::engine::{RawSimpleQueue, Wing, for_each_wing};
use crate::primitive::const_unless_model;

/// An unbounded queue, first in, first out, that only holds items: no limit, no tasks, no shutdown.
///
/// [`put`](Self::put) never waits for room and never fails, so it may be called anywhere: in a destructor, also of an item of the same
/// queue. [`get`](Self::get) waits until there is an item.
///
/// In Python: `queue.SimpleQueue()`. Where its `get_nowait` and `get(timeout=5)` raise `Empty`, `try_get` and `get_timeout` return `None`.
///
/// # Fairness
///
/// None is promised: an item goes to whoever comes first, and that may be a thread that just arrived while others wait.
///
/// # Memory
///
/// To make a queue allocates nothing; it grows with its items, and gives memory back as it drains. Of an item that was fetched
/// it keeps nothing.
///
/// # Examples
///
/// ```
/// use std::thread;
/// use nogil::SimpleQueue;
///
/// static REPLIES: SimpleQueue<u32> = SimpleQueue::new();
///
/// let worker = thread::spawn(|| REPLIES.put(6 * 7));
/// assert_eq!(REPLIES.get(), 42);
/// assert_eq!(REPLIES.try_get(), None);
/// # worker.join().unwrap();
/// ```
pub struct SimpleQueue<T, W: Wing> {
    engine: W::SimpleQueue<T>,
}

macro_rules! constructors {
    ($W:ty) => {
        impl<T> SimpleQueue<T, $W> {
            const_unless_model! {
                /// Makes an empty queue.
                ///
                /// In Python: `queue.SimpleQueue()`.
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::SimpleQueue;
                ///
                /// static LOG: SimpleQueue<String> = SimpleQueue::new();
                /// LOG.put("ready".to_owned());
                /// assert_eq!(LOG.get(), "ready");
                /// ```
                #[must_use]
                pub const fn new() -> Self {
                    Self { engine: <<$W as Wing>::SimpleQueue<T>>::new() }
                }
            }
        }
    };
}
for_each_wing!(constructors);

impl<T, W: Wing> SimpleQueue<T, W> {
    /// Makes a queue of the given wing, for code that is generic over it. Elsewhere, use `new`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Locked, generic};
    ///
    /// let queue = generic::SimpleQueue::new_in(Locked);
    /// queue.put(1);
    /// ```
    #[must_use]
    pub fn new_in(_: W) -> Self {
        Self { engine: RawSimpleQueue::new() }
    }

    /// Puts `item` into the queue. It never waits for room; it may allocate, and may wait briefly for threads that are in the middle of a call on this queue.
    ///
    /// In Python: `queue.put(item)`.
    ///
    /// # Synchronization
    ///
    /// What this thread did before the call is visible to the thread that gets the item.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = nogil::SimpleQueue::new();
    /// queue.put("item");
    /// assert_eq!(queue.get(), "item");
    /// ```
    #[doc(alias = "send")]
    #[doc(alias = "push")]
    #[doc(alias = "put_nowait")]
    pub fn put(&self, item: T) {
        self.engine.put(item);
    }

    /// Takes the oldest item out of the queue, waiting until there is one.
    ///
    /// In Python: `queue.get()`.
    ///
    /// # Synchronization
    ///
    /// What the thread that put the item did before is visible to this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = nogil::SimpleQueue::from_iter([1, 2]);
    /// assert_eq!(queue.get(), 1);
    /// ```
    #[doc(alias = "recv")]
    #[must_use = "the item has left the queue and would be lost; if that is meant, say `_ =`"]
    pub fn get(&self) -> T {
        self.engine.get(Deadline::Never).expect("without a deadline, get returns with an item")
    }

    /// Takes the oldest item out of the queue if there is one now.
    ///
    /// In Python: `queue.get_nowait()`, or `queue.get(block=False)`.
    ///
    /// # Synchronization
    ///
    /// As [`get`](Self::get), if there was an item.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = nogil::SimpleQueue::from_iter([1]);
    /// assert_eq!(queue.try_get(), Some(1));
    /// assert_eq!(queue.try_get(), None);
    /// ```
    #[doc(alias = "try_recv")]
    #[doc(alias = "pop")]
    #[doc(alias = "get_nowait")]
    #[must_use = "the item has left the queue and would be lost; if that is meant, say `_ =`"]
    pub fn try_get(&self) -> Option<T> {
        self.engine.get(Deadline::Now)
    }

    /// Takes the oldest item out of the queue, waiting at most `timeout` for one. `None` if there was still none when the time
    /// was up.
    ///
    /// A zero `timeout` does not wait, as [`try_get`](Self::try_get) does not. One beyond what the clock can count waits as long as
    /// it takes, as [`get`](Self::get) does.
    ///
    /// In Python: `queue.get(timeout=seconds)`.
    ///
    /// # Synchronization
    ///
    /// As [`get`](Self::get), if there was an item.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use nogil::SimpleQueue;
    ///
    /// let queue = SimpleQueue::<i32>::new();
    /// assert_eq!(queue.get_timeout(Duration::from_millis(1)), None);
    /// ```
    #[doc(alias = "recv_timeout")]
    #[must_use = "the item has left the queue and would be lost; if that is meant, say `_ =`"]
    pub fn get_timeout(&self, timeout: Duration) -> Option<T> {
        self.try_get().or_else(|| self.engine.get(Deadline::after(timeout)))
    }

    /// As [`get_timeout`](Self::get_timeout), until a moment. One that has passed tries once.
    ///
    /// # Synchronization
    ///
    /// As [`get_timeout`](Self::get_timeout).
    #[must_use = "the item has left the queue and would be lost; if that is meant, say `_ =`"]
    pub fn get_deadline(&self, deadline: Instant) -> Option<T> {
        self.engine.get(Deadline::At(deadline))
    }

    /// How many items are queued now. Other threads may have changed that by the time it is read.
    ///
    /// In Python: `queue.qsize()`.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = nogil::SimpleQueue::new();
    /// queue.put("a");
    /// queue.put("b");
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
    /// let queue = nogil::SimpleQueue::new();
    /// assert!(queue.is_empty());
    /// queue.put(1);
    /// assert!(!queue.is_empty());
    /// ```
    #[doc(alias = "empty")]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An iterator that takes items out of the queue without waiting, and ends when there is none at the moment.
    ///
    /// # Synchronization
    ///
    /// As [`get`](Self::get), for each item.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = nogil::SimpleQueue::from_iter([1, 2]);
    /// assert_eq!(queue.try_iter().collect::<Vec<_>>(), [1, 2]);
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T, W> {
        TryIter { queue: self }
    }
}

/// The items that a [`SimpleQueue`] has now, taken out one by one; from [`SimpleQueue::try_iter`].
#[must_use = "an iterator takes items only as it is advanced"]
pub struct TryIter<'a, T, W: Wing> {
    queue: &'a SimpleQueue<T, W>,
}

impl<T, W: Wing> Iterator for TryIter<'_, T, W> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.queue.try_get()
    }
}

// SAFETY: the queue is its engine and nothing else. `Wing` is sealed, so that engine is one of this crate's, and each of these
// is `Send` and `Sync` whenever `T` is `Send`, as `Wing` asks of it and each wing's module has the compiler check.
unsafe impl<T: Send, W: Wing> Send for SimpleQueue<T, W> {}
// SAFETY: as above.
unsafe impl<T: Send, W: Wing> Sync for SimpleQueue<T, W> {}

// Whatever panics, in whichever thread, no operation leaves the queue in a state that the next one could trip over.
impl<T, W: Wing> UnwindSafe for SimpleQueue<T, W> {}
impl<T, W: Wing> RefUnwindSafe for SimpleQueue<T, W> {}

/// An empty queue.
impl<T, W: Wing> Default for SimpleQueue<T, W> {
    fn default() -> Self {
        Self::new_in(W::default())
    }
}

impl<T, W: Wing> FromIterator<T> for SimpleQueue<T, W> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut queue = Self::default();
        queue.extend(items);
        queue
    }
}

/// Puts each item.
impl<T, W: Wing> Extend<T> for SimpleQueue<T, W> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.put(item));
    }
}

/// Puts each item, and needs no more than any thread has: a shared reference.
///
/// ```
/// use nogil::SimpleQueue;
///
/// static NOTES: SimpleQueue<&str> = SimpleQueue::new();
/// (&NOTES).extend(["from", "any thread"]);
/// assert_eq!(NOTES.len(), 2);
/// ```
impl<T, W: Wing> Extend<T> for &SimpleQueue<T, W> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.put(item));
    }
}

/// Shows the length, and how many threads sleep until there is an item, those included that were woken just now. Never waits: while the engine is busy it shows `<busy>`.
impl<T, W: Wing> fmt::Debug for SimpleQueue<T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (len, getters) = match self.engine.snapshot() {
            Some((len, getters)) => (len.to_string(), getters.to_string()),
            None => ("<busy>".into(), "<busy>".into()),
        };
        let mut queue = f.debug_struct("SimpleQueue");
        queue.field("len", &format_args!("{len}")).field("waiting_to_get", &format_args!("{getters}")).finish()
    }
}

impl<T, W: Wing> fmt::Debug for TryIter<'_, T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryIter").field("queue", self.queue).finish()
    }
}
