//! Semaphores: [`Semaphore`], [`BoundedSemaphore`], and the [`Permit`] that both give, which may become an [`OwnedPermit`].

use std::fmt;
use std::mem;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr;
use std::time::{Duration, Instant};

use crate::deadline::Deadline;
use crate::engine::{RawSemaphore, Wing, for_each_wing, sealed::Sealed};
use crate::error::ReleaseError;
use crate::primitive::{Arc, const_unless_model, thread};

/// The most permits that a semaphore can have, some four billion: the atomic wing keeps them and its sleepers in one word of 64 bits.
pub const MAX_PERMITS: usize = u32::MAX as usize;

/// Only where some were released by hand while they were held.
const TOO_MANY_TO_HOLD: &str = "the permits together are more than a usize can count";

/// A counter of permits: threads take them, wait when there are none, and give them back.
///
/// A semaphore limits how many threads do something at a time, say hold one of five connections. It differs from a lock in
/// that it knows no owner: any thread may [`release`](Self::release), also one that never acquired, and the number of permits
/// may so grow past the initial one. Where that would be a mistake, use a [`BoundedSemaphore`].
///
/// In Python: `threading.Semaphore(permits)`.
///
/// # Differences from Python
///
/// * [`acquire`](Self::acquire) gives a [`Permit`], which gives itself back when it is dropped. To acquire in one place and
///   release in another, as a Python program may, [`forget`](Permit::forget) the permit and call `release`; to acquire here and release at the end of
///   another thread, send it the permit, which can own an [`Arc`] of its semaphore: [`Permit::into_owned`].
/// * [`acquire_many`](Self::acquire_many) takes several permits at once; Python has only `release(n)`.
/// * `release(0)` does nothing; Python raises `ValueError`.
/// * There are at most [`semaphore::MAX_PERMITS`](MAX_PERMITS), some four billion; Python's numbers have no end.
///
/// # Fairness
///
/// None is promised. A permit goes to whoever comes first, and that may be a thread that just arrived while others wait. A
/// thread that wants many permits may wait for ever beside threads that keep taking single ones, or as many. No permit is ever lost to a
/// waiter whose time was up.
///
/// # Examples
///
/// ```
/// use nogil::Semaphore;
///
/// static CONNECTIONS: Semaphore = Semaphore::new(5);
///
/// let permit = CONNECTIONS.acquire();
/// assert_eq!(CONNECTIONS.available_permits(), 4);
/// drop(permit);
/// assert_eq!(CONNECTIONS.available_permits(), 5);
/// ```
pub struct Semaphore<W: Wing, L = Unbounded> {
    engine: W::Semaphore,
    limit: L,
}

/// A [`Semaphore`] that never has more permits than it began with.
///
/// To release one too many is an error, and then none is released: so a release without its acquire, which would silently
/// raise the limit of a plain semaphore, is found where it happens.
///
/// In Python: `threading.BoundedSemaphore(permits)`. What is said of [`Semaphore`] about differences and fairness holds here.
///
/// # Examples
///
/// ```
/// use nogil::BoundedSemaphore;
///
/// let semaphore = BoundedSemaphore::new(2);
/// semaphore.acquire().forget();
/// assert!(semaphore.release(1).is_ok());
///
/// let error = semaphore.release(1).unwrap_err();
/// assert_eq!(error.to_string(), "the semaphore would have more permits than it began with; none was released");
/// assert_eq!(semaphore.available_permits(), 2);
/// ```
pub type BoundedSemaphore<W> = Semaphore<W, Bounded>;

/// How far the permits of a semaphore may grow: [`Unbounded`] or [`Bounded`].
pub trait Limit: Sealed + Send + Sync + 'static {
    /// The semaphore's name, for `Debug`.
    #[doc(hidden)]
    const NAME: &'static str;

    /// The most permits that there may be, if that is not [`semaphore::MAX_PERMITS`](MAX_PERMITS).
    #[doc(hidden)]
    fn bound(&self) -> Option<usize>;
}

