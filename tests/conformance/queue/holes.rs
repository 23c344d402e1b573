//! The cases that CPython's own tests leave out.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use nogil::queue::{Order, Queue};
use nogil::{ShutDown, TryGetError, TryPutError, Wing};

use super::{Deed, Kind, bounded, unbounded};
use crate::harness::{Census, Item, MOMENT, over_each_queue, start, takes};

over_each_queue! {
    s19_01_blocked_putters_at_shutdown,
    s19_01_blocked_put_many_at_shutdown,
    s19_02_blocked_getters_at_shutdown,
    s19_02_blocked_joiners_at_shutdown,
    s19_03_immediate_shutdown_with_an_item_in_flight,
    s19_04_room_after_shutdown_is_no_room_for_a_blocked_putter,
    s19_05_more_blocked_getters_than_items_at_shutdown,
    s19_06_07_shutdown_races_with_timeouts_and_loses_nothing,
    s19_07_dropping_a_queue_drops_its_items,
    s19_07_refused_items_come_back,
    s19_13_the_longest_timeout_is_for_ever,
    an_expiring_getter_takes_no_wakeup_from_another,
    an_expiring_putter_takes_no_wakeup_from_another,
    timeouts_expire,
    deadlines_that_have_passed_try_once,
    a_deadline_that_has_passed_hides_no_shutdown,
    one_deadline_for_all_items_of_a_put,
    a_bound_past_a_megabyte_holds,
    large_items_do_not_overflow_the_stack,
    items_of_any_size_and_alignment_pass,
}

/// Both kinds of shutdown; answers how many items were handed back.
fn shut_downs<T, W: Wing, O: Order<T, W>>() -> [Deed<T, W, O, usize>; 2] {
    let graceful = |queue: &Queue<T, W, O>| {
        queue.shutdown();
        0
    };
    [graceful, |queue| queue.shutdown_now().len()]
}

fn s19_01_blocked_putters_at_shutdown<W: Wing, O: Kind<W>>() {
    for shut_down in shut_downs::<Item, W, O>() {
        let census = Census::default();
        let queue = bounded::<Item, W, O>(1);
        queue.put(census.item(1)).unwrap();
        thread::scope(|scope| {
            let putters = [2, 3, 4].map(|number| {
                let (queue, item) = (&queue, census.item(number));
                start(scope, move || queue.put(item))
            });
            putters.iter().for_each(|putter| putter.until_blocked());
            assert_eq!(shut_down(&queue) + queue.len(), 1);
            for (putter, number) in putters.into_iter().zip(2..) {
                assert_eq!(putter.join().unwrap_err().into_inner().number, number, "each has its own item back");
            }
        });
        assert!(queue.iter().all(|item| item.number == 1));
        assert_eq!(census.alive(), 0);
    }
}

fn s19_01_blocked_put_many_at_shutdown<W: Wing, O: Kind<W>>() {
    for shut_down in shut_downs::<usize, W, O>() {
        let queue = bounded::<usize, W, O>(2);
        thread::scope(|scope| {
            let putter = start(scope, || queue.put_many([1, 2, 3, 4, 5]));
            putter.until_blocked();
            assert_eq!(queue.len(), 2);
            let discarded = shut_down(&queue);
            assert_eq!(putter.join(), Err(ShutDown(vec![3, 4, 5])));
            assert_eq!(discarded + queue.iter().count(), 2);
        });
    }
}

fn s19_02_blocked_getters_at_shutdown<W: Wing, O: Kind<W>>() {
    for shut_down in shut_downs::<usize, W, O>() {
        let queue = unbounded::<usize, W, O>();
        thread::scope(|scope| {
            let getters = [(); 4].map(|()| start(scope, || queue.get()));
            let many = start(scope, || queue.get_many(3));
            let tasks = start(scope, || queue.get_task().is_err());
            let iterator = start(scope, || queue.iter().next());
            getters.iter().for_each(|getter| getter.until_blocked());
            many.until_blocked();
            tasks.until_blocked();
            iterator.until_blocked();
            shut_down(&queue);
            assert_eq!(getters.map(|getter| getter.join()), [Err(ShutDown(())); 4]);
            assert_eq!(many.join(), Err(ShutDown(())));
            assert!(tasks.join());
            assert_eq!(iterator.join(), None);
        });
    }
}

