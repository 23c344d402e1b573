//! The condition: to and fro between two threads, notified for eight, after the lock or with it held, and notified for nobody.

use nogil::{Atomic, Locked, Wing, generic};
use nogil_benches::{Bench, Job, alone, together};

/// A number under a lock, and two conditions on it.
trait Monitor: Sync {
    fn open() -> Self;
    /// Waits on the `which`-th condition until `ready`, then changes the number.
    fn wait(&self, which: usize, ready: impl Fn(u64) -> bool, change: impl FnOnce(&mut u64));
    fn notify_one(&self, which: usize);
    fn notify_all(&self, which: usize);
    /// With the lock held, as Python has it.
    fn notify_all_held(&self, which: usize);
}

struct Nogil<W: Wing>(generic::Lock<u64, W>, [generic::Condition<W>; 2]);

impl<W: Wing> Monitor for Nogil<W> {
    fn open() -> Self {
        let condition = || generic::Condition::new_in(W::default());
        Self(generic::Lock::new_in(W::default(), 0), [condition(), condition()])
    }
    fn wait(&self, which: usize, ready: impl Fn(u64) -> bool, change: impl FnOnce(&mut u64)) {
        let mut guard = self.0.acquire();
        self.1[which].wait_for(&mut guard, |number| ready(*number));
        change(&mut guard);
    }
    fn notify_one(&self, which: usize) {
        self.1[which].notify_one();
    }
    fn notify_all(&self, which: usize) {
        self.1[which].notify_all();
    }
    fn notify_all_held(&self, which: usize) {
        let _held = self.0.acquire();
        self.notify_all(which);
    }
}

#[derive(Default)]
struct Std(std::sync::Mutex<u64>, [std::sync::Condvar; 2]);

impl Monitor for Std {
    fn open() -> Self {
        Self::default()
    }
    fn wait(&self, which: usize, ready: impl Fn(u64) -> bool, change: impl FnOnce(&mut u64)) {
        change(&mut self.1[which].wait_while(self.0.lock().unwrap(), |number| !ready(*number)).unwrap());
    }
    fn notify_one(&self, which: usize) {
        self.1[which].notify_one();
    }
    fn notify_all(&self, which: usize) {
        self.1[which].notify_all();
    }
    fn notify_all_held(&self, which: usize) {
        let _held = self.0.lock().unwrap();
        self.notify_all(which);
    }
}

#[derive(Default)]
struct ParkingLot(parking_lot::Mutex<u64>, [parking_lot::Condvar; 2]);

impl Monitor for ParkingLot {
    fn open() -> Self {
        Self::default()
    }
    fn wait(&self, which: usize, ready: impl Fn(u64) -> bool, change: impl FnOnce(&mut u64)) {
        let mut guard = self.0.lock();
        self.1[which].wait_while(&mut guard, |number| !ready(*number));
        change(&mut guard);
    }
    fn notify_one(&self, which: usize) {
        self.1[which].notify_one();
    }
    fn notify_all(&self, which: usize) {
        self.1[which].notify_all();
    }
    fn notify_all_held(&self, which: usize) {
        let _held = self.0.lock();
        self.notify_all(which);
    }
}

fn ping_pong<M: Monitor>(bench: &mut Bench, contender: &str) {
    bench.run(contender, "condition/ping-pong", |operations| {
        let monitor = &M::open();
        let player = |me: usize| {
            Box::new(move || {
                for _ in 0..operations {
                    monitor.wait(me, |number| number % 2 == me as u64, |number| *number += 1);
                    monitor.notify_one(1 - me);
                }
            }) as Job
        };
        together(vec![player(0), player(1)])
    });
}

/// One operation releases eight threads and hears from the last of them.
fn notify_all<M: Monitor>(bench: &mut Bench, contender: &str, cell: &str, notify_all: fn(&M, usize)) {
    // The number counts up to 9 in each round: one step by who notifies, eight by those who were notified.
    const ROUND: u64 = 9;
    bench.run(contender, cell, |operations| {
        let monitor = &M::open();
        let mut jobs: Vec<Job> = vec![Box::new(move || {
            for round in 0..operations {
                monitor.wait(1, |number| number == round * ROUND, |number| *number += 1);
                notify_all(monitor, 0);
            }
        })];
        jobs.extend((1..ROUND).map(|_| {
            Box::new(move || {
                for round in 0..operations {
                    let mut last = false;
                    let step = |number: &mut u64| {
                        *number += 1;
                        last = *number == (round + 1) * ROUND;
                    };
                    monitor.wait(0, |number| number > round * ROUND, step);
                    if last {
                        monitor.notify_one(1);
                    }
                }
            }) as Job
        }));
        together(jobs)
    });
}

fn notify_8<M: Monitor>(bench: &mut Bench, contender: &str) {
    notify_all(bench, contender, "condition/notify-8", M::notify_all);
}

fn notify_8_held<M: Monitor>(bench: &mut Bench, contender: &str) {
    notify_all(bench, contender, "condition/notify-8-held", M::notify_all_held);
}

fn nobody<M: Monitor>(bench: &mut Bench, contender: &str) {
    let monitor = M::open();
    bench.run(contender, "condition/notify-nobody", |operations| {
        alone(|| (0..operations).for_each(|_| monitor.notify_one(0)))
    });
}

fn main() {
    let mut bench = Bench::new();
    // One line per contender in each cell, so that the contenders of a cell are neighbours in time.
    macro_rules! each {
        ($run:ident) => {
            $run::<Nogil<Atomic>>(&mut bench, "atomic");
            $run::<Std>(&mut bench, "peer-std");
            $run::<Nogil<Locked>>(&mut bench, "locked");
            $run::<ParkingLot>(&mut bench, "peer-parking_lot");
        };
    }
    each!(ping_pong);
    each!(notify_8);
    each!(notify_8_held);
    each!(nobody);
    bench.finish();
}
