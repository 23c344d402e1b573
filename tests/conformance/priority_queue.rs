//! What a `PriorityQueue` has of its own: its order, and comparisons, which are code of the user's that can panic.

use std::cell::RefCell;
use std::cmp::{Ordering, Reverse};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use nogil::queue::{Lifo, Priority};
use nogil::{LifoQueue, OwnedTask, Prioritized, PriorityQueue, locked};

use super::queue::Bomb;
use crate::harness::{Census, Item, PATIENCE, panic_of, start};

/// Makes each function a test. The queue has one engine, so there is no wing to run over.
macro_rules! watched {
    ($($case:ident),* $(,)?) => {
        mod watched {
            $(#[test] fn $case() { $crate::harness::watched(super::$case); })*
        }
    };
}
watched! {
    static_queues,
    a_task_is_named_by_its_order,
    equal_items_come_in_the_order_of_their_puts,
    any_item_can_have_a_priority,
    the_largest_priority_can_be_first,
    a_priority_alone_is_compared,
    only_the_total_order_is_asked,
    peeking_shows_the_next_item,
    peeking_that_panics_changes_nothing,
    what_a_peek_in_vain_has_captured_may_use_the_queue,
    a_queue_is_not_busy_after_a_panic,
    a_busy_queue_is_shown_without_waiting,
    s17_25_s19_11_put,
    s17_25_s19_11_get,
    s17_25_s19_11_put_many,
    s17_25_s19_11_get_many,
    s17_25_s19_11_a_payload_that_panics_takes_no_items,
    s17_25_s19_11_shutdown_now,
    guards_that_shut_down_compare_nothing,
    s17_25_a_blocked_putter_that_panics_passes_its_place_on,
    s17_25_a_blocked_getter_that_panics_takes_nothing_and_passes_on,
}

/// There is nothing to look at, so the function is dropped, and with it what it has captured: not under the queue's lock.
fn what_a_peek_in_vain_has_captured_may_use_the_queue() {
    struct Asks<'a>(&'a PriorityQueue<u32>);

    impl Drop for Asks<'_> {
        fn drop(&mut self) {
            self.0.put(1).unwrap();
        }
    }
    let queue = PriorityQueue::unbounded();
    let asks = Asks(&queue);
    assert!(queue.peek_with(move |_| drop(asks)).is_none());
    assert_eq!(queue.len(), 1);
}

/// A total order written by hand beside a partial one that was derived, and says otherwise.
fn only_the_total_order_is_asked() {
    #[derive(PartialEq, Eq, PartialOrd)]
    struct Job(&'static str, u32);

    #[expect(clippy::derive_ord_xor_partial_ord, reason = "the mistake that this is about")]
    impl Ord for Job {
        fn cmp(&self, other: &Self) -> Ordering {
            self.1.cmp(&other.1)
        }
    }
    let queue = PriorityQueue::from_iter(
        [("a", 9), ("b", 5), ("c", 7), ("d", 1), ("e", 3), ("f", 2)].map(|(name, at)| Job(name, at)),
    );
    assert_eq!(Vec::from_iter(queue.try_iter().map(|job| job.1)), [1, 2, 3, 5, 7, 9]);
}

fn a_task_is_named_by_its_order() {
    fn first<'a>(queue: &'a PriorityQueue<u32>) -> locked::Task<'a, u32, Priority> {
        queue.get_task().unwrap()
    }
    fn last(queue: Arc<LifoQueue<u32>>) -> OwnedTask<u32, Lifo> {
        queue.get_task().unwrap().into_owned(&queue)
    }
    assert_eq!(*first(&PriorityQueue::from_iter([2, 1, 3])), 1);
    assert_eq!(*last(Arc::new(LifoQueue::from_iter([2, 1, 3]))), 3);
}

fn static_queues() {
    static PRIORITY: PriorityQueue<Box<u32>> = PriorityQueue::bounded(1);
    static FIFO: nogil::Queue<Box<u32>> = nogil::Queue::bounded(1);
    static LIFO: nogil::LifoQueue<Box<u32>> = nogil::LifoQueue::unbounded();
    thread::spawn(|| {
        for item in &FIFO {
            LIFO.put(item).unwrap();
        }
        LIFO.shutdown();
    });
    thread::spawn(|| {
        for item in &LIFO {
            PRIORITY.put(item).unwrap();
        }
        PRIORITY.shutdown();
    });
    FIFO.put_many((0..10).map(Box::new)).unwrap();
    FIFO.shutdown();
    assert_eq!(PRIORITY.iter().map(|item| *item).sum::<u32>(), 45);
}

