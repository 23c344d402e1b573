//! Calls that wait until an attempt of theirs succeeds, and are helped: whoever may have made one succeed makes it in the caller's place.
//!
//! A thread that finds a queue full leaves its attempt here, to put its item, and sleeps. The thread that next makes room puts that
//! item for it, and wakes it with the answer. So room and items move on at once, and not when a sleeper has at last
//! got a processor: on a queue with room for one item, a getter takes the items of all who wait to put without waiting for any of
//! them. (The idea of *helping*, as in wait-free algorithms; and of flat combining, Hendler, Incze, Shavit and Tzafrir, 2010.)
//!
//! An attempt is made in three places, and never in two at once: in `enlist` by its own thread, under the list's mutex, before it stands in the list; while it stands there
//! by helpers, under the mutex, and the one that succeeds takes it out in the same critical section; and once `withdraw` has taken it out, because its time was up, a last
//! time by its own thread, without the mutex. So it succeeds once at most, and whether success or the end of its time came first is decided under the mutex: no success is lost
//! to an expired waiter, and nobody wakes spuriously.
//!
//! A waiter lives on its thread's stack. It is there for as long as it stands in the list, and until it is marked as helped, which is the last that a
//! helper does with it: what is woken afterwards is an address.
//!
//! # State of a waiter
//!
//! | `state` | meaning | left by |
//! |---|---|---|
//! | `AWAKE` | looks at this word again and again | the waiter: `ASLEEP`; a helper: `HELPED` |
//! | `ASLEEP` | sleeps, or is about to | a helper: `HELPED`, and it wakes the thread |
//! | `HELPED` | the attempt has succeeded | |
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | A1 | helper: `HELPED` | waiter, look at `state` | the answer | `queue::put_meets_sleeper`, `queue::get_meets_sleeper` |
//! | A2 | waiter: write of `len`, then its attempt | helper: the change, then its look at `len` | see below | `queue::put_meets_sleeper` |
//!
//! A2 is store buffering: the waiter's write of `len`, what its attempt looks at, the helper's change of that and its look at `len` are all `SeqCst`.
//! With anything weaker both might read the old value, and a thread would sleep beside an item.
//!
//! # Who lets others run, and who sleeps at once
//!
//! Threads that let others run settle into a fixed order, perhaps a bad one. Say, four putters come before four getters: the first fills the queue, the other
//! three find it full, the first getter empties it, the other three find it empty, and all have had their turn for what two have done; the first two do
//! most of the work, for good. (Measured on one processor with 16 slots: 420 ns an item, and seven eighths of the items by one of four putters.) What changes that order is a
//! sleep, since who is woken comes in elsewhere. So of those that enlist behind others, one now and then sleeps at once. Where there are as many putters as
//! getters, that goes on until the order is one in which nobody comes behind others, a getter after each putter, and then stops by itself (150 ns, and a quarter each). Where there are
//! not, some always come behind: the order changes now and then, and the turns are less uneven.
//!
//! The same for those whose last helper was on their own processor, though there are others: two threads that let each other run may stay on one for long, as neither
//! is ever idle. Who is woken from a sleep goes to an idle processor, if there is one.

use std::collections::VecDeque;

use super::word;
use crate::deadline::Deadline;
use crate::primitive::atomic::{
    AtomicU32, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};
use crate::primitive::{FutexWord, Mutex, Sighting, Spin, UnsafeCell, const_unless_model, model_fence};

/// Threads that wait for their attempts to succeed, the longest first.
pub(crate) struct Attempts {
    list: Mutex<List>,
    /// How many stand in the list; changed under its mutex.
    len: AtomicUsize,
    /// Where the last helper was.
    helper: Sighting,
}

struct List {
    waiting: VecDeque<Enlisted>,
    /// How many have enlisted behind others, or beside their helper, since one of them slept at once.
    in_the_way: u32,
}

/// A thread, for the length of one wait.
struct Waiter {
    state: AtomicU32,
    /// Makes the attempt, and returns whether it succeeded. It is on the waiter's stack, and there for as long as the waiter stands in the list.
    attempt: UnsafeCell<*mut dyn FnMut() -> bool>,
}

/// A waiter in the list, which is there.
#[derive(Clone, Copy, PartialEq)]
struct Enlisted(*const Waiter);

const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;
const HELPED: u32 = 2;

