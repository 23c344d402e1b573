//! The lock: [`Lock`], its [`LockGuard`], the [`MappedLockGuard`] for a part of what it guards, and the [`OwnedLockGuard`], which borrows nothing.

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};
use std::time::{Duration, Instant};

use crate::deadline::Deadline;
use crate::engine::{RawLock, Wing, for_each_wing};
use crate::primitive::{Arc, UnsafeCell, const_unless_model};

/// A lock around a value: one thread at a time has the value, by a [`LockGuard`], and the others wait.
///
/// The lock knows no owner. Whoever has the guard has the lock, and the guard may be sent to another thread and dropped there.
/// A thread that acquires a lock twice waits for itself, for ever, unless another thread drops the first guard; where one
/// thread needs to come in again, use an [`RLock`](crate::generic::RLock).
///
/// In Python: `threading.Lock()`.
///
/// # Differences from Python
///
/// * The lock holds the value that it guards: nothing reaches the value without the lock. Where there is none, it guards `()`.
/// * A [`LockGuard`] releases when it is dropped, as a `with` block does at its end, so nobody can release a lock that is not
///   held. To acquire in one thread and release in another, send the guard.
///
/// As in Python, nothing is poisoned: a panic drops the guard, the lock is free again, and the next thread finds the value as
/// the panic left it. A guard that is never dropped leaves the lock locked for ever.
///
/// # Fairness
///
/// None is promised. The lock goes to whoever comes first after a release, and that may be a thread that just arrived while
/// others wait. A thread that would let others run first calls [`LockGuard::hand_over`].
///
/// # Examples
///
/// ```
/// use nogil::Lock;
/// use std::thread;
///
/// static NAMES: Lock<Vec<&str>> = Lock::new(Vec::new());
///
/// thread::scope(|scope| {
///     scope.spawn(|| NAMES.acquire().push("Ada"));
///     scope.spawn(|| NAMES.acquire().push("Guido"));
/// });
/// assert_eq!(NAMES.acquire().len(), 2);
/// ```
pub struct Lock<T: ?Sized, W: Wing> {
    engine: W::Lock,
    value: UnsafeCell<T>,
}

// SAFETY: what crosses threads is `T` itself, by `&mut` or by value, and `T: Send` allows that. It is never with two threads
// at a time: the value is reached only through a guard (or by exclusive access to the lock), a guard stands for one
// `RawLock::acquire` that returned `true`, and by `RawLock`'s contract no other acquire does so until the guard releases. By
// the same contract, what one holder did to the value happens before what the next one does.
unsafe impl<T: ?Sized + Send, W: Wing> Sync for Lock<T, W> {}

/// A held [`Lock`]: it gives access to the value, and releases the lock when it is dropped, also by a panic.
///
/// The guard is `Send` when `T` is: any thread may release a lock, as in Python. It borrows the lock; where that is too short, there is
/// [`into_owned`](Self::into_owned).
///
/// In async code, end it before any `.await`. The compiler does not see to that, as it does with std's guard and an [`RLockGuard`](crate::RLockGuard), which are not `Send`: and once each thread of the runtime waits
/// in `acquire`, none is left to go on with the task that holds the lock.
#[must_use = "the lock is released when the guard is dropped: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct LockGuard<'a, T: ?Sized, W: Wing> {
    lock: &'a Lock<T, W>,
}

// SAFETY: a shared guard gives `&T` to the thread it is shared with and nothing more, and `T: Sync` allows that. (Without
// this line a guard would be `Sync` whenever `&Lock` is, that is, for every `T: Send`, and a `Cell` could be shared by it.)
unsafe impl<T: ?Sized + Sync, W: Wing> Sync for LockGuard<'_, T, W> {}

