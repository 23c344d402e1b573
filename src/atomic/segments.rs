//! An unbounded buffer, or one whose bound is too large to allocate at once: linked segments.
//!
//! The list-of-blocks queue of crossbeam (`SegQueue`, Stjepan Glavina, 2019), with these changes: a mark that closes it in the tail's
//! word; an optional bound; batches, which claim several slots of a segment in one exchange, or go on into the segments that
//! follow; segments that are read are freed, or used again, by one thread at a time, so that to write or read a slot takes a store and
//! no exchange.
//!
//! # State
//!
//! A *position* counts slots: bits 1 and up, of which the lowest give a slot of a segment. The last number of each segment stands for
//! no slot: while an index is there, a thread is linking the next segment, and others pause. Bit 0 is `CLOSED` in the tail, and in the head
//! `HAS_NEXT`: the head's segment is not the tail's, so there is an item, and the tail need not be looked at.
//!
//! | `state` of a slot | meaning | set by |
//! |---|---|---|
//! | `EMPTY` | to be written | whoever made the segment |
//! | `WRITTEN` | the item is there | its putter |
//! | `READ` | the item is gone | its getter |
//!
//! The getter that claims the last slot of a segment moves the head on to the next one, and reads its slot after that. So a segment whose
//! every slot is read is one that the head has left; those are freed, in their order, by one thread at a time: `reclaim`.
//!
//! Invariant 1: a slot is written only by the thread that moved the tail past it, and read only by the one that moved the head past it.
//! Invariant 2: a segment is freed only once all its slots are `READ`. Invariant 3: a thread touches a segment only if it
//! claimed a slot of it that is not `READ` yet, or is linking it, or has `reclaiming`.
//!
//! A thread stopped between its exchange and its mark holds up those that need this very slot; they pause and look again. While one is
//! stopped before its `READ`, its segment and those after it are kept; whoever reads a slot of a segment that the head has left calls
//! `reclaim`, so it frees them as it goes on.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | G1 | put, write of `WRITTEN` | get, look at the slot's state | the item, and what its putter did | `queue::hands_items_over` |
//! | G2 | linker: segment's `next`, and the first segment at tail and head | every other read of them | the new segment's content, `oldest` | `queue::crosses_segments`, `queue::the_first_segment_is_freed_once` |
//! | G3 | linker or mover: index moved on to the new segment | reader of the index | the segment beside it, and its content | `queue::crosses_segments` |
//! | G4 | get, write of `READ` | `reclaim`, look at the state | that its reader is done with the segment | `queue::segments_are_freed_once` |
//! | G5 | `reclaim`, end | next `reclaim`, begin | `oldest` | `queue::segments_are_freed_once` |
//! | G6 | `reclaim`, exchange of `spare` | putter, exchange of `spare` | that the segment is empty again | `queue::segments_are_used_again` |
//!
//! The indices are `SeqCst` where they are claimed, and where they say "full" or "empty", for the sake of those who sleep: see [`super::queue`].

use std::mem::MaybeUninit;
use std::ptr;
use std::vec;

use crossbeam_utils::CachePadded;

use super::queue::Buffer;
use super::teardown::drop_items;
use crate::error::{TryGetError, TryPutError};
use crate::primitive::atomic::{
    AtomicBool, AtomicPtr, AtomicU8, AtomicU64,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};
use crate::primitive::{IS_MODEL, Pause, UnsafeCell, const_unless_model, model_fence};

const CLOSED: u64 = 1;
const HAS_NEXT: u64 = 1;
const ONE: u64 = 2;

/// Positions of a segment, a power of two; in a model as few as still make every case.
const LAP: usize = if IS_MODEL { 4 } else { 32 };
/// Slots of a segment.
pub(super) const SLOTS: usize = LAP - 1;

const EMPTY: u8 = 0;
const WRITTEN: u8 = 1;
const READ: u8 = 2;

fn offset(position: u64) -> usize {
    (position / ONE) as usize % LAP
}

fn segment_number(position: u64) -> u64 {
    position / ONE / LAP as u64
}

/// How many puts, or gets, a position stands for.
fn count(position: u64) -> u64 {
    segment_number(position) * SLOTS as u64 + offset(position) as u64
}

