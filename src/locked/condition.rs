//! A condition from a list of bells, one per waiting thread, in order of arrival.
//!
//! A bare std condition variable keeps none of this crate's promises: it wakes spuriously, its `notify_one` may reach a
//! thread whose time is up, and it cannot notify exactly `n`. Here a thread has been notified exactly when its bell has left
//! the list, and both a notifier and an expiring waiter decide that under the list's mutex.

use std::collections::VecDeque;

use super::lock;
use super::waiters::{Waiters, Wake};
use crate::deadline::Deadline;
use crate::engine::{RawCondition, RawLock};
use crate::primitive::{Arc, Mutex, const_unless_model};

pub struct Engine {
    waiting: Mutex<VecDeque<Arc<Bell>>>,
}

impl Engine {
    const_unless_model! {
        pub const fn new() -> Self {
            Self { waiting: Mutex::new(VecDeque::new()) }
        }
    }
}

impl RawCondition for Engine {
    type Lock = lock::Engine;

    fn new() -> Self {
        Self::new()
    }

    fn wait(&self, lock: &lock::Engine, deadline: Deadline) -> bool {
        let bell = Arc::new(Bell::new());
        self.waiting.lock().push_back(bell.clone());
        // Enlisted before the lock is released: whoever then takes it and notifies finds this thread.
        lock.release();
        let notified = bell.listen(deadline) || !self.withdraw(&bell);
        lock.acquire(Deadline::Never);
        notified
    }

    fn notify(&self, n: usize) {
        let notified: Vec<_> = {
            let mut waiting = self.waiting.lock();
            let n = n.min(waiting.len());
            waiting.drain(..n).collect()
        };
        for bell in notified {
            bell.ring();
        }
    }

    fn glance(&self) -> Option<usize> {
        self.waiting.try_lock().map(|waiting| waiting.len())
    }
}

impl Engine {
    /// Takes an expired waiter's bell off the list. `false` when a notifier has done so before: then the notification is
    /// this waiter's, and nobody else would be woken by it.
    fn withdraw(&self, bell: &Arc<Bell>) -> bool {
        let mut waiting = self.waiting.lock();
        let place = waiting.iter().position(|other| Arc::ptr_eq(other, bell));
        place.map(|place| waiting.remove(place)).is_some()
    }
}

/// What one thread sleeps by, for the length of one wait. It rings at most once.
struct Bell {
    state: Mutex<BellState>,
    rung: Waiters,
}

struct BellState {
    rung: bool,
    asleep: usize,
}

impl Bell {
    fn new() -> Self {
        Self { state: Mutex::new(BellState { rung: false, asleep: 0 }), rung: Waiters::new() }
    }

    fn ring(&self) {
        let mut listener = Wake::nobody(&self.rung);
        let mut state = self.state.lock();
        state.rung = true;
        listener.set(1, state.asleep);
    }

    /// Sleeps until it rings or until `deadline`. Returns whether it rang.
    fn listen(&self, deadline: Deadline) -> bool {
        self.rung.wait(self.state.lock(), |state| &mut state.asleep, deadline, |state| state.rung).rung
    }
}
