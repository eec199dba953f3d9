//! The entry of a borrowed key. The owned key is made only if it is inserted.

use alloc::borrow::ToOwned;
use core::fmt;

use equivalent::Equivalent;

use super::entry::{Spot, shared_methods};
use super::{InsertError, Memory, OccupiedEntry, SystemHeap, VacantEntry};

/// The entry of a borrowed key, or where the owned key would go: see
/// [`Map::entry_ref`](super::Map::entry_ref).
///
/// ```
/// use gomap::Map;
/// use gomap::typed::EntryRef;
///
/// let mut stock = Map::from([("apples".to_string(), 3)]);
/// match stock.entry_ref("apples") {
///     EntryRef::Occupied(entry) => assert_eq!(entry.remove(), 3),
///     EntryRef::Vacant(_) => unreachable!(),
/// }
/// assert!(matches!(stock.entry_ref("apples"), EntryRef::Vacant(_)));
/// ```
pub enum EntryRef<'a, 'q, K, Q: ?Sized, V, A: Memory = SystemHeap> {
    /// The key is in the map.
    Occupied(OccupiedEntry<'a, K, V, A>),
    /// The key is not in the map.
    Vacant(VacantEntryRef<'a, 'q, K, Q, V, A>),
}

/// Where a key that is not in the map would go, and the borrowed form to make it of.
///
/// ```
/// use gomap::Map;
/// use gomap::typed::EntryRef;
///
/// let mut stock: Map<String, u32> = Map::new();
/// if let EntryRef::Vacant(entry) = stock.entry_ref("apples") {
///     entry.insert(3);
/// }
/// assert_eq!(stock["apples"], 3);
/// ```
pub struct VacantEntryRef<'a, 'q, K, Q: ?Sized, V, A: Memory = SystemHeap> {
    spot: Spot<'a, K, V, A>,
    key: &'q Q,
}

impl<'a, 'q, K, Q, V, A: Memory> EntryRef<'a, 'q, K, Q, V, A>
where
    Q: ToOwned<Owned = K> + ?Sized,
{
    shared_methods!(EntryRef, Q, r#"entry_ref("a")"#);

    /// The entry of the key; the default of the value's type is inserted if there is none.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut counts: Map<String, u32> = Map::new();
    /// let entry = counts.entry_ref("a").or_default_entry();
    /// assert_eq!((entry.key().as_str(), entry.get()), ("a", &0));
    /// ```
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
    /// The stored key, if there is one, otherwise the key passed to `entry_ref`; borrowed either
    /// way.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock: Map<String, u32> = Map::new();
    /// assert_eq!(stock.entry_ref("apples").key(), "apples");
    /// ```
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

    /// Changes the value, if there is one.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut counts = Map::from([("a".to_string(), 1)]);
    /// for word in ["a", "b"] {
    ///     counts.entry_ref(word).and_modify(|count| *count += 1).or_insert(1);
    /// }
    /// assert_eq!((counts["a"], counts["b"]), (2, 1));
    /// ```
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
    pub(super) fn new(spot: Spot<'a, K, V, A>, key: &'q Q) -> Self {
        VacantEntryRef { spot, key }
    }

    /// The key passed to `entry_ref`.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::EntryRef;
    ///
    /// let mut stock: Map<String, u32> = Map::new();
    /// if let EntryRef::Vacant(entry) = stock.entry_ref("apples") {
    ///     assert_eq!(entry.key(), "apples");
    /// }
    /// ```
    #[inline]
    pub fn key(&self) -> &'q Q {
        self.key
    }

    /// Inserts `key`, made by the caller, with this value.
    ///
    /// As [`Equivalent`](super::Equivalent) requires, `key` must have the hash of the borrowed key.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::EntryRef;
    ///
    /// let mut stock: Map<Box<str>, u32> = Map::new();
    /// if let EntryRef::Vacant(entry) = stock.entry_ref("apples") {
    ///     entry.insert_with_key("apples".into(), 3);
    /// }
    /// assert_eq!(stock["apples"], 3);
    /// ```
    ///
    /// # Panics
    /// If `key` is not equivalent to the borrowed key.
    #[inline]
    pub fn insert_with_key(self, key: K, value: V) -> &'a mut V
    where
        Q: Equivalent<K>,
    {
        self.insert_entry_with_key(key, value).into_mut()
    }

    /// [`VacantEntryRef::insert_with_key`], but returns the entry.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::EntryRef;
    ///
    /// let mut stock: Map<Box<str>, u32> = Map::new();
    /// if let EntryRef::Vacant(entry) = stock.entry_ref("apples") {
    ///     let entry = entry.insert_entry_with_key("apples".into(), 3);
    ///     assert_eq!(entry.key().len(), 6);
    /// }
    /// ```
    ///
    /// # Panics
    /// If `key` is not equivalent to the borrowed key.
    #[inline]
    pub fn insert_entry_with_key(self, key: K, value: V) -> OccupiedEntry<'a, K, V, A>
    where
        Q: Equivalent<K>,
    {
        assert!(
            self.key.equivalent(&key),
            "the key is not equivalent to the borrowed one"
        );
        VacantEntry::new(self.spot, key).insert_entry(value)
    }
}

impl<'a, 'q, K, Q, V, A: Memory> VacantEntryRef<'a, 'q, K, Q, V, A>
where
    Q: ToOwned<Owned = K> + ?Sized,
{
    /// Makes the owned key, and inserts it with this value.
    ///
    /// As [`Equivalent`](super::Equivalent) requires, the owned key must have the hash of the
    /// borrowed one.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::EntryRef;
    ///
    /// let mut stock: Map<String, u32> = Map::new();
    /// if let EntryRef::Vacant(entry) = stock.entry_ref("apples") {
    ///     *entry.insert(3) += 1;
    /// }
    /// assert_eq!(stock["apples"], 4);
    /// ```
    #[inline]
    pub fn insert(self, value: V) -> &'a mut V {
        self.insert_entry(value).into_mut()
    }

    /// Makes the owned key, inserts it with this value, and returns the entry.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::EntryRef;
    ///
    /// let mut stock: Map<String, u32> = Map::new();
    /// if let EntryRef::Vacant(entry) = stock.entry_ref("apples") {
    ///     assert_eq!(entry.insert_entry(3).key(), "apples");
    /// }
    /// ```
    #[inline]
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V, A> {
        let key = self.key.to_owned();
        VacantEntry::new(self.spot, key).insert_entry(value)
    }

    /// [`VacantEntryRef::insert`], but returns an error instead of aborting.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::{EntryRef, InsertError};
    ///
    /// let mut stock: Map<String, u32> = Map::new();
    /// if let EntryRef::Vacant(entry) = stock.entry_ref("apples") {
    ///     *entry.insert_fallible(3)? += 1;
    /// }
    /// assert_eq!(stock["apples"], 4);
    /// # Ok::<(), InsertError<String, u32>>(())
    /// ```
    ///
    /// # Errors
    /// There is no memory for a new entry. The owned key was made.
    #[inline]
    pub fn insert_fallible(self, value: V) -> Result<&'a mut V, InsertError<K, V>> {
        let key = self.key.to_owned();
        VacantEntry::new(self.spot, key).insert_fallible(value)
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
