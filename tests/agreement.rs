//! Both wings answer every sequence of calls alike, and as the plain object of `tests/plain` does.
//!
//! The sequences are proptest's: `PROPTEST_CASES` says how many, and one that fails is made as short as it can be. `fuzz` goes on from
//! where these end.

#![cfg(not(any(loom, shuttle)))]

mod plain;

use std::fmt::Debug;

use plain::compare;
use proptest::collection::vec;
use proptest::prelude::*;

/// Up to so many calls, with their arguments.
fn calls<C: From<[u8; 2]> + Debug>(most: usize) -> impl Strategy<Value = Vec<C>> {
    vec(any::<[u8; 2]>().prop_map(C::from), 0..most)
}

/// A capacity that is soon reached, or none.
fn capacity() -> impl Strategy<Value = Option<usize>> {
    prop::option::of(1..6_usize)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_queues(capacity in capacity(), calls in calls(120)) {
        compare::queues(capacity, &calls);
    }

    #[test]
    fn of_lifo_queues(capacity in capacity(), calls in calls(120)) {
        compare::lifo_queues(capacity, &calls);
    }

    #[test]
    fn of_priority_queues(capacity in capacity(), calls in calls(120)) {
        compare::priority_queues(capacity, &calls);
    }

    #[test]
    fn of_simple_queues(calls in calls(120)) {
        compare::simple_queues(&calls);
    }

    #[test]
    fn of_semaphores(permits in 0..4_usize, calls in calls(60)) {
        compare::semaphores(permits, &calls);
    }

    #[test]
    fn of_bounded_semaphores(permits in 0..4_usize, calls in calls(60)) {
        compare::bounded_semaphores(permits, &calls);
    }

    #[test]
    fn of_events(calls in calls(40)) {
        compare::events(&calls);
    }

    #[test]
    fn of_counters(calls in calls(40)) {
        compare::counters(&calls);
    }

    #[test]
    fn of_locks(steps in vec(0..3_u8, 0..20)) {
        compare::locks(&steps);
    }

    #[test]
    fn of_reentrant_locks(steps in vec(0..3_u8, 0..20)) {
        compare::reentrant_locks(&steps);
    }

    #[test]
    fn of_barriers(parties in 1..3_usize, steps in vec(0..4_u8, 0..12)) {
        compare::barriers(parties, &steps);
    }
}
