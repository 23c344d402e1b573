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
    Ordering::{AcqRel, Acquire},
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

    // One instruction and, if the sum was no `i64`, one that takes it back: an exchange in a loop would refuse it beforehand,
    // but costs every thread a retry for each other one. Until it is taken back a reader may see the wrapped value; the sums
    // of other threads come out right, as two's complement addition commutes.

    #[inline]
    fn fetch_add(&self, n: i64) -> Option<i64> {
        let previous = self.0.fetch_add(n, AcqRel); // C1, both ends.
        if previous.checked_add(n).is_none() {
            self.0.fetch_sub(n, AcqRel); // C1, as above.
            return None;
        }
        Some(previous)
    }

    #[inline]
    fn fetch_sub(&self, n: i64) -> Option<i64> {
        let previous = self.0.fetch_sub(n, AcqRel); // C1, both ends.
        if previous.checked_sub(n).is_none() {
            self.0.fetch_add(n, AcqRel); // C1, as above.
            return None;
        }
        Some(previous)
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
