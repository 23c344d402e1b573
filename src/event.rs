//! The [`Event`]: a flag that threads wait for.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::{Duration, Instant};

use crate::deadline::Deadline;
use crate::engine::{RawEvent, Wing, for_each_wing};
use crate::primitive::const_unless_model;

/// A flag that threads wait for until another thread sets it.
///
/// An event tells any number of threads that something has happened: that a server is up, that it is time to stop. It stays
/// set until it is cleared, so a thread that comes late does not wait; and everyone who waits when it is set goes on, also if
/// it is cleared right after, before they have run.
///
/// In Python: `threading.Event()`.
///
/// # Differences from Python
///
/// * A wait whose time is up looks at the flag once more: it never returns `false` beside an event that was set while it
///   waited. Python's may.
///
/// # Fairness
///
/// There is nothing to be fair about: a [`set`](Self::set) releases everyone, in no promised order.
///
/// # Examples
///
/// ```
/// use nogil::Event;
/// use std::thread;
///
/// static READY: Event = Event::new();
///
/// let worker = thread::spawn(|| {
///     READY.wait();
///     "off we go"
/// });
/// READY.set();
/// assert_eq!(worker.join().unwrap(), "off we go");
/// ```
pub struct Event<W: Wing> {
    engine: W::Event,
}

macro_rules! constructors {
    ($W:ty) => {
        impl Event<$W> {
            const_unless_model! {
                /// Makes an event that is not set.
                ///
                /// In Python: `threading.Event()`.
                ///
                /// # Examples
                ///
                /// ```
                /// use nogil::Event;
                ///
                /// static STOP: Event = Event::new();
                /// assert!(!STOP.is_set());
                /// ```
                #[must_use]
                pub const fn new() -> Self {
                    Self { engine: <$W as Wing>::Event::new() }
                }
            }
        }
    };
}
for_each_wing!(constructors);

impl<W: Wing> Event<W> {
    /// Makes an event of the given wing, for code that is generic over it. Elsewhere, use `new`.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::{Locked, generic};
    ///
    /// let event = generic::Event::new_in(Locked);
    /// assert!(!event.is_set());
    /// ```
    #[must_use]
    pub fn new_in(_: W) -> Self {
        Self { engine: RawEvent::new() }
    }

    /// Sets the event and releases everyone who waits for it. Does nothing if it is set already.
    ///
    /// In Python: `event.set()`.
    ///
    /// # Synchronization
    ///
    /// What this thread did before the call is visible to a thread whose wait ended by it, or that finds the event set.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = nogil::Event::new();
    /// event.set();
    /// event.set();
    /// assert!(event.is_set());
    /// event.wait(); // returns at once
    /// ```
    pub fn set(&self) {
        self.engine.set();
    }

