//! The place of one key in a map.

use core::fmt;
use core::marker::PhantomData;
use core::mem;

use super::shape::unhashed;
use super::table::Table;
use crate::raw::delete::Found;

/// What [`Map::entry`](super::Map::entry) found: the entry of a key, or room for it.
pub enum Entry<'a, K, V> {
    /// The key is in the map.
    Occupied(OccupiedEntry<'a, K, V>),
    /// The key is not in the map.
    Vacant(VacantEntry<'a, K, V>),
}

/// An entry that is in the map.
pub struct OccupiedEntry<'a, K, V> {
    table: &'a mut Table,
    hash: usize,
    found: Found,
    entries: PhantomData<&'a mut (K, V)>,
}

/// Room for a key that is not in the map.
pub struct VacantEntry<'a, K, V> {
    /// The growth work for the hash has been done.
    table: &'a mut Table,
    hash: usize,
    key: K,
    entries: PhantomData<&'a mut (K, V)>,
}

// SAFETY: it is a mutable borrow of the map, and a place in the map's own memory.
unsafe impl<K: Send, V: Send> Send for OccupiedEntry<'_, K, V> {}
// SAFETY: as above; a shared entry only shows its key and value.
unsafe impl<K: Sync, V: Sync> Sync for OccupiedEntry<'_, K, V> {}

impl<'a, K, V> Entry<'a, K, V> {
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
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V> {
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

impl<K, V> Entry<'_, K, V> {
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

impl<'a, K, V> OccupiedEntry<'a, K, V> {
    #[inline]
    pub(super) fn new(table: &'a mut Table, hash: usize, found: Found) -> Self {
        OccupiedEntry {
            table,
            hash,
            found,
            entries: PhantomData,
        }
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
        let (key, value) = self.remove_entry();
        drop(key);
        value
    }

    /// Removes the entry, and returns its key and its value.
    #[inline]
    pub fn remove_entry(self) -> (K, V) {
        // SAFETY: the map was borrowed by this entry, and has not changed.
        unsafe { self.table.take_entry(self.found) }
    }
}

impl<'a, K, V> OccupiedEntry<'a, K, V> {
    /// Replaces the value by what `f` makes of it; removes the entry where that is `None`, or if `f` panics.
    pub fn replace_entry_with<F>(self, f: F) -> Entry<'a, K, V>
    where
        F: FnOnce(&K, V) -> Option<V>,
    {
        let OccupiedEntry {
            table, hash, found, ..
        } = self;
        // SAFETY: the map has not changed since the entry was found.
        let (key, value): (K, V) = unsafe { table.take_entry(found) };
        let value = f(&key, value);
        let vacant = VacantEntry::new(table, hash, key);
        match value {
            Some(value) => Entry::Occupied(vacant.insert_entry(value)),
            None => Entry::Vacant(vacant),
        }
    }
}

impl<'a, K, V> VacantEntry<'a, K, V> {
    #[inline]
    pub(super) fn new(table: &'a mut Table, hash: usize, key: K) -> Self {
        VacantEntry {
            table,
            hash,
            key,
            entries: PhantomData,
        }
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

impl<'a, K, V> VacantEntry<'a, K, V> {
    /// Stores the key with this value.
    #[inline]
    pub fn insert(self, value: V) -> &'a mut V {
        self.insert_entry(value).into_mut()
    }

    /// Stores the key with this value, and returns the entry.
    #[inline]
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V> {
        let VacantEntry {
            table, hash, key, ..
        } = self;
        // SAFETY: the hash of the key, which is not in the map and for which the growth work has been done.
        let found = unsafe { table.insert_new(hash, key, value) };
        OccupiedEntry::new(table, hash, found)
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Entry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Occupied(entry) => f.debug_tuple("Entry").field(entry).finish(),
            Entry::Vacant(entry) => f.debug_tuple("Entry").field(entry).finish(),
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for OccupiedEntry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedEntry")
            .field("key", self.key())
            .field("value", self.get())
            .finish_non_exhaustive()
    }
}

impl<K: fmt::Debug, V> fmt::Debug for VacantEntry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VacantEntry").field(self.key()).finish()
    }
}
