//! How long each single insert takes while a map grows.

use std::hint::black_box;

use crate::faces::Face;
use crate::keys::splitmix;
use crate::timing::{ClockId, nanoseconds};

/// Bins of an octave.
const FINENESS: u32 = 32;

/// Durations in bins of a thirty-second of an octave. Bin `32 * e + m` begins at
/// `(32 + m) * 2^e / 32` nanoseconds.
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

/// Calls `work` with 0 to `size - 1`, and tells `seen` of each call how many nanoseconds it took,
/// one look at the clock included.
#[inline(always)]
fn one_by_one(
    size: usize,
    clock: ClockId,
    mut work: impl FnMut(u64),
    mut seen: impl FnMut(u64, u64),
) {
    let mut last = nanoseconds(clock);
    for i in 0..size as u64 {
        work(i);
        let now = nanoseconds(clock);
        seen(i, now - last);
        last = now;
    }
}

/// Inserts `size` keys into a new map.
pub fn latency<F: Face<u64>>(size: usize, clock: ClockId) -> (Histogram, F) {
    let mut map = F::new();
    let insert = |i| map.insert(&splitmix(i), i + 1);
    let histogram = histogram(size, clock, insert);
    (histogram, map)
}

/// What [`latency`] would be without a map: the looks at the clock, and what the machine does
/// meanwhile.
pub fn idle(size: usize, clock: ClockId) -> Histogram {
    histogram(size, clock, |i| {
        black_box(splitmix(i));
    })
}

fn histogram(size: usize, clock: ClockId, work: impl FnMut(u64)) -> Histogram {
    let mut histogram = Histogram::new();
    one_by_one(size, clock, work, |_, ns| histogram.add(ns));
    histogram
}

/// Inserts of a stretch.
const STRETCH: u64 = 10_000;

/// The worst insert that comes again, in nanoseconds, and the last map: of each stretch of inserts,
/// the least of its worst over `growths` growths; and the longest of these. What a machine does
/// meanwhile falls on another stretch each time; what a map does, and what it asks of the system,
/// on the same.
pub fn repeated<F: Face<u64>>(size: usize, growths: usize) -> (u64, F) {
    let mut least = vec![u64::MAX; size.div_ceil(STRETCH as usize)];
    let mut grow = || {
        let mut map = F::new();
        let mut worst = vec![0; least.len()];
        let insert = |i| map.insert(&splitmix(i), i + 1);
        one_by_one(size, ClockId::Monotonic, insert, |i, ns| {
            let worst = &mut worst[(i / STRETCH) as usize];
            *worst = ns.max(*worst);
        });
        for (least, worst) in least.iter_mut().zip(worst) {
            *least = worst.min(*least);
        }
        map
    };
    for _ in 1..growths {
        grow();
    }
    let map = grow();
    (least.into_iter().max().unwrap_or(0), map)
}
