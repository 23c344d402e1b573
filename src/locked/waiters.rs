//! How a thread of this wing sleeps, counted, so that nobody is woken who is not there.
//!
//! A std `Condvar::notify` is a system call on Linux even when nobody waits: the textbook queue spends most of the 350 ns of a put
//! and a get on two of them. So every engine counts its sleepers, in its state, under the mutex that also guards what they
//! sleep for. The count is exact: a thread that looked, found nothing and went to sleep did both in one critical section.

use crate::deadline::Deadline;
use crate::primitive::{Condvar, Mutex, MutexGuard, Spin, const_unless_model};

/// Where in its state an engine counts the sleepers of one kind.
pub(super) type Count<S> = fn(&mut S) -> &mut usize;

/// If the state is not `ready`, for a call that may wait, a few times unlocks, lets others run and looks again: a sleep costs far more
/// than a short wait. It may not be ready in the end either.
pub(super) fn look_again<'a, S>(
    mutex: &'a Mutex<S>,
    mut state: MutexGuard<'a, S>,
    deadline: Deadline,
    ready: impl Fn(&S) -> bool,
) -> MutexGuard<'a, S> {
    if matches!(deadline, Deadline::Now) {
        return state;
    }
    let spin = Spin::persistent(deadline.instant());
    while !ready(&state) && !spin.is_over() {
        drop(state);
        spin.again();
        state = mutex.lock();
    }
    state
}

/// Threads that sleep until one thing about a state `S` has changed.
pub(super) struct Waiters(Condvar);

impl Waiters {
    const_unless_model! {
        pub(super) const fn new() -> Self {
            Self(Condvar::new())
        }
    }

    /// Locks, and waits until the state is `ready` or until `deadline`. The caller looks which it is, and so sees what came at the last moment. `count` says
    /// where this thread counts while it sleeps.
    #[inline]
    pub(super) fn lock_when<'a, S>(
        &self,
        mutex: &'a Mutex<S>,
        count: Count<S>,
        deadline: Deadline,
        ready: impl Fn(&S) -> bool,
    ) -> MutexGuard<'a, S> {
        let state = mutex.lock();
        if ready(&state) { state } else { self.lock_slowly(mutex, state, count, deadline, ready) }
    }

    #[cold]
    fn lock_slowly<'a, S>(
        &self,
        mutex: &'a Mutex<S>,
        state: MutexGuard<'a, S>,
        count: Count<S>,
        deadline: Deadline,
        ready: impl Fn(&S) -> bool,
    ) -> MutexGuard<'a, S> {
        let state = look_again(mutex, state, deadline, &ready);
        self.wait(state, count, deadline, ready)
    }

    /// The rest of [`lock_when`](Self::lock_when), for a thread that has locked and does not look again before it sleeps.
    pub(super) fn wait<'a, S>(
        &self,
        mut state: MutexGuard<'a, S>,
        count: Count<S>,
        deadline: Deadline,
        ready: impl Fn(&S) -> bool,
    ) -> MutexGuard<'a, S> {
        let mut expired = false;
        while !ready(&state) && !expired {
            *count(&mut state) += 1;
            (state, expired) = match deadline {
                Deadline::Now => (state, true),
                Deadline::At(instant) => self.0.wait_until(state, instant),
                Deadline::Never => (self.0.wait(state), false),
            };
            *count(&mut state) -= 1;
        }
        state
    }
}

/// Wakes sleepers when it is dropped. Made *before* the mutex is locked, it is dropped after the mutex is unlocked, also when a
/// panic passes through: a woken thread does not run into the lock, and no wake-up is lost.
#[must_use = "it wakes when it is dropped"]
pub(super) struct Wake<'a> {
    waiters: &'a Waiters,
    threads: usize,
    asleep: usize,
}

impl<'a> Wake<'a> {
    /// Nobody, so far.
    pub(super) fn nobody(waiters: &'a Waiters) -> Self {
        Self { waiters, threads: 0, asleep: 0 }
    }

    /// Wakes `threads` of the `asleep` that the state counts now, in place of what was said before.
    pub(super) fn set(&mut self, threads: usize, asleep: usize) {
        self.threads = threads.min(asleep);
        self.asleep = asleep;
    }

    /// Wakes all of the `asleep`.
    pub(super) fn set_all(&mut self, asleep: usize) {
        self.set(asleep, asleep);
    }
}

impl Drop for Wake<'_> {
    fn drop(&mut self) {
        if self.threads == 0 {
        } else if self.threads == self.asleep {
            self.waiters.0.notify_all();
        } else {
            (0..self.threads).for_each(|_| self.waiters.0.notify_one());
        }
    }
}
