//! What must not compile. Each case stands beside a twin that differs in the one point and does compile, so that it fails for
//! the reason it claims and not for a misspelt name.

/// A guard cannot outlive its lock.
///
/// ```
/// let lock = nogil::Lock::new(1);
/// let guard = lock.acquire();
/// drop(guard);
/// drop(lock);
/// ```
///
/// ```compile_fail,E0505
/// let lock = nogil::Lock::new(1);
/// let guard = lock.acquire();
/// drop(lock);
/// drop(guard);
/// ```
mod a_lock_guard_borrows_its_lock {}

/// A lock that was acquired and not kept is noticed, also behind an `Option`.
///
/// ```
/// #![deny(unused_must_use)]
/// let lock = nogil::Lock::new(1);
/// let guard = lock.try_acquire();
/// drop(guard);
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// let lock = nogil::Lock::new(1);
/// lock.try_acquire();
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use nogil::{Lock, LockGuard};
/// # use std::sync::Arc;
/// let lock = Arc::new(Lock::new(1));
/// LockGuard::into_owned(lock.acquire(), &lock);
/// ```
mod a_guard_is_kept {}

/// A permit that was acquired and not kept is noticed, also one that is owned.
///
/// ```
/// #![deny(unused_must_use)]
/// # use nogil::Semaphore;
/// # use std::sync::Arc;
/// let semaphore = Arc::new(Semaphore::new(2));
/// let permit = semaphore.acquire();
/// let owned = semaphore.acquire().into_owned(&semaphore);
/// drop((permit, owned));
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use nogil::Semaphore;
/// let semaphore = Semaphore::new(2);
/// semaphore.acquire();
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use nogil::Semaphore;
/// # use std::sync::Arc;
/// let semaphore = Arc::new(Semaphore::new(2));
/// semaphore.acquire().into_owned(&semaphore);
/// ```
mod a_permit_is_kept {}

/// What marks a task done, or shuts a queue down, as it is dropped is noticed if it is not kept.
///
/// ```
/// #![deny(unused_must_use)]
/// let queue = nogil::Queue::from_iter([1]);
/// let end = queue.shutdown_on_drop();
/// let (leaves, panics) = (queue.shutdown_now_on_drop(), queue.shutdown_now_on_panic());
/// let task = queue.get_task().unwrap();
/// drop((task, panics, leaves, end));
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// let queue = nogil::Queue::from_iter([1]);
/// queue.shutdown_on_drop();
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// let queue = nogil::Queue::from_iter([1]);
/// queue.shutdown_now_on_drop();
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// let queue = nogil::Queue::from_iter([1]);
/// queue.shutdown_now_on_panic();
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// let queue = nogil::Queue::from_iter([1]);
/// queue.get_task().unwrap();
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use std::sync::Arc;
/// let queue = Arc::new(nogil::Queue::from_iter([1]));
/// queue.get_task().unwrap().into_owned(&queue);
/// ```
mod a_task_and_a_shutdown_are_kept {}

/// What sets, breaks or cancels something as it is dropped is noticed if it is not kept.
///
/// ```
/// #![deny(unused_must_use)]
/// # use nogil::{Barrier, Event, Timer};
/// # use std::time::Duration;
/// let (event, barrier) = (Event::new(), Barrier::new(2));
/// let timer = Timer::start(Duration::from_secs(60), || ());
/// let guards = (event.set_on_drop(), barrier.abort_on_drop(), timer.cancel_on_drop());
/// drop(guards);
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// let event = nogil::Event::new();
/// event.set_on_drop();
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// let barrier = nogil::Barrier::new(2);
/// barrier.abort_on_drop();
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use nogil::Timer;
/// # use std::time::Duration;
/// let timer = Timer::start(Duration::from_secs(60), || ());
/// timer.cancel_on_drop();
/// ```
mod a_guard_of_an_end_is_kept {}

/// An item whose task is not marked done with it is noticed if it is not kept.
///
/// ```
/// #![deny(unused_must_use)]
/// # use std::sync::Arc;
/// let queue = Arc::new(nogil::Queue::from_iter([1, 2]));
/// let first = queue.get_task().unwrap().detach();
/// let second = queue.get_task().unwrap().into_owned(&queue).detach();
/// # let _ = (first, second);
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use std::sync::Arc;
/// let queue = Arc::new(nogil::Queue::from_iter([1, 2]));
/// queue.get_task().unwrap().detach();
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use std::sync::Arc;
/// let queue = Arc::new(nogil::Queue::from_iter([1, 2]));
/// queue.get_task().unwrap().into_owned(&queue).detach();
/// ```
mod a_detached_item_is_kept {}

