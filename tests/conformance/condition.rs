//! `threading.Condition`.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use nogil::generic::{Condition, Lock, RLock};
use nogil::{Locked, Wing};

use crate::harness::{MOMENT, PATIENCE, Worker, eventually, over_each_wing, panic_text, start, takes};

over_each_wing!(
    s16_02_repr_shows_how_many_wait,
    s16_36_notify_wakes_exactly_as_many,
    s16_37_timeout,
    s16_38_wait_for,
    s16_38_wait_for_with_an_rlock,
    s16_39_wait_for_timeout,
    s19_08_a_notification_is_not_lost_on_an_expiring_waiter,
    s19_13_huge_timeouts_wait,
    s19_15_the_deadline_is_total,
    s19_15_a_zero_timeout_asks_twice,
    s19_15_a_passed_deadline_asks_twice,
    a_condition_remembers_nothing,
    a_zero_timeout_releases_the_lock,
    waiting_releases_the_lock,
    notifying_needs_no_lock,
    waiters_wake_in_order_of_arrival,
    seventy_waiters_wake_in_order_of_arrival,
    an_rlock_is_released_at_every_level,
    an_rlock_comes_back_deep_after_a_timeout,
    outer_references_live_through_a_wait,
    one_condition_serves_several_locks,
    several_conditions_share_a_lock,
    a_predicate_may_take_what_it_finds,
    a_panicking_predicate_goes_on_with_the_lock_held,
    a_panic_after_a_wait_releases,
    the_lock_is_held_after_every_outcome,
    every_notification_reaches_one_waiter,
);

const _: () = {
    const fn send_and_sync<T: Send + Sync>() {}
    send_and_sync::<Condition<Locked>>();
};

fn new<W: Wing, T>(value: T) -> (Lock<T, W>, Condition<W>) {
    (Lock::new_in(W::default(), value), Condition::default())
}

fn new_r<W: Wing, T>(value: T) -> (RLock<T, W>, Condition<W>) {
    (RLock::new_in(W::default(), value), Condition::default())
}

/// Returns once exactly `n` threads wait. A thread that waits has released its lock, or is about to.
fn until_waiting<W: Wing>(condition: &Condition<W>, n: usize) {
    let expected = format!("Condition {{ waiting: {n} }}");
    eventually(&expected, || format!("{condition:?}") == expected);
}

fn s16_02_repr_shows_how_many_wait<W: Wing>() {
    let (lock, condition) = new::<W, _>(());
    assert_eq!(format!("{condition:?}"), "Condition { waiting: 0 }");
    thread::scope(|scope| {
        let worker = start(scope, || condition.wait(&mut lock.acquire()));
        until_waiting(&condition, 1);
        condition.notify_all();
        worker.join();
    });
    assert_eq!(format!("{condition:?}"), "Condition { waiting: 0 }");
}

fn s16_36_notify_wakes_exactly_as_many<W: Wing>() {
    // How many have returned from their first wait, and from their second.
    let (lock, condition) = new::<W, _>((0, 0));
    for _ in 0..2 {
        *lock.acquire() = (0, 0);
        thread::scope(|scope| {
            let workers: Vec<_> = (0..5)
                .map(|_| {
                    start(scope, || {
                        let mut returned = lock.acquire();
                        assert!(condition.wait_timeout(&mut returned, PATIENCE));
                        returned.0 += 1;
                        assert!(condition.wait_timeout(&mut returned, PATIENCE));
                        returned.1 += 1;
                    })
                })
                .collect();
            until_waiting(&condition, 5);
            assert_eq!(*lock.acquire(), (0, 0));

            condition.notify(3);
            eventually("three return", || lock.acquire().0 == 3);
            until_waiting(&condition, 5); // The three wait again, beside the two.
            assert_eq!(*lock.acquire(), (3, 0));

            condition.notify(5);
            eventually("two return, and three again", || *lock.acquire() == (5, 3));
            until_waiting(&condition, 2);
            assert_eq!(*lock.acquire(), (5, 3));

            condition.notify_all();
            workers.into_iter().for_each(Worker::join);
            assert_eq!(*lock.acquire(), (5, 5));
        });
    }
}

fn s16_37_timeout<W: Wing>() {
    let (lock, condition) = new::<W, _>(());
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| {
                let mut guard = lock.acquire();
                assert!(!takes(MOMENT, || condition.wait_timeout(&mut guard, MOMENT)));
                assert!(!takes(MOMENT, || condition.wait_deadline(&mut guard, Instant::now() + MOMENT)));
            });
        }
    });
    assert_eq!(format!("{condition:?}"), "Condition { waiting: 0 }");
}

