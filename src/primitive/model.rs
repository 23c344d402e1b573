//! The seam in a model: loom's primitives, and a clock that the model moves.
//!
//! loom's own `wait_timeout` never times out. Here a moment in time is an *event*: every finite deadline of a model is one
//! and the same moment, and it comes when a thread of the model calls [`expire`]. loom then explores every place at which
//! the call can fall: before the wait, during it, and at the very instant at which the awaited thing happens.

use std::cell::Cell;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::PoisonError;
use std::time::Instant;

use loom::sync as imp;

pub(crate) use loom::sync::{Arc, atomic};
pub(crate) use loom::thread;

/// Lets a structure be made smaller in a model, where each part of it costs.
pub(crate) const IS_MODEL: bool = true;

/// loom's mutex without poison, whose guard knows it, so that a [`Condvar`] can unlock and lock it.
pub(crate) struct Mutex<T>(imp::Mutex<T>);

pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    guard: imp::MutexGuard<'a, T>,
}

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(imp::Mutex::new(value))
    }

    #[track_caller]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { mutex: self, guard: self.0.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    #[track_caller]
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock().ok().map(|guard| MutexGuard { mutex: self, guard })
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

/// A condition variable whose timed waits end when the model calls [`expire`]. First in, first out, as loom's own is.
pub(crate) struct Condvar {
    asleep: std::sync::Arc<Asleep>,
}

type Asleep = imp::Mutex<VecDeque<std::sync::Arc<Sleeper>>>;

/// One thread in one wait. It sleeps for as long as it stands in its condvar's list.
struct Sleeper {
    woken: imp::Condvar,
    expired: atomic::AtomicBool,
}

impl Condvar {
    pub(crate) fn new() -> Self {
        Self { asleep: std::sync::Arc::new(imp::Mutex::new(VecDeque::new())) }
    }

    #[track_caller]
    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.sleep(guard, Deadline::Never).0
    }

    #[track_caller]
    pub(crate) fn wait_until<'a, T>(&self, guard: MutexGuard<'a, T>, _: Instant) -> (MutexGuard<'a, T>, bool) {
        self.sleep(guard, Deadline::Expiry)
    }

    #[track_caller]
    fn sleep<'a, T>(&self, guard: MutexGuard<'a, T>, deadline: Deadline) -> (MutexGuard<'a, T>, bool) {
        let me = std::sync::Arc::new(Sleeper { woken: imp::Condvar::new(), expired: atomic::AtomicBool::new(false) });
        let mut asleep = self.asleep.lock().unwrap();
        if deadline == Deadline::Expiry && !CLOCK.enlist(&self.asleep, &me) {
            return (guard, true);
        }
        asleep.push_back(me.clone());
        // Only now may the caller's mutex go: whoever changes what it guards finds this thread in the list.
        let mutex = guard.mutex;
        drop(guard);
        while asleep.iter().any(|sleeper| std::sync::Arc::ptr_eq(sleeper, &me)) {
            asleep = me.woken.wait(asleep).unwrap();
        }
        drop(asleep);
        // Relaxed: written under the list's lock, which this thread has held since.
        let expired = me.expired.load(atomic::Ordering::Relaxed);
        (mutex.lock(), expired)
    }

    pub(crate) fn notify_one(&self) {
        let sleeper = self.asleep.lock().unwrap().pop_front();
        if let Some(sleeper) = sleeper {
            sleeper.woken.notify_one();
        }
    }

    pub(crate) fn notify_all(&self) {
        let sleepers = std::mem::take(&mut *self.asleep.lock().unwrap());
        for sleeper in sleepers {
            sleeper.woken.notify_one();
        }
    }
}

#[derive(PartialEq)]
enum Deadline {
    Never,
    Expiry,
}

loom::lazy_static! {
    static ref CLOCK: Clock = Clock { time: imp::Mutex::new(Time::Before(Vec::new())) };
}

struct Clock {
    time: imp::Mutex<Time>,
}

/// Before the one moment at which every finite deadline expires, with the threads that wait for it; or after it.
enum Time {
    Before(Vec<(std::sync::Arc<Asleep>, std::sync::Arc<Sleeper>)>),
    After,
}

impl Clock {
    /// `false` when the moment has come already.
    fn enlist(&self, list: &std::sync::Arc<Asleep>, sleeper: &std::sync::Arc<Sleeper>) -> bool {
        match &mut *self.time.lock().unwrap() {
            Time::Before(waiting) => {
                waiting.push((list.clone(), sleeper.clone()));
                true
            }
            Time::After => false,
        }
    }
}

/// Lets every finite deadline of the model pass, now: those being waited for, and those of calls still to come.
pub fn expire() {
    let Time::Before(waiting) = std::mem::replace(&mut *CLOCK.time.lock().unwrap(), Time::After) else { return };
    for (list, sleeper) in waiting {
        let mut asleep = list.lock().unwrap();
        let before = asleep.len();
        asleep.retain(|other| !std::sync::Arc::ptr_eq(other, &sleeper));
        if asleep.len() < before {
            // Not notified meanwhile: the time is up for it.
            sleeper.expired.store(true, atomic::Ordering::Relaxed); // Relaxed: under the list's lock.
            drop(asleep);
            sleeper.woken.notify_one();
        }
    }
}

