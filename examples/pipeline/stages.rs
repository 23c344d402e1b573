//! The stages, the queues between them, and what they add up to.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use flate2::write::DeflateEncoder;
use nogil::generic::Queue;
use nogil::{PriorityQueue, Wing};
use sha2::{Digest, Sha256};

/// What is done with the content of each file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Work {
    Hash,
    Compress(u32),
}

/// A file that waits to be read. The urgent ones compare as less, so they come first; the others keep their order.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) path: PathBuf,
    pub(crate) urgent: bool,
    pub(crate) since: Instant,
}

impl Ord for Job {
    fn cmp(&self, other: &Self) -> Ordering {
        other.urgent.cmp(&self.urgent)
    }
}

impl PartialOrd for Job {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Job {}

/// A file that was read, or could not be.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) path: PathBuf,
    pub(crate) urgent: bool,
    /// How long it waited to be read.
    pub(crate) waited: Duration,
    pub(crate) bytes: io::Result<Vec<u8>>,
}

impl Content {
    /// The first stage.
    pub(crate) fn read(path: PathBuf, urgent: bool, waited: Duration, largest: u64) -> Self {
        let read = || {
            let metadata = fs::metadata(&path)?;
            // Asked first, because to open a named pipe would wait for somebody to write to it.
            if !metadata.is_file() {
                return Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file"));
            }
            if metadata.len() > largest {
                return Err(io::Error::new(ErrorKind::FileTooLarge, "larger than --largest allows"));
            }
            fs::read(&path)
        };
        let bytes = read();
        Self { path, urgent, waited, bytes }
    }
}

/// What became of a file.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) path: PathBuf,
    pub(crate) urgent: bool,
    pub(crate) waited: Duration,
    result: io::Result<Product>,
}

#[derive(Debug)]
enum Product {
    Hash { hash: [u8; 32], bytes: u64 },
    Packed(u64),
}

impl Outcome {
    /// The second stage.
    pub(crate) fn of(Content { path, urgent, waited, bytes }: Content, work: Work) -> Self {
        let result = bytes.and_then(|bytes| match work {
            Work::Hash => Ok(Product::Hash { hash: Sha256::digest(&bytes).into(), bytes: bytes.len() as u64 }),
            Work::Compress(level) => {
                let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::new(level));
                io::Write::write_all(&mut encoder, &bytes)?;
                Ok(Product::Packed(encoder.finish()?.len() as u64))
            }
        });
        Self { path, urgent, waited, result }
    }
}

/// What all files come to, in whatever order they were worked on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Totals {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) skipped: u64,
    /// Of files with the same content, the first by name.
    pub(crate) distinct: BTreeMap<[u8; 32], PathBuf>,
    pub(crate) packed_files: u64,
    pub(crate) packed: u64,
}

impl Totals {
    /// The third stage. Hands back what was skipped, and why.
    pub(crate) fn add(&mut self, outcome: Outcome) -> Option<(PathBuf, io::Error)> {
        match outcome.result {
            Ok(Product::Hash { hash, bytes }) => {
                self.files += 1;
                self.bytes += bytes;
                let first = self.distinct.entry(hash).or_insert_with(|| outcome.path.clone());
                if outcome.path < *first {
                    *first = outcome.path;
                }
            }
            Ok(Product::Packed(bytes)) => {
                self.packed_files += 1;
                self.packed += bytes;
            }
            Err(error) => {
                self.skipped += 1;
                return Some((outcome.path, error));
            }
        }
        None
    }
}

/// The queues between the stages, for one phase. Each is full when the stage behind it is slower, and the one before it waits.
pub(crate) struct Queues<W: Wing> {
    pub(crate) jobs: PriorityQueue<Job>,
    pub(crate) contents: Queue<Content, W>,
    pub(crate) outcomes: Queue<Outcome, W>,
}

impl<W: Wing> Queues<W> {
    pub(crate) fn new(wing: W, capacity: usize) -> Self {
        Self {
            jobs: PriorityQueue::bounded(capacity),
            contents: Queue::bounded_in(wing, capacity),
            outcomes: Queue::bounded_in(wing, capacity),
        }
    }

    /// Waits until all that was put is done, stage after stage, and sends the threads on to the next phase. A task is marked
    /// done only when the next stage has what came of it, so that nothing is between two queues when a `join` returns.
    pub(crate) fn finish(&self) {
        self.jobs.join();
        self.jobs.shutdown();
        self.contents.join();
        self.contents.shutdown();
        self.outcomes.join();
        self.outcomes.shutdown();
    }

    /// Ends at once. Answers how many files were left on the queues.
    pub(crate) fn abandon(&self) -> usize {
        self.jobs.shutdown_now().len() + self.contents.shutdown_now().len() + self.outcomes.shutdown_now().len()
    }

    /// The same when what this returns is dropped.
    pub(crate) fn abandon_on_drop(&self) -> impl Sized {
        (self.jobs.shutdown_now_on_drop(), self.contents.shutdown_now_on_drop(), self.outcomes.shutdown_now_on_drop())
    }
}
