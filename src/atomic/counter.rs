//! A counter in one atomic.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | C1 | any change of the value | any later look at it, or change | what its thread did before | `counter::publishes` |
//!
//! The mutex of the other wing gives that edge, so this one does, though the count itself would be right without it.

use crate::engine::RawCounter;
use crate::primitive::atomic::{
    AtomicI64,
    Ordering::{AcqRel, Acquire, Relaxed},
};
use crate::primitive::const_unless_model;

pub struct Engine(AtomicI64);

impl Engine {
    const_unless_model! {
        pub const fn new(value: i64) -> Self {
            Self(AtomicI64::new(value))
        }
    }
}

impl RawCounter for Engine {
    fn new(value: i64) -> Self {
        Self::new(value)
    }

    // An exchange in a loop, though `fetch_add` would save each thread a retry for each other one: a sum that is no `i64` must be
    // refused beforehand. Taken back afterwards, it would have been there for others to add to, and they would not know.

    #[inline]
    fn fetch_add(&self, n: i64) -> Option<i64> {
        // AcqRel: C1, both ends. Relaxed: a look; the exchange checks it.
        self.0.fetch_update(AcqRel, Relaxed, |value| value.checked_add(n)).ok()
    }

    #[inline]
    fn fetch_sub(&self, n: i64) -> Option<i64> {
        // AcqRel, Relaxed: as above.
        self.0.fetch_update(AcqRel, Relaxed, |value| value.checked_sub(n)).ok()
    }

    fn swap(&self, value: i64) -> i64 {
        self.0.swap(value, AcqRel) // C1, both ends.
    }

    #[inline]
    fn get(&self) -> i64 {
        self.0.load(Acquire) // C1
    }

    fn glance(&self) -> Option<i64> {
        Some(self.get())
    }
}
