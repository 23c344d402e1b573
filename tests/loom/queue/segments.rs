//! Steps that segments alone have: the tail that moves to a segment just as the queue is closed, and the head that moves over whole segments.

use std::sync::Arc;

use nogil::{ShutDown, atomic};

use crate::turns::spawn;

/// A putter fills a segment and links the next one, just as the queue is shut down: its item is there or refused, and the queue stays shut down.
pub(crate) fn a_shutdown_meets_the_linking_of_a_segment() {
    let queue = Arc::new(atomic::Queue::unbounded());
    queue.put_many([0, 1]).unwrap();
    let putter = spawn(&queue, |queue| queue.put(2));
    queue.shutdown();
    assert_eq!(queue.put(3), Err(ShutDown(3)));
    let items = if putter.join().unwrap().is_ok() { 3 } else { 2 };
    // The putter is through with the tail by now.
    assert_eq!(queue.put(4), Err(ShutDown(4)));
    assert_eq!(Vec::from_iter(queue.iter()), Vec::from_iter(0..items));
}

/// A batch of all that there is goes over two whole segments, while a putter comes to the end of the third and goes on to a fourth.
pub(crate) fn a_batch_over_segments_meets_a_putter() {
    let queue = Arc::new(atomic::Queue::unbounded());
    queue.put_many(0..8).unwrap();
    let putter = spawn(&queue, |queue| queue.put(8).unwrap());
    let mut items = queue.get_many(usize::MAX).unwrap();
    putter.join().unwrap();
    items.extend(queue.try_iter());
    assert_eq!(items, Vec::from_iter(0..9));
}

/// Two batches, each over a whole segment if it is first, one of them just to that segment's end: the other goes on behind it.
pub(crate) fn two_batches_over_segments() {
    let queue = Arc::new(atomic::Queue::unbounded());
    queue.put_many(0..8).unwrap();
    let other = spawn(&queue, |queue| queue.try_get_many(7).unwrap());
    let mine = queue.get_many(6).unwrap();
    let mut batches = [mine, other.join().unwrap()];
    batches.sort_unstable();
    let rest = Vec::from_iter(queue.try_iter());
    assert_eq!(batches.concat().into_iter().chain(rest).collect::<Vec<_>>(), Vec::from_iter(0..8));
}
