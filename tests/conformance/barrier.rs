//! `Barrier`: section 16, cases 54 to 65; section 19, cases 10 and 13.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use nogil::generic::Barrier;
use nogil::locked::Event;
use nogil::{BrokenBarrier, Wing};

use crate::harness::{Census, MOMENT, PATIENCE, eventually, over_each_wing, panic_of, start, takes};

over_each_wing!(
    s16_54_constructor,
    s16_55_barrier,
    s16_56_ten_cycles,
    s16_57_wait_return,
    s16_58_action,
    s16_59_abort,
    s16_60_reset,
    s16_61_abort_and_reset,
    s16_62_timeout,
    s16_63_timeout_alone,
    a_deadline_that_has_passed_breaks_it,
    s16_64_single_thread,
    s16_65_repr,
    s19_10_timeout_meets_the_last_arrival,
    s19_10_a_stale_arrival_is_not_counted,
    s19_10_next_cycle_while_the_last_has_not_run,
    s19_10_filling_abort,
    s19_10_filling_reset,
    s19_10_tripping_abort,
    s19_10_tripping_reset,
    s19_10_tripping_abort_then_reset,
    s19_10_tripping_expiry_of_a_waiter,
    s19_10_tripping_expiry_of_an_arrival,
    s19_10_tripping_arrival_waits,
    s19_10_tripping_panic,
    s19_10_tripping_panic_after_a_reset,
    s19_10_broken_abort_reset_and_wait,
    s19_10_a_storm_of_resets,
    s19_13_a_timeout_beyond_the_clock,
    a_cycle_that_tripped_has_tripped,
    the_last_arrival_needs_no_time,
    an_action_may_use_its_barrier,
    an_action_runs_again_after_a_panic,
    an_action_is_dropped_with_its_barrier,
    an_action_may_change_what_it_has_captured,
    an_action_need_not_be_shared,
    a_party_that_leaves_lets_the_others_go,
    the_guards_of_parties_harm_no_cycle_that_tripped,
    is_made_const,
);

fn broken() -> Result<usize, BrokenBarrier> {
    Err(BrokenBarrier)
}

fn barrier<W: Wing>(parties: usize) -> Barrier<W> {
    Barrier::new_in(W::default(), parties)
}

/// Runs `body` in as many threads as the barrier has parties, and answers what each answered.
fn on_each<W: Wing, T: Send>(barrier: &Barrier<W>, body: impl Fn(usize) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let body = &body;
        let workers: Vec<_> = (0..barrier.parties()).map(|number| scope.spawn(move || body(number))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    })
}

/// That the barrier is whole and empty: all of its parties can meet at it.
fn assert_usable<W: Wing>(barrier: &Barrier<W>) {
    assert!(!barrier.is_broken());
    let mut indices = on_each(barrier, |_| barrier.wait().unwrap());
    indices.sort_unstable();
    assert_eq!(indices, (0..barrier.parties()).collect::<Vec<_>>());
    assert_eq!((barrier.waiting(), barrier.is_broken()), (0, false));
}

fn s16_54_constructor<W: Wing>() {
    for panic in [panic_of(|| barrier::<W>(0)), panic_of(|| Barrier::with_action_in(W::default(), 0, || ()))] {
        assert_eq!(panic, "a barrier needs at least one party");
    }
    if let Ok(too_many) = usize::try_from(1_u64 << 32) {
        assert_eq!(panic_of(|| barrier::<W>(too_many)), "a barrier has at most u32::MAX parties");
        assert_eq!(barrier::<W>(too_many - 1).parties(), too_many - 1);
    }
    assert_eq!(barrier::<W>(5).parties(), 5);
}

fn lockstep<W: Wing>(cycles: usize) {
    let barrier = barrier::<W>(5);
    let arrivals = AtomicUsize::new(0);
    on_each(&barrier, |_| {
        for cycle in 1..=cycles {
            assert!(arrivals.fetch_add(1, Ordering::SeqCst) < 5 * cycle, "nobody has passed before all have come");
            barrier.wait().unwrap();
            assert!(arrivals.load(Ordering::SeqCst) >= 5 * cycle, "all have come");
        }
    });
    assert_eq!((barrier.waiting(), barrier.is_broken()), (0, false));
}

