//! The place of one element in a set.

use core::fmt;
use core::hash::{BuildHasher, Hash};

use super::DefaultHashBuilder;
use crate::typed;

/// What [`Set::entry`](super::Set::entry) found: an element, or room for it.
pub enum Entry<'a, T, S = DefaultHashBuilder> {
    /// The element is in the set.
    Occupied(OccupiedEntry<'a, T, S>),
    /// The element is not in the set.
    Vacant(VacantEntry<'a, T, S>),
}

/// An element that is in the set.
pub struct OccupiedEntry<'a, T, S = DefaultHashBuilder>(typed::OccupiedEntry<'a, T, (), S>);

/// Room for an element that is not in the set.
pub struct VacantEntry<'a, T, S = DefaultHashBuilder>(typed::VacantEntry<'a, T, (), S>);

impl<'a, T, S> Entry<'a, T, S> {
    #[inline]
    pub(super) fn of(entry: typed::Entry<'a, T, (), S>) -> Self {
        match entry {
            typed::Entry::Occupied(entry) => Entry::Occupied(OccupiedEntry(entry)),
            typed::Entry::Vacant(entry) => Entry::Vacant(VacantEntry(entry)),
        }
    }

    /// The element: the stored one if there is one, else the one that was asked for.
    #[inline]
    pub fn get(&self) -> &T {
        match self {
            Entry::Occupied(entry) => entry.get(),
            Entry::Vacant(entry) => entry.get(),
        }
    }
}

impl<'a, T: Eq + Hash, S: BuildHasher> Entry<'a, T, S> {
    /// Stores the element if there is none, and returns its entry.
    #[inline]
    pub fn insert(self) -> OccupiedEntry<'a, T, S> {
        match self {
            Entry::Occupied(entry) => entry,
            Entry::Vacant(entry) => entry.insert(),
        }
    }

    /// Stores the element if there is none.
    #[inline]
    pub fn or_insert(self) {
        self.insert();
    }
}

impl<T, S> OccupiedEntry<'_, T, S> {
    /// The stored element.
    #[inline]
    pub fn get(&self) -> &T {
        self.0.key()
    }

    /// Removes the element, and returns it.
    #[inline]
    pub fn remove(self) -> T {
        self.0.remove_entry().0
    }
}

impl<'a, T, S> VacantEntry<'a, T, S> {
    /// The element that was asked for.
    #[inline]
    pub fn get(&self) -> &T {
        self.0.key()
    }

    /// Takes the element back.
    #[inline]
    pub fn into_value(self) -> T {
        self.0.into_key()
    }

    /// Stores the element, and returns its entry.
    #[inline]
    pub fn insert(self) -> OccupiedEntry<'a, T, S>
    where
        T: Eq + Hash,
        S: BuildHasher,
    {
        OccupiedEntry(self.0.insert_entry(()))
    }
}

impl<T: fmt::Debug, S> fmt::Debug for Entry<'_, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Occupied(entry) => f.debug_tuple("Entry").field(entry).finish(),
            Entry::Vacant(entry) => f.debug_tuple("Entry").field(entry).finish(),
        }
    }
}

impl<T: fmt::Debug, S> fmt::Debug for OccupiedEntry<'_, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedEntry")
            .field("value", self.get())
            .finish_non_exhaustive()
    }
}

impl<T: fmt::Debug, S> fmt::Debug for VacantEntry<'_, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VacantEntry").field(self.get()).finish()
    }
}
