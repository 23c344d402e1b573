//! What Python's queues do not have: many items at a time, tasks that mark themselves done, iterators, `Debug`.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use nogil::queue::{Fifo, Order, OwnedTask, Queue, Task};
use nogil::{ShutDown, TryGetError, TryPutError, Wing};

use super::{Deed, Kind, OnDrop, bounded, in_order, unbounded};
use crate::harness::{Census, Item, MOMENT, PATIENCE, eventually, over_each_queue, panic_of, start};

over_each_queue! {
    put_many_wakes_as_many_getters,
    put_many_waits_for_room_as_often_as_it_takes,
    timed_batches_wait_as_untimed_ones_do,
    put_many_runs_the_iterator_outside_of_the_queue,
    put_many_of_nothing_is_had_at_once,
    get_many_takes_what_is_there,
    get_many_has_no_gaps,
    get_many_makes_room_for_as_many_putters,
    a_task_marks_itself_done,
    a_task_marks_itself_done_in_a_panic,
    a_task_gives_its_item_and_is_done,
    a_task_is_done_when_its_work_is,
    a_task_is_done_when_its_work_panics,
    a_detached_task_is_not_done,
    get_tasks_takes_what_is_there,
    timed_batches_of_tasks_wait_as_untimed_ones_do,
    tasks_that_fail_half_way_are_all_done,
    a_task_that_was_marked_by_hand_says_so,
    a_task_may_own_its_queue,
    a_task_that_owns_its_queue_is_done_as_any_other,
    a_task_of_another_queue_is_not_owned,
    a_task_is_never_done_as_it_becomes_owned,
    the_last_that_owns_a_queue_takes_it_along,
    join_waits_for_tasks_put_meanwhile,
    join_sees_what_the_tasks_did,
    a_guard_shuts_the_queue_down,
    a_panic_ends_those_who_wait_for_the_thread,
    a_panic_leaves_tasks_of_others_unfinished,
    without_a_panic_the_guard_does_nothing,
    a_guard_made_in_a_panic_does_nothing,
    a_worker_that_leaves_ends_those_who_wait_for_it,
    a_worker_that_ends_with_the_queue_takes_nothing_from_others,
    a_guard_that_is_forgotten_shuts_nothing_down,
    the_last_that_puts_shuts_the_queue_down,
    an_error_can_go_without_its_item,
    iteration_ends_at_shutdown,
    iteration_marks_nothing_done,
    try_iteration_ends_when_the_queue_is_empty,
    a_queue_is_collected_from_items,
    capacities,
    debug_shows_the_state,
    debug_shows_how_many_wait,
    random_calls_are_answered_as_by_a_model,
}

fn put_many_wakes_as_many_getters<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    thread::scope(|scope| {
        let getters = [(); 4].map(|()| start(scope, || queue.get().unwrap()));
        getters.iter().for_each(|getter| getter.until_blocked());
        queue.put_many([1, 2]).unwrap();
        eventually("two go on", || getters.iter().filter(|getter| getter.is_finished()).count() == 2);
        queue.put_many([3, 4, 5]).unwrap();
        let rest = queue.get().unwrap();
        let mut items = getters.map(|getter| getter.join());
        items.sort_unstable();
        assert_eq!(items.iter().sum::<usize>() + rest, 1 + 2 + 3 + 4 + 5);
        assert!(queue.is_empty());
    });
}

fn put_many_waits_for_room_as_often_as_it_takes<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(3);
    thread::scope(|scope| {
        let putter = start(scope, || queue.put_many(0..100));
        putter.until_blocked();
        assert_eq!(queue.len(), 3);
        let mut items: Vec<_> = (0..100).map(|_| queue.get().unwrap()).collect();
        assert_eq!(putter.join(), Ok(()));
        if <O as Order<usize, W>>::NAME != "LifoQueue" {
            assert!(items.is_sorted(), "they went in in their order");
        }
        items.sort_unstable();
        assert_eq!(items, Vec::from_iter(0..100));
    });
}

fn timed_batches_wait_as_untimed_ones_do<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(1);
    let puts: [Deed<usize, W, O, _>; 2] = [
        |queue| queue.put_many_timeout(0..10, PATIENCE),
        |queue| queue.put_many_deadline(0..10, Instant::now() + PATIENCE),
    ];
    for put in puts {
        thread::scope(|scope| {
            let putter = start(scope, || put(&queue));
            putter.until_blocked();
            assert_eq!(queue.iter().take(10).sum::<usize>(), 45);
            assert_eq!(putter.join(), Ok(()));
        });
        assert!(queue.is_empty());
    }
    let gets: [Deed<usize, W, O, _>; 2] =
        [|queue| queue.get_many_timeout(5, PATIENCE), |queue| queue.get_many_deadline(5, Instant::now() + PATIENCE)];
    for get in gets {
        thread::scope(|scope| {
            let getter = start(scope, || get(&queue));
            getter.until_blocked();
            queue.put(7).unwrap();
            assert_eq!(getter.join(), Ok(vec![7]));
        });
        // Of more than it asks for, as many as it asks for.
        let queue = Queue::<usize, W, O>::from_iter(0..10);
        assert_eq!(get(&queue).unwrap(), in_order::<W, O>(0..10)[..5]);
        assert_eq!(queue.len(), 5);
    }
}

