//! Models of the counter.

use std::sync::Arc;

use nogil::Wing;
use nogil::generic::Counter;

use crate::harness::{Plain, over_each_wing, spawn};

over_each_wing!(nothing_is_lost, publishes);

/// Of two threads that count at once, neither's count is lost, and each previous value is answered once.
fn nothing_is_lost<W: Wing>() {
    let counter = Arc::new(Counter::new_in(W::default(), 0));
    let other = spawn(&counter, |counter| counter.fetch_add(1));
    let mine = counter.fetch_add(1);
    assert_eq!(mine + other.join().unwrap(), 1);
    assert_eq!(counter.get(), 2);
}

/// Whoever reads or changes the value sees what was done before the change that it reads from, also through a third thread.
fn publishes<W: Wing>() {
    let shared = Arc::new((Counter::new_in(W::default(), 0), Plain::new(), Plain::new()));
    let first = spawn(&shared, |(counter, first, _)| {
        first.set(1);
        counter.add(1);
    });
    let second = spawn(&shared, |(counter, first, second)| {
        if counter.fetch_add(2) == 1 {
            assert_eq!(first.get(), 1);
        }
        second.set(1);
        counter.add(4);
    });
    let (counter, first_cell, second_cell) = &*shared;
    let seen = counter.get();
    if seen & 1 != 0 {
        assert_eq!(first_cell.get(), 1);
    }
    if seen & 4 != 0 {
        assert_eq!(second_cell.get(), 1);
    }
    first.join().unwrap();
    second.join().unwrap();
}
