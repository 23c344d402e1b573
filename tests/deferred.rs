//! Code that others gave `crossbeam-epoch` to run later, and that panics where it runs: in a call of a queue. In a process of its own, since the collector is of the
//! whole process.

#![cfg(not(any(loom, shuttle)))]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use std::{panic, thread};

use nogil::LifoQueue;

const MOMENT: Duration = Duration::from_micros(1);

static ARMED: AtomicBool = AtomicBool::new(true);
static PANICS: AtomicUsize = AtomicUsize::new(0);

/// As many as make the collector hand them on by itself.
fn defer() {
    let guard = crossbeam_epoch::pin();
    for _ in 0..64 {
        guard.defer(|| {
            if ARMED.load(SeqCst) {
                PANICS.fetch_add(1, SeqCst);
                panic!("deferred");
            }
        });
    }
}

/// Whatever a call makes of it.
fn try_call<R>(call: impl FnOnce() -> R) {
    let _ = catch_unwind(AssertUnwindSafe(call));
}

/// A call that a panic ends leaves no trace of its thread: nobody makes an attempt for it any longer.
#[test]
fn a_panic_of_deferred_code_leaves_nobody_in_a_list() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let queue = LifoQueue::bounded(1);
    for round in 0..3_000 {
        try_call(defer);
        // Every so many pins run what was deferred: at another place in each round.
        (0..round % 7).for_each(|_| try_call(crossbeam_epoch::pin));
        try_call(|| queue.get_timeout(MOMENT));
        try_call(|| queue.try_put(round));
        try_call(|| queue.put_timeout(round, MOMENT));
        try_call(|| queue.try_get());
    }
    ARMED.store(false, SeqCst);
    panic::set_hook(hook);
    assert!(PANICS.load(SeqCst) > 0, "none of the deferred code has run");
    while queue.try_get().is_ok() {}
    thread::scope(|scope| {
        let getter = scope.spawn(|| Vec::from_iter(queue.iter()));
        (0..100).for_each(|item| queue.put(item).unwrap());
        queue.shutdown();
        let mut got = getter.join().unwrap();
        got.sort_unstable();
        assert_eq!(got, Vec::from_iter(0..100));
    });
}
