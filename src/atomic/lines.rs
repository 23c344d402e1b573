//! Whose the cache lines are in which items travel.
//!
//! A putter writes an item, and a getter on another processor reads it: now both have its line. Whoever writes the next item there must wait until the other's copy is gone, and a putter does so in full,
//! since its next exchange of an index waits for all that it wrote before. If the getter writes to the line as well, the line is the getter's alone. Processors recognise a line that one after another
//! reads and writes (*migratory sharing*: Cox and Fowler; Stenström, Brorsson and Sandberg; both 1993), hand it over whole at the read, and fetch it ahead for the next writer.
//! (Measured on a Zen 4 with items of a line each, put by one thread and got by another: a put 40 ns, and 150 in minutes in which the two processors are far from each other; with that write 11 in either.)
//!
//! Not where somebody may be waiting for what comes after the write, as in a small ring; nor in batches of an unbounded queue, which it makes slower as a rule.

use std::mem::MaybeUninit;

/// The length of a cache line, in bytes, in most processors. Where lines are longer, some are written to twice.
pub(super) const LINE: usize = 64;

/// Reads an item out, and writes to each cache line that ends in its place: the rest of a line may be another thread's.
///
/// # Safety
///
/// The item is there. It is the caller's, and so is its place.
#[inline]
pub(super) unsafe fn read_out<T>(place: *mut MaybeUninit<T>) -> T {
    // SAFETY: as asked.
    let item = unsafe { place.cast::<T>().read() };
    let bytes = place.cast::<u8>();
    let mut end = LINE - 1 - bytes.addr() % LINE;
    while end < size_of::<T>() {
        // SAFETY: in the place, and nothing is there any longer.
        unsafe { bytes.wrapping_add(end).write(0) };
        end += LINE;
    }
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(align(64))]
    struct Lines([MaybeUninit<u8>; 5 * LINE]);

    /// Of items of `N` bytes, at each place from the second line on.
    fn writes_to_the_last_byte_of_each_line<const N: usize>() {
        for begin in LINE..2 * LINE {
            let mut lines = Lines([MaybeUninit::new(7); 5 * LINE]);
            let place = lines.0[begin..].as_mut_ptr().cast::<MaybeUninit<[u8; N]>>();
            // SAFETY: all that is there are bytes, and ours.
            let item = unsafe { read_out(place) };
            assert_eq!(item, [7; N]);
            for (at, byte) in lines.0.iter().enumerate() {
                let is_written = (begin..begin + N).contains(&at) && at % LINE == LINE - 1;
                // SAFETY: written above.
                assert_eq!(unsafe { byte.assume_init() }, if is_written { 0 } else { 7 }, "{N} bytes at {begin}: {at}");
            }
        }
    }

    #[test]
    fn what_is_read_out_leaves_its_lines_written() {
        writes_to_the_last_byte_of_each_line::<0>();
        writes_to_the_last_byte_of_each_line::<1>();
        writes_to_the_last_byte_of_each_line::<24>();
        writes_to_the_last_byte_of_each_line::<LINE>();
        writes_to_the_last_byte_of_each_line::<{ 2 * LINE + 1 }>();
    }
}
