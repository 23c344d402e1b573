//! Programs of `Queue`, `LifoQueue` and `PriorityQueue`, each over every buffer that they have.

use std::collections::VecDeque;
use std::sync::Arc;

use nogil::model::{disturb, until_asleep};
use nogil::{ShutDown, TryGetError, TryPutError};
use shuttle::thread::yield_now;

use crate::harness::{Plain, UNTIL_EXPIRED, clock, crowd, join_all, model, spawn};
use crate::models::queue::{Kind, LockedFifo, LockedLifo, LockedPriority, Q, Ring, Segments, Stack};

macro_rules! over_each_kind {
    ($($body:ident),* $(,)?) => {
        $(mod $body {
            use super::{$body as body, *};
            #[test] fn locked() { model(body::<LockedFifo>); }
            #[test] fn locked_lifo() { model(body::<LockedLifo>); }
            #[test] fn locked_priority() { model(body::<LockedPriority>); }
            #[test] fn ring() { model(body::<Ring>); }
            #[test] fn segments() { model(body::<Segments>); }
            #[test] fn stack() { model(body::<Stack>); }
        })*
    };
}

over_each_kind!(
    hands_over,
    one_for_each,
    batches_hand_over,
    expiry_among_puts_and_gets,
    who_gives_up_passes_on,
    shutdown_among_sleepers,
    shutdown_now_amid_traffic,
    joiners_see_all_tasks,
);

const PUTTERS: usize = 4;
const GETTERS: usize = 3;
const EACH: usize = 3;
/// What each getter has of that.
const SHARE: usize = PUTTERS * EACH / GETTERS;

/// The items of a putter, in the order in which it puts them.
fn items_of(putter: usize) -> impl Iterator<Item = usize> {
    (0..EACH).map(move |n| putter * EACH + n)
}

/// Puts of four threads, each item got once, and by no getter out of its putter's order.
fn assert_each_once<K: Kind>(got: Vec<Vec<usize>>) {
    // The first of two, unless the queue is a stack.
    if K::next(&mut VecDeque::from([0, 1])) == Some(0) {
        for putter in 0..PUTTERS {
            for items in &got {
                let order = items.iter().filter(|&item| item / EACH == putter);
                assert!(order.is_sorted(), "of putter {putter}: {items:?}");
            }
        }
    }
    let mut all = got.concat();
    all.sort_unstable();
    assert_eq!(all, Vec::from_iter(0..PUTTERS * EACH));
}

/// What a getter has until the queue is shut down.
fn until_shut_down<K: Kind>(queue: &Q<K>) -> Vec<usize> {
    std::iter::from_fn(|| queue.get().ok()).collect()
}

/// Four putters and three getters at a queue that is soon full: each item arrives once and in order, whoever wakes spuriously.
/// The getters want all that there is, and nothing wakes them in the end but the puts.
fn hands_over<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::tight());
    let getters = crowd(GETTERS, &queue, |queue, _| [(); SHARE].map(|()| queue.get().unwrap()).to_vec());
    let putters = crowd(PUTTERS, &queue, |queue, me| items_of(me).for_each(|item| queue.put(item).unwrap()));
    disturb();
    disturb();
    join_all(putters);
    assert_each_once::<K>(join_all(getters));
}

/// Four put one item each, and four get one: no wake-up is spent on a thread that had found its item by itself, since no later call makes up
/// for it.
fn one_for_each<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::tight());
    let getters = crowd(4, &queue, |queue, _| queue.get().unwrap());
    let putters = crowd(4, &queue, |queue, me| queue.put(me).unwrap());
    join_all(putters);
    let mut got = join_all(getters);
    got.sort_unstable();
    assert_eq!(got, [0, 1, 2, 3]);
}

/// As `hands_over` by batches: of the putters larger than the queue, of the getters as large as they get them.
fn batches_hand_over<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::tight());
    let getters = crowd(GETTERS, &queue, |queue, _| {
        let mut items = Vec::new();
        while items.len() < SHARE {
            items.extend(queue.get_many((SHARE - items.len()).min(2)).unwrap());
        }
        items
    });
    let putters = crowd(PUTTERS, &queue, |queue, me| queue.put_many(items_of(me)).unwrap());
    join_all(putters);
    assert_each_once::<K>(join_all(getters));
}

/// As above with little time for each call, made again when it is up, and getters that end by a shutdown.
fn expiry_among_puts_and_gets<K: Kind>() {
    fn put_in_time<K: Kind>(queue: &Q<K>, mut item: usize) {
        while let Err(refusal) = queue.put_timeout(item, UNTIL_EXPIRED) {
            let TryPutError::Full(back) = refusal else { panic!("{refusal:?}") };
            assert_eq!(back, item);
            item = back;
            // Once all time is up, nobody sleeps.
            yield_now();
        }
    }
    fn get_in_time<K: Kind>(queue: &Q<K>) -> Option<usize> {
        loop {
            match queue.get_timeout(UNTIL_EXPIRED) {
                Ok(item) => return Some(item),
                Err(TryGetError::ShutDown) => return None,
                Err(TryGetError::Empty) => yield_now(),
            }
        }
    }
    let queue: Arc<Q<K>> = Arc::new(K::tight());
    let getters = crowd(GETTERS, &queue, |queue, _| std::iter::from_fn(|| get_in_time::<K>(queue)).collect::<Vec<_>>());
    let putters = crowd(PUTTERS, &queue, |queue, me| items_of(me).for_each(|item| put_in_time::<K>(queue, item)));
    let clock = clock(&queue, 4);
    join_all(putters);
    clock.join().unwrap();
    queue.shutdown();
    assert_each_once::<K>(join_all(getters));
}

