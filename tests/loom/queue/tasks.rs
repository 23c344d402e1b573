//! `join` waits for every task, and for nothing else.

use std::sync::Arc;

use nogil::model::expire;

use super::{Kind, Q};
use crate::engine::thread::yield_now;
use crate::harness::{Plain, UNTIL_EXPIRED};
use crate::turns::spawn;

/// What two workers did for their tasks is seen by whoever joins.
pub(crate) fn join_sees_all_tasks<K: Kind>() {
    let shared: Arc<(Q<K>, [Plain; 2])> = Arc::new((K::roomy(), [Plain::new(), Plain::new()]));
    shared.0.put(0).unwrap();
    shared.0.put(1).unwrap();
    let work = |(queue, work): &(Q<K>, [Plain; 2])| {
        let item = queue.get().unwrap();
        work[item].set(item + 10);
        queue.task_done().unwrap();
    };
    let one = spawn(&shared, work);
    let other = spawn(&shared, work);
    let (queue, work) = &*shared;
    queue.join();
    assert_eq!([work[0].get(), work[1].get()], [10, 11]);
    one.join().unwrap();
    other.join().unwrap();
}

/// A joiner is woken by the last `task_done`, or sees it before it sleeps.
pub(crate) fn join_meets_task_done<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    queue.put(1).unwrap();
    let joiner = spawn(&queue, |queue| queue.join());
    queue.get().unwrap();
    queue.task_done().unwrap();
    joiner.join().unwrap();
}

/// A joiner whose time is up at the moment of the last `task_done` says that all is done, or that it is not yet.
pub(crate) fn an_expiring_joiner_says_what_is_so<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    queue.put(1).unwrap();
    let joiner = spawn(&queue, |queue| (queue.join_timeout(UNTIL_EXPIRED), queue.unfinished_tasks()));
    queue.get().unwrap();
    queue.task_done().unwrap();
    expire();
    // The task was done before the time was up.
    assert_eq!(joiner.join().unwrap(), (true, 0));
}

/// Who has an item may always say once that it is done, though others say so of theirs meanwhile.
pub(crate) fn no_task_done_is_refused<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    queue.put(1).unwrap();
    let other = spawn(&queue, |queue| {
        queue.put(2).unwrap();
        queue.get().unwrap();
        queue.task_done()
    });
    queue.get().unwrap();
    // No preemption, so this costs nothing of the bound: the other thread may have put, got and done its item by now.
    yield_now();
    assert_eq!(queue.task_done(), Ok(()));
    assert_eq!(other.join().unwrap(), Ok(()));
    assert_eq!(queue.unfinished_tasks(), 0);
    assert!(queue.task_done().is_err());
}

/// Neither number is ever more than the puts, or less than none, at whatever moment it is asked for.
pub(crate) fn the_numbers_stay_in_range<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let worker = spawn(&queue, |queue| {
        for item in 1..=2 {
            queue.put(item).unwrap();
            queue.get().unwrap();
            queue.task_done().unwrap();
        }
    });
    let len = queue.len();
    assert!(len <= 1, "{len} items");
    let unfinished = queue.unfinished_tasks();
    assert!(unfinished <= 2, "{unfinished} tasks");
    worker.join().unwrap();
    assert_eq!((queue.len(), queue.unfinished_tasks()), (0, 0));
}

/// While one thread puts and then gets there is one item all the time, and no length says otherwise.
pub(crate) fn the_length_is_of_some_moment<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    queue.put(1).unwrap();
    let worker = spawn(&queue, |queue| {
        queue.put(2).unwrap();
        queue.get().unwrap();
        queue.task_done().unwrap();
    });
    let (len, unfinished) = (queue.len(), queue.unfinished_tasks());
    assert!((1..=2).contains(&len), "{len} items");
    assert!((1..=2).contains(&unfinished), "{unfinished} tasks");
    worker.join().unwrap();
}

/// While one thread marks a task done and then puts, one task at most is unfinished, and no number says otherwise. It is the started thread that looks: loom lets it see `done` as
/// it was before and the puts as they are now, which it does not let a thread that has yielded.
pub(crate) fn the_number_of_unfinished_tasks_is_of_some_moment<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    queue.put(1).unwrap();
    let looker = spawn(&queue, |queue| queue.unfinished_tasks());
    queue.task_done().unwrap();
    queue.put(2).unwrap();
    let unfinished = looker.join().unwrap();
    assert!(unfinished <= 1, "{unfinished} tasks");
}

/// The same for the length of a queue from which a thread gets what it has put.
pub(crate) fn the_length_that_another_sees_is_of_some_moment<K: Kind>() {
    let queue: Arc<Q<K>> = Arc::new(K::roomy());
    let looker = spawn(&queue, |queue| queue.len());
    queue.put(1).unwrap();
    queue.get().unwrap();
    let len = looker.join().unwrap();
    assert!(len <= 1, "{len} items");
}
