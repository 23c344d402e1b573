//! A bank whose threads transfer money between accounts at the same time, while an auditor checks that none is made or lost.
//!
//! A transfer is a transaction under strict two-phase locking: it takes the lock of each account that it touches before it
//! touches it, and lets go of all of them at its end, after which it takes no more. Every transaction then sees the bank as if
//! it were alone. What two-phase locking does not prevent is deadlock. Here it is either avoided, by taking the locks in one
//! order (`acquire_all`), or broken, by a timeout after which the transaction undoes what it did, lets go and begins again.
//! Both are timed against one big lock around the bank, and against a lock around each step without phases, which audits find
//! to be wrong.
//!
//! The Python program that it answers:
//!
//! ```text
//! def transfer(source, target, amount):
//!     first, second = sorted([source, target], key=id)
//!     with first.lock, second.lock:       # growing: every lock before any change
//!         if source.balance >= amount:
//!             source.balance -= amount
//!             target.balance += amount
//!                                         # shrinking: both at once, at the end
//!
//! def audit(accounts):
//!     with contextlib.ExitStack() as stack:
//!         for account in sorted(accounts, key=id):
//!             stack.enter_context(account.lock)
//!         assert sum(account.balance for account in accounts) == TOTAL
//! ```
//!
//! Run it with `cargo run --release --example two_phase_locking -- [OPTIONS]`, and with `--help` to see the options.
//!
//! The transfers are done twice: so that they only compute, where a lock per account is more to take than one for all; and so
//! that each also waits for a moment before it commits, as for a disk, where transfers under locks of their own wait at the
//! same time.
//!
//! Exit status: 0; 1 if an audit found a wrong total, but for those without phases, or a thread could not be started; 2 for bad
//! arguments; 130 after Ctrl-C.

mod bank;
#[path = "../common/mod.rs"]
mod common;
mod transaction;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use nogil::{Atomic, Locked, Wing};

use bank::{BigLock, InOrder, Job, Ledger, NoPhases, Outcome, WithTimeout};
use common::text::{Table, bars, count, heading, plural, seconds};
use common::{Engine, INTERRUPTED, between, complain, cpus};
use transaction::TRY_FOR;

/// Transfer money under two-phase locking, with an auditor who checks the total all the time
#[derive(Debug, Parser)]
#[command(name = "two_phase_locking")]
struct Args {
    /// Threads that transfer
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = between(1, 256))]
    threads: usize,

    /// Accounts of the bank
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = between(2, 10_000))]
    accounts: usize,

    /// Transfers by each thread that only compute
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = between(1, 100_000_000))]
    transfers: usize,

    /// Transfers by each thread that wait as well
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = between(1, 100_000_000))]
    waiting_transfers: usize,

    /// Microseconds that each of those waits before it commits
    #[arg(long, value_name = "US", default_value_t = 100, value_parser = between(1, 1_000_000))]
    wait: usize,

    /// What the locks are built from
    #[arg(long, value_enum, default_value_t = Engine::Atomic)]
    engine: Engine,
}

fn main() -> ExitCode {
    let args = Args::parse();
    common::judge(|out| match args.engine {
        Engine::Locked => run(Locked, &args, out),
        Engine::Atomic => run(Atomic, &args, out),
    })
}

/// Answers whether every audit found the total that it should, but for those without phases.
fn run<W: Wing>(wing: W, args: &Args, out: &mut dyn Write) -> io::Result<bool> {
    let Args { threads, accounts, .. } = *args;
    let (clerks, all) = (plural(threads, "thread"), plural(accounts, "account"));
    writeln!(out, "{clerks}, {all} of {} each, engine: {}, {}\n", bank::OPENING, W::NAME, plural(cpus(), "CPU"))?;

    let wait = Duration::from_micros(args.wait as u64);
    let jobs = [
        ("Transfers that only compute".to_owned(), Job { threads, transfers: args.transfers, wait: None }),
        (
            format!("Transfers that each wait {} before they commit", seconds(wait)),
            Job { threads, transfers: args.waiting_transfers, wait: Some(wait) },
        ),
    ];
    let (mut audits, mut without_phases) = ([0, 0], [0, 0]);
    for (title, job) in jobs {
        write!(out, "{}", heading(&title))?;
        let outcomes = [
            ("one lock", job.run(wing, &BigLock::new(wing, accounts))?),
            ("2PL ordered", job.run(wing, &InOrder::new(wing, accounts))?),
            ("2PL timeout", job.run(wing, &WithTimeout::new(wing, accounts))?),
            ("no phases", job.run(wing, &NoPhases::new(wing, accounts))?),
        ];
        let [sound @ .., (_, unsound)] = &outcomes;
        for (_, outcome) in sound {
            audits = [audits[0] + outcome.audits, audits[1] + outcome.wrong_audits()];
        }
        without_phases = [without_phases[0] + unsound.audits, without_phases[1] + unsound.wrong_audits()];
        if INTERRUPTED.is_set() {
            return Ok(audits[1] == 0);
        }
        report(&outcomes, out)?;
    }
    let [[all, wrong], [all_without, wrong_without]] = [audits, without_phases];
    if wrong > 0 {
        complain(format_args!("{wrong} audits found a wrong total"));
    }
    writeln!(out, "A retry: a transaction waited {} for a lock, undid what it had done, and", seconds(TRY_FOR))?;
    writeln!(out, "began again. Refused: there was too little in the account. No phases: a lock")?;
    writeln!(out, "around each step, so that an audit may find half a transfer.\n")?;
    let [all_without, wrong_without] = [all_without, wrong_without].map(count);
    writeln!(out, "Without phases {wrong_without} of {all_without} audits found a wrong total. Otherwise")?;
    let total = count(accounts as u64 * bank::OPENING.unsigned_abs());
    writeln!(out, "{} of {} found {total} in the bank, and no account below 0.", count(all - wrong), count(all))?;
    Ok(wrong == 0)
}

fn report(outcomes: &[(&str, Outcome)], out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(["", "done", "refused", "retries", "audits", "wrong", "per second"]);
    let mut speeds = Vec::new();
    for (name, outcome) in outcomes {
        let speed = outcome.speed();
        let Outcome { transfers, refused, retries, audits, .. } = *outcome;
        let numbers = [transfers, refused, retries, audits, outcome.wrong_audits(), speed as u64].map(count);
        table.row([(*name).to_owned()].into_iter().chain(numbers));
        speeds.push(((*name).to_owned(), speed, format!("{:.2} x", speed / outcomes[0].1.speed())));
    }
    writeln!(out, "{table}\n{}", bars(&speeds))
}