/// A held [`Lock`], reduced to a part of its value by [`LockGuard::map`]. The lock is released when this is dropped.
///
/// The guard is `Send` when `T`, the part, is. It cannot wait for a [`Condition`](crate::generic::Condition) nor hand the lock
/// over: another thread could meanwhile do away with the part.
#[must_use = "the lock is released when the guard is dropped: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct MappedLockGuard<'a, T: ?Sized, W: Wing> {
    engine: &'a W::Lock,
    /// A pointer, not a reference: a reference passed to a function must stay unique until that function returns, and
    /// another thread has the value as soon as the function drops this.
    value: NonNull<T>,
    unique: PhantomData<&'a mut T>,
}

// SAFETY: the guard is an exclusive reference to `T` that can be sent when `T` can, and any thread may release a lock.
unsafe impl<T: ?Sized + Send, W: Wing> Send for MappedLockGuard<'_, T, W> {}

// SAFETY: a shared guard gives `&T` to the thread it is shared with and nothing more, and `T: Sync` allows that.
unsafe impl<T: ?Sized + Sync, W: Wing> Sync for MappedLockGuard<'_, T, W> {}

/// A [`LockGuard`] that holds its lock by an [`Arc`] instead of a reference. So it borrows nothing: a function that looked the lock up may return it, it may stand
/// in a struct, and it may be sent to a thread that is not scoped. [`LockGuard::into_owned`] makes one, whichever call acquired the lock.
///
/// Dropping it releases the lock first, and then lets go of it: if nobody else has the lock by then, the value is dropped here.
///
/// The guard is `Send` when `T` is. A [`Condition`](crate::generic::Condition) can wait with it.
///
/// # Examples
///
/// A lock for each name, made when it is first asked for:
///
/// ```
/// use nogil::{Lock, OwnedLockGuard, LockGuard};
/// use std::collections::HashMap;
/// use std::sync::Arc;
///
/// type Accounts = Lock<HashMap<String, Arc<Lock<u64>>>>;
///
/// fn open(accounts: &Accounts, name: &str) -> OwnedLockGuard<u64> {
///     let account = accounts.acquire().entry(name.into()).or_default().clone();
///     LockGuard::into_owned(account.acquire(), &account)
/// }
///
/// let accounts = Accounts::default();
/// *open(&accounts, "Ada") += 5;
/// assert_eq!(*open(&accounts, "Ada"), 5);
/// ```
#[must_use = "the lock is released when the guard is dropped: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct OwnedLockGuard<T: ?Sized, W: Wing> {
    lock: Arc<Lock<T, W>>,
}

// SAFETY: a shared guard gives `&T` to the thread it is shared with, and `T: Sync` allows that. It also gives that thread the lock, for later, and `T: Send` allows that.
unsafe impl<T: ?Sized + Send + Sync, W: Wing> Sync for OwnedLockGuard<T, W> {}

