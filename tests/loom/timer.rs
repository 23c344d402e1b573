//! Models of the timer. It is made on one wing alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use nogil::Timer;
use nogil::model::expire;

use crate::harness::{Plain, UNTIL_EXPIRED};
use crate::turns::{model, spawn};

/// What a timer's callback does: it counts its calls, and writes a plain variable.
#[derive(Clone)]
struct Bell {
    rung: Arc<AtomicUsize>,
    plain: Arc<Plain>,
}

fn start() -> (Timer, Bell) {
    let bell = Bell { rung: Arc::default(), plain: Arc::new(Plain::new()) };
    let timer = Timer::start(UNTIL_EXPIRED, {
        let bell = bell.clone();
        move || {
            bell.rung.fetch_add(1, Relaxed);
            bell.plain.set(1);
        }
    });
    (timer, bell)
}

/// Of the time and a cancel, exactly one wins; in either case the timer is finished, and a join sees what the callback did.
#[test]
fn cancel_meets_the_time() {
    model(|| {
        let (timer, bell) = start();
        let clock = spawn(&Arc::new(()), |_| expire());
        let cancelled = timer.cancel();
        timer.join();
        assert!(timer.is_finished());
        assert_eq!(bell.rung.load(Relaxed), usize::from(!cancelled));
        assert_eq!(bell.plain.get(), usize::from(!cancelled));
        clock.join().unwrap();
    });
}

/// Of two cancels and the time, exactly one wins.
#[test]
fn cancels_meet() {
    model(|| {
        let (timer, bell) = start();
        let timer = Arc::new(timer);
        let other = spawn(&timer, |timer| timer.cancel());
        expire();
        let cancelled = usize::from(timer.cancel()) + usize::from(other.join().unwrap());
        timer.join();
        assert_eq!(cancelled + bell.rung.load(Relaxed), 1);
    });
}

/// Whoever joins a timer that was cancelled sees what was done before the cancel.
#[test]
fn a_join_sees_what_came_before_a_cancel() {
    model(|| {
        let shared = Arc::new((Timer::start(UNTIL_EXPIRED, || unreachable!("no time passes")), Plain::new()));
        let joiner = spawn(&shared, |(timer, said)| {
            timer.join();
            said.get()
        });
        shared.1.set(1);
        assert!(shared.0.cancel());
        assert_eq!(joiner.join().unwrap(), 1);
    });
}
