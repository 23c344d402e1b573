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
use crate::primitive::const_unless_model;

/// How far from zero a value may be for a sum to be safe without a look.
const FAR: u64 = 1 << 62;
/// The most that is added so.
const STEP: u64 = 1 << 31;

pub struct Engine(AtomicI64);

impl Engine {
    const_unless_model! {
        pub const fn new(value: i64) -> Self {
            Self(AtomicI64::new(value))
        }
    }

    /// Adds in one step where no sum can leave the range: a value within [`FAR`] of zero, and at most [`STEP`] more. It has moved since
    /// that look, but each thread moves it by one such step at most before it looks again, so it would take 2^31 threads at
    /// once to move it out of range.
    #[inline]
    fn add_far_from_the_ends(&self, n: i64) -> Option<i64> {
        // Relaxed: a look, for its size alone.
        let is_far = self.0.load(Relaxed).unsigned_abs() <= FAR && n.unsigned_abs() <= STEP;
        // AcqRel: C1, both ends.
        is_far.then(|| self.0.fetch_add(n, AcqRel))
    }

    /// Adds near the ends of the range: an exchange in a loop, which refuses a sum beforehand. To add first, and take back what was no `i64`,
    /// would not do: until it is taken back others see the wrapped value, and their sums are allowed or refused by it.
    #[cold]
    fn update(&self, next: impl Fn(i64) -> Option<i64>) -> Option<i64> {
        // Acquire: C1, here and on failure, for the look by which a sum is refused.
        let mut value = self.0.load(Acquire);
        loop {
            // AcqRel: C1, both ends.
            match self.0.compare_exchange_weak(value, next(value)?, AcqRel, Acquire) {
                Ok(_) => return Some(value),
                Err(changed) => value = changed,
            }
        }
    }
}

impl RawCounter for Engine {
    fn new(value: i64) -> Self {
        Self::new(value)
    }

    #[inline]
    fn fetch_add(&self, n: i64) -> Option<i64> {
        self.add_far_from_the_ends(n).or_else(|| self.update(|value| value.checked_add(n)))
    }

    #[inline]
    fn fetch_sub(&self, n: i64) -> Option<i64> {
        // What has no negative is not near zero.
        self.add_far_from_the_ends(n.wrapping_neg()).or_else(|| self.update(|value| value.checked_sub(n)))
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
