//! Runs one program on several threads or processes at a time, in each of the ways that are compared.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::process::{ChildStdin, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nogil::generic::Event;
use nogil::{Atomic, Lock, Wing};

use crate::bytecode::{ASK_ALL, COUNT_PRIMES, Program, assemble};
use crate::common::{self, INTERRUPTED, complain, spawn, spawn_scoped, together};
use crate::gil::{Free, Gil, UnderGil};
use crate::interpreter::{self, Regime, Stopped};
use crate::server::{self, Connection};

/// How long the server takes to answer a thread beside one that computes: less than a switch interval, so that the wait for the GIL shows.
pub(crate) const QUICK: Duration = Duration::from_millis(1);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    NoGil,
    Gil,
    /// Under the GIL, which is not even released to wait.
    Kept,
    /// A process, and so a GIL, for each.
    Processes,
}

impl Way {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoGil => "no GIL",
            Self::Gil => "GIL",
            Self::Kept => "GIL, kept",
            Self::Processes => "processes",
        }
    }
}

/// What was measured.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) way: Way,
    pub(crate) threads: usize,
    /// What the program returned, in each of the threads.
    pub(crate) result: i64,
    pub(crate) time: Duration,
    /// How often the GIL went from thread to thread, where there is one for all of them.
    pub(crate) switches: Option<u64>,
}

pub(crate) struct Lab<W> {
    wing: W,
    interval: Duration,
    server: SocketAddr,
    runs: usize,
}

impl<W: Wing> Lab<W> {
    pub(crate) fn new(wing: W, interval: Duration, delay: Duration, runs: usize) -> io::Result<Self> {
        common::at_ctrl_c(|| LEASHES.acquire().clear());
        Ok(Self { wing, interval, server: server::start(delay)?, runs })
    }

    /// Runs the program on `threads` threads at a time, and takes the best of several runs. `None` after Ctrl-C.
    pub(crate) fn run(&self, way: Way, text: &str, argument: i64, threads: usize) -> io::Result<Option<Run>> {
        let mut best: Option<Run> = None;
        for _ in 0..self.runs {
            let Some(run) = self.run_once(way, text, argument, threads)? else { return Ok(None) };
            if best.as_ref().is_none_or(|best| run.time < best.time) {
                best = Some(run);
            }
        }
        Ok(best)
    }

    fn run_once(&self, way: Way, text: &str, argument: i64, threads: usize) -> io::Result<Option<Run>> {
        let gil = Gil::new(self.wing, self.interval, &INTERRUPTED);
        let (results, time) = match way {
            Way::Processes => processes(argument, threads)?,
            _ => self.threads(way, &gil, &assemble(text), argument, threads)?,
        };
        if INTERRUPTED.is_set() {
            return Ok(None);
        }
        let Some(&result) = results.first() else { return Err(io::Error::other("no thread ran")) };
        if results.iter().any(|other| *other != result) {
            return Err(io::Error::other(format!("the threads disagree: {results:?}")));
        }
        let switches = matches!(way, Way::Gil | Way::Kept).then(|| gil.switches());
        Ok(Some(Run { way, threads, result, time, switches }))
    }

    fn threads(&self, way: Way, gil: &Gil<W>, program: &Program, argument: i64, n: usize) -> io::Result<Measured> {
        let connections: Vec<_> = (0..n).map(|_| Connection::open(self.server)).collect::<io::Result<_>>()?;
        let ended = Event::new_in(self.wing);
        thread::scope(|scope| {
            if way != Way::NoGil {
                spawn_scoped(scope, || gil.tick(&ended))?;
            }
            let _end = ended.set_on_drop();
            let (results, time) = together(self.wing, n, |thread| {
                let ask = || connections[thread].ask();
                interpreter::run(program, argument, &mut *regime(way, gil, thread), &ask)
            })?;
            match results.into_iter().collect::<Result<_, _>>() {
                Ok(results) => Ok((results, time)),
                Err(Stopped::Interrupted) => Ok((Vec::new(), time)),
                Err(Stopped::Unanswered(error)) => Err(error),
            }
        })
    }

    /// How long it takes one thread to ask so often, while another computes all the time: the median of several runs, since in the best
    /// the other comes too late, by chance, for a GIL that was let go. `None` after Ctrl-C.
    pub(crate) fn beside_one_that_computes(&self, way: Way, asks: i64) -> io::Result<Option<Duration>> {
        let server = server::start(QUICK)?;
        let mut times = Vec::new();
        for _ in 0..self.runs {
            let Some(time) = self.beside_once(way, asks, server)? else { return Ok(None) };
            times.push(time);
        }
        times.sort();
        Ok(times.get(times.len() / 2).copied())
    }

