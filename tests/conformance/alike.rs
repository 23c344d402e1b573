//! What `Lock` and `RLock` do alike: written once over [`AnyLock`], run for both by `cases!`.

use std::cell::Cell;
use std::fmt::Debug;
use std::mem;
use std::ops::Deref;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use nogil::{Wing, generic};

use crate::harness::{MOMENT, PATIENCE, Worker, panic_of, start, takes};

pub(crate) trait AnyLock: Send + Sync + Default + Debug {
    type Guard<'a>: Deref<Target = Cell<usize>>
    where
        Self: 'a;
    fn acquire(&self) -> Self::Guard<'_>;
    fn try_acquire(&self) -> Option<Self::Guard<'_>>;
    fn acquire_timeout(&self, timeout: Duration) -> Option<Self::Guard<'_>>;
    fn acquire_deadline(&self, deadline: Instant) -> Option<Self::Guard<'_>>;
    fn is_locked(&self) -> bool;
    fn get_mut(&mut self) -> &mut Cell<usize>;
    fn into_inner(self) -> Cell<usize>;
}

macro_rules! any_lock {
    ($Lock:ident, $Guard:ident) => {
        impl<W: Wing> AnyLock for generic::$Lock<Cell<usize>, W> {
            type Guard<'a> = generic::$Guard<'a, Cell<usize>, W>;
            fn acquire(&self) -> Self::Guard<'_> {
                self.acquire()
            }
            fn try_acquire(&self) -> Option<Self::Guard<'_>> {
                self.try_acquire()
            }
            fn acquire_timeout(&self, timeout: Duration) -> Option<Self::Guard<'_>> {
                self.acquire_timeout(timeout)
            }
            fn acquire_deadline(&self, deadline: Instant) -> Option<Self::Guard<'_>> {
                self.acquire_deadline(deadline)
            }
            fn is_locked(&self) -> bool {
                self.is_locked()
            }
            fn get_mut(&mut self) -> &mut Cell<usize> {
                self.get_mut()
            }
            fn into_inner(self) -> Cell<usize> {
                self.into_inner()
            }
        }
    };
}
any_lock!(Lock, LockGuard);
any_lock!(RLock, RLockGuard);

/// Makes each case of this file a test of `generic::$Lock`, over each wing.
macro_rules! cases {
    ($Lock:ident) => {
        $crate::conformance::alike::cases! { $Lock:
            s16_01_constructor, s16_02_repr_of_a_free_lock, s16_03_repr_of_a_held_lock, s16_04_a_held_lock_can_be_dropped,
            s16_05_acquire_and_release, s16_06_try_acquire, s16_07_try_acquire_contended, s16_08_acquire_contended,
            s16_09_a_panic_releases, s16_10_many_threads, s16_11_timeout, s16_13_works_in_an_arc,
            s19_13_huge_timeouts_wait, a_failed_deadline_leaves_no_trace, a_holder_excludes_all_others,
            a_timed_acquire_races_a_release,
        }
    };
    ($Lock:ident: $($case:ident),* $(,)?) => {
        $(fn $case<W: nogil::Wing>() {
            $crate::conformance::alike::$case::<nogil::generic::$Lock<std::cell::Cell<usize>, W>>();
        })*
        $crate::harness::over_each_wing!($($case),*);
    };
}
pub(crate) use cases;

/// Whether another thread finds the lock free.
fn is_free<L: AnyLock>(lock: &L) -> bool {
    thread::scope(|scope| scope.spawn(|| lock.try_acquire().is_some()).join().unwrap())
}

pub(crate) fn s16_01_constructor<L: AnyLock>() {
    let mut lock = L::default();
    lock.get_mut().set(3);
    assert_eq!(lock.acquire().get(), 3);
    assert_eq!(lock.into_inner().get(), 3);
}

pub(crate) fn s16_02_repr_of_a_free_lock<L: AnyLock>() {
    let lock = L::default();
    assert!(format!("{lock:?}").contains("locked: false"), "{lock:?}");
}

pub(crate) fn s16_03_repr_of_a_held_lock<L: AnyLock>() {
    let lock = L::default();
    let guard = lock.acquire();
    assert!(format!("{lock:?}").contains("locked: true"), "{lock:?}");
    drop(guard);
    assert!(format!("{lock:?}").contains("locked: false"), "{lock:?}");
}

pub(crate) fn s16_04_a_held_lock_can_be_dropped<L: AnyLock>() {
    let mut lock = L::default();
    mem::forget(lock.acquire());
    assert!(lock.is_locked());
    lock.get_mut().set(1);
    assert_eq!(lock.into_inner().get(), 1);
}

pub(crate) fn s16_05_acquire_and_release<L: AnyLock>() {
    let lock = L::default();
    assert!(!lock.is_locked());
    let guard = lock.acquire();
    assert!(lock.is_locked());
    drop(guard);
    assert!(!lock.is_locked());
}

pub(crate) fn s16_06_try_acquire<L: AnyLock>() {
    let lock = L::default();
    assert!(lock.try_acquire().is_some());
    assert!(!lock.is_locked());
}

