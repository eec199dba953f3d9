//! The set: a map without values.

mod algebra;
mod entry;
mod iter;
mod traits;

use core::hash::{BuildHasher, Hash};
use core::mem;

use super::{
    DefaultHashBuilder, Equivalent, InsertError, Map, Memory, SystemHeap, TryReserveError,
};

pub use algebra::{Difference, Intersection, SymmetricDifference, Union};
pub use entry::{Entry, OccupiedEntry, VacantEntry};
pub use iter::{Cursor, Drain, ExtractIf, IntoIter, Iter};

/// A hash set that grows without pauses: a [`Map`] whose values are `()`.
///
/// Names and rules are those of the standard library's `HashSet`.
///
/// ```
/// use gomap::Set;
///
/// let primes = Set::from([2, 3, 5, 7]);
/// let odd: Set<_> = (0..10).filter(|n| n % 2 == 1).collect();
/// assert_eq!(&primes & &odd, Set::from([3, 5, 7]));
/// ```
pub struct Set<T, S = DefaultHashBuilder, A: Memory = SystemHeap> {
    pub(super) map: Map<T, (), S, A>,
}

impl<T> Set<T> {
    /// An empty set with a random hash key. It allocates nothing.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let primes: Set<u32> = Set::new();
    /// assert_eq!(primes.capacity(), 0);
    /// ```
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Set::default()
    }

    /// An empty set with room for `capacity` elements: see [`Map::with_capacity`].
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut seen = Set::with_capacity(100);
    /// let capacity = seen.capacity();
    /// seen.extend(0..100);
    /// assert!(capacity >= 100 && seen.capacity() == capacity);
    /// ```
    ///
    /// # Panics
    /// If that many elements do not fit the address space.
    #[inline]
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Set {
            map: Map::with_capacity(capacity),
        }
    }

    /// [`Set::with_capacity`], but returns an error instead of panicking or aborting.
    ///
    /// ```
    /// use gomap::Set;
    /// use gomap::typed::TryReserveError;
    ///
    /// let seen: Set<u64> = Set::try_with_capacity(100)?;
    /// assert!(seen.capacity() >= 100);
    /// # Ok::<(), TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// That many elements do not fit the address space, or there is no memory.
    #[inline]
    pub fn try_with_capacity(capacity: usize) -> Result<Self, TryReserveError> {
        Map::try_with_capacity(capacity).map(Set::from)
    }
}

impl<T, S> Set<T, S> {
    /// An empty set that hashes its elements with `hash_builder`. It allocates nothing.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Set;
    ///
    /// let mut primes = Set::with_hasher(RandomState::new());
    /// primes.insert(2);
    /// ```
    #[inline]
    pub const fn with_hasher(hash_builder: S) -> Self {
        Set {
            map: Map::with_hasher(hash_builder),
        }
    }

    /// [`Set::with_capacity`] and [`Set::with_hasher`] together.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Set;
    ///
    /// let seen: Set<u64, _> = Set::with_capacity_and_hasher(100, RandomState::new());
    /// assert!(seen.capacity() >= 100);
    /// ```
    ///
    /// # Panics
    /// If that many elements do not fit the address space.
    #[inline]
    pub fn with_capacity_and_hasher(capacity: usize, hash_builder: S) -> Self {
        Set {
            map: Map::with_capacity_and_hasher(capacity, hash_builder),
        }
    }

    /// [`Set::try_with_capacity`] and [`Set::with_hasher`] together.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Set;
    ///
    /// let seen: Set<u64, _> = Set::try_with_capacity_and_hasher(100, RandomState::new())?;
    /// assert!(seen.capacity() >= 100);
    /// # Ok::<(), gomap::typed::TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// That many elements do not fit the address space, or there is no memory.
    #[inline]
    pub fn try_with_capacity_and_hasher(
        capacity: usize,
        hash_builder: S,
    ) -> Result<Self, TryReserveError> {
        Map::try_with_capacity_and_hasher(capacity, hash_builder).map(Set::from)
    }
}

