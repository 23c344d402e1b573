//! A bounded buffer: a ring of stamped slots.
//!
//! Dmitry Vyukov's bounded MPMC queue (2010), with these changes: any capacity, not only powers of two; a mark that closes the
//! ring in the tail's word; a stamp that tells a full slot from a free one by a bit of its own, so that one slot is enough;
//! batches, which claim several slots in one exchange; and the slots are allocated by the first call, so that a ring can be made in
//! a constant.
//!
//! # State
//!
//! A *position* counts puts, or gets: bits 1 to n are the index of a slot, with n bits for the largest, and the bits above are the
//! lap. Bit 0 is `CLOSED` in the tail, `FULL` in a stamp, and nothing in the head.
//!
//! | stamp of a slot | meaning | left by |
//! |---|---|---|
//! | the position p | free, for the put at p | the putter that took the tail from p: `p + FULL` |
//! | `p + FULL` | holds the item put at p | the getter that took the head from p: p, one lap on |
//!
//! Invariant 1: a slot is written only by the thread that moved the tail past its stamp, and emptied only by the one that moved the
//! head past it. Invariant 2: the tail is at most one lap ahead of the head.
//!
//! A thread stopped between its exchange and its stamp holds up those that need this very slot; they pause and look again. So does a batch of gets, which takes all that the
//! tail counts.
//! The ring is therefore not lock-free in the strict sense, nor is Vyukov's.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | R1 | put, write of `p + FULL` | get, look at the stamp | the item, and what its putter did | `queue::hands_items_over` |
//! | R2 | get, write of p one lap on | put, look at the stamp | that the slot was emptied | `queue::slot_is_reused` |
//! | R3 | first call, write of `slots` | everyone, read of `slots` | the slots' stamps | `queue::hands_items_over` |
//!
//! Head and tail order no data. They are `SeqCst` for the sake of those who sleep: see [`super::queue`].

use std::mem::{self, MaybeUninit};
use std::ptr;
use std::vec;

use crossbeam_utils::CachePadded;

use super::lines::{LINE, read_out};
use super::queue::Buffer;
use super::teardown::drop_items;
use crate::error::{TryGetError, TryPutError};
use crate::primitive::atomic::{
    AtomicPtr, AtomicU64,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};
use crate::primitive::{BackOff, Pause, UnsafeCell, const_unless_model, fall_back, model_fence};

const CLOSED: u64 = 1;
const FULL: u64 = 1;
const ONE: u64 = 2;

pub struct Ring<T> {
    head: CachePadded<AtomicU64>,
    tail: CachePadded<AtomicU64>,
    /// As many as `capacity`; null until the first call that needs them.
    slots: AtomicPtr<Slot<T>>,
    capacity: usize,
    /// The distance from a position to that of the same slot in the next lap.
    lap: u64,
}

struct Slot<T> {
    stamp: AtomicU64,
    item: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: an item is written by one thread and read out by one other (Invariant 1), the second after the first (R1), so what
// threads share of a `T` is at most its move.
unsafe impl<T: Send> Send for Ring<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Ring<T> {}

impl<T> Ring<T> {
    /// What each item takes, in bytes.
    pub(super) const SLOT: usize = size_of::<Slot<T>>();

    const_unless_model! {
        pub const fn new(capacity: usize) -> Self {
            Self {
                head: CachePadded::new(AtomicU64::new(0)),
                tail: CachePadded::new(AtomicU64::new(0)),
                slots: AtomicPtr::new(ptr::null_mut()),
                capacity,
                lap: (capacity as u64).next_power_of_two() * ONE,
            }
        }
    }

    fn index(&self, position: u64) -> usize {
        ((position & (self.lap - 1)) / ONE) as usize
    }

