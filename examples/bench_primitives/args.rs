//! The command line.

use std::num::NonZero;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};

use crate::common::{Engine, between, once_each};
use crate::primitive::Primitive;

/// Time the primitives, on either engine, by any number of threads
#[derive(Debug, Parser)]
#[command(name = "bench_primitives")]
pub(crate) struct Args {
    /// What to time [default: all of them]
    #[arg(long = "primitive", value_name = "NAME,..", value_enum, value_delimiter = ',')]
    #[arg(default_values_t = Primitive::value_variants(), hide_default_value = true)]
    pub(crate) primitives: Vec<Primitive>,

    /// What it is built from
    #[arg(long = "engine", value_name = "NAME,..", value_enum, value_delimiter = ',')]
    #[arg(default_values_t = [Engine::Atomic, Engine::Locked])]
    pub(crate) engines: Vec<Engine>,

    /// The numbers of threads that use it at once
    #[arg(long, value_name = "N,..", value_delimiter = ',', default_value = "1,2,4", value_parser = between(1, 256))]
    pub(crate) threads: Vec<usize>,

    /// Seconds for each cell: a primitive on an engine by so many threads
    #[arg(long, value_name = "SECONDS", default_value = "0.2", value_parser = time)]
    pub(crate) time: Duration,

    /// The most items in queue, lifo and priority, or `unbounded`
    #[arg(long, value_name = "N", default_value = "1024", value_parser = capacity)]
    pub(crate) capacity: Capacity,
}

/// The most items that a queue may hold, if there is a bound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capacity(pub(crate) Option<NonZero<usize>>);

impl Args {
    /// Ends the program where the arguments make no sense. What is named twice is measured once.
    pub(crate) fn read() -> Self {
        let mut args = Self::parse();
        once_each(&mut args.primitives);
        once_each(&mut args.engines);
        once_each(&mut args.threads);
        if args.primitives.iter().all(|primitive| args.engines_of(*primitive) == 0) {
            let (primitive, engine) = (args.primitives[0].name(), args.engines[0].name());
            let complaint = format!("there is no {engine} engine for --primitive {primitive}");
            Self::command().error(ErrorKind::ArgumentConflict, complaint).exit();
        }
        args
    }

    /// How many of the wanted engines this primitive has.
    pub(crate) fn engines_of(&self, primitive: Primitive) -> usize {
        self.engines.iter().filter(|engine| primitive.runs_on(**engine)).count()
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if (0.001..=60.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("not in 0.001..=60".to_owned())
    }
}

fn capacity(text: &str) -> Result<Capacity, String> {
    if text == "unbounded" {
        return Ok(Capacity(None));
    }
    match text.parse() {
        Ok(items) if items <= NonZero::new(1_000_000).expect("a million is not zero") => Ok(Capacity(Some(items))),
        _ => Err("neither in 1..=1000000 nor `unbounded`".to_owned()),
    }
}
