//! The [`Barrier`]: a meeting point for a fixed number of threads.

use std::fmt;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use crate::deadline::Deadline;
use crate::engine::{RawBarrier, Wing, for_each_wing};
use crate::error::BrokenBarrier;
use crate::primitive::{Mutex, const_unless_model};

/// A meeting point for a fixed number of threads: each waits until all have come, then all go on.
///
/// The barrier counts arrivals. The last of a cycle runs the barrier's action, if it has one, and then releases the others;
/// with that the next cycle begins, any number of times. Should one of the threads not come, the others need not wait for
/// ever: the barrier **breaks** when the time of a waiter is up, when someone calls [`abort`](Self::abort), or when the action
/// panics. Everyone who waits then gets [`BrokenBarrier`], and so does everyone who comes, until a [`reset`](Self::reset).
///
/// Once the last thread of a cycle has come and the action has run, the outcome is final: its waiters return their index, whatever happens to the
/// barrier before they run. While the action runs, `abort` and `reset` concern the next cycle.
///
/// In Python: `threading.Barrier(parties)`.
///
/// # Differences from Python
///
/// * In Python an `abort` right after a cycle tripped makes threads fail that had already met, and a thread of the next cycle
///   waits until the last of them has left. Neither is so here.
/// * A timeout covers the whole call, also a wait in front of a barrier whose action runs or that is being reset; Python's
///   begins after that.
/// * The action runs with no lock held that any other call takes: it may ask the barrier anything, and also `abort` or `reset` it, which in Python deadlocks.
///   To [`wait`](Self::wait) at the barrier inside its own action is to wait for oneself, for ever; as it is in Python.
/// * There is no default timeout: it stands at the call.
///
/// # Fairness
///
/// Nobody is left behind: who has arrived is counted. The order in which threads go on is not promised.
///
/// # Examples
///
/// ```
/// use nogil::Barrier;
/// use std::thread;
///
/// static START: Barrier = Barrier::new(3);
///
/// thread::scope(|scope| {
///     for _ in 0..3 {
///         scope.spawn(|| {
///             // Each makes its preparations here, and all begin together.
///             START.wait().unwrap();
///         });
///     }
/// });
/// assert_eq!(START.waiting(), 0);
/// ```
///
/// One that does not come:
///
/// ```
/// use nogil::Barrier;
/// use std::time::Duration;
///
/// let barrier = Barrier::new(2);
/// let error = barrier.wait_timeout(Duration::from_millis(1)).unwrap_err();
/// assert_eq!(error.to_string(), "the barrier is broken");
/// assert!(barrier.wait().is_err(), "whoever comes too late learns of it");
/// ```
pub struct Barrier<W: Wing> {
    engine: W::Barrier,
    action: Option<Box<Action>>,
}

/// The mutex only satisfies the compiler: the engine already excludes other threads, so nobody ever waits for it.
type Action = Mutex<Box<dyn FnMut() + Send>>;

/// A panic goes on when the mutex is free again: a model's cannot be had any more once a panic has passed through it.
fn run(action: &Action) {
    let mut action = action.lock();
    let ran = catch_unwind(AssertUnwindSafe(|| (*action)()));
    drop(action);
    ran.unwrap_or_else(|panic| resume_unwind(panic));
}

#[track_caller]
const fn checked(parties: usize) -> usize {
    assert!(parties > 0, "a barrier needs at least one party");
    assert!(parties as u64 <= u32::MAX as u64, "a barrier has at most u32::MAX parties");
    parties
}

