//! The command line.

use std::path::PathBuf;
use std::thread;

use clap::builder::TypedValueParser;
use clap::{Parser, ValueEnum, value_parser};

/// As many threads as any machine is likely to start.
const MOST_WORKERS: usize = 1024;

/// Count files, lines, words and bytes as wc does, and the most frequent words
#[derive(Debug, Parser)]
#[command(name = "word_count")]
pub(crate) struct Args {
    /// Files, and directories to walk
    #[arg(default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,

    /// Threads that count [default: one per CPU]
    #[arg(long, value_name = "N", default_value_t = one_per_cpu(), hide_default_value = true)]
    #[arg(value_parser = up_to(MOST_WORKERS))]
    pub(crate) workers: usize,

    /// The most paths that wait on the queue
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = up_to(1_000_000))]
    pub(crate) capacity: usize,

    /// The number of most frequent words to show
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,

    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,

    /// What the queue is built from
    #[arg(long, value_enum, default_value_t = Engine::Locked)]
    pub(crate) engine: Engine,

    /// Count all files, those that git ignores and those in .git too
    #[arg(long)]
    pub(crate) no_ignore: bool,

    /// Show no progress, and not what the run took
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// The wings, as the command line calls them.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Engine {
    /// A mutex and condition variables
    Locked,
    /// Atomics
    Atomic,
}

fn one_per_cpu() -> usize {
    thread::available_parallelism().map_or(1, |cpus| cpus.get().min(MOST_WORKERS))
}

/// Parses a number from 1 to `most`.
fn up_to(most: usize) -> impl TypedValueParser<Value = usize> {
    value_parser!(u64).range(1..=most as u64).map(|n| n as usize)
}
