//! Each model twice: with its main thread first, and with its other threads first.
//!
//! loom finds a race of two steps only if the later thread's step is itself the conflict. For each atomic it remembers one last
//! access; so where a thread looks at a variable and then exchanges it, its own look hides another thread's look before that,
//! and loom never tries the exchange first. In one of the two turns it is the other way around.

use std::cell::Cell;
use std::sync::Arc;

use loom::thread::{JoinHandle, yield_now};

use crate::harness;

thread_local! {
    // loom runs all threads of a model in one, and knows nothing of this variable.
    static MAIN_LAST: Cell<bool> = const { Cell::new(false) };
}

/// Runs `body` in every order of its steps, within the bound.
pub(crate) fn model(body: impl Fn() + Send + Sync + Copy + 'static) {
    for main_last in [false, true] {
        MAIN_LAST.set(main_last);
        harness::model(body);
    }
}

/// As `model`, one preemption less deep: for a model whose executions are too many to be tried each time.
pub(crate) fn large_model(body: impl Fn() + Send + Sync + Copy + 'static) {
    for main_last in [false, true] {
        MAIN_LAST.set(main_last);
        harness::large_model(body);
    }
}

/// Starts a thread of the model.
pub(crate) fn spawn<S: 'static, R: 'static>(shared: &Arc<S>, body: impl FnOnce(&S) -> R + 'static) -> JoinHandle<R> {
    let thread = harness::spawn(shared, body);
    if MAIN_LAST.get() {
        // No preemption, so this costs nothing of the bound.
        yield_now();
    }
    thread
}
