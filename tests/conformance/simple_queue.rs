//! `SimpleQueue`. Left out: 27 (a `Duration` is never negative) and 33 (there is one class).

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nogil::Wing;
use nogil::generic::SimpleQueue;

use crate::harness::{Census, MOMENT, over_each_wing, panic_of, start, takes};

over_each_wing! {
    s17_26_basic,
    s17_28_order,
    s17_29_many_threads,
    s17_30_many_threads_that_poll,
    s17_31_many_threads_with_timeouts,
    s17_32_an_item_is_gone_once_fetched,
    s17_34_put_from_a_destructor,
    s19_07_dropping_a_queue_drops_its_items,
    s19_12_destructors_find_the_queue_gone_that_drops_them,
    s19_13_the_longest_timeout_is_for_ever,
    blocked_getters_each_get_an_item,
    a_destructor_that_panics_leaves_the_queue_usable,
    a_destructor_that_panics_leaves_no_item_out,
    traits,
    debug_shows_how_many_wait,
    threads_extend_a_queue_that_they_share,
}

#[test]
fn a_static_queue() {
    static QUEUE: nogil::SimpleQueue<Box<u32>> = nogil::SimpleQueue::new();
    QUEUE.put(Box::new(1));
    assert_eq!(*QUEUE.get(), 1);
}

fn empty<T, W: Wing>() -> SimpleQueue<T, W> {
    SimpleQueue::new_in(W::default())
}

fn s17_26_basic<W: Wing>() {
    let queue = empty::<_, W>();
    assert!(queue.is_empty());
    for item in 1..5 {
        queue.put(item);
        assert_eq!((queue.len(), queue.is_empty()), (item, false));
    }
    assert_eq!(queue.get(), 1);
    assert_eq!(queue.try_get(), Some(2));
    assert_eq!(queue.get_timeout(MOMENT), Some(3));
    assert_eq!(queue.get_deadline(Instant::now()), Some(4));
    assert_eq!(queue.len(), 0);
    assert_eq!(queue.try_get(), None);
    assert_eq!(queue.get_timeout(Duration::ZERO), None);
    assert_eq!(queue.get_deadline(Instant::now()), None);
    assert_eq!(takes(MOMENT, || queue.get_timeout(MOMENT)), None);
    assert_eq!(takes(MOMENT, || queue.get_deadline(Instant::now() + MOMENT)), None);
}

fn s17_28_order<W: Wing>() {
    let queue = empty::<_, W>();
    thread::scope(|scope| {
        scope.spawn(|| (0..100).for_each(|item| queue.put(item)));
        assert!((0..100).all(|item| queue.get() == item));
    });
}

fn s17_29_many_threads<W: Wing>() {
    exchange::<W>(10_000, SimpleQueue::get);
}

fn s17_30_many_threads_that_poll<W: Wing>() {
    exchange::<W>(2_000, |queue| {
        loop {
            if let Some(item) = queue.try_get() {
                return item;
            }
            thread::yield_now();
        }
    });
}

fn s17_31_many_threads_with_timeouts<W: Wing>() {
    exchange::<W>(1_000, |queue| {
        loop {
            if let Some(item) = queue.get_timeout(Duration::from_micros(10)) {
                return item;
            }
        }
    });
}

/// Fifty threads put `items` numbers, fifty fetch them: exactly these arrive, and those of one putter that one getter fetches
/// are in order.
fn exchange<W: Wing>(items: usize, get: impl Fn(&SimpleQueue<(usize, usize), W>) -> (usize, usize) + Sync) {
    const THREADS: usize = 50;
    let queue = empty::<_, W>();
    let mut arrived = thread::scope(|scope| {
        let (queue, get) = (&queue, &get);
        for putter in 0..THREADS {
            scope.spawn(move || (0..items / THREADS).for_each(|item| queue.put((putter, item))));
        }
        let getters = [(); THREADS].map(|()| {
            scope.spawn(move || {
                let fetched: Vec<_> = (0..items / THREADS).map(|_| get(queue)).collect();
                for putter in 0..THREADS {
                    assert!(fetched.iter().filter(|item| item.0 == putter).is_sorted());
                }
                fetched
            })
        });
        getters.into_iter().flat_map(|getter| getter.join().unwrap()).collect::<Vec<_>>()
    });
    arrived.sort_unstable();
    assert!(
        arrived.into_iter().eq((0..THREADS).flat_map(|putter| (0..items / THREADS).map(move |item| (putter, item))))
    );
    assert!(queue.is_empty());
}

fn s17_32_an_item_is_gone_once_fetched<W: Wing>() {
    let census = Census::default();
    let queue = empty::<_, W>();
    queue.put(census.item(0));
    for number in 1..20 {
        queue.put(census.item(number));
        drop(queue.get());
        assert_eq!(census.alive(), 1);
    }
}

/// When it is dropped, puts a successor into the queue, as long as there is one.
struct Chain<W: Wing> {
    queue: Arc<SimpleQueue<Chain<W>, W>>,
    left: usize,
}

impl<W: Wing> Drop for Chain<W> {
    fn drop(&mut self) {
        if self.left > 0 {
            self.queue.put(Self { queue: self.queue.clone(), left: self.left - 1 });
        }
    }
}

