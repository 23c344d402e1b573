//! Programs of the event.

use std::sync::Arc;

use nogil::Wing;
use nogil::generic::Event;
use nogil::model::{disturb, until_asleep};

use crate::harness::{UNTIL_EXPIRED, clock, crowd, join_all, over_each_wing, spawn};

over_each_wing!(a_pulse_wakes_all, set_among_expiry, a_relay);

/// A set wakes six sleepers, though the event is cleared before they run.
fn a_pulse_wakes_all<W: Wing>() {
    let event = Arc::new(Event::new_in(W::default()));
    let waiters = crowd(6, &event, |event, me| match me % 2 {
        0 => event.wait_timeout(UNTIL_EXPIRED),
        _ => {
            event.wait();
            true
        }
    });
    until_asleep(6);
    disturb();
    event.set();
    event.clear();
    assert_eq!(join_all(waiters), [true; 6]);
    assert!(!event.is_set());
}

/// Waiters with little time beside others with time enough: the latter see the set, and the former may.
fn set_among_expiry<W: Wing>() {
    let event = Arc::new(Event::new_in(W::default()));
    let hasty = crowd(3, &event, |event, _| (0..2).filter(|_| event.wait_timeout(UNTIL_EXPIRED)).count());
    let patient = crowd(3, &event, |event, _| event.wait());
    let clock = clock(&event, 2);
    event.set();
    join_all(patient);
    assert!(join_all(hasty).into_iter().all(|times| times <= 2));
    clock.join().unwrap();
    assert!(event.wait_timeout(UNTIL_EXPIRED));
}

/// Five threads in a ring, each of which waits for its own event, clears it and sets the next, three times around.
fn a_relay<W: Wing>() {
    const RING: usize = 5;
    let events: Arc<[Event<W>; RING]> = Arc::new(std::array::from_fn(|_| Event::new_in(W::default())));
    let runners = crowd(RING, &events, |events, me| {
        for _ in 0..3 {
            events[me].wait();
            events[me].clear();
            events[(me + 1) % RING].set();
        }
    });
    let starter = spawn(&events, |events| events[0].set());
    join_all(runners);
    starter.join().unwrap();
    assert_eq!(events.each_ref().map(Event::is_set), [true, false, false, false, false]);
}
