//! Tasks: items that are counted until the work on them is done.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr;
use std::time::{Duration, Instant};

use super::{Order, Queue};
use crate::deadline::Deadline;
use crate::engine::{RawQueue, Wing};
use crate::error::{ShutDown, TaskDoneError, TryGetError};
use crate::primitive::{Arc, thread};

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// Takes the next item out of the queue, waiting until there is one, and marks it done when the [`Task`] is dropped.
    ///
    /// In Python: `item = queue.get()`, and `queue.task_done()` in a `finally`.
    ///
    /// # Errors
    ///
    /// [`ShutDown`] if the queue is shut down and has no item left.
    ///
    /// # Panics
    ///
    /// As [`get`](Self::get).
    ///
    /// # Synchronization
    ///
    /// As [`get`](Self::get); and as [`task_done`](Self::task_done), when the task is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::from_iter(["work"]);
    /// {
    ///     let task = queue.get_task().unwrap();
    ///     assert_eq!(*task, "work");
    ///     assert!(!queue.try_join());
    /// }
    /// assert!(queue.try_join());
    /// ```
    pub fn get_task(&self) -> Result<Task<'_, T, W, O>, ShutDown> {
        self.get().map(|item| self.task(item))
    }

    /// As [`try_get`](Self::try_get), with a [`Task`] around the item.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryGetError::Empty) if there is no item, [`ShutDown`](TryGetError::ShutDown) if there will never be one.
    ///
    /// # Panics
    ///
    /// As [`get`](Self::get).
    ///
    /// # Synchronization
    ///
    /// As [`get_task`](Self::get_task).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Queue, TryGetError};
    ///
    /// let queue = Queue::from_iter(["work"]);
    /// drop(queue.try_get_task().unwrap());
    /// assert!(queue.try_join());
    /// assert_eq!(queue.try_get_task().unwrap_err(), TryGetError::Empty);
    /// ```
    pub fn try_get_task(&self) -> Result<Task<'_, T, W, O>, TryGetError> {
        self.try_get().map(|item| self.task(item))
    }

    /// As [`get_timeout`](Self::get_timeout), with a [`Task`] around the item.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryGetError::Empty) if there was still no item when the time was up, [`ShutDown`](TryGetError::ShutDown) if
    /// there will never be one.
    ///
    /// # Panics
    ///
    /// As [`get`](Self::get).
    ///
    /// # Synchronization
    ///
    /// As [`get_task`](Self::get_task).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Queue, TryGetError};
    /// use std::time::Duration;
    ///
    /// let queue = Queue::<&str>::unbounded();
    /// let nothing = queue.get_task_timeout(Duration::from_millis(1));
    /// assert_eq!(nothing.unwrap_err(), TryGetError::Empty);
    /// ```
    pub fn get_task_timeout(&self, timeout: Duration) -> Result<Task<'_, T, W, O>, TryGetError> {
        self.get_timeout(timeout).map(|item| self.task(item))
    }

    /// As [`get_task_timeout`](Self::get_task_timeout), until a moment. One that has passed tries once.
    ///
    /// # Errors
    ///
    /// As [`get_task_timeout`](Self::get_task_timeout).
    ///
    /// # Panics
    ///
    /// As [`get`](Self::get).
    ///
    /// # Synchronization
    ///
    /// As [`get_task_timeout`](Self::get_task_timeout).
    pub fn get_task_deadline(&self, deadline: Instant) -> Result<Task<'_, T, W, O>, TryGetError> {
        self.get_deadline(deadline).map(|item| self.task(item))
    }

    /// As [`get_many`](Self::get_many), with a [`Task`] around each item: so a batch that fails half-way leaves none of it unfinished.
    ///
    /// In Python: there is no such call.
    ///
    /// # Errors
    ///
    /// [`ShutDown`] if the queue is shut down and has no item left.
    ///
    /// # Panics
    ///
    /// As [`get_many`](Self::get_many).
    ///
    /// # Synchronization
    ///
    /// As [`get_task`](Self::get_task), for each item.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    /// use std::num::ParseIntError;
    ///
    /// fn next_sum(words: &Queue<&str>) -> Result<u32, ParseIntError> {
    ///     let batch = words.get_tasks(10).unwrap();
    ///     batch.iter().map(|word| word.parse::<u32>()).sum()
    /// }
    ///
    /// let words = Queue::from_iter(["1", "two", "3"]);
    /// assert!(next_sum(&words).is_err());
    /// assert!(words.try_join(), "all three are done, also those after the mistake");
    /// ```
    pub fn get_tasks(&self, max: usize) -> Result<Vec<Task<'_, T, W, O>>, ShutDown> {
        self.get_many(max).map(|items| self.tasks(items))
    }

    /// As [`try_get_many`](Self::try_get_many), with a [`Task`] around each item.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryGetError::Empty) if there is no item, [`ShutDown`](TryGetError::ShutDown) if there will never be one.
    ///
    /// # Panics
    ///
    /// As [`get_many`](Self::get_many).
    ///
    /// # Synchronization
    ///
    /// As [`get_tasks`](Self::get_tasks).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Queue, TryGetError};
    ///
    /// let queue = Queue::from_iter([1, 2]);
    /// assert_eq!(queue.try_get_tasks(5).unwrap().len(), 2);
    /// assert_eq!(queue.try_get_tasks(5).unwrap_err(), TryGetError::Empty);
    /// assert!(queue.try_join());
    /// ```
    pub fn try_get_tasks(&self, max: usize) -> Result<Vec<Task<'_, T, W, O>>, TryGetError> {
        self.try_get_many(max).map(|items| self.tasks(items))
    }

    /// As [`get_many_timeout`](Self::get_many_timeout), with a [`Task`] around each item.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryGetError::Empty) if there was still no item when the time was up, [`ShutDown`](TryGetError::ShutDown) if
    /// there will never be one.
    ///
    /// # Panics
    ///
    /// As [`get_many`](Self::get_many).
    ///
    /// # Synchronization
    ///
    /// As [`get_tasks`](Self::get_tasks).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Queue, TryGetError};
    /// use std::time::Duration;
    ///
    /// let queue = Queue::from_iter([1, 2, 3]);
    /// let moment = Duration::from_millis(1);
    /// assert_eq!(queue.get_tasks_timeout(2, moment).unwrap().len(), 2);
    /// assert_eq!(queue.get_tasks_timeout(2, moment).unwrap().len(), 1, "it does not wait for a second");
    /// assert_eq!(queue.get_tasks_timeout(2, moment).unwrap_err(), TryGetError::Empty);
    /// ```
    pub fn get_tasks_timeout(&self, max: usize, timeout: Duration) -> Result<Vec<Task<'_, T, W, O>>, TryGetError> {
        self.get_many_timeout(max, timeout).map(|items| self.tasks(items))
    }

    /// As [`get_tasks_timeout`](Self::get_tasks_timeout), until a moment. One that has passed tries once.
    ///
    /// # Errors
    ///
    /// As [`get_tasks_timeout`](Self::get_tasks_timeout).
    ///
    /// # Panics
    ///
    /// As [`get_many`](Self::get_many).
    ///
    /// # Synchronization
    ///
    /// As [`get_tasks_timeout`](Self::get_tasks_timeout).
    pub fn get_tasks_deadline(&self, max: usize, deadline: Instant) -> Result<Vec<Task<'_, T, W, O>>, TryGetError> {
        self.get_many_deadline(max, deadline).map(|items| self.tasks(items))
    }

    fn tasks(&self, items: Vec<T>) -> Vec<Task<'_, T, W, O>> {
        items.into_iter().map(|item| self.task(item)).collect()
    }

    fn task(&self, item: T) -> Task<'_, T, W, O> {
        Task(Work::new(item, self))
    }

    /// Says that the work on an item fetched with [`get`](Self::get) is done. When that is so of all items, threads in
    /// [`join`](Self::join) go on.
    ///
    /// As in Python, nothing ties the call to an item: it may even come before the `get`. [`get_task`](Self::get_task) does
    /// tie it to one, and calls this when the [`Task`] is dropped.
    ///
    /// In Python: `queue.task_done()`.
    ///
    /// # Errors
    ///
    /// [`TaskDoneError`] if there is no unfinished task; then nothing is changed.
    ///
    /// # Synchronization
    ///
    /// What this thread did before the call is visible to the threads whose join it ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::from_iter(["work"]);
    /// let work = queue.get().unwrap();
    /// assert!(queue.task_done().is_ok());
    /// assert!(queue.task_done().is_err(), "once too often");
    /// # drop(work);
    /// ```
    pub fn task_done(&self) -> Result<(), TaskDoneError> {
        self.engine.task_done()
    }

    /// Waits until every item that was put has been marked done.
    ///
    /// Items put meanwhile count too. A shutdown does not end it: see
    /// [tasks in flight](Self#immediate-shutdown-and-tasks-in-flight).
    ///
    /// In Python: `queue.join()`.
    ///
    /// # Synchronization
    ///
    /// What was done before each call of [`task_done`](Self::task_done) is visible to this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use nogil::Queue;
    ///
    /// let queue = Queue::from_iter(1..=3);
    /// thread::scope(|scope| {
    ///     scope.spawn(|| while queue.try_get_task().is_ok() {});
    ///     queue.join();
    ///     assert!(queue.is_empty());
    /// });
    /// ```
    pub fn join(&self) {
        let done = self.engine.join(Deadline::Never);
        debug_assert!(done, "without a deadline, join returns when all is done");
    }

    /// Whether every item that was put has been marked done by now. Other threads may put more before that is read.
    ///
    /// In Python: there is no such call; programs read `queue.unfinished_tasks == 0`.
    ///
    /// # Synchronization
    ///
    /// As [`join`](Self::join), if all is done.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::from_iter(["work"]);
    /// queue.get().unwrap();
    /// assert!(!queue.try_join(), "fetched, and not yet done");
    /// queue.task_done().unwrap();
    /// assert!(queue.try_join());
    /// ```
    #[must_use = "only the answer says whether all is done"]
    pub fn try_join(&self) -> bool {
        self.engine.join(Deadline::Now)
    }

    /// Waits at most `timeout` until every item that was put has been marked done, and returns whether that came true.
    ///
    /// A zero `timeout` looks once, as [`try_join`](Self::try_join) does. One beyond what the clock can count waits as long as
    /// it takes, as [`join`](Self::join) does.
    ///
    /// In Python: there is no such call.
    ///
    /// # Synchronization
    ///
    /// As [`join`](Self::join), if all is done.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use nogil::Queue;
    ///
    /// let queue = Queue::from_iter(["work"]);
    /// assert!(!queue.join_timeout(Duration::from_millis(1)));
    /// drop(queue.get_task());
    /// assert!(queue.join_timeout(Duration::from_millis(1)));
    /// ```
    #[must_use = "if the time was up, not all is done"]
    pub fn join_timeout(&self, timeout: Duration) -> bool {
        self.engine.join(Deadline::after(timeout))
    }

    /// As [`join_timeout`](Self::join_timeout), until a moment. One that has passed looks once.
    ///
    /// # Synchronization
    ///
    /// As [`join_timeout`](Self::join_timeout).
    #[must_use = "if the time was up, not all is done"]
    pub fn join_deadline(&self, deadline: Instant) -> bool {
        self.engine.join(Deadline::At(deadline))
    }

    /// How many items were put and not yet marked done, be they queued or fetched. Other threads may have changed that by the
    /// time it is read.
    ///
    /// Where every item that is fetched is marked done, `queue.unfinished_tasks().saturating_sub(queue.len())` is the work in hand. (There are two looks, and the queue may change between them.)
    ///
    /// In Python: `queue.unfinished_tasks`.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = nogil::Queue::from_iter(["a", "b"]);
    /// queue.get().unwrap();
    /// assert_eq!((queue.len(), queue.unfinished_tasks()), (1, 2));
    /// ```
    pub fn unfinished_tasks(&self) -> usize {
        self.engine.unfinished()
    }
}

