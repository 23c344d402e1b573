//! What Python does, and what this crate does better: one body per case, run over every wing.
//!
//! The cases are numbered as in the catalogue of CPython's own tests that they answer: `s16_08_…` is case 8 of the lock
//! primitives (`Lib/test/lock_tests.py`), `s17_…` of the queues (`Lib/test/test_queue.py`), `s18_…` of those elsewhere in
//! CPython's suite, `s19_…` of the holes in it. The bodies are our own; what a case has to do with garbage collection,
//! forking or argument checks that Rust's types make is left out.

#![cfg(not(loom))]

mod harness;

mod conformance {
    mod acquire_all;
    mod alike;
    mod barrier;
    mod condition;
    mod counter;
    mod event;
    mod lock;
    mod priority_queue;
    mod queue;
    mod rlock;
    mod semaphore;
    mod simple_queue;
    mod timer;
}
