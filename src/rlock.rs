//! The reentrant lock: [`RLock`], its [`RLockGuard`], the [`MappedRLockGuard`] for a part of what it guards, and the [`OwnedRLockGuard`], which borrows nothing.

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::ops::Deref;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr;
use std::time::{Duration, Instant};

use crate::deadline::Deadline;
use crate::engine::{RawLock, Wing, for_each_wing};
use crate::lock::shown_as_their_value;
use crate::primitive::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use crate::primitive::{Arc, const_unless_model, thread_token};

/// A reentrant lock around a value: the thread that holds it may acquire it again.
///
/// The lock belongs to a thread, and counts how many [`RLockGuard`]s that thread has: its depth. It becomes free when the last
/// of them is dropped. So a function that needs the lock may call another that needs it too.
///
/// In Python: `threading.RLock()`.
///
/// # Differences from Python
///
/// * The lock holds the value that it guards. Since several guards of one thread can reach it at the same time, they give
///   `&T`, not `&mut T`: a value that is to change stands in a [`Cell`](std::cell::Cell) or a
///   [`RefCell`](std::cell::RefCell), which are fine here although they cannot be shared without a lock. (End each borrow of a `RefCell` before calling what acquires the lock
///   again: to borrow it once more meanwhile panics.)
/// * An [`RLockGuard`] releases one level when it is dropped, as a `with` block does at its end, and cannot leave its thread: so
///   nobody can release a lock that another thread holds.
///
/// As in Python, nothing is poisoned: a panic drops its guards. A guard that is never dropped leaves the lock locked for ever,
/// also after its thread has ended: no later thread is ever taken for the owner.
///
/// # Fairness
///
/// None is promised between threads. The owner never waits for its own lock.
///
/// # Examples
///
/// ```
/// use nogil::RLock;
/// use std::cell::Cell;
///
/// static TOTAL: RLock<Cell<u32>> = RLock::new(Cell::new(0));
///
/// fn add(n: u32) {
///     let total = TOTAL.acquire();
///     total.set(total.get() + n);
/// }
///
/// let total = TOTAL.acquire(); // No other thread comes between the two calls.
/// add(1);
/// add(2);
/// assert_eq!(total.get(), 3);
/// ```
pub struct RLock<T: ?Sized, W: Wing> {
    lock: Reentrant<W::Lock>,
    value: T,
}

// SAFETY: `T: Sync` is not asked for, since no two threads ever have
// the value at the same time: it is reached only through a guard (or by exclusive access to the lock); every guard is in the
// thread that owns the lock, for a guard is not `Send`; and by `RawLock`'s contract, no two threads own the lock at the same
// time, and what one owner did happens before what the next one does. The two ways in which a `&T` can leave that thread ask
// for `T: Sync` themselves: to share a guard, and to wait for a condition while references through outer guards live on. So a
// value only ever moves on from one thread to the next, as a whole, and `T: Send` allows that.
unsafe impl<T: ?Sized + Send, W: Wing> Sync for RLock<T, W> {}

/// One level of a held [`RLock`]: it gives access to the value, and releases the level when it is dropped, also by a panic.
///
/// The guard cannot be sent to another thread, for only the owner may release. It may be shared when `T` is `Sync`. It borrows the lock; where that is too short, there
/// is [`into_owned`](Self::into_owned).
#[must_use = "the lock is released when the guard is dropped: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct RLockGuard<'a, T: ?Sized, W: Wing> {
    lock: &'a RLock<T, W>,
    not_send: NotSend,
}

/// One level of a held [`RLock`], reduced to a part of its value by [`RLockGuard::map`]. The level is released when this is dropped.
///
/// As the guard that it was, it cannot be sent to another thread. It may be shared when `T`, the part, is `Sync`. It cannot wait for a
/// [`Condition`](crate::generic::Condition).
#[must_use = "the lock is released when the guard is dropped: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct MappedRLockGuard<'a, T: ?Sized, W: Wing> {
    lock: &'a Reentrant<W::Lock>,
    value: &'a T,
    not_send: NotSend,
}

