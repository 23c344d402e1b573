//! The condition: [`Condition`], and the [`ConditionGuard`]s that it waits with.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::{Duration, Instant};

use crate::deadline::Deadline;
use crate::engine::{RawCondition, Wing, for_each_wing, sealed::Sealed};
use crate::lock::{LockGuard, OwnedLockGuard};
use crate::primitive::const_unless_model;
use crate::rlock::{OwnedRLockGuard, RLockGuard};

/// Threads that wait, without their lock, until another thread notifies them.
///
/// A thread that holds a lock and finds that what it needs is not there yet waits here: the lock is released while it sleeps, and
/// held again when the wait returns. A thread that changes the value notifies as many waiters as should look again.
///
/// A condition remembers nothing: a notification that finds no waiter does nothing. So what is waited for must be part of the
/// value under the lock; then no notification can fall between the look and the wait.
///
/// In Python: `threading.Condition(lock)`.
///
/// # Differences from Python
///
/// * A condition has no lock of its own: each wait names one, by its guard. It may be that of a [`Lock`](crate::generic::Lock)
///   or of an [`RLock`](crate::generic::RLock), which is released at every level and comes back at the same depth. As in Python,
///   several conditions may share a lock, and here one condition may also serve several locks.
/// * To notify, the lock need not be held. Change the value under the lock, and then notify with or without it.
/// * Exactly as many waiters wake as were notified, and none wakes spuriously. In Python a notification can be lost on a
///   waiter whose time is just up; here that waiter's call returns `true`.
/// * Python's `Condition()` makes an `RLock` of its own; here the lock is always yours. If functions that hold the lock call each other, let it be an `RLock`.
/// * With an `RLock`, the value must be `Sync`: references through outer guards live on while other threads hold the lock.
///
/// # Fairness
///
/// The longest waiters are notified first. They then compete for the lock with everyone else.
///
/// # Examples
///
/// ```
/// use nogil::{Condition, Lock};
/// use std::thread;
///
/// static READY: Lock<bool> = Lock::new(false);
/// static CHANGED: Condition = Condition::new();
///
/// let worker = thread::spawn(|| {
///     *READY.acquire() = true;
///     CHANGED.notify_all();
/// });
///
/// let mut ready = READY.acquire();
/// CHANGED.wait_for(&mut ready, |ready| *ready);
/// assert!(*ready);
/// # worker.join().unwrap();
/// ```
pub struct Condition<W: Wing> {
    engine: W::Condition,
}

/// A guard that a [`Condition`] of the wing `W` can wait with: a [`LockGuard`], or an [`RLockGuard`] of a value that is `Sync`, or one of these that owns its lock.
///
/// They are borrowed exclusively for the wait, so no reference got through that guard can see the value while another thread
/// has it. Nobody can implement this trait elsewhere.
#[diagnostic::on_unimplemented(
    message = "a condition cannot wait with `{Self}`",
    note = "it waits with the guard of a `Lock`, or of an `RLock` whose value is `Sync`, of its own wing; not with a mapped guard"
)]
pub trait ConditionGuard<W: Wing>: Sealed + for<'a> View<'a> {
    // Functions, not methods, so that they hide no method of a guarded value.

    /// What the predicate of [`Condition::wait_for`] gets.
    #[doc(hidden)]
    fn view(guard: &mut Self) -> <Self as View<'_>>::View;

    /// Releases the lock, waits, and acquires it again. Returns whether it was notified.
    #[doc(hidden)]
    fn wait(guard: &mut Self, condition: &W::Condition, deadline: Deadline) -> bool;
}

/// What a predicate sees of the value under a [`ConditionGuard`]: `&mut T` by a [`LockGuard`], `&T` by an [`RLockGuard`].
// A generic associated type would say the same in one trait, but closures over it would have to outlive everything
// (rust-lang/rust#87479). `Implied` is never named: it stands here to tell the compiler that `Self` outlives `'a`.
pub trait View<'a, Implied = &'a Self> {
    /// The reference that the predicate gets.
    type View;
}

impl<T: ?Sized, W: Wing> Sealed for LockGuard<'_, T, W> {}
impl<T: ?Sized, W: Wing> Sealed for RLockGuard<'_, T, W> {}
impl<T: ?Sized, W: Wing> Sealed for OwnedLockGuard<T, W> {}
impl<T: ?Sized, W: Wing> Sealed for OwnedRLockGuard<T, W> {}

