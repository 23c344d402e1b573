//! The [`Timer`]: a call that is made later, unless it is cancelled.

use std::any::Any;
use std::fmt;
use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use crate::deadline::Deadline;
use crate::payload;
use crate::primitive::{Arc, thread, thread_token};
use crate::{Event, Lock};

/// Calls a function after some time, in a thread of its own, unless it is cancelled before.
///
/// [`start`](Self::start) starts a thread that counts the time down and then calls the function, once and never early. Until
/// then [`cancel`](Self::cancel) prevents the call. A timer is **finished** when its call was cancelled, returned or panicked,
/// and a [`join`](Self::join) waits for that.
///
/// The value is a handle. To drop it neither cancels the timer nor waits for it; but when `main` returns, a Rust program ends
/// with all of its threads, also those that still count down. Join a timer whose call must be made. One that watches over a piece of work is cancelled at the end of that,
/// whichever end it is, by [`cancel_on_drop`](Self::cancel_on_drop): else its thread lives until its time comes.
///
/// It calls once. A call that starts the next timer itself is not stopped by a `cancel` that comes while it runs. What is to be done again and again has a thread, and an [`Event`] that ends it:
/// `while !stop.wait_timeout(interval) { … }`.
///
/// In Python: `threading.Timer(interval, function)`.
///
/// # Differences from Python
///
/// * A timer begins to count when it is made; in Python one makes it and then starts it, and cannot do so twice.
/// * [`cancel`](Self::cancel) says whether it came in time.
/// * A timer is finished in every case. In Python its `finished` stays unset if the call raises.
/// * If the call panics, the panic comes out of the first `join`. Python's thread prints it and forgets it.
/// * A Python timer keeps the process alive until its call is made. Here the process ends when `main` returns: let `main` join the timer. A `join` waits for the call, not for the
///   end of the timer's thread: destructors of `thread_local!` values of the call run a little later, or not at all if `main` returns at once.
///
/// # Fairness
///
/// Each timer has its own thread, and none waits for another. A call may come late, if the machine is busy.
///
/// # Memory
///
/// A thread for each timer: a few, not thousands. For many take one thread, a heap of moments and calls in a [`Lock`], and a [`Condition`](crate::Condition): the thread waits by `wait_deadline`
/// for the first of the moments, and whoever adds a call notifies it.
///
/// # Examples
///
/// ```
/// use nogil::{Event, Timer};
/// use std::time::Duration;
///
/// static RING: Event = Event::new();
///
/// let timer = Timer::start(Duration::from_millis(1), || RING.set());
/// timer.join();
/// assert!(RING.is_set());
///
/// let timer = Timer::start(Duration::from_secs(3600), || println!("an hour has passed"));
/// assert!(timer.cancel(), "it came in time");
/// ```
pub struct Timer {
    shared: Arc<Shared>,
}

type Callback = Box<dyn FnOnce() + Send>;
type Payload = Box<dyn Any + Send>;

/// What the handle and the thread share. Nothing of the user's runs or is dropped under the lock.
struct Shared {
    stage: Lock<Stage>,
    /// Set last of all, once the stage is [`Over`](Stage::Over) or [`Panicked`](Stage::Panicked).
    finished: Event,
}

/// ```text
///   Counting -----------> Ending -----------> Over
///            the thread,         | the call panicked
///            or a cancel,        +----------> Panicked(Some) -----------> Panicked(None)
///            takes the callback                             the first join
/// ```
enum Stage {
    /// Whoever takes the callback decides what becomes of it: that is the whole race between time and [`Timer::cancel`].
    Counting(Callback),
    /// The thread with this token calls the callback, or drops it.
    Ending(u64),
    Over,
    /// With the panic, until a join has taken it.
    Panicked(Option<Payload>),
}

impl Timer {
    /// Starts a timer that calls `callback` after `interval`, in a thread of its own named `nogil-timer`.
    ///
    /// A zero `interval` calls it at once. One beyond what the clock can count never does, and such a timer can still be
    /// cancelled.
    ///
    /// In Python: `timer = threading.Timer(seconds, function); timer.start()`.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread, as std's `thread::spawn` does; [`try_start`](Self::try_start) returns an error.
    ///
    /// # Synchronization
    ///
    /// What this thread did before is visible to the call.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Timer;
    /// use std::sync::mpsc;
    /// use std::time::{Duration, Instant};
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// let begin = Instant::now();
    /// Timer::start(Duration::from_millis(2), move || sender.send("time is up").unwrap());
    ///
    /// assert_eq!(receiver.recv(), Ok("time is up"));
    /// assert!(begin.elapsed() >= Duration::from_millis(2));
    /// ```
    #[track_caller]
    pub fn start(interval: Duration, callback: impl FnOnce() + Send + 'static) -> Self {
        Self::try_start(interval, callback).expect("failed to start a timer's thread")
    }

