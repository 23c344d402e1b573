//! The last users of a queue, leaving together: whatever is still in it is dropped, once.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use nogil::Wing;
use nogil::generic::SimpleQueue;
use nogil::queue::{Order, Queue};

use super::race::{random, rounds, together};
use crate::harness::{Census, Item, over_each_queue, over_each_wing};

over_each_wing!(simple_queue_is_left_together, simple_queue_is_filled_then_drained);

over_each_queue!(
    unbounded_is_left_together,
    bounded_is_left_together,
    unbounded_is_filled_then_drained,
    bounded_is_filled_then_drained,
    unbounded_is_shut_down_by_all,
    bounded_is_shut_down_by_all,
);

const THREADS: usize = 4;

/// What these tests need of any queue. A put that finds no room drops its item.
trait AnyQueue: Send + Sync {
    fn put(&self, item: Item);
    fn take(&self) -> Option<Item>;
}

impl<W: Wing, O: Order<Item, W>> AnyQueue for Queue<Item, W, O> {
    fn put(&self, item: Item) {
        drop(self.try_put(item));
    }

    fn take(&self) -> Option<Item> {
        self.try_get().ok()
    }
}

impl<W: Wing> AnyQueue for SimpleQueue<Item, W> {
    fn put(&self, item: Item) {
        SimpleQueue::put(self, item);
    }

    fn take(&self) -> Option<Item> {
        self.try_get()
    }
}

/// Each thread puts and takes a little, and drops its share of the queue at the moment at which the others do.
fn left_together<Q: AnyQueue>(new: impl Fn() -> Q) {
    for round in rounds() {
        let (census, made) = (Census::default(), AtomicUsize::new(0));
        let item = || census.item(made.fetch_add(1, SeqCst));
        let queue = Arc::new(new());
        // From nothing at all to more than one segment, which has 255 slots.
        (0..random(round, 300)).for_each(|_| queue.put(item()));
        let shares: Vec<_> = (0..THREADS).map(|_| Mutex::new(Some(queue.clone()))).collect();
        drop(queue);
        together(THREADS, |thread| {
            let share = shares[thread].lock().unwrap().take().expect("one share for each thread");
            for step in 0..random(round * 7 + thread as u64, 6) {
                if random(round + step * 11, 2) == 0 { share.put(item()) } else { drop(share.take()) }
            }
        });
        assert_eq!((census.alive(), census.dropped()), (0, made.load(SeqCst)));
    }
}

/// Filled by one thread and drained by many, which have to reach the last item together. Reclaimed too early, a node would be read
/// here after it was freed: threads that put and get in turn hardly ever show that.
fn filled_then_drained<Q: AnyQueue>(new: impl Fn() -> Q) {
    const ITEMS: usize = 2_000;
    for _ in rounds() {
        let (census, queue) = (Census::default(), new());
        (0..ITEMS).for_each(|number| queue.put(census.item(number)));
        let times: Vec<_> = (0..ITEMS).map(|_| AtomicUsize::new(0)).collect();
        together(THREADS, |_| {
            while let Some(item) = queue.take() {
                times[item.number].fetch_add(1, SeqCst);
            }
        });
        assert!(times.iter().all(|times| times.load(SeqCst) == 1), "each item is taken once");
        drop(queue);
        assert_eq!((census.alive(), census.dropped()), (0, ITEMS));
    }
}

/// Every thread shuts the queue down at once: each item is handed back to one of them.
fn shut_down_by_all<W: Wing, O: Order<Item, W>>(new: impl Fn() -> Queue<Item, W, O>) {
    for round in rounds() {
        let (census, queue) = (Census::default(), new());
        let items = 1 + random(round, 300) as usize;
        for number in 0..items {
            queue.put(census.item(number)).unwrap();
        }
        let handed_back = AtomicUsize::new(0);
        together(THREADS, |thread| {
            if thread == 0 {
                handed_back.fetch_add(usize::from(queue.try_get().is_ok()), SeqCst);
            }
            handed_back.fetch_add(queue.shutdown_now().len(), SeqCst);
        });
        assert_eq!(handed_back.load(SeqCst), items);
        assert_eq!(census.alive(), 0);
        drop(queue);
        assert_eq!((census.alive(), census.dropped()), (0, items));
    }
}

fn simple_queue_is_left_together<W: Wing>() {
    left_together(|| SimpleQueue::new_in(W::default()));
}

fn simple_queue_is_filled_then_drained<W: Wing>() {
    filled_then_drained(|| SimpleQueue::new_in(W::default()));
}

fn unbounded<W: Wing, O: Order<Item, W>>() -> Queue<Item, W, O> {
    Queue::unbounded_in(W::default())
}

fn bounded<W: Wing, O: Order<Item, W>>() -> Queue<Item, W, O> {
    Queue::bounded_in(W::default(), 2_000)
}

fn unbounded_is_left_together<W: Wing, O: Order<Item, W>>() {
    left_together(unbounded::<W, O>);
}

fn bounded_is_left_together<W: Wing, O: Order<Item, W>>() {
    // Less than what is put first.
    left_together(|| Queue::<Item, W, O>::bounded_in(W::default(), 37));
}

fn unbounded_is_filled_then_drained<W: Wing, O: Order<Item, W>>() {
    filled_then_drained(unbounded::<W, O>);
}

fn bounded_is_filled_then_drained<W: Wing, O: Order<Item, W>>() {
    filled_then_drained(bounded::<W, O>);
}

fn unbounded_is_shut_down_by_all<W: Wing, O: Order<Item, W>>() {
    shut_down_by_all(unbounded::<W, O>);
}

fn bounded_is_shut_down_by_all<W: Wing, O: Order<Item, W>>() {
    shut_down_by_all(|| Queue::<Item, W, O>::bounded_in(W::default(), 300));
}
