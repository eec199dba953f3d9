//! The entry of one key in a map, or where it would go.

use core::fmt;
use core::marker::PhantomData;
use core::mem;

use super::shape::{Described, unhashed};
use super::table::Table;
use super::{InsertError, Memory, SystemHeap};
use crate::heap;
use crate::raw::delete::Found;

/// The entry of a key in a map, or where it would go: see [`Map::entry`](super::Map::entry).
///
/// ```
/// use gomap::Map;
/// use gomap::typed::Entry;
///
/// let mut stock = Map::from([("apples", 3)]);
/// match stock.entry("apples") {
///     Entry::Occupied(entry) => assert_eq!(entry.remove(), 3),
///     Entry::Vacant(_) => unreachable!(),
/// }
/// assert!(matches!(stock.entry("apples"), Entry::Vacant(_)));
/// ```
pub enum Entry<'a, K, V, A: Memory = SystemHeap> {
    /// The key is in the map.
    Occupied(OccupiedEntry<'a, K, V, A>),
    /// The key is not in the map.
    Vacant(VacantEntry<'a, K, V, A>),
}

/// The entry of a key that is in the map.
///
/// ```
/// use gomap::Map;
/// use gomap::typed::Entry;
///
/// let mut stock = Map::from([("apples", 3)]);
/// if let Entry::Occupied(mut entry) = stock.entry("apples") {
///     *entry.get_mut() -= 1;
///     if *entry.get() < 5 {
///         entry.insert(50);
///     }
/// }
/// assert_eq!(stock["apples"], 50);
/// ```
pub struct OccupiedEntry<'a, K, V, A: Memory = SystemHeap> {
    spot: Spot<'a, K, V, A>,
    found: Found,
}

/// Where a key that is not in the map would go.
///
/// ```
/// use gomap::Map;
/// use gomap::typed::Entry;
///
/// let mut stock = Map::new();
/// if let Entry::Vacant(entry) = stock.entry("apples") {
///     entry.insert(3);
/// }
/// assert_eq!(stock["apples"], 3);
/// ```
pub struct VacantEntry<'a, K, V, A: Memory = SystemHeap> {
    spot: Spot<'a, K, V, A>,
    key: K,
}

/// Where a key is or would go.
pub(super) struct Spot<'a, K, V, A: Memory> {
    /// The growth work for the hash has been done.
    table: &'a mut Table<A>,
    hash: usize,
    /// Whether the growth that a new entry calls for has begun, if it calls for one.
    room: bool,
    entries: PhantomData<&'a mut (K, V)>,
}

impl<'a, K, V, A: Memory> Spot<'a, K, V, A> {
    #[inline]
    pub(super) fn new(table: &'a mut Table<A>, hash: usize, room: bool) -> Self {
        Spot {
            table,
            hash,
            room,
            entries: PhantomData,
        }
    }

    /// Stores an entry.
    ///
    /// # Safety
    /// `key` has the hash of this spot, and is not in the map.
    #[inline]
    pub(super) unsafe fn fill(self, key: K, value: V) -> OccupiedEntry<'a, K, V, A> {
        // SAFETY: `key` has this hash and is not in the map (this fn's contract).
        match unsafe { self.try_fill(key, value) } {
            Ok(entry) => entry,
            Err(_) => heap::out_of_memory(Described::<K, V>::MAP),
        }
    }

    /// [`Spot::fill`], but returns an error instead of aborting.
    ///
    /// # Errors
    /// There is no memory; the entry is returned.
    ///
    /// # Safety
    /// As [`Spot::fill`].
    #[inline]
    pub(super) unsafe fn try_fill(
        self,
        key: K,
        value: V,
    ) -> Result<OccupiedEntry<'a, K, V, A>, (K, V)> {
        if !self.room {
            return Err((key, value));
        }
        // SAFETY: `key` has this hash and is not in the map (this fn's contract); the growth work
        // was done (`table`).
        let found = unsafe { self.table.insert_new(self.hash, key, value)? };
        Ok(OccupiedEntry::new(self, found))
    }
}

// SAFETY: it is a mutable borrow of the map, and a cell of it.
unsafe impl<K: Send, V: Send, A: Memory + Send> Send for OccupiedEntry<'_, K, V, A> {}
// SAFETY: a shared entry only gives shared access to its key and value.
unsafe impl<K: Sync, V: Sync, A: Memory + Sync> Sync for OccupiedEntry<'_, K, V, A> {}

