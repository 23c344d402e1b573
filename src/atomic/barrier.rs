//! A barrier in one word: the phase, the cycle's number and the arrivals.
//!
//! The phases are CPython's; a cycle that trips gives its number up at once, so its waiters see that it is over however late
//! they wake, and the next one fills meanwhile. Every step is one exchange of the whole word, so each thread acts on one
//! consistent view, and no lock is held by anyone who is preempted.
//!
//! # State
//!
//! | bits | meaning | who changes them |
//! |---|---|---|
//! | 0 to 2, phase | see below | |
//! | 3, `AWAITED` | threads may sleep until phase or cycle changes | one about to sleep raises it; each such change lowers it, and wakes all |
//! | 4 to 31, cycle | its number, modulo 2^28 | whoever ends a cycle |
//! | 32 to 63, arrived | threads of this cycle that have come and not left | each for itself |
//!
//! | phase | meaning | left by |
//! |---|---|---|
//! | `FILLING` | threads arrive | the last to arrive: `TRIPPING`; an expiry or `abort`: `BROKEN`; `reset` beside waiters: `RESETTING` |
//! | `TRIPPING` | all have arrived, and the action runs | its end: `FILLING`, next cycle; its panic: `BROKEN`; `abort`, or an expiry of one that comes for the next cycle: `TRIPPING_TO_BREAK` |
//! | `TRIPPING_TO_BREAK` | as above; this cycle holds and the next is broken | its end: `BROKEN`, next cycle; its panic: `BROKEN`; `reset`: `TRIPPING` |
//! | `RESETTING` | the waiters of this cycle are being sent away | the last of them: `FILLING`, next cycle; an expiry or `abort`: `BROKEN` |
//! | `BROKEN` | whoever comes is sent away | `reset`: `RESETTING` while waiters have not left, else `FILLING` |
//!
//! A waiter knows its cycle by the number: another number means that its own tripped, since a cycle that did not trip keeps its
//! number until its last waiter has left. The number would mislead a waiter that slept through 2^28 cycles, or that was kept from
//! falling asleep for as long; each of them has to gather all parties, and to wake the sleeper.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | B1 | arrival, exchange | last arrival, exchange | what each party did before | `barrier::parties_see_each_other` |
//! | B2 | end of the action, exchange | waiter, the look that finds another cycle | B1, and what the action did | `barrier::parties_see_each_other` |
//! | B3 | `abort`, `reset`, exchange | who is sent away, look | what was done before | `barrier::abort_sends_all_away`, `barrier::reset_sends_waiters_away` |
//!
//! Every change of the word is an exchange, so the arrivals form one release sequence, and the last acquires them all.

use crate::deadline::Deadline;
use crate::engine::RawBarrier;
use crate::error::BrokenBarrier;
use crate::park::word;
use crate::primitive::atomic::{
    AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed},
};
use crate::primitive::{Spin, const_unless_model};

const FILLING: u64 = 0;
const TRIPPING: u64 = 1;
const TRIPPING_TO_BREAK: u64 = 2;
const RESETTING: u64 = 3;
const BROKEN: u64 = 4;
const PHASE: u64 = 7;
const AWAITED: u64 = 1 << 3;
const ONE_CYCLE: u64 = 1 << 4;
const ONE_ARRIVAL: u64 = 1 << 32;
const LOWER_HALF: u64 = ONE_ARRIVAL - 1;

pub struct Engine {
    parties: usize,
    state: AtomicU64,
}

/// A view of the word, and the steps from it to the next.
#[derive(Clone, Copy)]
struct State(u64);

impl State {
    fn phase(self) -> u64 {
        self.0 & PHASE
    }

    fn cycle(self) -> u64 {
        (self.0 & LOWER_HALF) / ONE_CYCLE
    }

    fn arrived(self) -> usize {
        (self.0 / ONE_ARRIVAL) as usize
    }

    fn is_awaited(self) -> bool {
        self.0 & AWAITED != 0
    }

    fn is_broken(self) -> bool {
        matches!(self.phase(), BROKEN | TRIPPING_TO_BREAK)
    }

    fn waiting(self) -> usize {
        match self.phase() {
            RESETTING | BROKEN => 0,
            _ => self.arrived(),
        }
    }

    fn with_arrival(self) -> Self {
        Self(self.0 + ONE_ARRIVAL)
    }

    fn without_arrival(self) -> Self {
        Self(self.0 - ONE_ARRIVAL)
    }

    /// Whoever sleeps is woken by a change of phase, so the mark goes with it.
    fn with_phase(self, phase: u64) -> Self {
        Self(self.0 & !(PHASE | AWAITED) | phase)
    }

    fn next_cycle(self, phase: u64) -> Self {
        let cycle = (self.0 & LOWER_HALF & !(ONE_CYCLE - 1)).wrapping_add(ONE_CYCLE) & LOWER_HALF;
        Self(cycle | phase)
    }

    /// A cycle whose action runs has tripped: what breaks then is the next one.
    fn broken(self) -> Self {
        match self.phase() {
            TRIPPING | TRIPPING_TO_BREAK => self.with_phase(TRIPPING_TO_BREAK),
            _ => self.with_phase(BROKEN),
        }
    }

    fn reset(self) -> Self {
        match self.phase() {
            TRIPPING | TRIPPING_TO_BREAK => self.with_phase(TRIPPING),
            _ if self.arrived() > 0 => self.with_phase(RESETTING),
            _ => self.with_phase(FILLING),
        }
    }

    /// One that waited for this cycle in vain goes.
    fn sent_away(self) -> Self {
        let left = self.without_arrival();
        if left.phase() == RESETTING && left.arrived() == 0 { left.next_cycle(FILLING) } else { left }
    }