pub struct Segments<T> {
    head: CachePadded<End<T>>,
    tail: CachePadded<End<T>>,
    capacity: Option<usize>,
    /// Apart from what every put and get looks at.
    garbage: CachePadded<Garbage<T>>,
}

struct Garbage<T> {
    /// Whether a thread frees segments.
    reclaiming: AtomicBool,
    /// The first segment that is not freed, from which `next` leads to all others. For the thread that has `reclaiming`.
    oldest: UnsafeCell<*mut Segment<T>>,
    /// A segment that was freed and is as good as new, or null.
    spare: AtomicPtr<Segment<T>>,
}

struct End<T> {
    index: AtomicU64,
    /// The segment of the index; null until the first put.
    segment: AtomicPtr<Segment<T>>,
}

struct Segment<T> {
    next: AtomicPtr<Segment<T>>,
    /// Nothing, but in a model something that is watched: who comes here by `next` must come after the making of the rest.
    made: UnsafeCell<()>,
    slots: [Slot<T>; SLOTS],
}

struct Slot<T> {
    state: AtomicU8,
    item: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: an item is written by one thread and read out by one other (Invariant 1), the second after the first (G1), so what
// threads share of a `T` is at most its move.
unsafe impl<T: Send> Send for Segments<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Segments<T> {}

impl<T> End<T> {
    const_unless_model! {
        const fn new() -> Self {
            Self { index: AtomicU64::new(0), segment: AtomicPtr::new(ptr::null_mut()) }
        }
    }

    /// The index and its segment. They belong together if the index is still the same when it is exchanged: the segment changes
    /// only while the index stands at the number that has no slot.
    fn look(&self) -> (u64, *mut Segment<T>) {
        let index = self.index.load(Acquire); // G3
        (index, self.segment.load(Acquire)) // G2
    }
}

impl<T> Segment<T> {
    /// Written field by field where it will stay: on its way through the stack, a segment of large items would overflow it.
    fn new() -> Box<Self> {
        let mut segment = Box::<Self>::new_uninit();
        let this = segment.as_mut_ptr();
        // SAFETY: `this` points to memory for a segment that nobody else knows of, here and below.
        let next = unsafe { &raw mut (*this).next };
        // SAFETY: as above.
        unsafe { next.write(AtomicPtr::new(ptr::null_mut())) };
        // SAFETY: as above.
        let made = unsafe { &raw mut (*this).made };
        // SAFETY: as above.
        unsafe { made.write(UnsafeCell::new(())) };
        for place in 0..SLOTS {
            // SAFETY: as above.
            let state = unsafe { &raw mut (*this).slots[place].state };
            // SAFETY: as above.
            unsafe { state.write(AtomicU8::new(EMPTY)) };
            // SAFETY: as above.
            let item = unsafe { &raw mut (*this).slots[place].item };
            // SAFETY: as above.
            unsafe { item.write(UnsafeCell::new(MaybeUninit::uninit())) };
        }
        // SAFETY: every field was written above.
        unsafe { segment.assume_init() }
    }

    /// The next segment, which the putter that claimed the last slot links.
    fn wait_next(&self) -> *mut Self {
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

    /// Makes a segment that is read as good as new.
    ///
    /// # Safety
    ///
    /// Every slot is read, and nobody else knows of the segment.
    unsafe fn clean(this: *mut Self) {
        // SAFETY: the segment is this thread's alone.
        let segment = unsafe { &*this };
        segment.made.with_mut(|_| ()); // Watched in a model: G2.
        // Relaxed, both: G6 publishes them, or whatever links the segment.
        segment.next.store(ptr::null_mut(), Relaxed);
        for slot in &segment.slots {
            slot.item.with_mut(|_| ()); // Watched in a model: G4.
            slot.state.store(EMPTY, Relaxed);
        }
    }

    /// Whether every slot is read.
    fn is_read(&self) -> bool {
        // Acquire: G4. The last slots first: those are read last.
        self.slots.iter().rev().all(|slot| slot.state.load(Acquire) == READ)
    }
}

impl<T> Slot<T> {
    /// Takes a pointer, not a reference, which would have to stay valid until this returns: a reader may free the segment as soon
    /// as the mark is set.
    ///
    /// # Safety
    ///
    /// The slot was claimed by this thread for writing (Invariant 1).
    #[inline]
    unsafe fn write(this: *const Self, item: T) {
        // SAFETY: the segment lives, since this slot is not read before the mark below is set (Invariant 3).
        let slot = unsafe { &*this };
        // SAFETY: nobody else accesses the item before the mark below.
        slot.item.with_mut(|place| unsafe { (*place).write(item) });
        slot.state.store(WRITTEN, Release); // G1
    }

