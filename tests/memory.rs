//! The memory that stays after a burst of a million items, and beside a thread that does not move on.
//!
//! The locked wing and the ring and segments of the atomic wing free what they have no use for at once. The stack of the
//! atomic wing leaves that to a collector, so what stays there is garbage: nodes whose items are gone.

#![cfg(not(any(nogil_loom, nogil_shuttle)))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering::SeqCst};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use nogil::generic::{self, SimpleQueue};
use nogil::queue::{Fifo, Lifo, Order, Priority, Queue};
use nogil::{Atomic, Locked, ShardedCounter, Wing};

/// The system's allocator, and how many bytes are in use.
struct Counting;

static IN_USE: AtomicIsize = AtomicIsize::new(0);

thread_local! {
    /// The same, as far as this thread has taken and given back: other threads of the test harness come and go beside it.
    static MINE: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    IN_USE.fetch_add(bytes, SeqCst);
    MINE.set(MINE.get() + bytes);
}

thread_local! {
    /// The next time this thread allocates it stands still first, in the midst of whatever it does.
    static STOPS_TO_ALLOCATE: Cell<bool> = const { Cell::new(false) };
}

/// Set by a thread that stands still; taken back by the one that lets it go on.
static STANDS_STILL: AtomicBool = AtomicBool::new(false);

fn stand_still() {
    STANDS_STILL.store(true, SeqCst);
    while STANDS_STILL.load(SeqCst) {
        thread::sleep(Duration::from_micros(100));
    }
}