/// The limit of a [`Semaphore`]: [`semaphore::MAX_PERMITS`](MAX_PERMITS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Unbounded;

/// The limit of a [`BoundedSemaphore`]: the number of permits it began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bounded(usize);

impl Sealed for Unbounded {}
impl Sealed for Bounded {}

impl Limit for Unbounded {
    const NAME: &'static str = "Semaphore";

    fn bound(&self) -> Option<usize> {
        None
    }
}

impl Limit for Bounded {
    const NAME: &'static str = "BoundedSemaphore";

    fn bound(&self) -> Option<usize> {
        Some(self.0)
    }
}

/// Permits taken from a [`Semaphore`] or a [`BoundedSemaphore`], given back when this is dropped.
///
/// It may be sent to another thread and dropped there. For a thread that may outlive the borrow of the semaphore, there is [`into_owned`](Self::into_owned).
///
/// # Panics
///
/// Dropping it panics if the permits cannot all be given back, because a [`BoundedSemaphore`] has been released too often
/// meanwhile (or a `Semaphore` would exceed [`semaphore::MAX_PERMITS`](MAX_PERMITS)); but not while a panic is already under way. As many as there is room for are given
/// back nevertheless, so that none is lost to those who wait.
#[must_use = "the permits are given back when the permit is dropped: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct Permit<'a, W: Wing> {
    engine: &'a W::Semaphore,
    ceiling: usize,
    permits: usize,
}

/// A [`Permit`] that holds its semaphore by an [`Arc`] instead of a reference. So it borrows nothing, and may go wherever it is to be dropped: to a
/// thread that is not scoped, or into a collection. [`Permit::into_owned`] makes one, whichever call took the permits.
///
/// # Panics
///
/// Dropping it panics as dropping a [`Permit`] does.
///
/// # Examples
///
/// A server with at most two connections at a time, each with a thread of its own:
///
/// ```
/// use nogil::Semaphore;
/// use std::sync::Arc;
/// use std::thread;
///
/// let connections = Arc::new(Semaphore::new(2));
/// let threads: Vec<_> = (0..5)
///     .map(|client| {
///         let permit = connections.acquire().into_owned(&connections);
///         thread::spawn(move || {
///             println!("serving {client}");
///             drop(permit);
///         })
///     })
///     .collect();
/// threads.into_iter().for_each(|thread| thread.join().unwrap());
/// assert_eq!(connections.available_permits(), 2);
/// ```
#[must_use = "the permits are given back when the permit is dropped: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct OwnedPermit<W: Wing, L: Limit = Unbounded> {
    semaphore: Arc<Semaphore<W, L>>,
    permits: usize,
}

#[track_caller]
const fn checked(permits: usize) -> usize {
    assert!(permits <= MAX_PERMITS, "a semaphore has at most 4294967295 permits (MAX_PERMITS)");
    permits
}

macro_rules! constructors {
    ($W:ty) => {
        impl Semaphore<$W> {
            const_unless_model! {
                /// Makes a semaphore with `permits` permits. None is allowed: then the first `acquire` waits for a
                /// [`release`](Self::release).
                ///
                /// In Python: `threading.Semaphore(permits)`; there one permit is the default, as it is of
                /// [`default`](Self::default).
                ///
                /// # Panics
                ///
                /// If `permits` is more than [`semaphore::MAX_PERMITS`](MAX_PERMITS).
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::Semaphore;
                ///
                /// static GATE: Semaphore = Semaphore::new(3);
                /// assert_eq!(GATE.available_permits(), 3);
                /// ```
                #[must_use]
                #[track_caller]
                pub const fn new(permits: usize) -> Self {
                    Self { engine: <$W as Wing>::Semaphore::new(checked(permits)), limit: Unbounded }
                }
            }
        }

        impl BoundedSemaphore<$W> {
            const_unless_model! {
                /// Makes a semaphore with `permits` permits, and never more.
                ///
                /// In Python: `threading.BoundedSemaphore(permits)`.
                ///
                /// # Panics
                ///
                /// If `permits` is more than [`semaphore::MAX_PERMITS`](MAX_PERMITS).
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::BoundedSemaphore;
                ///
                /// static POOL: BoundedSemaphore = BoundedSemaphore::new(3);
                /// assert!(POOL.release(1).is_err());
                /// ```
                #[must_use]
                #[track_caller]
                pub const fn new(permits: usize) -> Self {
                    Self { engine: <$W as Wing>::Semaphore::new(checked(permits)), limit: Bounded(permits) }
                }
            }
        }
    };
}
for_each_wing!(constructors);

