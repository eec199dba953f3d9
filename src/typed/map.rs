//! The map: constructors, size, and operations that change one entry.

use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use core::mem;
use core::ptr;

use equivalent::Equivalent;
use maptype::AllocError;

use super::entry::Spot;
use super::error::{InsertError, OccupiedError, TryReserveError};
use super::hasher::DefaultHashBuilder;
use super::rebuild::capacity;
use super::shape::{Described, HashedBy, Typed, hash_of, unhashed};
use super::table::Table;
use super::{Entry, EntryRef, Memory, OccupiedEntry, SystemHeap, VacantEntry, VacantEntryRef};
use crate::bucket::Cell;
use crate::header::{growing, sizes};
use crate::heap;
use crate::inspect::anatomy;
use crate::layout::Hmap;
use crate::raw::delete::{Found, find_to_delete};
use crate::raw::find::current_bucket;
use crate::raw::grow::growWork;
use crate::raw::insert::{Placed, find_or_fill, find_or_insert, make_room};
use crate::shape::Shape;

/// A hash map that grows without pauses.
///
/// Keys are compared with `Eq` and hashed with `Hash` under a [`BuildHasher`], as in the standard
/// library's `HashMap`, whose names and rules this type follows. See the [module](crate::typed) for
/// what differs.
///
/// ```
/// use gomap::Map;
///
/// let mut stock = Map::new();
/// stock.insert("apples", 3);
/// *stock.entry("pears").or_insert(0) += 7;
/// assert_eq!(stock["pears"], 7);
/// assert_eq!(stock.remove("apples"), Some(3));
/// assert_eq!(stock.len(), 1);
/// ```
///
/// An empty map owns no memory. To change a key, while it is in a map, so that its hash or equality
/// changes is a logic error: entries may not be found, or lookups may panic, but the behaviour is
/// never undefined.
pub struct Map<K, V, S = DefaultHashBuilder, A: Memory = SystemHeap> {
    pub(super) table: Table<A>,
    pub(super) hash_builder: S,
    types: PhantomData<(K, V)>,
}

impl<K, V> Map<K, V> {
    /// An empty map with a random hash key. It allocates nothing.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let stock: Map<&str, i32> = Map::new();
    /// assert_eq!(stock.capacity(), 0);
    /// ```
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Map::default()
    }

    /// An empty map with room for `capacity` entries. If `capacity` is 53 or more, that many
    /// insertions allocate nothing: see [`Map::try_reserve`].
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut squares = Map::with_capacity(100);
    /// let capacity = squares.capacity();
    /// squares.extend((0..100).map(|i| (i, i * i)));
    /// assert!(capacity >= 100 && squares.capacity() == capacity);
    /// ```
    ///
    /// # Panics
    /// If that many entries do not fit the address space.
    #[inline]
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Map::with_capacity_and_hasher(capacity, DefaultHashBuilder::default())
    }

    /// [`Map::with_capacity`], but returns an error instead of panicking or aborting. The first
    /// `capacity` insertions allocate nothing: see [`Map::try_reserve`].
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::TryReserveError;
    ///
    /// let squares = Map::<u64, u64>::try_with_capacity(100)?;
    /// assert!(squares.capacity() >= 100);
    /// let error = Map::<u64, u64>::try_with_capacity(usize::MAX).unwrap_err();
    /// assert_eq!(error, TryReserveError::CapacityOverflow);
    /// # Ok::<(), TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// That many entries do not fit the address space, or there is no memory.
    pub fn try_with_capacity(capacity: usize) -> Result<Self, TryReserveError> {
        Map::try_with_capacity_and_hasher(capacity, DefaultHashBuilder::default())
    }
}

