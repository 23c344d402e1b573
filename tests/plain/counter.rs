//! `Counter`.

use nogil::{Wing, generic::Counter};

use super::Plain;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    FetchAdd(i64),
    FetchSub(i64),
    Increment,
    Decrement,
    Get,
    Reset,
}

use Call::{Decrement, FetchAdd, FetchSub, Get, Increment, Reset};

impl From<[u8; 2]> for Call {
    fn from([kind, argument]: [u8; 2]) -> Self {
        let n = i64::from(argument) - 128;
        match kind % 8 {
            0 | 1 => FetchAdd(n),
            2 => FetchSub(n),
            3 => Increment,
            4 => Decrement,
            5 | 6 => Get,
            _ => Reset,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct PlainCounter(i64);

impl Plain for PlainCounter {
    type Call = Call;
    type Answer = Option<i64>;

    fn answer(&mut self, call: &Call) -> Option<Option<i64>> {
        let before = self.0;
        match call {
            FetchAdd(n) => self.0 += n,
            FetchSub(n) => self.0 -= n,
            Increment => self.0 += 1,
            Decrement => self.0 -= 1,
            Get => {}
            Reset => self.0 = 0,
        }
        Some((!matches!(call, Increment | Decrement)).then_some(before))
    }
}

/// Makes the call at a real counter.
pub(crate) fn ask<W: Wing>(counter: &Counter<W>, call: &Call) -> Option<i64> {
    match call {
        FetchAdd(n) => Some(counter.fetch_add(*n)),
        FetchSub(n) => Some(counter.fetch_sub(*n)),
        Increment => {
            counter.increment();
            None
        }
        Decrement => {
            counter.decrement();
            None
        }
        Get => Some(counter.get()),
        Reset => Some(counter.reset()),
    }
}