// SAFETY: passes every call on.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if STOPS_TO_ALLOCATE.take() {
            stand_still();
        }
        count(layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ITEMS: usize = 1_000_000;
const KIB: isize = 1024;

/// One test at a time: the count is of the whole process. So each joins its threads by their handles: a scope does not wait for what a thread does at its very end, when it leaves the
/// collector, and until then nothing that was left can be freed.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> impl Drop {
    ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// What these tests need of any queue.
trait AnyQueue: Sync {
    fn put(&self, item: u64);
    fn take(&self) -> Option<u64>;
}

impl<W: Wing, O: Order<u64, W>> AnyQueue for Queue<u64, W, O> {
    fn put(&self, item: u64) {
        Queue::put(self, item).unwrap();
    }

    fn take(&self) -> Option<u64> {
        self.try_get().ok()
    }
}

impl<W: Wing> AnyQueue for SimpleQueue<u64, W> {
    fn put(&self, item: u64) {
        SimpleQueue::put(self, item);
    }

    fn take(&self) -> Option<u64> {
        self.try_get()
    }
}

/// Bytes in use, more than at the last such look.
struct Since(isize);

impl Since {
    fn now() -> Self {
        Self(IN_USE.load(SeqCst))
    }

    fn bytes(&self) -> isize {
        IN_USE.load(SeqCst) - self.0
    }
}

fn burst(queue: &impl AnyQueue) {
    (0..ITEMS as u64).for_each(|item| queue.put(item));
    (0..ITEMS).for_each(|_| assert!(queue.take().is_some()));
}

fn a_few(queue: &impl AnyQueue, operations: usize) {
    for item in 0..operations as u64 {
        queue.put(item);
        assert_eq!(queue.take(), Some(item));
    }
}

/// Lets the collector, which all stacks share, make what it needs for this thread, by another queue.
fn warm_up(another: &impl AnyQueue) {
    a_few(another, 1_000);
}

/// What a queue keeps after its first work, in bytes. One thread does it all.
fn after<Q: AnyQueue>(work: impl Fn(&Q), new: impl Fn() -> Q) -> isize {
    let queue = new();
    warm_up(&new());
    let mine = MINE.get();
    work(&queue);
    MINE.get() - mine
}

fn after_a_burst<Q: AnyQueue>(new: impl Fn() -> Q) -> isize {
    after(burst, new)
}

/// The same burst, by batches that end anywhere in a segment.
fn after_batches<W: Wing>() -> isize {
    let work = |queue: &Queue<u64, W>| {
        for first in (0..ITEMS as u64).step_by(100) {
            queue.put_many(first..first + 100).unwrap();
        }
        let mut taken = 0;
        while let Ok(items) = queue.try_get_many(70) {
            taken += items.len();
        }
        assert_eq!(taken, ITEMS);
    };
    after(work, || Queue::unbounded_in(W::default()))
}

#[test]
fn a_burst_leaves_nothing_in_queues() {
    let _alone = alone();
    let left = [
        ("locked Queue", after_a_burst(Queue::<u64, Locked, Fifo>::unbounded)),
        ("locked LifoQueue", after_a_burst(Queue::<u64, Locked, Lifo>::unbounded)),
        ("locked PriorityQueue", after_a_burst(Queue::<u64, Locked, Priority>::unbounded)),
        ("locked SimpleQueue", after_a_burst(SimpleQueue::<u64, Locked>::new)),
        ("atomic Queue", after_a_burst(Queue::<u64, Atomic, Fifo>::unbounded)),
        ("atomic SimpleQueue", after_a_burst(SimpleQueue::<u64, Atomic>::new)),
        ("atomic Queue, bounded past a megabyte,", after_a_burst(|| Queue::<u64, Atomic, Fifo>::bounded(ITEMS))),
        ("locked Queue, in batches,", after_batches::<Locked>()),
        ("atomic Queue, in batches,", after_batches::<Atomic>()),
    ];
    for (name, bytes) in left {
        println!("{name}: {bytes} bytes after a burst");
        let most = if name.starts_with("locked") { 4 } else { 6 };
        assert!(bytes <= most * KIB, "{name} keeps {bytes} bytes after a burst");
    }
}

/// What a bounded queue takes at its first put, whatever the bound, and however its items are aligned.
#[test]
fn a_ring_takes_a_megabyte_at_most() {
    #[repr(align(64))]
    struct Line;

    fn ring<T>(item: impl Fn() -> T, of: &str) {
        for capacity in [1_000, 40_000, 131_072, 1_000_000] {
            let queue = Queue::<T, Atomic, Fifo>::bounded(capacity);
            let before = MINE.get();
            assert!(queue.put(item()).is_ok());
            let bytes = MINE.get() - before;
            println!("a queue of {capacity} {of}: {bytes} bytes");
            assert!(bytes <= 1024 * KIB, "a queue of {capacity} {of} takes {bytes} bytes at its first put");
        }
    }
    let _alone = alone();
    ring(|| (), "()");
    ring(|| Line, "empty lines");
    ring(|| 0_u8, "bytes");
    ring(|| 0_u128, "u128");
}

/// A thread that ends leaves its number to a later one, and so its place in each counter: what a counter takes follows the threads that there are at a time.
#[test]
fn threads_one_after_another_share_a_place_in_the_sharded_counter() {
    let _alone = alone();
    let counter = ShardedCounter::new();
    for _ in 0..2_000 {
        thread::scope(|scope| scope.spawn(|| counter.increment()).join().unwrap());
    }
    assert_eq!(counter.sum(), 2_000);
    // What it had from whatever thread, it gives back to this one's count.
    let mine = MINE.get();
    drop(counter);
    let bytes = mine - MINE.get();
    println!("ShardedCounter: {bytes} bytes after 2000 threads");
    assert!(bytes <= 16 * KIB, "ShardedCounter keeps {bytes} bytes after 2000 threads");
}

#[test]
fn constructors_allocate_nothing() {
    macro_rules! allocate_nothing {
        ($($new:expr),* $(,)?) => {$(
            let (mine, made) = (MINE.get(), $new);
            assert_eq!(MINE.get() - mine, 0, "bytes that {} allocates", stringify!($new));
            drop(made);
        )*};
    }
    fn over<W: Wing>() {
        let wing = W::default();
        allocate_nothing!(
            generic::Lock::new_in(wing, 0_u64),
            generic::RLock::new_in(wing, 0_u64),
            generic::Condition::new_in(wing),
            generic::Semaphore::new_in(wing, 1),
            generic::BoundedSemaphore::new_in(wing, 1),
            generic::Event::new_in(wing),
            generic::Barrier::new_in(wing, 2),
            generic::Counter::new_in(wing, 0),
            generic::SimpleQueue::<u64, W>::new_in(wing),
        );
    }
    fn over_queues<W: Wing, O: Order<u64, W>>() {
        let wing = W::default();
        allocate_nothing!(
            Queue::<u64, W, O>::unbounded_in(wing),
            Queue::<u64, W, O>::bounded_in(wing, 10),
            Queue::<u64, W, O>::bounded_in(wing, ITEMS),
        );
    }
    over::<Locked>();
    over::<Atomic>();
    over_queues::<Locked, Fifo>();
    over_queues::<Locked, Lifo>();
    over_queues::<Locked, Priority>();
    over_queues::<Atomic, Fifo>();
    over_queues::<Atomic, Lifo>();
    allocate_nothing!(ShardedCounter::new());
}

/// What `src/atomic/garbage.rs` promises once the threads have moved on.
const GARBAGE: isize = 64 * KIB;

fn a_burst_leaves_little<Q: AnyQueue>(name: &str, new: impl Fn() -> Q) {
    let _alone = alone();
    let bytes = after_a_burst(new);
    println!("{name}: {bytes} bytes after a burst");
    assert!(bytes <= GARBAGE, "{name} keeps {bytes} bytes after a burst");
}

#[test]
fn a_burst_leaves_little_in_the_stack() {
    a_burst_leaves_little("atomic LifoQueue", Queue::<u64, Atomic, Lifo>::unbounded);
}

/// A burst that is taken at once, after which nothing more is done.
#[test]
fn a_burst_taken_at_once_leaves_little_in_the_stack() {
    let _alone = alone();
    type Take = fn(&Queue<u64, Atomic, Lifo>) -> usize;
    let takes: [(&str, Take); 2] = [
        ("get_many", |queue| queue.try_get_many(usize::MAX).unwrap().len()),
        ("shutdown_now", |queue| queue.shutdown_now().len()),
    ];
    for (name, take) in takes {
        let new = Queue::<u64, Atomic, Lifo>::unbounded;
        let work = |queue: &Queue<u64, Atomic, Lifo>| {
            (0..ITEMS as u64).for_each(|item| queue.put(item).unwrap());
            assert_eq!(take(queue), ITEMS);
        };
        let bytes = after(work, new);
        println!("atomic LifoQueue: {bytes} bytes after {name}");
        assert!(bytes <= GARBAGE, "{name} leaves {bytes} bytes");
    }
}

/// What is taken by a few at a time is freed as it is taken: the collector by itself frees some four nodes with each call, however many the call has taken.
#[test]
fn a_burst_taken_in_batches_leaves_little_in_the_stack() {
    const SOME: usize = ITEMS / 4;
    let _alone = alone();
    // The last two in turns: then it is always the single one that makes a batch of the collector's full.
    for sizes in [[2, 2], [3, 3], [4, 4], [8, 8], [64, 64], [65, 65], [63, 1]] {
        let work = |queue: &Queue<u64, Atomic, Lifo>| {
            (0..SOME as u64).for_each(|item| queue.put(item).unwrap());
            let mut sizes = sizes.iter().cycle();
            let take = || queue.try_get_many(*sizes.next().unwrap()).ok();
            assert_eq!(std::iter::from_fn(take).map(|items| items.len()).sum::<usize>(), SOME);
        };
        let bytes = after(work, Queue::<u64, Atomic, Lifo>::unbounded);
        println!("atomic LifoQueue: {bytes} bytes after batches of {sizes:?} in turns");
        assert!(bytes <= GARBAGE, "batches of {sizes:?} leave {bytes} bytes");
    }
}

/// Where items are large, what counts is how many nodes are kept: so many by one thread that takes, whenever it stops, and up to a bag of the collector's by each
/// further thread that has taken some and lives.
#[test]
fn few_nodes_stay_in_the_stack() {
    /// So large that the collector's own memory is nothing beside it.
    type Large = [u8; 16 * 1024];
    const NODE: isize = size_of::<Large>() as isize + 16;
    const BY_ONE: isize = 320;
    const BY_EACH_FURTHER: isize = 64;
    const FURTHER: usize = 3;
    const BURST: usize = 1_500;

    let _alone = alone();
    let queue = Queue::<Large, Atomic, Lifo>::unbounded();
    let burst = || (0..BURST).for_each(|_| queue.put([0; size_of::<Large>()]).unwrap());
    let take = |size| assert!(queue.try_get_many(size).is_ok());
    // Of those that were taken after the burst.
    let kept = |since: &Since| (since.bytes() + (BURST - queue.len()) as isize * NODE) / NODE;
    // What earlier tests have left is freed first.
    burst();
    take(BURST);
    for size in [1, 2, 3, 4, 8, 64] {
        burst();
        let since = Since::now();
        let mut most = 0;
        while !queue.is_empty() {
            take(size);
            most = most.max(kept(&since));
        }
        println!("atomic LifoQueue: at most {most} nodes kept of those taken by {size}");
        assert!(most <= BY_ONE, "{most} nodes are kept of those taken by {size}");
    }
    burst();
    let since = Since::now();
    let all_have_taken = Barrier::new(1 + FURTHER);
    thread::scope(|scope| {
        let others = [(); FURTHER].map(|()| {
            scope.spawn(|| {
                (0..200).for_each(|_| take(1));
                all_have_taken.wait();
                all_have_taken.wait();
            })
        });
        all_have_taken.wait();
        // What they left while one of them was preempted inside is freed first.
        (0..4 * 128).for_each(|_| take(1));
        let mut most = 0;
        while !queue.is_empty() {
            take(1);
            most = most.max(kept(&since));
        }
        all_have_taken.wait();
        others.into_iter().for_each(|other| other.join().unwrap());
        println!("atomic LifoQueue: at most {most} nodes kept beside {FURTHER} other threads");
        assert!(
            most <= BY_ONE + FURTHER as isize * BY_EACH_FURTHER,
            "{most} nodes are kept beside {FURTHER} other threads"
        );
    });
}

/// Threads beyond the processors put and take, and so does garbage come and go: how much was there at once? No more than `limit`, and than 8 KiB for each thread.
///
/// Not in each trial: how much comes while one of them is preempted depends on what else the machine has to do. But without a limit it would be more in every one.
fn a_crowd_leaves_little<Q: AnyQueue>(name: &str, items: usize, limit: isize, new: impl Fn() -> Q) {
    const TRIALS: usize = 20;
    let _alone = alone();
    warm_up(&new());
    let threads = 8 * thread::available_parallelism().map_or(1, usize::from);
    let limit = limit + threads as isize * 8 * KIB;
    for trial in 1.. {
        let most = most_in_a_crowd(name, items, threads, &new());
        if most <= limit {
            return;
        }
        assert!(trial < TRIALS, "{name} kept {most} bytes in a crowd, in the last of {TRIALS} trials");
    }
}

/// The most bytes that were in use at once, by a queue and what its threads left.
fn most_in_a_crowd(name: &str, items: usize, threads: usize, queue: &impl AnyQueue) -> isize {
    let since = Since::now();
    let done = AtomicBool::new(false);
    let most = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut most = 0;
            while !done.load(SeqCst) {
                most = most.max(since.bytes());
                thread::sleep(Duration::from_micros(100));
            }
            most
        });
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    for item in 0..(items / threads) as u64 {
                        queue.put(item);
                        assert!(queue.take().is_some());
                    }
                })
            })
            .collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        done.store(true, SeqCst);
        watch.join().unwrap()
    });
    a_few(queue, 10_000);
    println!("{name}: at most {most} bytes among {threads} threads, and {} afterwards", since.bytes());
    assert!(since.bytes() <= GARBAGE, "{name} keeps {} bytes after a crowd", since.bytes());
    most
}