impl<W: Wing> Semaphore<W> {
    /// Makes a semaphore of the given wing, for code that is generic over it. Elsewhere, use `new`.
    ///
    /// # Panics
    ///
    /// If `permits` is more than [`semaphore::MAX_PERMITS`](MAX_PERMITS).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Locked, generic};
    ///
    /// let semaphore = generic::Semaphore::new_in(Locked, 3);
    /// assert_eq!(semaphore.available_permits(), 3);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new_in(_: W, permits: usize) -> Self {
        Self { engine: RawSemaphore::new(checked(permits)), limit: Unbounded }
    }

    /// Gives `n` permits back, or adds them, and wakes threads that wait for them.
    ///
    /// Any thread may call this, and without having acquired. Zero permits are allowed and change nothing.
    ///
    /// In Python: `semaphore.release(n)`.
    ///
    /// # Panics
    ///
    /// If there would be more than [`semaphore::MAX_PERMITS`](MAX_PERMITS) permits; then none is added.
    ///
    /// # Synchronization
    ///
    /// What this thread did before the call is visible to the threads that acquire these permits.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Semaphore;
    ///
    /// let semaphore = Semaphore::new(0);
    /// assert!(semaphore.try_acquire().is_none());
    /// semaphore.release(2);
    /// assert!(semaphore.try_acquire_many(2).is_some());
    /// ```
    #[doc(alias = "add_permits")]
    #[track_caller]
    pub fn release(&self, n: usize) {
        let released = self.engine.release(n, MAX_PERMITS);
        assert!(released, "a semaphore has at most {MAX_PERMITS} permits (MAX_PERMITS); none was released");
    }
}

impl<W: Wing> BoundedSemaphore<W> {
    /// Makes a bounded semaphore of the given wing, for code that is generic over it. Elsewhere, use `new`.
    ///
    /// # Panics
    ///
    /// If `permits` is more than [`semaphore::MAX_PERMITS`](MAX_PERMITS).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Locked, generic};
    ///
    /// let semaphore = generic::BoundedSemaphore::new_in(Locked, 3);
    /// assert_eq!(semaphore.available_permits(), 3);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new_in(_: W, permits: usize) -> Self {
        Self { engine: RawSemaphore::new(checked(permits)), limit: Bounded(permits) }
    }

    /// Gives `n` permits back and wakes threads that wait for them: all of them, or none if there would then be more than
    /// the semaphore began with.
    ///
    /// Any thread may call this. Zero permits are allowed and change nothing.
    ///
    /// In Python: `semaphore.release(n)`.
    ///
    /// # Errors
    ///
    /// [`ReleaseError`] if there would be more permits than at the beginning; then none was released.
    ///
    /// # Synchronization
    ///
    /// What this thread did before the call is visible to the threads that acquire these permits.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::BoundedSemaphore;
    ///
    /// let semaphore = BoundedSemaphore::new(3);
    /// semaphore.acquire_many(2).forget();
    /// assert!(semaphore.release(3).is_err());
    /// assert_eq!(semaphore.available_permits(), 1);
    /// assert!(semaphore.release(2).is_ok());
    /// assert_eq!(semaphore.available_permits(), 3);
    /// ```
    pub fn release(&self, n: usize) -> Result<(), ReleaseError> {
        if self.engine.release(n, self.bound()) { Ok(()) } else { Err(ReleaseError) }
    }

    /// How many permits the semaphore began with.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::BoundedSemaphore;
    ///
    /// let semaphore = BoundedSemaphore::new(2);
    /// let _permit = semaphore.acquire();
    /// assert_eq!((semaphore.available_permits(), semaphore.bound()), (1, 2));
    /// ```
    pub fn bound(&self) -> usize {
        self.limit.0
    }
}

