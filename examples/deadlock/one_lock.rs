//! One thread that takes one lock twice, as a method does that holds it and calls another which takes it too.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use nogil::{Wing, generic};

use crate::common::INTERRUPTED;
use crate::common::text::{heading, seconds};
use crate::wait_in_vain;

/// A `Lock` does not know who holds it, so the thread waits for itself. An `RLock` lets its owner in again.
pub(crate) fn show<W: Wing>(wing: W, patience: Duration, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}", heading("One thread, one lock, taken twice"))?;
    let lock = generic::Lock::new_in(wing, ());
    let _held = lock.acquire();
    let begin = Instant::now();
    let again = wait_in_vain(patience, |deadline| lock.acquire_deadline(deadline));
    if INTERRUPTED.is_set() {
        return Ok(());
    }
    let outcome = again.map_or(format!("gave up after {}", seconds(begin.elapsed())), |_| "got it".into());
    writeln!(out, " Lock   held, and waited for by its holder: {outcome}")?;

    let lock = generic::RLock::new_in(wing, ());
    let _held = lock.acquire();
    let again = wait_in_vain(patience, |deadline| lock.acquire_deadline(deadline));
    let outcome = again.map_or("gave up".into(), |_again| format!("got it, {} deep", lock.recursion_count()));
    writeln!(out, " RLock  held, and taken by its holder: {outcome}\n")
}
