//! Each timed call, expiring at the very moment of its success: nothing it waits for is lost to it, and nothing is had twice.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use nogil::generic::{Barrier, BoundedSemaphore, Condition, Event, Lock, Permit, RLock, Semaphore, SimpleQueue};
use nogil::queue::{Order, Queue};
use nogil::{Timer, TryGetError, TryPutError, Wing, acquire_all, acquire_all_deadline};

use super::race::{Aim, Expiry, random, rounds};
use crate::harness::{Census, Item, over_each_queue, over_each_wing};

over_each_wing!(
    lock,
    rlock,
    several_locks,
    semaphore,
    bounded_semaphore,
    many_permits_beside_many,
    many_permits_beside_one,
    one_permit_beside_many,
    event,
    condition,
    condition_with_predicate,
    barrier,
    simple_queue,
);

over_each_queue!(get_from_unbounded, get_from_bounded, get_many, get_task, put, join);

fn lock<W: Wing>() {
    let lock = Lock::new_in(W::default(), 0_u64);
    let (held, turns) = (RefCell::new(None), Cell::new(0));
    Expiry {
        prepare: || drop(held.borrow_mut().replace(lock.acquire())),
        timed: |moment| lock.acquire_deadline(moment).map(|mut turns| *turns += 1).is_some(),
        patient: || *lock.acquire() += 1,
        give: || drop(held.borrow_mut().take()),
        settle: |had_it| {
            turns.set(turns.get() + 1 + u64::from(had_it));
            assert_eq!(*lock.try_acquire().expect("an expired wait leaves the lock free"), turns.get());
        },
    }
    .race();
}

fn rlock<W: Wing>() {
    let lock = RLock::new_in(W::default(), Cell::new(0_u64));
    let (held, turns) = (RefCell::new(None), Cell::new(0));
    let turn = |outer: &Cell<u64>| {
        let inner = lock.try_acquire().expect("the owner may go in again");
        inner.set(outer.get() + 1);
    };
    Expiry {
        prepare: || drop(held.borrow_mut().replace((lock.acquire(), lock.acquire()))),
        timed: |moment| lock.acquire_deadline(moment).map(|outer| turn(&outer)).is_some(),
        patient: || turn(&lock.acquire()),
        give: || drop(held.borrow_mut().take()),
        settle: |had_it| {
            turns.set(turns.get() + 1 + u64::from(had_it));
            assert_eq!(lock.try_acquire().expect("an expired wait leaves the lock free").get(), turns.get());
        },
    }
    .race();
}

fn several_locks<W: Wing>() {
    let (a, b) = (Lock::new_in(W::default(), 0_u64), Lock::new_in(W::default(), 0_u64));
    let (held, turns) = (RefCell::new(None), Cell::new(0));
    Expiry {
        prepare: || drop(held.borrow_mut().replace(b.acquire())),
        timed: |moment| {
            let Some((mut a, mut b)) = acquire_all_deadline((&a, &b), moment) else { return false };
            *a += 1;
            *b += 1;
            true
        },
        patient: || {
            let (mut b, mut a) = acquire_all((&b, &a));
            *a += 1;
            *b += 1;
        },
        give: || drop(held.borrow_mut().take()),
        settle: |had_it| {
            turns.set(turns.get() + 1 + u64::from(had_it));
            assert_eq!(*a.try_acquire().expect("an expired wait leaves every lock free"), turns.get());
            assert_eq!(*b.try_acquire().expect("an expired wait leaves every lock free"), turns.get());
        },
    }
    .race();
}

fn semaphore<W: Wing>() {
    let semaphore = Semaphore::new_in(W::default(), 0);
    Expiry {
        prepare: || (),
        timed: |moment| semaphore.acquire_deadline(moment).map(Permit::forget).is_some(),
        patient: || semaphore.acquire().forget(),
        give: || semaphore.release(1),
        settle: |_| assert_eq!(semaphore.available_permits(), 0),
    }
    .race();
}

fn bounded_semaphore<W: Wing>() {
    let semaphore = BoundedSemaphore::new_in(W::default(), 1);
    semaphore.acquire().forget();
    Expiry {
        prepare: || (),
        timed: |moment| semaphore.acquire_deadline(moment).map(Permit::forget).is_some(),
        patient: || semaphore.acquire().forget(),
        give: || semaphore.release(1).expect("it is taken"),
        settle: |_| assert_eq!(semaphore.available_permits(), 0),
    }
    .race();
}

/// `given` permits each time, of which the timed wait wants some and the patient one some.
fn permits<W: Wing>(timed: usize, patient: usize, given: usize) {
    let semaphore = Semaphore::new_in(W::default(), 0);
    Expiry {
        prepare: || (),
        timed: |moment| semaphore.acquire_many_deadline(timed, moment).map(Permit::forget).is_some(),
        patient: || semaphore.acquire_many(patient).forget(),
        give: || semaphore.release(given),
        settle: |had_it| {
            let left = if had_it { 2 * given - timed - patient } else { given - patient };
            assert_eq!(semaphore.available_permits(), left, "the timed wait answered {had_it}");
            semaphore.try_acquire_many(left).expect("they are there").forget();
        },
    }
    .race();
}

