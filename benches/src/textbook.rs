//! What one writes from a `Mutex` and a `Condvar` without further thought: every change is signalled, needed or not.

use std::cell::UnsafeCell;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread::{self, ThreadId};

/// What a textbook queue keeps its items in.
pub trait Store<T>: Default {
    fn push(&mut self, item: T);
    fn pop(&mut self) -> Option<T>;
    fn count(&self) -> usize;
}

impl<T> Store<T> for VecDeque<T> {
    fn push(&mut self, item: T) {
        self.push_back(item);
    }
    fn pop(&mut self) -> Option<T> {
        self.pop_front()
    }
    fn count(&self) -> usize {
        VecDeque::len(self)
    }
}

impl<T> Store<T> for Vec<T> {
    fn push(&mut self, item: T) {
        Vec::push(self, item);
    }
    fn pop(&mut self) -> Option<T> {
        Vec::pop(self)
    }
    fn count(&self) -> usize {
        Vec::len(self)
    }
}

impl<T: Ord> Store<T> for std::collections::BinaryHeap<T> {
    fn push(&mut self, item: T) {
        std::collections::BinaryHeap::push(self, item);
    }
    fn pop(&mut self) -> Option<T> {
        std::collections::BinaryHeap::pop(self)
    }
    fn count(&self) -> usize {
        std::collections::BinaryHeap::len(self)
    }
}

pub struct Queue<S> {
    items: Mutex<S>,
    capacity: usize,
    not_empty: Condvar,
    not_full: Condvar,
}

impl<S: Default> Queue<S> {
    pub fn new(capacity: Option<usize>) -> Self {
        Self {
            items: Mutex::default(),
            capacity: capacity.unwrap_or(usize::MAX),
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
        }
    }

    pub fn put<T>(&self, item: T)
    where
        S: Store<T>,
    {
        let mut items = self.not_full.wait_while(self.items.lock().unwrap(), |s| s.count() == self.capacity).unwrap();
        items.push(item);
        self.not_empty.notify_one();
    }

    pub fn get<T>(&self) -> T
    where
        S: Store<T>,
    {
        let mut items = self.not_empty.wait_while(self.items.lock().unwrap(), |s| s.count() == 0).unwrap();
        let item = items.pop().unwrap();
        self.not_full.notify_one();
        item
    }
}

pub struct Semaphore {
    permits: Mutex<usize>,
    free: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Self { permits: Mutex::new(permits), free: Condvar::new() }
    }

    pub fn acquire(&self) {
        *self.free.wait_while(self.permits.lock().unwrap(), |permits| *permits == 0).unwrap() -= 1;
    }

    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.free.notify_one();
    }
}

#[derive(Default)]
pub struct Event {
    set: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    pub fn set(&self) {
        *self.set.lock().unwrap() = true;
        self.changed.notify_all();
    }

    pub fn clear(&self) {
        *self.set.lock().unwrap() = false;
    }

    pub fn is_set(&self) -> bool {
        *self.set.lock().unwrap()
    }

    pub fn wait(&self) {
        let _set = self.changed.wait_while(self.set.lock().unwrap(), |set| !*set).unwrap();
    }
}

/// A reentrant lock around a number.
#[derive(Default)]
pub struct RLock {
    owner: Mutex<(Option<ThreadId>, usize)>,
    free: Condvar,
    value: UnsafeCell<u64>,
}

// SAFETY: `value` is touched by the owner alone.
unsafe impl Sync for RLock {}

impl RLock {
    pub fn acquire(&self) {
        let me = thread::current().id();
        let busy = |owner: &mut (Option<ThreadId>, usize)| owner.0.is_some_and(|owner| owner != me);
        let mut owner = self.free.wait_while(self.owner.lock().unwrap(), busy).unwrap();
        owner.0 = Some(me);
        owner.1 += 1;
    }

    /// Call it only between `acquire` and `release`.
    pub fn increment(&self) {
        // SAFETY: the caller owns the lock, and the reference ends here.
        unsafe { *self.value.get() += 1 };
    }

    pub fn release(&self) {
        let mut owner = self.owner.lock().unwrap();
        owner.1 -= 1;
        if owner.1 == 0 {
            owner.0 = None;
            self.free.notify_one();
        }
    }
}
