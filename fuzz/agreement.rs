//! The comparison of `tests/agreement.rs`, with sequences of calls that coverage leads to what no sequence has reached before.
//!
//! `cargo +nightly fuzz run agreement`, and with the file that a failure names after that, that one sequence again.

#![no_main]

#[path = "../tests/plain/mod.rs"]
mod plain;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use plain::compare;

#[derive(Arbitrary, Debug)]
enum Primitive {
    Queue(Capacity),
    LifoQueue(Capacity),
    PriorityQueue(Capacity),
    SimpleQueue,
    Semaphore(Few),
    BoundedSemaphore(Few),
    Event,
    Counter,
    Lock,
    RLock,
    Barrier(Few),
}

#[derive(Arbitrary, Debug)]
enum Capacity {
    Small(Few),
    /// More than is ever put, and so much that the atomic wing keeps its items in another way.
    Large,
    Unbounded,
}

impl Capacity {
    fn get(&self) -> Option<usize> {
        match self {
            Capacity::Small(few) => Some(1 + few.get()),
            Capacity::Large => Some(1 << 20),
            Capacity::Unbounded => None,
        }
    }
}

/// A number below five.
#[derive(Arbitrary, Debug)]
struct Few(u8);

impl Few {
    fn get(&self) -> usize {
        usize::from(self.0 % 5)
    }
}

/// Each two bytes are a call and its argument.
type Bytes = Vec<[u8; 2]>;

fn calls<C: From<[u8; 2]>>(bytes: &Bytes) -> Vec<C> {
    bytes.iter().copied().map(C::from).collect()
}

/// Each first byte is a step, one of so many.
fn steps(bytes: &Bytes, kinds: u8) -> Vec<u8> {
    bytes.iter().map(|[step, _]| step % kinds).collect()
}

fuzz_target!(|input: (Primitive, Bytes)| {
    let (primitive, bytes) = &input;
    match primitive {
        Primitive::Queue(capacity) => compare::queues(capacity.get(), &calls(bytes)),
        Primitive::LifoQueue(capacity) => compare::lifo_queues(capacity.get(), &calls(bytes)),
        Primitive::PriorityQueue(capacity) => compare::priority_queues(capacity.get(), &calls(bytes)),
        Primitive::SimpleQueue => compare::simple_queues(&calls(bytes)),
        Primitive::Semaphore(permits) => compare::semaphores(permits.get(), &calls(bytes)),
        Primitive::BoundedSemaphore(permits) => compare::bounded_semaphores(permits.get(), &calls(bytes)),
        Primitive::Event => compare::events(&calls(bytes)),
        Primitive::Counter => compare::counters(&calls(bytes)),
        Primitive::Lock => compare::locks(&steps(bytes, 3)),
        Primitive::RLock => compare::reentrant_locks(&steps(bytes, 3)),
        Primitive::Barrier(parties) => compare::barriers(1 + parties.get(), &steps(bytes, 4)),
    }
});
