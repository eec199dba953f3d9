//! The place of one key in a map.

use core::fmt;
use core::marker::PhantomData;
use core::mem;

use super::shape::{Described, unhashed};
use super::table::Table;
use super::{InsertError, Memory, SystemHeap};
use crate::heap;
use crate::raw::delete::Found;

/// What [`Map::entry`](super::Map::entry) found: the entry of a key, or room for it.
pub enum Entry<'a, K, V, A: Memory = SystemHeap> {
    /// The key is in the map.
    Occupied(OccupiedEntry<'a, K, V, A>),
    /// The key is not in the map.
    Vacant(VacantEntry<'a, K, V, A>),
}

/// An entry that is in the map.
pub struct OccupiedEntry<'a, K, V, A: Memory = SystemHeap> {
    place: Place<'a, K, V, A>,
    found: Found,
}

/// Room for a key that is not in the map.
pub struct VacantEntry<'a, K, V, A: Memory = SystemHeap> {
    place: Place<'a, K, V, A>,
    key: K,
}

/// Where a key is, or would be.
pub(super) struct Place<'a, K, V, A: Memory> {
    /// The growth work for the hash has been done.
    table: &'a mut Table<A>,
    hash: usize,
    /// Whether the growth that a new entry calls for has begun, if it calls for one.
    room: bool,
    entries: PhantomData<&'a mut (K, V)>,
}

impl<'a, K, V, A: Memory> Place<'a, K, V, A> {
    #[inline]
    pub(super) fn new(table: &'a mut Table<A>, hash: usize, room: bool) -> Self {
        Place {
            table,
            hash,
            room,
            entries: PhantomData,
        }
    }

    /// Stores an entry.
    ///
    /// # Safety
    /// `key` has the hash of this place, and is not in the map.
    #[inline]
    pub(super) unsafe fn fill(self, key: K, value: V) -> OccupiedEntry<'a, K, V, A> {
        // SAFETY: a key that is not in the map, with this hash (caller).
        match unsafe { self.try_fill(key, value) } {
            Ok(entry) => entry,
            Err(_) => heap::out_of_memory(Described::<K, V>::MAP),
        }
    }

    /// [`Place::fill`], with an error instead of the program's end.
    ///
    /// # Errors
    /// There is no memory; the entry comes back.
    ///
    /// # Safety
    /// As [`Place::fill`].
    #[inline]
    pub(super) unsafe fn try_fill(
        self,
        key: K,
        value: V,
    ) -> Result<OccupiedEntry<'a, K, V, A>, (K, V)> {
        if !self.room {
            return Err((key, value));
        }
        // SAFETY: a key that is not in the map, with this hash, for which the growth work has been
        // done.
        let found = unsafe { self.table.insert_new(self.hash, key, value)? };
        Ok(OccupiedEntry::new(self, found))
    }
}

// SAFETY: it is a mutable borrow of the map, and a place in the map's own memory.
unsafe impl<K: Send, V: Send, A: Memory + Send> Send for OccupiedEntry<'_, K, V, A> {}
// SAFETY: as above; a shared entry only shows its key and value.
unsafe impl<K: Sync, V: Sync, A: Memory + Sync> Sync for OccupiedEntry<'_, K, V, A> {}

/// The methods that [`Entry`] and [`EntryRef`](super::EntryRef) share. `$key` is what was asked for.
macro_rules! shared_methods {
    ($name:ident, $key:ty) => {
        /// The value, `default` if there was none.
        #[inline]
        pub fn or_insert(self, default: V) -> &'a mut V {
            match self {
                $name::Occupied(entry) => entry.into_mut(),
                $name::Vacant(entry) => entry.insert(default),
            }
        }

        /// [`or_insert`](Self::or_insert), with an error instead of the program's end.
        ///
        /// # Errors
        /// There was no value, and there is no memory for another entry.
        #[inline]
        pub fn or_insert_fallible(self, default: V) -> Result<&'a mut V, InsertError<K, V>> {
            match self {
                $name::Occupied(entry) => Ok(entry.into_mut()),
                $name::Vacant(entry) => entry.insert_fallible(default),
            }
        }

        /// The value, what `default` returns if there was none.
        #[inline]
        pub fn or_insert_with<F: FnOnce() -> V>(self, default: F) -> &'a mut V {
            match self {
                $name::Occupied(entry) => entry.into_mut(),
                $name::Vacant(entry) => entry.insert(default()),
            }
        }

        /// The value, what `default` makes of the key if there was none.
        #[inline]
        pub fn or_insert_with_key<F: FnOnce(&$key) -> V>(self, default: F) -> &'a mut V {
            match self {
                $name::Occupied(entry) => entry.into_mut(),
                $name::Vacant(entry) => {
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

        /// The entry, with the value `default` if there was none.
        #[inline]
        pub fn or_insert_entry(self, default: V) -> OccupiedEntry<'a, K, V, A> {
            match self {
                $name::Occupied(entry) => entry,
                $name::Vacant(entry) => entry.insert_entry(default),
            }
        }

        /// Stores a value, whatever was there, and returns the entry: hashbrown's name for
        /// `insert_entry`.
        #[inline]
        pub fn insert(self, value: V) -> OccupiedEntry<'a, K, V, A> {
            self.insert_entry(value)
        }

        /// Stores a value, whatever was there, and returns the entry.
        #[inline]
        pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V, A> {
            match self {
                $name::Occupied(mut entry) => {
                    entry.insert(value);
                    entry
                }
                $name::Vacant(entry) => entry.insert_entry(value),
            }
        }
    };
}
pub(super) use shared_methods;