/// An item that was fetched from a queue that cannot fail, and the answer of a wait that has an end, are looked at.
///
/// ```
/// #![deny(unused_must_use)]
/// let queue = nogil::SimpleQueue::from_iter([1]);
/// _ = queue.get();
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// let queue = nogil::SimpleQueue::from_iter([1]);
/// queue.get();
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// let queue = nogil::Queue::from_iter([1]);
/// queue.join_timeout(std::time::Duration::ZERO);
/// ```
mod an_answer_is_looked_at {}

/// A reference to the value cannot outlive the guard.
///
/// ```
/// let lock = nogil::Lock::new(1);
/// let guard = lock.acquire();
/// let value: &i32 = &guard;
/// assert_eq!(*value, 1);
/// drop(guard);
/// ```
///
/// ```compile_fail,E0505
/// let lock = nogil::Lock::new(1);
/// let guard = lock.acquire();
/// let value: &i32 = &guard;
/// drop(guard);
/// assert_eq!(*value, 1);
/// ```
mod a_value_borrows_its_guard {}

/// A part of the value cannot leave the closure that maps to it.
///
/// ```
/// # use nogil::{Lock, generic::LockGuard};
/// let lock = Lock::new((1, 2));
/// let part = LockGuard::map(lock.acquire(), |pair| &mut pair.0);
/// drop(part);
/// ```
///
/// ```compile_fail
/// # use nogil::{Lock, generic::LockGuard};
/// let lock = Lock::new((1, 2));
/// let mut leaked = None;
/// let part = LockGuard::map(lock.acquire(), |pair| {
///     leaked = Some(&mut pair.1);
///     &mut pair.0
/// });
/// drop(part);
/// ```
mod a_mapped_part_stays_inside {}

/// A `LockGuard` is sent as its value is.
///
/// ```
/// let lock = nogil::Lock::new(1);
/// let guard = lock.acquire();
/// std::thread::scope(|scope| { scope.spawn(move || drop(guard)); });
/// ```
///
/// ```compile_fail,E0277
/// let lock = nogil::Lock::new(std::rc::Rc::new(1));
/// let guard = lock.acquire();
/// std::thread::scope(|scope| { scope.spawn(move || drop(guard)); });
/// ```
mod a_lock_guard_of_a_value_that_is_not_send {}

/// A `LockGuard` is shared as its value is: a `Cell` can be sent with its guard, and not shared.
///
/// ```
/// let lock = nogil::Lock::new(1);
/// let guard = lock.acquire();
/// std::thread::scope(|scope| { scope.spawn(|| assert_eq!(*guard, 1)); });
/// ```
///
/// ```compile_fail,E0277
/// let lock = nogil::Lock::new(std::cell::Cell::new(1));
/// let guard = lock.acquire();
/// std::thread::scope(|scope| { scope.spawn(|| assert_eq!(guard.get(), 1)); });
/// ```
mod a_lock_guard_of_a_value_that_is_not_sync {}

/// A `MappedLockGuard` is sent and shared as its part is.
///
/// ```
/// # use nogil::{Lock, generic::LockGuard};
/// let lock = Lock::new((1, 2));
/// let part = LockGuard::map(lock.acquire(), |pair| &mut pair.0);
/// std::thread::scope(|scope| { scope.spawn(|| assert_eq!(*part, 1)); });
/// std::thread::scope(|scope| { scope.spawn(move || drop(part)); });
/// ```
///
/// ```compile_fail,E0277
/// # use nogil::{Lock, generic::LockGuard};
/// let lock = Lock::new((std::cell::Cell::new(1), 2));
/// let part = LockGuard::map(lock.acquire(), |pair| &mut pair.0);
/// std::thread::scope(|scope| { scope.spawn(|| assert_eq!(part.get(), 1)); });
/// ```
///
/// ```compile_fail,E0277
/// # use nogil::{Lock, generic::LockGuard};
/// let lock = Lock::new((std::rc::Rc::new(1), 2));
/// let part = LockGuard::map(lock.acquire(), |pair| &mut pair.0);
/// std::thread::scope(|scope| { scope.spawn(move || drop(part)); });
/// ```
mod a_mapped_lock_guard_that_is_not_send_or_sync {}

/// A lock can be shared when its value can be sent.
///
/// ```
/// let lock = nogil::Lock::new(std::cell::Cell::new(1));
/// std::thread::scope(|scope| { scope.spawn(|| lock.acquire().set(2)); });
/// ```
///
/// ```compile_fail,E0277
/// let lock = nogil::Lock::new(std::rc::Rc::new(1));
/// std::thread::scope(|scope| { scope.spawn(|| drop(lock.acquire())); });
/// ```
///
/// ```
/// let lock = nogil::RLock::new(std::cell::Cell::new(1));
/// std::thread::scope(|scope| { scope.spawn(|| lock.acquire().set(2)); });
/// ```
///
/// ```compile_fail,E0277
/// let lock = nogil::RLock::new(std::rc::Rc::new(1));
/// std::thread::scope(|scope| { scope.spawn(|| drop(lock.acquire())); });
/// ```
mod a_lock_of_a_value_that_is_not_send {}

