//! Models of the counter.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use nogil::Wing;
use nogil::generic::Counter;

use crate::harness::{Plain, over_each_wing, spawn};

over_each_wing!(
    nothing_is_lost,
    publishes,
    additions_publish,
    subtractions_publish,
    resets_publish,
    refused_sums_change_nothing
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
    publishes_by::<W>(|counter| counter.fetch_add(1), Counter::get);
}

/// So does whoever adds.
fn additions_publish<W: Wing>() {
    publishes_by::<W>(|counter| counter.fetch_add(1), |counter| counter.fetch_add(1));
}

/// So does whoever subtracts.
fn subtractions_publish<W: Wing>() {
    publishes_by::<W>(|counter| counter.fetch_sub(1), |counter| counter.fetch_sub(1));
}

/// So does whoever resets.
fn resets_publish<W: Wing>() {
    publishes_by::<W>(Counter::reset, Counter::reset);
}

fn publishes_by<W: Wing>(change: fn(&Counter<W>) -> i64, look: fn(&Counter<W>) -> i64) {
    let shared = Arc::new((Counter::new_in(W::default(), 1), Plain::new()));
    let other = spawn(&shared, move |(counter, plain)| {
        plain.set(1);
        change(counter);
    });
    if look(&shared.0) != 1 {
        assert_eq!(shared.1.get(), 1);
    }
    other.join().unwrap();
}

/// Of two sums that are no `i64`, both are refused, and nobody sees the value change.
fn refused_sums_change_nothing<W: Wing>() {
    fn is_refused<W: Wing>(counter: &Counter<W>) -> bool {
        catch_unwind(AssertUnwindSafe(|| counter.add(1))).is_err()
    }
    let counter = Arc::new(Counter::new_in(W::default(), i64::MAX));
    let other = spawn(&counter, is_refused);
    assert_eq!(counter.get(), i64::MAX);
    assert!(is_refused(&counter));
    assert!(other.join().unwrap());
    assert_eq!(counter.get(), i64::MAX);
}
