//! stub
use crate::engine::Wing;
/// stub
pub struct Condition<W: Wing> {
    engine: W::Condition,
}