/// A futex as the kernel has it: who waits stands in a list, under a lock that is held while the word is compared.
pub(crate) mod futex {
    use super::{Condvar, Instant, Mutex, VecDeque, atomic};

    pub(crate) trait FutexWord {
        fn address(&self) -> *const u32;
        fn read(&self) -> u32;
    }

    impl FutexWord for atomic::AtomicU32 {
        fn address(&self) -> *const u32 {
            std::ptr::from_ref(self).cast()
        }

        fn read(&self) -> u32 {
            self.load(atomic::Ordering::Relaxed) // Relaxed: waker and waiter meet in the list's lock.
        }
    }

    impl FutexWord for atomic::AtomicU64 {
        fn address(&self) -> *const u32 {
            std::ptr::from_ref(self).cast()
        }

        fn read(&self) -> u32 {
            self.load(atomic::Ordering::Relaxed) as u32 // Relaxed: as above.
        }
    }

    struct Sleeper {
        address: usize,
        woken: Condvar,
    }

    loom::lazy_static! {
        static ref WAITING: Mutex<VecDeque<std::sync::Arc<Sleeper>>> = Mutex::new(VecDeque::new());
    }

    #[track_caller]
    pub(crate) fn wait(word: &impl FutexWord, expected: u32, deadline: Option<Instant>) -> bool {
        let mut waiting = WAITING.lock();
        if word.read() != expected {
            return false;
        }
        let me = std::sync::Arc::new(Sleeper { address: word.address() as usize, woken: Condvar::new() });
        waiting.push_back(me.clone());
        let place = |waiting: &VecDeque<_>| waiting.iter().position(|other| std::sync::Arc::ptr_eq(other, &me));
        let mut expired = false;
        while let Some(place) = place(&waiting) {
            if expired {
                waiting.remove(place);
                return true;
            }
            (waiting, expired) = match deadline {
                None => (me.woken.wait(waiting), false),
                Some(deadline) => me.woken.wait_until(waiting, deadline),
            };
        }
        false
    }

    #[track_caller]
    pub(crate) fn wake(address: *const u32, threads: usize) -> usize {
        let mut waiting = WAITING.lock();
        let mut woken = Vec::new();
        waiting.retain(|sleeper| {
            let wakes = sleeper.address == address as usize && woken.len() < threads;
            if wakes {
                woken.push(sleeper.clone());
            }
            !wakes
        });
        drop(waiting);
        woken.iter().for_each(|sleeper| sleeper.woken.notify_one());
        woken.len()
    }
}

/// In a model a thread sleeps at once: a look more is a step more, and proves nothing.
pub(crate) struct Spin;

impl Spin {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn again(&self) -> bool {
        false
    }
}

/// A wait for another thread that is in the midst of a step.
pub(crate) struct Pause;

impl Pause {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn pause(&self) {
        loom::thread::yield_now();
    }
}

/// Stands between a `SeqCst` write and a `SeqCst` read of another variable. The language gives such accesses one order; loom
/// treats them as acquire and release alone (loom#180), and would report what cannot happen. Its fences it does right.
pub(crate) fn model_fence() {
    atomic::fence(atomic::Ordering::SeqCst);
}

/// A cell whose accesses loom watches, also for a `T` that is not `Sized` (loom's own cannot hold one). Its end is watched too:
/// one that is never dropped is a leak, and one that is dropped while another thread may still be at it is a race.
pub(crate) struct UnsafeCell<T: ?Sized> {
    watched: Watched,
    value: std::cell::UnsafeCell<T>,
}

struct Watched(loom::alloc::Track<loom::cell::UnsafeCell<()>>);

impl Drop for Watched {
    fn drop(&mut self) {
        // A second panic would hide the first.
        if !std::thread::panicking() {
            self.0.get_ref().with_mut(|_| ());
        }
    }
}

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { watched: Watched(loom::alloc::Track::new(loom::cell::UnsafeCell::new(()))), value: std::cell::UnsafeCell::new(value) }
    }

    pub(crate) fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    #[track_caller]
    pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        self.watched.0.get_ref().with(|_| read(self.value.get()))
    }

    #[track_caller]
    pub(crate) fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        self.watched.0.get_ref().with_mut(|_| write(self.value.get()))
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

/// Any moment will do: only [`expire`] decides when a deadline has passed.
pub(crate) fn now() -> Instant {
    Instant::now()
}

pub(crate) fn thread_token() -> u64 {
    // Not one of loom's atomics: the numbering must add no branches to the model.
    static LAST: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    loom::thread_local! {
        static TOKEN: Cell<u64> = Cell::new(LAST.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1);
    }
    TOKEN.with(Cell::get)
}
