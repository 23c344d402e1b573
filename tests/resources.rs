//! What a primitive costs the machine: no system call without contention, no processor time while it waits, and few bytes.

#![cfg(not(any(nogil_loom, nogil_shuttle)))]

use nogil::generic::{Barrier, BoundedSemaphore, Condition, Counter, Event, Lock, RLock, Semaphore, SimpleQueue};
use nogil::queue::{Fifo, Lifo, Priority, Queue};
use nogil::{Atomic, Locked, ShardedCounter, Wing};

#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#[allow(unused_macros, unused_imports, reason = "shared with tests that need it all")]
mod harness;

/// In bytes, on a machine of 64 bits, as the documentation of the crate says.
#[test]
#[cfg(target_pointer_width = "64")]
fn sizes() {
    fn table<W: Wing>() -> [(&'static str, usize); 11] {
        [
            ("Lock<()>", size_of::<Lock<(), W>>()),
            ("RLock<()>", size_of::<RLock<(), W>>()),
            ("Condition", size_of::<Condition<W>>()),
            ("Semaphore", size_of::<Semaphore<W>>()),
            ("BoundedSemaphore", size_of::<BoundedSemaphore<W>>()),
            ("Event", size_of::<Event<W>>()),
            ("Barrier", size_of::<Barrier<W>>()),
            ("Counter", size_of::<Counter<W>>()),
            ("Queue<u64>", size_of::<Queue<u64, W, Fifo>>()),
            ("LifoQueue<u64>", size_of::<Queue<u64, W, Lifo>>()),
            ("SimpleQueue<u64>", size_of::<SimpleQueue<u64, W>>()),
        ]
    }
    let locked = table::<Locked>().map(|(_, size)| size);
    let mut rows: Vec<_> = table::<Atomic>()
        .into_iter()
        .zip(locked)
        .map(|((name, atomic), locked)| format!("//! | `{name}` | {atomic} | {locked} |"))
        .collect();
    rows.push(format!("//! | `PriorityQueue<u64>` | | {} |", size_of::<Queue<u64, Locked, Priority>>()));
    rows.push(format!("//! | `ShardedCounter` | {} | |", size_of::<ShardedCounter>()));
    // What the locked wing takes is std's affair, and differs between systems.
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        for row in rows {
            assert!(include_str!("../src/lib.rs").contains(&row), "the documentation lacks the row {row:?}");
        }
    }
    for (name, size) in table::<Atomic>() {
        let limit = match name {
            "Lock<()>" | "Event" | "Counter" => 8,
            "Semaphore" => 16,
            "RLock<()>" | "BoundedSemaphore" => 24,
            "Barrier" => 64,
            "Condition" => 64,
            // What putters and getters change all the time, and where they wait, stands 128 bytes apart from each other and from the rest.
            _ => 896,
        };
        assert!(size <= limit, "{name} takes {size} bytes, more than {limit}");
    }
    assert_eq!(size_of::<Counter<Atomic>>(), 8);
}

#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
mod linux {
    use std::fs;
    use std::io::Write;
    use std::process::{Command, Output};
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::sync::mpsc;
    use std::thread;
    use std::time::{Duration, Instant};

    use nogil::queue::Order;
    use nogil::{Timer, acquire_all, acquire_all_timeout};

    use super::*;
    use crate::harness::sleeps;

    /// Runs a test of this binary alone in a process of its own, with `argument` for it.
    fn alone(test: &str, argument: &str) -> Output {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture", "--test-threads", "1"])
            .env("NOGIL_ARGUMENT", argument)
            .output()
            .expect("this binary runs");
        // To run none, as there is none of that name, is a success too.
        let ran = String::from_utf8_lossy(&output.stdout).lines().any(|line| line == "running 1 test");
        assert!(ran, "there is no test {test:?}: {output:?}");
        output
    }

    /// The argument, in such a process.
    fn argument() -> Option<String> {
        std::env::var("NOGIL_ARGUMENT").ok()
    }

    /// The operations that need nothing of the kernel, each to be repeated, with what has to be made only once.
    type Operation = Box<dyn FnMut()>;

