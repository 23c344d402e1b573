//! `Timer`: section 18, and what section 14 (S16) improves. It has one engine, so each case runs once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use nogil::Timer;
use nogil::locked::Event;

use crate::harness::{Census, MOMENT, PATIENCE, eventually, panic_of, start, takes};

/// Makes each function a test that cannot hang.
macro_rules! watched {
    ($($case:ident),* $(,)?) => {
        mod one_engine {
            $(#[test] fn $case() { $crate::harness::watched(super::$case); })*
        }
    };
}

watched!(
    s18_two_timers_in_a_row,
    s18_join_from_many_threads,
    s18_join_of_itself,
    s18_join_with_a_timeout,
    s19_13_the_longest_timeout_is_for_ever,
    a_join_that_ends_in_time_waits_for_the_call,
    never_early,
    zero_fires_at_once,
    a_time_beyond_the_clock_never_comes,
    cancelled_before,
    cancelled_during,
    cancelled_after,
    cancelled_by_one_of_many,
    cancel_meets_the_call,
    cancelled_by_its_own_callback,
    cancelled_by_a_guard,
    a_guard_does_not_wait_for_the_call,
    a_cancelled_callback_is_dropped,
    a_cancelled_callback_may_use_the_timer_as_it_is_dropped,
    a_cancelled_callback_may_panic_as_it_is_dropped,
    a_called_callback_is_dropped,
    a_panic_comes_out_of_the_first_join,
    a_panic_comes_out_of_the_first_join_of_any_form,
    a_panic_comes_out_of_one_of_many_joins,
    a_panic_that_nobody_takes_is_dropped,
    what_a_panic_carries_does_not_panic_in_turn,
    a_handle_can_be_dropped,
    its_thread_has_a_name,
    repr,
);

const LONG: Duration = Duration::from_secs(3600);

fn s18_two_timers_in_a_row() {
    let (sender, receiver) = mpsc::channel();
    for number in 0..2 {
        let sender = sender.clone();
        Timer::start(Duration::from_millis(1), move || sender.send(number).unwrap()).join();
        assert_eq!(receiver.try_recv(), Ok(number));
    }
    assert!(receiver.try_recv().is_err(), "each called once");
}

fn s18_join_from_many_threads() {
    let gate = Arc::new(Event::new());
    let timer = Timer::start(Duration::ZERO, {
        let gate = gate.clone();
        move || gate.wait()
    });
    thread::scope(|scope| {
        let joiners: Vec<_> = (0..5).map(|_| start(scope, || timer.join())).collect();
        joiners.iter().for_each(|joiner| joiner.until_blocked());
        gate.set();
        joiners.into_iter().for_each(|joiner| joiner.join());
    });
    timer.join();
    assert!(timer.is_finished());
}

fn s18_join_of_itself() {
    let itself = Arc::new(OnceLock::<Timer>::new());
    let (sender, receiver) = mpsc::channel();
    let (told, timer_is_there) = mpsc::channel::<()>();
    let timer = Timer::start(Duration::ZERO, {
        let itself = itself.clone();
        move || {
            timer_is_there.recv().unwrap();
            let timer = itself.get().unwrap();
            let panics = [
                panic_of(|| timer.join()),
                panic_of(|| timer.try_join()),
                panic_of(|| timer.join_timeout(Duration::ZERO)),
                panic_of(|| timer.join_timeout(MOMENT)),
                panic_of(|| timer.join_deadline(Instant::now())),
                panic_of(|| timer.join_deadline(Instant::now() + MOMENT)),
            ];
            sender.send((panics, timer.is_finished())).unwrap();
        }
    });
    assert!(itself.set(timer).is_ok());
    told.send(()).unwrap();
    let (panics, was_finished) = receiver.recv().unwrap();
    assert_eq!(panics, ["a timer cannot be joined by its own callback"; 6]);
    assert!(!was_finished);
    itself.get().unwrap().join();
}

fn s18_join_with_a_timeout() {
    let timer = Timer::start(LONG, || ());
    assert!(!timer.try_join());
    assert!(!timer.join_timeout(Duration::ZERO));
    assert!(!takes(MOMENT, || timer.join_timeout(MOMENT)));
    assert!(!takes(MOMENT, || timer.join_deadline(Instant::now() + MOMENT)));
    assert!(timer.cancel());
    assert!(timer.try_join());
    assert!(timer.join_timeout(Duration::ZERO));
    assert!(timer.join_timeout(Duration::MAX));
    assert!(timer.join_deadline(Instant::now()));
}

fn s19_13_the_longest_timeout_is_for_ever() {
    let timer = Timer::start(LONG, || unreachable!());
    thread::scope(|scope| {
        let joiner = start(scope, || timer.join_timeout(Duration::MAX));
        joiner.until_blocked();
        assert!(timer.cancel());
        assert!(joiner.join());
    });
}

fn a_join_that_ends_in_time_waits_for_the_call() {
    let forms: [fn(&Timer) -> bool; 2] =
        [|timer| timer.join_timeout(PATIENCE), |timer| timer.join_deadline(Instant::now() + PATIENCE)];
    for join in forms {
        // Begun before the call.
        let timer = Timer::start(Duration::from_millis(30), || ());
        assert!(join(&timer));
        assert!(timer.is_finished());

        // Begun while the callback runs.
        let (entered, ended) = (Arc::new(Event::new()), Arc::new(Event::new()));
        let timer = Timer::start(Duration::ZERO, {
            let (entered, ended) = (entered.clone(), ended.clone());
            move || {
                entered.set();
                thread::sleep(MOMENT);
                ended.set();
            }
        });
        entered.wait();
        assert!(join(&timer));
        assert!(ended.is_set() && timer.is_finished());
    }
}

fn never_early() {
    for milliseconds in [1, 2, 5, 20] {
        let interval = Duration::from_millis(milliseconds);
        let (sender, receiver) = mpsc::channel();
        let begin = Instant::now();
        Timer::start(interval, move || sender.send(Instant::now()).unwrap());
        assert!(receiver.recv().unwrap() >= begin + interval);
    }
}

fn zero_fires_at_once() {
    let timer = Timer::start(Duration::ZERO, || ());
    timer.join();
    assert!(timer.is_finished());
    assert!(!timer.cancel());
}

fn a_time_beyond_the_clock_never_comes() {
    let timer = Timer::start(Duration::MAX, || unreachable!());
    assert!(!timer.join_timeout(MOMENT));
    assert!(timer.cancel());
    timer.join();
}

fn cancelled_before() {
    let timer = Timer::start(LONG, || unreachable!());
    assert!(!timer.is_finished());
    assert!(timer.cancel());
    assert!(timer.is_finished());
    assert!(!timer.cancel());
    timer.join();
    timer.join();
}

fn cancelled_during() {
    let (entered, gate) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let timer = Timer::start(Duration::ZERO, {
        let (entered, gate) = (entered.clone(), gate.clone());
        move || {
            entered.set();
            gate.wait();
        }
    });
    entered.wait();
    assert!(!timer.cancel(), "the call has begun");
    assert!(!timer.is_finished());
    assert!(!timer.join_timeout(MOMENT));
    gate.set();
    timer.join();
    assert!(timer.is_finished());
}

/// Whichever way its block ends.
fn cancelled_by_a_guard() {
    let census = Census::default();
    let fails = |timer: &Timer| -> Result<usize, std::num::ParseIntError> {
        let _guard = timer.cancel_on_drop();
        "no number".parse()
    };
    let late = || {
        let item = census.item(1);
        Timer::start(LONG, move || unreachable!("{item:?}"))
    };
    let timer = late();
    assert!(fails(&timer).is_err());
    assert!(timer.is_finished() && !timer.cancel());

    let timer = late();
    let panic = panic_of(|| {
        let _guard = timer.cancel_on_drop();
        panic!("at work");
    });
    assert_eq!(panic, "at work");
    assert!(timer.is_finished());
    assert_eq!((census.alive(), census.dropped()), (0, 2));

    let timer = late();
    std::mem::forget(timer.cancel_on_drop());
    assert!(!timer.is_finished());
    assert_eq!(format!("{:?}", timer.cancel_on_drop()), "CancelGuard { timer: Timer { stage: counting } }");
    assert!(timer.is_finished());
}

fn a_guard_does_not_wait_for_the_call() {
    let (entered, gate) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let timer = Timer::start(Duration::ZERO, {
        let (entered, gate) = (entered.clone(), gate.clone());
        move || {
            entered.set();
            gate.wait();
        }
    });
    entered.wait();
    drop(timer.cancel_on_drop());
    assert!(!timer.is_finished());
    gate.set();
    timer.join();
}

fn cancelled_after() {
    let timer = Timer::start(Duration::ZERO, || ());
    timer.join();
    assert!(!timer.cancel());
    assert!(!timer.cancel());
    timer.join();
}

fn cancelled_by_one_of_many() {
    for _ in 0..50 {
        let timer = Timer::start(LONG, || unreachable!());
        let cancelled = thread::scope(|scope| {
            let workers: Vec<_> = (0..4).map(|_| scope.spawn(|| timer.cancel())).collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).filter(|&cancelled| cancelled).count()
        });
        assert_eq!(cancelled, 1);
        timer.join();
    }
}

