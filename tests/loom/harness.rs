//! How a model is run, and the little that its threads share beside what they test.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use loom::cell::UnsafeCell;
use loom::thread::{self, JoinHandle};

/// Makes each function `fn body<W: Wing>()` a model of each wing. Those after `; large:` are searched one preemption less deep.
macro_rules! over_each_wing {
    ($($body:ident),* $(,)? $(; large: $($large:ident),* $(,)?)?) => {
        $(mod $body {
            #[test] fn locked() { $crate::turns::model(super::$body::<nogil::Locked>); }
            #[test] fn atomic() { $crate::turns::model(super::$body::<nogil::Atomic>); }
        })*
        $($(mod $large {
            #[test] fn locked() { $crate::turns::large_model(super::$large::<nogil::Locked>); }
            #[test] fn atomic() { $crate::turns::large_model(super::$large::<nogil::Atomic>); }
        })*)?
    };
}
pub(crate) use over_each_wing;

/// How far the search goes, unless `LOOM_MAX_PREEMPTIONS` says otherwise: most bugs of this kind need two preemptions at most.
const MAX_PREEMPTIONS: usize = 2;

/// For a wait that ends when the model calls `expire`. The length means nothing.
pub(crate) const UNTIL_EXPIRED: Duration = Duration::from_secs(1);

/// Runs `body` in every order of its steps, within the bound. All that it tests is made inside of it, anew each time.
pub(crate) fn model(body: impl Fn() + Send + Sync + 'static) {
    run(0, body);
}

/// As `model`, one preemption less deep: for a model whose executions are too many to be tried each time.
pub(crate) fn large_model(body: impl Fn() + Send + Sync + 'static) {
    run(1, body);
}

fn run(less: usize, body: impl Fn() + Send + Sync + 'static) {
    let executions = Arc::new(AtomicUsize::new(0));
    let begin = Instant::now();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.unwrap_or(MAX_PREEMPTIONS).saturating_sub(less));
    builder.check({
        let executions = executions.clone();
        move || {
            executions.fetch_add(1, Ordering::Relaxed);
            nogil::model::begin();
            body();
        }
    });
    let name = std::thread::current().name().unwrap_or("?").to_owned();
    let (executions, took) = (executions.load(Ordering::Relaxed), begin.elapsed());
    println!("{name}: {executions} executions in {took:.2?}");
}

/// Waits for the threads of the model to end.
pub(crate) fn join<R: 'static, const N: usize>(threads: [JoinHandle<R>; N]) -> [R; N] {
    threads.map(|thread| thread.join().unwrap())
}

/// Starts a thread of the model, which shares `shared` with the others. It is std's `Arc` that they share it by: sharing is
/// no part of what is tested, and orders nothing here.
pub(crate) fn spawn<S: 'static, R: 'static>(shared: &Arc<S>, body: impl FnOnce(&S) -> R + 'static) -> JoinHandle<R> {
    let shared = shared.clone();
    thread::spawn(move || body(&shared))
}

/// As `spawn`, by loom's `Arc`: for models of how threads let go of what they share.
pub(crate) fn spawn_owner<S: 'static, R: 'static>(
    shared: &loom::sync::Arc<S>,
    body: impl FnOnce(&S) -> R + 'static,
) -> JoinHandle<R> {
    let shared = shared.clone();
    thread::spawn(move || body(&shared))
}

/// A plain variable. loom reports two accesses that no edge orders, if one of them writes.
pub(crate) struct Plain(UnsafeCell<usize>);

// SAFETY: loom runs one thread at a time; that the accesses are ordered is what the models show.
unsafe impl Sync for Plain {}

impl Plain {
    pub(crate) fn new() -> Self {
        Self(UnsafeCell::new(0))
    }

    #[track_caller]
    pub(crate) fn set(&self, value: usize) {
        // SAFETY: no reference outlives the closure.
        self.0.with_mut(|cell| unsafe { *cell = value });
    }

    #[track_caller]
    pub(crate) fn get(&self) -> usize {
        // SAFETY: as above.
        self.0.with(|cell| unsafe { *cell })
    }
}