impl<'a, T: ?Sized, W: Wing> View<'a> for LockGuard<'_, T, W> {
    type View = &'a mut T;
}

impl<'a, T: ?Sized, W: Wing> View<'a> for RLockGuard<'_, T, W> {
    type View = &'a T;
}

impl<'a, T: ?Sized, W: Wing> View<'a> for OwnedLockGuard<T, W> {
    type View = &'a mut T;
}

impl<'a, T: ?Sized, W: Wing> View<'a> for OwnedRLockGuard<T, W> {
    type View = &'a T;
}

impl<T: ?Sized, W: Wing> ConditionGuard<W> for LockGuard<'_, T, W> {
    fn view(guard: &mut Self) -> &mut T {
        guard
    }

    fn wait(guard: &mut Self, condition: &W::Condition, deadline: Deadline) -> bool {
        condition.wait(guard.raw(), deadline)
    }
}

impl<T: ?Sized + Sync, W: Wing> ConditionGuard<W> for RLockGuard<'_, T, W> {
    fn view(guard: &mut Self) -> &T {
        guard
    }

    fn wait(guard: &mut Self, condition: &W::Condition, deadline: Deadline) -> bool {
        guard.raw().suspend(|lock| condition.wait(lock, deadline))
    }
}

impl<T: ?Sized, W: Wing> ConditionGuard<W> for OwnedLockGuard<T, W> {
    fn view(guard: &mut Self) -> &mut T {
        guard
    }

    fn wait(guard: &mut Self, condition: &W::Condition, deadline: Deadline) -> bool {
        condition.wait(Self::lock(guard).raw(), deadline)
    }
}

impl<T: ?Sized + Sync, W: Wing> ConditionGuard<W> for OwnedRLockGuard<T, W> {
    fn view(guard: &mut Self) -> &T {
        guard
    }

    fn wait(guard: &mut Self, condition: &W::Condition, deadline: Deadline) -> bool {
        Self::lock(guard).raw().suspend(|lock| condition.wait(lock, deadline))
    }
}

macro_rules! constructors {
    ($W:ty) => {
        impl Condition<$W> {
            const_unless_model! {
                /// Makes a condition that nobody waits for.
                ///
                /// In Python: `threading.Condition()`.
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::Condition;
                ///
                /// static CHANGED: Condition = Condition::new();
                /// CHANGED.notify_one(); // Nobody waits, so nothing happens.
                /// ```
                #[must_use]
                pub const fn new() -> Self {
                    Self { engine: <$W as Wing>::Condition::new() }
                }
            }
        }
    };
}
for_each_wing!(constructors);

impl<W: Wing> Condition<W> {
    /// Makes a condition of the given wing, for code that is generic over it. Elsewhere, use `new`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Locked, generic};
    ///
    /// let lock = generic::Lock::new_in(Locked, 3);
    /// let condition = generic::Condition::new_in(Locked);
    /// condition.wait_for(&mut lock.acquire(), |number| *number == 3);
    /// ```
    #[must_use]
    pub fn new_in(_: W) -> Self {
        Self { engine: RawCondition::new() }
    }

    /// Releases the lock, waits until notified, and acquires the lock again.
    ///
    /// There is no gap between the release and the wait: whoever acquires the lock next and notifies finds this thread. Other
    /// threads may have had the lock between the notification and the return, and changed what it was about: look again, or
    /// use [`wait_for`](Self::wait_for), which does.
    ///
    /// In Python: `condition.wait()`.
    ///
    /// # Synchronization
    ///
    /// What the notifying thread did before `notify` is visible to this thread; so is, as after any acquire, what the lock's
    /// last holders did.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Condition, Lock};
    /// use std::thread;
    ///
    /// let (turn, changed) = (Lock::new(0), Condition::new());
    /// thread::scope(|scope| {
    ///     let mut guard = turn.acquire();
    ///     scope.spawn(|| {
    ///         *turn.acquire() += 1; // Not before the main thread waits.
    ///         changed.notify_one();
    ///     });
    ///     changed.wait(&mut guard);
    ///     assert_eq!(*guard, 1);
    /// });
    /// ```
    pub fn wait<G: ConditionGuard<W>>(&self, guard: &mut G) {
        G::wait(guard, &self.engine, Deadline::Never);
    }

