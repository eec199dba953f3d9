//! The place of one element in a set.

use core::fmt;

use crate::typed::{self, InsertError, Memory, SystemHeap};

/// What [`Set::entry`](super::Set::entry) found: an element, or room for it.
pub enum Entry<'a, T, A: Memory = SystemHeap> {
    /// The element is in the set.
    Occupied(OccupiedEntry<'a, T, A>),
    /// The element is not in the set.
    Vacant(VacantEntry<'a, T, A>),
}

/// An element that is in the set.
pub struct OccupiedEntry<'a, T, A: Memory = SystemHeap>(typed::OccupiedEntry<'a, T, (), A>);

/// Room for an element that is not in the set.
pub struct VacantEntry<'a, T, A: Memory = SystemHeap>(typed::VacantEntry<'a, T, (), A>);

impl<'a, T, A: Memory> Entry<'a, T, A> {
    #[inline]
    pub(super) fn of(entry: typed::Entry<'a, T, (), A>) -> Self {
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

impl<'a, T, A: Memory> Entry<'a, T, A> {
    /// Stores the element if there is none, and returns its entry.
    #[inline]
    pub fn insert(self) -> OccupiedEntry<'a, T, A> {
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

impl<'a, T, A: Memory> OccupiedEntry<'a, T, A> {
    /// The stored element.
    #[inline]
    pub fn get(&self) -> &T {
        self.0.key()
    }

    /// The stored element, for as long as the set is borrowed.
    #[inline]
    pub fn into_ref(self) -> &'a T {
        self.0.into_entry().0
    }

    /// Removes the element, and returns it.
    #[inline]
    pub fn remove(self) -> T {
        self.0.remove_entry().0
    }
}

impl<'a, T, A: Memory> VacantEntry<'a, T, A> {
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
    pub fn insert(self) -> OccupiedEntry<'a, T, A> {
        OccupiedEntry(self.0.insert_entry(()))
    }

    /// [`VacantEntry::insert`], with an error instead of the program's end.
    ///
    /// # Errors
    /// There is no memory for another element. It is the error's `key`.
    #[inline]
    pub fn insert_fallible(self) -> Result<OccupiedEntry<'a, T, A>, InsertError<T, ()>> {
        self.0.insert_entry_fallible(()).map(OccupiedEntry)
    }
}

impl<T: fmt::Debug, A: Memory> fmt::Debug for Entry<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Occupied(entry) => f.debug_tuple("Entry").field(entry).finish(),
            Entry::Vacant(entry) => f.debug_tuple("Entry").field(entry).finish(),
        }
    }
}

impl<T: fmt::Debug, A: Memory> fmt::Debug for OccupiedEntry<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedEntry")
            .field("value", self.get())
            .finish_non_exhaustive()
    }
}

impl<T: fmt::Debug, A: Memory> fmt::Debug for VacantEntry<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VacantEntry").field(self.get()).finish()
    }
}
