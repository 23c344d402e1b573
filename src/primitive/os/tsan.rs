//! std's `Mutex` and `Condvar`, for a run under ThreadSanitizer: `ci/tsan.sh`.
//!
//! The sanitizer follows the atomics of code that was compiled for it. std comes compiled without, and only its inlined fast paths
//! are seen; a hand-over by a slow path is not, and what the next holder does looks like a race. So each hand-over is told to it:
//! who lets a mutex go releases its address, and who has it acquires that. The atomic wing needs no such help.

use std::ops::{Deref, DerefMut};
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult, WaitTimeoutResult};
use std::time::Duration;

unsafe extern "C" {
    // Of the sanitizer's library, which is linked to what is compiled for it.
    safe fn __tsan_acquire(address: *const ());
    safe fn __tsan_release(address: *const ());
}

pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// `None` only while it is being passed to a wait.
    inner: Option<std::sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        match self.0.lock() {
            Ok(inner) => Ok(self.taken(inner)),
            Err(poisoned) => Err(PoisonError::new(self.taken(poisoned.into_inner()))),
        }
    }

    pub(crate) fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(inner) => Ok(self.taken(inner)),
            Err(TryLockError::Poisoned(poisoned)) => {
                Err(TryLockError::Poisoned(PoisonError::new(self.taken(poisoned.into_inner()))))
            }
            Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
        }
    }

    fn address(&self) -> *const () {
        std::ptr::from_ref(self).cast()
    }

    fn taken<'a>(&'a self, inner: std::sync::MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        __tsan_acquire(self.address());
        MutexGuard { mutex: self, inner: Some(inner) }
    }
}

impl<'a, T> MutexGuard<'a, T> {
    /// For a wait, which lets the mutex go.
    fn let_go(mut self) -> (&'a Mutex<T>, std::sync::MutexGuard<'a, T>) {
        __tsan_release(self.mutex.address());
        (self.mutex, self.inner.take().expect("it is there between waits"))
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        // Before the guard itself is dropped, which is what lets the mutex go.
        if self.inner.is_some() {
            __tsan_release(self.mutex.address());
        }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner.as_ref().expect("it is there between waits")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("it is there between waits")
    }
}

pub(crate) struct Condvar(std::sync::Condvar);

impl Condvar {
    pub(crate) const fn new() -> Self {
        Self(std::sync::Condvar::new())
    }

    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let (mutex, inner) = guard.let_go();
        match self.0.wait(inner) {
            Ok(inner) => Ok(mutex.taken(inner)),
            Err(poisoned) => Err(PoisonError::new(mutex.taken(poisoned.into_inner()))),
        }
    }

    pub(crate) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let (mutex, inner) = guard.let_go();
        match self.0.wait_timeout(inner, timeout) {
            Ok((inner, result)) => Ok((mutex.taken(inner), result)),
            Err(poisoned) => {
                let (inner, result) = poisoned.into_inner();
                Err(PoisonError::new((mutex.taken(inner), result)))
            }
        }
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}
