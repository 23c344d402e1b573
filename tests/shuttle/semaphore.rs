//! Programs of the semaphores.

use std::sync::Arc;

use nogil::Wing;
use nogil::generic::{BoundedSemaphore, Semaphore};
use nogil::model::disturb;
use shuttle::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::harness::{UNTIL_EXPIRED, clock, crowd, join_all, over_each_wing};

over_each_wing!(permits_are_conserved, nobody_sleeps_beside_enough, releases_reach_the_patient, a_bound_holds);

/// Six threads that want one to three of three permits, some with little time: never more inside than there are, and all come back.
fn permits_are_conserved<W: Wing>() {
    const PERMITS: usize = 3;
    let gate = Arc::new((Semaphore::new_in(W::default(), PERMITS), AtomicUsize::new(0)));
    let threads = crowd(6, &gate, |(semaphore, inside), me| {
        for step in 0..3 {
            let n = 1 + (me + step) % PERMITS;
            let permit = match me % 3 {
                0 => semaphore.acquire_many_timeout(n, UNTIL_EXPIRED),
                _ => Some(semaphore.acquire_many(n)),
            };
            if permit.is_some() {
                assert!(inside.fetch_add(n, SeqCst) + n <= PERMITS, "more inside than there are permits");
                inside.fetch_sub(n, SeqCst);
            }
        }
    });
    let clock = clock(&gate, 3);
    disturb();
    join_all(threads);
    clock.join().unwrap();
    assert_eq!(gate.0.available_permits(), PERMITS);
}

/// Single releases, by three threads, of more permits than five threads want together: each has its share in the end, and keeps it.
fn nobody_sleeps_beside_enough<W: Wing>() {
    let semaphore = Arc::new(Semaphore::new_in(W::default(), 0));
    let getters = crowd(5, &semaphore, |semaphore, me| semaphore.acquire_many(1 + me % 3).forget());
    let releasers = crowd(3, &semaphore, |semaphore, _| (0..4).for_each(|_| semaphore.release(1)));
    join_all(releasers);
    join_all(getters);
    assert_eq!(semaphore.available_permits(), 3 * 4 - (1 + 2 + 3 + 1 + 2));
}

/// Two threads that give up among three that do not: what is released reaches the three, however many they want.
fn releases_reach_the_patient<W: Wing>() {
    let semaphore = Arc::new(Semaphore::new_in(W::default(), 0));
    let hasty = crowd(2, &semaphore, |semaphore, me| {
        let permit = semaphore.acquire_many_timeout(1 + me, UNTIL_EXPIRED);
        // Released again as it is dropped.
        permit.map_or(0, |permit| permit.permits())
    });
    let patient = crowd(3, &semaphore, |semaphore, me| drop(semaphore.acquire_many(1 + me)));
    let clock = clock(&semaphore, 1);
    semaphore.release(1);
    semaphore.release(2);
    join_all(patient);
    join_all(hasty);
    clock.join().unwrap();
    assert_eq!(semaphore.available_permits(), 3);
}

/// Four threads release more than was acquired: what is over the bound is refused, as a whole.
fn a_bound_holds<W: Wing>() {
    let semaphore = Arc::new(BoundedSemaphore::new_in(W::default(), 3));
    semaphore.acquire_many(3).forget();
    let getters = crowd(2, &semaphore, |semaphore, me| semaphore.acquire_many(1 + me).forget());
    let releasers = crowd(4, &semaphore, |semaphore, me| {
        let n = 1 + me % 2;
        let released = if semaphore.release(n).is_ok() { n } else { 0 };
        assert!(semaphore.available_permits() <= 3);
        released
    });
    let mut released: usize = join_all(releasers).into_iter().sum();
    // Those who acquire may have come too late for some of it to be released.
    released += (0..3).filter(|_| semaphore.release(1).is_ok()).count();
    join_all(getters);
    assert_eq!(semaphore.available_permits() + 3, released);
}
