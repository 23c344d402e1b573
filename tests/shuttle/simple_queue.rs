//! Programs of `SimpleQueue`.

use std::sync::Arc;

use nogil::Wing;
use nogil::generic::SimpleQueue;
use nogil::model::disturb;

use crate::harness::{UNTIL_EXPIRED, clock, crowd, join_all, over_each_wing};

over_each_wing!(hands_over, who_gives_up_passes_on);

const EACH: usize = 3;

/// Four putters and three getters: each item arrives once, and at no getter out of its putter's order.
fn hands_over<W: Wing>() {
    let queue: Arc<SimpleQueue<usize, W>> = Arc::default();
    let getters = crowd(3, &queue, |queue, _| [(); 4].map(|()| queue.get()));
    let putters = crowd(4, &queue, |queue, me| (0..EACH).for_each(|n| queue.put(me * EACH + n)));
    disturb();
    join_all(putters);
    let got = join_all(getters);
    for items in &got {
        assert!((0..4).all(|putter| items.iter().filter(|&item| item / EACH == putter).is_sorted()), "{items:?}");
    }
    let mut all = got.concat();
    all.sort_unstable();
    assert_eq!(all, Vec::from_iter(0..12));
}

/// Getters that give up beside others that do not: neither an item nor a wake-up leaves with one of them.
fn who_gives_up_passes_on<W: Wing>() {
    let queue: Arc<SimpleQueue<usize, W>> = Arc::default();
    let patient = crowd(2, &queue, |queue, _| vec![queue.get()]);
    let hasty =
        crowd(3, &queue, |queue, _| (0..2).filter_map(|_| queue.get_timeout(UNTIL_EXPIRED)).collect::<Vec<_>>());
    // Enough for all of them, so that whoever waits has one in the end.
    let putters = crowd(2, &queue, |queue, me| (0..4).for_each(|n| queue.put(4 * me + n)));
    let clock = clock(&queue, 2);
    join_all(putters);
    let mut all = [join_all(patient), join_all(hasty)].concat().concat();
    clock.join().unwrap();
    all.extend(queue.try_iter());
    all.sort_unstable();
    assert_eq!(all, Vec::from_iter(0..8));
}