fn s16_38_wait_for<W: Wing>() {
    let (state, condition) = new::<W, _>(0);
    thread::scope(|scope| {
        let worker = start(scope, || {
            let mut state = state.acquire();
            condition.wait_for(&mut state, |state| *state == 4);
            *state
        });
        for _ in 0..4 {
            until_waiting(&condition, 1);
            let mut state = state.acquire();
            *state += 1;
            condition.notify_one();
        }
        assert_eq!(worker.join(), 4);
    });
}

fn s16_38_wait_for_with_an_rlock<W: Wing>() {
    let (state, condition) = new_r::<W, _>(AtomicUsize::new(0));
    thread::scope(|scope| {
        let worker = start(scope, || {
            let mut guard = state.acquire();
            condition.wait_for(&mut guard, |state: &AtomicUsize| state.load(SeqCst) == 4);
            guard.load(SeqCst)
        });
        for _ in 0..4 {
            until_waiting(&condition, 1);
            let state = state.acquire();
            state.fetch_add(1, SeqCst);
            condition.notify_one();
        }
        assert_eq!(worker.join(), 4);
    });
}

fn s16_39_wait_for_timeout<W: Wing>() {
    let (state, condition) = new::<W, _>(0);
    thread::scope(|scope| {
        let worker = start(scope, || {
            let mut state = state.acquire();
            let timeout = 5 * MOMENT;
            takes(timeout, || condition.wait_for_timeout(&mut state, timeout, |state| *state == 4))
        });
        for _ in 0..3 {
            *state.acquire() += 1;
            condition.notify_one();
            thread::sleep(MOMENT / 4);
        }
        assert!(!worker.join());
    });
}

/// Some waiters expire at the very moment at which as many are notified, and behind them stand as many that never expire. Each
/// notification wakes one thread: an expiring one, which then answers `true`, or one of the others.
fn s19_08_a_notification_is_not_lost_on_an_expiring_waiter<W: Wing>() {
    const EACH: usize = 6;
    let (lock, condition) = new::<W, _>(());
    for round in 0..60 {
        let deadline = Instant::now() + Duration::from_millis(3);
        let come = AtomicUsize::new(0);
        let until_come = |n| {
            while come.load(SeqCst) < n {
                thread::yield_now();
            }
        };
        thread::scope(|scope| {
            let expiring: Vec<_> = (0..EACH)
                .map(|_| {
                    scope.spawn(|| {
                        let mut guard = lock.acquire();
                        come.fetch_add(1, SeqCst);
                        condition.wait_deadline(&mut guard, deadline)
                    })
                })
                .collect();
            for _ in 0..EACH {
                scope.spawn(|| {
                    until_come(EACH);
                    let mut guard = lock.acquire();
                    come.fetch_add(1, SeqCst);
                    condition.wait(&mut guard);
                });
            }
            until_come(2 * EACH);
            drop(lock.acquire()); // Whoever had it when it came has enlisted by now.
            let moment = deadline + Duration::from_micros(round % 20 * 5);
            while Instant::now() < moment {
                std::hint::spin_loop();
            }
            condition.notify(EACH);
            let answers: Vec<bool> = expiring.into_iter().map(|waiter| waiter.join().unwrap()).collect();
            let notified = answers.into_iter().filter(|notified| *notified).count();
            // The others were woken by what is left of the notifications, and by nothing else.
            until_waiting(&condition, notified);
            condition.notify_all();
        });
    }
}

fn s19_13_huge_timeouts_wait<W: Wing>() {
    let (lock, condition) = new::<W, _>(0);
    thread::scope(|scope| {
        let worker = start(scope, || {
            let mut number = lock.acquire();
            assert!(condition.wait_timeout(&mut number, Duration::MAX));
            assert!(condition.wait_for_timeout(&mut number, Duration::MAX, |number| *number == 1));
        });
        until_waiting(&condition, 1);
        worker.until_blocked();
        condition.notify_one();
        until_waiting(&condition, 1);
        worker.until_blocked();
        *lock.acquire() = 1;
        condition.notify_one();
        worker.join();
    });
}