fn s16_55_barrier<W: Wing>() {
    lockstep::<W>(1);
}

fn s16_56_ten_cycles<W: Wing>() {
    lockstep::<W>(10);
    lockstep::<W>(100);
}

fn s16_57_wait_return<W: Wing>() {
    for _ in 0..50 {
        assert_usable(&barrier::<W>(5));
    }
}

fn s16_58_action<W: Wing>() {
    let runs = Arc::new(AtomicUsize::new(0));
    let barrier = Barrier::with_action_in(W::default(), 5, {
        let runs = runs.clone();
        move || _ = runs.fetch_add(1, Ordering::SeqCst)
    });
    on_each(&barrier, |_| {
        barrier.wait().unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    });
}

fn s16_59_abort<W: Wing>() {
    let barrier = barrier::<W>(5);
    let outcomes = on_each(&barrier, |_| {
        if barrier.wait().unwrap() == 2 {
            barrier.abort();
            return broken();
        }
        barrier.wait()
    });
    assert_eq!(outcomes, [broken(); 5]);
    assert!(barrier.is_broken());
}

fn s16_60_reset<W: Wing>() {
    let barrier = barrier::<W>(5);
    let outcomes = on_each(&barrier, |_| {
        let outcome = if barrier.wait().unwrap() == 2 {
            eventually("four wait", || barrier.waiting() == 4);
            barrier.reset();
            broken()
        } else {
            barrier.wait()
        };
        barrier.wait().unwrap();
        outcome
    });
    assert_eq!(outcomes, [broken(); 5]);
    assert!(!barrier.is_broken());
}

fn s16_61_abort_and_reset<W: Wing>() {
    let (first, second) = (barrier::<W>(5), barrier::<W>(5));
    let outcomes = on_each(&first, |_| {
        let outcome = if first.wait().unwrap() == 2 {
            first.abort();
            broken()
        } else {
            first.wait()
        };
        if second.wait().unwrap() == 2 {
            first.reset();
        }
        second.wait().unwrap();
        first.wait().unwrap();
        outcome
    });
    assert_eq!(outcomes, [broken(); 5]);
    assert!(!first.is_broken());
}

fn s16_62_timeout<W: Wing>() {
    let barrier = barrier::<W>(5);
    let outcomes = on_each(&barrier, |number| {
        if number == 0 {
            eventually("the others have given up", || barrier.is_broken());
            return barrier.wait();
        }
        barrier.wait_timeout(MOMENT)
    });
    assert_eq!(outcomes, [broken(); 5]);
}

fn s16_63_timeout_alone<W: Wing>() {
    let barrier = barrier::<W>(2);
    assert_eq!(takes(MOMENT, || barrier.wait_timeout(MOMENT)), broken());
    barrier.reset();
    assert_eq!(takes(MOMENT, || barrier.wait_deadline(Instant::now() + MOMENT)), broken());
    barrier.reset();
    assert_eq!(barrier.wait_timeout(Duration::ZERO), broken());
    assert_eq!((barrier.waiting(), barrier.is_broken()), (0, true));
}

fn a_deadline_that_has_passed_breaks_it<W: Wing>() {
    let barrier = barrier::<W>(2);
    assert_eq!(barrier.wait_deadline(Instant::now()), broken());
    assert!(barrier.is_broken());
}

fn s16_64_single_thread<W: Wing>() {
    let barrier = barrier::<W>(1);
    assert_eq!(barrier.wait(), Ok(0));
    assert_eq!(barrier.wait(), Ok(0));
    assert_eq!(barrier.wait_timeout(Duration::ZERO), Ok(0));
}

