//! Batches of 64 in and out, on one thread and from one to another. One operation is one item, in and out.

use std::hint::black_box;
use std::sync::Arc;

use nogil::{Atomic, Locked, Wing, generic};
use nogil_benches::{Bench, Job, alone, together};

const BATCH: u64 = 64;

/// A queue by what it does with a batch: a vector of at least one comes out, of up to 64 where it can be told.
trait Batches: Clone + Send + Sync {
    fn open(capacity: Option<usize>) -> Self;
    fn put(&self, first: u64, count: u64);
    fn get(&self) -> Vec<u64>;
}

impl<W: Wing> Batches for Arc<generic::Queue<u64, W>> {
    fn open(capacity: Option<usize>) -> Self {
        Arc::new(match capacity {
            Some(capacity) => generic::Queue::bounded_in(W::default(), capacity),
            None => generic::Queue::unbounded_in(W::default()),
        })
    }
    fn put(&self, first: u64, count: u64) {
        self.put_many(first..first + count).unwrap();
    }
    fn get(&self) -> Vec<u64> {
        self.get_many(BATCH as usize).unwrap()
    }
}

/// A channel puts a batch item by item; `$get` is how it gets one, in the fewest calls that it offers.
macro_rules! channel {
    ($name:ident, $krate:ident, $get:expr) => {
        #[derive(Clone)]
        struct $name($krate::Sender<u64>, $krate::Receiver<u64>);

        impl Batches for $name {
            fn open(capacity: Option<usize>) -> Self {
                let (put, get) = match capacity {
                    Some(capacity) => $krate::bounded(capacity),
                    None => $krate::unbounded(),
                };
                Self(put, get)
            }
            fn put(&self, first: u64, count: u64) {
                (first..first + count).for_each(|n| self.0.send(n).unwrap());
            }
            fn get(&self) -> Vec<u64> {
                let mut items = Vec::with_capacity(BATCH as usize);
                $get(&self.1, &mut items);
                items
            }
        }
    };
}

channel!(Crossbeam, crossbeam_channel, |channel: &crossbeam_channel::Receiver<u64>, items: &mut Vec<u64>| {
    items.push(channel.recv().unwrap());
    items.extend(channel.try_iter().take(BATCH as usize - 1));
});

// All that is there, however many: it takes no fewer in one call.
channel!(Flume, flume, |channel: &flume::Receiver<u64>, items: &mut Vec<u64>| {
    items.extend(channel.drain());
    if items.is_empty() {
        items.push(channel.recv().unwrap());
    }
});

// As flume.
channel!(Kanal, kanal, |channel: &kanal::Receiver<u64>, items: &mut Vec<u64>| {
    if channel.drain_into(items).unwrap() == 0 {
        items.push(channel.recv().unwrap());
    }
});

fn seq<B: Batches>(bench: &mut Bench, contender: &str, capacity: Option<usize>) {
    let queue = B::open(capacity);
    bench.run(contender, &format!("batch/{}/seq", size(capacity)), |operations| {
        alone(|| {
            let mut left = operations;
            while left > 0 {
                let now = left.min(BATCH);
                queue.put(black_box(left), now);
                left -= black_box(queue.get()).len() as u64;
            }
        })
    });
}

fn pair<B: Batches>(bench: &mut Bench, contender: &str, capacity: Option<usize>) {
    bench.run(contender, &format!("batch/{}/1to1", size(capacity)), |operations| {
        let queue = B::open(capacity);
        let other = queue.clone();
        let put = move || {
            let mut left = operations;
            while left > 0 {
                let now = left.min(BATCH);
                queue.put(left, now);
                left -= now;
            }
        };
        let get = move || {
            let mut left = operations;
            while left > 0 {
                left -= black_box(other.get()).len() as u64;
            }
        };
        together(vec![Box::new(put) as Job, Box::new(get)])
    });
}

fn size(capacity: Option<usize>) -> String {
    capacity.map_or("unbounded".into(), |n| n.to_string())
}

fn main() {
    let mut bench = Bench::new();
    // One line per contender in each cell, so that the contenders of a cell are neighbours in time.
    macro_rules! each {
        ($run:ident, $capacity:expr) => {
            $run::<Arc<generic::Queue<u64, Atomic>>>(&mut bench, "atomic", $capacity);
            $run::<Crossbeam>(&mut bench, "peer-crossbeam", $capacity);
            $run::<Arc<generic::Queue<u64, Locked>>>(&mut bench, "locked", $capacity);
            $run::<Flume>(&mut bench, "peer-flume", $capacity);
            $run::<Kanal>(&mut bench, "peer-kanal", $capacity);
        };
    }
    for capacity in [Some(1024), None] {
        each!(seq, capacity);
        each!(pair, capacity);
    }
    bench.finish();
}
