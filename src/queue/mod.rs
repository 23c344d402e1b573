//! Queues that block, track tasks and can be shut down: [`Queue`], [`LifoQueue`] and [`PriorityQueue`].

mod get;
mod iter;
mod order;
mod priority;
mod put;
mod shutdown;
mod tasks;

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::engine::{RawQueue, Wing, for_each_wing};
use crate::locked::Locked;
use crate::primitive::const_unless_model;

pub use iter::{Iter, TryIter};
pub use order::{Fifo, Lifo, Order, Priority};
pub use tasks::Task;

/// A queue.
pub struct Queue<T, W: Wing, O: Order<T, W> = Fifo> {
    engine: O::Engine,
}

/// A [`Queue`] that gives the newest item first.
pub type LifoQueue<T, W> = Queue<T, W, Lifo>;

/// A [`Queue`] that gives the smallest item first.
pub type PriorityQueue<T> = Queue<T, Locked, Priority>;

const fn checked(capacity: usize) -> Option<usize> {
    assert!(
        capacity > 0,
        "a queue with room for nothing would never take an item; for one without a limit, say unbounded()"
    );
    Some(capacity)
}

macro_rules! constructors {
    ($W:ty) => {
        impl<T> Queue<T, $W> {
            const_unless_model! {
                /// Makes a queue.
                #[must_use]
                pub const fn bounded(capacity: usize) -> Self {
                    Self { engine: <<$W as Wing>::Queue<T>>::new(checked(capacity)) }
                }
            }

            const_unless_model! {
                /// Makes a queue.
                #[must_use]
                pub const fn unbounded() -> Self {
                    Self { engine: <<$W as Wing>::Queue<T>>::new(None) }
                }
            }
        }

        impl<T> LifoQueue<T, $W> {
            const_unless_model! {
                /// Makes a queue.
                #[must_use]
                pub const fn bounded(capacity: usize) -> Self {
                    Self { engine: <<$W as Wing>::LifoQueue<T>>::new(checked(capacity)) }
                }
            }

            const_unless_model! {
                /// Makes a queue.
                #[must_use]
                pub const fn unbounded() -> Self {
                    Self { engine: <<$W as Wing>::LifoQueue<T>>::new(None) }
                }
            }
        }
    };
}
for_each_wing!(constructors);

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// Makes a queue.
    pub fn bounded_in(_: W, capacity: usize) -> Self {
        Self { engine: RawQueue::new(checked(capacity)) }
    }

    /// Makes a queue.
    pub fn unbounded_in(_: W) -> Self {
        Self { engine: RawQueue::new(None) }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.engine.len()
    }

    /// Whether.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether.
    pub fn is_full(&self) -> bool {
        self.capacity().is_some_and(|capacity| self.len() >= capacity)
    }

    /// How many.
    pub fn capacity(&self) -> Option<usize> {
        self.engine.capacity()
    }
}

// SAFETY: a queue is its engine and nothing else. `Wing` and `Order` are sealed, so that engine is one of this crate's, and each
// of these is `Send` and `Sync` whenever `T` is `Send`, as `Wing` asks of it and each wing's module has the compiler check.
unsafe impl<T: Send, W: Wing, O: Order<T, W>> Send for Queue<T, W, O> {}
// SAFETY: as above.
unsafe impl<T: Send, W: Wing, O: Order<T, W>> Sync for Queue<T, W, O> {}

// Whatever panics, in whichever thread, no operation leaves the queue in a state that the next one could trip over.
impl<T, W: Wing, O: Order<T, W>> UnwindSafe for Queue<T, W, O> {}
impl<T, W: Wing, O: Order<T, W>> RefUnwindSafe for Queue<T, W, O> {}

/// An unbounded queue.
impl<T, W: Wing, O: Order<T, W>> Default for Queue<T, W, O> {
    fn default() -> Self {
        Self::unbounded_in(W::default())
    }
}

/// An unbounded queue.
impl<T, W: Wing, O: Order<T, W>> FromIterator<T> for Queue<T, W, O> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let queue = Self::default();
        let put = queue.put_many(items);
        debug_assert!(put.is_ok(), "nobody else can have shut the queue down");
        queue
    }
}

/// Never waits: while the engine is busy, what it cannot see is `<busy>`.
impl<T, W: Wing, O: Order<T, W>> fmt::Debug for Queue<T, W, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct(O::NAME);
        let capacity = self.capacity().map_or("unbounded".into(), |capacity| capacity.to_string());
        match self.engine.glance() {
            None => fields
                .field("len", &format_args!("<busy>"))
                .field("capacity", &format_args!("{capacity}"))
                .finish_non_exhaustive(),
            Some(glance) => fields
                .field("len", &glance.len)
                .field("capacity", &format_args!("{capacity}"))
                .field("unfinished_tasks", &glance.unfinished)
                .field("shut_down", &glance.is_shut_down)
                .finish(),
        }
    }
}
