//! Looking into a map.

mod check;

pub use check::{Broken, Invariant, check};
