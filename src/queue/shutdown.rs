//! The end of a queue.

use super::{Order, Queue};
use crate::engine::{RawQueue, Wing};

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// Shuts the queue down gracefully: it takes no more items, and gives those that it has.
    ///
    /// Threads that wait to put are woken and get their item back, even if there is room by then. Threads that wait to get
    /// share what is left, and the others are told that there will be no more. Threads in [`join`](Self::join) go on waiting
    /// until all tasks are done. There is no way back; doing it again changes nothing.
    ///
    /// In Python: `queue.shutdown()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::from_iter(["queued"]);
    /// queue.shutdown();
    /// assert!(queue.put("late").is_err());
    /// assert_eq!(queue.get(), Ok("queued"));
    /// assert!(queue.get().is_err());
    /// ```
    pub fn shutdown(&self) {
        self.engine.shut_down();
    }

    /// Shuts the queue down at once: as [`shutdown`](Self::shutdown), and hands back what was queued, in the order in which it
    /// would have been fetched.
    ///
    /// The items handed back no longer count as unfinished tasks. Those that were fetched before still do, so a thread in
    /// [`join`](Self::join) goes on waiting for them; and who returns from a join cannot conclude that all the work was done.
    ///
    /// In Python: `queue.shutdown(immediate=True)`, which throws the items away.
    ///
    /// # Panics
    ///
    /// If the queue is a priority queue and a comparison of items panics. Then the queue is shut down, and the items are
    /// dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::from_iter([1, 2, 3]);
    /// assert_eq!(queue.get(), Ok(1));
    /// assert_eq!(queue.shutdown_now(), [2, 3]);
    /// assert!(queue.get().is_err());
    /// assert_eq!(queue.unfinished_tasks(), 1, "the one that was fetched");
    /// ```
    #[doc(alias = "immediate")]
    pub fn shutdown_now(&self) -> Vec<T> {
        self.engine.shut_down_now()
    }

    /// Whether the queue was shut down, in either way. It may still have items to give.
    ///
    /// In Python: `queue.is_shutdown`.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = nogil::Queue::from_iter([1]);
    /// queue.shutdown();
    /// assert!(queue.is_shut_down(), "though an item is left");
    /// ```
    pub fn is_shut_down(&self) -> bool {
        self.engine.is_shut_down()
    }
}
