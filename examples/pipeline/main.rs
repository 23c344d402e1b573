//! Hashes the files of a tree and compresses what is not there twice, in three stages on threads of their own.
//!
//! Readers take paths, the urgent ones first, from a [`nogil::PriorityQueue`]; workers take contents from a bounded
//! [`nogil::Queue`], and a collector their results from another. The work has two phases, hash and compress, between which all
//! threads meet at a [`nogil::Barrier`]. An [`nogil::Event`] starts them together, another ends the reports, and a
//! [`nogil::Timer`] makes them. All totals are checked against a run on one thread.
//!
//! The Python program that it answers:
//!
//! ```text
//! def read():
//!     start.wait()
//!     for jobs, contents, outcomes in phases:
//!         with contextlib.suppress(queue.ShutDown):
//!             while True:
//!                 job = jobs.get()
//!                 contents.put(job.path.read_bytes())
//!                 jobs.task_done()
//!         barrier.wait()
//!
//! for jobs, contents, outcomes in phases:
//!     for path in paths: jobs.put(Job(path))
//!     for q in jobs, contents, outcomes:
//!         q.join()
//!         q.shutdown()
//!     barrier.wait()
//! ```
//!
//! Run it with `cargo run --release --example pipeline -- [OPTIONS] [PATH]`, and with `--help` to see the options.
//!
//! Exit status: 0; 1 if something could not be read, the totals differ or a thread could not be started; 2 for bad arguments; 130 after
//! Ctrl-C, which ends the run gracefully (what is queued is still done) or, with `--immediate`, at once.

#[path = "../common/mod.rs"]
mod common;
#[path = "../word_count/files.rs"]
mod files;
mod stages;

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::slice;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use nogil::generic::{Barrier, Counter, Event, Lock};
use nogil::{Atomic, Locked, Timer, Wing};

use common::text::{Table, count, plural, seconds};
use common::{Engine, INTERRUPTED, between, complain, cpus, spawn_scoped};
use stages::{Content, Job, Outcome, Queues, Totals, Work};

/// Hash a tree of files, and compress what is not there twice, in three stages
#[derive(Clone, Debug, Parser)]
#[command(name = "pipeline")]
struct Args {
    /// A file, or a directory to walk
    #[arg(default_value = ".")]
    path: PathBuf,

    /// Threads that read
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = between(1, 256))]
    readers: usize,

    /// Threads that hash and compress [default: one per CPU]
    #[arg(long, value_name = "N", default_value_t = cpus().min(256), hide_default_value = true)]
    #[arg(value_parser = between(1, 256))]
    workers: usize,

    /// The most files that wait on each queue
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = between(1, 100_000))]
    capacity: usize,

    /// Files with this extension are urgent
    #[arg(long, value_name = "EXT", default_value = "md")]
    urgent: String,

    /// How hard to compress
    #[arg(long, value_name = "LEVEL", default_value_t = 6, value_parser = between(0, 9))]
    level: usize,

    /// Leave out files of more mebibytes
    #[arg(long, value_name = "MIB", default_value_t = 16, value_parser = between(1, 1024))]
    largest: usize,

    /// Milliseconds between two reports on stderr [default: 500 on a terminal, else none]
    #[arg(long, value_name = "MS", value_parser = between(1, 60_000))]
    report: Option<usize>,

    /// At Ctrl-C, leave what is queued
    #[arg(long)]
    immediate: bool,

    /// What the queues are built from
    #[arg(long, value_enum, default_value_t = Engine::Atomic)]
    engine: Engine,
}

impl Args {
    fn phases(&self) -> [Work; 2] {
        [Work::Hash, Work::Compress(self.level as u32)]
    }

    fn largest(&self) -> u64 {
        (self.largest as u64) << 20
    }

    fn is_urgent(&self, path: &Path) -> bool {
        path.extension().is_some_and(|extension| *extension == *self.urgent)
    }

