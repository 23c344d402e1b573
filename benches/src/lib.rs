//! What all benchmarks share: threads that begin together, the two clocks, and a cell that runs every contender on one workload.
//!
//! A *cell* is a workload (`queue/1024/1to1/u64`), a *contender* is who does the work (`atomic`, `locked`, `peer-kanal`); criterion's id is
//! `contender/cell`. The contenders of a cell run one after the other, so that whatever else the machine does falls on all of them.

use std::cell::RefCell;
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Barrier;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs, thread};

use criterion::{Criterion, SamplingMode};
use serde_json::Value;

pub mod textbook;

/// What a workload cost: from its first thread's start to its last one's end, and the processor time, user and system, of all of them.
#[derive(Clone, Copy, Default)]
pub struct Cost {
    pub wall: Duration,
    pub cpu: Duration,
}

/// The processor time that this thread has taken, in user and system mode: what `getrusage` tells, in nanoseconds.
fn thread_cpu() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is valid for a write.
    let answer = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(answer, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Runs `body` on this thread.
pub fn alone(body: impl FnOnce()) -> Cost {
    let (begin, cpu) = (Instant::now(), thread_cpu());
    body();
    Cost { cpu: thread_cpu() - cpu, wall: begin.elapsed() }
}

/// What one thread of a workload does.
pub type Job<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Runs each job on a thread of its own, all from one moment on. Making and ending the threads is not counted.
pub fn together(jobs: Vec<Job<'_>>) -> Cost {
    let start = &Barrier::new(jobs.len());
    let runs: Vec<_> = thread::scope(|threads| {
        let threads: Vec<_> = jobs
            .into_iter()
            .map(|job| {
                threads.spawn(move || {
                    start.wait();
                    let (begin, cpu) = (Instant::now(), thread_cpu());
                    job();
                    (begin, Instant::now(), thread_cpu() - cpu)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let begin = runs.iter().map(|run| run.0).min().unwrap();
    let end = runs.iter().map(|run| run.1).max().unwrap();
    Cost { wall: end - begin, cpu: runs.iter().map(|run| run.2).sum() }
}

/// The part of `whole` that falls to the `n`-th of `parts`.
pub fn share(whole: u64, parts: usize, n: usize) -> u64 {
    let (parts, n) = (parts as u64, n as u64);
    whole / parts + u64::from(n < whole % parts)
}

/// Work that a thread does for itself, in registers: some 30 ns on the machine of BENCHMARKS.md. (In memory its time would depend on how the addresses happen to lie.)
#[inline]
pub fn private_work() {
    let mut x = black_box(1_u64);
    for _ in 0..64 {
        x = x.wrapping_mul(6_364_136_223_846_793_005) ^ x >> 32;
    }
    black_box(x);
}

/// Quick (the whole of the benchmarks in less than three minutes) unless `NOGIL_BENCH=full` (four to eight minutes).
pub fn is_full() -> bool {
    env::var("NOGIL_BENCH").is_ok_and(|mode| mode == "full")
}

/// Where criterion's results and ours lie: `CRITERION_HOME` or this package's `target/criterion`.
pub fn results() -> PathBuf {
    match env::var_os("CRITERION_HOME") {
        Some(home) => PathBuf::from(home),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("target/criterion"),
    }
}

/// Where those of a run on one processor lie, below the others.
pub fn results_on_one_cpu() -> PathBuf {
    results().join("on-one-cpu")
}

/// Where this run's go, by how many processors it may use.
fn results_of_this_run() -> PathBuf {
    let alone = thread::available_parallelism().is_ok_and(|cpus| cpus.get() == 1);
    if alone { results_on_one_cpu() } else { results() }
}

/// The folder of an id below the results, named as criterion does.
pub fn folder(id: &str) -> PathBuf {
    assert!(id.len() < 64, "criterion would cut off {id}");
    results_of_this_run().join(id.replace('/', "_"))
}

/// What one run of the benchmarks found for one contender at one workload: a line of `passes.tsv` beside criterion's own results. A contender's
/// figure is the median of several runs, so that a moment in which the machine was slow does not fall on one contender.
#[derive(Clone, PartialEq)]
pub struct Pass {
    /// The same for all contenders that ran in one run, and for no others.
    pub run: String,
    pub date: String,
    /// What was measured, and in which mode: figures of two are not compared.
    pub commit: String,
    pub mode: String,
    /// Nanoseconds per operation, from begin to end and of processor time.
    pub wall: f64,
    pub cpu: f64,
}

impl Pass {
    fn append(&self, folder: &Path) {
        let mut file = fs::File::options().create(true).append(true).open(folder.join(PASSES)).unwrap();
        let Self { run, date, commit, mode, wall, cpu } = self;
        writeln!(file, "{run}\t{date}\t{commit}\t{mode}\t{wall}\t{cpu}").unwrap();
    }

    /// Those in a contender's folder, the first first.
    pub fn read(folder: &Path) -> Vec<Self> {
        let text = fs::read_to_string(folder.join(PASSES)).unwrap_or_default();
        let pass = |line: &str| {
            let parts: Vec<_> = line.split('\t').collect();
            let [run, date, commit, mode, wall, cpu] = parts[..] else { return None };
            let (wall, cpu) = (wall.parse().ok()?, cpu.parse().ok()?);
            Some(Self { run: run.into(), date: date.into(), commit: commit.into(), mode: mode.into(), wall, cpu })
        };
        text.lines().filter_map(pass).collect()
    }
}

const PASSES: &str = "passes.tsv";

/// The one in the middle, or between the two in the middle. There is at least one.
pub fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let (low, high) = ((figures.len() - 1) / 2, figures.len() / 2);
    (figures[low] + figures[high]) / 2.0
}

/// What a program says, in one line.
fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    output.map_or("unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().into())
}

/// The commit, and if it is not exactly what is measured, a mark of what is.
fn commit() -> String {
    const MEASURED: &str = "git diff HEAD -- .. ':!../BENCHMARKS.md' ':!../docs'";
    let commit = said_by("git", &["rev-parse", "--short", "HEAD"]);
    match said_by("sh", &["-c", MEASURED]).as_str() {
        "" => commit,
        _ => {
            commit
                + " and changes "
                + &said_by("sh", &["-c", &format!("{MEASURED} | git hash-object --stdin | cut -c1-8")])
        }
    }
}

/// The fewest operations in a sample. Criterion may settle on a few at first sight of a workload, if the machine was busy just then.
const AT_LEAST: u64 = 128;

/// Runs the benchmarks of one file.
pub struct Bench {
    criterion: Criterion,
    /// What the passes of this run have in common.
    pass: Pass,
}

impl Bench {
    pub fn new() -> Self {
        let (samples, warm_up, time) = if is_full() { (20, 60, 300) } else { (10, 30, 120) };
        let criterion = Criterion::default()
            .output_directory(&results_of_this_run())
            .without_plots()
            .nresamples(1000)
            .sample_size(samples)
            .warm_up_time(Duration::from_millis(warm_up))
            .measurement_time(Duration::from_millis(time));
        let date = said_by("date", &["-u", "+%Y-%m-%d %H:%M UTC"]);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let (run, mode) = (since.as_nanos().to_string(), if is_full() { "full" } else { "quick" }.into());
        let pass = Pass { run, date, commit: commit(), mode, wall: f64::NAN, cpu: f64::NAN };
        Self { criterion: criterion.configure_from_args(), pass }
    }

    /// One contender at one workload. `run` does that many operations and tells what they cost.
    pub fn run(&mut self, contender: &str, cell: &str, mut run: impl FnMut(u64) -> Cost) {
        let id = format!("{contender}/{cell}");
        // The iterations of each sample, and the processor time of an operation in it.
        let samples = RefCell::new(Vec::new());
        let mut group = self.criterion.benchmark_group(&id);
        // Every sample does as many operations as the others: a short one would tell more of its beginning than of the work.
        group.sampling_mode(SamplingMode::Flat);
        group.bench_function("time", |bencher| {
            bencher.iter_custom(|iterations| {
                let operations = iterations * AT_LEAST;
                let cost = run(operations);
                samples.borrow_mut().push((iterations, cost.cpu.as_nanos() as f64 / operations as f64));
                cost.wall / AT_LEAST as u32
            });
        });
        group.finish();
        let samples = samples.into_inner();
        let folder = folder(&id).join("time");
        let estimates = fs::read_to_string(folder.join("new/estimates.json")).unwrap_or_default();
        // `--test` runs each once, which measures nothing; and those that a filter leaves out keep what they had.
        if let Some((last, _)) = samples.last()
            && !env::args().any(|argument| argument == "--test")
        {
            let estimates: Value = serde_json::from_str(&estimates).expect("criterion has written it");
            let wall = estimates["median"]["point_estimate"].as_f64().unwrap();
            // Without those of the warming up, which are as long as criterion tries.
            let cpu = median(samples.iter().filter(|sample| sample.0 == *last).map(|sample| sample.1));
            Pass { wall, cpu, ..self.pass.clone() }.append(&folder);
        }
    }

    pub fn finish(self) {
        self.criterion.final_summary();
    }
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}
