//! A lock in one word, beside a count of those who wait.
//!
//! The three-state mutex of Ulrich Drepper's *Futexes Are Tricky* (2011, `mutex2`), with a fourth state for handing over.
//!
//! # State
//!
//! | `state` | meaning | who leaves it, and to what |
//! |---|---|---|
//! | `FREE` | nobody holds it | an acquirer: `HELD`, or `AWAITED` if it is past spinning |
//! | `HELD` | held; nobody sleeps, or a woken thread is on its way | the holder: `FREE`, `handed_by`; one about to sleep, or `adopt`: `AWAITED` |
//! | `AWAITED` | held, and threads may sleep | the holder: `FREE`, and it wakes one; `handed_by`, and it wakes one |
//! | `handed_by(thread)` | free for all but the thread that handed it over | an acquirer: `AWAITED`; that thread, if alone: `AWAITED` |
//!
//! No wake-up is lost: while threads sleep, the state is `AWAITED`, or one of them has been woken and has not looked yet.
//! When it does it takes the lock as `AWAITED`, or marks it `AWAITED` before it sleeps again, or before it leaves because its time is up: the wake-up that it may have had
//! is used, or the lock held by a thread that will wake the next.
//!
//! `waiting` counts those who want the lock and are past spinning, givers included. `hand_over` reads it, to know whether
//! there is anyone to hand over to; and `snapshot`, to show it.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | L1 | `release`, `hand_over`: write of `FREE`, `handed_by` | acquirer: exchange that takes it | what the holder did | `lock::hands_data_over` |
//! | L2 | leaver: exchange that leaves `state` as it is | `hand_over`: exchange of `state` | that `waiting` was lowered | `lock::giver_meets_leaver` |
//! | L3 | `release`: write of `FREE`, then its wake-up | `adopt`: the move, then its last look at `state` | that nobody was woken | `condition::moved_beside_a_release` |
//!
//! L3 goes through the place where threads sleep: a wake-up that comes before the move there has come before the look after it.

use crate::deadline::Deadline;
use crate::engine::RawLock;
use crate::park::word;
use crate::primitive::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use crate::primitive::{Spin, const_unless_model, glimpses, thread_token};

const FREE: u32 = 0;
const HELD: u32 = 1;
const AWAITED: u32 = 2;
const HANDED: u32 = 3;

/// Handed over by this thread. The mark tells a thread its own hand-over, not yet taken, from a later one by another, which it
/// may take. (Thirty bits of the token: two threads share a mark only after a billion threads.)
fn handed_by_me() -> u32 {
    (thread_token() as u32) << 2 | HANDED
}

fn is_handed(state: u32) -> bool {
    state & HANDED == HANDED
}

fn is_free(state: u32) -> bool {
    state == FREE || is_handed(state)
}

pub struct Engine {
    state: AtomicU32,
    waiting: AtomicU32,
}

impl Engine {
    const_unless_model! {
        pub const fn new() -> Self {
            Self { state: AtomicU32::new(FREE), waiting: AtomicU32::new(0) }
        }
    }

    /// Takes the lock, unless it is no longer `free`.
    #[inline]
    fn take(&self, free: u32, held: u32) -> bool {
        // Acquire: L1. Relaxed on failure: nothing was learnt but to look again.
        self.state.compare_exchange(free, held, Acquire, Relaxed).is_ok()
    }

    /// Looks soon, with as little as can be before it: a holder that has other things to do in between is often done by then.
    #[cold]
    fn acquire_soon(&self, deadline: Deadline) -> bool {
        // Relaxed: a look; `take` acquires.
        let soon = || glimpses().any(|()| self.state.load(Relaxed) == FREE && self.take(FREE, HELD));
        !matches!(deadline, Deadline::Now) && soon() || self.acquire_slowly(deadline)
    }

    #[cold]
    #[inline(never)]
    fn acquire_slowly(&self, deadline: Deadline) -> bool {
        let spin = Spin::at_a_distance(deadline.instant());
        loop {
            // Relaxed: a look; `take` acquires.
            let state = self.state.load(Relaxed);
            if is_free(state) {
                // `HELD` if it was `FREE`: this thread has not slept, so it has taken no wake-up that a sleeper needs.
                let held = if state == FREE { HELD } else { AWAITED };
                if self.take(state, held) {
                    return true;
                }
            } else if matches!(deadline, Deadline::Now) {
                return false;
            } else if state == AWAITED && !spin.is_hurried() || !spin.again() {
                // While nobody sleeps for it the holder is likely to be running, and to be done soon; else it is a long wait, if
                // there is time for one.
                break;
            }
        }
        // Relaxed: see `leave`.
        self.waiting.fetch_add(1, Relaxed);
        let acquired = self.acquire_asleep(deadline);
        self.leave(acquired)
    }