    /// The position `n` slots on; `n` is at most the capacity.
    fn after(&self, position: u64, n: usize) -> u64 {
        let index = self.index(position) + n;
        if index < self.capacity {
            position + n as u64 * ONE
        } else {
            let start = position & !(self.lap - 1);
            start + self.lap + (index - self.capacity) as u64 * ONE
        }
    }

    /// How many puts, or gets, a position stands for, with a mark in it or without.
    fn count(&self, position: u64) -> u64 {
        (position / self.lap) * self.capacity as u64 + self.index(position) as u64
    }

    #[inline]
    fn slots(&self) -> &[Slot<T>] {
        let slots = self.slots.load(Acquire); // R3
        if slots.is_null() {
            return self.allocate();
        }
        // SAFETY: what is not null here is a boxed slice of `capacity` slots, and stays until the ring is dropped.
        unsafe { std::slice::from_raw_parts(slots, self.capacity) }
    }

    #[cold]
    fn allocate(&self) -> &[Slot<T>] {
        let slots: Box<[Slot<T>]> = (0..self.capacity as u64)
            .map(|index| Slot { stamp: AtomicU64::new(index * ONE), item: UnsafeCell::new(MaybeUninit::uninit()) })
            .collect();
        let slots = Box::into_raw(slots).cast::<Slot<T>>();
        // Release: R3. Relaxed on failure: the look below acquires.
        if self.slots.compare_exchange(ptr::null_mut(), slots, Release, Relaxed).is_err() {
            // SAFETY: made above, of this length, and nobody else has seen it.
            drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(slots, self.capacity)) });
        }
        self.slots()
    }

    /// Claims the next free slot, if nothing is in the way: the common case, without a loop.
    #[inline]
    fn claim_one_free(&self) -> Option<(&Slot<T>, u64)> {
        // Relaxed: a look; the exchange checks it.
        let tail = self.tail.load(Relaxed);
        let slot = &self.slots()[self.index(tail)];
        // Acquire: R2. If they are equal the slot is free for this very put, and the ring is open: a closed tail, `p + CLOSED`, could equal only `p + FULL`, the
        // stamp of an item put at `p`, and no put has passed `p` yet.
        if slot.stamp.load(Acquire) != tail {
            return None;
        }
        // SeqCst: Q1, Q3. Relaxed on failure: nothing was learnt but to look again.
        if self.tail.compare_exchange(tail, self.after(tail, 1), SeqCst, Relaxed).is_err() {
            _ = BackOff::brief().stay_away();
            return None;
        }
        Some((slot, tail))
    }

    /// Claims the next item, if nothing is in the way.
    #[inline]
    fn claim_one_full(&self) -> Option<(&Slot<T>, u64)> {
        // Relaxed: a look; the exchange checks it.
        let head = self.head.load(Relaxed);
        let slot = &self.slots()[self.index(head)];
        // Acquire: R1.
        if slot.stamp.load(Acquire) != head + FULL {
            return None;
        }
        // SeqCst: Q2. Relaxed on failure: nothing was learnt but to look again.
        if self.head.compare_exchange(head, self.after(head, 1), SeqCst, Relaxed).is_err() {
            _ = BackOff::brief().stay_away();
            return None;
        }
        Some((slot, head))
    }

    /// If the next slot, at `index`, has its stamp too, those at the other end are going on just ahead: this thread falls back, but as a rule not so long that
    /// they would come round the ring.
    fn fall_back(&self, index: &AtomicU64, mark: u64) {
        fall_back(|| {
            // Relaxed, both: only a guess, which orders nothing.
            let position = index.load(Relaxed) & !CLOSED;
            let goes_on = self.slots()[self.index(position)].stamp.load(Relaxed) == position + mark;
            if goes_on { self.capacity / 8 } else { 0 }
        });
    }

    /// Claims up to `max` free slots for this thread to write, at least one, and returns their first position and their number.
    fn claim_free(&self, slots: &[Slot<T>], max: usize) -> Result<(u64, usize), TryPutError> {
        let (pause, mut back_off) = (Pause::new(), BackOff::brief());
        // Acquire, here and below: the exchange checks it, but "full" compares it with a look at the head, which must come later.
        let mut tail = self.tail.load(Acquire);
        loop {
            if tail & CLOSED != 0 {
                return Err(TryPutError::ShutDown(()));
            }
            let n = self.free(slots, tail, max);
            if n > 0 {
                // SeqCst: Q1, Q3. Relaxed on failure: only a look.
                match self.tail.compare_exchange_weak(tail, self.after(tail, n), SeqCst, Relaxed) {
                    Ok(_) => return Ok((tail, n)),
                    Err(_) => back_off = back_off.stay_away(),
                }
                tail = self.tail.load(Acquire); // As above.
                continue;
            }
            model_fence();
            // SeqCst, both: Q2, Q3. A lap behind the tail, the head stands at the slot that the tail needs.
            let is_full = self.head.load(SeqCst) == tail.wrapping_sub(self.lap);
            let latest = self.tail.load(SeqCst);
            if latest == tail {
                if is_full {
                    return Err(TryPutError::Full(()));
                }
                // A getter has the slot and has not emptied it yet.
                pause.pause();
            }
            tail = latest;
        }
    }

    /// Claims the next item for this thread to read out, and returns its position.
    fn claim_full(&self, slots: &[Slot<T>]) -> Result<u64, TryGetError> {
        let (pause, mut back_off) = (Pause::new(), BackOff::brief());
        // Acquire, here and below: the exchange checks it, but "empty" compares it with a look at the tail, which must come later.
        let mut head = self.head.load(Acquire);
        loop {
            // Acquire: R1.
            if slots[self.index(head)].stamp.load(Acquire) == head + FULL {
                // SeqCst: Q2. Relaxed on failure: only a look.
                match self.head.compare_exchange_weak(head, self.after(head, 1), SeqCst, Relaxed) {
                    Ok(_) => return Ok(head),
                    Err(_) => back_off = back_off.stay_away(),
                }
                head = self.head.load(Acquire); // As above.
                continue;
            }
            model_fence();
            // SeqCst: Q1, Q3.
            let tail = self.tail.load(SeqCst);
            if tail & !CLOSED == head {
                return Err(if tail & CLOSED != 0 { TryGetError::ShutDown } else { TryGetError::Empty });
            }
            let latest = self.head.load(Acquire); // As above.
            if latest == head {
                // A putter has the slot and has not filled it yet.
                pause.pause();
            }
            head = latest;
        }
    }

    /// Claims up to `max` items, at least one: all that there are, by the tail, and so also such as are being written. If it took those alone that are ready, an item
    /// would be left behind another thread's that is not, although its put had returned.
    fn claim_all_full(&self, max: usize) -> Result<(u64, usize), TryGetError> {
        let mut back_off = BackOff::brief();
        loop {
            // Acquire: the exchange checks it, but the look at the tail must come later.
            let head = self.head.load(Acquire);
            model_fence();
            // SeqCst: Q1, Q3.
            let tail = self.tail.load(SeqCst);
            let n = self.distance(head, tail & !CLOSED).min(max);
            if n == 0 {
                return Err(if tail & CLOSED != 0 { TryGetError::ShutDown } else { TryGetError::Empty });
            }
            // SeqCst: Q2. Relaxed on failure: only a look.
            match self.head.compare_exchange_weak(head, self.after(head, n), SeqCst, Relaxed) {
                Ok(_) => return Ok((head, n)),
                Err(_) => back_off = back_off.stay_away(),
            }
        }
    }

    /// The number of slots from one position to a later one, the capacity at most.
    fn distance(&self, from: u64, to: u64) -> usize {
        let is_same_lap = (from ^ to) < self.lap;
        let end = self.index(to) + if is_same_lap { 0 } else { self.capacity };
        (end - self.index(from)).min(self.capacity)
    }

    /// The `n` slots from `position` on, all of them at most: those to the end of the ring, and those at its begin. With the position of the first of each.
    fn pieces<'a>(&self, slots: &'a [Slot<T>], position: u64, n: usize) -> [(&'a [Slot<T>], u64); 2] {
        let n = n.min(self.capacity);
        let (before, from) = slots.split_at(self.index(position));
        let here = n.min(from.len());
        [(&from[..here], position), (&before[..n - here], self.after(position, from.len()))]
    }

    /// How many slots in a row are free, from `position` on, `max` at most.
    fn free(&self, slots: &[Slot<T>], position: u64, max: usize) -> usize {
        let mut n = 0;
        for (slots, first) in self.pieces(slots, position, max) {
            // Acquire: R2.
            let is_free = |(slot, i): &(&Slot<T>, u64)| slot.stamp.load(Acquire) == first + i * ONE;
            let free = slots.iter().zip(0..).take_while(is_free).count();
            n += free;
            if free < slots.len() {
                break;
            }
        }
        n
    }
}