fn s19_02_blocked_joiners_at_shutdown<W: Wing, O: Kind<W>>() {
    for shut_down in shut_downs::<usize, W, O>() {
        let queue = unbounded::<usize, W, O>();
        queue.put_many([1, 2, 3]).unwrap();
        thread::scope(|scope| {
            let joiners = [(); 3].map(|()| start(scope, || queue.join()));
            joiners.iter().for_each(|joiner| joiner.until_blocked());
            let discarded = shut_down(&queue);
            for _ in discarded..3 {
                joiners.iter().for_each(|joiner| joiner.until_blocked());
                drop(queue.get_task().unwrap());
            }
            joiners.into_iter().for_each(|joiner| joiner.join());
        });
    }
}

fn s19_03_immediate_shutdown_with_an_item_in_flight<W: Wing, O: Kind<W>>() {
    let queue = unbounded::<usize, W, O>();
    queue.put_many([1, 2, 3]).unwrap();
    queue.get_many(2).unwrap();
    thread::scope(|scope| {
        let joiner = start(scope, || queue.join());
        joiner.until_blocked();
        assert_eq!(queue.shutdown_now().len(), 1);
        joiner.until_blocked();
        assert!(!queue.join_timeout(MOMENT));
        assert_eq!(queue.unfinished_tasks(), 2);
        queue.task_done().unwrap();
        joiner.until_blocked();
        queue.task_done().unwrap();
        joiner.join();
        assert!(queue.task_done().is_err());
        assert!(queue.try_join());
    });
}

fn s19_04_room_after_shutdown_is_no_room_for_a_blocked_putter<W: Wing, O: Kind<W>>() {
    // Again and again, since it is a race: will the woken putter see the shutdown or the room first?
    for _ in 0..100 {
        let queue = bounded::<usize, W, O>(1);
        queue.put(1).unwrap();
        thread::scope(|scope| {
            let putter = start(scope, || queue.put(2));
            putter.until_blocked();
            queue.shutdown();
            assert_eq!(queue.get(), Ok(1));
            assert_eq!(putter.join(), Err(ShutDown(2)));
            assert_eq!(queue.get(), Err(ShutDown(())));
        });
    }
}

fn s19_05_more_blocked_getters_than_items_at_shutdown<W: Wing, O: Kind<W>>() {
    for _ in 0..20 {
        let queue = unbounded::<usize, W, O>();
        thread::scope(|scope| {
            let getters = [(); 5].map(|()| start(scope, || queue.get()));
            getters.iter().for_each(|getter| getter.until_blocked());
            queue.put_many([1, 2]).unwrap();
            queue.shutdown();
            let mut answers = getters.map(|getter| getter.join().ok());
            answers.sort_unstable();
            assert_eq!(answers, [None, None, None, Some(1), Some(2)]);
        });
    }
}

fn s19_06_07_shutdown_races_with_timeouts_and_loses_nothing<W: Wing, O: Kind<W>>() {
    let census = Census::default();
    for round in 0..60 {
        let queue = bounded::<Item, W, O>(2);
        let put = AtomicUsize::new(0);
        let fetched = thread::scope(|scope| {
            let (queue, census, put) = (&queue, &census, &put);
            for timeout in 1..4 {
                scope.spawn(move || {
                    loop {
                        match queue.put_timeout(census.item(0), Duration::from_micros(timeout * 50)) {
                            Ok(()) => drop(put.fetch_add(1, Relaxed)),
                            Err(TryPutError::Full(_)) => {}
                            Err(TryPutError::ShutDown(_)) => break,
                        }
                    }
                });
            }
            let getters = [1, 2, 3].map(|timeout| {
                scope.spawn(move || {
                    let mut fetched = 0;
                    loop {
                        match queue.get_timeout(Duration::from_micros(timeout * 50)) {
                            Ok(_) => fetched += 1,
                            Err(TryGetError::Empty) => {}
                            Err(TryGetError::ShutDown) => return fetched,
                        }
                    }
                })
            });
            let joiner =
                scope.spawn(|| while !queue.join_timeout(Duration::from_micros(70)) && !queue.is_shut_down() {});
            thread::sleep(Duration::from_micros(500));
            let discarded = shut_downs()[round % 2](queue);
            joiner.join().unwrap();
            discarded + getters.map(|getter| getter.join().unwrap()).iter().sum::<usize>()
        });
        assert_eq!(put.into_inner(), fetched);
        assert!(queue.is_empty());
        assert_eq!(census.alive(), 0);
    }
}

fn s19_07_dropping_a_queue_drops_its_items<W: Wing, O: Kind<W>>() {
    let census = Census::default();
    let queue = unbounded::<Item, W, O>();
    queue.put_many((0..10).map(|number| census.item(number))).unwrap();
    drop(queue.get_many(3));
    assert_eq!(census.alive(), 7);
    drop(queue);
    assert_eq!((census.alive(), census.dropped()), (0, 10));
}

