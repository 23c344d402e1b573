//! A segment of an unbounded queue: a few slots, and the way to the next.
//!
//! What putters write, what getters write and the items stand on cache lines of their own. So a thread that goes from slot to slot finds
//! many marks in one line, and takes no line from the threads at the other end but for what they say to each other. All are in one allocation, and
//! an item's place in it is known when the queue is compiled.
//!
//! # State
//!
//! | `written` of a slot | `read` of its run | meaning | left by |
//! |---|---|---|---|
//! | no | no | empty | its putter |
//! | yes | no | the item is there, or its getter is taking it | its getter |
//! | yes | yes | the item is gone | nobody: the segment is freed, or made as good as new |
//!
//! Slots are claimed for reading in runs, one for a single item, that follow each other without a gap; so a getter says once, at its first slot, how many it has
//! read. What is written is said of each slot, since its getter is not always one who claimed as many.
//!
//! Who may do what with a segment, and how long it lives, is said in [`super::segments`], as are its edges.

use std::alloc::{self, Layout};
use std::array;
use std::mem::{self, MaybeUninit};
use std::ptr;
use std::slice;
use std::vec;

use crossbeam_utils::CachePadded;

use super::lines::read_out;
use crate::primitive::atomic::{
    AtomicBool, AtomicPtr, AtomicU8,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::primitive::{IS_MODEL, Pause, UnsafeCell};

/// Slots of the largest segment; in a model as few as still make every case.
const MOST: usize = if IS_MODEL { 3 } else { u8::MAX as usize };

/// Slots of a segment for items of this size, one less than a power of two. Many, since the step from one segment to the next is the slow one, and since
/// marks and allocations cost memory, which a queue that grows has to get page by page; but no more than fit in 8 KiB, or 31, since a queue keeps
/// up to two segments for next to no items.
pub(super) const fn slots(size: usize) -> usize {
    match size {
        0..=32 => MOST,
        _ if IS_MODEL => MOST,
        33..=64 => 127,
        65..=128 => 63,
        _ => 31,
    }
}

/// What stands before the items, which follow it in the same allocation: [`Segment::item`].
pub(super) struct Segment<T> {
    written: CachePadded<[AtomicBool; MOST]>,
    /// At the first slot of a run that is read, its length; elsewhere 0.
    read: CachePadded<[AtomicU8; MOST]>,
    next: AtomicPtr<Segment<T>>,
    /// Nothing, but in a model something that is watched: who comes here by `next` must come after the making of the rest.
    made: UnsafeCell<()>,
}

type Item<T> = UnsafeCell<MaybeUninit<T>>;

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

    /// How far the items are from the segment's begin.
    const OFFSET: usize = size_of::<Self>().next_multiple_of(align_of::<Item<T>>());

    /// Of the segment and its items.
    fn layout() -> Layout {
        let whole = Layout::array::<Item<T>>(Self::SLOTS).and_then(|items| Layout::new::<Self>().extend(items));
        let (layout, offset) = whole.expect("items too large for a segment of the queue");
        debug_assert_eq!(offset, Self::OFFSET);
        layout.pad_to_align()
    }

    /// Where an item stands, while the segment lives. By the pointer to the whole allocation: a reference would stand for the segment without its items.
    #[inline]
    fn item(this: *const Self, place: usize) -> *mut Item<T> {
        debug_assert!(place < Self::SLOTS);
        this.wrapping_byte_add(Self::OFFSET).cast_mut().cast::<Item<T>>().wrapping_add(place)
    }

    /// The items of as many slots from `first` on.
    ///
    /// # Safety
    ///
    /// The segment lives, and the slots are its own. The pointer came from [`Owned::into_raw`].
    unsafe fn items<'a>(this: *const Self, first: usize, count: usize) -> &'a [Item<T>] {
        debug_assert!(first + count <= Self::SLOTS);
        // SAFETY: they stand one after the other, and were written by `Owned::new`.
        unsafe { slice::from_raw_parts(Self::item(this, first), count) }
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
        unsafe { &*Self::item(this, place) }.with_mut(|to| unsafe { (*to).write(item) });
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
        // SAFETY: the mark says that the item is there, and it is this thread's; so is its place, until it is marked as read.
        let item = unsafe { &*Self::item(this, place) }.with_mut(|from| unsafe { read_out(from) });
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
        // SAFETY: claimed, so of this segment.
        let places = unsafe { Self::items(this, first, count) };
        for ((to, mark), item) in places.iter().zip(marks).zip(&mut left) {
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
        debug_assert!(count > 0);
        // SAFETY: the segment lives, since none of the slots is marked as read yet.
        let segment = unsafe { &*this };
        // SAFETY: claimed, so of this segment.
        let places = unsafe { Self::items(this, first, count) };
        items.extend(places.iter().zip(&segment.written[first..first + count]).map(|(from, written)| {
            // Acquire: G1.
            if !written.load(Acquire) {
                await_mark(written);
            }
            // Without the writes of `read_out`, which made batches slower as a rule.
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
        // SAFETY: all of this segment.
        unsafe { Self::items(this, 0, Self::SLOTS) }.iter().for_each(|item| item.with_mut(|_| ())); // Watched in a model: G4.
        // G6 publishes these, or whatever links the segment.
        segment.written[..Self::SLOTS].iter_mut().for_each(|mark| *mark = AtomicBool::new(false));
        segment.read[..Self::SLOTS].iter_mut().for_each(|run| *run = AtomicU8::new(0));
        segment.next = AtomicPtr::new(ptr::null_mut());
    }
}

/// A segment that no other thread knows of. To drop it drops none of the items that are in it.
pub(super) struct Owned<T>(*mut Segment<T>);

impl<T> Owned<T> {
    pub(super) fn new() -> Self {
        let layout = Segment::<T>::layout();
        // SAFETY: a segment has a size.
        let segment = unsafe { alloc::alloc(layout) }.cast::<Segment<T>>();
        if segment.is_null() {
            alloc::handle_alloc_error(layout);
        }
        let header = Segment {
            written: nothing_written(),
            read: nothing_read(),
            next: AtomicPtr::new(ptr::null_mut()),
            made: UnsafeCell::new(()),
        };
        // SAFETY: allocated above, for this and for the items.
        unsafe { segment.write(header) };
        for place in 0..Segment::<T>::SLOTS {
            // SAFETY: as above. Written where it will stay: on its way through the stack, many large items would overflow it.
            unsafe { Segment::item(segment, place).write(UnsafeCell::new(MaybeUninit::uninit())) };
        }
        // SAFETY: written above.
        unsafe { &*segment }.made.with_mut(|_| ()); // Watched in a model: G2.
        Self(segment)
    }

    /// # Safety
    ///
    /// The segment came from [`into_raw`](Self::into_raw), and no other thread knows of it any longer.
    pub(super) unsafe fn from_raw(segment: *mut Segment<T>) -> Self {
        Self(segment)
    }

    pub(super) fn into_raw(self) -> *mut Segment<T> {
        let segment = self.0;
        mem::forget(self);
        segment
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        for place in 0..Segment::<T>::SLOTS {
            // SAFETY: nobody else knows of the segment, which `new` made, here and below.
            unsafe { Segment::item(self.0, place).drop_in_place() };
        }
        // SAFETY: as above.
        unsafe { self.0.drop_in_place() };
        // SAFETY: as above: by this layout.
        unsafe { alloc::dealloc(self.0.cast(), Segment::<T>::layout()) };
    }
}
