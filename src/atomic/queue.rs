//! A queue around a buffer: how its threads sleep, its tasks, its end.
//!
//! The [`Buffer`] stores items and never waits. This file adds what every buffer needs.
//!
//! | a call that may wait tries | and asks |
//! |---|---|
//! | at once | whether it is the common case, in which a few steps do |
//! | at a glance, after each of some pauses | as little as can tell that there is room, or an item: in a ring, the slot |
//! | in full | also whether the queue is full, empty or shut down: the index of the threads at the other end |
//! | enlisted, once before it sleeps and whenever others have changed the buffer | in full |
//!
//! (A batch asks in full throughout.) A glance comes often. In a ring it asks the slot alone, and so costs the other end nothing, where a question for their index would take its
//! cache line from them at each step; segments and the stack have only their indices to ask.
//!
//! Whoever changes the buffer looks afterwards whether anyone is enlisted, and if so makes their attempts for them ([`Attempts`]). One of the two sees
//! the other (Q1 to Q3), so no thread sleeps beside an item, or beside room. An attempt changes the buffer too, so helping getters may require helping
//! putters, and so on, until there is nobody left to be helped.
//!
//! Unfinished tasks cost a put nothing: the buffer's tail says how many items were ever put, `done` how many are done.
//!
//! # Memory ordering
//!
//! *Tail* is the word that a put changes, *head* the one that a get changes; in the stack, `puts` and `gets`. Take Q1: a getter about to sleep writes that
//! it is enlisted, then reads the tail; a putter moves the tail, then reads whether anyone is enlisted. With release and acquire alone both reads may answer from
//! before both writes (*store buffering*): the getter sees no item and sleeps, the putter sees nobody and goes, and the thread sleeps for ever. `SeqCst` accesses
//! have one order, so the thread whose write is second in it reads the other's. In a model a fence stands in; each was taken out to see its model fail.
//!
//! | edge | one side writes, then reads | the other side writes, then reads | model |
//! |---|---|---|---|
//! | Q1 | put: the buffer's tail, then `getters` | getter: `getters`, then the tail | `queue::put_meets_sleeper` |
//! | Q2 | get: the buffer's head, then `putters` | putter: `putters`, then the head | `queue::get_meets_sleeper` |
//! | Q3 | shutdown: the tail's mark, then both lists | either: its list, then the tail | `queue::shutdown_meets_sleepers` |
//! | Q4 | `task_done`: `done`, then `joiners` | joiner: `joiners`, then `done` | `queue::join_meets_task_done` |
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | Q5 | `task_done`, exchange of `done` | `join`, look at `done` | what was done for the task | `queue::join_sees_all_tasks` |
//! | Q6 | `task_done`, exchange of `done` | `task_done`, first look at `done` | the puts that were counted before | `queue::no_task_done_is_refused` |
//! | Q7 | shutdown, the tail's mark | who is told: the look at the tail before a refusal, or of `is_closed` | what was done before it | `queue::who_is_told_of_a_shutdown_sees_what_came_before` |

use std::vec;

use crossbeam_utils::CachePadded;

use super::fifo::Fifo;
use super::stack::Stack;
use crate::deadline::Deadline;
use crate::engine::{QueueSnapshot, RawQueue};
use crate::error::{TaskDoneError, TryGetError, TryPutError};
use crate::no_way_back::no_way_back;
use crate::park::attempts::Attempts;
use crate::primitive::atomic::{
    AtomicU64,
    Ordering::{Acquire, SeqCst},
};
use crate::primitive::{const_unless_model, model_fence};

/// Items in an order, without waiting, tasks or shutdown.
///
/// What says "full" or "empty" or "shut down" has looked at the indices with `SeqCst`, after a fence in a model; what adds or takes items has
/// changed one of them with `SeqCst`.
pub trait Buffer<T>: Sized {
    fn new(capacity: Option<usize>) -> Self;
    fn capacity(&self) -> Option<usize>;
    /// The common case, in a few steps: a push that gives up if anything is in the way.
    fn push_at_once(&self, item: T) -> Result<(), T>;
    /// A push that gives up if it finds no room at a glance, and asks no further: what is tried while room is awaited.
    fn push_at_a_glance(&self, item: T) -> Result<(), T> {
        let is_full = self.capacity().is_some_and(|capacity| self.len() >= capacity);
        if is_full { Err(item) } else { self.push(item).map_err(TryPutError::into_inner) }
    }
    fn push(&self, item: T) -> Result<(), TryPutError<T>>;
    /// Called by a thread whose put was not at once, when it has helped those who wait. If the other end goes on just ahead, it falls back.
    fn fall_back_after_put(&self);
    /// Stores one or more from the front, and returns how many.
    fn push_many(&self, items: &mut vec::IntoIter<T>) -> Result<usize, TryPutError>;
    /// The common case of a pop.
    fn pop_at_once(&self) -> Option<T>;
    /// A pop that gives up if it finds no item at a glance.
    fn pop_at_a_glance(&self) -> Option<T> {
        if self.len() == 0 { None } else { self.pop().ok() }
    }
    fn pop(&self) -> Result<T, TryGetError>;
    /// As after a put.
    fn fall_back_after_get(&self);
    /// Takes one or more, `max` at most, which is one at least.
    fn pop_many(&self, max: usize) -> Result<Vec<T>, TryGetError>;
    fn close(&self);
    fn is_closed(&self) -> bool;
    fn len(&self) -> usize;
    /// How many items were ever put.
    fn puts(&self) -> u64;
}

