//! How a race is run: again and again, ever closer to the moment that decides it.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use crate::harness::panic_text;

/// Counts rounds until the time of a test is up, and a few in any case.
pub(crate) fn rounds() -> impl Iterator<Item = u64> {
    const AT_LEAST: u64 = 3;
    let limit = std::env::var("NOGIL_STRESS_MS").map_or(250, |ms| ms.parse().expect("a number of milliseconds"));
    let end = Instant::now() + Duration::from_millis(limit);
    (0..).take_while(move |&round| round < AT_LEAST || Instant::now() < end)
}

/// Eight threads for each processor, so that a thread is preempted anywhere, and rarely runs when another needs it. No more than 64: as many tests as there are
/// processors run at a time, and the threads of all of them would be more than a large machine lets a process have. There the tests crowd each other.
pub(crate) fn crowd() -> usize {
    (8 * thread::available_parallelism().map_or(1, usize::from)).min(64)
}

/// A bound that is never reached, and so large that a queue of the atomic wing has segments and no ring.
pub(crate) const FAR: usize = 200_000;

/// A number below `below` that looks random, the same in every run.
pub(crate) fn random(seed: u64, below: u64) -> u64 {
    // SplitMix64, Guy Steele and others, 2014.
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) % below
}

/// A place where threads set off together. It is made of one atomic, and not std's, so that ThreadSanitizer follows it.
pub(crate) struct StartLine(AtomicUsize);

impl StartLine {
    pub(crate) fn new(threads: usize) -> Self {
        Self(AtomicUsize::new(threads))
    }

    pub(crate) fn set_off(&self) {
        self.0.fetch_sub(1, SeqCst);
        until(|| self.0.load(SeqCst) == 0);
    }
}

/// Looks until `condition` holds. The short spin lets threads set off within the same microsecond.
fn until(condition: impl Fn() -> bool) {
    let mut looks = 0_u32;
    while !condition() {
        looks += 1;
        if looks < 100 { std::hint::spin_loop() } else { thread::yield_now() }
    }
}

/// Runs `body` once in each of so many threads, which set off together, and joins each one. (A scope's own end is a wait that
/// ThreadSanitizer does not see.)
pub(crate) fn together(threads: usize, body: impl Fn(usize) + Sync) {
    let line = StartLine::new(threads);
    let run = |thread| {
        line.set_off();
        body(thread);
    };
    thread::scope(|scope| {
        or_abort(|| {
            let workers: Vec<_> = (0..threads).map(|thread| scope.spawn(move || or_abort(|| run(thread)))).collect();
            workers.into_iter().for_each(|worker| worker.join().unwrap());
        });
    });
}

/// Ends the process when `body` panics: other threads of the scope would wait for ever, and the panic would never be seen.
fn or_abort<R>(body: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let _ = writeln!(io::stderr(), "a race is lost: {}", panic_text(&*payload));
        std::process::abort()
    })
}

/// One thread that waits until a moment, one that waits as long as it takes, and something given at about that moment that
/// is enough for one of the two.
pub(crate) struct Expiry<P, T, L, G, S> {
    /// Before each round.
    pub(crate) prepare: P,
    /// Waits, and answers whether it had what it waited for.
    pub(crate) timed: T,
    pub(crate) patient: L,
    /// Is called a second time if the timed wait had the first.
    pub(crate) give: G,
    /// After each round, with the answer of the timed wait. Checks that nothing is left over, and nothing is gone.
    pub(crate) settle: S,
}

