//! Where the calling thread may run, for tests.

use std::mem;

/// The processors that the calling thread may use.
pub(super) fn processors() -> Vec<usize> {
    // SAFETY: a set of bits, of which zero is the empty one.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: the kernel writes as many bytes as are there.
    let told = unsafe { libc::sched_getaffinity(0, size_of_val(&set), &raw mut set) } == 0;
    // SAFETY: in the range of the set.
    let is_one = |processor: &usize| unsafe { libc::CPU_ISSET(*processor, &set) };
    (0..libc::CPU_SETSIZE as usize).filter(|processor| told && is_one(processor)).collect()
}

/// Whether the system lets it.
pub(super) fn move_to(processor: usize) -> bool {
    // SAFETY: as above.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: a number that came from such a set.
    unsafe { libc::CPU_SET(processor, &mut set) };
    // SAFETY: the kernel reads as many bytes as are there.
    unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) == 0 }
}