fn put_many_runs_the_iterator_outside_of_the_queue<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    // An iterator that uses the queue which it fills, and would wait for ever if that were locked meanwhile.
    let items = (1..4).inspect(|&item| {
        queue.put(item * 10).unwrap();
        assert_eq!(queue.len(), item);
    });
    queue.put_many(items).unwrap();
    assert_eq!(queue.get_many(6), Ok(in_order::<W, O>([10, 20, 30, 1, 2, 3])));
}

fn put_many_of_nothing_is_had_at_once<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(1);
    queue.put(1).unwrap();
    assert_eq!(queue.put_many([]), Ok(()), "though it is full");
    queue.shutdown();
    assert_eq!(queue.put_many([]), Ok(()), "though it is shut down");
}

fn get_many_takes_what_is_there<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    assert_eq!(queue.get_many(0), Ok(vec![]), "though it is empty");
    assert_eq!(queue.try_get_many(5), Err(TryGetError::Empty));

    queue.put_many([3, 1, 2]).unwrap();
    assert_eq!(queue.get_many(usize::MAX), Ok(in_order::<W, O>([3, 1, 2])));

    // Also those that were put since the last look.
    let queue = unbounded::<usize, W, O>();
    queue.put_many([10, 20]).unwrap();
    let first = queue.get().unwrap();
    queue.put_many([30, 40]).unwrap();
    let mut all = queue.get_many(usize::MAX).unwrap();
    all.push(first);
    all.sort_unstable();
    assert_eq!(all, [10, 20, 30, 40]);
    queue.put_many([3, 1, 2]).unwrap();
    assert_eq!(queue.try_get_many(2), Ok(in_order::<W, O>([3, 1, 2])[..2].to_vec()));
    assert_eq!(queue.len(), 1);
    queue.get().unwrap();

    // From wherever the first stands in its buffer.
    for skipped in 0..70 {
        queue.put_many(0..skipped + 200).unwrap();
        queue.try_iter().take(skipped).for_each(drop);
        let all = &in_order::<W, O>(0..skipped + 200)[skipped..];
        assert_eq!(queue.get_many(skipped + 1).unwrap(), all[..skipped + 1]);
        assert_eq!(queue.get_many(usize::MAX).unwrap(), all[skipped + 1..]);
        assert!(queue.is_empty());
    }

    thread::scope(|scope| {
        let getter = start(scope, || queue.get_many(5));
        getter.until_blocked();
        queue.put(7).unwrap();
        assert_eq!(getter.join(), Ok(vec![7]), "it does not wait for more");
    });
    queue.shutdown();
    assert_eq!(queue.get_many(5), Err(ShutDown(())));
    assert_eq!(queue.get_many(0), Ok(vec![]), "though it is shut down");
}

/// A batch is fetched in one step, so what others fetch meanwhile does not fall between.
fn get_many_has_no_gaps<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    let batch = |size: usize| {
        let items = queue.try_get_many(size).unwrap_or_default();
        assert!(items.windows(2).all(|pair| pair[0].abs_diff(pair[1]) == 1), "{items:?}");
        items.len()
    };
    for _ in 0..20 {
        queue.put_many(0..2000).unwrap();
        let fetched: usize = thread::scope(|scope| {
            let batches = |size| std::iter::repeat_with(move || batch(size)).take_while(|&fetched| fetched > 0);
            let getters = [1, 2, 7, 50].map(|size| scope.spawn(move || batches(size).sum::<usize>()));
            getters.into_iter().map(|getter| getter.join().unwrap()).sum()
        });
        assert_eq!(fetched, 2000);
    }
}

fn get_many_makes_room_for_as_many_putters<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(3);
    queue.put_many([1, 1, 1]).unwrap();
    thread::scope(|scope| {
        let putters = [(); 3].map(|()| start(scope, || queue.put(2)));
        putters.iter().for_each(|putter| putter.until_blocked());
        assert_eq!(queue.get_many(3), Ok(vec![1, 1, 1]));
        assert_eq!(putters.map(|putter| putter.join()), [Ok(()); 3]);
    });
    assert_eq!(queue.len(), 3);
}

fn a_task_marks_itself_done<W: Wing, O: Kind<W>>() {
    let census = Census::default();
    let queue = unbounded::<Item, W, O>();
    queue.put(census.item(1)).unwrap();
    let mut task = queue.get_task().unwrap();
    assert_eq!(task.number, 1);
    task.number = 2;
    assert_eq!(task.number, 2);
    assert_eq!(format!("{task:?}"), "Task { .. }");
    assert!(!queue.try_join());
    drop(task);
    assert!(queue.try_join());
    assert_eq!(census.alive(), 0);
}

