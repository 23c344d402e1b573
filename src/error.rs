//! What calls return when they cannot do what they were asked: one type per failing verb, carrying the value back.

use std::error::Error;
use std::fmt;

/// The queue is shut down: it takes no more items, or has no more to give.
///
/// From a `put`, the item comes back in it; from a `get` there is none.
///
/// In Python: `queue.ShutDown`.
///
/// ```
/// let queue = nogil::Queue::unbounded();
/// queue.shutdown();
///
/// let refused = queue.put("late").unwrap_err();
/// assert_eq!(refused.to_string(), "the queue is shut down");
/// assert_eq!(refused.into_inner(), "late");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ShutDown<T = ()>(pub T);

/// A `put` that could not be done now, or in time. The item comes back in it.
///
/// In Python: `queue.Full` or `queue.ShutDown`.
///
/// ```
/// use nogil::{Queue, TryPutError};
///
/// let queue = Queue::bounded(1);
/// queue.put(1).unwrap();
/// assert_eq!(queue.try_put(2), Err(TryPutError::Full(2)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum TryPutError<T = ()> {
    /// There is no room; after a timeout: there was still none when the time was up.
    Full(T),
    /// The queue takes no more items.
    ShutDown(T),
}

/// A `get` that could not be done now, or in time.
///
/// In Python: `queue.Empty` or `queue.ShutDown`.
///
/// ```
/// use nogil::{Queue, TryGetError};
///
/// let queue = Queue::<i32>::unbounded();
/// assert_eq!(queue.try_get(), Err(TryGetError::Empty));
///
/// queue.shutdown();
/// assert_eq!(queue.try_get(), Err(TryGetError::ShutDown));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TryGetError {
    /// There is no item; after a timeout: there was still none when the time was up.
    Empty,
    /// The queue is shut down and has no item left.
    ShutDown,
}

/// `task_done()` was called more often than items were put. Nothing was changed.
///
/// In Python: `ValueError: task_done() called too many times`.
///
/// ```
/// use nogil::{Queue, TaskDoneError};
///
/// let queue = Queue::from_iter(["work"]);
/// queue.get().unwrap();
/// assert_eq!(queue.task_done(), Ok(()));
/// assert_eq!(queue.task_done(), Err(TaskDoneError));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TaskDoneError;

/// A bounded semaphore was to be released above the number of permits it began with. Nothing was released.
///
/// In Python: `ValueError: Semaphore released too many times`.
///
/// ```
/// use nogil::{BoundedSemaphore, ReleaseError};
///
/// let semaphore = BoundedSemaphore::new(1);
/// assert_eq!(semaphore.release(1), Err(ReleaseError));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReleaseError;

/// The barrier is broken, or was broken or reset while the thread waited at it.
///
/// In Python: `threading.BrokenBarrierError`.
///
/// ```
/// use nogil::{Barrier, BrokenBarrier};
///
/// let barrier = Barrier::new(2);
/// barrier.abort();
/// assert_eq!(barrier.wait(), Err(BrokenBarrier));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BrokenBarrier;

impl<T> ShutDown<T> {
    /// The item that was not put.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// The same error without the item, which is dropped: so that it can become a `Box<dyn Error>` where the item could not.
    ///
    /// ```
    /// use nogil::{Queue, ShutDown};
    /// use std::error::Error;
    ///
    /// type Job = Box<dyn FnOnce() + Send>;
    ///
    /// fn submit(jobs: &Queue<Job>, job: Job) -> Result<(), Box<dyn Error + Send + Sync>> {
    ///     jobs.put(job).map_err(ShutDown::without_item)?;
    ///     Ok(())
    /// }
    ///
    /// let jobs = Queue::unbounded();
    /// assert!(submit(&jobs, Box::new(|| ())).is_ok());
    /// ```
    pub fn without_item(self) -> ShutDown {
        ShutDown(())
    }
}

impl<T> TryPutError<T> {
    /// The item that was not put.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(item) | Self::ShutDown(item) => item,
        }
    }

    /// Drops the item and gives the same error without it, as [`ShutDown::without_item`] does.
    pub fn without_item(self) -> TryPutError {
        self.map(drop)
    }

    /// Whether there was no room.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Whether the queue was shut down.
    #[must_use]
    pub const fn is_shut_down(&self) -> bool {
        matches!(self, Self::ShutDown(_))
    }

    /// The same answer about something else.
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> TryPutError<U> {
        match self {
            Self::Full(item) => TryPutError::Full(f(item)),
            Self::ShutDown(item) => TryPutError::ShutDown(f(item)),
        }
    }
}

impl TryGetError {
    /// Whether there was no item.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// Whether the queue was shut down, and drained.
    #[must_use]
    pub const fn is_shut_down(&self) -> bool {
        matches!(self, Self::ShutDown)
    }
}

impl<T> From<ShutDown<T>> for TryPutError<T> {
    fn from(ShutDown(item): ShutDown<T>) -> Self {
        Self::ShutDown(item)
    }
}

impl From<ShutDown> for TryGetError {
    fn from(_: ShutDown) -> Self {
        Self::ShutDown
    }
}

// By hand, so that an item need not be `Debug` for its error to be.
impl<T> fmt::Debug for ShutDown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShutDown(..)")
    }
}

impl<T> fmt::Debug for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::ShutDown(_) => "ShutDown(..)",
        })
    }
}

impl<T> fmt::Display for ShutDown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is shut down")
    }
}

impl<T> fmt::Display for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(_) => f.write_str("the queue is full"),
            Self::ShutDown(_) => f.write_str("the queue is shut down"),
        }
    }
}

impl fmt::Display for TryGetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the queue is empty"),
            Self::ShutDown => f.write_str("the queue is shut down and has no items left"),
        }
    }
}

impl fmt::Display for TaskDoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("task_done() was called more often than items were put")
    }
}

impl fmt::Display for ReleaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the semaphore would have more permits than it began with; none was released")
    }
}

impl fmt::Display for BrokenBarrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the barrier is broken")
    }
}

impl<T> Error for ShutDown<T> {}
impl<T> Error for TryPutError<T> {}
impl Error for TryGetError {}
impl Error for TaskDoneError {}
impl Error for ReleaseError {}
impl Error for BrokenBarrier {}