/// An item fetched from a [`Queue`], marked done when this is dropped; from [`Queue::get_task`], or several from [`Queue::get_tasks`].
///
/// It gives access to the item as a `Box` does. When it is dropped, also by a panic, first the item is dropped and then
/// [`task_done`](Queue::task_done) is called: so when a `join` returns, no finished item exists any more.
///
/// It borrows the queue. Where that is too short, there is [`into_owned`](Self::into_owned).
///
/// In Python: the `try`/`finally` around the work on an item.
///
/// # Panics
///
/// Dropping it panics if there is no task left to mark done, because `task_done` was called by hand too often meanwhile; but
/// not while a panic is already under way.
///
/// # Examples
///
/// ```
/// use nogil::Queue;
///
/// let queue = Queue::from_iter([vec![1, 2]]);
/// let mut task = queue.get_task().unwrap();
/// task.push(3);
/// assert_eq!(task.len(), 3);
///
/// drop(task);
/// assert_eq!(queue.unfinished_tasks(), 0);
/// ```
#[must_use = "the task is marked done when this is dropped"]
#[clippy::has_significant_drop]
pub struct Task<'a, T, W: Wing, O: Order<T, W>>(Work<T, &'a Queue<T, W, O>>);

/// A [`Task`] that holds its queue by an [`Arc`] instead of a reference. So it borrows nothing, and may go to a thread that is not scoped, or into a
/// collection. [`Task::into_owned`] makes one, whichever call fetched the item.
///
/// When it is dropped, first the item is dropped, then the task is marked done, and then it lets go of the queue: if nobody else has the queue by then, that is
/// dropped here, with what is still in it.
///
/// # Panics
///
/// Dropping it panics as dropping a [`Task`] does.
///
/// # Examples
///
/// A thread for each job, and a `join` that waits for them all:
///
/// ```
/// use nogil::Queue;
/// use std::sync::Arc;
/// use std::thread;
///
/// let jobs = Arc::new(Queue::from_iter(["one", "two", "three"]));
/// while let Ok(task) = jobs.try_get_task() {
///     let task = task.into_owned(&jobs);
///     thread::spawn(move || println!("job {}", *task));
/// }
/// jobs.join();
/// ```
#[must_use = "the task is marked done when this is dropped"]
#[clippy::has_significant_drop]
pub struct OwnedTask<T, W: Wing, O: Order<T, W>>(Work<T, Arc<Queue<T, W, O>>>);

