//! The seam in a model: the primitives of the engine that runs it, loom or shuttle, and a clock that the model moves.
//!
//! No engine's own `wait_timeout` times out. Here a moment in time is an *event*: every finite deadline of a model is one
//! and the same moment, and it comes when a thread of the model calls [`expire`]. loom then explores every place at which
//! the call can fall: before the wait, during it, and at the very instant at which the awaited thing happens. shuttle draws one.
//!
//! Where the two engines offer the same names this file uses them, whichever it is. What differs stands in `exhaustive`, for loom,
//! and `random`, for shuttle.

#[cfg(all(nogil_loom, nogil_shuttle))]
compile_error!("a model runs under loom or under shuttle");
// Without crossbeam's cfg the atomics of the stack would be the real ones, and loom would try fewer orders without a word.
#[cfg(all(nogil_loom, not(all(feature = "loom", crossbeam_loom))))]
compile_error!("a model under loom needs nogil's feature `loom`, `--cfg nogil_loom` and `--cfg crossbeam_loom`");
#[cfg(all(nogil_shuttle, not(feature = "shuttle")))]
compile_error!("a model under shuttle needs nogil's feature `shuttle` and `--cfg nogil_shuttle`");

#[cfg(nogil_loom)]
mod exhaustive;
#[cfg(nogil_shuttle)]
mod random;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::PoisonError;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

#[cfg(nogil_loom)]
use loom as engine;
#[cfg(nogil_shuttle)]
use shuttle as engine;

use engine::sync as imp;

pub(crate) use engine::sync::{Arc, atomic};
pub(crate) use engine::thread;

#[cfg(nogil_loom)]
pub(crate) use exhaustive::{Pause, UnsafeCell, model_fence, pin, thread_slot};
#[cfg(nogil_shuttle)]
pub(crate) use random::{Pause, UnsafeCell, model_fence, pin, thread_slot};

/// Lets a structure be made smaller in a model, where each part of it costs.
pub(crate) const IS_MODEL: bool = true;

/// The engine's mutex without poison, whose guard knows it, so that a [`Condvar`] can unlock and lock it.
pub(crate) struct Mutex<T>(imp::Mutex<T>);

pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    guard: imp::MutexGuard<'a, T>,
}

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(imp::Mutex::new(value))
    }

    #[track_caller]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { mutex: self, guard: lock(&self.0) }
    }

    #[track_caller]
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock().ok().map(|guard| MutexGuard { mutex: self, guard })
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

/// A panic passes through no state that it could leave wrong, here as in [`Mutex`].
#[track_caller]
fn lock<T>(mutex: &imp::Mutex<T>) -> imp::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A condition variable whose timed waits end when the model calls [`expire`]. First in, first out.
pub(crate) struct Condvar {
    asleep: std::sync::Arc<Asleep>,
}

/// Threads that sleep, under the one lock by which a waker, an expiry and a sleeper agree who was first.
type Asleep = imp::Mutex<VecDeque<std::sync::Arc<Sleeper>>>;

/// One thread in one wait. It sleeps for as long as it stands in the list.
struct Sleeper {
    /// What it sleeps at, on a futex. Changed and read under the list's lock, as `expired` is.
    address: std::sync::atomic::AtomicUsize,
    /// Its place there, if it has one.
    place: Option<u32>,
    woken: imp::Condvar,
    /// Not one of the engine's atomics: it is read and written under the list's lock, and adds no branches to the model.
    expired: std::sync::atomic::AtomicBool,
}

impl Condvar {
    pub(crate) fn new() -> Self {
        Self { asleep: std::sync::Arc::new(imp::Mutex::new(VecDeque::new())) }
    }