    /// Takes a pointer, as `write` does: the segment may be freed as soon as the mark is set.
    ///
    /// # Safety
    ///
    /// The slot was claimed by this thread for reading (Invariant 1), and is read once. This thread does not touch the segment again,
    /// unless it claimed more of its slots.
    #[inline]
    unsafe fn read(this: *const Self) -> T {
        // SAFETY: the segment lives, since this slot is not `READ` yet (Invariant 3).
        let slot = unsafe { &*this };
        // Acquire: G1.
        if slot.state.load(Acquire) != WRITTEN {
            slot.await_written();
        }
        // SAFETY: the mark says that the item is there, and it is this thread's.
        let item = slot.item.with(|place| unsafe { place.cast::<T>().read() });
        slot.state.store(READ, Release); // G4
        item
    }

    /// Waits for the putter, which has claimed the slot.
    #[cold]
    fn await_written(&self) {
        let pause = Pause::new();
        while self.state.load(Acquire) != WRITTEN {
            pause.pause(); // Acquire above: G1.
        }
    }
}

impl<T> Segments<T> {
    const_unless_model! {
        pub const fn new(capacity: Option<usize>) -> Self {
            Self {
                head: CachePadded::new(End::new()),
                tail: CachePadded::new(End::new()),
                capacity,
                garbage: CachePadded::new(Garbage {
                    reclaiming: AtomicBool::new(false),
                    oldest: UnsafeCell::new(ptr::null_mut()),
                    spare: AtomicPtr::new(ptr::null_mut()),
                }),
            }
        }
    }

    /// How many items fit beside those between `head` and `tail`.
    fn room(&self, head: u64, tail: u64) -> usize {
        match self.capacity {
            None => usize::MAX,
            // The head may have been looked at later than the tail, and stand beyond it.
            Some(capacity) => capacity.saturating_sub(count(tail).saturating_sub(count(head)) as usize),
        }
    }

    /// Links the first segment, unless another thread has done so. Gives `spare` back if it was not needed.
    #[cold]
    fn link_first(&self, spare: &mut Option<Box<Segment<T>>>) {
        let first = Box::into_raw(spare.take().unwrap_or_else(Segment::new));
        // Release: G2. Relaxed on failure: the next look acquires.
        if self.tail.segment.compare_exchange(ptr::null_mut(), first, Release, Relaxed).is_ok() {
            // SAFETY: nobody reclaims before there is a segment at the head.
            self.garbage.oldest.with_mut(|oldest| unsafe { *oldest = first });
            self.head.segment.store(first, Release); // G2
        } else {
            // SAFETY: made above, and nobody else has seen it.
            *spare = Some(unsafe { Box::from_raw(first) });
        }
    }

    /// Claims the next slot of a queue without a bound, if nothing is in the way: the common case, without a loop. Not the last slot of a
    /// segment, whose putter has a segment to link.
    #[inline]
    fn claim_one_free(&self) -> Option<*const Slot<T>> {
        let (tail, segment) = self.tail.look();
        let place = offset(tail);
        let open = tail & CLOSED == 0 && !segment.is_null() && self.capacity.is_none();
        // SeqCst: Q1, Q3. Relaxed on failure: nothing was learnt but to look again.
        let claimed =
            open && place < SLOTS - 1 && self.tail.index.compare_exchange(tail, tail + ONE, SeqCst, Relaxed).is_ok();
        // SAFETY: claimed; the segment lives, since this slot is not read yet (Invariant 3).
        claimed.then(|| unsafe { &raw const (*segment).slots[place] })
    }

    /// Claims the next item, if nothing is in the way. Not the last slot of a segment, whose getter has the head to move on.
    #[inline]
    fn claim_one_full(&self) -> Option<(*mut Segment<T>, usize)> {
        let (head, segment) = self.head.look();
        let place = offset(head);
        // Relaxed: an old tail only sends this call the long way. It is never behind the head, whose mover had seen it (G3).
        let there = head & HAS_NEXT != 0 || self.tail.index.load(Relaxed) & !CLOSED != head;
        // SeqCst: Q2. Relaxed on failure: nothing was learnt but to look again.
        let claimed = there
            && place < SLOTS - 1
            && !segment.is_null()
            && self.head.index.compare_exchange(head, head + ONE, SeqCst, Relaxed).is_ok();
        claimed.then_some((segment, place))
    }

