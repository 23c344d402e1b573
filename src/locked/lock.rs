//! A lock from a mutex and two condition variables.

use super::waiters::{Waiters, Wake};
use crate::deadline::Deadline;
use crate::engine::RawLock;
use crate::primitive::{Mutex, const_unless_model};

pub struct Engine {
    state: Mutex<State>,
    released: Waiters,
    /// Where a thread that handed the lock over sleeps until another has taken it.
    taken: Waiters,
}

struct State {
    held: bool,
    /// How often the lock was acquired.
    turn: u64,
    /// Threads that sleep until the lock is released.
    waiting: usize,
    /// Threads that sleep, having handed the lock over, until it is taken. All but the last have been woken already, since
    /// the lock had to be taken before it could be handed over again; they want it back, as those in `waiting` want it.
    giving: usize,
}

impl Engine {
    const_unless_model! {
        pub const fn new() -> Self {
            Self {
                state: Mutex::new(State { held: false, turn: 0, waiting: 0, giving: 0 }),
                released: Waiters::new(),
                taken: Waiters::new(),
            }
        }
    }
}

impl State {
    fn take(&mut self) {
        self.held = true;
        self.turn += 1;
    }

    fn is_wanted(&self) -> bool {
        self.waiting + self.giving > 0
    }
}

impl RawLock for Engine {
    fn new() -> Self {
        Self::new()
    }

    fn acquire(&self, deadline: Deadline) -> bool {
        let mut givers = Wake::nobody(&self.taken);
        let mut state = self.released.lock_when(&self.state, |state| &mut state.waiting, deadline, |state| !state.held);
        // Also when this thread gives up: a giver must not wait for it any longer.
        givers.set(state.giving, state.giving);
        let free = !state.held;
        if free {
            state.take();
        }
        free
    }

    fn release(&self) {
        let mut next = Wake::nobody(&self.released);
        let mut state = self.state.lock();
        state.held = false;
        next.set(1, state.waiting);
    }

    fn hand_over(&self) -> bool {
        let mine = {
            let mut next = Wake::nobody(&self.released);
            let mut state = self.state.lock();
            if !state.is_wanted() {
                return false;
            }
            state.held = false;
            next.set(1, state.waiting);
            state.turn
        };
        let mut givers = Wake::nobody(&self.taken);
        // Until another thread has taken the lock, or all who wanted it have given up.
        let is_answered = |state: &State| state.turn != mine || !state.is_wanted();
        let state = self.taken.wait(self.state.lock(), |state| &mut state.giving, Deadline::Never, is_answered);
        let mut state = self.released.wait(state, |state| &mut state.waiting, Deadline::Never, |state| !state.held);
        let others_had_it = state.turn != mine;
        givers.set(state.giving, state.giving);
        state.take();
        others_had_it
    }

    fn is_locked(&self) -> bool {
        self.state.lock().held
    }

    fn glance(&self) -> Option<bool> {
        self.state.try_lock().map(|state| state.held)
    }
}