    /// The files of the first phase, and what cannot be walked.
    fn files(&self) -> impl Iterator<Item = Result<PathBuf, ignore::Error>> {
        files::of(&self.path, false)
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some((path, error)) = files::first_missing(slice::from_ref(&args.path)) {
        complain(format_args!("cannot find {path:?}: {error}"));
        return ExitCode::from(2);
    }
    common::run(|out| match args.engine {
        Engine::Locked => show(Locked, &args, out),
        Engine::Atomic => show(Atomic, &args, out),
    })
}

fn show<W: Wing>(wing: W, args: &Args, out: &mut dyn Write) -> io::Result<()> {
    let [readers, workers] = [(args.readers, "reader"), (args.workers, "worker")].map(|(n, noun)| plural(n, noun));
    writeln!(out, "{readers}, {workers} and a collector (engine: {})\n", W::NAME)?;

    let start = Instant::now();
    let pipeline = Arc::new(Pipeline::new(wing, args.clone()));
    let at_ctrl_c = Arc::clone(&pipeline);
    common::at_ctrl_c(move || at_ctrl_c.interrupt());
    let Collected { totals, waits, unread } = pipeline.run()?;
    let time = start.elapsed();
    if common::was_interrupted() {
        let how = if args.immediate { "at once" } else { "gracefully" };
        let done = totals.files + totals.packed_files + totals.skipped;
        return writeln!(out, "Ended {how}: {} done, {} left on the queues", count(done), pipeline.left.get());
    }

    let start = Instant::now();
    let Some(expected) = alone(args) else { return Ok(()) };
    let alone_time = start.elapsed();
    let mut table = Table::new(["", "files", "bytes", "different", "compressed", "skipped", "time"]);
    for (name, totals, time) in [("pipeline", &totals, time), ("one thread", &expected, alone_time)] {
        let numbers = [totals.files, totals.bytes, totals.packed_files, totals.packed, totals.skipped].map(count);
        table.row([name.to_owned()].into_iter().chain(numbers).chain([seconds(time)]));
    }
    write!(out, "{table}")?;
    if totals != expected {
        return Err(io::Error::other("the totals differ; did the files change meanwhile?"));
    }
    let speed_up = alone_time.as_secs_f64() / time.as_secs_f64();
    writeln!(out, "Checked: the totals are the same. Speed-up: {speed_up:.2}.\n")?;
    for (kind, (n, sum)) in [("urgent", waits[1]), ("other", waits[0])] {
        let mean = sum.checked_div(n).map_or("-".into(), seconds);
        writeln!(out, "{:>7} reads of {kind} files waited {mean} on average", count(n))?;
    }
    match unread {
        0 => Ok(()),
        n => Err(io::Error::other(format!("{} could not be read", plural(n, "path")))),
    }
}

/// The same on one thread, without a queue and without complaints, which the pipeline has made. `None` after Ctrl-C.
fn alone(args: &Args) -> Option<Totals> {
    let mut totals = Totals::default();
    for work in args.phases() {
        let files: Vec<_> = match work {
            Work::Hash => args.files().filter_map(|file| file.map_err(|_| totals.skipped += 1).ok()).collect(),
            Work::Compress(_) => totals.distinct.values().cloned().collect(),
        };
        for path in files {
            if INTERRUPTED.is_set() {
                return None;
            }
            totals.add(Outcome::of(Content::read(path, false, Duration::ZERO, args.largest()), work));
        }
    }
    Some(totals)
}

/// What has come of it so far.
#[derive(Clone, Debug, Default)]
struct Collected {
    totals: Totals,
    /// Of the files that are not urgent and of those that are: how many, and how long they waited all together.
    waits: [(u32, Duration); 2],
    /// Of what was skipped, that which could not be read. The rest was only too large.
    unread: usize,
}

/// What all threads share.
struct Pipeline<W: Wing> {
    args: Args,
    phases: [(Work, Queues<W>); 2],
    /// Set when every thread is there.
    start: Event<W>,
    /// Set when the work is done, to end the reports.
    stop: Event<W>,
    /// Where all threads meet between the phases.
    barrier: Barrier<W>,
    collected: Lock<Collected, W>,
    /// Files that were left on the queues by an immediate end.
    left: Counter<W>,
}

impl<W: Wing> Pipeline<W> {
    fn new(wing: W, args: Args) -> Self {
        Self {
            phases: args.phases().map(|work| (work, Queues::new(wing, args.capacity))),
            start: Event::new_in(wing),
            stop: Event::new_in(wing),
            // With the collector, and the thread that feeds them.
            barrier: Barrier::new_in(wing, args.readers + args.workers + 2),
            collected: Lock::new_in(wing, Collected::default()),
            left: Counter::new_in(wing, 0),
            args,
        }
    }

    /// An error: not all threads could be started.
    fn run(self: &Arc<Self>) -> io::Result<Collected> {
        thread::scope(|scope| {
            // Where not all threads can be started, this sends home those that wait for the rest; else all is over by then, but for the reports.
            let (_stop, _start) = (self.stop.set_on_drop(), self.start.set_on_drop());
            let _end = self.end_on_drop();
            for _ in 0..self.args.readers {
                spawn_scoped(scope, || self.each_phase(Self::read))?;
            }
            for _ in 0..self.args.workers {
                spawn_scoped(scope, || self.each_phase(Self::work))?;
            }
            spawn_scoped(scope, || self.each_phase(Self::collect))?;
            self.start.set();
            let to_terminal = io::stderr().is_terminal().then_some(500);
            let report = self.args.report.or(to_terminal).map(|ms| Duration::from_millis(ms as u64));
            if let Some(interval) = report {
                Self::report_after(Arc::clone(self), interval);
            }
            self.each_phase(Self::feed);
            io::Result::Ok(())
        })?;
        Ok(self.collected.acquire().clone())
    }