    #[cold]
    fn push_slowly(&self, item: T) -> Result<(), TryPutError<T>> {
        // In case it was a race that was lost.
        Pause::new().back_off();
        match self.claim_free(1) {
            Ok((segment, place, _)) => {
                // SAFETY: claimed; the segment lives, since this slot is not read yet (Invariant 3).
                let slot = unsafe { &raw const (*segment).slots[place] };
                // SAFETY: claimed.
                unsafe { Slot::write(slot, item) };
                Ok(())
            }
            Err(refusal) => Err(refusal.map(|()| item)),
        }
    }

    #[cold]
    fn pop_slowly(&self) -> Result<T, TryGetError> {
        // In case it was a race that was lost.
        Pause::new().back_off();
        let (segment, place, _) = self.claim_full(1)?;
        // SAFETY: claimed.
        Ok(unsafe { self.read_one(segment, place) })
    }

    /// # Safety
    ///
    /// This thread claimed this slot for reading, and no other of the segment that it has still to read.
    #[inline]
    unsafe fn read_one(&self, segment: *mut Segment<T>, place: usize) -> T {
        // SAFETY: the segment lives, since this slot is not read yet (Invariant 3).
        let slot = unsafe { &raw const (*segment).slots[place] };
        // SAFETY: claimed, and read here alone.
        let item = unsafe { Slot::read(slot) };
        self.after_read(segment);
        item
    }

    /// Claims up to `max` free slots of one segment, at least one; answers the segment, the first slot and their number.
    fn claim_free(&self, max: usize) -> Result<(*mut Segment<T>, usize, usize), TryPutError> {
        let pause = Pause::new();
        let mut spare = None;
        loop {
            let (tail, segment) = self.tail.look();
            if tail & CLOSED != 0 {
                return Err(TryPutError::ShutDown(()));
            }
            let first = offset(tail);
            if first == SLOTS {
                // The next segment is being linked.
                pause.pause();
                continue;
            }
            if segment.is_null() {
                self.link_first(&mut spare);
                continue;
            }
            // Relaxed: an older head has less room; "full" is looked at again below.
            let head = if self.capacity.is_some() { self.head.index.load(Relaxed) } else { 0 };
            let n = max.min(SLOTS - first).min(self.room(head, tail));
            if n == 0 {
                model_fence();
                // SeqCst, both: Q2, Q3.
                let head = self.head.index.load(SeqCst);
                if self.tail.index.load(SeqCst) == tail && self.room(head, tail) == 0 {
                    return Err(TryPutError::Full(()));
                }
                continue;
            }
            // Before the exchange, so that others pause only for the linking.
            let is_last = first + n == SLOTS;
            if is_last && spare.is_none() {
                spare = Some(self.fresh());
            }
            // SeqCst: Q1, Q3. Relaxed on failure: the next look acquires.
            if self.tail.index.compare_exchange_weak(tail, tail + n as u64 * ONE, SeqCst, Relaxed).is_err() {
                pause.back_off();
                continue;
            }
            if let Some(next) = spare.take_if(|_| is_last) {
                let next = Box::into_raw(next);
                self.tail.segment.store(next, Relaxed); // Relaxed: G3 publishes it, below.
                // SeqCst, as every move of the tail is; Release with it: G3. An addition, since the mark may be set meanwhile.
                self.tail.index.fetch_add(ONE, SeqCst);
                // SAFETY: this thread claimed the last slot and has not written it, so the segment lives (Invariant 3).
                unsafe { (*segment).next.store(next, Release) }; // G2
            }
            return Ok((segment, first, n));
        }
    }