    fn beside_once(&self, way: Way, asks: i64, server: SocketAddr) -> io::Result<Option<Duration>> {
        let (gil, connection) = (Gil::new(self.wing, self.interval, &INTERRUPTED), Connection::open(server)?);
        let ask = || connection.ask();
        let [ask_all, count_primes] = [ASK_ALL, COUNT_PRIMES].map(assemble);
        let (ended, answered) = (Event::new_in(self.wing), Event::new_in(self.wing));
        let (mut times, _) = thread::scope(|scope| {
            let _end = ended.set_on_drop();
            spawn_scoped(scope, || gil.tick(&ended))?;
            together(self.wing, 2, |thread| {
                let mut regime = regime(way, &gil, thread);
                if thread == 0 {
                    let _end = answered.set_on_drop();
                    let start = Instant::now();
                    return interpreter::run(&ask_all, asks, &mut *regime, &ask).map(|_| start.elapsed());
                }
                while !answered.is_set() {
                    interpreter::run(&count_primes, 1_000, &mut *regime, &ask)?;
                }
                Ok(Duration::ZERO)
            })
        })?;
        match times.swap_remove(0) {
            Ok(time) => Ok(Some(time)),
            Err(Stopped::Interrupted) => Ok(None),
            Err(Stopped::Unanswered(error)) => Err(error),
        }
    }
}

/// What a thread runs under.
fn regime<'a, W: Wing>(way: Way, gil: &'a Gil<W>, thread: usize) -> Box<dyn Regime + 'a> {
    match way {
        Way::NoGil => Box::new(Free(&INTERRUPTED)),
        _ => Box::new(UnderGil::new(gil, thread, way == Way::Gil)),
    }
}

/// What each thread or process returned, and the time of all of them together.
type Measured = (Vec<i64>, Duration);

/// Starts this program `n` times, each with a GIL of its own. What it takes to start them is part of the time, as in Python.
fn processes(primes: i64, n: usize) -> io::Result<Measured> {
    let program = std::env::current_exe()?;
    let start = Instant::now();
    let children: Vec<_> = (0..n)
        .map(|_| {
            // Its stdin is a pipe that nothing is written to. It closes when this process ends, however it does.
            Command::new(&program)
                .args(["--process", "--primes", &primes.to_string()])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
        })
        .collect::<io::Result<_>>()?;
    // Kept there, since to wait for a child closes its stdin.
    let (leashes, children): (Vec<_>, Vec<_>) =
        children.into_iter().map(|mut child| (child.stdin.take(), child)).unzip();
    hold(leashes);
    let mut results = Vec::new();
    for child in children {
        let output = child.wait_with_output()?;
        if INTERRUPTED.is_set() {
            break;
        }
        let text = String::from_utf8_lossy(&output.stdout);
        results.push(text.trim().parse().map_err(|_| io::Error::other(format!("a process answered {text:?}")))?);
    }
    LEASHES.acquire().clear();
    Ok((results, start.elapsed()))
}

/// The pipes that keep the processes running. Ctrl-C closes them.
static LEASHES: Lock<Vec<Option<ChildStdin>>> = Lock::new(Vec::new());

/// Keeps the pipes, unless Ctrl-C came meanwhile. If it comes from here on, it finds them.
fn hold(pipes: Vec<Option<ChildStdin>>) {
    let mut leashes = LEASHES.acquire();
    if !INTERRUPTED.is_set() {
        *leashes = pipes;
    }
}

/// What one of the processes does.
pub(crate) fn be_a_process(primes: i64) -> ExitCode {
    // Ends with the process that started it.
    let leash = spawn(|| {
        let _ = io::stdin().read(&mut [0]);
        std::process::exit(130);
    });
    if let Err(error) = leash {
        complain(error);
        return ExitCode::FAILURE;
    }
    let gil = Gil::new(Atomic, Duration::from_millis(5), &INTERRUPTED);
    let nobody = || Err(io::Error::other("a process has no server"));
    match interpreter::run(&assemble(COUNT_PRIMES), primes, &mut *regime(Way::Gil, &gil, 0), &nobody) {
        // Nobody reads it if the program that started this one is gone.
        Ok(result) => writeln!(io::stdout(), "{result}").map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
        Err(stopped) => {
            complain(format_args!("{stopped:?}"));
            ExitCode::FAILURE
        }
    }
}