fn s16_65_repr<W: Wing>() {
    let barrier = barrier::<W>(3);
    assert_eq!(format!("{barrier:?}"), "Barrier { waiting: 0/3, broken: false }");
    thread::scope(|scope| {
        let workers = [start(scope, || barrier.wait()), start(scope, || barrier.wait())];
        workers.iter().for_each(|worker| worker.until_blocked());
        assert_eq!(format!("{barrier:?}"), "Barrier { waiting: 2/3, broken: false }");
        barrier.wait().unwrap();
    });
    assert_eq!(format!("{barrier:?}"), "Barrier { waiting: 0/3, broken: false }");
    barrier.abort();
    assert_eq!(format!("{barrier:?}"), "Barrier { waiting: 0/3, broken: true }");
}

/// The second of two comes at the moment at which the time of the first is up: either they meet or neither passes.
fn s19_10_timeout_meets_the_last_arrival<W: Wing>() {
    let barrier = barrier::<W>(2);
    for round in 0..200 {
        let deadline = Instant::now() + Duration::from_micros(300);
        let aim = deadline - Duration::from_micros(50) + Duration::from_micros(round % 100);
        let (first, last) = thread::scope(|scope| {
            let first = scope.spawn(|| barrier.wait_deadline(deadline));
            while Instant::now() < aim {
                std::hint::spin_loop();
            }
            // If it is the only one to come, it too gives up at some time.
            let last = barrier.wait_timeout(Duration::from_millis(2));
            (first.join().unwrap(), last)
        });
        match (first, last) {
            (Ok(first), Ok(last)) => assert_eq!(first + last, 1),
            outcomes => assert_eq!(outcomes, (broken(), broken()), "one passed alone"),
        }
        assert_eq!(barrier.is_broken(), first.is_err());
        barrier.reset();
        assert_eq!((barrier.waiting(), barrier.is_broken()), (0, false));
    }
}

fn s19_10_a_stale_arrival_is_not_counted<W: Wing>() {
    let barrier = barrier::<W>(3);
    assert_eq!(barrier.wait_timeout(MOMENT), broken());
    barrier.reset();
    thread::scope(|scope| {
        let workers = [start(scope, || barrier.wait()), start(scope, || barrier.wait())];
        workers.iter().for_each(|worker| worker.until_blocked());
        assert_eq!(barrier.waiting(), 2, "these two, and not the one that gave up");
        barrier.wait().unwrap();
    });
}

/// The last to arrive comes again before the others have run: it is the first of the next cycle, which they do not leave by.
fn s19_10_next_cycle_while_the_last_has_not_run<W: Wing>() {
    let barrier = barrier::<W>(4);
    for _ in 0..50 {
        thread::scope(|scope| {
            let workers: Vec<_> = (0..3).map(|_| start(scope, || barrier.wait())).collect();
            workers.iter().for_each(|worker| worker.until_blocked());
            assert_eq!(barrier.wait(), Ok(3));
            // Breaks the next cycle, at once.
            assert_eq!(barrier.wait_timeout(Duration::ZERO), broken());
            let mut indices: Vec<_> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
            indices.sort_unstable();
            assert_eq!(indices, [0, 1, 2]);
        });
        barrier.reset();
    }
}

fn a_cycle_that_tripped_has_tripped<W: Wing>() {
    let barrier = barrier::<W>(2);
    for round in 0..100 {
        thread::scope(|scope| {
            let waiter = start(scope, || barrier.wait());
            waiter.until_blocked();
            assert_eq!(barrier.wait(), Ok(1));
            if round % 2 == 0 {
                barrier.abort();
            }
            barrier.reset();
            assert_eq!(waiter.join(), Ok(0));
        });
        assert_usable(&barrier);
    }
}

fn the_last_arrival_needs_no_time<W: Wing>() {
    let barrier = barrier::<W>(2);
    let past = Instant::now();
    let zero = || barrier.wait_timeout(Duration::ZERO);
    let passed = || barrier.wait_deadline(past);
    for late in [&zero as &dyn Fn() -> _, &passed] {
        thread::scope(|scope| {
            let first = start(scope, || barrier.wait());
            first.until_blocked();
            assert_eq!(late(), Ok(1));
            assert_eq!(first.join(), Ok(0));
        });
    }
}

