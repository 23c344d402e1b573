//! Threads that are proved to block, items that are counted, and tests that cannot hang.

#![allow(dead_code, reason = "each test binary that shares this leaves some of it")]

use std::fs;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// Makes each function `fn case<W: Wing>()` a test of each wing.
macro_rules! over_each_wing {
    ($($case:ident),* $(,)?) => {
        mod locked {
            $(#[test] fn $case() { $crate::harness::watched(super::$case::<nogil::Locked>); })*
        }
        mod atomic {
            $(#[test] fn $case() { $crate::harness::watched(super::$case::<nogil::Atomic>); })*
        }
    };
}
pub(crate) use over_each_wing;

/// Makes each function `fn case<W: Wing, O: Kind<W>>()` a test of each queue: of each order on each wing that has it.
macro_rules! over_each_queue {
    ($($case:ident),* $(,)?) => {
        mod locked_queue {
            $(#[test] fn $case() { $crate::harness::watched(super::$case::<nogil::Locked, nogil::queue::Fifo>); })*
        }
        mod locked_lifo_queue {
            $(#[test] fn $case() { $crate::harness::watched(super::$case::<nogil::Locked, nogil::queue::Lifo>); })*
        }
        mod atomic_queue {
            $(#[test] fn $case() { $crate::harness::watched(super::$case::<nogil::Atomic, nogil::queue::Fifo>); })*
        }
        mod atomic_lifo_queue {
            $(#[test] fn $case() { $crate::harness::watched(super::$case::<nogil::Atomic, nogil::queue::Lifo>); })*
        }
        mod locked_priority_queue {
            $(#[test] fn $case() { $crate::harness::watched(super::$case::<nogil::Locked, nogil::queue::Priority>); })*
        }
    };
}
pub(crate) use over_each_queue;

/// Long enough for anything that ends, on any machine, under any load.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Short, for a wait that is to expire.
pub(crate) const MOMENT: Duration = Duration::from_millis(20);

/// Runs `test`, and ends the whole process with a clear line if it hangs.
pub(crate) fn watched(test: impl FnOnce()) {
    watched_saying(String::new, test);
}

/// The same, with more to say about what hangs.
pub(crate) fn watched_saying(more: impl Fn() -> String + Send + 'static, test: impl FnOnce()) {
    let name = thread::current().name().unwrap_or("?").to_owned();
    // Not a channel: ThreadSanitizer does not see the inside of std's.
    let finished = Arc::new(AtomicBool::new(false));
    let watchdog = thread::spawn({
        let finished = finished.clone();
        move || {
            let end = Instant::now() + PATIENCE;
            while !finished.load(Ordering::Acquire) {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    // Not `eprintln!`, whose text the test runner would keep to itself until the test ends.
                    let _ = writeln!(io::stderr(), "test {name} hangs: it did not end within {PATIENCE:?}{}", more());
                    std::process::abort();
                }
                thread::park_timeout(left);
            }
        }
    });
    // A test that fails has ended too.
    let ended = catch_unwind(AssertUnwindSafe(test));
    finished.store(true, Ordering::Release);
    watchdog.thread().unpark();
    watchdog.join().unwrap();
    ended.unwrap_or_else(|payload| resume_unwind(payload));
}

/// A thread of a test that can be asked whether it is blocked.
pub(crate) struct Worker<'scope, T> {
    handle: ScopedJoinHandle<'scope, T>,
    /// The kernel's directory for the thread, where it has one that tells when it sleeps.
    task: Arc<OnceLock<Option<String>>>,
}

/// Starts a thread, and returns when it runs.
pub(crate) fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    body: impl FnOnce() -> T + Send + 'scope,
) -> Worker<'scope, T> {
    let task = Arc::new(OnceLock::new());
    let handle = scope.spawn({
        let task = task.clone();
        move || {
            let here = fs::read_link("/proc/thread-self").ok().map(|path| format!("/proc/{}", path.display()));
            // Other kernels with such a directory, as gVisor, do not write all into it that Linux does.
            task.set(here.filter(|here| status(here, SLEEPS).is_some())).unwrap();
            body()
        }
    });
    eventually("the thread starts", || task.get().is_some());
    Worker { handle, task }
}

impl<T> Worker<'_, T> {
    /// Returns once the thread sleeps, and panics if it never does: two looks in a row find it asleep in the kernel, without
    /// having run between them. Elsewhere than on Linux, gives it time to fall asleep.
    pub(crate) fn until_blocked(&self) {
        let Some(Some(task)) = self.task.get() else {
            thread::sleep(Duration::from_millis(50));
            return assert!(!self.handle.is_finished(), "the thread was to block, and has ended");
        };
        let mut last = None;
        eventually("the thread blocks", || {
            assert!(!self.handle.is_finished(), "the thread was to block, and has ended");
            let now = sleeps(task);
            let asleep = now.is_some() && now == last;
            last = now;
            asleep
        });
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }

    /// Waits for the thread's end, and goes on with its panic if it panicked.
    pub(crate) fn join(self) -> T {
        self.handle.join().unwrap_or_else(|payload| resume_unwind(payload))
    }

    /// The panic that ended the thread, as text.
    pub(crate) fn join_panic(self) -> String {
        let Err(payload) = self.handle.join() else { panic!("the thread was to panic") };
        panic_text(&*payload)
    }
}

/// What the kernel writes before the number of times that a thread went to sleep of its own accord.
const SLEEPS: &str = "voluntary_ctxt_switches";

/// How often the thread of this directory of the kernel's went to sleep of its own accord, if it sleeps now. As often at two looks: it slept all the time between
/// them. (A thread that may run, and has no processor yet, does not sleep.)
pub(crate) fn sleeps(task: &str) -> Option<String> {
    status(task, "State:")?.contains("S (sleeping)").then(|| status(task, SLEEPS))?
}

/// The line of a thread's status that begins so.
fn status(task: &str, key: &str) -> Option<String> {
    let status = fs::read_to_string(format!("{task}/status")).ok()?;
    status.lines().find(|line| line.starts_with(key)).map(str::to_owned)
}

/// What a panic said.
pub(crate) fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .expect("a panic with a text")
}

/// The panic of `f`, as text.
pub(crate) fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("it was to panic"),
        Err(payload) => panic_text(&*payload),
    }
}

