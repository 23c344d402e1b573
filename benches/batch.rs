//! Batches of 64 in and out, on one thread and from one to another. One operation is one item, in and out. A channel puts a batch item by item; it gets one in as few calls as
//! it offers, and where those may not be the fastest, in a contender of its own, item by item.

use std::hint::black_box;
use std::sync::{Arc, mpsc};

use crossfire::{MRx, MTx, Rx, Tx, mpmc, spsc};
use nogil::{Atomic, Locked, Wing, generic};
use nogil_benches::{Bench, Job, alone, together};

const BATCH: usize = 64;

/// A queue by its two ends, and what they do with a batch: one item at least comes out, and up to 64 where that can be told.
trait Batches {
    type Put: Send;
    type Get: Send;
    fn open(capacity: Option<usize>) -> (Self::Put, Self::Get);
    fn put(end: &Self::Put, first: u64, count: u64);
    fn get(end: &Self::Get) -> Vec<u64>;
}

struct Nogil<W>(W);

impl<W: Wing> Batches for Nogil<W> {
    type Put = Arc<generic::Queue<u64, W>>;
    type Get = Self::Put;
    fn open(capacity: Option<usize>) -> (Self::Put, Self::Get) {
        let queue = Arc::new(match capacity {
            Some(capacity) => generic::Queue::bounded_in(W::default(), capacity),
            None => generic::Queue::unbounded_in(W::default()),
        });
        (queue.clone(), queue)
    }
    fn put(end: &Self::Put, first: u64, count: u64) {
        end.put_many(first..first + count).unwrap();
    }
    fn get(end: &Self::Get) -> Vec<u64> {
        end.get_many(BATCH).unwrap()
    }
}

/// A channel: its ends, how it is opened with a bound and without, and how it gets a batch.
macro_rules! channel {
    ($name:ident, $put:ty, $get:ty, $bounded:expr, $unbounded:expr, $batch:expr) => {
        struct $name;

        impl Batches for $name {
            type Put = $put;
            type Get = $get;
            fn open(capacity: Option<usize>) -> ($put, $get) {
                match capacity {
                    Some(capacity) => $bounded(capacity),
                    None => $unbounded(),
                }
            }
            fn put(end: &$put, first: u64, count: u64) {
                (first..first + count).for_each(|n| end.send(n).unwrap());
            }
            fn get(end: &$get) -> Vec<u64> {
                let batch: fn(&$get, &mut Vec<u64>) = $batch;
                let mut items = Vec::with_capacity(BATCH);
                batch(end, &mut items);
                items
            }
        }
    };
}

channel!(
    Crossbeam,
    crossbeam_channel::Sender<u64>,
    crossbeam_channel::Receiver<u64>,
    crossbeam_channel::bounded,
    crossbeam_channel::unbounded,
    one_by_one
);
channel!(Flume, flume::Sender<u64>, flume::Receiver<u64>, flume::bounded, flume::unbounded, |end, items| {
    // All that is there, however many: it takes no fewer in one call.
    items.extend(end.drain());
    if items.is_empty() {
        items.push(end.recv().unwrap());
    }
});
channel!(Kanal, kanal::Sender<u64>, kanal::Receiver<u64>, kanal::bounded, kanal::unbounded, |end, items| {
    // As flume.
    if end.drain_into(items).unwrap() == 0 {
        items.push(end.recv().unwrap());
    }
});
channel!(KanalByItem, kanal::Sender<u64>, kanal::Receiver<u64>, kanal::bounded, kanal::unbounded, one_by_one);
channel!(CrossfireBounded, MTx<mpmc::Array<u64>>, MRx<mpmc::Array<u64>>, mpmc::bounded_blocking, missing, one_by_one);
channel!(
    CrossfireUnbounded,
    MTx<mpmc::List<u64>>,
    MRx<mpmc::List<u64>>,
    missing_too,
    mpmc::unbounded_blocking,
    one_by_one
);
channel!(SpscBounded, Tx<spsc::Array<u64>>, Rx<spsc::Array<u64>>, spsc::bounded_blocking, missing, one_by_one);
channel!(SpscUnbounded, Tx<spsc::List<u64>>, Rx<spsc::List<u64>>, missing_too, spsc::unbounded_blocking, one_by_one);
channel!(StdBounded, mpsc::SyncSender<u64>, mpsc::Receiver<u64>, mpsc::sync_channel, missing, one_by_one);
channel!(StdUnbounded, mpsc::Sender<u64>, mpsc::Receiver<u64>, missing_too, mpsc::channel, one_by_one);

