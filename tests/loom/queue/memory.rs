//! Each item and each part of the queue is freed once, after the last thread is done with it.

use std::sync::Arc;

use nogil::{TryPutError, atomic};

use super::{Counted, Kind, Q};
use crate::engine::sync;
use crate::harness::{self, Plain};
use crate::turns::spawn;

/// Items that are fetched, and items that are left when the last thread lets the queue go, are dropped once.
pub(crate) fn items_are_dropped_once<K: Kind>() {
    // The engine's `Arc`, since the order in which the threads let go of it is a part of what is tested.
    let queue: sync::Arc<Q<K, Counted>> = sync::Arc::new(K::roomy());
    queue.put(Counted::new(1)).unwrap();
    let other = harness::spawn_owner(&queue, |queue| {
        drop(queue.try_get());
        queue.put(Counted::new(2)).unwrap();
    });
    drop(queue.try_get());
    drop(queue);
    other.join().unwrap();
}

/// A putter goes on to the second segment, and a getter follows it, with every item and what was done for it.
pub(crate) fn crosses_segments() {
    const ITEMS: usize = 4;
    let shared = Arc::new((atomic::Queue::unbounded(), [const { () }; ITEMS].map(|()| Plain::new())));
    let putter = spawn(&shared, |(queue, work)| {
        for item in 0..ITEMS {
            work[item].set(item + 10);
            queue.put(item).unwrap();
        }
    });
    let (queue, work) = &*shared;
    for item in 0..ITEMS {
        assert_eq!(queue.get(), Ok(item));
        assert_eq!(work[item].get(), item + 10);
    }
    putter.join().unwrap();
}

/// Two putters race for the last slot of a segment, and two getters follow them to the next one.
pub(crate) fn two_cross_segments() {
    let queue = Arc::new(atomic::Queue::unbounded());
    queue.put_many([0, 1]).unwrap();
    let other = spawn(&queue, |queue| {
        queue.put(2).unwrap();
        queue.get().unwrap()
    });
    queue.put(3).unwrap();
    let mut items = vec![queue.get().unwrap(), queue.get().unwrap()];
    // The other thread got one beside these two, so the first of them is one of the first two items.
    assert!(items.is_sorted() && items[0] < 2, "{items:?}");
    items.extend([other.join().unwrap(), queue.get().unwrap()]);
    items.sort_unstable();
    assert_eq!(items, [0, 1, 2, 3]);
}

/// A getter that has not looked at the tail, since another has, takes the last item of a segment and moves on to one that a third thread made.
pub(crate) fn a_segment_is_entered_by_what_another_saw() {
    let queue = Arc::new(atomic::Queue::unbounded());
    queue.put_many([0, 1]).unwrap();
    assert_eq!(queue.get_many(2), Ok(vec![0, 1]));
    let putter = spawn(&queue, |queue| queue.put_many([2, 3]).unwrap());
    let getters = [(); 2].map(|()| spawn(&queue, |queue| queue.try_get().ok()));
    putter.join().unwrap();
    let got = getters.map(|getter| getter.join().unwrap());
    let mut items: Vec<_> = got.into_iter().flatten().chain(queue.try_iter()).collect();
    items.sort_unstable();
    assert_eq!(items, [2, 3]);
}

/// A slot of a segment that is used again is read only once its new item is there, whatever its marks said before.
pub(crate) fn a_segment_used_again_is_empty() {
    let queue = Arc::new(atomic::Queue::unbounded());
    queue.put_many([0, 1, 2, 3]).unwrap();
    assert_eq!(queue.get_many(4), Ok(vec![0, 1, 2, 3]));
    // Fills the second segment, which leads to the first again.
    queue.put_many([4, 5]).unwrap();
    assert_eq!(queue.get_many(2), Ok(vec![4, 5]));
    let putter = spawn(&queue, |queue| queue.put(6).unwrap());
    let getter = spawn(&queue, |queue| queue.try_get().ok());
    putter.join().unwrap();
    let got = getter.join().unwrap();
    assert_eq!(got.or_else(|| queue.try_get().ok()), Some(6));
}

