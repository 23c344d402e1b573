//! The interpreter lock, after `Python/ceval_gil.c` of CPython.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use nogil::Wing;
use nogil::generic::{Counter, Event, Lock, LockGuard};

use crate::interpreter::{Regime, Stopped};

/// The one lock that a thread holds while it runs bytecode.
pub(crate) struct Gil<W: Wing> {
    /// It guards all that the interpreter has; here that is the number of the thread that had it last.
    lock: Lock<Option<usize>, W>,
    /// Raised once every switch interval, and seen by the holder at its next jump backwards.
    drop_request: AtomicBool,
    /// How often the lock went from one thread to another.
    switches: Counter<W>,
    interval: Duration,
    interrupted: &'static nogil::Event,
}

impl<W: Wing> Gil<W> {
    pub(crate) fn new(wing: W, interval: Duration, interrupted: &'static nogil::Event) -> Self {
        Self {
            lock: Lock::new_in(wing, None),
            drop_request: AtomicBool::new(false),
            switches: Counter::new_in(wing, 0),
            interval,
            interrupted,
        }
    }

    pub(crate) fn switches(&self) -> u64 {
        self.switches.get() as u64
    }

    /// Asks the holder to give way, once every switch interval, until `ended`.
    ///
    /// In CPython each thread that waits keeps the time, and asks when its own wait has taken an interval. Here one thread asks
    /// for all, as Ruby's does: one that waits inside of `hand_over` to have the lock back could not.
    pub(crate) fn tick(&self, ended: &Event<W>) {
        while !ended.wait_timeout(self.interval) {
            self.drop_request.store(true, Relaxed);
        }
    }

    /// Waits for the GIL, as long as it takes. `take_gil`.
    fn take(&self, thread: usize) -> LockGuard<'_, Option<usize>, W> {
        let mut guard = self.lock.acquire();
        self.taken(&mut guard, thread);
        guard
    }

    /// Lets another thread have the GIL, if that was asked for and one waits. `drop_gil` and `take_gil`.
    fn give_way(&self, guard: &mut LockGuard<'_, Option<usize>, W>, thread: usize) {
        if self.drop_request.load(Relaxed) {
            self.drop_request.store(false, Relaxed);
            if LockGuard::hand_over(guard) {
                self.taken(guard, thread);
            }
        }
    }

    /// Counts a switch, where the thread is not the one that had the GIL last.
    fn taken(&self, last_holder: &mut Option<usize>, thread: usize) {
        if last_holder.replace(thread).is_some_and(|last| last != thread) {
            self.switches.increment();
        }
    }
}

/// A thread under the GIL.
pub(crate) struct UnderGil<'a, W: Wing> {
    gil: &'a Gil<W>,
    thread: usize,
    guard: Option<LockGuard<'a, Option<usize>, W>>,
    /// Whether the GIL is released around what blocks, as CPython does, or kept.
    releases: bool,
}

impl<'a, W: Wing> UnderGil<'a, W> {
    pub(crate) fn new(gil: &'a Gil<W>, thread: usize, releases: bool) -> Self {
        Self { gil, thread, guard: Some(gil.take(thread)), releases }
    }
}

impl<W: Wing> Regime for UnderGil<'_, W> {
    fn breathe(&mut self) -> Result<(), Stopped> {
        if let Some(guard) = &mut self.guard {
            self.gil.give_way(guard, self.thread);
        }
        no_interrupt(self.gil.interrupted)
    }

    /// `Py_BEGIN_ALLOW_THREADS` and `Py_END_ALLOW_THREADS`.
    fn outside(&mut self, ask: &dyn Fn() -> io::Result<i64>) -> io::Result<i64> {
        if !self.releases {
            return ask();
        }
        self.guard = None;
        let answer = ask();
        self.guard = Some(self.gil.take(self.thread));
        answer
    }
}

/// A thread of an interpreter without a GIL.
pub(crate) struct Free(pub(crate) &'static nogil::Event);

impl Regime for Free {
    fn breathe(&mut self) -> Result<(), Stopped> {
        no_interrupt(self.0)
    }

    fn outside(&mut self, ask: &dyn Fn() -> io::Result<i64>) -> io::Result<i64> {
        ask()
    }
}

fn no_interrupt(interrupted: &nogil::Event) -> Result<(), Stopped> {
    if interrupted.is_set() { Err(Stopped::Interrupted) } else { Ok(()) }
}
