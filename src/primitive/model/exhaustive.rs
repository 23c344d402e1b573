//! What only loom needs, or does in its own way: it tries every order of steps, so each step costs, and it watches each access.

use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;

use loom::sync::atomic;

use super::world;
use crate::primitive::ThreadSlot;

/// A wait for another thread that is in the midst of a step.
///
/// Two threads that pause could do so in turns for ever, and loom would try every number of turns. So after a few pauses of one
/// wait the execution goes on to its end as it happens to, without alternatives from there on.
pub(crate) struct Pause {
    pauses: Cell<usize>,
}

impl Pause {
    pub(crate) fn new() -> Self {
        Self { pauses: Cell::new(0) }
    }

    pub(crate) fn pause(&self) {
        self.pauses.set(self.pauses.get() + 1);
        if self.pauses.get() > 2 {
            loom::skip_branch();
        }
        loom::thread::yield_now();
    }
}

/// Stands between a `SeqCst` write and a `SeqCst` read of another variable. The language gives such accesses one order; loom
/// treats them as acquire and release alone (loom#180), and would report what cannot happen. Its fences it does right.
pub(crate) fn model_fence() {
    atomic::fence(atomic::Ordering::SeqCst);
}

/// Enters the collector, within a guard that this thread keeps to its end: only a thread's first pin is a fence; more would hide missing ones.
/// So what is taken is freed when the threads have ended.
pub(crate) fn pin() -> crossbeam_epoch::Guard {
    loom::thread_local! {
        static KEPT: crossbeam_epoch::Guard = crossbeam_epoch::pin();
    }
    KEPT.with(|_| crossbeam_epoch::pin())
}

/// A cell whose accesses loom watches, also for a `T` that is not `Sized` (loom's own cannot hold one). Its end is watched too:
/// one that is never dropped is a leak, and one that is dropped while another thread may still be at it is a race.
pub(crate) struct UnsafeCell<T: ?Sized> {
    watched: Watched,
    value: std::cell::UnsafeCell<T>,
}

struct Watched(loom::alloc::Track<loom::cell::UnsafeCell<()>>);

impl Drop for Watched {
    fn drop(&mut self) {
        // A second panic would hide the first.
        if !std::thread::panicking() {
            self.0.get_ref().with_mut(|_| ());
        }
    }
}

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            watched: Watched(loom::alloc::Track::new(loom::cell::UnsafeCell::new(()))),
            value: std::cell::UnsafeCell::new(value),
        }
    }

    pub(crate) fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    #[track_caller]
    pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        self.watched.0.get_ref().with(|_| read(self.value.get()))
    }

    #[track_caller]
    pub(crate) fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        self.watched.0.get_ref().with_mut(|_| write(self.value.get()))
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

pub(crate) fn thread_slot() -> Option<ThreadSlot> {
    loom::thread_local! {
        static SLOT: Cell<u32> = Cell::new(world().slots.fetch_add(1, Relaxed));
    }
    Some(ThreadSlot::of(SLOT.with(Cell::get)))
}
