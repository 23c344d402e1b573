//! Models of several locks taken at once.

use std::sync::Arc;

use nogil::generic::{Lock, RLock};
use nogil::model::{expire, until_asleep};
use nogil::{Wing, acquire_all, acquire_all_timeout, try_acquire_all};

use crate::harness::{Plain, UNTIL_EXPIRED, over_each_wing};
use crate::turns::spawn;

over_each_wing!(opposite_orders_do_not_deadlock, kinds_mix, all_or_nothing_in_time, expiry_gives_back);

/// Both locks in one structure, so that their addresses have the same order in every execution.
struct Pair<W: Wing> {
    first: Lock<usize, W>,
    second: Lock<usize, W>,
}

fn pair<W: Wing>() -> Arc<Pair<W>> {
    Arc::new(Pair { first: Lock::new_in(W::default(), 0), second: Lock::new_in(W::default(), 0) })
}

/// Threads that name the locks in opposite orders do not wait for each other, nor does one that takes only the first.
fn opposite_orders_do_not_deadlock<W: Wing>() {
    let pair = pair::<W>();
    let other = spawn(&pair, |pair| {
        let (mut second, mut first) = acquire_all((&pair.second, &pair.first));
        *first += 1;
        *second += 1;
    });
    let third = spawn(&pair, |pair| *pair.first.acquire() += 1);
    {
        let [mut first, mut second] = acquire_all([&pair.first, &pair.second]);
        *first += 1;
        *second += 1;
    }
    other.join().unwrap();
    third.join().unwrap();
    assert_eq!((*pair.first.acquire(), *pair.second.acquire()), (3, 2));
}

/// A lock and a reentrant one have one order between them, also for a thread that has the reentrant one already and names it
/// twice.
fn kinds_mix<W: Wing>() {
    let both = Arc::new((RLock::new_in(W::default(), Plain::new()), Lock::new_in(W::default(), 0)));
    let other = spawn(&both, |(rlock, lock)| {
        let (mut number, plain) = acquire_all((lock, rlock));
        *number += 1;
        plain.set(plain.get() + 1);
    });
    {
        let (plain, mut number, again) = acquire_all((&both.0, &both.1, &both.0));
        *number += 1;
        again.set(plain.get() + 1);
    }
    other.join().unwrap();
    assert_eq!((both.0.acquire().get(), *both.1.acquire()), (2, 2));
    assert!(!both.0.is_locked());
}

/// When the time is up while another thread has one of the locks, it is either all of them or none that stay taken.
fn all_or_nothing_in_time<W: Wing>() {
    let pair = pair::<W>();
    let held = pair.second.acquire();
    let other = spawn(&pair, |pair| match acquire_all_timeout((&pair.second, &pair.first), UNTIL_EXPIRED) {
        Some((mut second, mut first)) => {
            *first += 1;
            *second += 1;
        }
        None => assert!(!pair.first.is_locked(), "what it had, it gave back"),
    });
    let clock = spawn(&pair, |_| expire());
    drop(held);
    other.join().unwrap();
    clock.join().unwrap();
    let (first, second) = try_acquire_all((&pair.first, &pair.second)).expect("nobody has them");
    assert_eq!(*first, *second);
}

/// A lock that is given back when the time is up wakes the thread that sleeps for it.
fn expiry_gives_back<W: Wing>() {
    let pair = pair::<W>();
    let held = pair.second.acquire();
    let timed = spawn(&pair, |pair| acquire_all_timeout((&pair.first, &pair.second), UNTIL_EXPIRED).is_some());
    let sleeper = spawn(&pair, |pair| *pair.first.acquire() += 1);
    until_asleep(1);
    expire();
    assert!(!timed.join().unwrap());
    sleeper.join().unwrap();
    drop(held);
    assert_eq!(*pair.first.try_acquire().expect("nobody has it"), 1);
}
