//! Each primitive as plain data: what a call answers when nobody else is there. One definition for the agreement test, the
//! linearizability test and the fuzzer.

#![allow(dead_code, reason = "each test binary that shares this leaves some of it")]

pub(crate) mod compare;
pub(crate) mod counter;
pub(crate) mod event;
pub(crate) mod queue;
pub(crate) mod semaphore;
pub(crate) mod simple_queue;

use std::fmt::Debug;
use std::hash::Hash;
use std::time::Duration;

/// The sequential specification of a primitive.
pub(crate) trait Plain: Clone + Eq + Hash + Debug {
    type Call: Clone + Debug + From<[u8; 2]> + Send + Sync;
    type Answer: Clone + PartialEq + Debug + Send;

    /// What the call answers, or `None`, and nothing is changed, if it would wait for ever in one thread alone.
    fn answer(&mut self, call: &Self::Call) -> Option<Self::Answer>;
}

/// A call and its answer.
pub(crate) type Step<P> = (<P as Plain>::Call, <P as Plain>::Answer);

/// For a wait that is to expire soon.
pub(crate) const INSTANT: Duration = Duration::from_micros(20);
