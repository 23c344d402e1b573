//! A semaphore from a mutex and two condition variables.
//!
//! Threads that want one permit and threads that want many sleep apart. All who want one want the same, so each permit
//! wakes one of them, whichever it is. Beside them a thread that wants many could be woken in their place, find too little
//! and sleep on, and the permit would lie there with a thread asleep that it is enough for; also if that thread came only
//! after the release, since a wake-up is sent after unlocking. Of those who want many, every release wakes all.

use super::waiters::{Count, Waiters, Wake};
use crate::deadline::Deadline;
use crate::engine::RawSemaphore;
use crate::primitive::{Mutex, const_unless_model};

pub struct Engine {
    state: Mutex<State>,
    one: Waiters,
    many: Waiters,
}

struct State {
    permits: usize,
    /// Threads that sleep until there is a permit.
    waiting_for_one: usize,
    /// Threads that sleep until there are as many permits as they want, more than one.
    waiting_for_many: usize,
}

impl Engine {
    const_unless_model! {
        pub const fn new(permits: usize) -> Self {
            let state = State { permits, waiting_for_one: 0, waiting_for_many: 0 };
            Self { state: Mutex::new(state), one: Waiters::new(), many: Waiters::new() }
        }
    }
}

impl RawSemaphore for Engine {
    fn new(permits: usize) -> Self {
        Self::new(permits)
    }

    fn acquire(&self, n: usize, deadline: Deadline) -> bool {
        let (waiters, count): (_, Count<State>) = match n {
            0 | 1 => (&self.one, |state| &mut state.waiting_for_one),
            _ => (&self.many, |state| &mut state.waiting_for_many),
        };
        let mut state = waiters.lock_when(&self.state, count, deadline, |state| state.permits >= n);
        let enough = state.permits >= n;
        if enough {
            state.permits -= n;
        }
        enough
    }

    fn release(&self, n: usize, ceiling: usize) -> bool {
        let mut one = Wake::nobody(&self.one);
        let mut many = Wake::nobody(&self.many);
        let mut state = self.state.lock();
        let fits = state.permits.checked_add(n).is_some_and(|permits| permits <= ceiling);
        if fits && n > 0 {
            state.permits += n;
            one.set(n, state.waiting_for_one);
            many.set_all(state.waiting_for_many);
        }
        fits
    }

    fn permits(&self) -> usize {
        self.state.lock().permits
    }

    fn glance(&self) -> Option<(usize, usize)> {
        self.state.try_lock().map(|state| (state.permits, state.waiting_for_one + state.waiting_for_many))
    }
}
