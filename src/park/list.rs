//! A list of waiting threads, in order of arrival, for wake-ups that are exact.
//!
//! A thread has been notified exactly when it has left the list by [`WaitList::notify`]. A notifier and a waiter whose time is up
//! both decide that under the list's mutex, so a notification is never lost to an expired waiter, nor given twice; and a
//! thread never wakes spuriously, since it sleeps on until a bit of its own says that it was notified.
//!
//! Up to 32 threads that come one after the other are a *cohort*. They sleep at one word, a bit for each, so one call of the kernel wakes any of them:
//! to wake eight by a call for each takes a fifth longer.
//!
//! Invariant: in a cohort the bits that are set belong to threads that have left the list, and are lower than those of the threads in it.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | P1 | `notify`: bits of `notified` | `sleep`, look at them | what the notifier did before | `condition::notify_publishes` |
//!
//! The list itself is under a mutex, and so is the moving of a waiter; `len` lets a notifier that has nobody to wake pass by. It does not
//! pass by a waiter that has missed a change, since a lock orders the two: the waiter enlists while it holds the lock, and releases
//! it after.

use std::collections::VecDeque;

use super::word;
use crate::deadline::Deadline;
use crate::primitive::atomic::{
    AtomicU32, AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::primitive::{Arc, Mutex, UnsafeCell, const_unless_model};

/// Threads that wait, the longest first. With each stands what its notifier must know of it.
pub(crate) struct WaitList<N> {
    waiting: Mutex<VecDeque<(Waiter, N)>>,
    /// How many stand in the list; changed under its mutex.
    len: AtomicUsize,
}

/// A thread, for the length of one wait: its bit in its cohort.
#[derive(Clone)]
pub(crate) struct Waiter {
    cohort: Arc<Cohort>,
    place: u32,
}

struct Cohort {
    /// A bit for each that has been notified; and 32 bits higher, one for each that was moved as it was, to sleep on elsewhere.
    notified: AtomicU64,
    /// Nothing, but in a model something that is watched: a notifier must have done with the note before a moved waiter goes on.
    done: UnsafeCell<()>,
}

// SAFETY: `done` guards nothing; it is watched in models, where each access to it is under the list's mutex or after it.
unsafe impl Send for Cohort {}
// SAFETY: as above.
unsafe impl Sync for Cohort {}

impl<N> WaitList<N> {
    const_unless_model! {
        pub(crate) const fn new() -> Self {
            Self { waiting: Mutex::new(VecDeque::new()), len: AtomicUsize::new(0) }
        }
    }

    /// Puts the calling thread at the end of the list.
    pub(crate) fn enlist(&self, note: N) -> Waiter {
        let mut waiting = self.waiting.lock();
        let waiter = match waiting.back() {
            Some((last, _)) if last.place + 1 < word::PLACES => {
                Waiter { cohort: last.cohort.clone(), place: last.place + 1 }
            }
            _ => Waiter { cohort: Arc::new(Cohort::new()), place: 0 },
        };
        waiting.push_back((waiter.clone(), note));
        // Relaxed: the lock that the caller holds orders it.
        self.len.store(waiting.len(), Relaxed);
        waiter
    }

    /// Takes an expired waiter off the list. `false` when it has been notified meanwhile.
    pub(crate) fn withdraw(&self, waiter: &Waiter) -> bool {
        let mut waiting = self.waiting.lock();
        let place = waiting.iter().position(|(other, _)| other.is(waiter));
        let withdrawn = place.map(|place| waiting.remove(place)).is_some();
        // Relaxed: a notifier that still sees the old number looks at the list.
        self.len.store(waiting.len(), Relaxed);
        withdrawn
    }

    /// Notifies the `n` longest waiters, or all if there are fewer, and wakes them.
    ///
    /// One that waits alone is not woken if `moves` has moved it, and so returns true: it sleeps on elsewhere. (Of several, one goes on while the next is being
    /// woken; if they were moved to where one wakes the next, they would all go on one after the other.) Nor is it moved if it was not the first of its cohort: those
    /// before it may have left the list and not be woken yet, and the kernel would move the one that has slept longest.
    ///
    /// `moves` is called under the list's mutex, and a thread that finds itself moved passes the mutex before it goes on
    /// ([`until_moved`](Self::until_moved)). So whatever a waiter's note points to, and outlives its wait, is there for the call.
    #[inline]
    pub(crate) fn notify(&self, n: usize, moves: impl FnOnce(&Waiter, &N) -> bool) {
        // Relaxed: whoever waits for a change that this thread has made under the lock enlisted before that.
        if self.len.load(Relaxed) != 0 {
            self.notify_enlisted(n, moves);
        }
    }

    #[cold]
    fn notify_enlisted(&self, n: usize, moves: impl FnOnce(&Waiter, &N) -> bool) {
        let notified: Vec<_> = {
            let mut waiting = self.waiting.lock();
            let n = n.min(waiting.len());
            let moved = match waiting.front() {
                Some((alone, note)) if n == 1 && waiting.len() == 1 && alone.is_first() => {
                    let moved = moves(alone, note);
                    alone.cohort.done.with_mut(|_| ());
                    moved
                }
                _ => false,
            };
            let notified = waiting.drain(..n).map(|(waiter, _)| waiter);
            let notified = notified.skip(usize::from(moved)).collect();
            self.len.store(waiting.len(), Relaxed); // Relaxed: as above.
            notified
        };
        for waiters in notified.chunk_by(|one, next| Arc::ptr_eq(&one.cohort, &next.cohort)) {
            let bits = waiters.iter().fold(0, |bits, waiter| bits | waiter.bit());
            waiters[0].cohort.notified.fetch_or(bits.into(), Release); // P1
            word::wake_places(&waiters[0].cohort.notified, bits);
        }
    }

    /// Returns whether the waiter, which has been notified, was moved; and if so, returns only when its notifier has done with it.
    pub(crate) fn until_moved(&self, waiter: &Waiter) -> bool {
        // Relaxed: the waiter has seen that it was notified, by P1 or under the mutex, and this is written with that.
        let moved = waiter.cohort.notified.load(Relaxed) & waiter.moved_bit() != 0;
        if moved {
            let _after = self.waiting.lock();
            waiter.cohort.done.with(|_| ());
        }
        moved
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.len.load(Relaxed) // Relaxed: to be shown, and out of date when it is.
    }
}

impl Cohort {
    fn new() -> Self {
        Self { notified: AtomicU64::new(0), done: UnsafeCell::new(()) }
    }
}

impl Waiter {
    fn bit(&self) -> u32 {
        1 << self.place
    }

    fn moved_bit(&self) -> u64 {
        u64::from(self.bit()) << u32::BITS
    }

    /// While it stands in the list, only expired members have left its cohort, and they are awake.
    fn is_first(&self) -> bool {
        self.place == 0
    }

    fn is(&self, other: &Self) -> bool {
        self.place == other.place && Arc::ptr_eq(&self.cohort, &other.cohort)
    }

    /// Notifies the thread, which alone may sleep at its cohort's word, and lets it sleep on at `word` instead, if it sleeps.
    pub(crate) fn move_to(&self, word: &AtomicU32) {
        // Relaxed: a moved thread passes the list's mutex, under which this is called.
        self.cohort.notified.fetch_or(u64::from(self.bit()) | self.moved_bit(), Relaxed);
        word::requeue(&self.cohort.notified, word);
    }

    /// Sleeps until notified or until `deadline`. Returns whether it was notified, as far as is known without the list.
    pub(crate) fn sleep(&self, deadline: Deadline) -> bool {
        let mut expired = false;
        loop {
            // Acquire: P1. The cast keeps the bits of those who were notified.
            let notified = self.cohort.notified.load(Acquire) as u32;
            if notified & self.bit() != 0 {
                return true;
            }
            if expired {
                return false;
            }
            expired = word::wait_in_place(&self.cohort.notified, notified, self.place, deadline);
        }
    }
}
