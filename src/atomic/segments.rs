//! An unbounded buffer, or one whose bound is too large to allocate at once: linked segments.
//!
//! The list-of-blocks queue of crossbeam (`SegQueue`, Stjepan Glavina, 2019), with these changes: a mark that closes it in the tail's
//! word; an optional bound; batches, which claim several slots of a segment in one exchange, or go on into the segments that
//! follow; getters that need not look at the tail for every item; segments that are read are freed, or used again, by one thread at a
//! time, so that to write or read a slot takes a store and no exchange. What a segment is, and does, stands in [`super::segment`].
//!
//! # State
//!
//! A *position* counts slots: bits 1 and up, of which the lowest give a slot of a segment. The last number of each segment stands for
//! no slot: while an index is there, a thread is linking the next segment, and others pause. Bit 0 is `CLOSED` in the tail, and nothing in
//! the head.
//!
//! Beside the head stands `seen`, where a getter found the tail at some time. Getters look at the tail only when they have come so far, and leave
//! its cache line to the putters meanwhile. Each of them writes it when it looks. These stores are unordered: an older place may replace a newer one;
//! since the tail never goes back, all that costs is one more look.
//!
//! The life of a segment: it is *linked* by the putter of the last slot before it, and *entered* when the getter of that slot moves the head on. It is *left* when the
//! head moves past it, and *freed* once all its slots are also marked as read. Whoever marks a slot looks afterwards whether the head
//! has left the segment, and if so calls for [`reclaim`](super::reclaim), which frees what is read, in the order of the list; and the getter that moved the head marks its own slot after
//! that, and calls too. So the last of them frees it.
//!
//! (There is one gap. A reader writes its mark and then reads the head, the mover writes the head and then reads the marks: store buffering, as in Q1, and without `SeqCst`, which
//! would cost each get a fence. If both miss the other, what is read is kept until the next segment is left.)
//!
//! Invariant 1: a slot is written only by the thread that moved the tail past it, and read only by the one that moved the head past it.
//! Invariant 2: a segment is freed only once all its slots are read. Invariant 3: a thread touches a segment only if it
//! claimed a slot of it that is not marked as read yet, or is linking it, or moves the head over it, or is at `reclaim`.
//!
//! A thread stopped between its exchange and its mark holds up those that need this very slot; they pause and look again. While one is
//! stopped before it marks a slot as read, its segment and those after it are kept, and it frees them as it goes on.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | G1 | put, mark in `written` | get, look at that mark | the item, and what its putter did | `queue::hands_items_over` |
//! | G2 | linker: segment's `next`, and the first segment at tail and head | every other read of them | the new segment's content, `oldest` | `queue::a_segment_is_entered_by_what_another_saw`, `queue::the_first_segment_is_freed_once` |
//! | G3 | linker or mover: index moved on to the new segment | reader of the index | the segment beside it, and its content | `queue::crosses_segments` |
//!
//! The indices are `SeqCst` where they are claimed, and where they say "full" or "empty", for the sake of those who sleep: see [`super::queue`].

use std::mem;
use std::ptr;
use std::vec;

use crossbeam_utils::CachePadded;

use super::queue::Buffer;
use super::reclaim::Reclaim;
use super::segment::{Owned, Segment};
use super::teardown::drop_items;
use crate::error::{TryGetError, TryPutError};
use crate::no_way_back::no_way_back;
use crate::primitive::atomic::{
    AtomicPtr, AtomicU64,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};
use crate::primitive::{BackOff, Pause, const_unless_model, fall_back, model_fence};

const CLOSED: u64 = 1;
const ONE: u64 = 2;

pub struct Segments<T> {
    head: CachePadded<Head<T>>,
    tail: CachePadded<End<T>>,
    capacity: Option<usize>,
    /// Apart from what every put and get looks at.
    left: CachePadded<Reclaim<T>>,
}

struct Head<T> {
    end: End<T>,
    /// Where the tail was at some time, without its mark.
    seen: AtomicU64,
}

struct End<T> {
    index: AtomicU64,
    /// The segment of the index; null until the first put.
    segment: AtomicPtr<Segment<T>>,
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
    /// only while the index stands at the number that has no slot; or once, from null, at its begin.
    fn look(&self) -> (u64, *mut Segment<T>) {
        let index = self.index.load(Acquire); // G3
        (index, self.segment.load(Acquire)) // G2
    }
}

impl<T> Segments<T> {
    const SLOTS: usize = Segment::<T>::SLOTS;
    /// Positions of a segment, a power of two.
    const LAP: usize = Self::SLOTS + 1;

    /// The slot in its segment at which a position stands; `SLOTS` is no slot.
    fn offset(position: u64) -> usize {
        (position / ONE) as usize % Self::LAP
    }

