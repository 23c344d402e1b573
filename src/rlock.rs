//! stub
use crate::engine::Wing;
/// stub
pub struct RLock<T: ?Sized, W: Wing> {
    engine: W::Lock,
    value: T,
}
/// stub
pub struct RLockGuard<'a, T: ?Sized, W: Wing> {
    lock: &'a RLock<T, W>,
}