fn a_task_marks_itself_done_in_a_panic<W: Wing, O: Kind<W>>() {
    let census = Census::default();
    let queue = unbounded::<Item, W, O>();
    queue.put(census.item(1)).unwrap();
    let text = panic_of(|| {
        let _task = queue.get_task().unwrap();
        panic!("at work");
    });
    assert_eq!(text, "at work");
    assert!(queue.try_join());
    assert_eq!(census.alive(), 0);
}

fn a_task_gives_its_item_and_is_done<W: Wing, O: Kind<W>>() {
    let census = Census::default();
    let queue = unbounded::<Item, W, O>();
    queue.put(census.item(1)).unwrap();
    let item = queue.try_get_task().unwrap().into_inner();
    assert!(queue.try_join());
    assert_eq!((item.number, census.alive()), (1, 1));
}

fn a_task_is_done_when_its_work_is<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<Item, W, O>();
    let census = Census::default();
    queue.put(census.item(7)).unwrap();
    let answer = queue.get_task().unwrap().done_after(|item| {
        assert_eq!(queue.unfinished_tasks(), 1, "the work goes on");
        item.number
    });
    assert_eq!((answer, queue.try_join(), census.alive()), (7, true, 0));
}

fn a_task_is_done_when_its_work_panics<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<Item, W, O>();
    let census = Census::default();
    queue.put(census.item(1)).unwrap();
    let panic = panic_of(|| queue.get_task().unwrap().done_after(|_| panic!("in the midst of it")));
    assert_eq!((panic.as_str(), queue.try_join(), census.alive()), ("in the midst of it", true, 0));
}

fn a_detached_task_is_not_done<W: Wing, O: Kind<W>>() {
    let census = Census::default();
    let queue = unbounded::<Item, W, O>();
    queue.put(census.item(1)).unwrap();
    drop(queue.get_task().unwrap().detach());
    assert_eq!(census.alive(), 0);
    assert!(!queue.try_join());
    queue.task_done().unwrap();
    assert!(queue.try_join());
}

fn a_task_that_was_marked_by_hand_says_so<W: Wing, O: Kind<W>>() {
    let census = Census::default();
    let queue = Arc::new(unbounded::<Item, W, O>());
    let marked = || {
        queue.put(census.item(1)).unwrap();
        let task = queue.get_task().unwrap();
        queue.task_done().unwrap();
        task
    };
    let none_left = "there is no task left to mark done: `task_done` was called by hand too often";
    assert_eq!(panic_of(|| drop(marked())), none_left);
    assert_eq!(panic_of(|| marked().into_inner()), none_left);
    assert_eq!(panic_of(|| marked().done_after(drop)), none_left);
    assert_eq!(panic_of(|| drop(marked().into_owned(&queue))), none_left);
    assert_eq!(panic_of(|| marked().into_owned(&queue).into_inner()), none_left);
    assert_eq!(panic_of(|| marked().into_owned(&queue).done_after(drop)), none_left);
    assert_eq!((census.alive(), Arc::strong_count(&queue)), (0, 1));
    let text = panic_of(|| {
        let _tasks = (marked(), marked().into_owned(&queue));
        panic!("another");
    });
    assert_eq!(text, "another", "two panics at a time would abort");
    assert_eq!(Arc::strong_count(&queue), 1);
    assert_eq!((queue.unfinished_tasks(), census.alive()), (0, 0));
}

fn get_tasks_takes_what_is_there<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    assert!(queue.get_tasks(0).unwrap().is_empty(), "though it is empty");
    assert_eq!(queue.try_get_tasks(5).unwrap_err(), TryGetError::Empty);
    assert_eq!(queue.get_tasks_timeout(5, MOMENT).unwrap_err(), TryGetError::Empty);

    let number = |tasks: &[Task<'_, usize, W, O>]| Vec::from_iter(tasks.iter().map(|task| **task));
    queue.put_many([3, 1, 2]).unwrap();
    let mut two = queue.get_tasks(2).unwrap();
    assert_eq!(number(&two), in_order::<W, O>([3, 1, 2])[..2]);
    let one = queue.try_get_tasks(5).unwrap();
    assert_eq!(number(&one), in_order::<W, O>([3, 1, 2])[2..]);
    assert_eq!(queue.unfinished_tasks(), 3);
    drop(two.pop());
    assert_eq!(queue.unfinished_tasks(), 2, "each is done for itself");
    drop((two, one));
    assert!(queue.try_join());

    queue.shutdown();
    assert_eq!(queue.get_tasks(5).unwrap_err(), ShutDown(()));
    assert_eq!(queue.try_get_tasks(5).unwrap_err(), TryGetError::ShutDown);
    assert!(queue.get_tasks(0).unwrap().is_empty(), "though it is shut down");
}

