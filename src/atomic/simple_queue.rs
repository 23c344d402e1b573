//! An unbounded queue without tasks or shutdown: a lock-free list of nodes.
//!
//! Maged M. Michael and Michael L. Scott, *Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue Algorithms* (1996),
//! with `crossbeam-epoch` to free the nodes, a number in each node from which the length follows, and a first node that the first put
//! makes, so that a queue can be made in a constant.
//!
//! No thread ever waits for another to finish a step, so a `put` may run at any point of another operation of the same queue, on
//! the same thread too: in a destructor that `crossbeam-epoch` happens to run there, say.
//!
//! # State
//!
//! The list begins with a node whose item is gone, the *sentinel*, at `head`. `tail` is at the last node or behind it; whoever finds it behind
//! moves it on. Both are null until the first put. A node is unlinked by moving `head` to its successor, the next sentinel; the tail is moved past
//! it before it is given to be freed.
//!
//! Why no freed node can be reached from `tail`, though a getter looks at it without ordering: a node is linked only after one that
//! its putter had found at `tail`, so a getter that finds a node N after the sentinel S knows, by M1, of a moment when the tail was
//! at S. The tail never goes back, so its look shows S or a later node. If it is S, the exchange moves it on, or fails because
//! another thread has done so. Either way the tail is past S before S is given to be freed, and a thread that pins after that
//! finds it past S too: the fences of `crossbeam-epoch`, when it pins and before it frees, see to that.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | M1 | put, exchange of the last node's `next` | get, look at the sentinel's `next` | the node, and what its putter did | `simple_queue::hands_items_over` |
//! | M2 | whoever moves `head` or `tail` | whoever looks at it | the node that it points to | `simple_queue::hands_items_over` |
//!
//! M1 is also one side of P2 of [`crate::park::list`]: the exchange and the look are `SeqCst`, so nobody sleeps beside an item. So
//! are the first exchange and the look at `head`, since a getter that finds no sentinel gives up without a look at its `next`.
//!
//! # Memory
//!
//! See [`super::garbage`].

use std::mem::MaybeUninit;

use crossbeam_epoch::{Atomic, Guard, Owned, Shared, pin, unprotected};
use crossbeam_utils::CachePadded;

use super::garbage;
use super::teardown::drop_items;
use crate::deadline::Deadline;
use crate::engine::RawSimpleQueue;
use crate::park::list::WaitList;
use crate::primitive::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use crate::primitive::{const_unless_model, model_fence};

pub struct Engine<T> {
    head: CachePadded<Atomic<Node<T>>>,
    tail: CachePadded<Atomic<Node<T>>>,
    getters: WaitList,
}

struct Node<T> {
    /// Moved out by the getter that makes the node the sentinel.
    item: MaybeUninit<T>,
    /// One more than the number of the node before.
    number: u64,
    next: Atomic<Node<T>>,
}

// SAFETY: an item is written before its node is linked and moved out by the one thread that moves the head to it (M1), so what
// threads share of a `T` is at most its move.
unsafe impl<T: Send> Send for Engine<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Engine<T> {}

impl<T> Engine<T> {
    const_unless_model! {
        pub const fn new() -> Self {
            Self {
                head: CachePadded::new(Atomic::null()),
                tail: CachePadded::new(Atomic::null()),
                getters: WaitList::new(),
            }
        }
    }

