//! stub
use crate::engine::Wing;
/// stub
pub struct Barrier<W: Wing> {
    engine: W::Barrier,
}
