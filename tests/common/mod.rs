//! What the tests of the raw map share: a heap that watches, values that count, callbacks that fail
//! on purpose, and a map that is compared with a model after every step.
#![allow(dead_code, reason = "no test needs everything")]

pub mod batch;
pub mod faults;
pub mod fuzz;
pub mod heap;
pub mod iterators;
pub mod keys;
pub mod kinds;
pub mod liar;
pub mod model;
pub mod ops;
pub mod scan;
pub mod subject;
pub mod tokens;