fn s19_10_filling_abort<W: Wing>() {
    let barrier = barrier::<W>(3);
    thread::scope(|scope| {
        let workers = [start(scope, || barrier.wait()), start(scope, || barrier.wait_timeout(PATIENCE))];
        workers.iter().for_each(|worker| worker.until_blocked());
        barrier.abort();
        assert_eq!((barrier.waiting(), barrier.is_broken()), (0, true));
        assert!(workers.into_iter().all(|worker| worker.join() == broken()));
    });
    assert_eq!(barrier.wait(), broken());
    barrier.reset();
    assert_usable(&barrier);
}

fn s19_10_filling_reset<W: Wing>() {
    let barrier = barrier::<W>(3);
    barrier.reset();
    thread::scope(|scope| {
        let workers = [start(scope, || barrier.wait()), start(scope, || barrier.wait_timeout(PATIENCE))];
        workers.iter().for_each(|worker| worker.until_blocked());
        barrier.reset();
        assert_eq!((barrier.waiting(), barrier.is_broken()), (0, false));
        assert!(workers.into_iter().all(|worker| worker.join() == broken()));
    });
    assert_usable(&barrier);
}

/// What holds an action until it is let go.
#[derive(Clone, Default)]
struct Gate(Arc<(Event, Event)>);

impl Gate {
    fn pass(&self) {
        self.0.0.set();
        self.0.1.wait();
    }

    fn is_reached(&self) -> bool {
        self.0.0.is_set()
    }

    fn until_reached(&self) {
        self.0.0.wait();
    }

    fn open(&self) {
        self.0.1.set();
    }
}

/// Two parties arrive, and `during` runs while the action of their cycle does. They both pass.
fn while_tripping<W: Wing>(during: impl FnOnce(&Barrier<W>)) -> Barrier<W> {
    while_tripping_unless_late(PATIENCE, during).expect("time enough")
}

/// The same, where the first waits no longer than `timeout`. `None` if it gave up before the last arrived.
fn while_tripping_unless_late<W: Wing>(timeout: Duration, during: impl FnOnce(&Barrier<W>)) -> Option<Barrier<W>> {
    let gate = Gate::default();
    let barrier = Barrier::with_action_in(W::default(), 2, {
        let gate = gate.clone();
        move || gate.pass()
    });
    let trips = thread::scope(|scope| {
        let first = start(scope, || barrier.wait_timeout(timeout));
        eventually("the first arrives", || barrier.waiting() == 1 || first.is_finished());
        let last = start(scope, || barrier.wait());
        eventually("the last arrives", || gate.is_reached() || last.is_finished());
        if !gate.is_reached() {
            assert_eq!((first.join(), last.join()), (broken(), broken()));
            return false;
        }
        last.until_blocked();
        assert_eq!((barrier.waiting(), barrier.is_broken()), (2, false));
        during(&barrier);
        assert!(!last.is_finished());
        first.until_blocked();
        gate.open();
        assert_eq!((first.join(), last.join()), (Ok(0), Ok(1)));
        true
    });
    trips.then_some(barrier)
}

fn s19_10_tripping_abort<W: Wing>() {
    let barrier = while_tripping::<W>(|barrier| {
        thread::scope(|scope| {
            let next = start(scope, || barrier.wait());
            next.until_blocked();
            barrier.abort();
            assert_eq!(next.join(), broken(), "at once, and not when the action ends");
        });
        assert!(barrier.is_broken());
        assert_eq!(barrier.wait(), broken());
        assert_eq!(barrier.waiting(), 2);
    });
    assert_eq!((barrier.waiting(), barrier.is_broken()), (0, true));
    assert_eq!(barrier.wait(), broken());
    barrier.reset();
    assert_usable(&barrier);
}

fn s19_10_tripping_reset<W: Wing>() {
    let barrier = while_tripping::<W>(|barrier| {
        barrier.reset();
        assert_eq!((barrier.waiting(), barrier.is_broken()), (2, false));
    });
    assert_usable(&barrier);
}