/// Three threads read the three slots of a segment, and whoever is last frees it, once, and not before.
pub(crate) fn segments_are_freed_once() {
    let queue = Arc::new(atomic::Queue::unbounded());
    queue.put_many((0..4).map(Counted::new)).unwrap();
    let one = spawn(&queue, |queue| queue.get().unwrap().0);
    let other = spawn(&queue, |queue| queue.get().unwrap().0);
    let mine = queue.get().unwrap().0;
    assert_eq!(mine + one.join().unwrap() + other.join().unwrap(), 3);
    // The fourth stays, in a segment of its own, for the queue to free.
}

/// A segment that was read is linked again, and by then its readers are done with it. (Of three slots two threads read one each, and one of the two
/// the last, which leads the head on. Four more items fill the second segment and go on into a third, which is the first once more.)
pub(crate) fn segments_are_used_again() {
    let queue = Arc::new(atomic::Queue::unbounded());
    queue.put_many((0..4).map(Counted::new)).unwrap();
    drop(queue.get());
    let other = spawn(&queue, |queue| drop(queue.get()));
    drop(queue.get());
    queue.put_many((4..8).map(Counted::new)).unwrap();
    other.join().unwrap();
    assert_eq!(queue.len(), 5);
}

/// As above where two of the slots are read by one batch.
pub(crate) fn a_batch_frees_its_segment() {
    let queue = Arc::new(atomic::Queue::unbounded());
    queue.put_many((0..4).map(Counted::new)).unwrap();
    let other = spawn(&queue, |queue| queue.get_many(2).unwrap().len());
    let mine = queue.get_many(2).unwrap().len();
    let others = other.join().unwrap();
    assert_eq!(queue.len(), 4 - mine - others);
}

/// Two threads that each find a new queue without a segment link one, and one only.
pub(crate) fn the_first_segment_is_linked_once() {
    let queue = Arc::new(atomic::Queue::unbounded());
    let other = spawn(&queue, |queue| queue.put(Counted::new(1)).unwrap());
    queue.put(Counted::new(2)).unwrap();
    other.join().unwrap();
    assert_eq!(queue.len(), 2);
}

/// The first segment is read to its end, and freed, though the thread that linked it has hardly gone on.
pub(crate) fn the_first_segment_is_freed_once() {
    let queue = Arc::new(atomic::Queue::unbounded());
    let other = spawn(&queue, |queue| queue.put(Counted::new(8)).unwrap());
    queue.put_many([1, 2, 4].map(Counted::new)).unwrap();
    let mut sum = 0;
    for _ in 0..3 {
        sum += queue.get().unwrap().0;
    }
    other.join().unwrap();
    assert_eq!(sum + queue.get().unwrap().0, 15);
}

/// A bound holds while the queue goes on to the next segment, and no room is lost.
pub(crate) fn a_bound_holds_across_segments() {
    let queue = Arc::new(atomic::Queue::bounded(3));
    queue.put_many([0, 1]).unwrap();
    let other = spawn(&queue, |queue| {
        queue.get().unwrap();
        queue.put(2).unwrap();
    });
    queue.put(3).unwrap();
    assert!(queue.len() <= 3);
    other.join().unwrap();
    assert_eq!((queue.len(), queue.try_put(4)), (3, Err(TryPutError::Full(4))));
}

/// A getter that moves on to a segment after the next one was linked need not look at the tail there, and so learns of the third segment
/// by the second alone.
pub(crate) fn the_hint_of_a_next_segment_is_none_but_that() {
    let queue = Arc::new(atomic::Queue::unbounded());
    queue.put_many([0, 1, 2]).unwrap();
    let putter = spawn(&queue, |queue| (3..6).for_each(|item| queue.put(item).unwrap()));
    for item in 0..6 {
        assert_eq!(queue.get(), Ok(item));
    }
    putter.join().unwrap();
}
