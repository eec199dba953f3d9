//! The place of a key that is made only if it must be stored.

use core::fmt;
use core::marker::PhantomData;

use super::table::Table;
use super::{OccupiedEntry, VacantEntry};

/// What [`Map::entry_ref`](super::Map::entry_ref) found: the entry of a key, or room for it.
pub enum EntryRef<'a, 'q, K, Q: ?Sized, V> {
    /// The key is in the map.
    Occupied(OccupiedEntry<'a, K, V>),
    /// The key is not in the map.
    Vacant(VacantEntryRef<'a, 'q, K, Q, V>),
}

/// Room for a key that is not in the map, and what to make it of.
pub struct VacantEntryRef<'a, 'q, K, Q: ?Sized, V> {
    /// The growth work for the hash has been done.
    table: &'a mut Table,
    hash: usize,
    key: &'q Q,
    entries: PhantomData<&'a mut (K, V)>,
}

impl<'a, 'q, K, Q, V> EntryRef<'a, 'q, K, Q, V>
where
    K: From<&'q Q>,
    Q: ?Sized,
{
    /// The value, `default` if there was none.
    #[inline]
    pub fn or_insert(self, default: V) -> &'a mut V {
        self.or_insert_with(|| default)
    }

    /// The value, what `default` returns if there was none.
    #[inline]
    pub fn or_insert_with<F: FnOnce() -> V>(self, default: F) -> &'a mut V {
        match self {
            EntryRef::Occupied(entry) => entry.into_mut(),
            EntryRef::Vacant(entry) => entry.insert(default()),
        }
    }

    /// The value, what `default` makes of the key if there was none.
    #[inline]
    pub fn or_insert_with_key<F: FnOnce(&Q) -> V>(self, default: F) -> &'a mut V {
        match self {
            EntryRef::Occupied(entry) => entry.into_mut(),
            EntryRef::Vacant(entry) => {
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
            EntryRef::Occupied(mut entry) => {
                entry.insert(value);
                entry
            }
            EntryRef::Vacant(entry) => entry.insert_entry(value),
        }
    }
}

impl<K, Q: ?Sized, V> EntryRef<'_, '_, K, Q, V> {
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

impl<'a, 'q, K, Q: ?Sized, V> VacantEntryRef<'a, 'q, K, Q, V> {
    #[inline]
    pub(super) fn new(table: &'a mut Table, hash: usize, key: &'q Q) -> Self {
        VacantEntryRef {
            table,
            hash,
            key,
            entries: PhantomData,
        }
    }

    /// What was asked for.
    #[inline]
    pub fn key(&self) -> &'q Q {
        self.key
    }
}

impl<'a, 'q, K, Q, V> VacantEntryRef<'a, 'q, K, Q, V>
where
    K: From<&'q Q>,
    Q: ?Sized,
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
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V> {
        let key = K::from(self.key);
        VacantEntry::new(self.table, self.hash, key).insert_entry(value)
    }
}

impl<K, Q, V> fmt::Debug for EntryRef<'_, '_, K, Q, V>
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

impl<K, Q: fmt::Debug + ?Sized, V> fmt::Debug for VacantEntryRef<'_, '_, K, Q, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VacantEntryRef").field(&self.key).finish()
    }
}
