//! stub
mod order;
use crate::engine::Wing;
use crate::locked::Locked;
pub use order::{Fifo, Lifo, Order, Priority};
/// stub
pub struct Queue<T, W: Wing, O: Order<T, W> = Fifo> {
    engine: O::Engine,
    marker: std::marker::PhantomData<(T, W)>,
}
/// stub
pub type LifoQueue<T, W> = Queue<T, W, Lifo>;
/// stub
pub type PriorityQueue<T> = Queue<T, Locked, Priority>;
/// stub
pub struct Iter;
/// stub
pub struct TryIter;
/// stub
pub struct Task;