/// Compares by `key` alone, and panics when the fuse burns down.
struct Touchy {
    key: usize,
    /// When it was put, for the tests.
    serial: usize,
    fuse: Fuse,
    _counted: Item,
}

/// How many comparisons are left before one panics; at zero it does no more.
#[derive(Clone, Default)]
struct Fuse(Arc<AtomicUsize>);

impl Fuse {
    /// Has the `k`-th comparison from now panic, counted from one; with zero, none.
    fn set(&self, k: usize) {
        self.0.store(k, SeqCst);
    }

    /// One comparison less. Whether this one is to panic.
    fn burns_down(&self) -> bool {
        let left = self.0.load(SeqCst);
        self.0.store(left.saturating_sub(1), SeqCst);
        left == 1
    }

    /// Whether it has burnt down, or was never set. It is not set afterwards.
    fn is_out(&self) -> bool {
        self.0.swap(0, SeqCst) == 0
    }
}

impl Ord for Touchy {
    fn cmp(&self, other: &Self) -> Ordering {
        assert!(!self.fuse.burns_down(), "compared once too often");
        self.key.cmp(&other.key)
    }
}

impl PartialOrd for Touchy {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Touchy {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Touchy {}

/// A queue of touchy items, and what is in it.
struct Bench {
    queue: PriorityQueue<Touchy>,
    fuse: Fuse,
    census: Census,
    serial: usize,
    /// Key and serial of what was put and not fetched.
    model: Vec<(usize, usize)>,
}

impl Bench {
    /// With keys that are in no order, and some of them equal.
    fn filled(len: usize) -> Self {
        let mut bench = Self {
            queue: PriorityQueue::unbounded(),
            fuse: Fuse::default(),
            census: Census::default(),
            serial: 0,
            model: Vec::new(),
        };
        let items: Vec<_> = (0..len).map(|n| bench.item(n * 7 % 11)).collect();
        bench.model.extend(items.iter().map(|item| (item.key, item.serial)));
        bench.queue.put_many(items).unwrap();
        bench
    }

    fn item(&mut self, key: usize) -> Touchy {
        self.serial += 1;
        Touchy { key, serial: self.serial, fuse: self.fuse.clone(), _counted: self.census.item(0) }
    }

    /// Takes `item` off the model, which it must be the next of.
    fn fetched(&mut self, item: &Touchy) {
        self.model.sort_unstable();
        assert_eq!((item.key, item.serial), self.model.remove(0));
    }