impl<T, A: Memory> Set<T, DefaultHashBuilder, A> {
    /// An empty set in the memory of `allocator`: see [`Map::new_in`].
    ///
    /// ```
    /// # #[cfg(feature = "allocator-api2")] {
    /// use gomap::Set;
    ///
    /// let arena = bumpalo::Bump::new();
    /// let mut primes = Set::new_in(&arena);
    /// primes.insert(2);
    /// assert!(primes.contains(&2));
    /// # }
    /// ```
    #[inline]
    #[must_use]
    pub fn new_in(allocator: A) -> Self {
        Set::from(Map::new_in(allocator))
    }

    /// [`Set::new_in`] with room for `capacity` elements.
    ///
    /// ```
    /// use gomap::Set;
    /// use gomap::typed::SmallPages;
    ///
    /// let seen: Set<u64, _, _> = Set::with_capacity_in(100, SmallPages);
    /// assert!(seen.capacity() >= 100);
    /// ```
    ///
    /// # Panics
    /// If that many elements do not fit the address space.
    #[inline]
    #[must_use]
    pub fn with_capacity_in(capacity: usize, allocator: A) -> Self {
        Set::from(Map::with_capacity_in(capacity, allocator))
    }

    /// [`Set::new_in`], but returns an error instead of aborting.
    ///
    /// ```
    /// # #[cfg(feature = "allocator-api2")] {
    /// use gomap::Set;
    /// use gomap::typed::TryReserveError;
    ///
    /// let arena = bumpalo::Bump::new();
    /// arena.set_allocation_limit(Some(0));
    /// let set: Result<Set<u32, _, _>, _> = Set::try_new_in(&arena);
    /// assert_eq!(set.unwrap_err(), TryReserveError::AllocError);
    /// # }
    /// ```
    ///
    /// # Errors
    /// There is no memory.
    #[inline]
    pub fn try_new_in(allocator: A) -> Result<Self, TryReserveError> {
        Map::try_new_in(allocator).map(Set::from)
    }

    /// [`Set::with_capacity_in`], but returns an error instead of panicking or aborting.
    ///
    /// ```
    /// use gomap::Set;
    /// use gomap::typed::{SmallPages, TryReserveError};
    ///
    /// let seen: Set<u64, _, _> = Set::try_with_capacity_in(100, SmallPages)?;
    /// assert!(seen.capacity() >= 100);
    /// # Ok::<(), TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// That many elements do not fit the address space, or there is no memory.
    #[inline]
    pub fn try_with_capacity_in(capacity: usize, allocator: A) -> Result<Self, TryReserveError> {
        Map::try_with_capacity_in(capacity, allocator).map(Set::from)
    }
}

impl<T, S, A: Memory> Set<T, S, A> {
    /// [`Set::new_in`] with the given hash builder.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Set;
    /// use gomap::typed::SmallPages;
    ///
    /// let mut primes = Set::with_hasher_in(RandomState::new(), SmallPages);
    /// primes.insert(2);
    /// ```
    #[inline]
    pub fn with_hasher_in(hash_builder: S, allocator: A) -> Self {
        Set::from(Map::with_hasher_in(hash_builder, allocator))
    }

    /// [`Set::with_capacity_in`] and [`Set::with_hasher_in`] together.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Set;
    /// use gomap::typed::SmallPages;
    ///
    /// let builder = RandomState::new();
    /// let seen: Set<u64, _, _> = Set::with_capacity_and_hasher_in(100, builder, SmallPages);
    /// assert!(seen.capacity() >= 100);
    /// ```
    ///
    /// # Panics
    /// If that many elements do not fit the address space.
    #[inline]
    pub fn with_capacity_and_hasher_in(capacity: usize, hash_builder: S, allocator: A) -> Self {
        Set::from(Map::with_capacity_and_hasher_in(
            capacity,
            hash_builder,
            allocator,
        ))
    }

    /// [`Set::try_new_in`] with the given hash builder.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Set;
    /// use gomap::typed::{SmallPages, TryReserveError};
    ///
    /// let mut primes = Set::try_with_hasher_in(RandomState::new(), SmallPages)?;
    /// primes.insert(2);
    /// # Ok::<(), TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// There is no memory.
    #[inline]
    pub fn try_with_hasher_in(hash_builder: S, allocator: A) -> Result<Self, TryReserveError> {
        Map::try_with_hasher_in(hash_builder, allocator).map(Set::from)
    }