    fn tripped(self) -> Self {
        self.next_cycle(if self.is_broken() { BROKEN } else { FILLING })
    }

    fn action_panicked(self) -> Self {
        self.without_arrival().with_phase(BROKEN)
    }
}

impl Engine {
    const_unless_model! {
        pub const fn new(parties: usize) -> Self {
            Self { parties, state: AtomicU64::new(FILLING) }
        }
    }

    fn look(&self) -> State {
        State(self.state.load(Acquire)) // B2, B3
    }

    /// Goes from one state to the next, and wakes the sleepers if phase or cycle changed. `false` when the state was no longer `from`.
    fn step(&self, from: State, to: State) -> bool {
        // AcqRel: B1, both ends, and where B2 and B3 begin. Relaxed on failure: all is asked anew.
        let stepped = self.state.compare_exchange(from.0, to.0, AcqRel, Relaxed).is_ok();
        if stepped && from.is_awaited() && !to.is_awaited() {
            word::wake(&self.state, usize::MAX);
        }
        stepped
    }

    /// Takes the step that `next` gives, from whatever state there is.
    fn change(&self, next: impl Fn(State) -> State) {
        while {
            let state = self.look();
            !self.step(state, next(state))
        } {}
    }

    /// Sleeps until phase or cycle is no longer as in `state`. Returns whether the time is up.
    fn sleep(&self, state: State, spin: &Spin, deadline: Deadline) -> bool {
        if matches!(deadline, Deadline::Now) {
            return true;
        }
        if spin.again() {
            return false;
        }
        let awaited = State(state.0 | AWAITED);
        // Relaxed, both: the mark carries nothing, and the kernel compares the lower half again before this thread sleeps.
        if !state.is_awaited() && self.state.compare_exchange(state.0, awaited.0, Relaxed, Relaxed).is_err() {
            return false;
        }
        word::wait(&self.state, awaited.0 as u32, deadline)
    }

    /// Arrives as soon as the barrier is filling. Returns the state in which it did. A time that is up breaks the barrier, here as anywhere.
    fn arrive(&self, deadline: Deadline) -> Result<State, BrokenBarrier> {
        let spin = Spin::new(deadline.instant());
        let mut expired = false;
        loop {
            let state = self.look();
            if state.phase() == FILLING {
                let arrived = state.with_arrival();
                let next = if arrived.arrived() == self.parties { arrived.with_phase(TRIPPING) } else { arrived };
                if self.step(state, next) {
                    return Ok(state);
                }
            } else if state.is_broken() {
                return Err(BrokenBarrier);
            } else if expired {
                if self.step(state, state.broken()) {
                    return Err(BrokenBarrier);
                }
            } else {
                expired = self.sleep(state, &spin, deadline);
            }
        }
    }

    /// Waits, having arrived in `cycle`, until that has tripped.
    fn stay(&self, cycle: u64, mut deadline: Deadline) -> Result<(), BrokenBarrier> {
        let spin = Spin::new(deadline.instant());
        let mut expired = false;
        loop {
            let state = self.look();
            if state.cycle() != cycle {
                return Ok(());
            }
            match state.phase() {
                RESETTING | BROKEN => {
                    if self.step(state, state.sent_away()) {
                        return Err(BrokenBarrier);
                    }
                }
                FILLING if expired => {
                    if self.step(state, state.broken().without_arrival()) {
                        return Err(BrokenBarrier);
                    }
                }
                FILLING => expired = self.sleep(state, &spin, deadline),
                _ => {
                    // Everyone has come; how long the action takes is no longer a matter of this thread's time.
                    deadline = Deadline::Never;
                    self.sleep(state, &spin, deadline);
                }
            }
        }
    }
}

impl RawBarrier for Engine {
    fn new(parties: usize) -> Self {
        Self::new(parties)
    }

    fn wait(&self, deadline: Deadline, action: impl FnOnce()) -> Result<usize, BrokenBarrier> {
        let arrival = self.arrive(deadline)?;
        let index = arrival.arrived();
        if index + 1 < self.parties {
            return self.stay(arrival.cycle(), deadline).map(|()| index);
        }
        let panicked = Panicked(self);
        action();
        std::mem::forget(panicked);
        self.change(State::tripped);
        Ok(index)
    }

    fn reset(&self) {
        self.change(State::reset);
    }

    fn abort(&self) {
        self.change(State::broken);
    }

    fn parties(&self) -> usize {
        self.parties
    }

    fn waiting(&self) -> usize {
        self.look().waiting()
    }

    fn is_broken(&self) -> bool {
        self.look().is_broken()
    }

    fn glance(&self) -> Option<(usize, bool)> {
        let state = self.look();
        Some((state.waiting(), state.is_broken()))
    }
}

/// Dropped when the action panics: this thread leaves, and the others of its cycle find it broken.
struct Panicked<'a>(&'a Engine);

impl Drop for Panicked<'_> {
    fn drop(&mut self) {
        self.0.change(State::action_panicked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody goes through 2^28 cycles to see it.
    #[test]
    fn after_the_last_number_of_a_cycle_comes_the_first() {
        let barrier = Engine { parties: 1, state: AtomicU64::new(LOWER_HALF & !(ONE_CYCLE - 1) | FILLING) };
        for cycle in [0, 1] {
            assert_eq!(barrier.wait(Deadline::Never, || ()), Ok(0));
            let state = barrier.look();
            assert_eq!((state.cycle(), state.phase(), state.arrived()), (cycle, FILLING, 0));
        }
    }
}
