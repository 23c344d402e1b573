//! What a [`PriorityQueue`] has of its own. It has one engine, on the locked wing.

use super::{PriorityQueue, Queue, checked};
use crate::locked::{Heap, QueueEngine};
use crate::primitive::const_unless_model;

impl<T: Ord> PriorityQueue<T> {
    const_unless_model! {
        /// Makes a queue that holds at most `capacity` items.
        ///
        /// In Python: `queue.PriorityQueue(capacity)`.
        ///
        /// # Panics
        ///
        /// If `capacity` is zero; in Python that means [`unbounded`](Self::unbounded).
        ///
        /// # Examples
        ///
        /// ```
        /// use nogil::PriorityQueue;
        ///
        /// static QUEUE: PriorityQueue<u8> = PriorityQueue::bounded(1);
        /// assert!(QUEUE.put(1).is_ok());
        /// assert!(QUEUE.try_put(2).is_err());
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn bounded(capacity: usize) -> Self {
            Queue { engine: QueueEngine::<Heap<T>>::new(checked(capacity)) }
        }
    }

    const_unless_model! {
        /// Makes a queue without a limit: a `put` never waits.
        ///
        /// In Python: `queue.PriorityQueue()`.
        ///
        /// # Examples
        ///
        /// ```
        /// use nogil::PriorityQueue;
        ///
        /// static QUEUE: PriorityQueue<u8> = PriorityQueue::unbounded();
        /// assert!(QUEUE.put(1).is_ok());
        /// ```
        #[must_use]
        pub const fn unbounded() -> Self {
            Queue { engine: QueueEngine::<Heap<T>>::new(None) }
        }
    }

    /// Calls `f` with the item that would be fetched next, and returns its result; `None` if the queue is empty. The
    /// item stays in the queue.
    ///
    /// `f` runs while the queue's internal lock is held, since the item may be gone a moment later. So it must not use the
    /// queue, on which it would wait for ever, and had better be quick. If it panics, the queue is as it was.
    ///
    /// In Python: there is no such call; programs read `queue.queue[0]`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::PriorityQueue;
    ///
    /// let queue = PriorityQueue::unbounded();
    /// assert_eq!(queue.peek_with(|item| *item), None);
    ///
    /// queue.put_many([7, 3, 5]).unwrap();
    /// assert_eq!(queue.peek_with(|item| *item), Some(3));
    /// assert_eq!(queue.len(), 3);
    /// ```
    #[doc(alias = "peek")]
    pub fn peek_with<R>(&self, f: impl FnOnce(&T) -> R) -> Option<R> {
        self.engine.peek_with(f)
    }
}