    /// The life of each thread: its part in a phase, until that is over, and then the meeting with all others, who would wait for one that
    /// has panicked.
    fn each_phase(&self, part: impl Fn(&Self, Work, &Queues<W>)) {
        let _end = self.end_on_drop();
        self.start.wait();
        for (work, queues) in &self.phases {
            part(self, *work, queues);
            let _ = self.barrier.wait(); // broken only by the end
        }
    }

    /// Puts the files of a phase on its first queue, and waits until they are done. Ctrl-C shuts the queue down.
    fn feed(&self, work: Work, queues: &Queues<W>) {
        let put = |path: PathBuf| {
            let urgent = self.args.is_urgent(&path);
            queues.jobs.put(Job { path, urgent, since: Instant::now() })
        };
        let walked = |file: Result<_, _>| file.map_err(|error| self.not_walked(&error)).ok();
        // An error is Ctrl-C, which INTERRUPTED tells as well.
        let _ = match work {
            Work::Hash => self.args.files().filter_map(walked).try_for_each(put),
            Work::Compress(_) => {
                let distinct: Vec<_> = self.collected.acquire().totals.distinct.values().cloned().collect();
                distinct.into_iter().try_for_each(put)
            }
        };
        queues.finish();
    }

    fn not_walked(&self, error: &ignore::Error) {
        complain(format_args!("cannot walk {error}"));
        let mut collected = self.collected.acquire();
        collected.totals.skipped += 1;
        collected.unread += 1;
    }

    fn read(&self, _: Work, queues: &Queues<W>) {
        while let Ok(job) = queues.jobs.get_task() {
            let content = Content::read(job.path.clone(), job.urgent, job.since.elapsed(), self.args.largest());
            // Refused only after an immediate end, which leaves the file in any case.
            if queues.contents.put(content).is_err() {
                self.left.increment();
            }
        }
    }

    fn work(&self, work: Work, queues: &Queues<W>) {
        while let Ok(mut content) = queues.contents.get_task() {
            let bytes = std::mem::replace(&mut content.bytes, Ok(Vec::new()));
            let content = Content { path: content.path.clone(), bytes, ..*content };
            if queues.outcomes.put(Outcome::of(content, work)).is_err() {
                self.left.increment();
            }
        }
    }

    fn collect(&self, _: Work, queues: &Queues<W>) {
        while let Ok(outcome) = queues.outcomes.get_task() {
            outcome.done_after(|outcome| {
                let mut collected = self.collected.acquire();
                let (n, sum) = &mut collected.waits[usize::from(outcome.urgent)];
                *n += 1;
                *sum += outcome.waited;
                if let Some((path, error)) = collected.totals.add(outcome) {
                    complain(format_args!("skipped {path:?}: {error}"));
                    collected.unread += usize::from(error.kind() != ErrorKind::FileTooLarge);
                }
            });
        }
    }

    /// Ends the run when it is dropped: nobody waits any longer, at a queue or at the barrier. A thread that has been through all phases finds them over for all.
    fn end_on_drop(&self) -> impl Sized {
        let queues = self.phases.each_ref().map(|(_, queues)| queues.abandon_on_drop());
        (queues, self.barrier.abort_on_drop())
    }

    /// What Ctrl-C does.
    fn interrupt(&self) {
        for (_, queues) in &self.phases {
            if self.args.immediate {
                self.left.add(queues.abandon() as i64);
            } else {
                queues.jobs.shutdown();
            }
        }
    }

    /// A timer goes off once, so each report starts the next.
    fn report_after(pipeline: Arc<Self>, interval: Duration) {
        let started = Timer::try_start(interval, move || {
            if pipeline.stop.is_set() {
                return;
            }
            let collected = pipeline.collected.acquire();
            let Totals { files, packed_files, .. } = collected.totals;
            drop(collected);
            complain(format_args!("{} hashed, {} compressed", count(files), count(packed_files)));
            Self::report_after(pipeline, interval);
        });
        if let Err(error) = started {
            complain(format_args!("no more reports: cannot start a thread: {error}"));
        }
    }
}