/// The methods that [`Entry`] and [`EntryRef`](super::EntryRef) share: `$key` is the type of the
/// key that was passed, `$call` the call in examples.
macro_rules! shared_methods {
    ($name:ident, $key:ty, $call:literal) => {
        /// A mutable reference to the value; `default` is inserted if there is none.
        ///
        /// ```
        /// use gomap::Map;
        ///
        /// let mut counts: Map<String, u32> = Map::new();
        #[doc = concat!("*counts.", $call, ".or_insert(0) += 1;")]
        #[doc = concat!("*counts.", $call, ".or_insert(0) += 1;")]
        /// assert_eq!(counts["a"], 2);
        /// ```
        #[inline]
        pub fn or_insert(self, default: V) -> &'a mut V {
            match self {
                $name::Occupied(entry) => entry.into_mut(),
                $name::Vacant(entry) => entry.insert(default),
            }
        }

        /// [`or_insert`](Self::or_insert), but returns an error instead of aborting when there is
        /// no memory.
        ///
        /// ```
        /// use gomap::Map;
        ///
        /// let mut counts: Map<String, u32> = Map::new();
        #[doc = concat!("if let Ok(count) = counts.", $call, ".or_insert_fallible(0) {")]
        ///     *count += 1;
        /// }
        /// assert_eq!(counts["a"], 1);
        /// ```
        ///
        /// # Errors
        /// There is no value, and no memory for a new entry.
        #[inline]
        pub fn or_insert_fallible(self, default: V) -> Result<&'a mut V, InsertError<K, V>> {
            match self {
                $name::Occupied(entry) => Ok(entry.into_mut()),
                $name::Vacant(entry) => entry.insert_fallible(default),
            }
        }

        /// A mutable reference to the value; the result of `default` is inserted if there is none.
        ///
        /// ```
        /// use gomap::Map;
        ///
        /// let mut lists: Map<String, Vec<u32>> = Map::new();
        #[doc = concat!("lists.", $call, ".or_insert_with(|| Vec::with_capacity(9)).push(7);")]
        /// assert_eq!(lists["a"], [7]);
        /// ```
        #[inline]
        pub fn or_insert_with<F: FnOnce() -> V>(self, default: F) -> &'a mut V {
            match self {
                $name::Occupied(entry) => entry.into_mut(),
                $name::Vacant(entry) => entry.insert(default()),
            }
        }

        /// A mutable reference to the value; what `default` makes of the key is inserted if there
        /// is none.
        ///
        /// ```
        /// use gomap::Map;
        ///
        /// let mut lengths: Map<String, usize> = Map::new();
        #[doc = concat!("lengths.", $call, ".or_insert_with_key(|key| key.len());")]
        /// assert_eq!(lengths["a"], 1);
        /// ```
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

        /// A mutable reference to the value; the default of its type is inserted if there is none.
        ///
        /// ```
        /// use gomap::Map;
        ///
        /// let mut lists: Map<String, Vec<u32>> = Map::new();
        #[doc = concat!("lists.", $call, ".or_default().push(7);")]
        /// assert_eq!(lists["a"], [7]);
        /// ```
        #[inline]
        pub fn or_default(self) -> &'a mut V
        where
            V: Default,
        {
            self.or_insert_with(V::default)
        }

        /// The entry of the key; `default` is inserted if there is none.
        ///
        /// ```
        /// use gomap::Map;
        ///
        /// let mut counts: Map<String, u32> = Map::new();
        #[doc = concat!("let entry = counts.", $call, ".or_insert_entry(1);")]
        /// assert_eq!((entry.key().as_str(), entry.get()), ("a", &1));
        /// ```
        #[inline]
        pub fn or_insert_entry(self, default: V) -> OccupiedEntry<'a, K, V, A> {
            match self {
                $name::Occupied(entry) => entry,
                $name::Vacant(entry) => entry.insert_entry(default),
            }
        }

        /// Sets the value, and returns the entry: hashbrown's name for `insert_entry`.
        ///
        /// ```
        /// use gomap::Map;
        ///
        /// let mut counts: Map<String, u32> = Map::new();
        #[doc = concat!("assert_eq!(counts.", $call, ".insert(7).get(), &7);")]
        /// ```
        #[inline]
        pub fn insert(self, value: V) -> OccupiedEntry<'a, K, V, A> {
            self.insert_entry(value)
        }

        /// Sets the value, whether or not there was one, and returns the entry.
        ///
        /// ```
        /// use gomap::Map;
        ///
        /// let mut counts = Map::from([("a".to_string(), 1)]);
        #[doc = concat!("let entry = counts.", $call, ".insert_entry(7);")]
        /// assert_eq!(entry.remove(), 7);
        /// ```
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
    shared_methods!(Entry, K, r#"entry("a".into())"#);

    /// Replaces or removes the entry, if there is one: see [`OccupiedEntry::replace_entry_with`].
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::from([("apples", 3), ("pears", 0)]);
    /// for name in ["apples", "pears", "plums"] {
    ///     stock.entry(name).and_replace_entry_with(|_, count| (count > 0).then(|| count - 1));
    /// }
    /// assert_eq!(stock, Map::from([("apples", 2)]));
    /// ```
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
    /// The stored key, if there is one, otherwise the key passed to `entry`.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock: Map<&str, u32> = Map::new();
    /// assert_eq!(stock.entry("apples").key(), &"apples");
    /// ```
    #[inline]
    pub fn key(&self) -> &K {
        match self {
            Entry::Occupied(entry) => entry.key(),
            Entry::Vacant(entry) => entry.key(),
        }
    }

    /// Changes the value, if there is one.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut counts = Map::from([("a", 1)]);
    /// for word in ["a", "b"] {
    ///     counts.entry(word).and_modify(|count| *count += 1).or_insert(1);
    /// }
    /// assert_eq!(counts, Map::from([("a", 2), ("b", 1)]));
    /// ```
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
    pub(super) fn new(spot: Spot<'a, K, V, A>, found: Found) -> Self {
        OccupiedEntry { spot, found }
    }

    /// The stored key.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::new();
    /// let entry = stock.entry("apples").insert_entry(3);
    /// assert_eq!(entry.key(), &"apples");
    /// ```
    #[inline]
    pub fn key(&self) -> &K {
        // SAFETY: `found` is an entry of the map, which is borrowed.
        unsafe { &*unhashed::<K, V>().key_of(self.found.cell) }
    }

    /// The value.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::new();
    /// let entry = stock.entry("apples").insert_entry(3);
    /// assert_eq!(entry.get(), &3);
    /// ```
    #[inline]
    pub fn get(&self) -> &V {
        // SAFETY: `found` is an entry of the map, which is borrowed.
        unsafe { &*unhashed::<K, V>().value_of(self.found.cell) }
    }

    /// A mutable reference to the value that lives as long as the entry is borrowed.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::new();
    /// let mut entry = stock.entry("apples").insert_entry(3);
    /// *entry.get_mut() += 1;
    /// *entry.get_mut() += 1;
    /// assert_eq!(stock["apples"], 5);
    /// ```
    #[inline]
    pub fn get_mut(&mut self) -> &mut V {
        // SAFETY: `found` is an entry of the map, which is borrowed mutably.
        unsafe { &mut *unhashed::<K, V>().value_of(self.found.cell) }
    }

    /// A mutable reference to the value that lives as long as the map is borrowed.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// fn count<'a>(stock: &'a mut Map<String, u32>, name: &str) -> &'a mut u32 {
    ///     stock.entry_ref(name).or_insert_entry(0).into_mut()
    /// }
    /// # assert_eq!(count(&mut Map::new(), "apples"), &0);
    /// ```
    #[inline]
    pub fn into_mut(self) -> &'a mut V {
        // SAFETY: `found` is an entry of the map, which is borrowed mutably for `'a`.
        unsafe { &mut *unhashed::<K, V>().value_of(self.found.cell) }
    }

    /// The stored key and a mutable reference to the value that live as long as the map is
    /// borrowed.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::new();
    /// let (name, count) = stock.entry("apples").insert_entry(3).into_entry();
    /// *count += name.len();
    /// assert_eq!(stock["apples"], 9);
    /// ```
    #[inline]
    pub fn into_entry(self) -> (&'a K, &'a mut V) {
        let s = unhashed::<K, V>();
        // SAFETY: `found` is an entry of the map, which is borrowed mutably for `'a`.
        unsafe {
            (
                &*s.key_of(self.found.cell),
                &mut *s.value_of(self.found.cell),
            )
        }
    }

    /// Stores an equal key in place of the stored one, and returns the old key.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::new();
    /// let mut entry = stock.entry(String::from("apples")).insert_entry(3);
    /// // Gives the allocation of the old key back to the caller.
    /// let old: String = entry.replace_key("apples".to_string());
    /// assert_eq!(old, "apples");
    /// ```
    ///
    /// # Panics
    /// If the keys are not equal. The entry does not change.
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

    /// Replaces the value, and returns the old one.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::new();
    /// let mut entry = stock.entry("apples").insert_entry(3);
    /// assert_eq!(entry.insert(5), 3);
    /// assert_eq!(stock["apples"], 5);
    /// ```
    #[inline]
    pub fn insert(&mut self, value: V) -> V {
        mem::replace(self.get_mut(), value)
    }

    /// Removes the entry, and returns its value.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::new();
    /// let entry = stock.entry("apples").insert_entry(3);
    /// assert_eq!(entry.remove(), 3);
    /// assert!(stock.is_empty());
    /// ```
    #[inline]
    pub fn remove(self) -> V {
        let (key, value) = self.remove_entry();
        drop(key);
        value
    }

    /// Removes the entry, and returns its key and value.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::new();
    /// let entry = stock.entry("apples").insert_entry(3);
    /// assert_eq!(entry.remove_entry(), ("apples", 3));
    /// assert!(stock.is_empty());
    /// ```
    #[inline]
    pub fn remove_entry(self) -> (K, V) {
        // SAFETY: a table of `K` and `V`, borrowed and unchanged since `found` was found in it.
        unsafe { self.spot.table.take_entry(self.found) }
    }

    /// Replaces the value by the result of `f`. If that is `None`, or if `f` panics, the entry is
    /// removed.
    ///
    /// It remains the same entry: a running [`Cursor`](super::Cursor) visits it once.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::Entry;
    ///
    /// let mut stock = Map::new();
    /// let entry = stock.entry("apples").insert_entry(3);
    /// let entry = entry.replace_entry_with(|name, count| Some(count + name.len()));
    /// assert!(matches!(entry, Entry::Occupied(_)));
    /// assert_eq!(stock["apples"], 9);
    /// ```
    pub fn replace_entry_with<F>(self, f: F) -> Entry<'a, K, V, A>
    where
        F: FnOnce(&K, V) -> Option<V>,
    {
        let OccupiedEntry { spot, found } = self;
        // SAFETY: a table of `K` and `V`, borrowed and unchanged since `found` was found in it.
        match unsafe { spot.table.replace_value(found, f) } {
            None => Entry::Occupied(OccupiedEntry { spot, found }),
            Some(key) => Entry::Vacant(VacantEntry { spot, key }),
        }
    }
}

