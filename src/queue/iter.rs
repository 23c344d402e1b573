//! Iterating over a queue, which takes the items out.

use std::fmt;
use std::iter::FusedIterator;

use super::{Order, Queue};
use crate::engine::Wing;

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// Iterates.
    pub fn iter(&self) -> Iter<'_, T, W, O> {
        Iter { queue: self }
    }

    /// Iterates.
    pub fn try_iter(&self) -> TryIter<'_, T, W, O> {
        TryIter { queue: self }
    }
}

/// Iter.
#[must_use = "an iterator takes items only as it is advanced"]
pub struct Iter<'a, T, W: Wing, O: Order<T, W>> {
    queue: &'a Queue<T, W, O>,
}

/// TryIter.
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

/// As [`Queue::iter`].
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