/// A guard shows the value that it gives access to, as a reference does.
macro_rules! shown_as_their_value {
    ($($guard:ty),*) => {$(
        impl<T: ?Sized + fmt::Debug, W: Wing> fmt::Debug for $guard {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: ?Sized + fmt::Display, W: Wing> fmt::Display for $guard {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    )*};
}
pub(crate) use shown_as_their_value;

macro_rules! constructors {
    ($W:ty) => {
        impl<T> Lock<T, $W> {
            const_unless_model! {
                /// Makes a free lock around `value`.
                ///
                /// In Python: `threading.Lock()`.
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::Lock;
                ///
                /// static TOTAL: Lock<u64> = Lock::new(0);
                /// *TOTAL.acquire() += 1;
                /// assert_eq!(*TOTAL.acquire(), 1);
                /// ```
                #[must_use]
                pub const fn new(value: T) -> Self {
                    Self { engine: <$W as Wing>::Lock::new(), value: UnsafeCell::new(value) }
                }
            }
        }
    };
}
for_each_wing!(constructors);

impl<T, W: Wing> Lock<T, W> {
    /// Makes a free lock of the given wing, for code that is generic over it. Elsewhere, use `new`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Locked, generic};
    ///
    /// let lock = generic::Lock::new_in(Locked, 3);
    /// assert_eq!(*lock.acquire(), 3);
    /// ```
    #[must_use]
    pub fn new_in(_: W, value: T) -> Self {
        Self { engine: RawLock::new(), value: UnsafeCell::new(value) }
    }

    /// Gives the value and ends the lock. Nobody can hold it, since nobody borrows it.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = nogil::Lock::new(vec![1]);
    /// lock.acquire().push(2);
    /// assert_eq!(lock.into_inner(), [1, 2]);
    /// ```
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized, W: Wing> Lock<T, W> {
    /// Acquires the lock, waiting until it is free.
    ///
    /// A thread that holds the lock already waits for itself. So does one that acquires it again inside `while let Some(x) = lock.acquire().pop()`: a guard without a
    /// name lives to the end of its statement, which there is the end of the loop's block.
    ///
    /// In Python: `lock.acquire()`, or `with lock:`.
    ///
    /// # Synchronization
    ///
    /// What the threads that held the lock before did until they released it is visible to this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Lock;
    ///
    /// let lock = Lock::new(1);
    /// {
    ///     let mut number = lock.acquire();
    ///     *number += 1;
    ///     assert!(lock.is_locked());
    /// }
    /// assert!(!lock.is_locked());
    /// assert_eq!(*lock.acquire(), 2);
    /// ```
    #[doc(alias = "lock")]
    pub fn acquire(&self) -> LockGuard<'_, T, W> {
        self.take(Deadline::Never).expect("without a deadline, acquire returns with the lock")
    }

    /// Acquires the lock if it is free now.
    ///
    /// In Python: `lock.acquire(blocking=False)`.
    ///
    /// # Synchronization
    ///
    /// As [`acquire`](Self::acquire), if it acquires.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Lock;
    ///
    /// let lock = Lock::new(());
    /// let guard = lock.try_acquire();
    /// assert!(guard.is_some());
    /// assert!(lock.try_acquire().is_none());
    /// ```
    #[doc(alias = "try_lock")]
    #[must_use = "the lock is released when the guard is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn try_acquire(&self) -> Option<LockGuard<'_, T, W>> {
        self.take(Deadline::Now)
    }

    /// Acquires the lock, waiting at most `timeout` for it. `None` if it was still not free when the time was up.
    ///
    /// A zero `timeout` does not wait, as [`try_acquire`](Self::try_acquire) does not. One beyond what the clock can count waits as
    /// long as it takes, as [`acquire`](Self::acquire) does.
    ///
    /// In Python: `lock.acquire(timeout=seconds)`.
    ///
    /// # Synchronization
    ///
    /// As [`acquire`](Self::acquire), if it acquires.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Lock;
    /// use std::time::Duration;
    ///
    /// let lock = Lock::new(());
    /// let guard = lock.acquire();
    /// assert!(lock.acquire_timeout(Duration::from_millis(1)).is_none());
    ///
    /// drop(guard);
    /// assert!(lock.acquire_timeout(Duration::MAX).is_some());
    /// ```
    #[doc(alias = "try_lock_for")]
    #[must_use = "the lock is released when the guard is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn acquire_timeout(&self, timeout: Duration) -> Option<LockGuard<'_, T, W>> {
        self.try_acquire().or_else(|| self.take(Deadline::after(timeout)))
    }

    /// As [`acquire_timeout`](Self::acquire_timeout), until a moment. One that has passed tries once.
    ///
    /// # Synchronization
    ///
    /// As [`acquire_timeout`](Self::acquire_timeout).
    #[must_use = "the lock is released when the guard is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn acquire_deadline(&self, deadline: Instant) -> Option<LockGuard<'_, T, W>> {
        self.take(Deadline::At(deadline))
    }

    /// Whether the lock is held, by whichever thread. Other threads may have changed that by the time it is read.
    ///
    /// In Python: `lock.locked()`.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = nogil::Lock::new(());
    /// assert!(!lock.is_locked());
    /// let _guard = lock.acquire();
    /// assert!(lock.is_locked());
    /// ```
    pub fn is_locked(&self) -> bool {
        self.engine.is_locked()
    }

    /// Gives access to the value without acquiring the lock: nobody can hold it, since the lock is borrowed exclusively.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut lock = nogil::Lock::new(1);
    /// *lock.get_mut() = 2;
    /// assert_eq!(*lock.acquire(), 2);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// The lock without its value, for [`acquire_all`](crate::acquire_all()).
    pub(crate) fn raw(&self) -> &W::Lock {
        &self.engine
    }

    /// The guard of a lock that was acquired by its engine alone.
    ///
    /// # Safety
    ///
    /// The lock is held, the caller has charge of it, and there is no other guard of it.
    pub(crate) unsafe fn assume_held(&self) -> LockGuard<'_, T, W> {
        LockGuard { lock: self }
    }

    /// One body for all forms.
    fn take(&self, deadline: Deadline) -> Option<LockGuard<'_, T, W>> {
        self.engine.acquire(deadline).then(|| LockGuard { lock: self })
    }
}

