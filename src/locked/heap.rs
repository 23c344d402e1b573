//! A binary heap for a queue: smallest first, first in first out among equals, and whole after a comparison that panics.
//!
//! std's `BinaryHeap` has neither of the last two. Here every comparison of an operation is made first, and yields the one
//! place at which the moved item ends; the moves that follow run no code of the item's type. The order among equals is kept
//! by a ticket drawn on insertion. (Williams, *Algorithm 232: Heapsort*, 1964.)

use std::cmp::Ordering;
use std::mem;

use super::store::{Store, is_sparse};

pub struct Heap<T> {
    entries: Vec<Entry<T>>,
    tickets: u64,
}

struct Entry<T> {
    item: T,
    ticket: u64,
}

impl<T: Ord> Entry<T> {
    fn order(&self, other: &Self) -> Ordering {
        self.item.cmp(&other.item).then(self.ticket.cmp(&other.ticket))
    }

    fn precedes(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Less
    }
}

impl<T> Default for Heap<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Heap<T> {
    pub const fn new() -> Self {
        Self { entries: Vec::new(), tickets: 0 }
    }

    pub(crate) fn first(&self) -> Option<&T> {
        self.entries.first().map(|entry| &entry.item)
    }
}

impl<T: Ord> Heap<T> {
    /// Where the last entry ends when the first is taken out and it fills the gap: from the top, the lesser child moves up
    /// until neither precedes it.
    fn sunk(&self) -> usize {
        let Some((last, rest)) = self.entries.split_last() else { return 0 };
        let mut place = 0;
        loop {
            let left = 2 * place + 1;
            let Some(mut child) = rest.get(left) else { return place };
            let mut next = left;
            if let Some(right) = rest.get(left + 1) {
                if right.precedes(child) {
                    (child, next) = (right, left + 1);
                }
            }
            if !child.precedes(last) {
                return place;
            }
            place = next;
        }
    }
}

fn parent(place: usize) -> usize {
    (place - 1) / 2
}

/// The child of the root, its child, and so on down to `place`.
fn path_to(place: usize) -> impl Iterator<Item = usize> {
    // Counted from one, a place's ancestors are its binary prefixes.
    let place = place + 1;
    (0..place.ilog2()).rev().map(move |bits| (place >> bits) - 1)
}

impl<T: Ord> Store for Heap<T> {
    type Item = T;
    type Place = usize;

    fn place(&self, item: &T) -> usize {
        let mut place = self.entries.len();
        // Not before an equal one: that was there first.
        while place > 0 && item.cmp(&self.entries[parent(place)].item).is_lt() {
            place = parent(place);
        }
        place
    }

    fn insert(&mut self, item: T, place: usize) {
        let mut at = self.entries.len();
        self.entries.push(Entry { item, ticket: self.tickets });
        self.tickets += 1;
        while at > place {
            self.entries.swap(at, parent(at));
            at = parent(at);
        }
    }

    fn take(&mut self) -> Option<T> {
        let place = self.sunk();
        if self.entries.is_empty() {
            return None;
        }
        let first = self.entries.swap_remove(0);
        let mut at = 0;
        for next in path_to(place) {
            self.entries.swap(at, next);
            at = next;
        }
        if is_sparse(self.entries.len(), self.entries.capacity()) {
            self.entries.shrink_to(self.entries.capacity() / 2);
        }
        Some(first.item)
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn take_all(&mut self) -> Vec<T> {
        let mut places = Vec::from_iter(0..self.entries.len());
        places.sort_unstable_by(|&a, &b| self.entries[a].order(&self.entries[b]));
        // Compared, all of them; now they move.
        let mut items = Vec::from_iter(mem::take(&mut self.entries).into_iter().map(|entry| Some(entry.item)));
        places.into_iter().filter_map(|place| items[place].take()).collect()
    }

    fn take_all_in_any_order(&mut self) -> Vec<T> {
        mem::take(&mut self.entries).into_iter().map(|entry| entry.item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locked::store::tests::gives_memory_back;

    #[test]
    fn a_heap_gives_memory_back() {
        gives_memory_back(Heap::new(), |heap| heap.entries.capacity());
    }
}
