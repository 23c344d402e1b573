//! The buffer of a queue: a ring if it is bounded, segments if it is not, or if the bound is too large to allocate at once.

use std::vec;

use super::queue::Buffer;
use super::ring::Ring;
use super::segment::slots;
use super::segments::Segments;
use crate::error::{TryGetError, TryPutError};
use crate::primitive::{IS_MODEL, const_unless_model};

pub enum Fifo<T> {
    Ring(Ring<T>),
    Segments(Segments<T>),
}

/// How many items a ring of them may be for. It takes its memory at once, for as many as ever fit; past a megabyte,
/// memory follows the items that are there, unless it would come in segments that are larger than the ring. In a model so
/// few that both kinds of bounded queue can be made.
const fn largest_ring<T>() -> usize {
    let (fit, segment) = ((1 << 20) / Ring::<T>::SLOT, slots(size_of::<T>()));
    match IS_MODEL {
        true => 2,
        false if fit < segment => segment,
        false => fit,
    }
}

impl<T> Fifo<T> {
    const_unless_model! {
        pub const fn new(capacity: Option<usize>) -> Self {
            match capacity {
                Some(capacity) if capacity <= largest_ring::<T>() => Self::Ring(Ring::new(capacity)),
                _ => Self::Segments(Segments::new(capacity)),
            }
        }
    }
}

/// The same call to whichever buffer it is.
macro_rules! either {
    ($self:ident, $buffer:ident => $call:expr) => {
        match $self {
            Self::Ring($buffer) => $call,
            Self::Segments($buffer) => $call,
        }
    };
}

impl<T> Buffer<T> for Fifo<T> {
    fn new(capacity: Option<usize>) -> Self {
        Self::new(capacity)
    }

    fn capacity(&self) -> Option<usize> {
        either!(self, buffer => buffer.capacity())
    }

    #[inline]
    fn push_at_once(&self, item: T) -> Result<(), T> {
        either!(self, buffer => buffer.push_at_once(item))
    }

    fn push_at_a_glance(&self, item: T) -> Result<(), T> {
        either!(self, buffer => buffer.push_at_a_glance(item))
    }

    fn fall_back_after_put(&self) {
        either!(self, buffer => buffer.fall_back_after_put());
    }

    fn push(&self, item: T) -> Result<(), TryPutError<T>> {
        either!(self, buffer => buffer.push(item))
    }

    fn push_many(&self, items: &mut vec::IntoIter<T>) -> Result<usize, TryPutError> {
        either!(self, buffer => buffer.push_many(items))
    }

    #[inline]
    fn pop_at_once(&self) -> Option<T> {
        either!(self, buffer => buffer.pop_at_once())
    }

    fn pop_at_a_glance(&self) -> Option<T> {
        either!(self, buffer => buffer.pop_at_a_glance())
    }

    fn fall_back_after_get(&self) {
        either!(self, buffer => buffer.fall_back_after_get());
    }

    fn pop(&self) -> Result<T, TryGetError> {
        either!(self, buffer => buffer.pop())
    }

    fn pop_many(&self, max: usize) -> Result<Vec<T>, TryGetError> {
        either!(self, buffer => buffer.pop_many(max))
    }

    fn close(&self) {
        either!(self, buffer => buffer.close());
    }

    fn is_closed(&self) -> bool {
        either!(self, buffer => buffer.is_closed())
    }

    fn len(&self) -> usize {
        either!(self, buffer => buffer.len())
    }

    fn puts(&self) -> u64 {
        either!(self, buffer => buffer.puts())
    }
}
