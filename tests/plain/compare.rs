//! Whether both wings answer the same calls alike, and as plain data does. Each panics where they do not.

use std::any::type_name;
use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use nogil::generic::{
    Barrier, BoundedSemaphore, Counter, Event, LifoQueue, Lock, PriorityQueue, Queue, RLock, Semaphore, SimpleQueue,
};
use nogil::{Atomic, BrokenBarrier, Locked, Wing};

use super::queue::{Kind, PlainQueue};
use super::{INSTANT, Plain, counter, event, queue, semaphore, simple_queue};
use super::{counter::PlainCounter, event::PlainEvent, semaphore::PlainSemaphore, simple_queue::PlainSimpleQueue};

/// What a thread has compared, call by call, for whoever watches it.
pub(crate) type Log = Arc<Mutex<Vec<String>>>;

thread_local! {
    static LOG: RefCell<Option<Log>> = const { RefCell::new(None) };
}

/// From now on this thread writes down each call before it makes it.
pub(crate) fn write_down() -> Log {
    let log = Log::default();
    LOG.set(Some(log.clone()));
    log
}

/// Nothing is made of the text, which takes a while, where nobody watches.
fn note(call: impl FnOnce() -> String) {
    LOG.with_borrow(|log| {
        if let Some(log) = log {
            log.lock().unwrap().push(call());
        }
    });
}

/// Makes one call at a real object.
type Ask<'a, P> = dyn FnMut(&<P as Plain>::Call) -> <P as Plain>::Answer + 'a;

