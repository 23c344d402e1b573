//! Models of the barrier.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nogil::Wing;
use nogil::generic::Barrier;
use nogil::model::{disturb, expire, until_asleep};

use crate::harness::{Plain, UNTIL_EXPIRED, join, over_each_wing};
use crate::turns::spawn;

over_each_wing!(
    parties_see_each_other,
    two_cycles,
    wakes_for_no_reason,
    action_runs_before_release,
    panicking_action_breaks,
    abort_sends_all_away,
    abort_meets_last_arrival,
    abort_during_the_action,
    reset_during_the_action,
    reset_sends_waiters_away,
    reset_beside_an_arrival,
    reset_then_abort,
    expiry_breaks_for_all,
    expiry_meets_last_arrival,
    expiry_during_the_action,
    expiry_in_front_of_the_door,
    it_serves_again_after_expiry,
    it_serves_again_after_a_panic,
    a_state_that_comes_back_publishes;
    large: three_parties,
);

fn barrier<W: Wing>(parties: usize) -> Arc<(Barrier<W>, [Plain; 3])> {
    Arc::new((Barrier::new_in(W::default(), parties), [Plain::new(), Plain::new(), Plain::new()]))
}

/// Nobody passes before both have come, each sees what the other did before, and each has an index of its own.
fn parties_see_each_other<W: Wing>() {
    let shared = barrier::<W>(2);
    let other = spawn(&shared, |(barrier, plain)| {
        plain[0].set(1);
        let index = barrier.wait().unwrap();
        assert_eq!(plain[1].get(), 1);
        index
    });
    let (barrier, plain) = &*shared;
    plain[1].set(1);
    let index = barrier.wait().unwrap();
    assert_eq!(plain[0].get(), 1);
    assert_eq!(index + other.join().unwrap(), 1);
    assert_eq!((barrier.waiting(), barrier.is_broken()), (0, false));
}

/// The same with three, where what the first did comes to the others by way of the last.
fn three_parties<W: Wing>() {
    fn meet<W: Wing>((barrier, plain): &(Barrier<W>, [Plain; 3]), me: usize) -> usize {
        plain[me].set(1);
        let index = barrier.wait().unwrap();
        assert_eq!(plain.each_ref().map(Plain::get), [1; 3]);
        1 << index
    }
    let shared = barrier::<W>(3);
    let others = [spawn(&shared, |shared| meet(shared, 0)), spawn(&shared, |shared| meet(shared, 1))];
    let mine = meet(&shared, 2);
    assert_eq!(mine + join(others).iter().sum::<usize>(), 0b111);
}

/// A thread that hurries into the next cycle does not pass for one that has not left the last.
fn two_cycles<W: Wing>() {
    fn meet_twice<W: Wing>((barrier, plain): &(Barrier<W>, [Plain; 3]), me: usize) {
        for round in 1..=2 {
            plain[me].set(round);
            barrier.wait().unwrap();
            assert_eq!(plain[1 - me].get(), round);
            // Before anyone writes again.
            barrier.wait().unwrap();
        }
    }
    let shared = barrier::<W>(2);
    let other = spawn(&shared, |shared| meet_twice(shared, 0));
    meet_twice(&shared, 1);
    other.join().unwrap();
}

/// A party that wakes spuriously does not pass.
fn wakes_for_no_reason<W: Wing>() {
    let shared = barrier::<W>(2);
    let other = spawn(&shared, |(barrier, plain)| {
        barrier.wait().unwrap();
        assert_eq!(plain[0].get(), 1);
    });
    until_asleep(1);
    disturb();
    shared.1[0].set(1);
    shared.0.wait().unwrap();
    other.join().unwrap();
}

/// The action runs once, after all have come and before anyone goes.
fn action_runs_before_release<W: Wing>() {
    let cells = Arc::new([Plain::new(), Plain::new(), Plain::new()]);
    let action = {
        let cells = cells.clone();
        move || cells[2].set(cells[2].get() + cells[0].get() + cells[1].get())
    };
    let shared = Arc::new((Barrier::with_action_in(W::default(), 2, action), cells));
    let other = spawn(&shared, |(barrier, cells)| {
        cells[0].set(1);
        barrier.wait().unwrap();
        assert_eq!(cells[2].get(), 2);
    });
    shared.1[1].set(1);
    shared.0.wait().unwrap();
    assert_eq!(shared.1[2].get(), 2);
    other.join().unwrap();
}

