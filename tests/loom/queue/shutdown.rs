//! A shutdown wakes all who sleep, and loses no item.

use std::sync::Arc;

use nogil::{ShutDown, TryGetError, TryPutError};

use super::{Kind, Q};
use crate::harness::Plain;
use crate::turns::spawn;

/// A sleeping getter and a sleeping putter hear of a shutdown. The putter has its item back; what was queued stays.
pub(crate) fn shutdown_meets_sleepers<K: Kind>() {
    let queues: Arc<(Q<K>, Q<K>)> = Arc::new((K::roomy(), K::tight()));
    let (empty, full) = &*queues;
    (1..=K::TIGHT).for_each(|item| full.put(item).unwrap());
    let getter = spawn(&queues, |(empty, _)| empty.get());
    let putter = spawn(&queues, |(_, full)| full.put(9));
    empty.shutdown();
    full.shutdown();
    assert_eq!(getter.join().unwrap(), Err(ShutDown(())));
    assert_eq!(putter.join().unwrap(), Err(ShutDown(9)));
    assert_eq!(full.len(), K::TIGHT);
}

/// Whoever is told of a shutdown, by a refusal or by asking, sees what was done before it.
pub(crate) fn who_is_told_of_a_shutdown_sees_what_came_before<K: Kind>() {
    let shared: Arc<(Q<K>, Q<K>, Plain)> = Arc::new((K::roomy(), K::tight(), Plain::new()));
    let (empty, full, said) = &*shared;
    (1..=K::TIGHT).for_each(|item| full.put(item).unwrap());
    let getter = spawn(&shared, |(empty, _, said)| {
        assert_eq!(empty.get(), Err(ShutDown(())));
        said.get()
    });
    let putter = spawn(&shared, |(_, full, said)| match full.try_put(9) {
        Err(TryPutError::ShutDown(_)) => said.get(),
        _ if full.is_shut_down() => said.get(),
        _ => 1,
    });
    said.set(1);
    full.shutdown();
    empty.shutdown();
    assert_eq!((getter.join().unwrap(), putter.join().unwrap()), (1, 1));
}

/// As above at once: the shutdown has what was queued.
pub(crate) fn shutdown_now_meets_sleepers<K: Kind>() {
    let queues: Arc<(Q<K>, Q<K>)> = Arc::new((K::roomy(), K::tight()));
    let (empty, full) = &*queues;
    (1..=K::TIGHT).for_each(|item| full.put(item).unwrap());
    let getter = spawn(&queues, |(empty, _)| empty.get());
    let putter = spawn(&queues, |(_, full)| full.put(9));
    assert_eq!(empty.shutdown_now(), []);
    assert_eq!(full.shutdown_now(), Vec::from_iter(1..=K::TIGHT));
    assert_eq!(getter.join().unwrap(), Err(ShutDown(())));
    assert_eq!(putter.join().unwrap(), Err(ShutDown(9)));
    assert_eq!(full.try_get(), Err(TryGetError::ShutDown));
}

/// How often the item was delivered, is still there, was handed back, and was refused.
fn assert_conserved(put: Result<(), ShutDown<usize>>, got: Result<usize, ShutDown>, left: &[usize]) {
    let places = [put.err().map(|ShutDown(item)| item), got.ok(), left.first().copied()];
    assert_eq!(places.iter().flatten().collect::<Vec<_>>(), [&1], "{places:?}");
    assert!(left.len() < 2);
}

/// An item put during a shutdown is refused, delivered or left in the queue, and nothing else.
pub(crate) fn shutdown_conserves_the_item<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::tight());
    let putter = spawn(&queue, |queue| queue.put(1));
    let getter = spawn(&queue, |queue| queue.get());
    queue.shutdown();
    let (put, got) = (putter.join().unwrap(), getter.join().unwrap());
    assert_conserved(put, got, &Vec::from_iter(queue.try_get()));
}

/// An item put during an immediate shutdown is refused, delivered or handed back, and no task is left over but a delivered
/// item's.
pub(crate) fn shutdown_now_conserves_the_item<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::tight());
    let putter = spawn(&queue, |queue| queue.put(1));
    let getter = spawn(&queue, |queue| queue.get());
    let handed_back = queue.shutdown_now();
    let (put, got) = (putter.join().unwrap(), getter.join().unwrap());
    assert_eq!(queue.unfinished_tasks(), usize::from(got.is_ok()));
    assert_eq!(queue.task_done().is_ok(), got.is_ok());
    assert_conserved(put, got, &handed_back);
    assert_eq!(queue.try_get(), Err(TryGetError::ShutDown));
}

/// A put beside a shutdown is refused, or its item is there for good; one after it is refused.
pub(crate) fn shutdown_meets_a_put<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let putter = spawn(&queue, |queue| queue.put(1));
    queue.shutdown();
    assert_eq!(queue.put(2), Err(ShutDown(2)));
    let left = match putter.join().unwrap() {
        Ok(()) => Ok(1),
        Err(refused) => {
            assert_eq!(refused, ShutDown(1));
            Err(TryGetError::ShutDown)
        }
    };
    assert_eq!(queue.try_get(), left);
    assert_eq!(queue.try_get(), Err(TryGetError::ShutDown));
}

/// A put beside an immediate shutdown is refused, or its item is handed back with the one that was there: nothing appears afterwards.
pub(crate) fn shutdown_now_meets_a_put<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    queue.put(1).unwrap();
    let putter = spawn(&queue, |queue| queue.put(2));
    let handed_back = queue.shutdown_now();
    assert_eq!(queue.try_get(), Err(TryGetError::ShutDown));
    let put = putter.join().unwrap();
    assert_eq!(queue.try_get(), Err(TryGetError::ShutDown));
    assert_eq!(handed_back.len(), if put.is_ok() { 2 } else { 1 });
}

/// A joiner is woken by an immediate shutdown, or by the one who got the item first and is done with it.
pub(crate) fn shutdown_now_meets_a_joiner<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    queue.put(1).unwrap();
    let joiner = spawn(&queue, |queue| queue.join());
    let worker = spawn(&queue, |queue| queue.get().map(|_| queue.task_done().unwrap()));
    let handed_back = queue.shutdown_now();
    joiner.join().unwrap();
    assert_eq!(worker.join().unwrap().is_ok(), handed_back.is_empty());
    assert_eq!(queue.unfinished_tasks(), 0);
}
