//! Taking items out.

use std::time::{Duration, Instant};

use super::{Order, Queue};
use crate::deadline::Deadline;
use crate::engine::{RawQueue, Wing};
use crate::error::{ShutDown, TryGetError};

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// Takes the next item out of the queue, waiting until there is one.
    ///
    /// The item stays an unfinished task until [`task_done`](Self::task_done) is called for it; with
    /// [`get_task`](Self::get_task) that happens by itself. Who never joins the queue need not care.
    ///
    /// In Python: `queue.get()`.
    ///
    /// # Errors
    ///
    /// [`ShutDown`] if the queue is shut down and has no item left.
    ///
    /// # Panics
    ///
    /// If the queue is a priority queue and a comparison of items panics. Then the queue is as it was. (The other
    /// forms panic likewise.)
    ///
    /// # Synchronization
    ///
    /// What the thread that put the item did before is visible to this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Queue, ShutDown};
    ///
    /// let queue = Queue::unbounded();
    /// queue.put("item").unwrap();
    /// queue.shutdown();
    ///
    /// assert_eq!(queue.get(), Ok("item"));
    /// assert_eq!(queue.get(), Err(ShutDown(())));
    /// ```
    #[doc(alias = "recv")]
    pub fn get(&self) -> Result<T, ShutDown> {
        self.engine.get(Deadline::Never).map_err(shut_down)
    }

    /// Takes the next item out of the queue if there is one now.
    ///
    /// In Python: `queue.get_nowait()`, or `queue.get(block=False)`.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryGetError::Empty) if there is no item, [`ShutDown`](TryGetError::ShutDown) if there will never be one.
    ///
    /// # Synchronization
    ///
    /// As [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Queue, TryGetError};
    ///
    /// let queue = Queue::from_iter([1]);
    /// assert_eq!(queue.try_get(), Ok(1));
    /// assert_eq!(queue.try_get(), Err(TryGetError::Empty));
    /// ```
    #[doc(alias = "try_recv")]
    #[doc(alias = "pop")]
    #[doc(alias = "get_nowait")]
    pub fn try_get(&self) -> Result<T, TryGetError> {
        self.engine.get(Deadline::Now)
    }

    /// Takes the next item out of the queue, waiting at most `timeout` for one.
    ///
    /// A zero `timeout` does not wait, as [`try_get`](Self::try_get) does not. One beyond what the clock can count waits as long as
    /// it takes, as [`get`](Self::get) does.
    ///
    /// In Python: `queue.get(timeout=seconds)`.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryGetError::Empty) if there was still no item when the time was up, [`ShutDown`](TryGetError::ShutDown) if
    /// there will never be one.
    ///
    /// # Synchronization
    ///
    /// As [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use nogil::{Queue, TryGetError};
    ///
    /// let queue = Queue::<i32>::unbounded();
    /// assert_eq!(queue.get_timeout(Duration::from_millis(1)), Err(TryGetError::Empty));
    /// ```
    #[doc(alias = "recv_timeout")]
    pub fn get_timeout(&self, timeout: Duration) -> Result<T, TryGetError> {
        match self.try_get() {
            Err(TryGetError::Empty) => self.engine.get(Deadline::after(timeout)),
            answer => answer,
        }
    }

    /// As [`get_timeout`](Self::get_timeout), until a moment. One that has passed tries once.
    ///
    /// # Errors
    ///
    /// As [`get_timeout`](Self::get_timeout).
    ///
    /// # Synchronization
    ///
    /// As [`get_timeout`](Self::get_timeout).
    pub fn get_deadline(&self, deadline: Instant) -> Result<T, TryGetError> {
        self.engine.get(Deadline::At(deadline))
    }

    /// Waits until there is an item, then takes all that are there, `max` at most, in one step. It does not wait for more. (A `Queue` of the atomic wing looks how many there are just
    /// before that step: an item that is put in between stays. And `len` may count a part of the batch while it is being taken, where it goes on in another segment.)
    ///
    /// The items are in the order in which single calls would have given them, and no other thread's fall between them. Each stays an unfinished task: where somebody
    /// joins, call [`task_done`](Self::task_done) for each, or use [`get_tasks`](Self::get_tasks). With a `max` of zero it returns an empty `Vec` at once.
    ///
    /// It takes time in proportion to the items. A `LifoQueue` of the atomic wing walks over `max` nodes beforehand, and begins anew whenever another thread has put or got one
    /// meanwhile; with `usize::MAX` it takes the whole stack in one step.
    ///
    /// In Python: there is no such call; programs get in a loop.
    ///
    /// # Errors
    ///
    /// [`ShutDown`] if the queue is shut down and has no item left.
    ///
    /// # Panics
    ///
    /// If the queue is a priority queue and a comparison of items panics before the first item is out. If one panics later, the items taken
    /// until then are returned, and the next call meets the panic. (The other forms panic likewise.)
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
    /// let queue = Queue::from_iter(1..=5);
    /// assert_eq!(queue.get_many(3).unwrap(), [1, 2, 3]);
    /// assert_eq!(queue.get_many(usize::MAX).unwrap(), [4, 5]);
    /// ```
    pub fn get_many(&self, max: usize) -> Result<Vec<T>, ShutDown> {
        self.take_many(max, Deadline::Never).map_err(shut_down)
    }

    /// Takes all items that are there now, `max` at most, in one step.
    ///
    /// In Python: there is no such call.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryGetError::Empty) if there is no item, [`ShutDown`](TryGetError::ShutDown) if there will never be one.
    ///
    /// # Synchronization
    ///
    /// As [`get_many`](Self::get_many).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Queue, TryGetError};
    ///
    /// let queue = Queue::from_iter([1, 2]);
    /// assert_eq!(queue.try_get_many(5), Ok(vec![1, 2]));
    /// assert_eq!(queue.try_get_many(5), Err(TryGetError::Empty));
    /// ```
    pub fn try_get_many(&self, max: usize) -> Result<Vec<T>, TryGetError> {
        self.take_many(max, Deadline::Now)
    }

    /// As [`get_many`](Self::get_many), waiting at most `timeout` for the first item.
    ///
    /// In Python: there is no such call.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryGetError::Empty) if there was still no item when the time was up, [`ShutDown`](TryGetError::ShutDown) if
    /// there will never be one.
    ///
    /// # Synchronization
    ///
    /// As [`get_many`](Self::get_many).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Queue, TryGetError};
    /// use std::time::Duration;
    ///
    /// let queue = Queue::from_iter([1, 2, 3]);
    /// let moment = Duration::from_millis(1);
    /// assert_eq!(queue.get_many_timeout(2, moment), Ok(vec![1, 2]));
    /// assert_eq!(queue.get_many_timeout(2, moment), Ok(vec![3]), "it does not wait for a second");
    /// assert_eq!(queue.get_many_timeout(2, moment), Err(TryGetError::Empty));
    /// ```
    pub fn get_many_timeout(&self, max: usize, timeout: Duration) -> Result<Vec<T>, TryGetError> {
        self.take_many(max, Deadline::after(timeout))
    }

    /// As [`get_many_timeout`](Self::get_many_timeout), until a moment. One that has passed tries once.
    ///
    /// # Errors
    ///
    /// As [`get_many_timeout`](Self::get_many_timeout).
    ///
    /// # Synchronization
    ///
    /// As [`get_many_timeout`](Self::get_many_timeout).
    pub fn get_many_deadline(&self, max: usize, deadline: Instant) -> Result<Vec<T>, TryGetError> {
        self.take_many(max, Deadline::At(deadline))
    }

    /// One body for all forms that get many.
    fn take_many(&self, max: usize, deadline: Deadline) -> Result<Vec<T>, TryGetError> {
        if max == 0 { Ok(Vec::new()) } else { self.engine.get_many(max, deadline) }
    }
}

/// What a refusal means where there was no deadline, and the queue cannot have stayed empty.
fn shut_down(_: TryGetError) -> ShutDown {
    ShutDown(())
}