    /// [`Set::try_with_capacity_in`] and [`Set::try_with_hasher_in`] together.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Set;
    /// use gomap::typed::{SmallPages, TryReserveError};
    ///
    /// let builder = RandomState::new();
    /// let seen: Set<u64, _, _> =
    ///     Set::try_with_capacity_and_hasher_in(100, builder, SmallPages)?;
    /// assert!(seen.capacity() >= 100);
    /// # Ok::<(), TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// That many elements do not fit the address space, or there is no memory.
    #[inline]
    pub fn try_with_capacity_and_hasher_in(
        capacity: usize,
        hash_builder: S,
        allocator: A,
    ) -> Result<Self, TryReserveError> {
        Map::try_with_capacity_and_hasher_in(capacity, hash_builder, allocator).map(Set::from)
    }

    /// The memory that the set allocates from.
    ///
    /// ```
    /// # #[cfg(feature = "allocator-api2")] {
    /// use gomap::Set;
    ///
    /// let arena = bumpalo::Bump::new();
    /// let primes: Set<u32, _, _> = Set::new_in(&arena);
    /// assert!(std::ptr::eq(*primes.allocator(), &arena));
    /// # }
    /// ```
    #[inline]
    pub fn allocator(&self) -> &A {
        self.map.allocator()
    }

    /// The number of elements.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let primes = Set::from([2, 3, 5, 7]);
    /// assert_eq!(primes.len(), 4);
    /// ```
    #[inline]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are no elements.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut primes = Set::new();
    /// assert!(primes.is_empty());
    /// primes.insert(2);
    /// assert!(!primes.is_empty());
    /// ```
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// The number of elements at which the set grows next; never less than [`Set::len`].
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// // One bucket has eight cells.
    /// let primes = Set::from([2, 3, 5, 7]);
    /// assert_eq!(primes.capacity(), 8);
    /// ```
    #[inline]
    pub fn capacity(&self) -> usize {
        self.map.capacity()
    }

    /// The bytes that the set has allocated: see [`Map::allocation_size`].
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let primes = Set::from([2u64, 3, 5, 7]);
    /// assert!(primes.allocation_size() >= 8 * size_of::<u64>());
    /// ```
    pub fn allocation_size(&self) -> usize {
        self.map.allocation_size()
    }

    /// The set's hash builder.
    ///
    /// ```
    /// use std::hash::{BuildHasher, RandomState};
    ///
    /// use gomap::Set;
    ///
    /// let set: Set<u32, RandomState> = Set::default();
    /// assert_eq!(set.hasher().hash_one(7), set.clone().hasher().hash_one(7));
    /// ```
    #[inline]
    pub fn hasher(&self) -> &S {
        self.map.hasher()
    }

    /// Drops all elements. The set keeps its memory for new ones.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut seen: Set<u32> = (0..100).collect();
    /// let capacity = seen.capacity();
    /// seen.clear();
    /// assert!(seen.is_empty());
    /// assert_eq!(seen.capacity(), capacity);
    /// ```
    #[inline]
    pub fn clear(&mut self) {
        self.map.clear();
    }

    /// Keeps only the elements for which `keep` returns `true`. It visits them in no particular
    /// order.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut numbers: Set<u32> = (0..10).collect();
    /// numbers.retain(|n| n % 3 == 0);
    /// assert_eq!(numbers, Set::from([0, 3, 6, 9]));
    /// ```
    #[inline]
    pub fn retain<F: FnMut(&T) -> bool>(&mut self, mut keep: F) {
        self.map.retain(|element, ()| keep(element));
    }
}

impl<T: Eq + Hash, S: BuildHasher, A: Memory> Set<T, S, A> {
    /// Makes room for `additional` more elements at once: see [`Map::reserve`].
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut seen = Set::from([0]);
    /// seen.reserve(100);
    /// let capacity = seen.capacity();
    /// seen.extend(1..=100);
    /// assert_eq!(seen.capacity(), capacity);
    /// ```
    ///
    /// # Panics
    /// If that many elements do not fit the address space.
    #[inline]
    pub fn reserve(&mut self, additional: usize) {
        self.map.reserve(additional);
    }

