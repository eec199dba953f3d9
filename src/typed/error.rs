//! Errors of maps and sets.

use core::fmt;

use super::{Memory, OccupiedEntry, SystemHeap};

/// Why there is no room for more entries.
///
/// ```
/// use gomap::Map;
/// use gomap::typed::TryReserveError;
///
/// let mut map = Map::from([(7, 7)]);
/// assert_eq!(map.try_reserve(usize::MAX), Err(TryReserveError::CapacityOverflow));
/// ```
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

/// There is no memory for a new entry. The map keeps its entries, and the new one is returned.
///
/// ```
/// use gomap::Map;
/// use gomap::typed::InsertError;
///
/// fn retry(stock: &mut Map<String, u32>, error: InsertError<String, u32>) -> Option<u32> {
///     stock.shrink_to_fit();
///     stock.insert_fallible(error.key, error.value).ok()?
/// }
/// # let error = InsertError { key: "apples".into(), value: 3 };
/// # assert_eq!(retry(&mut Map::new(), error), None);
/// ```
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

/// The key passed to [`Map::try_insert`](super::Map::try_insert) is present.
///
/// ```
/// use gomap::Map;
///
/// let mut stock = Map::from([("apples", 3)]);
/// let error = stock.try_insert("apples", 5).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#"failed to insert 5, key "apples" already exists with value 3"#,
/// );
/// ```
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