/// A cancel at the very moment of the call: it is called, or it was cancelled, and never both or neither.
fn cancel_meets_the_call() {
    for round in 0..200 {
        let calls = Arc::new(AtomicUsize::new(0));
        let begin = Instant::now();
        let timer = Timer::start(Duration::from_micros(200), {
            let calls = calls.clone();
            move || _ = calls.fetch_add(1, Ordering::SeqCst)
        });
        while begin.elapsed() < Duration::from_micros(150 + round % 150) {
            std::hint::spin_loop();
        }
        let cancelled = timer.cancel();
        timer.join();
        assert_eq!(calls.load(Ordering::SeqCst), usize::from(!cancelled));
        assert_eq!(Arc::strong_count(&calls), 1, "the callback is gone");
    }
}

fn cancelled_by_its_own_callback() {
    let itself = Arc::new(OnceLock::<Timer>::new());
    let (sender, receiver) = mpsc::channel();
    let (told, timer_is_there) = mpsc::channel::<()>();
    let timer = Timer::start(Duration::ZERO, {
        let itself = itself.clone();
        move || {
            timer_is_there.recv().unwrap();
            sender.send(itself.get().unwrap().cancel()).unwrap();
        }
    });
    assert!(itself.set(timer).is_ok());
    told.send(()).unwrap();
    assert_eq!(receiver.recv(), Ok(false));
}

