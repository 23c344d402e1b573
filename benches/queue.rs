//! The FIFO queue: by capacity, by the number of threads at each end, by the size of its items, and by its length.

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::{Arc, mpsc};

use nogil::{Atomic, Locked, Wing, generic};
use nogil_benches::{Bench, Cost, Job, alone, is_full, share, textbook, together};

/// A channel by its two ends.
trait Channel<T> {
    type Put: Clone + Send;
    type Get: Send;
    fn open(capacity: Option<usize>) -> (Self::Put, Self::Get);
    /// One more getter, where there can be several.
    fn another(get: &Self::Get) -> Option<Self::Get>;
    fn put(end: &Self::Put, item: T);
    fn get(end: &Self::Get) -> T;
}

struct Nogil<W>(W);

impl<T: Send, W: Wing> Channel<T> for Nogil<W> {
    type Put = Arc<generic::Queue<T, W>>;
    type Get = Self::Put;
    fn open(capacity: Option<usize>) -> (Self::Put, Self::Get) {
        let queue = Arc::new(match capacity {
            Some(capacity) => generic::Queue::bounded_in(W::default(), capacity),
            None => generic::Queue::unbounded_in(W::default()),
        });
        (queue.clone(), queue)
    }
    fn another(get: &Self::Get) -> Option<Self::Get> {
        Some(get.clone())
    }
    fn put(end: &Self::Put, item: T) {
        assert!(end.put(item).is_ok());
    }
    fn get(end: &Self::Get) -> T {
        end.get().unwrap()
    }
}

/// `SimpleQueue`, which has no bound.
struct Simple<W>(W);

impl<T: Send, W: Wing> Channel<T> for Simple<W> {
    type Put = Arc<generic::SimpleQueue<T, W>>;
    type Get = Self::Put;
    fn open(_: Option<usize>) -> (Self::Put, Self::Get) {
        let queue = Arc::new(generic::SimpleQueue::new_in(W::default()));
        (queue.clone(), queue)
    }
    fn another(get: &Self::Get) -> Option<Self::Get> {
        Some(get.clone())
    }
    fn put(end: &Self::Put, item: T) {
        end.put(item);
    }
    fn get(end: &Self::Get) -> T {
        end.get()
    }
}

struct Textbook;

impl<T: Send> Channel<T> for Textbook {
    type Put = Arc<textbook::Queue<VecDeque<T>>>;
    type Get = Self::Put;
    fn open(capacity: Option<usize>) -> (Self::Put, Self::Get) {
        let queue = Arc::new(textbook::Queue::new(capacity));
        (queue.clone(), queue)
    }
    fn another(get: &Self::Get) -> Option<Self::Get> {
        Some(get.clone())
    }
    fn put(end: &Self::Put, item: T) {
        end.put(item);
    }
    fn get(end: &Self::Get) -> T {
        end.get()
    }
}

/// A crate whose ends are called sender and receiver: its name, the ends' types, and how they are opened.
macro_rules! channel {
    ($name:ident, $put:ty, $get:ty, $bounded:path, $unbounded:path) => {
        struct $name;

        impl<T: Send + Unpin + 'static> Channel<T> for $name {
            type Put = $put;
            type Get = $get;
            fn open(capacity: Option<usize>) -> (Self::Put, Self::Get) {
                match capacity {
                    Some(capacity) => $bounded(capacity),
                    None => $unbounded(),
                }
            }
            fn another(get: &Self::Get) -> Option<Self::Get> {
                Some(get.clone())
            }
            fn put(end: &Self::Put, item: T) {
                assert!(end.send(item).is_ok());
            }
            fn get(end: &Self::Get) -> T {
                end.recv().unwrap()
            }
        }
    };
}

channel!(
    Crossbeam,
    crossbeam_channel::Sender<T>,
    crossbeam_channel::Receiver<T>,
    crossbeam_channel::bounded,
    crossbeam_channel::unbounded
);
channel!(Kanal, kanal::Sender<T>, kanal::Receiver<T>, kanal::bounded, kanal::unbounded);
channel!(Flume, flume::Sender<T>, flume::Receiver<T>, flume::bounded, flume::unbounded);
// Crossfire has two types for its two kinds; its flavors for one putter or one getter are faster, and another API.
channel!(
    CrossfireBounded,
    crossfire::MTx<crossfire::mpmc::Array<T>>,
    crossfire::MRx<crossfire::mpmc::Array<T>>,
    crossfire::mpmc::bounded_blocking,
    unreachable
);
channel!(
    CrossfireUnbounded,
    crossfire::MTx<crossfire::mpmc::List<T>>,
    crossfire::MRx<crossfire::mpmc::List<T>>,
    unreachable_with,
    crossfire::mpmc::unbounded_blocking
);

