//! How long a call may wait.

use std::time::Duration;

use crate::primitive::{Instant, now};

/// How long a call may wait. Every waiting call of an engine takes one, so that its four public forms share one body.
#[derive(Clone, Copy, Debug)]
pub enum Deadline {
    /// Not at all: the clock need not even be read.
    Now,
    /// Until this moment. One that has passed still lets the call try once.
    At(Instant),
    /// As long as it takes.
    Never,
}

impl Deadline {
    /// The moment `timeout` from now. Zero is [`Now`](Self::Now); what the clock cannot count to is [`Never`](Self::Never).
    pub(crate) fn after(timeout: Duration) -> Self {
        if timeout.is_zero() {
            return Self::Now;
        }
        now().checked_add(timeout).map_or(Self::Never, Self::At)
    }

    /// The moment, if there is one.
    pub(crate) fn instant(self) -> Option<Instant> {
        match self {
            Self::At(instant) => Some(instant),
            Self::Now | Self::Never => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_now() {
        assert!(matches!(Deadline::after(Duration::ZERO), Deadline::Now));
    }

    #[test]
    fn what_the_clock_cannot_count_is_never() {
        assert!(matches!(Deadline::after(Duration::MAX), Deadline::Never));
    }

    #[test]
    fn a_timeout_is_counted_from_the_call() {
        let (before, timeout) = (Instant::now(), Duration::from_secs(5));
        let Deadline::At(at) = Deadline::after(timeout) else { panic!("five seconds are countable") };
        assert!(before + timeout <= at && at <= Instant::now() + timeout);
    }
}
