//! Counts the files, lines, words and bytes of whole trees as `LC_ALL=C wc` does, and the most frequent words.
//!
//! It shows a bounded [`nogil::Queue`] at work: one producer walks the trees and puts paths on the queue, N workers take
//! them. The queue is why memory stays bounded, however many files there are: when it is full, `put` waits. (What grows is
//! the table of words, with the number of different ones.) The queue is also how the program ends: after the last path by
//! `shutdown`, which lets the workers finish what is queued, and at Ctrl-C by `shutdown_now`, which wakes the producer and
//! the workers wherever they wait. Whoever is in the midst of a file looks for Ctrl-C after each block.
//!
//! The Python program that it answers:
//!
//! ```text
//! paths = queue.Queue(maxsize=1024)
//!
//! def work(tally):
//!     with contextlib.suppress(queue.ShutDown):
//!         while True:
//!             tally.count(paths.get())
//!
//! tallies = [Tally() for _ in range(os.cpu_count())]
//! workers = [threading.Thread(target=work, args=[tally]) for tally in tallies]
//! for worker in workers: worker.start()
//! try:
//!     for path in walk(sys.argv[1:]): paths.put(path)
//!     paths.shutdown()
//! except KeyboardInterrupt:
//!     paths.shutdown(immediate=True)
//! for worker in workers: worker.join()
//! print(sum(tallies, Tally()))
//! ```
//!
//! Run it with `cargo run --release --example word_count -- [OPTIONS] [PATHS]`, and with `--help` to see the options.
//!
//! Words are runs of bytes that are not white space, as POSIX defines them. GNU `wc` passes over words without any
//! printable ASCII byte (a lone arrow sign, say), which are words here.
//!
//! Exit status: 0; 1 if a file could not be read, or a thread not be started; 2 for bad arguments; 130 after Ctrl-C.

mod args;
#[path = "../common/mod.rs"]
mod common;
mod files;
mod report;
mod tally;

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use nogil::{Atomic, Locked, ShutDown, Wing, generic};

use args::Args;
use common::{Engine, INTERRUPTED, complain, spawn_scoped};
use report::{Report, Resources};
use tally::Tally;

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some((path, error)) = files::first_missing(&args.paths) {
        complain(format_args!("cannot find {path:?}: {error}"));
        return ExitCode::from(2);
    }
    match args.engine {
        Engine::Locked => run(Locked, &args),
        Engine::Atomic => run(Atomic, &args),
    }
}

fn run<W: Wing>(wing: W, args: &Args) -> ExitCode {
    let start = Instant::now();
    let job = Arc::new(Job::new(wing, args));
    let interrupted_job = Arc::clone(&job);
    common::at_ctrl_c(move || interrupted_job.interrupt());
    if let Err(error) = common::listen() {
        complain(format_args!("cannot listen for Ctrl-C: {error}"));
        return ExitCode::FAILURE;
    }

    let (producer, mut tally) = match job.count_all(args) {
        Ok(counted) => counted,
        Err(error) => {
            complain(error);
            return ExitCode::FAILURE;
        }
    };
    let left = producer.found - tally.files - tally.skipped;
    tally.skipped += producer.unread_folders;

    let interrupted = common::was_interrupted();
    let code = if interrupted { 130 } else { u8::from(tally.skipped > 0) };
    let resources = Resources::new(W::NAME, args, producer.longest_queue, start.elapsed());
    let report = Report::new(tally, interrupted, left, args.top, resources);
    if let Err(error) = publish(&report, args) {
        complain(format_args!("cannot print the result: {error}"));
        return ExitCode::FAILURE;
    }
    ExitCode::from(code)
}

/// What the producer, the workers and the Ctrl-C handler share.
struct Job<W: Wing> {
    paths: generic::Queue<PathBuf, W>,
    progress: ProgressBar,
}

impl<W: Wing> Job<W> {
    fn new(wing: W, args: &Args) -> Self {
        Self { paths: generic::Queue::bounded_in(wing, args.capacity), progress: progress_bar(args.quiet) }
    }

