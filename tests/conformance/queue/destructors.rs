//! Items whose destructors use the queue that they were in, and items whose destructors panic: §19, case 12.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use nogil::Wing;
use nogil::queue::Queue;

use super::{Deed, Kind, OnDrop, bounded, unbounded};
use crate::harness::{over_each_queue, panic_of};

over_each_queue! {
    s19_12_destructors_after_get_may_use_the_queue,
    s19_12_destructors_after_shutdown_may_use_the_queue,
    s19_12_destructors_of_refused_items_may_use_the_queue,
    s19_12_destructors_that_others_deferred_may_use_the_queue,
    s19_12_destructors_that_others_deferred_may_run_in_a_wait,
    s19_12_destructors_find_the_queue_gone_that_drops_them,
    s19_12_a_task_is_done_after_its_item_is_dropped,
    s19_12_a_task_is_done_though_its_destructor_panics,
    s19_12_a_destructor_that_panics_leaves_the_queue_usable,
    s19_12_a_destructor_that_panics_leaves_no_item_out,
}

type Shared<W, O> = Arc<Queue<OnDrop, W, O>>;

/// An item that makes every call that does not wait when it is dropped, and counts that in `runs`.
fn meddler<W: Wing, O: Kind<W>>(number: usize, queue: &Shared<W, O>, runs: &Arc<AtomicUsize>) -> OnDrop {
    let (queue, runs) = (queue.clone(), runs.clone());
    OnDrop::new(number, move || {
        drop(queue.try_put(OnDrop::plain(100)));
        drop(queue.try_put_many([OnDrop::plain(101)]));
        let _ = queue.task_done();
        let _ = (queue.len(), queue.unfinished_tasks(), queue.is_shut_down(), queue.try_join());
        assert!(!format!("{queue:?}").contains("busy"));
        runs.fetch_add(1, Ordering::SeqCst);
    })
}

fn s19_12_destructors_after_get_may_use_the_queue<W: Wing, O: Kind<W>>() {
    let (queue, runs): (Shared<W, O>, _) = (Arc::new(unbounded()), Arc::default());
    let refill = || queue.put_many((0..2).map(|number| meddler(number, &queue, &runs))).unwrap();
    refill();
    drop((queue.get(), queue.try_get()));
    refill();
    drop(queue.get_many(usize::MAX));
    refill();
    queue.try_iter().take(20).for_each(drop);
    assert_eq!(runs.load(Ordering::SeqCst), 6);
    queue.shutdown_now();
}

fn s19_12_destructors_after_shutdown_may_use_the_queue<W: Wing, O: Kind<W>>() {
    let (queue, runs): (Shared<W, O>, _) = (Arc::new(unbounded()), Arc::default());
    queue.put_many((0..3).map(|number| meddler(number, &queue, &runs))).unwrap();
    drop(queue.shutdown_now());
    assert_eq!(runs.load(Ordering::SeqCst), 3);
    assert!(queue.is_empty());
}