fn timed_batches_of_tasks_wait_as_untimed_ones_do<W: Wing, O: Kind<W>>() {
    type Get<W, O> = for<'a> fn(&'a Queue<usize, W, O>) -> Vec<Task<'a, usize, W, O>>;
    let gets: [Get<W, O>; 3] = [
        |queue| queue.get_tasks(5).unwrap(),
        |queue| queue.get_tasks_timeout(5, PATIENCE).unwrap(),
        |queue| queue.get_tasks_deadline(5, Instant::now() + PATIENCE).unwrap(),
    ];
    let queue = unbounded::<usize, W, O>();
    for get in gets {
        thread::scope(|scope| {
            let getter = start(scope, || get(&queue).into_iter().map(Task::into_inner).sum::<usize>());
            getter.until_blocked();
            queue.put(7).unwrap();
            assert_eq!(getter.join(), 7, "it does not wait for more");
        });
        assert!(queue.try_join());
    }
}

fn tasks_that_fail_half_way_are_all_done<W: Wing, O: Kind<W>>() {
    let census = Census::default();
    let queue = unbounded::<Item, W, O>();
    queue.put_many((0..5).map(|number| census.item(number))).unwrap();
    let panic = panic_of(|| {
        for (done, task) in queue.get_tasks(usize::MAX).unwrap().into_iter().enumerate() {
            assert_eq!(queue.unfinished_tasks(), 5 - done);
            assert!(done < 2, "at the third");
            drop(task);
        }
    });
    assert_eq!(panic, "at the third");
    assert_eq!((queue.unfinished_tasks(), census.alive()), (0, 0));

    // Also where it is the end of an item that panics.
    let queue = unbounded::<OnDrop, W, O>();
    queue.put_many((0..5).map(|number| OnDrop::new(number, move || assert!(number != 2, "the third")))).unwrap();
    assert_eq!(panic_of(|| drop(queue.get_tasks(usize::MAX))), "the third");
    assert!(queue.try_join());
}

fn a_task_may_own_its_queue<W: Wing, O: Kind<W>>() {
    let census = Census::default();
    let queue = Arc::new(unbounded::<Item, W, O>());
    queue.put(census.item(1)).unwrap();
    let mut task = queue.get_task().unwrap().into_owned(&queue);
    assert!(Arc::ptr_eq(task.queue(), &queue));
    task.number = 2;
    assert_eq!(task.number, 2);
    assert_eq!(format!("{task:?}"), "OwnedTask { .. }");
    assert_eq!((queue.unfinished_tasks(), Arc::strong_count(&queue)), (1, 2));
    thread::scope(|scope| {
        let joiner = start(scope, || queue.join());
        joiner.until_blocked();
        // It may leave its thread.
        start(scope, move || drop(task)).join();
        joiner.join();
    });
    assert_eq!((census.alive(), Arc::strong_count(&queue)), (0, 1));
}

fn a_task_that_owns_its_queue_is_done_as_any_other<W: Wing, O: Kind<W>>() {
    let census = Census::default();
    let queue = Arc::new(unbounded::<Item, W, O>());
    let task = || {
        queue.put(census.item(7)).unwrap();
        queue.get_task().unwrap().into_owned(&queue)
    };
    let item = task().into_inner();
    assert_eq!((item.number, queue.try_join()), (7, true));
    drop(item);

    let answer = task().done_after(|item| {
        assert_eq!(queue.unfinished_tasks(), 1, "the work goes on");
        item.number
    });
    assert_eq!((answer, queue.try_join()), (7, true));
    assert_eq!(panic_of(|| task().done_after(|_| panic!("in the midst of it"))), "in the midst of it");
    assert!(queue.try_join());

    drop(task().detach());
    assert_eq!(queue.unfinished_tasks(), 1);
    queue.task_done().unwrap();
    assert_eq!((census.alive(), Arc::strong_count(&queue)), (0, 1));
}

fn a_task_of_another_queue_is_not_owned<W: Wing, O: Kind<W>>() {
    let census = Census::default();
    let [queue, other] = [1, 2].map(|number| Arc::new(Queue::<Item, W, O>::from_iter([census.item(number)])));
    let panic = panic_of(|| queue.get_task().unwrap().into_owned(&other));
    assert_eq!(panic, "the task is of another queue");
    assert_eq!((queue.unfinished_tasks(), other.unfinished_tasks(), census.alive()), (0, 1, 1));
    assert_eq!((Arc::strong_count(&queue), Arc::strong_count(&other)), (1, 1));
}

fn a_task_is_never_done_as_it_becomes_owned<W: Wing, O: Kind<W>>() {
    let queue = Arc::new(Queue::<usize, W, O>::from_iter([1]));
    let tasks = Queue::<_, W, Fifo>::unbounded_in(W::default());
    thread::scope(|scope| {
        let joiner = start(scope, || queue.join());
        joiner.until_blocked();
        let mut task = queue.get_task().unwrap();
        for _ in 0..1000 {
            tasks.put(task.into_owned(&queue)).unwrap();
            queue.put(1).unwrap();
            task = queue.get_task().unwrap();
            drop(tasks.get());
        }
        joiner.until_blocked();
        drop(task);
        joiner.join();
    });
}

