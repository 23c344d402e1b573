//! A panic that says that the caller was wrong names the caller's line. In a process of its own, since the hook that hears of panics is of the whole process.

#![cfg(not(any(loom, shuttle)))]

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use nogil::{Atomic, generic};
use nogil::{Barrier, BoundedSemaphore, Counter, Lock, PriorityQueue, Queue, Semaphore, acquire_all, try_acquire_all};

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

#[test]
fn whoever_is_wrong_is_named() {
    let lock = Lock::new(0);
    let (locks, semaphore) = (vec![&lock, &lock], BoundedSemaphore::new(1));
    blames_this_line!(Queue::<u8>::bounded(0));
    blames_this_line!(PriorityQueue::<u8>::bounded(0));
    blames_this_line!(generic::Queue::<u8, Atomic>::bounded_in(Atomic, 0));
    blames_this_line!(Barrier::new(0));
    blames_this_line!(Barrier::with_action(0, || ()));
    blames_this_line!(Semaphore::new(usize::MAX));
    blames_this_line!(Semaphore::new(0).release(usize::MAX));
    blames_this_line!(BoundedSemaphore::new(0).acquire());
    blames_this_line!(semaphore.acquire_many(2));
    blames_this_line!(Counter::new(i64::MAX).add(1));
    blames_this_line!(acquire_all((&lock, &lock)));
    blames_this_line!(acquire_all([&lock, &lock]));
    blames_this_line!(try_acquire_all(&locks[..]));
}
