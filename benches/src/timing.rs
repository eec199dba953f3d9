//! The fence around what is timed.

use std::hint::black_box;

use rustix::time::clock_gettime;

pub use rustix::time::ClockId;

/// So many operations are timed by the time that the thread ran, which leaves out what else the
/// machine does meanwhile. Fewer are timed by the wall clock: it is read in a fraction of the time.
const FEW: usize = 1000;

/// What a clock shows.
#[inline(always)]
pub fn nanoseconds(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

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
        let clock = if ops < FEW {
            ClockId::Monotonic
        } else {
            ClockId::ThreadCPUTime
        };
        let start = nanoseconds(clock);
        let sum = measured(work);
        self.ns += nanoseconds(clock) - start;
        self.ops += ops as u64;
        self.sum = self.sum.wrapping_add(sum);
    }
}

/// A separate function, so that nothing moves across the clock, and that instruction counts can be
/// confined to it.
#[inline(never)]
fn measured(work: impl FnOnce() -> u64) -> u64 {
    black_box(black_box(work)())
}
