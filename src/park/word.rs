//! An address to wait at.

use crate::deadline::Deadline;
use crate::no_way_back::no_way_back;
use crate::primitive::{FutexWord, futex};

/// How many places a word has, at which those who sleep at it can be told apart.
pub(crate) const PLACES: u32 = futex::PLACES;

/// Sleeps if `expected` is still in the lower 32 bits of the word, until woken or until `deadline`; may return spuriously. Returns
/// whether the time is up; the caller looks at the word again before it believes that.
///
/// No wake-up is lost between the caller's look at the word and its sleep: the kernel compares under the lock that a waker
/// takes, so a waker that changed the word before is seen, and one that changes it afterwards finds the sleeper.
pub(crate) fn wait(word: &impl FutexWord, expected: u32, deadline: Deadline) -> bool {
    sleep(word, expected, None, deadline)
}

/// As `wait`, in a place of the word, below [`PLACES`].
pub(crate) fn wait_in_place(word: &impl FutexWord, expected: u32, place: u32, deadline: Deadline) -> bool {
    sleep(word, expected, Some(place), deadline)
}

fn sleep(word: &impl FutexWord, expected: u32, place: Option<u32>, deadline: Deadline) -> bool {
    // A sleep may panic, as the portable futex does on a system that cannot wait, while others refer to what is on this thread's stack.
    no_way_back(|| match deadline {
        Deadline::Now => true,
        Deadline::At(instant) => futex::wait(word, expected, place, Some(instant)),
        Deadline::Never => futex::wait(word, expected, place, None),
    })
}

/// Wakes up to `threads` of those that sleep at the word. (As a rule the longest sleeper first; a system may have priorities.)
pub(crate) fn wake(word: &impl FutexWord, threads: usize) {
    futex::wake(word.address(), threads);
}

/// Wakes those that sleep at the word in one of the places whose bits are set.
pub(crate) fn wake_places(word: &impl FutexWord, places: u32) {
    futex::wake_places(word.address(), places);
}

/// Wakes one that sleeps at the address of a word, which need not be there any longer.
pub(crate) fn wake_at(address: *const u32) {
    futex::wake(address, 1);
}

/// Lets the thread that sleeps at `from`, if one does, sleep on at `to`. Whoever wakes a thread at `to` from then on finds it. (Of several it is any
/// one.)
pub(crate) fn requeue(from: &impl FutexWord, to: &impl FutexWord) {
    futex::requeue(from.address(), to.address());
}
