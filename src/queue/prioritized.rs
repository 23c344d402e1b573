//! Items that have no order of their own, with a priority that has.

use std::cmp::Ordering;

/// An item and its priority, of which the priority alone is compared. So any item can stand in a [`PriorityQueue`](super::PriorityQueue), also one that has no order.
///
/// Items of equal priority are equal here, whatever they are; the queue gives them in the order in which they were put. For the largest priority first, wrap it in
/// [`Reverse`](std::cmp::Reverse).
///
/// In Python: `PrioritizedItem`, the data class in the documentation of `queue`. There a counter must stand between priority and item for the order of equals.
///
/// # Examples
///
/// ```
/// use nogil::{Prioritized, PriorityQueue};
///
/// let jobs = PriorityQueue::<Prioritized<u32, Box<dyn FnOnce() -> String + Send>>>::unbounded();
/// jobs.put(Prioritized::new(2, Box::new(|| "lunch".to_owned()))).unwrap();
/// jobs.put(Prioritized::new(1, Box::new(|| "breakfast".to_owned()))).unwrap();
///
/// let job = jobs.get().unwrap();
/// assert_eq!(job.priority, 1);
/// assert_eq!((job.item)(), "breakfast");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Prioritized<P, T> {
    /// What is compared.
    pub priority: P,
    /// What is not.
    pub item: T,
}

impl<P, T> Prioritized<P, T> {
    /// Gives `item` a priority.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Prioritized;
    ///
    /// assert!(Prioritized::new(1, "z") < Prioritized::new(2, "a"));
    /// assert!(Prioritized::new(1, "z") == Prioritized::new(1, "a"));
    /// ```
    #[must_use]
    pub const fn new(priority: P, item: T) -> Self {
        Self { priority, item }
    }
}

/// The priority stands first, as in a Python program's tuples.
impl<P, T> From<(P, T)> for Prioritized<P, T> {
    fn from((priority, item): (P, T)) -> Self {
        Self { priority, item }
    }
}

impl<P: PartialEq, T> PartialEq for Prioritized<P, T> {
    fn eq(&self, other: &Self) -> bool {
        self.priority == other.priority
    }
}

impl<P: Eq, T> Eq for Prioritized<P, T> {}

impl<P: PartialOrd, T> PartialOrd for Prioritized<P, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.priority.partial_cmp(&other.priority)
    }
}

impl<P: Ord, T> Ord for Prioritized<P, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.priority.cmp(&other.priority)
    }
}