fn s19_10_tripping_abort_then_reset<W: Wing>() {
    let barrier = while_tripping::<W>(|barrier| {
        barrier.abort();
        barrier.abort();
        barrier.reset();
        assert!(!barrier.is_broken());
    });
    assert_usable(&barrier);
}

fn s19_10_tripping_expiry_of_a_waiter<W: Wing>() {
    // How long the last takes to arrive is the machine's affair, so the first waits longer until that is long enough.
    let timeouts = std::iter::successors(Some(MOMENT), |timeout| Some(*timeout * 2));
    let barrier = timeouts.into_iter().find_map(|timeout| {
        while_tripping_unless_late::<W>(timeout, |barrier| {
            // It arrived before this.
            thread::sleep(timeout + MOMENT);
            assert_eq!((barrier.waiting(), barrier.is_broken()), (2, false));
        })
    });
    assert_usable(&barrier.expect("a time that is long enough"));
}

fn s19_10_tripping_expiry_of_an_arrival<W: Wing>() {
    for timeout in [Duration::ZERO, MOMENT] {
        let barrier = while_tripping::<W>(|barrier| {
            assert_eq!(takes(timeout, || barrier.wait_timeout(timeout)), broken());
            assert!(barrier.is_broken());
        });
        assert!(barrier.is_broken());
        barrier.reset();
        assert_usable(&barrier);
    }
}

fn s19_10_tripping_arrival_waits<W: Wing>() {
    let (gate, go) = (Gate::default(), Arc::new(AtomicBool::new(false)));
    let barrier = &Barrier::with_action_in(W::default(), 2, {
        let (gate, go) = (gate.clone(), go.clone());
        move || {
            gate.pass();
            go.store(true, Ordering::SeqCst);
        }
    });
    thread::scope(|scope| {
        let cycle = [start(scope, || barrier.wait()), start(scope, || barrier.wait())];
        gate.until_reached();
        let next: Vec<_> =
            (0..2).map(|_| start(scope, || (barrier.wait_timeout(PATIENCE), go.load(Ordering::SeqCst)))).collect();
        next.iter().for_each(|worker| worker.until_blocked());
        assert_eq!(barrier.waiting(), 2, "those that come now have not arrived yet");
        gate.open();
        assert_eq!(cycle.into_iter().map(|worker| worker.join().unwrap()).sum::<usize>(), 1);
        let indices: Vec<_> = next.into_iter().map(|worker| worker.join()).collect();
        assert!(indices.contains(&(Ok(0), true)) && indices.contains(&(Ok(1), true)), "{indices:?}");
    });
}

/// Three parties, and one more that comes while the action runs, which `during` can disturb and which then panics.
fn tripping_panic<W: Wing>(during: impl FnOnce(&Barrier<W>)) {
    let gate = Gate::default();
    let barrier = Barrier::with_action_in(W::default(), 3, {
        let gate = gate.clone();
        move || {
            gate.pass();
            panic!("the action panics")
        }
    });
    thread::scope(|scope| {
        let waiters = [start(scope, || barrier.wait()), start(scope, || barrier.wait())];
        waiters.iter().for_each(|worker| worker.until_blocked());
        let last = start(scope, || barrier.wait());
        gate.until_reached();
        let next = start(scope, || barrier.wait());
        next.until_blocked();
        during(&barrier);
        gate.open();
        assert_eq!(last.join_panic(), "the action panics");
        assert!(waiters.into_iter().all(|worker| worker.join() == broken()));
        assert_eq!(next.join(), broken());
    });
    assert_eq!((barrier.waiting(), barrier.is_broken()), (0, true));
    assert_eq!(barrier.wait(), broken());
    barrier.reset();
    assert_eq!((barrier.waiting(), barrier.is_broken()), (0, false));
}

fn s19_10_tripping_panic<W: Wing>() {
    tripping_panic::<W>(|_| ());
}

fn s19_10_tripping_panic_after_a_reset<W: Wing>() {
    tripping_panic::<W>(|barrier| barrier.reset());
}

