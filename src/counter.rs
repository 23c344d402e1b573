//! stub
use crate::engine::Wing;
/// stub
pub struct Counter<W: Wing> {
    engine: W::Counter,
}
