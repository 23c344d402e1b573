//! Models of the reentrant lock.

use std::sync::Arc;

use nogil::Wing;
use nogil::generic::{Condition, RLock};
use nogil::model::expire;

use crate::harness::{Plain, UNTIL_EXPIRED, join, over_each_wing};
use crate::turns::spawn;

over_each_wing!(
    excludes_while_nested,
    owner_is_seen_rightly,
    a_lock_that_seems_free_can_be_had,
    wait_releases_all_levels,
    expired_wait_restores_all_levels,
);

/// The lock is another's only when every level is released, and then with all that was done at each.
fn excludes_while_nested<W: Wing>() {
    fn add_two<W: Wing>(lock: &RLock<Plain, W>) {
        let outer = lock.acquire();
        {
            let inner = lock.acquire();
            inner.set(inner.get() + 1);
        }
        outer.set(outer.get() + 1);
    }
    let lock = Arc::new(RLock::new_in(W::default(), Plain::new()));
    let threads = [spawn(&lock, add_two), spawn(&lock, add_two)];
    add_two(&lock);
    join(threads);
    assert_eq!(lock.acquire().get(), 6);
}

/// A thread that looks at any moment takes itself for the owner exactly while it is.
fn owner_is_seen_rightly<W: Wing>() {
    fn look<W: Wing>(lock: &RLock<(), W>) {
        assert_eq!((lock.is_owned(), lock.recursion_count()), (false, 0));
        if let Some(outer) = lock.try_acquire() {
            assert_eq!((lock.is_owned(), lock.recursion_count()), (true, 1));
            let inner = lock.acquire();
            assert_eq!((lock.is_owned(), lock.recursion_count()), (true, 2));
            drop(inner);
            drop(outer);
        }
        assert_eq!((lock.is_owned(), lock.recursion_count()), (false, 0));
    }
    let lock = Arc::new(RLock::new_in(W::default(), ()));
    let other = spawn(&lock, look);
    look(&lock);
    look(&lock);
    other.join().unwrap();
    assert!(!lock.is_locked());
}

/// While the owner lets go of one level after the other and nobody else comes, `false` from `is_locked` means that the lock can be had.
fn a_lock_that_seems_free_can_be_had<W: Wing>() {
    let lock = Arc::new(RLock::new_in(W::default(), ()));
    let (outer, inner) = (lock.acquire(), lock.acquire());
    let other = spawn(&lock, |lock| {
        if !lock.is_locked() {
            assert!(lock.try_acquire().is_some());
        }
    });
    drop((inner, outer));
    other.join().unwrap();
}

struct Signal<W: Wing> {
    lock: RLock<Plain, W>,
    changed: Condition<W>,
}

fn signal<W: Wing>() -> Arc<Signal<W>> {
    Arc::new(Signal { lock: RLock::new_in(W::default(), Plain::new()), changed: Condition::new_in(W::default()) })
}

/// A wait at the second level lets another thread in, and comes back at the second level.
fn wait_releases_all_levels<W: Wing>() {
    let signal = signal::<W>();
    let other = spawn(&signal, |signal| {
        let guard = signal.lock.acquire();
        assert_eq!(signal.lock.recursion_count(), 1);
        guard.set(1);
        signal.changed.notify_one();
    });
    let outer = signal.lock.acquire();
    let mut inner = signal.lock.acquire();
    signal.changed.wait_for(&mut inner, |value| value.get() == 1);
    assert!(signal.lock.is_owned());
    assert_eq!(signal.lock.recursion_count(), 2);
    drop(inner);
    assert!(signal.lock.is_owned());
    drop(outer);
    assert!(!signal.lock.is_owned());
    other.join().unwrap();
    assert!(!signal.lock.is_locked());
}

/// So does a wait whose time is up while another thread has the lock: it waits for the lock, and has both levels again.
fn expired_wait_restores_all_levels<W: Wing>() {
    let signal = signal::<W>();
    let other = spawn(&signal, |signal| {
        let guard = signal.lock.acquire();
        expire();
        guard.set(guard.get() + 1);
    });
    let outer = signal.lock.acquire();
    let mut inner = signal.lock.acquire();
    assert!(!signal.changed.wait_timeout(&mut inner, UNTIL_EXPIRED));
    assert_eq!(inner.get(), 1);
    assert_eq!(signal.lock.recursion_count(), 2);
    drop((inner, outer));
    other.join().unwrap();
    assert!(!signal.lock.is_locked());
}