// SAFETY: the waiter is there while it stands in the list, and is used under the list's mutex, by one thread at a time; that its attempt may be made by any is
// what `wait` asks for.
unsafe impl Send for Enlisted {}

impl Attempts {
    const_unless_model! {
        pub(crate) const fn new() -> Self {
            Self {
                list: Mutex::new(List { waiting: VecDeque::new(), in_the_way: 0 }),
                len: AtomicUsize::new(0),
                helper: Sighting::none(),
            }
        }
    }

    /// How many wait among others now.
    pub(crate) fn len(&self) -> usize {
        self.len.load(Relaxed) // Relaxed: out of date as soon as it is answered.
    }

    /// Looks for an answer, and again as often as is worth it by where the last helper was: what a thread does before it waits among others. `None` if there was none, or no time.
    pub(crate) fn look_again<R>(&self, deadline: Deadline, mut look: impl FnMut() -> Option<R>) -> Option<R> {
        if matches!(deadline, Deadline::Now) {
            None
        } else {
            look().or_else(|| self.helper.glances().find_map(|()| look()))
        }
    }

    /// Waits until `attempt` has an answer, and hands it on. `None` if there was none in time.
    ///
    /// Before it gives up, each attempt looks, with `SeqCst` and after a fence in a model, at what [`help`](Self::help) is called
    /// after a change of (A2).
    ///
    /// # Safety
    ///
    /// `attempt` may be called by any thread, and what it returns may be sent to this one. (It runs under the list's mutex, so no foreign code is
    /// called in it: that might panic, or wait for the same mutex.)
    #[cold]
    pub(crate) unsafe fn wait<R>(&self, deadline: Deadline, mut attempt: impl FnMut() -> Option<R>) -> Option<R> {
        if matches!(deadline, Deadline::Now) {
            return None;
        }
        // Watched in a model: a helper's write of it must come before this thread's use (A1).
        let answer = UnsafeCell::new(None);
        let mut attempt = || {
            let made = attempt();
            let succeeded = made.is_some();
            // SAFETY: attempts are made by one thread at a time, and this one uses the answer when no more are made.
            answer.with_mut(|answer| unsafe { *answer = made });
            succeeded
        };
        let attempt: *mut (dyn FnMut() -> bool + '_) = &mut attempt;
        // SAFETY: only the lifetime is another. Others make the attempt only while the waiter stands in the list, under its mutex, and this call does not
        // end before the waiter has left the list.
        let attempt: *mut (dyn FnMut() -> bool + 'static) = unsafe { std::mem::transmute(attempt) };
        let waiter = Waiter { state: AtomicU32::new(AWAKE), attempt: UnsafeCell::new(attempt) };
        let Some(spin) = self.enlist(&waiter, deadline) else {
            return answer.into_inner();
        };
        if !waiter.sleep(deadline, spin) && self.withdraw(&waiter) {
            // SAFETY: the waiter was withdrawn, and this is its thread.
            unsafe { waiter.attempt() };
        }
        answer.into_inner()
    }

    /// Puts the waiter at the end of the list, unless its attempt succeeds. Returns how often it is to look before it sleeps.
    fn enlist(&self, waiter: &Waiter, deadline: Deadline) -> Option<Spin> {
        let beside_helper = self.helper.is_here();
        let mut list = self.list.lock();
        // SeqCst: A2. Before the attempt, so that no change is missed: one that comes after its look finds this thread in the list.
        self.len.store(list.waiting.len() + 1, SeqCst);
        // SAFETY: under the mutex, and the waiter is in its call.
        if unsafe { waiter.attempt() } {
            // Relaxed: a helper that still sees the higher number looks at the list.
            self.len.store(list.waiting.len(), Relaxed);
            return None;
        }
        let spin = if list.sleeps_at_once(beside_helper) { Spin::none() } else { Spin::yielding(deadline.instant()) };
        list.waiting.push_back(Enlisted(waiter));
        Some(spin)
    }

    /// Takes an expired waiter off the list. `false` if it was helped meanwhile. Else a last attempt is due: what has come by now counts.
    fn withdraw(&self, waiter: &Waiter) -> bool {
        let mut list = self.list.lock();
        let waiting = &mut list.waiting;
        let place = waiting.iter().position(|other| *other == Enlisted(waiter));
        let withdrawn = place.map(|place| waiting.remove(place)).is_some();
        self.len.store(waiting.len(), Relaxed); // Relaxed: as above.
        withdrawn
    }

    /// Makes the attempts of those who wait, the longest first, until one does not succeed. Returns whether any did.
    #[inline]
    pub(crate) fn help(&self) -> bool {
        model_fence(); // A2
        // SeqCst: A2.
        self.len.load(SeqCst) != 0 && self.help_enlisted()
    }

    #[cold]
    fn help_enlisted(&self) -> bool {
        let mut any = false;
        let mut asleep = Asleep::default();
        {
            let mut list = self.list.lock();
            let waiting = &mut list.waiting;
            while let Some(Enlisted(waiter)) = waiting.front().copied() {
                // SAFETY: a waiter is there while it stands in the list, and until it is marked below.
                let waiter = unsafe { &*waiter };
                // SAFETY: under the mutex, and in the list.
                if !unsafe { waiter.attempt() } {
                    break;
                }
                waiting.pop_front();
                any = true;
                let address = waiter.state.address();
                // Release: A1. An exchange, to know whether the thread sleeps.
                if waiter.state.swap(HELPED, Release) == ASLEEP {
                    asleep.add(address);
                }
            }
            self.len.store(waiting.len(), Relaxed); // Relaxed: as above.
        }
        // Without the mutex: who is woken may want it at once.
        asleep.wake();
        if any {
            self.helper.note();
        }
        any
    }
}

impl List {
    /// Whether the one that enlists next sleeps at once. `beside_helper`: it is on the processor of its last helper.
    fn sleeps_at_once(&mut self, beside_helper: bool) -> bool {
        /// Rare, so that it costs little where no order is better; prime, so that it does not always hit the same thread.
        const ONE_IN: u32 = 61;
        if self.waiting.is_empty() && !beside_helper {
            return false;
        }
        self.in_the_way = (self.in_the_way + 1) % ONE_IN;
        self.in_the_way == 0
    }
}

/// The addresses at which helped waiters sleep.
#[derive(Default)]
struct Asleep {
    first: Option<*const u32>,
    /// Most helps have one sleeper at most, and so allocate nothing.
    others: Vec<*const u32>,
}

impl Asleep {
    fn add(&mut self, address: *const u32) {
        match self.first {
            None => self.first = Some(address),
            Some(_) => self.others.push(address),
        }
    }

    fn wake(&self) {
        self.first.iter().chain(&self.others).for_each(|address| word::wake_at(*address));
    }
}

impl Waiter {
    /// # Safety
    ///
    /// The waiter is in its call, and the list's mutex is held; or it was withdrawn, and this is its thread.
    unsafe fn attempt(&self) -> bool {
        // SAFETY: the pointer is never changed.
        let attempt = self.attempt.with(|attempt| unsafe { *attempt });
        // SAFETY: the attempt is there, and nobody else makes it, by what is asked above.
        unsafe { (*attempt)() }
    }

    /// Looks as often as `spin` says, then sleeps until helped or until `deadline`. Returns whether it was helped, as far as is known without the list.
    fn sleep(&self, deadline: Deadline, spin: Spin) -> bool {
        loop {
            // Acquire: A1.
            if self.state.load(Acquire) == HELPED {
                return true;
            }
            if !spin.again() {
                break;
            }
        }
        // Acquire on failure: A1. Relaxed: that it sleeps carries nothing.
        if self.state.compare_exchange(AWAKE, ASLEEP, Relaxed, Acquire).is_err() {
            return true;
        }
        let mut expired = false;
        // Acquire: A1.
        while self.state.load(Acquire) != HELPED {
            if expired {
                return false;
            }
            expired = word::wait(&self.state, ASLEEP, deadline);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_those_who_come_behind_others_one_now_and_then_sleeps_at_once() {
        let mut list = List { waiting: VecDeque::new(), in_the_way: 0 };
        let mut sleeps = |comes_behind: bool, beside_helper| {
            list.waiting.clear();
            list.waiting.extend(comes_behind.then_some(Enlisted(std::ptr::null())));
            (0..610).filter(|_| list.sleeps_at_once(beside_helper)).count()
        };
        assert_eq!(sleeps(false, false), 0);
        assert_eq!([sleeps(true, false), sleeps(false, true), sleeps(true, true)], [10; 3]);
    }
}
