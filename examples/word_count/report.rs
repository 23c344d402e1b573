//! What the program prints: [`Report`] as a table or as JSON, and [`Resources`] as a line.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::time::Duration;

use indicatif::{BinaryBytes, HumanCount};
use serde::Serialize;

use crate::args::Args;
use crate::tally::Tally;

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    files: u64,
    lines: u64,
    words: u64,
    bytes: u64,
    skipped: u64,
    interrupted: bool,
    /// Files that were found but, because of Ctrl-C, not counted, or not to their end.
    left: u64,
    top: Vec<Word>,
    #[serde(flatten)]
    pub(crate) resources: Resources,
}

#[derive(Debug, Serialize)]
struct Word {
    /// With U+FFFD for what is not UTF-8.
    word: String,
    count: u64,
}

impl Report {
    pub(crate) fn new(tally: Tally, interrupted: bool, left: u64, top: usize, resources: Resources) -> Self {
        let Tally { files, skipped, lines, words, bytes, .. } = tally;
        let word = |(word, count): (Box<[u8]>, u64)| Word { word: String::from_utf8_lossy(&word).into_owned(), count };
        let top = tally.top(top).into_iter().map(word).collect();
        Self { files, lines, words, bytes, skipped, interrupted, left, top, resources }
    }
}

/// The table. The totals stand in the order of `wc`, and as bare digits, to be compared and cut.
impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>12}{:>12}{:>12}{:>16}", "files", "lines", "words", "bytes")?;
        writeln!(f, "{:>12}{:>12}{:>12}{:>16}", self.files, self.lines, self.words, self.bytes)?;
        if !self.top.is_empty() {
            writeln!(f, "\n{:>12}  word", "count")?;
        }
        for Word { word, count } in &self.top {
            writeln!(f, "{count:>12}  {}", tame(word))?;
        }
        if self.skipped > 0 {
            writeln!(f, "\n{:>12}  skipped: could not be read", self.skipped)?;
        }
        if self.interrupted {
            writeln!(f, "\n{:>12}  found, but not counted to the end: interrupted", self.left)?;
        }
        Ok(())
    }
}

/// A word must not send its control codes to the terminal.
fn tame(word: &str) -> String {
    word.replace(char::is_control, "\u{FFFD}")
}

/// What the run took.
#[derive(Debug, Serialize)]
pub(crate) struct Resources {
    engine: &'static str,
    workers: usize,
    capacity: usize,
    longest_queue: usize,
    /// In bytes, where the operating system tells.
    peak_memory: Option<u64>,
    seconds: f64,
}

impl Resources {
    pub(crate) fn new(engine: &'static str, args: &Args, longest_queue: usize, elapsed: Duration) -> Self {
        Self {
            engine,
            workers: args.workers,
            capacity: args.capacity,
            longest_queue,
            peak_memory: peak_memory(),
            seconds: elapsed.as_secs_f64(),
        }
    }
}

impl Display for Resources {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { engine, workers, seconds, .. } = self;
        let [longest, capacity] = [self.longest_queue, self.capacity].map(|n| HumanCount(n as u64));
        write!(f, "{seconds:.2} s, workers: {workers}, engine: {engine}, longest queue: {longest} of {capacity}")?;
        match self.peak_memory {
            Some(bytes) => write!(f, ", peak memory: {}", BinaryBytes(bytes)),
            None => Ok(()),
        }
    }
}

/// The most memory that this process ever had. Linux tells, in kibibytes.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
