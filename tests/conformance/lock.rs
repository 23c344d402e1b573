//! `threading.Lock`.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use nogil::generic::{Condition, Lock, LockGuard, MappedLockGuard, OwnedLockGuard};
use nogil::{Locked, Wing};

use crate::harness::{Census, MOMENT, Worker, over_each_wing, panic_of, start};

mod alike {
    crate::conformance::alike::cases!(Lock);
}

over_each_wing!(
    s16_14_acquiring_twice_blocks,
    s16_15_another_thread_releases,
    s16_16_state_after_a_timeout,
    debug_shows_the_lock_and_not_the_value,
    guards_show_their_value,
    values_are_dropped_once,
    unsized_values,
    map_reduces_the_guard,
    try_map_gives_the_guard_back,
    a_panic_in_map_releases,
    unlocked_lets_others_in,
    unlocked_acquires_again_after_a_panic,
    a_guard_may_own_its_lock,
    a_guard_of_another_lock_is_not_owned,
    a_condition_waits_with_an_owned_guard,
    hand_over_to_nobody,
    hand_over_lets_a_waiter_run_first,
    hand_over_lets_all_waiters_run,
    hand_over_from_a_sent_guard,
    hand_over_to_a_waiter_that_may_give_up,
    hand_over_alternates,
);

/// `Lock<T>` is `Send` and `Sync` when `T` is `Send`, a guard is `Send` or `Sync` as `T` is. (That they are no more than that
/// is in `src/compile_fail.rs`.)
const _: () = {
    const fn send<T: Send + ?Sized>() {}
    const fn sync<T: Sync + ?Sized>() {}
    type Shared = std::sync::MutexGuard<'static, ()>; // `Sync`, and not `Send`.
    send::<Lock<Cell<u8>, Locked>>();
    sync::<Lock<Cell<u8>, Locked>>();
    send::<LockGuard<'_, Cell<u8>, Locked>>();
    sync::<LockGuard<'_, Shared, Locked>>();
    send::<MappedLockGuard<'_, Cell<u8>, Locked>>();
    sync::<MappedLockGuard<'_, Shared, Locked>>();
    send::<OwnedLockGuard<Cell<u8>, Locked>>();
    sync::<OwnedLockGuard<u8, Locked>>();
    sync::<Lock<dyn Send, Locked>>();
};

fn new<W: Wing, T>(value: T) -> Lock<T, W> {
    Lock::new_in(W::default(), value)
}

fn s16_14_acquiring_twice_blocks<W: Wing>() {
    let lock = new::<W, _>(());
    let (guards, sent) = mpsc::channel();
    thread::scope(|scope| {
        let lock = &lock;
        let worker = start(scope, move || {
            guards.send(lock.acquire()).unwrap();
            drop(lock.acquire());
        });
        let first = sent.recv().unwrap();
        worker.until_blocked();
        drop(first);
        worker.join();
    });
    assert!(!lock.is_locked());
}

fn s16_15_another_thread_releases<W: Wing>() {
    let lock = new::<W, _>(1);
    let guard = lock.acquire();
    thread::scope(|scope| {
        start(scope, move || {
            let mut guard = guard;
            *guard += 1;
        })
        .join();
    });
    assert_eq!(*lock.try_acquire().unwrap(), 2);
}

fn s16_16_state_after_a_timeout<W: Wing>() {
    let lock = new::<W, _>(());
    let guard = lock.acquire();
    assert!(lock.acquire_timeout(MOMENT).is_none());
    assert!(lock.is_locked());
    drop(guard);
    assert!(!lock.is_locked());
    assert!(lock.try_acquire().is_some());
}

fn debug_shows_the_lock_and_not_the_value<W: Wing>() {
    struct Opaque;
    let lock = new::<W, _>(Opaque);
    assert_eq!(format!("{lock:?}"), "Lock { locked: false, waiting: 0, .. }");
    let guard = lock.acquire();
    assert_eq!(format!("{lock:?}"), "Lock { locked: true, waiting: 0, .. }");
    thread::scope(|scope| {
        let waiters = [(); 2].map(|()| start(scope, || drop(lock.acquire())));
        waiters.iter().for_each(|waiter| waiter.until_blocked());
        assert_eq!(format!("{lock:?}"), "Lock { locked: true, waiting: 2, .. }");
        drop(guard);
    });
    assert_eq!(format!("{lock:?}"), "Lock { locked: false, waiting: 0, .. }");
}

fn guards_show_their_value<W: Wing>() {
    let lock: Lock<_, W> = Lock::from("text");
    let guard = lock.acquire();
    assert_eq!(format!("{guard:?} {guard}"), "\"text\" text");
    let mapped = LockGuard::map(guard, |text| text);
    assert_eq!(format!("{mapped:?} {mapped}"), "\"text\" text");
}

