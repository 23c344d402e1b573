//! What a panic carries.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Drops the payload of a panic that is not handed on. It may panic in turn as it is dropped, and so may the payload of that; but not for ever: the last is forgotten.
pub(crate) fn discard(mut payload: Box<dyn Any + Send>) {
    for _ in 0..4 {
        match catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            Ok(()) => return,
            Err(another) => payload = another,
        }
    }
    mem::forget(payload);
}