fn s19_07_refused_items_come_back<W: Wing, O: Kind<W>>() {
    let census = Census::default();
    let queue = bounded::<Item, W, O>(2);
    queue.put_many([census.item(1), census.item(2)]).unwrap();

    let full = [
        queue.try_put(census.item(3)).unwrap_err(),
        queue.put_timeout(census.item(3), MOMENT).unwrap_err(),
        queue.put_deadline(census.item(3), Instant::now() + MOMENT).unwrap_err(),
    ];
    assert!(full.iter().all(TryPutError::is_full));
    assert_eq!(census.alive(), 5);
    assert_eq!(full.map(|error| error.into_inner().number), [3; 3]);

    drop(queue.get());
    let some = || (3..7).map(|number| census.item(number));
    let Err(TryPutError::Full(rest)) = queue.try_put_many(some()) else { panic!("three have no room") };
    assert_eq!(rest.iter().map(|item| item.number).collect::<Vec<_>>(), [4, 5, 6]);
    drop(rest);
    assert_eq!((queue.len(), census.alive()), (2, 2));

    queue.shutdown();
    assert_eq!(queue.put(census.item(8)).unwrap_err().into_inner().number, 8);
    assert_eq!(queue.put_many(some()).unwrap_err().into_inner().len(), 4);
    assert_eq!(queue.shutdown_now().len(), 2);
    assert_eq!(census.alive(), 0);
}

fn s19_13_the_longest_timeout_is_for_ever<W: Wing, O: Kind<W>>() {
    const MAX: Duration = Duration::MAX;
    let queue = bounded::<usize, W, O>(1);
    thread::scope(|scope| {
        let getter = start(scope, || queue.get_timeout(MAX));
        getter.until_blocked();
        queue.put_timeout(1, MAX).unwrap();
        assert_eq!(getter.join(), Ok(1));

        let getter = start(scope, || queue.get_many_timeout(2, MAX));
        getter.until_blocked();
        queue.put_many_timeout([2], MAX).unwrap();
        assert_eq!(getter.join(), Ok(vec![2]));

        let getter = start(scope, || queue.get_task_timeout(MAX).map(|task| *task));
        getter.until_blocked();
        queue.put(3).unwrap();
        assert_eq!(getter.join(), Ok(3));

        let getter =
            start(scope, || queue.get_tasks_timeout(2, MAX).map(|tasks| tasks.into_iter().map(|task| *task).sum()));
        getter.until_blocked();
        queue.put(3).unwrap();
        assert_eq!(getter.join(), Ok(3));

        queue.put(4).unwrap();
        let putter = start(scope, || queue.put_timeout(5, MAX));
        putter.until_blocked();
        assert_eq!(queue.get(), Ok(4));
        assert_eq!(putter.join(), Ok(()));
        let putter = start(scope, || queue.put_many_timeout([6, 7], MAX));
        putter.until_blocked();
        for item in [5, 6, 7] {
            assert_eq!(queue.get(), Ok(item));
        }
        assert_eq!(putter.join(), Ok(()));

        let joiner = start(scope, || queue.join_timeout(MAX));
        joiner.until_blocked();
        while queue.task_done().is_ok() {}
        assert!(joiner.join());
    });
}

fn an_expiring_getter_takes_no_wakeup_from_another<W: Wing, O: Kind<W>>() {
    for round in 0..100 {
        let queue = unbounded::<usize, W, O>();
        thread::scope(|scope| {
            let expiring = scope.spawn(|| queue.get_timeout(Duration::from_micros(100 + round * 5)));
            let patient = scope.spawn(|| queue.get());
            thread::sleep(Duration::from_micros(100));
            // For whoever is woken. If that is the one whose time is up, then it takes the item, or the other does.
            queue.put(1).unwrap();
            if expiring.join().unwrap().is_ok() {
                queue.put(1).unwrap();
            }
            assert_eq!(patient.join().unwrap(), Ok(1));
        });
        assert!(queue.is_empty());
    }
}

fn an_expiring_putter_takes_no_wakeup_from_another<W: Wing, O: Kind<W>>() {
    for round in 0..100 {
        let queue = bounded::<usize, W, O>(1);
        queue.put(1).unwrap();
        thread::scope(|scope| {
            let expiring = scope.spawn(|| queue.put_timeout(1, Duration::from_micros(100 + round * 5)));
            let patient = scope.spawn(|| queue.put(1));
            thread::sleep(Duration::from_micros(100));
            queue.get().unwrap();
            if expiring.join().unwrap().is_ok() {
                queue.get().unwrap();
            }
            assert_eq!(patient.join().unwrap(), Ok(()));
        });
        assert_eq!(queue.len(), 1);
    }
}