impl<W: Wing, L: Limit> Semaphore<W, L> {
    /// Takes a permit, waiting until there is one.
    ///
    /// In Python: `semaphore.acquire()`, or `with semaphore:`.
    ///
    /// # Panics
    ///
    /// If the semaphore is bounded at zero permits, for which one would wait for ever.
    ///
    /// # Synchronization
    ///
    /// What the thread that released the permit did before is visible to this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Semaphore;
    ///
    /// let semaphore = Semaphore::new(1);
    /// {
    ///     let _permit = semaphore.acquire();
    ///     assert_eq!(semaphore.available_permits(), 0);
    /// }
    /// assert_eq!(semaphore.available_permits(), 1);
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire(&self) -> Permit<'_, W> {
        self.acquire_many(1)
    }

    /// Takes a permit if there is one now.
    ///
    /// In Python: `semaphore.acquire(blocking=False)`.
    ///
    /// # Synchronization
    ///
    /// As [`acquire`](Self::acquire), if it acquires.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Semaphore;
    ///
    /// let semaphore = Semaphore::new(1);
    /// let permit = semaphore.try_acquire();
    /// assert!(permit.is_some());
    /// assert!(semaphore.try_acquire().is_none());
    /// ```
    #[must_use = "the permits are given back when the permit is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn try_acquire(&self) -> Option<Permit<'_, W>> {
        self.try_acquire_many(1)
    }

    /// Takes a permit, waiting at most `timeout` for it. `None` if there was still none when the time was up, or at once if the semaphore is bounded at zero
    /// permits.
    ///
    /// A zero `timeout` does not wait, as [`try_acquire`](Self::try_acquire) does not. One beyond what the clock can count waits as
    /// long as it takes, as [`acquire`](Self::acquire) does.
    ///
    /// In Python: `semaphore.acquire(timeout=seconds)`.
    ///
    /// # Synchronization
    ///
    /// As [`acquire`](Self::acquire), if it acquires.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Semaphore;
    /// use std::time::Duration;
    ///
    /// let semaphore = Semaphore::new(0);
    /// assert!(semaphore.acquire_timeout(Duration::from_millis(1)).is_none());
    ///
    /// semaphore.release(1);
    /// assert!(semaphore.acquire_timeout(Duration::MAX).is_some());
    /// ```
    #[must_use = "the permits are given back when the permit is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn acquire_timeout(&self, timeout: Duration) -> Option<Permit<'_, W>> {
        self.acquire_many_timeout(1, timeout)
    }

    /// As [`acquire_timeout`](Self::acquire_timeout), until a moment. One that has passed tries once.
    ///
    /// # Synchronization
    ///
    /// As [`acquire_timeout`](Self::acquire_timeout).
    #[must_use = "the permits are given back when the permit is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn acquire_deadline(&self, deadline: Instant) -> Option<Permit<'_, W>> {
        self.acquire_many_deadline(1, deadline)
    }

    /// Takes `n` permits together, waiting until there are as many. While it waits it holds none of them, so two threads
    /// that want many cannot each hold what the other waits for.
    ///
    /// Zero permits are acquired at once. Each release wakes every thread that waits for several (64 of them cost a hundred and more context switches for each grant), and whoever is first has
    /// the permits: others, also those that take single ones, may keep a thread waiting for ever. Keep `n` small compared with all permits, and the callers few; or let all stand in line, at a
    /// [`Lock`](crate::Lock) that is held during every acquire, also of single permits.
    ///
    /// In Python: there is no such call; it has `release(n)` alone.
    ///
    /// # Panics
    ///
    /// If `n` is more than the semaphore can ever have (its bound, or [`semaphore::MAX_PERMITS`](MAX_PERMITS)): the call could never return. (The other forms
    /// return `None`, at once.)
    ///
    /// # Synchronization
    ///
    /// What the threads that released the permits did before is visible to this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Semaphore;
    ///
    /// let semaphore = Semaphore::new(3);
    /// let permits = semaphore.acquire_many(2);
    /// assert_eq!(permits.permits(), 2);
    /// assert!(semaphore.try_acquire_many(2).is_none(), "one is left, and one is not taken");
    /// assert_eq!(semaphore.available_permits(), 1);
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire_many(&self, n: usize) -> Permit<'_, W> {
        match self.take(n, Deadline::Never) {
            Some(permit) => permit,
            None => panic!("cannot acquire {n} permits of a semaphore that never has more than {}", self.ceiling()),
        }
    }

    /// Takes `n` permits together if there are as many now.
    ///
    /// In Python: there is no such call.
    ///
    /// # Synchronization
    ///
    /// As [`acquire_many`](Self::acquire_many), if it acquires.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Semaphore;
    ///
    /// let semaphore = Semaphore::new(3);
    /// let two = semaphore.try_acquire_many(2).unwrap();
    /// assert!(semaphore.try_acquire_many(2).is_none());
    /// drop(two);
    /// assert!(semaphore.try_acquire_many(3).is_some());
    /// ```
    #[must_use = "the permits are given back when the permit is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn try_acquire_many(&self, n: usize) -> Option<Permit<'_, W>> {
        self.take(n, Deadline::Now)
    }

    /// Takes `n` permits together, waiting at most `timeout` for them. `None`, and none taken, if there were still not as many
    /// when the time was up; at once if `n` is more than the semaphore can ever have.
    ///
    /// A zero `timeout` does not wait, as [`try_acquire_many`](Self::try_acquire_many) does not. One beyond what the clock can count waits as long as it takes.
    ///
    /// In Python: there is no such call.
    ///
    /// # Synchronization
    ///
    /// As [`acquire_many`](Self::acquire_many), if it acquires.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Semaphore;
    /// use std::time::Duration;
    ///
    /// let semaphore = Semaphore::new(1);
    /// assert!(semaphore.acquire_many_timeout(2, Duration::from_millis(1)).is_none());
    /// assert_eq!(semaphore.available_permits(), 1);
    /// ```
    #[must_use = "the permits are given back when the permit is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn acquire_many_timeout(&self, n: usize, timeout: Duration) -> Option<Permit<'_, W>> {
        self.try_acquire_many(n).or_else(|| self.take(n, Deadline::after(timeout)))
    }

    /// As [`acquire_many_timeout`](Self::acquire_many_timeout), until a moment. One that has passed tries once.
    ///
    /// # Synchronization
    ///
    /// As [`acquire_many_timeout`](Self::acquire_many_timeout).
    #[must_use = "the permits are given back when the permit is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn acquire_many_deadline(&self, n: usize, deadline: Instant) -> Option<Permit<'_, W>> {
        self.take(n, Deadline::At(deadline))
    }

    /// How many permits could be taken now. Other threads may have changed that by the time it is read.
    ///
    /// In Python: there is no such call; programs read `semaphore._value`.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(nogil::Semaphore::new(3).available_permits(), 3);
    /// ```
    pub fn available_permits(&self) -> usize {
        self.engine.permits()
    }

    /// One body for all forms.
    fn take(&self, n: usize, deadline: Deadline) -> Option<Permit<'_, W>> {
        let (engine, ceiling) = (&self.engine, self.ceiling());
        // What can never be had is not waited for.
        let acquired = n <= ceiling && engine.acquire(n, deadline);
        acquired.then(|| Permit { engine, ceiling, permits: n })
    }

    fn ceiling(&self) -> usize {
        self.limit.bound().unwrap_or(MAX_PERMITS)
    }
}

