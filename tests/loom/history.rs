//! What each thread did to a queue, and whether one thread alone could have seen all of that.

use std::collections::VecDeque;

/// One step of a thread.
#[derive(Clone, Debug)]
pub(crate) enum Did {
    Put(usize),
    Got(usize),
    /// In one step.
    GotMany(Vec<usize>),
    FoundNone,
}

use Did::{FoundNone, Got, GotMany, Put};

/// Takes the next item, in the order of the queue.
pub(crate) type Next = fn(&mut VecDeque<usize>) -> Option<usize>;

/// Panics unless there is an order of all steps, in which each thread's stand as they were made, and `after` stands last, that
/// a queue in one thread would have answered alike.
#[track_caller]
pub(crate) fn assert_explained(next: Next, before: &[usize], threads: &[&[Did]], after: &[Did]) {
    let items = before.iter().copied().collect();
    assert!(is_explained(next, &items, threads, after), "from {before:?}: {threads:?}, then {after:?}");
}

fn is_explained(next: Next, items: &VecDeque<usize>, threads: &[&[Did]], after: &[Did]) -> bool {
    if threads.iter().all(|steps| steps.is_empty()) {
        return after.is_empty() || is_explained(next, items, &[after], &[]);
    }
    (0..threads.len()).any(|thread| {
        let Some((step, rest)) = threads[thread].split_first() else { return false };
        let mut items = items.clone();
        let fits = match step {
            Put(item) => {
                items.push_back(*item);
                true
            }
            Got(item) => next(&mut items) == Some(*item),
            GotMany(got) => got.iter().all(|item| next(&mut items) == Some(*item)),
            FoundNone => items.is_empty(),
        };
        let mut threads = threads.to_vec();
        threads[thread] = rest;
        fits && is_explained(next, &items, &threads, after)
    })
}

/// The answer of a `try_get` as a step.
pub(crate) fn got(item: Option<usize>) -> Did {
    item.map_or(FoundNone, Got)
}
