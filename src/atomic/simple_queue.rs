//! An unbounded queue without tasks or shutdown: [`Segments`], and a list of those who wait for an item.
//!
//! A `put` may run in a destructor, also in that of an item of this very queue: no item is dropped in the midst of an operation.
//!
//! # Memory ordering
//!
//! | edge | one side writes, then reads | the other side writes, then reads | model |
//! |---|---|---|---|
//! | M1 | put: the tail, then `getters` | getter: `getters`, then the tail | `simple_queue::put_meets_sleeper` |
//!
//! As Q1 of [`super::queue`], where the rest is said. How items are handed over is said in [`super::segments`].

use crossbeam_utils::CachePadded;

use super::queue::Buffer;
use super::segments::Segments;
use crate::deadline::Deadline;
use crate::engine::RawSimpleQueue;
use crate::park::attempts::Attempts;
use crate::primitive::const_unless_model;

pub struct Engine<T> {
    items: Segments<T>,
    getters: CachePadded<Attempts>,
}

impl<T> Engine<T> {
    const_unless_model! {
        pub const fn new() -> Self {
            Self { items: Segments::new(None), getters: CachePadded::new(Attempts::new()) }
        }
    }

    #[cold]
    fn put_slowly(&self, item: T) {
        let put = self.items.push(item);
        debug_assert!(put.is_ok(), "neither bounded nor ever closed");
    }

    #[cold]
    fn get_slowly(&self, deadline: Deadline) -> Option<T> {
        let attempt = || self.items.pop().ok();
        let found = self.getters.look_again(deadline, || self.items.pop_at_a_glance());
        if found.is_some() {
            self.items.fall_back_after_get();
        }
        found
            .or_else(attempt)
            // M1. SAFETY: the attempt shares the buffer and moves an item, as any thread may (the engine is `Sync` only if items may be sent).
            .or_else(|| unsafe { self.getters.wait(deadline, attempt) })
    }
}

impl<T> RawSimpleQueue<T> for Engine<T> {
    fn new() -> Self {
        Self::new()
    }

    #[inline]
    fn put(&self, item: T) {
        if let Err(item) = self.items.push_at_once(item) {
            self.put_slowly(item);
        }
        self.getters.help(); // M1
    }

    #[inline]
    fn get(&self, deadline: Deadline) -> Option<T> {
        self.items.pop_at_once().or_else(|| self.get_slowly(deadline))
    }

    fn len(&self) -> usize {
        self.items.len()
    }

    fn glance(&self) -> Option<(usize, usize)> {
        Some((self.len(), self.getters.len()))
    }
}
