//! Looking into a map.

mod anatomy;
mod check;

pub use anatomy::{Anatomy, Bytes, Growth, anatomy};
pub use check::{Broken, Invariant, check};
