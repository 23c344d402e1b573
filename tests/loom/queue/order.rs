//! Each item comes out once, in the order of the queue, with what its putter did.

use std::sync::Arc;

use super::{Kind, Q};
use crate::harness::Plain;
use crate::history::{Did, assert_explained, got};
use crate::turns::spawn;

use Did::{Got, Put};

type Shared<K> = (Q<K>, [Plain; 2]);

fn shared<K: Kind>() -> Arc<Shared<K>> {
    Arc::new((K::roomy(), [Plain::new(), Plain::new()]))
}

fn put<K: Kind>((queue, work): &Shared<K>, item: usize) -> Did {
    work[item].set(item + 10);
    queue.put(item).unwrap();
    Put(item)
}

fn get<K: Kind>((queue, work): &Shared<K>) -> Did {
    let item = queue.get().unwrap();
    assert_eq!(work[item].get(), item + 10);
    Got(item)
}

/// Two puts in a row come out in the order of the queue, whenever the gets come, with what was done before each.
pub(crate) fn hands_items_over<K: Kind>() {
    let shared = shared::<K>();
    let putter = spawn(&shared, |shared| [0, 1].map(|item| put::<K>(shared, item)));
    let gets = [(); 2].map(|()| get::<K>(&shared));
    assert_explained(K::next, &[], &[&putter.join().unwrap(), &gets], &[]);
}

/// What two putters did before their puts is seen by whoever gets the items. The queue is new: each may be first.
pub(crate) fn two_putters_hand_over<K: Kind>() {
    let shared = shared::<K>();
    let one = spawn(&shared, |shared| [put::<K>(shared, 0)]);
    let other = spawn(&shared, |shared| [put::<K>(shared, 1)]);
    let gets = [(); 2].map(|()| get::<K>(&shared));
    assert_explained(K::next, &[], &[&one.join().unwrap(), &other.join().unwrap(), &gets], &[]);
}

/// Two threads that put and get see what they would see if they took turns.
pub(crate) fn puts_and_gets_mix<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let put_and_get = |queue: &Q<K>, item| {
        queue.put(item).unwrap();
        [Put(item), got(queue.try_get().ok())]
    };
    let other = spawn(&queue, move |queue| put_and_get(queue, 2));
    let mine = put_and_get(&queue, 1);
    let rest = [(); 2].map(|()| got(queue.try_get().ok()));
    assert_explained(K::next, &[], &[&other.join().unwrap(), &[&mine[..], &rest[..]].concat()], &[]);
}

/// Two getters share what is there: each item goes to one of them, and a third get finds nothing.
pub(crate) fn two_getters_share<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    queue.put(1).unwrap();
    queue.put(2).unwrap();
    let other = spawn(&queue, |queue| [got(queue.try_get().ok())]);
    let mine = [(); 2].map(|()| got(queue.try_get().ok()));
    assert_explained(K::next, &[1, 2], &[&other.join().unwrap(), &mine], &[Did::FoundNone]);
}

/// More items than there is room for go through a queue, each with what was done for it before.
pub(crate) fn slot_is_reused<K: Kind>() {
    let shared: Arc<(Q<K>, Vec<Plain>)> = Arc::new((K::tight(), (0..=K::TIGHT).map(|_| Plain::new()).collect()));
    let putter = spawn(&shared, |(queue, work)| {
        Vec::from_iter((0..=K::TIGHT).map(|item| {
            work[item].set(item + 10);
            queue.put(item).unwrap();
            Put(item)
        }))
    });
    let (queue, work) = &*shared;
    let gets = Vec::from_iter((0..=K::TIGHT).map(|_| {
        let item = queue.get().unwrap();
        assert_eq!(work[item].get(), item + 10);
        Got(item)
    }));
    assert_explained(K::next, &[], &[&putter.join().unwrap(), &gets], &[Did::FoundNone]);
}