impl<'a, W: Wing> Permit<'a, W> {
    /// How many permits this holds.
    #[must_use]
    pub fn permits(&self) -> usize {
        self.permits
    }

    /// Keeps the permits taken: nothing gives them back, unless `release` is called for them.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Semaphore;
    ///
    /// let semaphore = Semaphore::new(1);
    /// semaphore.acquire().forget();
    /// assert_eq!(semaphore.available_permits(), 0);
    /// semaphore.release(1);
    /// assert_eq!(semaphore.available_permits(), 1);
    /// ```
    pub fn forget(self) {
        mem::forget(self);
    }

    /// Takes `n` permits out of this one, as a permit of their own: to give some back earlier, or elsewhere. `None`, and nothing taken out, if this holds fewer.
    ///
    /// All of them may be taken out, or none: then one of the two holds zero permits, and gives nothing back. None is free in between.
    ///
    /// In Python: there is no such call; programs call `release(n)` with any `n`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Semaphore;
    ///
    /// let semaphore = Semaphore::new(3);
    /// let mut permit = semaphore.acquire_many(3);
    /// let two = permit.split(2).unwrap();
    /// assert_eq!((permit.permits(), two.permits()), (1, 2));
    /// assert!(permit.split(2).is_none());
    ///
    /// drop(two);
    /// assert_eq!(semaphore.available_permits(), 2);
    /// ```
    #[must_use = "the permits are given back when the permit is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn split(&mut self, n: usize) -> Option<Permit<'a, W>> {
        self.permits = self.permits.checked_sub(n)?;
        Some(Permit { engine: self.engine, ceiling: self.ceiling, permits: n })
    }

    /// Adds the permits of `other` to these: they are given back together. None is free in between.
    ///
    /// In Python: there is no such call.
    ///
    /// # Panics
    ///
    /// If `other` is of another semaphore, or the sum is no `usize`. Then it is given back, and this holds what it held.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Semaphore;
    ///
    /// let semaphore = Semaphore::new(3);
    /// let mut permit = semaphore.acquire();
    /// permit.merge(semaphore.try_acquire().unwrap());
    /// assert_eq!((permit.permits(), semaphore.available_permits()), (2, 1));
    /// ```
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        assert!(ptr::eq(self.engine, other.engine), "the permits are of another semaphore");
        self.permits = self.permits.checked_add(other.permits).expect(TOO_MANY_TO_HOLD);
        other.forget();
    }

    /// The same permits, held by a value that owns their semaphore and borrows nothing.
    ///
    /// In tokio: `acquire_owned` and its like.
    ///
    /// # Panics
    ///
    /// If `semaphore` is not the one that these permits are of. Then they are given back.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Semaphore;
    /// use std::sync::Arc;
    ///
    /// let semaphore = Arc::new(Semaphore::new(1));
    /// let permit = semaphore.try_acquire().unwrap().into_owned(&semaphore);
    /// drop(semaphore); // The permit keeps it.
    /// assert_eq!(permit.permits(), 1);
    /// ```
    #[doc(alias = "acquire_owned")]
    #[track_caller]
    pub fn into_owned<L: Limit>(self, semaphore: &Arc<Semaphore<W, L>>) -> OwnedPermit<W, L> {
        assert!(ptr::eq(self.engine, &semaphore.engine), "the permits are of another semaphore");
        let permits = mem::ManuallyDrop::new(self).permits;
        OwnedPermit { semaphore: semaphore.clone(), permits }
    }
}