    /// The queue holds what the model does, in order, and no item is anywhere else.
    fn check(mut self) {
        assert_eq!(self.queue.len(), self.model.len());
        assert_eq!(self.census.alive(), self.model.len() as isize);
        // Still usable, and in order also with one more in it.
        let another = self.item(5);
        self.model.push((another.key, another.serial));
        self.queue.put(another).unwrap();
        while let Ok(item) = self.queue.try_get() {
            self.fetched(&item);
        }
        assert!(self.model.is_empty());
        assert_eq!(self.census.alive(), 0);
    }
}

/// They may run in a panic, which one of a comparison would make the end of the process; and their items are dropped.
fn guards_that_shut_down_compare_nothing() {
    for panics in [false, true] {
        let bench = Bench::filled(LEN);
        bench.fuse.set(1);
        let at_work = catch_unwind(AssertUnwindSafe(|| {
            let _guards = (bench.queue.shutdown_now_on_drop(), bench.queue.shutdown_now_on_panic());
            assert!(!panics, "at work");
        }));
        assert_eq!(at_work.is_err(), panics);
        assert!(!bench.fuse.is_out(), "no comparison was made");
        assert!(bench.queue.is_shut_down() && bench.queue.try_join());
        assert_eq!(bench.census.alive(), 0);
    }
}

const LEN: usize = 20;

/// Runs `case` with the first comparison panicking, then with the second, and so on until it makes fewer.
fn at_each_comparison(case: impl Fn(usize) -> Outcome) {
    let panics = (1..).take_while(|&k| matches!(case(k), Outcome::Panicked)).count();
    assert!(panics > 1, "it compares, and more than once");
}

enum Outcome {
    Panicked,
    Quiet,
}

impl Outcome {
    fn of(fuse: &Fuse) -> Self {
        if fuse.is_out() { Self::Panicked } else { Self::Quiet }
    }
}

/// All calls that put one item.
const PUTS: [fn(&PriorityQueue<Touchy>, Touchy); 6] = [
    |queue, item| queue.put(item).unwrap(),
    |queue, item| queue.put_timeout(item, PATIENCE).unwrap(),
    |queue, item| queue.put_many([item]).unwrap(),
    |queue, item| queue.put_many_timeout([item], PATIENCE).unwrap(),
    |queue, item| queue.try_put(item).unwrap(),
    |queue, item| queue.try_put_many([item]).unwrap(),
];

/// All calls that get one.
const GETS: [fn(&PriorityQueue<Touchy>) -> Touchy; 6] = [
    |queue| queue.get().unwrap(),
    |queue| queue.get_timeout(PATIENCE).unwrap(),
    |queue| queue.get_many(1).unwrap().pop().unwrap(),
    |queue| queue.get_many_timeout(1, PATIENCE).unwrap().pop().unwrap(),
    |queue| queue.try_get().unwrap(),
    |queue| queue.try_get_many(1).unwrap().pop().unwrap(),
];

/// How many of each, from the first, wait.
const WAIT: usize = 4;

fn s17_25_s19_11_put() {
    for put in PUTS {
        fails_as_a_put(put);
    }
}

fn fails_as_a_put(put: fn(&PriorityQueue<Touchy>, Touchy)) {
    at_each_comparison(|k| {
        let mut bench = Bench::filled(LEN);
        let item = bench.item(0);
        let entry = (item.key, item.serial);
        bench.fuse.set(k);
        let put = catch_unwind(|| put(&bench.queue, item));
        let outcome = Outcome::of(&bench.fuse);
        match outcome {
            Outcome::Panicked => assert!(put.is_err()),
            Outcome::Quiet => {
                put.unwrap();
                bench.model.push(entry);
            }
        }
        assert_eq!(bench.queue.unfinished_tasks(), bench.model.len());
        bench.check();
        outcome
    });
}

fn s17_25_s19_11_get() {
    for get in GETS {
        fails_as_a_get(get);
    }
}

fn fails_as_a_get(get: fn(&PriorityQueue<Touchy>) -> Touchy) {
    at_each_comparison(|k| {
        let mut bench = Bench::filled(LEN);
        bench.fuse.set(k);
        let got = catch_unwind(|| get(&bench.queue));
        let outcome = Outcome::of(&bench.fuse);
        match outcome {
            Outcome::Panicked => assert!(got.is_err()),
            Outcome::Quiet => bench.fetched(&got.unwrap()),
        }
        assert_eq!(bench.queue.unfinished_tasks(), LEN);
        bench.check();
        outcome
    });
}

fn s17_25_s19_11_put_many() {
    at_each_comparison(|k| {
        let mut bench = Bench::filled(LEN);
        let items = [3, 0, 9, 0].map(|key| bench.item(key));
        let entries = items.each_ref().map(|item| (item.key, item.serial));
        bench.fuse.set(k);
        let put = catch_unwind(|| bench.queue.put_many(items));
        let outcome = Outcome::of(&bench.fuse);
        // Those before the one whose comparison panicked are in the queue.
        let stored = bench.queue.len() - LEN;
        match outcome {
            Outcome::Panicked => assert!(put.is_err() && stored < entries.len()),
            Outcome::Quiet => assert!(put.is_ok() && stored == entries.len()),
        }
        bench.model.extend(&entries[..stored]);
        assert_eq!(bench.queue.unfinished_tasks(), bench.model.len());
        bench.check();
        outcome
    });
}

fn s17_25_s19_11_get_many() {
    at_each_comparison(|k| {
        let mut bench = Bench::filled(LEN);
        bench.fuse.set(k);
        let got = catch_unwind(|| bench.queue.get_many(4));
        let outcome = Outcome::of(&bench.fuse);
        let items = match got {
            Ok(items) => items.unwrap(),
            // Nothing had been taken.
            Err(_) => Vec::new(),
        };
        match outcome {
            Outcome::Panicked => assert!(items.len() < 4),
            Outcome::Quiet => assert_eq!(items.len(), 4),
        }
        items.iter().for_each(|item| bench.fetched(item));
        drop(items);
        bench.check();
        outcome
    });
}

/// Panics with a payload that panics in turn if it is dropped.
struct Explosive(usize, Fuse);

impl Ord for Explosive {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.1.burns_down() {
            std::panic::panic_any(Bomb);
        }
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Explosive {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Explosive {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Explosive {}

/// What was fetched before the panic is given, and the payload of that panic is nobody's: to drop it would lose the items.
fn s17_25_s19_11_a_payload_that_panics_takes_no_items() {
    let given = RefCell::new(Vec::new());
    at_each_comparison(|k| {
        let fuse = Fuse::default();
        let queue = PriorityQueue::from_iter((0..LEN).map(|n| Explosive(n * 7 % LEN, fuse.clone())));
        fuse.set(k);
        let got = catch_unwind(|| queue.get_many(4));
        let outcome = Outcome::of(&fuse);
        let items = got.map_or_else(
            |payload| {
                assert!(payload.is::<Bomb>(), "it is the comparison's own");
                mem::forget(payload);
                Vec::new()
            },
            Result::unwrap,
        );
        assert!(items.iter().map(|item| item.0).eq(0..items.len()));
        assert_eq!(queue.len(), LEN - items.len());
        given.borrow_mut().push(items.len());
        outcome
    });
    assert!((0..=4).all(|items| given.borrow().contains(&items)), "it panicked before each of them: {given:?}");
}

fn s17_25_s19_11_shutdown_now() {
    at_each_comparison(|k| {
        let bench = Bench::filled(LEN);
        bench.fuse.set(k);
        let items = catch_unwind(|| bench.queue.shutdown_now());
        let outcome = Outcome::of(&bench.fuse);
        assert!(bench.queue.is_shut_down());
        let items = match outcome {
            Outcome::Panicked => {
                assert!(items.is_err());
                // All are still there, and can be had.
                assert_eq!((bench.queue.len(), bench.queue.unfinished_tasks()), (LEN, LEN));
                bench.queue.shutdown_now()
            }
            Outcome::Quiet => items.unwrap(),
        };
        assert_eq!(items.len(), LEN);
        assert!(items.is_sorted_by_key(|item| (item.key, item.serial)));
        assert!(bench.queue.is_empty() && bench.queue.try_join());
        drop(items);
        assert_eq!(bench.census.alive(), 0);
        outcome
    });
}

fn s17_25_a_blocked_putter_that_panics_passes_its_place_on() {
    for put in PUTS[..WAIT].repeat(20) {
        let mut bench = Bench::filled(0);
        let queue = PriorityQueue::bounded(2);
        queue.put_many([1, 2].map(|key| bench.item(key))).unwrap();
        let items = [3, 4].map(|key| bench.item(key));
        thread::scope(|scope| {
            let queue = &queue;
            let putters =
                items.map(|item| start(scope, move || catch_unwind(AssertUnwindSafe(|| put(queue, item))).is_ok()));
            putters.iter().for_each(|putter| putter.until_blocked());
            bench.fuse.set(1);
            // Room for one. Whoever comes first compares and panics; the other must not sleep on beside the room.
            assert_eq!(queue.get().unwrap().key, 1);
            assert_eq!(putters.map(|putter| putter.join()).iter().filter(|&&put| put).count(), 1);
        });
        assert_eq!((queue.len(), queue.unfinished_tasks(), bench.census.alive()), (2, 3, 2));
    }
}

fn s17_25_a_blocked_getter_that_panics_takes_nothing_and_passes_on() {
    for get in GETS[..WAIT].repeat(20) {
        let mut bench = Bench::filled(0);
        let items = [1, 2, 3].map(|key| bench.item(key));
        thread::scope(|scope| {
            let queue = &bench.queue;
            let getters = [(); 4].map(|()| start(scope, move || catch_unwind(|| get(queue).key).ok()));
            getters.iter().for_each(|getter| getter.until_blocked());
            // To put these takes two comparisons. The third is made by the first getter: three items, two of them children. Three are
            // woken, so the fourth must have its item by the one that panics.
            bench.fuse.set(3);
            queue.put_many(items).unwrap();
            let mut answers = getters.map(|getter| getter.join());
            answers.sort_unstable();
            assert_eq!(answers, [None, Some(1), Some(2), Some(3)]);
        });
        assert_eq!(bench.census.alive(), 0);
    }
}

fn equal_items_come_in_the_order_of_their_puts() {
    // In every order of five keys, of which some are equal; with a get in between, which moves the items in the heap.
    for keys in (0..3_usize.pow(5)).map(|n| [1, 3, 9, 27, 81].map(|place| n / place % 3)) {
        for before in 0..=5 {
            let mut bench = Bench::filled(0);
            for (n, key) in keys.into_iter().enumerate() {
                if n == before && n > 0 {
                    let item = bench.queue.get().unwrap();
                    bench.fetched(&item);
                }
                let item = bench.item(key);
                bench.model.push((key, item.serial));
                bench.queue.put(item).unwrap();
            }
            bench.check();
        }
    }
    let bench = Bench::filled(500);
    let serials: Vec<_> = bench.queue.shutdown_now().iter().map(|item| (item.key, item.serial)).collect();
    assert!(serials.len() == 500 && serials.is_sorted());
}

/// A function has no order.
fn any_item_can_have_a_priority() {
    let queue = PriorityQueue::unbounded();
    for (priority, number) in [(2, 0), (1, 1), (2, 2), (1, 3), (0, 4), (1, 5)] {
        queue.put(Prioritized::new(priority, move || number)).unwrap();
    }
    assert_eq!(queue.peek_with(|first| first.priority), Some(0));
    let numbers: Vec<_> = queue.try_iter().map(|Prioritized { priority, item }| (priority, item())).collect();
    assert_eq!(numbers, [(0, 4), (1, 1), (1, 3), (1, 5), (2, 0), (2, 2)], "equal ones as they went in");
}

fn the_largest_priority_can_be_first() {
    let queue = PriorityQueue::from_iter(
        [(1, 0.1), (3, 0.3), (2, 0.2), (3, 0.4)].map(|(priority, item)| Prioritized::from((Reverse(priority), item))),
    );
    assert_eq!(Vec::from_iter(queue.try_iter().map(|item| item.item)), [0.3, 0.4, 0.2, 0.1]);
}

fn a_priority_alone_is_compared() {
    let [low, same, high] = [(1, 'z'), (1, 'a'), (2, 'a')].map(Prioritized::from);
    assert!(low == same && low != high && low < high && high > same);
    assert_eq!((low.cmp(&same), same.cmp(&high), high.cmp(&low)), (Ordering::Equal, Ordering::Less, Ordering::Greater));
    let not_a_number = Prioritized::new(f64::NAN, ());
    assert!(not_a_number.partial_cmp(&not_a_number).is_none(), "a priority with half an order");
    let copy = low;
    assert_eq!(format!("{:?}", copy), "Prioritized { priority: 1, item: 'z' }");
    static FIRST: Prioritized<u32, &str> = Prioritized::new(1, "first");
    assert_eq!((FIRST.priority, FIRST.item), (1, "first"));
}

fn peeking_shows_the_next_item() {
    let queue = PriorityQueue::unbounded();
    assert_eq!(queue.peek_with(|_| unreachable!()), None::<()>);
    queue.put_many([3, 1, 2].map(Box::new)).unwrap();
    assert_eq!(queue.peek_with(|item| **item), Some(1));
    assert_eq!((queue.len(), queue.unfinished_tasks()), (3, 3));
    assert_eq!(*queue.get().unwrap(), 1);
    assert_eq!(queue.peek_with(|item| **item), Some(2));
}

fn peeking_that_panics_changes_nothing() {
    let queue = PriorityQueue::from_iter([2, 1]);
    assert_eq!(panic_of(|| queue.peek_with(|_| panic!("at a peek"))), "at a peek");
    assert_eq!(queue.get_many(2), Ok(vec![1, 2]));
}

fn a_queue_is_not_busy_after_a_panic() {
    let state =
        "len: 1, capacity: unbounded, unfinished_tasks: 1, shut_down: false, waiting_to_get: 0, waiting_to_put: 0";
    let text = format!("PriorityQueue {{ {state} }}");
    let queue = PriorityQueue::from_iter([1]);
    panic_of(|| queue.peek_with(|_| panic!("at a peek")));
    assert_eq!(format!("{queue:?}"), text);

    let mut bench = Bench::filled(1);
    let item = bench.item(0);
    bench.fuse.set(1);
    panic_of(|| bench.queue.put(item));
    assert_eq!(format!("{:?}", bench.queue), text);
}

fn a_busy_queue_is_shown_without_waiting() {
    let queue = PriorityQueue::from_iter([1]);
    let text = queue.peek_with(|_| format!("{queue:?}")).unwrap();
    assert_eq!(text, "PriorityQueue { len: <busy>, capacity: unbounded, .. }");
}
