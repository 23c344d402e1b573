//! The FIFO queue: by capacity, by the number of threads at each end, by the size of its items, and by its length.

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::{Arc, mpsc as std_mpsc};

use crossfire::{MRx, MTx, Rx, Tx, mpmc, mpsc, spsc};
use nogil::{Atomic, Locked, Wing, generic};
use nogil_benches::{Bench, Cost, Job, alone, is_full, private_work, share, textbook, together};

/// A channel by its two ends.
trait Channel<T> {
    type Put: Send;
    type Get: Send;
    fn open(capacity: Option<usize>) -> (Self::Put, Self::Get);
    /// One more putter, where there can be several.
    fn another_put(end: &Self::Put) -> Option<Self::Put>;
    /// One more getter, likewise.
    fn another_get(end: &Self::Get) -> Option<Self::Get>;
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
    fn another_put(end: &Self::Put) -> Option<Self::Put> {
        Some(end.clone())
    }
    fn another_get(end: &Self::Get) -> Option<Self::Get> {
        Some(end.clone())
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
    fn another_put(end: &Self::Put) -> Option<Self::Put> {
        Some(end.clone())
    }
    fn another_get(end: &Self::Get) -> Option<Self::Get> {
        Some(end.clone())
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
    fn another_put(end: &Self::Put) -> Option<Self::Put> {
        Some(end.clone())
    }
    fn another_get(end: &Self::Get) -> Option<Self::Get> {
        Some(end.clone())
    }
    fn put(end: &Self::Put, item: T) {
        end.put(item);
    }
    fn get(end: &Self::Get) -> T {
        end.get()
    }
}

/// A channel whose ends are called sender and receiver: its ends' types, how it is opened with a bound and without, and which of its ends there can be several of.
macro_rules! channel {
    ($name:ident, $put:ty, $get:ty, $bounded:path, $unbounded:path, $puts:ident, $gets:ident) => {
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
            fn another_put(end: &Self::Put) -> Option<Self::Put> {
                $puts(end)
            }
            fn another_get(end: &Self::Get) -> Option<Self::Get> {
                $gets(end)
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

fn several<E: Clone>(end: &E) -> Option<E> {
    Some(end.clone())
}

fn one<E>(_: &E) -> Option<E> {
    None
}

fn missing<E>() -> E {
    unreachable!("a bounded channel without a bound")
}

fn missing_too<E>(_: usize) -> E {
    unreachable!("an unbounded channel with a bound")
}

channel!(
    Crossbeam,
    crossbeam_channel::Sender<T>,
    crossbeam_channel::Receiver<T>,
    crossbeam_channel::bounded,
    crossbeam_channel::unbounded,
    several,
    several
);
channel!(Kanal, kanal::Sender<T>, kanal::Receiver<T>, kanal::bounded, kanal::unbounded, several, several);
channel!(Flume, flume::Sender<T>, flume::Receiver<T>, flume::bounded, flume::unbounded, several, several);
// Crossfire has a type for each kind of end. Where those for one putter, or one getter, fit, one would pick them.
channel!(MpmcBounded, MTx<mpmc::Array<T>>, MRx<mpmc::Array<T>>, mpmc::bounded_blocking, missing, several, several);
channel!(
    MpmcUnbounded,
    MTx<mpmc::List<T>>,
    MRx<mpmc::List<T>>,
    missing_too,
    mpmc::unbounded_blocking,
    several,
    several
);
channel!(MpscBounded, MTx<mpsc::Array<T>>, Rx<mpsc::Array<T>>, mpsc::bounded_blocking, missing, several, one);
channel!(MpscUnbounded, MTx<mpsc::List<T>>, Rx<mpsc::List<T>>, missing_too, mpsc::unbounded_blocking, several, one);
channel!(SpscBounded, Tx<spsc::Array<T>>, Rx<spsc::Array<T>>, spsc::bounded_blocking, missing, one, one);
channel!(SpscUnbounded, Tx<spsc::List<T>>, Rx<spsc::List<T>>, missing_too, spsc::unbounded_blocking, one, one);
channel!(StdBounded, std_mpsc::SyncSender<T>, std_mpsc::Receiver<T>, std_mpsc::sync_channel, missing, several, one);
channel!(StdUnbounded, std_mpsc::Sender<T>, std_mpsc::Receiver<T>, missing_too, std_mpsc::channel, several, one);

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
    /// The same, and each has work of its own for each item.
    Busy(usize, usize),
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
            Work::Busy(puts, gets) => format!("{puts}to{gets}-own-work"),
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
            bench.run(contender, &cell, |operations| crowd::<T, C>(capacity, puts, gets, operations, || ()))
        }
        Work::Busy(puts, gets) => {
            bench.run(contender, &cell, |operations| crowd::<T, C>(capacity, puts, gets, operations, private_work))
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

fn crowd<T: Item, C: Channel<T>>(
    capacity: Option<usize>,
    puts: usize,
    gets: usize,
    operations: u64,
    own_work: impl Fn() + Copy + Send,
) -> Cost {
    let (put, get) = C::open(capacity);
    let mut putters: Vec<_> = (1..puts).map(|_| C::another_put(&put).unwrap()).collect();
    let mut getters: Vec<_> = (1..gets).map(|_| C::another_get(&get).unwrap()).collect();
    putters.push(put);
    getters.push(get);
    let put_all = |(n, put)| {
        let mine = share(operations, puts, n);
        Box::new(move || {
            for n in 0..mine {
                C::put(&put, T::make(n));
                own_work();
            }
        }) as Job
    };
    let get_all = |(n, get)| {
        let mine = share(operations, gets, n);
        Box::new(move || {
            for _ in 0..mine {
                drop(black_box(C::get(&get)));
                own_work();
            }
        }) as Job
    };
    together(putters.into_iter().enumerate().map(put_all).chain(getters.into_iter().enumerate().map(get_all)).collect())
}

fn contenders<T: Item>(bench: &mut Bench, capacity: Option<usize>, what: Work) {
    let (puts, gets) = match what {
        Work::Threads(puts, gets) | Work::Busy(puts, gets) => (puts, gets),
        Work::Seq | Work::PingPong | Work::Queued(_) => (1, 1),
    };
    macro_rules! run {
        ($contender:expr, $bounded:ident, $unbounded:ident) => {
            match capacity {
                Some(_) => work::<T, $bounded>(bench, $contender, "queue", capacity, what),
                None => work::<T, $unbounded>(bench, $contender, "queue", capacity, what),
            }
        };
    }
    work::<T, Nogil<Atomic>>(bench, "atomic", "queue", capacity, what);
    work::<T, Crossbeam>(bench, "peer-crossbeam", "queue", capacity, what);
    work::<T, Kanal>(bench, "peer-kanal", "queue", capacity, what);
    work::<T, Nogil<Locked>>(bench, "locked", "queue", capacity, what);
    run!("peer-crossfire", MpmcBounded, MpmcUnbounded);
    work::<T, Flume>(bench, "peer-flume", "queue", capacity, what);
    match (puts, gets) {
        (1, 1) => run!("peer-crossfire-spsc", SpscBounded, SpscUnbounded),
        (_, 1) => run!("peer-crossfire-mpsc", MpscBounded, MpscUnbounded),
        _ => {}
    }
    if gets == 1 {
        run!("peer-std", StdBounded, StdUnbounded);
    }
    work::<T, Textbook>(bench, "peer-textbook", "queue", capacity, what);
}

fn simple(bench: &mut Bench, what: Work) {
    work::<u64, Simple<Atomic>>(bench, "atomic", "simple", None, what);
    work::<u64, Crossbeam>(bench, "peer-crossbeam", "simple", None, what);
    work::<u64, Simple<Locked>>(bench, "locked", "simple", None, what);
    work::<u64, Kanal>(bench, "peer-kanal", "simple", None, what);
    if !matches!(what, Work::Threads(_, 2..)) {
        work::<u64, SpscUnbounded>(bench, "peer-crossfire-spsc", "simple", None, what);
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
        if capacity != Some(1) {
            contenders::<u64>(&mut bench, capacity, Work::Busy(1, 1));
            contenders::<u64>(&mut bench, capacity, Work::Busy(4, 4));
        }
    }
    for queued in [10, 1_000, 100_000, 1_000_000] {
        contenders::<u64>(&mut bench, None, Work::Queued(queued));
    }
    for what in [Work::Seq, Work::Threads(1, 1), Work::Threads(4, 4), Work::Queued(1_000_000)] {
        simple(&mut bench, what);
    }
    bench.finish();
}
