//! `threading.RLock`. (That its depth cannot wrap is tested in `src/rlock.rs`, from inside.)

use std::cell::{Cell, RefCell};
use std::mem;
use std::sync::{Arc, Mutex};
use std::thread;

use nogil::generic::{Condition, MappedRLockGuard, OwnedRLockGuard, RLock, RLockGuard};
use nogil::{Locked, Wing};

use crate::harness::{Census, MOMENT, over_each_wing, panic_of, start};

mod alike {
    crate::conformance::alike::cases!(RLock);
}

over_each_wing!(
    s16_18_repr_shows_the_depth,
    s16_19_reacquire,
    s16_21_is_locked,
    s16_22_is_locked_seen_from_another_thread,
    s16_24_recursion_count,
    s16_26_is_owned,
    s19_14_a_thread_that_ends_holding_leaves_it_locked,
    levels_may_be_released_in_any_order,
    every_form_reenters,
    the_last_level_releases,
    a_panic_releases_its_levels_only,
    debug_needs_no_debug_value,
    guards_show_their_value,
    a_guard_can_be_shared,
    values_are_dropped_once,
    map_reduces_the_guard,
    try_map_gives_the_guard_back,
    a_panic_in_map_releases_its_level,
    a_guard_may_own_its_lock,
    a_guard_of_another_lock_is_not_owned,
    a_condition_waits_with_an_owned_guard,
    deep_holders_exclude_all_others,
);

/// `RLock<T>` is `Send` and `Sync` when `T` is `Send`; a guard is `Sync` when `T` is. (That they are no more than that is in
/// `src/compile_fail.rs`.)
const _: () = {
    const fn send<T: Send + ?Sized>() {}
    const fn sync<T: Sync + ?Sized>() {}
    send::<RLock<Cell<u8>, Locked>>();
    sync::<RLock<Cell<u8>, Locked>>();
    sync::<RLockGuard<'_, std::sync::MutexGuard<'static, ()>, Locked>>();
    sync::<MappedRLockGuard<'_, std::sync::MutexGuard<'static, ()>, Locked>>();
    sync::<OwnedRLockGuard<u8, Locked>>();
    sync::<RLock<dyn Send, Locked>>();
};

fn new<W: Wing, T>(value: T) -> RLock<T, W> {
    RLock::new_in(W::default(), value)
}

/// What `look` answers in another thread.
fn elsewhere<R: Send>(look: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(look).join().unwrap())
}

fn s16_18_repr_shows_the_depth<W: Wing>() {
    let lock = new::<W, _>(());
    let repr = || format!("{lock:?}");
    assert_eq!(repr(), "RLock { locked: false, depth: 0, .. }");
    let outer = lock.acquire();
    let inner = lock.acquire();
    assert_eq!(repr(), "RLock { locked: true, depth: 2, .. }");
    assert_eq!(elsewhere(repr), "RLock { locked: true, depth: 2, .. }");
    drop((inner, outer));
    assert_eq!(elsewhere(repr), "RLock { locked: false, depth: 0, .. }");
}

fn s16_19_reacquire<W: Wing>() {
    let lock = new::<W, _>(());
    let first = lock.acquire();
    let second = lock.acquire();
    drop(second);
    let third = lock.acquire();
    drop(third);
    assert_eq!(lock.recursion_count(), 1);
    drop(first);
    assert!(!lock.is_locked());
}

fn s16_21_is_locked<W: Wing>() {
    let lock = new::<W, _>(());
    assert!(!lock.is_locked());
    let outer = lock.acquire();
    assert!(lock.is_locked());
    let inner = lock.acquire();
    assert!(lock.is_locked());
    drop(inner);
    assert!(lock.is_locked());
    drop(outer);
    assert!(!lock.is_locked());
}

fn s16_22_is_locked_seen_from_another_thread<W: Wing>() {
    let lock = new::<W, _>(());
    elsewhere(|| mem::forget(lock.acquire()));
    assert!(lock.is_locked());
    assert_eq!((lock.is_owned(), lock.recursion_count()), (false, 0));
}

fn s16_24_recursion_count<W: Wing>() {
    let lock = new::<W, _>(());
    assert_eq!(lock.recursion_count(), 0);
    let mut guards = vec![lock.acquire()];
    assert_eq!(lock.recursion_count(), 1);
    guards.extend([lock.acquire(), lock.acquire()]);
    assert_eq!(lock.recursion_count(), 3);
    assert_eq!(elsewhere(|| lock.recursion_count()), 0);
    guards.pop();
    assert_eq!(lock.recursion_count(), 2);
    guards.clear();
    assert_eq!(lock.recursion_count(), 0);
}