    /// Sets the event, as [`set`](Self::set) does, when what this returns is dropped: at the end of its block, and just as well at a `?` or a panic on the way there.
    ///
    /// For the thread that is to set the event at its end, whichever end that is. Without it, one that fails leaves those waiting who wait for the event, and a [`std::thread::scope`] around both never ends. It does not say
    /// how the thread has ended: who waits must find that elsewhere.
    ///
    /// In Python: `try: … finally: event.set()`.
    ///
    /// # Synchronization
    ///
    /// As [`set`](Self::set), when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Event;
    /// use std::num::ParseIntError;
    /// use std::thread;
    /// use std::time::Duration;
    ///
    /// fn parse(word: &str) -> Result<u64, ParseIntError> {
    ///     let stop = Event::new();
    ///     thread::scope(|scope| {
    ///         scope.spawn(|| {
    ///             while !stop.wait_timeout(Duration::from_secs(10)) {
    ///                 println!("still at it");
    ///             }
    ///         });
    ///         let _stop = stop.set_on_drop(); // or the scope would wait for its thread for ever
    ///         Ok(word.parse::<u64>()? + 1)
    ///     })
    /// }
    ///
    /// assert_eq!(parse("1"), Ok(2));
    /// assert!(parse("one").is_err());
    /// ```
    pub fn set_on_drop(&self) -> SetGuard<'_, W> {
        SetGuard { event: self }
    }

    /// Clears the event: threads that come from now on wait for the next [`set`](Self::set). Those that the last one released
    /// go on all the same. Does nothing if the event is not set.
    ///
    /// In Python: `event.clear()`.
    ///
    /// # Synchronization
    ///
    /// What the threads that set the event until now did before is visible to this thread. So one that clears the event, then
    /// looks for work, and waits if there is none, misses nothing that was announced by a `set`.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = nogil::Event::new();
    /// event.set();
    /// event.clear();
    /// assert!(!event.is_set());
    /// ```
    pub fn clear(&self) {
        self.engine.clear();
    }

    /// Whether the event is set now. Does not wait for it: this is the event's `try_wait`.
    ///
    /// In Python: `event.is_set()`.
    ///
    /// # Synchronization
    ///
    /// If so, what the thread that set the event did before is visible to this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Event;
    ///
    /// let stop = Event::new();
    /// let mut rounds = 0;
    /// while !stop.is_set() {
    ///     rounds += 1;
    ///     if rounds == 3 {
    ///         stop.set();
    ///     }
    /// }
    /// assert_eq!(rounds, 3);
    /// ```
    #[doc(alias = "try_wait")]
    pub fn is_set(&self) -> bool {
        self.engine.is_set()
    }

    /// Waits until the event is set. Returns at once if it is.
    ///
    /// In Python: `event.wait()`.
    ///
    /// # Synchronization
    ///
    /// What the thread that set the event did before is visible to this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Event;
    /// use std::thread;
    ///
    /// let event = Event::new();
    /// thread::scope(|scope| {
    ///     scope.spawn(|| event.set());
    ///     event.wait();
    /// });
    /// assert!(event.is_set());
    /// ```
    pub fn wait(&self) {
        self.wait_until(Deadline::Never);
    }

    /// Waits until the event is set, at most for `timeout`. Returns whether it was set: before the call, or at any moment
    /// while it waited, the last one included.
    ///
    /// A zero `timeout` looks once, as [`is_set`](Self::is_set) does. One beyond what the clock can count waits as long as it
    /// takes, as [`wait`](Self::wait) does.
    ///
    /// In Python: `event.wait(seconds)`.
    ///
    /// # Synchronization
    ///
    /// If it was set, what the thread that set it did before is visible to this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Event;
    /// use std::time::Duration;
    ///
    /// let event = Event::new();
    /// assert!(!event.wait_timeout(Duration::from_millis(1)));
    ///
    /// event.set();
    /// assert!(event.wait_timeout(Duration::MAX));
    /// ```
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.wait_until(Deadline::Now) || self.wait_until(Deadline::after(timeout))
    }

    /// As [`wait_timeout`](Self::wait_timeout), until a moment. One that has passed looks once.
    ///
    /// # Synchronization
    ///
    /// As [`wait_timeout`](Self::wait_timeout).
    pub fn wait_deadline(&self, deadline: Instant) -> bool {
        self.wait_until(Deadline::At(deadline))
    }

    /// One body for all forms.
    pub(crate) fn wait_until(&self, deadline: Deadline) -> bool {
        self.engine.wait(deadline)
    }
}

/// Sets an [`Event`] when it is dropped; from [`Event::set_on_drop`].
#[must_use = "the event is set when this is dropped: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct SetGuard<'a, W: Wing> {
    event: &'a Event<W>,
}

impl<W: Wing> Drop for SetGuard<'_, W> {
    fn drop(&mut self) {
        self.event.set();
    }
}

impl<W: Wing> fmt::Debug for SetGuard<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetGuard").field("event", &self.event).finish()
    }
}

// Whatever panics, no operation leaves it in a state that the next one could trip over.
impl<W: Wing> UnwindSafe for Event<W> {}
impl<W: Wing> RefUnwindSafe for Event<W> {}

/// Not set.
impl<W: Wing> Default for Event<W> {
    fn default() -> Self {
        Self::new_in(W::default())
    }
}

/// Shows whether it is set. Never waits: while the engine is busy it shows `<busy>`.
impl<W: Wing> fmt::Debug for Event<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = match self.engine.snapshot() {
            Some(set) => set.to_string(),
            None => "<busy>".into(),
        };
        f.debug_struct("Event").field("set", &format_args!("{set}")).finish()
    }
}
