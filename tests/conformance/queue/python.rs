//! The cases of CPython's own tests. Left out: 4 (a `Duration` is never negative) and 6 (a capacity never changes); 25, a
//! queue whose store fails, is in `priority_queue.rs`, where there is code of the user's that can.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use nogil::queue::Queue;
use nogil::{ShutDown, TaskDoneError, TryGetError, TryPutError, Wing};

use super::{Deed, Kind, bounded, in_order, unbounded};
use crate::harness::{MOMENT, PATIENCE, eventually, over_each_queue, start, takes};

over_each_queue! {
    s17_01_task_done_of_a_fresh_queue,
    s17_02_join,
    s17_03_basic,
    s17_05_nowait,
    s17_07_shutdown_empty,
    s17_08_shutdown_nonempty,
    s17_09_shutdown_immediate,
    s17_10_allowed_transitions,
    s17_11_all_methods_after_graceful_shutdown,
    s17_12_all_methods_after_immediate_shutdown,
    s17_13_many_threads_graceful,
    s17_14_many_threads_immediate,
    s17_15_get_after_graceful_shutdown,
    s17_16_get_after_immediate_shutdown,
    s17_17_18_put_after_shutdown,
    s17_19_join_immediate,
    s17_20_join_graceful,
    s17_21_put_and_join_immediate,
    s17_22_put_and_join_graceful,
    s17_23_get_task_done_join,
    s17_24_pending_get,
}

fn s17_01_task_done_of_a_fresh_queue<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    assert!(queue.task_done().is_err());
    assert_eq!(queue.unfinished_tasks(), 0);
}

fn s17_02_join<W: Wing, O: Kind<W>>() {
    const STOP: usize = usize::MAX;
    let queue = unbounded::<usize, W, O>();
    for _ in 0..2 {
        let sum = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    loop {
                        let item = queue.get().unwrap();
                        if item != STOP {
                            sum.fetch_add(item, Ordering::Relaxed);
                        }
                        queue.task_done().unwrap();
                        if item == STOP {
                            break;
                        }
                    }
                });
            }
            for item in 0..100 {
                queue.put(item).unwrap();
            }
            queue.join();
            // Relaxed on both sides: it is the join that makes the sums visible.
            assert_eq!(sum.load(Ordering::Relaxed), 4950);
            queue.put_many([STOP, STOP]).unwrap();
            queue.join();
        });
    }
    assert!(queue.task_done().is_err());
}

fn s17_03_basic<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(5);
    for _ in 0..2 {
        assert!(queue.is_empty() && !queue.is_full());
        queue.put_many([111, 333, 222]).unwrap();
        assert!(!queue.is_empty() && !queue.is_full());
        assert_eq!([(); 3].map(|()| queue.get().unwrap()).to_vec(), in_order::<W, O>([111, 333, 222]));

        for item in 0..5 {
            queue.put(item).unwrap();
        }
        assert!(queue.is_full());
        assert_eq!(queue.try_put(9), Err(TryPutError::Full(9)));
        assert_eq!(takes(MOMENT, || queue.put_timeout(9, MOMENT)), Err(TryPutError::Full(9)));
        thread::scope(|scope| {
            let putter = start(scope, || queue.put(9));
            putter.until_blocked();
            queue.get().unwrap();
            assert_eq!(putter.join(), Ok(()));
            let putter = start(scope, || queue.put_timeout(9, PATIENCE));
            putter.until_blocked();
            queue.get().unwrap();
            assert_eq!(putter.join(), Ok(()));
        });

        for _ in 0..5 {
            queue.get().unwrap();
        }
        assert!(queue.is_empty());
        assert_eq!(queue.try_get(), Err(TryGetError::Empty));
        assert_eq!(takes(MOMENT, || queue.get_timeout(MOMENT)), Err(TryGetError::Empty));
        thread::scope(|scope| {
            let getter = start(scope, || queue.get());
            getter.until_blocked();
            queue.put(7).unwrap();
            assert_eq!(getter.join(), Ok(7));
            let getter = start(scope, || queue.get_timeout(PATIENCE));
            getter.until_blocked();
            queue.put(8).unwrap();
            assert_eq!(getter.join(), Ok(8));
        });
    }
}

fn s17_05_nowait<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(5);
    for item in 0..5 {
        queue.try_put(item).unwrap();
    }
    assert_eq!(queue.try_put(5), Err(TryPutError::Full(5)));
    for item in in_order::<W, O>(0..5) {
        assert_eq!(queue.try_get(), Ok(item));
    }
    assert_eq!(queue.try_get(), Err(TryGetError::Empty));
}

fn s17_07_shutdown_empty<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    queue.shutdown();
    assert_eq!(queue.put(1), Err(ShutDown(1)));
    assert_eq!(queue.get(), Err(ShutDown(())));
}