    #[track_caller]
    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.sleep(guard, None).0
    }

    #[track_caller]
    pub(crate) fn wait_until<'a, T>(&self, guard: MutexGuard<'a, T>, deadline: Instant) -> (MutexGuard<'a, T>, bool) {
        self.sleep(guard, Some(deadline))
    }

    #[track_caller]
    fn sleep<'a, T>(&self, guard: MutexGuard<'a, T>, deadline: Option<Instant>) -> (MutexGuard<'a, T>, bool) {
        let mutex = guard.mutex;
        // The caller's mutex goes once this thread stands in the list: whoever changes what it guards finds it there.
        let expired = sleep(&self.asleep, lock(&self.asleep), (0, None), deadline, || drop(guard));
        // POSIX lets a wait that was notified say all the same that its time is up, so this one does whenever it is.
        let expired = expired || deadline.is_some() && matches!(*lock(&world().clock.time), Time::After);
        (mutex.lock(), expired)
    }

    pub(crate) fn notify_one(&self) {
        let sleeper = lock(&self.asleep).pop_front();
        sleeper.iter().for_each(wake);
    }

    pub(crate) fn notify_all(&self) {
        let sleepers = std::mem::take(&mut *lock(&self.asleep));
        sleepers.iter().for_each(wake);
    }
}

/// Sleeps until taken off the list; may wake spuriously. Returns whether the time is up.
#[track_caller]
fn sleep<'a>(
    list: &'a std::sync::Arc<Asleep>,
    mut asleep: imp::MutexGuard<'a, VecDeque<std::sync::Arc<Sleeper>>>,
    (address, place): (usize, Option<u32>),
    deadline: Option<Instant>,
    enlisted: impl FnOnce(),
) -> bool {
    let (address, woken, expired) = (address.into(), imp::Condvar::new(), false.into());
    let me = std::sync::Arc::new(Sleeper { address, place, woken, expired });
    if deadline.is_some() && !world().clock.enlist(list, &me) {
        return true;
    }
    asleep.push_back(me.clone());
    SLEEPERS.with_borrow_mut(|sleepers| sleepers.push((list.clone(), me.clone())));
    enlisted();
    while asleep.iter().any(|sleeper| std::sync::Arc::ptr_eq(sleeper, &me)) {
        asleep = me.woken.wait(asleep).unwrap_or_else(PoisonError::into_inner);
    }
    me.expired.load(Relaxed)
}

thread_local! {
    /// The threads that sleep, in the order in which they fell asleep. Both engines run all threads of a model in one, and know
    /// nothing of this variable: it adds no branches to the model.
    static SLEEPERS: RefCell<Vec<(std::sync::Arc<Asleep>, std::sync::Arc<Sleeper>)>> = const { RefCell::new(Vec::new()) };
}

/// Wakes a thread that has been taken off its condvar's list.
fn wake(sleeper: &std::sync::Arc<Sleeper>) {
    SLEEPERS.with_borrow_mut(|sleepers| sleepers.retain(|(_, other)| !std::sync::Arc::ptr_eq(other, sleeper)));
    sleeper.woken.notify_one();
}

/// Takes the thread off its condvar's list. `false` when it has been notified meanwhile.
fn take_off(list: &Asleep, sleeper: &std::sync::Arc<Sleeper>, expired: bool) -> bool {
    let mut asleep = lock(list);
    let before = asleep.len();
    asleep.retain(|other| !std::sync::Arc::ptr_eq(other, sleeper));
    let taken_off = asleep.len() < before;
    if taken_off {
        sleeper.expired.store(expired, Relaxed);
    }
    taken_off
}

/// Waits until at least so many threads of the model sleep at the same time.
pub fn until_asleep(threads: usize) {
    while SLEEPERS.with_borrow(Vec::len) < threads {
        thread::yield_now();
    }
}

/// Wakes, spuriously, every thread that sleeps now, as a condvar and a futex may do at any moment.
pub fn disturb() {
    for (list, sleeper) in SLEEPERS.with_borrow(Clone::clone) {
        if take_off(&list, &sleeper, false) {
            wake(&sleeper);
        }
    }
}