fn the_last_that_owns_a_queue_takes_it_along<W: Wing, O: Kind<W>>() {
    type Deed<W, O> = fn(OwnedTask<Item, W, O>);
    let deeds: [Deed<W, O>; 4] =
        [drop, |task| drop(task.into_inner()), |task| task.done_after(drop), |task| drop(task.detach())];
    for deed in deeds {
        let census = Census::default();
        let queue = Arc::new(Queue::<Item, W, O>::from_iter((0..3).map(|number| census.item(number))));
        let task = queue.get_task().unwrap().into_owned(&queue);
        drop(queue);
        assert_eq!((census.alive(), task.queue().len(), task.queue().unfinished_tasks()), (3, 2, 3));
        deed(task);
        assert_eq!(census.alive(), 0);
    }
}

fn join_waits_for_tasks_put_meanwhile<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    queue.put(1).unwrap();
    thread::scope(|scope| {
        let joiner = start(scope, || queue.join());
        joiner.until_blocked();
        queue.put(2).unwrap();
        queue.task_done().unwrap();
        joiner.until_blocked();
        queue.task_done().unwrap();
        joiner.join();
    });
    assert_eq!(queue.len(), 2, "nothing ties a task that is done to an item that was fetched");
}

fn join_sees_what_the_tasks_did<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    for _ in 0..100 {
        let done = AtomicBool::new(false);
        queue.put(1).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let _task = queue.get_task().unwrap();
                done.store(true, Ordering::Relaxed);
            });
            queue.join();
            assert!(done.load(Ordering::Relaxed));
        });
    }
}

fn a_guard_shuts_the_queue_down<W: Wing, O: Kind<W>>() {
    let fails_half_way = |queue: &Queue<usize, W, O>, words: [&str; 2]| -> Result<(), std::num::ParseIntError> {
        let _end = queue.shutdown_on_drop();
        for word in words {
            queue.put(word.parse()?).unwrap();
        }
        Ok(())
    };
    for (words, sum) in [(["1", "2"], 3), (["1", "two"], 1)] {
        let queue = unbounded::<usize, W, O>();
        thread::scope(|scope| {
            let getter = start(scope, || queue.iter().sum::<usize>());
            getter.until_blocked();
            assert_eq!(fails_half_way(&queue, words).is_ok(), sum == 3);
            assert_eq!(getter.join(), sum);
        });
        assert_eq!(queue.put(3), Err(ShutDown(3)));
    }
    let queue = unbounded::<usize, W, O>();
    let panic = panic_of(|| {
        let _end = queue.shutdown_on_drop();
        panic!("half-way");
    });
    assert_eq!(panic, "half-way");
    assert!(queue.is_shut_down());
}

/// The worker has the first item when it panics. Who waits then for what it would have done is let go.
fn a_panic_ends_those_who_wait_for_the_thread<W: Wing, O: Kind<W>>() {
    let waits: [Deed<Item, W, O>; 4] = [
        |queue| assert_eq!(queue.put(Census::default().item(9)).map_err(ShutDown::without_item), Err(ShutDown(()))),
        |queue| queue.join(),
        |queue| assert!(queue.put_many((3..9).map(|number| Census::default().item(number))).is_err()),
        |queue| assert!(queue.join_timeout(PATIENCE)),
    ];
    for wait in waits {
        let (queue, census) = (bounded::<Item, W, O>(1), Census::default());
        queue.put(census.item(1)).unwrap();
        let is_queued = AtomicBool::new(false);
        thread::scope(|scope| {
            let worker = start(scope, || {
                let _guard = queue.shutdown_now_on_panic();
                let _task = queue.get_task().unwrap();
                eventually("the others wait", || is_queued.load(Ordering::Acquire));
                panic!("at work");
            });
            queue.put(census.item(2)).unwrap();
            let waiter = start(scope, || wait(&queue));
            waiter.until_blocked();
            is_queued.store(true, Ordering::Release);
            assert_eq!(worker.join_panic(), "at work");
            waiter.join();
        });
        assert!(queue.is_shut_down() && queue.try_join());
        assert_eq!((census.alive(), census.dropped()), (0, 2), "what was queued is dropped");
    }

    let queue = unbounded::<Item, W, O>();
    thread::scope(|scope| {
        let getters = [(); 3].map(|()| start(scope, || queue.get().is_err()));
        getters.iter().for_each(|getter| getter.until_blocked());
        let worker = start(scope, || {
            let _guard = queue.shutdown_now_on_panic();
            panic!("before it gets anything");
        });
        assert_eq!(worker.join_panic(), "before it gets anything");
        assert!(getters.into_iter().all(|getter| getter.join()));
    });
}

