//! The raw map, tried and proved.

#[path = "../common/mod.rs"]
mod common;
mod random;
