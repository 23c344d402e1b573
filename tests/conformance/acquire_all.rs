//! `acquire_all`, which Python lacks.

use std::cell::Cell;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use nogil::generic::{Lock, RLock};
use nogil::{Wing, acquire_all, acquire_all_deadline, acquire_all_timeout, try_acquire_all};

use crate::harness::{MOMENT, PATIENCE, eventually, over_each_wing, panic_of, start, takes};

over_each_wing!(
    guards_come_in_the_order_of_the_names,
    tuples_of_one_and_of_eight,
    arrays_slices_and_vecs,
    locks_that_threads_share_by_an_arc,
    no_locks_at_all,
    it_waits_for_every_lock,
    all_or_nothing,
    a_deadline_is_not_passed_over,
    one_deadline_for_all,
    s19_13_huge_timeouts_wait,
    the_same_lock_twice_is_a_panic,
    the_same_rlock_twice_is_two_levels,
    an_rlock_that_is_held_goes_deeper,
    a_panic_releases_all,
    any_order_of_names_is_free_of_deadlock,
    philosophers,
    mixed_with_timed_and_trying_callers,
);

fn lock<W: Wing, T>(value: T) -> Lock<T, W> {
    Lock::new_in(W::default(), value)
}

fn rlock<W: Wing, T>(value: T) -> RLock<T, W> {
    RLock::new_in(W::default(), value)
}

fn guards_come_in_the_order_of_the_names<W: Wing>() {
    let locks = [lock::<W, _>(0), lock(1), lock(2)];
    let [a, b, c] = &locks;
    for (x, y, z) in [(a, b, c), (a, c, b), (b, a, c), (b, c, a), (c, a, b), (c, b, a)] {
        let expected = (*x.acquire(), *y.acquire(), *z.acquire());
        let (x, y, z) = acquire_all((x, y, z));
        assert_eq!((*x, *y, *z), expected);
        assert!(locks.iter().all(Lock::is_locked));
    }
    assert!(!locks.iter().any(Lock::is_locked));
}

fn tuples_of_one_and_of_eight<W: Wing>() {
    let (a, b, c, d) = (lock::<W, _>(1), rlock::<W, _>('b'), lock::<W, _>("c"), rlock::<W, _>(Cell::new(4)));
    let (e, f, g, h) = (nogil::locked::Lock::new(5u8), lock::<W, _>(()), rlock::<W, _>([7; 7]), lock::<W, _>(8));
    {
        let (mut alone,) = acquire_all((&a,));
        *alone += 10;
    }
    let f: &Lock<dyn Send, W> = &f;
    let (a_, b_, c_, d_, e_, _f, g_, h_) = acquire_all((&a, &b, &c, &d, &e, f, &g, &h));
    assert_eq!((*a_, *b_, *c_, d_.get(), *e_, g_[6], *h_), (11, 'b', "c", 4, 5, 7, 8));
    assert!(a.is_locked() && b.is_owned() && c.is_locked() && d.is_owned());
    assert!(e.is_locked() && f.is_locked() && g.is_owned() && h.is_locked());
}

fn arrays_slices_and_vecs<W: Wing>() {
    let locks: Vec<_> = (0..5).map(lock::<W, _>).collect();
    let names: Vec<_> = locks.iter().rev().collect();
    let numbers = |guards: Vec<nogil::generic::LockGuard<'_, i32, W>>| guards.iter().map(|g| **g).collect::<Vec<_>>();
    assert_eq!(numbers(acquire_all(names.as_slice())), [4, 3, 2, 1, 0]);
    assert_eq!(numbers(acquire_all(names)), [4, 3, 2, 1, 0]);
    assert_eq!(acquire_all([&locks[3], &locks[1]]).map(|guard| *guard), [3, 1]);

    let levels = [rlock::<W, _>(0), rlock(1)];
    let guards = acquire_all(vec![&levels[1], &levels[0], &levels[1]]);
    assert_eq!(guards.iter().map(|guard| **guard).collect::<Vec<_>>(), [1, 0, 1]);
    let [_guard] = acquire_all([&levels[0]]);
    assert_eq!(levels[0].recursion_count(), 2);
}

