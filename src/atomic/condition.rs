//! A condition from a list of waiters in order of arrival.
//!
//! All that is exact about it (n wake if n wait, none spuriously, none lost to an expired waiter) is the list's: see
//! [`WaitList`]. What this adds is the lock: a thread enlists before it releases, so that whoever then takes the lock, and
//! notifies, finds it.
//!
//! A thread that is notified while the lock is held, as Python demands it to be, would wake only to sleep again, for the lock. So if it waits
//! alone, and came as the first of its cohort, it is moved to those that sleep for the lock instead, as the POSIX condition variables of old did (*wait morphing*), and the
//! lock's release wakes it, in half the time. Several are woken as if the lock were free: moved, they would go on one after the other, each
//! woken by the release before it, and eight took twice the time so.

use super::lock;
use crate::deadline::Deadline;
use crate::engine::{RawCondition, RawLock};
use crate::park::list::WaitList;
use crate::primitive::const_unless_model;

pub struct Engine {
    waiting: WaitList<OfLock>,
}

/// The lock that a waiter released, and will acquire again.
struct OfLock(*const lock::Engine);

// SAFETY: it stands for a shared reference, and a lock's engine is `Sync`.
unsafe impl Send for OfLock {}
// SAFETY: as above.
unsafe impl Sync for OfLock {}

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
        let waiter = self.waiting.enlist(OfLock(lock));
        lock.release();
        let notified = waiter.sleep(deadline) || !self.waiting.withdraw(&waiter);
        if notified && self.waiting.until_moved(&waiter) {
            lock.acquire_adopted();
        } else {
            lock.acquire(Deadline::Never);
        }
        notified
    }

    #[inline]
    fn notify(&self, n: usize) {
        self.waiting.notify(n, |waiter, of_lock| {
            // SAFETY: the waiter borrows the lock for as long as it stands in the list, and if it is moved until this call ends.
            let lock = unsafe { &*of_lock.0 };
            lock.adopt(|sleepers| waiter.move_to(sleepers))
        });
    }

    fn snapshot(&self) -> Option<usize> {
        Some(self.waiting.len())
    }
}
