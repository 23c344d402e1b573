//! A queue from a mutex and three condition variables, as CPython's is; its order is its store's.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::vec;

use super::heap::Heap;
use super::store::Store;
use super::waiters::{Waiters, Wake};
use crate::deadline::Deadline;
use crate::engine::{QueueSnapshot, RawQueue};
use crate::error::{TaskDoneError, TryGetError, TryPutError};
use crate::no_way_back::no_way_back;
use crate::payload::discard;
use crate::primitive::{Mutex, MutexGuard, const_unless_model};

pub struct Engine<S> {
    capacity: Option<usize>,
    state: Mutex<State<S>>,
    not_empty: Waiters,
    not_full: Waiters,
    all_done: Waiters,
}

struct State<S> {
    store: S,
    /// Items put and not yet marked done.
    unfinished: u64,
    is_shut_down: bool,
    /// Threads that sleep until there is an item, until there is room, until all is done.
    getters: usize,
    putters: usize,
    joiners: usize,
}

impl<S> Engine<S> {
    const_unless_model! {
        const fn with_store(store: S, capacity: Option<usize>) -> Self {
            let state = State { store, unfinished: 0, is_shut_down: false, getters: 0, putters: 0, joiners: 0 };
            Self {
                capacity,
                state: Mutex::new(state),
                not_empty: Waiters::new(),
                not_full: Waiters::new(),
                all_done: Waiters::new(),
            }
        }
    }

    /// Calls `f` with the store while the mutex is held.
    fn with<R>(&self, f: impl FnOnce(&S) -> R) -> R {
        f(&self.state.lock().store)
    }
}

impl<T> Engine<VecDeque<T>> {
    const_unless_model! {
        pub(crate) const fn new(capacity: Option<usize>) -> Self {
            Self::with_store(VecDeque::new(), capacity)
        }
    }
}

impl<T> Engine<Vec<T>> {
    const_unless_model! {
        pub(crate) const fn new(capacity: Option<usize>) -> Self {
            Self::with_store(Vec::new(), capacity)
        }
    }
}

impl<T> Engine<Heap<T>> {
    const_unless_model! {
        pub(crate) const fn new(capacity: Option<usize>) -> Self {
            Self::with_store(Heap::new(), capacity)
        }
    }

    /// Calls `f` with the first item while the mutex is held.
    pub(crate) fn peek_with<R>(&self, f: impl FnOnce(&T) -> R) -> Option<R> {
        // Outside of the mutex if it is not called: what it has captured is dropped then, and may use the queue.
        let mut f = Some(f);
        self.with(|store| {
            let first = store.first()?;
            f.take().map(|f| f(first))
        })
    }
}

impl<S: Store> Engine<S> {
    fn is_full(&self, state: &State<S>) -> bool {
        self.capacity.is_some_and(|capacity| state.store.len() >= capacity)
    }

    /// Waits until there is room.
    fn await_room(&self, deadline: Deadline) -> Result<MutexGuard<'_, State<S>>, TryPutError> {
        let is_ready = |state: &State<S>| state.is_shut_down || !self.is_full(state);
        let state = self.not_full.lock_when(&self.state, |state| &mut state.putters, deadline, is_ready);
        // First: a shut down queue takes nothing, though it may have room.
        if state.is_shut_down {
            return Err(TryPutError::ShutDown(()));
        }
        if self.is_full(&state) { Err(TryPutError::Full(())) } else { Ok(state) }
    }

    /// Shuts down at once, and takes what is queued.
    fn shut_down_and(&self, take_all: impl FnOnce(&mut S) -> Vec<S::Item>) -> Vec<S::Item> {
        let (mut getters, mut putters) = (Wake::nobody(&self.not_empty), Wake::nobody(&self.not_full));
        let mut joiners = Wake::nobody(&self.all_done);
        let mut state = self.state.lock();
        state.is_shut_down = true;
        getters.set_all(state.getters);
        putters.set_all(state.putters);
        let items = take_all(&mut state.store);
        // Not below zero: some of these may have been marked done while they were still queued.
        state.unfinished = state.unfinished.saturating_sub(items.len() as u64);
        if state.unfinished == 0 {
            joiners.set_all(state.joiners);
        }
        items
    }

    /// Waits until there is an item.
    fn await_item(&self, deadline: Deadline) -> Result<MutexGuard<'_, State<S>>, TryGetError> {
        let is_ready = |state: &State<S>| state.is_shut_down || state.store.len() > 0;
        let state = self.not_empty.lock_when(&self.state, |state| &mut state.getters, deadline, is_ready);
        if state.store.len() > 0 {
            return Ok(state);
        }
        Err(if state.is_shut_down { TryGetError::ShutDown } else { TryGetError::Empty })
    }
}

// In each operation `Wake` stands above the lock, so that it is dropped after it. While code of the item's type may panic,
// that is while it compares, the wake-up is set to pass on the one that this thread may have taken.
impl<S: Store> RawQueue<S::Item> for Engine<S> {
    fn new(capacity: Option<usize>) -> Self {
        Self::with_store(S::default(), capacity)
    }