fn values_are_dropped_once<W: Wing>() {
    let census = Census::default();
    let lock = new::<W, _>(census.item(1));
    *lock.acquire() = census.item(2);
    assert_eq!(census.alive(), 1);
    let item = lock.into_inner();
    assert_eq!((item.number, census.alive()), (2, 1));
    drop(item);
    drop(new::<W, _>(census.item(3)));
    assert_eq!(census.alive(), 0);
}

fn unsized_values<W: Wing>() {
    let lock = new::<W, _>([1, 2, 3]);
    let slice: &Lock<[i32], W> = &lock;
    slice.acquire()[0] = 10;
    assert_eq!(*lock.acquire(), [10, 2, 3]);
    let closure: Box<Lock<dyn FnMut() -> i32 + Send, W>> = Box::new(new(|| 5));
    assert_eq!((closure.acquire())(), 5);
}

fn map_reduces_the_guard<W: Wing>() {
    let lock = new::<W, _>((1, vec![2, 3]));
    let list = LockGuard::map(lock.acquire(), |(_, list)| list);
    let mut last = MappedLockGuard::map(list, |list| list.last_mut().unwrap());
    *last = 30;
    assert!(lock.is_locked());
    thread::scope(|scope| scope.spawn(move || *last += 1).join().unwrap()); // Released there.
    assert!(!lock.is_locked());
    assert_eq!(lock.into_inner(), (1, vec![2, 31]));
}

fn try_map_gives_the_guard_back<W: Wing>() {
    let lock = new::<W, _>(vec![vec![1]]);
    let guard = LockGuard::try_map(lock.acquire(), |lists| lists.get_mut(1)).unwrap_err();
    assert!(lock.is_locked());
    let list = LockGuard::try_map(guard, |lists| lists.first_mut()).unwrap();
    let list = MappedLockGuard::try_map(list, |list| list.get_mut(1)).unwrap_err();
    let mut number = MappedLockGuard::try_map(list, |list| list.get_mut(0)).unwrap();
    *number = 5;
    assert!(lock.is_locked());
    drop(number);
    assert_eq!(*lock.try_acquire().unwrap(), [[5]]);
}

fn a_panic_in_map_releases<W: Wing>() {
    let lock = new::<W, _>(1);
    assert_eq!(panic_of(|| LockGuard::map(lock.acquire(), |_| -> &mut i32 { panic!("map") })), "map");
    assert!(!lock.is_locked());
    let mapped = LockGuard::map(lock.acquire(), |number| number);
    assert_eq!(panic_of(|| MappedLockGuard::try_map(mapped, |_| -> Option<&mut i32> { panic!("map") })), "map");
    assert_eq!(*lock.try_acquire().unwrap(), 1);
}

fn unlocked_lets_others_in<W: Wing>() {
    let lock = Arc::new(new::<W, _>(0));
    let mut borrowed = lock.acquire();
    let answer = LockGuard::unlocked(&mut borrowed, || {
        thread::scope(|scope| start(scope, || *lock.acquire() += 1).join());
        lock.is_locked()
    });
    assert_eq!((answer, lock.is_locked(), *borrowed), (false, true, 1));

    let mut owned = LockGuard::into_owned(borrowed, &lock);
    OwnedLockGuard::unlocked(&mut owned, || *lock.try_acquire().unwrap() += 1);
    assert_eq!((lock.is_locked(), *owned), (true, 2));
}

fn unlocked_acquires_again_after_a_panic<W: Wing>() {
    let lock = new::<W, _>(0);
    let mut guard = lock.acquire();
    let panic = panic_of(|| LockGuard::unlocked(&mut guard, || panic!("{}", lock.is_locked())));
    assert_eq!((panic.as_str(), lock.is_locked(), *guard), ("false", true, 0));
    drop(guard);
    assert!(!lock.is_locked());
}

fn a_guard_may_own_its_lock<W: Wing>() {
    let census = Census::default();
    let lock = Arc::new(new::<W, _>((census.item(0), "first")));
    let mut guard = LockGuard::into_owned(lock.acquire(), &lock);
    assert!(lock.is_locked() && Arc::ptr_eq(OwnedLockGuard::lock(&guard), &lock));
    assert!(!OwnedLockGuard::hand_over(&mut guard), "nobody waits");
    thread::scope(|scope| {
        let waiter = start(scope, || lock.acquire().1);
        waiter.until_blocked();
        guard.1 = "second";
        // It may leave its thread.
        start(scope, move || drop(guard)).join();
        assert_eq!(waiter.join(), "second");
    });
    assert!(!lock.is_locked());

    let guard = LockGuard::into_owned(lock.try_acquire().unwrap(), &lock);
    drop(lock);
    assert_eq!((guard.1, census.alive()), ("second", 1));
    drop(guard);
    assert_eq!(census.alive(), 0);
}

