//! Putting items in.

use std::time::{Duration, Instant};

use super::{Order, Queue};
use crate::deadline::Deadline;
use crate::engine::{RawQueue, Wing};
use crate::error::{ShutDown, TryPutError};

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// Puts `item` into the queue, waiting for room if the queue is full.
    ///
    /// If the queue is shut down, before the call or while it waits, the item comes back inside the error, even if there is
    /// room.
    ///
    /// In Python: `queue.put(item)`.
    ///
    /// # Errors
    ///
    /// [`ShutDown`] if the queue takes no more items.
    ///
    /// # Panics
    ///
    /// If the queue is a priority queue and a comparison of items panics. Then `item` is dropped, and the queue is as it
    /// was. (The other forms panic likewise.)
    ///
    /// # Synchronization
    ///
    /// What this thread did before the call is visible to the thread that gets the item.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::bounded(5);
    /// queue.put("first").unwrap();
    ///
    /// queue.shutdown();
    /// assert_eq!(queue.put("late").unwrap_err().into_inner(), "late");
    /// ```
    #[doc(alias = "send")]
    #[doc(alias = "push")]
    pub fn put(&self, item: T) -> Result<(), ShutDown<T>> {
        self.engine.put(item, Deadline::Never).map_err(shut_down)
    }

    /// Puts `item` into the queue if there is room now.
    ///
    /// In Python: `queue.put_nowait(item)`, or `queue.put(item, block=False)`.
    ///
    /// # Errors
    ///
    /// With the item in them: [`Full`](TryPutError::Full) if there is no room, [`ShutDown`](TryPutError::ShutDown) if the
    /// queue takes no more items, whether it has room or not.
    ///
    /// # Synchronization
    ///
    /// As [`put`](Self::put).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Queue, TryPutError};
    ///
    /// let queue = Queue::bounded(1);
    /// queue.try_put(1).unwrap();
    /// assert_eq!(queue.try_put(2), Err(TryPutError::Full(2)));
    ///
    /// queue.shutdown();
    /// assert_eq!(queue.try_put(3), Err(TryPutError::ShutDown(3)));
    /// ```
    #[doc(alias = "try_send")]
    #[doc(alias = "put_nowait")]
    pub fn try_put(&self, item: T) -> Result<(), TryPutError<T>> {
        self.engine.put(item, Deadline::Now)
    }

    /// Puts `item` into the queue, waiting at most `timeout` for room.
    ///
    /// A zero `timeout` does not wait, as [`try_put`](Self::try_put) does not. One beyond what the clock can count waits as long as
    /// it takes, as [`put`](Self::put) does.
    ///
    /// In Python: `queue.put(item, timeout=seconds)`.
    ///
    /// # Errors
    ///
    /// With the item in them: [`Full`](TryPutError::Full) if there was still no room when the time was up,
    /// [`ShutDown`](TryPutError::ShutDown) if the queue takes no more items.
    ///
    /// # Synchronization
    ///
    /// As [`put`](Self::put).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use nogil::Queue;
    ///
    /// let queue = Queue::bounded(1);
    /// queue.put_timeout("in time", Duration::MAX).unwrap();
    ///
    /// let error = queue.put_timeout("late", Duration::from_millis(1)).unwrap_err();
    /// assert!(error.is_full());
    /// assert_eq!(error.into_inner(), "late");
    /// ```
    #[doc(alias = "send_timeout")]
    pub fn put_timeout(&self, item: T, timeout: Duration) -> Result<(), TryPutError<T>> {
        match self.try_put(item) {
            Err(TryPutError::Full(item)) => self.engine.put(item, Deadline::after(timeout)),
            answer => answer,
        }
    }

    /// As [`put_timeout`](Self::put_timeout), until a moment. One that has passed tries once.
    ///
    /// # Errors
    ///
    /// As [`put_timeout`](Self::put_timeout).
    ///
    /// # Synchronization
    ///
    /// As [`put_timeout`](Self::put_timeout).
    pub fn put_deadline(&self, item: T, deadline: Instant) -> Result<(), TryPutError<T>> {
        self.engine.put(item, Deadline::At(deadline))
    }

    /// Puts all `items` into the queue, in their order, waiting for room as often as it takes.
    ///
    /// The items are collected first, so a slow iterator keeps nobody from the queue. Then they go in as room comes, and other
    /// threads' items may come between them. To put no items succeeds at once, even if the queue is full or shut down.
    ///
    /// In Python: there is no such call; programs put in a loop.
    ///
    /// # Errors
    ///
    /// [`ShutDown`], with the items that were not put, if the queue takes no more. Those before them are in the queue.
    ///
    /// # Panics
    ///
    /// If the queue is a priority queue and a comparison of items panics. Then the items put so far stay in the queue, and the
    /// others are dropped. (The other forms panic likewise.)
    ///
    /// # Synchronization
    ///
    /// As [`put`](Self::put), for each item.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::unbounded();
    /// queue.put_many(1..=3).unwrap();
    /// assert_eq!(queue.len(), 3);
    ///
    /// queue.shutdown();
    /// assert_eq!(queue.put_many(4..=5).unwrap_err().into_inner(), [4, 5]);
    /// ```
    pub fn put_many(&self, items: impl IntoIterator<Item = T>) -> Result<(), ShutDown<Vec<T>>> {
        self.put_all(Vec::from_iter(items), Deadline::Never).map_err(shut_down)
    }

    /// Puts as many of the `items` into the queue as there is room for now.
    ///
    /// In Python: there is no such call.
    ///
    /// # Errors
    ///
    /// With the items that were not put: [`Full`](TryPutError::Full) if there was no room for them,
    /// [`ShutDown`](TryPutError::ShutDown) if the queue takes no more.
    ///
    /// # Synchronization
    ///
    /// As [`put_many`](Self::put_many).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Queue, TryPutError};
    ///
    /// let queue = Queue::bounded(2);
    /// assert_eq!(queue.try_put_many(1..=5), Err(TryPutError::Full(vec![3, 4, 5])));
    /// ```
    pub fn try_put_many(&self, items: impl IntoIterator<Item = T>) -> Result<(), TryPutError<Vec<T>>> {
        self.put_all(Vec::from_iter(items), Deadline::Now)
    }

    /// As [`put_many`](Self::put_many), waiting at most `timeout` for room. The time is for all items together, and begins when the iterator has been collected.
    ///
    /// In Python: there is no such call.
    ///
    /// # Errors
    ///
    /// With the items that were not put: [`Full`](TryPutError::Full) if there was still no room for them when the time was
    /// up, [`ShutDown`](TryPutError::ShutDown) if the queue takes no more.
    ///
    /// # Synchronization
    ///
    /// As [`put_many`](Self::put_many).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use nogil::Queue;
    ///
    /// let queue = Queue::bounded(2);
    /// let error = queue.put_many_timeout(1..=3, Duration::from_millis(1)).unwrap_err();
    /// assert_eq!(error.into_inner(), [3]);
    /// ```
    pub fn put_many_timeout(
        &self,
        items: impl IntoIterator<Item = T>,
        timeout: Duration,
    ) -> Result<(), TryPutError<Vec<T>>> {
        self.put_all(Vec::from_iter(items), Deadline::after(timeout))
    }

    /// As [`put_many_timeout`](Self::put_many_timeout), until a moment. One that has passed tries once.
    ///
    /// # Errors
    ///
    /// As [`put_many_timeout`](Self::put_many_timeout).
    ///
    /// # Synchronization
    ///
    /// As [`put_many_timeout`](Self::put_many_timeout).
    pub fn put_many_deadline(
        &self,
        items: impl IntoIterator<Item = T>,
        deadline: Instant,
    ) -> Result<(), TryPutError<Vec<T>>> {
        self.put_all(Vec::from_iter(items), Deadline::At(deadline))
    }

    /// One body for all forms that put many. The caller has collected the items, and only then looked at the clock.
    fn put_all(&self, items: Vec<T>, deadline: Deadline) -> Result<(), TryPutError<Vec<T>>> {
        let mut items = items.into_iter();
        self.engine.put_many(&mut items, deadline).map_err(|refusal| refusal.map(|()| items.collect()))
    }
}

/// What a refusal means where there was no deadline, and the queue cannot have stayed full.
fn shut_down<T>(refusal: TryPutError<T>) -> ShutDown<T> {
    ShutDown(refusal.into_inner())
}
