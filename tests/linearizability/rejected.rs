//! The check can fail: histories that no order explains.

use super::check::{Event, History, is_linearizable};
use crate::plain::Plain;
use crate::plain::counter::{Call as Count, PlainCounter};
use crate::plain::event::{Call as Flag, PlainEvent};
use crate::plain::queue::{Answer, Call, Kind, PlainQueue};
use crate::plain::semaphore::{Answer as Permits, Call as Take, PlainSemaphore};

/// A call, its answer, and when it began and ended.
type Timed<P> = (<P as Plain>::Call, <P as Plain>::Answer, u64, u64);

/// Whether the history of these calls of each thread can be explained.
fn explains<P: Plain, const N: usize>(start: &P, threads: [&[Timed<P>]; N]) -> bool {
    let event = |(call, answer, began, ended): &Timed<P>| Event {
        call: call.clone(),
        answer: answer.clone(),
        began: *began,
        ended: *ended,
    };
    let history: History<P> = threads.iter().map(|events| events.iter().map(event).collect()).collect();
    is_linearizable(start, &history)
}

fn put(item: u32, began: u64, ended: u64) -> (Call, Answer, u64, u64) {
    (Call::Put(item), Answer::Done, began, ended)
}

fn got(item: u32, began: u64, ended: u64) -> (Call, Answer, u64, u64) {
    (Call::Get, Answer::Items(vec![item]), began, ended)
}

fn is_explained<const N: usize>(kind: Kind, threads: [&[(Call, Answer, u64, u64)]; N]) -> bool {
    explains(&PlainQueue::new(kind, Some(2)), threads)
}

#[test]
fn what_overlaps_may_stand_in_either_order() {
    assert!(is_explained(Kind::Fifo, [&[put(1, 0, 3)], &[put(2, 1, 2)], &[got(2, 4, 5), got(1, 6, 7)]]));
    assert!(is_explained(Kind::Fifo, [&[put(1, 0, 3)], &[(Call::TryGet, Answer::Empty, 1, 2), got(1, 4, 5)]]));
}

#[test]
fn an_order_that_is_not_the_queues_is_rejected() {
    assert!(!is_explained(Kind::Fifo, [&[put(1, 0, 1), put(2, 2, 3)], &[got(2, 4, 5), got(1, 6, 7)]]));
    assert!(!is_explained(Kind::Lifo, [&[put(1, 0, 1), put(2, 2, 3)], &[got(1, 4, 5), got(2, 6, 7)]]));
    assert!(!is_explained(Kind::Priority, [&[put(4, 0, 1), put(3, 2, 3)], &[got(4, 4, 5), got(3, 6, 7)]]));
    assert!(!is_explained(Kind::Priority, [&[put(3, 0, 1), put(6, 2, 3)], &[got(6, 4, 5), got(3, 6, 7)]]));
}

#[test]
fn a_stale_look_is_rejected() {
    assert!(!is_explained(Kind::Fifo, [&[put(1, 0, 1)], &[(Call::TryGet, Answer::Empty, 2, 3)]]));
    assert!(!is_explained(Kind::Fifo, [&[put(1, 0, 1)], &[(Call::TryPut(2), Answer::Full(vec![2]), 2, 3)]]));
    let flag = [&[(Flag::Set, true, 0, 1)][..], &[(Flag::IsSet, false, 2, 3)]];
    assert!(!explains(&PlainEvent::default(), flag));
}

#[test]
fn an_item_got_twice_is_rejected() {
    assert!(!is_explained(Kind::Fifo, [&[put(1, 0, 9)], &[got(1, 1, 8)], &[got(1, 2, 7)]]));
}

#[test]
fn a_permit_that_is_lost_or_given_twice_is_rejected() {
    let start = PlainSemaphore { permits: 1, ceiling: 9 };
    let take = |got, began, ended| (Take::TryAcquire(1), Permits::Is(got), began, ended);
    assert!(explains(&start, [&[take(true, 0, 3)], &[take(false, 1, 2)]]));
    assert!(!explains(&start, [&[take(true, 0, 3)], &[take(true, 1, 2)]]));
    let released = (Take::Release(1), Permits::Is(true), 2, 3);
    assert!(!explains(&start, [&[take(true, 0, 1), released], &[take(false, 4, 5)]]));
}

#[test]
fn a_lost_update_is_rejected() {
    let add = |before, began, ended| (Count::FetchAdd(1), Some(before), began, ended);
    assert!(explains(&PlainCounter::default(), [&[add(1, 0, 3)], &[add(0, 1, 2)]]));
    assert!(!explains(&PlainCounter::default(), [&[add(0, 0, 3)], &[add(0, 1, 2)]]));
}