impl<W: Wing> Drop for Permit<'_, W> {
    #[inline]
    fn drop(&mut self) {
        let Self { engine, ceiling, permits } = *self;
        if !engine.release(permits, ceiling) {
            release_those_that_fit(engine, ceiling, permits);
            assert!(
                thread::panicking(),
                "permits were given back that had been released by hand before: `release` was called for a permit that was not forgotten, so there would be more than {ceiling}"
            );
        }
    }
}

/// Releases as many of the permits as there is room for, by steps that halve when one is too large.
#[cold]
fn release_those_that_fit(engine: &impl RawSemaphore, ceiling: usize, permits: usize) {
    let (mut left, mut step) = (permits, permits / 2);
    while step > 0 {
        if step <= left && engine.release(step, ceiling) {
            left -= step;
        } else {
            step /= 2;
        }
    }
}

impl<W: Wing, L: Limit> OwnedPermit<W, L> {
    /// How many permits this holds.
    #[must_use]
    pub fn permits(&self) -> usize {
        self.permits
    }

    /// The semaphore that these permits are of.
    #[must_use]
    pub fn semaphore(&self) -> &Arc<Semaphore<W, L>> {
        &self.semaphore
    }

    /// Takes `n` permits out of this one, as [`Permit::split`] does. Both own the semaphore.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Semaphore;
    /// use std::sync::Arc;
    /// use std::thread;
    ///
    /// let semaphore = Arc::new(Semaphore::new(3));
    /// let mut permits = semaphore.acquire_many(3).into_owned(&semaphore);
    /// for _ in 0..3 {
    ///     let permit = permits.split(1).unwrap();
    ///     thread::spawn(move || drop(permit)); // Each is given back by its thread.
    /// }
    /// assert_eq!(semaphore.acquire_many(3).permits(), 3);
    /// ```
    #[must_use = "the permits are given back when the permit is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn split(&mut self, n: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(n)?;
        Some(Self { semaphore: self.semaphore.clone(), permits: n })
    }

    /// Adds the permits of `other` to these, as [`Permit::merge`] does.
    ///
    /// # Panics
    ///
    /// As [`Permit::merge`].
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        assert!(Arc::ptr_eq(&self.semaphore, &other.semaphore), "the permits are of another semaphore");
        self.permits = self.permits.checked_add(other.permits).expect(TOO_MANY_TO_HOLD);
        other.forget();
    }

    /// Keeps the permits taken, as [`Permit::forget`] does, and lets go of the semaphore.
    pub fn forget(mut self) {
        self.permits = 0;
    }
}

