//! stub
/// stub
pub struct Timer;
