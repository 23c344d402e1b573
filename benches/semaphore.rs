//! The semaphore: alone, to and fro between two threads, and with fewer permits than threads.

use std::cell::UnsafeCell;

use nogil::{Atomic, Locked, Wing, generic};
use nogil_benches::{Bench, Job, alone, share, textbook, together};

trait Semaphore: Sync {
    fn open(permits: usize) -> Self;
    fn acquire(&self);
    fn release(&self);
    /// Acquires and releases: by a guard, where there is one, as programs do.
    fn pass(&self) {
        self.acquire();
        self.release();
    }
}

impl<W: Wing> Semaphore for generic::Semaphore<W> {
    fn open(permits: usize) -> Self {
        Self::new_in(W::default(), permits)
    }
    fn acquire(&self) {
        generic::Semaphore::acquire(self).forget();
    }
    fn release(&self) {
        generic::Semaphore::release(self, 1);
    }
    fn pass(&self) {
        drop(generic::Semaphore::acquire(self));
    }
}

/// The system's.
struct Posix(Box<UnsafeCell<libc::sem_t>>);

// SAFETY: a `sem_t` is made to be used by several threads.
unsafe impl Sync for Posix {}

impl Semaphore for Posix {
    fn open(permits: usize) -> Self {
        // SAFETY: all zeroes is a `sem_t`, if not yet one to use.
        let semaphore = Self(Box::new(UnsafeCell::new(unsafe { std::mem::zeroed() })));
        // SAFETY: the pointer is valid, and nobody else has it yet.
        assert_eq!(unsafe { libc::sem_init(semaphore.0.get(), 0, permits as u32) }, 0);
        semaphore
    }
    fn acquire(&self) {
        // SAFETY: it was initialized, and is in its place until it is dropped.
        while unsafe { libc::sem_wait(self.0.get()) } != 0 {}
    }
    fn release(&self) {
        // SAFETY: as above.
        assert_eq!(unsafe { libc::sem_post(self.0.get()) }, 0);
    }
}

impl Drop for Posix {
    fn drop(&mut self) {
        // SAFETY: nobody is in it, as it is borrowed alone.
        unsafe { libc::sem_destroy(self.0.get()) };
    }
}

impl Semaphore for async_lock::Semaphore {
    fn open(permits: usize) -> Self {
        Self::new(permits)
    }
    fn acquire(&self) {
        self.acquire_blocking().forget();
    }
    fn release(&self) {
        self.add_permits(1);
    }
    fn pass(&self) {
        drop(self.acquire_blocking());
    }
}

/// Tokio's, which a thread without a runtime can only try.
impl Semaphore for tokio::sync::Semaphore {
    fn open(permits: usize) -> Self {
        Self::new(permits)
    }
    fn acquire(&self) {
        self.try_acquire().unwrap().forget();
    }
    fn release(&self) {
        self.add_permits(1);
    }
    fn pass(&self) {
        drop(self.try_acquire().unwrap());
    }
}

impl Semaphore for textbook::Semaphore {
    fn open(permits: usize) -> Self {
        Self::new(permits)
    }
    fn acquire(&self) {
        textbook::Semaphore::acquire(self);
    }
    fn release(&self) {
        textbook::Semaphore::release(self);
    }
}

/// One operation is one permit taken and given back.
fn crowd<S: Semaphore>(bench: &mut Bench, contender: &str, threads: usize, permits: usize) {
    let semaphore = &S::open(permits);
    let cell =
        if threads == 1 { "semaphore/alone".into() } else { format!("semaphore/{threads}-threads/{permits}-permits") };
    bench.run(contender, &cell, |operations| {
        let body = |mine: u64| (0..mine).for_each(|_| semaphore.pass());
        match threads {
            1 => alone(|| body(operations)),
            n => together((0..n).map(|i| Box::new(move || body(share(operations, n, i))) as Job).collect()),
        }
    });
}

fn ping_pong<S: Semaphore>(bench: &mut Bench, contender: &str) {
    let (ping, pong) = (&S::open(0), &S::open(0));
    bench.run(contender, "semaphore/ping-pong", |operations| {
        together(vec![
            Box::new(move || {
                for _ in 0..operations {
                    ping.release();
                    pong.acquire();
                }
            }),
            Box::new(move || {
                for _ in 0..operations {
                    ping.acquire();
                    pong.release();
                }
            }),
        ])
    });
}

fn main() {
    let mut bench = Bench::new();
    for (threads, permits) in [(1, 1), (2, 1), (2, 2), (4, 2), (16, 4)] {
        crowd::<generic::Semaphore<Atomic>>(&mut bench, "atomic", threads, permits);
        crowd::<Posix>(&mut bench, "peer-sem_t", threads, permits);
        crowd::<generic::Semaphore<Locked>>(&mut bench, "locked", threads, permits);
        crowd::<async_lock::Semaphore>(&mut bench, "peer-async-lock", threads, permits);
        if threads == 1 {
            crowd::<tokio::sync::Semaphore>(&mut bench, "peer-tokio", threads, permits);
        }
        crowd::<textbook::Semaphore>(&mut bench, "peer-textbook", threads, permits);
    }
    ping_pong::<generic::Semaphore<Atomic>>(&mut bench, "atomic");
    ping_pong::<Posix>(&mut bench, "peer-sem_t");
    ping_pong::<generic::Semaphore<Locked>>(&mut bench, "locked");
    ping_pong::<async_lock::Semaphore>(&mut bench, "peer-async-lock");
    ping_pong::<textbook::Semaphore>(&mut bench, "peer-textbook");
    bench.finish();
}
