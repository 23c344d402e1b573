//! Several locks at once, without deadlock: [`acquire_all`] and its forms, for every [`LockSet`].
//!
//! Threads that hold some locks and wait for others can wait for each other in a ring. No ring can close if all locks have one
//! order and every thread takes them in it: this is Dijkstra's resource hierarchy, from his dining philosophers (EWD 310). The
//! order here is that of the addresses, so callers need not agree on anything.

use std::ptr;
use std::time::{Duration, Instant};

use crate::deadline::Deadline;
use crate::engine::{RawLock, Wing, sealed::Sealed};
use crate::lock::{Lock, LockGuard};
use crate::primitive::Arc;
use crate::rlock::{RLock, RLockGuard, Reentrant};

/// Acquires several locks, waiting until it has all of them, and gives their guards in the order in which they were named.
///
/// Whatever order each caller names its locks in, callers of `acquire_all` and its other forms do not deadlock with each
/// other: all of them take locks in the same hidden order. Each lock is held from when it is taken, also while this thread still
/// waits for the next one.
///
/// Deadlock is still possible if a caller already holds a lock that another caller takes, or if some thread takes these locks one
/// by one in an order of its own. Waiting for a [`Condition`](crate::generic::Condition) with one of the guards, handing its lock over, or letting it go
/// for a while by `unlocked`, is such a case too: that lock is taken again while the others are held.
///
/// In Python: there is no such call; programs nest `with` blocks and agree on an order.
///
/// # Panics
///
/// If one [`Lock`] is named twice, for which one would wait for ever; then none is taken. The same
/// [`RLock`] may be named twice.
///
/// # Synchronization
///
/// As an `acquire` of each lock.
///
/// # Examples
///
/// ```
/// use nogil::{Lock, acquire_all};
/// use std::thread;
///
/// let (alice, bob) = (Lock::new(100), Lock::new(100));
/// thread::scope(|scope| {
///     scope.spawn(|| {
///         let (mut from, mut to) = acquire_all((&alice, &bob));
///         *from -= 30;
///         *to += 30;
///     });
///     scope.spawn(|| {
///         let (mut from, mut to) = acquire_all((&bob, &alice));
///         *from -= 10;
///         *to += 10;
///     });
/// });
/// assert_eq!((*alice.acquire(), *bob.acquire()), (80, 120));
/// ```
#[must_use = "the locks are released when the guards are dropped: bind them to names (`let _` would drop them at once)"]
#[track_caller]
pub fn acquire_all<L: LockSet>(locks: L) -> L::Guards {
    L::take(locks, Deadline::Never).expect("without a deadline, acquire_all returns with the locks")
}

/// Acquires several locks if all of them are free now. Otherwise none stays taken.
///
/// In Python: there is no such call.
///
/// # Panics
///
/// As [`acquire_all`].
///
/// # Synchronization
///
/// As [`acquire_all`], if it acquires.
///
/// # Examples
///
/// ```
/// use nogil::{Lock, try_acquire_all};
///
/// let locks = [Lock::new(1), Lock::new(2)];
/// let first = locks[0].acquire();
/// assert!(try_acquire_all([&locks[0], &locks[1]]).is_none());
/// assert!(!locks[1].is_locked());
///
/// drop(first);
/// assert_eq!(try_acquire_all([&locks[0], &locks[1]]).map(|[a, b]| *a + *b), Some(3));
/// ```
#[must_use = "the locks are released when the guards are dropped: bind them to names (`let _` would drop them at once)"]
#[track_caller]
pub fn try_acquire_all<L: LockSet>(locks: L) -> Option<L::Guards> {
    L::take(locks, Deadline::Now)
}

