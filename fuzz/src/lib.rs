//! What the targets share with the tests: compiled once for all of them.

#[path = "../../tests/common/mod.rs"]
pub mod common;
