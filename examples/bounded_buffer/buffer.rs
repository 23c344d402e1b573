//! What all the ways share: a buffer with few places behind a lock, and conditions with a watch, which sees when the program hangs.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use nogil::{Wing, generic};

/// What the lock guards.
#[derive(Debug)]
pub(crate) struct Inside {
    items: VecDeque<u64>,
    places: usize,
    /// Producers that are not done. When all are, consumers take the rest and leave.
    producers: usize,
    /// Threads that are not asleep at a condition, or were notified.
    awake: usize,
    faults: Faults,
}

/// What a buffer must not let happen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// A consumer took, and there was nothing. In Python: `IndexError: pop from an empty deque`.
    pub(crate) empty_takes: u64,
    /// A producer put, and all places were taken.
    pub(crate) overfull_puts: u64,
    /// All slept, and nobody was left to notify anybody. Then they leave.
    pub(crate) stuck: Option<Stuck>,
}

impl Faults {
    pub(crate) fn are_none(self) -> bool {
        self.empty_takes == 0 && self.overfull_puts == 0 && self.stuck.is_none()
    }
}

/// Who slept, and beside how many items.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stuck {
    pub(crate) producers: usize,
    pub(crate) consumers: usize,
    pub(crate) items: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    Producer,
    Consumer,
}

/// What a consumer goes home with.
#[derive(Debug, PartialEq)]
pub(crate) enum Got {
    Item,
    Nothing,
    End,
}

pub(crate) type Guard<'a, W> = generic::LockGuard<'a, Inside, W>;

impl Inside {
    fn is_stuck(&self) -> bool {
        self.faults.stuck.is_some()
    }

    fn get_stuck(&mut self) {
        self.faults.stuck = Some(Stuck { items: self.items.len(), ..Stuck::default() });
    }

    /// Whether a producer need not wait: there is room.
    pub(crate) fn has_room(&self) -> bool {
        self.items.len() < self.places || self.is_stuck()
    }

    /// Whether a consumer need not wait: there is an item, or no more will come.
    pub(crate) fn has_item(&self) -> bool {
        !self.items.is_empty() || self.producers == 0 || self.is_stuck()
    }

    /// Puts, whether there is room or not. Answers whether the producer is to go on.
    pub(crate) fn put(&mut self, item: u64) -> bool {
        if self.is_stuck() {
            return false;
        }
        self.faults.overfull_puts += u64::from(self.items.len() >= self.places);
        self.items.push_back(item);
        true
    }

    /// Takes, whether there is an item or not.
    pub(crate) fn take(&mut self) -> Got {
        if self.is_stuck() {
            return Got::End;
        }
        match self.items.pop_front() {
            Some(_) => Got::Item,
            None if self.producers == 0 => Got::End,
            None => {
                self.faults.empty_takes += 1;
                Got::Nothing
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct Buffer<W: Wing> {
    inside: generic::Lock<Inside, W>,
    pub(crate) not_full: Watched<W>,
    pub(crate) not_empty: Watched<W>,
}

impl<W: Wing> Buffer<W> {
    pub(crate) fn new(wing: W, places: usize, producers: usize, consumers: usize) -> Self {
        let awake = producers + consumers;
        let inside = Inside { items: VecDeque::new(), places, producers, awake, faults: Faults::default() };
        Self {
            inside: generic::Lock::new_in(wing, inside),
            not_full: Watched::new(wing),
            not_empty: Watched::new(wing),
        }
    }

    pub(crate) fn acquire(&self) -> Guard<'_, W> {
        self.inside.acquire()
    }

    /// A thread ends, since it is done or all are stuck.
    pub(crate) fn leave(&self, role: Role) {
        let mut inside = self.acquire();
        if let Some(stuck) = &mut inside.faults.stuck {
            match role {
                Role::Producer => stuck.producers += 1,
                Role::Consumer => stuck.consumers += 1,
            }
        }
        inside.producers -= usize::from(role == Role::Producer);
        inside.awake -= 1;
        if inside.awake == 0 && inside.producers > 0 && !inside.is_stuck() {
            inside.get_stuck(); // it was done, but leaves only sleepers behind
        }
        if inside.producers == 0 || inside.is_stuck() {
            self.not_full.notify(&mut inside, usize::MAX);
            self.not_empty.notify(&mut inside, usize::MAX);
        }
    }

    pub(crate) fn into_faults(self) -> Faults {
        self.inside.into_inner().faults
    }
}

/// A `Condition` with a watch: a thread that would be the last to fall asleep does not, and finds that all hang.
///
/// It needs no clock. A thread that was notified counts as awake from then on, since a `Condition` wakes as many as it is told to, if so
/// many wait, and none for no reason. All of it is counted under the lock.
#[derive(Debug)]
pub(crate) struct Watched<W: Wing> {
    condition: generic::Condition<W>,
    /// Threads that sleep here and were not notified. Relaxed throughout: it is used under the lock.
    asleep: AtomicUsize,
}

impl<W: Wing> Watched<W> {
    fn new(wing: W) -> Self {
        Self { condition: generic::Condition::new_in(wing), asleep: AtomicUsize::new(0) }
    }

    pub(crate) fn wait(&self, inside: &mut Guard<'_, W>) {
        if self.may_sleep(inside) {
            self.condition.wait(inside);
        }
    }

    pub(crate) fn wait_for(&self, inside: &mut Guard<'_, W>, is_so: impl Fn(&Inside) -> bool) {
        self.condition.wait_for(inside, |inside| is_so(inside) || !self.may_sleep(inside));
    }

    pub(crate) fn notify(&self, inside: &mut Inside, n: usize) {
        let woken = n.min(self.asleep.load(Relaxed));
        self.asleep.fetch_sub(woken, Relaxed);
        inside.awake += woken;
        self.condition.notify(n);
    }

    /// Before each sleep. Not if this thread is the last one awake.
    fn may_sleep(&self, inside: &mut Inside) -> bool {
        if inside.awake == 1 {
            inside.get_stuck();
            return false;
        }
        inside.awake -= 1;
        self.asleep.fetch_add(1, Relaxed);
        true
    }
}
