//! No thread sleeps beside an item, or beside room; and one that gives up takes nothing with it.

use std::sync::Arc;

use nogil::model::{expire, until_asleep};
use nogil::queue::Queue;
use nogil::{TryGetError, TryPutError};

use super::{Kind, Q};
use crate::engine::thread::yield_now;
use crate::harness::UNTIL_EXPIRED;
use crate::turns::spawn;

/// A queue that is full, of items from 1 to the answered number.
fn full<K: Kind>() -> (Arc<Q<K>>, usize) {
    let queue = K::tight();
    (1..=K::TIGHT).for_each(|item| queue.put(item).unwrap());
    (Arc::new(queue), K::TIGHT)
}

/// A getter is woken by a put, or sees its item before it sleeps.
pub(crate) fn put_meets_sleeper<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let getter = spawn(&queue, |queue| queue.get());
    queue.put(1).unwrap();
    assert_eq!(getter.join().unwrap(), Ok(1));
}

/// A putter is woken by a get, or sees its room before it sleeps.
pub(crate) fn get_meets_sleeper<K: Kind>() {
    let (queue, items) = full::<K>();
    let putter = spawn(&queue, move |queue| queue.put(items + 1));
    assert!(queue.get().is_ok());
    assert_eq!(putter.join().unwrap(), Ok(()));
    assert_eq!(queue.len(), items);
}

/// Two puts serve two getters, one of which may be enlisted without need when it is notified, and passes that on.
pub(crate) fn two_puts_wake_two_getters<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let getter = spawn(&queue, |queue| queue.get().unwrap());
    let putter = spawn(&queue, |queue| {
        queue.put(1).unwrap();
        yield_now();
        queue.put(2).unwrap();
    });
    let mine = queue.get().unwrap();
    assert_eq!(mine + getter.join().unwrap(), 3);
    putter.join().unwrap();
}

/// Two gets make room for two putters, one of which may be enlisted without need when it is notified, and passes that on.
pub(crate) fn two_gets_wake_two_putters<K: Kind>() {
    let (queue, items) = full::<K>();
    let putter = spawn(&queue, move |queue| queue.put(items + 1));
    let getter = spawn(&queue, |queue| {
        queue.get().unwrap();
        yield_now();
        queue.get().unwrap();
    });
    assert_eq!(queue.put(items + 2), Ok(()));
    assert_eq!(putter.join().unwrap(), Ok(()));
    getter.join().unwrap();
    assert_eq!(queue.len(), items);
}

/// A getter whose time is up at the moment of a put has the item, or the queue still has it.
pub(crate) fn an_expiring_getter_leaves_the_item<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let getter = spawn(&queue, |queue| queue.get_timeout(UNTIL_EXPIRED));
    expire();
    queue.put(1).unwrap();
    match getter.join().unwrap() {
        Ok(item) => assert_eq!((item, queue.len()), (1, 0)),
        Err(empty) => assert_eq!((empty, queue.try_get()), (TryGetError::Empty, Ok(1))),
    }
}

/// A putter whose time is up at the moment of a get has its item back, or the queue has it.
pub(crate) fn an_expiring_putter_keeps_its_item<K: Kind>() {
    let (queue, items) = full::<K>();
    let putter = spawn(&queue, move |queue| queue.put_timeout(items + 1, UNTIL_EXPIRED));
    expire();
    queue.get().unwrap();
    match putter.join().unwrap() {
        Ok(()) => assert_eq!(queue.len(), items),
        Err(full) => assert_eq!((full, queue.len()), (TryPutError::Full(items + 1), items - 1)),
    }
}

/// Of two getters one gives up at the moment of a put: if it is without the item, the other has it.
pub(crate) fn an_expiring_getter_passes_on<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let expiring = spawn(&queue, |queue| queue.get_timeout(UNTIL_EXPIRED));
    let patient = spawn(&queue, |queue| queue.get().unwrap());
    expire();
    queue.put(1).unwrap();
    let expired = expiring.join().unwrap();
    if expired.is_ok() {
        queue.put(2).unwrap();
    }
    assert_eq!(patient.join().unwrap(), if expired.is_ok() { 2 } else { 1 });
}

