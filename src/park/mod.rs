//! How a thread of the atomic wing sleeps and is woken. Knows no primitive.
//!
//! [`word`] is an address to wait at, for primitives whose state fits one word and for which it does not matter which waiter
//! is woken. [`list`] is a list of waiters in order of arrival, for what needs an exact, targeted wake-up; [`attempts`] is one of waiters
//! for whom others do what they wait to do. None ever touches the thread's own `park` token, which belongs to the program.

pub(crate) mod attempts;
pub(crate) mod list;
pub(crate) mod word;
