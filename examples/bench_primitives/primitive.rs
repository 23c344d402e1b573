//! The primitives, and the work that each is timed at: written once, over every wing.

use std::cell::Cell;
use std::hint::black_box;
use std::io;
use std::time::Duration;

use clap::ValueEnum;
use nogil::{PriorityQueue, ShardedCounter, Wing, generic};

use crate::args::Capacity;
use crate::common::{Engine, together};

/// What can be timed, as the command line calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Primitive {
    /// First in, first out
    Queue,
    /// Last in, first out
    Lifo,
    /// Smallest first
    Priority,
    /// First in, first out, without bound, tasks or shutdown
    SimpleQueue,
    /// A lock around a number
    Lock,
    /// The same, for a thread to take again
    Rlock,
    /// Half as many permits as threads
    Semaphore,
    /// A token passed on by events
    Event,
    /// A token passed on by conditions on one lock
    Condition,
    /// Threads that wait for each other
    Barrier,
    /// One number
    Counter,
    /// A number for each thread
    ShardedCounter,
}

/// How much is to be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) threads: usize,
    /// By each thread.
    pub(crate) turns: usize,
    pub(crate) capacity: Capacity,
}

impl Primitive {
    /// As the command line calls it.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// What is counted as one operation.
    pub(crate) fn operation(self) -> &'static str {
        match self {
            Self::Queue | Self::Lifo | Self::SimpleQueue => "put an item and get it",
            Self::Priority => "put an item and get it, beside up to 512 others",
            Self::Lock | Self::Rlock => "acquire, add one, release",
            Self::Semaphore => "acquire one of threads/2 permits, release it",
            Self::Event => "wait, clear, set the next thread's event",
            Self::Condition => "wait for one's turn, notify whose turn is next",
            Self::Barrier => "meet, all threads once",
            Self::Counter | Self::ShardedCounter => "add one",
        }
    }

    /// What its figures do not tell.
    pub(crate) fn caution(self) -> Option<&'static str> {
        match self {
            Self::Lock | Self::Rlock => Some(
                "No work between: a thread often has it again before another comes, as if\n\
                 alone. For threads that meet at it see `own-work` in BENCHMARKS.md.",
            ),
            _ => None,
        }
    }

    pub(crate) fn runs_on(self, engine: Engine) -> bool {
        match self {
            Self::Priority => matches!(engine, Engine::Locked),
            Self::ShardedCounter => matches!(engine, Engine::Atomic),
            _ => true,
        }
    }

    /// How many operations such a load is.
    pub(crate) fn operations(self, load: Load) -> usize {
        match self {
            Self::Barrier => load.turns,
            _ => load.turns * load.threads,
        }
    }

    /// Does it, and answers how long that took.
    pub(crate) fn time<W: Wing>(self, wing: W, load: Load) -> io::Result<Duration> {
        match self {
            Self::Queue => queue(wing, load),
            Self::Lifo => lifo(wing, load),
            Self::Priority => priority(wing, load),
            Self::SimpleQueue => simple_queue(wing, load),
            Self::Lock => lock(wing, load),
            Self::Rlock => rlock(wing, load),
            Self::Semaphore => semaphore(wing, load),
            Self::Event => event(wing, load),
            Self::Condition => condition(wing, load),
            Self::Barrier => barrier(wing, load),
            Self::Counter => counter(wing, load),
            Self::ShardedCounter => sharded_counter(wing, load),
        }
    }
}

impl Load {
    /// Each thread takes its turns one after the other, knowing which thread it is.
    fn run<W: Wing>(self, wing: W, turn: impl Fn(usize) + Sync) -> io::Result<Duration> {
        Ok(together(wing, self.threads, |me| (0..self.turns).for_each(|_| turn(me)))?.1)
    }

    /// As many items as turns of all threads, put by one half of the threads, the larger, and got by the other. A thread alone does both.
    fn pass<W: Wing, P, G>(
        self,
        wing: W,
        put: impl Fn(usize) -> P + Sync,
        get: impl Fn() -> G + Sync,
    ) -> io::Result<Duration> {
        let (put, get) = (|item| drop(black_box(put(item))), || drop(black_box(get())));
        let items = self.turns * self.threads;
        let putters = self.threads.div_ceil(2);
        let work = |me: usize| match me.checked_sub(putters) {
            _ if self.threads == 1 => (0..items).for_each(|item| {
                put(item);
                get();
            }),
            None => share(items, putters, me).for_each(&put),
            Some(me) => share(items, self.threads - putters, me).for_each(|_| get()),
        };
        Ok(together(wing, self.threads, work)?.1)
    }
}

