//! Models of the lock.

use std::sync::Arc;

use nogil::Wing;
use nogil::generic::{Lock, LockGuard};
use nogil::model::{disturb, expire, until_asleep};

use crate::harness::{UNTIL_EXPIRED, join, over_each_wing};
use crate::turns::spawn;

over_each_wing!(
    hands_data_over,
    sleepers_are_woken,
    wakes_for_no_reason,
    expiry_meets_release,
    expiry_after_release,
    waiter_goes_first,
    waiter_is_not_overlooked,
    giver_wakes_for_no_reason,
    giver_meets_leaver,
    giver_meets_leaver_and_newcomer,
    givers_meet;
    large: giver_meets_leaver_and_sleeper,
    givers_and_a_third,
);

fn lock<W: Wing>() -> Arc<Lock<usize, W>> {
    Arc::new(Lock::new_in(W::default(), 0))
}

/// One holder at a time, and each sees what those before it did to the value. (loom watches the lock's own cell.)
fn hands_data_over<W: Wing>() {
    let lock = lock::<W>();
    let threads = [spawn(&lock, |lock| *lock.acquire() += 1), spawn(&lock, |lock| *lock.acquire() += 1)];
    if let Some(mut guard) = lock.try_acquire() {
        *guard += 1;
    }
    *lock.acquire() += 1;
    join(threads);
    assert!(matches!(*lock.acquire(), 3 | 4));
}

/// Of two threads that sleep for the lock, one release wakes the first and its release the second.
fn sleepers_are_woken<W: Wing>() {
    let lock = lock::<W>();
    let mut guard = lock.acquire();
    let threads = [spawn(&lock, |lock| *lock.acquire() += 1), spawn(&lock, |lock| *lock.acquire() += 1)];
    until_asleep(2);
    *guard += 1;
    drop(guard);
    join(threads);
    assert_eq!(*lock.try_acquire().expect("nobody has it"), 3);
}

/// A thread that wakes spuriously while the lock is held does not have it.
fn wakes_for_no_reason<W: Wing>() {
    let lock = lock::<W>();
    let mut guard = lock.acquire();
    let other = spawn(&lock, |lock| *lock.acquire() += 1);
    until_asleep(1);
    disturb();
    *guard += 1;
    drop(guard);
    other.join().unwrap();
    assert_eq!(*lock.acquire(), 2);
}

/// A time that is up at the moment of the release answers either way; the release goes to the other sleeper if not to this one.
fn expiry_meets_release<W: Wing>() {
    let lock = lock::<W>();
    let guard = lock.acquire();
    let timed = spawn(&lock, |lock| lock.acquire_timeout(UNTIL_EXPIRED).map(|mut guard| *guard += 1).is_some());
    let untimed = spawn(&lock, |lock| *lock.acquire() += 1);
    let clock = spawn(&lock, |_| expire());
    drop(guard);
    let acquired = timed.join().unwrap();
    untimed.join().unwrap();
    clock.join().unwrap();
    assert_eq!(*lock.try_acquire().expect("nobody has it"), 1 + usize::from(acquired));
}

/// A release that has woken a thread whose time is up by the time it runs is not lost for the other sleeper.
fn expiry_after_release<W: Wing>() {
    let lock = lock::<W>();
    let guard = lock.acquire();
    let timed = spawn(&lock, |lock| lock.acquire_timeout(UNTIL_EXPIRED).map(|mut guard| *guard += 1).is_some());
    let untimed = spawn(&lock, |lock| *lock.acquire() += 1);
    until_asleep(2);
    drop(guard);
    let barger = lock.try_acquire();
    expire();
    drop(barger);
    let acquired = timed.join().unwrap();
    untimed.join().unwrap();
    assert_eq!(*lock.try_acquire().expect("nobody has it"), 1 + usize::from(acquired));
}

/// Handing over answers whether another thread had the lock; that one sees what the giver did, and the giver what it did.
fn waiter_goes_first<W: Wing>() {
    let lock = lock::<W>();
    let mut guard = lock.acquire();
    let other = spawn(&lock, |lock| *lock.acquire() += 1);
    *guard += 10;
    let had_it = LockGuard::hand_over(&mut guard);
    assert_eq!(had_it, *guard == 11);
    drop(guard);
    other.join().unwrap();
    assert_eq!(*lock.acquire(), 11);
}

