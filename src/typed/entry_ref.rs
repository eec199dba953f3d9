//! The place of a key that is made only if it must be stored.

use alloc::borrow::ToOwned;
use core::fmt;

use equivalent::Equivalent;

use super::entry::{Place, shared_methods};
use super::{InsertError, Memory, OccupiedEntry, SystemHeap, VacantEntry};

/// What [`Map::entry_ref`](super::Map::entry_ref) found: the entry of a key, or room for it.
pub enum EntryRef<'a, 'q, K, Q: ?Sized, V, A: Memory = SystemHeap> {
    /// The key is in the map.
    Occupied(OccupiedEntry<'a, K, V, A>),
    /// The key is not in the map.
    Vacant(VacantEntryRef<'a, 'q, K, Q, V, A>),
}

/// Room for a key that is not in the map, and what to make it of.
pub struct VacantEntryRef<'a, 'q, K, Q: ?Sized, V, A: Memory = SystemHeap> {
    place: Place<'a, K, V, A>,
    key: &'q Q,
}

impl<'a, 'q, K, Q, V, A: Memory> EntryRef<'a, 'q, K, Q, V, A>
where
    Q: ToOwned<Owned = K> + ?Sized,
{
    shared_methods!(EntryRef, Q);

    /// The entry, with the default value of its type if there was none.
    #[inline]
    pub fn or_default_entry(self) -> OccupiedEntry<'a, K, V, A>
    where
        V: Default,
    {
        match self {
            EntryRef::Occupied(entry) => entry,
            EntryRef::Vacant(entry) => entry.insert_entry(V::default()),
        }
    }
}

impl<K, Q: ?Sized, V, A: Memory> EntryRef<'_, '_, K, Q, V, A> {
    /// The key: the stored one if there is one, else what was asked for.
    #[inline]
    pub fn key(&self) -> &Q
    where
        K: core::borrow::Borrow<Q>,
    {
        match self {
            EntryRef::Occupied(entry) => entry.key().borrow(),
            EntryRef::Vacant(entry) => entry.key(),
        }
    }

    /// Changes the value if there is one.
    #[inline]
    pub fn and_modify<F: FnOnce(&mut V)>(mut self, f: F) -> Self {
        if let EntryRef::Occupied(entry) = &mut self {
            f(entry.get_mut());
        }
        self
    }
}

impl<'a, 'q, K, Q: ?Sized, V, A: Memory> VacantEntryRef<'a, 'q, K, Q, V, A> {
    #[inline]
    pub(super) fn new(place: Place<'a, K, V, A>, key: &'q Q) -> Self {
        VacantEntryRef { place, key }
    }

    /// What was asked for.
    #[inline]
    pub fn key(&self) -> &'q Q {
        self.key
    }

    /// Stores `key`, made by the caller, with this value.
    ///
    /// The key must hash like what was asked for, as [`Equivalent`](super::Equivalent) asks.
    ///
    /// # Panics
    /// If the key is not equivalent to what was asked for.
    #[inline]
    pub fn insert_with_key(self, key: K, value: V) -> &'a mut V
    where
        Q: Equivalent<K>,
    {
        self.insert_entry_with_key(key, value).into_mut()
    }

    /// [`VacantEntryRef::insert_with_key`], which returns the entry.
    ///
    /// # Panics
    /// If the key is not equivalent to what was asked for.
    #[inline]
    pub fn insert_entry_with_key(self, key: K, value: V) -> OccupiedEntry<'a, K, V, A>
    where
        Q: Equivalent<K>,
    {
        assert!(
            self.key.equivalent(&key),
            "the key is not equivalent to what was asked for"
        );
        VacantEntry::new(self.place, key).insert_entry(value)
    }
}

impl<'a, 'q, K, Q, V, A: Memory> VacantEntryRef<'a, 'q, K, Q, V, A>
where
    Q: ToOwned<Owned = K> + ?Sized,
{
    /// Makes the key and stores it with this value.
    ///
    /// The key must hash like what it is made of, as [`Equivalent`](super::Equivalent) asks.
    #[inline]
    pub fn insert(self, value: V) -> &'a mut V {
        self.insert_entry(value).into_mut()
    }

    /// Makes the key, stores it with this value, and returns the entry.
    #[inline]
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V, A> {
        let key = self.key.to_owned();
        VacantEntry::new(self.place, key).insert_entry(value)
    }

    /// [`VacantEntryRef::insert`], with an error instead of the program's end.
    ///
    /// # Errors
    /// There is no memory for another entry. The key was made.
    #[inline]
    pub fn insert_fallible(self, value: V) -> Result<&'a mut V, InsertError<K, V>> {
        let key = self.key.to_owned();
        VacantEntry::new(self.place, key).insert_fallible(value)
    }
}

impl<K, Q, V, A: Memory> fmt::Debug for EntryRef<'_, '_, K, Q, V, A>
where
    K: fmt::Debug,
    Q: fmt::Debug + ?Sized,
    V: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EntryRef::Occupied(entry) => f.debug_tuple("EntryRef").field(entry).finish(),
            EntryRef::Vacant(entry) => f.debug_tuple("EntryRef").field(entry).finish(),
        }
    }
}

impl<K, Q: fmt::Debug + ?Sized, V, A: Memory> fmt::Debug for VacantEntryRef<'_, '_, K, Q, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VacantEntryRef").field(&self.key).finish()
    }
}
