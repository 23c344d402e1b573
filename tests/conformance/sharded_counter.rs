//! `ShardedCounter`, which has one engine.

use std::cell::Cell;
use std::thread;

use nogil::{Event, ShardedCounter};

use crate::harness::{panic_of, watched};

#[test]
fn it_adds_and_subtracts() {
    let counter = ShardedCounter::default();
    counter.increment();
    counter.add(10);
    counter.decrement();
    counter.sub(3);
    assert_eq!(counter.sum(), 7);
    assert_eq!(format!("{counter:?}"), "ShardedCounter { sum: 7 }");
    assert_eq!(counter.reset(), 7);
    assert_eq!((counter.sum(), counter.reset()), (0, 0));
    counter.add(-2);
    assert_eq!(counter.sum(), -2);
}

#[test]
fn nothing_is_lost_by_many_threads() {
    static COUNTER: ShardedCounter = ShardedCounter::new();
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| (0..10_000).for_each(|_| COUNTER.increment()));
        }
    });
    assert_eq!(COUNTER.sum(), 200_000);
}

/// More threads at a time than the first blocks have stripes, and then as many again, which take the numbers of the first.
#[test]
fn threads_that_come_later_count_on_where_others_ended() {
    watched(|| {
        let counter = ShardedCounter::new();
        for round in 1..=3 {
            let go = Event::new();
            thread::scope(|scope| {
                for _ in 0..40 {
                    scope.spawn(|| {
                        counter.increment();
                        go.wait();
                        counter.increment();
                    });
                }
                while counter.sum() < round * 80 - 40 {
                    thread::yield_now();
                }
                go.set();
            });
            assert_eq!(counter.sum(), round * 80);
        }
    });
}

/// Whatever is counted while two threads reset is in exactly one of their answers, or in the last sum.
#[test]
fn resets_lose_nothing_and_count_nothing_twice() {
    let counter = ShardedCounter::new();
    let resets = thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..50_000).for_each(|_| counter.increment()));
        }
        let resetters = [(); 2].map(|()| scope.spawn(|| (0..500).map(|_| counter.reset()).sum::<i64>()));
        resetters.map(|resetter| resetter.join().unwrap()).iter().sum::<i64>()
    });
    assert_eq!(resets + counter.sum(), 150_000);
}

/// A destructor of a thread-local value may count, whether the thread's number was given back before or not.
#[test]
fn threads_count_while_they_end() {
    struct CountsLate<'a>(&'a ShardedCounter);
    impl Drop for CountsLate<'_> {
        fn drop(&mut self) {
            self.0.increment();
        }
    }
    static COUNTER: ShardedCounter = ShardedCounter::new();
    thread_local! {
        static LATE: Cell<Option<CountsLate<'static>>> = const { Cell::new(None) };
    }
    for counts_before in [false, true] {
        for counts_first in [false, true] {
            let before = COUNTER.sum();
            thread::spawn(move || {
                if counts_first {
                    COUNTER.increment();
                }
                LATE.set(Some(CountsLate(&COUNTER)));
                if counts_before {
                    COUNTER.increment();
                }
            })
            .join()
            .unwrap();
            assert_eq!(COUNTER.sum(), before + 1 + i64::from(counts_first) + i64::from(counts_before));
        }
    }
}

#[test]
fn what_is_no_i64_is_a_panic_that_changes_nothing() {
    let counter = ShardedCounter::new();
    counter.add(i64::MAX);
    let added = "the counter would pass the bounds of an i64; nothing was added";
    assert_eq!(panic_of(|| counter.increment()), added);
    assert_eq!(counter.sum(), i64::MAX);

    // Each stripe holds, but their sum does not.
    thread::scope(|scope| scope.spawn(|| counter.add(1)).join().unwrap());
    assert_eq!(panic_of(|| counter.sum()), "the sum of the counter is not an i64");
    assert_eq!(panic_of(|| counter.reset()), "the sum of the counter is not an i64; nothing was changed");
    assert_eq!(format!("{counter:?}"), "ShardedCounter { sum: <overflow> }");
    counter.sub(1);
    assert_eq!(counter.sum(), i64::MAX);

    let counter = ShardedCounter::new();
    counter.add(-1);
    assert_eq!(panic_of(|| counter.add(i64::MIN)), added);
    counter.sub(i64::MIN);
    assert_eq!(counter.sum(), i64::MAX);
}