fn s16_26_is_owned<W: Wing>() {
    let lock = new::<W, _>(());
    assert!(!lock.is_owned());
    let outer = lock.acquire();
    let inner = lock.acquire();
    assert!(lock.is_owned());
    assert!(!elsewhere(|| lock.is_owned()));
    drop(inner);
    assert!(lock.is_owned());
    drop(outer);
    assert!(!lock.is_owned());
}

fn s19_14_a_thread_that_ends_holding_leaves_it_locked<W: Wing>() {
    let lock = new::<W, _>(());
    elsewhere(|| mem::forget(lock.acquire()));
    // A later thread may get the dead one's stack and thread-locals, but not its lock.
    for _ in 0..50 {
        elsewhere(|| {
            assert!(!lock.is_owned());
            assert!(lock.try_acquire().is_none());
        });
    }
    assert!(lock.acquire_timeout(MOMENT).is_none());
}

fn levels_may_be_released_in_any_order<W: Wing>() {
    let lock = new::<W, _>("value");
    let outer = lock.acquire();
    let inner = lock.acquire();
    drop(outer);
    assert_eq!((*inner, lock.recursion_count()), ("value", 1));
    assert!(elsewhere(|| lock.try_acquire().is_none()));
    drop(inner);
    assert!(elsewhere(|| lock.try_acquire().is_some()));
}

fn every_form_reenters<W: Wing>() {
    let lock = new::<W, _>(());
    let now = std::time::Instant::now();
    let guards = (
        lock.acquire(),
        lock.try_acquire().unwrap(),
        lock.acquire_timeout(MOMENT).unwrap(),
        lock.acquire_timeout(std::time::Duration::ZERO).unwrap(),
        lock.acquire_timeout(std::time::Duration::MAX).unwrap(),
        lock.acquire_deadline(now).unwrap(),
    );
    assert_eq!(lock.recursion_count(), 6);
    drop(guards);
    assert!(!lock.is_locked());
}

fn the_last_level_releases<W: Wing>() {
    let lock = new::<W, _>(());
    thread::scope(|scope| {
        let outer = lock.acquire();
        let inner = lock.acquire();
        let worker = start(scope, || drop(lock.acquire()));
        worker.until_blocked();
        drop(inner);
        worker.until_blocked();
        drop(outer);
        worker.join();
    });
    assert!(!lock.is_locked());
}

fn a_panic_releases_its_levels_only<W: Wing>() {
    let lock = new::<W, _>(Cell::new(0));
    let outer = lock.acquire();
    let panic = panic_of(|| {
        let inner = lock.acquire();
        inner.set(1);
        let _innermost = lock.acquire();
        panic!("in the block");
    });
    assert_eq!(panic, "in the block");
    assert_eq!((outer.get(), lock.recursion_count()), (1, 1));
    drop(outer);
    assert!(!lock.is_locked());
}

fn debug_needs_no_debug_value<W: Wing>() {
    struct Opaque;
    let lock: RLock<_, W> = RLock::from(Opaque);
    assert_eq!(format!("{lock:?}"), "RLock { locked: false, depth: 0, .. }");
}

fn guards_show_their_value<W: Wing>() {
    let lock = new::<W, _>("text");
    let guard = lock.acquire();
    assert_eq!(format!("{guard:?} {guard}"), "\"text\" text");
}

fn a_guard_can_be_shared<W: Wing>() {
    let lock = new::<W, _>([1, 2, 3]);
    let guard: RLockGuard<'_, [i32; 3], W> = lock.acquire();
    assert_eq!(elsewhere(|| guard.iter().sum::<i32>()), 6);
    assert!(lock.is_owned());
}

fn values_are_dropped_once<W: Wing>() {
    let census = Census::default();
    let lock = new::<W, _>(RefCell::new(census.item(1)));
    lock.acquire().replace(census.item(2));
    assert_eq!(census.alive(), 1);
    drop(lock);
    assert_eq!(census.alive(), 0);
}