/// Notifications that never stop do not put the end off.
fn s19_15_the_deadline_is_total<W: Wing>() {
    let (lock, condition) = new::<W, _>(());
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(SeqCst) {
                condition.notify_all();
                thread::sleep(Duration::from_millis(1));
            }
        });
        let mut guard = lock.acquire();
        let mut asked = 0;
        let timeout = 3 * MOMENT;
        let held = takes(timeout, || {
            condition.wait_for_timeout(&mut guard, timeout, |()| {
                asked += 1;
                false
            })
        });
        assert!(!held);
        let deadline = Instant::now() + MOMENT;
        assert!(!takes(MOMENT / 2, || condition.wait_for_deadline(&mut guard, deadline, |()| false)));
        assert!(asked >= 2, "at the beginning and at the end, and {asked} times in all");
        over.store(true, SeqCst);
    });
}

fn s19_15_a_zero_timeout_asks_twice<W: Wing>() {
    let (lock, condition) = new::<W, _>(0);
    let mut number = lock.acquire();
    let again = |number: &mut i32| {
        *number += 1;
        *number == 2
    };
    assert!(condition.wait_for_timeout(&mut number, Duration::ZERO, again), "the second answer counts");
    assert_eq!(*number, 2);
    assert!(!condition.wait_for_timeout(&mut number, Duration::ZERO, again));
    assert_eq!(*number, 4);
}

fn s19_15_a_passed_deadline_asks_twice<W: Wing>() {
    let (lock, condition) = new_r::<W, _>(());
    let mut guard = lock.acquire();
    let asked = Cell::new(0);
    let answer = condition.wait_for_deadline(&mut guard, Instant::now(), |()| {
        asked.set(asked.get() + 1);
        false
    });
    assert_eq!((answer, asked.get()), (false, 2));
    assert!(condition.wait_for_deadline(&mut guard, Instant::now(), |()| true));
}

fn a_condition_remembers_nothing<W: Wing>() {
    let (lock, condition) = new::<W, _>(());
    condition.notify_one();
    condition.notify(5);
    condition.notify_all();
    condition.notify(0);
    assert!(!condition.wait_timeout(&mut lock.acquire(), MOMENT));
    thread::scope(|scope| {
        let worker = start(scope, || condition.wait(&mut lock.acquire()));
        until_waiting(&condition, 1);
        condition.notify(0);
        worker.until_blocked();
        condition.notify_one();
        worker.join();
    });
}

fn a_zero_timeout_releases_the_lock<W: Wing>() {
    let (lock, condition) = new::<W, _>(false);
    thread::scope(|scope| {
        let mut come = lock.acquire();
        let worker = start(scope, || *lock.acquire() = true);
        worker.until_blocked();
        while !*come {
            assert!(!condition.wait_timeout(&mut come, Duration::ZERO));
        }
        worker.join();
        assert!(lock.is_locked());
    });
}

fn waiting_releases_the_lock<W: Wing>() {
    let (lock, condition) = new::<W, _>(0);
    thread::scope(|scope| {
        let worker = start(scope, || {
            let mut number = lock.acquire();
            *number = 1;
            condition.wait(&mut number);
            assert!(lock.is_locked());
            *number
        });
        until_waiting(&condition, 1);
        let mut number = lock.acquire();
        assert_eq!(*number, 1);
        condition.notify_one();
        worker.until_blocked(); // Notified, it waits for the lock.
        *number = 2;
        drop(number);
        assert_eq!(worker.join(), 2);
    });
    assert!(!lock.is_locked());
}

fn notifying_needs_no_lock<W: Wing>() {
    let (lock, condition) = new::<W, _>(());
    thread::scope(|scope| {
        let worker = start(scope, || condition.wait_timeout(&mut lock.acquire(), PATIENCE));
        until_waiting(&condition, 1);
        condition.notify_one();
        assert!(worker.join());
    });
}

/// Threads that wait once each, in the order of their numbers, and write these down as they wake.
fn waiters_in_order<'scope, W: Wing>(
    scope: &'scope Scope<'scope, '_>,
    lock: &'scope Lock<Vec<usize>, W>,
    condition: &'scope Condition<W>,
    n: usize,
) -> Vec<Worker<'scope, ()>> {
    let waiter = |number| {
        let worker = start(scope, move || {
            let mut woken = lock.acquire();
            condition.wait(&mut woken);
            woken.push(number);
        });
        until_waiting(condition, number + 1);
        worker
    };
    (0..n).map(waiter).collect()
}

