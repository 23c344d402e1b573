//! stub
use crate::engine::Wing;
/// stub
pub struct Event<W: Wing> {
    engine: W::Event,
}
