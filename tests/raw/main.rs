//! The raw map, tried and proved.

#[path = "../common/mod.rs"]
mod common;
mod dbg;
mod faults;
mod random;