fn s17_08_shutdown_nonempty<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    queue.put(1).unwrap();
    queue.shutdown();
    assert_eq!(queue.get(), Ok(1));
    assert_eq!(queue.get(), Err(ShutDown(())));
}

fn s17_09_shutdown_immediate<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    queue.put_many([2, 3, 1]).unwrap();
    assert_eq!(queue.shutdown_now(), in_order::<W, O>([2, 3, 1]));
    assert_eq!(queue.get(), Err(ShutDown(())));
    assert!(queue.is_empty());
}

fn s17_10_allowed_transitions<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    assert!(!queue.is_shut_down());
    queue.shutdown();
    assert!(queue.is_shut_down());
    queue.shutdown_now();
    assert!(queue.is_shut_down());
    queue.shutdown();
    assert!(queue.is_shut_down());
    assert_eq!(queue.shutdown_now(), []);
}

fn s17_11_all_methods_after_graceful_shutdown<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(5);
    queue.put_many([1, 2]).unwrap();
    queue.shutdown();
    nothing_can_be_put(&queue);
    for item in in_order::<W, O>([1, 2]) {
        assert_eq!(queue.get(), Ok(item));
        queue.task_done().unwrap();
    }
    queue.join();
    nothing_can_be_fetched(&queue);
}

fn s17_12_all_methods_after_immediate_shutdown<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(5);
    queue.put_many([1, 2]).unwrap();
    queue.shutdown_now();
    nothing_can_be_put(&queue);
    nothing_can_be_fetched(&queue);
    assert!(queue.task_done().is_err());
    queue.join();
}

fn nothing_can_be_put<W: Wing, O: Kind<W>>(queue: &Queue<usize, W, O>) {
    assert_eq!(queue.put(9), Err(ShutDown(9)));
    assert_eq!(queue.try_put(9), Err(TryPutError::ShutDown(9)));
    assert_eq!(queue.put_timeout(9, PATIENCE), Err(TryPutError::ShutDown(9)));
    assert_eq!(queue.put_many([8, 9]), Err(ShutDown(vec![8, 9])));
    assert_eq!(queue.try_put_many([8, 9]), Err(TryPutError::ShutDown(vec![8, 9])));
    assert_eq!(queue.put_many_timeout([8, 9], PATIENCE), Err(TryPutError::ShutDown(vec![8, 9])));
}

fn nothing_can_be_fetched<W: Wing, O: Kind<W>>(queue: &Queue<usize, W, O>) {
    assert_eq!(queue.get(), Err(ShutDown(())));
    assert_eq!(queue.try_get(), Err(TryGetError::ShutDown));
    assert_eq!(queue.get_timeout(PATIENCE), Err(TryGetError::ShutDown));
    assert_eq!(queue.get_many(2), Err(ShutDown(())));
    assert_eq!(queue.try_get_many(2), Err(TryGetError::ShutDown));
    assert_eq!(queue.get_many_timeout(2, PATIENCE), Err(TryGetError::ShutDown));
    assert!(queue.get_task().is_err());
    assert!(queue.try_get_task().unwrap_err().is_shut_down());
    assert!(queue.get_task_timeout(PATIENCE).unwrap_err().is_shut_down());
    assert_eq!((queue.iter().next(), queue.try_iter().next()), (None, None));
}

fn s17_13_many_threads_graceful<W: Wing, O: Kind<W>>() {
    many_threads::<W, O>(|queue| {
        queue.shutdown();
        Vec::new()
    });
}

fn s17_14_many_threads_immediate<W: Wing, O: Kind<W>>() {
    many_threads::<W, O>(Queue::shutdown_now);
}

/// Four writers, six polling readers and two joiners; one writer, half-way, has the queue shut down. All end, and each item
/// that was put is either fetched or handed back.
fn many_threads<W: Wing, O: Kind<W>>(shut_down: impl Fn(&Queue<usize, W, O>) -> Vec<usize> + Sync) {
    const EACH: usize = 4096;
    let queue = unbounded::<usize, W, O>();
    let (put, fetched) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let discarded = thread::scope(|scope| {
        let (queue, put, shut_down) = (&queue, &put, &shut_down);
        let shutters: Vec<_> = (0..4)
            .map(|writer| {
                scope.spawn(move || {
                    let mut shutter = None;
                    for item in 0..EACH {
                        if writer == 0 && item == EACH / 2 {
                            shutter = Some(scope.spawn(move || shut_down(queue)));
                        }
                        if queue.put(item).is_err() {
                            break;
                        }
                        put.fetch_add(1, Ordering::Relaxed);
                    }
                    shutter
                })
            })
            .collect();
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    match queue.try_get() {
                        Ok(_) => {
                            fetched.fetch_add(1, Ordering::Relaxed);
                            queue.task_done().unwrap();
                        }
                        Err(TryGetError::Empty) => thread::yield_now(),
                        Err(TryGetError::ShutDown) => break,
                    }
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| queue.join());
        }
        let shutters = shutters.into_iter().filter_map(|writer| writer.join().unwrap());
        shutters.map(|shutter| shutter.join().unwrap().len()).sum::<usize>()
    });
    assert_eq!(put.into_inner(), fetched.into_inner() + discarded);
    assert!(queue.is_empty());
    assert_eq!(queue.unfinished_tasks(), 0);
}