/// An [`RLockGuard`] that holds its lock by an [`Arc`] instead of a reference. So it borrows nothing: a function that looked the lock up may return it, and it may stand
/// in a struct. [`RLockGuard::into_owned`] makes one, whichever call acquired the level.
///
/// Dropping it releases the level first, and then lets go of the lock: if nobody else has the lock by then, the value is dropped here.
///
/// As the guard that it was, it cannot be sent to another thread. A [`Condition`](crate::generic::Condition) can wait with it if `T` is `Sync`.
#[must_use = "the lock is released when the guard is dropped: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct OwnedRLockGuard<T: ?Sized, W: Wing> {
    lock: Arc<RLock<T, W>>,
    not_send: NotSend,
}

/// Keeps a guard in its thread: a pointer is not sent, and the compiler's message names what it points to.
type NotSend = PhantomData<*const BelongsToItsThread>;

/// What the message is to say.
enum BelongsToItsThread {}

// SAFETY: a shared guard gives `&T` to the thread it is shared with and nothing more, and `T: Sync` allows that. It can
// neither be dropped there nor acquire there.
unsafe impl<T: ?Sized + Sync, W: Wing> Sync for RLockGuard<'_, T, W> {}

// SAFETY: as for `RLockGuard`, of the part.
unsafe impl<T: ?Sized + Sync, W: Wing> Sync for MappedRLockGuard<'_, T, W> {}

// SAFETY: as for `RLockGuard`; it also gives the thread it is shared with the lock, for later, and `T: Send` allows that.
unsafe impl<T: ?Sized + Send + Sync, W: Wing> Sync for OwnedRLockGuard<T, W> {}

/// An engine with an owner over it: the reentrant lock without its value.
pub(crate) struct Reentrant<L> {
    engine: L,
    /// The token of the thread that holds the engine, or [`NOBODY`].
    ///
    /// All accesses are `Relaxed`: the only question ever asked of it is "is it this thread?", and only this thread writes
    /// its own token. A thread that reads its token reads its own last store, so it holds the lock; a thread that holds the lock
    /// reads its token, since nobody else has written here since it did. Any other value, however old, means "not this thread".
    owner: AtomicU64,
    /// How many levels the owner has. Zero: nobody owns the lock.
    ///
    /// All accesses are `Relaxed`: only the owner writes it, as plain data under the engine's lock, which also orders one
    /// owner's writes before the next one's. It is atomic so that `Debug` may look at it from other threads, which is
    /// promised nothing but a number that was right a moment ago.
    depth: AtomicUsize,
}

/// No thread's token.
const NOBODY: u64 = 0;

impl<L> Reentrant<L> {
    const_unless_model! {
        const fn over(engine: L) -> Self {
            Self { engine, owner: AtomicU64::new(NOBODY), depth: AtomicUsize::new(0) }
        }
    }

    fn is_owned(&self) -> bool {
        self.owner.load(Relaxed) == thread_token()
    }

    /// The owner's depth, from whichever thread.
    fn depth(&self) -> usize {
        self.depth.load(Relaxed)
    }

    fn own(&self, depth: usize) {
        self.owner.store(thread_token(), Relaxed);
        self.depth.store(depth, Relaxed);
    }

    /// Called only by the owner.
    fn disown(&self) {
        self.depth.store(0, Relaxed);
        self.owner.store(NOBODY, Relaxed);
    }
}

impl<L: RawLock> Reentrant<L> {
    /// Takes one level. The owner has it at once, whatever the deadline.
    pub(crate) fn acquire(&self, deadline: Deadline) -> bool {
        if self.is_owned() {
            // Checked before anything is changed, so the lock stays as it was.
            let deeper = self.depth().checked_add(1);
            self.depth.store(deeper.expect("an RLock cannot be acquired more than usize::MAX times at once"), Relaxed);
            return true;
        }
        let acquired = self.engine.acquire(deadline);
        if acquired {
            self.own(1);
        }
        acquired
    }

    /// Gives one level back. Called only by the owner.
    pub(crate) fn release(&self) {
        match self.depth() {
            1 => {
                self.disown();
                self.engine.release();
            }
            depth => self.depth.store(depth - 1, Relaxed),
        }
    }

    /// Gives all levels up while `wait` runs, which releases the engine and acquires it again, and then has them all again.
    /// Called only by the owner.
    pub(crate) fn suspend<R>(&self, wait: impl FnOnce(&L) -> R) -> R {
        let depth = self.depth();
        self.disown();
        let result = wait(&self.engine);
        self.own(depth);
        result
    }
}

