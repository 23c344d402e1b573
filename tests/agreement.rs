//! Both wings answer every sequence of calls alike, and as the plain object of `tests/plain` does.
//!
//! The sequences are proptest's: `PROPTEST_CASES` says how many, and one that fails is made as short as it can be. `fuzz` goes on from
//! where these end.

#![cfg(not(any(nogil_loom, nogil_shuttle)))]

#[allow(unused_macros, unused_imports, reason = "shared with tests that need it all")]
mod harness;
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

/// Makes one comparison. A call that waits though it must not, as of an item that was lost, ends the process, which says what came before it.
fn watched(comparison: impl FnOnce()) {
    let log = compare::write_down();
    let calls = move || {
        let calls = log.lock().unwrap();
        format!(", in the last of these calls:\n{}", calls.join("\n"))
    };
    harness::watched_saying(calls, comparison);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_queues(capacity in capacity(), calls in calls(120)) {
        watched(|| compare::queues(capacity, &calls));
    }

    #[test]
    fn of_lifo_queues(capacity in capacity(), calls in calls(120)) {
        watched(|| compare::lifo_queues(capacity, &calls));
    }

    #[test]
    fn of_priority_queues(capacity in capacity(), calls in calls(120)) {
        watched(|| compare::priority_queues(capacity, &calls));
    }

    #[test]
    fn of_simple_queues(calls in calls(120)) {
        watched(|| compare::simple_queues(&calls));
    }

    #[test]
    fn of_semaphores(permits in 0..4_usize, calls in calls(60)) {
        watched(|| compare::semaphores(permits, &calls));
    }

    #[test]
    fn of_bounded_semaphores(permits in 0..4_usize, calls in calls(60)) {
        watched(|| compare::bounded_semaphores(permits, &calls));
    }

    #[test]
    fn of_events(calls in calls(40)) {
        watched(|| compare::events(&calls));
    }

    #[test]
    fn of_counters(calls in calls(40)) {
        watched(|| compare::counters(&calls));
    }

    #[test]
    fn of_locks(steps in vec(0..3_u8, 0..20)) {
        watched(|| compare::locks(&steps));
    }

    #[test]
    fn of_reentrant_locks(steps in vec(0..3_u8, 0..20)) {
        watched(|| compare::reentrant_locks(&steps));
    }

    #[test]
    fn of_barriers(parties in 1..3_usize, steps in vec(0..4_u8, 0..12)) {
        watched(|| compare::barriers(parties, &steps));
    }
}