    /// Claims up to `max` items, at least one; answers the segment of the first, its slot, and how many. They may go on in the
    /// segments that follow.
    fn claim_full(&self, max: usize) -> Result<(*mut Segment<T>, usize, usize), TryGetError> {
        let pause = Pause::new();
        loop {
            let (head, segment) = self.head.look();
            let first = offset(head);
            if first == SLOTS {
                // Another getter is moving on to the next segment.
                pause.pause();
                continue;
            }
            let mut has_next = head & HAS_NEXT;
            let mut end = SLOTS;
            if has_next == 0 {
                model_fence();
                // SeqCst: Q1, Q3.
                let tail = self.tail.index.load(SeqCst);
                if count(tail & !CLOSED) <= count(head) {
                    // The tail is never behind the head's true place; equal to it, the queue was empty at that look.
                    return Err(if tail & CLOSED != 0 { TryGetError::ShutDown } else { TryGetError::Empty });
                }
                if segment_number(tail) == segment_number(head) {
                    end = offset(tail);
                } else {
                    has_next = HAS_NEXT;
                }
            }
            if segment.is_null() {
                // The putter of the first item is linking the first segment.
                pause.pause();
                continue;
            }
            let n = max.min(end - first);
            let next_head = ((head & !HAS_NEXT) + n as u64 * ONE) | has_next;
            // SeqCst: Q2. Relaxed on failure: the next look acquires.
            if self.head.index.compare_exchange_weak(head, next_head, SeqCst, Relaxed).is_err() {
                pause.back_off();
                continue;
            }
            if first + n < SLOTS {
                return Ok((segment, first, n));
            }
            // SAFETY: this thread claimed the last slot of the segment, and the head stands at the number after it.
            let more = unsafe { self.move_on(segment, next_head & !HAS_NEXT, max - n) };
            return Ok((segment, first, n + more));
        }
    }

    /// Moves the head from the end of `segment` to the next one, and past up to `max` items that are there: until it stands at a
    /// slot again, other getters pause. Answers how many items it moved past, which this thread claims by that.
    ///
    /// # Safety
    ///
    /// This thread claimed the last slot of `segment` and has not read it; the head is at `end`, the number after that slot.
    unsafe fn move_on(&self, segment: *mut Segment<T>, end: u64, max: usize) -> usize {
        // SAFETY: the last slot is not read, so the segment lives (Invariant 3).
        let mut next = unsafe { (*segment).wait_next() };
        let mut head = end + ONE;
        let mut claimed = 0;
        if max > 0 {
            // SeqCst, as every look that says how many items there are.
            let there = count(self.tail.index.load(SeqCst)) - count(head);
            claimed = usize::try_from(there).map_or(max, |there| there.min(max));
            let mut left = claimed;
            while left >= SLOTS {
                // SAFETY: nobody can claim the slots of this segment but this thread, so it lives; and all of them have putters.
                next = unsafe { (*next).wait_next() };
                head += LAP as u64 * ONE;
                left -= SLOTS;
            }
            head += left as u64 * ONE;
        }
        // SAFETY: the segment lives: the head has not come to it yet.
        // Relaxed: a hint; without it the tail is looked at.
        let has_next = if unsafe { (*next).next.load(Relaxed) }.is_null() { 0 } else { HAS_NEXT };
        self.head.segment.store(next, Relaxed); // Relaxed: G3 publishes it, below.
        // SeqCst: Q2, as every move of the head is; Release with it: G3.
        self.head.index.store(head | has_next, SeqCst);
        claimed
    }

    /// Frees the segments that are read, the oldest first. If another thread is at it, leaves it to that one, or to the next.
    #[cold]
    fn reclaim(&self) {
        // Acquire: G5. Relaxed on failure: nothing is done.
        if self.garbage.reclaiming.compare_exchange(false, true, Acquire, Relaxed).is_err() {
            return;
        }
        // SAFETY: this thread has `reclaiming`.
        let mut segment = self.garbage.oldest.with(|oldest| unsafe { *oldest });
        // SAFETY: a segment lives until it is freed here (Invariant 2), and there is one after each that is read.
        while unsafe { &*segment }.is_read() {
            // SAFETY: as above.
            let next = unsafe { &*segment }.wait_next();
            // SAFETY: every slot is read, so nobody else touches the segment any longer (Invariant 3).
            unsafe { self.recycle(segment) };
            segment = next;
        }
        // SAFETY: as above.
        self.garbage.oldest.with_mut(|oldest| unsafe { *oldest = segment });
        self.garbage.reclaiming.store(false, Release); // G5
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
        let spare = self.garbage.spare.swap(segment, Release);
        if !spare.is_null() {
            // SAFETY: whoever takes the spare segment out has it alone.
            drop(unsafe { Box::from_raw(spare) });
        }
    }