impl<'a, T: ?Sized, W: Wing> LockGuard<'a, T, W> {
    /// Lets a thread that waits for the lock have it first, then acquires it again. Returns whether another thread had it.
    ///
    /// This is what the GIL does every few milliseconds: a loop that holds a lock for long calls it once a round, and the
    /// threads that wait get their turns. If nobody waits, it costs little and returns `false`; it also returns `false` if
    /// those who waited gave up instead of taking the lock. Which of several waiting threads comes first is not promised.
    ///
    /// In Python: what the interpreter does at each of its switch intervals; for a lock,
    /// `lock.release(); time.sleep(0); lock.acquire()`, which promises nothing.
    ///
    /// # Synchronization
    ///
    /// As a release and an acquire: the threads that have the lock meanwhile see what this thread did, and it sees what they
    /// did. The guard is borrowed exclusively, so nothing can refer to the old value.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Lock, LockGuard};
    ///
    /// let lock = Lock::new(0);
    /// let mut sum = lock.acquire();
    /// for number in 0..3 {
    ///     *sum += number;
    ///     assert!(!LockGuard::hand_over(&mut sum), "nobody waits");
    /// }
    /// assert_eq!(*sum, 3);
    /// ```
    pub fn hand_over(guard: &mut Self) -> bool {
        guard.lock.engine.hand_over()
    }

    /// Releases the lock, calls `f`, and acquires the lock again, also if `f` panics. Others may have it meanwhile. If the thread holds other locks, it waits for this one while it
    /// holds them, as if it had acquired it last.
    ///
    /// In Python: `lock.release(); f(); lock.acquire()`, in a function whose caller holds the lock.
    ///
    /// This is a function, not a method, so that it hides no method of `T`.
    ///
    /// # Synchronization
    ///
    /// As a release and an acquire. The guard is borrowed exclusively, so nothing can refer to the old value.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Lock, LockGuard};
    ///
    /// let lock = Lock::new(1);
    /// let mut number = lock.acquire();
    /// LockGuard::unlocked(&mut number, || *lock.acquire() += 1);
    /// assert_eq!(*number, 2);
    /// ```
    pub fn unlocked<R>(guard: &mut Self, f: impl FnOnce() -> R) -> R {
        unlocked(&guard.lock.engine, f)
    }

