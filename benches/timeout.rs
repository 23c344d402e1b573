//! Calls that may wait for a second at most, and need not wait. What they cost above the others is a look at the clock, if there is one.

use std::hint::black_box;
use std::time::Duration;

use nogil::{Atomic, Locked, Wing, generic};
use nogil_benches::{Bench, alone};
use rsevents::{Awaitable, EventState, ManualResetEvent};

const SECOND: Duration = Duration::from_secs(1);

fn run(bench: &mut Bench, contender: &str, cell: &str, mut call: impl FnMut() -> bool) {
    bench.run(contender, cell, |operations| alone(|| (0..operations).for_each(|_| assert!(call()))));
}

/// One item in and out.
fn queue<P, G>(bench: &mut Bench, contender: &str, (put, get): (P, G), through: fn(&P, &G, u64) -> Option<u64>) {
    run(bench, contender, "timeout/queue-1024", || through(&put, &get, black_box(1)) == Some(1));
}

fn of_wing<W: Wing>(bench: &mut Bench, contender: &str, primitive: &str) {
    let wing = W::default();
    match primitive {
        "queue" => queue(bench, contender, (generic::Queue::bounded_in(wing, 1024), ()), |queue, (), item| {
            queue.put_timeout(item, SECOND).ok()?;
            queue.get_timeout(SECOND).ok()
        }),
        "lock" => {
            let lock = generic::Lock::new_in(wing, 0_u64);
            run(bench, contender, "timeout/lock", || lock.acquire_timeout(SECOND).map(|mut n| *n += 1).is_some());
        }
        "event" => {
            let event = generic::Event::new_in(wing);
            event.set();
            run(bench, contender, "timeout/event", || black_box(&event).wait_timeout(SECOND));
        }
        _ => unreachable!("{primitive}"),
    }
}

/// The same for channels whose ends are called sender and receiver.
macro_rules! channel {
    ($bench:ident, $contender:literal, $channel:expr) => {
        queue($bench, $contender, $channel, |put, get, item| {
            put.send_timeout(item, SECOND).ok()?;
            get.recv_timeout(SECOND).ok()
        })
    };
}

fn main() {
    let mut benches = Bench::new();
    let bench = &mut benches;
    of_wing::<Atomic>(bench, "atomic", "queue");
    channel!(bench, "peer-crossbeam", crossbeam_channel::bounded(1024));
    channel!(bench, "peer-kanal", kanal::bounded(1024));
    channel!(bench, "peer-flume", flume::bounded(1024));
    channel!(bench, "peer-crossfire", crossfire::mpmc::bounded_blocking(1024));
    channel!(bench, "peer-crossfire-spsc", crossfire::spsc::bounded_blocking(1024));
    of_wing::<Locked>(bench, "locked", "queue");

    of_wing::<Atomic>(bench, "atomic", "lock");
    let lock = parking_lot::Mutex::new(0_u64);
    run(bench, "peer-parking_lot", "timeout/lock", || lock.try_lock_for(SECOND).map(|mut n| *n += 1).is_some());
    of_wing::<Locked>(bench, "locked", "lock");

    of_wing::<Atomic>(bench, "atomic", "event");
    let event = ManualResetEvent::new(EventState::Set);
    run(bench, "peer-rsevents", "timeout/event", || black_box(&event).wait_for(SECOND));
    of_wing::<Locked>(bench, "locked", "event");
    benches.finish();
}