pub struct Engine<B> {
    buffer: B,
    // Apart from each other: every put looks at the one and every get at the other, and whoever waits there writes to it.
    getters: CachePadded<Attempts>,
    putters: CachePadded<Attempts>,
    joiners: Attempts,
    done: AtomicU64,
}

impl<B> Engine<B> {
    const_unless_model! {
        const fn with_buffer(buffer: B) -> Self {
            Self {
                buffer,
                getters: CachePadded::new(Attempts::new()),
                putters: CachePadded::new(Attempts::new()),
                joiners: Attempts::new(),
                done: AtomicU64::new(0),
            }
        }
    }
}

impl<T> Engine<Fifo<T>> {
    const_unless_model! {
        pub(crate) const fn new(capacity: Option<usize>) -> Self {
            Self::with_buffer(Fifo::new(capacity))
        }
    }
}

impl<T> Engine<Stack<T>> {
    const_unless_model! {
        pub(crate) const fn new(capacity: Option<usize>) -> Self {
            Self::with_buffer(Stack::new(capacity))
        }
    }
}

impl<B> Engine<B> {
    /// Called after a put: helps getters, and then whoever waits for what that changed.
    #[inline]
    fn after_put(&self) {
        while self.getters.help() && self.putters.help() {}
    }

    /// Called after a get.
    #[inline]
    fn after_get(&self) {
        while self.putters.help() && self.getters.help() {}
    }

    /// Called after a shutdown: everybody has an answer now.
    fn after_close(&self) {
        self.getters.help();
        self.putters.help();
    }

    /// Called after the last task was done.
    #[inline]
    fn after_all_done(&self) {
        self.joiners.help();
    }

    #[cold]
    fn put_slowly<T>(&self, item: T, deadline: Deadline) -> Result<(), TryPutError<T>>
    where
        B: Buffer<T>,
    {
        let mut refused = Some(item);
        let look = || self.buffer.push_at_a_glance(refused.take()?).map_err(|item| refused = Some(item)).ok();
        let found = self.putters.look_again(deadline, look);
        let at_a_glance = found.is_some();
        let mut attempt = || match self.buffer.push(refused.take()?) {
            Err(TryPutError::Full(item)) => {
                refused = Some(item);
                None
            }
            answer => Some(answer),
        };
        let answer = (found.map(Ok))
            .or_else(&mut attempt)
            // SAFETY: the attempt shares the buffer and moves the item, as any thread may (the engine is `Sync` only if items may be sent).
            .or_else(|| unsafe { self.putters.wait(deadline, attempt) });
        match (answer, refused) {
            (Some(answer), _) => answer?,
            (None, Some(item)) => return Err(TryPutError::Full(item)),
            (None, None) => unreachable!("an attempt without an answer gives the item back"),
        }
        self.after_put();
        if at_a_glance {
            self.buffer.fall_back_after_put();
        }
        Ok(())
    }

    /// Puts one or more from the front.
    #[cold]
    fn put_some_slowly<T>(&self, items: &mut vec::IntoIter<T>, deadline: Deadline) -> Result<usize, TryPutError>
    where
        B: Buffer<T>,
    {
        let mut attempt = || match self.buffer.push_many(items) {
            Err(TryPutError::Full(())) => None,
            answer => Some(answer),
        };
        attempt()
            .or_else(|| self.putters.look_again(deadline, &mut attempt))
            // SAFETY: as in `put_slowly`.
            .or_else(|| unsafe { self.putters.wait(deadline, attempt) })
            .unwrap_or(Err(TryPutError::Full(())))
    }

    /// By `look` while it only looks, and at last by `pop`.
    #[cold]
    fn get_slowly<T, R>(
        &self,
        deadline: Deadline,
        look: impl Fn(&B) -> Option<R>,
        pop: impl Fn(&B) -> Result<R, TryGetError>,
    ) -> Result<R, TryGetError>
    where
        B: Buffer<T>,
    {
        let attempt = || match pop(&self.buffer) {
            Err(TryGetError::Empty) => None,
            answer => Some(answer),
        };
        let found = self.getters.look_again(deadline, || look(&self.buffer).map(Ok));
        let at_a_glance = found.is_some();
        let answer = (found.or_else(attempt))
            // SAFETY: as in `put_slowly`; what it returns is items.
            .or_else(|| unsafe { self.getters.wait(deadline, attempt) });
        let items = answer.unwrap_or(Err(TryGetError::Empty))?;
        self.after_get();
        if at_a_glance {
            self.buffer.fall_back_after_get();
        }
        Ok(items)
    }
}