fn waiters_wake_in_order_of_arrival<W: Wing>() {
    let (lock, condition) = new::<W, _>(Vec::new());
    thread::scope(|scope| {
        let workers = waiters_in_order(scope, &lock, &condition, 4);
        for n in 1..=4 {
            condition.notify_one();
            eventually("one wakes", || lock.acquire().len() == n);
        }
        workers.into_iter().for_each(Worker::join);
    });
    assert_eq!(lock.into_inner(), [0, 1, 2, 3]);
}

/// The atomic wing's waiters share words, 32 at each: here they need three. Some are notified with the lock held, some without.
fn seventy_waiters_wake_in_order_of_arrival<W: Wing>() {
    let (lock, condition) = new::<W, _>(Vec::new());
    thread::scope(|scope| {
        let workers = waiters_in_order(scope, &lock, &condition, 70);
        let mut notified = 0;
        for (n, held) in [(1, false), (2, true), (30, true), (3, false), (33, true), (70, true)] {
            let guard = held.then(|| lock.acquire());
            condition.notify(n);
            drop(guard);
            notified = 70.min(notified + n);
            eventually("as many wake", || lock.acquire().len() == notified);
            let mut woken = lock.acquire().clone();
            woken.sort_unstable();
            assert!(woken.into_iter().eq(0..notified), "the longest waiters");
        }
        workers.into_iter().for_each(Worker::join);
    });
}

fn an_rlock_is_released_at_every_level<W: Wing>() {
    let (lock, condition) = new_r::<W, _>(AtomicUsize::new(0));
    thread::scope(|scope| {
        let worker = start(scope, || {
            let _outer = lock.acquire();
            let _middle = lock.acquire();
            let mut inner = lock.acquire();
            condition.wait(&mut inner);
            assert_eq!((lock.recursion_count(), lock.is_owned(), inner.load(SeqCst)), (3, true, 7));
            drop(inner);
            assert_eq!(lock.recursion_count(), 2);
        });
        until_waiting(&condition, 1);
        let guard = lock.acquire();
        assert_eq!(lock.recursion_count(), 1);
        guard.store(7, SeqCst);
        condition.notify_one();
        worker.until_blocked();
        drop(guard);
        worker.join();
    });
    assert!(!lock.is_locked());
}

fn an_rlock_comes_back_deep_after_a_timeout<W: Wing>() {
    let (lock, condition) = new_r::<W, _>(());
    let _outer = lock.acquire();
    let mut inner = lock.acquire();
    assert!(!condition.wait_timeout(&mut inner, MOMENT));
    assert!(!condition.wait_timeout(&mut inner, Duration::ZERO));
    assert_eq!(lock.recursion_count(), 2);
    assert!(thread::scope(|scope| scope.spawn(|| lock.try_acquire().is_none()).join().unwrap()));
}

/// The reason why an `RLockGuard` must guard a `Sync` value to wait.
fn outer_references_live_through_a_wait<W: Wing>() {
    let (lock, condition) = new_r::<W, _>(AtomicUsize::new(0));
    thread::scope(|scope| {
        let outer = lock.acquire();
        let value: &AtomicUsize = &outer;
        let worker = start(scope, || {
            lock.acquire().store(1, SeqCst);
            condition.notify_one();
        });
        worker.until_blocked();
        condition.wait_for(&mut lock.acquire(), |_| value.load(SeqCst) == 1);
        worker.join();
    });
}

fn one_condition_serves_several_locks<W: Wing>() {
    let (first, condition) = new::<W, _>(1);
    let (second, third) = (new::<W, _>("two").0, new_r::<W, _>(3).0);
    thread::scope(|scope| {
        let workers = [
            start(scope, || condition.wait(&mut first.acquire())),
            start(scope, || condition.wait(&mut second.acquire())),
            start(scope, || condition.wait(&mut third.acquire())),
        ];
        until_waiting(&condition, 3);
        condition.notify_all();
        workers.into_iter().for_each(Worker::join);
    });
    assert!(!first.is_locked() && !second.is_locked() && !third.is_locked());
}

fn several_conditions_share_a_lock<W: Wing>() {
    let (lock, one) = new::<W, _>(());
    let two = Condition::<W>::default();
    thread::scope(|scope| {
        let first = start(scope, || one.wait(&mut lock.acquire()));
        let second = start(scope, || two.wait(&mut lock.acquire()));
        until_waiting(&one, 1);
        until_waiting(&two, 1);
        two.notify_all();
        second.join();
        first.until_blocked();
        one.notify_all();
        first.join();
    });
}

