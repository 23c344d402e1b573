//! A transaction that takes locks as it goes, and undoes all it did if it does not commit.

use std::time::Duration;

use nogil::{Wing, generic};

/// How long a transaction waits for a lock before it takes this for a deadlock.
pub(crate) const TRY_FOR: Duration = Duration::from_millis(1);

/// The lock was not to be had in time. The transaction has to be dropped, and with it goes all it did.
#[derive(Debug)]
pub(crate) struct Conflict;

/// Strict two-phase locking: [`account`](Self::account) takes locks, [`commit`](Self::commit) or a drop lets go of all of them.
/// That no lock is taken after one was let go is a matter of types: `commit` takes the transaction.
#[derive(Debug)]
pub(crate) struct Transaction<'a, W: Wing> {
    accounts: &'a [generic::Lock<i64, W>],
    held: Vec<Held<'a, W>>,
}

#[derive(Debug)]
struct Held<'a, W: Wing> {
    guard: generic::LockGuard<'a, i64, W>,
    number: usize,
    /// What the balance was before.
    before: i64,
}

impl<'a, W: Wing> Transaction<'a, W> {
    pub(crate) fn begin(accounts: &'a [generic::Lock<i64, W>]) -> Self {
        Self { accounts, held: Vec::new() }
    }

    /// The balance of an account, to read and to change. The first call takes its lock.
    pub(crate) fn account(&mut self, number: usize) -> Result<&mut i64, Conflict> {
        let at = match self.held.iter().position(|held| held.number == number) {
            Some(at) => at,
            None => {
                let guard = self.accounts[number].acquire_timeout(TRY_FOR).ok_or(Conflict)?;
                self.held.push(Held { before: *guard, number, guard });
                self.held.len() - 1
            }
        };
        Ok(&mut self.held[at].guard)
    }

    /// Keeps what was done.
    pub(crate) fn commit(mut self) {
        self.held.clear();
    }
}

/// Undoes what was done, before any lock is let go: nobody ever sees it.
impl<W: Wing> Drop for Transaction<'_, W> {
    fn drop(&mut self) {
        for held in &mut self.held {
            *held.guard = held.before;
        }
    }
}