    /// Runs the workers on threads of their own and the producer on this one, until all is counted or interrupted. An error: not all
    /// workers could be started.
    fn count_all(&self, args: &Args) -> io::Result<(Producer<'_, W>, Tally)> {
        let mut producer = Producer { job: self, found: 0, unread_folders: 0, longest_queue: 0 };
        let mut total = Tally::default();
        thread::scope(|scope| {
            // Also where a worker cannot be started, for which the others would wait at the queue.
            let end = self.paths.shutdown_on_drop();
            let workers: Vec<_> =
                (0..args.workers).map(|_| spawn_scoped(scope, || self.work())).collect::<io::Result<_>>()?;
            // A queue that was shut down under the producer means Ctrl-C, which `INTERRUPTED` tells as well.
            let _ = producer.produce(args);
            drop(end);
            for worker in workers {
                total.add(worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            io::Result::Ok(())
        })?;
        self.progress.finish_and_clear();
        Ok((producer, total))
    }

    /// A worker: counts file after file until the queue is shut down and has no more.
    fn work(&self) -> Tally {
        // Else the producer would wait for room on a queue that nobody takes from.
        let _guard = self.paths.shutdown_now_on_panic();
        let mut tally = Tally::default();
        let mut block = vec![0; tally::BLOCK];
        let goes_on = || {
            // A large file takes long to count, and the clock goes on meanwhile.
            self.progress.tick();
            !INTERRUPTED.is_set()
        };
        for path in &self.paths {
            match tally.count(&path, &mut block, goes_on) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => break,
                Err(error) => {
                    tally.skipped += 1;
                    self.complain(format_args!("cannot read {path:?}: {error}"));
                }
            }
            self.progress.inc(1);
        }
        tally
    }

    /// What Ctrl-C does. The producer's `put` fails from here on, and every worker ends after the block that it reads. A read that never
    /// returns, such as of `/proc/kmsg`, is left to the second Ctrl-C.
    fn interrupt(&self) {
        self.paths.shutdown_now();
        self.complain("interrupted, ending; a second Ctrl-C ends it at once");
    }

    /// Complains above the progress bar.
    fn complain(&self, complaint: impl Display) {
        self.progress.suspend(|| complain(complaint));
    }
}

/// Puts every file on the queue, and remembers what only it can know.
struct Producer<'a, W: Wing> {
    job: &'a Job<W>,
    found: u64,
    unread_folders: u64,
    /// The longest that the producer saw after a `put`. Workers take paths meanwhile, so it may have been longer for a moment.
    longest_queue: usize,
}

impl<W: Wing> Producer<'_, W> {
    fn produce(&mut self, args: &Args) -> Result<(), ShutDown<PathBuf>> {
        for path in &args.paths {
            for file in files::of(path, args.no_ignore) {
                match file {
                    Ok(file) => self.put(file)?,
                    Err(error) => {
                        self.unread_folders += 1;
                        self.job.complain(format_args!("cannot walk {error}"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Waits for room on the queue. Fails after Ctrl-C, and so ends the walk.
    fn put(&mut self, path: PathBuf) -> Result<(), ShutDown<PathBuf>> {
        self.found += 1;
        self.job.progress.inc_length(1);
        self.job.paths.put(path)?;
        // One at least, though a worker may have taken it already.
        let length = self.job.paths.len().max(1);
        self.longest_queue = self.longest_queue.max(length);
        Ok(())
    }
}

/// A bar on stderr, which stays hidden where stderr is no terminal.
fn progress_bar(quiet: bool) -> ProgressBar {
    let progress = if quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
    if !progress.is_hidden() {
        let style = ProgressStyle::with_template("[{elapsed}] {wide_bar} {human_pos} of {human_len} files");
        progress.set_style(style.expect("the template should be well-formed"));
    }
    progress
}

/// The result goes to stdout, and what it took to stderr. A reader who has seen enough of the result, such as `head`, is no
/// error.
fn publish(report: &Report, args: &Args) -> io::Result<()> {
    let text = if args.json { serde_json::to_string_pretty(report)? + "\n" } else { report.to_string() };
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(error),
        _ => {}
    }
    if !args.quiet {
        complain(&report.resources);
    }
    Ok(())
}
