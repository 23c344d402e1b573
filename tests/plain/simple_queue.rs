//! `SimpleQueue`.

use std::collections::VecDeque;

use nogil::{Wing, generic::SimpleQueue};

use super::{INSTANT, Plain};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    Put(u32),
    TryGet,
    GetTimeout,
    Get,
    Len,
}

use Call::{Get, GetTimeout, Len, Put, TryGet};

impl From<[u8; 2]> for Call {
    fn from([kind, argument]: [u8; 2]) -> Self {
        match kind % 8 {
            0..=2 => Put(argument.into()),
            3 | 4 => TryGet,
            5 => GetTimeout,
            6 => Get,
            _ => Len,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Done,
    Got(Option<u32>),
    Number(usize),
}

use Answer::{Done, Got, Number};

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct PlainSimpleQueue(VecDeque<u32>);

impl Plain for PlainSimpleQueue {
    type Call = Call;
    type Answer = Answer;

    fn answer(&mut self, call: &Call) -> Option<Answer> {
        Some(match call {
            Put(item) => {
                self.0.push_back(*item);
                Done
            }
            TryGet | GetTimeout => Got(self.0.pop_front()),
            Get => Got(Some(self.0.pop_front()?)),
            Len => Number(self.0.len()),
        })
    }
}

/// Makes the call at a real queue.
pub(crate) fn ask<W: Wing>(queue: &SimpleQueue<u32, W>, call: &Call) -> Answer {
    match call {
        Put(item) => {
            queue.put(*item);
            Done
        }
        TryGet => Got(queue.try_get()),
        GetTimeout => Got(queue.get_timeout(INSTANT)),
        Get => Got(Some(queue.get())),
        Len => Number(queue.len()),
    }
}
