//! stub
use crate::engine::Wing;
/// stub
pub struct Lock<T: ?Sized, W: Wing> {
    engine: W::Lock,
    value: crate::primitive::UnsafeCell<T>,
}
/// stub
pub struct LockGuard<'a, T: ?Sized, W: Wing> {
    lock: &'a Lock<T, W>,
}
/// stub
pub struct MappedLockGuard<'a, T: ?Sized, W: Wing> {
    lock: &'a W::Lock,
    value: &'a mut T,
}
