//! An address to wait at: the kernel's futex on Linux of 64 bits, parking_lot's portable one elsewhere. (On Linux of 32 bits the
//! kernel has two such calls, for two widths of time, and which one fits the C library is not to be known here. Miri knows few of the kernel's calls,
//! and no waiting at one half of a word.)

use std::time::Instant;

use super::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// A word at whose address threads can wait. Of 64 bits the lower 32 are compared.
pub(crate) trait FutexWord {
    fn address(&self) -> *const u32;

    /// What stands at the address, for whoever decides in the kernel's place whether to sleep.
    #[cfg_attr(
        all(target_os = "linux", target_pointer_width = "64", not(miri)),
        expect(dead_code, reason = "the kernel reads it")
    )]
    fn read(&self) -> u32;
}

impl FutexWord for AtomicU32 {
    fn address(&self) -> *const u32 {
        std::ptr::from_ref(self).cast()
    }

    fn read(&self) -> u32 {
        // Relaxed: whoever changes the word then wakes, and waker and waiter meet in the bucket's lock.
        self.load(Relaxed)
    }
}

impl FutexWord for AtomicU64 {
    fn address(&self) -> *const u32 {
        let halves = std::ptr::from_ref(self).cast::<u32>();
        if cfg!(target_endian = "big") { halves.wrapping_add(1) } else { halves }
    }

    fn read(&self) -> u32 {
        // Relaxed: as above. The cast keeps the lower half.
        self.load(Relaxed) as u32
    }
}

#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
pub(super) use linux as system;
#[cfg(not(all(target_os = "linux", target_pointer_width = "64", not(miri))))]
pub(super) use portable as system;

#[cfg(nogil_chaos)]
pub(crate) use super::chaos::{requeue, wait, wake, wake_places};
#[cfg(not(nogil_chaos))]
pub(crate) use system::{requeue, wait, wake, wake_places};

/// How many places a word has.
pub(crate) const PLACES: u32 = u32::BITS;

#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
pub(super) mod linux {
    use super::{FutexWord, Instant};
    use std::ptr;
    use std::time::Duration;

    /// Sleeps if `expected` stands in the word, until woken or until `deadline`; may return spuriously. Returns whether the time is up.
    /// With a `place`, of [`PLACES`](super::PLACES), `wake_places` can tell it from others at the word.
    pub(crate) fn wait(word: &impl FutexWord, expected: u32, place: Option<u32>, deadline: Option<Instant>) -> bool {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let timeout = match left {
            Some(left) if left.is_zero() => return true,
            Some(left) => after(left),
            None => None,
        };
        let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
        let bits = place.map_or(libc::FUTEX_BITSET_MATCH_ANY as u32, |place| 1 << place);
        // SAFETY: the word outlives the call, the kernel only reads it, and `timeout` is null or points to a timespec above.
        let result = unsafe {
            libc::syscall(
                libc::SYS_futex,
                word.address(),
                libc::FUTEX_WAIT_BITSET | libc::FUTEX_PRIVATE_FLAG,
                expected,
                timeout,
                ptr::null::<u32>(),
                bits,
            )
        };
        result == -1 && std::io::Error::last_os_error().raw_os_error() == Some(libc::ETIMEDOUT)
    }

    /// The time of the kernel's clock when so much of it has passed, or for ever if that is longer than it can count.
    fn after(left: Duration) -> Option<libc::timespec> {
        let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `now` is valid for a write. (Nor can it fail: every Linux has this clock, the one of `Instant`.)
        unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
        let then = Duration::new(now.tv_sec as u64, now.tv_nsec as u32).checked_add(left)?;
        Some(libc::timespec { tv_sec: then.as_secs().try_into().ok()?, tv_nsec: then.subsec_nanos().into() })
    }

    /// Wakes up to `threads` of those that wait at `address`.
    ///
    /// The word need not be there any longer: the address is a key, and is not read. At worst another word lives there now,
    /// and a thread that waits for it wakes spuriously, which each is prepared for.
    pub(crate) fn wake(address: *const u32, threads: usize) {
        let threads = i32::try_from(threads).unwrap_or(i32::MAX);
        // SAFETY: the kernel takes a private futex's address as a key alone.
        unsafe { libc::syscall(libc::SYS_futex, address, libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, threads) };
    }

