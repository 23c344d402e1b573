//! Iterating over a queue, which takes the items out.

use std::fmt;
use std::iter::FusedIterator;

use super::{Order, Queue};
use crate::engine::Wing;

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// An iterator that takes items out of the queue, waiting for each, and ends when the queue is shut down and has no item
    /// left.
    ///
    /// It does *not* mark the items done: if somebody joins the queue, call [`task_done`](Self::task_done) for each, or loop
    /// with `while let Ok(task) = queue.get_task()` instead. It borrows the queue, so several threads may iterate at a time;
    /// each item goes to one of them.
    ///
    /// In Python: there is none; programs pass a sentinel to `iter(queue.get, sentinel)`.
    ///
    /// # Panics
    ///
    /// As it is advanced, as [`get`](Self::get).
    ///
    /// # Synchronization
    ///
    /// As [`get`](Self::get), for each item.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use nogil::Queue;
    ///
    /// let queue = Queue::bounded(1);
    /// thread::scope(|scope| {
    ///     scope.spawn(|| {
    ///         queue.put_many(1..=3).unwrap();
    ///         queue.shutdown();
    ///     });
    ///     assert_eq!(queue.iter().sum::<i32>(), 6);
    /// });
    /// ```
    pub fn iter(&self) -> Iter<'_, T, W, O> {
        Iter { queue: self }
    }

    /// An iterator that takes items out of the queue without waiting, and ends when there is none at the moment.
    ///
    /// It does *not* mark the items done, as [`iter`](Self::iter) does not.
    ///
    /// In Python: there is none.
    ///
    /// # Panics
    ///
    /// As it is advanced, as [`get`](Self::get).
    ///
    /// # Synchronization
    ///
    /// As [`get`](Self::get), for each item.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::from_iter([1, 2]);
    /// assert_eq!(queue.try_iter().collect::<Vec<_>>(), [1, 2]);
    /// assert!(!queue.is_shut_down());
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T, W, O> {
        TryIter { queue: self }
    }
}

/// The items of a [`Queue`], taken out as they come, until it is shut down and drained; from [`Queue::iter`].
#[must_use = "an iterator takes items only as it is advanced"]
pub struct Iter<'a, T, W: Wing, O: Order<T, W>> {
    queue: &'a Queue<T, W, O>,
}

/// The items that a [`Queue`] has now, taken out one by one; from [`Queue::try_iter`].
#[must_use = "an iterator takes items only as it is advanced"]
pub struct TryIter<'a, T, W: Wing, O: Order<T, W>> {
    queue: &'a Queue<T, W, O>,
}

impl<T, W: Wing, O: Order<T, W>> Iterator for Iter<'_, T, W, O> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.queue.get().ok()
    }
}

// A queue that is shut down and drained stays so.
impl<T, W: Wing, O: Order<T, W>> FusedIterator for Iter<'_, T, W, O> {}

impl<T, W: Wing, O: Order<T, W>> Iterator for TryIter<'_, T, W, O> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.queue.try_get().ok()
    }
}

/// As [`Queue::iter`]: `for item in &queue` waits for each item, and ends when the queue is shut down and drained.
impl<'a, T, W: Wing, O: Order<T, W>> IntoIterator for &'a Queue<T, W, O> {
    type Item = T;
    type IntoIter = Iter<'a, T, W, O>;

    fn into_iter(self) -> Iter<'a, T, W, O> {
        self.iter()
    }
}

impl<T, W: Wing, O: Order<T, W>> fmt::Debug for Iter<'_, T, W, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("queue", self.queue).finish()
    }
}

impl<T, W: Wing, O: Order<T, W>> fmt::Debug for TryIter<'_, T, W, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryIter").field("queue", self.queue).finish()
    }
}
