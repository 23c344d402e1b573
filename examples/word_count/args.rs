//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::common::{Engine, between, cpus};

/// As many threads as any machine is likely to start.
const MOST_WORKERS: usize = 1024;

/// Count files, lines, words and bytes as wc does, and the most frequent words
///
/// Words that GNU wc passes over, those without printable ASCII, count as well.
#[derive(Debug, Parser)]
#[command(name = "word_count")]
pub(crate) struct Args {
    /// Files, and directories to walk
    #[arg(default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,

    /// Threads that count [default: one per CPU]
    #[arg(long, value_name = "N", default_value_t = cpus().min(MOST_WORKERS), hide_default_value = true)]
    #[arg(value_parser = between(1, MOST_WORKERS))]
    pub(crate) workers: usize,

    /// The most paths that wait on the queue
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = between(1, 1_000_000))]
    pub(crate) capacity: usize,

    /// The number of most frequent words to show
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,

    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,

    /// What the queue is built from
    #[arg(long, value_enum, default_value_t = Engine::Atomic)]
    pub(crate) engine: Engine,

    /// Count all files, those that git ignores and those in .git too
    #[arg(long)]
    pub(crate) no_ignore: bool,

    /// Show no progress, and not what the run took
    #[arg(long)]
    pub(crate) quiet: bool,
}
