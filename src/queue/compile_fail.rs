//! What must not compile, each case beside a twin that does: so it is the one difference that is refused.
//!
//! A queue whose items cannot be sent cannot be shared between threads.
//!
//! ```
//! let queue = nogil::Queue::unbounded();
//! queue.put(std::sync::Arc::new(1)).unwrap();
//! std::thread::scope(|scope| {
//!     scope.spawn(|| queue.get());
//! });
//! ```
//!
//! ```compile_fail,E0277
//! let queue = nogil::Queue::unbounded();
//! queue.put(std::rc::Rc::new(1)).unwrap();
//! std::thread::scope(|scope| {
//!     scope.spawn(|| queue.get());
//! });
//! ```
//!
//! ```
//! let queue = nogil::SimpleQueue::new();
//! queue.put(std::sync::Arc::new(1));
//! std::thread::scope(|scope| {
//!     scope.spawn(|| queue.get());
//! });
//! ```
//!
//! ```compile_fail,E0277
//! let queue = nogil::SimpleQueue::new();
//! queue.put(std::rc::Rc::new(1));
//! std::thread::scope(|scope| {
//!     scope.spawn(|| queue.get());
//! });
//! ```
//!
//! Nor in code that is generic over the wing.
//!
//! ```
//! fn shared<T: Sync>() {}
//! fn any<W: nogil::Wing>() {
//!     shared::<nogil::generic::LifoQueue<i32, W>>();
//! }
//! ```
//!
//! ```compile_fail,E0277
//! fn shared<T: Sync>() {}
//! fn any<W: nogil::Wing>() {
//!     shared::<nogil::generic::LifoQueue<*const i32, W>>();
//! }
//! ```
//!
//! A task does not outlive its queue.
//!
//! ```
//! let queue = nogil::Queue::from_iter([1]);
//! let task = queue.get_task().unwrap();
//! drop(task);
//! drop(queue);
//! ```
//!
//! ```compile_fail,E0505
//! let queue = nogil::Queue::from_iter([1]);
//! let task = queue.get_task().unwrap();
//! drop(queue);
//! drop(task);
//! ```
//!
//! Unless it owns it.
//!
//! ```
//! # use std::sync::Arc;
//! let queue = Arc::new(nogil::Queue::from_iter([1]));
//! let task = queue.get_task().unwrap().into_owned(&queue);
//! drop(queue);
//! drop(task);
//! ```
//!
//! ```compile_fail,E0505
//! # use std::sync::Arc;
//! let queue = Arc::new(nogil::Queue::from_iter([1]));
//! let task = queue.get_task().unwrap();
//! drop(queue);
//! drop(task);
//! ```
//!
//! One that owns its queue is sent as its item is.
//!
//! ```
//! # use std::sync::Arc;
//! let queue = Arc::new(nogil::Queue::from_iter([std::cell::Cell::new(1)]));
//! let task = queue.get_task().unwrap().into_owned(&queue);
//! std::thread::spawn(move || drop(task));
//! ```
//!
//! ```compile_fail,E0277
//! # use std::sync::Arc;
//! let queue = Arc::new(nogil::Queue::from_iter([std::rc::Rc::new(1)]));
//! let task = queue.get_task().unwrap().into_owned(&queue);
//! std::thread::spawn(move || drop(task));
//! ```
//!
//! A priority queue holds what has an order.
//!
//! ```
//! fn hold(_: &nogil::PriorityQueue<u32>) {}
//! ```
//!
//! ```compile_fail,E0277
//! fn hold(_: &nogil::PriorityQueue<f32>) {}
//! ```
//!
//! Nobody gives an order of this crate another engine, not for a type of their own either.
//!
//! ```
//! use nogil::queue::{Fifo, Order};
//! struct Mine;
//! type Engine = <Fifo as Order<Mine, nogil::Locked>>::Engine;
//! ```
//!
//! ```compile_fail,E0277
//! use nogil::queue::{Fifo, Order, Priority};
//! struct Mine;
//! impl Order<Mine, nogil::Locked> for Priority {
//!     const NAME: &'static str = "mine";
//!     type Engine = <Fifo as Order<Mine, nogil::Locked>>::Engine;
//! }
//! ```
