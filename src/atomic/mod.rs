//! The atomic wing: each primitive but the priority queue from atomics, without a lock on the way through while nobody waits, asleep only when there is nothing to do.
//!
//! Each file that has an algorithm of its own begins with its source, a table of its states and a table of its happens-before edges; each atomic
//! operation names the edge that it serves, or says why it needs none. An *edge* is a pair of steps of which the second, if it sees the first, also sees all that came before that; a *look* is a load.
//!
//! To read them for the first time: `counter` and `event`, each a single word, and `lock`, a word and a count; `park::attempts`, how threads wait at a queue and are helped; then `queue` with `ring`; then `segments`,
//! `reclaim` and `stack`.

#![expect(missing_debug_implementations, reason = "an engine is shown by its facade, which asks it for a snapshot")]

mod barrier;
mod condition;
mod counter;
mod event;
mod fifo;
mod garbage;
mod lines;
mod lock;
mod queue;
mod reclaim;
mod ring;
mod segment;
mod segments;
mod semaphore;
mod simple_queue;
mod stack;
mod stripes;
mod teardown;

use crate::aliases::aliases;
use crate::engine::{Wing, sealed::Sealed};

pub use crate::sharded_counter::ShardedCounter;
pub(crate) use stripes::Engine as Stripes;

/// The wing of engines made from atomics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Atomic;

impl Sealed for Atomic {}

impl Wing for Atomic {
    const NAME: &'static str = "atomic";

    type Lock = lock::Engine;
    type Condition = condition::Engine;
    type Semaphore = semaphore::Engine;
    type Event = event::Engine;
    type Barrier = barrier::Engine;
    type Counter = counter::Engine;
    type Queue<T> = queue::Engine<fifo::Fifo<T>>;
    type LifoQueue<T> = queue::Engine<stack::Stack<T>>;
    type SimpleQueue<T> = simple_queue::Engine<T>;
}

/// The queues' facades share their engines between threads whenever the items may be sent; here the compiler checks that
/// these engines allow it.
fn _engines_are_shared<T: Send>() {
    fn shared<E: Send + Sync>() {}
    shared::<queue::Engine<fifo::Fifo<T>>>();
    shared::<queue::Engine<stack::Stack<T>>>();
    shared::<simple_queue::Engine<T>>();
}

aliases!(Atomic);