fn a_panic_leaves_tasks_of_others_unfinished<W: Wing, O: Kind<W>>() {
    let queue = Queue::<usize, W, O>::from_iter([1, 2, 3]);
    let task = queue.get_task().unwrap();
    let panic = panic_of(|| {
        let _guard = queue.shutdown_now_on_panic();
        let _task = queue.get_task().unwrap();
        panic!("at work");
    });
    assert_eq!(panic, "at work");
    assert_eq!((queue.len(), queue.unfinished_tasks()), (0, 1), "that of the other thread");
    thread::scope(|scope| {
        let joiner = start(scope, || queue.join());
        joiner.until_blocked();
        drop(task);
        joiner.join();
    });
}

fn without_a_panic_the_guard_does_nothing<W: Wing, O: Kind<W>>() {
    let queue = Queue::<usize, W, O>::from_iter([1]);
    let fails = || -> Result<usize, std::num::ParseIntError> {
        let _guard = queue.shutdown_now_on_panic();
        "one".parse()
    };
    assert!(fails().is_err());
    drop(queue.shutdown_now_on_panic());
    // A panic that is over by then.
    let guard = queue.shutdown_now_on_panic();
    assert_eq!(panic_of(|| panic!("caught")), "caught");
    drop(guard);
    assert_eq!((queue.is_shut_down(), queue.len()), (false, 1));
}

fn a_guard_made_in_a_panic_does_nothing<W: Wing, O: Kind<W>>() {
    /// Uses a queue, with a guard, as it is dropped.
    struct Uses<'a, W: Wing, O: Kind<W>>(&'a Queue<usize, W, O>);
    impl<W: Wing, O: Kind<W>> Drop for Uses<'_, W, O> {
        fn drop(&mut self) {
            let _guard = self.0.shutdown_now_on_panic();
            self.0.put(1).unwrap();
        }
    }
    let queue = unbounded::<usize, W, O>();
    let panic = panic_of(|| {
        let _uses = Uses(&queue);
        panic!("elsewhere");
    });
    assert_eq!(panic, "elsewhere");
    assert_eq!((queue.is_shut_down(), queue.len()), (false, 1));
    // Of one that was made before, that thread's panic is told.
    let panic = panic_of(|| {
        let _guard = queue.shutdown_now_on_panic();
        let _uses = Uses(&queue);
        panic!("here");
    });
    assert_eq!(panic, "here");
    assert_eq!((queue.is_shut_down(), queue.len()), (true, 0));
}

/// By an error, without a panic and without a word: the worker has the first item then, and others wait for what it would have done.
fn a_worker_that_leaves_ends_those_who_wait_for_it<W: Wing, O: Kind<W>>() {
    let waits: [Deed<Item, W, O>; 3] = [
        |queue| assert!(queue.put(Census::default().item(9)).is_err()),
        |queue| queue.join(),
        |queue| assert!(queue.put_many((3..9).map(|number| Census::default().item(number))).is_err()),
    ];
    for (wait, panics) in waits.into_iter().flat_map(|wait| [(wait, false), (wait, true)]) {
        let (queue, census) = (bounded::<Item, W, O>(1), Census::default());
        queue.put(census.item(1)).unwrap();
        let is_queued = AtomicBool::new(false);
        thread::scope(|scope| {
            let worker = start(scope, || -> Result<usize, std::num::ParseIntError> {
                let _guard = queue.shutdown_now_on_drop();
                let _task = queue.get_task().unwrap();
                eventually("the others wait", || is_queued.load(Ordering::Acquire));
                assert!(!panics, "at work");
                "no number".parse()
            });
            queue.put(census.item(2)).unwrap();
            let waiter = start(scope, || wait(&queue));
            waiter.until_blocked();
            is_queued.store(true, Ordering::Release);
            if panics {
                assert_eq!(worker.join_panic(), "at work");
            } else {
                assert!(worker.join().is_err());
            }
            waiter.join();
        });
        assert!(queue.is_shut_down() && queue.try_join());
        assert_eq!((census.alive(), census.dropped()), (0, 2), "what was queued is dropped");
    }
}

/// What another worker has by then is still a task, and its join waits for it.
fn a_worker_that_ends_with_the_queue_takes_nothing_from_others<W: Wing, O: Kind<W>>() {
    let queue = Queue::<usize, W, O>::from_iter([1, 2, 3]);
    let task = queue.get_task().unwrap();
    queue.shutdown();
    let done = {
        let _guard = queue.shutdown_now_on_drop();
        std::iter::from_fn(|| queue.get_task().ok()).count()
    };
    assert_eq!((done, queue.unfinished_tasks()), (2, 1));
    thread::scope(|scope| {
        let joiner = start(scope, || queue.join());
        joiner.until_blocked();
        drop(task);
        joiner.join();
    });
}

