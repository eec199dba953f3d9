//! Safe maps of Rust types, gomap's and those of other crates, with the hash that each has by
//! default.

use std::collections::HashMap;
use std::hash::Hash;

use gomap::Map;
use gomap::typed::{DefaultHashBuilder, SmallPages};

use super::Face;
use crate::keys::Key;

macro_rules! face {
    ($name:ident, $map:ty, $with_capacity:expr, $what:literal $(, $get_many:item)?) => {
        #[doc = $what]
        pub struct $name<K>($map);

        impl<K: Key + Eq + Hash> Face<K> for $name<K> {
            #[inline(always)]
            fn new() -> Self {
                $name(<$map>::default())
            }

            #[inline(always)]
            fn with_capacity(n: usize) -> Self {
                $name($with_capacity(n))
            }

            #[inline(always)]
            fn count(&self) -> usize {
                self.0.len()
            }

            #[inline(always)]
            fn insert(&mut self, key: &K, value: u64) {
                self.0.insert(*key, value);
            }

            #[inline(always)]
            fn get(&self, key: &K) -> Option<u64> {
                self.0.get(key).copied()
            }

            $($get_many)?

            #[inline(always)]
            fn remove(&mut self, key: &K) -> bool {
                self.0.remove(key).is_some()
            }

            #[inline(always)]
            fn clear(&mut self) {
                self.0.clear();
            }

            #[inline(always)]
            fn sum(&self) -> u64 {
                let words = self
                    .0
                    .iter()
                    .map(|(key, value)| key.word().wrapping_add(*value));
                words.fold(0, u64::wrapping_add)
            }
        }
    };
}

face!(
    Typed,
    Map<K, u64>,
    Map::with_capacity,
    "gomap's `Map`.",
    fn get_many(&self, keys: &[K]) -> u64 {
        let values = self.0.get_many(keys).flatten();
        values.fold(0, |sum, value| sum.wrapping_add(*value))
    }
);
face!(
    TypedSmall,
    Map<K, u64, DefaultHashBuilder, SmallPages>,
    |n| Map::with_capacity_in(n, SmallPages),
    "gomap's `Map`, without huge pages."
);
face!(
    Hashbrown,
    hashbrown::HashMap<K, u64>,
    hashbrown::HashMap::with_capacity,
    "hashbrown's map, with foldhash."
);
face!(
    Griddle,
    griddle::HashMap<K, u64>,
    griddle::HashMap::with_capacity,
    "griddle's map: hashbrown's table, grown step by step."
);
face!(
    Std,
    HashMap<K, u64>,
    HashMap::with_capacity,
    "The standard library's map, with SipHash."
);
