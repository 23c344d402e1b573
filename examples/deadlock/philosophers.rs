//! The dining philosophers: each thinks, then needs the two forks beside the plate to eat.

use std::io::{self, Write};
use std::iter::once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nogil::{Wing, acquire_all, generic};

use crate::common::text::{Table, count, heading, seconds};
use crate::common::{INTERRUPTED, together};
use crate::{back_off, wait_in_vain};

/// How long a meal takes, and how long a philosopher thinks between two at most.
const MEAL: Duration = Duration::from_micros(100);
const THOUGHT: Duration = Duration::from_micros(100);
/// How long one waits for the second fork before putting the first down, and then pauses at most.
const TRY_FOR: Duration = Duration::from_micros(500);
const MOST_PAUSE: Duration = Duration::from_micros(500);
/// More than these do not fit into a table.
const MOST_SHOWN: usize = 16;

/// What lies on the table.
struct Dinner<W: Wing> {
    forks: Vec<generic::Lock<(), W>>,
    /// All but one may sit down, so at least one of them gets both forks.
    seats: generic::Semaphore<W>,
    /// Who eats, for those who take both forks in one step, and how those who wait for a neighbour learn of its end.
    eating: generic::Lock<Vec<bool>, W>,
    fork_is_free: generic::Condition<W>,
    retries: AtomicUsize,
}

impl<W: Wing> Dinner<W> {
    fn new(wing: W, n: usize) -> Self {
        Self {
            forks: (0..n).map(|_| generic::Lock::new_in(wing, ())).collect(),
            seats: generic::Semaphore::new_in(wing, n - 1),
            eating: generic::Lock::new_in(wing, vec![false; n]),
            fork_is_free: generic::Condition::new_in(wing),
            retries: AtomicUsize::new(0),
        }
    }

    fn left(&self, n: usize) -> &generic::Lock<(), W> {
        &self.forks[n]
    }

    fn right(&self, n: usize) -> &generic::Lock<(), W> {
        &self.forks[(n + 1) % self.forks.len()]
    }
}

// ---- stuck

/// Each philosopher takes the left fork, and when all have, waits for the right one.
pub(crate) fn show_stuck<W: Wing>(wing: W, n: usize, patience: Duration, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}", heading(&format!("{n} philosophers, who each take the left fork first")))?;
    let dinner = Dinner::new(wing, n);
    // They meet with the left fork in hand, and again before they put it down.
    let all = generic::Barrier::new_in(wing, n);
    let (stuck, time) = together(wing, n, |n| {
        let _left = dinner.left(n).acquire();
        let _ = all.wait(); // nobody breaks it
        let right = wait_in_vain(patience, |deadline| dinner.right(n).acquire_deadline(deadline));
        let _ = all.wait();
        right.is_none()
    })?;
    let stuck = stuck.into_iter().filter(|&stuck| stuck).count();
    if INTERRUPTED.is_set() {
        return Ok(());
    }
    let time = seconds(time);
    writeln!(out, "{stuck} of {n} held the left fork and waited for the right one, in a ring,")?;
    writeln!(out, "until they gave up after {time}. Meals: {}.\n", n - stuck)
}

// ---- cured

fn eat() {
    thread::sleep(MEAL);
}

/// Both forks in an order that all agree on, so that no ring closes.
fn in_one_order<W: Wing>(dinner: &Dinner<W>, n: usize) {
    let _forks = acquire_all((dinner.left(n), dinner.right(n)));
    eat();
}

/// The right fork for a while only.
fn with_timeout<W: Wing>(dinner: &Dinner<W>, n: usize) {
    // Ctrl-C needs no look here: somebody always gets on, and after a meal one looks.
    loop {
        let left = dinner.left(n).acquire();
        if let Some(_right) = dinner.right(n).acquire_timeout(TRY_FOR) {
            return eat();
        }
        drop(left);
        // Relaxed: only a tally.
        dinner.retries.fetch_add(1, Ordering::Relaxed);
        back_off(MOST_PAUSE);
    }
}

/// A seat first, of which there is one too few.
fn with_a_waiter<W: Wing>(dinner: &Dinner<W>, n: usize) {
    let _seat = dinner.seats.acquire();
    let _left = dinner.left(n).acquire();
    let _right = dinner.right(n).acquire();
    eat();
}

/// No nested locks: both forks in one step, under one lock that is not held while one eats.
fn never_nested<W: Wing>(dinner: &Dinner<W>, n: usize) {
    let neighbours = {
        let all = dinner.forks.len();
        [(n + all - 1) % all, (n + 1) % all]
    };
    let mut eating = dinner.eating.acquire();
    dinner.fork_is_free.wait_for(&mut eating, |eating| neighbours.iter().all(|&neighbour| !eating[neighbour]));
    eating[n] = true;
    drop(eating);
    eat();
    dinner.eating.acquire()[n] = false;
    dinner.fork_is_free.notify_all();
}

type Meal<W> = fn(&Dinner<W>, usize);

pub(crate) fn show_cures<W: Wing>(wing: W, n: usize, time: Duration, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}", heading(&format!("{n} philosophers, cured, for {} each", seconds(time))))?;
    let cures: [(&str, Meal<W>); 4] = [
        ("acquire_all", in_one_order),
        ("timeout, back-off", with_timeout),
        ("a waiter, n-1 seats", with_a_waiter),
        ("never nested", never_nested),
    ];
    let mut table = Table::new(["", "meals", "fewest", "most", "fairness", "retries"]);
    let mut meals_by_cure = Vec::new();
    for (name, meal) in cures {
        let dinner = Dinner::new(wing, n);
        let meals = dine(wing, &dinner, time, meal)?;
        if INTERRUPTED.is_set() {
            return Ok(());
        }
        let [fewest, most] = [meals.iter().min(), meals.iter().max()].map(|n| count(n.copied().unwrap_or(0)));
        let retries = count(dinner.retries.into_inner() as u64);
        table.row([name.into(), count(meals.iter().sum::<u64>()), fewest, most, fairness(&meals), retries]);
        meals_by_cure.push(meals);
    }
    writeln!(out, "{table}")?;
    writeln!(out, "Fairness is Jain's index: 1 if all ate as often, 1/{n} if one ate alone.")?;
    if n > MOST_SHOWN {
        return Ok(());
    }
    let mut table = Table::new(["meals of", "acquire_all", "timeout", "a waiter", "never nested"]);
    for philosopher in 0..n {
        let meals = meals_by_cure.iter().map(|meals| count(meals[philosopher]));
        table.row(once(format!("philosopher {}", philosopher + 1)).chain(meals));
    }
    write!(out, "\n{table}")
}

/// Lets them all think and eat until the time is up, and answers how often each ate.
fn dine<W: Wing>(wing: W, dinner: &Dinner<W>, time: Duration, meal: Meal<W>) -> io::Result<Vec<u64>> {
    let (meals, _) = together(wing, dinner.forks.len(), |n| {
        // From when all are there, which may take a while.
        let end = Instant::now() + time;
        let mut meals = 0;
        while Instant::now() < end && !INTERRUPTED.is_set() {
            back_off(THOUGHT);
            meal(dinner, n);
            meals += 1;
        }
        meals
    })?;
    Ok(meals)
}

/// Jain's index: the square of the sum over n times the sum of squares.
fn fairness(meals: &[u64]) -> String {
    let (sum, squares) =
        meals.iter().fold((0.0, 0.0), |(sum, squares), &n| (sum + n as f64, squares + (n as f64).powi(2)));
    if squares == 0.0 { "-".into() } else { format!("{:.3}", sum * sum / (meals.len() as f64 * squares)) }
}