/// Acquires several locks, waiting at most `timeout` altogether. `None`, and none stays taken, if one of them was still held
/// when the time was up.
///
/// A zero `timeout` does not wait, as [`try_acquire_all`] does not. One beyond what the clock can count waits as long as it takes, as
/// [`acquire_all`] does.
///
/// In Python: there is no such call.
///
/// # Panics
///
/// As [`acquire_all`].
///
/// # Synchronization
///
/// As [`acquire_all`], if it acquires.
///
/// # Examples
///
/// ```
/// use nogil::{Lock, RLock, acquire_all_timeout};
/// use std::time::Duration;
///
/// let (name, number) = (Lock::new("Ada"), RLock::new(1));
/// let guard = name.acquire();
/// assert!(acquire_all_timeout((&name, &number), Duration::from_millis(1)).is_none());
///
/// drop(guard);
/// let (name, number) = acquire_all_timeout((&name, &number), Duration::MAX).unwrap();
/// assert_eq!((*name, *number), ("Ada", 1));
/// ```
#[must_use = "the locks are released when the guards are dropped: bind them to names (`let _` would drop them at once)"]
#[track_caller]
pub fn acquire_all_timeout<L: LockSet>(locks: L, timeout: Duration) -> Option<L::Guards> {
    L::take(locks, Deadline::after(timeout))
}

/// As [`acquire_all_timeout`], until a moment. One that has passed tries once.
///
/// # Panics
///
/// As [`acquire_all`].
///
/// # Synchronization
///
/// As [`acquire_all`].
#[must_use = "the locks are released when the guards are dropped: bind them to names (`let _` would drop them at once)"]
#[track_caller]
pub fn acquire_all_deadline<L: LockSet>(locks: L, deadline: Instant) -> Option<L::Guards> {
    L::take(locks, Deadline::At(deadline))
}

/// Locks that [`acquire_all`] takes together.
///
/// * A tuple of one to eight, each a `&Lock` or a `&RLock`, of any value and any wing: their guards come in a tuple.
/// * An array of references to locks of one type: their guards come in an array.
/// * A slice or a `Vec` of references to locks of one type: their guards come in a `Vec`.
///
/// Where a lock is in an [`Arc`], a reference to that will do.
///
/// Nobody can implement this trait elsewhere.
///
/// # Examples
///
/// ```
/// use nogil::{Lock, acquire_all};
///
/// let shelf: Vec<Lock<u32>> = (0..5).map(Lock::new).collect();
/// let guards = acquire_all(shelf.iter().collect::<Vec<_>>());
/// assert_eq!(guards.iter().map(|guard| **guard).sum::<u32>(), 10);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set of locks",
    note = "name the locks by reference, in a tuple of at most eight, an array, a slice or a `Vec`: `acquire_all((&one, &other))`, `acquire_all([&one, &other])`, `acquire_all(locks.iter().collect::<Vec<_>>())`"
)]
pub trait LockSet: Sealed + Sized {
    /// The guards, in the order in which the locks were named.
    type Guards;

    /// One body for all forms. A function, not a method, so that it hides no method of a collection.
    #[doc(hidden)]
    #[track_caller]
    fn take(locks: Self, deadline: Deadline) -> Option<Self::Guards>;
}

/// One lock of a [`LockSet`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no reference to a lock",
    note = "name each lock, or the `Arc` that it is in, by reference: `acquire_all((&one, &other))`, `acquire_all(locks.iter().collect::<Vec<_>>())`"
)]
pub trait Member: Sealed + Copy {
    type Guard;

    fn raw(&self) -> &dyn RawMember;

    /// # Safety
    ///
    /// The lock was acquired by this thread through its [`RawMember`], and no guard stands for that yet.
    unsafe fn guard(self) -> Self::Guard;
}

/// A lock without its type. Its address tells it from every other lock.
pub trait RawMember {
    /// Whether a thread that has it can acquire it again.
    fn is_reentrant(&self) -> bool;
    fn acquire(&self, deadline: Deadline) -> bool;
    /// Called only by the thread that acquired it.
    fn release(&self);
}

impl<L: RawLock> RawMember for L {
    fn is_reentrant(&self) -> bool {
        false
    }

    fn acquire(&self, deadline: Deadline) -> bool {
        RawLock::acquire(self, deadline)
    }

    fn release(&self) {
        RawLock::release(self);
    }
}

impl<L: RawLock> RawMember for Reentrant<L> {
    fn is_reentrant(&self) -> bool {
        true
    }

    fn acquire(&self, deadline: Deadline) -> bool {
        self.acquire(deadline)
    }

    fn release(&self) {
        self.release();
    }
}