impl<K, V, S> Map<K, V, S> {
    /// An empty map that hashes its keys with `hash_builder`. It allocates nothing.
    ///
    /// ```
    /// use std::sync::Mutex;
    ///
    /// use gomap::Map;
    /// use gomap::typed::DefaultHashBuilder;
    ///
    /// static NAMES: Mutex<Map<u32, &str, DefaultHashBuilder>> =
    ///     Mutex::new(Map::with_hasher(DefaultHashBuilder::with_key(0x5eed)));
    ///
    /// NAMES.lock().unwrap().insert(7, "seven");
    /// ```
    #[inline]
    pub const fn with_hasher(hash_builder: S) -> Self {
        Map {
            table: Table::new::<K, V>(SystemHeap),
            hash_builder,
            types: PhantomData,
        }
    }

    /// [`Map::with_capacity`] and [`Map::with_hasher`] together.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Map;
    ///
    /// let squares: Map<u64, u64, _> = Map::with_capacity_and_hasher(100, RandomState::new());
    /// assert!(squares.capacity() >= 100);
    /// ```
    ///
    /// # Panics
    /// If that many entries do not fit the address space.
    pub fn with_capacity_and_hasher(capacity: usize, hash_builder: S) -> Self {
        Map::with_capacity_and_hasher_in(capacity, hash_builder, SystemHeap)
    }

    /// [`Map::try_with_capacity`] and [`Map::with_hasher`] together.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Map;
    ///
    /// let builder = RandomState::new();
    /// let squares: Map<u64, u64, _> = Map::try_with_capacity_and_hasher(100, builder)?;
    /// assert!(squares.capacity() >= 100);
    /// # Ok::<(), gomap::typed::TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// That many entries do not fit the address space, or there is no memory.
    pub fn try_with_capacity_and_hasher(
        capacity: usize,
        hash_builder: S,
    ) -> Result<Self, TryReserveError> {
        Map::try_with_capacity_and_hasher_in(capacity, hash_builder, SystemHeap)
    }
}

impl<K, V, S, A: Memory> Map<K, V, S, A> {
    /// A map with this table.
    ///
    /// # Safety
    /// This is a table of `K` and `V` whose keys were hashed with `hash_builder`.
    pub(super) unsafe fn from_table(table: Table<A>, hash_builder: S) -> Self {
        Map {
            table,
            hash_builder,
            types: PhantomData,
        }
    }

    /// The number of entries.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let stock = Map::from([("apples", 3), ("pears", 7)]);
    /// assert_eq!(stock.len(), 2);
    /// ```
    #[inline]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there are no entries.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::new();
    /// assert!(stock.is_empty());
    /// stock.insert("apples", 3);
    /// assert!(!stock.is_empty());
    /// ```
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of entries at which the map grows next; never less than [`Map::len`].
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// // One bucket has eight cells.
    /// let stock = Map::from([("apples", 3)]);
    /// assert_eq!(stock.capacity(), 8);
    /// ```
    pub fn capacity(&self) -> usize {
        // SAFETY: `h` is this map's header, which is borrowed.
        unsafe { capacity(self.table.h()) }
    }

    /// The bytes that the map has allocated: buckets, old buckets that still hold entries, and the
    /// boxes of keys and values larger than 128 bytes. To count them, it visits every bucket.
    ///
    /// Not included are the arrays that a [`Cursor`](super::Cursor) keeps alive, and the
    /// allocator's overhead.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut squares: Map<u64, u64> = Map::new();
    /// assert_eq!(squares.allocation_size(), 0);
    /// squares.insert(3, 9);
    /// assert!(squares.allocation_size() >= 8 * size_of::<(u64, u64)>());
    /// ```
    pub fn allocation_size(&self) -> usize {
        // SAFETY: descriptor and header are this map's, which is borrowed.
        let anatomy = unsafe {
            let s = self.table.unhashed::<K, V>();
            anatomy(s.t(), self.table.h())
        };
        anatomy.bytes.total() - size_of::<Hmap>()
    }

    /// The map's hash builder.
    ///
    /// ```
    /// use std::hash::{BuildHasher, RandomState};
    ///
    /// use gomap::Map;
    ///
    /// let map: Map<u32, u32, RandomState> = Map::default();
    /// assert_eq!(map.hasher().hash_one(7), map.clone().hasher().hash_one(7));
    /// ```
    #[inline]
    pub fn hasher(&self) -> &S {
        &self.hash_builder
    }