#[test]
fn a_crowd_leaves_little_in_the_stack() {
    // Left to itself the collector keeps more than twice as much, for sixteen threads on two processors.
    a_crowd_leaves_little("atomic LifoQueue", ITEMS, 4 * 1024 * KIB, Queue::<u64, Atomic, Lifo>::unbounded);
}

#[test]
fn a_crowd_leaves_little_in_segments() {
    // While one thread is preempted with an item claimed, the segments from there on are kept: what the others fill in that time. On two processors
    // that was at most 5 MB, and up to 32 beside twenty busy loops; if none were freed it would be 42, of so many items.
    a_crowd_leaves_little("atomic SimpleQueue", 4 * ITEMS, 28 * 1024 * KIB, SimpleQueue::<u64, Atomic>::new);
}

/// Two million operations of a stack while another thread stands still at some point. Answers the bytes that are kept meanwhile.
fn beside(another_that_stands_still: impl FnOnce() + Send) -> isize {
    let _alone = alone();
    let new = Queue::<u64, Atomic, Lifo>::unbounded;
    let queue = new();
    warm_up(&new());
    let since = Since::now();
    let meanwhile = thread::scope(|scope| {
        let other = scope.spawn(another_that_stands_still);
        while !STANDS_STILL.load(SeqCst) {
            assert!(!other.is_finished(), "it never stood still");
            thread::yield_now();
        }
        burst(&queue);
        let bytes = since.bytes();
        STANDS_STILL.store(false, SeqCst);
        other.join().unwrap();
        bytes
    });
    let mut operations = 0;
    while since.bytes() > GARBAGE && operations < ITEMS {
        a_few(&queue, 1_000);
        operations += 1_000;
    }
    println!("atomic LifoQueue: {meanwhile} bytes meanwhile, {} after {operations} more puts and gets", since.bytes());
    assert!(since.bytes() <= GARBAGE, "atomic LifoQueue keeps {} bytes afterwards", since.bytes());
    meanwhile
}

/// While a thread stands inside of an operation no garbage that was made since can be freed: each item that is taken meanwhile leaves its node. Once the
/// thread moves on, a few operations free it all.
#[test]
fn one_that_stands_still_inside_the_stack() {
    let another = Queue::<u64, Atomic, Lifo>::unbounded();
    another.put(0).unwrap();
    let bytes = beside(|| {
        // What this thread needs once; and then it puts, for which memory is allocated.
        another.put(1).unwrap();
        STOPS_TO_ALLOCATE.set(true);
        another.put(2).unwrap();
    });
    // The collector keeps garbage in bags of 64, at four words each, beside the nodes of 16 bytes.
    let nodes = ITEMS as isize * 16..ITEMS as isize * (16 + 40) + GARBAGE;
    assert!(nodes.contains(&bytes), "{bytes} bytes are kept beside one that stands still");
}

/// Other users of `crossbeam-epoch` are none of the stack's business.
#[test]
fn a_reader_of_other_things() {
    let bytes = beside(|| {
        let guard = crossbeam_epoch::pin();
        stand_still();
        drop(guard);
    });
    assert!(bytes <= GARBAGE, "{bytes} bytes are kept by a reader of other things");
}
