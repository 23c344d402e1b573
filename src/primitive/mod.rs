//! The seam: the only module that names `std::sync`, `std::thread`, `loom` or `shuttle`.
//!
//! Both sides offer the same names, so no other file knows which one it runs on:
//!
//! | name | outside of models ([`os`]) | in a model (`model`), whose engine is loom or shuttle |
//! |---|---|---|
//! | [`Mutex`], [`MutexGuard`] | std's, never poisoned | the engine's, never poisoned |
//! | [`Condvar`] | std's; `wait_until` ends by the clock | built on the engine's; `wait_until` ends when the model says so |
//! | [`UnsafeCell`] | std's, by closures | the same, and each access is checked |
//! | `atomic`, `Arc`, `thread` | std's | the engine's |
//! | [`now`] | the monotonic clock | stands still: expiry is an event, not a time |
//! | [`futex`] | the kernel's, or a portable one | a list of sleepers under one of the engine's mutexes |
//! | [`Sighting`] | where an awaited thread was last seen, and so how often to look again | never looks |
//! | [`glimpses`] | looks again at once and soon | never looks |
//! | [`Spin`] | looks again a few times before sleeping | sleeps at once |
//! | [`BackOff`] | leaves a contended word to others for a moment | nothing |
//! | [`fall_back`] | leaves those at the other end some way ahead | nothing |
//! | [`pin`] | enters this crate's own collector | the one that all share; under loom for good |
//! | [`Pause`] | waits for a thread that is in the midst of a step | lets it run |
//! | [`IS_MODEL`] | `false` | `true` |
//! | [`model_fence`] | nothing | makes up for what loom's `SeqCst` lacks; a step under shuttle |
//! | [`thread_token`] | a number for this thread, never given to another | the same |
//! | [`thread_slot`] | a number that no other living thread has, as small as can be | the same, but never given again |

#[cfg(any(nogil_loom, nogil_shuttle))]
pub(crate) mod model;
#[cfg(not(any(nogil_loom, nogil_shuttle)))]
mod os;

#[cfg(any(nogil_loom, nogil_shuttle))]
use model as imp;
#[cfg(not(any(nogil_loom, nogil_shuttle)))]
use os as imp;

pub(crate) use imp::futex::{self, FutexWord};
pub(crate) use imp::{
    Arc, BackOff, Condvar, IS_MODEL, Mutex, MutexGuard, Pause, Sighting, Spin, UnsafeCell, atomic, fall_back, glimpses,
    model_fence, now, null_pointers, pin, thread, thread_slot, thread_token,
};
pub(crate) use std::time::Instant;

/// Writes the function as a `const fn`, except in a model: little of a model's can be made in a constant.
macro_rules! const_unless_model {
    ($(#[$attribute:meta])* $visibility:vis const fn $($rest:tt)*) => {
        #[cfg(not(any(nogil_loom, nogil_shuttle)))]
        $(#[$attribute])* $visibility const fn $($rest)*
        #[cfg(any(nogil_loom, nogil_shuttle))]
        $(#[$attribute])* $visibility fn $($rest)*
    };
}
pub(crate) use const_unless_model;

/// Writes the items only in a model.
macro_rules! only_in_model {
    ($($item:item)*) => {
        $(#[cfg(any(nogil_loom, nogil_shuttle))] $item)*
    };
}
pub(crate) use only_in_model;

/// A thread's number, by the block it falls into when blocks double in size, one number, then two, then four, and by its place there: to find
/// its highest bit takes longer than to count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreadSlot {
    block: u32,
    /// Below 2 to the power of `block`.
    place: u32,
}

impl ThreadSlot {
    pub(crate) fn of(number: u32) -> Self {
        let block = (number + 1).ilog2();
        Self { block, place: number + 1 - (1 << block) }
    }

    #[inline]
    pub(crate) fn block(self) -> usize {
        self.block as usize
    }

    /// Below 2 to the power of [`block`](Self::block).
    #[inline]
    pub(crate) fn place(self) -> usize {
        self.place as usize
    }
}

/// A heuristic count. It affects effort only, so that it is the same in a model, which need not know of it.
pub(crate) struct Tally(std::sync::atomic::AtomicIsize);

impl Tally {
    pub(crate) const fn new() -> Self {
        Self(std::sync::atomic::AtomicIsize::new(0))
    }

    /// Returns what it was before.
    pub(crate) fn add(&self, n: isize) -> isize {
        // Relaxed: it carries nothing.
        self.0.fetch_add(n, std::sync::atomic::Ordering::Relaxed)
    }

    pub(crate) fn get(&self) -> isize {
        self.0.load(std::sync::atomic::Ordering::Relaxed) // Relaxed: as above.
    }
}
