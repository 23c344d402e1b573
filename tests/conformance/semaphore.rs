//! `Semaphore` and `BoundedSemaphore`: section 16, cases 40 to 53; section 18; section 19, cases 9 and 13.
//!
//! Case 40, negative permits, is what `usize` is for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nogil::Wing;
use nogil::generic::{BoundedSemaphore, Event, Semaphore};
use nogil::semaphore::MAX_PERMITS;

use crate::harness::{MOMENT, PATIENCE, over_each_wing, panic_of, start, takes};

over_each_wing!(
    s16_41_acquire,
    s16_42_acquire_destroy,
    s16_43_acquire_contended,
    s16_44_multi_release,
    s16_45_try_acquire,
    s16_46_try_acquire_contended,
    s16_47_acquire_timeout,
    s16_48_default_value,
    s16_49_with,
    s16_50_release_unacquired,
    s16_51_repr,
    s16_52_bounded_release_unacquired,
    s16_53_bounded_repr,
    debug_shows_how_many_wait,
    s18_bounded_limits,
    s19_09_no_permit_is_lost_to_an_expiring_waiter,
    s19_09_release_more_and_fewer_than_wait,
    s19_09_bounded_over_release_is_all_or_nothing,
    s19_13_a_timeout_beyond_the_clock,
    permits_are_conserved,
    a_waiter_for_many_does_not_block_a_waiter_for_one,
    many_and_one_never_stall,
    acquire_many_holds_nothing_while_it_waits,
    no_permits_are_had_at_once,
    a_release_over_the_maximum_adds_nothing,
    more_permits_than_there_can_be,
    more_permits_than_the_bound_are_refused_at_once,
    a_permit_can_be_given_back_elsewhere,
    a_permit_given_back_twice_panics,
    a_permit_given_back_twice_in_a_panic_is_let_pass,
    what_fits_of_a_permit_is_given_back,
    a_permit_may_own_its_semaphore,
    a_permit_is_never_free_as_it_becomes_owned,
    a_permit_can_be_split,
    permits_can_be_merged,
    permits_that_own_their_semaphore_can_be_merged,
    a_permit_that_owns_its_semaphore_can_be_split,
    is_made_const,
);

fn semaphore<W: Wing>(permits: usize) -> Semaphore<W> {
    Semaphore::new_in(W::default(), permits)
}

fn bounded<W: Wing>(permits: usize) -> BoundedSemaphore<W> {
    BoundedSemaphore::new_in(W::default(), permits)
}

fn s16_41_acquire<W: Wing>() {
    let one = semaphore::<W>(1);
    one.acquire().forget();
    one.release(1);
    assert_eq!(one.available_permits(), 1);

    let two = bounded::<W>(2);
    let permits = (two.acquire(), two.acquire());
    assert_eq!(two.available_permits(), 0);
    drop(permits);
    assert_eq!(two.available_permits(), 2);
}

fn s16_42_acquire_destroy<W: Wing>() {
    let semaphore = semaphore::<W>(1);
    semaphore.acquire().forget();
    drop(semaphore);
    let bounded = bounded::<W>(1);
    bounded.acquire().forget();
    drop(bounded);
}

fn s16_43_acquire_contended<W: Wing>() {
    contended::<W>(|semaphore, n| (0..n).for_each(|_| semaphore.release(1)));
}

fn s16_44_multi_release<W: Wing>() {
    contended::<W>(|semaphore, n| semaphore.release(n));
}

/// Seven permits, of which this thread takes one, and ten threads that want two each.
fn contended<W: Wing>(release: fn(&Semaphore<W>, usize)) {
    let semaphore = semaphore::<W>(7);
    let acquired = AtomicUsize::new(0);
    let done = Event::<W>::default();
    semaphore.acquire().forget();
    thread::scope(|scope| {
        let twice = || {
            for _ in 0..2 {
                semaphore.acquire().forget();
                acquired.fetch_add(1, Ordering::SeqCst);
            }
            done.wait();
        };
        let workers: Vec<_> = (0..10).map(|_| start(scope, twice)).collect();
        let settled = || {
            workers.iter().for_each(|worker| worker.until_blocked());
            acquired.load(Ordering::SeqCst)
        };
        assert_eq!(settled(), 6);
        release(&semaphore, 7);
        assert_eq!(settled(), 6 + 7);
        release(&semaphore, 6);
        assert_eq!(settled(), 6 + 7 + 6);
        assert!(semaphore.try_acquire().is_none());
        release(&semaphore, 1);
        assert_eq!(settled(), 20);
        done.set();
    });
    assert_eq!(semaphore.available_permits(), 0);
}

