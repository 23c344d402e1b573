//! The turns that a waiting thread gives to others before it sleeps, and whether they pay.
//!
//! They do where those soon wait, too: a turn costs less than a sleep and a wake-up. Beside a thread that computes, a turn lasts a time slice, some milliseconds, and what is awaited may
//! come meanwhile. Which it was shows afterwards. So a thread whose turn was long gives none in some of its next waits, then tries again, and after each further long one in more of them: in
//! the end in 255 of 256. (Measured at queues of one and 16 items beside two computing threads on two processors: two to five times as many items, and an item that comes each
//! millisecond is got after some microseconds, not after one to four milliseconds.)

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::thread;

thread_local! {
    // Constant and without a destructor, so that it can be read at any time, also while the thread ends.
    static EXPERIENCE: Experience = const { Experience::none() };
}

/// What a thread knows of the turns that it gave.
struct Experience {
    /// How many of its next waits it begins without.
    abstains: Cell<u32>,
    /// How many that will be after the next long turn: four to the power of one more than this, less one.
    distrust: Cell<u32>,
    /// How many of the next turns it times. To look at the exact clock each time would cost too much.
    times: Cell<u32>,
    /// What the coarse clock showed after the last turn that was not timed.
    tick: Cell<Option<Duration>>,
}

impl Experience {
    /// Less than a time slice, and more than several threads take that soon wait.
    const LONG: Duration = Duration::from_micros(500);
    const MOST_DISTRUST: u32 = 4;
    const AT_A_TIME: u32 = 16;

    const fn none() -> Self {
        Self { abstains: Cell::new(0), distrust: Cell::new(0), times: Cell::new(0), tick: Cell::new(None) }
    }

    /// Whether a wait that begins is to give no turns.
    fn abstains(&self) -> bool {
        let waits = self.abstains.get();
        self.abstains.set(waits.saturating_sub(1));
        waits != 0
    }

    /// After a turn that was not timed: if a tick has come since the one before, it may have been long, or the first for long.
    fn note_tick(&self, tick: Option<Duration>) {
        if self.tick.replace(tick) != tick {
            self.times.set(Self::AT_A_TIME);
        }
    }

    /// After one that was. Returns whether it was long.
    fn note_time(&self, time: Duration) -> bool {
        let distrust = self.distrust.get();
        if time > Self::LONG {
            self.distrust.set(Self::MOST_DISTRUST.min(distrust + 1));
            self.abstains.set(4_u32.pow(self.distrust.get()) - 1);
            self.times.set(Self::AT_A_TIME);
            return true;
        }
        self.times.set(self.times.get() - 1);
        if self.times.get() == 0 && distrust > 0 {
            self.distrust.set(distrust - 1);
            self.times.set(Self::AT_A_TIME);
        }
        false
    }
}

/// The turns of one wait.
pub(super) struct Turns(Cell<State>);

#[derive(Clone, Copy, PartialEq)]
enum State {
    Unasked,
    Given,
    Over,
    Always,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self(Cell::new(State::Unasked))
    }

    /// However long the turns of other waits were, and those of this one are.
    pub(super) fn always() -> Self {
        Self(Cell::new(State::Always))
    }

    /// Whether the calling thread is to give none, or no more.
    pub(super) fn are_over(&self) -> bool {
        if self.0.get() == State::Unasked {
            self.0.set(if EXPERIENCE.with(Experience::abstains) { State::Over } else { State::Given });
        }
        self.0.get() == State::Over
    }

    /// Lets others run.
    pub(super) fn give(&self) {
        if self.0.get() == State::Always {
            return thread::yield_now();
        }
        EXPERIENCE.with(|experience| {
            if experience.times.get() == 0 {
                thread::yield_now();
                experience.note_tick(coarse_clock());
            } else {
                let since = Instant::now();
                thread::yield_now();
                if experience.note_time(since.elapsed()) {
                    self.0.set(State::Over);
                }
            }
        });
    }
}

/// A clock that goes on at the kernel's ticks, one each 1 to 10 ms, and is cheap to read.
#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
fn coarse_clock() -> Option<Duration> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel, or the C library in its place, writes the time into a place that is there.
    let known = unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &raw mut time) } == 0;
    known.then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}