fn s19_10_broken_abort_reset_and_wait<W: Wing>() {
    let barrier = barrier::<W>(2);
    barrier.abort();
    barrier.abort();
    assert_eq!(barrier.wait(), broken());
    assert_eq!(barrier.wait_timeout(Duration::ZERO), broken());
    assert_eq!(barrier.wait_timeout(Duration::MAX), broken());
    assert_eq!((barrier.waiting(), barrier.is_broken()), (0, true));
    barrier.reset();
    barrier.reset();
    assert_usable(&barrier);
}

/// Cycles, resets and aborts at random: whoever passes passes with all the others of its cycle, and nothing is left over.
fn s19_10_a_storm_of_resets<W: Wing>() {
    let trips = Arc::new(AtomicUsize::new(0));
    let barrier = Barrier::with_action_in(W::default(), 3, {
        let trips = trips.clone();
        move || _ = trips.fetch_add(1, Ordering::SeqCst)
    });
    let stop = AtomicBool::new(false);
    let passes: [usize; 3] = thread::scope(|scope| {
        let waiter = || {
            let mut passes = [0; 3];
            while !stop.load(Ordering::SeqCst) {
                if let Ok(index) = barrier.wait_timeout(Duration::from_millis(5)) {
                    passes[index] += 1;
                }
            }
            passes
        };
        let workers: Vec<_> = (0..5).map(|_| start(scope, waiter)).collect();
        for round in 0..200 {
            match round % 4 {
                0 => barrier.abort(),
                1 | 2 => barrier.reset(),
                _ => thread::sleep(Duration::from_micros(200)),
            }
            barrier.reset();
            thread::yield_now();
        }
        stop.store(true, Ordering::SeqCst);
        workers
            .into_iter()
            .map(|worker| worker.join())
            .fold([0; 3], |sum, passes| [0, 1, 2].map(|i| sum[i] + passes[i]))
    });
    assert_eq!(passes, [trips.load(Ordering::SeqCst); 3], "each trip lets one of each index pass");
    barrier.reset();
    assert_usable(&barrier);
}

fn s19_13_a_timeout_beyond_the_clock<W: Wing>() {
    let barrier = barrier::<W>(2);
    thread::scope(|scope| {
        let first = start(scope, || barrier.wait_timeout(Duration::MAX));
        first.until_blocked();
        assert_eq!(barrier.wait_timeout(Duration::MAX), Ok(1));
        assert_eq!(first.join(), Ok(0));
    });
}

/// Everything but an untimed `wait`, which would wait for itself.
fn an_action_may_use_its_barrier<W: Wing>() {
    let barrier = Arc::<Barrier<W>>::new_cyclic(|itself| {
        let itself = itself.clone();
        Barrier::with_action_in(W::default(), 1, move || {
            let barrier = itself.upgrade().unwrap();
            assert_eq!((barrier.parties(), barrier.waiting(), barrier.is_broken()), (1, 1, false));
            assert_eq!(barrier.wait_timeout(Duration::from_millis(1)), broken());
            assert!(barrier.is_broken());
            barrier.reset();
            assert!(!barrier.is_broken());
            barrier.abort();
            assert!(!format!("{barrier:?}").is_empty());
        })
    });
    assert_eq!(barrier.wait(), Ok(0));
    assert!(barrier.is_broken(), "the action aborted the next cycle");
    barrier.reset();
    assert_eq!(barrier.wait(), Ok(0));
}

