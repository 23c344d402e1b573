//! The bank in four ways, and the work that is done on each: transfers by many threads, audits by one.

use std::fmt::Debug;
use std::io;
use std::thread;
use std::time::Duration;

use nogil::{Wing, acquire_all, generic};

use crate::common::{INTERRUPTED, spawn_scoped, together};
use crate::transaction::{Conflict, Transaction};

/// What is in each account at first.
pub(crate) const OPENING: i64 = 1_000;
/// The most that is transferred at once, so that an account may have too little.
const MOST: i64 = 500;
/// The auditor locks everything, so there are pauses between audits.
const AUDIT_EVERY: Duration = Duration::from_millis(1);
/// How long a transaction that was undone pauses at most, before it begins again.
const MOST_PAUSE: Duration = Duration::from_millis(1);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Transfer {
    from: usize,
    to: usize,
    amount: i64,
    wait: Option<Duration>,
}

impl Transfer {
    fn random(accounts: usize, wait: Option<Duration>) -> Self {
        let from = fastrand::usize(..accounts);
        // Any account but that one.
        let to = (from + fastrand::usize(1..accounts)) % accounts;
        Self { from, to, amount: fastrand::i64(1..=MOST), wait }
    }

    /// Called with both accounts locked. Answers whether there was enough.
    fn apply(self, from: &mut i64, to: &mut i64) -> bool {
        let is_covered = *from >= self.amount;
        if is_covered {
            *from -= self.amount;
            *to += self.amount;
        }
        self.wait_to_commit();
        is_covered
    }

    fn wait_to_commit(self) {
        if let Some(wait) = self.wait {
            thread::sleep(wait);
        }
    }
}

/// A way to lock a bank.
pub(crate) trait Ledger<W: Wing>: Sync {
    fn new(wing: W, accounts: usize) -> Self;
    fn accounts(&self) -> usize;
    /// Answers whether there was enough to transfer.
    fn transfer(&self, transfer: Transfer) -> bool;
    /// The balance of every account, all at one moment, if the way to lock is right.
    fn balances(&self) -> Vec<i64>;
    /// How often a transaction was undone and begun again.
    fn retries(&self) -> u64 {
        0
    }
}

// ---- one lock for all

#[derive(Debug)]
pub(crate) struct BigLock<W: Wing>(generic::Lock<Vec<i64>, W>, usize);

impl<W: Wing> Ledger<W> for BigLock<W> {
    fn new(wing: W, accounts: usize) -> Self {
        Self(generic::Lock::new_in(wing, vec![OPENING; accounts]), accounts)
    }

    fn accounts(&self) -> usize {
        self.1
    }

    fn transfer(&self, transfer: Transfer) -> bool {
        let mut balances = self.0.acquire();
        let [mut from, mut to] = [balances[transfer.from], balances[transfer.to]];
        let is_covered = transfer.apply(&mut from, &mut to);
        (balances[transfer.from], balances[transfer.to]) = (from, to);
        is_covered
    }

    fn balances(&self) -> Vec<i64> {
        self.0.acquire().clone()
    }
}

fn open_accounts<W: Wing>(wing: W, accounts: usize) -> Vec<generic::Lock<i64, W>> {
    (0..accounts).map(|_| generic::Lock::new_in(wing, OPENING)).collect()
}

// ---- a lock per account, all taken in one order

#[derive(Debug)]
pub(crate) struct InOrder<W: Wing>(Vec<generic::Lock<i64, W>>);

impl<W: Wing> Ledger<W> for InOrder<W> {
    fn new(wing: W, accounts: usize) -> Self {
        Self(open_accounts(wing, accounts))
    }

    fn accounts(&self) -> usize {
        self.0.len()
    }

    fn transfer(&self, transfer: Transfer) -> bool {
        let (mut from, mut to) = acquire_all((&self.0[transfer.from], &self.0[transfer.to]));
        transfer.apply(&mut from, &mut to)
    }

    fn balances(&self) -> Vec<i64> {
        let guards = acquire_all(self.0.iter().collect::<Vec<_>>());
        guards.iter().map(|balance| **balance).collect()
    }
}

// ---- a lock per account, let go after each step

#[derive(Debug)]
pub(crate) struct NoPhases<W: Wing>(Vec<generic::Lock<i64, W>>);

impl<W: Wing> Ledger<W> for NoPhases<W> {
    fn new(wing: W, accounts: usize) -> Self {
        Self(open_accounts(wing, accounts))
    }

    fn accounts(&self) -> usize {
        self.0.len()
    }

    /// Between the two steps the money is in no account.
    fn transfer(&self, transfer: Transfer) -> bool {
        let mut from = self.0[transfer.from].acquire();
        let is_covered = *from >= transfer.amount;
        if is_covered {
            *from -= transfer.amount;
        }
        drop(from);
        transfer.wait_to_commit();
        if is_covered {
            *self.0[transfer.to].acquire() += transfer.amount;
        }
        is_covered
    }

