//! The event: looked at, set and cleared, to and fro between two threads, and set for eight who wait.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use event_listener::Listener;
use nogil::{Atomic, Locked, Wing, generic};
use nogil_benches::{Bench, Job, alone, textbook, together};
use rsevents::{AutoResetEvent, Awaitable, EventState, ManualResetEvent};

trait Event: Sync {
    fn open() -> Self;
    fn set(&self);
    fn clear(&self);
    fn is_set(&self) -> bool;
    fn wait(&self);
}

impl<W: Wing> Event for generic::Event<W> {
    fn open() -> Self {
        Self::new_in(W::default())
    }
    fn set(&self) {
        generic::Event::set(self);
    }
    fn clear(&self) {
        generic::Event::clear(self);
    }
    fn is_set(&self) -> bool {
        generic::Event::is_set(self)
    }
    fn wait(&self) {
        generic::Event::wait(self);
    }
}

impl Event for ManualResetEvent {
    fn open() -> Self {
        ManualResetEvent::new(EventState::Unset)
    }
    fn set(&self) {
        ManualResetEvent::set(self);
    }
    fn clear(&self) {
        self.reset();
    }
    fn is_set(&self) -> bool {
        self.wait0()
    }
    fn wait(&self) {
        Awaitable::wait(self);
    }
}

/// An event that its wait takes back, for the cells in which one thread waits: rsevents 0.3.1 loses wake-ups of its other event in
/// ping-pong (a thread slept in `suspend_all` for good), which would end no benchmark.
impl Event for AutoResetEvent {
    fn open() -> Self {
        AutoResetEvent::new(EventState::Unset)
    }
    fn set(&self) {
        AutoResetEvent::set(self);
    }
    fn clear(&self) {}
    fn is_set(&self) -> bool {
        self.wait0()
    }
    fn wait(&self) {
        Awaitable::wait(self);
    }
}

/// A flag and a list of listeners, as event-listener's manual shows.
struct Listened {
    flag: AtomicBool,
    listeners: event_listener::Event,
}

impl Event for Listened {
    fn open() -> Self {
        Self { flag: AtomicBool::new(false), listeners: event_listener::Event::new() }
    }
    fn set(&self) {
        self.flag.store(true, Ordering::SeqCst);
        self.listeners.notify(usize::MAX);
    }
    fn clear(&self) {
        self.flag.store(false, Ordering::SeqCst);
    }
    fn is_set(&self) -> bool {
        self.flag.load(Ordering::SeqCst)
    }
    fn wait(&self) {
        while !self.is_set() {
            event_listener::listener!(self.listeners => listener);
            if self.is_set() {
                return;
            }
            listener.wait();
        }
    }
}

impl Event for textbook::Event {
    fn open() -> Self {
        Self::default()
    }
    fn set(&self) {
        textbook::Event::set(self);
    }
    fn clear(&self) {
        textbook::Event::clear(self);
    }
    fn is_set(&self) -> bool {
        textbook::Event::is_set(self)
    }
    fn wait(&self) {
        textbook::Event::wait(self);
    }
}

fn check<E: Event>(bench: &mut Bench, contender: &str) {
    let event = E::open();
    event.set();
    bench.run(contender, "event/check", |operations| {
        alone(|| (0..operations).for_each(|_| assert!(black_box(&event).is_set())))
    });
}

fn toggle<E: Event>(bench: &mut Bench, contender: &str) {
    let event = E::open();
    bench.run(contender, "event/toggle", |operations| {
        alone(|| {
            for _ in 0..operations {
                event.set();
                event.clear();
            }
        })
    });
}

fn ping_pong<E: Event>(bench: &mut Bench, contender: &str) {
    let (ping, pong) = (&E::open(), &E::open());
    bench.run(contender, "event/ping-pong", |operations| {
        together(vec![
            Box::new(move || {
                for _ in 0..operations {
                    ping.set();
                    pong.wait();
                    pong.clear();
                }
            }),
            Box::new(move || {
                for _ in 0..operations {
                    ping.wait();
                    ping.clear();
                    pong.set();
                }
            }),
        ])
    });
}

/// One operation releases eight threads and hears from the last of them.
fn broadcast<E: Event>(bench: &mut Bench, contender: &str) {
    const WAITERS: usize = 8;
    // Two events in turn: one is cleared when everybody has passed it, and waits for the other.
    let (go, heard, passed) = (&[E::open(), E::open()], &E::open(), &AtomicUsize::new(0));
    bench.run(contender, "event/broadcast-8", |operations| {
        let mut jobs: Vec<Job> = vec![Box::new(move || {
            for round in 0..operations as usize {
                go[round % 2].set();
                heard.wait();
                heard.clear();
                go[round % 2].clear();
            }
        })];
        jobs.extend((0..WAITERS).map(|_| {
            Box::new(move || {
                for round in 0..operations as usize {
                    go[round % 2].wait();
                    if passed.fetch_add(1, Ordering::SeqCst) % WAITERS == WAITERS - 1 {
                        heard.set();
                    }
                }
            }) as Job
        }));
        together(jobs)
    });
}

fn main() {
    let mut bench = Bench::new();
    // One line per contender in each cell, so that the contenders of a cell are neighbours in time.
    macro_rules! each {
        ($run:ident $(, $rsevents:ty)?) => {
            $run::<generic::Event<Atomic>>(&mut bench, "atomic");
            $($run::<$rsevents>(&mut bench, "peer-rsevents");)?
            $run::<generic::Event<Locked>>(&mut bench, "locked");
            $run::<Listened>(&mut bench, "peer-event-listener");
            $run::<textbook::Event>(&mut bench, "peer-textbook");
        };
    }
    each!(check, ManualResetEvent);
    each!(toggle, ManualResetEvent);
    each!(ping_pong, AutoResetEvent);
    each!(broadcast); // no peer of rsevents wakes several, see above
    bench.finish();
}