fn an_action_runs_again_after_a_panic<W: Wing>() {
    let runs = Arc::new(AtomicUsize::new(0));
    let barrier = Barrier::with_action_in(W::default(), 1, {
        let runs = runs.clone();
        move || assert!(runs.fetch_add(1, Ordering::SeqCst) > 0, "the first run panics")
    });
    assert_eq!(panic_of(|| barrier.wait()), "the first run panics");
    assert_eq!(barrier.wait(), broken());
    barrier.reset();
    assert_eq!(barrier.wait(), Ok(0));
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

/// By whichever threads it is run, and after a panic as that left it.
fn an_action_may_change_what_it_has_captured<W: Wing>() {
    const CYCLES: usize = 200;
    let log = Arc::new(Mutex::new(Vec::new()));
    let mut runs = 0;
    let barrier = Barrier::with_action_in(W::default(), 3, {
        let log = log.clone();
        move || {
            runs += 1;
            assert!(runs != CYCLES + 1, "once too often");
            log.lock().unwrap().push(runs);
        }
    });
    on_each(&barrier, |_| (0..CYCLES).for_each(|_| assert!(barrier.wait().is_ok())));
    let met = on_each(&barrier, |_| matches!(catch_unwind(AssertUnwindSafe(|| barrier.wait())), Ok(Ok(_))));
    assert_eq!(met, [false; 3]);
    barrier.reset();
    assert_usable(&barrier);
    assert_eq!(*log.lock().unwrap(), Vec::from_iter((1..=CYCLES).chain([CYCLES + 2])));
}

/// A `Cell` may be sent, and not shared.
fn an_action_need_not_be_shared<W: Wing>() {
    let (runs, heard) = (Cell::new(0), mpsc::channel());
    let barrier = Barrier::with_action_in(W::default(), 1, move || {
        runs.set(runs.get() + 1);
        heard.0.send(runs.get()).unwrap();
    });
    thread::scope(|scope| (0..3).for_each(|_| assert_eq!(start(scope, || barrier.wait()).join(), Ok(0))));
    assert_eq!(heard.1.try_iter().collect::<Vec<_>>(), [1, 2, 3]);
}

fn an_action_is_dropped_with_its_barrier<W: Wing>() {
    let census = Census::default();
    let item = census.item(0);
    let barrier = Barrier::with_action_in(W::default(), 1, move || assert_eq!(format!("{item:?}"), "Item(0)"));
    barrier.wait().unwrap();
    assert_eq!(census.alive(), 1);
    drop(barrier);
    assert_eq!(census.alive(), 0);
}

/// By an error or a panic: of each cycle all pass or none.
fn a_party_that_leaves_lets_the_others_go<W: Wing>() {
    for (leaves_after, panics) in [0, 1, 7].into_iter().flat_map(|cycles| [(cycles, false), (cycles, true)]) {
        let barrier = barrier::<W>(4);
        let passed = on_each(&barrier, |number| {
            let passed = AtomicUsize::new(0);
            let party = || -> Result<(), BrokenBarrier> {
                let _guard = barrier.abort_on_drop();
                loop {
                    if number == 2 && passed.load(Ordering::Relaxed) == leaves_after {
                        assert!(!panics, "at work");
                        return Ok(());
                    }
                    barrier.wait()?;
                    passed.fetch_add(1, Ordering::Relaxed);
                }
            };
            match number {
                2 if panics => assert_eq!(panic_of(party), "at work"),
                2 => assert_eq!(party(), Ok(())),
                _ => assert_eq!(party(), Err(BrokenBarrier)),
            }
            passed.into_inner()
        });
        assert_eq!(passed, [leaves_after; 4]);
        assert!(barrier.is_broken());
        barrier.reset();
        assert_usable(&barrier);
    }
}

/// The first to leave after the last cycle breaks the barrier while others have not run since that tripped.
fn the_guards_of_parties_harm_no_cycle_that_tripped<W: Wing>() {
    for _ in 0..200 {
        let barrier = barrier::<W>(4);
        let passed = on_each(&barrier, |_| {
            let _guard = barrier.abort_on_drop();
            (0..3).take_while(|_| barrier.wait().is_ok()).count()
        });
        assert_eq!(passed, [3; 4]);
        assert_eq!(barrier.wait(), broken());
    }
    let barrier = barrier::<W>(1);
    std::mem::forget(barrier.abort_on_drop());
    assert_usable(&barrier);
    let text = "AbortGuard { barrier: Barrier { waiting: 0/1, broken: false } }";
    assert_eq!(format!("{:?}", barrier.abort_on_drop()), text);
    assert!(barrier.is_broken());
}

fn is_made_const<W: Wing>() {
    static BARRIER: nogil::Barrier = nogil::Barrier::new(1);
    assert_eq!(BARRIER.wait(), barrier::<W>(1).wait());
}