fn a_cancelled_callback_is_dropped() {
    let census = Census::default();
    let item = census.item(0);
    let timer = Timer::start(LONG, move || drop(item));
    assert_eq!(census.alive(), 1);
    assert!(timer.cancel());
    assert_eq!((census.alive(), census.dropped()), (0, 1), "at once, and not when its time would have come");
    drop(timer);
    assert_eq!(census.dropped(), 1);
}

/// Runs a function when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn a_cancelled_callback_may_use_the_timer_as_it_is_dropped() {
    let itself = Arc::new(OnceLock::<Timer>::new());
    let seen = Arc::new(OnceLock::new());
    let witness = OnDrop({
        let (itself, seen) = (itself.clone(), seen.clone());
        move || {
            let timer = itself.get().unwrap();
            let panic = panic_of(|| timer.join());
            seen.set((timer.cancel(), timer.is_finished(), format!("{timer:?}"), panic)).unwrap();
        }
    });
    let timer = Timer::start(LONG, move || drop(witness));
    assert!(itself.set(timer).is_ok());
    assert!(itself.get().unwrap().cancel());
    let (cancelled, finished, repr, panic) = seen.get().unwrap();
    assert_eq!((*cancelled, *finished, repr.as_str()), (false, false, "Timer { stage: ending }"));
    assert_eq!(panic, "a timer cannot be joined by its own callback");
    itself.get().unwrap().join();
}

fn a_cancelled_callback_may_panic_as_it_is_dropped() {
    let bomb = OnDrop(|| panic!("dropped"));
    let timer = Timer::start(LONG, move || drop(bomb));
    assert_eq!(panic_of(|| timer.cancel()), "dropped");
    assert!(timer.is_finished());
    assert!(!timer.cancel());
    timer.join();
}

