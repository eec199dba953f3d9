//! Lookups of one key.

use core::hash::{BuildHasher, Hash};

use equivalent::Equivalent;

use super::shape::hash_of;
use super::{Map, Memory};
use crate::bucket::Cell;
use crate::raw::find::find;

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Map<K, V, S, A> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn find<Q>(&self, key: &Q) -> Option<Cell>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        if self.is_empty() {
            return None;
        }
        let hash = hash_of(&self.hash_builder, key);
        // SAFETY: the map is borrowed, and has buckets, whose keys are initialised.
        unsafe {
            find(self.shape(), self.table.h(), hash, |slot| {
                key.equivalent(&*slot.cast())
            })
        }
    }

    /// The value of a key.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let cell = self.find(key)?;
        // SAFETY: an entry of the map.
        Some(unsafe { &*self.shape().value_of(cell) })
    }

    /// The value of a key, to change.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let cell = self.find(key)?;
        // SAFETY: an entry of the map, which is borrowed mutably.
        Some(unsafe { &mut *self.shape().value_of(cell) })
    }

    /// The key that is stored, and its value.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn get_key_value<Q>(&self, key: &Q) -> Option<(&K, &V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let cell = self.find(key)?;
        let s = self.shape();
        // SAFETY: an entry of the map.
        Some(unsafe { (&*s.key_of(cell), &*s.value_of(cell)) })
    }

    /// The key that is stored, and its value, to change.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn get_key_value_mut<Q>(&mut self, key: &Q) -> Option<(&K, &mut V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let cell = self.find(key)?;
        let s = self.shape();
        // SAFETY: an entry of the map, which is borrowed mutably.
        Some(unsafe { (&*s.key_of(cell), &mut *s.value_of(cell)) })
    }

    /// Whether the map has a key.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.find(key).is_some()
    }
}