fn s17_15_get_after_graceful_shutdown<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    queue.put_many([1, 2]).unwrap();
    queue.shutdown();
    thread::scope(|scope| {
        let getters = [(); 3].map(|()| start(scope, || queue.get()));
        let mut answers = getters.map(|getter| getter.join().ok());
        answers.sort_unstable();
        assert_eq!(answers, [None, Some(1), Some(2)]);
    });
}

fn s17_16_get_after_immediate_shutdown<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    queue.put_many([1, 2]).unwrap();
    queue.shutdown_now();
    thread::scope(|scope| {
        let getters = [(); 2].map(|()| start(scope, || queue.get()));
        assert_eq!(getters.map(|getter| getter.join()), [Err(ShutDown(())); 2]);
    });
}

fn s17_17_18_put_after_shutdown<W: Wing, O: Kind<W>>() {
    let shut_downs: [Deed<usize, W, O>; 2] = [Queue::shutdown, |queue| drop(queue.shutdown_now())];
    for shut_down in shut_downs {
        let queue = bounded::<usize, W, O>(2);
        queue.put_many([1, 2]).unwrap();
        shut_down(&queue);
        thread::scope(|scope| {
            let putters = [(); 2].map(|()| start(scope, || queue.put(4)));
            assert_eq!(putters.map(|putter| putter.join()), [Err(ShutDown(4)); 2]);
        });
    }
}

fn s17_19_join_immediate<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    queue.put(1).unwrap();
    thread::scope(|scope| {
        let joiners = [(); 2].map(|()| start(scope, || queue.join()));
        joiners.iter().for_each(|joiner| joiner.until_blocked());
        queue.shutdown_now();
        joiners.into_iter().for_each(|joiner| joiner.join());
    });
}

fn s17_20_join_graceful<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    queue.put(1).unwrap();
    thread::scope(|scope| {
        let joiners = [(); 2].map(|()| start(scope, || queue.join()));
        joiners.iter().for_each(|joiner| joiner.until_blocked());
        queue.shutdown();
        joiners.iter().for_each(|joiner| joiner.until_blocked());
        assert_eq!(queue.get(), Ok(1));
        joiners.iter().for_each(|joiner| joiner.until_blocked());
        queue.task_done().unwrap();
        joiners.into_iter().for_each(|joiner| joiner.join());
    });
}

fn s17_21_put_and_join_immediate<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    queue.put(1).unwrap();
    thread::scope(|scope| {
        let joiner = start(scope, || queue.join());
        joiner.until_blocked();
        queue.shutdown_now();
        assert_eq!(start(scope, || queue.put(2)).join(), Err(ShutDown(2)));
        joiner.join();
        assert_eq!(queue.try_get(), Err(TryGetError::ShutDown));
    });
}

fn s17_22_put_and_join_graceful<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    queue.put(1).unwrap();
    thread::scope(|scope| {
        let joiner = start(scope, || queue.join());
        joiner.until_blocked();
        queue.shutdown();
        assert_eq!(start(scope, || queue.put(2)).join(), Err(ShutDown(2)));
        assert_eq!(queue.get(), Ok(1));
        queue.task_done().unwrap();
        joiner.join();
    });
}

fn s17_23_get_task_done_join<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    queue.put_many([1, 2]).unwrap();
    thread::scope(|scope| {
        let joiners = [(); 2].map(|()| start(scope, || queue.join()));
        joiners.iter().for_each(|joiner| joiner.until_blocked());
        queue.shutdown();
        let consumers = [(); 2].map(|()| {
            start(scope, || -> Result<(), TaskDoneError> {
                queue.get().expect("there is an item for each");
                queue.task_done()
            })
        });
        assert_eq!(consumers.map(|consumer| consumer.join()), [Ok(()); 2]);
        joiners.into_iter().for_each(|joiner| joiner.join());
    });
}

fn s17_24_pending_get<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    thread::scope(|scope| {
        let getter = start(scope, || queue.get());
        getter.until_blocked();
        queue.shutdown();
        eventually("the getter ends", || getter.is_finished());
        assert_eq!(getter.join(), Err(ShutDown(())));
    });
}
