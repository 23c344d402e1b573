//! Models of the semaphores.

use std::sync::Arc;

use nogil::Wing;
use nogil::generic::{BoundedSemaphore, Semaphore};
use nogil::model::{disturb, expire, until_asleep};

use crate::engine::sync;
use crate::harness::{Plain, UNTIL_EXPIRED, join, over_each_wing, spawn_owner};
use crate::turns::spawn;

over_each_wing!(
    permits_are_conserved,
    release_publishes,
    release_publishes_to_many,
    a_permit_is_kept_as_it_becomes_owned,
    release_meets_sleepers,
    one_wakes_for_no_reason,
    many_wakes_for_no_reason,
    many_is_woken,
    many_sleeps_beside_one,
    bound_holds,
    all_or_nothing_under_the_bound,
    expiry_before_release,
    expiry_of_many_before_release,
    an_expiry_keeps_no_permit,
    a_release_before_expiry_counts;
    large: releases_meet_sleepers,
    many_leaves_another_many,
    expiry_meets_release,
);

struct Gate<W: Wing> {
    semaphore: Semaphore<W>,
    plain: Plain,
    other: Plain,
}

fn gate<W: Wing>(permits: usize) -> Arc<Gate<W>> {
    let semaphore = Semaphore::new_in(W::default(), permits);
    Arc::new(Gate { semaphore, plain: Plain::new(), other: Plain::new() })
}

/// One permit lets one thread in at a time, each sees what those before it did, and in the end the permit is back.
fn permits_are_conserved<W: Wing>() {
    fn enter<W: Wing>(gate: &Gate<W>) {
        let _permit = gate.semaphore.acquire();
        gate.plain.set(gate.plain.get() + 1);
    }
    let gate = gate::<W>(1);
    let threads = [spawn(&gate, enter), spawn(&gate, enter)];
    enter(&gate);
    join(threads);
    assert_eq!(gate.plain.get(), 3);
    assert_eq!(gate.semaphore.available_permits(), 1);
}

/// What a thread did before it released is seen by whoever acquires the permit, asleep or just in time.
fn release_publishes<W: Wing>() {
    let gate = gate::<W>(0);
    let releaser = spawn(&gate, |gate| {
        gate.plain.set(1);
        gate.semaphore.release(1);
    });
    let permit = gate.semaphore.try_acquire().unwrap_or_else(|| gate.semaphore.acquire());
    assert_eq!(gate.plain.get(), 1);
    permit.forget();
    releaser.join().unwrap();
}

/// Whoever acquires two permits sees what both releasers did, though the later release stands between it and the earlier.
fn release_publishes_to_many<W: Wing>() {
    let gate = gate::<W>(0);
    let first = spawn(&gate, |gate| {
        gate.plain.set(1);
        gate.semaphore.release(1);
    });
    let second = spawn(&gate, |gate| {
        gate.other.set(1);
        gate.semaphore.release(1);
    });
    gate.semaphore.acquire_many(2).forget();
    assert_eq!(gate.plain.get() + gate.other.get(), 2);
    first.join().unwrap();
    second.join().unwrap();
}

/// A permit that becomes owned is not free in between. (The engine's `Arc` is what it is to own.)
fn a_permit_is_kept_as_it_becomes_owned<W: Wing>() {
    let semaphore = sync::Arc::new(BoundedSemaphore::new_in(W::default(), 1));
    let permit = semaphore.acquire();
    let other = spawn_owner(&semaphore, |semaphore| semaphore.try_acquire().is_some());
    let owned = permit.into_owned(&semaphore);
    assert!(!other.join().unwrap());
    drop(owned);
    assert_eq!(semaphore.available_permits(), 1);
}

/// One release of two permits wakes two sleepers.
fn release_meets_sleepers<W: Wing>() {
    let gate = gate::<W>(0);
    let sleepers = [
        spawn(&gate, |gate| gate.semaphore.acquire().forget()),
        spawn(&gate, |gate| gate.semaphore.acquire().forget()),
    ];
    gate.semaphore.release(2);
    join(sleepers);
    assert_eq!(gate.semaphore.available_permits(), 0);
}

/// Two releases, one right after the other, wake two sleepers: the second does not mistake the first one's for its own.
fn releases_meet_sleepers<W: Wing>() {
    let gate = gate::<W>(0);
    let sleepers = [
        spawn(&gate, |gate| gate.semaphore.acquire().forget()),
        spawn(&gate, |gate| gate.semaphore.acquire().forget()),
    ];
    until_asleep(2);
    gate.semaphore.release(1);
    gate.semaphore.release(1);
    join(sleepers);
    assert_eq!(gate.semaphore.available_permits(), 0);
}

/// A thread that wakes spuriously, while there is no permit, sleeps on.
fn one_wakes_for_no_reason<W: Wing>() {
    let gate = gate::<W>(0);
    let sleeper = spawn(&gate, |gate| gate.semaphore.acquire().forget());
    until_asleep(1);
    disturb();
    gate.semaphore.release(1);
    sleeper.join().unwrap();
    assert_eq!(gate.semaphore.available_permits(), 0);
}

/// So does one that wants two permits, while there is one.
fn many_wakes_for_no_reason<W: Wing>() {
    let gate = gate::<W>(1);
    let sleeper = spawn(&gate, |gate| gate.semaphore.acquire_many(2).forget());
    until_asleep(1);
    disturb();
    gate.semaphore.release(1);
    sleeper.join().unwrap();
    assert_eq!(gate.semaphore.available_permits(), 0);
}

