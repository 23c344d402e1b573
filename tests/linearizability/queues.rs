//! The three queues, over each buffer that they have.

use nogil::generic::{LifoQueue, PriorityQueue, Queue};
use nogil::queue::{self, Order};
use nogil::{Atomic, Locked, Wing};

use super::record::{Random, Trial, used_before};
use crate::plain::queue::{Answer, Call, Kind, PlainQueue, Ranked, ask};

type Make<W, O> = fn(Option<usize>) -> queue::Queue<Ranked, W, O>;

/// A queue that was used before, so that what follows crosses the end of a ring and of a segment; and its plain twin.
fn made<W: Wing, O: Order<Ranked, W>>(
    random: &mut Random,
    kind: Kind,
    capacity: Option<usize>,
    make: Make<W, O>,
) -> (queue::Queue<Ranked, W, O>, PlainQueue) {
    let queue = make(capacity);
    for _ in 0..used_before(random) {
        ask(&queue, &Call::TryPut(0));
        ask(&queue, &Call::TryGet);
        ask(&queue, &Call::TaskDone);
    }
    (queue, PlainQueue::new(kind, capacity))
}

fn small(random: &mut Random) -> Option<usize> {
    Some(1 + random.below(3))
}

/// Each item is another; a wait that nobody else would end ends by a shutdown; and what is not one step by promise is not tested as
/// one together with the tasks.
fn tame(scripts: &mut [Vec<Call>]) {
    let any = |scripts: &[Vec<Call>], is: fn(&Call) -> bool| scripts.iter().flatten().any(is);
    if any(scripts, |call| matches!(call, Call::Put(_) | Call::PutMany(_) | Call::Get | Call::GetMany(_))) {
        // The others may wait until this; so the first thread itself must not wait.
        for call in &mut scripts[0] {
            *call = match std::mem::replace(call, Call::Len) {
                Call::Put(item) => Call::TryPut(item),
                Call::PutMany(items) => Call::TryPutMany(items),
                Call::Get => Call::TryGet,
                Call::GetMany(max) => Call::TryGetMany(max),
                other => other,
            };
        }
        scripts[0].push(Call::ShutDown);
    }
    let at_once = any(scripts, |call| *call == Call::ShutDownNow);
    let mut last = 0;
    for call in scripts.iter_mut().flatten() {
        let mut number = |item: &mut u32| {
            last += 1;
            *item = last * 7 % 64;
        };
        match call {
            Call::TryPut(item) | Call::Put(item) | Call::PutTimeout(item) => number(item),
            Call::TryPutMany(items) | Call::PutMany(items) => items.iter_mut().for_each(number),
            Call::Unfinished | Call::TaskDone | Call::TryJoin if at_once => *call = Call::IsShutDown,
            _ => {}
        }
    }
}

/// The same for a queue in segments, where a batch that goes on in the next segment is seen in parts by the length alone: others that get wait until all of it is taken.
fn tame_in_segments(scripts: &mut [Vec<Call>]) {
    tame(scripts);
    if scripts.iter().flatten().any(|call| matches!(call, Call::TryGetMany(_) | Call::GetMany(_))) {
        for call in scripts.iter_mut().flatten().filter(|call| matches!(call, Call::Len | Call::IsFull)) {
            *call = Call::IsShutDown;
        }
    }
}

/// Whether a batch may be answered so at all: what comes back are its last items in their order, and what is got is one item at least, and as many
/// as asked for at most. The plain queue never answers otherwise; so such a call stays as it is, and no order explains it.
fn may_be(call: &Call, answer: &Answer) -> bool {
    match (call, answer) {
        (Call::TryPutMany(items) | Call::PutMany(items), Answer::Full(back) | Answer::ShutDown(back)) => {
            !back.is_empty() && items.ends_with(back)
        }
        (Call::TryGetMany(max) | Call::GetMany(max), Answer::Items(items)) => {
            items.len() <= *max && items.is_empty() == (*max == 0)
        }
        _ => true,
    }
}