/// What the threads of one execution share beside what is tested.
struct World {
    clock: Clock,
    /// Who sleeps at a futex.
    waiting: std::sync::Arc<Asleep>,
    /// How many threads have a number of their own. Not one of the engine's atomics: the numbering must add no branches to the model.
    slots: std::sync::atomic::AtomicU32,
}

thread_local! {
    /// Not the engine's `lazy_static`, which may end with the main thread of a model: a timer's thread may go on for a while.
    static WORLD: RefCell<Option<std::sync::Arc<World>>> = const { RefCell::new(None) };
}

/// To be called as each execution of a model begins: nobody sleeps, and the time is not up.
pub fn begin() {
    SLEEPERS.take();
    let (clock, waiting) = (Clock { time: imp::Mutex::new(Time::Before(Vec::new())) }, std::sync::Arc::default());
    WORLD.set(Some(std::sync::Arc::new(World { clock, waiting, slots: 0.into() })));
}

fn world() -> std::sync::Arc<World> {
    WORLD.with_borrow(|world| world.clone().expect("a model calls `begin` first"))
}

struct Clock {
    time: imp::Mutex<Time>,
}

/// Before the one moment at which every finite deadline expires, with the threads that wait for it; or after it.
enum Time {
    Before(Vec<(std::sync::Arc<Asleep>, std::sync::Arc<Sleeper>)>),
    After,
}

impl Clock {
    /// `false` when the moment has come already.
    fn enlist(&self, list: &std::sync::Arc<Asleep>, sleeper: &std::sync::Arc<Sleeper>) -> bool {
        match &mut *lock(&self.time) {
            Time::Before(waiting) => {
                waiting.push((list.clone(), sleeper.clone()));
                true
            }
            Time::After => false,
        }
    }
}

/// Lets every finite deadline of the model pass, now: those being waited for, and those of calls still to come.
pub fn expire() {
    let before = std::mem::replace(&mut *lock(&world().clock.time), Time::After);
    if let Time::Before(waiting) = before {
        end_waits(waiting);
    }
}

/// Lets the finite deadlines pass that are being waited for now, and no others: the time of later calls is another, which comes
/// with the next `expire_sleepers` or with [`expire`]. For long programs, in which time is up again and again.
pub fn expire_sleepers() {
    let waiting = match &mut *lock(&world().clock.time) {
        Time::Before(waiting) => std::mem::take(waiting),
        Time::After => Vec::new(),
    };
    end_waits(waiting);
}

/// Without the clock's lock: a thread that falls asleep takes it while it holds its list's.
fn end_waits(waiting: Vec<(std::sync::Arc<Asleep>, std::sync::Arc<Sleeper>)>) {
    for (list, sleeper) in waiting {
        if take_off(&list, &sleeper, true) {
            wake(&sleeper);
        }
    }
}

/// A futex as the kernel has it: who waits stands in a list, under a lock that is held while the word is compared.
pub(crate) mod futex {
    use super::{Instant, Sleeper, atomic, lock, sleep, world};

    /// Two, so that three waiters make a second cohort.
    pub(crate) const PLACES: u32 = 2;

    pub(crate) trait FutexWord {
        fn address(&self) -> *const u32;
        fn read(&self) -> u32;
    }

    impl FutexWord for atomic::AtomicU32 {
        fn address(&self) -> *const u32 {
            std::ptr::from_ref(self).cast()
        }

        fn read(&self) -> u32 {
            self.load(atomic::Ordering::Relaxed) // Relaxed: waker and waiter meet in the list's lock.
        }
    }

    impl FutexWord for atomic::AtomicU64 {
        fn address(&self) -> *const u32 {
            std::ptr::from_ref(self).cast()
        }

        fn read(&self) -> u32 {
            self.load(atomic::Ordering::Relaxed) as u32 // Relaxed: as above.
        }
    }

