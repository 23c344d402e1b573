//! A queue around a buffer: how its threads sleep, its tasks, its end.
//!
//! The [`Buffer`] stores items and never waits. Here stands what all of them need besides, once.
//!
//! A call first tries the buffer, then spins a little, then enlists and tries *again* before it sleeps. Whoever changes the buffer
//! looks afterwards whether anyone is enlisted. One of the two sees the other (Q1 to Q3), so no thread sleeps beside an
//! item, or beside room.
//!
//! Unfinished tasks cost a put nothing: the buffer's tail says how many items were ever put, `done` how many are done.
//!
//! # Memory ordering
//!
//! Two variables each, so these are `SeqCst`: with anything weaker both sides may read the old value, store buffering, and a
//! thread sleeps for ever. The fence that stands in for it in a model was taken out to see each model fail.
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

use std::vec;

use super::fifo::Fifo;
use super::stack::Stack;
use crate::deadline::Deadline;
use crate::engine::{QueueGlance, RawQueue};
use crate::error::{TaskDoneError, TryGetError, TryPutError};
use crate::park::list::WaitList;
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
    fn push(&self, item: T) -> Result<(), TryPutError<T>>;
    /// Stores one or more from the front, and answers how many.
    fn push_many(&self, items: &mut vec::IntoIter<T>) -> Result<usize, TryPutError>;
    fn pop(&self) -> Result<T, TryGetError>;
    /// Takes one or more, `max` at most.
    fn pop_many(&self, max: usize) -> Result<Vec<T>, TryGetError>;
    fn close(&self);
    fn is_closed(&self) -> bool;
    fn len(&self) -> usize;
    /// How many items were ever put.
    fn puts(&self) -> u64;
}

pub struct Engine<B> {
    buffer: B,
    done: AtomicU64,
    getters: WaitList,
    putters: WaitList,
    joiners: WaitList,
}

impl<B> Engine<B> {
    const_unless_model! {
        const fn with_buffer(buffer: B) -> Self {
            Self {
                buffer,
                done: AtomicU64::new(0),
                getters: WaitList::new(),
                putters: WaitList::new(),
                joiners: WaitList::new(),
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
    #[cold]
    fn put_slowly<T>(&self, item: T, deadline: Deadline) -> Result<(), TryPutError<T>>
    where
        B: Buffer<T>,
    {
        let mut refused = Some(item);
        let answer = self.putters.sleep_until(deadline, || match self.buffer.push(refused.take()?) {
            Err(TryPutError::Full(item)) => {
                refused = Some(item);
                None
            }
            answer => Some(answer),
        });
        match (answer, refused) {
            (Some(answer), _) => {
                answer?;
                self.getters.wake(1);
                Ok(())
            }
            (None, Some(item)) => Err(TryPutError::Full(item)),
            (None, None) => unreachable!("an attempt without an answer gives the item back"),
        }
    }

    #[cold]
    fn get_slowly<R>(
        &self,
        deadline: Deadline,
        mut pop: impl FnMut() -> Result<R, TryGetError>,
    ) -> Result<R, TryGetError> {
        let answer = self.getters.sleep_until(deadline, || match pop() {
            Err(TryGetError::Empty) => None,
            answer => Some(answer),
        });
        answer.unwrap_or(Err(TryGetError::Empty))
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
        match self.buffer.push(item) {
            Ok(()) => {
                self.getters.wake(1);
                Ok(())
            }
            Err(TryPutError::Full(item)) => self.put_slowly(item, deadline),
            refusal => refusal,
        }
    }

    fn put_many(&self, items: &mut vec::IntoIter<T>, deadline: Deadline) -> Result<(), TryPutError> {
        while !items.as_slice().is_empty() {
            let stored = match self.buffer.push_many(items) {
                Err(TryPutError::Full(())) => {
                    let answer = self.putters.sleep_until(deadline, || match self.buffer.push_many(items) {
                        Err(TryPutError::Full(())) => None,
                        answer => Some(answer),
                    });
                    answer.unwrap_or(Err(TryPutError::Full(())))
                }
                answer => answer,
            };
            self.getters.wake(stored?);
        }
        Ok(())
    }

    #[inline]
    fn get(&self, deadline: Deadline) -> Result<T, TryGetError> {
        let item = match self.buffer.pop() {
            Err(TryGetError::Empty) => self.get_slowly(deadline, || self.buffer.pop())?,
            answer => answer?,
        };
        self.putters.wake(1);
        Ok(item)
    }

    fn get_many(&self, max: usize, deadline: Deadline) -> Result<Vec<T>, TryGetError> {
        let items = match self.buffer.pop_many(max) {
            Err(TryGetError::Empty) => self.get_slowly(deadline, || self.buffer.pop_many(max))?,
            answer => answer?,
        };
        self.putters.wake(items.len());
        Ok(items)
    }

    fn task_done(&self) -> Result<(), TaskDoneError> {
        let left = self.finish(|done, puts| (done < puts).then_some(done + 1)).ok_or(TaskDoneError)?;
        if left == 0 {
            self.joiners.wake(usize::MAX);
        }
        Ok(())
    }

    fn join(&self, deadline: Deadline) -> bool {
        let attempt = || (self.unfinished() == 0).then_some(());
        attempt().or_else(|| self.joiners.sleep_until(deadline, attempt)).is_some()
    }

    fn shut_down(&self) {
        self.buffer.close();
        self.getters.wake(usize::MAX);
        self.putters.wake(usize::MAX);
    }

    fn shut_down_now(&self) -> Vec<T> {
        self.buffer.close();
        let mut items = Vec::new();
        while let Ok(more) = self.buffer.pop_many(usize::MAX) {
            items.extend(more);
        }
        self.getters.wake(usize::MAX);
        self.putters.wake(usize::MAX);
        // No further than all: some of these may have been marked done while they were still queued.
        if self.finish(|done, puts| Some(puts.min(done + items.len() as u64))) == Some(0) {
            self.joiners.wake(usize::MAX);
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
        // SeqCst: Q4. Acquire with it: Q5. Before the look at the puts: if both are equal, then nothing was unfinished at this
        // moment, since neither goes back and `done` is never ahead.
        model_fence();
        let done = self.done.load(SeqCst);
        (self.buffer.puts() - done) as usize
    }

    fn glance(&self) -> Option<QueueGlance> {
        Some(QueueGlance { len: self.len(), unfinished: self.unfinished(), is_shut_down: self.is_shut_down() })
    }
}

impl<B> Engine<B> {
    /// Marks tasks done: `next` gives the new number from the old one and the number of puts. Answers how many of those are
    /// left; there may be more by then, but not fewer.
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
