//! Threads that race for the rare moment: each test repeats one small race many times, and counts what came out of it.
//!
//! The conformance suite asks what each call does. Here stands what has bitten comparable libraries: a wait that expires at the very
//! moment of its success, the last users of a queue that leave together, a shutdown amid everything else, far more threads
//! than processors, and a single processor. A test goes on for a fixed time, a quarter of a second unless `NOGIL_STRESS_MS` says
//! otherwise, and for a few rounds at least; its random numbers are the same in every run, its schedule is the machine's.

#![cfg(not(any(nogil_loom, nogil_shuttle)))]

mod harness;

mod stress {
    mod crowd;
    mod expiry;
    mod one_cpu;
    mod race;
    mod shutdown;
    mod teardown;
}