    /// As [`wait`](Self::wait), and no longer than `timeout`. Returns whether this thread was notified.
    ///
    /// The lock is acquired again in either case, however long that takes. `false` means that this thread
    /// used up no notification: one that arrives just as the time runs out gives `true`.
    ///
    /// A zero `timeout` releases the lock and acquires it again, and returns `true` if a notification fell in between. One beyond what the clock can count
    /// waits as long as it takes.
    ///
    /// In Python: `condition.wait(timeout)`.
    ///
    /// # Synchronization
    ///
    /// As [`wait`](Self::wait), if it was notified; else as an acquire of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Condition, Lock};
    /// use std::time::Duration;
    ///
    /// let (lock, condition) = (Lock::new(()), Condition::new());
    /// let mut guard = lock.acquire();
    /// assert!(!condition.wait_timeout(&mut guard, Duration::from_millis(1)));
    /// assert!(lock.is_locked(), "and by this thread again");
    /// ```
    pub fn wait_timeout<G: ConditionGuard<W>>(&self, guard: &mut G, timeout: Duration) -> bool {
        G::wait(guard, &self.engine, Deadline::after(timeout))
    }

    /// As [`wait_timeout`](Self::wait_timeout), until a moment. One that has passed is a zero timeout.
    ///
    /// # Synchronization
    ///
    /// As [`wait_timeout`](Self::wait_timeout).
    pub fn wait_deadline<G: ConditionGuard<W>>(&self, guard: &mut G, deadline: Instant) -> bool {
        G::wait(guard, &self.engine, Deadline::At(deadline))
    }