fn unreachable<T>() -> T {
    unreachable!("a bounded channel without a bound")
}

fn unreachable_with<T>(_: usize) -> T {
    unreachable!("an unbounded channel with a bound")
}

struct StdBounded;

impl<T: Send> Channel<T> for StdBounded {
    type Put = mpsc::SyncSender<T>;
    type Get = mpsc::Receiver<T>;
    fn open(capacity: Option<usize>) -> (Self::Put, Self::Get) {
        mpsc::sync_channel(capacity.unwrap())
    }
    fn another(_: &Self::Get) -> Option<Self::Get> {
        None
    }
    fn put(end: &Self::Put, item: T) {
        assert!(end.send(item).is_ok());
    }
    fn get(end: &Self::Get) -> T {
        end.recv().unwrap()
    }
}

struct StdUnbounded;

impl<T: Send> Channel<T> for StdUnbounded {
    type Put = mpsc::Sender<T>;
    type Get = mpsc::Receiver<T>;
    fn open(_: Option<usize>) -> (Self::Put, Self::Get) {
        mpsc::channel()
    }
    fn another(_: &Self::Get) -> Option<Self::Get> {
        None
    }
    fn put(end: &Self::Put, item: T) {
        assert!(end.send(item).is_ok());
    }
    fn get(end: &Self::Get) -> T {
        end.recv().unwrap()
    }
}

/// An item that can be made of a number.
trait Item: Send + Unpin + 'static {
    const NAME: &'static str;
    fn make(n: u64) -> Self;
}

impl Item for u64 {
    const NAME: &'static str = "u64";
    fn make(n: u64) -> Self {
        n
    }
}

impl Item for [u64; 8] {
    const NAME: &'static str = "64B";
    fn make(n: u64) -> Self {
        [n; 8]
    }
}

/// What a workload asks of its channel, and does.
#[derive(Clone, Copy)]
enum Work {
    /// As many in as fit, 64 at most, then out, on one thread.
    Seq,
    /// So many putters to so many getters.
    Threads(usize, usize),
    /// There and back over two channels.
    PingPong,
    /// One in and one out, with so many queued all the while.
    Queued(usize),
}

impl Work {
    fn name(self) -> String {
        match self {
            Work::Seq => "seq".into(),
            Work::Threads(puts, gets) => format!("{puts}to{gets}"),
            Work::PingPong => "ping-pong".into(),
            Work::Queued(n) => format!("queued-{n}"),
        }
    }
}

fn work<T: Item, C: Channel<T>>(bench: &mut Bench, contender: &str, kind: &str, capacity: Option<usize>, work: Work) {
    let size = capacity.map_or("unbounded".into(), |n| n.to_string());
    let cell = match kind {
        "queue" => format!("queue/{size}/{}/{}", work.name(), T::NAME),
        kind => format!("{kind}/{}/{}", work.name(), T::NAME),
    };
    match work {
        Work::Seq => {
            let (put, get) = C::open(capacity);
            let batch = capacity.unwrap_or(64).min(64) as u64;
            bench.run(contender, &cell, |operations| {
                alone(|| {
                    let mut left = operations;
                    while left > 0 {
                        let now = left.min(batch);
                        (0..now).for_each(|n| C::put(&put, T::make(black_box(n))));
                        (0..now).for_each(|_| drop(black_box(C::get(&get))));
                        left -= now;
                    }
                })
            });
        }
        Work::Threads(puts, gets) => {
            bench.run(contender, &cell, |operations| crowd::<T, C>(capacity, puts, gets, operations))
        }
        Work::PingPong => bench.run(contender, &cell, |operations| {
            let (ping, pinged) = C::open(capacity);
            let (pong, ponged) = C::open(capacity);
            together(vec![
                Box::new(move || {
                    for n in 0..operations {
                        C::put(&ping, T::make(n));
                        black_box(C::get(&ponged));
                    }
                }),
                Box::new(move || (0..operations).for_each(|_| C::put(&pong, C::get(&pinged)))),
            ])
        }),
        Work::Queued(queued) => {
            let (put, get) = C::open(capacity);
            (0..queued as u64).for_each(|n| C::put(&put, T::make(n)));
            bench.run(contender, &cell, |operations| {
                alone(|| {
                    for n in 0..operations {
                        C::put(&put, T::make(black_box(n)));
                        black_box(C::get(&get));
                    }
                })
            });
        }
    }
}