impl<T> Slot<T> {
    /// The longest lap of a ring of 64 slots or less, whose ends are never far from each other.
    const SMALL: u64 = 64 * ONE;

    /// Writes `item`, put at `position`.
    ///
    /// # Safety
    ///
    /// This thread claimed the slot for `position`, from the tail.
    #[inline]
    unsafe fn fill(&self, position: u64, item: T) {
        // SAFETY: Invariant 1: this thread moved the tail past `position`, and its stamp said that the slot was empty (R2).
        self.item.with_mut(|place| unsafe { (*place).write(item) });
        self.stamp.store(position + FULL, Release); // R1
    }

    /// Waits until the item put at `position` is there, if its putter is in the midst of that.
    #[inline]
    fn await_item(&self, position: u64) {
        let pause = Pause::new();
        // Acquire: R1.
        while self.stamp.load(Acquire) != position + FULL {
            pause.pause();
        }
    }

    /// Reads out the item put at `position`.
    ///
    /// # Safety
    ///
    /// This thread claimed the slot at `position`, from the head, and has seen that the item is there.
    #[inline]
    unsafe fn empty(&self, position: u64, lap: u64) -> T {
        let item = self.item.with_mut(|place| {
            // Where slots are no longer than a line, each line has a stamp, and so is written anyway. In a small ring somebody may be waiting for the stamp, which comes after the write.
            if size_of::<Self>() <= LINE || lap <= Self::SMALL {
                // SAFETY: Invariant 1: this thread moved the head past `position`, and its stamp said that the item was there (R1).
                unsafe { place.cast::<T>().read() }
            } else {
                // SAFETY: as above; and the place is this thread's until the stamp says otherwise.
                unsafe { read_out(place) }
            }
        });
        self.stamp.store(position + lap, Release); // R2
        item
    }
}