macro_rules! constructors {
    ($W:ty) => {
        impl Barrier<$W> {
            const_unless_model! {
                /// Makes a barrier for `parties` threads.
                ///
                /// In Python: `threading.Barrier(parties)`.
                ///
                /// # Panics
                ///
                /// If `parties` is zero, or more than `u32::MAX`.
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::Barrier;
                ///
                /// static MEETING: Barrier = Barrier::new(1);
                /// assert_eq!(MEETING.wait(), Ok(0), "alone, one has met everybody");
                /// ```
                #[must_use]
                #[track_caller]
                pub const fn new(parties: usize) -> Self {
                    Self { engine: <$W as Wing>::Barrier::new(checked(parties)), action: None }
                }
            }

            /// Makes a barrier for `parties` threads, with an action: the last to arrive runs it, once a cycle, before anyone is
            /// released.
            ///
            /// It runs with no lock held that any other call takes, and may ask the barrier anything, also to `abort` or to `reset`, which then
            /// concerns the next cycle. To `wait` at the barrier in it is to wait for ever. If it panics, the barrier breaks, and
            /// the panic goes on in the thread that ran it; once the barrier is reset, the action runs again, with what it has captured as the panic left it.
            ///
            /// What it has captured it may change, for one thread at a time runs it. What others are to see as well it shares with them, by an
            /// [`Arc`](std::sync::Arc), a channel or a `static`.
            ///
            /// In Python: `threading.Barrier(parties, action)`.
            ///
            /// # Panics
            ///
            /// If `parties` is zero, or more than `u32::MAX`.
            ///
            /// # Synchronization
            ///
            /// What all threads of the cycle did before they arrived is visible to the action, and what the action did is
            /// visible to all of them when they go on.
            ///
            /// # Examples
            ///
            /// ```
            /// use nogil::Barrier;
            /// use std::sync::mpsc;
            ///
            /// let (report, reports) = mpsc::channel();
            /// let mut rounds = 0;
            /// let barrier = Barrier::with_action(1, move || {
            ///     rounds += 1;
            ///     report.send(rounds).unwrap();
            /// });
            /// barrier.wait().unwrap();
            /// barrier.wait().unwrap();
            /// assert_eq!(reports.try_iter().collect::<Vec<_>>(), [1, 2]);
            /// ```
            #[must_use]
            #[track_caller]
            pub fn with_action(parties: usize, action: impl FnMut() + Send + 'static) -> Self {
                Self::with_action_in(<$W>::default(), parties, action)
            }
        }
    };
}
for_each_wing!(constructors);