    /// Waits until `predicate` holds: asks it, with the lock held, at once and after each notification, and waits between.
    /// (The `wait_while` of other crates has the opposite sense: it waits for as long as its predicate holds.)
    ///
    /// The predicate gets `&mut T` from a [`LockGuard`], so it may take what it finds, and `&T` from an [`RLockGuard`]. If it
    /// panics, the panic goes on with the lock held, and the guard releases it as it is dropped.
    ///
    /// In Python: `condition.wait_for(predicate)`.
    ///
    /// # Synchronization
    ///
    /// As [`wait`](Self::wait), each time that it waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Condition, Lock};
    /// use std::thread;
    ///
    /// let (list, grown) = (Lock::new(Vec::new()), Condition::new());
    /// thread::scope(|scope| {
    ///     scope.spawn(|| {
    ///         for number in 0..3 {
    ///             list.acquire().push(number);
    ///             grown.notify_one();
    ///         }
    ///     });
    ///     let mut list = list.acquire();
    ///     grown.wait_for(&mut list, |list| list.len() == 3);
    ///     assert_eq!(*list, [0, 1, 2]);
    /// });
    /// ```
    #[doc(alias = "wait_while")]
    pub fn wait_for<G: ConditionGuard<W>>(&self, guard: &mut G, predicate: impl FnMut(<G as View<'_>>::View) -> bool) {
        self.wait_until(guard, Deadline::Never, predicate);
    }

    /// As [`wait_for`](Self::wait_for), and no longer than `timeout` altogether. Returns what `predicate` returned last.
    ///
    /// When the time is up, the predicate is asked once more, with the lock held. So a zero `timeout` asks twice, and releases
    /// the lock between.
    ///
    /// In Python: `condition.wait_for(predicate, timeout)`.
    ///
    /// # Synchronization
    ///
    /// As [`wait_timeout`](Self::wait_timeout), each time that it waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Condition, Lock};
    /// use std::time::Duration;
    ///
    /// let (lock, condition) = (Lock::new(3), Condition::new());
    /// let mut guard = lock.acquire();
    /// assert!(condition.wait_for_timeout(&mut guard, Duration::ZERO, |number| *number == 3));
    /// assert!(!condition.wait_for_timeout(&mut guard, Duration::from_millis(1), |number| *number == 4));
    /// ```
    #[doc(alias = "wait_timeout_while")]
    #[must_use = "if the time was up, what was waited for does not hold"]
    pub fn wait_for_timeout<G: ConditionGuard<W>>(
        &self,
        guard: &mut G,
        timeout: Duration,
        predicate: impl FnMut(<G as View<'_>>::View) -> bool,
    ) -> bool {
        self.wait_until(guard, Deadline::after(timeout), predicate)
    }

    /// As [`wait_for_timeout`](Self::wait_for_timeout), until a moment. One that has passed is a zero timeout.
    ///
    /// # Synchronization
    ///
    /// As [`wait_for_timeout`](Self::wait_for_timeout).
    #[must_use = "if the time was up, what was waited for does not hold"]
    pub fn wait_for_deadline<G: ConditionGuard<W>>(
        &self,
        guard: &mut G,
        deadline: Instant,
        predicate: impl FnMut(<G as View<'_>>::View) -> bool,
    ) -> bool {
        self.wait_until(guard, Deadline::At(deadline), predicate)
    }

    /// Wakes the longest waiter, if there is one.
    ///
    /// The lock need not be held. A woken thread returns once it has the lock.
    ///
    /// In Python: `condition.notify()`.
    ///
    /// # Synchronization
    ///
    /// What this thread did before the call is visible to the thread that it wakes.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Condition, Lock};
    /// use std::time::Duration;
    ///
    /// let (lock, condition) = (Lock::new(()), Condition::new());
    /// condition.notify_one();
    /// let late = condition.wait_timeout(&mut lock.acquire(), Duration::from_millis(1));
    /// assert!(!late, "a condition remembers nothing");
    /// ```
    pub fn notify_one(&self) {
        self.notify(1);
    }

    /// Wakes the `n` longest waiters, or all if there are fewer. Zero is allowed and wakes nobody.
    ///
    /// In Python: `condition.notify(n)`.
    ///
    /// # Synchronization
    ///
    /// As [`notify_one`](Self::notify_one), for each thread that it wakes.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Condition, Lock};
    /// use std::thread;
    ///
    /// let (asleep, condition) = (Lock::new(0), Condition::new());
    /// thread::scope(|scope| {
    ///     for _ in 0..3 {
    ///         scope.spawn(|| {
    ///             let mut asleep = asleep.acquire();
    ///             *asleep += 1;
    ///             condition.wait(&mut asleep); // no wake-up without a notification: no loop
    ///             *asleep -= 1;
    ///         });
    ///     }
    ///     while *asleep.acquire() < 3 {
    ///         thread::yield_now();
    ///     }
    ///     condition.notify(2);
    ///     while *asleep.acquire() > 1 {
    ///         thread::yield_now();
    ///     }
    ///     condition.notify(2); // one is left
    /// });
    /// assert_eq!(asleep.into_inner(), 0);
    /// ```
    pub fn notify(&self, n: usize) {
        self.engine.notify(n);
    }

    /// Wakes every thread that waits now. One that begins to wait later is not woken.
    ///
    /// In Python: `condition.notify_all()`.
    ///
    /// # Synchronization
    ///
    /// As [`notify_one`](Self::notify_one), for each thread that it wakes.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Condition, Lock};
    /// use std::thread;
    ///
    /// let (open, condition) = (Lock::new(false), Condition::new());
    /// thread::scope(|scope| {
    ///     for _ in 0..3 {
    ///         scope.spawn(|| condition.wait_for(&mut open.acquire(), |open| *open));
    ///     }
    ///     *open.acquire() = true;
    ///     condition.notify_all();
    /// });
    /// ```
    pub fn notify_all(&self) {
        self.notify(usize::MAX);
    }

    /// One body for all forms of `wait_for`.
    fn wait_until<G: ConditionGuard<W>>(
        &self,
        guard: &mut G,
        deadline: Deadline,
        mut predicate: impl FnMut(<G as View<'_>>::View) -> bool,
    ) -> bool {
        loop {
            if predicate(G::view(guard)) {
                return true;
            }
            if !G::wait(guard, &self.engine, deadline) {
                return predicate(G::view(guard));
            }
        }
    }
}

// Whatever panics, no operation leaves it in a state that the next one could trip over.
impl<W: Wing> UnwindSafe for Condition<W> {}
impl<W: Wing> RefUnwindSafe for Condition<W> {}

impl<W: Wing> Default for Condition<W> {
    fn default() -> Self {
        Self::new_in(W::default())
    }
}

/// Shows how many threads wait. Never waits itself: while the engine is busy it shows `<busy>`.
impl<W: Wing> fmt::Debug for Condition<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.engine.snapshot().map_or("<busy>".into(), |waiting| waiting.to_string());
        f.debug_struct("Condition").field("waiting", &format_args!("{waiting}")).finish()
    }
}