/// Putters and getters that give up, beside others that do not: no wake-up leaves with one of them, and no item does.
fn who_gives_up_passes_on<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::tight());
    let patient_getters = crowd(2, &queue, |queue, _| until_shut_down::<K>(queue));
    let hasty_getters = crowd(2, &queue, |queue, _| Vec::from_iter(queue.get_timeout(UNTIL_EXPIRED)));
    let patient_putters = crowd(2, &queue, |queue, me| items_of(me).for_each(|item| queue.put(item).unwrap()));
    let hasty_putters = crowd(2, &queue, |queue, me| {
        let item = 100 + me;
        queue.put_timeout(item, UNTIL_EXPIRED).err().map(|refusal| {
            assert_eq!(refusal, TryPutError::Full(item));
            item
        })
    });
    let clock = clock(&queue, 1);
    join_all(patient_putters);
    let came_back = join_all(hasty_putters);
    clock.join().unwrap();
    queue.shutdown();
    let mut all = [join_all(patient_getters), join_all(hasty_getters)].concat().concat();
    all.extend(came_back.into_iter().flatten());
    all.sort_unstable();
    assert_eq!(all, Vec::from_iter((0..2 * EACH).chain([100, 101])));
}

/// A shutdown wakes three putters, three getters and, once the rest is got and done, two joiners, wherever they are by then.
fn shutdown_among_sleepers<K: Kind>() {
    let queues: Arc<(Q<K>, Q<K>)> = Arc::new((K::tight(), K::roomy()));
    let (full, empty) = &*queues;
    (0..K::TIGHT).for_each(|item| full.put(item).unwrap());
    let putters = crowd(3, &queues, |(full, _), me| full.put(10 + me));
    let getters = crowd(3, &queues, |(_, empty), _| empty.get());
    let joiners = crowd(2, &queues, |(full, _), _| {
        full.join();
        assert_eq!(full.unfinished_tasks(), 0);
    });
    full.shutdown();
    empty.shutdown();
    assert_eq!(join_all(putters), [10, 11, 12].map(|item| Err(ShutDown(item))));
    assert_eq!(join_all(getters), [Err(ShutDown(())); 3]);
    let rest: Vec<_> = full.iter().inspect(|_| full.task_done().unwrap()).collect();
    assert_eq!(rest.len(), K::TIGHT);
    join_all(joiners);
}

/// An immediate shutdown amid puts and gets: each item is refused, got or handed back, and the joiner is woken.
fn shutdown_now_amid_traffic<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::tight());
    let putters =
        crowd(PUTTERS, &queue, |queue, me| items_of(me).filter(|&item| queue.put(item).is_err()).collect::<Vec<_>>());
    let getters = crowd(2, &queue, |queue, _| {
        std::iter::from_fn(|| queue.get().ok().inspect(|_| queue.task_done().unwrap())).collect::<Vec<_>>()
    });
    let joiner = spawn(&queue, |queue| queue.join());
    let mut all = queue.shutdown_now();
    all.extend(join_all(putters).into_iter().flatten());
    all.extend(join_all(getters).into_iter().flatten());
    joiner.join().unwrap();
    assert_eq!(queue.unfinished_tasks(), 0);
    assert_eq!(queue.try_get(), Err(TryGetError::ShutDown));
    all.sort_unstable();
    assert_eq!(all, Vec::from_iter(0..PUTTERS * EACH));
}

/// Two joiners beside three workers return when all that was put before is done, and not earlier.
fn joiners_see_all_tasks<K: Kind>() {
    const TASKS: usize = 5;
    let shared: Arc<(Q<K>, [Plain; TASKS])> = Arc::new((K::roomy(), std::array::from_fn(|_| Plain::new())));
    let (queue, done) = &*shared;
    let workers = crowd(3, &shared, |(queue, done), _| {
        while let Ok(item) = queue.get() {
            done[item].set(1);
            queue.task_done().unwrap();
        }
    });
    (0..TASKS).for_each(|item| queue.put(item).unwrap());
    let joiners = crowd(2, &shared, |(queue, done), _| {
        queue.join();
        assert_eq!(done.each_ref().map(Plain::get), [1; TASKS]);
    });
    queue.join();
    assert_eq!(done.each_ref().map(Plain::get), [1; TASKS]);
    join_all(joiners);
    // Beside getters that sleep.
    until_asleep(3);
    queue.shutdown();
    join_all(workers);
}