impl<W: Wing> Barrier<W> {
    /// Makes a barrier of the given wing, for code that is generic over it. Elsewhere, use `new`.
    ///
    /// # Panics
    ///
    /// If `parties` is zero, or more than `u32::MAX`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Locked, generic};
    ///
    /// let barrier = generic::Barrier::new_in(Locked, 1);
    /// assert_eq!(barrier.wait(), Ok(0));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new_in(_: W, parties: usize) -> Self {
        Self { engine: RawBarrier::new(checked(parties)), action: None }
    }

    /// Makes a barrier with an action, of the given wing, for code that is generic over it. Elsewhere, use `with_action`.
    ///
    /// # Panics
    ///
    /// If `parties` is zero, or more than `u32::MAX`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Locked, generic};
    ///
    /// let barrier = generic::Barrier::with_action_in(Locked, 1, || println!("all here"));
    /// assert_eq!(barrier.wait(), Ok(0));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn with_action_in(_: W, parties: usize, action: impl FnMut() + Send + 'static) -> Self {
        Self { engine: RawBarrier::new(checked(parties)), action: Some(Box::new(Mutex::new(Box::new(action)))) }
    }

    /// Arrives and waits for the others. Returns this arrival's index in its cycle, from zero for the first to come, which is
    /// as good a way as any to choose one thread for a task.
    ///
    /// The last to arrive does not wait: it runs the action, if there is one. A thread that comes while the action of a cycle
    /// runs, or while a reset sends threads away, waits for that to end and then arrives in the next cycle.
    ///
    /// In Python: `barrier.wait()`.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrier`] if the barrier is broken, or is broken or reset while this thread waits.
    ///
    /// # Panics
    ///
    /// If the action panics, in the thread that runs it, with the action's own panic.
    ///
    /// # Synchronization
    ///
    /// What every thread of the cycle did before it arrived is visible to all of them when they go on.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Barrier;
    /// use std::thread;
    ///
    /// let barrier = Barrier::new(2);
    /// thread::scope(|scope| {
    ///     let other = scope.spawn(|| barrier.wait().unwrap());
    ///     let mine = barrier.wait().unwrap();
    ///     assert_eq!(mine + other.join().unwrap(), 1, "one is 0, the other is 1");
    /// });
    /// ```
    pub fn wait(&self) -> Result<usize, BrokenBarrier> {
        self.wait_until(Deadline::Never)
    }

    /// As [`wait`](Self::wait), at most for `timeout`. If the others have not come when the time is up, the barrier breaks.
    ///
    /// The last to arrive does not wait, so its time does not matter; not even when it is zero. Anyone else who comes with a
    /// zero `timeout` breaks the barrier at once. A `timeout` beyond what the clock can count waits as long as it takes.
    ///
    /// The time that the action takes is not this thread's: once all have come, the cycle has tripped.
    ///
    /// In Python: `barrier.wait(seconds)`.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrier`] if the time is up, or if the barrier is broken, or is broken or reset while this thread waits. It does
    /// not say which: a thread whose time was up gets the same as one that somebody's [`abort`](Self::abort) sent away.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Synchronization
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Barrier;
    /// use std::time::Duration;
    ///
    /// let barrier = Barrier::new(2);
    /// assert!(barrier.wait_timeout(Duration::from_millis(1)).is_err());
    /// assert!(barrier.is_broken());
    /// ```
    pub fn wait_timeout(&self, timeout: Duration) -> Result<usize, BrokenBarrier> {
        self.wait_until(Deadline::after(timeout))
    }

    /// As [`wait_timeout`](Self::wait_timeout), until a moment. One that has passed breaks the barrier, as a zero timeout does, unless the caller is the last to come.
    ///
    /// # Errors
    ///
    /// As [`wait_timeout`](Self::wait_timeout).
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Synchronization
    ///
    /// As [`wait_timeout`](Self::wait_timeout).
    pub fn wait_deadline(&self, deadline: Instant) -> Result<usize, BrokenBarrier> {
        self.wait_until(Deadline::At(deadline))
    }

    /// Makes the barrier empty and whole again. Threads that wait for others to come get [`BrokenBarrier`], and the next cycle
    /// begins when the last of them has left.
    ///
    /// While the action of a cycle runs that cycle is not touched, and the next will not be broken.
    ///
    /// A thread that has yet to come arrives in the new cycle, perhaps alone: reset a barrier when it is known where its threads
    /// are, or make a new one.
    ///
    /// In Python: `barrier.reset()`.
    ///
    /// # Synchronization
    ///
    /// What this thread did before the call is visible to the threads that it sends away, and to those of the next cycle.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Barrier;
    ///
    /// let barrier = Barrier::new(1);
    /// barrier.abort();
    /// assert!(barrier.wait().is_err());
    /// barrier.reset();
    /// assert_eq!(barrier.wait(), Ok(0));
    /// ```
    pub fn reset(&self) {
        self.engine.reset();
    }

    /// Breaks the barrier: all who wait get [`BrokenBarrier`], and all who come, until a [`reset`](Self::reset).
    ///
    /// A thread that cannot go on calls this, so that the others do not wait for it. While the action of a cycle runs that
    /// cycle is not touched, and the next one is broken.
    ///
    /// In Python: `barrier.abort()`.
    ///
    /// # Synchronization
    ///
    /// What this thread did before the call is visible to the threads that get [`BrokenBarrier`] by it.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Barrier;
    /// use std::thread;
    ///
    /// let barrier = Barrier::new(2);
    /// thread::scope(|scope| {
    ///     let waiter = scope.spawn(|| barrier.wait());
    ///     barrier.abort();
    ///     assert!(waiter.join().unwrap().is_err());
    /// });
    /// assert!(barrier.is_broken());
    /// ```
    pub fn abort(&self) {
        self.engine.abort();
    }

    /// Breaks the barrier, as [`abort`](Self::abort) does, when what this returns is dropped: at a `?` or a panic, and just as well at the end of its block.
    ///
    /// Call it first in each party. One that leaves early, whichever way, then sends the others away, who would wait for it for ever: all pass a cycle or none does. One that leaves after the last cycle breaks the barrier as
    /// well, which harms nobody: that cycle has tripped, for all. So a barrier that is to be used again needs a [`reset`](Self::reset) when all have left, or the guard is left behind by
    /// [`std::mem::forget`].
    ///
    /// In Python: `try: … finally: barrier.abort()`.
    ///
    /// # Synchronization
    ///
    /// As [`abort`](Self::abort), when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Barrier;
    /// use std::error::Error;
    /// use std::thread;
    ///
    /// fn work(word: &str, all_parsed: &Barrier) -> Result<u64, Box<dyn Error + Send + Sync>> {
    ///     let _guard = all_parsed.abort_on_drop();
    ///     let number = word.parse()?;
    ///     all_parsed.wait()?; // would wait for ever for one that has failed
    ///     Ok(number)
    /// }
    ///
    /// let sum = |words: [&str; 2]| -> Result<u64, Box<dyn Error + Send + Sync>> {
    ///     let all_parsed = Barrier::new(2);
    ///     thread::scope(|scope| {
    ///         let workers = words.map(|word| scope.spawn(|| work(word, &all_parsed)));
    ///         workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    ///     })
    /// };
    /// assert_eq!(sum(["1", "2"]).unwrap(), 3);
    /// assert!(sum(["1", "two"]).is_err());
    /// ```
    pub fn abort_on_drop(&self) -> AbortGuard<'_, W> {
        AbortGuard { barrier: self }
    }

    /// How many threads the barrier is for.
    ///
    /// In Python: `barrier.parties`.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(nogil::Barrier::new(3).parties(), 3);
    /// ```
    pub fn parties(&self) -> usize {
        self.engine.parties()
    }

    /// How many threads of this cycle have arrived: all of them while the action runs, none once they are released or the
    /// barrier is broken or reset. Other threads may have changed that by the time it is read.
    ///
    /// In Python: `barrier.n_waiting`.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(nogil::Barrier::new(3).waiting(), 0);
    /// ```
    #[doc(alias = "n_waiting")]
    pub fn waiting(&self) -> usize {
        self.engine.waiting()
    }

    /// Whether the barrier is broken: a thread that comes now would get [`BrokenBarrier`].
    ///
    /// In Python: `barrier.broken`.
    ///
    /// # Examples
    ///
    /// ```
    /// let barrier = nogil::Barrier::new(3);
    /// assert!(!barrier.is_broken());
    /// barrier.abort();
    /// assert!(barrier.is_broken());
    /// ```
    #[doc(alias = "broken")]
    pub fn is_broken(&self) -> bool {
        self.engine.is_broken()
    }

    /// One body for all forms.
    fn wait_until(&self, deadline: Deadline) -> Result<usize, BrokenBarrier> {
        self.engine.wait(deadline, || {
            if let Some(action) = &self.action {
                run(action);
            }
        })
    }
}

