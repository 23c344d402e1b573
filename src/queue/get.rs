//! Taking items out.

use std::time::{Duration, Instant};

use super::{Order, Queue};
use crate::deadline::Deadline;
use crate::engine::{RawQueue, Wing};
use crate::error::{ShutDown, TryGetError};

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// Gets.
    pub fn get(&self) -> Result<T, ShutDown> {
        self.engine.get(Deadline::Never).map_err(shut_down)
    }

    /// Gets.
    #[doc(alias = "get_nowait")]
    pub fn try_get(&self) -> Result<T, TryGetError> {
        self.engine.get(Deadline::Now)
    }

    /// Gets.
    pub fn get_timeout(&self, timeout: Duration) -> Result<T, TryGetError> {
        self.engine.get(Deadline::after(timeout))
    }

    /// Gets.
    pub fn get_deadline(&self, deadline: Instant) -> Result<T, TryGetError> {
        self.engine.get(Deadline::At(deadline))
    }

    /// Gets.
    pub fn get_many(&self, max: usize) -> Result<Vec<T>, ShutDown> {
        self.take_many(max, Deadline::Never).map_err(shut_down)
    }

    /// Gets.
    pub fn try_get_many(&self, max: usize) -> Result<Vec<T>, TryGetError> {
        self.take_many(max, Deadline::Now)
    }

    /// Gets.
    pub fn get_many_timeout(&self, max: usize, timeout: Duration) -> Result<Vec<T>, TryGetError> {
        self.take_many(max, Deadline::after(timeout))
    }

    /// Gets.
    pub fn get_many_deadline(&self, max: usize, deadline: Instant) -> Result<Vec<T>, TryGetError> {
        self.take_many(max, Deadline::At(deadline))
    }

    /// One body for all forms that get many.
    fn take_many(&self, max: usize, deadline: Deadline) -> Result<Vec<T>, TryGetError> {
        if max == 0 { Ok(Vec::new()) } else { self.engine.get_many(max, deadline) }
    }
}

/// What a refusal means where there was no deadline, and the queue cannot have stayed empty.
pub(super) fn shut_down(_: TryGetError) -> ShutDown {
    ShutDown(())
}