fn locks_that_threads_share_by_an_arc<W: Wing>() {
    let (one, two, three) = (Arc::new(lock::<W, _>(1)), Arc::new(rlock::<W, _>(2)), lock::<W, _>(3));
    let (a, b, c) = acquire_all((&one, &two, &three));
    assert_eq!((*a, *b, *c), (1, 2, 3));
    drop((a, b, c));
    let accounts = [(); 4].map(|()| Arc::new(lock::<W, _>(10)));
    let mut guards = acquire_all(accounts.iter().collect::<Vec<_>>());
    guards.iter_mut().for_each(|guard| **guard += 1);
    drop(guards);
    assert_eq!(accounts.each_ref().map(|account| *account.acquire()), [11; 4]);
    // By whichever `Arc` it is named.
    let again = Arc::clone(&accounts[0]);
    assert!(panic_of(|| drop(try_acquire_all((&accounts[0], &again)))).contains("named twice"));
}

fn no_locks_at_all<W: Wing>() {
    assert!(acquire_all(Vec::<&Lock<(), W>>::new()).is_empty());
    assert!(try_acquire_all([] as [&RLock<(), W>; 0]).is_some());
}

fn it_waits_for_every_lock<W: Wing>() {
    let locks = [lock::<W, _>(()), lock(()), lock(())];
    for held in &locks {
        thread::scope(|scope| {
            let guard = held.acquire();
            let worker = start(scope, || drop(acquire_all(locks.iter().collect::<Vec<_>>())));
            worker.until_blocked();
            drop(guard);
            worker.join();
        });
        assert!(!locks.iter().any(Lock::is_locked));
    }
}

fn all_or_nothing<W: Wing>() {
    let locks = [lock::<W, _>(()), lock(()), lock(())];
    let [a, b, c] = &locks;
    for held in &locks {
        let guard = held.acquire();
        assert!(try_acquire_all((a, b, c)).is_none());
        assert!(acquire_all_timeout([c, b, a], MOMENT).is_none());
        assert!(acquire_all_timeout([c, b, a], Duration::ZERO).is_none());
        assert!(acquire_all_deadline((b, c, a), Instant::now()).is_none());
        assert_eq!(locks.iter().filter(|lock| lock.is_locked()).count(), 1, "the one held before");
        drop(guard);
        assert!(try_acquire_all((a, b, c)).is_some());
        assert!(acquire_all_timeout((a, b, c), PATIENCE).is_some());
        assert!(acquire_all_deadline((a, b, c), Instant::now()).is_some());
    }
}

fn a_deadline_is_not_passed_over<W: Wing>() {
    let (a, b) = (lock::<W, _>(()), lock::<W, _>(()));
    let _guards = acquire_all((&a, &b));
    assert!(takes(MOMENT, || acquire_all_timeout((&a, &b), MOMENT)).is_none());
    let deadline = Instant::now() + MOMENT;
    assert!(acquire_all_deadline((&b, &a), deadline).is_none());
    assert!(Instant::now() >= deadline);
}

/// Neither lock is held for as long as the timeout from when it is waited for, and both together for longer. Who began anew with the
/// second would get it.
fn one_deadline_for_all<W: Wing>() {
    const TIMEOUT: Duration = Duration::from_millis(200);
    let until = |moment: Instant| thread::sleep(moment.saturating_duration_since(Instant::now()));
    // They are taken in the order of their addresses.
    let [first, second] = &[lock::<W, _>(()), lock(())];
    // Where a thread is kept from running for so long that the steps come late, the answer says nothing, so it is asked again.
    eventually("the second lock is given up", || {
        thread::scope(|scope| {
            let (first_held, second_held) = acquire_all((first, second));
            let worker = start(scope, || acquire_all_timeout((second, first), TIMEOUT).is_some());
            let begin = Instant::now();
            until(begin + TIMEOUT / 2);
            drop(first_held);
            until(begin + TIMEOUT * 3 / 4);
            let has_the_first = first.is_locked();
            until(begin + TIMEOUT * 5 / 4);
            drop(second_held);
            has_the_first && !worker.join()
        })
    });
    assert!(!first.is_locked() && !second.is_locked());
}

fn s19_13_huge_timeouts_wait<W: Wing>() {
    let (a, b) = (lock::<W, _>(()), rlock::<W, _>(()));
    thread::scope(|scope| {
        let guard = a.acquire();
        let worker = start(scope, || acquire_all_timeout((&a, &b), Duration::MAX).is_some());
        worker.until_blocked();
        drop(guard);
        assert!(worker.join());
    });
}

fn the_same_lock_twice_is_a_panic<W: Wing>() {
    let (a, b) = (lock::<W, _>(()), lock::<W, _>(()));
    let held = a.acquire(); // Found before anything is waited for.
    let text = "acquire_all would wait for itself: the same Lock is named twice";
    assert_eq!(panic_of(|| acquire_all((&a, &b, &a))), text);
    assert_eq!(panic_of(|| try_acquire_all([&b, &b])), text);
    assert_eq!(panic_of(|| acquire_all_timeout(vec![&b, &a, &b], MOMENT)), text);
    drop(held);
    assert!(!a.is_locked() && !b.is_locked());
    drop(acquire_all((&a, &b)));
}

