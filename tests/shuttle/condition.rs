//! Programs of the condition.

use std::collections::VecDeque;
use std::sync::Arc;

use nogil::Wing;
use nogil::generic::{Condition, Lock};
use nogil::model::{disturb, expire, until_asleep};

use crate::harness::{UNTIL_EXPIRED, clock, crowd, join_all, over_each_wing, spawn};

over_each_wing!(
    exactly_n_wake,
    as_many_notifications_as_waiters,
    a_notification_goes_round,
    a_notification_survives_expiry,
    a_bounded_buffer
);

type Signal<W> = (Lock<usize, W>, Condition<W>);

fn signal<W: Wing>() -> Arc<Signal<W>> {
    Arc::new((Lock::new_in(W::default(), 0), Condition::new_in(W::default())))
}

/// Six wait; three notifications by two threads, one of them under the lock, wake three, and the time ends the others' waits.
fn exactly_n_wake<W: Wing>() {
    let signal = signal::<W>();
    let waiters = crowd(6, &signal, |(lock, changed), _| {
        let mut waiting = lock.acquire();
        *waiting += 1;
        let notified = changed.wait_timeout(&mut waiting, UNTIL_EXPIRED);
        *waiting -= 1;
        notified
    });
    until_asleep(6);
    let notifier = spawn(&signal, |(lock, changed)| {
        let _held = lock.acquire();
        changed.notify(2);
    });
    disturb();
    signal.1.notify_one();
    notifier.join().unwrap();
    expire();
    assert_eq!(join_all(waiters).into_iter().filter(|notified| *notified).count(), 3);
    assert_eq!(*signal.0.acquire(), 0);
}

/// Four wait, without a loop, and four notify once each, two of them under the lock: all wake.
fn as_many_notifications_as_waiters<W: Wing>() {
    let signal = signal::<W>();
    let waiters = crowd(4, &signal, |(lock, changed), _| {
        let mut waiting = lock.acquire();
        *waiting += 1;
        changed.wait(&mut waiting);
    });
    until_asleep(4);
    // Who notifies without the lock may pass by whoever it does not know to wait.
    drop(signal.0.acquire());
    let notifiers = crowd(4, &signal, |(lock, changed), me| {
        let _held = (me % 2 == 0).then(|| lock.acquire());
        changed.notify_one();
    });
    join_all(waiters);
    join_all(notifiers);
}

/// Five wait, without a loop; each who wakes notifies another. One notification wakes all.
fn a_notification_goes_round<W: Wing>() {
    let signal = signal::<W>();
    let waiters = crowd(5, &signal, |(lock, changed), _| {
        let mut waiting = lock.acquire();
        *waiting += 1;
        changed.wait(&mut waiting);
        changed.notify_one();
    });
    until_asleep(5);
    disturb();
    signal.1.notify_one();
    join_all(waiters);
}

/// The same among waiters with little time: whoever is notified as its time is up says so, and hands it on.
fn a_notification_survives_expiry<W: Wing>() {
    let signal = signal::<W>();
    let patient = crowd(3, &signal, |(lock, changed), _| {
        let mut waiting = lock.acquire();
        *waiting += 1;
        changed.wait(&mut waiting);
        drop(waiting);
        changed.notify_one();
    });
    let hasty = crowd(3, &signal, |(lock, changed), _| {
        let mut waiting = lock.acquire();
        *waiting += 1;
        if changed.wait_timeout(&mut waiting, UNTIL_EXPIRED) {
            changed.notify_one();
        }
    });
    until_asleep(6);
    let clock = clock(&signal, 0);
    // Under the lock, so that those who are notified are moved to its sleepers.
    let held = signal.0.acquire();
    signal.1.notify_one();
    drop(held);
    join_all(patient);
    join_all(hasty);
    clock.join().unwrap();
    assert_eq!(*signal.0.acquire(), 6);
}

/// The buffer of the textbook: three producers, three consumers, room for one item, two conditions and a lock.
fn a_bounded_buffer<W: Wing>() {
    struct Buffer<W: Wing> {
        items: Lock<VecDeque<usize>, W>,
        not_empty: Condition<W>,
        not_full: Condition<W>,
    }
    let condition = || Condition::new_in(W::default());
    let items = Lock::new_in(W::default(), VecDeque::new());
    let buffer = Arc::new(Buffer { items, not_empty: condition(), not_full: condition() });
    let producers = crowd(3, &buffer, |buffer, me| {
        for n in 0..2 {
            let mut items = buffer.items.acquire();
            buffer.not_full.wait_for(&mut items, |items| items.is_empty());
            items.push_back(2 * me + n);
            buffer.not_empty.notify_one();
        }
    });
    let consumers = crowd(3, &buffer, |buffer, _| {
        [(); 2].map(|()| {
            let mut items = buffer.items.acquire();
            buffer.not_empty.wait_for(&mut items, |items| !items.is_empty());
            let item = items.pop_front().unwrap();
            drop(items);
            buffer.not_full.notify_one();
            item
        })
    });
    join_all(producers);
    let mut got = join_all(consumers).concat();
    got.sort_unstable();
    assert_eq!(got, [0, 1, 2, 3, 4, 5]);
}
