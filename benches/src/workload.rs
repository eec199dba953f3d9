//! What is done to a map, operation by operation.

use std::hint::black_box;

use crate::faces::Face;
use crate::keys::{Key, Keys, probes};
use crate::timing::Sample;

/// An operation that is measured. Everything is counted per entry or per key; one step of churn is
/// a delete and an insert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Inserting all keys into a new map.
    Grow,
    /// Inserting all keys into a map that was made for as many.
    Hint,
    /// Looking up keys that are there.
    Hit,
    /// Looking up keys that are not.
    Miss,
    /// Walking over all entries.
    Iterate,
    /// Walking over all entries in Go's order.
    Range,
    /// Deleting the key that was inserted longest ago, and inserting another.
    Churn,
    /// Clearing the map and inserting all keys again.
    Refill,
    /// Looking up keys that are there, in batches if the map has them.
    Batch,
    /// Deleting all keys, one after the other.
    Delete,
}

impl Op {
    /// All, in the order in which they are measured.
    pub const ALL: [Op; 10] = [
        Op::Grow,
        Op::Hint,
        Op::Hit,
        Op::Miss,
        Op::Iterate,
        Op::Range,
        Op::Churn,
        Op::Refill,
        Op::Batch,
        Op::Delete,
    ];

    /// The name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Op::Grow => "grow",
            Op::Hint => "hint",
            Op::Hit => "hit",
            Op::Miss => "miss",
            Op::Iterate => "iterate",
            Op::Range => "range",
            Op::Churn => "churn",
            Op::Refill => "refill",
            Op::Batch => "batch",
            Op::Delete => "delete",
        }
    }
}

/// A face with its keys, and a map that holds them.
pub struct Workload<'k, K, F> {
    keys: &'k Keys<K>,
    map: F,
    /// Steps of churn so far.
    churned: usize,
}

impl<'k, K: Key, F: Face<K>> Workload<'k, K, F> {
    /// Fills a growing map with the keys.
    pub fn new(keys: &'k Keys<K>) -> Self {
        let mut map = F::new();
        fill(&mut map, keys.present());
        Workload {
            keys,
            map,
            churned: 0,
        }
    }

    /// Measures `op` once. Small maps are gone through as often as it takes for a sample of
    /// thousands of operations.
    pub fn measure(&mut self, op: Op) -> Sample {
        match op {
            Op::Grow => self.build(F::new),
            Op::Hint => self.build(|| F::with_capacity(self.keys.size)),
            Op::Hit => self.look_up(&self.keys.hits),
            Op::Miss => self.look_up(&self.keys.misses),
            Op::Iterate => self.walk(F::sum),
            Op::Range => self.walk(F::sum_in_go_order),
            Op::Churn => self.churn(),
            Op::Refill => self.refill(),
            Op::Batch => self.batch(),
            Op::Delete => self.delete(),
        }
    }

    fn repeats(&self) -> usize {
        probes(0).div_ceil(self.keys.size)
    }

    fn build(&self, make: impl Fn() -> F) -> Sample {
        let mut sample = Sample::default();
        for _ in 0..self.repeats() {
            let mut map = None;
            sample.time(self.keys.size, || {
                let map = map.insert(make());
                fill(map, self.keys.present());
                map.count() as u64
            });
        }
        sample
    }

    fn look_up(&self, probes: &[K]) -> Sample {
        let mut sample = Sample::default();
        sample.time(probes.len(), || {
            let mut sum = 0u64;
            for key in probes {
                if let Some(value) = self.map.get(key) {
                    sum = sum.wrapping_add(value);
                }
            }
            sum
        });
        sample
    }

    fn batch(&self) -> Sample {
        let mut sample = Sample::default();
        sample.time(self.keys.hits.len(), || self.map.get_many(&self.keys.hits));
        sample
    }

    fn walk(&self, sum: impl Fn(&F) -> u64) -> Sample {
        let mut sample = Sample::default();
        let repeats = self.repeats();
        sample.time(self.keys.size * repeats, || {
            (0..repeats).fold(0, |total: u64, _| {
                total.wrapping_add(sum(black_box(&self.map)))
            })
        });
        sample
    }

    /// The keys in the map are a window that moves around the universe. The first round is not
    /// timed: it brings the map to the state that it is in after many deletions.
    fn churn(&mut self) -> Sample {
        let steps = probes(self.keys.size);
        let mut sample = Sample::default();
        if self.churned == 0 {
            self.churn_steps(steps);
        }
        sample.time(steps, || self.churn_steps(steps));
        sample.sum = sample.sum.wrapping_add(self.map.sum());
        sample
    }

    fn churn_steps(&mut self, steps: usize) -> u64 {
        let universe = &self.keys.universe;
        let mut removed = 0;
        let mut oldest = self.churned % universe.len();
        let mut newest = (self.churned + self.keys.size) % universe.len();
        for _ in 0..steps {
            removed += u64::from(self.map.remove(&universe[oldest]));
            self.map.insert(&universe[newest], newest as u64 + 1);
            oldest = if oldest + 1 == universe.len() {
                0
            } else {
                oldest + 1
            };
            newest = if newest + 1 == universe.len() {
                0
            } else {
                newest + 1
            };
        }
        self.churned += steps;
        removed
    }

    fn refill(&mut self) -> Sample {
        let mut sample = Sample::default();
        let repeats = self.repeats();
        sample.time(self.keys.size * repeats, || {
            for _ in 0..repeats {
                self.map.clear();
                fill(&mut self.map, self.keys.present());
            }
            self.map.count() as u64
        });
        self.churned = 0;
        sample.sum = sample.sum.wrapping_add(self.map.sum());
        sample
    }

    fn delete(&self) -> Sample {
        let mut sample = Sample::default();
        for _ in 0..self.repeats() {
            let mut map = F::with_capacity(self.keys.size);
            fill(&mut map, self.keys.present());
            sample.time(self.keys.size, || remove(&mut map, self.keys.present()));
        }
        sample
    }
}

/// Removes the keys; how many there were.
#[inline(always)]
fn remove<K: Key, F: Face<K>>(map: &mut F, keys: &[K]) -> u64 {
    keys.iter()
        .fold(0, |removed, key| removed + u64::from(map.remove(key)))
}

/// Inserts the keys, each with its number, from 1 on, for its value.
#[inline(always)]
fn fill<K: Key, F: Face<K>>(map: &mut F, keys: &[K]) {
    for (key, value) in keys.iter().zip(1..) {
        map.insert(key, value);
    }
}