    /// [`Set::reserve`], but returns an error instead of panicking or aborting: see
    /// [`Map::try_reserve`].
    ///
    /// ```
    /// use gomap::Set;
    /// use gomap::typed::TryReserveError;
    ///
    /// let mut seen: Set<u32> = Set::new();
    /// seen.try_reserve(100)?;
    /// assert!(seen.capacity() >= 100);
    /// # Ok::<(), TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// That many elements do not fit the address space, or there is no memory. The elements stay as
    /// they are.
    #[inline]
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        self.map.try_reserve(additional)
    }

    /// Frees the memory that the elements do not need: see [`Map::shrink_to_fit`].
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut seen = Set::with_capacity(1000);
    /// seen.extend(0..10);
    /// seen.shrink_to_fit();
    /// assert!(seen.capacity() < 100);
    /// ```
    #[inline]
    pub fn shrink_to_fit(&mut self) {
        self.map.shrink_to_fit();
    }

    /// [`Set::shrink_to_fit`], but keeps room for `min_capacity` elements if there is that much.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut seen = Set::with_capacity(1000);
    /// seen.extend(0..10);
    /// seen.shrink_to(100);
    /// assert!((100..1000).contains(&seen.capacity()));
    /// ```
    #[inline]
    pub fn shrink_to(&mut self, min_capacity: usize) {
        self.map.shrink_to(min_capacity);
    }

    /// Whether an element is in the set. It may be given in any form that is [`Equivalent`] to a
    /// stored one.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let names = Set::from(["apples".to_string()]);
    /// assert!(names.contains("apples"));
    /// assert!(!names.contains("pears"));
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn contains<Q>(&self, value: &Q) -> bool
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.contains_key(value)
    }

    /// The stored element.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let names = Set::from(["apples".to_string()]);
    /// let stored: Option<&String> = names.get("apples");
    /// assert_eq!(stored.unwrap(), "apples");
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn get<Q>(&self, value: &Q) -> Option<&T>
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.get_key_value(value).map(|(element, ())| element)
    }

    /// Inserts an element, and returns whether it is new. If it is present, the set keeps the
    /// stored one and drops `value`.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut seen = Set::new();
    /// let first: Vec<_> = [3, 1, 3].into_iter().filter(|&n| seen.insert(n)).collect();
    /// assert_eq!(first, [3, 1]);
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn insert(&mut self, value: T) -> bool {
        self.map.insert(value, ()).is_none()
    }

    /// [`Set::insert`], but returns an error instead of aborting when there is no memory.
    ///
    /// ```
    /// use gomap::Set;
    /// use gomap::typed::InsertError;
    ///
    /// let mut names = Set::new();
    /// assert!(names.insert_fallible("apples")?);
    /// assert!(!names.insert_fallible("apples")?);
    /// # Ok::<(), InsertError<&str, ()>>(())
    /// ```
    ///
    /// # Errors
    /// The element is not in the set, and there is no memory for another. It is the error's `key`.
    #[inline]
    pub fn insert_fallible(&mut self, value: T) -> Result<bool, InsertError<T, ()>> {
        Ok(self.map.insert_fallible(value, ())?.is_none())
    }

    /// Inserts an element in place of an equal one, and returns the old one.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut names = Set::new();
    /// assert_eq!(names.replace(String::from("apples")), None);
    /// let old: String = names.replace("apples".to_string()).unwrap();
    /// assert_eq!(old, "apples");
    /// ```
    pub fn replace(&mut self, value: T) -> Option<T> {
        match self.map.find(&value) {
            Some(cell) => {
                let element = self.map.shape();
                // SAFETY: `cell` is an entry of the map, which is borrowed mutably; the new key is
                // equal.
                Some(mem::replace(unsafe { &mut *element.key_of(cell) }, value))
            }
            None => {
                self.map.insert(value, ());
                None
            }
        }
    }

    /// Removes an element, and returns whether it was present.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut primes = Set::from([2, 3, 4]);
    /// assert!(primes.remove(&4));
    /// assert!(!primes.remove(&4));
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn remove<Q>(&mut self, value: &Q) -> bool
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.remove_entry(value).is_some()
    }

    /// Removes an element, and returns it.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut names = Set::from(["apples".to_string()]);
    /// assert_eq!(names.take("apples"), Some("apples".to_string()));
    /// assert_eq!(names.take("apples"), None);
    /// ```
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn take<Q>(&mut self, value: &Q) -> Option<T>
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.remove_entry(value).map(|(element, ())| element)
    }

    /// The stored element; `value` is inserted if there is none.
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// use gomap::Set;
    ///
    /// let mut names: Set<Rc<str>> = Set::new();
    /// let first = names.get_or_insert("apples".into()).clone();
    /// let second = names.get_or_insert("apples".into());
    /// assert!(Rc::ptr_eq(&first, second));
    /// ```
    #[inline]
    pub fn get_or_insert(&mut self, value: T) -> &T {
        self.map.entry(value).insert_entry(()).into_entry().0
    }

    /// The stored element; what `make` makes of `value` is inserted if there is none.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut names: Set<String> = Set::new();
    /// for word in ["apples", "pears", "apples"] {
    ///     // The second "apples" is not copied.
    ///     names.get_or_insert_with(word, str::to_string);
    /// }
    /// assert_eq!(names.len(), 2);
    /// ```
    ///
    /// # Panics
    /// If what `make` makes is not equivalent to `value`.
    pub fn get_or_insert_with<Q, F>(&mut self, value: &Q, make: F) -> &T
    where
        Q: Hash + Equivalent<T> + ?Sized,
        F: FnOnce(&Q) -> T,
    {
        // A present element is looked up twice, since the borrow checker rejects an early return of
        // the first result.
        if !self.contains(value) {
            let made = make(value);
            assert!(
                value.equivalent(&made),
                "the new element is not equal to the value"
            );
            return self.get_or_insert(made);
        }
        self.get(value).expect("it was just found")
    }

    /// The entry of an element, to inspect, fill or remove after a single lookup.
    ///
    /// ```
    /// use gomap::Set;
    /// use gomap::typed::set::Entry;
    ///
    /// let mut seen = Set::from([3]);
    /// match seen.entry(3) {
    ///     Entry::Occupied(entry) => assert_eq!(entry.remove(), 3),
    ///     Entry::Vacant(entry) => drop(entry.insert()),
    /// }
    /// assert!(seen.is_empty());
    /// ```
    #[inline]
    pub fn entry(&mut self, value: T) -> Entry<'_, T, A> {
        Entry::of(self.map.entry(value))
    }

    /// Inserts an element that is not in the set, without a lookup, and returns it.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut seen = Set::new();
    /// for i in 0..100 {
    ///     // SAFETY: `i` is a different element each time.
    ///     unsafe { seen.insert_unique_unchecked(i) };
    /// }
    /// assert!(seen.contains(&99));
    /// ```
    ///
    /// # Safety
    /// No equal element is in the set: see [`Map::insert_unique_unchecked`].
    #[inline]
    pub unsafe fn insert_unique_unchecked(&mut self, value: T) -> &T {
        // SAFETY: no equal element is in the set (this fn's contract).
        unsafe { self.map.insert_unique_unchecked(value, ()).0 }
    }

    /// Whether the sets have no element in common.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let primes = Set::from([2, 3, 5, 7]);
    /// assert!(primes.is_disjoint(&Set::from([4, 6])));
    /// assert!(!primes.is_disjoint(&Set::from([6, 7])));
    /// ```
    pub fn is_disjoint(&self, other: &Self) -> bool {
        let (small, large) = self.by_size(other);
        small.iter().all(|element| !large.contains(element))
    }

    /// Whether every element is in `other`.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let primes = Set::from([2, 3, 5, 7]);
    /// assert!(Set::from([3, 7]).is_subset(&primes));
    /// assert!(!Set::from([3, 9]).is_subset(&primes));
    /// ```
    pub fn is_subset(&self, other: &Self) -> bool {
        self.len() <= other.len() && self.iter().all(|element| other.contains(element))
    }

    /// Whether every element of `other` is in this set.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let primes = Set::from([2, 3, 5, 7]);
    /// assert!(primes.is_superset(&Set::from([3, 7])));
    /// assert!(!primes.is_superset(&Set::from([3, 9])));
    /// ```
    pub fn is_superset(&self, other: &Self) -> bool {
        other.is_subset(self)
    }

    /// Both sets, the smaller first.
    pub(super) fn by_size<'a>(&'a self, other: &'a Self) -> (&'a Self, &'a Self) {
        if self.len() <= other.len() {
            (self, other)
        } else {
            (other, self)
        }
    }
}