pub(crate) fn s16_07_try_acquire_contended<L: AnyLock>() {
    let lock = L::default();
    let guard = lock.acquire();
    assert!(!is_free(&lock));
    drop(guard);
    assert!(is_free(&lock));
}

pub(crate) fn s16_08_acquire_contended<L: AnyLock>() {
    let lock = L::default();
    thread::scope(|scope| {
        let guard = lock.acquire();
        let workers: Vec<_> = (0..5)
            .map(|_| {
                start(scope, || {
                    let number = lock.acquire();
                    number.set(number.get() + 1);
                })
            })
            .collect();
        workers.iter().for_each(Worker::until_blocked);
        assert_eq!(guard.get(), 0);
        drop(guard);
        workers.into_iter().for_each(Worker::join);
    });
    assert_eq!(lock.into_inner().get(), 5);
}

pub(crate) fn s16_09_a_panic_releases<L: AnyLock>() {
    let lock = L::default();
    {
        let _guard = lock.acquire();
        assert!(!is_free(&lock));
    }
    assert!(is_free(&lock));

    let panic = panic_of(|| {
        let number = lock.acquire();
        number.set(7);
        assert!(!is_free(&lock));
        panic!("in the block");
    });
    assert_eq!(panic, "in the block");
    assert!(is_free(&lock));
    assert_eq!(lock.acquire().get(), 7, "as the panic left it");
}

pub(crate) fn s16_10_many_threads<L: AnyLock>() {
    let lock = L::default();
    thread::scope(|scope| {
        for _ in 0..15 {
            scope.spawn(|| drop(lock.acquire()));
        }
    });
    assert!(!lock.is_locked());
}

pub(crate) fn s16_11_timeout<L: AnyLock>() {
    let lock = L::default();
    assert!(lock.acquire_timeout(PATIENCE).is_some());
    assert!(lock.acquire_timeout(Duration::ZERO).is_some());
    assert!(lock.acquire_deadline(Instant::now()).is_some(), "one that has passed tries once");

    let _guard = lock.acquire();
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(takes(MOMENT, || lock.acquire_timeout(MOMENT)).is_none());
            assert!(takes(MOMENT, || lock.acquire_deadline(Instant::now() + MOMENT)).is_none());
            assert!(lock.acquire_timeout(Duration::ZERO).is_none());
            assert!(lock.acquire_deadline(Instant::now()).is_none());
        });
    });
}

pub(crate) fn s16_13_works_in_an_arc<L: AnyLock>() {
    let lock = Arc::new(L::default());
    let weak = Arc::downgrade(&lock);
    drop(weak.upgrade().unwrap().acquire());
    drop(lock);
    assert!(weak.upgrade().is_none());
}

pub(crate) fn s19_13_huge_timeouts_wait<L: AnyLock>() {
    let lock = L::default();
    thread::scope(|scope| {
        let guard = lock.acquire();
        let worker = start(scope, || lock.acquire_timeout(Duration::MAX).is_some());
        worker.until_blocked();
        drop(guard);
        assert!(worker.join());
    });
}

pub(crate) fn a_failed_deadline_leaves_no_trace<L: AnyLock>() {
    let lock = L::default();
    thread::scope(|scope| {
        let guard = lock.acquire();
        let early = start(scope, || lock.acquire_timeout(MOMENT).is_some());
        let late = start(scope, || lock.acquire().set(1));
        assert!(!early.join());
        late.until_blocked();
        drop(guard);
        late.join(); // The release went to the thread that still waits.
    });
    assert!(!lock.is_locked());
    assert_eq!(lock.acquire().get(), 1);
}

pub(crate) fn a_holder_excludes_all_others<L: AnyLock>() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 500;
    let lock = L::default();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let lock = &lock;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let number = match (thread + round) % 3 {
                        0 => lock.acquire(),
                        1 => lock.acquire_timeout(PATIENCE).unwrap(),
                        _ => loop {
                            if let Some(guard) = lock.try_acquire() {
                                break guard;
                            }
                            thread::yield_now();
                        },
                    };
                    // Not one step: two threads here at once would lose one of the two.
                    let before = number.get();
                    if round % 50 == 0 {
                        thread::yield_now();
                    }
                    number.set(before + 1);
                }
            });
        }
    });
    assert_eq!(lock.into_inner().get(), THREADS * ROUNDS);
}

pub(crate) fn a_timed_acquire_races_a_release<L: AnyLock>() {
    let lock = L::default();
    for round in 0..200 {
        let timeout = Duration::from_micros(50 + round % 20 * 10);
        thread::scope(|scope| {
            let guard = lock.acquire();
            let worker = start(scope, || {
                let number = lock.acquire_timeout(timeout);
                number.map(|number| number.set(number.get() + 1)).is_some()
            });
            thread::sleep(timeout / 2);
            let before = guard.get();
            drop(guard);
            let acquired = worker.join();
            assert!(!lock.is_locked(), "whoever won, the lock is free");
            assert_eq!(lock.acquire().get(), before + usize::from(acquired));
        });
    }
}