    /// Drops all entries. The map keeps its memory for new ones.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut squares: Map<u32, u32> = (0..100).map(|i| (i, i * i)).collect();
    /// let capacity = squares.capacity();
    /// squares.clear();
    /// assert!(squares.is_empty());
    /// assert_eq!(squares.capacity(), capacity);
    /// ```
    pub fn clear(&mut self) {
        // SAFETY: a table of `K` and `V`.
        unsafe { self.table.clear::<K, V>() }
    }
}

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Map<K, V, S, A> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn shape(&self) -> Typed<K, V, HashedBy<'_, S>, A> {
        // SAFETY: a table of `K` and `V`, which outlives the shape.
        unsafe { self.table.shape(HashedBy(&self.hash_builder)) }
    }

    /// Gives `key` the value `value`, and returns the value that it had. If the key is present, the
    /// map keeps the stored one and drops `key`.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::new();
    /// assert_eq!(stock.insert("apples", 3), None);
    /// assert_eq!(stock.insert("apples", 5), Some(3));
    /// assert_eq!(stock["apples"], 5);
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = hash_of(&self.hash_builder, &key);
        self.insert_hashed(hash, key, value)
    }

    /// [`Map::insert`] of a key with this hash.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn insert_hashed(&mut self, hash: usize, key: K, value: V) -> Option<V> {
        if const { size_of::<K>() <= size_of::<usize>() } {
            return self.insert_comparing(hash, key, value);
        }
        // Comparing such keys takes registers or a call. New keys rarely match a tophash; with all
        // comparisons in another function, they need not save registers for them. (The closure must
        // not capture the key either: it would be spilled, which costs 10 to 15 %.)
        match self.find_or_fill(hash, &key, |_| true) {
            Some(filled @ Placed::Filled(_)) => Self::put(filled, key, value),
            Some(Placed::Found(cell)) => self.insert_at_candidate(cell, hash, key, value),
            None => self.insert_slowly(hash, key, value),
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn insert_comparing(&mut self, hash: usize, key: K, value: V) -> Option<V> {
        match self.find_or_fill(hash, &key, |stored| key == *stored) {
            Some(placed) => Self::put(placed, key, value),
            None => self.insert_slowly(hash, key, value),
        }
    }

    /// [`Map::insert`] of a key whose tophash was found in this cell.
    #[inline(never)]
    fn insert_at_candidate(&mut self, cell: Cell, hash: usize, key: K, value: V) -> Option<V> {
        // SAFETY: `cell` is an entry of this map, which is borrowed.
        if key == *unsafe { &*self.shape().key_of(cell) } {
            Self::put(Placed::Found(cell), key, value)
        } else {
            self.insert_slowly(hash, key, value)
        }
    }

    /// The cell of a stored key that `equal` accepts, or else a free one with a copy of `key`.
    /// `None` where the map must grow, or the chain has no free cell.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn find_or_fill(&mut self, hash: usize, key: &K, equal: impl Fn(&K) -> bool) -> Option<Placed> {
        let h = self.table.h_mut();
        let s = self.shape();
        // SAFETY: `h` is this map's header, borrowed mutably; `key` and the stored keys are
        // initialised.
        unsafe {
            let home = current_bucket(s, h, hash);
            home.prefetch_all(s);
            let key = ptr::from_ref(key).cast();
            find_or_fill(s, h, home, key, hash, &mut |slot| equal(&*slot.cast()))
        }
    }

    /// [`Map::insert`] where [`Map::find_or_fill`] finds no cell. As a tail call it leaves `insert`
    /// without a stack frame.
    #[cold]
    #[inline(never)]
    fn insert_slowly(&mut self, hash: usize, key: K, value: V) -> Option<V> {
        match self.find_or_insert(hash, &key) {
            Ok(placed) => Self::put(placed, key, value),
            Err(_) => heap::out_of_memory(self.shape().t()),
        }
    }

    /// The cell of a stored key, or else a free one with a copy of `key`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn find_or_insert(&mut self, hash: usize, key: &K) -> Result<Placed, AllocError> {
        let h = self.table.h_mut();
        let s = self.shape();
        // SAFETY: `h` is this map's header, borrowed mutably; `key` and the stored keys are
        // initialised.
        unsafe {
            find_or_insert(s, h, ptr::from_ref(key).cast(), hash, &mut |slot| {
                *key == *slot.cast::<K>()
            })
        }
    }

    /// [`Map::insert`], but returns an error instead of aborting when there is no memory. Replacing
    /// the value of a present key allocates nothing. (In std and hashbrown, `try_insert` is another
    /// function.)
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::InsertError;
    ///
    /// type Seen = Map<String, u32>;
    ///
    /// fn remember(seen: &mut Seen, name: String) -> Result<(), InsertError<String, u32>> {
    ///     seen.insert_fallible(name, 1)?;
    ///     Ok(())
    /// }
    /// # assert_eq!(remember(&mut Map::new(), "x".into()), Ok(()));
    /// ```
    ///
    /// # Errors
    /// The key is not in the map, and there is no memory for a new entry. The error returns `key`
    /// and `value`.
    pub fn insert_fallible(&mut self, key: K, value: V) -> Result<Option<V>, InsertError<K, V>> {
        let hash = hash_of(&self.hash_builder, &key);
        let placed = match self.find_or_fill(hash, &key, |stored| key == *stored) {
            Some(placed) => placed,
            None => match self.find_or_insert(hash, &key) {
                Ok(placed) => placed,
                Err(AllocError) => return Err(InsertError { key, value }),
            },
        };
        Ok(Self::put(placed, key, value))
    }

    /// Stores the value of an entry. If the entry is new, its cell already has the bytes of `key`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn put(placed: Placed, key: K, value: V) -> Option<V> {
        // SAFETY: an insertion of `key` found or filled the cell; in a new entry the value is not
        // initialised.
        unsafe {
            let slot = unhashed::<K, V>().value_of(placed.cell());
            if placed.existed() {
                // If this unwinds, nothing has happened yet, and no result is lost.
                drop(key);
                Some(mem::replace(&mut *slot, value))
            } else {
                mem::forget(key);
                slot.write(value);
                None
            }
        }
    }

    /// Inserts an entry unless the key is present.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::new();
    /// *stock.try_insert("apples", 3).unwrap() += 1;
    /// let error = stock.try_insert("apples", 5).unwrap_err();
    /// assert_eq!((error.entry.get(), error.value), (&4, 5));
    /// ```
    ///
    /// # Errors
    /// The key is present; the error has its entry, and `value`.
    pub fn try_insert(&mut self, key: K, value: V) -> Result<&mut V, OccupiedError<'_, K, V, A>> {
        match self.entry(key) {
            Entry::Occupied(entry) => Err(OccupiedError { entry, value }),
            Entry::Vacant(entry) => Ok(entry.insert(value)),
        }
    }

    /// Inserts an entry whose key is not in the map, without a lookup, and returns references to
    /// both parts.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut squares = Map::new();
    /// for i in 0..100 {
    ///     // SAFETY: `i` is a different key each time.
    ///     unsafe { squares.insert_unique_unchecked(i, i * i) };
    /// }
    /// assert_eq!(squares[&9], 81);
    /// ```
    ///
    /// # Safety
    /// No equal key is in the map. Otherwise lookups may find either entry; memory safety is not at
    /// risk.
    pub unsafe fn insert_unique_unchecked(&mut self, key: K, value: V) -> (&K, &mut V) {
        let hash = hash_of(&self.hash_builder, &key);
        let h = self.table.h_mut();
        let s = self.shape();
        // SAFETY: `h` is this map's header, borrowed mutably as long as the entry; the growth work
        // was done, and `key` is not in the map (this fn's contract).
        unsafe {
            if growing(h) {
                growWork(s, h, hash & sizes::bucketMask((*h).B));
            }
            let room = make_room(s, h, hash).ok();
            let Some(found) = room.and_then(|()| self.table.insert_new(hash, key, value).ok())
            else {
                heap::out_of_memory(Described::<K, V>::MAP)
            };
            let s = unhashed::<K, V>();
            (&*s.key_of(found.cell), &mut *s.value_of(found.cell))
        }
    }

    /// Finds an entry in order to change it, and does the growth work of a write.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn find_to_change<Q>(&mut self, hash: usize, key: &Q) -> Option<Found>
    where
        Q: Equivalent<K> + ?Sized,
    {
        if self.table.header().buckets.is_null() {
            return None;
        }
        let h = self.table.h_mut();
        let s = self.shape();
        // SAFETY: `h` is this map's header, borrowed mutably; it has buckets, and their keys are
        // initialised.
        unsafe {
            current_bucket(s, h, hash).prefetch(s);
            find_to_delete(s, h, hash, |slot| key.equivalent(&*slot.cast()))
        }
    }

    /// Removes a key, and returns its value.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::from([("apples", 3)]);
    /// assert_eq!(stock.remove("apples"), Some(3));
    /// assert_eq!(stock.remove("apples"), None);
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let (key, value) = self.remove_entry(key)?;
        drop(key);
        Some(value)
    }

    /// Removes a key, and returns it with its value.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut stock = Map::from([("apples".to_string(), 3)]);
    /// assert_eq!(stock.remove_entry("apples"), Some(("apples".to_string(), 3)));
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn remove_entry<Q>(&mut self, key: &Q) -> Option<(K, V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        if self.is_empty() {
            return None;
        }
        let hash = hash_of(&self.hash_builder, key);
        let found = self.find_to_change(hash, key)?;
        // SAFETY: `found` was just found in this table of `K` and `V`.
        Some(unsafe { self.table.take_entry(found) })
    }

    /// The entry of `key`, to inspect, change, fill or remove after a single lookup.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut counts = Map::new();
    /// for word in ["a", "b", "a"] {
    ///     *counts.entry(word).or_insert(0) += 1;
    /// }
    /// assert_eq!(counts["a"], 2);
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V, A> {
        let hash = hash_of(&self.hash_builder, &key);
        match self.find_or_make_room(hash, &key) {
            Ok(found) => Entry::Occupied(OccupiedEntry::new(self.spot(hash, true), found)),
            Err(room) => Entry::Vacant(VacantEntry::new(self.spot(hash, room), key)),
        }
    }

    /// [`Map::entry`] with a borrowed key. The owned key is made only if it is inserted: by
    /// `ToOwned`, or by the caller ([`VacantEntryRef::insert_with_key`]).
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut counts: Map<String, u32> = Map::new();
    /// for word in ["a", "b", "a"] {
    ///     // The second "a" is not copied.
    ///     *counts.entry_ref(word).or_default() += 1;
    /// }
    /// assert_eq!(counts["a"], 2);
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn entry_ref<'q, Q>(&mut self, key: &'q Q) -> EntryRef<'_, 'q, K, Q, V, A>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = hash_of(&self.hash_builder, key);
        match self.find_or_make_room(hash, key) {
            Ok(found) => EntryRef::Occupied(OccupiedEntry::new(self.spot(hash, true), found)),
            Err(room) => EntryRef::Vacant(VacantEntryRef::new(self.spot(hash, room), key)),
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn spot(&mut self, hash: usize, room: bool) -> Spot<'_, K, V, A> {
        Spot::new(&mut self.table, hash, room)
    }

    /// Finds an entry, or starts the growth that its insertion would need, since entries know no
    /// hash builder.
    ///
    /// # Errors
    /// The key is not in the map; the error says whether there was memory for the growth.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn find_or_make_room<Q>(&mut self, hash: usize, key: &Q) -> Result<Found, bool>
    where
        Q: Equivalent<K> + ?Sized,
    {
        self.find_to_change(hash, key).ok_or_else(|| {
            let h = self.table.h_mut();
            let s = self.shape();
            // SAFETY: `h` is this map's header, borrowed mutably; `find_to_change` did the growth
            // work.
            unsafe { make_room(s, h, hash) }.is_ok()
        })
    }
}
