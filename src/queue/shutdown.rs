//! The end of a queue.

use super::{Order, Queue};
use crate::engine::{RawQueue, Wing};

impl<T, W: Wing, O: Order<T, W>> Queue<T, W, O> {
    /// Shuts down.
    pub fn shutdown(&self) {
        self.engine.shut_down();
    }

    /// Shuts down.
    pub fn shutdown_now(&self) -> Vec<T> {
        self.engine.shut_down_now()
    }

    /// Whether.
    pub fn is_shut_down(&self) -> bool {
        self.engine.is_shut_down()
    }
}
