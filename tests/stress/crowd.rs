//! Eight threads for each processor on one primitive: nobody is lost, let in beside another, or left asleep.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use nogil::generic::{Barrier, BoundedSemaphore, Condition, Counter, Event, Lock, RLock, Semaphore, SimpleQueue};
use nogil::queue::{Order, Queue};
use nogil::{Wing, acquire_all};

use super::race::{FAR, crowd, random, rounds, together};
use crate::harness::{PATIENCE, over_each_queue, over_each_wing};

over_each_wing!(
    lock,
    rlock,
    several_locks,
    semaphore,
    bounded_semaphore,
    events_in_a_ring,
    condition,
    condition_in_turns,
    barrier,
    counter,
    simple_queue,
);

over_each_queue!(
    through_one_place,
    through_three_places,
    without_a_bound,
    through_segments_with_a_bound,
    by_long_batches,
    looked_at_meanwhile
);

/// What each thread does in one round.
const STEPS: usize = 20;

fn lock<W: Wing>() {
    for round in rounds() {
        let lock = Lock::new_in(W::default(), 0);
        together(crowd(), |thread| {
            for step in 0..STEPS {
                let mut turns = match random(round + (thread * STEPS + step) as u64, 3) {
                    0 => lock.acquire_timeout(PATIENCE).expect("somebody releases it"),
                    _ => lock.acquire(),
                };
                *turns += 1;
                if step % 8 == 0 {
                    nogil::generic::LockGuard::hand_over(&mut turns);
                }
            }
        });
        assert_eq!(lock.into_inner(), crowd() * STEPS);
    }
}

fn rlock<W: Wing>() {
    for _ in rounds() {
        let lock = RLock::new_in(W::default(), Cell::new(0));
        together(crowd(), |_| {
            for _ in 0..STEPS {
                let outer = lock.acquire();
                let inner = lock.acquire();
                drop(outer);
                inner.set(inner.get() + 1);
            }
        });
        assert_eq!(lock.into_inner().get(), crowd() * STEPS);
    }
}

/// Philosophers: each needs two locks that its neighbours need too.
fn several_locks<W: Wing>() {
    for _ in rounds() {
        let forks: Vec<_> = (0..crowd()).map(|_| Lock::new_in(W::default(), 0)).collect();
        together(crowd(), |thread| {
            for _ in 0..STEPS / 4 {
                let (mut left, mut right) = acquire_all((&forks[thread], &forks[(thread + 1) % crowd()]));
                *left += 1;
                *right += 1;
            }
        });
        assert!(forks.into_iter().all(|fork| fork.into_inner() == STEPS / 4 * 2));
    }
}

fn semaphore<W: Wing>() {
    const PERMITS: usize = 3;
    for round in rounds() {
        let (semaphore, inside) = (Semaphore::new_in(W::default(), PERMITS), AtomicUsize::new(0));
        together(crowd(), |thread| {
            for step in 0..STEPS {
                let n = 1 + random(round + (thread * STEPS + step) as u64, PERMITS as u64) as usize;
                let permit = match step % 4 {
                    0 => semaphore.acquire_many_timeout(n, Duration::from_micros(50)),
                    _ => Some(semaphore.acquire_many(n)),
                };
                if let Some(_permit) = permit {
                    assert!(inside.fetch_add(n, SeqCst) + n <= PERMITS, "more inside than there are permits");
                    inside.fetch_sub(n, SeqCst);
                }
            }
        });
        assert_eq!(semaphore.available_permits(), PERMITS);
    }
}

fn bounded_semaphore<W: Wing>() {
    for _ in rounds() {
        let (semaphore, inside) = (BoundedSemaphore::new_in(W::default(), 1), AtomicUsize::new(0));
        together(crowd(), |_| {
            for _ in 0..STEPS {
                let _permit = semaphore.acquire();
                assert_eq!(inside.fetch_add(1, SeqCst), 0, "two threads inside");
                inside.fetch_sub(1, SeqCst);
            }
        });
        assert_eq!(semaphore.available_permits(), 1);
        semaphore.release(1).expect_err("no more than at first");
    }
}

