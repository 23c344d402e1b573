//! Rounds, and what is made of them.

use std::io;
use std::time::Duration;

use nogil::{Atomic, Locked};

use crate::args::Capacity;
use crate::common::{Engine, INTERRUPTED};
use crate::primitive::{Load, Primitive};

/// Beside what the threads take to start and end. Short enough for Ctrl-C to wait for.
const ROUND: Duration = Duration::from_millis(20);
/// As few rounds as can be called several.
const FEWEST_ROUNDS: usize = 5;

/// How to spend the time that a cell is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) rounds: usize,
    pub(crate) round: Duration,
}

impl Plan {
    pub(crate) fn new(time: Duration) -> Self {
        let rounds = (time.as_nanos() / ROUND.as_nanos()) as usize;
        let rounds = rounds.max(FEWEST_ROUNDS);
        Self { rounds, round: time / rounds as u32 }
    }
}

/// What one cell came to, in nanoseconds per operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) median: f64,
    pub(crate) fastest: f64,
    pub(crate) slowest: f64,
    pub(crate) rounds: usize,
}

impl Figures {
    /// `None` where no round was run.
    fn of(mut rounds: Vec<f64>) -> Option<Self> {
        rounds.sort_by(f64::total_cmp);
        let (&fastest, &slowest) = (rounds.first()?, rounds.last()?);
        let middle = rounds.len() / 2;
        let median = if rounds.len() % 2 == 1 { rounds[middle] } else { (rounds[middle - 1] + rounds[middle]) / 2.0 };
        Some(Self { median, fastest, slowest, rounds: rounds.len() })
    }
}

/// Times a primitive on each of the engines, which take turns, and tells of each round. After Ctrl-C there are fewer rounds, or none.
pub(crate) fn measure(
    primitive: Primitive,
    engines: &[Engine],
    threads: usize,
    capacity: Capacity,
    plan: Plan,
    round_done: impl Fn(),
) -> io::Result<Vec<Option<Figures>>> {
    let mut contenders: Vec<_> = engines
        .iter()
        .map(|&engine| {
            let load = Load { threads, turns: 1, capacity };
            Contender { primitive, engine, load, one_turn: Duration::ZERO, rounds: Vec::new() }
        })
        .collect();
    for contender in &mut contenders {
        contender.warm_up(plan.round)?;
    }
    for _ in 0..plan.rounds {
        for contender in &mut contenders {
            if !INTERRUPTED.is_set() {
                contender.round(plan.round)?;
                round_done();
            }
        }
    }
    Ok(contenders.into_iter().map(|contender| Figures::of(contender.rounds)).collect())
}

/// A primitive on one engine, with as many turns for each thread as fill a round.
struct Contender {
    primitive: Primitive,
    engine: Engine,
    load: Load,
    /// What a run of one turn takes. By many threads that is some milliseconds, in which they start and end.
    one_turn: Duration,
    rounds: Vec<f64>,
}

impl Contender {
    /// Finds out how many turns fill a round: ever more, until it takes them the better part of one.
    fn warm_up(&mut self, round: Duration) -> io::Result<()> {
        self.one_turn = self.fastest()?;
        while !INTERRUPTED.is_set() {
            let time = self.fastest()?;
            self.set_turns(time, round, 8.0);
            if time >= self.one_turn + round / 4 {
                break;
            }
        }
        Ok(())
    }

    /// Of three runs, since the machine may hold one up for as long as a round takes.
    fn fastest(&self) -> io::Result<Duration> {
        Ok(self.run()?.min(self.run()?).min(self.run()?))
    }

    fn round(&mut self, round: Duration) -> io::Result<()> {
        let operations = self.primitive.operations(self.load);
        let time = self.run()?;
        self.rounds.push(time.as_nanos() as f64 / operations as f64);
        self.set_turns(time, round, 2.0);
        Ok(())
    }

    fn run(&self) -> io::Result<Duration> {
        match self.engine {
            Engine::Locked => self.primitive.time(Locked, self.load),
            Engine::Atomic => self.primitive.time(Atomic, self.load),
        }
    }

    /// Sets the turns, which took a `time`, so that the next take as long as a round should. One time is a bad guess at the next where
    /// threads meet, so the step is bounded.
    fn set_turns(&mut self, time: Duration, round: Duration, most: f64) {
        // Not less than a clock can tell.
        let time = time.saturating_sub(self.one_turn).max(Duration::from_nanos(1));
        let step = (round.as_secs_f64() / time.as_secs_f64()).clamp(most.recip(), most);
        self.load.turns = ((self.load.turns as f64 * step) as usize).max(1);
    }
}