fn s16_45_try_acquire<W: Wing>() {
    let semaphore = semaphore::<W>(2);
    let first = semaphore.try_acquire().unwrap();
    let _second = semaphore.try_acquire().unwrap();
    assert!(semaphore.try_acquire().is_none());
    drop(first);
    assert!(semaphore.try_acquire().is_some());
}

fn s16_46_try_acquire_contended<W: Wing>() {
    let semaphore = semaphore::<W>(4);
    let _mine = semaphore.acquire();
    let successes: usize = thread::scope(|scope| {
        let twice = || (0..2).filter(|_| semaphore.try_acquire().map(|permit| permit.forget()).is_some()).count();
        let workers: Vec<_> = (0..5).map(|_| start(scope, twice)).collect();
        workers.into_iter().map(|worker| worker.join()).sum()
    });
    assert_eq!(successes, 3);
}

fn s16_47_acquire_timeout<W: Wing>() {
    let semaphore = semaphore::<W>(2);
    let first = semaphore.acquire_timeout(MOMENT).unwrap();
    let _second = semaphore.acquire_deadline(Instant::now()).unwrap();
    assert!(semaphore.acquire_timeout(Duration::ZERO).is_none());
    drop(first);
    let _third = semaphore.acquire_timeout(Duration::ZERO).unwrap();
    assert!(takes(MOMENT, || semaphore.acquire_timeout(MOMENT)).is_none());
    assert!(takes(MOMENT, || semaphore.acquire_deadline(Instant::now() + MOMENT)).is_none());
    assert!(takes(MOMENT, || semaphore.acquire_many_timeout(2, MOMENT)).is_none());
    assert!(takes(MOMENT, || semaphore.acquire_many_deadline(2, Instant::now() + MOMENT)).is_none());
}

fn s16_48_default_value<W: Wing>() {
    let semaphore = Semaphore::<W>::default();
    let permit = semaphore.acquire();
    thread::scope(|scope| {
        let worker = start(scope, || drop(semaphore.acquire()));
        worker.until_blocked();
        drop(permit);
        worker.join();
    });
    assert_eq!(BoundedSemaphore::<W>::default().bound(), 1);
}

fn s16_49_with<W: Wing>() {
    let semaphore = bounded::<W>(2);
    {
        let _outer = semaphore.acquire();
        {
            let _inner = semaphore.acquire();
            assert!(semaphore.try_acquire().is_none());
        }
        assert!(semaphore.try_acquire().is_some());
        let panic = panic_of(|| {
            let _inner = semaphore.acquire();
            panic!("inside")
        });
        assert_eq!(panic, "inside");
        assert_eq!(semaphore.available_permits(), 1);
    }
    assert_eq!(semaphore.available_permits(), 2);
}

fn s16_50_release_unacquired<W: Wing>() {
    let semaphore = semaphore::<W>(1);
    semaphore.release(1);
    let _two = (semaphore.acquire(), semaphore.acquire());
    assert!(semaphore.try_acquire().is_none());
}

fn s16_51_repr<W: Wing>() {
    let semaphore = semaphore::<W>(3);
    assert_eq!(format!("{semaphore:?}"), "Semaphore { permits: 3, waiting: 0 }");
    let permit = semaphore.acquire();
    assert_eq!(format!("{semaphore:?} {permit:?}"), "Semaphore { permits: 2, waiting: 0 } Permit { permits: 1 }");
    semaphore.release(2);
    assert_eq!(format!("{semaphore:?}"), "Semaphore { permits: 4, waiting: 0 }");
}

fn s16_52_bounded_release_unacquired<W: Wing>() {
    let semaphore = bounded::<W>(1);
    assert!(semaphore.release(1).is_err());
    semaphore.acquire().forget();
    assert!(semaphore.release(1).is_ok());
    assert!(semaphore.release(1).is_err());
}

fn s16_53_bounded_repr<W: Wing>() {
    let semaphore = bounded::<W>(3);
    assert_eq!(format!("{semaphore:?}"), "BoundedSemaphore { permits: 3/3, waiting: 0 }");
    let _permit = semaphore.acquire();
    assert_eq!(format!("{semaphore:?}"), "BoundedSemaphore { permits: 2/3, waiting: 0 }");
}

