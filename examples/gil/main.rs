//! An interpreter with a global lock, as CPython has it, and what that lock does to threads.
//!
//! A small stack machine runs bytecode: one program counts primes and never waits, the other asks a server on loopback and does
//! little else. Each is run on several threads: without a lock, then under one [`nogil::Lock`] that a thread holds while it runs
//! bytecode. Once every switch interval a request is raised, which the holder sees at its next jump backwards and answers by
//! [`LockGuard::hand_over`](nogil::generic::LockGuard::hand_over); around what blocks, the lock is released. The
//! primes are also counted by several processes, each with a lock of its own. Last, one thread asks while another computes.
//!
//! The Python program that it answers:
//!
//! ```text
//! sys.setswitchinterval(0.005)
//!
//! def measure(Worker, target, argument, n):
//!     workers = [Worker(target=target, args=[argument]) for _ in range(n)]
//!     start = time.perf_counter()
//!     for worker in workers: worker.start()
//!     for worker in workers: worker.join()
//!     return time.perf_counter() - start
//!
//! for n in 1, 2, 4:
//!     print(n, measure(threading.Thread, count_primes, 60_000, n))
//!     print(n, measure(threading.Thread, ask_all, 40, n))
//!     print(n, measure(multiprocessing.Process, count_primes, 60_000, n))
//! ```
//!
//! Run it with `cargo run --release --example gil`, and with `-- --help` to see the options.
//!
//! Exit status: 0; 1 if a run failed or gave a wrong result; 2 for bad arguments; 130 after Ctrl-C.

mod bytecode;
#[path = "../common/mod.rs"]
mod common;
mod gil;
mod interpreter;
mod measure;
mod server;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use nogil::{Atomic, Locked, Wing};

use bytecode::{ASK_ALL, COUNT_PRIMES};
use common::text::{Table, bars, count, heading, plural, seconds};
use common::{Engine, INTERRUPTED, between, cpus, once_each};
use measure::{Lab, QUICK, Run, Way};

/// Show what an interpreter lock costs threads that compute, and what it leaves to those that wait
#[derive(Debug, Parser)]
#[command(name = "gil")]
struct Args {
    /// The numbers of threads to compare
    #[arg(long, value_name = "N,N,..", value_delimiter = ',', default_value = "1,2,4", value_parser = between(1, 64))]
    threads: Vec<usize>,

    /// Each thread that computes counts the primes below this
    #[arg(long, value_name = "N", default_value_t = 60_000, value_parser = between(0, 10_000_000))]
    primes: usize,

    /// Each thread that waits asks the server so often
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = between(1, 100_000))]
    asks: usize,

    /// Milliseconds that the server takes to answer
    #[arg(long, value_name = "MS", default_value_t = 5, value_parser = between(0, 1000))]
    delay: usize,

    /// Runs of each kind, of which the fastest is shown
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = between(1, 100))]
    runs: usize,

    /// The switch interval in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 5, value_parser = between(1, 1000))]
    interval: usize,

    /// What the lock is built from
    #[arg(long, value_enum, default_value_t = Engine::Atomic)]
    engine: Engine,

    /// Be one of the processes: run the bytecode on one thread, under a GIL, and print what it returns
    #[arg(long, hide = true)]
    process: bool,
}

fn main() -> ExitCode {
    let mut args = Args::parse();
    if args.process {
        return measure::be_a_process(args.primes as i64);
    }
    once_each(&mut args.threads);
    common::run(|out| match args.engine {
        Engine::Locked => show(Locked, &args, out),
        Engine::Atomic => show(Atomic, &args, out),
    })
}

