//! The end of a queue.

use std::fmt;

use super::{Order, Queue};
use crate::engine::{RawQueue, Wing};
use crate::primitive::thread;

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// Shuts the queue down gracefully: it takes no more items, and gives those that it has.
    ///
    /// Threads that wait to put are woken and get their item back, even if there is room by then. Threads that wait to get
    /// share what is left, and the others are told that there will be no more. Threads in [`join`](Self::join) go on waiting
    /// until all tasks are done. There is no way back; doing it again changes nothing.
    ///
    /// In Python: `queue.shutdown()`.
    ///
    /// # Synchronization
    ///
    /// What this thread did before it shut the queue down is visible to the threads that are told so, by an error or by the
    /// end of a loop over it.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::from_iter(["queued"]);
    /// queue.shutdown();
    /// assert!(queue.put("late").is_err());
    /// assert_eq!(queue.get(), Ok("queued"));
    /// assert!(queue.get().is_err());
    /// ```
    pub fn shutdown(&self) {
        self.engine.shut_down();
    }

    /// Shuts the queue down at once: as [`shutdown`](Self::shutdown), and hands back what was queued, in the order in which it
    /// would have been fetched.
    ///
    /// The items handed back no longer count as unfinished tasks. Those that were fetched before still do, so a thread in
    /// [`join`](Self::join) goes on waiting for them; and who returns from a join cannot conclude that all the work was done.
    ///
    /// In Python: `queue.shutdown(immediate=True)`, which throws the items away.
    ///
    /// # Panics
    ///
    /// If the queue is a priority queue and a comparison of items panics. Then the queue is shut down, and the items stay in it, as after
    /// [`shutdown`](Self::shutdown).
    ///
    /// # Synchronization
    ///
    /// As [`shutdown`](Self::shutdown); as [`get`](Self::get), for each item that is handed back; and as
    /// [`task_done`](Self::task_done), if it ends a join.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    ///
    /// let queue = Queue::from_iter([1, 2, 3]);
    /// assert_eq!(queue.get(), Ok(1));
    /// assert_eq!(queue.shutdown_now(), [2, 3]);
    /// assert!(queue.get().is_err());
    /// assert_eq!(queue.unfinished_tasks(), 1, "the one that was fetched");
    /// ```
    #[doc(alias = "immediate")]
    pub fn shutdown_now(&self) -> Vec<T> {
        self.engine.shut_down_now()
    }

    /// Shuts the queue down, as [`shutdown`](Self::shutdown) does, when what this returns is dropped: at the end of its block, and just as well at a `?` or a panic on the
    /// way there.
    ///
    /// Call it in the only thread that puts. Where several put, call it in the one that joins them, or let each have a clone of an [`Arc`](std::sync::Arc) around the guard: the last to end shuts the
    /// queue down. Without it, a producer that fails half-way leaves the getters waiting, and a [`std::thread::scope`] around both never ends. A worker takes
    /// [another guard](Self#guards-that-shut-it-down): this one, in a getter, lets putters go, but leaves a [`join`](Self::join) waiting for the items that nobody gets.
    ///
    /// In Python: `try: … finally: queue.shutdown()`.
    ///
    /// # Synchronization
    ///
    /// As [`shutdown`](Self::shutdown), when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    /// use std::num::ParseIntError;
    /// use std::thread;
    ///
    /// fn sum(words: &[&str]) -> Result<u64, ParseIntError> {
    ///     let numbers = Queue::<u64>::bounded(10);
    ///     thread::scope(|scope| {
    ///         let adder = scope.spawn(|| numbers.iter().sum::<u64>());
    ///         let end = numbers.shutdown_on_drop();
    ///         for word in words {
    ///             numbers.put(word.parse()?).unwrap();
    ///         }
    ///         drop(end); // There will be no more.
    ///         Ok(adder.join().unwrap())
    ///     })
    /// }
    ///
    /// assert_eq!(sum(&["1", "2", "3"]), Ok(6));
    /// assert!(sum(&["1", "two", "3"]).is_err());
    /// ```
    ///
    /// Several that put, of which the last ends the queue:
    ///
    /// ```
    /// use nogil::Queue;
    /// use std::sync::Arc;
    /// use std::thread;
    ///
    /// let lines = Queue::bounded(10);
    /// thread::scope(|scope| {
    ///     let end = Arc::new(lines.shutdown_on_drop());
    ///     for n in 0..3 {
    ///         let (end, lines) = (Arc::clone(&end), &lines);
    ///         scope.spawn(move || {
    ///             let _end = end;
    ///             (0..100).for_each(|line| lines.put((n, line)).unwrap());
    ///         });
    ///     }
    ///     drop(end); // Theirs are left.
    ///     assert_eq!(lines.iter().count(), 300);
    /// });
    /// ```
    pub fn shutdown_on_drop(&self) -> ShutdownGuard<'_, T, W, O> {
        ShutdownGuard { queue: self }
    }

    /// Shuts the queue down at once, as [`shutdown_now`](Self::shutdown_now) does, when what this returns is dropped, **and drops what was queued**: at a `?` or a panic, and just as well at the end
    /// of its block.
    ///
    /// Call it first in a worker that works until the queue is shut down. Such a one ends as it should when the queue is shut down and drained, and then the guard finds nothing to do. If it ends earlier, whichever
    /// way, the work is not going to be complete, and all learn that: threads that wait to put, or to get, are told, and threads in [`join`](Self::join) go on as soon as those tasks are done that
    /// other threads have. Without it, when the last getter has left by a `?`, a putter waits at the full queue for ever, and a `join` for the items that nobody gets.
    ///
    /// **Not for a worker that may end while others go on**, as one that has had enough to do: it would take their work away. That takes [`shutdown_now_on_panic`](Self::shutdown_now_on_panic), or
    /// leaves this guard behind by [`std::mem::forget`]. [Which guard is whose](Self#guards-that-shut-it-down).
    ///
    /// In Python: `try: … finally: queue.shutdown(immediate=True)`.
    ///
    /// # Panics
    ///
    /// When it is dropped: if the destructor of an item that was queued panics. In a panic that ends the process. (Items are not compared, not even those of a priority queue.)
    ///
    /// # Synchronization
    ///
    /// As [`shutdown_now`](Self::shutdown_now), when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    /// use std::num::ParseIntError;
    /// use std::thread;
    ///
    /// fn sum(words: &Queue<&str>) -> Result<u64, ParseIntError> {
    ///     let _guard = words.shutdown_now_on_drop();
    ///     let mut sum = 0;
    ///     while let Ok(word) = words.get_task() {
    ///         sum += word.parse::<u64>()?;
    ///     }
    ///     Ok(sum)
    /// }
    ///
    /// let words = Queue::bounded(1);
    /// thread::scope(|scope| {
    ///     let worker = scope.spawn(|| sum(&words));
    ///     let refused = ["1", "two"].iter().cycle().find(|word| words.put(word).is_err()); // would wait for room for ever
    ///     assert!(refused.is_some());
    ///     words.join(); // as would this
    ///     assert!(worker.join().unwrap().is_err());
    /// });
    /// ```
    pub fn shutdown_now_on_drop(&self) -> ShutdownNowGuard<'_, T, W, O> {
        ShutdownNowGuard { queue: self, when: When::Dropped }
    }

    /// Shuts the queue down at once, as [`shutdown_now`](Self::shutdown_now) does, when a panic drops what this returns, and drops what was queued. Dropped otherwise it does
    /// nothing, and so does one that is made while its thread is panicking already, in a destructor.
    ///
    /// Call it first, before it gets anything, in a thread on which others rely, and which may end while they go on. (One that works until the queue is shut down takes
    /// [`shutdown_now_on_drop`](Self::shutdown_now_on_drop), which serves at a `?` too. [Which guard is whose](Self#guards-that-shut-it-down).) Threads that wait to put, or to get, are told then, and threads in
    /// [`join`](Self::join) go on as soon as those tasks are done that other threads have. Without it, when the last getter has panicked, a putter waits at the full queue for ever, and a `join` for
    /// the items that nobody gets. (An item that the thread got by [`get`](Self::get) stays an unfinished task; a [`Task`](super::Task) is marked done by the panic.)
    ///
    /// In Python: `try: … except BaseException: queue.shutdown(immediate=True); raise`.
    ///
    /// # Panics
    ///
    /// As it runs in a panic, another one ends the process: if the destructor of an item that was queued panics. (Items are not compared, not even those of a priority queue.)
    ///
    /// # Synchronization
    ///
    /// As [`shutdown_now`](Self::shutdown_now), when a panic drops it.
    ///
    /// # Examples
    ///
    /// ```
    /// use nogil::Queue;
    /// use std::panic::resume_unwind;
    /// use std::thread;
    ///
    /// let jobs = Queue::bounded(1);
    /// thread::scope(|scope| {
    ///     let worker = scope.spawn(|| {
    ///         let _guard = jobs.shutdown_now_on_panic();
    ///         while let Ok(job) = jobs.get_task() {
    ///             if *job == 3 {
    ///                 resume_unwind(Box::new("no more of this"));
    ///             }
    ///         }
    ///     });
    ///     let refused = (0..).find(|n| jobs.put(*n).is_err()); // would wait for room for ever
    ///     assert!(refused >= Some(4));
    ///     jobs.join(); // as would this
    ///     assert!(worker.join().is_err());
    /// });
    /// ```
    pub fn shutdown_now_on_panic(&self) -> ShutdownNowGuard<'_, T, W, O> {
        let when = if thread::panicking() { When::Never } else { When::InPanic };
        ShutdownNowGuard { queue: self, when }
    }

    /// Whether the queue was shut down, in either way. It may still have items to give.
    ///
    /// In Python: `queue.is_shutdown`.
    ///
    /// # Synchronization
    ///
    /// If it is, what was done before the shutdown is visible to this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = nogil::Queue::from_iter([1]);
    /// queue.shutdown();
    /// assert!(queue.is_shut_down(), "though an item is left");
    /// ```
    pub fn is_shut_down(&self) -> bool {
        self.engine.is_shut_down()
    }
}

