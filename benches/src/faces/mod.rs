//! Ways to use a map, all driven in the same way.

mod plain;
mod raw;

pub use plain::{Griddle, Hashbrown, Std, Typed, TypedSmall};
pub use raw::{Called, Default, Fast, Raw, use_heap};

use crate::keys::Key;

/// A map from `K` to `u64`.
pub trait Face<K: Key>: Sized {
    /// An empty map.
    fn new() -> Self;

    /// An empty map with room for `n` entries.
    fn with_capacity(n: usize) -> Self;

    /// Entries.
    fn count(&self) -> usize;

    /// Stores `value` under `key`.
    fn insert(&mut self, key: &K, value: u64);

    /// The value of `key`.
    fn get(&self, key: &K) -> Option<u64>;

    /// The sum of the values of those keys that are there, looked up in the way that suits many at
    /// once.
    #[inline(always)]
    fn get_many(&self, keys: &[K]) -> u64 {
        keys.iter()
            .filter_map(|key| self.get(key))
            .fold(0, u64::wrapping_add)
    }

    /// Removes `key`; says whether it was there.
    fn remove(&mut self, key: &K) -> bool;

    /// Removes all entries.
    fn clear(&mut self);

    /// The sum of all keys' words and all values, wrapping: a walk over the map.
    fn sum(&self) -> u64;

    /// The same by an iteration in Go's order, which the map may change under. Those without one
    /// walk as they can.
    #[inline(always)]
    fn sum_in_go_order(&self) -> u64 {
        self.sum()
    }
}
