//! What Python does, and what this crate does better: one body per case, run over every wing.
//!
//! The cases are numbered as in the catalogue of CPython's own tests that they answer: `s16_08_…` is case 8 of the lock
//! primitives (`Lib/test/lock_tests.py`), `s17_…` of the queues (`Lib/test/test_queue.py`), `s18_…` of those elsewhere in
//! CPython's suite, `s19_…` of the holes in it. The bodies are our own.
//!
//! These cases mean nothing here, and have no test:
//!
//! | case | why |
//! |---|---|
//! | s16 12, 17, 31 | weak references and forking |
//! | s16 20, 23, 25, 34, 35 | a lock that is not held is released, waited with or notified: a guard is needed, and only its holder has one; what else the types forbid is in `src/compile_fail.rs` |
//! | s16 33 | a condition has no lock of its own: it takes that of the guard |
//! | s16 40, s17 4, 27 | negative permits and timeouts: the types have none |
//! | s16 63 | a default timeout: a barrier has none, and what one thread's own timeout does is the case of that number |
//! | s17 6 | a capacity that shrinks: it is fixed |
//! | s17 33 | which of two classes is the default |
//! | s18, a lock | that is not held is released: as s16 20. That its class takes no arguments and has no subclass: there is no class |
//! | s18, a timer | default arguments that all timers share: a closure has what it captures |
//! | s18, a thread | is started twice, or joined before it is started: a timer runs from when it is made, other threads are std's |
//! | s18, `local` | all of it: `std::thread_local!` |

#![cfg(not(any(nogil_loom, nogil_shuttle)))]

mod harness;

mod conformance {
    mod acquire_all;
    mod alike;
    mod barrier;
    mod condition;
    mod counter;
    mod errors;
    mod event;
    mod lock;
    mod priority_queue;
    mod queue;
    mod rlock;
    mod semaphore;
    mod sharded_counter;
    #[cfg(all(unix, not(miri)))]
    mod signals;
    mod simple_queue;
    mod timer;
}