    #[track_caller]
    pub(crate) fn wait(word: &impl FutexWord, expected: u32, place: Option<u32>, deadline: Option<Instant>) -> bool {
        let world = world();
        let waiting = lock(&world.waiting);
        if word.read() != expected {
            return false;
        }
        sleep(&world.waiting, waiting, (word.address() as usize, place), deadline, || ())
    }

    #[track_caller]
    pub(crate) fn wake(address: *const u32, threads: usize) {
        wake_such(address, threads, |_| true);
    }

    #[track_caller]
    pub(crate) fn wake_places(address: *const u32, places: u32) {
        wake_such(address, usize::MAX, |sleeper| sleeper.place.is_some_and(|place| places & 1 << place != 0));
    }

    #[track_caller]
    fn wake_such(address: *const u32, threads: usize, such: impl Fn(&Sleeper) -> bool) {
        let mut woken = Vec::new();
        lock(&world().waiting).retain(|sleeper| {
            let is_here = sleeper.address.load(super::Relaxed) == address as usize;
            let wakes = is_here && such(sleeper) && woken.len() < threads;
            if wakes {
                woken.push(sleeper.clone());
            }
            !wakes
        });
        woken.iter().for_each(super::wake);
    }

    #[track_caller]
    pub(crate) fn requeue(from: *const u32, to: *const u32) {
        let world = world();
        let mut waiting = lock(&world.waiting);
        let place = waiting.iter().position(|sleeper| sleeper.address.load(super::Relaxed) == from as usize);
        if let Some(sleeper) = place.and_then(|place| waiting.remove(place)) {
            sleeper.address.store(to as usize, super::Relaxed);
            waiting.push_back(sleeper);
        }
    }
}

/// In a model nothing: what the other thread does meanwhile, it does in other executions without it.
pub(crate) struct BackOff;

impl BackOff {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn brief() -> Self {
        Self
    }

    pub(crate) fn stay_away(self) -> Self {
        self
    }
}

/// Nothing here, and nothing is asked: no model has two processors, and each look would be a step.
pub(crate) fn fall_back(_: impl FnOnce() -> usize) {}

/// In a model no looks: see [`Spin`].
pub(crate) struct Sighting;

impl Sighting {
    pub(crate) fn none() -> Self {
        Self
    }

    pub(crate) fn note(&self) {}

    pub(crate) fn is_here(&self) -> bool {
        false
    }

    pub(crate) fn glances(&self) -> impl Iterator<Item = ()> {
        std::iter::empty()
    }
}

/// In a model none: see [`Spin`].
pub(crate) fn glimpses() -> impl Iterator<Item = ()> {
    std::iter::empty()
}

/// In a model a thread sleeps at once: a look more is a step more, and proves nothing.
pub(crate) struct Spin;

impl Spin {
    pub(crate) fn new(_: Option<Instant>) -> Self {
        Self
    }

    pub(crate) fn at_a_distance(_: Option<Instant>) -> Self {
        Self
    }

    pub(crate) fn persistent(_: Option<Instant>) -> Self {
        Self
    }

    pub(crate) fn yielding(_: Option<Instant>) -> Self {
        Self
    }

    pub(crate) fn none() -> Self {
        Self
    }

    pub(crate) fn is_hurried(&self) -> bool {
        false
    }

    pub(crate) fn is_over(&self) -> bool {
        true
    }

    pub(crate) fn again(&self) -> bool {
        false
    }
}

/// Any moment will do: only [`expire`] decides when a deadline has passed.
pub(crate) fn now() -> Instant {
    Instant::now()
}

pub(crate) fn thread_token() -> u64 {
    // Not one of the engine's atomics: the numbering must add no branches to the model.
    static LAST: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    engine::thread_local! {
        static TOKEN: Cell<u64> = Cell::new(LAST.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1);
    }
    TOKEN.with(Cell::get)
}

pub(crate) fn null_pointers<T, const N: usize>() -> [atomic::AtomicPtr<T>; N] {
    std::array::from_fn(|_| atomic::AtomicPtr::new(std::ptr::null_mut()))
}