    fn operations<W: Wing>() -> Vec<(&'static str, Operation)> {
        let wing = W::default();
        let (lock, timed_lock) = (Lock::new_in(wing, 0_u64), Lock::new_in(wing, 0_u64));
        let (rlock, several) = (RLock::new_in(wing, ()), (Lock::new_in(wing, ()), Lock::new_in(wing, ())));
        let (semaphore, bounded) = (Semaphore::new_in(wing, 3), BoundedSemaphore::new_in(wing, 3));
        let (event, counter, barrier) = (Event::new_in(wing), Counter::new_in(wing, 0), Barrier::new_in(wing, 1));
        let (condition, simple) = (Condition::new_in(wing), SimpleQueue::new_in(wing));
        let waited = Semaphore::new_in(wing, 0);
        for permits in 1..=2 {
            assert!(waited.acquire_many_timeout(permits, Duration::from_millis(1)).is_none());
        }
        vec![
            ("lock", Box::new(move || *lock.acquire() += 1)),
            ("try_lock", Box::new(move || *timed_lock.try_acquire().unwrap() += 1)),
            ("rlock", Box::new(move || drop((rlock.acquire(), rlock.acquire())))),
            ("acquire_all", Box::new(move || drop(acquire_all((&several.0, &several.1))))),
            (
                "semaphore",
                Box::new(move || {
                    drop((semaphore.acquire(), semaphore.acquire_many(2)));
                    assert!(semaphore.try_acquire_many(4).is_none());
                }),
            ),
            (
                // Those whose time was up are not counted any longer.
                "semaphore_after_waits",
                Box::new(move || {
                    waited.release(2);
                    waited.acquire_many(2).forget();
                }),
            ),
            (
                "bounded_semaphore",
                Box::new(move || {
                    bounded.acquire_many(3).forget();
                    bounded.release(3).unwrap();
                }),
            ),
            (
                "event",
                Box::new(move || {
                    event.set();
                    event.wait();
                    event.clear();
                }),
            ),
            ("barrier_of_one", Box::new(move || assert_eq!(barrier.wait(), Ok(0)))),
            ("counter", Box::new(move || counter.increment())),
            (
                "condition",
                Box::new(move || {
                    condition.notify_one();
                    condition.notify_all();
                }),
            ),
            (
                "simple_queue",
                Box::new(move || {
                    simple.put(1_u64);
                    assert_eq!(simple.get(), 1);
                }),
            ),
            ("deadlines_that_have_passed", after_their_time(wing)),
            ("unbounded_queue", through(Queue::<u64, W, Fifo>::unbounded_in(wing))),
            ("bounded_queue", through(Queue::<u64, W, Fifo>::bounded_in(wing, 2))),
            ("unbounded_lifo_queue", through(Queue::<u64, W, Lifo>::unbounded_in(wing))),
            ("bounded_lifo_queue", through(Queue::<u64, W, Lifo>::bounded_in(wing, 2))),
        ]
    }

    /// Calls whose time is up before they begin: they ask once, and let nobody run first.
    fn after_their_time<W: Wing>(wing: W) -> Operation {
        let past = Instant::now();
        let (semaphore, event, simple) =
            (Semaphore::new_in(wing, 0), Event::new_in(wing), SimpleQueue::<u64, W>::new_in(wing));
        let held = Lock::new_in(wing, ());
        let (empty, full) = (Queue::<u64, W, Fifo>::unbounded_in(wing), Queue::<u64, W, Fifo>::bounded_in(wing, 1));
        full.put(1).unwrap();
        std::mem::forget(held.acquire());
        Box::new(move || {
            assert!(held.acquire_deadline(past).is_none());
            assert!(semaphore.acquire_deadline(past).is_none());
            assert!(semaphore.acquire_many_deadline(2, past).is_none());
            assert!(!event.wait_deadline(past));
            assert!(simple.get_deadline(past).is_none());
            assert!(empty.get_deadline(past).is_err());
            assert!(empty.get_many_deadline(2, past).is_err());
            assert!(full.put_deadline(1, past).is_err());
            assert!(!full.join_deadline(past));
        })
    }

