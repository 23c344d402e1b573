//! Models of the counter.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, Ordering::Relaxed};
use nogil::generic::Counter;
use nogil::{ShardedCounter, Wing};

use crate::harness::{Plain, join, over_each_wing};
use crate::turns::{model, spawn};

over_each_wing!(
    nothing_is_lost,
    publishes,
    additions_publish,
    additions_near_the_end_publish,
    subtractions_publish,
    resets_publish,
    refused_sums_change_nothing,
    refusals_publish,
    a_value_that_comes_back_publishes
);

/// Of two threads that count at once, neither's count is lost, and each previous value is answered once.
fn nothing_is_lost<W: Wing>() {
    let counter = Arc::new(Counter::new_in(W::default(), 0));
    let other = spawn(&counter, |counter| counter.fetch_add(1));
    let mine = counter.fetch_add(1);
    assert_eq!(mine + other.join().unwrap(), 1);
    assert_eq!(counter.get(), 2);
}

/// Whoever reads the value sees what was done before the change that it reads.
fn publishes<W: Wing>() {
    publishes_by::<W>(1, |counter| counter.fetch_add(1), Counter::get);
}

/// So does whoever adds.
fn additions_publish<W: Wing>() {
    publishes_by::<W>(1, |counter| counter.fetch_add(1), |counter| counter.fetch_add(1));
}

/// And near the end of the range, where a sum is looked at before it is made.
fn additions_near_the_end_publish<W: Wing>() {
    publishes_by::<W>(i64::MAX - 2, |counter| counter.fetch_add(1), |counter| counter.fetch_add(1));
}

/// So does whoever subtracts.
fn subtractions_publish<W: Wing>() {
    publishes_by::<W>(1, |counter| counter.fetch_sub(1), |counter| counter.fetch_sub(1));
}

/// So does whoever resets.
fn resets_publish<W: Wing>() {
    publishes_by::<W>(1, Counter::reset, Counter::reset);
}

fn publishes_by<W: Wing>(value: i64, change: fn(&Counter<W>) -> i64, look: fn(&Counter<W>) -> i64) {
    let shared = Arc::new((Counter::new_in(W::default(), value), Plain::new()));
    let other = spawn(&shared, move |(counter, plain)| {
        plain.set(1);
        change(counter);
    });
    if look(&shared.0) != value {
        assert_eq!(shared.1.get(), 1);
    }
    other.join().unwrap();
}

/// So does whoever is refused, since that tells it the value.
fn refusals_publish<W: Wing>() {
    let shared = Arc::new((Counter::new_in(W::default(), i64::MAX - 2), Plain::new()));
    let other = spawn(&shared, |(counter, plain)| {
        plain.set(1);
        is_refused(counter, 1)
    });
    if is_refused(&shared.0, 2) {
        assert_eq!(shared.1.get(), 1);
        assert!(!other.join().unwrap());
    } else {
        assert!(other.join().unwrap());
    }
}

fn is_refused<W: Wing>(counter: &Counter<W>, n: i64) -> bool {
    catch_unwind(AssertUnwindSafe(|| counter.add(n))).is_err()
}

/// Of two sums that are no `i64`, both are refused, and nobody sees the value change.
fn refused_sums_change_nothing<W: Wing>() {
    let counter = Arc::new(Counter::new_in(W::default(), i64::MAX));
    let other = spawn(&counter, |counter| is_refused(counter, 1));
    assert_eq!(counter.get(), i64::MAX);
    assert!(is_refused(&counter, 1));
    assert!(other.join().unwrap());
    assert_eq!(counter.get(), i64::MAX);
}

/// Whoever finds a thread's count in the sum of a sharded counter sees what that thread did before it counted.
#[test]
fn stripes_publish() {
    model(|| {
        let shared = Arc::new((ShardedCounter::new(), Plain::new()));
        let other = spawn(&shared, |(counter, work)| {
            // Its stripe is there by now, so that the second count alone carries what was done before it.
            counter.increment();
            work.set(1);
            counter.increment();
        });
        let (counter, work) = &*shared;
        if counter.sum() == 2 {
            assert_eq!(work.get(), 1);
        }
        other.join().unwrap();
    });
}

/// Threads that count at once, each for the first time, in blocks that they may both have to make, and beside a reset: nothing is lost.
#[test]
fn stripes_lose_nothing() {
    model(|| {
        let counter = Arc::new(ShardedCounter::new());
        let others = [(); 2].map(|()| spawn(&counter, |counter| counter.increment()));
        counter.add(3);
        let reset = counter.reset();
        join(others);
        assert_eq!(reset + counter.sum(), 5);
        assert!((3..=5).contains(&reset));
    });
}

/// A count that is reset away was seen by whoever reset: a later sum that misses it also sees what was done before it.
#[test]
fn stripes_are_reset_once() {
    model(|| {
        let shared = Arc::new((ShardedCounter::new(), Plain::new()));
        let (counter, work) = &*shared;
        work.set(1);
        counter.increment();
        let other = spawn(&shared, |(counter, _)| counter.reset());
        let mine = counter.reset();
        assert_eq!(mine + other.join().unwrap(), 1);
        assert_eq!(counter.sum(), 0);
    });
}

/// A value that changed and came back is acquired too, by an addition whose look found it before.
fn a_value_that_comes_back_publishes<W: Wing>() {
    let shared = Arc::new((Counter::new_in(W::default(), 0), Plain::new(), AtomicBool::new(false)));
    let other = spawn(&shared, |(counter, plain, came_back)| {
        plain.set(1);
        counter.fetch_add(1);
        counter.fetch_sub(1);
        came_back.store(true, Relaxed);
    });
    let (counter, plain, came_back) = &*shared;
    // Relaxed: orders nothing, but an exchange after it finds the value that came back, or a later one.
    if came_back.load(Relaxed) {
        counter.fetch_add(1);
        assert_eq!(plain.get(), 1);
    }
    other.join().unwrap();
}