macro_rules! constructors {
    ($W:ty) => {
        impl<T> RLock<T, $W> {
            const_unless_model! {
                /// Makes a free lock around `value`.
                ///
                /// In Python: `threading.RLock()`.
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::RLock;
                /// use std::cell::Cell;
                ///
                /// static TOTAL: RLock<Cell<u64>> = RLock::new(Cell::new(0));
                /// TOTAL.acquire().set(1);
                /// assert_eq!(TOTAL.acquire().get(), 1);
                /// ```
                #[must_use]
                pub const fn new(value: T) -> Self {
                    Self { lock: Reentrant::over(<$W as Wing>::Lock::new()), value }
                }
            }
        }
    };
}
for_each_wing!(constructors);

impl<T, W: Wing> RLock<T, W> {
    /// Makes a free lock of the given wing, for code that is generic over it. Elsewhere, use `new`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Locked, generic};
    ///
    /// let lock = generic::RLock::new_in(Locked, 3);
    /// assert_eq!(*lock.acquire(), 3);
    /// ```
    #[must_use]
    pub fn new_in(_: W, value: T) -> Self {
        Self { lock: Reentrant::over(RawLock::new()), value }
    }

    /// Gives the value and ends the lock. Nobody can hold it, since nobody borrows it.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(nogil::RLock::new("value").into_inner(), "value");
    /// ```
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: ?Sized, W: Wing> RLock<T, W> {
    /// Acquires the lock, waiting until it is free or this thread's own: then the lock is one level deeper, at once.
    ///
    /// In Python: `rlock.acquire()`, or `with rlock:`.
    ///
    /// # Panics
    ///
    /// If this thread holds `usize::MAX` levels, which takes that many forgotten guards. The lock stays as it was. (So do the
    /// other forms.)
    ///
    /// # Synchronization
    ///
    /// What the threads that held the lock before did until they released it is visible to this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::RLock;
    ///
    /// let lock = RLock::new("value");
    /// let outer = lock.acquire();
    /// {
    ///     let inner = lock.acquire();
    ///     assert_eq!((*outer, *inner, lock.recursion_count()), ("value", "value", 2));
    /// }
    /// assert_eq!(lock.recursion_count(), 1);
    /// drop(outer);
    /// assert!(!lock.is_locked());
    /// ```
    #[doc(alias = "lock")]
    pub fn acquire(&self) -> RLockGuard<'_, T, W> {
        self.take(Deadline::Never).expect("without a deadline, acquire returns with the lock")
    }