    /// Wakes those that wait at `address` in one of the places whose bits are set.
    pub(crate) fn wake_places(address: *const u32, places: u32) {
        // SAFETY: as in `wake`.
        unsafe {
            libc::syscall(
                libc::SYS_futex,
                address,
                libc::FUTEX_WAKE_BITSET | libc::FUTEX_PRIVATE_FLAG,
                i32::MAX,
                ptr::null::<libc::timespec>(),
                ptr::null::<u32>(),
                places,
            );
        }
    }

    /// Lets one of those that wait at `from` wait on at `to`. Both are keys alone, as in `wake`.
    pub(crate) fn requeue(from: *const u32, to: *const u32) {
        let (wakes, moves) = (0, 1_usize);
        // SAFETY: as in `wake`. (Without a comparison, which would read the word at `from`; the second number stands where other
        // calls have their timeout, and is as wide as a pointer.)
        let answer = unsafe {
            libc::syscall(libc::SYS_futex, from, libc::FUTEX_REQUEUE | libc::FUTEX_PRIVATE_FLAG, wakes, moves, to)
        };
        if answer < 0 {
            // A sandbox may not know the call. Who is woken instead goes to `to` by itself.
            wake(from, moves);
        }
    }
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64", not(miri))))]
pub(super) mod portable {
    use super::super::LONGEST_SLEEP;
    use super::{FutexWord, Instant, PLACES};
    use parking_lot_core::{
        DEFAULT_UNPARK_TOKEN, FilterOp, ParkResult, ParkToken, RequeueOp, park, unpark_filter, unpark_requeue,
    };

    /// By what a thread that sleeps here is known from those of other crates: a word may be gone when its sleeper is woken, and at its
    /// address may be one of theirs. To this is added the thread's place, or `PLACES` if it has none.
    const OURS: usize = 0x6e6f_6700;

    /// The thread's place, or `PLACES` if it has none; `None` for a sleeper of another crate.
    fn place(ParkToken(token): ParkToken) -> Option<u32> {
        token.checked_sub(OURS).and_then(|place| u32::try_from(place).ok()).filter(|place| *place <= PLACES)
    }

    /// Sleeps if `expected` stands in the word, until woken or until `deadline`; may return spuriously. Returns whether the time is up.
    /// With a `place`, of [`PLACES`], `wake_places` can tell it from others at the word.
    pub(crate) fn wait(word: &impl FutexWord, expected: u32, place: Option<u32>, deadline: Option<Instant>) -> bool {
        let (key, validate) = (word.address() as usize, || word.read() == expected);
        let token = ParkToken(OURS + place.unwrap_or(PLACES) as usize);
        let until = deadline.map(|deadline| deadline.min(Instant::now() + LONGEST_SLEEP));
        // SAFETY: the key is an address that this crate owns, and the callbacks neither panic nor park.
        let result = unsafe { park(key, validate, || {}, |_, _| {}, token, until) };
        // Before the deadline: spuriously.
        result == ParkResult::TimedOut && until == deadline
    }

    /// Wakes up to `threads` of those that wait at `address`.
    pub(crate) fn wake(address: *const u32, threads: usize) {
        let mut left = threads;
        let filter = |token| match place(token) {
            _ if left == 0 => FilterOp::Stop,
            Some(_) => {
                left -= 1;
                FilterOp::Unpark
            }
            None => FilterOp::Skip,
        };
        // SAFETY: the key is an address that this crate owns, or has owned, in which case others' sleepers sleep on; and the callbacks neither panic nor park.
        unsafe { unpark_filter(address as usize, filter, |_| DEFAULT_UNPARK_TOKEN) };
    }

    /// Wakes those that wait at `address` in one of the places whose bits are set.
    pub(crate) fn wake_places(address: *const u32, places: u32) {
        let filter = |token| match place(token) {
            Some(place) if place < PLACES && places & 1 << place != 0 => FilterOp::Unpark,
            _ => FilterOp::Skip,
        };
        // SAFETY: as in `wake`.
        unsafe { unpark_filter(address as usize, filter, |_| DEFAULT_UNPARK_TOKEN) };
    }

    /// Lets one of those that wait at `from` wait on at `to`.
    pub(crate) fn requeue(from: *const u32, to: *const u32) {
        // SAFETY: the keys are addresses that this crate owns, and the callbacks neither panic nor park.
        unsafe { unpark_requeue(from as usize, to as usize, || RequeueOp::RequeueOne, |_, _| DEFAULT_UNPARK_TOKEN) };
    }
}
