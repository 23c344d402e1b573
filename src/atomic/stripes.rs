//! A counter in stripes, one per thread, so that counting never contends.
//!
//! The idea of Java's `LongAdder` (Doug Lea, 2011), taken further: a stripe belongs to one living thread alone, by the number that
//! [`thread_slot`] gives it, so to count is a load and a store, and not even an exchange. The stripes stand in blocks that double in size and are
//! allocated when a thread first needs one, so there are always enough and none ever moves.
//!
//! # State
//!
//! | word | meaning | who changes it |
//! |---|---|---|
//! | a stripe | what the threads that had its number have counted, since ever | the thread that has the number |
//! | `used` | how many blocks may have been allocated: all from there on have not | the first user of a block, *before* it allocates |
//! | `late` | what threads have counted while they ended, when they had given their number back | any, by exchange |
//! | `reset` | what the stripes and `late` came to at the last reset | a reset, by exchange |
//!
//! The count is the sum of the stripes and `late`, less `reset`. Since a reset takes away exactly what it returns and leaves the stripes
//! alone, the results of all resets and the last sum come to all that was counted, whatever is counted meanwhile.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | N1 | counting thread, write of its stripe | sum, look at the stripe | what that thread did before | `counter::stripes_publish` |
//! | N2 | first user of a block, write of its pointer | everyone, read of the pointer | that its stripes are zero | `counter::stripes_lose_nothing` |
//!
//! A number passes from a thread that ended to a new one under the lock of those numbers, so the new owner finds the stripe as the old one
//! left it.

use std::ptr;
use std::slice;

use crossbeam_utils::CachePadded;

use crate::primitive::atomic::{
    AtomicI64, AtomicPtr, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use crate::primitive::{IS_MODEL, ThreadSlot, const_unless_model, null_pointers, thread_slot};

type Stripe = CachePadded<AtomicI64>;

/// Block k has 2^k stripes: together enough for sixteen million threads at a time.
const BLOCKS: usize = if IS_MODEL { 2 } else { 24 };

pub(crate) struct Engine {
    blocks: [AtomicPtr<Stripe>; BLOCKS],
    used: AtomicUsize,
    late: AtomicI64,
    reset: AtomicI64,
}

impl Engine {
    const_unless_model! {
        pub(crate) const fn new() -> Self {
            Self { blocks: null_pointers(), used: AtomicUsize::new(0), late: AtomicI64::new(0), reset: AtomicI64::new(0) }
        }
    }

    /// Counts: `next` gives the new value of a stripe. `None`, and nothing changed, if that is no `i64`.
    #[inline]
    pub(crate) fn update(&self, next: impl Fn(i64) -> Option<i64>) -> Option<()> {
        let Some(slot) = thread_slot() else {
            // AcqRel: N1, and the others' that it adds to. Relaxed on failure: only a look.
            return self.late.fetch_update(AcqRel, Relaxed, next).ok().map(drop);
        };
        let stripe = self.stripe(slot);
        // Relaxed: only this thread writes it. Release: N1.
        stripe.store(next(stripe.load(Relaxed))?, Release);
        Some(())
    }

    /// What was counted since the last reset, or `None` if that is no `i64`.
    #[inline]
    pub(crate) fn sum(&self) -> Option<i64> {
        // Before the stripes: what a later reset takes away was counted before it, and is looked at below.
        let reset = self.reset.load(Acquire); // N1, by the reset.
        i64::try_from(self.total() - i128::from(reset)).ok()
    }

    /// Sets the count to zero and returns what it was, or `None`, with nothing changed, if that is no `i64`.
    pub(crate) fn reset(&self) -> Option<i64> {
        loop {
            let before = self.reset.load(Acquire); // N1, by the reset.
            let total = self.total();
            let now = i64::try_from(total).ok()?;
            let count = i64::try_from(total - i128::from(before)).ok()?;
            // AcqRel: N1, for whoever looks at it. Relaxed on failure: only a look; another reset came first.
            if self.reset.compare_exchange(before, now, AcqRel, Relaxed).is_ok() {
                return Some(count);
            }
        }
    }

    /// What was counted since ever.
    #[inline]
    fn total(&self) -> i128 {
        let mut total = i128::from(self.late.load(Acquire)); // N1
        // Relaxed: whoever must be seen here counted before, and raised it before that.
        for stripes in (0..self.used.load(Relaxed)).filter_map(|block| self.block(block)) {
            // Acquire: N1.
            total += stripes.iter().map(|stripe| i128::from(stripe.load(Acquire))).sum::<i128>();
        }
        total
    }

    /// The stripe of the thread with this number.
    #[inline]
    fn stripe(&self, slot: ThreadSlot) -> &Stripe {
        let stripes = self.block(slot.block()).unwrap_or_else(|| self.allocate(slot.block()));
        // SAFETY: the place is below 2^k, the number of stripes.
        unsafe { stripes.get_unchecked(slot.place()) }
    }

    /// The stripes of block k, if a thread has needed one.
    #[inline]
    fn block(&self, k: usize) -> Option<&[Stripe]> {
        let stripes = self.blocks[k].load(Acquire); // N2
        if stripes.is_null() {
            return None;
        }
        // SAFETY: what is not null here is a boxed slice of 2^k stripes, and stays until the counter is dropped.
        Some(unsafe { slice::from_raw_parts(stripes, 1 << k) })
    }

    #[cold]
    fn allocate(&self, k: usize) -> &[Stripe] {
        self.used.fetch_max(k + 1, Relaxed); // Relaxed: as in `total`.
        let stripes: Box<[Stripe]> = (0..1 << k).map(|_| CachePadded::new(AtomicI64::new(0))).collect();
        let stripes = Box::into_raw(stripes).cast::<Stripe>();
        // Release: N2. Relaxed on failure: the look below acquires.
        if self.blocks[k].compare_exchange(ptr::null_mut(), stripes, Release, Relaxed).is_err() {
            // SAFETY: made above, of this length, and nobody else has seen it.
            drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(stripes, 1 << k)) });
        }
        self.block(k).expect("allocated above, here or by another thread")
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        for (k, block) in self.blocks.iter().enumerate() {
            // Relaxed: nobody else refers to the counter any longer.
            let stripes = block.load(Relaxed);
            if !stripes.is_null() {
                // SAFETY: a boxed slice of 2^k stripes, and as above.
                drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(stripes, 1 << k)) });
            }
        }
    }
}
