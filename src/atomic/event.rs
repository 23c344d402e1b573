//! An event in one word: a flag, a mark for sleepers, and the number of times the flag was raised.
//!
//! # State
//!
//! | bits | meaning | who changes them |
//! |---|---|---|
//! | 0, `SET` | the flag | `set` raises it, `clear` lowers it |
//! | 1, `AWAITED` | threads may sleep; only while the flag is down | one about to sleep raises it, the next `set` lowers it |
//! | 2 to 63, the generation | how often the flag was raised | `set`, in the same exchange that raises it |
//!
//! A waiter notes the generation and sleeps while the word is as it left it. A `set` takes the mark and wakes all; a `clear` that
//! follows lowers the flag, but the generation has moved, and by that a late waiter sees that it was released. The kernel
//! compares the lower half of the word before it lets a thread sleep, so a waiter would miss a set only if 2^30 of them came
//! between its last look and its sleep.
//!
//! Flag, mark and generation share a word on purpose: a setter that saw no mark and a waiter that saw no flag would each have
//! to come before the other in the order of changes of that one word. So no wake-up is lost, and nothing here needs `SeqCst`.
//!
//! # Memory ordering
//!
//! | edge | from | to | carries | model |
//! |---|---|---|---|---|
//! | E1 | `set`, write of the word | `wait`, `is_set`: the look that finds it set, or raised since | what the setter did | `event::set_publishes` |
//! | E2 | `set`, write of the word | `clear`, exchange that comes after it | what the setter did | `event::clear_then_look_misses_nothing` |
//!
//! E2 is for a worker that clears the event, looks for work, and waits if there is none: a set that its clear undoes must show
//! it the work that was announced by it, or it would sleep beside it.

use crate::deadline::Deadline;
use crate::engine::RawEvent;
use crate::park::word;
use crate::primitive::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::primitive::{Spin, const_unless_model};

const SET: u64 = 1;
const AWAITED: u64 = 2;
const ONE_GENERATION: u64 = 4;

fn is_set(state: u64) -> bool {
    state & SET != 0
}

fn is_awaited(state: u64) -> bool {
    state & AWAITED != 0
}

fn generation(state: u64) -> u64 {
    state / ONE_GENERATION
}

pub struct Engine {
    state: AtomicU64,
}

impl Engine {
    const_unless_model! {
        pub const fn new() -> Self {
            Self { state: AtomicU64::new(0) }
        }
    }

    #[cold]
    fn wait_slowly(&self, deadline: Deadline) -> bool {
        // Acquire: E1, here and at each look below.
        let mut state = self.state.load(Acquire);
        let arrival = generation(state);
        let spin = Spin::new(deadline.instant());
        let mut expired = matches!(deadline, Deadline::Now);
        loop {
            // Before the time is said to be up, too: a set at the last moment counts.
            if is_set(state) || generation(state) != arrival {
                return true;
            }
            if expired {
                return false;
            }
            if !spin.again() {
                if is_awaited(state) {
                    expired = word::wait(&self.state, state as u32, deadline);
                } else if let Err(changed) =
                    // Relaxed: the mark carries nothing. Acquire on failure: E1, for the look that it is.
                    self.state.compare_exchange_weak(state, state | AWAITED, Relaxed, Acquire)
                {
                    state = changed;
                    continue;
                }
            }
            state = self.state.load(Acquire); // E1
        }
    }
}

impl RawEvent for Engine {
    fn new() -> Self {
        Self::new()
    }

    #[inline]
    fn set(&self) {
        // Relaxed: a look; the exchange checks it.
        let mut state = self.state.load(Relaxed);
        loop {
            let raised = if is_set(state) { state } else { (state & !AWAITED).wrapping_add(ONE_GENERATION) | SET };
            // Release: E1, E2. Also when the flag is up already, so that every setter is published and not only the first.
            // Relaxed on failure: only a look.
            match self.state.compare_exchange_weak(state, raised, Release, Relaxed) {
                Ok(_) => break,
                Err(changed) => state = changed,
            }
        }
        if is_awaited(state) {
            word::wake(&self.state, usize::MAX);
        }
    }

    #[inline]
    fn clear(&self) {
        // Acquire: E2. An exchange and not a store, which would undo a waiter's mark.
        self.state.fetch_and(!SET, Acquire);
    }

    #[inline]
    fn is_set(&self) -> bool {
        is_set(self.state.load(Acquire)) // E1
    }

    #[inline]
    fn wait(&self, deadline: Deadline) -> bool {
        self.is_set() || self.wait_slowly(deadline)
    }

    fn snapshot(&self) -> Option<bool> {
        Some(self.is_set())
    }
}
