//! Real threads that make real calls at the same time, and write down what came of each.

use std::hint;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::AcqRel, Ordering::Acquire};
use std::thread;

use super::check::{Event, History, is_linearizable, overlaps};
use crate::harness::watched;
use crate::plain::{Plain, Step};

/// What the histories are of.
pub(crate) struct Trial<P: Plain, Q> {
    /// A fresh one, and the plain one that it equals.
    pub(crate) make: fn(&mut Random) -> (Q, P),
    pub(crate) ask: fn(&Q, &P::Call) -> P::Answer,
    /// Changes what the threads are to do, so that no call waits for ever.
    pub(crate) tame: fn(&mut [Vec<P::Call>]),
    /// The steps of which the call consists.
    pub(crate) steps: fn(P::Call, P::Answer) -> Vec<Step<P>>,
}

/// Numbers that follow from a seed (Sebastiano Vigna's splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }
}

/// How many items an object has seen before: so many that what follows may cross the end of a ring, or of a segment, which has 255 slots.
pub(crate) fn used_before(random: &mut Random) -> usize {
    match random.below(2) {
        0 => random.below(40),
        _ => 240 + random.below(30),
    }
}

/// One history to be: what it is about, and who does what to it.
struct Round<P: Plain, Q> {
    seed: u64,
    object: Q,
    start: P,
    scripts: Vec<Vec<P::Call>>,
    lined_up: AtomicUsize,
    /// Each call draws a number as it begins and one as it ends. To draw is to read what the last drawer wrote, so of two calls whose
    /// numbers say that one ended first, it happened before the other: more than a clock could say.
    clock: AtomicU64,
    log: Mutex<History<P>>,
}

/// Threads of a history at most; they run all histories of a batch.
const CREW: usize = 4;
const BATCH: u64 = 100;

/// Histories per trial, unless `NOGIL_HISTORIES` says otherwise.
const HISTORIES: u64 = 400;

/// Trials run one at a time, as two would leave each other no processors to overlap on. Who waits for this is not watched, nor is a whole trial, which
/// may be as long as `NOGIL_HISTORIES` says: each batch is.
static ALONE: Mutex<()> = Mutex::new(());

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

impl<P: Plain + Send + Sync, Q: Sync + Send> Trial<P, Q> {
    /// Records histories and checks each. `NOGIL_SEED` names one that is to be tried again and again.
    pub(crate) fn run(&self) {
        let _alone = ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (histories, seed) = (number_from("NOGIL_HISTORIES").unwrap_or(HISTORIES), number_from("NOGIL_SEED"));
        let mut overlapping = 0;
        let mut first = 0;
        // A single processor makes calls overlap only where they wait for each other. Where there are more, a trial goes on until some have: on a busy
        // machine that may take a while.
        let processors = thread::available_parallelism().map_or(1, usize::from);
        while first < histories || processors > 1 && overlapping == 0 {
            let last = if first < histories { histories.min(first + BATCH) } else { first + BATCH };
            watched(|| {
                let rounds: Vec<_> = (first..last).map(|number| self.round(seed.unwrap_or(number))).collect();
                self.record(&rounds);
                overlapping += rounds.iter().filter(|round| self.check(round)).count();
            });
            first = last;
        }
        let share = overlapping * 100 / first.max(1) as usize;
        println!("{first} histories, {share} % of them with calls that overlap");
    }

    fn round(&self, seed: u64) -> Round<P, Q> {
        let mut random = Random(seed);
        let (object, start) = (self.make)(&mut random);
        let mut scripts: Vec<Vec<P::Call>> = (0..2 + random.below(CREW - 1))
            .map(|_| {
                let calls = 2 + random.below(4);
                (0..calls).map(|_| [random.below(256) as u8, random.below(256) as u8].into()).collect()
            })
            .collect();
        (self.tame)(&mut scripts);
        let log = Mutex::new(scripts.iter().map(|_| Vec::new()).collect());
        Round { seed, object, start, scripts, lined_up: AtomicUsize::new(0), clock: AtomicU64::new(0), log }
    }

    fn record(&self, rounds: &[Round<P, Q>]) {
        thread::scope(|scope| {
            for me in 0..CREW {
                scope.spawn(move || {
                    for round in rounds.iter().filter(|round| me < round.scripts.len()) {
                        self.take_part(me, round);
                    }
                });
            }
        });
    }

    fn take_part(&self, me: usize, round: &Round<P, Q>) {
        let mut events = Vec::with_capacity(round.scripts[me].len());
        round.lined_up.fetch_add(1, AcqRel);
        let mut looks = 0;
        while round.lined_up.load(Acquire) < round.scripts.len() {
            looks += 1;
            match looks < 1000 {
                true => hint::spin_loop(),
                false => thread::yield_now(),
            }
        }
        for call in &round.scripts[me] {
            let began = round.clock.fetch_add(1, AcqRel);
            let answer = (self.ask)(&round.object, call);
            let ended = round.clock.fetch_add(1, AcqRel);
            events.push((call.clone(), answer, began, ended));
        }
        round.log.lock().unwrap()[me] = events
            .into_iter()
            .flat_map(|(call, answer, began, ended)| {
                let steps = (self.steps)(call, answer).into_iter();
                steps.map(move |(call, answer)| Event { call, answer, began, ended })
            })
            .collect();
    }

    /// Panics unless the history can be explained. Answers whether calls overlapped in it.
    fn check(&self, round: &Round<P, Q>) -> bool {
        let history = round.log.lock().unwrap();
        if !is_linearizable(&round.start, &history) {
            let threads = history.iter().map(|events| {
                let lines = events.iter().map(|event| format!("  {event:?}\n"));
                format!("one thread:\n{}", lines.collect::<String>())
            });
            panic!(
                "no order of these calls explains their answers\nfrom {:?}\n{}try again with NOGIL_SEED={} NOGIL_HISTORIES=100000",
                round.start,
                threads.collect::<String>(),
                round.seed
            );
        }
        overlaps::<P>(&history)
    }
}
