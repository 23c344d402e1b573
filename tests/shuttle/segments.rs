//! What an unbounded queue of the atomic wing keeps: its segments, each known to the allocator by the alignment of the items.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use nogil::SimpleQueue;

use crate::harness::{crowd, join_all, model};

/// An item such as no other program here allocates.
#[repr(align(2048))]
struct Wide;

struct CountingSegments;

thread_local! {
    /// Those that live. shuttle runs all threads of a program in one.
    static SEGMENTS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: passes every call on.
unsafe impl GlobalAlloc for CountingSegments {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() == align_of::<Wide>() {
            SEGMENTS.set(SEGMENTS.get() + 1);
        }
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if layout.align() == align_of::<Wide>() {
            SEGMENTS.set(SEGMENTS.get() - 1);
        }
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: CountingSegments = CountingSegments;

/// A getter is stopped in the first of several segments, and goes on just as another, at the last one, looks for what can be freed.
#[test]
fn what_is_read_is_freed() {
    model(|| {
        let queue: Arc<SimpleQueue<Wide>> = Arc::default();
        (0..10).for_each(|_| queue.put(Wide));
        assert!(SEGMENTS.get() > 3, "there are several");
        let getters = crowd(2, &queue, |queue, me| (0..1 + 8 * me).filter(|_| queue.try_get().is_some()).count());
        assert_eq!(join_all(getters), [1, 9]);
        assert!(SEGMENTS.get() <= 2, "an empty queue at which nobody is keeps {} segments", SEGMENTS.get());
        drop(queue);
        assert_eq!(SEGMENTS.get(), 0);
    });
}