/// A thread that wants two permits is woken by the release that makes it two.
fn many_is_woken<W: Wing>() {
    let gate = gate::<W>(0);
    let many = spawn(&gate, |gate| {
        gate.semaphore.acquire_many(2).forget();
        assert_eq!(gate.plain.get(), 1);
    });
    gate.semaphore.release(1);
    gate.plain.set(1);
    gate.semaphore.release(1);
    many.join().unwrap();
    assert_eq!(gate.semaphore.available_permits(), 0);
}

/// One permit reaches the thread that wants one, though a thread that wants two sleeps beside it, perhaps for longer.
fn many_sleeps_beside_one<W: Wing>() {
    let gate = gate::<W>(0);
    let many = spawn(&gate, |gate| gate.semaphore.acquire_many(2).forget());
    let one = spawn(&gate, |gate| gate.semaphore.acquire().forget());
    until_asleep(2);
    gate.semaphore.release(1);
    one.join().unwrap();
    gate.semaphore.release(2);
    many.join().unwrap();
    assert_eq!(gate.semaphore.available_permits(), 0);
}

/// Of two threads that want many, the first to leave does not take the mark along that tells releasers of the other.
fn many_leaves_another_many<W: Wing>() {
    let gate = gate::<W>(0);
    let threads = [
        spawn(&gate, |gate| gate.semaphore.acquire_many(2).forget()),
        spawn(&gate, |gate| gate.semaphore.acquire_many(2).forget()),
    ];
    until_asleep(2);
    gate.semaphore.release(2);
    gate.semaphore.release(2);
    join(threads);
    assert_eq!(gate.semaphore.available_permits(), 0);
}

/// Of two releases at once that only one has room for, one is refused.
fn bound_holds<W: Wing>() {
    let semaphore = Arc::new(BoundedSemaphore::new_in(W::default(), 1));
    semaphore.acquire().forget();
    let other = spawn(&semaphore, |semaphore| semaphore.release(1).is_ok());
    let mine = semaphore.release(1).is_ok();
    assert_ne!(mine, other.join().unwrap());
    assert_eq!(semaphore.available_permits(), 1);
}

/// A release of two beside a release of one, and room for two: one of them is refused as a whole, and a sleeper is woken by
/// the other.
fn all_or_nothing_under_the_bound<W: Wing>() {
    let semaphore = Arc::new(BoundedSemaphore::new_in(W::default(), 2));
    semaphore.acquire_many(2).forget();
    let sleeper = spawn(&semaphore, |semaphore| semaphore.acquire().forget());
    let other = spawn(&semaphore, |semaphore| semaphore.release(2).is_ok());
    let mine = semaphore.release(1).is_ok();
    sleeper.join().unwrap();
    let others = other.join().unwrap();
    // Both have room if the sleeper takes mine before the other comes.
    assert!(mine || others);
    assert_eq!(semaphore.available_permits() + 1, usize::from(mine) + 2 * usize::from(others));
}

/// A release that meets a time that is up is used by that thread, or goes to the other sleeper.
fn expiry_meets_release<W: Wing>() {
    let gate = gate::<W>(0);
    let timed = spawn(&gate, |gate| gate.semaphore.acquire_timeout(UNTIL_EXPIRED).is_some());
    let untimed = spawn(&gate, |gate| drop(gate.semaphore.acquire()));
    let clock = spawn(&gate, |_| expire());
    gate.semaphore.release(1);
    timed.join().unwrap();
    untimed.join().unwrap();
    clock.join().unwrap();
    assert_eq!(gate.semaphore.available_permits(), 1);
}

/// The same when the time is up just before the release, and the thread has not left yet.
fn expiry_before_release<W: Wing>() {
    let gate = gate::<W>(0);
    let timed = spawn(&gate, |gate| gate.semaphore.acquire_timeout(UNTIL_EXPIRED).is_some());
    let untimed = spawn(&gate, |gate| drop(gate.semaphore.acquire()));
    until_asleep(2);
    expire();
    gate.semaphore.release(1);
    timed.join().unwrap();
    untimed.join().unwrap();
    assert_eq!(gate.semaphore.available_permits(), 1);
}

/// A thread that wanted many and gives up neither keeps a permit nor takes the wake-up of one that waits on.
fn expiry_of_many_before_release<W: Wing>() {
    let gate = gate::<W>(0);
    let timed = spawn(&gate, |gate| gate.semaphore.acquire_many_timeout(2, UNTIL_EXPIRED).is_some());
    let untimed = spawn(&gate, |gate| drop(gate.semaphore.acquire_many(2)));
    until_asleep(2);
    expire();
    gate.semaphore.release(2);
    timed.join().unwrap();
    untimed.join().unwrap();
    assert_eq!(gate.semaphore.available_permits(), 2);
}

/// A thread that wanted two, and gives up beside one, leaves that one there; or it had two just in time.
fn an_expiry_keeps_no_permit<W: Wing>() {
    let gate = gate::<W>(1);
    let timed = spawn(&gate, |gate| {
        gate.semaphore.acquire_many_timeout(2, UNTIL_EXPIRED).map(|permits| permits.forget()).is_some()
    });
    let releaser = spawn(&gate, |gate| gate.semaphore.release(1));
    expire();
    releaser.join().unwrap();
    let acquired = timed.join().unwrap();
    assert_eq!(gate.semaphore.available_permits(), if acquired { 0 } else { 2 });
}

/// A permit that is released to a sleeper before its time is up is its own, or is there for others.
fn a_release_before_expiry_counts<W: Wing>() {
    let gate = gate::<W>(0);
    let timed = spawn(&gate, |gate| gate.semaphore.acquire_timeout(UNTIL_EXPIRED).is_some());
    let patient = spawn(&gate, |gate| drop(gate.semaphore.acquire()));
    until_asleep(2);
    gate.semaphore.release(1);
    expire();
    patient.join().unwrap();
    timed.join().unwrap();
    assert_eq!(gate.semaphore.available_permits(), 1);
}
