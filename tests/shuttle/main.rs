//! Programs of four to eight threads and many calls each, in orders of steps that are drawn: a second opinion on what loom, which
//! tries all orders of two or three threads within a bound, cannot reach. And loom's own models, in orders beyond that bound.
//!
//! shuttle runs each in `NOGIL_SCHEDULES` orders drawn evenly, and in as many by priorities that change at a few moments (PCT).
//! A thread that nobody wakes any more is a deadlock, and fails. One body per program, over every wing or queue.
//!
//! A failure prints its schedule. With its lines in `NOGIL_REPLAY`, `cargo shuttle NAME` repeats that one order; `NOGIL_SEED` draws others.

#![cfg(nogil_shuttle)]

use shuttle as engine;

mod harness;

mod barrier;
mod condition;
mod counter;
mod event;
mod lock;
mod queue;
mod segments;
mod semaphore;
mod simple_queue;

mod models;

// What the models need.
#[path = "../loom/history.rs"]
mod history;
mod turns {
    pub(crate) use crate::harness::{model, model as large_model, spawn};
}
