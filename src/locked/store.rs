//! How a queue keeps its items: the one thing in which its orders differ.

use std::collections::VecDeque;

/// Items in the order in which they will be fetched.
///
/// Nothing but `place` and `take` runs code of the item's type, and those two only compare: if a comparison panics, the
/// store is as it was. So an item is never lost, and never dropped, between a queue's put and its get.
pub trait Store: Default {
    type Item;
    /// Where an item would go. Good until the store is changed.
    type Place;

    fn place(&self, item: &Self::Item) -> Self::Place;
    fn insert(&mut self, item: Self::Item, place: Self::Place);
    /// The next item.
    fn take(&mut self) -> Option<Self::Item>;
    fn len(&self) -> usize;
    /// All items, the next one first.
    fn into_vec(self) -> Vec<Self::Item>;
}

/// First in, first out.
impl<T> Store for VecDeque<T> {
    type Item = T;
    type Place = ();

    fn place(&self, _: &T) {}

    fn insert(&mut self, item: T, (): ()) {
        self.push_back(item);
    }

    fn take(&mut self) -> Option<T> {
        let item = self.pop_front();
        if is_sparse(self.len(), self.capacity()) {
            self.shrink_to(self.capacity() / 2);
        }
        item
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn into_vec(self) -> Vec<T> {
        self.into()
    }
}

/// Last in, first out.
impl<T> Store for Vec<T> {
    type Item = T;
    type Place = ();

    fn place(&self, _: &T) {}

    fn insert(&mut self, item: T, (): ()) {
        self.push(item);
    }

    fn take(&mut self) -> Option<T> {
        let item = self.pop();
        if is_sparse(self.len(), self.capacity()) {
            self.shrink_to(self.capacity() / 2);
        }
        item
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn into_vec(mut self) -> Vec<T> {
        self.reverse();
        self
    }
}

/// Whether a buffer, after a burst, is due to give half of its memory back. At a quarter of its capacity, so that growing
/// and shrinking cost a constant time per item however the length swings.
pub(super) fn is_sparse(len: usize, capacity: usize) -> bool {
    const KEPT: usize = 64;
    capacity > KEPT && len < capacity / 4
}
