//! The fence around what is timed.

use std::hint::black_box;
use std::time::Instant;

/// What was measured: so many operations took so many nanoseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sample {
    pub ops: u64,
    pub ns: u64,
    /// What every peer must agree on.
    pub sum: u64,
}

impl Sample {
    /// Times `work`, which does `ops` operations and returns a checksum, and adds it up.
    pub fn time(&mut self, ops: usize, work: impl FnOnce() -> u64) {
        let start = Instant::now();
        let sum = measured(work);
        self.ns += start.elapsed().as_nanos() as u64;
        self.ops += ops as u64;
        self.sum = self.sum.wrapping_add(sum);
    }
}

/// A function of its own, so that nothing moves across the clock, and that instruction counts can be confined to it.
#[inline(never)]
fn measured(work: impl FnOnce() -> u64) -> u64 {
    black_box(black_box(work)())
}