    fn capacity(&self) -> Option<usize> {
        self.capacity
    }

    fn put(&self, item: S::Item, deadline: Deadline) -> Result<(), TryPutError<S::Item>> {
        let (mut getters, mut putters) = (Wake::nobody(&self.not_empty), Wake::nobody(&self.not_full));
        let mut state = match self.await_room(deadline) {
            Ok(state) => state,
            Err(refusal) => return Err(refusal.map(|()| item)),
        };
        putters.set(1, state.putters);
        let place = state.store.place(&item);
        putters.set(0, 0);
        // A store that cannot grow panics, and the item would be dropped, which is code of the user's, under the mutex.
        no_way_back(|| state.store.insert(item, place));
        state.unfinished += 1;
        getters.set(1, state.getters);
        Ok(())
    }

    fn put_many(&self, items: &mut vec::IntoIter<S::Item>, deadline: Deadline) -> Result<(), TryPutError> {
        while !items.as_slice().is_empty() {
            let (mut getters, mut putters) = (Wake::nobody(&self.not_empty), Wake::nobody(&self.not_full));
            let mut state = self.await_room(deadline)?;
            let before = state.store.len();
            let room = self.capacity.map_or(usize::MAX, |capacity| capacity - before);
            let inserted = catch_unwind(AssertUnwindSafe(|| state.store.insert_many(items, room)));
            let stored = state.store.len() - before;
            state.unfinished += stored as u64;
            getters.set(stored, state.getters);
            if let Err(payload) = inserted {
                putters.set(1, state.putters);
                drop(state);
                resume_unwind(payload);
            }
        }
        Ok(())
    }

    fn get(&self, deadline: Deadline) -> Result<S::Item, TryGetError> {
        let (mut getters, mut putters) = (Wake::nobody(&self.not_empty), Wake::nobody(&self.not_full));
        let mut state = self.await_item(deadline)?;
        getters.set(1, state.getters);
        let item = state.store.take().expect("there is an item");
        getters.set(0, 0);
        putters.set(1, state.putters);
        Ok(item)
    }

    fn get_many(&self, max: usize, deadline: Deadline) -> Result<Vec<S::Item>, TryGetError> {
        let mut items = Vec::new();
        let (mut getters, mut putters) = (Wake::nobody(&self.not_empty), Wake::nobody(&self.not_full));
        let mut state = self.await_item(deadline)?;
        items.reserve(max.min(state.store.len()));
        let fetched = catch_unwind(AssertUnwindSafe(|| state.store.take_many(max, &mut items)));
        putters.set(items.len(), state.putters);
        if fetched.is_err() {
            getters.set(1, state.getters);
        }
        drop(state);
        match fetched {
            // What was fetched before the panic must not be lost to it; the next call meets it first, and passes it on.
            Err(payload) if items.is_empty() => resume_unwind(payload),
            Err(payload) => {
                discard(payload);
                Ok(items)
            }
            Ok(()) => Ok(items),
        }
    }

    fn task_done(&self) -> Result<(), TaskDoneError> {
        let mut joiners = Wake::nobody(&self.all_done);
        let mut state = self.state.lock();
        state.unfinished = state.unfinished.checked_sub(1).ok_or(TaskDoneError)?;
        if state.unfinished == 0 {
            joiners.set_all(state.joiners);
        }
        Ok(())
    }

    fn join(&self, deadline: Deadline) -> bool {
        let is_done = |state: &State<S>| state.unfinished == 0;
        is_done(&self.all_done.lock_when(&self.state, |state| &mut state.joiners, deadline, is_done))
    }

    fn shut_down(&self) {
        let (mut getters, mut putters) = (Wake::nobody(&self.not_empty), Wake::nobody(&self.not_full));
        let mut state = self.state.lock();
        state.is_shut_down = true;
        getters.set_all(state.getters);
        putters.set_all(state.putters);
    }

    fn shut_down_now(&self) -> Vec<S::Item> {
        // Under the lock, so that a comparison of a priority queue that panics leaves the items where they are.
        self.shut_down_and(S::take_all)
    }

    fn abandon(&self) -> Vec<S::Item> {
        self.shut_down_and(S::take_all_in_any_order)
    }

    fn is_shut_down(&self) -> bool {
        self.state.lock().is_shut_down
    }

    fn len(&self) -> usize {
        self.with(S::len)
    }

    fn unfinished(&self) -> usize {
        countable(self.state.lock().unfinished)
    }

    fn snapshot(&self) -> Option<QueueSnapshot> {
        self.state.try_lock().map(|state| QueueSnapshot {
            len: state.store.len(),
            unfinished: countable(state.unfinished),
            is_shut_down: state.is_shut_down,
            getters: state.getters,
            putters: state.putters,
        })
    }
}

/// As many as a `usize` can say: a queue that nobody joins may have counted more.
fn countable(tasks: u64) -> usize {
    usize::try_from(tasks).unwrap_or(usize::MAX)
}