fn s19_12_destructors_of_refused_items_may_use_the_queue<W: Wing, O: Kind<W>>() {
    let (queue, runs): (Shared<W, O>, _) = (Arc::new(bounded(1)), Arc::default());
    queue.put(OnDrop::plain(0)).unwrap();
    drop(queue.try_put(meddler(1, &queue, &runs)));
    drop(queue.try_put_many((0..2).map(|number| meddler(number, &queue, &runs))));
    queue.shutdown();
    drop(queue.put(meddler(1, &queue, &runs)));
    assert_eq!(runs.load(Ordering::SeqCst), 4);
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Makes a call that was deferred, but not within another such. On a thread that ends each pin is a first one, and may run more of what was deferred: calls that
/// pin would nest without a bound, and use up the stack.
fn not_within_another(call: impl FnOnce()) {
    if !INSIDE.replace(true) {
        call();
        INSIDE.set(false);
    }
}

/// A queue that pins, for `crossbeam-epoch`, may run what another user of that crate has deferred, at any time and on any thread.
fn s19_12_destructors_that_others_deferred_may_use_the_queue<W: Wing, O: Kind<W>>() {
    let queue: Shared<W, O> = Arc::new(unbounded());
    let runs = Arc::new(AtomicUsize::new(0));
    for number in 0..2000 {
        let (shared, runs) = (queue.clone(), runs.clone());
        let guard = crossbeam_epoch::pin();
        guard.defer(move || {
            not_within_another(|| drop(shared.try_get()));
            runs.fetch_add(1, Ordering::SeqCst);
        });
        guard.flush();
        drop(guard);
        assert!(queue.put(OnDrop::plain(number)).is_ok());
        drop(queue.try_get());
    }
    // The other wing pins nothing, so nothing more need have run; but none of it is stuck.
    assert!(runs.load(Ordering::SeqCst) <= 2000);
}

/// So it may while the thread on which it runs waits, or helps one that does.
fn s19_12_destructors_that_others_deferred_may_run_in_a_wait<W: Wing, O: Kind<W>>() {
    const MOMENT: Duration = Duration::from_micros(1);
    let queue: Shared<W, O> = Arc::new(bounded(1));
    // Not flushed, or it would run right here: as many as make `crossbeam-epoch` hand them on by itself.
    let defer = || {
        let guard = crossbeam_epoch::pin();
        for _ in 0..64 {
            let queue = queue.clone();
            guard.defer(move || {
                not_within_another(|| {
                    drop(queue.try_put(OnDrop::plain(1)));
                    drop(queue.try_get());
                });
            });
        }
    };
    for _ in 0..200 {
        defer();
        drop(queue.get_timeout(MOMENT));
        drop(queue.try_put(OnDrop::plain(2)));
        drop(queue.put_timeout(OnDrop::plain(3), MOMENT));
        drop(queue.try_get());
    }
    thread::scope(|scope| {
        scope.spawn(|| while queue.get().is_ok() {});
        for _ in 0..2_000 {
            defer();
            // Beside the other getter, which is in the list as this one leaves it.
            drop(queue.get_timeout(MOMENT));
            drop(queue.put(OnDrop::plain(4)));
        }
        queue.shutdown();
    });
}

fn s19_12_destructors_find_the_queue_gone_that_drops_them<W: Wing, O: Kind<W>>() {
    let runs = Arc::new(AtomicUsize::new(0));
    let queue: Shared<W, O> = Arc::new(unbounded());
    for number in 0..3 {
        let (weak, runs): (Weak<Queue<OnDrop, W, O>>, _) = (Arc::downgrade(&queue), runs.clone());
        let item = OnDrop::new(number, move || {
            assert!(weak.upgrade().is_none());
            runs.fetch_add(1, Ordering::SeqCst);
        });
        assert!(queue.put(item).is_ok());
    }
    drop(queue);
    assert_eq!(runs.load(Ordering::SeqCst), 3);
}

fn s19_12_a_task_is_done_after_its_item_is_dropped<W: Wing, O: Kind<W>>() {
    let queue: Shared<W, O> = Arc::new(unbounded());
    let inner = queue.clone();
    queue.put(OnDrop::new(0, move || assert_eq!(inner.unfinished_tasks(), 1))).unwrap();
    drop(queue.get_task().unwrap());
    assert!(queue.try_join());
}

fn s19_12_a_task_is_done_though_its_destructor_panics<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<OnDrop, W, O>();
    queue.put(OnDrop::new(0, || panic!("in the destructor"))).unwrap();
    let task = queue.get_task().unwrap();
    assert_eq!(panic_of(|| drop(task)), "in the destructor");
    assert!(queue.try_join());
}

fn s19_12_a_destructor_that_panics_leaves_the_queue_usable<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<OnDrop, W, O>();
    let drop_one: [Deed<OnDrop, W, O>; 2] = [|queue| drop(queue.get()), |queue| drop(queue.get_many(1))];
    for drop_it in drop_one {
        queue.put(OnDrop::new(0, || panic!("in the destructor"))).unwrap();
        assert_eq!(panic_of(|| drop_it(&queue)), "in the destructor");
        queue.put(OnDrop::plain(1)).unwrap();
        assert_eq!(queue.get().unwrap().number, 1);
    }
    queue.put(OnDrop::new(0, || panic!("in the destructor"))).unwrap();
    assert_eq!(panic_of(|| drop(queue.shutdown_now())), "in the destructor");
    assert!(queue.is_shut_down() && queue.is_empty());
}

fn s19_12_a_destructor_that_panics_leaves_no_item_out<W: Wing, O: Kind<W>>() {
    for queue in [unbounded::<OnDrop, W, O>(), bounded(5)] {
        let runs = Arc::new(AtomicUsize::new(0));
        for number in 0..5 {
            let runs = runs.clone();
            let item = OnDrop::new(number, move || {
                runs.fetch_add(1, Ordering::SeqCst);
                assert!(number != 2, "in the destructor");
            });
            assert!(queue.put(item).is_ok());
        }
        assert_eq!(panic_of(|| drop(queue)), "in the destructor");
        assert_eq!(runs.load(Ordering::SeqCst), 5);
    }
}