/// Shuts a [`Queue`] down when it is dropped; from [`Queue::shutdown_on_drop`].
#[must_use = "the queue is shut down when this is dropped: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct ShutdownGuard<'a, T, W: Wing, O: Order<T, W>> {
    queue: &'a Queue<T, W, O>,
}

impl<T, W: Wing, O: Order<T, W>> Drop for ShutdownGuard<'_, T, W, O> {
    fn drop(&mut self) {
        self.queue.shutdown();
    }
}

impl<T, W: Wing, O: Order<T, W>> fmt::Debug for ShutdownGuard<'_, T, W, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShutdownGuard").field("queue", &self.queue).finish()
    }
}

/// Shuts a [`Queue`] down at once when it is dropped, or when a panic drops it; from [`Queue::shutdown_now_on_drop`] or [`Queue::shutdown_now_on_panic`].
#[must_use = "the queue is shut down when this is dropped, or a panic drops it: bind it to a name (`let _` would drop it at once)"]
#[clippy::has_significant_drop]
pub struct ShutdownNowGuard<'a, T, W: Wing, O: Order<T, W>> {
    queue: &'a Queue<T, W, O>,
    when: When,
}

/// When a [`ShutdownNowGuard`] does what it is for.
enum When {
    Dropped,
    InPanic,
    /// Made in a panic: one that is seen later may be that, which is not about this guard's block.
    Never,
}

impl<T, W: Wing, O: Order<T, W>> Drop for ShutdownNowGuard<'_, T, W, O> {
    fn drop(&mut self) {
        let is_due = match self.when {
            When::Dropped => true,
            When::InPanic => thread::panicking(),
            When::Never => false,
        };
        if is_due {
            drop(self.queue.engine.abandon());
        }
    }
}

impl<T, W: Wing, O: Order<T, W>> fmt::Debug for ShutdownNowGuard<'_, T, W, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShutdownNowGuard").field("queue", &self.queue).finish_non_exhaustive()
    }
}