    /// As [`start`](Self::start), where a panic will not do.
    ///
    /// # Errors
    ///
    /// What the operating system says if it gives no thread. Then the callback has been dropped without a call.
    ///
    /// # Synchronization
    ///
    /// As [`start`](Self::start).
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Timer;
    /// use std::time::Duration;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let timer = Timer::try_start(Duration::from_millis(1), || println!("time is up"))?;
    /// timer.join();
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_start(interval: Duration, callback: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let deadline = Deadline::after(interval);
        let stage = Lock::new(Stage::Counting(Box::new(callback)));
        let shared = Arc::new(Shared { stage, finished: Event::new() });
        let countdown = {
            let shared = shared.clone();
            move || {
                // A cancelled timer is finished too, and its thread goes home.
                if !shared.finished.wait_until(deadline) {
                    shared.fire();
                }
            }
        };
        thread::Builder::new().name("nogil-timer".into()).spawn(countdown)?;
        Ok(Self { shared })
    }

    /// Cancels the timer. Returns whether that prevented the call: `true` for one caller at most, and then the callback has
    /// been dropped without a call; `false` if it was cancelled before, or if the call has begun. Never waits for the call.
    ///
    /// In Python: `timer.cancel()`, which returns nothing.
    ///
    /// # Panics
    ///
    /// If dropping the callback panics; the timer is cancelled nevertheless.
    ///
    /// # Synchronization
    ///
    /// What this thread did before is visible to a [`join`](Self::join), if this returns `true`; else it orders nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Timer;
    /// use std::time::Duration;
    ///
    /// let timer = Timer::start(Duration::from_secs(60), || unreachable!("it is cancelled in time"));
    /// assert!(timer.cancel());
    /// assert!(!timer.cancel(), "once is enough");
    /// timer.join();
    /// ```
    pub fn cancel(&self) -> bool {
        let Some(callback) = self.shared.take_callback() else { return false };
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(callback)));
        self.shared.finish(Stage::Over);
        match dropped {
            Ok(()) => true,
            Err(payload) => resume_unwind(payload),
        }
    }

    /// Cancels the timer, as [`cancel`](Self::cancel) does, when what this returns is dropped: at the end of its block, and just as well at a `?` or a panic on the way there.
    ///
    /// For a watchdog, which is to bark only if the block takes too long. A call that has begun is not waited for: it may go on after the block.
    ///
    /// In Python: `try: … finally: timer.cancel()`.
    ///
    /// # Panics
    ///
    /// When it is dropped: as [`cancel`](Self::cancel). In a panic that ends the process.
    ///
    /// # Synchronization
    ///
    /// As [`cancel`](Self::cancel), when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Timer;
    /// use std::num::ParseIntError;
    /// use std::time::Duration;
    ///
    /// fn parse(word: &str) -> Result<u64, ParseIntError> {
    ///     let watchdog = Timer::start(Duration::from_secs(60), || eprintln!("this takes long"));
    ///     let _guard = watchdog.cancel_on_drop();
    ///     Ok(word.parse::<u64>()? + 1)
    /// }
    ///
    /// assert_eq!(parse("1"), Ok(2));
    /// assert!(parse("one").is_err(), "and its timer is cancelled all the same");
    /// ```
    pub fn cancel_on_drop(&self) -> CancelGuard<'_> {
        CancelGuard { timer: self }
    }

    /// Whether the timer is finished: its call was cancelled, has returned or has panicked.
    ///
    /// In Python: `timer.finished.is_set()`.
    ///
    /// # Synchronization
    ///
    /// As [`join`](Self::join), if the timer is finished.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Timer;
    /// use std::time::Duration;
    ///
    /// let timer = Timer::start(Duration::from_secs(60), || ());
    /// assert!(!timer.is_finished());
    /// timer.cancel();
    /// assert!(timer.is_finished());
    /// ```
    #[doc(alias = "is_alive")]
    pub fn is_finished(&self) -> bool {
        self.shared.finished.is_set()
    }

    /// Waits until the timer is finished: for the time to pass and for the call to return, or for a cancel. Any number of
    /// threads may join, any number of times. The timer's thread may still be about to end, and to drop its thread-locals.
    ///
    /// In Python: `timer.join()`.
    ///
    /// # Panics
    ///
    /// * If the call panicked: the first join with the call's own panic, each later one with a message that says so.
    /// * If the callback itself calls this, since it would wait for its own end. (The other forms panic likewise.)
    ///
    /// # Synchronization
    ///
    /// What the call did is visible to this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Timer;
    /// use std::panic::catch_unwind;
    /// use std::time::Duration;
    ///
    /// let timer = Timer::start(Duration::ZERO, || std::panic::resume_unwind(Box::new("oh")));
    /// let panic = catch_unwind(|| timer.join()).unwrap_err();
    /// assert_eq!(panic.downcast_ref(), Some(&"oh"));
    /// assert!(timer.is_finished());
    /// ```
    #[track_caller]
    pub fn join(&self) {
        self.join_until(Deadline::Never);
    }

    /// Returns whether the timer is finished, without waiting. If it is, this is a [`join`](Self::join).
    ///
    /// In Python: `not timer.is_alive()`.
    ///
    /// # Panics
    ///
    /// As [`join`](Self::join), so that the panic of a call comes out here as well; [`is_finished`](Self::is_finished) hands none on.
    ///
    /// # Synchronization
    ///
    /// As [`join`](Self::join), if the timer is finished.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Timer;
    /// use std::time::Duration;
    ///
    /// let timer = Timer::start(Duration::from_secs(60), || ());
    /// assert!(!timer.try_join());
    /// timer.cancel();
    /// assert!(timer.try_join());
    /// ```
    #[must_use = "only the answer says whether the timer is finished"]
    #[track_caller]
    pub fn try_join(&self) -> bool {
        self.join_until(Deadline::Now)
    }

    /// As [`join`](Self::join), at most for `timeout`. Returns whether the timer is finished.
    ///
    /// A zero `timeout` looks once. One beyond what the clock can count waits as long as it takes, as `join` does.
    ///
    /// In Python: `timer.join(seconds)`, and then `timer.is_alive()`.
    ///
    /// # Panics
    ///
    /// As [`join`](Self::join).
    ///
    /// # Synchronization
    ///
    /// As [`join`](Self::join), if the timer is finished.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Timer;
    /// use std::time::Duration;
    ///
    /// let timer = Timer::start(Duration::from_secs(60), || ());
    /// assert!(!timer.join_timeout(Duration::from_millis(1)));
    /// timer.cancel();
    /// assert!(timer.join_timeout(Duration::ZERO));
    /// ```
    #[must_use = "if the time was up, the timer is not finished"]
    #[track_caller]
    pub fn join_timeout(&self, timeout: Duration) -> bool {
        self.join_until(Deadline::after(timeout))
    }

    /// As [`join_timeout`](Self::join_timeout), until a moment. One that has passed looks once.
    ///
    /// # Panics
    ///
    /// As [`join`](Self::join).
    ///
    /// # Synchronization
    ///
    /// As [`join_timeout`](Self::join_timeout).
    #[must_use = "if the time was up, the timer is not finished"]
    #[track_caller]
    pub fn join_deadline(&self, deadline: Instant) -> bool {
        self.join_until(Deadline::At(deadline))
    }

    /// One body for all forms.
    #[track_caller]
    fn join_until(&self, deadline: Deadline) -> bool {
        let waits_for_itself =
            matches!(*self.shared.stage.acquire(), Stage::Ending(thread) if thread == thread_token());
        assert!(!waits_for_itself, "a timer cannot be joined by its own callback");
        if !self.shared.finished.wait_until(deadline) {
            return false;
        }
        let panic = match &mut *self.shared.stage.acquire() {
            Stage::Panicked(payload) => payload.take(),
            _ => return true,
        };
        // The lock is free again.
        match panic {
            Some(payload) => resume_unwind(payload),
            None => panic!("the timer's callback panicked, and an earlier join has handed that panic on"),
        }
    }
}

