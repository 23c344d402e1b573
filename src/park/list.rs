//! A list of waiting threads, in order of arrival, for wake-ups that are exact.
//!
//! A thread has been notified exactly when it has left the list by [`WaitList::notify`]. A notifier and a waiter whose time is up
//! both decide that under the list's mutex, so a notification is never lost to an expired waiter, nor given twice; and a
//! thread never wakes for no reason, since it sleeps on until its own word says that it was notified.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | P1 | `notify`: write of `notified` | `sleep`, read of `notified` | what the notifier did before | `condition::notify_publishes` |
//!
//! The list itself is under a mutex, and so is the moving of a waiter; `len` lets a notifier that has nobody to wake pass by. It does not
//! pass by a waiter that has missed a change, since a lock orders the two: the waiter enlists while it holds the lock, and releases
//! it after.

use std::collections::VecDeque;

use super::word;
use crate::deadline::Deadline;
use crate::primitive::atomic::{
    AtomicU32, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::primitive::{Arc, Mutex, UnsafeCell, const_unless_model};

/// Threads that wait, the longest first. With each stands what its notifier must know of it.
pub(crate) struct WaitList<N> {
    waiting: Mutex<VecDeque<Arc<Waiter<N>>>>,
    /// How many stand in the list; changed under its mutex.
    len: AtomicUsize,
}

/// A thread, for the length of one wait.
pub(crate) struct Waiter<N> {
    notified: AtomicU32,
    note: N,
    /// Nothing, but in a model something that is watched: a notifier must have done with the note before a moved waiter goes on.
    done: UnsafeCell<()>,
}

// SAFETY: `done` is nothing.
unsafe impl<N: Send> Send for Waiter<N> {}
// SAFETY: as above.
unsafe impl<N: Sync> Sync for Waiter<N> {}

const NO: u32 = 0;
const YES: u32 = 1;
/// Notified, and moved to sleep on elsewhere.
const MOVED: u32 = 2;

impl<N> WaitList<N> {
    const_unless_model! {
        pub(crate) const fn new() -> Self {
            Self { waiting: Mutex::new(VecDeque::new()), len: AtomicUsize::new(0) }
        }
    }

    /// Puts the calling thread at the end of the list.
    pub(crate) fn enlist(&self, note: N) -> Arc<Waiter<N>> {
        let waiter = Arc::new(Waiter { notified: AtomicU32::new(NO), note, done: UnsafeCell::new(()) });
        let mut waiting = self.waiting.lock();
        waiting.push_back(waiter.clone());
        // Relaxed: the lock that the caller holds orders it.
        self.len.store(waiting.len(), Relaxed);
        waiter
    }

    /// Takes an expired waiter off the list. `false` when it has been notified meanwhile.
    pub(crate) fn withdraw(&self, waiter: &Arc<Waiter<N>>) -> bool {
        let mut waiting = self.waiting.lock();
        let place = waiting.iter().position(|other| Arc::ptr_eq(other, waiter));
        let withdrawn = place.map(|place| waiting.remove(place)).is_some();
        // Relaxed: a notifier that still sees the old number looks at the list.
        self.len.store(waiting.len(), Relaxed);
        withdrawn
    }

    /// Notifies the `n` longest waiters, or all if there are fewer, and wakes those for which `moves` does not answer that it has moved
    /// them: these sleep on elsewhere.
    ///
    /// `moves` is called under the list's mutex, and a thread that finds itself moved passes the mutex before it goes on
    /// ([`until_moved`](Self::until_moved)). So whatever a waiter's note points to, and outlives its wait, is there for the call.
    #[inline]
    pub(crate) fn notify(&self, n: usize, moves: impl FnMut(&Waiter<N>) -> bool) {
        // Relaxed: whoever waits for a change that this thread has made under the lock enlisted before that.
        if self.len.load(Relaxed) != 0 {
            self.notify_enlisted(n, moves);
        }
    }

    #[cold]
    fn notify_enlisted(&self, n: usize, mut moves: impl FnMut(&Waiter<N>) -> bool) {
        let notified: Vec<_> = {
            let mut waiting = self.waiting.lock();
            let n = n.min(waiting.len());
            let wakes = |waiter: &Arc<Waiter<N>>| {
                let moved = moves(waiter);
                waiter.done.with_mut(|_| ());
                !moved
            };
            let notified = waiting.drain(..n).filter(wakes).collect();
            self.len.store(waiting.len(), Relaxed); // Relaxed: as above.
            notified
        };
        for waiter in notified {
            waiter.notified.store(YES, Release); // P1
            word::wake(&waiter.notified, 1);
        }
    }

    /// Answers whether the waiter, which has been notified, was moved; and if so, returns only when its notifier has done with it.
    pub(crate) fn until_moved(&self, waiter: &Waiter<N>) -> bool {
        // Relaxed: the waiter has seen that it was notified, by P1 or under the mutex, and a notification is written once.
        let moved = waiter.notified.load(Relaxed) == MOVED;
        if moved {
            drop(self.waiting.lock());
            waiter.done.with(|_| ());
        }
        moved
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.len.load(Relaxed) // Relaxed: to be shown, and out of date when it is.
    }
}

impl<N> Waiter<N> {
    pub(crate) fn note(&self) -> &N {
        &self.note
    }

    /// Notifies the thread, and lets it sleep on at `word` instead, if it sleeps.
    pub(crate) fn move_to(&self, word: &AtomicU32) {
        // Relaxed: a moved thread passes the list's mutex, under which this is called.
        self.notified.store(MOVED, Relaxed);
        word::requeue(&self.notified, word);
    }

    /// Sleeps until notified or until `deadline`. Answers whether it was notified, as far as is known without the list.
    pub(crate) fn sleep(&self, deadline: Deadline) -> bool {
        let mut expired = false;
        // Acquire: P1.
        while self.notified.load(Acquire) == NO {
            if expired {
                return false;
            }
            expired = word::wait(&self.notified, NO, deadline);
        }
        true
    }
}
