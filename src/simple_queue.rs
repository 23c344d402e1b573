//! [`SimpleQueue`]: a queue that only holds items.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::{Duration, Instant};

use crate::deadline::Deadline;
use crate::engine::{RawSimpleQueue, Wing, for_each_wing};
use crate::primitive::const_unless_model;

/// A queue.
pub struct SimpleQueue<T, W: Wing> {
    engine: W::SimpleQueue<T>,
}

macro_rules! constructors {
    ($W:ty) => {
        impl<T> SimpleQueue<T, $W> {
            const_unless_model! {
                /// Makes a queue.
                #[must_use]
                pub const fn new() -> Self {
                    Self { engine: <<$W as Wing>::SimpleQueue<T>>::new() }
                }
            }
        }
    };
}
for_each_wing!(constructors);

impl<T, W: Wing> SimpleQueue<T, W> {
    /// Makes a queue.
    pub fn new_in(_: W) -> Self {
        Self { engine: RawSimpleQueue::new() }
    }

    /// Puts.
    #[doc(alias = "put_nowait")]
    pub fn put(&self, item: T) {
        self.engine.put(item);
    }

    /// Gets.
    pub fn get(&self) -> T {
        self.engine.get(Deadline::Never).expect("without a deadline, get returns with an item")
    }

    /// Gets.
    #[doc(alias = "get_nowait")]
    pub fn try_get(&self) -> Option<T> {
        self.engine.get(Deadline::Now)
    }

    /// Gets.
    pub fn get_timeout(&self, timeout: Duration) -> Option<T> {
        self.engine.get(Deadline::after(timeout))
    }

    /// Gets.
    pub fn get_deadline(&self, deadline: Instant) -> Option<T> {
        self.engine.get(Deadline::At(deadline))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.engine.len()
    }

    /// Whether.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Iterates.
    pub fn try_iter(&self) -> TryIter<'_, T, W> {
        TryIter { queue: self }
    }
}

/// TryIter.
#[must_use = "an iterator takes items only as it is advanced"]
pub struct TryIter<'a, T, W: Wing> {
    queue: &'a SimpleQueue<T, W>,
}

impl<T, W: Wing> Iterator for TryIter<'_, T, W> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.queue.try_get()
    }
}

// SAFETY: the queue is its engine and nothing else. `Wing` is sealed, so that engine is one of this crate's, and each of these
// is `Send` and `Sync` whenever `T` is `Send`, as `Wing` asks of it and each wing's module has the compiler check.
unsafe impl<T: Send, W: Wing> Send for SimpleQueue<T, W> {}
// SAFETY: as above.
unsafe impl<T: Send, W: Wing> Sync for SimpleQueue<T, W> {}

// Whatever panics, in whichever thread, no operation leaves the queue in a state that the next one could trip over.
impl<T, W: Wing> UnwindSafe for SimpleQueue<T, W> {}
impl<T, W: Wing> RefUnwindSafe for SimpleQueue<T, W> {}

/// An empty queue.
impl<T, W: Wing> Default for SimpleQueue<T, W> {
    fn default() -> Self {
        Self::new_in(W::default())
    }
}

impl<T, W: Wing> FromIterator<T> for SimpleQueue<T, W> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut queue = Self::default();
        queue.extend(items);
        queue
    }
}

/// Puts each item.
impl<T, W: Wing> Extend<T> for SimpleQueue<T, W> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.put(item));
    }
}

/// Shows the length. Never waits: while the engine is busy it shows `<busy>`.
impl<T, W: Wing> fmt::Debug for SimpleQueue<T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.engine.glance().map_or("<busy>".into(), |len| len.to_string());
        f.debug_struct("SimpleQueue").field("len", &format_args!("{len}")).finish()
    }
}

impl<T, W: Wing> fmt::Debug for TryIter<'_, T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryIter").field("queue", self.queue).finish()
    }
}
