//! Batches against single calls.

use std::sync::Arc;

use nogil::model::expire;
use nogil::queue::Queue;
use nogil::{TryGetError, atomic};

use super::{Kind, Q};
use crate::harness::UNTIL_EXPIRED;
use crate::history::{Did, assert_explained};
use crate::turns::spawn;

/// A batch of two comes out in the order of the queue, to a batch and a single call that the former may leave something for.
pub(crate) fn batches_meet<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let putter = spawn(&queue, |queue| queue.put_many([1, 2]).map(|()| [1, 2].map(Did::Put)).unwrap());
    let mine = Did::GotMany(queue.get_many(2).unwrap());
    let puts = putter.join().unwrap();
    let rest = Vec::from_iter(queue.try_get().map(Did::Got));
    assert_explained(K::next, &[], &[&puts, &[mine]], &[&rest[..], &[Did::FoundNone]].concat());
}

/// Two sleeping getters are served by one batch.
pub(crate) fn a_batch_meets_getters<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let one = spawn(&queue, |queue| queue.get().unwrap());
    let other = spawn(&queue, |queue| queue.get().unwrap());
    queue.put_many([1, 2]).unwrap();
    assert_eq!(one.join().unwrap() + other.join().unwrap(), 3);
}

/// Two sleeping putters, one of them of a batch, find room after gets of as many in batches.
pub(crate) fn a_batch_meets_putters<K: Kind>() {
    let capacity = K::TIGHT.max(2);
    let queue: Arc<Q<K>> = Arc::new(Queue::bounded_in(K::Wing::default(), capacity));
    queue.put_many(1..=capacity).unwrap();
    let one = spawn(&queue, move |queue| queue.put(capacity + 1));
    let other = spawn(&queue, move |queue| queue.put_many([capacity + 2, capacity + 3]));
    let mut got = 0;
    while got < 3 {
        got += queue.get_many(3 - got).unwrap().len();
    }
    assert_eq!((one.join().unwrap(), other.join().unwrap()), (Ok(()), Ok(())));
    assert_eq!(queue.len(), capacity);
}

/// A batch of three and two batches of two take the order of the queue, each of the latter in one step.
pub(crate) fn batches_keep_the_order<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let putter = spawn(&queue, |queue| {
        queue.put_many([1, 2, 3]).unwrap();
        [1, 2, 3].map(Did::Put)
    });
    let getter = spawn(&queue, |queue| [Did::GotMany(queue.get_many(2).unwrap())]);
    let mine = [Did::GotMany(queue.get_many(2).unwrap())];
    let (puts, others) = (putter.join().unwrap(), getter.join().unwrap());
    let rest = Vec::from_iter(queue.try_get().map(Did::Got));
    assert_explained(K::next, &[], &[&puts, &others, &mine], &[&rest[..], &[Did::FoundNone]].concat());
}

/// A batch that finds the queue full is put as room comes, the rest of it later than its beginning; its time may be up at any moment, and
/// then the caller has the rest back.
pub(crate) fn a_batch_waits_for_room<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::tight());
    (1..=K::TIGHT).for_each(|item| queue.put(item).unwrap());
    let putter = spawn(&queue, |queue| queue.put_many_timeout([8, 9], UNTIL_EXPIRED));
    expire();
    queue.get().unwrap();
    let back = match putter.join().unwrap() {
        Ok(()) => 0,
        Err(refused) => refused.into_inner().len(),
    };
    assert_eq!(queue.len() + back, K::TIGHT + 1);
    assert!(back <= 2, "{back} came back");
}

/// A getter of a batch sleeps until there is one item at least, and has that or finds nothing as its time is up.
pub(crate) fn a_batch_waits_for_items<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let getter = spawn(&queue, |queue| queue.get_many_timeout(2, UNTIL_EXPIRED));
    expire();
    queue.put(1).unwrap();
    match getter.join().unwrap() {
        Ok(items) => assert_eq!((&items[..], queue.len()), (&[1][..], 0)),
        Err(empty) => assert_eq!((empty, queue.try_get()), (TryGetError::Empty, Ok(1))),
    }
}

/// A batch of puts comes round to the slot of a getter that has not emptied it yet, before one that is empty again, and writes neither.
pub(crate) fn a_batch_of_puts_ends_at_a_slot_that_is_not_emptied() {
    let queue = Arc::new(atomic::Queue::bounded(2));
    // So the next put has the last slot of the ring.
    queue.put(0).unwrap();
    queue.get().unwrap();
    queue.put_many([1, 2]).unwrap();
    let other = spawn(&queue, |queue| queue.get().unwrap());
    let mine = queue.get().unwrap();
    let refused = queue.try_put_many([3, 4]).err().map_or(0, |refused| refused.into_inner().len());
    assert!(refused < 2, "one was got, and found no room");
    let others = other.join().unwrap();
    assert_eq!(mine + others, 3);
    assert_eq!(Vec::from_iter(queue.try_iter()), [3, 4][..2 - refused]);
}
