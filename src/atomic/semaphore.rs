//! A semaphore in one word: the permits, and a count of those who sleep for them.
//!
//! The layout of glibc's `new_sem` (Torvald Riegel, 2015): whoever releases sees in the same exchange whether anyone sleeps.
//! Added to it: many permits at a time.
//!
//! # State
//!
//! | bits of `state` | meaning | who changes them |
//! |---|---|---|
//! | 0 to 31, permits | how many there are; the half at which threads that want one sleep | acquirers and releasers |
//! | 32, `MANY` | a sleeper may want more than one | such a one raises it before it sleeps, the last sleeper to leave lowers it |
//! | 33 to 63, sleepers | threads asleep, about to be, or woken and not gone yet | each for itself |
//!
//! `releases` moves with each release while `MANY` stands; threads that want many sleep at it. (It wraps round: a thread that is interrupted before it sleeps, for exactly a
//! multiple of 2 to the power of 32 releases, sleeps until the next.)
//!
//! Threads that want one permit all want the same, so each permit wakes one of them, whichever it is. Beside them a thread
//! that wants many could be woken in their place, find too little and sleep on, and the permit would lie there with a thread
//! asleep that it is enough for; so those sleep apart, and every release wakes all of them. A thread whose time is up tries
//! once more in the exchange by which it leaves, so a wake-up that it may have had is used, or finds the permit taken.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | S1 | `release`, exchange that adds permits | `acquire`, exchange that takes some | what the releaser did | `semaphore::release_publishes` |
//! | S2 | `release`, step of `releases` | one who wants many: look at `releases` | the permits | `semaphore::many_is_woken` |
//!
//! A release or acquire in between does not cut S1: each is an exchange, and so continues what it reads from.

use crate::deadline::Deadline;
use crate::engine::RawSemaphore;
use crate::park::word;
use crate::primitive::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::primitive::{BackOff, Spin, const_unless_model};

const MANY: u64 = 1 << 32;
const ONE_SLEEPER: u64 = 1 << 33;

fn permits(state: u64) -> usize {
    state as u32 as usize
}

fn sleepers(state: u64) -> usize {
    (state / ONE_SLEEPER) as usize
}

fn has_sleepers(state: u64) -> bool {
    state >= ONE_SLEEPER
}

fn is_wanted_by_many(state: u64) -> bool {
    state & MANY != 0
}

/// The state with one sleeper less.
fn without_one(state: u64) -> u64 {
    let left = state - ONE_SLEEPER;
    if has_sleepers(left) { left } else { left & !MANY }
}

pub struct Engine {
    state: AtomicU64,
    releases: AtomicU32,
}

impl Engine {
    const_unless_model! {
        pub const fn new(permits: usize) -> Self {
            Self { state: AtomicU64::new(permits as u64), releases: AtomicU32::new(0) }
        }
    }

    /// Takes `n` permits if there are as many.
    #[inline]
    fn take(&self, n: usize) -> bool {
        let mut back_off = BackOff::new();
        loop {
            // Relaxed: a look; the exchange acquires.
            let state = self.state.load(Relaxed);
            if permits(state) < n {
                return false;
            }
            // Acquire: S1. Relaxed on failure: only a look.
            if self.state.compare_exchange_weak(state, state - n as u64, Acquire, Relaxed).is_ok() {
                return true;
            }
            back_off = back_off.stay_away();
        }
    }

    #[cold]
    fn acquire_slowly(&self, n: usize, deadline: Deadline) -> bool {
        if matches!(deadline, Deadline::Now) {
            return false;
        }
        let spin = Spin::new(deadline.instant());
        // Relaxed: a look. While others sleep it is a long wait, if there is time for one.
        while (spin.is_hurried() || !has_sleepers(self.state.load(Relaxed))) && spin.again() {
            if self.take(n) {
                return true;
            }
        }
        let mark = if n > 1 { MANY } else { 0 };
        // Relaxed, both: to be counted carries nothing. From here on a releaser knows of this thread.
        let _ = self.state.fetch_update(Relaxed, Relaxed, |state| Some((state + ONE_SLEEPER) | mark));
        let mut expired = false;
        loop {
            // Acquire: S2. Before the look at the permits: who adds some after that look moves this after this one.
            let releases = self.releases.load(Acquire);
            // Relaxed: a look.
            let state = self.state.load(Relaxed);
            let enough = permits(state) >= n;
            if enough || expired {
                let taken = if enough { n } else { 0 };
                // Acquire: S1. Relaxed on failure: the state has changed, so all is asked anew.
                if self.state.compare_exchange(state, without_one(state) - taken as u64, Acquire, Relaxed).is_ok() {
                    return enough;
                }
            } else if n > 1 {
                expired = word::wait(&self.releases, releases, deadline);
            } else {
                expired = word::wait(&self.state, state as u32, deadline);
            }
        }
    }
}

impl RawSemaphore for Engine {
    fn new(permits: usize) -> Self {
        Self::new(permits)
    }

    #[inline]
    fn acquire(&self, n: usize, deadline: Deadline) -> bool {
        self.take(n) || self.acquire_slowly(n, deadline)
    }

    #[inline]
    fn release(&self, n: usize, ceiling: usize) -> bool {
        let mut back_off = BackOff::new();
        loop {
            // Relaxed: a look; the exchange releases.
            let state = self.state.load(Relaxed);
            if ceiling.checked_sub(permits(state)).is_none_or(|room| room < n) {
                return false;
            }
            // Release: S1. Relaxed on failure: only a look.
            if self.state.compare_exchange_weak(state, state + n as u64, Release, Relaxed).is_ok() {
                if has_sleepers(state) && n > 0 {
                    self.wake(state, n);
                }
                return true;
            }
            back_off = back_off.stay_away();
        }
    }

    fn permits(&self) -> usize {
        // Relaxed: out of date as soon as it is answered.
        permits(self.state.load(Relaxed))
    }

    fn snapshot(&self) -> Option<(usize, usize)> {
        let state = self.state.load(Relaxed); // Relaxed: as above.
        Some((permits(state), sleepers(state)))
    }
}

impl Engine {
    #[cold]
    fn wake(&self, state: u64, n: usize) {
        word::wake(&self.state, n);
        if is_wanted_by_many(state) {
            // Release: S2.
            self.releases.fetch_add(1, Release);
            word::wake(&self.releases, usize::MAX);
        }
    }
}
