//! The end of a queue that still has items.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::payload::discard;

/// Drops the items that `pop` gives, and then calls `free`. If an item panics as it is dropped, the
/// others are dropped all the same, and the panic goes on at the end.
pub(super) fn drop_items<T>(mut pop: impl FnMut() -> Option<T>, free: impl FnOnce()) {
    let mut panic = None;
    loop {
        match catch_unwind(AssertUnwindSafe(|| pop().map(drop))) {
            Ok(Some(())) => {}
            Ok(None) => break,
            Err(payload) if panic.is_none() => panic = Some(payload),
            Err(payload) => discard(payload),
        }
    }
    free();
    if let Some(payload) = panic {
        resume_unwind(payload);
    }
}