fn s17_34_put_from_a_destructor<W: Wing>() {
    let queue = Arc::new(empty::<_, W>());
    queue.put(Chain { queue: queue.clone(), left: 10_000 });
    for left in (0..=10_000).rev() {
        assert_eq!(queue.get().left, left);
    }
    assert!(queue.is_empty());
}

fn s19_07_dropping_a_queue_drops_its_items<W: Wing>() {
    let census = Census::default();
    let queue = empty::<_, W>();
    (0..1000).for_each(|number| queue.put(census.item(number)));
    queue.try_iter().take(300).for_each(drop);
    assert_eq!(census.alive(), 700);
    drop(queue);
    assert_eq!((census.alive(), census.dropped()), (0, 1000));
}

fn s19_12_destructors_find_the_queue_gone_that_drops_them<W: Wing>() {
    struct Orphan<W: Wing>(std::sync::Weak<SimpleQueue<Orphan<W>, W>>, Arc<AtomicUsize>);
    impl<W: Wing> Drop for Orphan<W> {
        fn drop(&mut self) {
            assert!(self.0.upgrade().is_none());
            self.1.fetch_add(1, Ordering::SeqCst);
        }
    }
    let (queue, drops) = (Arc::new(empty::<_, W>()), Arc::default());
    (0..3).for_each(|_| queue.put(Orphan(Arc::downgrade(&queue), Arc::clone(&drops))));
    drop(queue);
    assert_eq!(drops.load(Ordering::SeqCst), 3);
}

fn s19_13_the_longest_timeout_is_for_ever<W: Wing>() {
    let queue = empty::<_, W>();
    thread::scope(|scope| {
        let getter = start(scope, || queue.get_timeout(Duration::MAX));
        getter.until_blocked();
        queue.put(1);
        assert_eq!(getter.join(), Some(1));
    });
}

fn blocked_getters_each_get_an_item<W: Wing>() {
    let queue = empty::<_, W>();
    thread::scope(|scope| {
        let getters = [(); 5].map(|()| start(scope, || queue.get()));
        getters.iter().for_each(|getter| getter.until_blocked());
        (0..5).for_each(|item| queue.put(item));
        let mut items = getters.map(|getter| getter.join());
        items.sort_unstable();
        assert_eq!(items, [0, 1, 2, 3, 4]);
    });
}

fn a_destructor_that_panics_leaves_the_queue_usable<W: Wing>() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the destructor");
        }
    }
    let queue = empty::<_, W>();
    queue.put(Some(Bomb));
    assert_eq!(panic_of(|| drop(queue.get())), "in the destructor");
    queue.put(None);
    assert!(queue.get().is_none());
}

fn a_destructor_that_panics_leaves_no_item_out<W: Wing>() {
    struct Counted<'a>(&'a AtomicUsize);
    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            assert!(self.0.fetch_add(1, Ordering::SeqCst) != 2, "in the destructor");
        }
    }
    let runs = AtomicUsize::new(0);
    let queue = empty::<_, W>();
    (0..5).for_each(|_| queue.put(Counted(&runs)));
    assert_eq!(panic_of(|| drop(queue)), "in the destructor");
    assert_eq!(runs.load(Ordering::SeqCst), 5);
}

fn debug_shows_how_many_wait<W: Wing>() {
    let queue = empty::<_, W>();
    let shown = thread::scope(|scope| {
        let getters = [(); 2].map(|()| start(scope, || queue.get()));
        getters.iter().for_each(|getter| getter.until_blocked());
        let shown = format!("{queue:?}");
        (&queue).extend([1, 2]);
        shown
    });
    assert_eq!(shown, "SimpleQueue { len: 0, waiting_to_get: 2 }");
    assert_eq!(format!("{queue:?}"), "SimpleQueue { len: 0, waiting_to_get: 0 }");
}

fn traits<W: Wing>() {
    fn shared<T: Send + Sync + UnwindSafe + RefUnwindSafe>(_: &T) {}
    let mut queue: SimpleQueue<_, W> = [1, 2].into_iter().collect();
    shared(&queue);
    queue.extend([3]);
    assert_eq!(format!("{queue:?}"), "SimpleQueue { len: 3, waiting_to_get: 0 }");
    assert_eq!(format!("{:?}", queue.try_iter()), "TryIter { queue: SimpleQueue { len: 3, waiting_to_get: 0 } }");
    assert_eq!(queue.try_iter().collect::<Vec<_>>(), [1, 2, 3]);
    assert!(SimpleQueue::<u8, W>::default().is_empty());
}

fn threads_extend_a_queue_that_they_share<W: Wing>() {
    let queue = empty::<_, W>();
    thread::scope(|scope| {
        let mut shared = &queue;
        scope.spawn(move || shared.extend(0..50));
        shared.extend(50..100);
    });
    let mut items: Vec<i32> = queue.try_iter().collect();
    assert!(items.iter().filter(|item| **item < 50).is_sorted(), "each in its own order: {items:?}");
    items.sort_unstable();
    assert_eq!(items, Vec::from_iter(0..100));
}