/// An item, and its mark in a queue that is borrowed or owned.
struct Work<T, Q: Deref<Target: Tracks>> {
    // In this order: the item is dropped, and even if that panics the task is marked done after it.
    item: T,
    mark: Mark<Q>,
}

/// Marks one task of the queue done when it is dropped; unless there is no queue, since that has been seen to.
struct Mark<Q: Deref<Target: Tracks>>(Option<Q>);

/// A queue, whatever is in it.
trait Tracks {
    fn task_done(&self) -> Result<(), TaskDoneError>;
}

impl<T, W: Wing, O: Order<T, W>> Tracks for Queue<T, W, O> {
    fn task_done(&self) -> Result<(), TaskDoneError> {
        self.engine.task_done()
    }
}

impl<Q: Deref<Target: Tracks>> Mark<Q> {
    /// Marks the task done now. Where the caller is not to blame, `drop` does it.
    #[track_caller]
    fn settle(&mut self) {
        if let Some(queue) = self.0.take() {
            let done = queue.task_done();
            assert!(
                done.is_ok() || thread::panicking(),
                "there is no task left to mark done: `task_done` was called by hand too often"
            );
        }
    }
}

impl<Q: Deref<Target: Tracks>> Drop for Mark<Q> {
    fn drop(&mut self) {
        self.settle();
    }
}

