//! An event from a mutex and a condition variable: a flag, and the number of times it was raised.

use std::cell::OnceCell;

use super::waiters::{Waiters, Wake};
use crate::deadline::Deadline;
use crate::engine::RawEvent;
use crate::primitive::{Mutex, const_unless_model};

pub struct Engine {
    state: Mutex<State>,
    raised: Waiters,
}

struct State {
    is_set: bool,
    /// How often the flag was raised. A waiter that slept through a set and a clear sees by it that it was released.
    generation: u64,
    waiting: usize,
}

impl Engine {
    const_unless_model! {
        pub const fn new() -> Self {
            Self { state: Mutex::new(State { is_set: false, generation: 0, waiting: 0 }), raised: Waiters::new() }
        }
    }
}

impl RawEvent for Engine {
    fn new() -> Self {
        Self::new()
    }

    fn set(&self) {
        let mut everyone = Wake::nobody(&self.raised);
        let mut state = self.state.lock();
        if !state.is_set {
            state.is_set = true;
            state.generation += 1;
            everyone.set_all(state.waiting);
        }
    }

    fn clear(&self) {
        self.state.lock().is_set = false;
    }

    fn is_set(&self) -> bool {
        self.state.lock().is_set
    }

    fn wait(&self, deadline: Deadline) -> bool {
        // As it is when this thread first looks: a set counts from then on, whatever becomes of it.
        let arrival = OnceCell::new();
        let is_raised = |state: &State| state.is_set || state.generation != *arrival.get_or_init(|| state.generation);
        is_raised(&self.raised.lock_when(&self.state, |state| &mut state.waiting, deadline, is_raised))
    }

    fn glance(&self) -> Option<bool> {
        self.state.try_lock().map(|state| state.is_set)
    }
}
