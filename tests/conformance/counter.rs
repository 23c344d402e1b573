//! `Counter`: what `counter += 1` under a lock promises, and that it never wraps round.

use std::collections::HashSet;
use std::thread;

use nogil::Wing;
use nogil::generic::Counter;

use crate::harness::{over_each_wing, panic_of};

over_each_wing!(
    counts_up_and_down,
    many_threads_lose_nothing,
    no_two_threads_fetch_the_same,
    a_reset_loses_nothing,
    overflow_changes_nothing,
    overflow_is_seen_by_nobody,
    the_least_integer_can_be_subtracted,
    repr,
    is_made_of_an_integer,
);

fn counter<W: Wing>(value: i64) -> Counter<W> {
    Counter::new_in(W::default(), value)
}

fn counts_up_and_down<W: Wing>() {
    let counter = counter::<W>(5);
    counter.increment();
    counter.add(10);
    counter.sub(3);
    counter.decrement();
    assert_eq!(counter.get(), 12);
    assert_eq!(counter.fetch_add(-2), 12);
    assert_eq!(counter.fetch_sub(-5), 10);
    assert_eq!(counter.reset(), 15);
    assert_eq!(counter.get(), 0, "to zero, and not to what it began with");
}

fn many_threads_lose_nothing<W: Wing>() {
    let counter = counter::<W>(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1000).for_each(|_| counter.increment()));
            scope.spawn(|| (0..500).for_each(|_| counter.decrement()));
        }
    });
    assert_eq!(counter.get(), 4 * (1000 - 500));
}

fn no_two_threads_fetch_the_same<W: Wing>() {
    let counter = counter::<W>(0);
    let fetched: Vec<i64> = thread::scope(|scope| {
        let draw = || (0..500).map(|_| counter.fetch_add(1)).collect::<Vec<_>>();
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(draw)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(fetched.iter().collect::<HashSet<_>>().len(), 4 * 500);
    assert_eq!(fetched.iter().max(), Some(&(4 * 500 - 1)));
}

fn a_reset_loses_nothing<W: Wing>() {
    let counter = counter::<W>(0);
    let taken: i64 = thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..1000).for_each(|_| counter.increment()));
        }
        (0..200).map(|_| counter.reset()).sum()
    });
    assert_eq!(taken + counter.get(), 3 * 1000);
}

fn overflow_changes_nothing<W: Wing>() {
    let top = counter::<W>(i64::MAX);
    for panic in [panic_of(|| top.increment()), panic_of(|| top.add(i64::MAX)), panic_of(|| top.fetch_add(1))] {
        assert!(panic.contains("bounds of an i64; nothing was added"), "{panic}");
    }
    assert!(panic_of(|| top.sub(i64::MIN)).contains("nothing was subtracted"));
    assert_eq!(top.get(), i64::MAX);

    let bottom = counter::<W>(i64::MIN);
    for panic in [panic_of(|| bottom.decrement()), panic_of(|| bottom.sub(2)), panic_of(|| bottom.fetch_sub(1))] {
        assert!(panic.contains("bounds of an i64; nothing was subtracted"), "{panic}");
    }
    assert!(panic_of(|| bottom.add(-1)).contains("nothing was added"));
    assert_eq!(bottom.get(), i64::MIN);

    // And it goes on after that.
    bottom.increment();
    assert_eq!(bottom.get(), i64::MIN + 1);
}

/// What is refused to one thread is not there for another to find, or to add to.
fn overflow_is_seen_by_nobody<W: Wing>() {
    let counter = counter::<W>(i64::MAX);
    thread::scope(|scope| {
        let adders = [(); 3].map(|()| {
            scope.spawn(|| {
                for _ in 0..300 {
                    panic_of(|| counter.increment());
                }
            })
        });
        while !adders.iter().all(|adder| adder.is_finished()) {
            assert_eq!(counter.get(), i64::MAX);
        }
    });
    assert_eq!(counter.get(), i64::MAX);
}

/// There is no `-i64::MIN`: a subtraction made from a negation and an addition would fail here.
fn the_least_integer_can_be_subtracted<W: Wing>() {
    let counter = counter::<W>(-1);
    counter.sub(i64::MIN);
    assert_eq!(counter.get(), i64::MAX);
    counter.add(i64::MIN);
    assert_eq!(counter.get(), -1);
    assert!(panic_of(|| self::counter::<W>(0).sub(i64::MIN)).contains("nothing was subtracted"));
}

fn repr<W: Wing>() {
    assert_eq!(format!("{:?}", counter::<W>(-3)), "Counter { value: -3 }");
}

fn is_made_of_an_integer<W: Wing>() {
    assert_eq!(Counter::<W>::from(7).get(), 7);
    assert_eq!(Counter::<W>::default().get(), 0);
    static COUNTER: nogil::Counter = nogil::Counter::new(-7);
    assert_eq!(COUNTER.get(), -7);
}
