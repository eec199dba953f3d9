//! The place of one key in a map.

use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::mem;

use super::shape::unhashed;
use super::{DefaultHashBuilder, Map};
use crate::raw::delete::Found;

/// What [`Map::entry`] found: the entry of a key, or room for it.
pub enum Entry<'a, K, V, S = DefaultHashBuilder> {
    /// The key is in the map.
    Occupied(OccupiedEntry<'a, K, V, S>),
    /// The key is not in the map.
    Vacant(VacantEntry<'a, K, V, S>),
}

/// An entry that is in the map.
pub struct OccupiedEntry<'a, K, V, S = DefaultHashBuilder> {
    map: &'a mut Map<K, V, S>,
    hash: usize,
    found: Found,
}

/// Room for a key that is not in the map.
pub struct VacantEntry<'a, K, V, S = DefaultHashBuilder> {
    map: &'a mut Map<K, V, S>,
    hash: usize,
    key: K,
}

// SAFETY: it is a mutable borrow of the map, and a place in the map's own memory.
unsafe impl<K: Send, V: Send, S: Send> Send for OccupiedEntry<'_, K, V, S> {}
// SAFETY: as above; a shared entry only shows its key and value.
unsafe impl<K: Sync, V: Sync, S: Sync> Sync for OccupiedEntry<'_, K, V, S> {}

impl<'a, K: Hash + Eq, V, S: BuildHasher> Entry<'a, K, V, S> {
    /// The value, `default` if there was none.
    #[inline]
    pub fn or_insert(self, default: V) -> &'a mut V {
        match self {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(default),
        }
    }

    /// The value, what `default` returns if there was none.
    #[inline]
    pub fn or_insert_with<F: FnOnce() -> V>(self, default: F) -> &'a mut V {
        match self {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(default()),
        }
    }

    /// The value, what `default` makes of the key if there was none.
    #[inline]
    pub fn or_insert_with_key<F: FnOnce(&K) -> V>(self, default: F) -> &'a mut V {
        match self {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let value = default(entry.key());
                entry.insert(value)
            }
        }
    }

    /// The value, the type's default if there was none.
    #[inline]
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Stores a value, whatever was there, and returns the entry.
    #[inline]
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V, S> {
        match self {
            Entry::Occupied(mut entry) => {
                entry.insert(value);
                entry
            }
            Entry::Vacant(entry) => entry.insert_entry(value),
        }
    }

    /// Replaces or removes the entry, if there is one: see [`OccupiedEntry::replace_entry_with`].
    #[inline]
    pub fn and_replace_entry_with<F>(self, f: F) -> Self
    where
        F: FnOnce(&K, V) -> Option<V>,
    {
        match self {
            Entry::Occupied(entry) => entry.replace_entry_with(f),
            Entry::Vacant(_) => self,
        }
    }
}

impl<K, V, S> Entry<'_, K, V, S> {
    /// The key: the stored one if there is one, else the one that was asked for.
    #[inline]
    pub fn key(&self) -> &K {
        match self {
            Entry::Occupied(entry) => entry.key(),
            Entry::Vacant(entry) => entry.key(),
        }
    }

    /// Changes the value if there is one.
    #[inline]
    pub fn and_modify<F: FnOnce(&mut V)>(mut self, f: F) -> Self {
        if let Entry::Occupied(entry) = &mut self {
            f(entry.get_mut());
        }
        self
    }
}

impl<'a, K, V, S> OccupiedEntry<'a, K, V, S> {
    #[inline]
    pub(super) fn new(map: &'a mut Map<K, V, S>, hash: usize, found: Found) -> Self {
        OccupiedEntry { map, hash, found }
    }

    /// The stored key.
    #[inline]
    pub fn key(&self) -> &K {
        // SAFETY: an entry of the map, which is borrowed.
        unsafe { &*unhashed::<K, V>().key_of(self.found.cell) }
    }

