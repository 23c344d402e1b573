//! How a program is run, and the little that its threads share beside what they test.

use std::env;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nogil::model::{begin, expire, expire_sleepers};
use shuttle::scheduler::{PctScheduler, RandomScheduler, ReplayScheduler, Scheduler};
use shuttle::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use shuttle::{Config, MaxSteps, Runner, thread};

/// Makes each function `fn body<W: Wing>()` a test of each wing.
macro_rules! over_each_wing {
    ($($body:ident),* $(,)? $(; large: $($large:ident),* $(,)?)?) => {
        $(mod $body {
            #[test] fn locked() { $crate::harness::model(super::$body::<nogil::Locked>); }
            #[test] fn atomic() { $crate::harness::model(super::$body::<nogil::Atomic>); }
        })*
        $($crate::harness::over_each_wing!($($large),*);)?
    };
}
pub(crate) use over_each_wing;

/// Orders drawn of each kind, unless `NOGIL_SCHEDULES` says otherwise.
const SCHEDULES: usize = 200;

/// Priorities change at so many moments, less one.
const DEPTH: usize = 4;

/// No program takes so many steps unless its threads run in circles.
const MAX_STEPS: usize = 200_000;

/// For a wait that ends when the program says so. The length means nothing.
pub(crate) const UNTIL_EXPIRED: Duration = Duration::from_secs(1);

/// Runs `body` in many orders of its steps. All that it tests is made inside of it, anew each time. (Not generic, so that shuttle is
/// compiled once and not for each.)
pub(crate) fn model(body: fn()) {
    if let Ok(schedule) = env::var("NOGIL_REPLAY") {
        // It is printed in lines.
        let schedule: String = schedule.split_whitespace().collect();
        run(ReplayScheduler::new_from_encoded(&schedule), body);
        return;
    }
    let number = |name| env::var(name).ok().map(|number| number.parse().unwrap_or_else(|_| panic!("{name}={number}")));
    let schedules = number("NOGIL_SCHEDULES").map_or(SCHEDULES, |schedules| schedules as usize);
    let seed: u64 = number("NOGIL_SEED").unwrap_or(0);
    let begin = Instant::now();
    run(RandomScheduler::new_from_seed(seed, schedules), body);
    run(PctScheduler::new_from_seed(seed, DEPTH, schedules), body);
    let name = std::thread::current().name().unwrap_or("?").to_owned();
    println!("{name}: {schedules} orders of each kind from seed {seed} in {:.2?}", begin.elapsed());
}

fn run(scheduler: impl Scheduler + 'static, body: fn()) {
    let mut config = Config::new();
    config.max_steps = MaxSteps::FailAfter(MAX_STEPS);
    // It warns of orderings weaker than SeqCst, which it takes for that.
    config.silence_warnings = true;
    Runner::new(scheduler, config).run(move || {
        begin();
        body();
    });
}

/// shuttle runs all threads of a program in one.
struct InOneThread<T>(T);

// SAFETY: as above, so that nothing is ever sent.
unsafe impl<T> Send for InOneThread<T> {}

impl<T> InOneThread<T> {
    fn into_inner(self) -> T {
        self.0
    }
}

pub(crate) struct JoinHandle<R>(thread::JoinHandle<InOneThread<R>>);

impl<R> JoinHandle<R> {
    pub(crate) fn join(self) -> std::thread::Result<R> {
        self.0.join().map(InOneThread::into_inner)
    }
}

/// Starts a thread of the program, which shares `shared` with the others. It may run before its parent goes on.
pub(crate) fn spawn<S: 'static, R: 'static>(shared: &Arc<S>, body: impl FnOnce(&S) -> R + 'static) -> JoinHandle<R> {
    let parts = InOneThread((shared.clone(), body));
    let thread = thread::spawn(move || {
        let (shared, body) = parts.into_inner();
        InOneThread(body(&shared))
    });
    // shuttle changes threads at its own atomics, among others, and there may be none in what follows.
    AtomicUsize::new(0).load(SeqCst);
    JoinHandle(thread)
}

/// What loom's models start a thread by that shares the engine's `Arc`: shuttle's is std's.
pub(crate) use spawn as spawn_owner;

/// As many threads, each of which knows its number.
pub(crate) fn crowd<S: 'static, R: 'static>(
    threads: usize,
    shared: &Arc<S>,
    body: impl Fn(&S, usize) -> R + Copy + 'static,
) -> Vec<JoinHandle<R>> {
    (0..threads).map(|me| spawn(shared, move |shared| body(shared, me))).collect()
}

/// Waits for the threads of the model to end.
pub(crate) fn join<R: 'static, const N: usize>(threads: [JoinHandle<R>; N]) -> [R; N] {
    threads.map(|thread| thread.join().unwrap())
}

pub(crate) fn join_all<R: 'static>(threads: Vec<JoinHandle<R>>) -> Vec<R> {
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

/// A thread that lets the time of those who then wait be up, so many times, and in the end everybody's.
pub(crate) fn clock<S: 'static>(shared: &Arc<S>, times: usize) -> JoinHandle<()> {
    spawn(shared, move |_| {
        for _ in 0..times {
            expire_sleepers();
        }
        expire();
    })
}

/// A plain variable, so that a change is a look and then a step.
pub(crate) struct Plain(AtomicUsize);

impl Plain {
    pub(crate) fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    pub(crate) fn set(&self, value: usize) {
        self.0.store(value, SeqCst);
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}