    /// Makes a guard for a part of the value. The lock stays held, without a gap.
    ///
    /// If `f` panics, the lock is released.
    ///
    /// This is a function, not a method, so that it hides no method of `T`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Lock, LockGuard};
    ///
    /// let lock = Lock::new(("count", 1));
    /// let mut count = LockGuard::map(lock.acquire(), |(_, count)| count);
    /// *count += 1;
    /// assert!(lock.is_locked());
    ///
    /// drop(count);
    /// assert_eq!(*lock.acquire(), ("count", 2));
    /// ```
    pub fn map<U: ?Sized>(mut guard: Self, f: impl FnOnce(&mut T) -> &mut U) -> MappedLockGuard<'a, U, W> {
        let part = NonNull::from(f(&mut guard));
        guard.keep(part)
    }

    /// Makes a guard for a part of the value, if `f` finds one. Otherwise the guard comes back as it was.
    ///
    /// If `f` panics, the lock is released.
    ///
    /// # Errors
    ///
    /// The guard itself, if `f` returns `None`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Lock, LockGuard};
    ///
    /// let lock = Lock::new(vec![1, 2, 3]);
    /// let guard = LockGuard::try_map(lock.acquire(), |list| list.get_mut(7)).unwrap_err();
    /// let mut first = LockGuard::try_map(guard, |list| list.first_mut()).unwrap();
    /// *first = 10;
    ///
    /// drop(first);
    /// assert_eq!(*lock.acquire(), [10, 2, 3]);
    /// ```
    pub fn try_map<U: ?Sized>(
        mut guard: Self,
        f: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedLockGuard<'a, U, W>, Self> {
        match f(&mut guard).map(NonNull::from) {
            Some(part) => Ok(guard.keep(part)),
            None => Err(guard),
        }
    }

    /// Turns this into a guard that borrows nothing. `lock` must be an `Arc` of the lock that it holds. The lock stays held, without a gap.
    ///
    /// # Panics
    ///
    /// If the guard is of another lock. That lock is released.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Lock, LockGuard};
    /// use std::sync::Arc;
    /// use std::thread;
    ///
    /// let lock = Arc::new(Lock::new(1));
    /// let mut guard = LockGuard::into_owned(lock.acquire(), &lock);
    /// thread::spawn(move || *guard += 1).join().unwrap();
    /// assert_eq!(*lock.acquire(), 2);
    /// ```
    #[doc(alias = "lock_arc")]
    #[doc(alias = "lock_owned")]
    #[track_caller]
    pub fn into_owned(guard: Self, lock: &Arc<Lock<T, W>>) -> OwnedLockGuard<T, W> {
        assert!(ptr::eq(&guard.lock.engine, &lock.engine), "the guard is of another lock");
        mem::forget(guard);
        OwnedLockGuard { lock: lock.clone() }
    }

    /// Passes the charge of the lock on to a guard for `part`, which was borrowed from this one.
    fn keep<U: ?Sized>(self, part: NonNull<U>) -> MappedLockGuard<'a, U, W> {
        let engine = &self.lock.engine;
        mem::forget(self);
        MappedLockGuard { engine, value: part, unique: PhantomData }
    }

    /// The engine of the lock that this holds, for [`Condition`](crate::generic::Condition).
    pub(crate) fn raw(&self) -> &'a W::Lock {
        &self.lock.engine
    }
}

impl<'a, T: ?Sized, W: Wing> MappedLockGuard<'a, T, W> {
    /// Makes a guard for a part of the part, as [`LockGuard::map`] does.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Lock, LockGuard, MappedLockGuard};
    ///
    /// let lock = Lock::new(((1, 2), 3));
    /// let pair = LockGuard::map(lock.acquire(), |(pair, _)| pair);
    /// let second = MappedLockGuard::map(pair, |(_, second)| second);
    /// assert_eq!(*second, 2);
    /// ```
    pub fn map<U: ?Sized>(mut guard: Self, f: impl FnOnce(&mut T) -> &mut U) -> MappedLockGuard<'a, U, W> {
        let part = NonNull::from(f(&mut guard));
        guard.keep(part)
    }

    /// Makes a guard for a part of the part if `f` finds one, as [`LockGuard::try_map`] does.
    ///
    /// # Errors
    ///
    /// The guard itself, if `f` returns `None`.
    pub fn try_map<U: ?Sized>(
        mut guard: Self,
        f: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedLockGuard<'a, U, W>, Self> {
        match f(&mut guard).map(NonNull::from) {
            Some(part) => Ok(guard.keep(part)),
            None => Err(guard),
        }
    }

    /// Passes the charge of the lock on to a guard for `part`, which was borrowed from this one.
    fn keep<U: ?Sized>(self, part: NonNull<U>) -> MappedLockGuard<'a, U, W> {
        let engine = self.engine;
        mem::forget(self);
        MappedLockGuard { engine, value: part, unique: PhantomData }
    }
}

