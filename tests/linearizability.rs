//! What several threads saw at the same time is what one thread alone could have seen: real histories, recorded and explained.
//!
//! Two to four threads make a few calls each, drawn from a seed, at a fresh object. Then an order of all calls is searched, in which the
//! plain object of `tests/plain` answers alike. The calls follow from the seed, the schedule is the machine's; so a history that fails
//! names its seed, to be tried again many times with `NOGIL_SEED`. `NOGIL_HISTORIES` says how many to try.

#![cfg(not(any(nogil_loom, nogil_shuttle)))]

#[allow(unused_macros, unused_imports, reason = "shared with tests that need it all")]
mod harness;
mod plain;

mod linearizability {
    pub(crate) mod check;
    mod others;
    mod queues;
    pub(crate) mod record;
    mod rejected;
}
