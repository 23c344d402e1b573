//! A counter in one atomic.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | C1 | any change of the value | any later look at it, or change | what its thread did before | `counter::publishes`, `counter::additions_publish`, `counter::subtractions_publish`, `counter::resets_publish`, `counter::refusals_publish` |
//!
//! The mutex of the other wing gives that edge, so this one does, though the count itself would be right without it.

use crate::engine::RawCounter;
use crate::primitive::atomic::{
    AtomicI64,
    Ordering::{AcqRel, Acquire, Relaxed},
};
use crate::primitive::{BackOff, const_unless_model};

pub struct Engine(AtomicI64);

impl Engine {
    const_unless_model! {
        pub const fn new(value: i64) -> Self {
            Self(AtomicI64::new(value))
        }
    }

    /// An exchange in a loop, which refuses a sum beforehand. To add first, and take back what was no `i64`, would cost less
    /// under contention; but until it is taken back others see the wrapped value, and their sums are allowed or refused by it.
    #[inline]
    fn update(&self, next: impl Fn(i64) -> Option<i64>) -> Option<i64> {
        let mut back_off = BackOff::new();
        loop {
            // Acquire: C1, for a sum that is refused.
            let value = self.0.load(Acquire);
            // AcqRel: C1, both ends. Relaxed on failure: the next look acquires.
            if self.0.compare_exchange_weak(value, next(value)?, AcqRel, Relaxed).is_ok() {
                return Some(value);
            }
            back_off = back_off.stay_away();
        }
    }
}

impl RawCounter for Engine {
    fn new(value: i64) -> Self {
        Self::new(value)
    }

    #[inline]
    fn fetch_add(&self, n: i64) -> Option<i64> {
        self.update(|value| value.checked_add(n))
    }

    #[inline]
    fn fetch_sub(&self, n: i64) -> Option<i64> {
        self.update(|value| value.checked_sub(n))
    }

    fn swap(&self, value: i64) -> i64 {
        self.0.swap(value, AcqRel) // C1, both ends.
    }

    #[inline]
    fn get(&self) -> i64 {
        self.0.load(Acquire) // C1
    }

    fn snapshot(&self) -> Option<i64> {
        Some(self.get())
    }
}