fn the_same_rlock_twice_is_two_levels<W: Wing>() {
    let (a, b) = (rlock::<W, _>(1), lock::<W, _>(()));
    let (first, _, second) = acquire_all((&a, &b, &a));
    assert_eq!((a.recursion_count(), *first + *second), (2, 2));
    drop(first);
    assert_eq!(a.recursion_count(), 1);
    drop(second);
    assert!(!a.is_locked());
}

fn an_rlock_that_is_held_goes_deeper<W: Wing>() {
    let (a, b) = (rlock::<W, _>(()), lock::<W, _>(()));
    let _level = a.acquire();
    let _guard = b.acquire();
    assert!(try_acquire_all((&a, &b)).is_none());
    assert_eq!(a.recursion_count(), 1, "the level taken was given back");
}

fn a_panic_releases_all<W: Wing>() {
    let (a, b) = (lock::<W, _>(0), rlock::<W, _>(Cell::new(0)));
    let panic = panic_of(|| {
        let (mut number, cell) = acquire_all((&a, &b));
        *number = 1;
        cell.set(1);
        panic!("in the block");
    });
    assert_eq!(panic, "in the block");
    let (number, cell) = try_acquire_all((&a, &b)).unwrap();
    assert_eq!((*number, cell.get()), (1, 1));
}

fn any_order_of_names_is_free_of_deadlock<W: Wing>() {
    const ROUNDS: usize = 300;
    let (a, b, c) = (lock::<W, _>(0), rlock::<W, _>(Cell::new(0)), lock::<W, _>(0));
    let work = |a: &mut usize, b: &Cell<usize>, c: &mut usize| {
        assert_eq!((*a, b.get()), (*c, *c), "nobody is halfway");
        *a += 1;
        b.set(b.get() + 1);
        thread::yield_now();
        *c += 1;
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..ROUNDS {
                let (mut a, b, mut c) = acquire_all((&a, &b, &c));
                work(&mut a, &b, &mut c);
            }
        });
        scope.spawn(|| {
            for _ in 0..ROUNDS {
                let (b, mut c, mut a) = acquire_all((&b, &c, &a));
                work(&mut a, &b, &mut c);
            }
        });
        scope.spawn(|| {
            for _ in 0..ROUNDS {
                let (mut c, b, mut a) = acquire_all((&c, &b, &a));
                work(&mut a, &b, &mut c);
            }
        });
    });
    assert_eq!((a.into_inner(), b.into_inner().get(), c.into_inner()), (3 * ROUNDS, 3 * ROUNDS, 3 * ROUNDS));
}

fn philosophers<W: Wing>() {
    const SEATS: usize = 5;
    const MEALS: usize = 100;
    let forks: Vec<_> = (0..SEATS).map(|_| lock::<W, _>(0)).collect();
    thread::scope(|scope| {
        for seat in 0..SEATS {
            let (left, right) = (&forks[seat], &forks[(seat + 1) % SEATS]);
            scope.spawn(move || {
                for _ in 0..MEALS {
                    let (mut left, mut right) = acquire_all((left, right));
                    *left += 1;
                    thread::yield_now();
                    *right += 1;
                }
            });
        }
    });
    assert!(forks.into_iter().all(|fork| fork.into_inner() == 2 * MEALS));
}

fn mixed_with_timed_and_trying_callers<W: Wing>() {
    const ROUNDS: usize = 300;
    let (a, b) = (lock::<W, _>(0), lock::<W, _>(0));
    let done: usize = thread::scope(|scope| {
        let (a, b) = (&a, &b);
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                start(scope, move || {
                    let mut done = 0;
                    for round in 0..ROUNDS {
                        let guards = match (worker + round) % 4 {
                            0 => Some(acquire_all((a, b))),
                            1 => try_acquire_all((b, a)),
                            2 => acquire_all_timeout((b, a), Duration::from_micros(50)),
                            _ => acquire_all_deadline((a, b), Instant::now() + Duration::from_micros(50)),
                        };
                        if let Some((mut x, mut y)) = guards {
                            *x += 1;
                            *y += 1;
                            done += 1;
                        }
                    }
                    done
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join()).sum()
    });
    assert!(!a.is_locked() && !b.is_locked());
    assert_eq!((a.into_inner(), b.into_inner()), (done, done));
}