fn a_called_callback_is_dropped() {
    let census = Census::default();
    let item = census.item(7);
    let timer = Timer::start(Duration::ZERO, move || assert_eq!(format!("{item:?}"), "Item(7)"));
    timer.join();
    assert_eq!((census.alive(), census.dropped()), (0, 1), "before the join returns");
}

fn a_panic_comes_out_of_the_first_join() {
    let timer = Timer::start(Duration::ZERO, || std::panic::panic_any(42));
    let panic = std::panic::catch_unwind(|| timer.join_timeout(PATIENCE)).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&42), "the call's own payload");
    assert!(timer.is_finished());
    for _ in 0..2 {
        assert!(panic_of(|| timer.join()).contains("an earlier join has handed that panic on"));
    }
    assert!(panic_of(|| timer.join_timeout(Duration::ZERO)).contains("an earlier join"));
    assert!(panic_of(|| timer.try_join()).contains("an earlier join"));
    assert!(!timer.cancel());
}

fn a_panic_comes_out_of_the_first_join_of_any_form() {
    let forms: [fn(&Timer) -> bool; 4] = [
        Timer::try_join,
        |timer| timer.join_timeout(Duration::ZERO),
        |timer| timer.join_deadline(Instant::now()),
        |timer| timer.join_deadline(Instant::now() + PATIENCE),
    ];
    for join in forms {
        let timer = Timer::start(Duration::ZERO, || panic!("the call"));
        eventually("it is finished", || timer.is_finished());
        assert_eq!(panic_of(|| join(&timer)), "the call");
    }
}

fn a_panic_comes_out_of_one_of_many_joins() {
    let gate = Arc::new(Event::new());
    let timer = Timer::start(Duration::ZERO, {
        let gate = gate.clone();
        move || {
            gate.wait();
            panic!("the call")
        }
    });
    let mut panics = thread::scope(|scope| {
        let joiners = [start(scope, || timer.join()), start(scope, || timer.join())];
        joiners.iter().for_each(|joiner| joiner.until_blocked());
        gate.set();
        joiners.map(|joiner| joiner.join_panic())
    });
    panics.sort();
    assert_eq!(panics[0], "the call");
    assert!(panics[1].contains("an earlier join"), "{panics:?}");
}

fn a_panic_that_nobody_takes_is_dropped() {
    let census = Census::default();
    let item = census.item(0);
    let timer = Timer::start(Duration::ZERO, move || std::panic::panic_any(item));
    eventually("it is finished", || timer.is_finished());
    assert_eq!(census.alive(), 1);
    drop(timer);
    // By this thread or by the timer's own, whichever lets go last.
    eventually("the payload is dropped", || census.alive() == 0);
    assert_eq!(census.dropped(), 1);
}

fn what_a_panic_carries_does_not_panic_in_turn() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("a payload was dropped");
        }
    }
    // Here or in the timer's own thread, whichever lets go last; here it would be seen.
    for _ in 0..20 {
        let timer = Timer::start(Duration::ZERO, || std::panic::panic_any(Bomb));
        eventually("it is finished", || timer.is_finished());
        drop(timer);
    }
}

fn a_handle_can_be_dropped() {
    let (sender, receiver) = mpsc::channel();
    drop(Timer::start(MOMENT, move || sender.send("called all the same").unwrap()));
    assert_eq!(receiver.recv(), Ok("called all the same"));
}

fn its_thread_has_a_name() {
    let (sender, receiver) = mpsc::channel();
    Timer::start(Duration::ZERO, move || sender.send(thread::current().name().map(str::to_owned)).unwrap()).join();
    assert_eq!(receiver.recv().unwrap().as_deref(), Some("nogil-timer"));
}

fn repr() {
    let timer = Timer::start(LONG, || ());
    assert_eq!(format!("{timer:?}"), "Timer { stage: counting }");
    timer.cancel();
    assert_eq!(format!("{timer:?}"), "Timer { stage: finished }");

    let timer = Timer::start(Duration::ZERO, || panic!("panics"));
    assert_eq!(panic_of(|| timer.join()), "panics");
    assert_eq!(format!("{timer:?}"), "Timer { stage: panicked }");
}
