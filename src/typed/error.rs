//! What can be told of a failure.

use core::fmt;

use super::{Memory, OccupiedEntry, SystemHeap};

/// Room for more entries could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryReserveError {
    /// That many entries do not fit the address space.
    CapacityOverflow,
    /// There is no memory.
    AllocError,
}

impl fmt::Display for TryReserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryReserveError::CapacityOverflow => "capacity overflow",
            TryReserveError::AllocError => "out of memory",
        })
    }
}

impl core::error::Error for TryReserveError {}

/// There was no memory for a new entry. The map has the entries that it had; this one comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InsertError<K, V> {
    /// The key that was not inserted.
    pub key: K,
    /// Its value.
    pub value: V,
}

impl<K, V> fmt::Display for InsertError<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TryReserveError::AllocError.fmt(f)
    }
}

impl<K: fmt::Debug, V: fmt::Debug> core::error::Error for InsertError<K, V> {}

impl<K, V> From<(K, V)> for InsertError<K, V> {
    fn from((key, value): (K, V)) -> Self {
        InsertError { key, value }
    }
}

/// The key of a [`Map::try_insert`](super::Map::try_insert) is there already.
pub struct OccupiedError<'a, K, V, A: Memory = SystemHeap> {
    /// The entry of the key.
    pub entry: OccupiedEntry<'a, K, V, A>,
    /// The value that was not inserted.
    pub value: V,
}

impl<K: fmt::Debug, V: fmt::Debug, A: Memory> fmt::Debug for OccupiedError<'_, K, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedError")
            .field("key", self.entry.key())
            .field("old_value", self.entry.get())
            .field("new_value", &self.value)
            .finish_non_exhaustive()
    }
}

impl<K: fmt::Debug, V: fmt::Debug, A: Memory> fmt::Display for OccupiedError<'_, K, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "failed to insert {:?}, key {:?} already exists with value {:?}",
            self.value,
            self.entry.key(),
            self.entry.get(),
        )
    }
}

impl<K: fmt::Debug, V: fmt::Debug, A: Memory> core::error::Error for OccupiedError<'_, K, V, A> {}