    /// Acquires the lock if it is free or this thread's own.
    ///
    /// In Python: `rlock.acquire(blocking=False)`.
    ///
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire).
    ///
    /// # Synchronization
    ///
    /// As [`acquire`](Self::acquire), if it acquires.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::RLock;
    /// use std::thread;
    ///
    /// let lock = RLock::new(());
    /// let _guard = lock.acquire();
    /// assert!(lock.try_acquire().is_some(), "this thread's own");
    /// thread::scope(|scope| {
    ///     scope.spawn(|| assert!(lock.try_acquire().is_none(), "another thread's"));
    /// });
    /// ```
    #[doc(alias = "try_lock")]
    #[must_use = "the lock is released when the guard is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn try_acquire(&self) -> Option<RLockGuard<'_, T, W>> {
        self.take(Deadline::Now)
    }

    /// Acquires the lock, waiting at most `timeout` for it. `None` if another thread still held it when the time was up.
    ///
    /// A zero `timeout` does not wait, as [`try_acquire`](Self::try_acquire) does not. One beyond what the clock can count waits as
    /// long as it takes, as [`acquire`](Self::acquire) does.
    ///
    /// In Python: `rlock.acquire(timeout=seconds)`.
    ///
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire).
    ///
    /// # Synchronization
    ///
    /// As [`acquire`](Self::acquire), if it acquires.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::RLock;
    /// use std::{thread, time::Duration};
    ///
    /// let lock = RLock::new(());
    /// let _guard = lock.acquire_timeout(Duration::MAX).unwrap();
    /// thread::scope(|scope| {
    ///     scope.spawn(|| assert!(lock.acquire_timeout(Duration::from_millis(1)).is_none()));
    /// });
    /// ```
    #[doc(alias = "try_lock_for")]
    #[must_use = "the lock is released when the guard is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn acquire_timeout(&self, timeout: Duration) -> Option<RLockGuard<'_, T, W>> {
        self.try_acquire().or_else(|| self.take(Deadline::after(timeout)))
    }

    /// As [`acquire_timeout`](Self::acquire_timeout), until a moment. One that has passed tries once.
    ///
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire).
    ///
    /// # Synchronization
    ///
    /// As [`acquire_timeout`](Self::acquire_timeout).
    #[must_use = "the lock is released when the guard is dropped: bind it to a name (`let _` would drop it at once)"]
    pub fn acquire_deadline(&self, deadline: Instant) -> Option<RLockGuard<'_, T, W>> {
        self.take(Deadline::At(deadline))
    }

    /// Whether the lock is held, by whichever thread. Other threads may have changed that by the time it is read.
    ///
    /// In Python: `rlock.locked()`, from 3.14 on.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = nogil::RLock::new(());
    /// assert!(!lock.is_locked());
    /// let _guard = lock.acquire();
    /// assert!(lock.is_locked());
    /// ```
    pub fn is_locked(&self) -> bool {
        // Not the depth, which is zero a moment before the lock is free: `false` here means that it can be had.
        self.lock.engine.is_locked()
    }

    /// Whether the calling thread holds the lock.
    ///
    /// In Python: there is no such public call; programs use `rlock._is_owned()`.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = nogil::RLock::new(());
    /// let _guard = lock.acquire();
    /// assert!(lock.is_owned());
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| assert!(!lock.is_owned() && lock.is_locked()));
    /// });
    /// ```
    pub fn is_owned(&self) -> bool {
        self.lock.is_owned()
    }

    /// How many levels of the lock the calling thread holds. None if another thread holds it.
    ///
    /// In Python: there is no such public call; programs use `rlock._recursion_count()`.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = nogil::RLock::new(());
    /// assert_eq!(lock.recursion_count(), 0);
    /// let _outer = lock.acquire();
    /// let _inner = lock.acquire();
    /// assert_eq!(lock.recursion_count(), 2);
    /// ```
    pub fn recursion_count(&self) -> usize {
        if self.lock.is_owned() { self.lock.depth() } else { 0 }
    }

    /// Gives access to the value without acquiring the lock: nobody can hold it, since the lock is borrowed exclusively.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut lock = nogil::RLock::new(1);
    /// *lock.get_mut() = 2;
    /// assert_eq!(*lock.acquire(), 2);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The lock without its value, for [`acquire_all`](crate::acquire_all()).
    pub(crate) fn raw(&self) -> &Reentrant<W::Lock> {
        &self.lock
    }

    /// The guard of a level that was acquired without its value.
    ///
    /// # Safety
    ///
    /// The calling thread owns the lock, and one of its levels has no guard yet.
    pub(crate) unsafe fn assume_held(&self) -> RLockGuard<'_, T, W> {
        RLockGuard { lock: self, not_send: PhantomData }
    }

    /// One body for all forms.
    fn take(&self, deadline: Deadline) -> Option<RLockGuard<'_, T, W>> {
        self.lock.acquire(deadline).then(|| RLockGuard { lock: self, not_send: PhantomData })
    }
}

