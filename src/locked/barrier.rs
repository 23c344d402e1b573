//! A barrier from a mutex and a condition variable, with CPython's states and a cycle number.
//!
//! ```text
//!              the last arrives                    its action returns
//!   Filling ---------------------> Tripping(Holds) -------------------> Filling, next cycle
//!     | ^                              | abort, or an expired arrival
//!     | | the last has left            v                its action returns
//!     | |                          Tripping(Breaks) ------------------> Broken, next cycle
//!     | +------------------ Resetting <--------- reset, someone waits --+
//!     | reset, someone waits    ^                                       |
//!     +-------------------------+     reset, nobody waits: Filling <-- Broken
//!     +-- abort, expiry, or a panic in the action --------------------> Broken
//!
//!   also: Tripping(Breaks) -- reset --> Tripping(Holds)      Resetting -- abort, or an expired arrival --> Broken
//! ```
//!
//! A cycle that trips gives its number up at once, so its waiters see that it is over however late they wake, and the next
//! cycle fills meanwhile: nobody waits for a drained barrier, as CPython's does. Only after a reset does the next cycle wait
//! for the last to leave, since those who must be told that they were reset know it by `Resetting` and their cycle's number.
//!
//! A thread that waits in front of a tripping or resetting barrier has not arrived. An abort sends it away, but one that a
//! reset undoes before the thread has run is none to it: it arrives afterwards, as if it had come a little later.

use super::waiters::{Waiters, Wake, look_again};
use crate::deadline::Deadline;
use crate::engine::RawBarrier;
use crate::error::BrokenBarrier;
use crate::primitive::{Mutex, MutexGuard, const_unless_model};

pub struct Engine {
    parties: usize,
    state: Mutex<State>,
    changed: Waiters,
}

struct State {
    phase: Phase,
    cycle: u64,
    /// Threads of this cycle that have arrived and not left.
    arrived: usize,
    /// Threads that sleep, of this cycle or of an earlier one, or in front of the door.
    asleep: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Filling,
    /// Everyone has arrived and the action runs. What is left to say is what becomes of the barrier afterwards.
    Tripping(Afterwards),
    /// The waiters of this cycle are being sent away; then the next begins.
    Resetting,
    Broken,
}

#[derive(Clone, Copy, PartialEq)]
enum Afterwards {
    Holds,
    Breaks,
}

impl Engine {
    const_unless_model! {
        pub const fn new(parties: usize) -> Self {
            let state = State { phase: Phase::Filling, cycle: 0, arrived: 0, asleep: 0 };
            Self { parties, state: Mutex::new(state), changed: Waiters::new() }
        }
    }
}

impl State {
    fn begin_cycle(&mut self, phase: Phase) {
        self.phase = phase;
        self.cycle += 1;
        self.arrived = 0;
    }

    /// A cycle whose action runs has tripped: what breaks then is the next one.
    fn break_now(&mut self) {
        self.phase = match self.phase {
            Phase::Tripping(_) => Phase::Tripping(Afterwards::Breaks),
            Phase::Filling | Phase::Resetting | Phase::Broken => Phase::Broken,
        };
    }

    fn is_broken(&self) -> bool {
        matches!(self.phase, Phase::Broken | Phase::Tripping(Afterwards::Breaks))
    }

    fn waiting(&self) -> usize {
        match self.phase {
            Phase::Filling | Phase::Tripping(_) => self.arrived,
            Phase::Resetting | Phase::Broken => 0,
        }
    }
}

impl RawBarrier for Engine {
    fn new(parties: usize) -> Self {
        Self::new(parties)
    }

    fn wait(&self, deadline: Deadline, action: impl FnOnce()) -> Result<usize, BrokenBarrier> {
        let mut everyone = Wake::nobody(&self.changed);
        let mut state = self.enter(&mut everyone, deadline)?;
        let index = state.arrived;
        state.arrived += 1;
        if state.arrived < self.parties {
            return self.stay(state, &mut everyone, deadline).map(|()| index);
        }
        state.phase = Phase::Tripping(Afterwards::Holds);
        drop(state);
        let trip = Trip { barrier: self, completed: false };
        action();
        trip.complete();
        Ok(index)
    }

    fn reset(&self) {
        let mut everyone = Wake::nobody(&self.changed);
        let mut state = self.state.lock();
        match state.phase {
            Phase::Tripping(_) => state.phase = Phase::Tripping(Afterwards::Holds),
            _ if state.arrived > 0 => state.phase = Phase::Resetting,
            _ => state.phase = Phase::Filling,
        }
        everyone.set_all(state.asleep);
    }

    fn abort(&self) {
        let mut everyone = Wake::nobody(&self.changed);
        let mut state = self.state.lock();
        state.break_now();
        everyone.set_all(state.asleep);
    }

    fn parties(&self) -> usize {
        self.parties
    }

    fn waiting(&self) -> usize {
        self.state.lock().waiting()
    }

    fn is_broken(&self) -> bool {
        self.state.lock().is_broken()
    }

    fn glance(&self) -> Option<(usize, bool)> {
        self.state.try_lock().map(|state| (state.waiting(), state.is_broken()))
    }
}

