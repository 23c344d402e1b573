//! Tasks: items that are counted until the work on them is done.

use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use super::{Order, Queue};
use crate::deadline::Deadline;
use crate::engine::{RawQueue, Wing};
use crate::error::{ShutDown, TaskDoneError, TryGetError};
use crate::primitive::thread;

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// Gets.
    pub fn get_task(&self) -> Result<Task<'_, T, W, O>, ShutDown> {
        self.get().map(|item| self.task(item))
    }

    /// Gets.
    pub fn try_get_task(&self) -> Result<Task<'_, T, W, O>, TryGetError> {
        self.try_get().map(|item| self.task(item))
    }

    /// Gets.
    pub fn get_task_timeout(&self, timeout: Duration) -> Result<Task<'_, T, W, O>, TryGetError> {
        self.get_timeout(timeout).map(|item| self.task(item))
    }

    /// Gets.
    pub fn get_task_deadline(&self, deadline: Instant) -> Result<Task<'_, T, W, O>, TryGetError> {
        self.get_deadline(deadline).map(|item| self.task(item))
    }

    fn task(&self, item: T) -> Task<'_, T, W, O> {
        Task { item, mark: Mark { queue: self } }
    }

    /// Marks.
    pub fn task_done(&self) -> Result<(), TaskDoneError> {
        self.engine.task_done()
    }

    /// Joins.
    pub fn join(&self) {
        let done = self.engine.join(Deadline::Never);
        debug_assert!(done, "without a deadline, join returns when all is done");
    }

    /// Joins.
    pub fn try_join(&self) -> bool {
        self.engine.join(Deadline::Now)
    }

    /// Joins.
    pub fn join_timeout(&self, timeout: Duration) -> bool {
        self.engine.join(Deadline::after(timeout))
    }

    /// Joins.
    pub fn join_deadline(&self, deadline: Instant) -> bool {
        self.engine.join(Deadline::At(deadline))
    }

    /// How many.
    pub fn unfinished_tasks(&self) -> usize {
        self.engine.unfinished()
    }
}

/// A task.
#[must_use = "the task is marked done when this is dropped"]
#[clippy::has_significant_drop]
pub struct Task<'a, T, W: Wing, O: Order<T, W>> {
    // In this order: the item is dropped, and even if that panics the task is marked done after it.
    item: T,
    mark: Mark<'a, T, W, O>,
}

/// Marks one task done when it is dropped.
struct Mark<'a, T, W: Wing, O: Order<T, W>> {
    queue: &'a Queue<T, W, O>,
}

impl<T, W: Wing, O: Order<T, W>> Task<'_, T, W, O> {
    /// Done.
    pub fn into_inner(self) -> T {
        self.item
    }

    /// Not done.
    pub fn detach(self) -> T {
        mem::forget(self.mark);
        self.item
    }
}

impl<T, W: Wing, O: Order<T, W>> Drop for Mark<'_, T, W, O> {
    fn drop(&mut self) {
        let done = self.queue.task_done();
        assert!(done.is_ok() || thread::panicking(), "the task was marked done that had been marked by hand before");
    }
}

impl<T, W: Wing, O: Order<T, W>> Deref for Task<'_, T, W, O> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.item
    }
}

impl<T, W: Wing, O: Order<T, W>> DerefMut for Task<'_, T, W, O> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.item
    }
}

impl<T, W: Wing, O: Order<T, W>> fmt::Debug for Task<'_, T, W, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}