fn map_reduces_the_guard<W: Wing>() {
    let lock = new::<W, _>((1, vec![Cell::new(2), Cell::new(3)]));
    let list = RLockGuard::map(lock.acquire(), |(_, list)| list);
    let whole = lock.acquire();
    let last = MappedRLockGuard::map(list, |list| list.last().unwrap());
    last.set(30);
    assert_eq!((whole.1[1].get(), lock.recursion_count()), (30, 2));
    drop(whole);
    assert!(lock.is_owned() && elsewhere(|| lock.try_acquire().is_none()));
    let slice: MappedRLockGuard<'_, [Cell<i32>], W> = RLockGuard::map(lock.acquire(), |(_, list)| &list[..]);
    assert_eq!((slice.len(), lock.recursion_count()), (2, 2));
    drop((last, slice));
    assert!(!lock.is_locked() && elsewhere(|| lock.try_acquire().is_some()));

    let text = new::<W, _>("text");
    let mapped = RLockGuard::map(text.acquire(), |text| *text);
    assert_eq!(format!("{mapped:?} {mapped}"), "\"text\" text");
    // A part that is `Sync` is shared by its guard.
    assert_eq!(elsewhere(|| mapped.len()), 4);
}

fn try_map_gives_the_guard_back<W: Wing>() {
    let lock = new::<W, _>(vec![vec![1]]);
    let guard = RLockGuard::try_map(lock.acquire(), |lists| lists.get(1)).unwrap_err();
    assert_eq!(lock.recursion_count(), 1);
    let list = RLockGuard::try_map(guard, |lists| lists.first()).unwrap();
    let list = MappedRLockGuard::try_map(list, |list| list.get(1)).unwrap_err();
    let number = MappedRLockGuard::try_map(list, |list| list.first()).unwrap();
    assert_eq!((*number, lock.recursion_count()), (1, 1));
    drop(number);
    assert!(!lock.is_locked());
}

fn a_panic_in_map_releases_its_level<W: Wing>() {
    let lock = new::<W, _>(1);
    let outer = lock.acquire();
    assert_eq!(panic_of(|| RLockGuard::map(lock.acquire(), |_| -> &i32 { panic!("map") })), "map");
    assert_eq!(lock.recursion_count(), 1);
    let mapped = RLockGuard::map(outer, |number| number);
    assert_eq!(panic_of(|| MappedRLockGuard::try_map(mapped, |_| -> Option<&i32> { panic!("map") })), "map");
    assert!(!lock.is_locked());
}

fn a_guard_may_own_its_lock<W: Wing>() {
    let census = Census::default();
    let lock = Arc::new(new::<W, _>(census.item(1)));
    let borrowed = lock.acquire();
    let owned = RLockGuard::into_owned(lock.acquire(), &lock);
    assert!(Arc::ptr_eq(OwnedRLockGuard::lock(&owned), &lock));
    assert_eq!((lock.recursion_count(), owned.number), (2, 1));
    drop(borrowed);
    assert!(elsewhere(|| lock.try_acquire().is_none()));
    drop(owned);
    assert!(!lock.is_locked());

    let owned = RLockGuard::into_owned(lock.try_acquire().unwrap(), &lock);
    drop(lock);
    assert_eq!((owned.number, census.alive()), (1, 1));
    drop(owned);
    assert_eq!(census.alive(), 0);
}

fn a_guard_of_another_lock_is_not_owned<W: Wing>() {
    let (lock, other) = (Arc::new(new::<W, _>(1)), Arc::new(new::<W, _>(2)));
    let outer = lock.acquire();
    let panic = panic_of(|| RLockGuard::into_owned(lock.acquire(), &other));
    assert_eq!((panic.as_str(), lock.recursion_count()), ("the guard is of another lock", 1));
    drop(outer);
    assert!(!lock.is_locked() && !other.is_locked());
}

fn a_condition_waits_with_an_owned_guard<W: Wing>() {
    let (lock, condition) = (Arc::new(new::<W, _>(Mutex::new(0))), Condition::new_in(W::default()));
    thread::scope(|scope| {
        let waiter = start(scope, || {
            let _outer = lock.acquire();
            let mut guard = RLockGuard::into_owned(lock.acquire(), &lock);
            condition.wait_for(&mut guard, |number| *number.lock().unwrap() == 1);
            lock.recursion_count()
        });
        waiter.until_blocked();
        *lock.acquire().lock().unwrap() = 1;
        condition.notify_one();
        assert_eq!(waiter.join(), 2);
    });
}

fn deep_holders_exclude_all_others<W: Wing>() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 300;
    fn descend<W: Wing>(lock: &RLock<Cell<usize>, W>, depth: usize) {
        let number = lock.acquire();
        let before = number.get();
        if depth == 0 {
            number.set(before + 1);
        } else {
            descend(lock, depth - 1);
            assert_eq!(number.get(), before + 1, "nobody came between");
        }
    }
    let lock = new::<W, _>(Cell::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..ROUNDS).for_each(|round| descend(&lock, round % 4)));
        }
    });
    assert_eq!(lock.into_inner().get(), THREADS * ROUNDS);
}
