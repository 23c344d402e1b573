//! The three queues.

use std::cmp::Ordering;
use std::collections::VecDeque;

use nogil::queue::{Order, Queue};
use nogil::{ShutDown, TaskDoneError, TryGetError, TryPutError, Wing};

use super::{INSTANT, Plain};

/// An item with a priority that others share, so that the order among equals shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked(pub(crate) u32);

impl Ranked {
    fn rank(self) -> u32 {
        self.0 % 3
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    TryPut(u32),
    TryGet,
    Put(u32),
    Get,
    PutTimeout(u32),
    GetTimeout,
    TryPutMany(Vec<u32>),
    PutMany(Vec<u32>),
    TryGetMany(usize),
    GetMany(usize),
    Len,
    IsFull,
    Unfinished,
    TaskDone,
    TryJoin,
    IsShutDown,
    ShutDown,
    ShutDownNow,
}

use Call::{
    Get, GetMany, GetTimeout, IsFull, IsShutDown, Len, Put, PutMany, PutTimeout, ShutDownNow, TaskDone, TryGet,
    TryGetMany, TryJoin, TryPut, TryPutMany, Unfinished,
};

impl From<[u8; 2]> for Call {
    fn from([kind, argument]: [u8; 2]) -> Self {
        let (item, n) = (u32::from(argument), usize::from(argument % 4));
        let items = || (0..n as u32).map(|i| item + 256 * (i + 1)).collect();
        match kind % 32 {
            0..=5 => TryPut(item),
            6..=11 => TryGet,
            12 | 13 => Put(item),
            14 | 15 => Get,
            16 => PutTimeout(item),
            17 => GetTimeout,
            18 => TryPutMany(items()),
            19 => PutMany(items()),
            20 => TryGetMany(n),
            21 => GetMany(n),
            22 | 23 => Len,
            24 => IsFull,
            25 => Unfinished,
            26..=28 => TaskDone,
            29 => TryJoin,
            30 => IsShutDown,
            31 if argument < 128 => Call::ShutDown,
            _ => ShutDownNow,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Done,
    Items(Vec<u32>),
    /// With the items that came back.
    Full(Vec<u32>),
    Empty,
    ShutDown(Vec<u32>),
    TooOften,
    Number(usize),
    Is(bool),
}

use Answer::{Done, Empty, Full, Is, Items, Number, TooOften};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Fifo,
    Lifo,
    Priority,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PlainQueue {
    kind: Kind,
    capacity: usize,
    /// In the order in which they were put.
    items: VecDeque<u32>,
    unfinished: usize,
    closed: bool,
}

impl PlainQueue {
    pub(crate) fn new(kind: Kind, capacity: Option<usize>) -> Self {
        let capacity = capacity.unwrap_or(usize::MAX);
        Self { kind, capacity, items: VecDeque::new(), unfinished: 0, closed: false }
    }

    fn put(&mut self, item: u32) -> Answer {
        if self.closed {
            Answer::ShutDown(vec![item])
        } else if self.items.len() >= self.capacity {
            Full(vec![item])
        } else {
            self.items.push_back(item);
            self.unfinished += 1;
            Done
        }
    }

    fn put_many(&mut self, items: &[u32]) -> Answer {
        for (i, item) in items.iter().enumerate() {
            match self.put(*item) {
                Done => {}
                Full(_) => return Full(items[i..].to_vec()),
                _ => return Answer::ShutDown(items[i..].to_vec()),
            }
        }
        Done
    }

    fn next(&mut self) -> Option<u32> {
        let place = match self.kind {
            Kind::Fifo => 0,
            Kind::Lifo => self.items.len().checked_sub(1)?,
            // The first of the least.
            Kind::Priority => (0..self.items.len()).min_by_key(|&place| Ranked(self.items[place]))?,
        };
        self.items.remove(place)
    }

    fn get_many(&mut self, max: usize) -> Answer {
        if max == 0 {
            return Items(Vec::new());
        }
        let items: Vec<_> = (0..max).map_while(|_| self.next()).collect();
        match items.is_empty() {
            false => Items(items),
            true if self.closed => Answer::ShutDown(Vec::new()),
            true => Empty,
        }
    }

    fn drain(&mut self) -> Vec<u32> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

impl Plain for PlainQueue {
    type Call = Call;
    type Answer = Answer;

    fn answer(&mut self, call: &Call) -> Option<Answer> {
        if let Put(_) | PutMany(_) | Get | GetMany(_) = call {
            let before = self.clone();
            let answer = match call {
                Put(item) => self.put(*item),
                PutMany(items) => self.put_many(items),
                GetMany(max) => self.get_many(*max),
                _ => self.get_many(1),
            };
            let waits = matches!(answer, Full(_) | Empty);
            if waits {
                *self = before;
            }
            return (!waits).then_some(answer);
        }
        Some(match call {
            TryPut(item) | PutTimeout(item) | Put(item) => self.put(*item),
            TryPutMany(items) | PutMany(items) => self.put_many(items),
            TryGet | GetTimeout | Get => self.get_many(1),
            TryGetMany(max) | GetMany(max) => self.get_many(*max),
            Len => Number(self.items.len()),
            IsFull => Is(self.items.len() >= self.capacity),
            Unfinished => Number(self.unfinished),
            TaskDone if self.unfinished == 0 => TooOften,
            TaskDone => {
                self.unfinished -= 1;
                Done
            }
            TryJoin => Is(self.unfinished == 0),
            IsShutDown => Is(self.closed),
            Call::ShutDown => {
                self.closed = true;
                Done
            }
            ShutDownNow => {
                self.closed = true;
                let items = self.drain();
                // Some of these may have been marked done while they were still queued.
                self.unfinished = self.unfinished.saturating_sub(items.len());
                Items(items)
            }
        })
    }
}

/// Makes the call at a real queue.
pub(crate) fn ask<W: Wing, O: Order<Ranked, W>>(queue: &Queue<Ranked, W, O>, call: &Call) -> Answer {
    let one = |answer: Result<Ranked, TryGetError>| many(answer.map(|item| vec![item]));
    let ranked = |items: &[u32]| items.iter().copied().map(Ranked).collect::<Vec<_>>();
    match call {
        TryPut(item) => put(queue.try_put(Ranked(*item)).map_err(in_vec)),
        PutTimeout(item) => put(queue.put_timeout(Ranked(*item), INSTANT).map_err(in_vec)),
        Put(item) => put(queue.put(Ranked(*item)).map_err(|ShutDown(item)| TryPutError::ShutDown(vec![item]))),
        TryPutMany(items) => put(queue.try_put_many(ranked(items))),
        PutMany(items) => put(queue.put_many(ranked(items)).map_err(TryPutError::from)),
        TryGet => one(queue.try_get()),
        GetTimeout => one(queue.get_timeout(INSTANT)),
        Get => one(queue.get().map_err(TryGetError::from)),
        TryGetMany(max) => many(queue.try_get_many(*max)),
        GetMany(max) => many(queue.get_many(*max).map_err(TryGetError::from)),
        Len => Number(queue.len()),
        IsFull => Is(queue.is_full()),
        Unfinished => Number(queue.unfinished_tasks()),
        TaskDone => match queue.task_done() {
            Ok(()) => Done,
            Err(TaskDoneError) => TooOften,
        },
        TryJoin => Is(queue.try_join()),
        IsShutDown => Is(queue.is_shut_down()),
        Call::ShutDown => {
            queue.shutdown();
            Done
        }
        ShutDownNow => Items(numbers(queue.shutdown_now())),
    }
}

fn numbers(items: Vec<Ranked>) -> Vec<u32> {
    items.into_iter().map(|item| item.0).collect()
}

fn in_vec(refusal: TryPutError<Ranked>) -> TryPutError<Vec<Ranked>> {
    match refusal {
        TryPutError::Full(item) => TryPutError::Full(vec![item]),
        TryPutError::ShutDown(item) => TryPutError::ShutDown(vec![item]),
    }
}

fn put(answer: Result<(), TryPutError<Vec<Ranked>>>) -> Answer {
    match answer {
        Ok(()) => Done,
        Err(TryPutError::Full(items)) => Full(numbers(items)),
        Err(TryPutError::ShutDown(items)) => Answer::ShutDown(numbers(items)),
    }
}

fn many(answer: Result<Vec<Ranked>, TryGetError>) -> Answer {
    match answer {
        Ok(items) => Items(numbers(items)),
        Err(TryGetError::Empty) => Empty,
        Err(TryGetError::ShutDown) => Answer::ShutDown(Vec::new()),
    }
}