fn a_guard_of_another_lock_is_not_owned<W: Wing>() {
    let (lock, other) = (Arc::new(new::<W, _>(1)), Arc::new(new::<W, _>(2)));
    let panic = panic_of(|| LockGuard::into_owned(lock.acquire(), &other));
    assert_eq!(panic, "the guard is of another lock");
    assert!(!lock.is_locked() && !other.is_locked());
    assert_eq!((Arc::strong_count(&lock), Arc::strong_count(&other)), (1, 1));
}

fn a_condition_waits_with_an_owned_guard<W: Wing>() {
    let (lock, condition) = (Arc::new(new::<W, _>(0)), Condition::new_in(W::default()));
    thread::scope(|scope| {
        let waiter = start(scope, || {
            let mut guard = LockGuard::into_owned(lock.acquire(), &lock);
            condition.wait_for(&mut guard, |number| *number == 1);
            assert!(lock.is_locked());
            *guard
        });
        waiter.until_blocked();
        *lock.acquire() = 1;
        condition.notify_one();
        assert_eq!(waiter.join(), 1);
    });
}

fn hand_over_to_nobody<W: Wing>() {
    let lock = new::<W, _>(());
    let mut guard = lock.acquire();
    assert!(!LockGuard::hand_over(&mut guard));
    assert!(lock.is_locked());
    drop(guard);
    assert!(!lock.is_locked());
}

fn hand_over_lets_a_waiter_run_first<W: Wing>() {
    let lock = new::<W, _>(Vec::new());
    thread::scope(|scope| {
        let mut log = lock.acquire();
        let worker = start(scope, || lock.acquire().push("waiter"));
        worker.until_blocked();
        log.push("giver");
        assert!(LockGuard::hand_over(&mut log));
        log.push("giver");
        assert_eq!(*log, ["giver", "waiter", "giver"]);
        worker.join();
        assert!(!LockGuard::hand_over(&mut log), "nobody is left");
    });
}

fn hand_over_lets_all_waiters_run<W: Wing>() {
    let lock = new::<W, _>(0);
    thread::scope(|scope| {
        let mut count = lock.acquire();
        let workers: Vec<_> = (0..5).map(|_| start(scope, || *lock.acquire() += 1)).collect();
        workers.iter().for_each(Worker::until_blocked);
        while *count < 5 {
            let before = *count;
            // Never `false`: whoever has not counted yet still waits.
            assert!(LockGuard::hand_over(&mut count));
            assert!(*count > before);
        }
    });
}

fn hand_over_from_a_sent_guard<W: Wing>() {
    let lock = new::<W, _>(0);
    thread::scope(|scope| {
        let mut guard = lock.acquire();
        let waiter = start(scope, || *lock.acquire() += 1);
        waiter.until_blocked();
        start(scope, move || {
            assert!(LockGuard::hand_over(&mut guard));
            assert_eq!(*guard, 1);
        })
        .join();
        waiter.join();
    });
    assert!(!lock.is_locked());
}

/// The giver comes back in any case, and its answer says whether the waiter had the lock.
fn hand_over_to_a_waiter_that_may_give_up<W: Wing>() {
    let lock = new::<W, _>(());
    for round in 0..200 {
        let timeout = Duration::from_micros(50 + round % 20 * 10);
        thread::scope(|scope| {
            let mut guard = lock.acquire();
            let waiter = start(scope, || lock.acquire_timeout(timeout).is_some());
            thread::sleep(timeout / 2);
            let handed = LockGuard::hand_over(&mut guard);
            assert_eq!(waiter.join(), handed);
        });
        assert!(!lock.is_locked());
    }
}

/// Two threads that each do one step and hand over take strict turns: who handed over gets the lock back only after the other
/// has had it, and the other does one step before it hands over in its turn.
fn hand_over_alternates<W: Wing>() {
    const STEPS: usize = 300;
    let lock = new::<W, _>(VecDeque::new());
    let player = |name: &'static str| {
        let mut log = lock.acquire();
        for step in 1..=STEPS {
            log.push_back(name);
            if step < STEPS {
                // `false` only while the other has not come yet, or is on its way to sleep.
                while !LockGuard::hand_over(&mut log) {
                    thread::yield_now();
                }
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| player("ping"));
        scope.spawn(|| player("pong"));
    });
    let mut log = lock.into_inner();
    assert_eq!(log.len(), 2 * STEPS);
    let (first, second) = (log[0], log[1]);
    assert_ne!(first, second);
    while let Some(name) = log.pop_front() {
        assert_eq!(name, first);
        assert_eq!(log.pop_front(), Some(second));
    }
}