fn a_guard_that_is_forgotten_shuts_nothing_down<W: Wing, O: Kind<W>>() {
    let queue = Queue::<usize, W, O>::from_iter([1]);
    std::mem::forget(queue.shutdown_now_on_drop());
    assert_eq!((queue.is_shut_down(), queue.len()), (false, 1));
    drop(queue.shutdown_now_on_drop());
    assert_eq!((queue.is_shut_down(), queue.len()), (true, 0));
}

fn the_last_that_puts_shuts_the_queue_down<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    thread::scope(|scope| {
        let end = Arc::new(queue.shutdown_on_drop());
        let putters = [1, 2, 3].map(|number| {
            let (end, queue) = (Arc::clone(&end), &queue);
            start(scope, move || {
                let _end = end;
                queue.put(number).unwrap();
            })
        });
        putters.into_iter().for_each(|putter| putter.join());
        assert!(!queue.is_shut_down(), "one is left, that has not put anything");
        drop(end);
        assert_eq!(queue.iter().sum::<usize>(), 6);
    });
}

fn an_error_can_go_without_its_item<W: Wing, O: Kind<W>>() {
    let queue = bounded::<Item, W, O>(1);
    let census = Census::default();
    queue.put(census.item(1)).unwrap();
    assert_eq!(queue.try_put(census.item(2)).map_err(TryPutError::without_item), Err(TryPutError::Full(())));
    queue.shutdown();
    assert_eq!(queue.try_put(census.item(3)).map_err(TryPutError::without_item), Err(TryPutError::ShutDown(())));
    assert_eq!(queue.put(census.item(4)).map_err(ShutDown::without_item), Err(ShutDown(())));
    assert_eq!(census.alive(), 1, "the one that is queued");
}

fn iteration_ends_at_shutdown<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(2);
    thread::scope(|scope| {
        let consumers = [(); 3].map(|()| {
            start(scope, || {
                let mut sum = 0;
                for item in &queue {
                    sum += item;
                }
                sum
            })
        });
        queue.put_many(0..100).unwrap();
        queue.shutdown();
        assert_eq!(consumers.map(|consumer| consumer.join()).iter().sum::<usize>(), 4950);
    });
    let mut items = queue.iter();
    assert_eq!((items.next(), items.next()), (None, None));
}

fn iteration_marks_nothing_done<W: Wing, O: Kind<W>>() {
    let queue = Queue::<usize, W, O>::from_iter([1, 2]);
    queue.shutdown();
    assert_eq!((queue.iter().count(), queue.unfinished_tasks()), (2, 2));
}

fn try_iteration_ends_when_the_queue_is_empty<W: Wing, O: Kind<W>>() {
    let queue = Queue::<usize, W, O>::from_iter([2, 1]);
    let mut items = queue.try_iter();
    assert_eq!(items.by_ref().collect::<Vec<_>>(), in_order::<W, O>([2, 1]));
    assert_eq!(items.next(), None);
    queue.put(3).unwrap();
    assert_eq!(items.next(), Some(3), "and begins again");
}

fn a_queue_is_collected_from_items<W: Wing, O: Kind<W>>() {
    fn shared<T: Send + Sync + UnwindSafe + RefUnwindSafe>(_: &T) {}
    let queue: Queue<usize, W, O> = [5, 4, 6].into_iter().collect();
    shared(&queue);
    assert_eq!((queue.len(), queue.capacity(), queue.unfinished_tasks()), (3, None, 3));
    assert_eq!(queue.get_many(3), Ok(in_order::<W, O>([5, 4, 6])));
    assert_eq!(Queue::<usize, W, O>::default().capacity(), None);
}

fn capacities<W: Wing, O: Kind<W>>() {
    assert!(panic_of(|| bounded::<usize, W, O>(0)).contains("unbounded()"));
    assert_eq!(bounded::<usize, W, O>(usize::MAX).capacity(), Some(usize::MAX), "it reserves nothing");
    let queue = bounded::<usize, W, O>(2);
    queue.put_many([1, 2]).unwrap();
    assert!(queue.is_full());
    queue.shutdown();
    assert!(queue.is_full(), "the observers do not care");
    queue.shutdown_now();
    assert!(queue.is_empty() && !queue.is_full());
}

fn debug_shows_the_state<W: Wing, O: Kind<W>>() {
    let queue = bounded::<Item, W, O>(5);
    let name = <O as Order<Item, W>>::NAME;
    queue.put(Census::default().item(1)).unwrap();
    let idle = "waiting_to_get: 0, waiting_to_put: 0";
    let text = format!("{name} {{ len: 1, capacity: 5, unfinished_tasks: 1, shut_down: false, {idle} }}");
    assert_eq!(format!("{queue:?}"), text);
    assert_eq!(format!("{:?}", queue.iter()), format!("Iter {{ queue: {text} }}"));
    assert_eq!(format!("{:?}", queue.try_iter()), format!("TryIter {{ queue: {text} }}"));
    drop(queue.get());
    queue.shutdown();
    let text = format!("{name} {{ len: 0, capacity: 5, unfinished_tasks: 1, shut_down: true, {idle} }}");
    assert_eq!(format!("{queue:?}"), text);
    let queue = unbounded::<Item, W, O>();
    assert!(format!("{queue:?}").contains("capacity: unbounded"));
}

