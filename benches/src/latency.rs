//! How long each single insert takes while a map grows.

use crate::faces::Face;
use crate::keys::splitmix;
use crate::timing::{ClockId, nanoseconds};

/// Bins of an octave.
const FINENESS: u32 = 32;

/// Durations in bins of a thirty-second of an octave. Bin `32 * e + m` begins at `(32 + m) * 2^e / 32` nanoseconds.
pub struct Histogram {
    /// Inserts of each bin.
    pub bins: Vec<u64>,
    /// The longest, in nanoseconds.
    pub worst: u64,
}

impl Histogram {
    fn new() -> Histogram {
        Histogram {
            bins: vec![0; (u64::BITS * FINENESS) as usize],
            worst: 0,
        }
    }

    #[inline(always)]
    fn add(&mut self, ns: u64) {
        let octave = (ns | 1).ilog2();
        let within = ((ns as u128) << FINENESS.ilog2() >> octave) as u32 & (FINENESS - 1);
        self.bins[(octave * FINENESS + within) as usize] += 1;
        self.worst = self.worst.max(ns);
    }
}

/// Inserts `size` keys into a new map. Each insert's time includes one look at the clock.
pub fn latency<F: Face<u64>>(size: usize, clock: ClockId) -> (Histogram, F) {
    let mut histogram = Histogram::new();
    let mut map = F::new();
    let mut last = nanoseconds(clock);
    for i in 0..size as u64 {
        map.insert(&splitmix(i), i + 1);
        let now = nanoseconds(clock);
        histogram.add(now - last);
        last = now;
    }
    (histogram, map)
}
