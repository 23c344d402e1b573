//! The priority queue, by its length: one item in and the smallest out. It has one engine, on a lock.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

use nogil::PriorityQueue;
use nogil_benches::{Bench, alone, textbook};

/// Numbers without a pattern.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

fn run(bench: &mut Bench, contender: &str, queued: usize, put: impl Fn(u64), get: impl Fn() -> u64) {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    (0..queued).for_each(|_| put(random.next()));
    bench.run(contender, &format!("priority/queued-{queued}"), |operations| {
        alone(|| {
            for _ in 0..operations {
                put(random.next());
                black_box(get());
            }
        })
    });
}

fn main() {
    let mut bench = Bench::new();
    for queued in [10, 1_000, 100_000, 1_000_000] {
        let queue = PriorityQueue::unbounded();
        run(&mut bench, "locked", queued, |n| queue.put(n).unwrap(), || queue.get().unwrap());
        let queue = textbook::Queue::<BinaryHeap<Reverse<u64>>>::new(None);
        run(&mut bench, "peer-textbook", queued, |n| queue.put(Reverse(n)), || queue.get().0);
    }
    bench.finish();
}
