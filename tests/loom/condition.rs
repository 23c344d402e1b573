//! Models of the condition.

use std::sync::Arc;

use nogil::Wing;
use nogil::generic::{Condition, Lock, LockGuard};
use nogil::model::{disturb, expire, until_asleep};

use crate::harness::{Plain, UNTIL_EXPIRED, join, over_each_wing};
use crate::turns::spawn;

over_each_wing!(
    notified_after_the_lock,
    notified_under_the_lock,
    one_of_two_notified_under_the_lock,
    notified_under_the_lock_beside_one_that_is_being_woken,
    all_notified_under_the_lock,
    each_notification_wakes_one,
    exactly_n_wake,
    more_than_a_cohort,
    comes_back_after_expiry,
    wakes_for_no_reason,
    notify_publishes,
    notification_meets_expiry,
    expiry_before_notification,
    waiters_lock_is_free,
    moved_beside_a_release,
    moved_and_expired,
    moved_meets_hand_over,
);

struct Signal<W: Wing> {
    /// How many have waited, and then the door is opened: nobody waits any more.
    lock: Lock<State, W>,
    changed: Condition<W>,
    plain: Plain,
}

#[derive(Default)]
struct State {
    waiting: usize,
    open: bool,
}

fn signal<W: Wing>() -> Arc<Signal<W>> {
    let (lock, changed) = (Lock::new_in(W::default(), State::default()), Condition::new_in(W::default()));
    Arc::new(Signal { lock, changed, plain: Plain::new() })
}

impl<W: Wing> Signal<W> {
    /// Waits once, unless the door is open. There is no loop around the wait: it needs none.
    fn wait(&self) {
        let mut state = self.lock.acquire();
        if !state.open {
            state.waiting += 1;
            self.changed.wait(&mut state);
        }
    }

    /// As `wait`, and answers whether it was notified.
    fn wait_in_time(&self) -> bool {
        let mut state = self.lock.acquire();
        if state.open {
            return false;
        }
        state.waiting += 1;
        self.changed.wait_timeout(&mut state, UNTIL_EXPIRED)
    }

    /// Opens the door, and answers how many wait: all of them are enlisted by then.
    fn open(&self) -> usize {
        let mut state = self.lock.acquire();
        state.open = true;
        state.waiting
    }
}

/// A change under the lock and a notification after it: no waiter sleeps on.
fn notified_after_the_lock<W: Wing>() {
    let signal = signal::<W>();
    let waiter = spawn(&signal, Signal::wait);
    signal.open();
    signal.changed.notify_one();
    waiter.join().unwrap();
}

/// The same with the lock held, as CPython demands it, and the condition asked in a loop.
fn notified_under_the_lock<W: Wing>() {
    let signal = signal::<W>();
    let waiter = spawn(&signal, |signal| {
        let mut state = signal.lock.acquire();
        signal.changed.wait_for(&mut state, |state| state.open);
        state.waiting += 1;
    });
    {
        let mut state = signal.lock.acquire();
        state.open = true;
        signal.changed.notify_one();
        state.waiting += 1;
    }
    waiter.join().unwrap();
    assert_eq!(signal.lock.acquire().waiting, 2);
}

/// One after the other, the first with the lock held, whichever of the two was asleep first.
fn one_of_two_notified_under_the_lock<W: Wing>() {
    let signal = signal::<W>();
    let waiters = [spawn(&signal, Signal::wait), spawn(&signal, Signal::wait)];
    until_asleep(2);
    {
        let mut state = signal.lock.acquire();
        state.open = true;
        signal.changed.notify_one();
    }
    signal.changed.notify_one();
    join(waiters);
}

/// The first of two without the lock, and the other under it before the first is awake.
fn notified_under_the_lock_beside_one_that_is_being_woken<W: Wing>() {
    let signal = signal::<W>();
    let waiters = [spawn(&signal, Signal::wait), spawn(&signal, Signal::wait)];
    until_asleep(2);
    signal.open();
    let notifier = spawn(&signal, |signal| signal.changed.notify_one());
    {
        let _held = signal.lock.acquire();
        signal.changed.notify_one();
    }
    notifier.join().unwrap();
    join(waiters);
}

/// Two at once, with the lock held: neither sleeps on.
fn all_notified_under_the_lock<W: Wing>() {
    let signal = signal::<W>();
    let wait = |signal: &Signal<W>| {
        let mut state = signal.lock.acquire();
        signal.changed.wait_for(&mut state, |state| state.open);
        state.waiting += 1;
    };
    let waiters = [spawn(&signal, wait), spawn(&signal, wait)];
    {
        let mut state = signal.lock.acquire();
        state.open = true;
        signal.changed.notify_all();
    }
    join(waiters);
    assert_eq!(signal.lock.acquire().waiting, 2);
}

/// As many single notifications as there are waiters wake them all: none is stolen, and none given to one thread twice.
fn each_notification_wakes_one<W: Wing>() {
    let signal = signal::<W>();
    let waiters = [spawn(&signal, Signal::wait), spawn(&signal, Signal::wait)];
    let waiting = signal.open();
    (0..waiting).for_each(|_| signal.changed.notify_one());
    join(waiters);
}

/// A notification of one wakes exactly one of two, and the time ends the other's wait.
fn exactly_n_wake<W: Wing>() {
    let signal = signal::<W>();
    let waiters = [spawn(&signal, Signal::wait_in_time), spawn(&signal, Signal::wait_in_time)];
    let waiting = signal.open();
    signal.changed.notify(1);
    expire();
    let woken = join(waiters);
    assert_eq!(woken.into_iter().filter(|woken| *woken).count(), waiting.min(1));
}

