//! What holds in every order of steps: each model runs small threads of its own under loom, which tries all of their
//! interleavings and, for each look at an atomic, every value that its ordering allows.
//!
//! One body per model, over every wing. The edges in the headers of `src/atomic` and `src/park` name the models that check
//! them, as `file::model`; `cargo loom lock::hands_data_over` runs those of that name, each in a process of its own, and says how many
//! executions each took.

#![cfg(nogil_loom)]

// `tests/shuttle` shares the models, and has another.
use loom as engine;

mod harness;

mod acquire_all;
mod barrier;
mod collector;
mod condition;
mod counter;
mod event;
mod lock;
mod rlock;
mod semaphore;
mod timer;

// The queues.
mod history;
mod queue;
mod simple_queue;
mod turns;
