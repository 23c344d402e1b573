//! The buffer of a last in, first out queue: a Treiber stack, beside two counts.
//!
//! R. Kent Treiber, *Systems Programming: Coping with Parallelism* (1986). A node can be read by one thread while another
//! unlinks it; a collector of `crossbeam-epoch` frees it once no thread can.
//!
//! # State
//!
//! | word | meaning | who changes it |
//! |---|---|---|
//! | `top` | the newest node | a putter links its node, a getter unlinks it |
//! | `puts` | how many items were put, and bit 0: `CLOSED` | a putter, *before* it links |
//! | `gets` | how many items were taken | a getter, *after* it unlinked |
//!
//! So `puts - gets` is never less than the number of nodes, and a put that has its number is sure to link: whoever finds no node
//! but unequal counts waits for a thread in the midst of that. The queue is empty when the counts are equal, full when they differ by
//! the capacity.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | T1 | put, exchange of `top` | get, look at `top` | the node, and what its putter did | `queue::hands_items_over` |
//!
//! An exchange of `top` continues the release sequences of all nodes below, so T1 also carries the nodes that a getter finds there later.
//! The two counts are `SeqCst` where they are changed, and where they say "full" or "empty", for the sake of those who sleep: see
//! [`super::queue`].
//!
//! # Memory
//!
//! See [`super::garbage`].

use std::mem::MaybeUninit;
use std::vec;

use crossbeam_epoch::{Atomic, Guard, Owned, Shared, unprotected};
use crossbeam_utils::CachePadded;

use super::garbage;
use super::queue::Buffer;
use super::teardown::drop_items;
use crate::error::{TryGetError, TryPutError};
use crate::no_way_back::no_way_back;
use crate::primitive::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};
use crate::primitive::{Pause, const_unless_model, model_fence, pin};

const CLOSED: u64 = 1;
const ONE: u64 = 2;

pub struct Stack<T> {
    top: CachePadded<Atomic<Node<T>>>,
    puts: CachePadded<AtomicU64>,
    gets: CachePadded<AtomicU64>,
    capacity: Option<usize>,
}

struct Node<T> {
    /// Moved out by the getter that unlinks the node.
    item: MaybeUninit<T>,
    below: Atomic<Node<T>>,
}

// SAFETY: an item is written before its node is linked and moved out by the one thread that unlinks it (T1), so what
// threads share of a `T` is at most its move.
unsafe impl<T: Send> Send for Stack<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Stack<T> {}

impl<T> Stack<T> {
    const_unless_model! {
        pub const fn new(capacity: Option<usize>) -> Self {
            Self {
                top: CachePadded::new(Atomic::null()),
                puts: CachePadded::new(AtomicU64::new(0)),
                gets: CachePadded::new(AtomicU64::new(0)),
                capacity,
            }
        }
    }

    /// Draws the right to link one node.
    fn claim(&self) -> Result<(), TryPutError> {
        // "Full" compares two counts, which must be of one moment: the puts are looked at, the gets, and the puts again. Neither goes back; so if the puts are the same, both
        // stood so as the gets were looked at. Acquire, here and on failure: that look must not come before this one. (Without a bound nothing is compared.) The exchange
        // checks the puts.
        let mut puts = self.puts.load(Acquire);
        loop {
            if puts & CLOSED != 0 {
                return Err(TryPutError::ShutDown(()));
            }
            if let Some(capacity) = self.capacity {
                model_fence();
                // SeqCst, both: Q2, Q3.
                let gets = self.gets.load(SeqCst);
                let latest = self.puts.load(SeqCst);
                if latest != puts {
                    puts = latest;
                    continue;
                }
                if puts / ONE - gets >= capacity as u64 {
                    return Err(TryPutError::Full(()));
                }
            }
            // SeqCst: Q3.
            match self.puts.compare_exchange_weak(puts, puts + ONE, SeqCst, Acquire) {
                Ok(_) => return Ok(()),
                Err(changed) => puts = changed,
            }
        }
    }

    /// Draws the right to link one node, and does.
    fn put(&self, item: impl FnOnce() -> T) -> Result<(), TryPutError> {
        // Before the claim: pinning may free nodes, and meanwhile others would wait for a put in its midst.
        let guard = pin();
        self.claim()?;
        let mut node = Owned::new(Node { item: MaybeUninit::new(item()), below: Atomic::null() });
        loop {
            // Relaxed: a look; the exchange checks it, and T1 carries what is below.
            let top = self.top.load(Relaxed, &guard);
            node.below.store(top, Relaxed); // Relaxed: published by the exchange.
            // Release: T1. Relaxed on failure: only a look.
            match self.top.compare_exchange_weak(top, node, Release, Relaxed, &guard) {
                Ok(_) => return Ok(()),
                Err(failed) => node = failed.new,
            }
        }
    }