fn missing<T>() -> T {
    unreachable!("a bounded channel without a bound")
}

fn missing_too<T>(_: usize) -> T {
    unreachable!("an unbounded channel with a bound")
}

/// An end that gets: waiting, or only what is there.
trait Gets {
    fn wait(&self) -> u64;
    fn look(&self) -> Option<u64>;
}

macro_rules! gets {
    ($($end:ty: $look:expr;)*) => {
        $(impl Gets for $end {
            fn wait(&self) -> u64 {
                self.recv().unwrap()
            }
            fn look(&self) -> Option<u64> {
                $look(self.try_recv())
            }
        })*
    };
}
gets! {
    crossbeam_channel::Receiver<u64>: Result::ok;
    kanal::Receiver<u64>: |looked: Result<_, _>| looked.ok().flatten();
    MRx<mpmc::Array<u64>>: Result::ok;
    MRx<mpmc::List<u64>>: Result::ok;
    Rx<spsc::Array<u64>>: Result::ok;
    Rx<spsc::List<u64>>: Result::ok;
    mpsc::Receiver<u64>: Result::ok;
}

/// Waits for the first, and takes what is there then, item by item.
fn one_by_one(end: &impl Gets, items: &mut Vec<u64>) {
    items.push(end.wait());
    items.extend((1..BATCH).map_while(|_| end.look()));
}

fn seq<B: Batches>(bench: &mut Bench, contender: &str, capacity: Option<usize>) {
    let (put, get) = B::open(capacity);
    bench.run(contender, &format!("batch/{}/seq", size(capacity)), |operations| {
        alone(|| {
            let mut left = operations;
            while left > 0 {
                let now = left.min(BATCH as u64);
                B::put(&put, black_box(left), now);
                left -= black_box(B::get(&get)).len() as u64;
            }
        })
    });
}

fn pair<B: Batches>(bench: &mut Bench, contender: &str, capacity: Option<usize>) {
    bench.run(contender, &format!("batch/{}/1to1", size(capacity)), |operations| {
        let (put, get) = B::open(capacity);
        let put_all = move || {
            let mut left = operations;
            while left > 0 {
                let now = left.min(BATCH as u64);
                B::put(&put, left, now);
                left -= now;
            }
        };
        let get_all = move || {
            let mut left = operations;
            while left > 0 {
                left -= black_box(B::get(&get)).len() as u64;
            }
        };
        together(vec![Box::new(put_all) as Job, Box::new(get_all)])
    });
}

fn size(capacity: Option<usize>) -> String {
    capacity.map_or("unbounded".into(), |n| n.to_string())
}

fn main() {
    crossfire::detect_backoff_cfg();
    let mut bench = Bench::new();
    // One line per contender in each cell, so that the contenders of a cell are neighbours in time.
    macro_rules! each {
        ($run:ident, $capacity:expr, $crossfire:ident, $spsc:ident, $std:ident) => {
            $run::<Nogil<Atomic>>(&mut bench, "atomic", $capacity);
            $run::<Crossbeam>(&mut bench, "peer-crossbeam", $capacity);
            $run::<$crossfire>(&mut bench, "peer-crossfire", $capacity);
            $run::<Nogil<Locked>>(&mut bench, "locked", $capacity);
            $run::<$spsc>(&mut bench, "peer-crossfire-spsc", $capacity);
            $run::<Flume>(&mut bench, "peer-flume", $capacity);
            $run::<Kanal>(&mut bench, "peer-kanal", $capacity);
            $run::<KanalByItem>(&mut bench, "peer-kanal-by-item", $capacity);
            $run::<$std>(&mut bench, "peer-std", $capacity);
        };
    }
    each!(seq, Some(1024), CrossfireBounded, SpscBounded, StdBounded);
    each!(pair, Some(1024), CrossfireBounded, SpscBounded, StdBounded);
    each!(seq, None, CrossfireUnbounded, SpscUnbounded, StdUnbounded);
    each!(pair, None, CrossfireUnbounded, SpscUnbounded, StdUnbounded);
    bench.finish();
}
