//! Programs of the counters.

use std::sync::Arc;

use nogil::generic::Counter;
use nogil::{ShardedCounter, Wing};

use crate::harness::{crowd, join_all, model, over_each_wing, spawn};

over_each_wing!(nothing_is_lost);

/// What six threads count, and two take away by resets, adds up.
fn nothing_is_lost<W: Wing>() {
    let counter = Arc::new(Counter::new_in(W::default(), 0));
    let counted = crowd(6, &counter, |counter, me| {
        (0..3).for_each(|_| counter.add(2));
        counter.fetch_sub(me as i64);
    });
    let resets = crowd(2, &counter, |counter, _| counter.reset() + counter.reset());
    join_all(counted);
    let taken: i64 = join_all(resets).into_iter().sum();
    assert_eq!(taken + counter.get(), 6 * 6 - 15);
}

/// The same of the counter that each thread has a part of. More threads than a model's has parts, and a look that never goes down.
#[test]
fn nothing_is_lost_in_parts() {
    model(|| {
        let counter = Arc::new(ShardedCounter::new());
        let counted = crowd(5, &counter, |counter, _| (0..3).for_each(|_| counter.add(2)));
        let reader = spawn(&counter, |counter| [(); 3].map(|()| counter.sum()));
        let looks = reader.join().unwrap();
        assert!(looks.is_sorted(), "{looks:?}");
        let reset = spawn(&counter, |counter| counter.reset());
        join_all(counted);
        assert_eq!(reset.join().unwrap() + counter.sum(), 30);
    });
}