/// If the action panics, the last to arrive has the panic, and the other finds the barrier broken.
fn panicking_action_breaks<W: Wing>() {
    // Not `panic!`, which would print a message in each execution.
    let action = || resume_unwind(Box::new("oh"));
    let barrier = Arc::new(Barrier::with_action_in(W::default(), 2, action));
    fn panicked<W: Wing>(barrier: &Barrier<W>) -> bool {
        match catch_unwind(AssertUnwindSafe(|| barrier.wait())) {
            Ok(result) => {
                assert!(result.is_err());
                false
            }
            Err(_) => true,
        }
    }
    let other = spawn(&barrier, panicked);
    let mine = panicked(&barrier);
    assert_ne!(mine, other.join().unwrap());
    assert!(barrier.is_broken());
}

/// An abort sends away those who wait and those who come, and they see what was done before it.
fn abort_sends_all_away<W: Wing>() {
    let shared = barrier::<W>(3);
    let others = [(); 2].map(|()| {
        spawn(&shared, |(barrier, [before, ..])| {
            assert!(barrier.wait().is_err());
            before.get()
        })
    });
    shared.1[0].set(1);
    shared.0.abort();
    assert_eq!(join(others), [1; 2]);
    assert!(shared.0.is_broken());
}

/// An abort beside the last arrival: either both parties pass or both are told, and in the end the barrier is broken.
fn abort_meets_last_arrival<W: Wing>() {
    let shared = barrier::<W>(2);
    let other = spawn(&shared, |(barrier, _)| barrier.wait().is_ok());
    let aborter = spawn(&shared, |(barrier, _)| barrier.abort());
    let mine = shared.0.wait().is_ok();
    assert_eq!(mine, other.join().unwrap());
    aborter.join().unwrap();
    assert!(shared.0.is_broken());
}

/// A barrier of two, of which `during` is called in the action.
fn with_action<W: Wing>(during: fn(&Barrier<W>)) -> Arc<Barrier<W>> {
    Arc::new_cyclic(|barrier: &std::sync::Weak<Barrier<W>>| {
        let barrier = barrier.clone();
        Barrier::with_action_in(W::default(), 2, move || during(&barrier.upgrade().unwrap()))
    })
}

/// An abort while the action runs leaves this cycle whole and breaks the next.
fn abort_during_the_action<W: Wing>() {
    let barrier = with_action::<W>(Barrier::abort);
    let other = spawn(&barrier, |barrier| (barrier.wait().is_ok(), barrier.wait().is_ok()));
    assert!(barrier.wait().is_ok());
    assert_eq!(other.join().unwrap(), (true, false));
    assert!(barrier.is_broken());
}

/// A reset while the action runs undoes an abort, and takes nothing from this cycle.
fn reset_during_the_action<W: Wing>() {
    let barrier = with_action::<W>(|barrier| {
        barrier.abort();
        barrier.reset();
    });
    let other = spawn(&barrier, |barrier| barrier.wait().is_ok());
    assert!(barrier.wait().is_ok());
    assert!(other.join().unwrap());
    assert!(!barrier.is_broken());
}

/// A waiter that is reset comes again, and meets the thread that reset the barrier.
fn reset_sends_waiters_away<W: Wing>() {
    let shared = barrier::<W>(2);
    let other = spawn(&shared, |(barrier, plain)| {
        if barrier.wait().is_err() {
            assert_eq!(plain[0].get(), 1);
            barrier.wait().unwrap();
        }
    });
    shared.1[0].set(1);
    shared.0.reset();
    shared.0.wait().unwrap();
    other.join().unwrap();
    assert_eq!((shared.0.waiting(), shared.0.is_broken()), (0, false));
}

/// A thread that comes while a waiter is being sent away is let in when that has left: the two meet in the next cycle.
fn reset_beside_an_arrival<W: Wing>() {
    fn until_met<W: Wing>((barrier, _): &(Barrier<W>, [Plain; 3])) {
        if barrier.wait().is_err() {
            barrier.wait().unwrap();
        }
    }
    let shared = barrier::<W>(2);
    let first = spawn(&shared, until_met);
    let second = spawn(&shared, until_met);
    shared.0.reset();
    // Either the two have met before the reset, or it sent one of them away, who came again.
    join([first, second]);
    assert_eq!((shared.0.waiting(), shared.0.is_broken()), (0, false));
}