impl<T, Q: Deref<Target: Tracks>> Work<T, Q> {
    fn new(item: T, queue: Q) -> Self {
        Self { item, mark: Mark(Some(queue)) }
    }

    #[track_caller]
    fn done_after<R>(self, work: impl FnOnce(T) -> R) -> R {
        let Self { item, mut mark } = self;
        let answer = work(item);
        mark.settle();
        answer
    }

    #[track_caller]
    fn into_inner(self) -> T {
        let Self { item, mut mark } = self;
        // While the item is still ours: a panic that came after it had become the answer would leak it.
        mark.settle();
        item
    }

    fn detach(self) -> T {
        let Self { item, mut mark } = self;
        mark.0 = None;
        item
    }
}

impl<'a, T, W: Wing, O: Order<T, W>> Task<'a, T, W, O> {
    /// Gives the item to `work`, and marks the task done when that returns or panics. For work that takes the item itself, and not a look at it,
    /// as a call of a boxed closure does.
    ///
    /// # Panics
    ///
    /// If `work` does; and as dropping a `Task` does.
    ///
    /// # Examples
    ///
    /// A pool of threads that run whatever is put:
    ///
    /// ```
    /// use nogil::Queue;
    /// use std::thread;
    ///
    /// let jobs = Queue::<Box<dyn FnOnce() + Send>>::bounded(10);
    /// thread::scope(|scope| {
    ///     for _ in 0..2 {
    ///         scope.spawn(|| {
    ///             while let Ok(task) = jobs.get_task() {
    ///                 task.done_after(|job| job());
    ///             }
    ///         });
    ///     }
    ///     for n in 0..5 {
    ///         jobs.put(Box::new(move || println!("job {n}"))).unwrap();
    ///     }
    ///     jobs.join(); // All five have been run.
    ///     jobs.shutdown();
    /// });
    /// ```
    #[track_caller]
    pub fn done_after<R>(self, work: impl FnOnce(T) -> R) -> R {
        self.0.done_after(work)
    }