    /// Unlinks up to `max` nodes in one step, and hands each item to `take`. Returns how many.
    fn unlink(&self, max: usize, mut take: impl FnMut(T)) -> u64 {
        let mut guard = pin();
        loop {
            let top = self.top.load(Acquire, &guard); // T1
            if top.is_null() {
                return 0;
            }
            // As long as the top is the same, so is all below it: no node comes back while this guard could see it.
            let rest = Self::below(top, max, &guard);
            // Relaxed: an exchange, so it continues the release sequences of the nodes that are left. On failure: only a look.
            if self.top.compare_exchange_weak(top, rest, Relaxed, Relaxed, &guard).is_err() {
                // A walk may be long, and fail often beside threads that put: what others take meanwhile can be freed. Not by `repin`, which has no fence: on a processor that
                // changes the order of loads the next top might be one that is not kept (`collector::who_pins_anew_keeps_what_it_sees`).
                drop(guard);
                guard = pin();
                continue;
            }
            let (mut unlinked, mut n) = (top, 0);
            while unlinked != rest {
                // SAFETY: linked above `rest` until now, and freed only after this guard is gone.
                let node = unsafe { unlinked.deref() };
                // SAFETY: the item is initialized until its node is unlinked, and this thread alone unlinked it.
                let item = unsafe { node.item.assume_init_read() };
                // A `Vec` that cannot grow panics, and it would not be counted that the node is gone.
                no_way_back(|| take(item));
                unlinked = node.below.load(Relaxed, &guard); // Relaxed: written before the node was linked, T1.
                n += 1;
            }
            // SeqCst: Q2. After unlinking, so that equal counts mean that there is no node. Before the freeing, or others would wait
            // for a get in its midst.
            let before = self.gets.fetch_add(n, SeqCst);
            let mut unlinked = top;
            while unlinked != rest {
                // SAFETY: as above: this one has not been given to be freed yet.
                let below = unsafe { unlinked.deref() }.below.load(Relaxed, &guard); // Relaxed: as above.
                // SAFETY: unlinked, so no thread that pins from now on can reach it.
                unsafe { guard.defer_destroy(unlinked) };
                unlinked = below;
            }
            garbage::left(guard, before, n);
            return n;
        }
    }

    /// The node `n` places below `node`, or null if there are no more.
    fn below<'g>(node: Shared<'g, Node<T>>, n: usize, guard: &'g Guard) -> Shared<'g, Node<T>> {
        if n == usize::MAX {
            // Without a walk, during which others would change the top again and again.
            return Shared::null();
        }
        let mut below = node;
        for _ in 0..n {
            // SAFETY: a node is freed only after every guard that could have seen it is gone, and this one is there.
            let Some(node) = (unsafe { below.as_ref() }) else { break };
            below = node.below.load(Relaxed, guard); // Relaxed: written before the node was linked, T1.
        }
        below
    }

    /// Waits for threads in the midst of a step until `unlink` returns a number other than zero, or the queue is empty.
    fn unlink_or_refuse(&self, mut unlink: impl FnMut() -> u64) -> Result<(), TryGetError> {
        let pause = Pause::new();
        while unlink() == 0 {
            model_fence();
            // SeqCst, both: Q1, Q3. The gets first: if the puts, looked at later, are as many, then there were no more when the gets were looked at.
            let gets = self.gets.load(SeqCst);
            let puts = self.puts.load(SeqCst);
            if puts / ONE == gets {
                return Err(if puts & CLOSED != 0 { TryGetError::ShutDown } else { TryGetError::Empty });
            }
            // A putter has its number and has not linked yet, or a getter has unlinked and not counted yet.
            pause.pause();
        }
        Ok(())
    }
}

impl<T> Buffer<T> for Stack<T> {
    fn new(capacity: Option<usize>) -> Self {
        Self::new(capacity)
    }

    fn capacity(&self) -> Option<usize> {
        self.capacity
    }

    fn push_at_once(&self, item: T) -> Result<(), T> {
        self.push(item).map_err(TryPutError::into_inner)
    }

    /// Both ends meet at the top in any case.
    fn fall_back_after_put(&self) {}

    fn fall_back_after_get(&self) {}

    fn push(&self, item: T) -> Result<(), TryPutError<T>> {
        let mut item = Some(item);
        let answer = self.put(|| item.take().expect("asked for once"));
        answer.map_err(|refusal| refusal.map(|()| item.expect("refused before it was asked for")))
    }

    fn push_many(&self, items: &mut vec::IntoIter<T>) -> Result<usize, TryPutError> {
        self.put(|| items.next().expect("there is a first")).map(|()| 1)
    }

    fn pop_at_once(&self) -> Option<T> {
        self.pop().ok()
    }

    fn pop(&self) -> Result<T, TryGetError> {
        let mut item = None;
        self.unlink_or_refuse(|| self.unlink(1, |unlinked| item = Some(unlinked)))?;
        Ok(item.expect("one was unlinked"))
    }

    fn pop_many(&self, max: usize) -> Result<Vec<T>, TryGetError> {
        let mut items = Vec::new();
        self.unlink_or_refuse(|| self.unlink(max, |item| items.push(item)))?;
        Ok(items)
    }

    fn close(&self) {
        self.puts.fetch_or(CLOSED, SeqCst); // Q3, Q7
    }

    fn is_closed(&self) -> bool {
        self.puts.load(Acquire) & CLOSED != 0 // Q7
    }

    fn len(&self) -> usize {
        loop {
            let puts = self.puts.load(SeqCst); // SeqCst, as its writes are: the two looks at it enclose the one at the gets.
            let gets = self.gets.load(SeqCst);
            if self.puts.load(SeqCst) == puts {
                return (puts / ONE - gets) as usize;
            }
        }
    }

    fn puts(&self) -> u64 {
        self.puts.load(SeqCst) / ONE // Q4
    }
}

impl<T> Drop for Stack<T> {
    fn drop(&mut self) {
        // SAFETY: nobody else refers to the stack any longer.
        let guard = unsafe { unprotected() };
        // Relaxed, here and below: as above.
        let mut top = self.top.swap(Shared::null(), Relaxed, guard);
        let pop = || {
            if top.is_null() {
                return None;
            }
            // SAFETY: linked nodes are owned by the stack.
            let node = unsafe { top.into_owned() }.into_box();
            top = node.below.load(Relaxed, guard);
            // SAFETY: a linked node's item is initialized, and the node is gone after this.
            Some(unsafe { node.item.assume_init() })
        };
        drop_items(pop, || ());
    }
}
