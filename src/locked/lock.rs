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
    /// the lock had to be taken before it could be handed over again; they compete for it like those in `waiting`.
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
}

impl RawLock for Engine {
    fn new() -> Self {
        Self::new()
    }

    fn acquire(&self, deadline: Deadline) -> bool {
        let mut givers = Wake::nobody(&self.taken);
        let mut state = self.released.lock_when(&self.state, |state| &mut state.waiting, deadline, |state| !state.held);
        let free = !state.held;
        if free {
            // If the lock is not free, whoever took it has woken them.
            givers.set_all(state.giving);
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
            if state.waiting + state.giving == 0 {
                return false;
            }
            state.held = false;
            next.set(1, state.waiting);
            state.turn
        };
        let mut givers = Wake::nobody(&self.taken);
        // Another thread takes the lock in any case: whoever was counted, also one whose time is up, or one that is faster.
        let is_taken = |state: &State| state.turn != mine;
        let state = self.taken.wait(self.state.lock(), |state| &mut state.giving, Deadline::Never, is_taken);
        let mut state = self.released.wait(state, |state| &mut state.waiting, Deadline::Never, |state| !state.held);
        givers.set_all(state.giving);
        state.take();
        true
    }

    fn is_locked(&self) -> bool {
        self.state.lock().held
    }

    fn glance(&self) -> Option<(bool, usize)> {
        self.state.try_lock().map(|state| (state.held, state.waiting + state.giving))
    }
}