impl<T: ?Sized, W: Wing> OwnedLockGuard<T, W> {
    /// The lock that this holds.
    ///
    /// This is a function, not a method, so that it hides no method of `T`.
    #[must_use]
    pub fn lock(guard: &Self) -> &Arc<Lock<T, W>> {
        &guard.lock
    }

    /// Lets a thread that waits for the lock have it first, as [`LockGuard::hand_over`] does.
    pub fn hand_over(guard: &mut Self) -> bool {
        guard.lock.engine.hand_over()
    }

    /// Releases the lock for as long as `f` takes, as [`LockGuard::unlocked`] does.
    pub fn unlocked<R>(guard: &mut Self, f: impl FnOnce() -> R) -> R {
        unlocked(&guard.lock.engine, f)
    }
}

/// Called by the one that has charge of the lock, which nothing refers to the value of.
fn unlocked<R>(engine: &impl RawLock, f: impl FnOnce() -> R) -> R {
    struct Again<'a, L: RawLock>(&'a L);
    impl<L: RawLock> Drop for Again<'_, L> {
        fn drop(&mut self) {
            self.0.acquire(Deadline::Never);
        }
    }

    engine.release();
    let _again = Again(engine);
    f()
}

impl<T: ?Sized, W: Wing> Drop for LockGuard<'_, T, W> {
    #[inline]
    fn drop(&mut self) {
        self.lock.engine.release();
    }
}

impl<T: ?Sized, W: Wing> Drop for MappedLockGuard<'_, T, W> {
    #[inline]
    fn drop(&mut self) {
        self.engine.release();
    }
}

impl<T: ?Sized, W: Wing> Drop for OwnedLockGuard<T, W> {
    #[inline]
    fn drop(&mut self) {
        self.lock.engine.release();
    }
}

impl<T: ?Sized, W: Wing> Deref for LockGuard<'_, T, W> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the lock is held for as long as this guard lives, and only this guard reaches the value; whoever borrows
        // from it exclusively excludes this call.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T: ?Sized, W: Wing> DerefMut for LockGuard<'_, T, W> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `deref`, and this guard is borrowed exclusively.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T: ?Sized, W: Wing> Deref for MappedLockGuard<'_, T, W> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `value` came from an exclusive borrow of the guarded value, by a guard that this one replaces; so it stays
        // valid, and is reached through this guard alone, for as long as the lock is held.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized, W: Wing> DerefMut for MappedLockGuard<'_, T, W> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `deref`, and this guard is borrowed exclusively.
        unsafe { self.value.as_mut() }
    }
}

impl<T: ?Sized, W: Wing> Deref for OwnedLockGuard<T, W> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: as for `LockGuard`.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T: ?Sized, W: Wing> DerefMut for OwnedLockGuard<T, W> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `LockGuard`.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T: Default, W: Wing> Default for Lock<T, W> {
    fn default() -> Self {
        Self::new_in(W::default(), T::default())
    }
}

impl<T, W: Wing> From<T> for Lock<T, W> {
    fn from(value: T) -> Self {
        Self::new_in(W::default(), value)
    }
}

/// Shows whether the lock is held, and how many threads sleep until it is free, those included that were woken just now; and not the value. Never waits: while the engine is busy it shows `<busy>`.
impl<T: ?Sized, W: Wing> fmt::Debug for Lock<T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (locked, waiting) = match self.engine.snapshot() {
            Some((locked, waiting)) => (locked.to_string(), waiting.to_string()),
            None => ("<busy>".into(), "<busy>".into()),
        };
        let mut lock = f.debug_struct("Lock");
        lock.field("locked", &format_args!("{locked}"));
        lock.field("waiting", &format_args!("{waiting}")).finish_non_exhaustive()
    }
}

shown_as_their_value!(LockGuard<'_, T, W>, MappedLockGuard<'_, T, W>, OwnedLockGuard<T, W>);