impl<'a, T: ?Sized, W: Wing> RLockGuard<'a, T, W> {
    /// Makes a guard for a part of the value. The level stays taken, without a gap.
    ///
    /// If `f` panics, the level is released.
    ///
    /// This is a function, not a method, so that it hides no method of `T`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{RLock, RLockGuard};
    /// use std::cell::Cell;
    ///
    /// let lock = RLock::new(("count", Cell::new(1)));
    /// let count = RLockGuard::map(lock.acquire(), |(_, count)| count);
    /// count.set(2);
    /// assert_eq!(lock.recursion_count(), 1);
    ///
    /// drop(count);
    /// assert_eq!(lock.acquire().1.get(), 2);
    /// ```
    pub fn map<U: ?Sized>(guard: Self, f: impl FnOnce(&T) -> &U) -> MappedRLockGuard<'a, U, W> {
        let part = f(&guard.lock.value);
        guard.keep(part)
    }

    /// Makes a guard for a part of the value, if `f` finds one. Otherwise the guard comes back as it was.
    ///
    /// If `f` panics, the level is released.
    ///
    /// # Errors
    ///
    /// The guard itself, if `f` returns `None`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{RLock, RLockGuard};
    ///
    /// let lock = RLock::new(vec![1, 2, 3]);
    /// let guard = RLockGuard::try_map(lock.acquire(), |list| list.get(7)).unwrap_err();
    /// let first = RLockGuard::try_map(guard, |list| list.first()).unwrap();
    /// assert_eq!(*first, 1);
    /// ```
    pub fn try_map<U: ?Sized>(
        guard: Self,
        f: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<MappedRLockGuard<'a, U, W>, Self> {
        match f(&guard.lock.value) {
            Some(part) => Ok(guard.keep(part)),
            None => Err(guard),
        }
    }

    /// Turns this into a guard that borrows nothing. `lock` must be an `Arc` of the lock that it holds. The level stays taken, without a gap.
    ///
    /// This is a function, not a method, so that it hides no method of `T`.
    ///
    /// # Panics
    ///
    /// If the guard is of another lock. Its level of that lock is released.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{RLock, RLockGuard};
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(RLock::new("shared"));
    /// let guard = RLockGuard::into_owned(lock.acquire(), &lock);
    /// assert_eq!((*guard, lock.recursion_count()), ("shared", 1));
    /// ```
    #[doc(alias = "lock_arc")]
    #[track_caller]
    pub fn into_owned(guard: Self, lock: &Arc<RLock<T, W>>) -> OwnedRLockGuard<T, W> {
        assert!(ptr::eq(guard.raw(), lock.raw()), "the guard is of another lock");
        mem::forget(guard);
        OwnedRLockGuard { lock: lock.clone(), not_send: PhantomData }
    }

    /// Passes the charge of the level on to a guard for `part`.
    fn keep<U: ?Sized>(self, part: &'a U) -> MappedRLockGuard<'a, U, W> {
        let lock = self.raw();
        mem::forget(self);
        MappedRLockGuard { lock, value: part, not_send: PhantomData }
    }

    /// The lock that this holds, without its value, for [`Condition`](crate::generic::Condition).
    pub(crate) fn raw(&self) -> &'a Reentrant<W::Lock> {
        &self.lock.lock
    }
}

impl<'a, T: ?Sized, W: Wing> MappedRLockGuard<'a, T, W> {
    /// Makes a guard for a part of the part, as [`RLockGuard::map`] does.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{MappedRLockGuard, RLock, RLockGuard};
    ///
    /// let lock = RLock::new(((1, 2), 3));
    /// let pair = RLockGuard::map(lock.acquire(), |(pair, _)| pair);
    /// let second = MappedRLockGuard::map(pair, |(_, second)| second);
    /// assert_eq!(*second, 2);
    /// ```
    pub fn map<U: ?Sized>(guard: Self, f: impl FnOnce(&T) -> &U) -> MappedRLockGuard<'a, U, W> {
        let part = f(guard.value);
        guard.keep(part)
    }

    /// Makes a guard for a part of the part if `f` finds one, as [`RLockGuard::try_map`] does.
    ///
    /// # Errors
    ///
    /// The guard itself, if `f` returns `None`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{MappedRLockGuard, RLock, RLockGuard};
    ///
    /// let lock = RLock::new((vec![1, 2], "list"));
    /// let list = RLockGuard::map(lock.acquire(), |(list, _)| list);
    /// let list = MappedRLockGuard::try_map(list, |list| list.get(7)).unwrap_err();
    /// let second = MappedRLockGuard::try_map(list, |list| list.get(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// ```
    pub fn try_map<U: ?Sized>(
        guard: Self,
        f: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<MappedRLockGuard<'a, U, W>, Self> {
        match f(guard.value) {
            Some(part) => Ok(guard.keep(part)),
            None => Err(guard),
        }
    }

    /// Passes the charge of the level on to a guard for `part`.
    fn keep<U: ?Sized>(self, part: &'a U) -> MappedRLockGuard<'a, U, W> {
        let lock = self.lock;
        mem::forget(self);
        MappedRLockGuard { lock, value: part, not_send: PhantomData }
    }
}

