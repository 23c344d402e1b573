//! Putting items in.

use std::time::{Duration, Instant};

use super::{Order, Queue};
use crate::deadline::Deadline;
use crate::engine::{RawQueue, Wing};
use crate::error::{ShutDown, TryPutError};

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// Puts.
    pub fn put(&self, item: T) -> Result<(), ShutDown<T>> {
        self.engine.put(item, Deadline::Never).map_err(shut_down)
    }

    /// Puts.
    #[doc(alias = "put_nowait")]
    pub fn try_put(&self, item: T) -> Result<(), TryPutError<T>> {
        self.engine.put(item, Deadline::Now)
    }

    /// Puts.
    pub fn put_timeout(&self, item: T, timeout: Duration) -> Result<(), TryPutError<T>> {
        self.engine.put(item, Deadline::after(timeout))
    }

    /// Puts.
    pub fn put_deadline(&self, item: T, deadline: Instant) -> Result<(), TryPutError<T>> {
        self.engine.put(item, Deadline::At(deadline))
    }

    /// Puts.
    pub fn put_many(&self, items: impl IntoIterator<Item = T>) -> Result<(), ShutDown<Vec<T>>> {
        self.put_all(Vec::from_iter(items), Deadline::Never).map_err(shut_down)
    }

    /// Puts.
    pub fn try_put_many(&self, items: impl IntoIterator<Item = T>) -> Result<(), TryPutError<Vec<T>>> {
        self.put_all(Vec::from_iter(items), Deadline::Now)
    }

    /// Puts.
    pub fn put_many_timeout(
        &self,
        items: impl IntoIterator<Item = T>,
        timeout: Duration,
    ) -> Result<(), TryPutError<Vec<T>>> {
        self.put_all(Vec::from_iter(items), Deadline::after(timeout))
    }

    /// Puts.
    pub fn put_many_deadline(
        &self,
        items: impl IntoIterator<Item = T>,
        deadline: Instant,
    ) -> Result<(), TryPutError<Vec<T>>> {
        self.put_all(Vec::from_iter(items), Deadline::At(deadline))
    }

    /// One body for all forms that put many. The caller has collected the items, and only then looked at the clock.
    fn put_all(&self, items: Vec<T>, deadline: Deadline) -> Result<(), TryPutError<Vec<T>>> {
        let mut items = items.into_iter();
        self.engine.put_many(&mut items, deadline).map_err(|refusal| refusal.map(|()| items.collect()))
    }
}

/// What a refusal means where there was no deadline, and the queue cannot have stayed full.
fn shut_down<T>(refusal: TryPutError<T>) -> ShutDown<T> {
    ShutDown(refusal.into_inner())
}