    /// Not at one moment: by the time the last account is read, the first is another.
    fn balances(&self) -> Vec<i64> {
        self.0.iter().map(|balance| *balance.acquire()).collect()
    }
}

// ---- a lock per account, taken as the need comes

#[derive(Debug)]
pub(crate) struct WithTimeout<W: Wing> {
    accounts: Vec<generic::Lock<i64, W>>,
    retries: generic::Counter<W>,
}

impl<W: Wing> WithTimeout<W> {
    /// Does `work` in a transaction, again and again until it meets no conflict.
    fn transact<R>(&self, work: impl Fn(&mut Transaction<'_, W>) -> Result<R, Conflict>) -> R {
        loop {
            let mut transaction = Transaction::begin(&self.accounts);
            if let Ok(result) = work(&mut transaction) {
                transaction.commit();
                return result;
            }
            drop(transaction);
            self.retries.increment();
            // A random pause, so that those who met do not meet again in step.
            thread::sleep(MOST_PAUSE.mul_f64(fastrand::f64()));
        }
    }
}

impl<W: Wing> Ledger<W> for WithTimeout<W> {
    fn new(wing: W, accounts: usize) -> Self {
        Self { accounts: open_accounts(wing, accounts), retries: generic::Counter::new_in(wing, 0) }
    }

    fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// Withdraws before it even tries for the other account, which is what may have to be undone.
    fn transfer(&self, transfer: Transfer) -> bool {
        self.transact(|transaction| {
            let from = transaction.account(transfer.from)?;
            let is_covered = *from >= transfer.amount;
            if is_covered {
                *from -= transfer.amount;
                *transaction.account(transfer.to)? += transfer.amount;
            }
            transfer.wait_to_commit();
            Ok(is_covered)
        })
    }

    fn balances(&self) -> Vec<i64> {
        self.transact(|transaction| (0..self.accounts.len()).map(|n| transaction.account(n).copied()).collect())
    }

    fn retries(&self) -> u64 {
        self.retries.get().unsigned_abs()
    }
}

// ---- the work

#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    pub(crate) threads: usize,
    /// By each thread.
    pub(crate) transfers: usize,
    pub(crate) wait: Option<Duration>,
}

#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) transfers: u64,
    pub(crate) refused: u64,
    pub(crate) retries: u64,
    pub(crate) audits: u64,
    /// Those that found the total that there was at first, and no account below zero.
    pub(crate) sound_audits: u64,
    pub(crate) time: Duration,
}

impl Outcome {
    /// Transfers in a second.
    pub(crate) fn speed(&self) -> f64 {
        self.transfers as f64 / self.time.as_secs_f64()
    }

    pub(crate) fn wrong_audits(&self) -> u64 {
        self.audits - self.sound_audits
    }
}

impl Job {
    /// Lets the threads transfer, and the auditor check until they are done and once more.
    pub(crate) fn run<W: Wing, L: Ledger<W>>(self, wing: W, ledger: &L) -> io::Result<Outcome> {
        let closed = generic::Event::new_in(wing);
        let total = ledger.accounts() as i64 * OPENING;
        let audit = || {
            let (mut audits, mut sound) = (0, 0);
            loop {
                let is_last = closed.wait_timeout(AUDIT_EVERY);
                let balances = ledger.balances();
                audits += 1;
                sound +=
                    u64::from(balances.iter().sum::<i64>() == total && balances.iter().all(|&balance| balance >= 0));
                if is_last {
                    return (audits, sound);
                }
            }
        };
        let ((audits, sound_audits), done, time) = thread::scope(|scope| {
            let auditor = spawn_scoped(scope, audit)?;
            let close = closed.set_on_drop();
            let (done, time) = together(wing, self.threads, |_| self.transfer_all(ledger))?;
            drop(close);
            io::Result::Ok((auditor.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), done, time))
        })?;
        let refused = done.iter().map(|(_, refused)| refused).sum();
        let transfers = done.iter().map(|(done, _)| done).sum();
        Ok(Outcome { transfers, refused, retries: ledger.retries(), audits, sound_audits, time })
    }

    /// What one thread does. Answers how many transfers it did, and how many others it found not covered.
    fn transfer_all<W: Wing>(self, ledger: &impl Ledger<W>) -> (u64, u64) {
        let (mut done, mut refused) = (0, 0);
        for _ in 0..self.transfers {
            if INTERRUPTED.is_set() {
                break;
            }
            let is_covered = ledger.transfer(Transfer::random(ledger.accounts(), self.wait));
            done += u64::from(is_covered);
            refused += u64::from(!is_covered);
        }
        (done, refused)
    }
}
