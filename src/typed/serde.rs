//! Maps and sets in serde's formats: as maps and sequences.

use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::{Map, Memory, Set};

/// The most entries for which to reserve room because the input announces them.
const MOST_TRUSTED: usize = 4096;

fn trusted(size_hint: Option<usize>) -> usize {
    size_hint.unwrap_or(0).min(MOST_TRUSTED)
}

impl<K: Serialize, V: Serialize, S, A: Memory> Serialize for Map<K, V, S, A> {
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        serializer.collect_map(self)
    }
}

impl<T: Serialize, S, A: Memory> Serialize for Set<T, S, A> {
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de, K, V, S, A> Deserialize<'de> for Map<K, V, S, A>
where
    K: Deserialize<'de> + Eq + Hash,
    V: Deserialize<'de>,
    S: BuildHasher + Default,
    A: Memory + Default,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor(PhantomData))
    }
}

struct MapVisitor<K, V, S, A: Memory>(PhantomData<Map<K, V, S, A>>);

impl<'de, K, V, S, A> Visitor<'de> for MapVisitor<K, V, S, A>
where
    K: Deserialize<'de> + Eq + Hash,
    V: Deserialize<'de>,
    S: BuildHasher + Default,
    A: Memory + Default,
{
    type Value = Map<K, V, S, A>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut entries: M) -> Result<Self::Value, M::Error> {
        let capacity = trusted(entries.size_hint());
        let mut map = Map::with_capacity_and_hasher_in(capacity, S::default(), A::default());
        while let Some((key, value)) = entries.next_entry()? {
            map.insert(key, value);
        }
        Ok(map)
    }
}

impl<'de, T, S, A> Deserialize<'de> for Set<T, S, A>
where
    T: Deserialize<'de> + Eq + Hash,
    S: BuildHasher + Default,
    A: Memory + Default,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(SetVisitor(PhantomData))
    }
}

struct SetVisitor<T, S, A: Memory>(PhantomData<Set<T, S, A>>);

impl<'de, T, S, A> Visitor<'de> for SetVisitor<T, S, A>
where
    T: Deserialize<'de> + Eq + Hash,
    S: BuildHasher + Default,
    A: Memory + Default,
{
    type Value = Set<T, S, A>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<M: SeqAccess<'de>>(self, mut elements: M) -> Result<Self::Value, M::Error> {
        let capacity = trusted(elements.size_hint());
        let mut set = Set::with_capacity_and_hasher_in(capacity, S::default(), A::default());
        while let Some(element) = elements.next_element()? {
            set.insert(element);
        }
        Ok(set)
    }
}