    /// The tail, as far as it has been moved.
    fn tail<'g>(&self, guard: &'g Guard) -> Shared<'g, Node<T>> {
        let tail = self.tail.load(Acquire, guard); // M2
        if tail.is_null() { self.make_sentinel(guard) } else { tail }
    }

    #[cold]
    fn make_sentinel<'g>(&self, guard: &'g Guard) -> Shared<'g, Node<T>> {
        let sentinel = Owned::new(Node { item: MaybeUninit::uninit(), number: 0, next: Atomic::null() });
        // SeqCst, both: P2, since a getter that finds no sentinel looks no further. Release with it: M2. Acquire on failure: M2,
        // from the thread that was first; the spare node is dropped with the error.
        let head = match self.head.compare_exchange(Shared::null(), sentinel, SeqCst, SeqCst, guard) {
            Ok(sentinel) => sentinel,
            Err(failed) => failed.current,
        };
        // While the tail is null nothing can be linked, so the head is still the sentinel.
        // Release: M2. Acquire on failure: M2, from whoever has moved it.
        match self.tail.compare_exchange(Shared::null(), head, AcqRel, Acquire, guard) {
            Ok(tail) => tail,
            Err(failed) => failed.current,
        }
    }

    /// Moves the tail from `from` to `to`, unless another thread has done so.
    fn move_tail(&self, from: Shared<'_, Node<T>>, to: Shared<'_, Node<T>>, guard: &Guard) {
        // Release: M2. Relaxed on failure: it is where it should be, or beyond.
        let _ = self.tail.compare_exchange(from, to, Release, Relaxed, guard);
    }

    fn pop(&self) -> Option<T> {
        let pinned = pin();
        let guard = &pinned;
        loop {
            model_fence();
            // SeqCst: P2, where there has been no put. Acquire with it: M2.
            let head = self.head.load(SeqCst, guard);
            // SAFETY: a node is freed only after every guard that could have seen it is gone, and this one is there.
            let sentinel = unsafe { head.as_ref() }?;
            model_fence();
            let next = sentinel.next.load(SeqCst, guard); // M1, P2
            // SAFETY: as above.
            let node = unsafe { next.as_ref() }?;
            // Release: M2. Relaxed on failure: the next look acquires.
            if self.head.compare_exchange(head, next, Release, Relaxed, guard).is_err() {
                continue;
            }
            // Relaxed: a look; the exchange checks it.
            if self.tail.load(Relaxed, guard) == head {
                self.move_tail(head, next, guard);
            }
            // SAFETY: the node's item is there until the head is moved to it, and this thread alone moved it.
            let item = unsafe { node.item.assume_init_read() };
            // SAFETY: neither head nor tail leads to the old sentinel any longer, so no thread that pins from now on can reach it.
            unsafe { guard.defer_destroy(head) };
            let before = sentinel.number;
            garbage::left(pinned, before, 1);
            return Some(item);
        }
    }
}

impl<T> RawSimpleQueue<T> for Engine<T> {
    fn new() -> Self {
        Self::new()
    }

    fn put(&self, item: T) {
        let guard = &pin();
        let mut node = Owned::new(Node { item: MaybeUninit::new(item), number: 0, next: Atomic::null() });
        loop {
            let tail = self.tail(guard);
            // SAFETY: not null, and freed only after this guard is gone.
            let last = unsafe { tail.deref() };
            let next = last.next.load(Acquire, guard); // M1
            if !next.is_null() {
                self.move_tail(tail, next, guard);
                continue;
            }
            node.number = last.number + 1;
            // SeqCst: P2; release with it: M1. Relaxed on failure: the next look acquires.
            match last.next.compare_exchange(Shared::null(), node, SeqCst, Relaxed, guard) {
                Ok(linked) => {
                    self.move_tail(tail, linked, guard);
                    break;
                }
                Err(failed) => node = failed.new,
            }
        }
        self.getters.wake(1);
    }

    fn get(&self, deadline: Deadline) -> Option<T> {
        self.pop().or_else(|| self.getters.sleep_until(deadline, || self.pop()))
    }

    fn len(&self) -> usize {
        let guard = &pin();
        loop {
            let head = self.head.load(SeqCst, guard); // SeqCst: the two looks at the head enclose that at the tail.
            // SAFETY: freed only after this guard is gone.
            let Some(sentinel) = (unsafe { head.as_ref() }) else { return 0 };
            let mut tail = self.tail(guard);
            loop {
                // SAFETY: as above.
                let last = unsafe { tail.deref() };
                let next = last.next.load(Acquire, guard); // M1
                if next.is_null() {
                    break;
                }
                tail = next;
            }
            if self.head.load(SeqCst, guard) == head {
                // SAFETY: as above.
                return (unsafe { tail.deref() }.number - sentinel.number) as usize;
            }
        }
    }

    fn glance(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<T> Drop for Engine<T> {
    fn drop(&mut self) {
        let free = || {
            // SAFETY: nobody else refers to the queue any longer.
            let guard = unsafe { unprotected() };
            // Relaxed: as above.
            let sentinel = self.head.load(Relaxed, guard);
            if !sentinel.is_null() {
                // SAFETY: the last node, which no getter has unlinked.
                drop(unsafe { sentinel.into_owned() });
            }
        };
        drop_items(|| self.pop(), free);
    }
}