/// Breaks a [`Barrier`] when it is dropped; from [`Barrier::abort_on_drop`].
#[must_use = "the barrier is broken when this is dropped: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct AbortGuard<'a, W: Wing> {
    barrier: &'a Barrier<W>,
}

impl<W: Wing> Drop for AbortGuard<'_, W> {
    fn drop(&mut self) {
        self.barrier.abort();
    }
}

impl<W: Wing> fmt::Debug for AbortGuard<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortGuard").field("barrier", &self.barrier).finish()
    }
}

// An action that panics breaks the barrier, and whoever comes to it then is told.
impl<W: Wing> UnwindSafe for Barrier<W> {}
impl<W: Wing> RefUnwindSafe for Barrier<W> {}

/// Shows who waits, as `2/3`, and whether the barrier is broken. Never waits: while the engine is busy it shows `<busy>`.
impl<W: Wing> fmt::Debug for Barrier<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (waiting, broken) = match self.engine.snapshot() {
            Some((waiting, broken)) => (format!("{waiting}/{}", self.parties()), broken.to_string()),
            None => ("<busy>".into(), "<busy>".into()),
        };
        let mut barrier = f.debug_struct("Barrier");
        barrier.field("waiting", &format_args!("{waiting}")).field("broken", &format_args!("{broken}")).finish()
    }
}