/// Takes all members or none.
#[track_caller]
fn take_all(members: &mut [&dyn RawMember], deadline: Deadline) -> bool {
    members.sort_unstable_by_key(|member| address(*member));
    for pair in members.windows(2) {
        assert!(
            address(pair[0]) != address(pair[1]) || pair[0].is_reentrant(),
            "acquire_all would wait for itself: the same Lock is named twice"
        );
    }
    let mut taken = Taken { members, count: 0 };
    while let Some(next) = taken.members.get(taken.count) {
        if !next.acquire(deadline) {
            return false;
        }
        taken.count += 1;
    }
    taken.count = 0; // All of them stay taken.
    true
}

fn address(member: &dyn RawMember) -> *const () {
    ptr::from_ref(member).cast()
}

/// The first `count` members are taken. Gives them back, the last one first, when it is dropped: because one could not be had,
/// or by a panic (an `RLock` may be too deep).
struct Taken<'a> {
    members: &'a [&'a dyn RawMember],
    count: usize,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.members[..self.count].iter().rev().for_each(|member| member.release());
    }
}

/// For a reference to a lock, and to an `Arc` of one.
macro_rules! members {
    ($($Member:ty: $Lock:ident, $Guard:ident;)*) => {$(
        impl<'a, T: ?Sized, W: Wing> Sealed for $Member {}

        impl<'a, T: ?Sized, W: Wing> Member for $Member {
            type Guard = $Guard<'a, T, W>;

            fn raw(&self) -> &dyn RawMember {
                $Lock::raw(self)
            }

            unsafe fn guard(self) -> Self::Guard {
                // SAFETY: passed on to the caller: this thread acquired the lock, or a level of it, which has no guard yet.
                unsafe { $Lock::assume_held(self) }
            }
        }
    )*};
}
members! {
    &'a Lock<T, W>: Lock, LockGuard;
    &'a RLock<T, W>: RLock, RLockGuard;
    &'a Arc<Lock<T, W>>: Lock, LockGuard;
    &'a Arc<RLock<T, W>>: RLock, RLockGuard;
}

impl<M> Sealed for Vec<M> {}
impl<M> Sealed for &[M] {}
impl<M, const N: usize> Sealed for [M; N] {}

impl<M: Member> LockSet for &[M] {
    type Guards = Vec<M::Guard>;

    fn take(locks: Self, deadline: Deadline) -> Option<Self::Guards> {
        let mut members: Vec<_> = locks.iter().map(M::raw).collect();
        // SAFETY: `take_all` took each member as often as it is named, and one guard is made for each time.
        take_all(&mut members, deadline).then(|| locks.iter().map(|member| unsafe { member.guard() }).collect())
    }
}

impl<M: Member> LockSet for Vec<M> {
    type Guards = Vec<M::Guard>;

    fn take(locks: Self, deadline: Deadline) -> Option<Self::Guards> {
        LockSet::take(locks.as_slice(), deadline)
    }
}

impl<M: Member, const N: usize> LockSet for [M; N] {
    type Guards = [M::Guard; N];

    fn take(locks: Self, deadline: Deadline) -> Option<Self::Guards> {
        // SAFETY: `take_all` took each member as often as it is named, and one guard is made for each time.
        take_all(&mut locks.each_ref().map(M::raw), deadline).then(|| locks.map(|member| unsafe { member.guard() }))
    }
}

macro_rules! tuples {
    ($($M:ident $member:ident),+) => {
        impl<$($M),+> Sealed for ($($M,)+) {}

        impl<$($M: Member),+> LockSet for ($($M,)+) {
            type Guards = ($($M::Guard,)+);

            fn take(locks: Self, deadline: Deadline) -> Option<Self::Guards> {
                let ($($member,)+) = locks;
                // SAFETY: `take_all` took each member as often as it is named, and one guard is made for each time.
                take_all(&mut [$($member.raw()),+], deadline).then(|| ($(unsafe { $member.guard() },)+))
            }
        }
    };
}
tuples!(A a);
tuples!(A a, B b);
tuples!(A a, B b, C c);
tuples!(A a, B b, C c, D d);
tuples!(A a, B b, C c, D d, E e);
tuples!(A a, B b, C c, D d, E e, F f);
tuples!(A a, B b, C c, D d, E e, F f, G g);
tuples!(A a, B b, C c, D d, E e, F f, G g, H h);