/// Makes the calls, but for those that would wait for ever.
fn agree<P: Plain>(mut plain: P, calls: &[P::Call], reals: &mut [&mut Ask<'_, P>]) {
    for call in calls {
        let before = plain.clone();
        let Some(expected) = plain.answer(call) else { continue };
        for (number, real) in reals.iter_mut().enumerate() {
            note(|| format!("{call:?}, of the {number}. of those compared"));
            assert_eq!(real(call), expected, "{call:?} from {before:?}, of the {number}. of those compared");
        }
    }
}

pub(crate) fn queues(capacity: Option<usize>, calls: &[queue::Call]) {
    let (locked, atomic) = match capacity {
        Some(capacity) => (Queue::bounded_in(Locked, capacity), Queue::bounded_in(Atomic, capacity)),
        None => (Queue::unbounded_in(Locked), Queue::unbounded_in(Atomic)),
    };
    let plain = PlainQueue::new(Kind::Fifo, capacity);
    agree(plain, calls, &mut [&mut |call| queue::ask(&locked, call), &mut |call| queue::ask(&atomic, call)]);
}

pub(crate) fn lifo_queues(capacity: Option<usize>, calls: &[queue::Call]) {
    let (locked, atomic) = match capacity {
        Some(capacity) => (LifoQueue::bounded_in(Locked, capacity), LifoQueue::bounded_in(Atomic, capacity)),
        None => (LifoQueue::unbounded_in(Locked), LifoQueue::unbounded_in(Atomic)),
    };
    let plain = PlainQueue::new(Kind::Lifo, capacity);
    agree(plain, calls, &mut [&mut |call| queue::ask(&locked, call), &mut |call| queue::ask(&atomic, call)]);
}

pub(crate) fn priority_queues(capacity: Option<usize>, calls: &[queue::Call]) {
    let locked = match capacity {
        Some(capacity) => PriorityQueue::bounded_in(Locked, capacity),
        None => PriorityQueue::unbounded_in(Locked),
    };
    agree(PlainQueue::new(Kind::Priority, capacity), calls, &mut [&mut |call| queue::ask(&locked, call)]);
}

pub(crate) fn simple_queues(calls: &[simple_queue::Call]) {
    let (locked, atomic) = (SimpleQueue::new_in(Locked), SimpleQueue::new_in(Atomic));
    let asks: &mut [&mut Ask<'_, PlainSimpleQueue>] =
        &mut [&mut |call| simple_queue::ask(&locked, call), &mut |call| simple_queue::ask(&atomic, call)];
    agree(PlainSimpleQueue::default(), calls, asks);
}

pub(crate) fn semaphores(permits: usize, calls: &[semaphore::Call]) {
    let (locked, atomic) = (Semaphore::new_in(Locked, permits), Semaphore::new_in(Atomic, permits));
    let plain = PlainSemaphore { permits, ceiling: usize::MAX / 2 };
    agree(plain, calls, &mut [&mut |call| semaphore::ask(&locked, call), &mut |call| semaphore::ask(&atomic, call)]);
}

pub(crate) fn bounded_semaphores(permits: usize, calls: &[semaphore::Call]) {
    let (locked, atomic) = (BoundedSemaphore::new_in(Locked, permits), BoundedSemaphore::new_in(Atomic, permits));
    let asks: &mut [&mut Ask<'_, PlainSemaphore>] =
        &mut [&mut |call| semaphore::ask_bounded(&locked, call), &mut |call| semaphore::ask_bounded(&atomic, call)];
    agree(PlainSemaphore { permits, ceiling: permits }, calls, asks);
}

pub(crate) fn events(calls: &[event::Call]) {
    let (locked, atomic) = (Event::new_in(Locked), Event::new_in(Atomic));
    let asks: &mut [&mut Ask<'_, PlainEvent>] =
        &mut [&mut |call| event::ask(&locked, call), &mut |call| event::ask(&atomic, call)];
    agree(PlainEvent::default(), calls, asks);
}

pub(crate) fn counters(calls: &[counter::Call]) {
    let (locked, atomic) = (Counter::new_in(Locked, 0), Counter::new_in(Atomic, 0));
    let asks: &mut [&mut Ask<'_, PlainCounter>] =
        &mut [&mut |call| counter::ask(&locked, call), &mut |call| counter::ask(&atomic, call)];
    agree(PlainCounter::default(), calls, asks);
}

pub(crate) fn locks(steps: &[u8]) {
    a_lock_agrees::<Locked>(steps);
    a_lock_agrees::<Atomic>(steps);
}

pub(crate) fn reentrant_locks(steps: &[u8]) {
    a_reentrant_lock_agrees::<Locked>(steps);
    a_reentrant_lock_agrees::<Atomic>(steps);
}

pub(crate) fn barriers(parties: usize, steps: &[u8]) {
    a_barrier_agrees::<Locked>(parties, steps);
    a_barrier_agrees::<Atomic>(parties, steps);
}

fn a_lock_agrees<W: Wing>(steps: &[u8]) {
    let lock = Lock::new_in(W::default(), 0);
    let (mut guard, mut value) = (None, 0);
    for step in steps {
        note(|| format!("step {step} at a {}", type_name::<Lock<i32, W>>()));
        match step {
            0 => {
                let was_free = guard.is_none();
                let mine = lock.try_acquire();
                assert_eq!(mine.is_some(), was_free);
                guard = guard.or(mine);
            }
            1 => guard = None,
            _ => {
                if let Some(number) = &mut guard {
                    assert_eq!(**number, value);
                    **number += 1;
                    value += 1;
                }
            }
        }
        assert_eq!(lock.is_locked(), guard.is_some());
    }
    drop(guard);
    assert_eq!(lock.into_inner(), value);
}

fn a_reentrant_lock_agrees<W: Wing>(steps: &[u8]) {
    let lock = RLock::new_in(W::default(), ());
    let mut guards = Vec::new();
    for step in steps {
        note(|| format!("step {step} at a {}", type_name::<RLock<(), W>>()));
        match step {
            0 => guards.push(lock.acquire()),
            1 => guards.extend(lock.try_acquire()),
            _ => drop(guards.pop()),
        }
        let levels = guards.len();
        assert_eq!((lock.recursion_count(), lock.is_owned(), lock.is_locked()), (levels, levels > 0, levels > 0));
    }
}

/// Alone at a barrier of two, who arrives breaks it as its time is up.
fn a_barrier_agrees<W: Wing>(parties: usize, steps: &[u8]) {
    let barrier = Barrier::new_in(W::default(), parties);
    let mut broken = false;
    for step in steps {
        note(|| format!("step {step} at a {}", type_name::<Barrier<W>>()));
        match step {
            0 => {
                let expected = if parties == 1 && !broken { Ok(0) } else { Err(BrokenBarrier) };
                assert_eq!(barrier.wait_timeout(INSTANT), expected);
                broken |= parties > 1;
            }
            1 => {
                barrier.reset();
                broken = false;
            }
            2 => {
                barrier.abort();
                broken = true;
            }
            _ => {}
        }
        assert_eq!((barrier.is_broken(), barrier.waiting(), barrier.parties()), (broken, 0, parties));
    }
}
