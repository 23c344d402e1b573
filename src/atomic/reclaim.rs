//! The segments of an unbounded queue that its head has left: freed once they are read, in their order, by one thread at a time; or one kept, to be used again.
//!
//! Who touches a segment, and until when, and the one gap in all this, is told in [`super::segments`]. Who calls while another is at it leaves it to that one,
//! which looks once more: the caller's mark may have come after its look.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | G4 | get, mark in `read` | `reclaim`, look at that mark | that its reader is done with the segment | `queue::segments_are_freed_once` |
//! | G5 | `reclaim`, end | next `reclaim`, begin | `oldest` | `queue::segments_are_freed_once` |
//! | G6 | `reclaim`, exchange of `spare` | putter, exchange of `spare` | that the segment is empty again | `queue::segments_are_used_again` |
//! | G7 | call that leaves it to another, addition to `calls` | the other's exchange of `calls` that fails | that the caller marked a slot in `read` | `queue::segments_are_freed_once` |
//!
//! (Without G7 a segment would only be kept for longer, which loom does not see.)

use std::ptr;

use super::segment::{Owned, Segment};
use crate::primitive::atomic::{
    AtomicPtr, AtomicU64,
    Ordering::{AcqRel, Acquire, Release},
};
use crate::primitive::{UnsafeCell, const_unless_model};

pub(super) struct Reclaim<T> {
    /// How often `reclaim` was called since nobody was at it. Who calls first is at it.
    calls: AtomicU64,
    /// The first segment that is not freed, from which `next` leads to all others. For the thread that is at it.
    oldest: UnsafeCell<*mut Segment<T>>,
    /// A segment that was freed and is as good as new, or null.
    spare: AtomicPtr<Segment<T>>,
}

impl<T> Reclaim<T> {
    const_unless_model! {
        pub(super) const fn new() -> Self {
            Self {
                calls: AtomicU64::new(0),
                oldest: UnsafeCell::new(ptr::null_mut()),
                spare: AtomicPtr::new(ptr::null_mut()),
            }
        }
    }

    /// Tells of the first segment.
    ///
    /// # Safety
    ///
    /// Nobody reclaims yet.
    pub(super) unsafe fn begin_with(&self, first: *mut Segment<T>) {
        // SAFETY: as asked.
        self.oldest.with_mut(|oldest| unsafe { *oldest = first });
    }

    /// Frees the segments that are read, the oldest first. If another thread is at it, leaves it to that one.
    ///
    /// # Safety
    ///
    /// It was begun with, and a segment is touched only as [`super::segments`] says, so that one whose every slot is read is for this alone.
    #[cold]
    pub(super) unsafe fn reclaim(&self) {
        // Acquire: G5. Release: G7.
        if self.calls.fetch_add(1, AcqRel) > 0 {
            return;
        }
        let mut calls = 1;
        loop {
            // SAFETY: as asked; and this thread is at it.
            unsafe { self.free_those_read() };
            // Release: G5. Acquire on failure: G7.
            match self.calls.compare_exchange(calls, 0, Release, Acquire) {
                Ok(_) => return,
                // Others have called, perhaps after what they marked was looked at.
                Err(more) => calls = more,
            }
        }
    }

    /// One look of `reclaim`.
    ///
    /// # Safety
    ///
    /// As for `reclaim`, and this thread is at it.
    unsafe fn free_those_read(&self) {
        // SAFETY: this thread is at it.
        let mut segment = self.oldest.with(|oldest| unsafe { *oldest });
        // SAFETY: a segment lives until it is freed here, and there is one after each that is read.
        while unsafe { &*segment }.is_read() {
            // SAFETY: as above.
            let next = unsafe { &*segment }.wait_next();
            // SAFETY: every slot is read, so nobody else touches the segment any longer.
            unsafe { self.recycle(segment) };
            segment = next;
        }
        // SAFETY: as above.
        self.oldest.with_mut(|oldest| unsafe { *oldest = segment });
    }

    /// Keeps the segment as the spare one, and frees the one that was.
    ///
    /// # Safety
    ///
    /// Every slot is read, and nobody else knows of the segment.
    unsafe fn recycle(&self, segment: *mut Segment<T>) {
        // SAFETY: as asked.
        unsafe { Segment::clean(segment) };
        // Release: G6. What comes back was put there by an earlier `reclaim`: G5.
        let spare = self.spare.swap(segment, Release);
        if !spare.is_null() {
            // SAFETY: whoever takes the spare segment out has it alone.
            drop(unsafe { Owned::from_raw(spare) });
        }
    }

    /// An empty segment, if one was kept.
    pub(super) fn take_spare(&self) -> Option<Owned<T>> {
        // Acquire: G6.
        let spare = self.spare.swap(ptr::null_mut(), Acquire);
        // SAFETY: whoever takes the spare segment out has it alone.
        (!spare.is_null()).then(|| unsafe { Owned::from_raw(spare) })
    }

    /// Frees what is left, whether it is read or not.
    ///
    /// # Safety
    ///
    /// Nobody else refers to the queue any longer, nor does this thread to a segment.
    pub(super) unsafe fn free_all(&self) {
        drop(self.take_spare());
        // SAFETY: as asked, here and below.
        let mut segment = self.oldest.with(|oldest| unsafe { *oldest });
        while !segment.is_null() {
            // SAFETY: a segment that was not freed yet, here and below.
            let next = unsafe { &*segment }.next();
            // SAFETY: as above.
            drop(unsafe { Owned::from_raw(segment) });
            segment = next;
        }
    }
}
