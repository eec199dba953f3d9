//! The raw map, tried and proved.

#[path = "../common/mod.rs"]
mod common;
mod faults;
mod lies;
mod random;
