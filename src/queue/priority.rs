//! What a [`PriorityQueue`] has of its own. It has one engine, on the locked wing.

use super::{PriorityQueue, Queue, checked};
use crate::locked::{Heap, QueueEngine};
use crate::primitive::const_unless_model;

impl<T: Ord> PriorityQueue<T> {
    const_unless_model! {
        /// Makes a queue.
        #[must_use]
        pub const fn bounded(capacity: usize) -> Self {
            Queue { engine: QueueEngine::<Heap<T>>::new(checked(capacity)) }
        }
    }

    const_unless_model! {
        /// Makes a queue.
        #[must_use]
        pub const fn unbounded() -> Self {
            Queue { engine: QueueEngine::<Heap<T>>::new(None) }
        }
    }

    /// Peeks.
    pub fn peek_with<R>(&self, f: impl FnOnce(&T) -> R) -> Option<R> {
        self.engine.peek_with(f)
    }
}
