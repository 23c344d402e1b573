//! A segment of an unbounded queue: a few slots, and the way to the next.
//!
//! What putters write, what getters write and the items stand on lines of memory of their own. So a thread that goes from slot to slot finds
//! many marks in one line, and takes no line from the threads at the other end but for what they say to each other.
//!
//! # State
//!
//! | `written` of a slot | `read` | meaning | left by |
//! |---|---|---|---|
//! | no | no | empty | its putter |
//! | yes | no | the item is there | its getter |
//! | yes | yes | the item is gone | nobody: the segment is freed, or made as good as new |
//!
//! Slots are claimed for reading in runs, one for a single item, that follow each other without a gap; so a getter says once, at its first slot, how many it has
//! read. What is written is said of each slot, since its getter is not always one who claimed as many.
//!
//! Who may do what with a segment, and how long it lives, is said in [`super::segments`], as are its edges.

use std::array;
use std::mem::{self, MaybeUninit};
use std::ptr;
use std::vec;

use crossbeam_utils::CachePadded;

use crate::primitive::atomic::{
    AtomicBool, AtomicPtr, AtomicU8,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::primitive::{IS_MODEL, Pause, UnsafeCell};

/// Slots of the largest segment; in a model as few as still make every case.
const MOST: usize = if IS_MODEL { 3 } else { u8::MAX as usize };

/// Slots of a segment for items of this size, one less than a power of two: many where items are small, since the step from one segment to the
/// next is the slow one; few where they are large, since a queue keeps up to two segments for next to no items: no more than fit in 4 KiB, but
/// 31 at least.
pub(super) const fn slots(size: usize) -> usize {
    match size {
        0..=16 => MOST,
        _ if IS_MODEL => MOST,
        17..=32 => 127,
        33..=64 => 63,
        _ => 31,
    }
}

pub(super) struct Segment<T> {
    written: CachePadded<[AtomicBool; MOST]>,
    /// At the first slot of a run that is read, its length; elsewhere 0.
    read: CachePadded<[AtomicU8; MOST]>,
    next: AtomicPtr<Segment<T>>,
    items: Box<[UnsafeCell<MaybeUninit<T>>]>,
    /// Nothing, but in a model something that is watched: who comes here by `next` must come after the making of the rest.
    made: UnsafeCell<()>,
}

fn nothing_written() -> CachePadded<[AtomicBool; MOST]> {
    CachePadded::new(array::from_fn(|_| AtomicBool::new(false)))
}

fn nothing_read() -> CachePadded<[AtomicU8; MOST]> {
    CachePadded::new(array::from_fn(|_| AtomicU8::new(0)))
}

/// Waits for the putter, which has claimed the slot.
#[cold]
fn await_mark(written: &AtomicBool) {
    let pause = Pause::new();
    // Acquire: G1.
    while !written.load(Acquire) {
        pause.pause();
    }
}

impl<T> Segment<T> {
    pub(super) const SLOTS: usize = slots(size_of::<T>());

    pub(super) fn new() -> Box<Self> {
        // Written where they will stay: on their way through the stack, large items would overflow it.
        let mut items = Box::<[UnsafeCell<MaybeUninit<T>>]>::new_uninit_slice(Self::SLOTS);
        for item in &mut items {
            item.write(UnsafeCell::new(MaybeUninit::uninit()));
        }
        let segment = Box::new(Self {
            written: nothing_written(),
            read: nothing_read(),
            next: AtomicPtr::new(ptr::null_mut()),
            // SAFETY: each was written above.
            items: unsafe { items.assume_init() },
            made: UnsafeCell::new(()),
        });
        segment.made.with_mut(|_| ()); // Watched in a model: G2.
        segment
    }

    /// Writes an item into its slot.
    ///
    /// Takes a pointer, not a reference, which would have to stay valid until this returns: a reader may free the segment as soon
    /// as the mark is set.
    ///
    /// # Safety
    ///
    /// This thread claimed the slot for writing.
    #[inline]
    pub(super) unsafe fn write(this: *const Self, place: usize, item: T) {
        // SAFETY: the segment lives, since this slot is not read before the mark below is set.
        let segment = unsafe { &*this };
        // SAFETY: nobody else accesses the item before the mark below.
        segment.items[place].with_mut(|to| unsafe { (*to).write(item) });
        segment.written[place].store(true, Release); // G1
    }

    /// Reads the item out of its slot.
    ///
    /// Takes a pointer, as `write` does: the segment may be freed as soon as the mark is set.
    ///
    /// # Safety
    ///
    /// This thread claimed the slot for reading, and reads it once. It does not touch the segment again, unless it claimed more of its slots.
    #[inline]
    pub(super) unsafe fn read(this: *const Self, place: usize) -> T {
        // SAFETY: the segment lives, since this slot is not marked as read yet.
        let segment = unsafe { &*this };
        // Acquire: G1.
        if !segment.written[place].load(Acquire) {
            await_mark(&segment.written[place]);
        }
        // SAFETY: the mark says that the item is there, and it is this thread's.
        let item = segment.items[place].with(|from| unsafe { from.cast::<T>().read() });
        segment.read[place].store(1, Release); // G4
        item
    }

    /// Writes as many items into the slots from `first` on.
    ///
    /// # Safety
    ///
    /// As for `write`, of each slot.
    pub(super) unsafe fn write_many(this: *const Self, first: usize, count: usize, items: &mut vec::IntoIter<T>) {
        // SAFETY: the segment lives, since none of the slots is read before its mark is set.
        let segment = unsafe { &*this };
        let marks = &segment.written[first..first + count];
        // A variable of its own, which can stay in registers: seen from outside, it would be written back before each mark.
        let mut left = mem::take(items);
        for ((to, mark), item) in segment.items[first..first + count].iter().zip(marks).zip(&mut left) {
            // SAFETY: nobody else accesses the item before the mark below.
            to.with_mut(|to| unsafe { (*to).write(item) });
            mark.store(true, Release); // G1
        }
        *items = left;
    }

    /// Reads as many items out of the slots from `first` on, to the end of `items`.
    ///
    /// # Safety
    ///
    /// As for `read`, of each slot; at least one, and all that this thread claimed of the segment.
    pub(super) unsafe fn read_many(this: *const Self, first: usize, count: usize, items: &mut Vec<T>) {
        // SAFETY: the segment lives, since none of the slots is marked as read yet.
        let segment = unsafe { &*this };
        let slots = segment.items[first..first + count].iter().zip(&segment.written[first..first + count]);
        items.extend(slots.map(|(from, written)| {
            // Acquire: G1.
            if !written.load(Acquire) {
                await_mark(written);
            }
            // SAFETY: the mark says that the item is there, and it is this thread's.
            from.with(|from| unsafe { from.cast::<T>().read() })
        }));
        segment.read[first].store(count as u8, Release); // G4
    }

    /// Links the segment that follows.
    pub(super) fn link(&self, next: *mut Self) {
        self.next.store(next, Release); // G2
    }

    /// The segment that follows, or null, as far as this thread knows.
    pub(super) fn next(&self) -> *mut Self {
        self.next.load(Relaxed) // Relaxed: where it matters, the caller has the segment alone.
    }

    /// The segment that follows, which the putter that claimed the last slot links.
    pub(super) fn wait_next(&self) -> *mut Self {
        let pause = Pause::new();
        loop {
            let next = self.next.load(Acquire); // G2
            if !next.is_null() {
                // SAFETY: linked, and the caller has something to do at `next` or before it, so it is not freed.
                let made = unsafe { &raw const (*next).made };
                // SAFETY: as above. Watched in a model: G2.
                unsafe { &*made }.with(|_| ());
                return next;
            }
            pause.pause();
        }
    }

    /// Whether every item is gone.
    pub(super) fn is_read(&self) -> bool {
        let mut runs = &self.read[..Self::SLOTS];
        loop {
            // Acquire, both: G4. Runs of one first, several looks at a time: none has to wait for another's answer, which says where the next run begins.
            let singles = runs.iter().take_while(|run| run.load(Acquire) == 1).count();
            runs = &runs[singles..];
            match runs.first().map(|run| run.load(Acquire)) {
                None => return true,
                Some(0) => return false,
                Some(run) => runs = &runs[usize::from(run)..],
            }
        }
    }

    /// Makes a segment that is read as good as new.
    ///
    /// # Safety
    ///
    /// Every slot is read, and nobody else knows of the segment.
    pub(super) unsafe fn clean(this: *mut Self) {
        // SAFETY: the segment is this thread's alone.
        let segment = unsafe { &mut *this };
        segment.made.with_mut(|_| ()); // Watched in a model: G2.
        segment.items.iter().for_each(|item| item.with_mut(|_| ())); // Watched in a model: G4.
        // G6 publishes these, or whatever links the segment.
        segment.written = nothing_written();
        segment.read = nothing_read();
        segment.next = AtomicPtr::new(ptr::null_mut());
    }
}