/// A thread that sleeps for the lock gets it when it is handed over.
fn waiter_is_not_overlooked<W: Wing>() {
    let lock = lock::<W>();
    let mut guard = lock.acquire();
    let other = spawn(&lock, |lock| *lock.acquire() += 1);
    until_asleep(1);
    assert!(LockGuard::hand_over(&mut guard));
    assert_eq!(*guard, 1);
    assert!(!LockGuard::hand_over(&mut guard), "nobody is left to have it");
    drop(guard);
    other.join().unwrap();
}

/// Neither a giver nor a waiter takes a spurious wake-up for its turn.
fn giver_wakes_for_no_reason<W: Wing>() {
    let lock = lock::<W>();
    let mut guard = lock.acquire();
    let other = spawn(&lock, |lock| {
        let mut guard = lock.acquire();
        disturb();
        *guard += 1;
    });
    until_asleep(1);
    assert!(LockGuard::hand_over(&mut guard));
    assert_eq!(*guard, 1);
    drop(guard);
    other.join().unwrap();
}

/// A giver is not left waiting for a thread whose time is up just then: that one takes the lock, or the giver has it back.
fn giver_meets_leaver<W: Wing>() {
    let lock = lock::<W>();
    let mut guard = lock.acquire();
    let leaver = spawn(&lock, |lock| lock.acquire_timeout(UNTIL_EXPIRED).map(|mut guard| *guard += 1).is_some());
    let clock = spawn(&lock, |_| expire());
    let had_it = LockGuard::hand_over(&mut guard);
    assert_eq!(had_it, *guard == 1);
    drop(guard);
    let acquired = leaver.join().unwrap();
    clock.join().unwrap();
    assert_eq!(*lock.try_acquire().expect("nobody has it"), usize::from(acquired));
}

/// The same beside a thread with time enough: whoever of the two takes the lock, nobody is left asleep.
fn giver_meets_leaver_and_sleeper<W: Wing>() {
    let lock = lock::<W>();
    let mut guard = lock.acquire();
    let leaver = spawn(&lock, |lock| lock.acquire_timeout(UNTIL_EXPIRED).map(|mut guard| *guard += 1).is_some());
    let sleeper = spawn(&lock, |lock| *lock.acquire() += 1);
    until_asleep(2);
    expire();
    assert!(LockGuard::hand_over(&mut guard));
    assert!(*guard > 0);
    drop(guard);
    let acquired = leaver.join().unwrap();
    sleeper.join().unwrap();
    assert_eq!(*lock.try_acquire().expect("nobody has it"), 1 + usize::from(acquired));
}

/// A thread that comes as the lock is handed over, and takes it before one whose time is up, does not leave the giver asleep.
fn giver_meets_leaver_and_newcomer<W: Wing>() {
    let lock = lock::<W>();
    let mut guard = lock.acquire();
    let leaver = spawn(&lock, |lock| lock.acquire_timeout(UNTIL_EXPIRED).map(|mut guard| *guard += 1).is_some());
    until_asleep(1);
    expire();
    let newcomer = spawn(&lock, |lock| *lock.acquire() += 1);
    LockGuard::hand_over(&mut guard);
    drop(guard);
    newcomer.join().unwrap();
    let acquired = leaver.join().unwrap();
    assert_eq!(*lock.try_acquire().expect("nobody has it"), 1 + usize::from(acquired));
}

/// A thread that was given the lock can hand it back, and each giver knows its own gift from the other's.
fn givers_meet<W: Wing>() {
    let lock = lock::<W>();
    let other = spawn(&lock, |lock| {
        let mut guard = lock.acquire();
        *guard += 1;
        let before = *guard;
        let had_it = LockGuard::hand_over(&mut guard);
        assert_eq!(had_it, *guard > before);
        *guard += 1;
    });
    let mut guard = lock.acquire();
    *guard += 1;
    let before = *guard;
    let had_it = LockGuard::hand_over(&mut guard);
    assert_eq!(had_it, *guard > before);
    *guard += 1;
    drop(guard);
    other.join().unwrap();
    assert_eq!(*lock.try_acquire().expect("nobody has it"), 4);
}

/// The same beside a third thread that sleeps: whichever of them each gift reaches, all three end.
fn givers_and_a_third<W: Wing>() {
    let lock = lock::<W>();
    let mut guard = lock.acquire();
    let giver = spawn(&lock, |lock| {
        let mut guard = lock.acquire();
        *guard += 1;
        LockGuard::hand_over(&mut guard);
    });
    let third = spawn(&lock, |lock| *lock.acquire() += 1);
    until_asleep(2);
    assert!(LockGuard::hand_over(&mut guard));
    drop(guard);
    giver.join().unwrap();
    third.join().unwrap();
    assert_eq!(*lock.try_acquire().expect("nobody has it"), 2);
}
