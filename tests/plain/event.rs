//! `Event`.

use nogil::{Wing, generic::Event};

use super::{INSTANT, Plain};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    Set,
    Clear,
    IsSet,
    WaitTimeout,
    Wait,
}

use Call::{Clear, IsSet, Set, Wait, WaitTimeout};

impl From<[u8; 2]> for Call {
    fn from([kind, _]: [u8; 2]) -> Self {
        match kind % 8 {
            0 | 1 => Set,
            2 | 3 => Clear,
            4 | 5 => IsSet,
            6 => WaitTimeout,
            _ => Wait,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct PlainEvent(bool);

impl Plain for PlainEvent {
    type Call = Call;
    /// Of `Set` and `Clear`, what the event then is.
    type Answer = bool;

    fn answer(&mut self, call: &Call) -> Option<bool> {
        match call {
            Set => self.0 = true,
            Clear => self.0 = false,
            IsSet | WaitTimeout => {}
            Wait => return self.0.then_some(true),
        }
        Some(self.0)
    }
}

/// Makes the call at a real event.
pub(crate) fn ask<W: Wing>(event: &Event<W>, call: &Call) -> bool {
    match call {
        Set => {
            event.set();
            true
        }
        Clear => {
            event.clear();
            false
        }
        IsSet => event.is_set(),
        WaitTimeout => event.wait_timeout(INSTANT),
        Wait => {
            event.wait();
            true
        }
    }
}