/// More wait than share a word: one's time is up, one is notified by itself, and one with the rest.
fn more_than_a_cohort<W: Wing>() {
    let signal = signal::<W>();
    let waiter = |asleep: usize, wait: fn(&Signal<W>)| {
        let waiter = spawn(&signal, move |signal| wait(signal));
        until_asleep(asleep + 1);
        waiter
    };
    let waiters = [waiter(0, Signal::wait), waiter(1, Signal::wait), waiter(2, |signal| _ = signal.wait_in_time())];
    expire();
    signal.open();
    signal.changed.notify_one();
    signal.changed.notify_all();
    join(waiters);
}

/// A thread whose time was up waits again, beside one that has waited all the while, in the place that it had.
fn comes_back_after_expiry<W: Wing>() {
    let signal = signal::<W>();
    let patient = spawn(&signal, Signal::wait);
    until_asleep(1);
    let other = spawn(&signal, |signal| {
        assert!(!signal.wait_in_time());
        signal.wait();
    });
    until_asleep(2);
    expire();
    until_asleep(2);
    signal.open();
    signal.changed.notify_one();
    signal.changed.notify_one();
    join([patient, other]);
}

/// A thread that wakes spuriously sleeps on until it is notified.
fn wakes_for_no_reason<W: Wing>() {
    let signal = signal::<W>();
    let waiter = spawn(&signal, |signal| {
        signal.wait();
        assert!(signal.lock.acquire().open);
    });
    until_asleep(1);
    disturb();
    signal.open();
    signal.changed.notify_one();
    waiter.join().unwrap();
}

/// What the notifier did after it had the lock, and before it notified, is seen by whom it wakes.
fn notify_publishes<W: Wing>() {
    let signal = signal::<W>();
    let waiter = spawn(&signal, |signal| {
        signal.wait();
        signal.plain.get()
    });
    let waiting = signal.open();
    if waiting == 1 {
        signal.plain.set(1);
        signal.changed.notify_one();
    }
    assert_eq!(waiter.join().unwrap(), waiting);
}

/// A notification that meets a time that is up is answered as `true`, or goes to the other waiter.
fn notification_meets_expiry<W: Wing>() {
    let signal = signal::<W>();
    let timed = spawn(&signal, |signal| {
        // One notification for all: whoever had it hands it on.
        if signal.wait_in_time() {
            signal.changed.notify_one();
        }
    });
    let untimed = spawn(&signal, Signal::wait);
    let clock = spawn(&signal, |_| expire());
    signal.open();
    signal.changed.notify_one();
    timed.join().unwrap();
    untimed.join().unwrap();
    clock.join().unwrap();
}

/// The same when the time is up just before: the waiter has not yet left, and the notification may still be given to it.
fn expiry_before_notification<W: Wing>() {
    let signal = signal::<W>();
    let timed = spawn(&signal, |signal| {
        if signal.wait_in_time() {
            signal.changed.notify_one();
        }
    });
    let untimed = spawn(&signal, Signal::wait);
    until_asleep(2);
    signal.open();
    expire();
    signal.changed.notify_one();
    timed.join().unwrap();
    untimed.join().unwrap();
}

/// While a thread waits the lock is another's to have, and it has it again when the wait is over.
fn waiters_lock_is_free<W: Wing>() {
    let signal = signal::<W>();
    let waiter = spawn(&signal, |signal| {
        let mut state = signal.lock.acquire();
        signal.changed.wait(&mut state);
        assert!(signal.lock.try_acquire().is_none());
        state.waiting += 1;
    });
    until_asleep(1);
    let mut state = signal.lock.try_acquire().expect("the only other thread waits");
    signal.changed.notify_all();
    state.waiting += 1;
    drop(state);
    waiter.join().unwrap();
    assert_eq!(signal.lock.acquire().waiting, 2);
}

/// A notification while a third thread holds the lock, and releases it at any moment of the call: the waiter has it in the end.
fn moved_beside_a_release<W: Wing>() {
    let signal = signal::<W>();
    let waiter = spawn(&signal, Signal::wait);
    until_asleep(1);
    // What makes sure that the waiter is found.
    signal.open();
    let holder = spawn(&signal, |signal| drop(signal.lock.acquire()));
    signal.changed.notify_one();
    holder.join().unwrap();
    waiter.join().unwrap();
}

/// The time of a thread that was notified under the lock is up while it sleeps for the lock: it was notified all the same.
fn moved_and_expired<W: Wing>() {
    let signal = signal::<W>();
    let waiter = spawn(&signal, Signal::wait_in_time);
    until_asleep(1);
    {
        let _held = signal.lock.acquire();
        signal.changed.notify_one();
        expire();
    }
    assert!(waiter.join().unwrap());
    // Nor does it count as one that waits for the lock.
    assert!(!LockGuard::hand_over(&mut signal.lock.acquire()));
}

/// A holder hands over, to a thread that a notification may move meanwhile: each has its turn.
fn moved_meets_hand_over<W: Wing>() {
    let signal = signal::<W>();
    let waiter = spawn(&signal, Signal::wait);
    until_asleep(1);
    let mut state = signal.lock.acquire();
    let notifier = spawn(&signal, |signal| signal.changed.notify_one());
    LockGuard::hand_over(&mut state);
    drop(state);
    notifier.join().unwrap();
    waiter.join().unwrap();
}