/// Each thread waits for its own event and sets that of the next.
fn events_in_a_ring<W: Wing>() {
    for _ in rounds() {
        let events: Vec<_> = (0..crowd()).map(|_| Event::new_in(W::default())).collect();
        events[0].set();
        together(crowd(), |thread| {
            for lap in 0..STEPS / 4 {
                match lap % 2 {
                    0 => events[thread].wait(),
                    _ => assert!(events[thread].wait_timeout(PATIENCE)),
                }
                events[thread].clear();
                events[(thread + 1) % crowd()].set();
            }
        });
        assert!(events[0].is_set() && events[1..].iter().all(|event| !event.is_set()));
    }
}

/// One place that is full or empty, and a condition for each: every notification counts, since each is for one waiter.
fn condition<W: Wing>() {
    for _ in rounds() {
        let place = Lock::new_in(W::default(), None);
        let (filled, emptied) = (Condition::new_in(W::default()), Condition::new_in(W::default()));
        let sum = AtomicUsize::new(0);
        together(crowd(), |thread| {
            for step in 0..STEPS {
                let mut place = place.acquire();
                if thread % 2 == 0 {
                    emptied.wait_for(&mut place, |place| place.is_none());
                    *place = Some(thread * STEPS + step);
                    filled.notify_one();
                } else {
                    filled.wait_for(&mut place, |place| place.is_some());
                    sum.fetch_add(place.take().expect("it is full"), SeqCst);
                    emptied.notify_one();
                }
            }
        });
        let put = (0..crowd()).step_by(2).flat_map(|thread| (0..STEPS).map(move |step| thread * STEPS + step));
        assert_eq!(sum.into_inner(), put.sum());
    }
}

/// Everyone is woken, and one may go on.
fn condition_in_turns<W: Wing>() {
    for _ in rounds() {
        let (turn, changed) = (RLock::new_in(W::default(), AtomicUsize::new(0)), Condition::new_in(W::default()));
        together(crowd(), |thread| {
            for lap in 0..2 {
                let mut turn = turn.acquire();
                changed.wait_for(&mut turn, |turn| turn.load(SeqCst) == lap * crowd() + thread);
                turn.fetch_add(1, SeqCst);
                changed.notify_all();
            }
        });
        assert_eq!(turn.into_inner().into_inner(), 2 * crowd());
    }
}

fn barrier<W: Wing>() {
    for _ in rounds() {
        let cycles = STEPS / 4;
        let (barrier, places) = (Barrier::new_in(W::default(), crowd()), AtomicUsize::new(0));
        together(crowd(), |_| {
            for cycle in 1..=cycles {
                places.fetch_add(barrier.wait().unwrap(), SeqCst);
                // Everyone has arrived in this cycle, and nobody is beyond the next.
                barrier.wait().unwrap();
                assert_eq!(places.load(SeqCst), cycle * crowd() * (crowd() - 1) / 2);
                barrier.wait().unwrap();
            }
        });
        assert_eq!((barrier.waiting(), barrier.is_broken()), (0, false));
    }
}

fn counter<W: Wing>() {
    for _ in rounds() {
        let counter = Counter::new_in(W::default(), 0);
        together(crowd(), |thread| {
            for _ in 0..STEPS {
                if thread % 2 == 0 { counter.add(3) } else { counter.decrement() }
            }
        });
        assert_eq!(counter.get(), (crowd() / 2 * STEPS * 2) as i64);
    }
}

fn simple_queue<W: Wing>() {
    for _ in rounds() {
        let queue = SimpleQueue::new_in(W::default());
        exchange(|item| queue.put(item), || queue.get());
        assert!(queue.is_empty());
    }
}

/// Half of the threads put, and the others get as much.
fn exchange(put: impl Fn(usize) + Sync, get: impl Fn() -> usize + Sync) {
    let times: Vec<_> = (0..crowd() / 2 * STEPS).map(|_| AtomicUsize::new(0)).collect();
    together(crowd(), |thread| {
        for step in 0..STEPS {
            if thread % 2 == 0 {
                put(thread / 2 * STEPS + step);
            } else {
                times[get()].fetch_add(1, SeqCst);
            }
        }
    });
    assert!(times.iter().all(|times| times.load(SeqCst) == 1), "each item is fetched once");
}

fn through<W: Wing, O: Order<usize, W>>(new: impl Fn() -> Queue<usize, W, O>) {
    for _ in rounds() {
        let queue = new();
        exchange(
            |item| queue.put(item).unwrap(),
            || {
                let item = queue.get().unwrap();
                queue.task_done().unwrap();
                item
            },
        );
        queue.join();
        assert!(queue.is_empty());
    }
}