impl Engine {
    /// Waits until the barrier is filling. A time that is up breaks it, here as anywhere.
    fn enter<'a>(
        &'a self,
        everyone: &mut Wake<'a>,
        deadline: Deadline,
    ) -> Result<MutexGuard<'a, State>, BrokenBarrier> {
        let is_open_or_broken = |state: &State| state.phase == Phase::Filling || state.is_broken();
        let mut state = self.changed.wait(self.state.lock(), |state| &mut state.asleep, deadline, is_open_or_broken);
        if state.phase == Phase::Filling {
            return Ok(state);
        }
        if !state.is_broken() {
            state.break_now();
            everyone.set_all(state.asleep);
        }
        Err(BrokenBarrier)
    }

    /// Waits, having arrived, until this cycle has tripped.
    fn stay<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        everyone: &mut Wake<'a>,
        deadline: Deadline,
    ) -> Result<(), BrokenBarrier> {
        let cycle = state.cycle;
        let not_filling = |state: &State| state.cycle != cycle || state.phase != Phase::Filling;
        state = look_again(&self.state, state, deadline, not_filling);
        state = self.changed.wait(state, |state| &mut state.asleep, deadline, not_filling);
        // If everyone has come, how long the action takes is no longer a matter of this thread's time.
        let not_tripping = |state: &State| state.cycle != cycle || !matches!(state.phase, Phase::Tripping(_));
        state = self.changed.wait(state, |state| &mut state.asleep, Deadline::Never, not_tripping);
        if state.cycle != cycle {
            return Ok(());
        }
        // Its time is up.
        if state.phase == Phase::Filling {
            state.break_now();
            everyone.set_all(state.asleep);
        }
        state.arrived -= 1;
        if state.phase == Phase::Resetting && state.arrived == 0 {
            state.begin_cycle(Phase::Filling);
            everyone.set_all(state.asleep);
        }
        Err(BrokenBarrier)
    }
}

/// The action's run. However it ends, the barrier is told.
struct Trip<'a> {
    barrier: &'a Engine,
    completed: bool,
}

impl Trip<'_> {
    fn complete(mut self) {
        self.completed = true;
    }
}

impl Drop for Trip<'_> {
    fn drop(&mut self) {
        let mut everyone = Wake::nobody(&self.barrier.changed);
        let mut state = self.barrier.state.lock();
        if self.completed {
            let next = if state.is_broken() { Phase::Broken } else { Phase::Filling };
            state.begin_cycle(next);
        } else {
            // The action panicked: this thread leaves, and the others of its cycle find it broken.
            state.phase = Phase::Broken;
            state.arrived -= 1;
        }
        everyone.set_all(state.asleep);
    }
}

/// The phase that no caller can hold on to, since it lasts only until the waiters have run.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitive::thread;

    /// Runs `during` while a barrier of two is being reset and its one waiter does not know it yet.
    fn while_resetting(during: impl FnOnce(&Engine)) -> Engine {
        let barrier = Engine::new(2);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| barrier.wait(Deadline::Never, || ()));
            until(&barrier, |state| state.asleep == 1);
            // As `reset` does, but waking nobody.
            barrier.state.lock().phase = Phase::Resetting;
            assert_eq!((barrier.waiting(), barrier.is_broken()), (0, false));
            during(&barrier);
            barrier.changed_for_all();
            assert_eq!(waiter.join().unwrap(), Err(BrokenBarrier));
        });
        assert_eq!(barrier.state.lock().arrived, 0);
        barrier
    }

    fn until(barrier: &Engine, condition: fn(&State) -> bool) {
        while !condition(&barrier.state.lock()) {
            thread::yield_now();
        }
    }

    impl Engine {
        fn changed_for_all(&self) {
            let mut everyone = Wake::nobody(&self.changed);
            let state = self.state.lock();
            everyone.set_all(state.asleep);
        }

        fn assert_usable(&self) {
            thread::scope(|scope| {
                let first = scope.spawn(|| self.wait(Deadline::Never, || ()));
                let mine = self.wait(Deadline::Never, || ());
                assert_eq!(mine.unwrap() + first.join().unwrap().unwrap(), 1);
            });
        }
    }

    #[test]
    fn a_reset_ends_when_the_last_has_left() {
        while_resetting(|_| ()).assert_usable();
    }

    #[test]
    fn a_reset_in_a_reset_changes_nothing() {
        while_resetting(Engine::reset).assert_usable();
    }

    #[test]
    fn an_abort_in_a_reset_breaks() {
        let barrier = while_resetting(Engine::abort);
        assert!(barrier.is_broken(), "also when the last has left");
        assert_eq!(barrier.wait(Deadline::Never, || ()), Err(BrokenBarrier));
        barrier.reset();
        barrier.assert_usable();
    }

    #[test]
    fn an_arrival_that_expires_in_a_reset_breaks() {
        let barrier = while_resetting(|barrier| {
            assert_eq!(barrier.wait(Deadline::Now, || ()), Err(BrokenBarrier));
        });
        assert!(barrier.is_broken());
        barrier.reset();
        barrier.assert_usable();
    }

    #[test]
    fn a_reset_while_the_broken_leave_waits_for_them() {
        let barrier = while_resetting(|barrier| {
            barrier.abort();
            barrier.reset();
        });
        barrier.assert_usable();
    }

    #[test]
    fn an_arrival_waits_until_the_last_has_left() {
        let barrier = Engine::new(2);
        thread::scope(|scope| {
            let first = scope.spawn(|| barrier.wait(Deadline::Never, || ()));
            until(&barrier, |state| state.asleep == 1);
            barrier.state.lock().phase = Phase::Resetting;
            let next = scope.spawn(|| barrier.wait(Deadline::Never, || ()));
            until(&barrier, |state| state.asleep == 2);
            assert_eq!(barrier.state.lock().arrived, 1, "it stands in front of the door");
            barrier.changed_for_all();
            assert_eq!(first.join().unwrap(), Err(BrokenBarrier));
            assert_eq!(barrier.wait(Deadline::Never, || ()).unwrap() + next.join().unwrap().unwrap(), 1);
        });
    }
}