fn timeouts_expire<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(1);
    let soon = || Instant::now() + MOMENT;
    assert_eq!(takes(MOMENT, || queue.get_timeout(MOMENT)), Err(TryGetError::Empty));
    assert_eq!(takes(MOMENT, || queue.get_deadline(soon())), Err(TryGetError::Empty));
    assert_eq!(takes(MOMENT, || queue.get_many_timeout(2, MOMENT)), Err(TryGetError::Empty));
    assert_eq!(takes(MOMENT, || queue.get_many_deadline(2, soon())), Err(TryGetError::Empty));
    assert!(takes(MOMENT, || queue.get_task_timeout(MOMENT)).unwrap_err().is_empty());
    assert!(takes(MOMENT, || queue.get_task_deadline(soon())).unwrap_err().is_empty());

    queue.put(1).unwrap();
    assert_eq!(takes(MOMENT, || queue.put_timeout(2, MOMENT)), Err(TryPutError::Full(2)));
    assert_eq!(takes(MOMENT, || queue.put_deadline(2, soon())), Err(TryPutError::Full(2)));
    assert_eq!(takes(MOMENT, || queue.put_many_timeout([2], MOMENT)), Err(TryPutError::Full(vec![2])));
    assert_eq!(takes(MOMENT, || queue.put_many_deadline([2], soon())), Err(TryPutError::Full(vec![2])));
    assert!(!takes(MOMENT, || queue.join_timeout(MOMENT)));
    assert!(!takes(MOMENT, || queue.join_deadline(soon())));
}

fn deadlines_that_have_passed_try_once<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(1);
    let past = Instant::now();
    assert_eq!(queue.put_deadline(1, past), Ok(()));
    assert_eq!(queue.put_deadline(2, past), Err(TryPutError::Full(2)));
    assert!(!queue.join_deadline(past));
    assert_eq!(queue.get_deadline(past), Ok(1));
    assert_eq!(queue.get_deadline(past), Err(TryGetError::Empty));
    assert_eq!(queue.put_many_deadline([1, 2], past), Err(TryPutError::Full(vec![2])));
    assert_eq!(queue.get_many_deadline(2, past), Ok(vec![1]));
    assert_eq!(queue.put_timeout(1, Duration::ZERO), Ok(()));
    assert_eq!(queue.get_task_deadline(past).map(|task| *task), Ok(1));
    assert_eq!(queue.get_timeout(Duration::ZERO), Err(TryGetError::Empty));
    while queue.task_done().is_ok() {}
    assert!(queue.join_deadline(past) && queue.join_timeout(Duration::ZERO));
}

fn a_deadline_that_has_passed_hides_no_shutdown<W: Wing, O: Kind<W>>() {
    // With room and without.
    for items in [vec![], vec![7]] {
        let queue = bounded::<usize, W, O>(1);
        queue.put_many(items).unwrap();
        queue.shutdown();
        let past = Instant::now();
        assert_eq!(queue.put_deadline(1, past), Err(TryPutError::ShutDown(1)));
        assert_eq!(queue.put_many_deadline([1, 2], past), Err(TryPutError::ShutDown(vec![1, 2])));
        assert_eq!(queue.put_timeout(1, Duration::from_nanos(1)), Err(TryPutError::ShutDown(1)));
        queue.try_iter().for_each(drop);
        assert_eq!(queue.get_deadline(past), Err(TryGetError::ShutDown));
        assert_eq!(queue.get_many_deadline(2, past), Err(TryGetError::ShutDown));
        assert!(queue.get_task_deadline(past).unwrap_err().is_shut_down());
        assert_eq!(queue.get_timeout(Duration::from_nanos(1)), Err(TryGetError::ShutDown));
    }
}

/// Each item has room long before its own timeout would be up, and all of them together take forty times as long as that.
fn one_deadline_for_all_items_of_a_put<W: Wing, O: Kind<W>>() {
    let queue = bounded::<usize, W, O>(1);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Relaxed) {
                thread::sleep(Duration::from_millis(2));
                let _ = queue.try_get();
            }
        });
        let put = queue.put_many_timeout(0..2000, Duration::from_millis(100));
        over.store(true, Relaxed);
        assert!(matches!(put, Err(TryPutError::Full(_))), "all were put");
    });
}