/// An abort right after a reset: the waiter is sent away once, and a reset later the barrier is as new.
fn reset_then_abort<W: Wing>() {
    let shared = barrier::<W>(2);
    let other = spawn(&shared, |(barrier, _)| barrier.wait().is_err());
    until_asleep(1);
    shared.0.reset();
    shared.0.abort();
    assert!(shared.0.is_broken());
    shared.0.reset();
    assert!(other.join().unwrap());
    assert_eq!((shared.0.waiting(), shared.0.is_broken()), (0, false));
    let next = spawn(&shared, |(barrier, _)| barrier.wait().unwrap());
    assert_eq!(shared.0.wait().unwrap() + next.join().unwrap(), 1);
}

/// A time that is up breaks the barrier for all who wait, also for those with time enough.
fn expiry_breaks_for_all<W: Wing>() {
    let shared = barrier::<W>(3);
    let timed = spawn(&shared, |(barrier, _)| barrier.wait_timeout(UNTIL_EXPIRED).is_err());
    let untimed = spawn(&shared, |(barrier, _)| barrier.wait().is_err());
    expire();
    assert_eq!(join([timed, untimed]), [true; 2]);
    assert!(shared.0.is_broken());
}

/// A time that is up as the last arrives: either both pass or both are told that it broke.
fn expiry_meets_last_arrival<W: Wing>() {
    let shared = barrier::<W>(2);
    let timed = spawn(&shared, |(barrier, _)| barrier.wait_timeout(UNTIL_EXPIRED).is_ok());
    let clock = spawn(&shared, |_| expire());
    let mine = shared.0.wait().is_ok();
    assert_eq!(mine, timed.join().unwrap());
    clock.join().unwrap();
    assert_eq!(shared.0.is_broken(), !mine);
}

/// A time that is up while the action runs is too late to break this cycle.
fn expiry_during_the_action<W: Wing>() {
    let barrier = with_action::<W>(|_| expire());
    let timed = spawn(&barrier, |barrier| barrier.wait_timeout(UNTIL_EXPIRED).is_ok());
    assert!(barrier.wait().is_ok());
    assert!(timed.join().unwrap());
    assert!(!barrier.is_broken());
}

/// A time that is up for a thread that comes while a waiter is being sent away breaks the barrier, as a moment later.
fn expiry_in_front_of_the_door<W: Wing>() {
    let shared = barrier::<W>(2);
    let waiter = spawn(&shared, |(barrier, _)| barrier.wait().is_err());
    until_asleep(1);
    shared.0.reset();
    let late = spawn(&shared, |(barrier, _)| barrier.wait_timeout(UNTIL_EXPIRED).is_err());
    expire();
    assert_eq!(join([waiter, late]), [true; 2]);
    assert!(shared.0.is_broken());
}

/// Whoever broke the barrier by its time has left it: after a reset two others meet.
fn it_serves_again_after_expiry<W: Wing>() {
    let shared = barrier::<W>(2);
    let timed = spawn(&shared, |(barrier, _)| barrier.wait_timeout(UNTIL_EXPIRED).is_err());
    expire();
    assert!(timed.join().unwrap());
    shared.0.reset();
    let other = spawn(&shared, |(barrier, _)| barrier.wait().is_ok());
    assert!(shared.0.wait().is_ok());
    assert!(other.join().unwrap());
}

/// So has the one whose action panicked, and those it sent away.
fn it_serves_again_after_a_panic<W: Wing>() {
    let first = Mutex::new(true);
    let action =
        move || assert!(!std::mem::take(&mut *first.lock().unwrap_or_else(PoisonError::into_inner)), "on purpose");
    let barrier = Arc::new(Barrier::with_action_in(W::default(), 2, action));
    let fails = |barrier: &Barrier<W>| !matches!(catch_unwind(AssertUnwindSafe(|| barrier.wait())), Ok(Ok(_)));
    let other = spawn(&barrier, fails);
    assert!(fails(&barrier));
    assert!(other.join().unwrap());
    barrier.reset();
    let other = spawn(&barrier, |barrier| barrier.wait().is_ok());
    assert!(barrier.wait().is_ok());
    assert!(other.join().unwrap());
}

/// A party that comes, goes and resets leaves the state as it was. Who arrives then, after a look from before, sees all the same what that party did.
fn a_state_that_comes_back_publishes<W: Wing>() {
    let plain = Arc::new(Plain::new());
    let action = {
        let plain = plain.clone();
        move || drop(plain.get())
    };
    let shared = Arc::new((Barrier::with_action_in(W::default(), 2, action), plain));
    let other = spawn(&shared, |(barrier, plain)| {
        if barrier.wait_timeout(Duration::ZERO).is_err() {
            barrier.reset();
            plain.set(1);
            let _ = barrier.wait_timeout(Duration::ZERO);
        }
    });
    let _ = shared.0.wait();
    other.join().unwrap();
}
