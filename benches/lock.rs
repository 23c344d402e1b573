//! The lock around a number: alone, and among threads with and without work of their own in between.

use std::sync::Mutex;

use nogil::{Atomic, Locked, Wing, generic};
use nogil_benches::{Bench, Job, alone, private_work, share, together};

trait Lock: Sync {
    fn open() -> Self;
    fn increment(&self);
}

impl<W: Wing> Lock for generic::Lock<u64, W> {
    fn open() -> Self {
        Self::new_in(W::default(), 0)
    }
    fn increment(&self) {
        *self.acquire() += 1;
    }
}

impl Lock for Mutex<u64> {
    fn open() -> Self {
        Mutex::new(0)
    }
    fn increment(&self) {
        *self.lock().unwrap() += 1;
    }
}

impl Lock for parking_lot::Mutex<u64> {
    fn open() -> Self {
        parking_lot::Mutex::new(0)
    }
    fn increment(&self) {
        *self.lock() += 1;
    }
}

fn run<L: Lock>(bench: &mut Bench, contender: &str, threads: usize, private: bool) {
    let lock = &L::open();
    let cell = match (threads, private) {
        (1, _) => "lock/alone".into(),
        (n, true) => format!("lock/{n}-threads/own-work"),
        (n, false) => format!("lock/{n}-threads/bare"),
    };
    bench.run(contender, &cell, |operations| {
        let body = |mine: u64| {
            for _ in 0..mine {
                lock.increment();
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
    for (threads, private) in [(1, false), (2, false), (2, true), (4, false), (4, true), (16, false), (16, true)] {
        run::<generic::Lock<u64, Atomic>>(&mut bench, "atomic", threads, private);
        run::<Mutex<u64>>(&mut bench, "peer-std", threads, private);
        run::<generic::Lock<u64, Locked>>(&mut bench, "locked", threads, private);
        run::<parking_lot::Mutex<u64>>(&mut bench, "peer-parking_lot", threads, private);
    }
    bench.finish();
}
