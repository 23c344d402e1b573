//! A panic that says that the caller was wrong names the caller's line. In a process of its own, since the hook that hears of panics is of the whole process.

#![cfg(not(any(nogil_loom, nogil_shuttle)))]

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nogil::{Atomic, generic};
use nogil::{
    Barrier, BoundedSemaphore, Counter, Lock, LockGuard, PriorityQueue, Queue, RLock, RLockGuard, Semaphore,
    ShardedCounter, Timer,
};
use nogil::{acquire_all, acquire_all_deadline, acquire_all_timeout, try_acquire_all};

/// Answers in which file and line `wrong` panics.
fn place_of(wrong: impl FnOnce()) -> (String, u32) {
    let place = Arc::new(Mutex::new(None));
    let heard = place.clone();
    panic::set_hook(Box::new(move |panic| {
        *heard.lock().unwrap() = panic.location().map(|place| (place.file().to_owned(), place.line()));
    }));
    let panicked = catch_unwind(AssertUnwindSafe(wrong)).is_err();
    drop(panic::take_hook());
    assert!(panicked, "it did not panic");
    place.lock().unwrap().take().expect("a panic has a place")
}

macro_rules! blames_this_line {
    ($wrong:expr) => {
        assert_eq!(place_of(|| _ = $wrong), (file!().to_owned(), line!()), "of {}", stringify!($wrong))
    };
}

/// One test, and not several: they would hear of each other's panics.
#[test]
fn whoever_is_wrong_is_named() {
    constructors();
    semaphores();
    counters();
    sharded_counters();
    tasks();
    locks();
    timers();
}

fn constructors() {
    blames_this_line!(Queue::<u8>::bounded(0));
    blames_this_line!(PriorityQueue::<u8>::bounded(0));
    blames_this_line!(generic::Queue::<u8, Atomic>::bounded_in(Atomic, 0));
    blames_this_line!(Barrier::new(0));
    blames_this_line!(Barrier::new_in(Atomic, 0));
    blames_this_line!(Barrier::with_action(0, || ()));
    blames_this_line!(Barrier::with_action_in(Atomic, 0, || ()));
    blames_this_line!(Semaphore::new(usize::MAX));
    blames_this_line!(BoundedSemaphore::new(usize::MAX));
    blames_this_line!(generic::Semaphore::new_in(Atomic, usize::MAX));
    blames_this_line!(BoundedSemaphore::new_in(Atomic, usize::MAX));
}

fn semaphores() {
    let (one, another) = (Arc::new(BoundedSemaphore::new(1)), Arc::new(BoundedSemaphore::new(1)));
    blames_this_line!(Semaphore::new(0).release(usize::MAX));
    blames_this_line!(BoundedSemaphore::new(0).acquire());
    blames_this_line!(one.acquire_many(2));
    blames_this_line!(one.acquire().into_owned(&another));
}

fn counters() {
    let (least, most) = (Counter::new(i64::MIN), Counter::new(i64::MAX));
    blames_this_line!(most.increment());
    blames_this_line!(most.add(1));
    blames_this_line!(most.fetch_add(1));
    blames_this_line!(least.decrement());
    blames_this_line!(least.sub(1));
    blames_this_line!(least.fetch_sub(1));
}

fn sharded_counters() {
    let (least, most) = (ShardedCounter::new(), ShardedCounter::new());
    least.add(i64::MIN);
    most.add(i64::MAX);
    blames_this_line!(most.increment());
    blames_this_line!(most.add(1));
    blames_this_line!(least.decrement());
    blames_this_line!(least.sub(1));
    // What each thread has counted is an `i64`, and the sum is not.
    thread::scope(|scope| scope.spawn(|| most.increment()).join().unwrap());
    blames_this_line!(most.sum());
    blames_this_line!(most.reset());
}

fn tasks() {
    let (one, another) = (Arc::new(Queue::from_iter([1])), Arc::new(Queue::unbounded()));
    blames_this_line!(one.get_task().unwrap().into_owned(&another));
    let marked = || {
        one.put(1).unwrap();
        let task = one.get_task().unwrap();
        one.task_done().unwrap();
        task
    };
    blames_this_line!(marked().into_inner());
    blames_this_line!(marked().done_after(drop));
    blames_this_line!(marked().into_owned(&one).into_inner());
    blames_this_line!(marked().into_owned(&one).done_after(drop));
}

fn locks() {
    let (one, another) = (Arc::new(Lock::new(0)), Arc::new(Lock::new(0)));
    blames_this_line!(LockGuard::into_owned(one.acquire(), &another));
    let (one, another) = (Arc::new(RLock::new(0)), Arc::new(RLock::new(0)));
    blames_this_line!(RLockGuard::into_owned(one.acquire(), &another));
    let lock = Lock::new(0);
    let locks = vec![&lock, &lock];
    blames_this_line!(acquire_all((&lock, &lock)));
    blames_this_line!(acquire_all([&lock, &lock]));
    blames_this_line!(acquire_all(locks.clone()));
    blames_this_line!(try_acquire_all(&locks[..]));
    blames_this_line!(acquire_all_timeout(&locks[..], Duration::ZERO));
    blames_this_line!(acquire_all_deadline(&locks[..], Instant::now()));
}

fn timers() {
    let timer = Timer::start(Duration::ZERO, || panic::resume_unwind(Box::new("the callback's own")));
    // The first `join` goes on with that; each later one panics by itself.
    assert!(catch_unwind(AssertUnwindSafe(|| timer.join())).is_err());
    blames_this_line!(timer.join());
    blames_this_line!(timer.try_join());
    blames_this_line!(timer.join_timeout(Duration::ZERO));
    blames_this_line!(timer.join_deadline(Instant::now()));
}