    /// The value.
    #[inline]
    pub fn get(&self) -> &V {
        // SAFETY: an entry of the map, which is borrowed.
        unsafe { &*unhashed::<K, V>().value_of(self.found.cell) }
    }

    /// The value, to change, for as long as the entry lives.
    #[inline]
    pub fn get_mut(&mut self) -> &mut V {
        // SAFETY: an entry of the map, which is borrowed mutably.
        unsafe { &mut *unhashed::<K, V>().value_of(self.found.cell) }
    }

    /// The value, to change, for as long as the map is borrowed.
    #[inline]
    pub fn into_mut(self) -> &'a mut V {
        // SAFETY: an entry of the map, which is borrowed mutably that long.
        unsafe { &mut *unhashed::<K, V>().value_of(self.found.cell) }
    }

    /// The stored key, for as long as the map is borrowed.
    #[inline]
    pub(super) fn into_key(self) -> &'a K {
        // SAFETY: an entry of the map, which is borrowed that long.
        unsafe { &*unhashed::<K, V>().key_of(self.found.cell) }
    }

    /// Replaces the value, and returns the one before.
    #[inline]
    pub fn insert(&mut self, value: V) -> V {
        mem::replace(self.get_mut(), value)
    }

    /// Removes the entry, and returns its value.
    #[inline]
    pub fn remove(self) -> V {
        self.remove_entry().1
    }

    /// Removes the entry, and returns its key and its value.
    #[inline]
    pub fn remove_entry(self) -> (K, V) {
        // SAFETY: the map was borrowed by this entry, and has not changed.
        unsafe { self.map.take_entry(self.found) }
    }
}

impl<'a, K: Hash + Eq, V, S: BuildHasher> OccupiedEntry<'a, K, V, S> {
    /// Replaces the value by what `f` makes of it; removes the entry where that is `None`, or if `f` panics.
    pub fn replace_entry_with<F>(self, f: F) -> Entry<'a, K, V, S>
    where
        F: FnOnce(&K, V) -> Option<V>,
    {
        let OccupiedEntry { map, hash, found } = self;
        // SAFETY: the map has not changed since the entry was found, under this hash.
        unsafe {
            let (key, value) = map.take_entry(found);
            match f(&key, value) {
                Some(value) => {
                    let found = map.insert_new(hash, key, value);
                    Entry::Occupied(OccupiedEntry { map, hash, found })
                }
                None => Entry::Vacant(VacantEntry { map, hash, key }),
            }
        }
    }
}

impl<'a, K, V, S> VacantEntry<'a, K, V, S> {
    #[inline]
    pub(super) fn new(map: &'a mut Map<K, V, S>, hash: usize, key: K) -> Self {
        VacantEntry { map, hash, key }
    }

    /// The key that was asked for.
    #[inline]
    pub fn key(&self) -> &K {
        &self.key
    }

    /// Takes the key back.
    #[inline]
    pub fn into_key(self) -> K {
        self.key
    }
}

impl<'a, K: Hash + Eq, V, S: BuildHasher> VacantEntry<'a, K, V, S> {
    /// Stores the key with this value.
    #[inline]
    pub fn insert(self, value: V) -> &'a mut V {
        self.insert_entry(value).into_mut()
    }

    /// Stores the key with this value, and returns the entry.
    #[inline]
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V, S> {
        let VacantEntry { map, hash, key } = self;
        // SAFETY: the hash of the key, which is not in the map.
        let found = unsafe { map.insert_new(hash, key, value) };
        OccupiedEntry { map, hash, found }
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for Entry<'_, K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Occupied(entry) => f.debug_tuple("Entry").field(entry).finish(),
            Entry::Vacant(entry) => f.debug_tuple("Entry").field(entry).finish(),
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for OccupiedEntry<'_, K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedEntry")
            .field("key", self.key())
            .field("value", self.get())
            .finish_non_exhaustive()
    }
}

impl<K: fmt::Debug, V, S> fmt::Debug for VacantEntry<'_, K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VacantEntry").field(self.key()).finish()
    }
}