/// An item that is put before the time is up reaches one of two getters, also if the one that it has woken finds its time up.
pub(crate) fn an_item_before_expiry_counts<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let expiring = spawn(&queue, |queue| queue.get_timeout(UNTIL_EXPIRED));
    let patient = spawn(&queue, |queue| queue.get().unwrap());
    until_asleep(2);
    queue.put(1).unwrap();
    expire();
    let expired = expiring.join().unwrap();
    if expired.is_ok() {
        queue.put(2).unwrap();
    }
    assert_eq!(patient.join().unwrap(), if expired.is_ok() { 2 } else { 1 });
}

/// Of two putters one gives up at the moment of a get: if it did not use the room, the other does.
pub(crate) fn an_expiring_putter_passes_on<K: Kind>() {
    let (queue, items) = full::<K>();
    let expiring = spawn(&queue, move |queue| queue.put_timeout(items + 1, UNTIL_EXPIRED));
    let patient = spawn(&queue, move |queue| queue.put(items + 2));
    expire();
    queue.get().unwrap();
    if expiring.join().unwrap().is_ok() {
        queue.get().unwrap();
    }
    assert_eq!(patient.join().unwrap(), Ok(()));
    assert_eq!(queue.len(), items);
}

/// While there is room for one more all the time, a put that does not wait has it.
pub(crate) fn room_is_found<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(Queue::bounded_in(K::Wing::default(), K::TIGHT.max(2)));
    let other = spawn(&queue, |queue| {
        queue.put(1).unwrap();
        queue.get().unwrap();
    });
    assert_eq!(queue.try_put(2), Ok(()));
    other.join().unwrap();
    assert_eq!(queue.len(), 1);
}

/// A put that is enough for sleeping getters makes room by that, and a putter that came in between has it; what that one puts is for the
/// getter that is left.
pub(crate) fn help_for_getters_goes_on_to_putters<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::tight());
    let getters = [(); 2].map(|()| spawn(&queue, |queue| queue.get().unwrap()));
    until_asleep(2);
    let putter = spawn(&queue, |queue| queue.put(9));
    queue.put_many(1..=K::TIGHT).unwrap();
    let got = getters.map(|getter| getter.join().unwrap());
    assert_eq!(putter.join().unwrap(), Ok(()));
    assert_ne!(got[0], got[1]);
    assert_eq!(queue.len(), K::TIGHT - 1);
}

/// Gets that make room for sleeping putters leave their items to a getter that came in between, and its room to the putter that is left.
pub(crate) fn help_for_putters_goes_on_to_getters<K: Kind>() {
    let (queue, items) = full::<K>();
    let putters = [1, 2].map(|more| spawn(&queue, move |queue| queue.put(items + more)));
    until_asleep(2);
    let getter = spawn(&queue, |queue| queue.get().unwrap());
    let mine = queue.get_many(items).unwrap();
    let others = getter.join().unwrap();
    assert_eq!(putters.map(|putter| putter.join().unwrap()), [Ok(()); 2]);
    assert!(!mine.contains(&others));
    assert_eq!(queue.len(), items + 2 - mine.len() - 1);
}

/// Of two sleeping getters the one that came first has the item. The other has none when its time is up.
pub(crate) fn the_longest_waiter_is_first<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let first = spawn(&queue, |queue| queue.get_timeout(UNTIL_EXPIRED));
    until_asleep(1);
    let second = spawn(&queue, |queue| queue.get_timeout(UNTIL_EXPIRED));
    until_asleep(2);
    queue.put(1).unwrap();
    expire();
    assert_eq!(first.join().unwrap(), Ok(1));
    assert_eq!(second.join().unwrap(), Err(TryGetError::Empty));
}