    /// An empty segment.
    fn fresh(&self) -> Box<Segment<T>> {
        // Acquire: G6.
        let spare = self.garbage.spare.swap(ptr::null_mut(), Acquire);
        // SAFETY: whoever takes the spare segment out has it alone.
        if spare.is_null() { Segment::new() } else { unsafe { Box::from_raw(spare) } }
    }

    /// Called after a slot of `segment` was read: reclaims, if the head has left it.
    #[inline]
    fn after_read(&self, segment: *mut Segment<T>) {
        // Relaxed: to miss that it has just been left is no harm, since whoever moved the head on comes here too.
        if self.head.segment.load(Relaxed) != segment {
            self.reclaim();
        }
    }
}

impl<T> Buffer<T> for Segments<T> {
    fn new(capacity: Option<usize>) -> Self {
        Self::new(capacity)
    }

    fn capacity(&self) -> Option<usize> {
        self.capacity
    }

    #[inline]
    fn push(&self, item: T) -> Result<(), TryPutError<T>> {
        let Some(slot) = self.claim_one_free() else { return self.push_slowly(item) };
        // SAFETY: claimed.
        unsafe { Slot::write(slot, item) };
        Ok(())
    }

    fn push_many(&self, items: &mut vec::IntoIter<T>) -> Result<usize, TryPutError> {
        let (segment, first, n) = self.claim_free(items.len())?;
        for (place, item) in (first..first + n).zip(items) {
            // SAFETY: claimed; the segment lives, since this slot is not read yet (Invariant 3).
            let slot = unsafe { &raw const (*segment).slots[place] };
            // SAFETY: claimed.
            unsafe { Slot::write(slot, item) };
        }
        Ok(n)
    }

    #[inline]
    fn pop(&self) -> Result<T, TryGetError> {
        let Some((segment, place)) = self.claim_one_full() else { return self.pop_slowly() };
        // SAFETY: claimed.
        Ok(unsafe { self.read_one(segment, place) })
    }

    fn pop_many(&self, max: usize) -> Result<Vec<T>, TryGetError> {
        let (mut segment, mut first, n) = self.claim_full(max)?;
        let mut items = Vec::with_capacity(n);
        loop {
            let end = SLOTS.min(first + n - items.len());
            let is_last = items.len() + end - first == n;
            // SAFETY: the segment lives: none of these slots is read yet (Invariant 3). The claim goes past its end, so the next is linked.
            let next = if is_last { segment } else { unsafe { (*segment).wait_next() } };
            for place in first..end {
                // SAFETY: claimed; the segment lives, since this slot is not read yet (Invariant 3).
                let slot = unsafe { &raw const (*segment).slots[place] };
                // SAFETY: claimed, and read here alone.
                items.push(unsafe { Slot::read(slot) });
            }
            self.after_read(segment);
            if is_last {
                return Ok(items);
            }
            (segment, first) = (next, 0);
        }
    }

    fn close(&self) {
        self.tail.index.fetch_or(CLOSED, SeqCst); // Q3
    }

    fn is_closed(&self) -> bool {
        // Relaxed: once closed, always closed; a thread that was told so sees it.
        self.tail.index.load(Relaxed) & CLOSED != 0
    }

    fn len(&self) -> usize {
        loop {
            let tail = self.tail.index.load(SeqCst); // SeqCst, as its writes are: the two looks at it enclose the one at the head.
            let head = self.head.index.load(SeqCst);
            if self.tail.index.load(SeqCst) == tail {
                return count(tail & !CLOSED).saturating_sub(count(head & !HAS_NEXT)) as usize;
            }
        }
    }

    fn puts(&self) -> u64 {
        count(self.tail.index.load(SeqCst)) // Q4
    }
}

impl<T> Drop for Segments<T> {
    fn drop(&mut self) {
        let free = || {
            // SAFETY: nobody else refers to the queue any longer, here and below.
            let mut segment = self.garbage.oldest.with(|oldest| unsafe { *oldest });
            drop(self.fresh());
            while !segment.is_null() {
                // SAFETY: a segment that was not freed yet.
                let freed = unsafe { Box::from_raw(segment) };
                segment = freed.next.load(Relaxed); // Relaxed: as above.
            }
        };
        drop_items(|| self.pop().ok(), free);
    }
}