fn through_one_place<W: Wing, O: Order<usize, W>>() {
    through::<W, O>(|| Queue::bounded_in(W::default(), 1));
}

fn through_three_places<W: Wing, O: Order<usize, W>>() {
    through::<W, O>(|| Queue::bounded_in(W::default(), 3));
}

fn without_a_bound<W: Wing, O: Order<usize, W>>() {
    through::<W, O>(|| Queue::unbounded_in(W::default()));
}

/// So large that a queue of the atomic wing has segments for more than 63 of them, and no ring.
type Large = [usize; 2_048];

/// The bound of segments is reached before anything is got.
fn through_segments_with_a_bound<W: Wing, O: Order<Large, W>>() {
    for _ in rounds() {
        let (queue, was_full) = (Queue::<Large, W, O>::bounded_in(W::default(), 64), AtomicBool::new(false));
        exchange(
            |item| {
                queue.put([item; 2_048]).unwrap();
                assert!(queue.len() <= 64);
            },
            || {
                while !was_full.load(SeqCst) {
                    was_full.fetch_or(queue.is_full(), SeqCst);
                    thread::yield_now();
                }
                queue.get().unwrap()[0]
            },
        );
        assert!(queue.is_empty());
    }
}

/// Batches of more items than a segment has slots, 255, and others that end anywhere in one. No getter has the items of a putter in another order, but from a stack.
fn by_long_batches<W: Wing, O: Order<usize, W>>() {
    const BATCHES: usize = 4;
    const LONGEST: usize = 700;
    let is_stack = {
        let queue = Queue::<usize, W, O>::unbounded_in(W::default());
        queue.put_many([0, 1]).unwrap();
        queue.get() == Ok(1)
    };
    for round in rounds() {
        let queue = match round % 2 {
            0 => Queue::<usize, W, O>::unbounded_in(W::default()),
            _ => Queue::bounded_in(W::default(), FAR),
        };
        let size = |seed| 1 + random(round + seed as u64, LONGEST as u64) as usize;
        let putters = crowd() / 2;
        let sizes: Vec<_> = (0..putters * BATCHES).map(size).collect();
        let first_of = |batch| sizes[..batch].iter().sum::<usize>();
        let all = first_of(sizes.len());
        let firsts: Vec<_> = (0..putters).map(|putter| first_of(putter * BATCHES)).collect();
        let times: Vec<_> = (0..all).map(|_| AtomicUsize::new(0)).collect();
        let got = AtomicUsize::new(0);
        together(crowd(), |thread| {
            if thread % 2 == 0 {
                for batch in thread / 2 * BATCHES..(thread / 2 + 1) * BATCHES {
                    queue.put_many(first_of(batch)..first_of(batch + 1)).unwrap();
                }
            } else {
                let mut next = firsts.clone();
                for step in 0.. {
                    let Ok(items) = queue.get_many(size(thread * 1_000 + step)) else { return };
                    for &item in &items {
                        assert_eq!(times[item].fetch_add(1, SeqCst), 0, "an item is fetched once");
                        let putter = firsts.partition_point(|&first| first <= item) - 1;
                        assert!(is_stack || next[putter] <= item, "{item} of putter {putter} comes too late");
                        next[putter] = item + 1;
                    }
                    if got.fetch_add(items.len(), SeqCst) + items.len() == all {
                        queue.shutdown();
                    }
                }
            }
        });
        assert_eq!((got.into_inner(), queue.len()), (all, 0));
    }
}

/// While one thread puts and then gets, over and over, there is one item all the time and never more than two, whenever another looks.
fn looked_at_meanwhile<W: Wing, O: Order<usize, W>>() {
    const LOOKS: usize = 20_000;
    for _ in rounds() {
        for queue in [Queue::<usize, W, O>::unbounded_in(W::default()), Queue::bounded_in(W::default(), 2)] {
            queue.put(0).unwrap();
            let over = AtomicBool::new(false);
            together(2, |thread| {
                if thread == 0 {
                    while !over.load(SeqCst) {
                        queue.put(1).unwrap();
                        queue.get().unwrap();
                        queue.task_done().unwrap();
                    }
                } else {
                    let looks = (0..LOOKS).flat_map(|_| [queue.len(), queue.unfinished_tasks()]);
                    let odd = looks.into_iter().find(|number| !(1..=2).contains(number));
                    over.store(true, SeqCst);
                    assert_eq!(odd, None);
                }
            });
        }
    }
}
