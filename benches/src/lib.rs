//! The load that every map is measured under: keys, faces (ways to use a map), workloads.
//!
//! The workers of the peers in Go and C++ (`peers/`) do the same, with the same keys in the same
//! order.

pub mod faces;
pub mod floor;
pub mod keys;
pub mod latency;
pub mod memory;
pub mod timing;
pub mod workload;