/// Returns once `condition` holds; panics if it never does.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE / 2;
    while !condition() {
        assert!(Instant::now() < end, "never came true: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// How long `f` took, at least `least`. There is no upper bound: how late a thread runs is the machine's affair.
pub(crate) fn takes<R>(least: Duration, f: impl FnOnce() -> R) -> R {
    let begin = Instant::now();
    let result = f();
    let took = begin.elapsed();
    assert!(took >= least, "took {took:?}, which is less than {least:?}");
    result
}

/// Counts the items made with it and not dropped yet; an item dropped twice shows as a negative number.
#[derive(Clone, Default)]
pub(crate) struct Census {
    alive: Arc<AtomicIsize>,
    dropped: Arc<AtomicUsize>,
}

/// An item that is counted while it lives. It compares by its number.
pub(crate) struct Item {
    pub(crate) number: usize,
    census: Census,
}

impl Census {
    pub(crate) fn item(&self, number: usize) -> Item {
        self.alive.fetch_add(1, Ordering::SeqCst);
        Item { number, census: self.clone() }
    }

    pub(crate) fn alive(&self) -> isize {
        self.alive.load(Ordering::SeqCst)
    }

    pub(crate) fn dropped(&self) -> usize {
        self.dropped.load(Ordering::SeqCst)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        self.census.alive.fetch_sub(1, Ordering::SeqCst);
        self.census.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Item {}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Item {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.number.cmp(&other.number)
    }
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Item({})", self.number)
    }
}