fn many_permits_beside_many<W: Wing>() {
    permits::<W>(3, 2, 3);
}

fn many_permits_beside_one<W: Wing>() {
    permits::<W>(2, 1, 2);
}

fn one_permit_beside_many<W: Wing>() {
    permits::<W>(1, 2, 2);
}

fn event<W: Wing>() {
    let event = Event::new_in(W::default());
    Expiry {
        prepare: || event.clear(),
        timed: |moment| event.wait_deadline(moment),
        patient: || event.wait(),
        give: || event.set(),
        settle: |_| assert!(event.wait_timeout(Duration::ZERO), "it is set"),
    }
    .race();
}

fn condition<W: Wing>() {
    let (lock, condition) = (Lock::new_in(W::default(), 0), Condition::new_in(W::default()));
    let woken = AtomicUsize::new(0);
    let given = Cell::new(0);
    Expiry {
        prepare: || {
            *lock.acquire() = 0;
            woken.store(0, SeqCst);
            given.set(0);
        },
        timed: |moment| {
            let mut waiters = lock.acquire();
            *waiters += 1;
            let notified = condition.wait_deadline(&mut waiters, moment);
            woken.fetch_add(usize::from(notified), SeqCst);
            notified
        },
        patient: || {
            let mut waiters = lock.acquire();
            *waiters += 1;
            condition.wait(&mut waiters);
            woken.fetch_add(1, SeqCst);
        },
        give: || {
            // A condition remembers nothing: the notification has to find the patient waiter there.
            while *lock.acquire() < 2 {
                std::thread::yield_now();
            }
            given.set(given.get() + 1);
            assert!(woken.load(SeqCst) < given.get(), "no more threads wake than were notified");
            condition.notify_one();
        },
        settle: |_| assert_eq!(woken.load(SeqCst), given.get(), "each notification wakes one thread"),
    }
    .race();
}

fn condition_with_predicate<W: Wing>() {
    let (lock, condition) = (RLock::new_in(W::default(), AtomicUsize::new(0)), Condition::new_in(W::default()));
    let take = |tokens: &AtomicUsize| tokens.fetch_update(SeqCst, SeqCst, |tokens| tokens.checked_sub(1)).is_ok();
    Expiry {
        prepare: || (),
        timed: |moment| condition.wait_for_deadline(&mut lock.acquire(), moment, take),
        patient: || condition.wait_for(&mut lock.acquire(), take),
        give: || {
            lock.acquire().fetch_add(1, SeqCst);
            condition.notify_one();
        },
        settle: |_| assert_eq!(lock.acquire().load(SeqCst), 0),
    }
    .race();
}

/// The arrivals of one cycle either all have their places or are all told that it broke.
fn barrier<W: Wing>() {
    let barrier = Barrier::new_in(W::default(), 3);
    // How often each place was given, and how many were told that it broke.
    let answers: [AtomicUsize; 4] = Default::default();
    let arrive = |answer: Result<usize, _>| {
        answers[answer.unwrap_or(3)].fetch_add(1, SeqCst);
        answer.is_ok()
    };
    let arrived = Cell::new(false);
    Expiry {
        prepare: || {
            arrived.set(false);
            barrier.reset();
        },
        timed: |moment| arrive(barrier.wait_deadline(moment)),
        patient: || {
            arrive(barrier.wait());
        },
        give: || {
            if !arrived.replace(true) {
                arrive(barrier.wait());
            }
        },
        settle: |tripped| {
            let answers: [usize; 4] = std::array::from_fn(|answer| answers[answer].swap(0, SeqCst));
            assert_eq!(answers, if tripped { [1, 1, 1, 0] } else { [0, 0, 0, 3] });
            assert_eq!((barrier.is_broken(), barrier.waiting()), (!tripped, 0));
        },
    }
    .race();
}

/// Numbered items, and the sums of those that went in and came out.
#[derive(Default)]
struct Books {
    census: Census,
    made: AtomicUsize,
    put: AtomicUsize,
    fetched: AtomicUsize,
}

impl Books {
    fn item(&self) -> Item {
        self.census.item(self.made.fetch_add(1, SeqCst) + 1)
    }

    fn put(&self, number: usize) {
        self.put.fetch_add(number, SeqCst);
    }

    fn fetched(&self, item: Item) {
        self.fetched.fetch_add(item.number, SeqCst);
    }

    fn settle(&self) {
        assert_eq!(self.fetched.load(SeqCst), self.put.load(SeqCst), "what comes out is what went in");
        assert_eq!(self.census.alive(), 0, "every item is dropped once");
    }
}

