//! A queue that is shut down amid putters, getters, joiners and expiring waits: everyone leaves, and the books balance.

use std::iter;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use nogil::queue::{Order, Queue};
use nogil::{ShutDown, TryGetError, TryPutError, Wing};

use super::race::{FAR, crowd, random, rounds, together};
use crate::harness::{Census, Item, over_each_queue};

over_each_queue!(graceful, immediate, both_at_once);

#[derive(Clone, Copy, PartialEq)]
enum How {
    Graceful,
    Immediate,
    Both,
}

fn graceful<W: Wing, O: Order<Item, W>>() {
    shut_down::<W, O>(How::Graceful);
}

fn immediate<W: Wing, O: Order<Item, W>>() {
    shut_down::<W, O>(How::Immediate);
}

fn both_at_once<W: Wing, O: Order<Item, W>>() {
    shut_down::<W, O>(How::Both);
}

/// What went in, what came out, and what was handed back: how many, and the sum of their numbers.
#[derive(Default)]
struct Books {
    census: Census,
    made: AtomicUsize,
    stored: [AtomicUsize; 2],
    fetched: [AtomicUsize; 2],
}

fn enter(page: &[AtomicUsize; 2], number: usize) {
    page[0].fetch_add(1, SeqCst);
    page[1].fetch_add(number, SeqCst);
}

impl Books {
    fn item(&self) -> Item {
        self.census.item(self.made.fetch_add(1, SeqCst) + 1)
    }

    /// Puts items in every way until the queue is shut down.
    fn keep_putting<W: Wing, O: Order<Item, W>>(&self, queue: &Queue<Item, W, O>, seed: u64) {
        for step in 0.. {
            let seed = seed + step;
            let item = self.item();
            let number = item.number;
            let answer = match random(seed, 4) {
                0 => queue.put(item).map_err(|ShutDown(item)| TryPutError::ShutDown(item)),
                1 => queue.try_put(item),
                2 => queue.put_timeout(item, Duration::from_micros(random(seed, 60))),
                _ => {
                    // Now and then more than a segment has slots.
                    let more = if random(seed + 1, 16) == 0 { 300 } else { 2 };
                    let items: Vec<_> = iter::once(item).chain((0..more).map(|_| self.item())).collect();
                    let numbers: Vec<_> = items.iter().map(|item| item.number).collect();
                    let left = queue.put_many(items).err().map_or(Vec::new(), |ShutDown(left)| left);
                    let stored = numbers.len() - left.len();
                    numbers[..stored].iter().for_each(|&number| enter(&self.stored, number));
                    assert!(left.iter().map(|item| item.number).eq(numbers[stored..].iter().copied()));
                    if left.is_empty() { continue } else { return }
                }
            };
            match answer {
                Ok(()) => enter(&self.stored, number),
                Err(TryPutError::Full(item)) => assert_eq!(item.number, number),
                Err(TryPutError::ShutDown(item)) => return assert_eq!(item.number, number),
            }
        }
    }

    /// Gets items in every way until the queue is shut down and drained.
    fn keep_getting<W: Wing, O: Order<Item, W>>(&self, queue: &Queue<Item, W, O>, seed: u64) {
        for step in 0.. {
            let seed = seed + step;
            let one = |item| vec![item];
            let (answer, mark) = match random(seed, 5) {
                0 => (queue.get().map(one).map_err(|_| TryGetError::ShutDown), true),
                1 => (queue.try_get().map(one), true),
                2 => (queue.get_timeout(Duration::from_micros(random(seed, 60))).map(one), true),
                3 => (queue.get_many(1 + random(seed + 1, 600) as usize).map_err(|_| TryGetError::ShutDown), true),
                _ => (queue.get_task().map(|task| vec![task.into_inner()]).map_err(|_| TryGetError::ShutDown), false),
            };
            match answer {
                Ok(items) => {
                    for item in items {
                        enter(&self.fetched, item.number);
                        if mark {
                            queue.task_done().expect("a fetched item was put");
                        }
                    }
                }
                Err(TryGetError::Empty) => {}
                Err(TryGetError::ShutDown) => return,
            }
        }
    }
}

fn shut_down<W: Wing, O: Order<Item, W>>(how: How) {
    for round in rounds() {
        let books = Books::default();
        let queue: Queue<Item, W, O> = match round % 4 {
            0 => Queue::unbounded_in(W::default()),
            3 => Queue::bounded_in(W::default(), FAR),
            capacity => Queue::bounded_in(W::default(), 2 * capacity as usize - 1),
        };
        let begin = std::time::Instant::now();
        together(crowd(), |thread| {
            let seed = round * 1_000 + thread as u64 * 100_000;
            match thread {
                0 | 1 => {
                    let moment = Duration::from_micros(random(round, 1_000));
                    std::thread::sleep(moment.saturating_sub(begin.elapsed()));
                    match how {
                        How::Graceful => queue.shutdown(),
                        How::Both if thread == 0 => queue.shutdown(),
                        _ => queue.shutdown_now().iter().for_each(|item| enter(&books.fetched, item.number)),
                    }
                    assert!(queue.is_shut_down());
                }
                2 => queue.join(),
                3 => while !queue.join_timeout(Duration::from_micros(50)) {},
                _ if thread % 2 == 0 => books.keep_putting(&queue, seed),
                _ => books.keep_getting(&queue, seed),
            }
        });
        assert_eq!(books.fetched.each_ref().map(|n| n.load(SeqCst)), books.stored.each_ref().map(|n| n.load(SeqCst)));
        assert_eq!((queue.len(), queue.unfinished_tasks()), (0, 0));
        assert!(queue.try_join() && queue.get().is_err() && queue.put(books.item()).is_err());
        assert_eq!(books.census.alive(), 0);
        drop(queue);
        assert_eq!((books.census.alive(), books.census.dropped()), (0, books.made.load(SeqCst)));
    }
}