impl<'a, K, V, A: Memory> Entry<'a, K, V, A> {
    shared_methods!(Entry, K);

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

impl<K, V, A: Memory> Entry<'_, K, V, A> {
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

impl<'a, K, V, A: Memory> OccupiedEntry<'a, K, V, A> {
    #[inline]
    pub(super) fn new(place: Place<'a, K, V, A>, found: Found) -> Self {
        OccupiedEntry { place, found }
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

    /// The stored key, and the value, to change, for as long as the map is borrowed.
    #[inline]
    pub fn into_entry(self) -> (&'a K, &'a mut V) {
        let s = unhashed::<K, V>();
        // SAFETY: `found` is an entry of the map, which is borrowed mutably that long.
        unsafe {
            (
                &*s.key_of(self.found.cell),
                &mut *s.value_of(self.found.cell),
            )
        }
    }

    /// Stores an equal key in place of the one that is there, and returns that.
    ///
    /// # Panics
    /// If the keys are not equal. The entry is as it was.
    pub fn replace_key(&mut self, key: K) -> K
    where
        K: Eq,
    {
        assert!(
            *self.key() == key,
            "the new key is not equal to the one in the map"
        );
        // SAFETY: `found` is an entry of the map, which is borrowed mutably.
        mem::replace(
            unsafe { &mut *unhashed::<K, V>().key_of(self.found.cell) },
            key,
        )
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
        unsafe { self.place.table.take_entry(self.found) }
    }

    /// Replaces the value by what `f` makes of it; removes the entry where that is `None`, or if `f` panics.
    ///
    /// The entry stays the same one: a [`Cursor`](super::Cursor) on its way visits it once.
    pub fn replace_entry_with<F>(self, f: F) -> Entry<'a, K, V, A>
    where
        F: FnOnce(&K, V) -> Option<V>,
    {
        let OccupiedEntry { place, found } = self;
        // SAFETY: a table of `K` and `V`, which has not changed since `found` was found in it.
        match unsafe { place.table.replace_value(found, f) } {
            None => Entry::Occupied(OccupiedEntry { place, found }),
            Some(key) => Entry::Vacant(VacantEntry { place, key }),
        }
    }
}

impl<'a, K, V, A: Memory> VacantEntry<'a, K, V, A> {
    #[inline]
    pub(super) fn new(place: Place<'a, K, V, A>, key: K) -> Self {
        VacantEntry { place, key }
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

    /// Stores the key with this value.
    #[inline]
    pub fn insert(self, value: V) -> &'a mut V {
        self.insert_entry(value).into_mut()
    }

    /// Stores the key with this value, and returns the entry.
    #[inline]
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V, A> {
        // SAFETY: the place of the key, which is not in the map.
        unsafe { self.place.fill(self.key, value) }
    }

    /// [`VacantEntry::insert`], with an error instead of the program's end.
    ///
    /// # Errors
    /// There is no memory for another entry.
    #[inline]
    pub fn insert_fallible(self, value: V) -> Result<&'a mut V, InsertError<K, V>> {
        Ok(self.insert_entry_fallible(value)?.into_mut())
    }

    /// [`VacantEntry::insert_entry`], with an error instead of the program's end.
    ///
    /// # Errors
    /// There is no memory for another entry.
    #[inline]
    pub fn insert_entry_fallible(
        self,
        value: V,
    ) -> Result<OccupiedEntry<'a, K, V, A>, InsertError<K, V>> {
        // SAFETY: the place of the key, which is not in the map.
        Ok(unsafe { self.place.try_fill(self.key, value)? })
    }
}

impl<K: fmt::Debug, V: fmt::Debug, A: Memory> fmt::Debug for Entry<'_, K, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Occupied(entry) => f.debug_tuple("Entry").field(entry).finish(),
            Entry::Vacant(entry) => f.debug_tuple("Entry").field(entry).finish(),
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug, A: Memory> fmt::Debug for OccupiedEntry<'_, K, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedEntry")
            .field("key", self.key())
            .field("value", self.get())
            .finish_non_exhaustive()
    }
}

impl<K: fmt::Debug, V, A: Memory> fmt::Debug for VacantEntry<'_, K, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VacantEntry").field(self.key()).finish()
    }
}
