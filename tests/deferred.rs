//! Code that others gave `crossbeam-epoch` to run later, and that panics where it runs: in a call of a queue. In a process of its own, since the collector is of the
//! whole process.

#![cfg(not(any(loom, shuttle)))]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use std::{panic, thread};

use nogil::LifoQueue;

const MOMENT: Duration = Duration::from_micros(1);

static ARMED: AtomicBool = AtomicBool::new(false);
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

/// While it lives deferred code panics, and nobody is told.
struct Armed;

impl Armed {
    fn new() -> Self {
        panic::set_hook(Box::new(|_| ()));
        ARMED.store(true, SeqCst);
        Self
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        ARMED.store(false, SeqCst);
        // Not while a test fails: whoever panics may not change the hook.
        if !thread::panicking() {
            drop(panic::take_hook());
        }
    }
}

/// Some that panics, to run at another place in each round: every so many pins run what was deferred.
fn prepare(round: usize) {
    try_call(defer);
    (0..round % 7).for_each(|_| try_call(crossbeam_epoch::pin));
}

/// A call that a panic ends leaves no trace of its thread: nobody makes an attempt for it any longer.
fn a_panic_leaves_nobody_in_a_list() {
    let armed = Armed::new();
    let queue = LifoQueue::bounded(1);
    for round in 0..3_000_usize {
        prepare(round);
        try_call(|| queue.get_timeout(MOMENT));
        try_call(|| queue.try_put(round));
        try_call(|| queue.put_timeout(round, MOMENT));
        try_call(|| queue.try_get());
    }
    drop(armed);
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

/// A put that has stored its item and then panics has woken who waits for it.
fn a_panic_leaves_nobody_asleep_beside_an_item() {
    let armed = Armed::new();
    let queue = LifoQueue::unbounded();
    thread::scope(|scope| {
        scope.spawn(|| while !matches!(catch_unwind(AssertUnwindSafe(|| queue.get())), Ok(Err(_))) {});
        for round in 0..2_000 {
            prepare(round);
            try_call(|| queue.put(round));
            let begin = Instant::now();
            while !queue.is_empty() {
                // Else this test would never end.
                if begin.elapsed() > Duration::from_secs(30) {
                    queue.shutdown_now();
                    panic!("an item lies beside a getter that sleeps");
                }
                thread::yield_now();
            }
        }
        drop(armed);
        queue.shutdown();
    });
}

/// A shutdown that a panic ends has either not begun or woken who waits for room.
fn a_panic_leaves_nobody_asleep_at_the_end() {
    let armed = Armed::new();
    thread::scope(|scope| {
        let (full, queues) = mpsc::channel::<Arc<LifoQueue<usize>>>();
        let (answered, answers) = mpsc::channel();
        // One thread throughout, which ends when nothing panics any longer.
        scope.spawn(move || {
            for queue in queues {
                try_call(|| queue.put_timeout(2, Duration::from_secs(40)));
                answered.send(()).unwrap();
            }
        });
        for round in 0..500 {
            let queue = Arc::new(LifoQueue::bounded(1));
            try_call(|| queue.put(1));
            full.send(queue.clone()).unwrap();
            thread::sleep(Duration::from_micros(100));
            prepare(round);
            while !queue.is_shut_down() {
                try_call(|| queue.shutdown_now());
            }
            let answer = answers.recv_timeout(Duration::from_secs(30));
            assert!(answer.is_ok(), "a putter sleeps at a queue that was shut down");
        }
        drop(armed);
    });
}

/// One test: what is deferred runs in any thread of the process, and where a thread ends a panic aborts.
#[test]
fn a_panic_of_deferred_code_leaves_no_waiter_behind() {
    a_panic_leaves_nobody_in_a_list();
    a_panic_leaves_nobody_asleep_beside_an_item();
    a_panic_leaves_nobody_asleep_at_the_end();
}
