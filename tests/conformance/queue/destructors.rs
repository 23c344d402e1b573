//! Items whose destructors use the queue that they were in, and items whose destructors panic: §19, case 12.

use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use nogil::queue::Queue;
use nogil::{Atomic, Wing};

use super::{Bomb, Deed, Kind, OnDrop, bounded, unbounded};
use crate::harness::{over_each_queue, panic_of};

over_each_queue! {
    s19_12_destructors_after_get_may_use_the_queue,
    s19_12_destructors_after_shutdown_may_use_the_queue,
    s19_12_destructors_of_refused_items_may_use_the_queue,
    s19_12_what_others_deferred_runs_in_no_call,
    s19_12_the_destructor_of_a_threads_own_value_may_use_the_queue,
    s19_12_destructors_find_the_queue_gone_that_drops_them,
    s19_12_a_task_is_done_after_its_item_is_dropped,
    s19_12_a_task_is_done_though_its_destructor_panics,
    s19_12_a_destructor_that_panics_leaves_the_queue_usable,
    s19_12_a_destructor_that_panics_leaves_no_item_out,
}

/// The locked wing drops its items as std's collections do, which end the process at the second panic.
mod atomic_wing_alone {
    use nogil::queue::{Fifo, Lifo};

    #[test]
    fn s19_12_payloads_that_panic_leave_no_item_out() {
        crate::harness::watched(super::s19_12_payloads_that_panic_leave_no_item_out::<Fifo>);
    }

    #[test]
    fn s19_12_payloads_that_panic_leave_no_item_out_lifo() {
        crate::harness::watched(super::s19_12_payloads_that_panic_leave_no_item_out::<Lifo>);
    }
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
    static IN_A_CALL: Cell<bool> = const { Cell::new(false) };
}

/// A queue that frees by `crossbeam-epoch` runs nothing that other users of that crate have deferred: it may panic, wait, or use the queue.
fn s19_12_what_others_deferred_runs_in_no_call<W: Wing, O: Kind<W>>() {
    let queue: Queue<usize, W, O> = bounded(1);
    let in_calls = Arc::new(AtomicUsize::new(0));
    for item in 0..2_000 {
        let guard = crossbeam_epoch::pin();
        // As many as make the collector hand them on.
        for _ in 0..64 {
            let in_calls = in_calls.clone();
            guard.defer(move || in_calls.fetch_add(IN_A_CALL.get().into(), Ordering::SeqCst));
        }
        drop(guard);
        IN_A_CALL.set(true);
        queue.put(item).unwrap();
        assert!(queue.put_timeout(item, Duration::from_micros(1)).is_err());
        assert_eq!(queue.get(), Ok(item));
        assert!(queue.get_timeout(Duration::from_micros(1)).is_err());
        IN_A_CALL.set(false);
    }
    assert_eq!(in_calls.load(Ordering::SeqCst), 0);
}

/// The destructor of a thread's own value, when the thread has given back what a queue keeps for it.
fn s19_12_the_destructor_of_a_threads_own_value_may_use_the_queue<W: Wing, O: Kind<W>>() {
    thread_local! {
        static LAST: RefCell<Option<OnDrop>> = const { RefCell::new(None) };
    }
    let (queue, runs): (Shared<W, O>, _) = (Arc::new(unbounded()), Arc::default());
    for number in 0..20 {
        let (last, queue) = (meddler(number, &queue, &runs), queue.clone());
        let ends = move || {
            // Before the call, or it would be dropped while the queue still has what it keeps.
            LAST.set(Some(last));
            drop(queue.put(OnDrop::plain(number)));
        };
        thread::spawn(ends).join().unwrap();
    }
    assert_eq!(runs.load(Ordering::SeqCst), 20);
    assert_eq!(queue.shutdown_now().len(), 60);
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

/// Two items whose destructors panic, with payloads that panic in turn if they are dropped: the first panic goes on, and the other is let be.
fn s19_12_payloads_that_panic_leave_no_item_out<O: Kind<Atomic>>() {
    for queue in [unbounded::<OnDrop, Atomic, O>(), bounded(5)] {
        let runs = Arc::new(AtomicUsize::new(0));
        for number in 0..5 {
            let runs = runs.clone();
            let item = OnDrop::new(number, move || {
                runs.fetch_add(1, Ordering::SeqCst);
                if number == 1 || number == 3 {
                    panic_any(Bomb);
                }
            });
            assert!(queue.put(item).is_ok());
        }
        let payload = catch_unwind(AssertUnwindSafe(|| drop(queue))).unwrap_err();
        assert!(payload.is::<Bomb>(), "it is a destructor's own");
        mem::forget(payload);
        assert_eq!(runs.load(Ordering::SeqCst), 5);
    }
}