    fn through<W: Wing, O: Order<u64, W> + 'static>(queue: Queue<u64, W, O>) -> Operation {
        Box::new(move || {
            queue.put(1).unwrap();
            assert_eq!(queue.get(), Ok(1));
            queue.task_done().unwrap();
            queue.join();
            queue.put_many([2, 3]).unwrap();
            assert_eq!(queue.get_many(2).unwrap().len(), 2);
            queue.task_done().unwrap();
            queue.task_done().unwrap();
        })
    }

    fn all_operations() -> Vec<(String, Operation)> {
        let named =
            |wing: &'static str| move |(name, operation): (&str, Operation)| (format!("{wing}/{name}"), operation);
        let priority = through(Queue::<u64, Locked, Priority>::unbounded_in(Locked));
        let mut all = vec![("locked/priority_queue".to_owned(), priority)];
        all.extend(operations::<Locked>().into_iter().map(named("locked")));
        all.extend(operations::<Atomic>().into_iter().map(named("atomic")));
        all
    }

    /// A thread that may make no system call any longer, but those of its allocator, repeats an operation, and ends the process.
    /// So this needs neither strace nor a right to look on, and one call in a hundred thousand is one too many.
    #[test]
    fn no_system_call_without_contention() {
        const ROUNDS: usize = 100_000;
        if let Some(wanted) = argument() {
            let (_, mut operation) =
                all_operations().into_iter().find(|(name, _)| *name == wanted).expect("an operation");
            // The first round may set something up: the allocator's arena, a thread's place in the collector.
            (0..1_000).for_each(|_| operation());
            if !filter::forbid_system_calls() {
                std::process::exit(filter::UNAVAILABLE);
            }
            (0..ROUNDS).for_each(|_| operation());
            if std::env::var_os("NOGIL_CALL_ANYWAY").is_some() {
                thread::yield_now();
            }
            // SAFETY: ends the process, at once: nothing of this thread may call the kernel for anything else.
            unsafe { libc::_exit(0) }
        }
        use std::os::unix::process::ExitStatusExt as _;
        for (name, _) in all_operations() {
            let output = alone("linux::no_system_call_without_contention", &name);
            if output.status.code() == Some(filter::UNAVAILABLE) {
                return writeln!(std::io::stderr(), "skipped: this kernel lets nobody forbid system calls (seccomp)")
                    .unwrap();
            }
            assert_ne!(output.status.signal(), Some(libc::SIGSYS), "{name} makes a system call: see which with strace");
            assert!(output.status.success(), "{name}: {output:?}");
        }
    }

    /// The test above can fail: the filter does catch a call.
    #[test]
    fn a_forbidden_system_call_is_caught() {
        use std::os::unix::process::ExitStatusExt as _;
        if argument().is_some() {
            return;
        }
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "linux::no_system_call_without_contention", "--nocapture"])
            .env("NOGIL_ARGUMENT", "locked/counter")
            .env("NOGIL_CALL_ANYWAY", "")
            .output()
            .unwrap();
        let caught = output.status.signal() == Some(libc::SIGSYS);
        assert!(caught || output.status.code() == Some(filter::UNAVAILABLE), "{output:?}");
    }

    mod filter {
        use std::mem::offset_of;

        /// The exit status of a process that could not set the filter up.
        pub(crate) const UNAVAILABLE: i32 = 77;

        /// From here on the kernel ends the process, with `SIGSYS`, at a call of this thread that is not the allocator's.
        pub(crate) fn forbid_system_calls() -> bool {
            let allowed = [
                libc::SYS_mmap,
                libc::SYS_munmap,
                libc::SYS_mremap,
                libc::SYS_mprotect,
                libc::SYS_madvise,
                libc::SYS_brk,
                libc::SYS_exit_group,
                // Where the clock cannot be read without.
                libc::SYS_clock_gettime,
            ];
            let mut program =
                vec![statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset_of!(libc::seccomp_data, nr) as u32)];
            for (place, call) in allowed.iter().enumerate() {
                // To the last statement if it is this one.
                let to_the_end = (allowed.len() - place) as u8;
                let code = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
                program.push(libc::sock_filter { code, jt: to_the_end, jf: 0, k: *call as u32 });
            }
            program.push(statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_KILL_PROCESS));
            program.push(statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW));
            install(program)
        }

        /// From here on the kernel refuses this thread to move a sleeper from one futex to another, as a sandbox may that does not know the call.
        pub(crate) fn refuse_to_move_sleepers() -> bool {
            const FUTEX: u32 = libc::SYS_futex as u32;
            const OPERATION: usize =
                offset_of!(libc::seccomp_data, args) + 8 + if cfg!(target_endian = "big") { 4 } else { 0 };
            let load = |offset: usize| statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset as u32);
            // Goes on if it is this value, and else so many statements further.
            let unless =
                |value, jf| libc::sock_filter { jf, ..statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, value) };
            let answer = |answer| statement(libc::BPF_RET | libc::BPF_K, answer);
            install(vec![
                load(offset_of!(libc::seccomp_data, nr)),
                unless(FUTEX, 4),
                load(OPERATION),
                statement(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K, libc::FUTEX_CMD_MASK as u32),
                unless(libc::FUTEX_REQUEUE as u32, 1),
                answer(libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
                answer(libc::SECCOMP_RET_ALLOW),
            ])
        }

        fn statement(code: u32, k: u32) -> libc::sock_filter {
            libc::sock_filter { code: code as u16, jt: 0, jf: 0, k }
        }

        /// For this thread, and those that it starts.
        fn install(mut program: Vec<libc::sock_filter>) -> bool {
            let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
            // SAFETY: takes numbers alone.
            let promised = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } == 0;
            // SAFETY: the kernel copies the program, which lives until the call returns.
            promised && unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) } == 0
        }
    }

    /// Where all threads share one processor, all get further alike, and not one putter and one getter while the others come in vain.
    #[test]
    fn on_one_processor_threads_take_turns() {
        const PUTTERS: usize = 4;
        const GETTERS: usize = 4;
        const TRIALS: usize = 20;

        /// How many items each thread put, or got.
        fn turns<W: Wing, O: Order<u64, W>>(queue: &Queue<u64, W, O>) -> Vec<usize> {
            const ITEMS: usize = 100_000;
            let put = &AtomicUsize::new(0);
            let putter =
                move || (0..).take_while(|_| put.fetch_add(1, Relaxed) < ITEMS).map(|n| queue.put(n).unwrap()).count();
            let getter = move || queue.iter().count();
            thread::scope(|scope| {
                let putters: Vec<_> = (0..PUTTERS).map(|_| scope.spawn(putter)).collect();
                let getters: Vec<_> = (0..GETTERS).map(|_| scope.spawn(getter)).collect();
                let mut turns: Vec<_> = putters.into_iter().map(|thread| thread.join().unwrap()).collect();
                queue.shutdown();
                turns.extend(getters.into_iter().map(|thread| thread.join().unwrap()));
                turns
            })
        }

        fn trial(queue: &str) -> Vec<usize> {
            match queue {
                "locked" => turns(&Queue::<u64, Locked, Fifo>::bounded_in(Locked, 16)),
                "locked_lifo" => turns(&Queue::<u64, Locked, Lifo>::bounded_in(Locked, 16)),
                "priority" => turns(&Queue::<u64, Locked, Priority>::bounded_in(Locked, 16)),
                "atomic" => turns(&Queue::<u64, Atomic, Fifo>::bounded_in(Atomic, 16)),
                "atomic_lifo" => turns(&Queue::<u64, Atomic, Lifo>::bounded_in(Atomic, 16)),
                _ => unreachable!("{queue}"),
            }
        }

        if let Some(queue) = argument() {
            keep_to_one_processor();
            // Other work on this processor may favour a thread for a while.
            let is_fair = |turns: &Vec<usize>| turns.iter().all(|turn| 10 * turn >= *turns.iter().max().unwrap());
            let trials: Vec<_> = (0..TRIALS).map(|_| trial(&queue)).take_while(|turns| !is_fair(turns)).collect();
            assert!(trials.len() < TRIALS, "each time some came in vain: {trials:?}");
            return;
        }
        for queue in ["locked", "locked_lifo", "priority", "atomic", "atomic_lifo"] {
            let output = alone("linux::on_one_processor_threads_take_turns", queue);
            assert!(output.status.success(), "{queue}: {output:?}");
        }
    }

    /// A crowd whose members wait for some microseconds, again and again, gets on: those who wait leave the processor to the one that has what they wait for.
    #[test]
    fn on_one_processor_a_hurried_crowd_gets_on() {
        const THREADS: usize = 100;
        const TURNS_EACH: usize = 10;
        const HURRY: Duration = Duration::from_micros(100);
        /// For all turns together. As a rule it takes some thousands; where those who wait sleep, some millions.
        const VAIN_WAITS: usize = 1_000_000;

        /// `turn` waits for a turn, and has it; or returns `false`.
        fn crowd(turn: impl Fn() -> bool + Sync) {
            let vain = &AtomicUsize::new(0);
            let take_turns = || {
                for _ in 0..TURNS_EACH {
                    while !turn() {
                        assert!(vain.fetch_add(1, Relaxed) < VAIN_WAITS, "hardly anyone gets on");
                    }
                }
            };
            thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(take_turns))));
        }

        fn of_wing<W: Wing>(primitive: &str) {
            let wing = W::default();
            // Each lets others run in the midst of its turn.
            match primitive {
                "lock" => {
                    let lock = Lock::new_in(wing, ());
                    crowd(|| lock.acquire_timeout(HURRY).map(|_guard| thread::yield_now()).is_some());
                }
                "semaphore" => {
                    let semaphore = Semaphore::new_in(wing, 3);
                    crowd(|| semaphore.acquire_timeout(HURRY).map(|_permit| thread::yield_now()).is_some());
                }
                "queue" => {
                    let queue = Queue::<u64, W, Fifo>::unbounded_in(wing);
                    queue.put_many(0..3).unwrap();
                    crowd(|| {
                        let item = queue.get_timeout(HURRY).inspect(|_| thread::yield_now());
                        item.is_ok_and(|item| queue.put(item).is_ok())
                    });
                }
                _ => unreachable!("{primitive}"),
            }
        }

        if let Some(name) = argument() {
            keep_to_one_processor();
            match name.split_once('/').unwrap() {
                ("locked", primitive) => of_wing::<Locked>(primitive),
                (_, primitive) => of_wing::<Atomic>(primitive),
            }
            return;
        }
        for wing in ["locked", "atomic"] {
            for primitive in ["lock", "semaphore", "queue"] {
                let output = alone("linux::on_one_processor_a_hurried_crowd_gets_on", &format!("{wing}/{primitive}"));
                assert!(output.status.success(), "{wing}/{primitive}: {output:?}");
            }
        }
    }

    /// This thread, and those that it starts.
    fn keep_to_one_processor() {
        // SAFETY: a set of processors is bits, of which none need be set.
        let mut processors: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        let size = size_of_val(&processors);
        // SAFETY: the kernel writes `size` bytes at most, which are there.
        assert_eq!(unsafe { libc::sched_getaffinity(0, size, &raw mut processors) }, 0);
        // SAFETY: asks about a place inside of the set.
        let one = (0..libc::CPU_SETSIZE as usize).find(|&one| unsafe { libc::CPU_ISSET(one, &processors) });
        // SAFETY: takes bits away.
        unsafe { libc::CPU_ZERO(&mut processors) };
        // SAFETY: a place inside of the set.
        unsafe { libc::CPU_SET(one.expect("this thread runs somewhere"), &mut processors) };
        // SAFETY: the kernel reads `size` bytes, which are there.
        assert_eq!(unsafe { libc::sched_setaffinity(0, size, &raw const processors) }, 0);
    }

    /// A notification under the lock moves the waiter to the lock. If the kernel refuses, it wakes it.
    #[test]
    fn a_sandbox_that_moves_no_sleepers_loses_none() {
        let waiting = &*Box::leak(Box::new(Lock::new_in(Atomic, false)));
        let condition = &*Box::leak(Box::new(Condition::new_in(Atomic)));
        let (sender, woken) = mpsc::channel();
        thread::spawn(move || {
            let mut guard = waiting.acquire();
            *guard = true;
            condition.wait(&mut guard);
            sender.send(()).unwrap();
        });
        while !*waiting.acquire() {
            thread::yield_now();
        }
        // By now it is in the list. Time to fall asleep; if that is too little nobody has to be moved.
        thread::sleep(Duration::from_millis(20));
        let notifier = thread::spawn(move || {
            let refused = filter::refuse_to_move_sleepers();
            let _guard = waiting.acquire();
            condition.notify_one();
            refused
        });
        if !notifier.join().unwrap() {
            return writeln!(std::io::stderr(), "skipped: this kernel lets nobody refuse system calls (seccomp)")
                .unwrap();
        }
        woken.recv_timeout(Duration::from_secs(10)).expect("the notification wakes the waiter");
    }

    /// Where there is no memory for a thread, `Timer::try_start` says so, and the callback is dropped.
    #[test]
    fn a_timer_that_gets_no_thread_is_an_error() {
        struct Dropped(mpsc::Sender<&'static str>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.send("dropped").unwrap();
            }
        }
        if argument().is_none() {
            let output = alone("linux::a_timer_that_gets_no_thread_is_an_error", "in a process of its own");
            assert!(output.status.success(), "{output:?}");
            return;
        }
        let (sender, receiver) = mpsc::channel();
        let dropped = Dropped(sender);
        let started =
            without_more_memory(|| Timer::try_start(Duration::ZERO, move || dropped.0.send("called").unwrap()));
        assert!(started.is_err());
        assert_eq!(receiver.iter().collect::<Vec<_>>(), ["dropped"]);
    }

    /// Runs `body` while the address space may not grow, as a new thread's stack would have it.
    fn without_more_memory<R>(body: impl FnOnce() -> R) -> R {
        let mut usual = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the kernel writes the limit, which lives until the call returns.
        assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut usual) }, 0);
        let set = |limit: libc::rlimit| {
            // SAFETY: as above; the kernel reads it.
            assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
        };
        set(libc::rlimit { rlim_cur: 1, ..usual });
        let answer = body();
        set(usual);
        answer
    }

    /// How many threads were started to wait.
    static WAITERS: AtomicUsize = AtomicUsize::new(0);

    /// Threads that wait, in each call of each primitive that waits, with and without a limit of time.
    fn start_waiters<W: Wing>() {
        const LONG: Duration = Duration::from_secs(3_600);
        /// What stays for the rest of the process.
        fn forever<T>(value: T) -> &'static T {
            Box::leak(Box::new(value))
        }
        fn waiter<R>(name: &str, wait: impl FnOnce() -> R + Send + 'static) {
            WAITERS.fetch_add(1, Relaxed);
            thread::Builder::new().name(name.to_owned()).spawn(|| drop(wait())).unwrap();
        }
        fn queue<W: Wing, O: Order<u64, W>>()
        where
            Queue<u64, W, O>: Send + Sync + 'static,
        {
            let (empty, full) = (
                forever(Queue::<u64, W, O>::unbounded_in(W::default())),
                forever(Queue::<u64, W, O>::bounded_in(W::default(), 1)),
            );
            full.put(1).unwrap();
            waiter("get", || empty.get());
            waiter("get_timeout", || empty.get_timeout(LONG));
            waiter("get_many", || empty.get_many(2));
            waiter("get_task", || empty.get_task().map(|task| task.detach()));
            waiter("iter", || empty.iter().for_each(drop));
            waiter("put", || full.put(2));
            waiter("put_timeout", || full.put_timeout(2, LONG));
            waiter("put_many", || full.put_many([2, 3]));
            waiter("join", || full.join());
            waiter("join_timeout", || full.join_timeout(LONG));
        }
        let wing = W::default();
        let (lock, rlock) = (forever(Lock::new_in(wing, ())), forever(RLock::new_in(wing, ())));
        std::mem::forget((lock.acquire(), rlock.acquire()));
        waiter("lock", || lock.acquire());
        waiter("lock_timeout", || lock.acquire_timeout(LONG));
        waiter("rlock", || rlock.acquire());
        waiter("rlock_timeout", || rlock.acquire_timeout(LONG));
        let free = forever(Lock::new_in(wing, ()));
        waiter("acquire_all", move || acquire_all((free, lock)));
        waiter("all_timeout", move || acquire_all_timeout((free, lock), LONG));

        let semaphore = forever(Semaphore::new_in(wing, 1));
        waiter("many", || semaphore.acquire_many(2));
        waiter("many_timeout", || semaphore.acquire_many_timeout(2, LONG));
        let semaphore = forever(BoundedSemaphore::new_in(wing, 1));
        semaphore.acquire().forget();
        waiter("semaphore", || semaphore.acquire());
        waiter("sem_timeout", || semaphore.acquire_timeout(LONG));

        let (event, barrier) = (forever(Event::new_in(wing)), forever(Barrier::new_in(wing, 3)));
        waiter("event", || event.wait());
        waiter("event_timeout", || event.wait_timeout(LONG));
        waiter("barrier", || barrier.wait());
        waiter("barrier_timeout", || barrier.wait_timeout(LONG));

        let (guarded, condition) = (forever(Lock::new_in(wing, ())), forever(Condition::new_in(wing)));
        waiter("condition", || condition.wait(&mut guarded.acquire()));
        waiter("cond_timeout", || condition.wait_timeout(&mut guarded.acquire(), LONG));
        waiter("wait_for", || condition.wait_for(&mut guarded.acquire(), |()| false));

        let simple = forever(SimpleQueue::<u64, W>::new_in(wing));
        waiter("simple", || simple.get());
        waiter("simple_timeout", || simple.get_timeout(LONG));
        queue::<W, Fifo>();
        queue::<W, Lifo>();
        if W::NAME == "locked" {
            queue::<Locked, Priority>();
            std::mem::forget(Timer::start(LONG, || ()));
        }
    }

    /// A thread, as the kernel tells of it.
    #[derive(PartialEq, Debug)]
    struct Seen {
        name: String,
        /// Its time on a processor so far.
        spent: Duration,
        sleeps: Option<String>,
    }

    /// Each thread of this process but the calling one and the first.
    fn threads() -> Vec<Seen> {
        let own = fs::read_link("/proc/thread-self").unwrap();
        let first = std::process::id().to_string();
        let tasks = fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path());
        tasks
            .filter(|task| task.file_name() != own.file_name() && !task.ends_with(&first))
            .map(|task| {
                let name = fs::read_to_string(task.join("comm")).unwrap().trim().to_owned();
                let spent = fs::read_to_string(task.join("schedstat")).unwrap();
                let nanos = spent.split(' ').next().unwrap().parse().expect("nanoseconds");
                Seen { name, spent: Duration::from_nanos(nanos), sleeps: sleeps(task.to_str().unwrap()) }
            })
            .collect()
    }

    fn idle_waiters<W: Wing>(this: &str) {
        const WATCHED: Duration = Duration::from_millis(1_500);
        // A hundredth of a second in ten.
        const LIMIT: Duration = WATCHED.checked_div(1_000).unwrap();
        if argument().is_none() {
            let output = alone(this, "idle");
            return assert!(output.status.success(), "{output:?}");
        }
        if !fs::exists("/proc/thread-self/schedstat").unwrap() {
            eprintln!("skipped: this kernel does not tell a thread's time (schedstat)");
            std::process::exit(0);
        }
        start_waiters::<W>();
        // Until all sleep, and have slept for a while. A thread that has had no processor for a while looks as idle, but does not sleep.
        let end = Instant::now() + Duration::from_secs(30);
        let mut before = threads();
        loop {
            thread::sleep(Duration::from_millis(100));
            let now = threads();
            let restless = now.iter().filter(|now| now.sleeps.is_none() || !before.contains(now));
            let restless = Vec::from_iter(restless.map(|now| &now.name));
            if restless.is_empty() {
                break;
            }
            assert!(Instant::now() < end, "these never fall asleep: {restless:?}");
            before = now;
        }
        let waiters = WAITERS.load(Relaxed) + usize::from(W::NAME == "locked"); // And a timer's thread.
        assert_eq!(before.len(), waiters, "every waiter waits: {before:?}");
        // Several times, if need be: a thread that sleeps may have one more thing to do before it sleeps for good. One that wakes again and again spends as much each time.
        for trial in 1.. {
            let before = threads();
            thread::sleep(WATCHED);
            let spent = threads()
                .iter()
                .zip(&before)
                .map(|(now, before)| (now.spent - before.spent, now.name.clone()))
                .collect::<Vec<_>>();
            let total: Duration = spent.iter().map(|(spent, _)| *spent).sum();
            println!("{}: {waiters} waiters together spent {total:?} in {WATCHED:?}", W::NAME);
            if total < LIMIT {
                break;
            }
            assert!(trial < 3, "most of it by {:?}", spent.iter().max());
        }
        // The waiters wait for ever.
        std::process::exit(0);
    }

    #[test]
    fn locked_waiters_are_idle() {
        idle_waiters::<Locked>("linux::locked_waiters_are_idle");
    }

    #[test]
    fn atomic_waiters_are_idle() {
        idle_waiters::<Atomic>("linux::atomic_waiters_are_idle");
    }
}