/// The numbers below `whole` that fall to the `n`-th of `parts`.
fn share(whole: usize, parts: usize, n: usize) -> impl Iterator<Item = usize> {
    (n..whole).step_by(parts)
}

// The queues below are not shut down, so none of their calls fails.

fn queue<W: Wing>(wing: W, load: Load) -> io::Result<Duration> {
    let queue = match load.capacity.0 {
        Some(capacity) => generic::Queue::bounded_in(wing, capacity.get()),
        None => generic::Queue::unbounded_in(wing),
    };
    load.pass(wing, |item| queue.put(item), || queue.get())
}

fn lifo<W: Wing>(wing: W, load: Load) -> io::Result<Duration> {
    let queue = match load.capacity.0 {
        Some(capacity) => generic::LifoQueue::bounded_in(wing, capacity.get()),
        None => generic::LifoQueue::unbounded_in(wing),
    };
    load.pass(wing, |item| queue.put(item), || queue.get())
}

/// Each item is due at its own time, later than its number by what comes in no order: ten bits of its multiple of a large odd number. Those that are
/// there first, so that there is a heap to keep, fill half the room at most.
fn priority<W: Wing>(wing: W, load: Load) -> io::Result<Duration> {
    let queue = match load.capacity.0 {
        Some(capacity) => PriorityQueue::bounded(capacity.get()),
        None => PriorityQueue::unbounded(),
    };
    let due = |item: usize| item as u64 + ((item as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54);
    let others = load.capacity.0.map_or(512, |capacity| 512.min(capacity.get() / 2));
    let _ = queue.put_many((0..others).map(due));
    load.pass(wing, |item| queue.put(due(others + item)), || queue.get())
}

fn simple_queue<W: Wing>(wing: W, load: Load) -> io::Result<Duration> {
    let queue = generic::SimpleQueue::new_in(wing);
    load.pass(wing, |item| queue.put(item), || queue.get())
}

fn lock<W: Wing>(wing: W, load: Load) -> io::Result<Duration> {
    let number = generic::Lock::new_in(wing, 0);
    let time = load.run(wing, |_| *number.acquire() += 1)?;
    assert_eq!(number.into_inner(), load.turns * load.threads, "the lock should let in one thread at a time");
    Ok(time)
}

fn rlock<W: Wing>(wing: W, load: Load) -> io::Result<Duration> {
    let number = generic::RLock::new_in(wing, Cell::new(0));
    let time = load.run(wing, |_| {
        let number = number.acquire();
        number.set(number.get() + 1);
    })?;
    assert_eq!(number.into_inner().get(), load.turns * load.threads, "the lock should let in one thread at a time");
    Ok(time)
}

fn semaphore<W: Wing>(wing: W, load: Load) -> io::Result<Duration> {
    let semaphore = generic::Semaphore::new_in(wing, (load.threads / 2).max(1));
    load.run(wing, |_| drop(black_box(semaphore.acquire())))
}

/// The token begins at the first thread, and is back there when all have had their turns.
fn event<W: Wing>(wing: W, load: Load) -> io::Result<Duration> {
    let mine: Vec<_> = (0..load.threads).map(|_| generic::Event::new_in(wing)).collect();
    mine[0].set();
    load.run(wing, |me| {
        mine[me].wait();
        mine[me].clear();
        mine[(me + 1) % mine.len()].set();
    })
}

/// As for the event.
fn condition<W: Wing>(wing: W, load: Load) -> io::Result<Duration> {
    let holder = generic::Lock::new_in(wing, 0);
    let mine: Vec<_> = (0..load.threads).map(|_| generic::Condition::new_in(wing)).collect();
    load.run(wing, |me| {
        let mut holder = holder.acquire();
        mine[me].wait_for(&mut holder, |holder| *holder == me);
        *holder = (me + 1) % mine.len();
        mine[*holder].notify_one();
    })
}

fn barrier<W: Wing>(wing: W, load: Load) -> io::Result<Duration> {
    let barrier = generic::Barrier::new_in(wing, load.threads);
    load.run(wing, |_| {
        let _ = barrier.wait(); // nobody breaks it
    })
}

fn counter<W: Wing>(wing: W, load: Load) -> io::Result<Duration> {
    let number = generic::Counter::new_in(wing, 0);
    let time = load.run(wing, |_| number.increment())?;
    assert_eq!(number.get(), (load.turns * load.threads) as i64, "the counter should miss nothing");
    Ok(time)
}

fn sharded_counter<W: Wing>(wing: W, load: Load) -> io::Result<Duration> {
    let number = ShardedCounter::new();
    let time = load.run(wing, |_| number.increment())?;
    assert_eq!(number.sum(), (load.turns * load.threads) as i64, "the counter should miss nothing");
    Ok(time)
}
