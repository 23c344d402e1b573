//! Two threads that take a few steps each, at the same moment, again and again; and what came of it, counted.
//!
//! A round's answer is the sum of what its two threads answer: 0, 1 or 2.

use std::hint;
use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam_utils::CachePadded;
use nogil::{Wing, generic};

use crate::common::{INTERRUPTED, cpus, together};

/// Rounds between two looks at Ctrl-C.
const BATCH: usize = 1000;
/// How often a thread looks for the other before it goes on alone.
const LOOKS: usize = 300;
/// A thread begins after fewer pauses than these, so that now the one is first and now the other.
const PAUSES: usize = 8;

/// How many rounds had which answer.
pub(crate) type Answers = [u64; 3];

/// Plays `rounds` rounds. Each has flags of its own, from `new`, so none has to be put back. `act` is what a thread, 0 or 1, does with
/// them.
fn play<W: Wing, T: Sync>(
    wing: W,
    rounds: usize,
    new: impl Fn() -> T,
    act: impl Fn(&T, usize) -> usize + Sync,
) -> io::Result<Answers> {
    // On one CPU there is nobody to wait for: the other does not come while this one looks.
    let looks = if cpus() > 1 { LOOKS } else { 0 };
    let mut answers = [0; 3];
    for begin in (0..rounds).step_by(BATCH) {
        if INTERRUPTED.is_set() {
            return Err(ErrorKind::Interrupted.into());
        }
        let batch = BATCH.min(rounds - begin);
        let stages: Vec<_> = (0..batch).map(|_| (CachePadded::new(AtomicUsize::new(0)), new())).collect();
        let (done, _) = together(wing, 2, |thread| {
            let round = |(arrived, flags): &(CachePadded<AtomicUsize>, T)| {
                meet(arrived, looks);
                act(flags, thread)
            };
            stages.iter().map(round).collect::<Vec<usize>>()
        })?;
        for (first, second) in done[0].iter().zip(&done[1]) {
            answers[first + second] += 1;
        }
    }
    Ok(answers)
}

/// Returns in both threads at nearly the same moment, if both are running. (At a `Barrier` one would sleep, and come far too late.)
fn meet(arrived: &AtomicUsize, looks: usize) {
    // AcqRel and Acquire: the steps of the round are taken after the meeting.
    arrived.fetch_add(1, Ordering::AcqRel);
    for _ in 0..looks {
        if arrived.load(Ordering::Acquire) == 2 {
            break;
        }
        hint::spin_loop();
    }
    (0..fastrand::usize(..PAUSES)).for_each(|_| hint::spin_loop());
}

/// How a flag is written, and how it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Orderings {
    store: Ordering,
    load: Ordering,
}

pub(crate) const RELAXED: Orderings = Orderings { store: Ordering::Relaxed, load: Ordering::Relaxed };
pub(crate) const RELEASE_ACQUIRE: Orderings = Orderings { store: Ordering::Release, load: Ordering::Acquire };
pub(crate) const SEQ_CST: Orderings = Orderings { store: Ordering::SeqCst, load: Ordering::SeqCst };

/// Apart from what other threads write, so that a write takes its time to get out.
type Flag = CachePadded<AtomicBool>;

// ---- store buffering: each thread sets its flag, and then looks at the other's. The answer: how many saw it

pub(crate) fn flags<W: Wing>(wing: W, rounds: usize, orderings: Orderings) -> io::Result<Answers> {
    play(wing, rounds, <[Flag; 2]>::default, |flags, me| {
        flags[me].store(true, orderings.store);
        usize::from(flags[1 - me].load(orderings.load))
    })
}

pub(crate) fn events<W: Wing>(wing: W, rounds: usize) -> io::Result<Answers> {
    let new = || [0; 2].map(|_| CachePadded::new(generic::Event::new_in(wing)));
    play(wing, rounds, new, |events, me| {
        events[me].set();
        usize::from(events[1 - me].is_set())
    })
}

/// A plain flag, in a lock of its own.
pub(crate) fn locks<W: Wing>(wing: W, rounds: usize) -> io::Result<Answers> {
    let new = || [0; 2].map(|_| CachePadded::new(generic::Lock::new_in(wing, false)));
    play(wing, rounds, new, |locks, me| {
        *locks[me].acquire() = true;
        usize::from(*locks[1 - me].acquire())
    })
}

// ---- message passing: one thread writes the data and raises the flag; the other looks at the flag, then at the data. The answer: 0 if it
// saw no flag, 1 if the flag without the data, 2 if both

/// The data is written and read by Relaxed: whether it is seen is up to the flag alone.
fn send<W: Wing, F: Sync>(
    wing: W,
    rounds: usize,
    new_flag: impl Fn() -> F,
    raise: impl Fn(&F) + Sync,
    is_raised: impl Fn(&F) -> bool + Sync,
) -> io::Result<Answers> {
    let new = || (Flag::default(), CachePadded::new(new_flag()));
    play(wing, rounds, new, |(data, flag), me| {
        if me == 0 {
            data.store(true, Ordering::Relaxed);
            raise(flag);
            0
        } else if is_raised(flag) {
            1 + usize::from(data.load(Ordering::Relaxed))
        } else {
            0
        }
    })
}

pub(crate) fn by_flag<W: Wing>(wing: W, rounds: usize, orderings: Orderings) -> io::Result<Answers> {
    let raise = |flag: &AtomicBool| flag.store(true, orderings.store);
    send(wing, rounds, AtomicBool::default, raise, |flag| flag.load(orderings.load))
}

pub(crate) fn by_event<W: Wing>(wing: W, rounds: usize) -> io::Result<Answers> {
    send(wing, rounds, || generic::Event::new_in(wing), |event| event.set(), |event| event.is_set())
}

pub(crate) fn by_queue<W: Wing>(wing: W, rounds: usize) -> io::Result<Answers> {
    let put = |queue: &generic::Queue<(), W>| {
        let _ = queue.try_put(()); // it has room for one, and is not shut down
    };
    send(wing, rounds, || generic::Queue::bounded_in(wing, 1), put, |queue| queue.try_get().is_ok())
}
