//! A condition from a list of waiters in order of arrival.
//!
//! All that is exact about it (n wake if n wait, none for no reason, none lost to an expired waiter) is the list's: see
//! [`WaitList`]. What this adds is the lock: a thread enlists before it releases, so that whoever then takes the lock, and
//! notifies, finds it.

use super::lock;
use crate::deadline::Deadline;
use crate::engine::{RawCondition, RawLock};
use crate::park::list::WaitList;
use crate::primitive::const_unless_model;

pub struct Engine {
    waiting: WaitList,
}

impl Engine {
    const_unless_model! {
        pub const fn new() -> Self {
            Self { waiting: WaitList::new() }
        }
    }
}

impl RawCondition for Engine {
    type Lock = lock::Engine;

    fn new() -> Self {
        Self::new()
    }

    fn wait(&self, lock: &lock::Engine, deadline: Deadline) -> bool {
        let waiter = self.waiting.enlist();
        lock.release();
        let notified = waiter.sleep(deadline) || !self.waiting.withdraw(&waiter);
        lock.acquire(Deadline::Never);
        notified
    }

    fn notify(&self, n: usize) {
        self.waiting.wake(n);
    }

    fn glance(&self) -> Option<usize> {
        Some(self.waiting.len())
    }
}