/// An `RLockGuard` cannot outlive its lock.
///
/// ```
/// let lock = nogil::RLock::new(1);
/// let guard = lock.acquire();
/// drop(guard);
/// drop(lock);
/// ```
///
/// ```compile_fail,E0505
/// let lock = nogil::RLock::new(1);
/// let guard = lock.acquire();
/// drop(lock);
/// drop(guard);
/// ```
mod an_rlock_guard_borrows_its_lock {}

/// An `RLockGuard` cannot leave its thread, for only the owner may release. It can be shared when its value can.
///
/// ```
/// let lock = nogil::RLock::new(1);
/// let guard = lock.acquire();
/// std::thread::scope(|scope| { scope.spawn(|| assert_eq!(*guard, 1)); });
/// ```
///
/// ```compile_fail,E0277
/// let lock = nogil::RLock::new(1);
/// let guard = lock.acquire();
/// std::thread::scope(|scope| { scope.spawn(move || drop(guard)); });
/// ```
///
/// ```compile_fail,E0277
/// let lock = nogil::RLock::new(std::cell::Cell::new(1));
/// let guard = lock.acquire();
/// std::thread::scope(|scope| { scope.spawn(|| assert_eq!(guard.get(), 1)); });
/// ```
mod an_rlock_guard_stays_in_its_thread {}

/// Nor can one that owns its lock. It borrows nothing.
///
/// ```
/// # use nogil::{OwnedRLockGuard, RLock, RLockGuard};
/// # use std::sync::Arc;
/// let lock = Arc::new(RLock::new(1));
/// let guard: OwnedRLockGuard<i32> = RLockGuard::into_owned(lock.acquire(), &lock);
/// drop(lock);
/// drop(guard);
/// ```
///
/// ```compile_fail,E0277
/// # use nogil::{OwnedRLockGuard, RLock, RLockGuard};
/// # use std::sync::Arc;
/// let lock = Arc::new(RLock::new(1));
/// let guard: OwnedRLockGuard<i32> = RLockGuard::into_owned(lock.acquire(), &lock);
/// std::thread::spawn(move || drop(guard));
/// ```
mod an_owned_rlock_guard_stays_in_its_thread {}

/// Nor can one of a part, which is shared as its part is. A part cannot leave the closure that maps to it.
///
/// ```
/// # use nogil::{RLock, RLockGuard};
/// let lock = RLock::new((1, 2));
/// let part = RLockGuard::map(lock.acquire(), |pair| &pair.0);
/// std::thread::scope(|scope| { scope.spawn(|| assert_eq!(*part, 1)); });
/// ```
///
/// ```compile_fail,E0277
/// # use nogil::{RLock, RLockGuard};
/// let lock = RLock::new((1, 2));
/// let part = RLockGuard::map(lock.acquire(), |pair| &pair.0);
/// std::thread::scope(|scope| { scope.spawn(move || drop(part)); });
/// ```
///
/// ```compile_fail,E0277
/// # use nogil::{RLock, RLockGuard};
/// let lock = RLock::new((std::cell::Cell::new(1), 2));
/// let part = RLockGuard::map(lock.acquire(), |pair| &pair.0);
/// std::thread::scope(|scope| { scope.spawn(|| assert_eq!(part.get(), 1)); });
/// ```
///
/// ```compile_fail
/// # use nogil::{RLock, RLockGuard};
/// let lock = RLock::new((1, 2));
/// let mut leaked = None;
/// let part = RLockGuard::map(lock.acquire(), |pair| {
///     leaked = Some(&pair.1);
///     &pair.0
/// });
/// drop(part);
/// ```
mod a_mapped_rlock_guard_stays_in_its_thread {}

/// An `RLockGuard` gives no `&mut T`, since there may be others.
///
/// ```
/// let lock = nogil::Lock::new(1);
/// *lock.acquire() = 2;
/// ```
///
/// ```compile_fail,E0594
/// let lock = nogil::RLock::new(1);
/// *lock.acquire() = 2;
/// ```
mod an_rlock_guard_is_not_deref_mut {}