fn show<W: Wing>(wing: W, args: &Args, out: &mut dyn Write) -> io::Result<()> {
    let [interval, delay] = [args.interval, args.delay].map(|ms| Duration::from_millis(ms as u64));
    let lab = Lab::new(wing, interval, delay, args.runs)?;
    writeln!(out, "An interpreter lock (engine: {}, switch interval: {})", W::NAME, seconds(interval))?;
    writeln!(
        out,
        "on a machine that runs {} at a time. Best of {}.\n",
        plural(cpus(), "thread"),
        plural(args.runs, "run")
    )?;

    let primes = Experiment { text: COUNT_PRIMES, argument: args.primes as i64, threads: &args.threads };
    write!(
        out,
        "{}",
        heading(&format!("Threads that compute: each counts the primes below {}", count(args.primes as u64)))
    )?;
    let computing = primes.run(&lab, &[Way::NoGil, Way::Gil, Way::Processes], out)?;
    if INTERRUPTED.is_set() {
        return Ok(());
    }

    let asks = Experiment { text: ASK_ALL, argument: args.asks as i64, threads: &args.threads };
    let title = format!("Threads that wait: each asks {}, {} each", plural(args.asks, "time"), seconds(delay));
    write!(out, "\n{}", heading(&title))?;
    let waiting = asks.run(&lab, &[Way::NoGil, Way::Gil, Way::Kept], out)?;
    if INTERRUPTED.is_set() {
        return Ok(());
    }

    let asks = plural(args.asks, "time");
    let title = format!("One that waits, beside one that computes: it asks {asks}, {} each", seconds(QUICK));
    write!(out, "\n{}", heading(&title))?;
    let mut table = Table::new(["", "answers", "median time", "each"]);
    for way in [Way::NoGil, Way::Gil] {
        let Some(time) = lab.beside_one_that_computes(way, args.asks as i64)? else { return Ok(()) };
        table.row([way.name().into(), count(args.asks as u64), seconds(time), seconds(time / args.asks as u32)]);
    }
    write!(out, "{table}")?;

    let most = args.threads.iter().max().expect("clap takes one number at least");
    writeln!(
        out,
        "\nSpeed-up of {}: {} x the time of one without a GIL / their time\n",
        plural(*most, "thread"),
        most
    )?;
    let groups = [("compute", computing), ("wait", waiting)];
    let rows = groups
        .iter()
        .flat_map(|(kind, rows)| rows.iter().map(move |row| (format!("{kind}, {}", row.run.way.name()), row)));
    let rows: Vec<_> = rows.filter(|(_, row)| row.run.threads == *most).collect();
    let speed_ups = rows.iter().map(|(label, row)| (label.clone(), row.speed_up, format!("{:.2}", row.speed_up)));
    write!(out, "{}", bars(&speed_ups.collect::<Vec<_>>()))?;

    writeln!(out, "\nHow often the GIL went from one of the {} to another\n", plural(*most, "thread"))?;
    let switches = rows.iter().filter_map(|(label, row)| Some((label.clone(), row.run.switches?)));
    write!(out, "{}", bars(&switches.map(|(label, n)| (label, n as f64, count(n))).collect::<Vec<_>>()))
}

/// One program, to be run in several ways on several numbers of threads.
struct Experiment<'a> {
    text: &'static str,
    argument: i64,
    threads: &'a [usize],
}

struct Row {
    run: Run,
    speed_up: f64,
}

impl Experiment<'_> {
    /// Runs and prints it all. Ctrl-C leaves the rest out.
    fn run<W: Wing>(&self, lab: &Lab<W>, ways: &[Way], out: &mut dyn Write) -> io::Result<Vec<Row>> {
        let Some(alone) = lab.run(Way::NoGil, self.text, self.argument, 1)? else { return Ok(Vec::new()) };
        let mut rows = Vec::new();
        let mut table = Table::new(["", "threads", "result", "time", "speed-up", "switches", "every"]);
        for way in ways {
            for &threads in self.threads {
                let run = match (way, threads) {
                    (Way::NoGil, 1) => Some(alone.clone()),
                    _ => lab.run(*way, self.text, self.argument, threads)?,
                };
                let Some(run) = run else { return Ok(rows) };
                if run.result != alone.result {
                    return Err(io::Error::other(format!(
                        "{} returned {}, not {}",
                        way.name(),
                        run.result,
                        alone.result
                    )));
                }
                let speed_up = threads as f64 * alone.time.as_secs_f64() / run.time.as_secs_f64();
                let (switches, every) = match run.switches {
                    Some(0) => ("0".into(), "-".into()),
                    Some(n) => (count(n), seconds(run.time / n.min(u64::from(u32::MAX)) as u32)),
                    None => ("-".into(), "-".into()),
                };
                table.row([
                    way.name().into(),
                    count(threads as u64),
                    count(run.result as u64),
                    seconds(run.time),
                    format!("{speed_up:.2}"),
                    switches,
                    every,
                ]);
                rows.push(Row { run, speed_up });
            }
        }
        write!(out, "{table}")?;
        Ok(rows)
    }
}
