//! The reentrant lock: alone, nested four deep, and among threads. One operation is one outermost acquisition.

use std::cell::Cell;

use nogil::{Atomic, Locked, Wing, generic};
use nogil_benches::{Bench, Job, alone, private_work, share, textbook, together};

trait RLock: Sync {
    fn open() -> Self;
    /// Acquires it `depth` times, one within the other, and counts in the innermost.
    fn increment(&self, depth: usize);
}

fn count(value: &Cell<u64>) {
    value.set(value.get() + 1);
}

impl<W: Wing> RLock for generic::RLock<Cell<u64>, W> {
    fn open() -> Self {
        Self::new_in(W::default(), Cell::new(0))
    }
    fn increment(&self, depth: usize) {
        let guard = self.acquire();
        if depth == 1 { count(&guard) } else { self.increment(depth - 1) }
    }
}

impl RLock for parking_lot::ReentrantMutex<Cell<u64>> {
    fn open() -> Self {
        parking_lot::ReentrantMutex::new(Cell::new(0))
    }
    fn increment(&self, depth: usize) {
        let guard = self.lock();
        if depth == 1 { count(&guard) } else { self.increment(depth - 1) }
    }
}

impl RLock for textbook::RLock {
    fn open() -> Self {
        Self::default()
    }
    fn increment(&self, depth: usize) {
        self.acquire();
        if depth == 1 {
            textbook::RLock::increment(self)
        } else {
            RLock::increment(self, depth - 1)
        }
        self.release();
    }
}

fn run<L: RLock>(bench: &mut Bench, contender: &str, threads: usize, depth: usize, private: bool) {
    let lock = &L::open();
    let cell = match (threads, depth, private) {
        (1, 1, _) => "rlock/alone".into(),
        (1, ..) => format!("rlock/nested-{depth}"),
        (n, _, true) => format!("rlock/{n}-threads/own-work"),
        (n, _, false) => format!("rlock/{n}-threads/bare"),
    };
    bench.run(contender, &cell, |operations| {
        let body = |mine: u64| {
            for _ in 0..mine {
                lock.increment(depth);
                if private {
                    private_work();
                }
            }
        };
        match threads {
            1 => alone(|| body(operations)),
            n => together((0..n).map(|i| Box::new(move || body(share(operations, n, i))) as Job).collect()),
        }
    });
}

fn main() {
    let mut bench = Bench::new();
    let shapes = [
        (1, 1, false),
        (1, 4, false),
        (2, 1, false),
        (2, 1, true),
        (4, 1, false),
        (4, 1, true),
        (16, 1, false),
        (16, 1, true),
    ];
    for (threads, depth, private) in shapes {
        run::<generic::RLock<Cell<u64>, Atomic>>(&mut bench, "atomic", threads, depth, private);
        run::<parking_lot::ReentrantMutex<Cell<u64>>>(&mut bench, "peer-parking_lot", threads, depth, private);
        run::<generic::RLock<Cell<u64>, Locked>>(&mut bench, "locked", threads, depth, private);
        run::<textbook::RLock>(&mut bench, "peer-textbook", threads, depth, private);
    }
    bench.finish();
}