/// To get or to put, one or many, until they have done it, were told or have given up.
fn debug_shows_how_many_wait<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(1);
    let mut shown = Vec::new();
    let mut look = || shown.push(format!("{queue:?}"));
    thread::scope(|scope| {
        let getters = [start(scope, || queue.get().is_ok()), start(scope, || queue.get_many(2).is_ok())];
        getters.iter().for_each(|getter| getter.until_blocked());
        look();
        queue.put_many([1, 2]).unwrap();
        assert!(getters.into_iter().all(|getter| getter.join()));
        assert_eq!(queue.get_timeout(MOMENT), Err(TryGetError::Empty));
        look();

        queue.put(3).unwrap();
        let putters = [start(scope, || queue.put(4).is_ok()), start(scope, || queue.put_many([5, 6]).is_ok())];
        putters.iter().for_each(|putter| putter.until_blocked());
        assert_eq!(queue.put_timeout(7, MOMENT), Err(TryPutError::Full(7)));
        look();
        queue.shutdown();
        assert!(!putters.into_iter().any(|putter| putter.join()));
        look();
    });
    let tails =
        [(2, 0), (0, 0), (0, 2), (0, 0)].map(|(get, put)| format!("waiting_to_get: {get}, waiting_to_put: {put} }}"));
    assert!(shown.iter().zip(&tails).all(|(shown, tail)| shown.ends_with(tail)), "{shown:#?}");
}

/// A queue that only one thread uses, and that never waits.
struct Model {
    /// In the order in which they were put.
    items: Vec<usize>,
    capacity: usize,
    unfinished: usize,
    is_shut_down: bool,
}

impl Model {
    fn put(&mut self, item: usize) -> bool {
        let accepted = !self.is_shut_down && self.items.len() < self.capacity;
        if accepted {
            self.items.push(item);
            self.unfinished += 1;
        }
        accepted
    }

    fn get(&mut self, name: &str) -> Option<usize> {
        let next = match name {
            "Queue" => 0,
            "LifoQueue" => self.items.len().wrapping_sub(1),
            _ => (0..self.items.len()).min_by_key(|&place| self.items[place]).unwrap_or(0),
        };
        (!self.items.is_empty()).then(|| self.items.remove(next))
    }
}

fn random_calls_are_answered_as_by_a_model<W: Wing, O: Kind<W>>() {
    let name = <O as Order<usize, W>>::NAME;
    let mut random = 1_u64;
    let mut below = |end: usize| {
        // The generator of Knuth's MMIX, from its upper bits.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % end
    };
    for _ in 0..200 {
        let capacity = 1 + below(8);
        let queue = bounded::<usize, W, O>(capacity);
        let mut model = Model { items: Vec::new(), capacity, unfinished: 0, is_shut_down: false };
        for _ in 0..100 {
            match below(40) {
                0..12 => {
                    let item = below(20);
                    assert_eq!(queue.try_put(item).is_ok(), model.put(item));
                }
                12..24 => assert_eq!(queue.try_get().ok(), model.get(name)),
                24..28 => {
                    let items: Vec<_> = (0..below(5)).map(|_| below(20)).collect();
                    let refused =
                        queue.try_put_many(items.clone()).map_or_else(|refusal| refusal.into_inner(), |()| vec![]);
                    assert_eq!(refused, Vec::from_iter(items.into_iter().skip_while(|&item| model.put(item))));
                }
                28..32 => {
                    let max = below(5);
                    let items = queue.try_get_many(max).unwrap_or_default();
                    assert_eq!(items, Vec::from_iter((0..max).map_while(|_| model.get(name))));
                }
                32..39 => {
                    assert_eq!(queue.task_done().is_ok(), model.unfinished > 0);
                    model.unfinished = model.unfinished.saturating_sub(1);
                }
                _ if below(2) == 0 => {
                    queue.shutdown();
                    model.is_shut_down = true;
                }
                _ => {
                    let items = queue.shutdown_now();
                    model.is_shut_down = true;
                    model.unfinished = model.unfinished.saturating_sub(items.len());
                    assert_eq!(items, Vec::from_iter(std::iter::from_fn(|| model.get(name))));
                }
            }
            assert_eq!((queue.len(), queue.is_shut_down()), (model.items.len(), model.is_shut_down));
            assert_eq!((queue.unfinished_tasks(), queue.try_join()), (model.unfinished, model.unfinished == 0));
            assert_eq!((queue.is_full(), queue.is_empty()), (model.items.len() == capacity, model.items.is_empty()));
        }
    }
}
