//! What only shuttle needs, or does in its own way: it draws one order of steps after the other, and takes each atomic access as
//! `SeqCst` and each access to a cell as no step at all.

use std::cell::Cell;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use shuttle::sync::atomic::AtomicBool;

use super::world;
use crate::primitive::ThreadSlot;

/// A wait for another thread that is in the midst of a step: lets others go first.
pub(crate) struct Pause;

impl Pause {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn pause(&self) {
        shuttle::thread::yield_now();
    }
}

/// All threads of a program run in one thread of the machine, and enter as that.
pub(crate) use crossbeam_epoch::pin;

/// A moment at which another thread may go on. shuttle changes threads at its own atomics and locks alone, and takes a fence for nothing;
/// the stack, whose nodes `crossbeam-epoch` keeps, has no other such moments in the midst of its steps.
pub(crate) fn model_fence() {
    step();
}

/// Where another thread may go on. (A yield would be one too, but says that this thread had better not.)
fn step() {
    AtomicBool::new(false).load(SeqCst);
}

/// A cell that reports two accesses that meet, if one of them writes. Each takes a step, so that others can come in its midst.
pub(crate) struct UnsafeCell<T: ?Sized> {
    /// How many read, or `WRITTEN`. Not one of shuttle's atomics: only `step` is to be a step.
    accesses: std::sync::atomic::AtomicUsize,
    value: std::cell::UnsafeCell<T>,
}

const WRITTEN: usize = usize::MAX / 2;

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { accesses: 0.into(), value: std::cell::UnsafeCell::new(value) }
    }

    pub(crate) fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    #[track_caller]
    pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        let others = self.accesses.fetch_add(1, Relaxed);
        assert!(others < WRITTEN, "read while another thread writes it");
        let _access = Access { accesses: &self.accesses, weight: 1 };
        step();
        read(self.value.get())
    }

    #[track_caller]
    pub(crate) fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        let others = self.accesses.fetch_add(WRITTEN, Relaxed);
        assert!(others == 0, "written while another thread reads or writes it");
        let _access = Access { accesses: &self.accesses, weight: WRITTEN };
        step();
        write(self.value.get())
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

/// An access that goes on.
struct Access<'a> {
    accesses: &'a std::sync::atomic::AtomicUsize,
    weight: usize,
}

impl Drop for Access<'_> {
    fn drop(&mut self) {
        self.accesses.fetch_sub(self.weight, Relaxed);
    }
}

/// A model's sharded counter has stripes for the first few; the others count as threads do that end.
pub(crate) fn thread_slot() -> Option<ThreadSlot> {
    const STRIPES: u32 = 3;
    shuttle::thread_local! {
        static SLOT: Cell<u32> = Cell::new(world().slots.fetch_add(1, Relaxed));
    }
    Some(SLOT.with(Cell::get)).filter(|number| *number < STRIPES).map(ThreadSlot::of)
}