/// Other threads' items may come between those that are put together, or handed back. Those got together are one step, and all that there were.
fn steps(call: Call, answer: Answer) -> Vec<(Call, Answer)> {
    let got = |item| (Call::TryGet, Answer::Items(vec![item]));
    match (call, answer) {
        (call, answer) if !may_be(&call, &answer) => vec![(call, answer)],
        (Call::TryPutMany(items) | Call::PutMany(items), answer) => {
            let (refused, last) = match &answer {
                Answer::Full(refused) => (refused.len(), Some(Answer::Full(vec![refused[0]]))),
                Answer::ShutDown(refused) => (refused.len(), Some(Answer::ShutDown(vec![refused[0]]))),
                _ => (0, None),
            };
            let stored = items.len() - refused;
            let mut steps: Vec<_> = items[..stored].iter().map(|item| (Call::TryPut(*item), Answer::Done)).collect();
            steps.extend(last.map(|answer| (Call::TryPut(items[stored]), answer)));
            steps
        }
        (Call::GetMany(max), answer @ Answer::Items(_)) => vec![(Call::TryGetMany(max), answer)],
        (Call::ShutDownNow, Answer::Items(items)) => {
            let closed = (Call::ShutDown, Answer::Done);
            let drained = (Call::TryGet, Answer::ShutDown(Vec::new()));
            [closed].into_iter().chain(items.into_iter().map(got)).chain([drained]).collect()
        }
        step => vec![step],
    }
}

/// The `Queue` of the atomic wing looks how many items there are, and then takes so many in one step: one that was put in between stays, though others may
/// have seen it.
fn steps_of_a_fifo(call: Call, answer: Answer) -> Vec<(Call, Answer)> {
    match (&call, &answer) {
        (Call::TryGetMany(_) | Call::GetMany(_), Answer::Items(items)) if may_be(&call, &answer) => {
            vec![(Call::TryGetMany(items.len()), answer)]
        }
        _ => steps(call, answer),
    }
}

/// The stack of the atomic wing counts a put before it links the item, and a get after it has unlinked it. So the order of its items and
/// "empty" can be explained, but not always in one order with what the counts say: "full", the length, the tasks, and whether a put
/// came before the shutdown. A put that was counted may still link its item when all of those have answered.
fn steps_of_a_stack(call: Call, answer: Answer) -> Vec<(Call, Answer)> {
    if !may_be(&call, &answer) {
        return vec![(call, answer)];
    }
    let of_its_order = |(call, answer)| match answer {
        Answer::Items(_) | Answer::Empty => Some((call, answer)),
        Answer::Done if matches!(call, Call::TryPut(_) | Call::Put(_) | Call::PutTimeout(_)) => Some((call, answer)),
        // To a get: there was no item.
        Answer::ShutDown(refused) if refused.is_empty() => Some((Call::TryGet, Answer::Empty)),
        _ => None,
    };
    steps(call, answer).into_iter().filter_map(of_its_order).collect()
}

/// Makes each line a test of one queue.
macro_rules! trials {
    ($($name:ident: $kind:ident, $capacity:expr, $make:expr, $tame:expr, $steps:expr;)*) => {
        $(#[test]
        fn $name() {
            Trial {
                make: |random| {
                    let capacity: fn(&mut Random) -> Option<usize> = $capacity;
                    let capacity = capacity(random);
                    made(random, Kind::$kind, capacity, $make)
                },
                ask,
                tame: $tame,
                steps: $steps,
            }
            .run();
        })*
    };
}

macro_rules! either {
    ($Queue:ident, $wing:expr) => {
        |capacity| match capacity {
            Some(capacity) => $Queue::bounded_in($wing, capacity),
            None => $Queue::unbounded_in($wing),
        }
    };
}

trials! {
    locked_bounded: Fifo, small, either!(Queue, Locked), tame, steps;
    locked_unbounded: Fifo, |_| None, either!(Queue, Locked), tame, steps;
    locked_lifo_bounded: Lifo, small, either!(LifoQueue, Locked), tame, steps;
    locked_lifo_unbounded: Lifo, |_| None, either!(LifoQueue, Locked), tame, steps;
    locked_priority_bounded: Priority, small, either!(PriorityQueue, Locked), tame, steps;
    locked_priority_unbounded: Priority, |_| None, either!(PriorityQueue, Locked), tame, steps;
    atomic_bounded: Fifo, small, either!(Queue, Atomic), tame, steps_of_a_fifo;
    atomic_bounded_in_segments: Fifo, |_| Some(200_000), either!(Queue, Atomic), tame_in_segments, steps_of_a_fifo;
    atomic_unbounded: Fifo, |_| None, either!(Queue, Atomic), tame_in_segments, steps_of_a_fifo;
    atomic_lifo_bounded: Lifo, small, either!(LifoQueue, Atomic), tame, steps_of_a_stack;
    atomic_lifo_unbounded: Lifo, |_| None, either!(LifoQueue, Atomic), tame, steps_of_a_stack;
}
