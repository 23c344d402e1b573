//! Two threads that move money between two accounts, a lock each: one names them in one order, one in the other.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nogil::{Wing, acquire_all, generic};

use crate::common::text::{Table, count, heading, seconds};
use crate::common::{INTERRUPTED, together};
use crate::{back_off, wait_in_vain};

/// Every so many rounds, a thread lets the other run where it does the most harm: with one lock taken.
const YIELD_EVERY: usize = 16;
/// How long a thread waits for its second lock before it lets go of the first, and how long it then pauses at most.
const TRY_FOR: Duration = Duration::from_micros(200);
const MOST_PAUSE: Duration = Duration::from_micros(200);

type Account<W> = generic::Lock<i64, W>;

// ---- stuck

/// Each thread takes a lock, and when both have, waits for the other's.
pub(crate) fn show_stuck<W: Wing>(wing: W, patience: Duration, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}", heading("Two threads, two locks, opposite order"))?;
    let accounts = [Account::new_in(wing, 100), Account::new_in(wing, 100)];
    // One meets it with its first lock held, and again before it lets go: what one gives up must not free the other.
    let both = generic::Barrier::new_in(wing, 2);
    let (waits, _) = together(wing, 2, |mine| {
        let _first = accounts[mine].acquire();
        let _ = both.wait(); // nobody breaks it
        let begin = Instant::now();
        let second = wait_in_vain(patience, |deadline| accounts[1 - mine].acquire_deadline(deadline));
        let wait = second.is_none().then(|| begin.elapsed());
        let _ = both.wait();
        wait
    })?;
    if INTERRUPTED.is_set() {
        return Ok(());
    }
    for (thread, wait) in waits.iter().enumerate() {
        let [mine, other] = [thread, 1 - thread].map(|lock| ["A", "B"][lock]);
        let outcome = wait.map_or("got it".into(), |wait| format!("gave up after {}", seconds(wait)));
        writeln!(out, " thread {}  holds {mine}, waits for {other}: {outcome}", thread + 1)?;
    }
    let stuck = waits.iter().flatten().count();
    writeln!(out, "\n{stuck} of 2 threads were stuck. Without a timeout they would be stuck still.\n")
}

// ---- cured

/// What the threads of a cure share.
struct Work<W: Wing> {
    accounts: [Account<W>; 2],
    rounds: usize,
    retries: AtomicUsize,
}

impl<W: Wing> Work<W> {
    /// Moves one from account to account, as often as is asked for. The pair is in the thread's own order.
    fn each_round(&self, mine: usize, transfer: impl Fn(&Self, &Account<W>, &Account<W>, bool)) {
        for round in 0..self.rounds {
            if INTERRUPTED.is_set() {
                return;
            }
            transfer(self, &self.accounts[mine], &self.accounts[1 - mine], round % YIELD_EVERY == 0);
        }
    }
}

/// Both locks at once, in an order that they have by themselves.
fn in_one_order<W: Wing>(_: &Work<W>, from: &Account<W>, to: &Account<W>, pause: bool) {
    let (mut from, mut to) = acquire_all((from, to));
    if pause {
        thread::yield_now();
    }
    *from -= 1;
    *to += 1;
}

/// The second lock for a while only. Whoever does not get it lets go of the first, and begins again.
fn with_timeout<W: Wing>(work: &Work<W>, from: &Account<W>, to: &Account<W>, pause: bool) {
    loop {
        let mut first = from.acquire();
        if pause {
            thread::yield_now();
        }
        if let Some(mut second) = to.acquire_timeout(TRY_FOR) {
            *first -= 1;
            *second += 1;
            return;
        }
        drop(first);
        // Relaxed: only a tally.
        work.retries.fetch_add(1, Ordering::Relaxed);
        back_off(MOST_PAUSE);
    }
}

/// One lock after the other. In between the money is in nobody's account, which the program must be able to bear.
fn never_nested<W: Wing>(_: &Work<W>, from: &Account<W>, to: &Account<W>, pause: bool) {
    *from.acquire() -= 1;
    if pause {
        thread::yield_now();
    }
    *to.acquire() += 1;
}

type Transfer<W> = fn(&Work<W>, &Account<W>, &Account<W>, bool);

pub(crate) fn show_cures<W: Wing>(wing: W, rounds: usize, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}", heading("The same two threads, cured"))?;
    let cures: [(&str, Transfer<W>); 3] =
        [("acquire_all", in_one_order), ("timeout, back-off", with_timeout), ("never nested", never_nested)];
    let mut table = Table::new(["", "transfers", "retries", "time", "us/transfer", "total"]);
    for (name, transfer) in cures {
        let accounts = [Account::new_in(wing, 100), Account::new_in(wing, 100)];
        let work = Work { accounts, rounds, retries: AtomicUsize::new(0) };
        let (_, time) = together(wing, 2, |mine| work.each_round(mine, transfer))?;
        let transfers = 2 * rounds;
        if INTERRUPTED.is_set() {
            return Ok(());
        }
        let each = time.as_secs_f64() * 1e6 / transfers as f64;
        let total: i64 = work.accounts.map(Account::into_inner).iter().sum();
        let retries = count(work.retries.into_inner() as u64);
        table.row([
            name.into(),
            count(transfers as u64),
            retries,
            seconds(time),
            format!("{each:.2}"),
            total.to_string(),
        ]);
    }
    writeln!(out, "{table}")?;
    writeln!(out, "A retry: one thread held one lock, waited {} for the other, and let go.\n", seconds(TRY_FOR))
}
