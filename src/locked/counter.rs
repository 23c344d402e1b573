//! A counter under a mutex. Nobody ever waits for it.

use crate::engine::RawCounter;
use crate::primitive::{Mutex, const_unless_model};

pub struct Engine(Mutex<i64>);

impl Engine {
    const_unless_model! {
        pub const fn new(value: i64) -> Self {
            Self(Mutex::new(value))
        }
    }

    fn update(&self, next: impl FnOnce(i64) -> Option<i64>) -> Option<i64> {
        let mut value = self.0.lock();
        let previous = *value;
        *value = next(previous)?;
        Some(previous)
    }
}

impl RawCounter for Engine {
    fn new(value: i64) -> Self {
        Self::new(value)
    }

    fn fetch_add(&self, n: i64) -> Option<i64> {
        self.update(|value| value.checked_add(n))
    }

    fn fetch_sub(&self, n: i64) -> Option<i64> {
        self.update(|value| value.checked_sub(n))
    }

    fn swap(&self, value: i64) -> i64 {
        std::mem::replace(&mut *self.0.lock(), value)
    }

    fn get(&self) -> i64 {
        *self.0.lock()
    }

    fn snapshot(&self) -> Option<i64> {
        self.0.try_lock().map(|value| *value)
    }
}