impl Shared {
    /// Takes the callback, if nobody has. Who gets it must [`finish`](Self::finish).
    fn take_callback(&self) -> Option<Callback> {
        let mut stage = self.stage.acquire();
        match mem::replace(&mut *stage, Stage::Ending(thread_token())) {
            Stage::Counting(callback) => Some(callback),
            taken => {
                *stage = taken;
                None
            }
        }
    }

    fn fire(&self) {
        let Some(callback) = self.take_callback() else { return };
        self.finish(match catch_unwind(AssertUnwindSafe(callback)) {
            Ok(()) => Stage::Over,
            Err(payload) => Stage::Panicked(Some(payload)),
        });
    }

    fn finish(&self, stage: Stage) {
        *self.stage.acquire() = stage;
        self.finished.set();
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // A panic that nobody has joined.
        if let Stage::Panicked(payload) = self.stage.get_mut() {
            payload.take().into_iter().for_each(payload::discard);
        }
    }
}

/// Cancels a [`Timer`] when it is dropped; from [`Timer::cancel_on_drop`].
#[must_use = "the timer is cancelled when this is dropped: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct CancelGuard<'a> {
    timer: &'a Timer,
}

impl Drop for CancelGuard<'_> {
    fn drop(&mut self) {
        self.timer.cancel();
    }
}

impl fmt::Debug for CancelGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelGuard").field("timer", &self.timer).finish()
    }
}

// The callback's panic is kept and handed on; no call leaves the timer in a state that the next one could trip over.
impl UnwindSafe for Timer {}
impl RefUnwindSafe for Timer {}

/// Shows whether it counts down, ends (its callback runs, or is dropped), is finished or has panicked. Never waits: while
/// another thread looks it shows `<busy>`.
impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match self.shared.stage.try_acquire().as_deref() {
            Some(Stage::Counting(_)) => "counting",
            Some(Stage::Ending(_)) => "ending",
            Some(Stage::Over) => "finished",
            Some(Stage::Panicked(_)) => "panicked",
            None => "<busy>",
        };
        f.debug_struct("Timer").field("stage", &format_args!("{stage}")).finish()
    }
}