    /// Marks the task done and returns the item. (To work on it first, [`done_after`](Self::done_after).)
    ///
    /// Not to put the item back, to be tried again: a [`join`](Queue::join) may return between this and the `put`. `task.done_after(|item| queue.put(item))` leaves no such gap.
    ///
    /// # Panics
    ///
    /// If there is no task left to mark done, because `task_done` was called by hand too often meanwhile. Then the item is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::from_iter(["work"]);
    /// let work = queue.get_task().unwrap().into_inner();
    /// assert!(queue.try_join());
    /// # drop(work);
    /// ```
    #[track_caller]
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }

    /// Gives the item, and leaves it to the caller to call [`task_done`](Queue::task_done) for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::from_iter(["work"]);
    /// let work = queue.get_task().unwrap().detach();
    /// assert!(!queue.try_join());
    ///
    /// queue.task_done().unwrap();
    /// assert!(queue.try_join());
    /// # drop(work);
    /// ```
    #[must_use = "the item still counts as an unfinished task, for which `task_done` is to be called; to have it done, drop the task"]
    pub fn detach(self) -> T {
        self.0.detach()
    }

    /// The same task, in a value that borrows nothing. `queue` must be an `Arc` of the queue that the task came from.
    ///
    /// # Panics
    ///
    /// If the task is of another queue. Then it is dropped, and so marked done there.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    /// use std::sync::Arc;
    /// use std::thread;
    ///
    /// let queue = Arc::new(Queue::from_iter([1]));
    /// let task = queue.get_task().unwrap().into_owned(&queue);
    /// thread::spawn(move || drop(task));
    /// queue.join();
    /// ```
    #[track_caller]
    pub fn into_owned(self, queue: &Arc<Queue<T, W, O>>) -> OwnedTask<T, W, O> {
        let its_own = self.0.mark.0.is_some_and(|its_own| ptr::eq(its_own, &**queue));
        assert!(its_own, "the task is of another queue");
        OwnedTask(Work::new(self.detach(), queue.clone()))
    }
}

