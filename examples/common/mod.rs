//! What every example needs: the choice of an engine, flags with bounds, threads, a clean end at Ctrl-C or when nobody reads any more,
//! tables and bars of 80 columns.

#![allow(dead_code, reason = "each example leaves some of it")]

pub(crate) mod server;
pub(crate) mod text;

use std::fmt::Display;
use std::io::{self, ErrorKind, Stdout, Write};
use std::panic::resume_unwind;
use std::process::{self, ExitCode};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use clap::builder::TypedValueParser;
use clap::{ValueEnum, value_parser};
use nogil::{Atomic, Event, Lock, Locked, Wing, generic};

// ---- flags

/// The wings, as the command line calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// A mutex and condition variables
    Locked,
    /// Atomics
    Atomic,
}

impl Engine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Locked => Locked::NAME,
            Self::Atomic => Atomic::NAME,
        }
    }
}

/// Parses a number from `least` to `most`, and names both where it refuses one.
pub(crate) fn between(least: usize, most: usize) -> impl TypedValueParser<Value = usize> {
    value_parser!(u64).range(least as u64..=most as u64).map(|n| n as usize)
}

/// Leaves out what a list has already.
pub(crate) fn once_each<T: PartialEq + Copy>(list: &mut Vec<T>) {
    let mut seen = Vec::new();
    list.retain(|item| {
        !seen.contains(item) && {
            seen.push(*item);
            true
        }
    });
}

pub(crate) fn cpus() -> usize {
    thread::available_parallelism().map_or(1, |cpus| cpus.get())
}

// ---- Ctrl-C

/// Set by the first Ctrl-C. A loop looks at it in every round, and a pause is a `wait_timeout` for it.
pub(crate) static INTERRUPTED: Event = Event::new();

/// Whether Ctrl-C came. If so, all that it sets off has been done.
pub(crate) fn was_interrupted() -> bool {
    INTERRUPTED.is_set() && {
        drop(AT_CTRL_C.acquire()); // held while the hooks run
        true
    }
}

type Hook = Box<dyn FnOnce() + Send>;
static AT_CTRL_C: Lock<Vec<Hook>> = Lock::new(Vec::new());

/// Runs `hook` at the first Ctrl-C, on a thread of its own, to wake whoever waits for something else than [`INTERRUPTED`].
pub(crate) fn at_ctrl_c(hook: impl FnOnce() + Send + 'static) {
    let mut hooks = AT_CTRL_C.acquire();
    if INTERRUPTED.is_set() {
        drop(hooks);
        hook();
    } else {
        hooks.push(Box::new(hook));
    }
}

/// Begins to listen for Ctrl-C. The first asks the program to end, the second ends it.
pub(crate) fn listen() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        let mut hooks = AT_CTRL_C.acquire();
        if INTERRUPTED.is_set() {
            process::exit(130);
        }
        INTERRUPTED.set();
        let hooks = std::mem::take(&mut *hooks);
        hooks.into_iter().for_each(|hook| hook());
    })
}

// ---- threads

/// Starts a thread. One that cannot be started is an error here; with `thread::spawn` it is a panic.
pub(crate) fn spawn(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().spawn(work).map(drop).map_err(not_started)
}

/// The same in a scope. Whoever calls this sees to it that an error leaves no thread of the scope waiting for those that were to
/// come, since the scope waits for all of its threads.
pub(crate) fn spawn_scoped<'scope, R: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> R + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, R>> {
    thread::Builder::new().spawn_scoped(scope, work).map_err(not_started)
}

fn not_started(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot start a thread: {error}"))
}

/// Runs `work` on so many threads, which begin together, and answers what came of it and the time from the first's begin to the
/// last's end. An error: not all could be started, and none did any work.
pub(crate) fn together<W: Wing, R: Send>(
    wing: W,
    threads: usize,
    work: impl Fn(usize) -> R + Sync,
) -> io::Result<(Vec<R>, Duration)> {
    let start = generic::Barrier::new_in(wing, threads);
    // By the threads' own clocks: one that only watches them may come late, where CPUs are few.
    let timed = |n| {
        start.wait().ok()?;
        let begin = Instant::now();
        Some((work(n), begin, Instant::now()))
    };
    let done = thread::scope(|scope| {
        let timed = &timed;
        let threads: io::Result<Vec<_>> = (0..threads).map(|n| spawn_scoped(scope, move || timed(n))).collect();
        if threads.is_err() {
            start.abort(); // those that were started wait for all
        }
        let done = threads?.into_iter().filter_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        io::Result::Ok(done.collect::<Vec<_>>())
    })?;
    let (begin, end) = (done.iter().map(|done| done.1).min(), done.iter().map(|done| done.2).max());
    let time = begin.zip(end).map_or(Duration::ZERO, |(begin, end)| end - begin);
    Ok((done.into_iter().map(|done| done.0).collect(), time))
}

// ---- the end

/// Where a program prints. It remembers a failure, since the program hands its other errors on by the same `?`.
struct Output {
    stdout: Stdout,
    failed: bool,
}

impl Output {
    fn note<T>(&mut self, outcome: io::Result<T>) -> io::Result<T> {
        self.failed |= outcome.as_ref().is_err_and(|error| error.kind() != ErrorKind::Interrupted);
        outcome
    }
}

impl Write for Output {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let outcome = self.stdout.write(text);
        self.note(outcome)
    }

    fn flush(&mut self) -> io::Result<()> {
        let outcome = self.stdout.flush();
        self.note(outcome)
    }
}

/// Runs a program that prints as it goes, and answers its exit status: 0; 1 if it failed or could not print; 130 after Ctrl-C.
///
/// A reader who has seen enough, such as `head`, is no error. The program learns of one as it prints, and ends by `?`.
pub(crate) fn run(program: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> ExitCode {
    if let Err(error) = listen() {
        complain(format_args!("cannot listen for Ctrl-C: {error}"));
        return ExitCode::FAILURE;
    }
    let mut out = Output { stdout: io::stdout(), failed: false };
    match program(&mut out).and_then(|()| out.flush()) {
        _ if INTERRUPTED.is_set() => {
            complain("interrupted");
            ExitCode::from(130)
        }
        Err(error) if out.failed && error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let what = if out.failed { "cannot print the result: " } else { "" };
            complain(format_args!("{what}{error}"));
            ExitCode::FAILURE
        }
        Ok(()) => ExitCode::SUCCESS,
    }
}

/// The same for a program that also answers whether what it ran was sound, and fails where it was not.
pub(crate) fn judge(program: impl FnOnce(&mut dyn Write) -> io::Result<bool>) -> ExitCode {
    let mut is_sound = true;
    let code = run(|out| {
        is_sound = program(out)?;
        Ok(())
    });
    if is_sound { code } else { ExitCode::FAILURE }
}

/// One line on stderr. Unlike `eprintln!` it does not panic when nobody reads stderr any more.
pub(crate) fn complain(complaint: impl Display) {
    let _ = writeln!(io::stderr(), "{}: {complaint}", env!("CARGO_BIN_NAME"));
}
