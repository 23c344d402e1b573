//! The collector of this crate's own, by `crossbeam-epoch`. The one that all users of that crate share would run in our calls whatever
//! others have deferred, code that may panic or wait; and whoever stays pinned there would keep our garbage.

use std::sync::OnceLock;

use crossbeam_epoch::{Collector, Guard, LocalHandle};

fn collector() -> &'static Collector {
    static COLLECTOR: OnceLock<Collector> = OnceLock::new();
    COLLECTOR.get_or_init(Collector::new)
}

/// Enters: what other threads defer from now on does not run before the guard is gone. It may free what was deferred before.
#[inline]
pub(crate) fn pin() -> Guard {
    thread_local! {
        static HANDLE: LocalHandle = collector().register();
    }
    // A thread that ends may have given its handle back already, and takes one for this guard alone.
    HANDLE.try_with(LocalHandle::pin).unwrap_or_else(|_| collector().register().pin())
}
