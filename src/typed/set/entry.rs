//! The place of one element in a set.

use core::fmt;

use crate::typed;

/// What [`Set::entry`](super::Set::entry) found: an element, or room for it.
pub enum Entry<'a, T> {
    /// The element is in the set.
    Occupied(OccupiedEntry<'a, T>),
    /// The element is not in the set.
    Vacant(VacantEntry<'a, T>),
}

/// An element that is in the set.
pub struct OccupiedEntry<'a, T>(typed::OccupiedEntry<'a, T, ()>);

/// Room for an element that is not in the set.
pub struct VacantEntry<'a, T>(typed::VacantEntry<'a, T, ()>);

impl<'a, T> Entry<'a, T> {
    #[inline]
    pub(super) fn of(entry: typed::Entry<'a, T, ()>) -> Self {
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

impl<'a, T> Entry<'a, T> {
    /// Stores the element if there is none, and returns its entry.
    #[inline]
    pub fn insert(self) -> OccupiedEntry<'a, T> {
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

impl<T> OccupiedEntry<'_, T> {
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

impl<'a, T> VacantEntry<'a, T> {
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
    pub fn insert(self) -> OccupiedEntry<'a, T> {
        OccupiedEntry(self.0.insert_entry(()))
    }
}

impl<T: fmt::Debug> fmt::Debug for Entry<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Occupied(entry) => f.debug_tuple("Entry").field(entry).finish(),
            Entry::Vacant(entry) => f.debug_tuple("Entry").field(entry).finish(),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for OccupiedEntry<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedEntry")
            .field("value", self.get())
            .finish_non_exhaustive()
    }
}

impl<T: fmt::Debug> fmt::Debug for VacantEntry<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VacantEntry").field(self.get()).finish()
    }
}