impl<T, W: Wing, O: Order<T, W>> OwnedTask<T, W, O> {
    /// Gives the item to `work`, and marks the task done when that returns or panics, as [`Task::done_after`] does.
    ///
    /// # Panics
    ///
    /// If `work` does; and as dropping a [`Task`] does.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    /// use std::sync::Arc;
    /// use std::thread;
    ///
    /// let jobs = Arc::new(Queue::<Box<dyn FnOnce() + Send>>::unbounded());
    /// jobs.put(Box::new(|| println!("done"))).unwrap();
    /// let task = jobs.get_task().unwrap().into_owned(&jobs);
    /// thread::spawn(|| task.done_after(|job| job()));
    /// jobs.join(); // The job has been run.
    /// ```
    #[track_caller]
    pub fn done_after<R>(self, work: impl FnOnce(T) -> R) -> R {
        self.0.done_after(work)
    }

    /// Marks the task done and returns the item, as [`Task::into_inner`] does. Not to put the item back: for that, [`done_after`](Self::done_after).
    ///
    /// # Panics
    ///
    /// As [`Task::into_inner`].
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    /// use std::sync::Arc;
    ///
    /// let queue = Arc::new(Queue::from_iter(["work"]));
    /// let task = queue.get_task().unwrap().into_owned(&queue);
    /// assert_eq!(task.into_inner(), "work");
    /// assert!(queue.try_join());
    /// ```
    #[track_caller]
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }

    /// Gives the item, and leaves it to the caller to call [`task_done`](Queue::task_done) for it, as [`Task::detach`] does. It lets go of the queue.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    /// use std::sync::Arc;
    ///
    /// let queue = Arc::new(Queue::from_iter(["work"]));
    /// let task = queue.get_task().unwrap().into_owned(&queue);
    /// assert_eq!(task.detach(), "work");
    /// assert!(!queue.try_join());
    /// queue.task_done().unwrap();
    /// ```
    #[must_use = "the item still counts as an unfinished task, for which `task_done` is to be called; to have it done, drop the task"]
    pub fn detach(self) -> T {
        self.0.detach()
    }

    /// The queue that this is a task of.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    /// use std::sync::Arc;
    ///
    /// let numbers = Arc::new(Queue::from_iter([3]));
    /// let task = numbers.get_task().unwrap().into_owned(&numbers);
    /// // More work comes of it, before it is done.
    /// task.queue().put(*task - 1).unwrap();
    /// assert_eq!(numbers.unfinished_tasks(), 2);
    /// ```
    #[must_use]
    pub fn queue(&self) -> &Arc<Queue<T, W, O>> {
        self.0.mark.0.as_ref().expect("a task has its queue until it is done")
    }
}

macro_rules! gives_access_to_the_item {
    ($Task:ident $(<$lifetime:lifetime>)?) => {
        impl<T, W: Wing, O: Order<T, W>> Deref for $Task<$($lifetime,)? T, W, O> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0.item
            }
        }

        impl<T, W: Wing, O: Order<T, W>> DerefMut for $Task<$($lifetime,)? T, W, O> {
            fn deref_mut(&mut self) -> &mut T {
                &mut self.0.item
            }
        }

        impl<T, W: Wing, O: Order<T, W>> fmt::Debug for $Task<$($lifetime,)? T, W, O> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Task)).finish_non_exhaustive()
            }
        }
    };
}
gives_access_to_the_item!(Task<'_>);
gives_access_to_the_item!(OwnedTask);