fn simple_queue<W: Wing>() {
    let (queue, books) = (SimpleQueue::new_in(W::default()), Books::default());
    Expiry {
        prepare: || (),
        timed: |moment| queue.get_deadline(moment).map(|item| books.fetched(item)).is_some(),
        patient: || books.fetched(queue.get()),
        give: || {
            let item = books.item();
            books.put(item.number);
            queue.put(item);
        },
        settle: |_| {
            assert!(queue.is_empty());
            books.settle();
        },
    }
    .race();
}

/// The timed wait is for one item, by whichever call answers how many it had.
fn get<W: Wing, O: Order<Item, W>>(
    queue: &Queue<Item, W, O>,
    timed: impl Fn(Instant) -> Result<Vec<Item>, TryGetError> + Sync,
) {
    let books = Books::default();
    Expiry {
        prepare: || (),
        timed: |moment| match timed(moment) {
            Ok(items) => {
                assert_eq!(items.len(), 1);
                items.into_iter().for_each(|item| books.fetched(item));
                true
            }
            Err(TryGetError::Empty) => false,
            Err(TryGetError::ShutDown) => panic!("nobody shut it down"),
        },
        patient: || books.fetched(queue.get().unwrap()),
        give: || {
            let item = books.item();
            books.put(item.number);
            queue.put(item).unwrap();
        },
        settle: |_| {
            assert!(queue.is_empty());
            books.settle();
        },
    }
    .race();
}

fn get_from_unbounded<W: Wing, O: Order<Item, W>>() {
    let queue = Queue::<Item, W, O>::unbounded_in(W::default());
    get(&queue, |moment| queue.get_deadline(moment).map(|item| vec![item]));
}

fn get_from_bounded<W: Wing, O: Order<Item, W>>() {
    let queue = Queue::<Item, W, O>::bounded_in(W::default(), 1);
    get(&queue, |moment| queue.get_deadline(moment).map(|item| vec![item]));
}

fn get_many<W: Wing, O: Order<Item, W>>() {
    let queue = Queue::<Item, W, O>::bounded_in(W::default(), 2);
    get(&queue, |moment| queue.get_many_deadline(2, moment));
}

fn get_task<W: Wing, O: Order<Item, W>>() {
    let queue = Queue::<Item, W, O>::bounded_in(W::default(), 2);
    get(&queue, |moment| queue.get_task_deadline(moment).map(|task| vec![task.into_inner()]));
}

fn put<W: Wing, O: Order<Item, W>>() {
    let (queue, books) = (Queue::<Item, W, O>::bounded_in(W::default(), 1), Books::default());
    let fill = || {
        let item = books.item();
        let number = item.number;
        queue.put(item).unwrap();
        books.put(number);
    };
    Expiry {
        prepare: fill,
        timed: |moment| {
            let item = books.item();
            let number = item.number;
            match queue.put_deadline(item, moment) {
                Ok(()) => {
                    books.put(number);
                    true
                }
                Err(TryPutError::Full(item)) => {
                    assert_eq!(item.number, number, "what was not put comes back");
                    false
                }
                Err(TryPutError::ShutDown(_)) => panic!("nobody shut it down"),
            }
        },
        patient: fill,
        give: || books.fetched(queue.get().unwrap()),
        settle: |_| {
            books.fetched(queue.get().unwrap());
            assert!(queue.is_empty());
            books.settle();
        },
    }
    .race();
}

fn join<W: Wing, O: Order<usize, W>>() {
    let queue = Queue::<usize, W, O>::unbounded_in(W::default());
    let busy = Cell::new(false);
    Expiry {
        prepare: || {
            queue.put_many([1, 2]).unwrap();
            queue.task_done().unwrap();
            drop(queue.get_many(2).unwrap());
            busy.set(true);
        },
        timed: |moment| queue.join_deadline(moment),
        patient: || queue.join(),
        give: || {
            if busy.replace(false) {
                queue.task_done().unwrap();
            }
        },
        settle: |_| {
            assert!(queue.try_join());
            queue.task_done().expect_err("every task is done");
        },
    }
    .race();
}

/// A timer's call meets its cancellation: one of the two happens.
#[test]
fn timer() {
    crate::harness::watched(|| {
        let mut aim = Aim::default();
        for round in rounds() {
            let ran = Arc::new(AtomicUsize::new(0));
            let interval = Duration::from_micros(50 + random(round, 100));
            let moment = Instant::now() + interval;
            let timer = Timer::start(interval, {
                let ran = ran.clone();
                move || {
                    ran.fetch_add(1, SeqCst);
                }
            });
            aim.wait_until_about(moment, round);
            let prevented = timer.cancel();
            timer.join();
            assert!(timer.is_finished());
            assert_eq!(ran.load(SeqCst), usize::from(!prevented));
            // Prevented: the cancellation was early, and the next is to come later.
            aim.correct(prevented);
        }
        println!("{aim:?}");
    });
}
