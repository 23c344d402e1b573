//! stub
use crate::engine::Wing;
/// stub
pub struct SimpleQueue<T, W: Wing> {
    engine: W::SimpleQueue<T>,
}