/// For one permit or for many, until they have what they want or have given up.
fn debug_shows_how_many_wait<W: Wing>() {
    let semaphore = semaphore::<W>(0);
    let mut shown = Vec::new();
    thread::scope(|scope| {
        let one = start(scope, || semaphore.acquire().forget());
        let many = start(scope, || semaphore.acquire_many(3).forget());
        one.until_blocked();
        many.until_blocked();
        shown.push(format!("{semaphore:?}"));
        semaphore.release(1);
        one.join();
        many.until_blocked();
        shown.push(format!("{semaphore:?}"));
        semaphore.release(3);
        many.join();
        shown.push(format!("{semaphore:?}"));
    });
    assert_eq!(shown, [2, 1, 0].map(|waiting| format!("Semaphore {{ permits: 0, waiting: {waiting} }}")));
    assert!(semaphore.acquire_timeout(MOMENT).is_none());
    assert_eq!(format!("{semaphore:?}"), "Semaphore { permits: 0, waiting: 0 }");
}

fn s18_bounded_limits<W: Wing>() {
    for limit in 1..10 {
        let semaphore = bounded::<W>(limit);
        let on_each = |call: &(dyn Fn() + Sync)| {
            thread::scope(|scope| (0..limit).for_each(|_| drop(scope.spawn(call))));
        };
        on_each(&|| semaphore.acquire().forget());
        assert!(semaphore.try_acquire().is_none());
        on_each(&|| semaphore.release(1).unwrap());
        assert!(semaphore.release(1).is_err());
    }
}

/// One permit comes at the very moment at which one of two waiters gives up: it takes the permit, or the other does.
fn s19_09_no_permit_is_lost_to_an_expiring_waiter<W: Wing>() {
    let semaphore = &semaphore::<W>(0);
    for round in 0..200 {
        thread::scope(|scope| {
            let patient = scope.spawn(|| semaphore.acquire().forget());
            let deadline = Instant::now() + Duration::from_micros(300);
            let hasty =
                scope.spawn(move || semaphore.acquire_deadline(deadline).map(|permit| permit.forget()).is_some());
            let aim = deadline - Duration::from_micros(50) + Duration::from_micros(round % 100);
            while Instant::now() < aim {
                std::hint::spin_loop();
            }
            semaphore.release(1);
            if hasty.join().unwrap() {
                semaphore.release(1);
            }
            patient.join().unwrap();
        });
        assert_eq!(semaphore.available_permits(), 0);
    }
}

fn s19_09_release_more_and_fewer_than_wait<W: Wing>() {
    let semaphore = semaphore::<W>(0);
    let acquired = AtomicUsize::new(0);
    let done = Event::<W>::default();
    thread::scope(|scope| {
        let acquire = || {
            semaphore.acquire().forget();
            acquired.fetch_add(1, Ordering::SeqCst);
            done.wait();
        };
        let workers: Vec<_> = (0..5).map(|_| start(scope, acquire)).collect();
        let settled = || {
            workers.iter().for_each(|worker| worker.until_blocked());
            acquired.load(Ordering::SeqCst)
        };
        assert_eq!(settled(), 0);
        semaphore.release(3);
        assert_eq!(settled(), 3);
        semaphore.release(0);
        assert_eq!(settled(), 3);
        semaphore.release(4);
        assert_eq!(settled(), 5);
        done.set();
    });
    assert_eq!(semaphore.available_permits(), 2);
}

fn s19_09_bounded_over_release_is_all_or_nothing<W: Wing>() {
    let semaphore = bounded::<W>(5);
    semaphore.acquire_many(3).forget();
    assert!(semaphore.release(4).is_err());
    assert_eq!(semaphore.available_permits(), 2);
    assert!(semaphore.release(usize::MAX).is_err());
    assert_eq!(semaphore.available_permits(), 2);
    assert!(semaphore.release(3).is_ok());
    assert!(semaphore.release(0).is_ok());
    assert_eq!(semaphore.available_permits(), 5);

    // Nor does one that failed wake anybody who would then wait in vain, or take what is not there.
    semaphore.acquire_many(5).forget();
    thread::scope(|scope| {
        let worker = start(scope, || semaphore.acquire().forget());
        worker.until_blocked();
        assert!(semaphore.release(6).is_err());
        worker.until_blocked();
        assert!(semaphore.release(1).is_ok());
        worker.join();
    });
    assert_eq!(semaphore.available_permits(), 0);

    let none = bounded::<W>(0);
    assert!(none.release(1).is_err());
}

