//! The counters. `counter` has one exact value; `sharded` has a part for each thread, and is measured against a number of the thread's own.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex};

use contatori::counters::Observable;
use contatori::counters::unsigned::Unsigned;
use fast_counter::ConcurrentCounter;
use nogil::{Atomic, Locked, ShardedCounter, Wing, generic};
use nogil_benches::{Bench, Job, alone, share, together};

trait Counter: Sync {
    fn open() -> Self;
    fn increment(&self);
    fn read(&self) -> u64;
}

impl<W: Wing> Counter for generic::Counter<W> {
    fn open() -> Self {
        Self::new_in(W::default(), 0)
    }
    fn increment(&self) {
        generic::Counter::increment(self);
    }
    fn read(&self) -> u64 {
        self.get() as u64
    }
}

impl Counter for AtomicU64 {
    fn open() -> Self {
        AtomicU64::new(0)
    }
    fn increment(&self) {
        self.fetch_add(1, Ordering::Relaxed);
    }
    fn read(&self) -> u64 {
        self.load(Ordering::Relaxed)
    }
}

impl Counter for Mutex<u64> {
    fn open() -> Self {
        Mutex::new(0)
    }
    fn increment(&self) {
        *self.lock().unwrap() += 1;
    }
    fn read(&self) -> u64 {
        *self.lock().unwrap()
    }
}

impl Counter for ShardedCounter {
    fn open() -> Self {
        ShardedCounter::new()
    }
    fn increment(&self) {
        ShardedCounter::increment(self);
    }
    fn read(&self) -> u64 {
        self.sum() as u64
    }
}

impl Counter for ConcurrentCounter {
    fn open() -> Self {
        ConcurrentCounter::new(16)
    }
    fn increment(&self) {
        self.add(1);
    }
    fn read(&self) -> u64 {
        self.sum() as u64
    }
}

impl Counter for Unsigned {
    fn open() -> Self {
        Unsigned::new()
    }
    fn increment(&self) {
        self.add(1);
    }
    fn read(&self) -> u64 {
        self.value().as_u64()
    }
}

/// The floor: a number that no other thread can read.
struct Own;

thread_local! {
    static OWN: Cell<u64> = const { Cell::new(0) };
}

impl Counter for Own {
    fn open() -> Self {
        Own
    }
    fn increment(&self) {
        // Through memory each time, as a counter that others read must be.
        OWN.with(|own| {
            let own = black_box(own);
            own.set(own.get() + 1);
        });
    }
    fn read(&self) -> u64 {
        OWN.get()
    }
}

fn run<C: Counter>(bench: &mut Bench, contender: &str, kind: &str, threads: usize) {
    let counter = &C::open();
    bench.run(contender, &format!("{kind}/{threads}-threads"), |operations| {
        let body = |mine: u64| (0..mine).for_each(|_| black_box(counter).increment());
        // One too is a thread of its own, so that it leaves no part of a counter to this one, which sums up below.
        together((0..threads).map(|i| Box::new(move || body(share(operations, threads, i))) as Job).collect())
    });
}

/// The sum of what so many threads have counted. They were all there at once, so that each had a part of its own.
fn read<C: Counter>(bench: &mut Bench, contender: &str, cell: &str, counted_by: usize) {
    let counter = &C::open();
    let all_are_here = &Barrier::new(counted_by);
    let count = || {
        counter.increment();
        all_are_here.wait();
    };
    together((0..counted_by).map(|_| Box::new(count) as Job).collect());
    bench.run(contender, cell, |operations| {
        alone(|| (0..operations).for_each(|_| _ = black_box(black_box(counter).read())))
    });
}

fn main() {
    let mut bench = Bench::new();
    for threads in [1, 2, 4, 16] {
        run::<generic::Counter<Atomic>>(&mut bench, "atomic", "counter", threads);
        run::<AtomicU64>(&mut bench, "peer-AtomicU64", "counter", threads);
        run::<generic::Counter<Locked>>(&mut bench, "locked", "counter", threads);
        run::<Mutex<u64>>(&mut bench, "peer-Mutex", "counter", threads);
        run::<ShardedCounter>(&mut bench, "atomic", "sharded", threads);
        run::<ConcurrentCounter>(&mut bench, "peer-fast-counter", "sharded", threads);
        run::<Own>(&mut bench, "floor-thread-local", "sharded", threads);
        run::<Unsigned>(&mut bench, "peer-contatori", "sharded", threads);
    }
    read::<generic::Counter<Atomic>>(&mut bench, "atomic", "counter/read", 1);
    read::<AtomicU64>(&mut bench, "peer-AtomicU64", "counter/read", 1);
    read::<generic::Counter<Locked>>(&mut bench, "locked", "counter/read", 1);
    read::<Mutex<u64>>(&mut bench, "peer-Mutex", "counter/read", 1);
    for (cell, counted_by) in [("sharded/read", 1), ("sharded/read-16", 16)] {
        read::<ShardedCounter>(&mut bench, "atomic", cell, counted_by);
        read::<ConcurrentCounter>(&mut bench, "peer-fast-counter", cell, counted_by);
        read::<Unsigned>(&mut bench, "peer-contatori", cell, counted_by);
    }
    bench.finish();
}
