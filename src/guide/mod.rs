//! The guide: for whoever comes from Python.

#[doc = include_str!("from_python.md")]
pub mod from_python {}