/// None is known to be cheap: no turn is timed, and each counts as short.
#[cfg(not(all(target_os = "linux", target_pointer_width = "64", not(miri))))]
fn coarse_clock() -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_micros(20);
    const LONG: Duration = Duration::from_millis(3);

    /// How many waits begin without turns until one gives some.
    fn abstentions(experience: &Experience) -> usize {
        (0..).take_while(|_| experience.abstains()).count()
    }

    #[test]
    fn who_had_long_turns_gives_fewer_and_fewer() {
        let experience = Experience::none();
        assert_eq!(abstentions(&experience), 0);
        for waits in [3, 15, 63, 255, 255] {
            assert!(experience.note_time(LONG));
            assert_eq!(abstentions(&experience), waits);
        }
    }

    #[test]
    fn who_had_short_ones_gives_turns_again() {
        let experience = Experience::none();
        (0..3).for_each(|_| assert!(experience.note_time(LONG)));
        assert_eq!(abstentions(&experience), 63);
        let timed = (0..).take_while(|_| experience.times.get() != 0).map(|_| experience.note_time(SHORT));
        assert_eq!(timed.filter(|was_long| !was_long).count(), 4 * 16);
        assert_eq!(abstentions(&experience), 0);
        experience.note_time(LONG);
        assert_eq!(abstentions(&experience), 3, "as at first");
    }

    #[test]
    fn after_a_tick_some_turns_are_timed() {
        let experience = Experience::none();
        experience.note_tick(None);
        assert_eq!(experience.times.get(), 0, "no clock");
        for tick in [LONG, 2 * LONG] {
            experience.note_tick(Some(tick));
            assert_eq!(experience.times.replace(0), 16);
            experience.note_tick(Some(tick));
            assert_eq!(experience.times.get(), 0);
        }
    }

    /// A thread of its own, since what it learns it does not forget.
    fn on_a_thread(test: impl FnOnce() + Send) {
        thread::scope(|scope| scope.spawn(test).join().unwrap());
    }

    #[test]
    fn a_wait_after_a_long_turn_sleeps_at_once() {
        on_a_thread(|| {
            EXPERIENCE.with(|experience| experience.note_time(LONG));
            for _ in 0..3 {
                let turns = Turns::new();
                assert!(turns.are_over() && turns.are_over());
            }
            let (turns, always) = (Turns::new(), Turns::always());
            assert!(!turns.are_over());
            turns.give();
            EXPERIENCE.with(|experience| experience.note_time(LONG));
            assert!(Turns::new().are_over() && !always.are_over());
        });
    }

    #[test]
    fn who_is_in_a_hurry_gives_turns_all_the_same() {
        use super::super::Spin;

        on_a_thread(|| {
            let now = Instant::now();
            let (soon, late) = (now + Duration::from_millis(5), now + Duration::from_secs(3600));
            let is_hurried = |until| Spin::new(until).is_hurried();
            assert!(is_hurried(Some(soon)) && !is_hurried(Some(late)) && !is_hurried(None));
            EXPERIENCE.with(|experience| experience.note_time(LONG));
            assert!(Spin::new(Some(late)).turns.are_over() && !Spin::new(Some(soon)).turns.are_over());
        });
    }

    #[test]
    #[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
    fn beside_a_thread_that_computes_a_wait_is_soon_cut_short() {
        use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

        use super::super::affinity::{move_to, processors};

        const TURNS: usize = 12;
        const PATIENCE: Duration = Duration::from_secs(30);
        on_a_thread(|| {
            // The thread that this one starts stays there, too.
            if !processors().first().is_some_and(|here| move_to(*here)) {
                return;
            }
            let over = AtomicBool::new(false);
            let cut_short = thread::scope(|scope| {
                scope.spawn(|| {
                    while !over.load(Relaxed) {
                        std::hint::spin_loop();
                    }
                });
                let since = Instant::now();
                let cut_short =
                    std::iter::repeat_with(Turns::new).take_while(|_| since.elapsed() < PATIENCE).any(|turns| {
                        let given = (0..TURNS).take_while(|_| !turns.are_over()).map(|_| turns.give()).count();
                        (1..TURNS).contains(&given)
                    });
                over.store(true, Relaxed);
                cut_short
            });
            assert!(cut_short, "no turn was long");
        });
    }
}
