//! The raw map, tried and proved.

mod bytes;
#[path = "../common/mod.rs"]
mod common;
mod faults;
mod glue;
mod layout;
mod lies;
mod memory;
mod misuse;
mod random;
mod shortage;
mod sizes;
mod structs;
mod walk;
