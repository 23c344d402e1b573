//! How a queue keeps its items: the one thing in which its orders differ.

use std::collections::VecDeque;
use std::iter;
use std::mem;
use std::vec;

/// Items in the order in which they will be fetched.
///
/// Nothing but `place` and what takes runs code of the item's type, and that only compares. If a comparison panics, the store is as it was before that item: so one is
/// never lost, and never dropped, between a queue's put and its get.
pub trait Store: Default {
    type Item;
    /// Where an item would go. Good until the store is changed.
    type Place;

    fn place(&self, item: &Self::Item) -> Self::Place;
    fn insert(&mut self, item: Self::Item, place: Self::Place);
    /// Inserts items from the front, `max` at most. If a comparison panics, those before are in, and the others still in `items`.
    fn insert_many(&mut self, items: &mut vec::IntoIter<Self::Item>, max: usize) {
        for _ in 0..max {
            let Some(place) = items.as_slice().first().map(|item| self.place(item)) else { return };
            self.insert(items.next().expect("there is a first"), place);
        }
    }
    /// The next item.
    fn take(&mut self) -> Option<Self::Item>;
    /// Takes the next items, `max` at most, to the end of `taken`. If a comparison panics, those before are there.
    fn take_many(&mut self, max: usize, taken: &mut Vec<Self::Item>) {
        taken.extend(iter::from_fn(|| self.take()).take(max));
    }
    fn len(&self) -> usize;
    /// Takes all items, the next one first.
    fn take_all(&mut self) -> Vec<Self::Item>;
    /// Takes all items, without a comparison.
    fn take_all_in_any_order(&mut self) -> Vec<Self::Item> {
        self.take_all()
    }
}

/// First in, first out.
impl<T> Store for VecDeque<T> {
    type Item = T;
    type Place = ();

    fn place(&self, _: &T) {}

    fn insert(&mut self, item: T, (): ()) {
        self.push_back(item);
    }

    fn insert_many(&mut self, items: &mut vec::IntoIter<T>, max: usize) {
        self.extend(items.take(max));
    }

    fn take(&mut self) -> Option<T> {
        let item = self.pop_front();
        if is_sparse(self.len(), self.capacity()) {
            self.shrink_to(self.capacity() / 2);
        }
        item
    }

    fn take_many(&mut self, max: usize, taken: &mut Vec<T>) {
        taken.extend(self.drain(..max.min(self.len())));
        if is_sparse(self.len(), self.capacity()) {
            self.shrink_to(KEPT.max(2 * self.len()));
        }
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn take_all(&mut self) -> Vec<T> {
        mem::take(self).into()
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

    fn insert_many(&mut self, items: &mut vec::IntoIter<T>, max: usize) {
        self.extend(items.take(max));
    }

    fn take(&mut self) -> Option<T> {
        let item = self.pop();
        if is_sparse(self.len(), self.capacity()) {
            self.shrink_to(self.capacity() / 2);
        }
        item
    }

    fn take_many(&mut self, max: usize, taken: &mut Vec<T>) {
        taken.extend(self.drain(self.len().saturating_sub(max)..).rev());
        if is_sparse(self.len(), self.capacity()) {
            self.shrink_to(KEPT.max(2 * self.len()));
        }
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn take_all(&mut self) -> Vec<T> {
        self.reverse();
        mem::take(self)
    }
}

/// For how many items a buffer keeps its memory in any case.
const KEPT: usize = 64;

/// Whether a buffer, after a burst, is due to give half of its memory back. At a quarter of its capacity, so that growing
/// and shrinking cost a constant time per item however the length swings.
pub(super) fn is_sparse(len: usize, capacity: usize) -> bool {
    capacity > KEPT && len < capacity / 4
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Memory is given back after a burst, while the store drains; and a small store does not keep asking for it.
    pub(crate) fn gives_memory_back<S: Store<Item = usize>>(mut store: S, capacity: fn(&S) -> usize) {
        const BURST: usize = 10_000;
        for item in 0..BURST {
            let place = store.place(&item);
            store.insert(item, place);
        }
        let mut moves = 0;
        for left in (0..BURST).rev() {
            let before = capacity(&store);
            assert!(store.take().is_some());
            assert_eq!(store.len(), left);
            moves += usize::from(capacity(&store) != before);
            assert!(capacity(&store) <= 64.max(left * 4 + 4), "{} for {left}", capacity(&store));
        }
        assert!((1..20).contains(&moves), "each halves the buffer");

        (0..BURST).for_each(|item| {
            let place = store.place(&item);
            store.insert(item, place);
        });
        let mut taken = Vec::new();
        store.take_many(BURST - 100, &mut taken);
        assert_eq!((taken.len(), store.len()), (BURST - 100, 100));
        assert!(capacity(&store) <= 404, "{}", capacity(&store));
        store.take_many(usize::MAX, &mut taken);
        assert_eq!((taken.len(), store.len()), (BURST, 0));
        assert!(capacity(&store) <= 64, "{}", capacity(&store));

        for item in 0..BURST {
            let before = capacity(&store);
            let place = store.place(&item);
            store.insert(item, place);
            assert_eq!((store.take(), capacity(&store)), (Some(item), before));
        }
    }

    #[test]
    fn a_fifo_gives_memory_back() {
        gives_memory_back(VecDeque::new(), VecDeque::capacity);
    }

    #[test]
    fn a_lifo_gives_memory_back() {
        gives_memory_back(Vec::new(), Vec::capacity);
    }
}
