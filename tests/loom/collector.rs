//! What the stack asks of `crossbeam-epoch` when it looks again: a thread that drops its guard and pins anew sees no node that may be freed before the new guard is gone.
//!
//! `Guard::repin` (of 0.9.21) does not give that. It publishes the epoch that it has looked at, and has no fence after it as `pin` has, so a look at a node may be older than that
//! look at the epoch: the node was unlinked before that epoch began, and does not wait for it. With `guard.repin()` in place of the two lines below, this model fails. (x86 keeps looks in order.)

use std::sync::Arc;

use crossbeam_epoch::{Atomic, Collector, Owned, Shared};
use loom::sync::atomic::Ordering::Acquire;
use loom::thread::yield_now;

use crate::harness::{Plain, model, spawn};

#[test]
fn who_pins_anew_keeps_what_it_sees() {
    model(|| {
        let shared = Arc::new((Collector::new(), Atomic::from(Owned::new(Plain::new()))));
        let reader = spawn(&shared, |(collector, top): &(Collector, Atomic<Plain>)| {
            let handle = collector.register();
            // A thread's first pin collects, which would itself move the epoch on. So here, and below.
            drop(handle.pin());
            let mut guard = handle.pin();
            yield_now();
            drop(guard);
            guard = handle.pin();
            // SAFETY: what the collector promises, and is tested here.
            if let Some(node) = unsafe { top.load(Acquire, &guard).as_ref() } {
                node.get();
            }
            yield_now();
            drop(guard);
        });

        let (collector, top) = &*shared;
        let handle = collector.register();
        drop(handle.pin());
        yield_now();
        let guard = handle.pin();
        let node = top.swap(Shared::null(), Acquire, &guard).as_raw() as usize;
        // Written to, and not freed, so that loom reports a reader that is not done with it.
        // SAFETY: as above; the node lives until the end of the process, and what is deferred runs in this execution.
        unsafe { guard.defer_unchecked(move || (*(node as *const Plain)).set(1)) };
        guard.flush();
        drop(guard);
        yield_now();
        handle.pin().flush();
        reader.join().unwrap();
    });
}
