//! Programs of the barrier.

use std::sync::Arc;

use nogil::Wing;
use nogil::generic::Barrier;
use nogil::model::disturb;

use crate::harness::{Plain, UNTIL_EXPIRED, clock, crowd, join_all, over_each_wing, spawn};

over_each_wing!(several_cycles, all_pass_or_none);

const PARTIES: usize = 4;

/// Four parties meet four times, and nobody is ahead of another by more than a cycle.
fn several_cycles<W: Wing>() {
    let shared = Arc::new((Barrier::new_in(W::default(), PARTIES), [(); PARTIES].map(|()| Plain::new())));
    let parties = crowd(PARTIES, &shared, |(barrier, cycles), me| {
        (1..=4)
            .map(|cycle| {
                cycles[me].set(cycle);
                let index = barrier.wait().unwrap();
                assert!(cycles.iter().map(Plain::get).all(|other| other == cycle || other == cycle + 1));
                1_usize << (PARTIES * index)
            })
            .sum::<usize>()
    });
    disturb();
    // In each cycle each index was given once.
    assert_eq!(join_all(parties).into_iter().sum::<usize>(), 0x4444);
    assert_eq!((shared.0.waiting(), shared.0.is_broken()), (0, false));
}

/// Four parties, with resets, an abort and little time: as often as one passes with one index, one passes with each other.
fn all_pass_or_none<W: Wing>() {
    let barrier = Arc::new(Barrier::new_in(W::default(), PARTIES));
    let parties = crowd(PARTIES, &barrier, |barrier, _| {
        let mut passed = [0; PARTIES];
        for _ in 0..4 {
            if let Ok(index) = barrier.wait_timeout(UNTIL_EXPIRED) {
                passed[index] += 1;
            }
        }
        passed
    });
    let resets = spawn(&barrier, |barrier| (0..3).for_each(|_| barrier.reset()));
    let abort = spawn(&barrier, Barrier::abort);
    let clock = clock(&barrier, 1);
    let passed = join_all(parties);
    resets.join().unwrap();
    abort.join().unwrap();
    clock.join().unwrap();
    let by_index: Vec<usize> = (0..PARTIES).map(|index| passed.iter().map(|passed| passed[index]).sum()).collect();
    assert_eq!(by_index, [by_index[0]; PARTIES]);
    assert_eq!(barrier.waiting(), 0);
}
