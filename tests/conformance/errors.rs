//! What the errors say, and what can be asked of them.

use std::error::Error;

use nogil::queue::{Order, Queue};
use nogil::{BrokenBarrier, ReleaseError, ShutDown, TaskDoneError, TryGetError, TryPutError, Wing};

use super::queue::{Kind, bounded};
use crate::harness::over_each_queue;

over_each_queue!(a_guard_shows_its_queue);

/// Not `Debug`, as items need not be.
struct Opaque;

#[test]
fn texts() {
    fn texts(error: impl Error) -> (String, String) {
        (error.to_string(), format!("{error:?}"))
    }
    let table = [
        (texts(ShutDown(())), "the queue is shut down", "ShutDown(..)"),
        (texts(ShutDown(Opaque)), "the queue is shut down", "ShutDown(..)"),
        (texts(TryPutError::Full(Opaque)), "the queue is full", "Full(..)"),
        (texts(TryPutError::ShutDown(Opaque)), "the queue is shut down", "ShutDown(..)"),
        (texts(TryGetError::Empty), "the queue is empty", "Empty"),
        (texts(TryGetError::ShutDown), "the queue is shut down and has no items left", "ShutDown"),
        (texts(TaskDoneError), "task_done() was called more often than items were put", "TaskDoneError"),
        (
            texts(ReleaseError),
            "the semaphore would have more permits than it began with; none was released",
            "ReleaseError",
        ),
        (texts(BrokenBarrier), "the barrier is broken", "BrokenBarrier"),
    ];
    for (texts, display, debug) in table {
        assert_eq!(texts, (display.to_owned(), debug.to_owned()));
    }
}

#[test]
fn questions() {
    let (full, shut_down) = (TryPutError::Full(1), TryPutError::ShutDown(2));
    assert_eq!([full.is_full(), full.is_shut_down()], [true, false]);
    assert_eq!([shut_down.is_full(), shut_down.is_shut_down()], [false, true]);
    assert_eq!([TryGetError::Empty.is_empty(), TryGetError::Empty.is_shut_down()], [true, false]);
    assert_eq!([TryGetError::ShutDown.is_empty(), TryGetError::ShutDown.is_shut_down()], [false, true]);

    assert_eq!([full.into_inner(), shut_down.into_inner(), ShutDown(3).into_inner()], [1, 2, 3]);
    assert_eq!(full.without_item(), TryPutError::Full(()));
    assert_eq!(shut_down.without_item(), TryPutError::ShutDown(()));
    assert_eq!(TryPutError::from(ShutDown(2)), shut_down);
    assert_eq!(TryGetError::from(ShutDown(())), TryGetError::ShutDown);
}

fn a_guard_shows_its_queue<W: Wing, O: Kind<W>>() {
    let queue: Queue<usize, W, O> = bounded(5);
    let name = <O as Order<usize, W>>::NAME;
    queue.put(1).unwrap();
    let state = "len: 1, capacity: 5, unfinished_tasks: 1, shut_down: false, waiting_to_get: 0, waiting_to_put: 0";
    let text = format!("{name} {{ {state} }}");
    // This one first: the other shuts the queue down as soon as it was shown.
    assert_eq!(format!("{:?}", queue.shutdown_now_on_panic()), format!("ShutdownNowGuard {{ queue: {text}, .. }}"));
    assert_eq!(format!("{:?}", queue.shutdown_on_drop()), format!("ShutdownGuard {{ queue: {text} }}"));
}
