//! What is no queue of tasks.

use nogil::Wing;
use nogil::generic::{BoundedSemaphore, Counter, Event, Semaphore, SimpleQueue};

use super::record::{Trial, used_before};
use crate::plain::{counter, event, semaphore, simple_queue};
use crate::plain::{
    counter::PlainCounter, event::PlainEvent, semaphore::PlainSemaphore, simple_queue::PlainSimpleQueue,
};

/// As the harness has it, but that the trial itself says what is watched.
macro_rules! over_each_wing {
    ($($case:ident),*) => {
        mod locked {
            $(#[test] fn $case() { super::$case::<nogil::Locked>(); })*
        }
        mod atomic {
            $(#[test] fn $case() { super::$case::<nogil::Atomic>(); })*
        }
    };
}

over_each_wing!(a_simple_queue, a_semaphore, a_bounded_semaphore, an_event, a_counter);

fn as_it_is<C, A>(call: C, answer: A) -> Vec<(C, A)> {
    vec![(call, answer)]
}

fn a_simple_queue<W: Wing>() {
    use simple_queue::Call::{Get, Put, TryGet};
    Trial {
        make: |random| {
            let queue = SimpleQueue::new_in(W::default());
            for item in 0..used_before(random) as u32 {
                queue.put(item);
                _ = queue.try_get();
            }
            (queue, PlainSimpleQueue::default())
        },
        ask: simple_queue::ask::<W>,
        tame: |scripts| {
            // The first thread ends the others' waits, and so must not wait.
            for call in scripts[0].iter_mut().filter(|call| **call == Get) {
                *call = TryGet;
            }
            // As many as could take any: what is got without waiting is missed by one that waits.
            let gets =
                scripts.iter().flatten().filter(|call| !matches!(call, Put(_) | simple_queue::Call::Len)).count();
            scripts[0].extend((0..gets).map(|_| Put(0)));
            let puts =
                scripts.iter_mut().flatten().filter_map(|call| if let Put(item) = call { Some(item) } else { None });
            for (item, number) in puts.zip(1..) {
                *item = number;
            }
        },
        steps: as_it_is,
    }
    .run();
}

fn a_semaphore<W: Wing>() {
    use semaphore::Call::{Acquire, AcquireTimeout, Release, TryAcquire};
    Trial {
        make: |random| {
            let permits = random.below(4);
            (Semaphore::new_in(W::default(), permits), PlainSemaphore { permits, ceiling: usize::MAX / 2 })
        },
        ask: semaphore::ask::<W>,
        tame: |scripts| {
            for call in &mut scripts[0] {
                if let Acquire(n) = *call {
                    *call = TryAcquire(n);
                }
            }
            let taken = scripts.iter().flatten().map(|call| match call {
                TryAcquire(n) | AcquireTimeout(n) | Acquire(n) => *n,
                _ => 0,
            });
            let taken = taken.sum();
            scripts[0].push(Release(taken));
        },
        steps: as_it_is,
    }
    .run();
}

fn a_bounded_semaphore<W: Wing>() {
    use semaphore::Call::{Acquire, AcquireTimeout};
    Trial {
        make: |random| {
            let permits = random.below(4);
            (BoundedSemaphore::new_in(W::default(), permits), PlainSemaphore { permits, ceiling: permits })
        },
        ask: semaphore::ask_bounded::<W>,
        tame: |scripts| {
            for call in scripts.iter_mut().flatten() {
                if let Acquire(n) = *call {
                    *call = AcquireTimeout(n);
                }
            }
        },
        steps: as_it_is,
    }
    .run();
}

fn an_event<W: Wing>() {
    use event::Call::{Clear, Set, Wait, WaitTimeout};
    Trial {
        make: |_| (Event::new_in(W::default()), PlainEvent::default()),
        ask: event::ask::<W>,
        tame: |scripts| {
            let (first, others) = scripts.split_first_mut().expect("there is a first thread");
            // The first thread's last call ends all waits, unless another could clear after it; and it must not wait itself.
            let clears = others.iter().flatten().any(|call| *call == Clear);
            let waits = others.iter_mut().flatten().filter(|call| clears && **call == Wait);
            for call in waits.chain(first.iter_mut().filter(|call| **call == Wait)) {
                *call = WaitTimeout;
            }
            first.push(Set);
        },
        steps: as_it_is,
    }
    .run();
}

fn a_counter<W: Wing>() {
    Trial {
        make: |_| (Counter::new_in(W::default(), 0), PlainCounter::default()),
        ask: counter::ask::<W>,
        tame: |_| (),
        steps: as_it_is,
    }
    .run();
}