impl<'a, K, V, A: Memory> VacantEntry<'a, K, V, A> {
    #[inline]
    pub(super) fn new(spot: Spot<'a, K, V, A>, key: K) -> Self {
        VacantEntry { spot, key }
    }

    /// The key passed to `entry`.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::Entry;
    ///
    /// let mut stock: Map<&str, u32> = Map::new();
    /// if let Entry::Vacant(entry) = stock.entry("apples") {
    ///     assert_eq!(entry.key(), &"apples");
    /// }
    /// ```
    #[inline]
    pub fn key(&self) -> &K {
        &self.key
    }

    /// Returns the key passed to `entry`.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::Entry;
    ///
    /// let mut stock: Map<String, u32> = Map::new();
    /// if let Entry::Vacant(entry) = stock.entry("apples".to_string()) {
    ///     assert_eq!(entry.into_key(), "apples");
    /// }
    /// assert!(stock.is_empty());
    /// ```
    #[inline]
    pub fn into_key(self) -> K {
        self.key
    }

    /// Inserts the key with this value.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::Entry;
    ///
    /// let mut stock = Map::new();
    /// if let Entry::Vacant(entry) = stock.entry("apples") {
    ///     *entry.insert(3) += 1;
    /// }
    /// assert_eq!(stock["apples"], 4);
    /// ```
    #[inline]
    pub fn insert(self, value: V) -> &'a mut V {
        self.insert_entry(value).into_mut()
    }

    /// Inserts the key with this value, and returns the entry.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::Entry;
    ///
    /// let mut stock = Map::new();
    /// if let Entry::Vacant(entry) = stock.entry("apples") {
    ///     assert_eq!(entry.insert_entry(3).key(), &"apples");
    /// }
    /// ```
    #[inline]
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V, A> {
        // SAFETY: `spot` was made for `key`, which is not in the map.
        unsafe { self.spot.fill(self.key, value) }
    }

    /// [`VacantEntry::insert`], but returns an error instead of aborting.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::{Entry, InsertError};
    ///
    /// let mut stock = Map::new();
    /// if let Entry::Vacant(entry) = stock.entry("apples") {
    ///     *entry.insert_fallible(3)? += 1;
    /// }
    /// assert_eq!(stock["apples"], 4);
    /// # Ok::<(), InsertError<&str, i32>>(())
    /// ```
    ///
    /// # Errors
    /// There is no memory for a new entry.
    #[inline]
    pub fn insert_fallible(self, value: V) -> Result<&'a mut V, InsertError<K, V>> {
        Ok(self.insert_entry_fallible(value)?.into_mut())
    }

    /// [`VacantEntry::insert_entry`], but returns an error instead of aborting.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::{Entry, InsertError};
    ///
    /// let mut stock = Map::new();
    /// if let Entry::Vacant(entry) = stock.entry("apples") {
    ///     assert_eq!(entry.insert_entry_fallible(3)?.key(), &"apples");
    /// }
    /// # Ok::<(), InsertError<&str, i32>>(())
    /// ```
    ///
    /// # Errors
    /// There is no memory for a new entry.
    #[inline]
    pub fn insert_entry_fallible(
        self,
        value: V,
    ) -> Result<OccupiedEntry<'a, K, V, A>, InsertError<K, V>> {
        // SAFETY: `spot` was made for `key`, which is not in the map.
        Ok(unsafe { self.spot.try_fill(self.key, value)? })
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
