//! The [`ShardedCounter`]: a counter for many threads that count all the time and seldom ask.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::atomic::Stripes;
use crate::primitive::const_unless_model;

/// An integer that many threads change without ever getting in each other's way.
///
/// Each thread counts in a stripe of its own, on a cache line of its own, with a load and a store: as cheap as counting in a thread-local
/// variable, however many threads count. The price is paid by whoever asks: [`sum`](Self::sum) adds the stripes up, one for each thread that
/// has ever counted at the same time as others, and it is no snapshot.
///
/// Take a [`Counter`](crate::Counter) where the answer must be exact while others count, or where a change must know what was there before.
///
/// In Python: there is none; the nearest is a counter per thread, added up at the end.
///
/// # Synchronization
///
/// What a thread did before it counted is visible to a thread whose `sum` has counted that in.
///
/// # Memory
///
/// 216 bytes, and stripes of a cache line each, 128 bytes on x86-64. Each thread that counts gets the lowest free number, the same for all counters, and a counter
/// allocates its stripes in blocks of 1, 2, 4 and so on, when a thread whose number falls there first counts in it: at most about twice as many stripes as
/// there ever were counting threads alive at a time in the program. Threads that end leave their stripes to later ones. The first count of a thread may allocate, so a
/// global allocator must not count by this.
///
/// # Panics
///
/// What one stripe has counted since the counter was made must be an `i64`; so must be all of them together at a `reset`, and the sum that a `sum` returns. Else the
/// call panics and changes nothing. It never wraps round. (A billion increments a second reach that after three hundred years.)
///
/// # Examples
///
/// ```
/// use nogil::ShardedCounter;
/// use std::thread;
///
/// static REQUESTS: ShardedCounter = ShardedCounter::new();
///
/// thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| (0..1000).for_each(|_| REQUESTS.increment()));
///     }
/// });
/// assert_eq!(REQUESTS.sum(), 4000); // exact, since all who count have ended
/// ```
pub struct ShardedCounter {
    stripes: Stripes,
}

impl ShardedCounter {
    const_unless_model! {
        /// Makes a counter that stands at zero.
        ///
        /// # Examples
        ///
        /// ```
        /// use nogil::ShardedCounter;
        ///
        /// static BYTES: ShardedCounter = ShardedCounter::new();
        /// assert_eq!(BYTES.sum(), 0);
        /// ```
        #[must_use]
        pub const fn new() -> Self {
            Self { stripes: Stripes::new() }
        }
    }

    /// Adds one.
    ///
    /// # Panics
    ///
    /// If this thread's stripe would no longer be an `i64`; then nothing is added.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = nogil::ShardedCounter::new();
    /// counter.increment();
    /// assert_eq!(counter.sum(), 1);
    /// ```
    #[inline]
    #[track_caller]
    pub fn increment(&self) {
        self.add(1);
    }

    /// Subtracts one.
    ///
    /// # Panics
    ///
    /// If this thread's stripe would no longer be an `i64`; then nothing is subtracted.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = nogil::ShardedCounter::new();
    /// counter.decrement();
    /// assert_eq!(counter.sum(), -1);
    /// ```
    #[inline]
    #[track_caller]
    pub fn decrement(&self) {
        self.sub(1);
    }

    /// Adds `n`.
    ///
    /// # Panics
    ///
    /// If this thread's stripe would no longer be an `i64`; then nothing is added.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = nogil::ShardedCounter::new();
    /// counter.add(40);
    /// counter.add(2);
    /// assert_eq!(counter.sum(), 42);
    /// ```
    #[inline]
    #[track_caller]
    pub fn add(&self, n: i64) {
        self.stripes
            .update(|stripe| stripe.checked_add(n))
            .expect("the counter would pass the bounds of an i64; nothing was added");
    }

    /// Subtracts `n`.
    ///
    /// # Panics
    ///
    /// If this thread's stripe would no longer be an `i64`; then nothing is subtracted.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = nogil::ShardedCounter::new();
    /// counter.sub(42);
    /// assert_eq!(counter.sum(), -42);
    /// ```
    #[inline]
    #[track_caller]
    pub fn sub(&self, n: i64) {
        self.stripes
            .update(|stripe| stripe.checked_sub(n))
            .expect("the counter would pass the bounds of an i64; nothing was subtracted");
    }

    /// What was counted since the last [`reset`](Self::reset). It looks at one stripe after the other, so it takes the longer
    /// the more threads have counted at a time.
    ///
    /// This is no snapshot: while others count, it may have missed a change and have seen a later one. What was counted
    /// before the call is in it, what is counted after it is not; so it is exact when nobody counts meanwhile.
    ///
    /// # Panics
    ///
    /// If the sum is no `i64`.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = nogil::ShardedCounter::new();
    /// counter.add(3);
    /// counter.decrement();
    /// assert_eq!(counter.sum(), 2);
    /// ```
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn sum(&self) -> i64 {
        self.stripes.sum().expect("the sum of the counter is not an i64")
    }

    /// Begins anew at zero, and returns what the [`sum`](Self::sum) was.
    ///
    /// What others count meanwhile is either in the answer or in the next sum, and the results of all resets and the sum at the end come to all that was counted, also when
    /// several threads reset. (Of concurrent resets, one may return too much and another as much too little, if the count falls between them.)
    ///
    /// # Panics
    ///
    /// If the sum, or that of all that was ever counted, is no `i64`; then nothing is changed.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = nogil::ShardedCounter::new();
    /// counter.add(3);
    /// assert_eq!(counter.reset(), 3);
    /// assert_eq!(counter.sum(), 0);
    /// ```
    #[track_caller]
    pub fn reset(&self) -> i64 {
        self.stripes.reset().expect("the sum of the counter is not an i64; nothing was changed")
    }
}

// Whatever panics, no operation leaves it in a state that the next one could trip over.
impl UnwindSafe for ShardedCounter {}
impl RefUnwindSafe for ShardedCounter {}

impl Default for ShardedCounter {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows the sum, as far as it is an `i64`.
impl fmt::Debug for ShardedCounter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = self.stripes.sum().map_or("<overflow>".into(), |sum| sum.to_string());
        f.debug_struct("ShardedCounter").field("sum", &format_args!("{sum}")).finish()
    }
}