/// Where a ring would take so much memory at once, the queue is made another way.
fn a_bound_past_a_megabyte_holds<W: Wing, O: Kind<W>>() {
    const CAPACITY: usize = 70_000;
    let queue = bounded::<usize, W, O>(CAPACITY);
    let holds = || {
        assert_eq!((queue.len(), queue.is_full()), (CAPACITY, true));
        assert_eq!(queue.try_put(9), Err(TryPutError::Full(9)));
        assert_eq!(queue.try_put_many([8, 9]), Err(TryPutError::Full(vec![8, 9])));
        assert_eq!(queue.put_timeout(9, Duration::from_micros(1)), Err(TryPutError::Full(9)));
    };
    assert_eq!(queue.try_put_many(0..CAPACITY + 1), Err(TryPutError::Full(vec![CAPACITY])));
    holds();

    // Room for a thousand, which go in one by one.
    assert_eq!(queue.get_many(1000).map(|items| items.len()), Ok(1000));
    assert!(!queue.is_full());
    assert_eq!((0..1000).try_for_each(|item| queue.try_put(item)), Ok(()));
    holds();

    thread::scope(|scope| {
        let putter = start(scope, || queue.put(7));
        putter.until_blocked();
        queue.get().unwrap();
        assert_eq!(putter.join(), Ok(()));
    });
    holds();
    queue.shutdown();
    assert_eq!(queue.try_put(9), Err(TryPutError::ShutDown(9)));
    assert_eq!(queue.iter().count(), CAPACITY);
}

const LARGE: usize = 1 << 16;

/// A buffer keeps room for many items, which must not be made on the stack.
fn large_items_do_not_overflow_the_stack<W: Wing, O: Kind<W> + Order<[u8; LARGE], W>>() {
    let use_it = || {
        for queue in [bounded::<[u8; LARGE], W, O>(80), unbounded()] {
            queue.put([7; LARGE]).unwrap();
            assert_eq!(queue.get().unwrap()[LARGE - 1], 7);
        }
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(60 * LARGE);
        thread.spawn_scoped(scope, use_it).unwrap().join().unwrap();
    });
}

/// An item made of a number, of which there are few.
trait Shape: Ord + Copy + std::fmt::Debug + Send {
    fn make(number: u8) -> Self;
}

impl Shape for () {
    fn make(_: u8) -> Self {}
}

impl<const SIZE: usize> Shape for [u8; SIZE] {
    fn make(number: u8) -> Self {
        [number; SIZE]
    }
}

/// Not a whole page: at 4096 bytes rustc for x86-64 (1.85, 1.95, a nightly of 1.97) miscompiles, with optimization, functions of no more than safe code that return early or else hold such a value
/// (the part that returns early is moved before the one that makes the frame, which is then jumped over).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(align(2048))]
struct HalfPage(u8);

impl Shape for HalfPage {
    fn make(number: u8) -> Self {
        Self(number)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(align(256))]
struct AlignedNothing;

impl Shape for AlignedNothing {
    fn make(_: u8) -> Self {
        Self
    }
}

fn pass<T: Shape, W: Wing, O: Order<T, W>>() {
    let sent = Vec::from_iter((0..600).map(|n| T::make((n % 251) as u8)));
    let mut expected = sent.clone();
    expected.sort();
    let passed_all = |mut got: Vec<T>| {
        got.sort();
        assert_eq!(got, expected);
    };
    for queue in [bounded::<T, W, O>(600), unbounded()] {
        // Beyond the end of any buffer's part, one by one and in batches that end anywhere.
        sent.iter().for_each(|item| queue.put(*item).unwrap());
        passed_all(Vec::from_iter(queue.try_iter()));
        sent.chunks(100).for_each(|items| queue.put_many(items.iter().copied()).unwrap());
        passed_all((0..9).flat_map(|_| queue.try_get_many(70).unwrap_or_default()).collect());
        queue.put_many(sent.iter().copied()).unwrap();
        passed_all(queue.get_many(usize::MAX).unwrap());
    }
}

/// A buffer lays its items out by itself.
fn items_of_any_size_and_alignment_pass<W: Wing, O>()
where
    O: Kind<W> + Order<(), W> + Order<AlignedNothing, W> + Order<HalfPage, W>,
    O: Order<[u8; 16], W> + Order<[u8; 17], W> + Order<[u8; 33], W> + Order<[u8; 64], W> + Order<[u8; 65], W>,
{
    pass::<(), W, O>();
    pass::<AlignedNothing, W, O>();
    pass::<HalfPage, W, O>();
    pass::<[u8; 16], W, O>();
    pass::<[u8; 17], W, O>();
    pass::<[u8; 33], W, O>();
    pass::<[u8; 64], W, O>();
    pass::<[u8; 65], W, O>();
}
