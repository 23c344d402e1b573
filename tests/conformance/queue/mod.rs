//! `Queue`, `LifoQueue` and `PriorityQueue`: every case runs over each order on each wing.

mod calls;
mod destructors;
mod holes;
mod python;

use nogil::Wing;
use nogil::queue::{Order, Queue};

use crate::harness::Item;

/// An order of queues, for whatever the tests put into them.
pub(crate) trait Kind<W: Wing>: Order<usize, W> + Order<Item, W> + Order<OnDrop, W> + 'static {}

impl<W: Wing, O: Order<usize, W> + Order<Item, W> + Order<OnDrop, W> + 'static> Kind<W> for O {}

/// Something done to a queue.
type Deed<T, W, O, R = ()> = fn(&Queue<T, W, O>) -> R;

pub(crate) fn bounded<T, W: Wing, O: Order<T, W>>(capacity: usize) -> Queue<T, W, O> {
    Queue::bounded_in(W::default(), capacity)
}

pub(crate) fn unbounded<T, W: Wing, O: Order<T, W>>() -> Queue<T, W, O> {
    Queue::unbounded_in(W::default())
}

/// The items as a queue gives them that was given them in this order.
fn in_order<W: Wing, O: Kind<W>>(items: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut items = Vec::from_iter(items);
    match <O as Order<usize, W>>::NAME {
        "Queue" => {}
        "LifoQueue" => items.reverse(),
        "PriorityQueue" => items.sort_unstable(),
        name => panic!("which order is that of a {name}?"),
    }
    items
}

/// An item that runs something when it is dropped. It compares by its number.
pub(crate) struct OnDrop {
    number: usize,
    action: Option<Box<dyn FnOnce() + Send>>,
}

impl OnDrop {
    fn new(number: usize, action: impl FnOnce() + Send + 'static) -> Self {
        Self { number, action: Some(Box::new(action)) }
    }

    /// An item that does nothing when it is dropped.
    fn plain(number: usize) -> Self {
        Self { number, action: None }
    }
}

impl Drop for OnDrop {
    fn drop(&mut self) {
        if let Some(action) = self.action.take() {
            action();
        }
    }
}

/// The payload of a panic, which panics in turn if it is dropped. (It has no size, so one that is forgotten leaks nothing.)
pub(crate) struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a payload was dropped");
    }
}

impl PartialEq for OnDrop {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for OnDrop {}

impl PartialOrd for OnDrop {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OnDrop {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.number.cmp(&other.number)
    }
}
