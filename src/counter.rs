//! The [`Counter`]: an integer that many threads change.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::engine::{RawCounter, Wing, for_each_wing};
use crate::primitive::const_unless_model;

/// An integer that many threads read and change, each in one step.
///
/// `counter += 1` is three steps in Python, which does not promise that two threads that do it at once count twice. Here each change is whole:
/// nothing is counted twice, nothing is lost. No call waits for anything but other threads' changes, of which each is short. If a result does not fit
/// in an `i64` the call panics, and the counter stays as it was; it never wraps round.
///
/// In Python: `with lock: counter += 1`.
///
/// # Differences from Python
///
/// * It holds an `i64`; Python's integers have no bounds.
///
/// # Fairness
///
/// None is promised, and none needed: no call waits for a condition.
///
/// # Synchronization
///
/// The changes of one counter have one order, and each sees all that came before it. What a thread did before it changed the
/// counter is visible to a thread that finds the change in it.
///
/// # Examples
///
/// ```
/// use nogil::Counter;
/// use std::thread;
///
/// static VISITS: Counter = Counter::new(0);
///
/// thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| (0..100).for_each(|_| VISITS.increment()));
///     }
/// });
/// assert_eq!(VISITS.get(), 400);
/// ```
pub struct Counter<W: Wing> {
    engine: W::Counter,
}

macro_rules! constructors {
    ($W:ty) => {
        impl Counter<$W> {
            const_unless_model! {
                /// Makes a counter that stands at `value`.
                ///
                /// In Python: `counter = value`.
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::Counter;
                ///
                /// static VISITS: Counter = Counter::new(0);
                /// assert_eq!(VISITS.get(), 0);
                /// ```
                #[must_use]
                pub const fn new(value: i64) -> Self {
                    Self { engine: <$W as Wing>::Counter::new(value) }
                }
            }
        }
    };
}
for_each_wing!(constructors);

impl<W: Wing> Counter<W> {
    /// Makes a counter of the given wing, for code that is generic over it. Elsewhere, use `new`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Locked, generic};
    ///
    /// let counter = generic::Counter::new_in(Locked, 3);
    /// assert_eq!(counter.get(), 3);
    /// ```
    #[must_use]
    pub fn new_in(_: W, value: i64) -> Self {
        Self { engine: RawCounter::new(value) }
    }

    /// Adds one.
    ///
    /// In Python: `with lock: counter += 1`.
    ///
    /// # Panics
    ///
    /// If the counter stands at `i64::MAX`, where it then stays.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = nogil::Counter::new(1);
    /// counter.increment();
    /// assert_eq!(counter.get(), 2);
    /// ```
    #[track_caller]
    pub fn increment(&self) {
        self.add(1);
    }

    /// Takes one away.
    ///
    /// In Python: `with lock: counter -= 1`.
    ///
    /// # Panics
    ///
    /// If the counter stands at `i64::MIN`, where it then stays.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = nogil::Counter::new(0);
    /// counter.decrement();
    /// assert_eq!(counter.get(), -1);
    /// ```
    #[track_caller]
    pub fn decrement(&self) {
        self.sub(1);
    }

    /// Adds `n`, which may be negative.
    ///
    /// In Python: `with lock: counter += n`.
    ///
    /// # Panics
    ///
    /// If the sum is not an `i64`; then the counter stays as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = nogil::Counter::new(1);
    /// counter.add(4);
    /// assert_eq!(counter.get(), 5);
    /// ```
    #[track_caller]
    pub fn add(&self, n: i64) {
        self.fetch_add(n);
    }

    /// Takes `n` away, which may be negative.
    ///
    /// In Python: `with lock: counter -= n`.
    ///
    /// # Panics
    ///
    /// If the difference is not an `i64`; then the counter stays as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = nogil::Counter::new(1);
    /// counter.sub(4);
    /// assert_eq!(counter.get(), -3);
    /// ```
    #[track_caller]
    pub fn sub(&self, n: i64) {
        self.fetch_sub(n);
    }

    /// Adds `n` and returns what the counter stood at before. No two threads that add one get the same answer.
    ///
    /// In Python: `with lock: previous = counter; counter += n`.
    ///
    /// # Panics
    ///
    /// As [`add`](Self::add).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Counter;
    ///
    /// static NEXT_ID: Counter = Counter::new(1);
    /// assert_eq!(NEXT_ID.fetch_add(1), 1);
    /// assert_eq!(NEXT_ID.fetch_add(1), 2);
    /// ```
    #[track_caller]
    pub fn fetch_add(&self, n: i64) -> i64 {
        self.engine.fetch_add(n).expect("the counter would pass the bounds of an i64; nothing was added")
    }

    /// Takes `n` away and returns what the counter stood at before.
    ///
    /// In Python: `with lock: previous = counter; counter -= n`.
    ///
    /// # Panics
    ///
    /// As [`sub`](Self::sub).
    ///
    /// # Examples
    ///
    /// ```
    /// let tasks = nogil::Counter::new(1);
    /// assert_eq!(tasks.fetch_sub(1), 1, "this was the last one");
    /// ```
    #[track_caller]
    pub fn fetch_sub(&self, n: i64) -> i64 {
        self.engine.fetch_sub(n).expect("the counter would pass the bounds of an i64; nothing was subtracted")
    }

    /// What the counter stands at. Other threads may have changed that by the time it is read.
    ///
    /// In Python: `counter`.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(nogil::Counter::new(3).get(), 3);
    /// ```
    pub fn get(&self) -> i64 {
        self.engine.get()
    }

    /// Sets the counter to zero, whatever it began with, and returns what it stood at, in one step: nothing that is counted
    /// meanwhile is lost between the two.
    ///
    /// In Python: `with lock: previous = counter; counter = 0`.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = nogil::Counter::new(3);
    /// assert_eq!(counter.reset(), 3);
    /// assert_eq!(counter.get(), 0);
    /// ```
    pub fn reset(&self) -> i64 {
        self.engine.swap(0)
    }
}

// Whatever panics, no operation leaves it in a state that the next one could trip over.
impl<W: Wing> UnwindSafe for Counter<W> {}
impl<W: Wing> RefUnwindSafe for Counter<W> {}

/// Zero.
impl<W: Wing> Default for Counter<W> {
    fn default() -> Self {
        Self::from(0)
    }
}

/// A counter that stands at `value`.
impl<W: Wing> From<i64> for Counter<W> {
    fn from(value: i64) -> Self {
        Self::new_in(W::default(), value)
    }
}

/// Shows the value. Never waits: while the engine is busy it shows `<busy>`.
impl<W: Wing> fmt::Debug for Counter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match self.engine.snapshot() {
            Some(value) => value.to_string(),
            None => "<busy>".into(),
        };
        f.debug_struct("Counter").field("value", &format_args!("{value}")).finish()
    }
}
