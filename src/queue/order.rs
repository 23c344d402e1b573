//! In which order a queue gives its items: the one thing in which the three queues differ.

use crate::engine::{RawQueue, Wing, sealed::SealedFor};
use crate::locked::{Heap, Locked, QueueEngine};

/// The order in which a [`Queue`](super::Queue) of `T` on the wing `W` gives its items: [`Fifo`], [`Lifo`] or [`Priority`].
pub trait Order<T, W: Wing>: SealedFor<T, W> {
    /// The queue's name, for `Debug`.
    #[doc(hidden)]
    const NAME: &'static str;

    /// What the queue runs on.
    #[doc(hidden)]
    type Engine: RawQueue<T>;
}

/// First in, first out: the order of a `Queue`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fifo;

/// Last in, first out: the order of a `LifoQueue`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lifo;

/// Smallest first, and first in first out among equals: the order of a `PriorityQueue`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Priority;

impl<T, W: Wing> SealedFor<T, W> for Fifo {}
impl<T, W: Wing> SealedFor<T, W> for Lifo {}
impl<T: Ord> SealedFor<T, Locked> for Priority {}

impl<T, W: Wing> Order<T, W> for Fifo {
    const NAME: &'static str = "Queue";
    type Engine = W::Queue<T>;
}

impl<T, W: Wing> Order<T, W> for Lifo {
    const NAME: &'static str = "LifoQueue";
    type Engine = W::LifoQueue<T>;
}

impl<T: Ord> Order<T, Locked> for Priority {
    const NAME: &'static str = "PriorityQueue";
    type Engine = QueueEngine<Heap<T>>;
}