fn a_predicate_may_take_what_it_finds<W: Wing>() {
    let (list, condition) = new::<W, _>(Vec::new());
    thread::scope(|scope| {
        let worker = start(scope, || {
            let mut taken = None;
            condition.wait_for(&mut list.acquire(), |list| {
                taken = list.pop();
                taken.is_some()
            });
            taken
        });
        until_waiting(&condition, 1);
        list.acquire().push("item");
        condition.notify_one();
        assert_eq!(worker.join(), Some("item"));
    });
    assert!(list.into_inner().is_empty());
}

fn a_panicking_predicate_goes_on_with_the_lock_held<W: Wing>() {
    let (lock, condition) = new::<W, _>(0);
    let mut number = lock.acquire();
    // At the first answer, and at one after a wait.
    for calls in [1, 2] {
        let mut call = 0;
        let panic = catch_unwind(AssertUnwindSafe(|| {
            condition.wait_for_timeout(&mut number, MOMENT, |number| {
                call += 1;
                *number += 1;
                if call == calls { panic!("in the predicate") } else { false }
            })
        }));
        assert_eq!(panic_text(&*panic.unwrap_err()), "in the predicate");
        assert!(lock.is_locked());
    }
    assert_eq!(*number, 3);
    assert!(!condition.wait_timeout(&mut number, Duration::ZERO), "all still work");
    drop(number);
    assert!(lock.try_acquire().is_some());

    let (lock, condition) = new_r::<W, _>(());
    let outer = lock.acquire();
    let panic = catch_unwind(AssertUnwindSafe(|| condition.wait_for(&mut lock.acquire(), |()| panic!("at once"))));
    assert_eq!(panic_text(&*panic.unwrap_err()), "at once");
    assert_eq!(lock.recursion_count(), 1);
    drop(outer);
}

fn a_panic_after_a_wait_releases<W: Wing>() {
    let (lock, condition) = new::<W, _>(());
    thread::scope(|scope| {
        let worker = start(scope, || {
            condition.wait(&mut lock.acquire());
            let _guard = lock.acquire();
            panic!("woken");
        });
        until_waiting(&condition, 1);
        condition.notify_one();
        assert_eq!(worker.join_panic(), "woken");
    });
    assert!(lock.try_acquire().is_some());
}

fn the_lock_is_held_after_every_outcome<W: Wing>() {
    let (lock, condition) = new::<W, _>(0usize);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let waiters: Vec<_> = (0..3)
            .map(|_| {
                start(scope, || {
                    for round in 0..200u64 {
                        let mut number = lock.acquire();
                        condition.wait_timeout(&mut number, Duration::from_micros(round % 4 * 100));
                        // Not one step: two threads here at once would lose one of the two.
                        let before = *number;
                        if round % 20 == 0 {
                            thread::yield_now();
                        }
                        *number = before + 1;
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !over.load(SeqCst) {
                condition.notify(2);
                thread::sleep(Duration::from_micros(50));
            }
        });
        waiters.into_iter().for_each(Worker::join);
        over.store(true, SeqCst);
    });
    assert_eq!(lock.into_inner(), 600);
}

/// Tokens are put by a thread that notifies once for each, and taken by threads whose waits often expire: no waiter sleeps beside
/// a token, and all are taken.
fn every_notification_reaches_one_waiter<W: Wing>() {
    const TOKENS: usize = 1000;
    let (tokens, put) = new::<W, _>(0usize);
    let taken = AtomicUsize::new(0);
    thread::scope(|scope| {
        for worker in 0..4u64 {
            let (tokens, put, taken) = (&tokens, &put, &taken);
            scope.spawn(move || {
                let mut round = worker;
                while taken.load(SeqCst) < TOKENS {
                    round += 1;
                    let mut guard = tokens.acquire();
                    let timeout = Duration::from_micros(round % 5 * 50);
                    if put.wait_for_timeout(&mut guard, timeout, |tokens| *tokens > 0) {
                        *guard -= 1;
                        taken.fetch_add(1, SeqCst);
                    }
                }
            });
        }
        for _ in 0..TOKENS {
            *tokens.acquire() += 1;
            put.notify_one();
        }
    });
    assert_eq!((taken.into_inner(), tokens.into_inner()), (TOKENS, 0));
}
