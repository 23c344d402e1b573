//! std's atomics, and a futex, at which a thread is held up at random: for the tests of `ci/chaos.sh`.
//!
//! The system takes the processor from a thread at the end of its time slice, which hardly ever falls between two given steps. Here a thread may let others run,
//! pause or sleep before each access, so that theirs fall between any two of its own. And what may fail or end for no reason does: an exchange that is called weak, a
//! wait, and a move from one word to another, which a sandbox may forbid. All else is as always: the threads, the memory, and the time.
//!
//! A seed would repeat nothing, since it is the system that says who runs next. So each run draws other numbers.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::hint::spin_loop;
use std::sync::atomic as std_atomic;
use std::thread;
use std::time::{Duration, Instant};

use super::futex::{FutexWord, system};

pub(crate) use std::sync::atomic::Ordering;

/// One access in so many is held up.
const HELD_UP: u64 = 16;
/// Of those, one in so many by a sleep, and another by pauses.
const ASLEEP: u64 = 8;
const SLEEP: Duration = Duration::from_micros(20);
const PAUSES: u32 = 200;
/// One in so many of those that may fail for no reason.
const IN_VAIN: u64 = 8;

/// Whether a thing that happens once in so many times happens now.
fn once_in(times: u64) -> bool {
    random() % times == 0
}

fn random() -> u64 {
    thread_local! {
        // Without a destructor, so that it can be drawn from while the thread ends. Never zero, which would stay so.
        static LAST: Cell<u64> = Cell::new(RandomState::new().hash_one(()) | 1);
    }
    LAST.with(|last| {
        // Marsaglia's xorshift.
        let mut x = last.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        last.set(x);
        x >> 8 // The lowest bits are the least random.
    })
}

/// Holds the thread up, or does not.
fn hold_up() {
    if once_in(HELD_UP) {
        match random() % ASLEEP {
            0 => thread::sleep(SLEEP),
            1 => (0..PAUSES).for_each(|_| spin_loop()),
            _ => thread::yield_now(),
        }
    }
}

/// As the system's, and may return spuriously before it has slept.
pub(crate) fn wait(word: &impl FutexWord, expected: u32, place: Option<u32>, deadline: Option<Instant>) -> bool {
    hold_up();
    !once_in(IN_VAIN) && system::wait(word, expected, place, deadline)
}

/// As the system's.
pub(crate) fn wake(address: *const u32, threads: usize) {
    hold_up();
    system::wake(address, threads);
}

/// As the system's.
pub(crate) fn wake_places(address: *const u32, places: u32) {
    hold_up();
    system::wake_places(address, places);
}

/// As the system's, and may be refused.
pub(crate) fn requeue(from: *const u32, to: *const u32) {
    hold_up();
    if once_in(IN_VAIN) {
        system::wake(from, 1);
    } else {
        system::requeue(from, to);
    }
}

/// Types with the names of std's, of which they have what the engines use; each with those of the calls `fetch_...` that are named.
macro_rules! atomics {
    ($($Atomic:ident $(<$T:ident>)?($Value:ty) $($fetch:ident)*;)*) => {$(
        #[repr(transparent)]
        pub(crate) struct $Atomic$(<$T>)?(std_atomic::$Atomic$(<$T>)?);

        #[allow(dead_code, reason = "no engine needs every call of every type")]
        impl$(<$T>)? $Atomic$(<$T>)? {
            pub(crate) const fn new(value: $Value) -> Self {
                Self(std_atomic::$Atomic::new(value))
            }

            pub(crate) fn load(&self, order: Ordering) -> $Value {
                hold_up();
                self.0.load(order)
            }

            pub(crate) fn store(&self, value: $Value, order: Ordering) {
                hold_up();
                self.0.store(value, order);
            }

            pub(crate) fn swap(&self, value: $Value, order: Ordering) -> $Value {
                hold_up();
                self.0.swap(value, order)
            }

            $(pub(crate) fn $fetch(&self, value: $Value, order: Ordering) -> $Value {
                hold_up();
                self.0.$fetch(value, order)
            })*

            pub(crate) fn compare_exchange(
                &self,
                current: $Value,
                new: $Value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$Value, $Value> {
                hold_up();
                self.0.compare_exchange(current, new, success, failure)
            }

            pub(crate) fn compare_exchange_weak(
                &self,
                current: $Value,
                new: $Value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$Value, $Value> {
                if once_in(IN_VAIN) {
                    return Err(self.load(failure));
                }
                self.compare_exchange(current, new, success, failure)
            }

            pub(crate) fn fetch_update(
                &self,
                set: Ordering,
                fetch: Ordering,
                mut new: impl FnMut($Value) -> Option<$Value>,
            ) -> Result<$Value, $Value> {
                let mut current = self.load(fetch);
                while let Some(new) = new(current) {
                    match self.compare_exchange_weak(current, new, set, fetch) {
                        Ok(_) => return Ok(current),
                        Err(other) => current = other,
                    }
                }
                Err(current)
            }
        }
    )*};
}

atomics! {
    AtomicBool(bool);
    AtomicU8(u8);
    AtomicU32(u32) fetch_add fetch_or fetch_sub;
    AtomicU64(u64) fetch_add fetch_and fetch_or;
    AtomicI64(i64);
    AtomicUsize(usize) fetch_max;
    AtomicPtr<T>(*mut T);
}

#[cfg(test)]
mod tests {
    use super::Ordering::Relaxed;
    use super::*;

    #[test]
    fn an_access_is_held_up_now_and_then() {
        let word = AtomicU32::new(0);
        let begin = Instant::now();
        assert!((0..100_000).all(|_| word.load(Relaxed) == 0));
        // The loads take a millisecond or two. There are 780 sleeps on average, and hardly ever fewer than 500.
        assert!(begin.elapsed() >= 500 * SLEEP, "took {:?}", begin.elapsed());
    }

    #[test]
    fn a_weak_exchange_fails_for_no_reason_now_and_then() {
        let word = AtomicU32::new(0);
        let failures = (0..1000).filter(|_| word.compare_exchange_weak(0, 0, Relaxed, Relaxed) == Err(0)).count();
        assert!((1..1000).contains(&failures), "{failures} of 1000");
        assert!((0..1000).all(|_| word.compare_exchange(0, 0, Relaxed, Relaxed) == Ok(0)));
    }

    #[test]
    fn a_wait_ends_for_no_reason_now_and_then() {
        let word = AtomicU32::new(0);
        let expired = || wait(&word, 0, None, Some(Instant::now() + Duration::from_millis(1)));
        let spurious = (0..200).filter(|_| !expired()).count();
        assert!((1..200).contains(&spurious), "{spurious} of 200");
    }
}