impl<T, B: Buffer<T>> RawQueue<T> for Engine<B> {
    fn new(capacity: Option<usize>) -> Self {
        Self::with_buffer(B::new(capacity))
    }

    fn capacity(&self) -> Option<usize> {
        self.buffer.capacity()
    }

    #[inline]
    fn put(&self, item: T, deadline: Deadline) -> Result<(), TryPutError<T>> {
        match self.buffer.push_at_once(item) {
            Ok(()) => {
                self.after_put();
                Ok(())
            }
            Err(item) => self.put_slowly(item, deadline),
        }
    }

    fn put_many(&self, items: &mut vec::IntoIter<T>, deadline: Deadline) -> Result<(), TryPutError> {
        while !items.as_slice().is_empty() {
            if self.buffer.push_many(items).is_err() {
                self.put_some_slowly(items, deadline)?;
            }
            self.after_put();
        }
        Ok(())
    }

    #[inline]
    fn get(&self, deadline: Deadline) -> Result<T, TryGetError> {
        match self.buffer.pop_at_once() {
            Some(item) => {
                self.after_get();
                Ok(item)
            }
            None => self.get_slowly(deadline, B::pop_at_a_glance, B::pop),
        }
    }

    fn get_many(&self, max: usize, deadline: Deadline) -> Result<Vec<T>, TryGetError> {
        match self.buffer.pop_many(max) {
            Ok(items) => {
                self.after_get();
                Ok(items)
            }
            Err(_) => self.get_slowly(deadline, |buffer| buffer.pop_many(max).ok(), |buffer| buffer.pop_many(max)),
        }
    }

    fn task_done(&self) -> Result<(), TaskDoneError> {
        let left = self.finish(|done, puts| (done < puts).then_some(done + 1)).ok_or(TaskDoneError)?;
        if left == 0 {
            self.after_all_done();
        }
        Ok(())
    }

    fn join(&self, deadline: Deadline) -> bool {
        let attempt = || self.is_all_done().then_some(());
        attempt()
            .or_else(|| self.joiners.look_again(deadline, attempt))
            // SAFETY: the attempt only looks at the queue.
            .or_else(|| unsafe { self.joiners.wait(deadline, attempt) })
            .is_some()
    }

    fn shut_down(&self) {
        self.buffer.close();
        self.after_close();
    }

    fn shut_down_now(&self) -> Vec<T> {
        self.buffer.close();
        // A `Vec` that cannot grow panics, and nobody would be told that the queue is shut down.
        let items = no_way_back(|| {
            let mut items = Vec::new();
            while let Ok(more) = self.buffer.pop_many(usize::MAX) {
                items.extend(more);
            }
            items
        });
        self.after_close();
        // No further than all: some of these may have been marked done while they were still queued.
        if self.finish(|done, puts| Some(puts.min(done + items.len() as u64))) == Some(0) {
            self.after_all_done();
        }
        items
    }

    fn is_shut_down(&self) -> bool {
        self.buffer.is_closed()
    }

    fn len(&self) -> usize {
        self.buffer.len()
    }

    fn unfinished(&self) -> usize {
        loop {
            // SeqCst, both: the two looks at it enclose the one at the puts.
            let before = self.done.load(SeqCst);
            let puts = self.buffer.puts();
            if self.done.load(SeqCst) == before {
                return usize::try_from(puts - before).unwrap_or(usize::MAX);
            }
        }
    }

    fn snapshot(&self) -> Option<QueueSnapshot> {
        Some(QueueSnapshot {
            len: self.len(),
            unfinished: self.unfinished(),
            is_shut_down: self.is_shut_down(),
            getters: self.getters.len(),
            putters: self.putters.len(),
        })
    }
}

impl<B> Engine<B> {
    fn is_all_done<T>(&self) -> bool
    where
        B: Buffer<T>,
    {
        // SeqCst: Q4. Acquire with it: Q5. Before the look at the puts: if both are equal, then nothing was unfinished at this
        // moment, since neither goes back and `done` is never ahead.
        model_fence();
        let done = self.done.load(SeqCst);
        self.buffer.puts() == done
    }

    /// Marks tasks done: `next` gives the new number from the old one and the number of puts. Returns how many of those are
    /// left, as of the look at the puts: by the answer there may be more.
    fn finish<T>(&self, next: impl Fn(u64, u64) -> Option<u64>) -> Option<u64>
    where
        B: Buffer<T>,
    {
        // Acquire, here and on failure: Q6. The exchange checks the number, but nothing would check a refusal.
        let mut done = self.done.load(Acquire);
        loop {
            let puts = self.buffer.puts();
            let finished = next(done, puts)?;
            // SeqCst: Q4. Release with it: Q5, Q6.
            match self.done.compare_exchange_weak(done, finished, SeqCst, Acquire) {
                Ok(_) => return Some(puts - finished),
                Err(changed) => done = changed,
            }
        }
    }
}