    /// How many puts, or gets, a position stands for, with a mark in it or without.
    fn count(position: u64) -> u64 {
        position / ONE / Self::LAP as u64 * Self::SLOTS as u64 + Self::offset(position) as u64
    }

    const_unless_model! {
        pub const fn new(capacity: Option<usize>) -> Self {
            Self {
                head: CachePadded::new(Head { end: End::new(), seen: AtomicU64::new(0) }),
                tail: CachePadded::new(End::new()),
                capacity,
                left: CachePadded::new(Reclaim::new()),
            }
        }
    }

    /// How many items fit beside those between `head` and `tail`.
    fn room(&self, head: u64, tail: u64) -> usize {
        match self.capacity {
            None => usize::MAX,
            // The head may have been looked at later than the tail, and stand beyond it.
            Some(capacity) => {
                let queued = Self::count(tail).saturating_sub(Self::count(head));
                capacity.saturating_sub(usize::try_from(queued).unwrap_or(usize::MAX))
            }
        }
    }

    /// Links the first segment, unless another thread has done so. Gives `spare` back if it was not needed.
    #[cold]
    fn link_first(&self, spare: &mut Option<Owned<T>>) {
        let first = spare.take().unwrap_or_else(Owned::new).into_raw();
        // Release: G2. Relaxed on failure: the next look acquires.
        if self.tail.segment.compare_exchange(ptr::null_mut(), first, Release, Relaxed).is_ok() {
            // SAFETY: nobody reclaims before there is a segment at the head.
            unsafe { self.left.begin_with(first) };
            self.head.end.segment.store(first, Release); // G2
        } else {
            // SAFETY: made above, and nobody else has seen it.
            *spare = Some(unsafe { Owned::from_raw(first) });
        }
    }

    /// Claims the next slot of a queue without a bound, if nothing is in the way: the common case, without a loop. Not the last slot of a
    /// segment, whose putter has a segment to link.
    #[inline]
    fn claim_one_free(&self) -> Option<(*mut Segment<T>, usize)> {
        let (tail, segment) = self.tail.look();
        let place = Self::offset(tail);
        if tail & CLOSED != 0 || segment.is_null() || self.capacity.is_some() || place >= Self::SLOTS - 1 {
            return None;
        }
        // SeqCst: Q1, Q3. Relaxed on failure: nothing was learnt but to look again.
        if self.tail.index.compare_exchange(tail, tail + ONE, SeqCst, Relaxed).is_err() {
            _ = BackOff::new().stay_away();
            return None;
        }
        Some((segment, place))
    }

    /// Claims the next item, if nothing is in the way. Not the last slot of a segment, whose getter has the head to move on.
    #[inline]
    fn claim_one_full(&self) -> Option<(*mut Segment<T>, usize)> {
        let (head, segment) = self.head.end.look();
        let place = Self::offset(head);
        // Relaxed: whoever passed the place has claimed the slot, and more is not asked; the item is awaited by its mark.
        if head >= self.head.seen.load(Relaxed) || segment.is_null() || place >= Self::SLOTS - 1 {
            return None;
        }
        // SeqCst: Q2. Relaxed on failure: nothing was learnt but to look again.
        if self.head.end.index.compare_exchange(head, head + ONE, SeqCst, Relaxed).is_err() {
            _ = BackOff::new().stay_away();
            return None;
        }
        Some((segment, place))
    }

    /// # Safety
    ///
    /// This thread claimed this slot for reading, and no other of the segment that it has still to read.
    #[inline]
    unsafe fn read_one(&self, segment: *mut Segment<T>, place: usize) -> T {
        // SAFETY: claimed, and read here alone.
        let item = unsafe { Segment::read(segment, place) };
        self.after_read(segment);
        item
    }

