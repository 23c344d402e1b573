//! Steps that cannot be taken back.

use std::mem;
use std::process;

use crate::primitive::IS_MODEL;

/// Takes a step in whose midst a panic must not leave this function, since others rely on what it has begun: then the program ends. (A model that fails is given
/// up as a whole.)
#[inline]
pub(crate) fn no_way_back<R>(step: impl FnOnce() -> R) -> R {
    struct EndsTheProgram;
    impl Drop for EndsTheProgram {
        fn drop(&mut self) {
            if !IS_MODEL {
                process::abort();
            }
        }
    }

    let bomb = EndsTheProgram;
    let result = step();
    mem::forget(bomb);
    result
}
