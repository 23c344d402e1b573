//! Programs of the locks.

use std::cell::Cell;
use std::sync::Arc;

use nogil::generic::{Lock, LockGuard, RLock};
use nogil::model::disturb;
use nogil::{Wing, acquire_all};

use crate::harness::{Plain, UNTIL_EXPIRED, clock, crowd, join_all, over_each_wing};

over_each_wing!(one_holder_at_a_time, handed_over_in_a_crowd, one_reentrant_holder_at_a_time, philosophers_dine);

/// Five threads, one of which has little time: each has the lock alone, and nobody is left asleep.
fn one_holder_at_a_time<W: Wing>() {
    let shared = Arc::new((Lock::new_in(W::default(), 0), Plain::new()));
    let threads = crowd(5, &shared, |(lock, plain), me| {
        let mut turns = 0;
        for _ in 0..3 {
            let guard = match me {
                0 => lock.acquire_timeout(UNTIL_EXPIRED),
                _ => Some(lock.acquire()),
            };
            if let Some(mut guard) = guard {
                *guard += 1;
                plain.set(plain.get() + 1);
                turns += 1;
            }
        }
        turns
    });
    let clock = clock(&shared, 2);
    disturb();
    let turns: usize = join_all(threads).into_iter().sum();
    clock.join().unwrap();
    assert_eq!((*shared.0.try_acquire().expect("nobody has it"), shared.1.get()), (turns, turns));
}

/// Of five threads two hand over, and one gives up: a giver has the lock again when another has had it, or when nobody wants it.
fn handed_over_in_a_crowd<W: Wing>() {
    let lock = Arc::new(Lock::new_in(W::default(), 0));
    let threads = crowd(5, &lock, |lock, me| {
        let mut turns = 0;
        for _ in 0..2 {
            let guard = match me {
                0 => lock.acquire_timeout(UNTIL_EXPIRED),
                _ => Some(lock.acquire()),
            };
            let Some(mut guard) = guard else { continue };
            *guard += 1;
            turns += 1;
            if me > 2 {
                let before = *guard;
                let had_it = LockGuard::hand_over(&mut guard);
                assert_eq!(had_it, *guard > before);
                *guard += 1;
                turns += 1;
            }
        }
        turns
    });
    let clock = clock(&lock, 1);
    disturb();
    let turns: usize = join_all(threads).into_iter().sum();
    clock.join().unwrap();
    assert_eq!(*lock.try_acquire().expect("nobody has it"), turns);
}

/// The same of a lock that its holder takes again.
fn one_reentrant_holder_at_a_time<W: Wing>() {
    let lock = Arc::new((RLock::new_in(W::default(), Cell::new(0)), Plain::new()));
    let threads = crowd(5, &lock, |(lock, plain), me| {
        let mut turns = 0;
        for _ in 0..2 {
            let outer = match me {
                0 => lock.acquire_timeout(UNTIL_EXPIRED),
                _ => Some(lock.acquire()),
            };
            let Some(outer) = outer else { continue };
            let inner = lock.acquire_timeout(UNTIL_EXPIRED).expect("it is this thread's");
            drop(outer);
            inner.set(inner.get() + 1);
            plain.set(plain.get() + 1);
            assert_eq!((lock.recursion_count(), lock.is_owned()), (1, true));
            turns += 1;
        }
        assert!(!lock.is_owned());
        turns
    });
    let clock = clock(&lock, 1);
    let turns: usize = join_all(threads).into_iter().sum();
    clock.join().unwrap();
    assert_eq!((lock.0.acquire().get(), lock.1.get()), (turns, turns));
}

/// Five threads that each want the locks of two neighbours all eat twice.
fn philosophers_dine<W: Wing>() {
    const PLACES: usize = 5;
    let forks: Arc<[Lock<usize, W>; PLACES]> = Arc::new(std::array::from_fn(|_| Lock::new_in(W::default(), 0)));
    let threads = crowd(PLACES, &forks, |forks, me| {
        for _ in 0..2 {
            let (mut left, mut right) = acquire_all((&forks[me], &forks[(me + 1) % PLACES]));
            *left += 1;
            *right += 1;
        }
    });
    join_all(threads);
    assert!(forks.iter().all(|fork| *fork.try_acquire().expect("nobody has it") == 4));
}
