//! `Semaphore` and `BoundedSemaphore`.

use nogil::generic::{BoundedSemaphore, Permit, Semaphore};
use nogil::{ReleaseError, Wing};

use super::{INSTANT, Plain};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    TryAcquire(usize),
    AcquireTimeout(usize),
    Acquire(usize),
    Release(usize),
    Available,
}

use Call::{Acquire, AcquireTimeout, Available, Release, TryAcquire};

impl From<[u8; 2]> for Call {
    fn from([kind, argument]: [u8; 2]) -> Self {
        let n = usize::from(argument % 4);
        match kind % 8 {
            0 | 1 => TryAcquire(n),
            2 => AcquireTimeout(n),
            3 => Acquire(n),
            4..=6 => Release(n),
            _ => Available,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Is(bool),
    Number(usize),
}

use Answer::{Is, Number};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PlainSemaphore {
    pub(crate) permits: usize,
    pub(crate) ceiling: usize,
}

impl Plain for PlainSemaphore {
    type Call = Call;
    type Answer = Answer;

    fn answer(&mut self, call: &Call) -> Option<Answer> {
        let mut acquire = |n: usize| {
            let enough = self.permits >= n;
            self.permits -= if enough { n } else { 0 };
            enough
        };
        Some(match call {
            TryAcquire(n) | AcquireTimeout(n) => Is(acquire(*n)),
            Acquire(n) => acquire(*n).then_some(Is(true))?,
            Release(n) => {
                let fits = self.permits + n <= self.ceiling;
                self.permits += if fits { *n } else { 0 };
                Is(fits)
            }
            Available => Number(self.permits),
        })
    }
}

fn keep<W: Wing>(permit: Option<Permit<'_, W>>) -> Answer {
    Is(permit.map(Permit::forget).is_some())
}

/// Makes the call at a real semaphore. What is acquired is kept until a `Release`.
pub(crate) fn ask<W: Wing>(semaphore: &Semaphore<W>, call: &Call) -> Answer {
    match call {
        TryAcquire(n) => keep(semaphore.try_acquire_many(*n)),
        AcquireTimeout(n) => keep(semaphore.acquire_many_timeout(*n, INSTANT)),
        Acquire(n) => keep(Some(semaphore.acquire_many(*n))),
        Release(n) => {
            semaphore.release(*n);
            Is(true)
        }
        Available => Number(semaphore.available_permits()),
    }
}

/// The same for a bounded one.
pub(crate) fn ask_bounded<W: Wing>(semaphore: &BoundedSemaphore<W>, call: &Call) -> Answer {
    match call {
        TryAcquire(n) => keep(semaphore.try_acquire_many(*n)),
        AcquireTimeout(n) => keep(semaphore.acquire_many_timeout(*n, INSTANT)),
        Acquire(n) => keep(Some(semaphore.acquire_many(*n))),
        Release(n) => Is(semaphore.release(*n) != Err(ReleaseError)),
        Available => Number(semaphore.available_permits()),
    }
}
