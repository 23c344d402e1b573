//! `SimpleQueue` of both wings.

use std::sync::Arc;

use nogil::Wing;
use nogil::generic::SimpleQueue;
use nogil::model::{expire, until_asleep};

use crate::engine::{sync, thread::yield_now};
use crate::harness::{self, Plain, UNTIL_EXPIRED, over_each_wing};
use crate::history::{Did, assert_explained, got};
use crate::turns::spawn;

over_each_wing!(
    hands_items_over,
    puts_and_gets_mix,
    two_getters_share,
    the_first_puts_meet,
    put_meets_sleeper,
    an_expiring_getter_leaves_the_item,
    the_length_stays_in_range,
    the_length_is_of_some_moment,
    items_are_dropped_once,
    a_segment_is_used_again,
    an_item_puts_from_its_destructor,
    two_puts_wake_two_getters,
    an_expiring_getter_passes_on,
    an_item_before_expiry_counts,
);

fn new<T, W: Wing>() -> Arc<SimpleQueue<T, W>> {
    Arc::new(SimpleQueue::default())
}

const FIFO: crate::history::Next = |items| items.pop_front();

type Shared<W> = (SimpleQueue<usize, W>, [Plain; 2]);

fn shared<W: Wing>() -> Arc<Shared<W>> {
    Arc::new((SimpleQueue::default(), [Plain::new(), Plain::new()]))
}

fn put<W: Wing>((queue, work): &Shared<W>, item: usize) {
    work[item].set(item + 10);
    queue.put(item);
}

fn get<W: Wing>((queue, work): &Shared<W>) -> usize {
    let item = queue.get();
    assert_eq!(work[item].get(), item + 10);
    item
}

/// Two puts in a row come out in their order, whenever the gets come, with what was done before each.
fn hands_items_over<W: Wing>() {
    let shared = shared::<W>();
    let putter = spawn(&shared, |shared| [0, 1].into_iter().for_each(|item| put(shared, item)));
    assert_eq!([get(&shared), get(&shared)], [0, 1]);
    putter.join().unwrap();
}

/// Two puts into a new queue, of which each may make its first node.
fn the_first_puts_meet<W: Wing>() {
    let shared = shared::<W>();
    let other = spawn(&shared, |shared| put(shared, 0));
    put(&shared, 1);
    assert_eq!(get(&shared) + get(&shared), 1, "each item once");
    other.join().unwrap();
}

/// Two threads that put and get see what they would see if they took turns.
fn puts_and_gets_mix<W: Wing>() {
    let queue = new::<_, W>();
    let put_and_get = |queue: &SimpleQueue<usize, W>, item| {
        queue.put(item);
        [Did::Put(item), got(queue.try_get())]
    };
    let other = spawn(&queue, move |queue| put_and_get(queue, 2));
    let mine = put_and_get(&queue, 1);
    let rest = [(); 2].map(|()| got(queue.try_get()));
    assert_explained(FIFO, &[], &[&other.join().unwrap(), &[&mine[..], &rest[..]].concat()], &[]);
}

/// Two getters share what is there: each item goes to one of them, and a third get finds nothing.
fn two_getters_share<W: Wing>() {
    let queue = new::<_, W>();
    queue.put(1);
    queue.put(2);
    let other = spawn(&queue, |queue| [got(queue.try_get())]);
    let mine = [(); 2].map(|()| got(queue.try_get()));
    assert_explained(FIFO, &[1, 2], &[&other.join().unwrap(), &mine], &[Did::FoundNone]);
}

/// A getter is woken by the first put, or sees its item before it sleeps.
fn put_meets_sleeper<W: Wing>() {
    let queue = new::<_, W>();
    let getter = spawn(&queue, |queue| queue.get());
    queue.put(1);
    assert_eq!(getter.join().unwrap(), 1);
}

/// Two puts serve two getters, one of which may be enlisted without need when it is notified, and passes that on.
fn two_puts_wake_two_getters<W: Wing>() {
    let queue = new::<_, W>();
    let getter = spawn(&queue, |queue| queue.get());
    let putter = spawn(&queue, |queue| {
        queue.put(1);
        yield_now();
        queue.put(2);
    });
    let mine = queue.get();
    assert_eq!(mine + getter.join().unwrap(), 3);
    putter.join().unwrap();
}

