//! The LIFO queue: on one thread, among threads, and by its length.

use std::hint::black_box;

use nogil::{Atomic, Locked, Wing, generic};
use nogil_benches::{Bench, Job, alone, share, textbook, together};

trait Stack: Sync {
    fn open() -> Self;
    fn put(&self, item: u64);
    fn get(&self) -> u64;
}

impl<W: Wing> Stack for generic::LifoQueue<u64, W> {
    fn open() -> Self {
        Self::unbounded_in(W::default())
    }
    fn put(&self, item: u64) {
        generic::LifoQueue::put(self, item).unwrap();
    }
    fn get(&self) -> u64 {
        generic::LifoQueue::get(self).unwrap()
    }
}

impl Stack for textbook::Queue<Vec<u64>> {
    fn open() -> Self {
        Self::new(None)
    }
    fn put(&self, item: u64) {
        textbook::Queue::put(self, item);
    }
    fn get(&self) -> u64 {
        textbook::Queue::get(self)
    }
}

fn seq<S: Stack>(bench: &mut Bench, contender: &str) {
    let stack = S::open();
    bench.run(contender, "lifo/seq", |operations| {
        alone(|| {
            let mut left = operations;
            while left > 0 {
                let now = left.min(64);
                (0..now).for_each(|n| stack.put(n));
                (0..now).for_each(|_| _ = black_box(stack.get()));
                left -= now;
            }
        })
    });
}

fn crowd<S: Stack>(bench: &mut Bench, contender: &str, threads: usize) {
    bench.run(contender, &format!("lifo/{threads}to{threads}"), |operations| {
        let stack = &S::open();
        let put = |n| {
            let mine = share(operations, threads, n);
            Box::new(move || (0..mine).for_each(|n| stack.put(n))) as Job
        };
        let get = |n| {
            let mine = share(operations, threads, n);
            Box::new(move || (0..mine).for_each(|_| _ = black_box(stack.get()))) as Job
        };
        together((0..threads).map(put).chain((0..threads).map(get)).collect())
    });
}

fn queued<S: Stack>(bench: &mut Bench, contender: &str, queued: u64) {
    let stack = S::open();
    (0..queued).for_each(|n| stack.put(n));
    bench.run(contender, &format!("lifo/queued-{queued}"), |operations| {
        alone(|| {
            for n in 0..operations {
                stack.put(n);
                black_box(stack.get());
            }
        })
    });
}

fn main() {
    let mut bench = Bench::new();
    // One line per contender in each cell, so that the contenders of a cell are neighbours in time.
    macro_rules! each {
        ($run:ident $(, $size:expr)?) => {
            $run::<generic::LifoQueue<u64, Atomic>>(&mut bench, "atomic" $(, $size)?);
            $run::<generic::LifoQueue<u64, Locked>>(&mut bench, "locked" $(, $size)?);
            $run::<textbook::Queue<Vec<u64>>>(&mut bench, "peer-textbook" $(, $size)?);
        };
    }
    each!(seq);
    each!(crowd, 1);
    each!(crowd, 4);
    for size in [10, 1_000, 100_000, 1_000_000] {
        each!(queued, size);
    }
    bench.finish();
}