impl<P, T, L, G, S> Expiry<P, T, L, G, S>
where
    P: FnMut(),
    T: Fn(Instant) -> bool + Sync,
    L: Fn() + Sync,
    G: FnMut(),
    S: FnMut(bool),
{
    pub(crate) fn race(mut self) {
        let track = Track::new();
        let (timed, patient) = (&self.timed, &self.patient);
        thread::scope(|scope: &Scope<'_, '_>| {
            or_abort(|| {
                let waiters = [
                    scope.spawn(|| {
                        or_abort(|| track.run(&track.timed_done, |moment| track.had_it.store(timed(moment), SeqCst)))
                    }),
                    scope.spawn(|| {
                        or_abort(|| {
                            track.run(&track.patient_done, |moment| {
                                // Every other time behind the timed wait: where the longest waiter comes first, that is it.
                                if track.round.load(SeqCst) % 2 == 0 {
                                    until(|| Instant::now() + Duration::from_micros(30) > moment);
                                }
                                patient();
                            });
                        });
                    }),
                ];
                let mut aim = Aim::default();
                for round in rounds() {
                    (self.prepare)();
                    let moment = track.start(round + 1, Duration::from_micros(60 + random(round, 60)));
                    aim.wait_until_about(moment, round);
                    (self.give)();
                    track.finished(&track.timed_done);
                    let had_it = track.had_it.load(SeqCst);
                    if had_it {
                        (self.give)();
                    }
                    track.finished(&track.patient_done);
                    (self.settle)(had_it);
                    aim.correct(had_it);
                }
                track.round.store(OVER, SeqCst);
                waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
                println!("{aim:?}");
            });
        });
    }
}

const OVER: u64 = u64::MAX;

/// Where the threads of a race agree on its rounds.
struct Track {
    base: Instant,
    round: AtomicU64,
    /// In nanoseconds after `base`.
    moment: AtomicU64,
    timed_done: AtomicU64,
    patient_done: AtomicU64,
    had_it: AtomicBool,
}

impl Track {
    fn new() -> Self {
        Self {
            base: Instant::now(),
            round: AtomicU64::new(0),
            moment: AtomicU64::new(0),
            timed_done: AtomicU64::new(0),
            patient_done: AtomicU64::new(0),
            had_it: AtomicBool::new(false),
        }
    }

    fn start(&self, round: u64, after: Duration) -> Instant {
        let moment = self.base.elapsed() + after;
        self.moment.store(moment.as_nanos() as u64, SeqCst);
        self.round.store(round, SeqCst);
        self.base + moment
    }

    /// Runs `body` once in each round, and says in `done` which one it was.
    fn run(&self, done: &AtomicU64, body: impl Fn(Instant)) {
        loop {
            until(|| self.round.load(SeqCst) != done.load(SeqCst));
            let round = self.round.load(SeqCst);
            if round == OVER {
                return;
            }
            body(self.base + Duration::from_nanos(self.moment.load(SeqCst)));
            done.store(round, SeqCst);
        }
    }

    fn finished(&self, done: &AtomicU64) {
        until(|| done.load(SeqCst) == self.round.load(SeqCst));
    }
}

/// How far from the moment to act. The kernel wakes a sleeper a little late, and each machine differs, so each round corrects
/// the next: had the timed wait what it waited for, later; else, earlier. So about half of all rounds go either way, and most are close.
#[derive(Debug, Default)]
pub(crate) struct Aim {
    offset: i64,
    in_time: u64,
    too_late: u64,
}

impl Aim {
    const STEP: i64 = 3_000;

    pub(crate) fn wait_until_about(&self, moment: Instant, round: u64) {
        let nanos = self.offset + random(round, 8_000) as i64 - 4_000;
        let change = Duration::from_nanos(nanos.unsigned_abs());
        let when = if nanos < 0 { moment.checked_sub(change).unwrap_or(moment) } else { moment + change };
        while let Some(left) = when.checked_duration_since(Instant::now()) {
            // The waiters need the processor, all the more where there is only one.
            if left > Duration::from_micros(20) { thread::yield_now() } else { std::hint::spin_loop() }
        }
    }

    pub(crate) fn correct(&mut self, in_time: bool) {
        *(if in_time { &mut self.in_time } else { &mut self.too_late }) += 1;
        let offset = self.offset + if in_time { Self::STEP } else { -Self::STEP };
        self.offset = offset.clamp(-200_000, 2_000_000);
    }
}