    /// Acquires for a thread that counts as waiting, and may have been woken in place of another: the lock is `AWAITED` then.
    fn acquire_asleep(&self, deadline: Deadline) -> bool {
        let mut expired = false;
        loop {
            // Relaxed: a look; `take` acquires.
            match self.state.load(Relaxed) {
                free if is_free(free) => {
                    if self.take(free, AWAITED) {
                        return true;
                    }
                }
                HELD => {
                    // Relaxed, both: the mark carries nothing, and the kernel compares the word again before this thread sleeps.
                    let _ = self.state.compare_exchange(HELD, AWAITED, Relaxed, Relaxed);
                }
                _ if expired => return false,
                _ => expired = word::wait(&self.state, AWAITED, deadline),
            }
        }
    }

    /// If the lock is held, lets a thread that sleeps elsewhere sleep on for the lock: `move_to` moves it to those at the word
    /// that it is given. The thread then acquires by [`acquire_adopted`](Self::acquire_adopted). Returns whether it is so.
    pub(super) fn adopt(&self, move_to: impl FnOnce(&AtomicU32)) -> bool {
        // Relaxed: a look. If the lock is free by now, the last look below finds that.
        if is_free(self.state.load(Relaxed)) {
            return false;
        }
        // Relaxed: see `leave`. Counted in its name, as it would count itself.
        self.waiting.fetch_add(1, Relaxed);
        move_to(&self.state);
        loop {
            // Relaxed: L3. Whoever released before the move, and so woke nobody, is seen here.
            match self.state.load(Relaxed) {
                AWAITED => break,
                // Relaxed, both: the mark carries nothing.
                HELD if self.state.compare_exchange(HELD, AWAITED, Relaxed, Relaxed).is_err() => {}
                HELD => break,
                _free => {
                    // All, since a giver may sleep there too, before the one that is to take the lock from it.
                    word::wake(&self.state, usize::MAX);
                    break;
                }
            }
        }
        true
    }

    /// Acquires for a thread that was adopted, and may have been woken by a release.
    pub(super) fn acquire_adopted(&self) {
        let acquired = self.acquire_asleep(Deadline::Never);
        self.leave(acquired);
    }

    /// No longer waits. A giver may have counted on this thread just now: then it takes the lock after all.
    fn leave(&self, acquired: bool) -> bool {
        // Relaxed: L2 publishes it, where that matters.
        self.waiting.fetch_sub(1, Relaxed);
        if acquired {
            return true;
        }
        // Release: L2. An exchange that changes nothing, since it must have a place among the exchanges of `state`: before a
        // giver's, which then knows that this thread has left; or after it, and then this thread sees that it was counted on.
        let state = self.state.fetch_or(0, Release);
        is_handed(state) && self.take(state, AWAITED)
    }
}

impl RawLock for Engine {
    fn new() -> Self {
        Self::new()
    }

    #[inline]
    fn acquire(&self, deadline: Deadline) -> bool {
        self.take(FREE, HELD) || self.acquire_soon(deadline)
    }

    #[inline]
    fn release(&self) {
        // Release: L1.
        if self.state.swap(FREE, Release) == AWAITED {
            word::wake(&self.state, 1);
        }
    }

    fn hand_over(&self) -> bool {
        // Relaxed: a hint. Who is missed here has only just come, and waits for a release as if there had been no call.
        if self.waiting.load(Relaxed) == 0 {
            return false;
        }
        // Relaxed: see `leave`. Counted from now on, so that whoever gets the lock can hand it back.
        self.waiting.fetch_add(1, Relaxed);
        let mine = handed_by_me();
        // Release: L1. Acquire: L2, for the look at `waiting` below.
        self.state.swap(mine, AcqRel);
        word::wake(&self.state, 1);
        // Relaxed: L2. Whoever this look still counts has not left, and will take the lock, at the latest as it leaves.
        let alone = self.waiting.load(Relaxed) == 1;
        if alone && self.take(mine, AWAITED) {
            self.leave(true);
            return false;
        }
        // Relaxed: a look. The wake-up may be one that another thread was to have; that one's giver or holder woke a thread since.
        while self.state.load(Relaxed) == mine {
            word::wait(&self.state, mine, Deadline::Never);
        }
        let acquired = self.acquire_asleep(Deadline::Never);
        self.leave(acquired)
    }

    fn is_locked(&self) -> bool {
        // Relaxed: out of date as soon as it is answered.
        !is_free(self.state.load(Relaxed))
    }

    fn snapshot(&self) -> Option<(bool, usize)> {
        // Relaxed: out of date as soon as it is answered.
        Some((self.is_locked(), self.waiting.load(Relaxed) as usize))
    }
}