/// Nothing refers to the value while its lock is released, for a wait or for another thread's turn.
///
/// ```
/// # use nogil::{Condition, Lock};
/// let (lock, condition) = (Lock::new(1), Condition::new());
/// let mut guard = lock.acquire();
/// let value: &mut i32 = &mut guard;
/// *value = 2;
/// condition.wait_timeout(&mut guard, std::time::Duration::ZERO);
/// ```
///
/// ```compile_fail,E0499
/// # use nogil::{Condition, Lock};
/// let (lock, condition) = (Lock::new(1), Condition::new());
/// let mut guard = lock.acquire();
/// let value: &mut i32 = &mut guard;
/// condition.wait_timeout(&mut guard, std::time::Duration::ZERO);
/// *value = 2;
/// ```
///
/// ```compile_fail,E0502
/// # use nogil::{Lock, generic::LockGuard};
/// let lock = Lock::new(1);
/// let mut guard = lock.acquire();
/// let value: &i32 = &guard;
/// LockGuard::hand_over(&mut guard);
/// assert_eq!(*value, 1);
/// ```
///
/// ```compile_fail
/// # use nogil::{Condition, Lock};
/// let (lock, condition) = (Lock::new(1), Condition::new());
/// let mut leaked = None;
/// condition.wait_for(&mut lock.acquire(), |value| {
///     leaked = Some(value);
///     true
/// });
/// ```
mod nothing_refers_to_a_released_value {}

/// A condition waits with an `RLockGuard` of a `Sync` value only: references through outer guards live on while another
/// thread has the lock.
///
/// ```
/// # use nogil::{Condition, RLock};
/// # use std::sync::atomic::AtomicU32;
/// let (lock, condition) = (RLock::new(AtomicU32::new(1)), Condition::new());
/// condition.wait_timeout(&mut lock.acquire(), std::time::Duration::ZERO);
/// ```
///
/// ```compile_fail,E0277
/// # use nogil::{Condition, RLock};
/// # use std::cell::Cell;
/// let (lock, condition) = (RLock::new(Cell::new(1)), Condition::new());
/// condition.wait_timeout(&mut lock.acquire(), std::time::Duration::ZERO);
/// ```
mod a_condition_needs_a_sync_value_under_an_rlock {}

/// A condition waits with whole guards of this crate only: not with that of a part, which another thread could do away with,
/// nor with a stranger's.
///
/// ```
/// # use nogil::{Condition, Lock};
/// let (lock, condition) = (Lock::new((1, 2)), Condition::new());
/// condition.wait_timeout(&mut lock.acquire(), std::time::Duration::ZERO);
/// ```
///
/// ```compile_fail,E0277
/// # use nogil::{Condition, Lock, generic::LockGuard};
/// let (lock, condition) = (Lock::new((1, 2)), Condition::new());
/// let mut part = LockGuard::map(lock.acquire(), |pair| &mut pair.0);
/// condition.wait_timeout(&mut part, std::time::Duration::ZERO);
/// ```
///
/// ```compile_fail,E0277
/// # use nogil::{Condition, RLock, RLockGuard};
/// let (lock, condition) = (RLock::new((1, 2)), Condition::new());
/// let mut part = RLockGuard::map(lock.acquire(), |pair| &pair.0);
/// condition.wait_timeout(&mut part, std::time::Duration::ZERO);
/// ```
///
/// ```compile_fail,E0277
/// # use nogil::Condition;
/// let (lock, condition) = (std::sync::Mutex::new((1, 2)), Condition::new());
/// condition.wait_timeout(&mut lock.lock().unwrap(), std::time::Duration::ZERO);
/// ```
mod a_condition_waits_with_whole_guards {}

/// A condition waits with guards of its own wing only.
///
/// ```
/// # use nogil::{Wing, generic::{Condition, LockGuard}};
/// fn wait<W: Wing>(condition: &Condition<W>, guard: &mut LockGuard<'_, i32, W>) {
///     condition.wait(guard);
/// }
/// ```
///
/// ```compile_fail
/// # use nogil::{Wing, generic::{Condition, LockGuard}};
/// fn wait<V: Wing, W: Wing>(condition: &Condition<V>, guard: &mut LockGuard<'_, i32, W>) {
///     condition.wait(guard);
/// }
/// ```
mod a_condition_waits_with_guards_of_its_wing {}

/// The guards of `acquire_all` cannot outlive the locks.
///
/// ```
/// let locks = (nogil::Lock::new(1), nogil::RLock::new(2));
/// let guards = nogil::acquire_all((&locks.0, &locks.1));
/// drop(guards);
/// drop(locks);
/// ```
///
/// ```compile_fail,E0505
/// let locks = (nogil::Lock::new(1), nogil::RLock::new(2));
/// let guards = nogil::acquire_all((&locks.0, &locks.1));
/// drop(locks);
/// drop(guards);
/// ```
mod guards_of_several_locks_borrow_them {}