fn crowd<T: Item, C: Channel<T>>(capacity: Option<usize>, puts: usize, gets: usize, operations: u64) -> Cost {
    let (put, get) = C::open(capacity);
    let mut getters: Vec<_> = (1..gets).map(|_| C::another(&get).unwrap()).collect();
    getters.push(get);
    let put_all = |n| {
        let (put, mine) = (put.clone(), share(operations, puts, n));
        Box::new(move || (0..mine).for_each(|n| C::put(&put, T::make(n)))) as Job
    };
    let get_all = |(n, get)| {
        let mine = share(operations, gets, n);
        Box::new(move || (0..mine).for_each(|_| drop(black_box(C::get(&get))))) as Job
    };
    together((0..puts).map(put_all).chain(getters.into_iter().enumerate().map(get_all)).collect())
}

fn contenders<T: Item>(bench: &mut Bench, capacity: Option<usize>, what: Work) {
    work::<T, Nogil<Atomic>>(bench, "atomic", "queue", capacity, what);
    work::<T, Crossbeam>(bench, "peer-crossbeam", "queue", capacity, what);
    work::<T, Kanal>(bench, "peer-kanal", "queue", capacity, what);
    work::<T, Nogil<Locked>>(bench, "locked", "queue", capacity, what);
    match capacity {
        Some(_) => work::<T, CrossfireBounded>(bench, "peer-crossfire", "queue", capacity, what),
        None => work::<T, CrossfireUnbounded>(bench, "peer-crossfire", "queue", capacity, what),
    }
    work::<T, Flume>(bench, "peer-flume", "queue", capacity, what);
    match (what, capacity) {
        (Work::Threads(_, 2..), _) => {} // its receiver is for one thread
        (_, Some(_)) => work::<T, StdBounded>(bench, "peer-std", "queue", capacity, what),
        (_, None) => work::<T, StdUnbounded>(bench, "peer-std", "queue", capacity, what),
    }
    work::<T, Textbook>(bench, "peer-textbook", "queue", capacity, what);
}

fn simple(bench: &mut Bench, what: Work) {
    work::<u64, Simple<Atomic>>(bench, "atomic", "simple", None, what);
    work::<u64, Crossbeam>(bench, "peer-crossbeam", "simple", None, what);
    work::<u64, Simple<Locked>>(bench, "locked", "simple", None, what);
    work::<u64, Kanal>(bench, "peer-kanal", "simple", None, what);
    if !matches!(what, Work::Threads(_, 2..)) {
        work::<u64, StdUnbounded>(bench, "peer-std", "simple", None, what);
    }
    work::<u64, Textbook>(bench, "peer-textbook", "simple", None, what);
}

fn main() {
    // What crossfire's manual asks of programs that may run on a virtual machine.
    crossfire::detect_backoff_cfg();
    let mut bench = Bench::new();
    let shapes = [Work::Seq, Work::Threads(1, 1), Work::Threads(4, 1), Work::Threads(1, 4), Work::Threads(4, 4)];
    for capacity in [Some(1), Some(16), Some(1024), None] {
        for what in shapes {
            contenders::<u64>(&mut bench, capacity, what);
            if is_full() {
                contenders::<[u64; 8]>(&mut bench, capacity, what);
            }
        }
        contenders::<u64>(&mut bench, capacity, Work::PingPong);
    }
    for queued in [10, 1_000, 100_000, 1_000_000] {
        contenders::<u64>(&mut bench, None, Work::Queued(queued));
    }
    for what in [Work::Seq, Work::Threads(1, 1), Work::Threads(4, 4), Work::Queued(1_000_000)] {
        simple(&mut bench, what);
    }
    bench.finish();
}