impl<T: ?Sized, W: Wing> OwnedRLockGuard<T, W> {
    /// The lock that this holds.
    ///
    /// This is a function, not a method, so that it hides no method of `T`.
    #[must_use]
    pub fn lock(guard: &Self) -> &Arc<RLock<T, W>> {
        &guard.lock
    }
}

impl<T: ?Sized, W: Wing> Drop for RLockGuard<'_, T, W> {
    #[inline]
    fn drop(&mut self) {
        self.lock.lock.release();
    }
}

impl<T: ?Sized, W: Wing> Drop for MappedRLockGuard<'_, T, W> {
    #[inline]
    fn drop(&mut self) {
        self.lock.release();
    }
}

impl<T: ?Sized, W: Wing> Drop for OwnedRLockGuard<T, W> {
    #[inline]
    fn drop(&mut self) {
        self.lock.lock.release();
    }
}

impl<T: ?Sized, W: Wing> Deref for RLockGuard<'_, T, W> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.lock.value
    }
}

impl<T: ?Sized, W: Wing> Deref for MappedRLockGuard<'_, T, W> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T: ?Sized, W: Wing> Deref for OwnedRLockGuard<T, W> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.lock.value
    }
}

// Nobody has more than a `&T`, so a panic leaves the value as one under an `Rc` would be left.
impl<T: ?Sized + UnwindSafe, W: Wing> UnwindSafe for RLock<T, W> {}
impl<T: ?Sized + RefUnwindSafe, W: Wing> RefUnwindSafe for RLock<T, W> {}

impl<T: Default, W: Wing> Default for RLock<T, W> {
    fn default() -> Self {
        Self::new_in(W::default(), T::default())
    }
}

impl<T, W: Wing> From<T> for RLock<T, W> {
    fn from(value: T) -> Self {
        Self::new_in(W::default(), value)
    }
}

/// Shows whether the lock is held and how deep, by whichever thread, and not the value. Never waits.
impl<T: ?Sized, W: Wing> fmt::Debug for RLock<T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Read once, so that the two always agree.
        let depth = self.lock.depth();
        f.debug_struct("RLock").field("locked", &(depth > 0)).field("depth", &depth).finish_non_exhaustive()
    }
}

shown_as_their_value!(RLockGuard<'_, T, W>, MappedRLockGuard<'_, T, W>, OwnedRLockGuard<T, W>);

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::generic::Lock;
    use crate::{Locked, acquire_all};

    fn assert_too_deep(acquire: impl FnOnce()) {
        let panic = catch_unwind(AssertUnwindSafe(acquire)).unwrap_err();
        assert!(panic.downcast_ref::<String>().is_some_and(|text| text.contains("more than usize::MAX times")));
    }

    /// The depth is as wide as `recursion_count`, so no test could reach its end by acquiring: this one begins near it.
    #[test]
    fn too_deep_is_a_panic_that_changes_nothing() {
        let lock = RLock::<(), Locked>::new(());
        let outermost = lock.acquire();
        lock.lock.depth.store(usize::MAX - 1, Relaxed);

        let deepest = lock.acquire();
        assert_too_deep(|| drop(lock.acquire()));
        assert_too_deep(|| drop(lock.try_acquire()));
        assert_eq!((lock.is_owned(), lock.recursion_count()), (true, usize::MAX));
        drop(deepest);
        assert_eq!(lock.recursion_count(), usize::MAX - 1);

        lock.lock.depth.store(1, Relaxed);
        drop(outermost);
        assert!(lock.try_acquire().is_some() && !lock.is_locked());
    }

    /// Also in the middle of `acquire_all`, which then gives back what it has taken.
    #[test]
    fn too_deep_among_others_leaves_none_taken() {
        // In both orders of their addresses.
        let locks = [(RLock::<(), Locked>::new(()), Lock::<(), Locked>::new(())), Default::default()];
        for (rlock, lock) in [(&locks[0].0, &locks[1].1), (&locks[1].0, &locks[0].1)] {
            let _outermost = rlock.acquire();
            rlock.lock.depth.store(usize::MAX, Relaxed);
            assert_too_deep(|| drop(acquire_all((rlock, lock))));
            assert!(!lock.is_locked());
            assert_eq!(rlock.recursion_count(), usize::MAX);
            rlock.lock.depth.store(1, Relaxed);
        }
    }
}
