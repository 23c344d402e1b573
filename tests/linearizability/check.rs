//! Whether one thread alone could have seen what several saw.
//!
//! The search of Wing and Gong (*Testing and Verifying Concurrent Objects*, 1993): of the calls that no other ended before they
//! began, try each as the next one, and go back when the specification answers otherwise. With Lowe's memory (*Testing for
//! Linearizability*, 2017): the same calls done with the same state left have been tried before.

use std::collections::HashSet;

use crate::plain::Plain;

/// A call, its answer, and the moments between which it was made.
#[derive(Clone, Debug)]
pub(crate) struct Event<C, A> {
    pub(crate) call: C,
    pub(crate) answer: A,
    pub(crate) began: u64,
    pub(crate) ended: u64,
}

/// What each thread did, in its order.
pub(crate) type History<P> = Vec<Vec<Event<<P as Plain>::Call, <P as Plain>::Answer>>>;

/// Whether there is an order of all calls that the specification answers alike, in which whatever ended before another began
/// stands before it.
pub(crate) fn is_linearizable<P: Plain>(start: &P, history: &History<P>) -> bool {
    explains(start, history, &mut vec![0; history.len()], &mut HashSet::new())
}

fn explains<P: Plain>(
    state: &P,
    history: &History<P>,
    done: &mut Vec<usize>,
    tried: &mut HashSet<(Vec<usize>, P)>,
) -> bool {
    let next = |done: &[usize], thread: usize| history[thread].get(done[thread]);
    let Some(first_end) = (0..history.len()).filter_map(|thread| Some(next(done, thread)?.ended)).min() else {
        return true;
    };
    if !tried.insert((done.clone(), state.clone())) {
        return false;
    }
    for thread in 0..history.len() {
        let Some(event) = next(done, thread).filter(|event| event.began < first_end) else { continue };
        let mut after = state.clone();
        if after.answer(&event.call).as_ref() == Some(&event.answer) {
            done[thread] += 1;
            if explains(&after, history, done, tried) {
                return true;
            }
            done[thread] -= 1;
        }
    }
    false
}

/// Whether two threads were each in a call at the same time.
pub(crate) fn overlaps<P: Plain>(history: &History<P>) -> bool {
    let spans: Vec<_> = history
        .iter()
        .enumerate()
        .flat_map(|(thread, events)| events.iter().map(move |event| (thread, event)))
        .collect();
    spans.iter().any(|(one, a)| spans.iter().any(|(other, b)| one != other && a.began < b.ended && b.began < a.ended))
}