    /// Claims up to `max` free slots of one segment, at least one; returns the segment, the first slot and their number.
    fn claim_free(&self, max: usize) -> Result<(*mut Segment<T>, usize, usize), TryPutError> {
        let (pause, mut back_off) = (Pause::new(), BackOff::new());
        let mut spare = None;
        loop {
            let (tail, segment) = self.tail.look();
            if tail & CLOSED != 0 {
                return Err(TryPutError::ShutDown(()));
            }
            let first = Self::offset(tail);
            if first == Self::SLOTS {
                // The next segment is being linked.
                pause.pause();
                continue;
            }
            if segment.is_null() {
                self.link_first(&mut spare);
                continue;
            }
            // Relaxed: an older head has less room; "full" is looked at again below.
            let head = if self.capacity.is_some() { self.head.end.index.load(Relaxed) } else { 0 };
            let n = max.min(Self::SLOTS - first).min(self.room(head, tail));
            if n == 0 {
                model_fence();
                // SeqCst, both: Q2, Q3.
                let head = self.head.end.index.load(SeqCst);
                if self.tail.index.load(SeqCst) == tail && self.room(head, tail) == 0 {
                    return Err(TryPutError::Full(()));
                }
                continue;
            }
            // Before the exchange, so that others pause only for the linking.
            let is_last = first + n == Self::SLOTS;
            if is_last && spare.is_none() {
                spare = Some(self.left.take_spare().unwrap_or_else(Owned::new));
            }
            // SeqCst: Q1, Q3. Relaxed on failure: the next look acquires.
            if self.tail.index.compare_exchange_weak(tail, tail + n as u64 * ONE, SeqCst, Relaxed).is_err() {
                back_off = back_off.stay_away();
                continue;
            }
            if let Some(next) = spare.take_if(|_| is_last) {
                let next = next.into_raw();
                self.tail.segment.store(next, Relaxed); // Relaxed: G3 publishes it, below.
                // SeqCst, as every move of the tail is; Release with it: G3. An addition, since the mark may be set meanwhile.
                self.tail.index.fetch_add(ONE, SeqCst);
                // SAFETY: this thread claimed the last slot and has not written it, so the segment lives (Invariant 3).
                unsafe { &*segment }.link(next);
            }
            return Ok((segment, first, n));
        }
    }

    /// Claims up to `max` items, at least one; returns the segment of the first, its slot, and how many. They may go on in the
    /// segments that follow.
    fn claim_full(&self, max: usize) -> Result<(*mut Segment<T>, usize, usize), TryGetError> {
        let (pause, mut back_off) = (Pause::new(), BackOff::new());
        loop {
            let (head, segment) = self.head.end.look();
            let first = Self::offset(head);
            if first == Self::SLOTS {
                // Another getter is moving on to the next segment.
                pause.pause();
                continue;
            }
            // Relaxed: as in `claim_one_full`.
            let mut tail = self.head.seen.load(Relaxed);
            // A batch takes all that are there, so it has to know.
            if Self::count(tail) < Self::count(head).saturating_add(max as u64) {
                model_fence();
                // SeqCst: Q1, Q3.
                tail = self.tail.index.load(SeqCst);
                if Self::count(tail) <= Self::count(head) {
                    // The tail is never behind the head's true place; equal to it, the queue was empty at that look. (In `SeqCst` order; an unordered look may show a later
                    // head.)
                    return Err(if tail & CLOSED != 0 { TryGetError::ShutDown } else { TryGetError::Empty });
                }
                // Relaxed: a place that the tail has passed, whoever reads it. An older one may replace it, and costs a look.
                self.head.seen.store(tail & !CLOSED, Relaxed);
            }
            if segment.is_null() {
                // The putter of the first item is linking the first segment.
                pause.pause();
                continue;
            }
            let n = max.min(Self::SLOTS - first).min((Self::count(tail) - Self::count(head)) as usize);
            let next_head = head + n as u64 * ONE;
            // SeqCst: Q2. Relaxed on failure: the next look acquires.
            if self.head.end.index.compare_exchange_weak(head, next_head, SeqCst, Relaxed).is_err() {
                back_off = back_off.stay_away();
                continue;
            }
            if first + n < Self::SLOTS {
                return Ok((segment, first, n));
            }
            // SAFETY: this thread claimed the last slot of the segment, and the head stands at the number after it.
            let more = unsafe { self.move_on(segment, next_head, max - n) };
            return Ok((segment, first, n + more));
        }
    }

    /// Moves the head from the end of `segment` to the next one, and past up to `max` items that are there: until it stands at a
    /// slot again, other getters pause. Returns how many items it moved past, which this thread claims by that.
    ///
    /// # Safety
    ///
    /// This thread claimed the last slot of `segment` and has not read it; the head is at `end`, the number after that slot.
    unsafe fn move_on(&self, segment: *mut Segment<T>, end: u64, max: usize) -> usize {
        // Before the look at the tail below: who linked the next segment had moved the tail to it, so that look, after this one's acquire, finds it there or beyond, and no older place.
        // SAFETY: the last slot is not read, so the segment lives (Invariant 3).
        let mut next = unsafe { (*segment).wait_next() };
        let mut head = end + ONE;
        let mut claimed = 0;
        if max > 0 {
            // SeqCst, as every look that says how many items there are.
            let there = Self::count(self.tail.index.load(SeqCst)) - Self::count(head);
            claimed = usize::try_from(there).map_or(max, |there| there.min(max));
            let mut left = claimed;
            while left >= Self::SLOTS {
                // SAFETY: nobody can claim the slots of this segment but this thread, so it lives; and all of them have putters.
                next = unsafe { (*next).wait_next() };
                head += Self::LAP as u64 * ONE;
                left -= Self::SLOTS;
            }
            head += left as u64 * ONE;
        }
        self.head.end.segment.store(next, Relaxed); // Relaxed: G3 publishes it, below.
        // SeqCst: Q2, as every move of the head is; Release with it: G3.
        self.head.end.index.store(head, SeqCst);
        claimed
    }

