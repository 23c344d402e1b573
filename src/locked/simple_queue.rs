//! A simple queue from a mutex and a condition variable.
//!
//! No item is ever dropped while the mutex is held, so a destructor may put into the queue from which its item came.

use std::collections::VecDeque;

use super::store::Store;
use super::waiters::{Waiters, Wake};
use crate::deadline::Deadline;
use crate::engine::RawSimpleQueue;
use crate::no_way_back::no_way_back;
use crate::primitive::{Mutex, const_unless_model};

pub struct Engine<T> {
    state: Mutex<State<T>>,
    not_empty: Waiters,
}

struct State<T> {
    items: VecDeque<T>,
    /// Threads that sleep until there is an item.
    getters: usize,
}

impl<T> Engine<T> {
    const_unless_model! {
        pub const fn new() -> Self {
            Self { state: Mutex::new(State { items: VecDeque::new(), getters: 0 }), not_empty: Waiters::new() }
        }
    }
}

impl<T> RawSimpleQueue<T> for Engine<T> {
    fn new() -> Self {
        Self::new()
    }

    fn put(&self, item: T) {
        let mut getters = Wake::nobody(&self.not_empty);
        let mut state = self.state.lock();
        // As in the queue: if it panicked, the item would be dropped under the mutex.
        no_way_back(|| state.items.push_back(item));
        getters.set(1, state.getters);
    }

    fn get(&self, deadline: Deadline) -> Option<T> {
        let is_ready = |state: &State<T>| !state.items.is_empty();
        self.not_empty.lock_when(&self.state, |state| &mut state.getters, deadline, is_ready).items.take()
    }

    fn len(&self) -> usize {
        self.state.lock().items.len()
    }

    fn snapshot(&self) -> Option<(usize, usize)> {
        self.state.try_lock().map(|state| (state.items.len(), state.getters))
    }
}
