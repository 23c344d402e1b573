//! The seam outside of models: what the standard library offers, in the shape this crate uses.

#[cfg(all(test, target_os = "linux", target_pointer_width = "64", not(miri)))]
mod affinity;
#[cfg(nogil_chaos)]
pub(crate) mod chaos;
mod collector;
pub(crate) mod futex;
mod sighting;
#[cfg(nogil_tsan)]
mod tsan;
mod turns;

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

#[cfg(not(nogil_tsan))]
use std::sync as locks;
#[cfg(nogil_tsan)]
use tsan as locks;

use super::ThreadSlot;
use turns::Turns;

#[cfg(nogil_chaos)]
pub(crate) use chaos as atomic;
pub(crate) use collector::pin;
pub(crate) use locks::MutexGuard;
pub(crate) use sighting::Sighting;
pub(crate) use std::sync::Arc;
#[cfg(not(nogil_chaos))]
pub(crate) use std::sync::atomic;
pub(crate) use std::thread;

/// Lets a structure be made smaller in a model, where each part of it costs.
pub(crate) const IS_MODEL: bool = false;

/// std's mutex without poison: the state that an engine guards is right again before anything can panic.
pub(crate) struct Mutex<T>(locks::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(locks::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` when another thread holds it, or this one does.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }
}

/// Who sleeps longer wakes in between and looks at the clock: a system may take a time that it cannot count, as Windows one of 50 days, for one without end.
const LONGEST_SLEEP: Duration = Duration::from_secs(24 * 60 * 60);

/// std's condition variable. Each `notify` is a system call on Linux, also when nobody waits: ask first.
pub(crate) struct Condvar(locks::Condvar);

impl Condvar {
    pub(crate) const fn new() -> Self {
        Self(locks::Condvar::new())
    }

    /// Sleeps until notified; may wake spuriously.
    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`wait`](Self::wait), and no longer than until `instant`. Returns whether that moment has come; for a moment in the
    /// past it returns at once, with the mutex held throughout.
    pub(crate) fn wait_until<'a, T>(&self, guard: MutexGuard<'a, T>, instant: Instant) -> (MutexGuard<'a, T>, bool) {
        let left = instant.saturating_duration_since(now());
        if left.is_zero() {
            return (guard, true);
        }
        let (guard, result) =
            self.0.wait_timeout(guard, left.min(LONGEST_SLEEP)).unwrap_or_else(PoisonError::into_inner);
        // Some systems count the time of a wait by a coarser clock and end it early: spuriously, then.
        (guard, result.timed_out() && now() >= instant)
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// std's `UnsafeCell` with the closures that loom needs to watch each access.
pub(crate) struct UnsafeCell<T: ?Sized>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    #[inline]
    pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    #[inline]
    pub(crate) fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A number that names the calling thread, never zero and never given to another thread, not even after this one has
/// ended (the address of a thread-local, which parking_lot uses, is: a new thread could then own a dead thread's lock).
#[inline]
pub(crate) fn thread_token() -> u64 {
    static LAST: atomic::AtomicU64 = atomic::AtomicU64::new(0);
    thread_local! {
        // Constant and without a destructor, so that it can be read at any time, also while the thread ends.
        static TOKEN: Cell<u64> = const { Cell::new(0) };
    }
    TOKEN.with(|token| {
        if token.get() == 0 {
            // Relaxed: the numbers need only differ, and one variable has one order of modification. At one new
            // thread a nanosecond it wraps after 584 years.
            token.set(LAST.fetch_add(1, atomic::Ordering::Relaxed) + 1);
        }
        token.get()
    })
}

/// A number that no other living thread has, the smallest that is free when this thread first asks. `None` when it is asked
/// while the thread ends, after the number was given back.
#[inline]
pub(crate) fn thread_slot() -> Option<ThreadSlot> {
    /// A block that is no number's.
    const NONE: u32 = u32::MAX;
    const UNASKED: ThreadSlot = ThreadSlot { block: NONE, place: 0 };
    const RETURNED: ThreadSlot = ThreadSlot { block: NONE, place: 1 };
    thread_local! {
        // Constant and without a destructor, so that it can be read at any time and without a look at whether it still lives.
        static SLOT: Cell<ThreadSlot> = const { Cell::new(UNASKED) };
        /// Gives the number back as the thread ends.
        static LEASE: Lease = const { Lease };
    }
    /// The numbers that are not taken: those given back, and all from `next` on.
    struct Slots {
        returned: BinaryHeap<Reverse<u32>>,
        next: u32,
    }
    static SLOTS: Mutex<Slots> = Mutex::new(Slots { returned: BinaryHeap::new(), next: 0 });

    struct Lease;
    impl Drop for Lease {
        fn drop(&mut self) {
            let ThreadSlot { block, place } = SLOT.replace(RETURNED);
            SLOTS.lock().returned.push(Reverse((1 << block) - 1 + place));
        }
    }

    #[cold]
    fn ask() -> Option<ThreadSlot> {
        if SLOT.get() == RETURNED {
            return None;
        }
        // First, so that a thread that is too far gone to give a number back does not take one.
        LEASE.try_with(|_| ()).ok()?;
        let mut slots = SLOTS.lock();
        let next = slots.next;
        let number = match slots.returned.pop() {
            Some(Reverse(number)) => number,
            None => {
                slots.next += 1;
                next
            }
        };
        let slot = ThreadSlot::of(number);
        SLOT.set(slot);
        Some(slot)
    }

    let slot = SLOT.get();
    if slot.block == NONE { ask() } else { Some(slot) }
}

/// Atomic pointers to nothing, in an array that can be made in a constant.
pub(crate) const fn null_pointers<T, const N: usize>() -> [atomic::AtomicPtr<T>; N] {
    [const { atomic::AtomicPtr::new(std::ptr::null_mut()) }; N]
}

/// Moments to look again before anything else, at once and after one pause, in case another thread finishes within a few instructions.
#[inline]
pub(crate) fn glimpses() -> impl Iterator<Item = ()> {
    [0, 1].into_iter().map(|pauses| (0..pauses).for_each(|_| std::hint::spin_loop()))
}

/// A few more looks before sleeping: a wake-up costs more than a short wait saves. First some after pauses, each twice as long, since whoever
/// is awaited may be about to be done on another processor; none where there is one processor. Then some after letting other threads run, since
/// it may be one of them, and to let it run at once costs less than to sleep and be woken by it, unless that takes long (see [`turns`]).
pub(crate) struct Spin {
    step: Cell<u32>,
    turns: Turns,
    /// Before the first look.
    pauses: u32,
    steps: u32,
    /// When the time of the call is up, if ever.
    until: Option<Instant>,
    /// Whether that is soon.
    hurried: bool,
}

impl Spin {
    const LOOKS: u32 = 3;
    /// A wait that ends sooner than this is a hurried one: who sleeps in it is soon awake again, and many who do take the processor from those that they wait for. (One hundred threads on one processor that asked for a
    /// lock for 100 microseconds each, again and again: 40 turns a second, and 24,000 without those sleeps.)
    const SOON: Duration = Duration::from_millis(10);

    fn with(pauses: u32, yields: u32, until: Option<Instant>) -> Self {
        let step = Cell::new(if is_alone() { Self::LOOKS } else { 0 });
        let hurried = until.is_some_and(|until| until.saturating_duration_since(now()) < Self::SOON);
        let turns = if hurried { Turns::always() } else { Turns::new() };
        Self { step, turns, pauses, steps: Self::LOOKS + yields, until, hurried }
    }

    /// For what another thread is to do once. Looks after 4, 8 and 16 pauses: together less than a microsecond. Not sooner and not more often, since each
    /// look takes the cache line from the thread that is awaited.
    pub(crate) fn new(until: Option<Instant>) -> Self {
        Self::with(4, 12, until)
    }

    /// For a word that its holder frees and takes again and again: at a greater distance, since all get further if it goes on undisturbed for some rounds;
    /// and sooner asleep.
    pub(crate) fn at_a_distance(until: Option<Instant>) -> Self {
        Self::with(16, 4, until)
    }

    /// As [`new`](Self::new), with all its yields however long they take: for sleepers who run as soon as there is one item for them, so that those who work on the same processor get
    /// no further than an item at a time.
    pub(crate) fn persistent(until: Option<Instant>) -> Self {
        Self { turns: Turns::always(), ..Self::new(until) }
    }

    /// Only the yields of [`new`](Self::new).
    pub(crate) fn yielding(until: Option<Instant>) -> Self {
        Self { step: Cell::new(Self::LOOKS), ..Self::new(until) }
    }

    /// No look at all: for who is to sleep at once.
    pub(crate) fn none() -> Self {
        Self { step: Cell::new(0), turns: Turns::new(), pauses: 0, steps: 0, until: None, hurried: false }
    }

    /// Whether the time of the call is soon up: then it is worth looking again also where a longer wait would be a sleep.
    pub(crate) fn is_hurried(&self) -> bool {
        self.hurried
    }

    /// Whether it is time to sleep.
    pub(crate) fn is_over(&self) -> bool {
        let step = self.step.get();
        // The pauses are too short to ask for the time. To let others run may take long.
        step >= self.steps
            || step >= Self::LOOKS && (self.turns.are_over() || self.until.is_some_and(|until| now() >= until))
    }

    /// Pauses, and returns whether it is worth looking again.
    pub(crate) fn again(&self) -> bool {
        if self.is_over() {
            return false;
        }
        let step = self.step.get();
        self.step.set(step + 1);
        if step < Self::LOOKS {
            (0..self.pauses << step).for_each(|_| std::hint::spin_loop());
        } else {
            self.turns.give();
        }
        true
    }
}

/// A wait for another thread that is in the midst of a step, a few instructions from its end unless it was preempted: a short
/// pause, then longer ones, then the rest of the time slice; and if that is given many times in vain, a sleep, since a system may have priorities by which the other
/// thread gets no time as long as this one could use it.
pub(crate) struct Pause {
    backoff: crossbeam_utils::Backoff,
    slices: Cell<u32>,
}

impl Pause {
    const SLICES: u32 = 64;
    const SLEEP: Duration = Duration::from_micros(50);

    pub(crate) fn new() -> Self {
        Self { backoff: crossbeam_utils::Backoff::new(), slices: Cell::new(0) }
    }

    #[cold]
    pub(crate) fn pause(&self) {
        if self.slices.get() == Self::SLICES {
            return thread::sleep(Self::SLEEP);
        }
        if self.backoff.is_completed() {
            self.slices.set(self.slices.get() + 1);
        }
        self.backoff.snooze();
    }
}

/// Staying away for a moment, longer each time, after another thread was faster at an exchange. It costs more to fetch the word's cache line from another
/// processor than to change it, so both get further if one goes on for many steps undisturbed. (Two threads at a semaphore: 8.1 ns a turn if who loses stays away for 0.4 microseconds, 6.3 if for 1.6. Two that put
/// items of a line each into the same unbounded queue: 36 and 19 ns.)
///
/// It is handed on by value, so the uncontended path keeps it in a register: a store just before a locked instruction delays that.
pub(crate) struct BackOff(u32);

impl BackOff {
    const LONGEST: u32 = 256;

    pub(crate) fn new() -> Self {
        Self(64)
    }

    /// A shorter one, where the other thread cannot go on for long: a small ring is soon full, or empty.
    pub(crate) fn brief() -> Self {
        Self(1)
    }

    /// Stays away, and returns what to do the next time.
    #[cold]
    pub(crate) fn stay_away(self) -> Self {
        (0..self.0).for_each(|_| std::hint::spin_loop());
        Self((2 * self.0).min(Self::LONGEST))
    }
}

/// Falls back behind a thread at the other end that goes on just ahead, for as many pauses and no more than some microseconds': at its heels each step waits for a
/// cache line from another processor, and takes one from that thread; some steps behind, several come at once. Not where there is one processor, nor is anything asked
/// there.
#[cold]
pub(crate) fn fall_back(pauses: impl FnOnce() -> usize) {
    /// About four microseconds, enough where a cache line takes some hundred nanoseconds from one processor to another.
    const MOST: usize = 128;
    (0..if is_alone() { 0 } else { pauses().min(MOST) }).for_each(|_| std::hint::spin_loop());
}

/// Nothing here: `SeqCst` accesses have one order. loom gives them only what acquire and release give, see its side.
#[inline]
pub(crate) fn model_fence() {}

/// Whether this process may use only one processor, as far as it was known at the first question.
#[inline]
fn is_alone() -> bool {
    const UNKNOWN: u8 = 0;
    const ALONE: u8 = 1;
    const NOT_ALONE: u8 = 2;
    static ANSWER: atomic::AtomicU8 = atomic::AtomicU8::new(UNKNOWN);

    #[cold]
    fn find_out() -> u8 {
        let alone = thread::available_parallelism().is_ok_and(|processors| processors.get() == 1);
        let answer = if alone { ALONE } else { NOT_ALONE };
        // Relaxed, here and below: the answer is a hint and stands by itself; two threads that ask first both find it out.
        ANSWER.store(answer, atomic::Ordering::Relaxed);
        answer
    }

    match ANSWER.load(atomic::Ordering::Relaxed) {
        UNKNOWN => find_out() == ALONE,
        known => known == ALONE,
    }
}
