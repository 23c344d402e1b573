//! A signal that interrupts a waiting thread does not end its wait. (Python: PEP 475.)

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use std::{mem, ptr};

use nogil::Wing;
use nogil::generic::{Barrier, Condition, Event, Lock, Semaphore};
use nogil::queue::Queue;

use crate::harness::{eventually, over_each_wing, takes};

over_each_wing!(a_signal_ends_no_timed_wait, a_signal_ends_no_untimed_wait);

/// Long enough for many signals.
const WAIT: Duration = Duration::from_millis(60);

/// Has SIGUSR1 do nothing but interrupt. A handler is the whole process's, which does no harm: neither std nor the crate nor another test uses that
/// signal, and only threads of this file are sent it. Without `SA_RESTART`, by which the kernel would go on by itself.
fn install_handler() {
    extern "C" fn nothing(_: libc::c_int) {}

    // SAFETY: all zeros is a valid `sigaction`: no flags, and no signal blocked meanwhile.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = nothing as *const () as usize;
    // SAFETY: the handler has the type that it must have without `SA_SIGINFO`, and does nothing; and what was there before is not asked for.
    let result = unsafe { libc::sigaction(libc::SIGUSR1, &action, ptr::null_mut()) };
    assert_eq!(result, 0);
}

/// Calls `wait` in a thread that is sent a signal every other millisecond until that returns; after some of them calls `help`.
fn interrupted(wait: impl FnOnce() + Send, help: impl Fn()) {
    install_handler();
    let id = &OnceLock::new();
    thread::scope(|scope| {
        let waiter = scope.spawn(move || {
            // SAFETY: it has no conditions.
            id.set(unsafe { libc::pthread_self() }).unwrap();
            wait();
        });
        eventually("the thread starts", || id.get().is_some());
        for signals in 0.. {
            if waiter.is_finished() {
                break;
            }
            // SAFETY: the thread is not joined yet, so that its id is still its own.
            let result = unsafe { libc::pthread_kill(*id.get().unwrap(), libc::SIGUSR1) };
            assert!(result == 0 || result == libc::ESRCH, "it is sent, or the thread has just ended");
            thread::sleep(Duration::from_millis(2));
            if signals == 10 {
                help();
            }
        }
        waiter.join().unwrap_or_else(|payload| std::panic::resume_unwind(payload));
    });
}

fn a_signal_ends_no_timed_wait<W: Wing>() {
    let lock = Lock::<_, W>::new_in(W::default(), ());
    let other_lock = Lock::<_, W>::new_in(W::default(), ());
    let _held = lock.acquire();
    let semaphore = Semaphore::<W>::new_in(W::default(), 0);
    let condition = Condition::<W>::new_in(W::default());
    let event = Event::<W>::new_in(W::default());
    let barrier = Barrier::<W>::new_in(W::default(), 2);
    let queue = Queue::<u8, W>::bounded_in(W::default(), 1);
    let full = Queue::<u8, W>::bounded_in(W::default(), 1);
    full.put(1).unwrap();
    let waits: [(&str, &(dyn Fn() -> bool + Sync)); _] = [
        ("Lock::acquire_timeout", &|| lock.acquire_timeout(WAIT).is_some()),
        ("acquire_timeout", &|| semaphore.acquire_timeout(WAIT).is_some()),
        ("acquire_many_timeout", &|| semaphore.acquire_many_timeout(2, WAIT).is_some()),
        ("Condition::wait_timeout", &|| condition.wait_timeout(&mut other_lock.acquire(), WAIT)),
        ("Event::wait_timeout", &|| event.wait_timeout(WAIT)),
        ("Barrier::wait_timeout", &|| barrier.wait_timeout(WAIT).is_ok()),
        ("get_timeout", &|| queue.get_timeout(WAIT).is_ok()),
        ("put_timeout", &|| full.put_timeout(2, WAIT).is_ok()),
        ("join_timeout", &|| full.join_timeout(WAIT)),
    ];
    for (name, wait) in waits {
        interrupted(|| assert!(!takes(WAIT, wait), "{name}"), || ());
    }
}

type Call<'a> = &'a (dyn Fn() + Sync);

fn a_signal_ends_no_untimed_wait<W: Wing>() {
    let lock = Lock::<_, W>::new_in(W::default(), ());
    let semaphore = Semaphore::<W>::new_in(W::default(), 0);
    let condition = Condition::<W>::new_in(W::default());
    let event = Event::<W>::new_in(W::default());
    let queue = Queue::<u8, W>::bounded_in(W::default(), 1);
    let waits: [(&str, Call<'_>, Call<'_>); _] = [
        ("acquire", &|| semaphore.acquire().forget(), &|| semaphore.release(1)),
        ("Condition::wait", &|| condition.wait(&mut lock.acquire()), &|| condition.notify_one()),
        ("Event::wait", &|| event.wait(), &|| event.set()),
        ("get", &|| assert_eq!(queue.get(), Ok(1), "get"), &|| queue.put(1).unwrap()),
    ];
    for (name, wait, help) in waits {
        let helped = AtomicBool::new(false);
        let wait = || {
            wait();
            assert!(helped.load(Ordering::SeqCst), "{name} ended before anybody helped");
        };
        interrupted(wait, || {
            helped.store(true, Ordering::SeqCst);
            help();
        });
    }
}