impl<W: Wing, L: Limit> Drop for OwnedPermit<W, L> {
    fn drop(&mut self) {
        let (engine, ceiling) = (&self.semaphore.engine, self.semaphore.ceiling());
        drop(Permit::<W> { engine, ceiling, permits: self.permits });
    }
}

// Whatever panics, no operation leaves either in a state that the next one could trip over.
impl<W: Wing, L: Limit> UnwindSafe for Semaphore<W, L> {}
impl<W: Wing, L: Limit> RefUnwindSafe for Semaphore<W, L> {}
impl<W: Wing> UnwindSafe for Permit<'_, W> {}
impl<W: Wing> RefUnwindSafe for Permit<'_, W> {}

/// One permit.
impl<W: Wing> Default for Semaphore<W> {
    fn default() -> Self {
        Self::new_in(W::default(), 1)
    }
}

/// One permit.
impl<W: Wing> Default for BoundedSemaphore<W> {
    fn default() -> Self {
        Self::new_in(W::default(), 1)
    }
}

/// Shows the permits, of a bounded semaphore as `2/3`; and how many threads sleep until there are more, those included that were woken just now. Never waits: while the engine is busy it shows `<busy>`.
impl<W: Wing, L: Limit> fmt::Debug for Semaphore<W, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (permits, waiting) = match (self.engine.snapshot(), self.limit.bound()) {
            (None, _) => ("<busy>".into(), "<busy>".into()),
            (Some((permits, waiting)), None) => (permits.to_string(), waiting.to_string()),
            (Some((permits, waiting)), Some(bound)) => (format!("{permits}/{bound}"), waiting.to_string()),
        };
        let mut semaphore = f.debug_struct(L::NAME);
        semaphore.field("permits", &format_args!("{permits}")).field("waiting", &format_args!("{waiting}")).finish()
    }
}

impl<W: Wing> fmt::Debug for Permit<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("permits", &self.permits).finish()
    }
}

impl<W: Wing, L: Limit> fmt::Debug for OwnedPermit<W, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedPermit").field("permits", &self.permits).field("semaphore", &self.semaphore).finish()
    }
}
