//! A semaphore from a mutex and a condition variable.

use super::waiters::{Waiters, Wake};
use crate::deadline::Deadline;
use crate::engine::RawSemaphore;
use crate::primitive::{Mutex, const_unless_model};

pub struct Engine {
    state: Mutex<State>,
    released: Waiters,
}

struct State {
    permits: usize,
    /// Threads that sleep until permits are released.
    waiting: usize,
    /// Those among them that want more than one.
    waiting_for_many: usize,
}

impl Engine {
    const_unless_model! {
        pub const fn new(permits: usize) -> Self {
            Self { state: Mutex::new(State { permits, waiting: 0, waiting_for_many: 0 }), released: Waiters::new() }
        }
    }
}

impl RawSemaphore for Engine {
    fn new(permits: usize) -> Self {
        Self::new(permits)
    }

    fn acquire(&self, n: usize, deadline: Deadline) -> bool {
        let many = usize::from(n > 1);
        let mut state = self.state.lock();
        let mut expired = false;
        while state.permits < n && !expired {
            state.waiting_for_many += many;
            (state, expired) = self.released.sleep(state, |state| &mut state.waiting, deadline);
            state.waiting_for_many -= many;
        }
        // Looked at again after the time was up: a wake-up that met this thread then is not wasted.
        let enough = state.permits >= n;
        if enough {
            state.permits -= n;
        }
        enough
    }

    fn release(&self, n: usize, ceiling: usize) -> bool {
        let mut woken = Wake::nobody(&self.released);
        let mut state = self.state.lock();
        let fits = state.permits.checked_add(n).is_some_and(|permits| permits <= ceiling);
        if fits {
            state.permits += n;
            // One thread a permit; but a thread that wants many might be woken for too few, and sleep on while another,
            // content with those, was not woken. So then all of them look.
            woken.set(if state.waiting_for_many > 0 { state.waiting } else { n }, state.waiting);
        }
        fits
    }

    fn permits(&self) -> usize {
        self.state.lock().permits
    }

    fn glance(&self) -> Option<usize> {
        self.state.try_lock().map(|state| state.permits)
    }
}
