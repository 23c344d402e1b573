//! `Event`: section 16, cases 27 to 32 (31 forks); section 19, cases 8 and 13.

use std::thread;
use std::time::{Duration, Instant};

use nogil::Wing;
use nogil::generic::Event;

use crate::harness::{MOMENT, PATIENCE, over_each_wing, panic_of, start, takes};

over_each_wing!(
    s16_27_is_set,
    s16_28_notify,
    s16_29_timeout,
    s16_30_set_and_clear,
    s16_32_repr,
    s19_08_a_set_in_time_is_never_denied,
    s19_13_a_timeout_beyond_the_clock,
    a_set_and_a_clear_are_not_kept_for_those_who_come_later,
    a_deadline_that_has_passed_looks_once,
    a_guard_sets_it_whichever_way_its_block_ends,
    is_made_unset,
);

const THREADS: usize = 5;

fn event<W: Wing>() -> Event<W> {
    Event::new_in(W::default())
}

fn s16_27_is_set<W: Wing>() {
    let event = event::<W>();
    assert!(!event.is_set());
    event.set();
    assert!(event.is_set());
    event.set();
    assert!(event.is_set());
    event.clear();
    assert!(!event.is_set());
    event.clear();
    assert!(!event.is_set());
}

fn s16_28_notify<W: Wing>() {
    let event = event::<W>();
    for _ in 0..2 {
        thread::scope(|scope| {
            let wait = || event.wait_timeout(PATIENCE) && event.wait_timeout(PATIENCE);
            let workers: Vec<_> = (0..THREADS).map(|_| start(scope, wait)).collect();
            workers.iter().for_each(|worker| worker.until_blocked());
            event.set();
            assert!(workers.into_iter().all(|worker| worker.join()));
        });
        event.set();
        event.clear();
    }
}

fn s16_29_timeout<W: Wing>() {
    let event = event::<W>();
    let on_each = |wait: &(dyn Fn() -> bool + Sync)| -> Vec<bool> {
        thread::scope(|scope| {
            let workers: Vec<_> = (0..THREADS).map(|_| start(scope, wait)).collect();
            workers.into_iter().map(|worker| worker.join()).collect()
        })
    };
    assert_eq!(on_each(&|| event.wait_timeout(Duration::ZERO)), [false; THREADS]);
    assert_eq!(on_each(&|| takes(MOMENT, || event.wait_timeout(MOMENT))), [false; THREADS]);
    assert_eq!(on_each(&|| takes(MOMENT, || event.wait_deadline(Instant::now() + MOMENT))), [false; THREADS]);
    event.set();
    assert_eq!(on_each(&|| event.wait_timeout(Duration::ZERO)), [true; THREADS]);
    assert_eq!(on_each(&|| event.wait_timeout(PATIENCE)), [true; THREADS]);
}

fn s16_30_set_and_clear<W: Wing>() {
    let event = event::<W>();
    for _ in 0..20 {
        thread::scope(|scope| {
            let workers: Vec<_> = (0..THREADS).map(|_| start(scope, || event.wait_timeout(PATIENCE))).collect();
            workers.iter().for_each(|worker| worker.until_blocked());
            event.set();
            event.clear();
            assert!(workers.into_iter().all(|worker| worker.join()));
        });
        assert!(!event.is_set());
    }
}

fn s16_32_repr<W: Wing>() {
    let event = event::<W>();
    assert_eq!(format!("{event:?}"), "Event { set: false }");
    event.set();
    assert_eq!(format!("{event:?}"), "Event { set: true }");
}

/// A set that returned before the waiter's time was up is seen by that waiter, however close it was.
fn s19_08_a_set_in_time_is_never_denied<W: Wing>() {
    let event = event::<W>();
    for round in 0..200 {
        let deadline = Instant::now() + Duration::from_micros(300);
        // From 50 microseconds before the deadline to 50 after it.
        let aim = deadline - Duration::from_micros(50) + Duration::from_micros(round % 100);
        let (set_at, answer) = thread::scope(|scope| {
            let setter = scope.spawn(|| {
                while Instant::now() < aim {
                    std::hint::spin_loop();
                }
                event.set();
                Instant::now()
            });
            let answer = event.wait_deadline(deadline);
            (setter.join().unwrap(), answer)
        });
        assert!(answer || set_at > deadline, "false, though it was set in time");
        assert!(event.wait_timeout(Duration::ZERO));
        event.clear();
    }
}

fn s19_13_a_timeout_beyond_the_clock<W: Wing>() {
    let event = event::<W>();
    thread::scope(|scope| {
        let worker = start(scope, || event.wait_timeout(Duration::MAX));
        worker.until_blocked();
        event.set();
        assert!(worker.join());
    });
    assert!(event.wait_timeout(Duration::MAX));
}

fn a_set_and_a_clear_are_not_kept_for_those_who_come_later<W: Wing>() {
    let event = event::<W>();
    event.set();
    event.clear();
    assert!(!event.wait_timeout(MOMENT));
    thread::scope(|scope| {
        let worker = start(scope, || event.wait());
        worker.until_blocked();
        event.clear();
        worker.until_blocked();
        event.set();
        worker.join();
    });
}

fn a_deadline_that_has_passed_looks_once<W: Wing>() {
    let event = event::<W>();
    let past = Instant::now();
    assert!(!event.wait_deadline(past));
    event.set();
    assert!(event.wait_deadline(past));
}

fn a_guard_sets_it_whichever_way_its_block_ends<W: Wing>() {
    let fails: fn(&Event<W>) -> Result<usize, std::num::ParseIntError> = |event| {
        let _guard = event.set_on_drop();
        "no number".parse()
    };
    let panics: fn(&Event<W>) -> _ = |event| {
        let panic = panic_of(|| {
            let _guard = event.set_on_drop();
            panic!("at work");
        });
        assert_eq!(panic, "at work");
        Ok(0)
    };
    for (way, is_ok) in [(fails, false), (panics, true)] {
        let event = event::<W>();
        thread::scope(|scope| {
            let waiters = [(); 2].map(|()| start(scope, || event.wait()));
            waiters.iter().for_each(|waiter| waiter.until_blocked());
            assert_eq!(way(&event).is_ok(), is_ok);
            waiters.into_iter().for_each(|waiter| waiter.join());
        });
        assert!(event.is_set());
    }
    let event = event::<W>();
    std::mem::forget(event.set_on_drop());
    assert!(!event.is_set());
    assert_eq!(format!("{:?}", event.set_on_drop()), "SetGuard { event: Event { set: false } }");
    assert!(event.is_set());
}

fn is_made_unset<W: Wing>() {
    assert!(!Event::<W>::default().is_set());
    static EVENT: nogil::Event = nogil::Event::new();
    assert!(!EVENT.is_set());
}
