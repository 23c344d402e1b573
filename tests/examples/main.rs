//! The examples, run as their users run them: each module runs one and checks what it prints, how it refuses bad flags, and
//! how it ends.
#![cfg(not(any(nogil_loom, miri)))]

mod bench_primitives;
mod bounded_buffer;
mod connection_pool;
mod deadlock;
mod gil;
mod memory_order;
mod pipeline;
mod program;
mod race_condition;
mod tree;
mod two_phase_locking;
mod word_count;
