//! The guide: what to write, what to rely on, and why to believe it.
//!
//! | page | for whoever |
//! |---|---|
//! | [`from_python`] | ports a threaded Python program, call by call |
//! | [`choosing`] | asks which primitive is for which job, which wing, and how fast it is |
//! | [`races`] | would see races, deadlocks and the GIL happen, and be cured |
//! | [`hangs`] | has a program that stands still |
//! | [`promises`] | must know what holds: visibility, time, fairness, panics, shutdown |
//! | [`proof`] | asks how it is known to be right, and what is not known |

#[doc = include_str!("choosing.md")]
pub mod choosing {}

#[doc = include_str!("from_python.md")]
pub mod from_python {}

#[doc = include_str!("hangs.md")]
pub mod hangs {}

#[doc = include_str!("promises.md")]
pub mod promises {}

#[doc = include_str!("proof.md")]
pub mod proof {}

#[doc = include_str!("races.md")]
pub mod races {}
