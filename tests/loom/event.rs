//! Models of the event.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use nogil::Wing;
use nogil::generic::Event;
use nogil::model::{disturb, expire, until_asleep};

use crate::engine::sync::atomic::AtomicBool;
use crate::harness::{Plain, UNTIL_EXPIRED, join, over_each_wing};
use crate::turns::spawn;

over_each_wing!(
    set_publishes,
    no_wakeup_is_lost,
    set_and_clear_release_sleepers,
    wakes_for_no_reason,
    clear_then_look_misses_nothing,
    set_before_expiry_counts,
    expiry_meets_set,
    clear_keeps_sleepers,
);

struct Shared<W: Wing> {
    event: Event<W>,
    plain: Plain,
    work: AtomicBool,
}

fn shared<W: Wing>() -> Arc<Shared<W>> {
    Arc::new(Shared { event: Event::new_in(W::default()), plain: Plain::new(), work: AtomicBool::new(false) })
}

/// What a thread did before it set the event is seen by whoever waited for it, or finds it set.
fn set_publishes<W: Wing>() {
    let shared = shared::<W>();
    let setter = spawn(&shared, |shared| {
        shared.plain.set(1);
        shared.event.set();
    });
    let waiter = spawn(&shared, |shared| {
        shared.event.wait();
        assert_eq!(shared.plain.get(), 1);
    });
    if shared.event.is_set() {
        assert_eq!(shared.plain.get(), 1);
    }
    shared.event.wait();
    assert_eq!(shared.plain.get(), 1);
    setter.join().unwrap();
    waiter.join().unwrap();
}

/// One set wakes two waiters, whenever they come.
fn no_wakeup_is_lost<W: Wing>() {
    let shared = shared::<W>();
    let waiters = [spawn(&shared, |shared| shared.event.wait()), spawn(&shared, |shared| shared.event.wait())];
    shared.event.set();
    join(waiters);
}

/// A set releases those asleep, though a clear follows before they run; and what the setter did is seen by them.
fn set_and_clear_release_sleepers<W: Wing>() {
    let shared = shared::<W>();
    let waiter = spawn(&shared, |shared| {
        shared.event.wait();
        assert_eq!(shared.plain.get(), 1);
    });
    until_asleep(1);
    shared.plain.set(1);
    shared.event.set();
    shared.event.clear();
    waiter.join().unwrap();
}

/// A waiter that wakes spuriously sleeps on.
fn wakes_for_no_reason<W: Wing>() {
    let shared = shared::<W>();
    let waiter = spawn(&shared, |shared| {
        shared.event.wait();
        assert_eq!(shared.plain.get(), 1);
    });
    until_asleep(1);
    disturb();
    shared.plain.set(1);
    shared.event.set();
    waiter.join().unwrap();
}

/// A worker that clears the event, looks for work and waits if there is none: work is brought and then announced, so it is
/// seen, or the event is set again. Also when the event was set already.
fn clear_then_look_misses_nothing<W: Wing>() {
    let shared = shared::<W>();
    shared.event.set();
    let bringer = spawn(&shared, |shared| {
        shared.work.store(true, Relaxed);
        shared.event.set();
    });
    loop {
        shared.event.clear();
        if shared.work.load(Relaxed) {
            break;
        }
        shared.event.wait();
    }
    bringer.join().unwrap();
}

/// A set that came before the time was up counts, though it was cleared and the waiter runs only afterwards.
fn set_before_expiry_counts<W: Wing>() {
    let shared = shared::<W>();
    let waiter = spawn(&shared, |shared| shared.event.wait_timeout(UNTIL_EXPIRED));
    until_asleep(1);
    shared.event.set();
    shared.event.clear();
    expire();
    assert!(waiter.join().unwrap());
}

/// A set that meets a time that is up answers either way, and releases the other waiter.
fn expiry_meets_set<W: Wing>() {
    let shared = shared::<W>();
    let timed = spawn(&shared, |shared| {
        if shared.event.wait_timeout(UNTIL_EXPIRED) {
            assert_eq!(shared.plain.get(), 1);
        }
    });
    let untimed = spawn(&shared, |shared| {
        shared.event.wait();
        assert_eq!(shared.plain.get(), 1);
    });
    let clock = spawn(&shared, |_| expire());
    shared.plain.set(1);
    shared.event.set();
    join([timed, untimed, clock]);
}

/// A clear beside a waiter about to sleep leaves it where the next set finds it.
fn clear_keeps_sleepers<W: Wing>() {
    let shared = shared::<W>();
    shared.event.set();
    let waiter = spawn(&shared, |shared| shared.event.wait());
    shared.event.clear();
    shared.event.set();
    waiter.join().unwrap();
}