impl<T> Buffer<T> for Ring<T> {
    fn new(capacity: Option<usize>) -> Self {
        Self::new(capacity.expect("a ring is bounded"))
    }

    fn capacity(&self) -> Option<usize> {
        Some(self.capacity)
    }

    #[inline]
    fn push_at_once(&self, item: T) -> Result<(), T> {
        let Some((slot, position)) = self.claim_one_free() else { return Err(item) };
        // SAFETY: claimed.
        unsafe { slot.fill(position, item) };
        Ok(())
    }

    fn push_at_a_glance(&self, item: T) -> Result<(), T> {
        self.push_at_once(item)
    }

    fn fall_back_after_put(&self) {
        self.fall_back(&self.tail, 0);
    }

    fn push(&self, item: T) -> Result<(), TryPutError<T>> {
        let slots = self.slots();
        match self.claim_free(slots, 1) {
            Ok((position, _)) => {
                // SAFETY: claimed.
                unsafe { slots[self.index(position)].fill(position, item) };
                Ok(())
            }
            Err(refusal) => Err(refusal.map(|()| item)),
        }
    }

    fn push_many(&self, items: &mut vec::IntoIter<T>) -> Result<usize, TryPutError> {
        let slots = self.slots();
        let (position, n) = self.claim_free(slots, items.len())?;
        // A variable of its own, which can stay in registers: seen from outside, it would be written back before each stamp.
        let mut left = mem::take(items);
        for (slots, first) in self.pieces(slots, position, n) {
            for ((slot, i), item) in slots.iter().zip(0..).zip(&mut left) {
                // SAFETY: claimed.
                unsafe { slot.fill(first + i * ONE, item) };
            }
        }
        *items = left;
        Ok(n)
    }