fn s19_13_a_timeout_beyond_the_clock<W: Wing>() {
    let semaphore = semaphore::<W>(0);
    thread::scope(|scope| {
        let one = start(scope, || semaphore.acquire_timeout(Duration::MAX).unwrap().forget());
        let many = start(scope, || semaphore.acquire_many_timeout(2, Duration::MAX).unwrap().forget());
        one.until_blocked();
        many.until_blocked();
        semaphore.release(3);
        one.join();
        many.join();
    });
}

/// Threads that try, wait, and give up, for one permit and for many: at the end there are as many as at the beginning.
fn permits_are_conserved<W: Wing>() {
    let semaphore = bounded::<W>(4);
    let inside = AtomicUsize::new(0);
    thread::scope(|scope| {
        for worker in 0..6 {
            let (semaphore, inside) = (&semaphore, &inside);
            scope.spawn(move || {
                for round in 0..300 {
                    let n = (worker + round) % 4 + 1;
                    let permit = match round % 3 {
                        0 => semaphore.try_acquire_many(n),
                        1 => semaphore.acquire_many_timeout(n, Duration::from_micros(50)),
                        _ => Some(semaphore.acquire_many(n)),
                    };
                    if let Some(permit) = permit {
                        assert_eq!(permit.permits(), n);
                        assert!(inside.fetch_add(n, Ordering::SeqCst) + n <= 4);
                        inside.fetch_sub(n, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    assert_eq!(semaphore.available_permits(), 4);
}

fn a_waiter_for_many_does_not_block_a_waiter_for_one<W: Wing>() {
    let semaphore = semaphore::<W>(0);
    thread::scope(|scope| {
        let many = start(scope, || semaphore.acquire_many(3).forget());
        many.until_blocked();
        let one = start(scope, || semaphore.acquire().forget());
        one.until_blocked();
        semaphore.release(1);
        one.join();
        many.until_blocked();
        semaphore.release(2);
        many.until_blocked();
        semaphore.release(1);
        many.join();
    });
    assert_eq!(semaphore.available_permits(), 0);
}

/// As many permits are released as are wanted. If a wake-up went to one whom it does not help, someone would stay behind.
fn many_and_one_never_stall<W: Wing>() {
    let semaphore = semaphore::<W>(0);
    for _ in 0..20 {
        thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| semaphore.acquire().forget());
            }
            // One at a time for each of those, while others come that a single permit is no use to.
            scope.spawn(|| (0..20).for_each(|_| semaphore.release(1)));
            for _ in 0..4 {
                scope.spawn(|| semaphore.acquire_many(2).forget());
            }
            scope.spawn(|| semaphore.release(8));
        });
        assert_eq!(semaphore.available_permits(), 0);
    }
}

fn acquire_many_holds_nothing_while_it_waits<W: Wing>() {
    let semaphore = semaphore::<W>(3);
    thread::scope(|scope| {
        let permit = semaphore.acquire();
        let worker = start(scope, || semaphore.acquire_many(3).forget());
        worker.until_blocked();
        assert_eq!(semaphore.available_permits(), 2);
        assert!(semaphore.try_acquire_many(2).is_some());
        worker.until_blocked();
        drop(permit);
        worker.join();
    });
}

fn no_permits_are_had_at_once<W: Wing>() {
    let semaphore = semaphore::<W>(0);
    assert_eq!(semaphore.acquire_many(0).permits(), 0);
    assert!(semaphore.try_acquire_many(0).is_some());
    assert_eq!(bounded::<W>(0).acquire_many(0).permits(), 0);
    assert_eq!(semaphore.available_permits(), 0);
}

fn a_release_over_the_maximum_adds_nothing<W: Wing>() {
    let semaphore = semaphore::<W>(MAX_PERMITS);
    let refused = format!("a semaphore has at most {MAX_PERMITS} permits (MAX_PERMITS); none was released");
    assert_eq!(panic_of(|| semaphore.release(1)), refused);
    semaphore.acquire().forget();
    assert!(panic_of(|| semaphore.release(usize::MAX)).contains("none was released"));
    assert_eq!(semaphore.available_permits(), MAX_PERMITS - 1);
    semaphore.release(1);
    assert_eq!(semaphore.available_permits(), MAX_PERMITS);
    assert_eq!(semaphore.acquire_many(MAX_PERMITS).permits(), MAX_PERMITS);
}

fn more_permits_than_there_can_be<W: Wing>() {
    let most = format!("a semaphore has at most {MAX_PERMITS} permits (MAX_PERMITS)");
    assert_eq!(panic_of(|| semaphore::<W>(MAX_PERMITS + 1)), most);
    assert_eq!(panic_of(|| bounded::<W>(MAX_PERMITS + 1)), most);
    let two = bounded::<W>(2);
    assert!(panic_of(|| two.acquire_many(3)).contains("cannot acquire 3 permits"));
    assert_eq!(two.available_permits(), 2);
}

/// However long the caller would wait: they can never be there together. (Who waited for them all the same would wait for ever.)
fn more_permits_than_the_bound_are_refused_at_once<W: Wing>() {
    let two = bounded::<W>(2);
    assert!(two.try_acquire_many(3).is_none());
    for timeout in [Duration::ZERO, 1000 * PATIENCE, Duration::MAX] {
        assert!(two.acquire_many_timeout(3, timeout).is_none());
    }
    for deadline in [Instant::now(), Instant::now() + 1000 * PATIENCE] {
        assert!(two.acquire_many_deadline(3, deadline).is_none());
    }
    assert_eq!(two.available_permits(), 2);
}

fn a_permit_can_be_given_back_elsewhere<W: Wing>() {
    let semaphore = bounded::<W>(2);
    let permit = semaphore.acquire_many(2);
    thread::scope(|scope| {
        scope.spawn(move || drop(permit));
    });
    assert_eq!(semaphore.available_permits(), 2);
}

fn a_permit_given_back_twice_panics<W: Wing>() {
    let semaphore = bounded::<W>(1);
    let permit = semaphore.acquire();
    semaphore.release(1).unwrap();
    let panic = panic_of(|| drop(permit));
    assert_eq!(
        panic,
        "permits were given back that had been released by hand before: `release` was called for a permit that was not \
         forgotten, so there would be more than 1"
    );
    assert_eq!(semaphore.available_permits(), 1);
}

fn a_permit_given_back_twice_in_a_panic_is_let_pass<W: Wing>() {
    let semaphore = bounded::<W>(1);
    let panic = panic_of(|| {
        let _permit = semaphore.acquire();
        semaphore.release(1).unwrap();
        panic!("something else")
    });
    assert_eq!(panic, "something else");
    assert_eq!(semaphore.available_permits(), 1);
}

fn a_permit_may_own_its_semaphore<W: Wing>() {
    let two = Arc::new(semaphore::<W>(2));
    let permit = two.acquire_many(2).into_owned(&two);
    assert_eq!((permit.permits(), two.available_permits()), (2, 0));
    assert!(Arc::ptr_eq(permit.semaphore(), &two));
    assert_eq!(format!("{permit:?}"), "OwnedPermit { permits: 2, semaphore: Semaphore { permits: 0, waiting: 0 } }");
    thread::spawn(move || drop(permit)).join().unwrap();
    assert_eq!(two.available_permits(), 2);

    two.acquire().into_owned(&two).forget();
    assert_eq!((two.available_permits(), Arc::strong_count(&two)), (1, 1));

    let one = Arc::new(bounded::<W>(1));
    let panic = panic_of(|| one.acquire().into_owned(&two));
    assert_eq!((panic.as_str(), one.available_permits()), ("the permits are of another semaphore", 1));
    let permit = one.acquire().into_owned(&one);
    one.release(1).unwrap();
    assert!(panic_of(|| drop(permit)).contains("by hand"));
    assert_eq!((one.available_permits(), Arc::strong_count(&one)), (1, 1));
}

fn a_permit_is_never_free_as_it_becomes_owned<W: Wing>() {
    // So many that the watcher looks between two of them, also where it seldom gets a processor.
    const PERMITS: usize = 200_000;
    let semaphore = Arc::new(bounded::<W>(PERMITS));
    let over = AtomicBool::new(false);
    let permits: Vec<_> = (0..PERMITS).map(|_| semaphore.acquire()).collect();
    let owned: Vec<_> = thread::scope(|scope| {
        let watcher = start(scope, || {
            let mut seen = 0;
            while seen == 0 && !over.load(Ordering::SeqCst) {
                seen = semaphore.available_permits();
            }
            seen
        });
        let owned = permits.into_iter().map(|permit| permit.into_owned(&semaphore)).collect();
        over.store(true, Ordering::SeqCst);
        assert_eq!(watcher.join(), 0, "one was free in between");
        owned
    });
    drop(owned);
    assert_eq!(semaphore.available_permits(), PERMITS);
}

fn a_permit_can_be_split<W: Wing>() {
    let semaphore = bounded::<W>(5);
    let mut permit = semaphore.acquire_many(5);
    let mut three = permit.split(3).unwrap();
    assert_eq!((permit.permits(), three.permits(), semaphore.available_permits()), (2, 3, 0));
    assert!(permit.split(3).is_none() && permit.split(usize::MAX).is_none());
    assert_eq!(permit.permits(), 2, "nothing was taken out");

    // It may leave the thread, and what it borrows is the semaphore, not the permit.
    let one = three.split(1).unwrap();
    thread::scope(|scope| {
        let waiter = start(scope, || semaphore.acquire_many(3).permits());
        waiter.until_blocked();
        drop(three);
        waiter.until_blocked();
        scope.spawn(move || drop(one));
        assert_eq!(waiter.join(), 3);
    });
    assert_eq!(semaphore.available_permits(), 3);

    let none = permit.split(0).unwrap();
    let all = permit.split(2).unwrap();
    drop((permit, none));
    assert_eq!((all.permits(), semaphore.available_permits()), (2, 3));
    all.forget();
    assert_eq!(semaphore.available_permits(), 3);
}

fn permits_can_be_merged<W: Wing>() {
    let (semaphore, other) = (bounded::<W>(3), bounded::<W>(1));
    let mut permit = semaphore.acquire();
    permit.merge(semaphore.acquire_many(2));
    assert_eq!((permit.permits(), semaphore.available_permits()), (3, 0));

    let stranger = other.acquire();
    assert!(panic_of(|| permit.merge(stranger)).contains("of another semaphore"));
    assert_eq!((permit.permits(), other.available_permits()), (3, 1));
    drop(permit);
    assert_eq!(semaphore.available_permits(), 3);
}

fn permits_that_own_their_semaphore_can_be_merged<W: Wing>() {
    let (semaphore, other) = (Arc::new(bounded::<W>(3)), Arc::new(bounded::<W>(1)));
    let mut permit = semaphore.acquire().into_owned(&semaphore);
    permit.merge(semaphore.acquire_many(2).into_owned(&semaphore));
    assert_eq!((permit.permits(), semaphore.available_permits()), (3, 0));

    let stranger = other.acquire().into_owned(&other);
    assert!(panic_of(|| permit.merge(stranger)).contains("of another semaphore"));
    assert_eq!((permit.permits(), other.available_permits()), (3, 1));
    drop(permit);
    assert_eq!((semaphore.available_permits(), Arc::strong_count(&semaphore)), (3, 1));
}

fn a_permit_that_owns_its_semaphore_can_be_split<W: Wing>() {
    let semaphore = Arc::new(bounded::<W>(5));
    let mut permit = semaphore.acquire_many(5).into_owned(&semaphore);
    assert!(permit.split(6).is_none());
    let two = permit.split(2).unwrap();
    assert!(Arc::ptr_eq(two.semaphore(), &semaphore));
    assert_eq!((permit.permits(), two.permits(), semaphore.available_permits()), (3, 2, 0));
    thread::spawn(move || drop(two)).join().unwrap();
    assert_eq!(semaphore.available_permits(), 2);
    let all = permit.split(3).unwrap();
    drop((permit.split(0), permit));
    assert_eq!(semaphore.available_permits(), 2);
    drop(all);
    assert_eq!((semaphore.available_permits(), Arc::strong_count(&semaphore)), (5, 1));
}

fn what_fits_of_a_permit_is_given_back<W: Wing>() {
    for (bound, taken, by_hand) in
        [(3, 2, 1), (10, 7, 1), (10, 10, 4), (10, 9, 8), (10, 5, 5), (MAX_PERMITS, MAX_PERMITS, 1)]
    {
        let semaphore = bounded::<W>(bound);
        let permit = semaphore.acquire_many(taken);
        semaphore.release(by_hand).unwrap();
        assert!(panic_of(|| drop(permit)).contains("by hand"));
        assert_eq!(semaphore.available_permits(), bound, "{taken} taken, {by_hand} released by hand");
        drop(semaphore.acquire_many(bound));
    }
}

fn is_made_const<W: Wing>() {
    static SEMAPHORE: nogil::Semaphore = nogil::Semaphore::new(3);
    static BOUNDED: nogil::BoundedSemaphore = nogil::BoundedSemaphore::new(4);
    assert_eq!((SEMAPHORE.available_permits(), BOUNDED.bound()), (3, 4));
    assert_eq!(semaphore::<W>(3).available_permits(), 3);
}
