//! Times a primitive, on either engine, by any number of threads: a table and bars, in seconds, on the machine at hand.
//!
//! Each cell of the table is one primitive on one engine, used by so many threads at once. A cell is timed in rounds of some 20 ms, beside what
//! the threads take to start and end, and the engines take turns round by round, so that whatever else the machine does meanwhile falls on each
//! of them. What is shown is the median round: the time from its first thread's start to its last one's end, over the operations of all threads
//! together.
//!
//! It is for a quick look. Figures to quote come from `cargo measure`, which also compares with the crates that one would pick instead, takes the
//! processor time, and says on which machine it ran.
//!
//! The Python program that it answers, which has one engine, and one thread at a time to run on it:
//!
//! ```text
//! lock = threading.Lock()
//!
//! def turn():
//!     with lock:
//!         pass
//!
//! rounds = timeit.repeat(turn, number=1_000_000, repeat=5)
//! print(statistics.median(rounds) / 1_000_000 * 1e9, "ns per operation")
//! ```
//!
//! Run it with `cargo run --release --example bench_primitives -- [OPTIONS]`, and with `--help` to see the options; for one look at the locks,
//! `-- --primitive lock,rlock --threads 1,2,8 --time 1`.
//!
//! Exit status: 0; 1 if a thread could not be started; 2 for bad arguments; 130 after Ctrl-C, with what was measured so far.

mod args;
#[path = "../common/mod.rs"]
mod common;
mod measure;
mod primitive;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use args::Args;
use common::text::{Table, bars, count, heading, plural, seconds};
use common::{INTERRUPTED, cpus};
use measure::{Figures, Plan, measure};
use primitive::Primitive;

fn main() -> ExitCode {
    let args = Args::read();
    common::run(|out| show(&args, out))
}

fn show(args: &Args, out: &mut dyn Write) -> io::Result<()> {
    let plan = Plan::new(args.time);
    explain(args, plan, out)?;

    let progress = progress_bar(args, plan);
    for &primitive in &args.primitives {
        // Above the bar, and flushed before the bar is drawn again.
        let mut print = |text: String| progress.suspend(|| out.write_all(text.as_bytes()).and_then(|()| out.flush()));
        print(format!("\n{}", heading(&format!("{}: {}", primitive.name(), primitive.operation()))))?;
        let figures = measure_all(args, plan, primitive, &progress)?;
        print(report(args, primitive, &figures))?;
        if INTERRUPTED.is_set() {
            break;
        }
    }
    progress.finish_and_clear();
    Ok(())
}

/// What is measured, and how.
fn explain(args: &Args, plan: Plan, out: &mut dyn Write) -> io::Result<()> {
    let engines: Vec<_> = args.engines.iter().map(|engine| engine.name()).collect();
    let threads: Vec<_> = args.threads.iter().map(ToString::to_string).collect();
    writeln!(
        out,
        "{}, engine: {}, threads: {}, {}",
        plural(args.primitives.len(), "primitive"),
        engines.join(" and "),
        threads.join(", "),
        plural(cpus(), "CPU")
    )?;
    writeln!(
        out,
        "\nns/op  nanoseconds per operation by the clock on the wall, all threads together:\n       \
         the median of {} of some {}, in which the engines take turns\n\
         op/s   operations per second, from the same",
        plural(plan.rounds, "round"),
        seconds(plan.round)
    )?;
    writeln!(out, "\nFor a quick look. Figures to quote come from `cargo measure`, see BENCHMARKS.md.")
}

/// A row of a primitive's table.
struct Row {
    threads: usize,
    engine: &'static str,
    figures: Figures,
}

/// Ctrl-C leaves out what it came too early for.
fn measure_all(args: &Args, plan: Plan, primitive: Primitive, progress: &ProgressBar) -> io::Result<Vec<Row>> {
    let engines: Vec<_> = args.engines.iter().copied().filter(|engine| primitive.runs_on(*engine)).collect();
    let mut rows = Vec::new();
    for &threads in &args.threads {
        progress.set_message(format!("{} by {}", primitive.name(), plural(threads, "thread")));
        let figures = measure(primitive, &engines, threads, args.capacity, plan, || progress.inc(1))?;
        let measured = engines.iter().zip(figures).filter_map(|(engine, figures)| Some((engine, figures?)));
        rows.extend(measured.map(|(engine, figures)| Row { threads, engine: engine.name(), figures }));
    }
    Ok(rows)
}

/// A primitive's table and bars.
fn report(args: &Args, primitive: Primitive, rows: &[Row]) -> String {
    let left_out = args.engines.iter().filter(|engine| !primitive.runs_on(**engine));
    let mut text: String = left_out.map(|engine| format!("There is no {} engine for it.\n", engine.name())).collect();
    if rows.is_empty() {
        return text;
    }
    let mut table = Table::new(["engine", "threads", "ns/op", "op/s", "fastest", "slowest", "rounds"]);
    let mut costs = Vec::new();
    for Row { threads, engine, figures } in rows {
        let nanos = |nanos: f64| format!("{nanos:.1}");
        let each_second = 1e9 / figures.median;
        table.row([
            (*engine).into(),
            threads.to_string(),
            nanos(figures.median),
            count(each_second as u64),
            nanos(figures.fastest),
            nanos(figures.slowest),
            figures.rounds.to_string(),
        ]);
        costs.push((format!("{engine}, {}", plural(*threads, "thread")), figures.median, nanos(figures.median)));
    }
    text += &format!("{table}\n{}", bars(&costs));
    if let Some(caution) = primitive.caution() {
        text += &format!("\n{caution}\n");
    }
    text
}

/// A bar on stderr, for runs that take more than a moment. It stays hidden where stderr is no terminal.
fn progress_bar(args: &Args, plan: Plan) -> ProgressBar {
    let cells: usize = args.primitives.iter().map(|primitive| args.engines_of(*primitive) * args.threads.len()).sum();
    let rounds = (cells * plan.rounds) as u32;
    if plan.round * rounds < Duration::from_secs(1) {
        return ProgressBar::hidden();
    }
    let progress = ProgressBar::new(u64::from(rounds));
    if !progress.is_hidden() {
        let style = ProgressStyle::with_template("[{elapsed}] {bar:30} {percent}%, some {eta} left: {msg}");
        progress.set_style(style.expect("the template should be well-formed"));
    }
    progress
}