    #[inline]
    fn pop_at_once(&self) -> Option<T> {
        let (slot, position) = self.claim_one_full()?;
        // SAFETY: claimed.
        Some(unsafe { slot.empty(position, self.lap) })
    }

    fn pop_at_a_glance(&self) -> Option<T> {
        self.pop_at_once()
    }

    fn fall_back_after_get(&self) {
        self.fall_back(&self.head, FULL);
    }

    fn pop(&self) -> Result<T, TryGetError> {
        let slots = self.slots();
        let position = self.claim_full(slots)?;
        // SAFETY: claimed.
        Ok(unsafe { slots[self.index(position)].empty(position, self.lap) })
    }

    fn pop_many(&self, max: usize) -> Result<Vec<T>, TryGetError> {
        let slots = self.slots();
        let (position, n) = self.claim_all_full(max)?;
        let mut items = Vec::with_capacity(n);
        for (slots, first) in self.pieces(slots, position, n) {
            items.extend(slots.iter().zip(0..).map(|(slot, i)| {
                let position = first + i * ONE;
                slot.await_item(position);
                // SAFETY: claimed, and there.
                unsafe { slot.empty(position, self.lap) }
            }));
        }
        Ok(items)
    }

    fn close(&self) {
        self.tail.fetch_or(CLOSED, SeqCst); // Q3, Q7
    }

    fn is_closed(&self) -> bool {
        self.tail.load(Acquire) & CLOSED != 0 // Q7
    }

    fn len(&self) -> usize {
        loop {
            let tail = self.tail.load(SeqCst); // SeqCst, as its writes are: the two looks at it enclose the one at the head.
            let head = self.head.load(SeqCst);
            if self.tail.load(SeqCst) == tail {
                return (self.count(tail) - self.count(head)) as usize;
            }
        }
    }

    fn puts(&self) -> u64 {
        self.count(self.tail.load(SeqCst)) // Q4
    }
}

impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        // Relaxed: nobody else refers to the ring any longer.
        let slots = self.slots.load(Relaxed);
        if slots.is_null() {
            return;
        }
        let slots = ptr::slice_from_raw_parts_mut(slots, self.capacity);
        // Those that need no drop go with their slots.
        let pop = || if mem::needs_drop::<T>() { self.pop().ok() } else { None };
        // SAFETY: the slots were boxed by `allocate`, and nobody else refers to the ring any longer.
        drop_items(pop, || drop(unsafe { Box::from_raw(slots) }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitive::thread;

    /// What was put before a batch was asked for is in it, also behind an item whose putter is in the midst of that.
    #[test]
    fn a_batch_leaves_nothing_behind() {
        let ring = Ring::new(4);
        ring.push(1).unwrap();
        let (slot, position) = ring.claim_one_free().unwrap();
        ring.push(3).unwrap();
        thread::scope(|scope| {
            let batch = scope.spawn(|| ring.pop_many(usize::MAX));
            while ring.head.load(SeqCst) == 0 {
                thread::yield_now();
            }
            // SAFETY: claimed.
            unsafe { slot.fill(position, 2) };
            assert_eq!(batch.join().unwrap(), Ok(vec![1, 2, 3]));
        });
    }
}