    /// Called after a slot of `segment` was read: reclaims, if the head has left it.
    #[inline]
    fn after_read(&self, segment: *mut Segment<T>) {
        // Relaxed: to miss that it has just been left keeps it until the next is left.
        if self.head.end.segment.load(Relaxed) != segment {
            // SAFETY: of this queue, and the getters keep to the invariants.
            unsafe { self.left.reclaim() };
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
    fn push_at_once(&self, item: T) -> Result<(), T> {
        let Some((segment, place)) = self.claim_one_free() else { return Err(item) };
        // SAFETY: claimed.
        unsafe { Segment::write(segment, place, item) };
        Ok(())
    }

    /// Without a bound no putter waits for a getter; with one, far too many items are between them.
    fn fall_back_after_put(&self) {}

    fn push(&self, item: T) -> Result<(), TryPutError<T>> {
        match self.claim_free(1) {
            Ok((segment, place, _)) => {
                // SAFETY: claimed.
                unsafe { Segment::write(segment, place, item) };
                Ok(())
            }
            Err(refusal) => Err(refusal.map(|()| item)),
        }
    }

    fn push_many(&self, items: &mut vec::IntoIter<T>) -> Result<usize, TryPutError> {
        let (segment, first, n) = self.claim_free(items.len())?;
        // SAFETY: claimed.
        unsafe { Segment::write_many(segment, first, n, items) };
        Ok(n)
    }

    #[inline]
    fn pop_at_once(&self) -> Option<T> {
        let (segment, place) = self.claim_one_full()?;
        // SAFETY: claimed.
        Some(unsafe { self.read_one(segment, place) })
    }

    fn pop_at_a_glance(&self) -> Option<T> {
        // Relaxed, both: only a guess.
        if self.tail.index.load(Relaxed) & !CLOSED == self.head.end.index.load(Relaxed) {
            return None;
        }
        self.pop().ok()
    }

    /// Where the getter may have taken the last item that it knew of, and the tail has moved on meanwhile, a putter is just ahead, and this thread would take the
    /// line with the tail from it for every item.
    fn fall_back_after_get(&self) {
        fall_back(|| {
            // Relaxed, all: only a guess, which orders nothing.
            let seen = self.head.seen.load(Relaxed);
            let goes_on = self.head.end.index.load(Relaxed) == seen && self.tail.index.load(Relaxed) & !CLOSED != seen;
            if goes_on { usize::MAX } else { 0 }
        });
    }

    fn pop(&self) -> Result<T, TryGetError> {
        let (segment, place, _) = self.claim_full(1)?;
        // SAFETY: claimed.
        Ok(unsafe { self.read_one(segment, place) })
    }

    fn pop_many(&self, max: usize) -> Result<Vec<T>, TryGetError> {
        let (mut segment, mut first, n) = self.claim_full(max)?;
        // For more bytes than there can be it panics, and the claimed slots would never be read.
        let mut items = no_way_back(|| Vec::with_capacity(n));
        loop {
            let end = Self::SLOTS.min(first + n - items.len());
            let is_last = items.len() + end - first == n;
            // SAFETY: the segment lives: none of these slots is read yet (Invariant 3). The claim goes past its end, so the next is linked.
            let next = if is_last { segment } else { unsafe { (*segment).wait_next() } };
            // SAFETY: claimed, and read here alone.
            unsafe { Segment::read_many(segment, first, end - first, &mut items) };
            self.after_read(segment);
            if is_last {
                return Ok(items);
            }
            (segment, first) = (next, 0);
        }
    }

    fn close(&self) {
        self.tail.index.fetch_or(CLOSED, SeqCst); // Q3, Q7
    }

    fn is_closed(&self) -> bool {
        self.tail.index.load(Acquire) & CLOSED != 0 // Q7
    }

    fn len(&self) -> usize {
        loop {
            let tail = self.tail.index.load(SeqCst); // SeqCst, as its writes are: the two looks at it enclose the one at the head.
            let head = self.head.end.index.load(SeqCst);
            if self.tail.index.load(SeqCst) == tail {
                return Self::count(tail).saturating_sub(Self::count(head)) as usize;
            }
        }
    }

    fn puts(&self) -> u64 {
        Self::count(self.tail.index.load(SeqCst)) // Q4
    }
}

impl<T> Drop for Segments<T> {
    fn drop(&mut self) {
        // Those that need no drop go with their segments.
        let pop = || if mem::needs_drop::<T>() { self.pop().ok() } else { None };
        // SAFETY: nobody else refers to the queue any longer, and the items that need a drop are gone.
        drop_items(pop, || unsafe { self.left.free_all() });
    }
}