/// A getter whose time is up at the moment of a put has the item, or the queue still has it.
fn an_expiring_getter_leaves_the_item<W: Wing>() {
    let queue = new::<_, W>();
    let getter = spawn(&queue, |queue| queue.get_timeout(UNTIL_EXPIRED));
    expire();
    queue.put(1);
    match getter.join().unwrap() {
        Some(item) => assert_eq!((item, queue.len()), (1, 0)),
        None => assert_eq!(queue.try_get(), Some(1)),
    }
}

/// Of two getters one gives up at the moment of a put: if it is without the item, the other has it.
fn an_expiring_getter_passes_on<W: Wing>() {
    let queue = new::<_, W>();
    let expiring = spawn(&queue, |queue| queue.get_timeout(UNTIL_EXPIRED));
    let patient = spawn(&queue, |queue| queue.get());
    expire();
    queue.put(1);
    let expired = expiring.join().unwrap();
    if expired.is_some() {
        queue.put(2);
    }
    assert_eq!(patient.join().unwrap(), if expired.is_some() { 2 } else { 1 });
}

/// An item that is put before the time is up reaches one of two getters, also if the one that it has woken finds its time up.
fn an_item_before_expiry_counts<W: Wing>() {
    let queue = new::<_, W>();
    let expiring = spawn(&queue, |queue| queue.get_timeout(UNTIL_EXPIRED));
    let patient = spawn(&queue, |queue| queue.get());
    until_asleep(2);
    queue.put(1);
    expire();
    let expired = expiring.join().unwrap();
    if expired.is_some() {
        queue.put(2);
    }
    assert_eq!(patient.join().unwrap(), if expired.is_some() { 2 } else { 1 });
}

/// The length is that of some moment, and so never below none.
fn the_length_stays_in_range<W: Wing>() {
    let queue = new::<_, W>();
    let worker = spawn(&queue, |queue| {
        queue.put(1);
        queue.put(2);
        _ = queue.get();
    });
    let len = queue.len();
    assert!(len <= 2, "{len} items");
    worker.join().unwrap();
    assert_eq!(queue.len(), 1);
}

/// While one thread puts and then gets there is one item all the time, and no length says otherwise.
fn the_length_is_of_some_moment<W: Wing>() {
    let queue = new::<_, W>();
    queue.put(1);
    let worker = spawn(&queue, |queue| {
        queue.put(2);
        _ = queue.get();
    });
    let len = queue.len();
    assert!((1..=2).contains(&len), "{len} items");
    worker.join().unwrap();
}

/// Items that are fetched, and items that are left when the last thread lets the queue go, are dropped once.
fn items_are_dropped_once<W: Wing>() {
    // The engine's `Arc`, since the order in which the threads let go of it is a part of what is tested.
    let queue = sync::Arc::new(SimpleQueue::<sync::Arc<()>, W>::default());
    queue.put(sync::Arc::new(()));
    let other = harness::spawn_owner(&queue, |queue| {
        drop(queue.try_get());
        queue.put(sync::Arc::new(()));
    });
    drop(queue.try_get());
    drop(queue);
    other.join().unwrap();
}

/// The getter that leaves the first segment of the atomic wing gives it back, and the putter that next needs one takes it, with what its
/// readers did. (Here and not in the models of `Queue`, whose getters pass a fence right after that.)
fn a_segment_is_used_again<W: Wing>() {
    let queue = new::<_, W>();
    (0..4).for_each(|item| queue.put(item));
    assert_eq!([queue.get(), queue.get()], [0, 1]);
    let other = spawn(&queue, |queue| assert_eq!(queue.get(), 2));
    (4..8).for_each(|item| queue.put(item));
    other.join().unwrap();
    assert_eq!(queue.len(), 5);
}

/// Puts into the queue from which it came when it is dropped.
struct Echo<W: Wing>(Option<Arc<SimpleQueue<Echo<W>, W>>>);

impl<W: Wing> Drop for Echo<W> {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.put(Echo(None));
        }
    }
}

/// A put from an item's destructor serves a getter that sleeps.
fn an_item_puts_from_its_destructor<W: Wing>() {
    let queue = new::<Echo<W>, W>();
    queue.put(Echo(Some(queue.clone())));
    let other = spawn(&queue, |queue| drop(queue.get()));
    drop(queue.get());
    other.join().unwrap();
    assert!(queue.is_empty());
}
