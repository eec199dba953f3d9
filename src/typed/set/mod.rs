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
    /// An empty set with a random key for its hashes. It allocates nothing.
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Set::default()
    }

    /// An empty set with room for `capacity` elements.
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

    /// [`Set::with_capacity`], with an error instead of a panic.
    ///
    /// # Errors
    /// That many elements do not fit the address space, or there is no memory.
    #[inline]
    pub fn try_with_capacity(capacity: usize) -> Result<Self, TryReserveError> {
        Map::try_with_capacity(capacity).map(Set::from)
    }
}

impl<T, S> Set<T, S> {
    /// An empty set whose elements `hash_builder` will hash. It allocates nothing.
    #[inline]
    pub const fn with_hasher(hash_builder: S) -> Self {
        Set {
            map: Map::with_hasher(hash_builder),
        }
    }

    /// [`Set::with_capacity`] and [`Set::with_hasher`] together.
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
    #[inline]
    #[must_use]
    pub fn new_in(allocator: A) -> Self {
        Set::from(Map::new_in(allocator))
    }

    /// [`Set::new_in`], with room for `capacity` elements.
    ///
    /// # Panics
    /// If that many elements do not fit the address space.
    #[inline]
    #[must_use]
    pub fn with_capacity_in(capacity: usize, allocator: A) -> Self {
        Set::from(Map::with_capacity_in(capacity, allocator))
    }

    /// [`Set::new_in`], with an error instead of the program's end.
    ///
    /// # Errors
    /// There is no memory.
    #[inline]
    pub fn try_new_in(allocator: A) -> Result<Self, TryReserveError> {
        Map::try_new_in(allocator).map(Set::from)
    }

    /// [`Set::with_capacity_in`], with an error instead of a panic.
    ///
    /// # Errors
    /// That many elements do not fit the address space, or there is no memory.
    #[inline]
    pub fn try_with_capacity_in(capacity: usize, allocator: A) -> Result<Self, TryReserveError> {
        Map::try_with_capacity_in(capacity, allocator).map(Set::from)
    }
}

impl<T, S, A: Memory> Set<T, S, A> {
    /// [`Set::new_in`], with a hash builder of its own.
    #[inline]
    pub fn with_hasher_in(hash_builder: S, allocator: A) -> Self {
        Set::from(Map::with_hasher_in(hash_builder, allocator))
    }

    /// [`Set::with_capacity_in`] and [`Set::with_hasher_in`] together.
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

    /// [`Set::try_new_in`], with a hash builder of its own.
    ///
    /// # Errors
    /// There is no memory.
    #[inline]
    pub fn try_with_hasher_in(hash_builder: S, allocator: A) -> Result<Self, TryReserveError> {
        Map::try_with_hasher_in(hash_builder, allocator).map(Set::from)
    }

    /// [`Set::try_with_capacity_in`] and [`Set::try_with_hasher_in`] together.
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

    /// Where the set's memory comes from.
    #[inline]
    pub fn allocator(&self) -> &A {
        self.map.allocator()
    }

    /// Elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there is no element.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Elements that the set holds before it grows next.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.map.capacity()
    }

    /// The bytes that the set has allocated: see [`Map::allocation_size`].
    pub fn allocation_size(&self) -> usize {
        self.map.allocation_size()
    }

    /// The set's hash builder.
    #[inline]
    pub fn hasher(&self) -> &S {
        self.map.hasher()
    }

    /// Drops all elements. The memory stays, for reuse.
    #[inline]
    pub fn clear(&mut self) {
        self.map.clear();
    }

    /// Drops the elements for which `keep` says no, in no particular order.
    #[inline]
    pub fn retain<F: FnMut(&T) -> bool>(&mut self, mut keep: F) {
        self.map.retain(|element, ()| keep(element));
    }
}

impl<T: Eq + Hash, S: BuildHasher, A: Memory> Set<T, S, A> {
    /// Makes room for `additional` more elements at once: see [`Map::reserve`].
    ///
    /// # Panics
    /// If that many elements do not fit the address space.
    #[inline]
    pub fn reserve(&mut self, additional: usize) {
        self.map.reserve(additional);
    }

    /// [`Set::reserve`], with an error instead of a panic.
    ///
    /// # Errors
    /// That many elements do not fit the address space, or there is no memory. The set has the
    /// elements that it had.
    #[inline]
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        self.map.try_reserve(additional)
    }

    /// Gives back memory that the elements do not need: see [`Map::shrink_to_fit`].
    #[inline]
    pub fn shrink_to_fit(&mut self) {
        self.map.shrink_to_fit();
    }

    /// [`Set::shrink_to_fit`], but keeps room for `min_capacity` elements if there is so much.
    #[inline]
    pub fn shrink_to(&mut self, min_capacity: usize) {
        self.map.shrink_to(min_capacity);
    }

    /// Whether the set has an element.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn contains<Q>(&self, value: &Q) -> bool
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.contains_key(value)
    }

    /// The element that is stored.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn get<Q>(&self, value: &Q) -> Option<&T>
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.get_key_value(value).map(|(element, ())| element)
    }

    /// Stores an element, and says whether it is new. One that is present stays; `value` is dropped.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn insert(&mut self, value: T) -> bool {
        self.map.insert(value, ()).is_none()
    }

    /// [`Set::insert`], with an error instead of the program's end.
    ///
    /// # Errors
    /// The element is not in the set, and there is no memory for another. It is the error's `key`.
    #[inline]
    pub fn insert_fallible(&mut self, value: T) -> Result<bool, InsertError<T, ()>> {
        Ok(self.map.insert_fallible(value, ())?.is_none())
    }

    /// Stores an element in place of an equal one, and returns that.
    pub fn replace(&mut self, value: T) -> Option<T> {
        match self.map.find(&value) {
            Some(cell) => {
                let element = self.map.shape();
                // SAFETY: an entry of the map, which is borrowed mutably.
                Some(mem::replace(unsafe { &mut *element.key_of(cell) }, value))
            }
            None => {
                self.map.insert(value, ());
                None
            }
        }
    }

    /// Removes an element, and says whether it was there.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn remove<Q>(&mut self, value: &Q) -> bool
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.remove_entry(value).is_some()
    }

    /// Removes an element, and returns it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn take<Q>(&mut self, value: &Q) -> Option<T>
    where
        Q: Hash + Equivalent<T> + ?Sized,
    {
        self.map.remove_entry(value).map(|(element, ())| element)
    }

    /// The element that is stored; `value` is stored if there is none.
    #[inline]
    pub fn get_or_insert(&mut self, value: T) -> &T {
        self.map.entry(value).insert_entry(()).into_entry().0
    }

    /// The element that is stored; what `make` makes of `value` is stored if there is none.
    ///
    /// # Panics
    /// If what `make` makes is not equal to `value`.
    pub fn get_or_insert_with<Q, F>(&mut self, value: &Q, make: F) -> &T
    where
        Q: Hash + Equivalent<T> + ?Sized,
        F: FnOnce(&Q) -> T,
    {
        // Looked up twice where it is present: the borrow checker does not let the first answer out.
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

    /// The place of an element in the set, to look at or to fill.
    #[inline]
    pub fn entry(&mut self, value: T) -> Entry<'_, T, A> {
        Entry::of(self.map.entry(value))
    }

    /// Stores an element that is not in the set, without looking whether it is, and returns it.
    ///
    /// # Safety
    /// As [`Map::insert_unique_unchecked`].
    #[inline]
    pub unsafe fn insert_unique_unchecked(&mut self, value: T) -> &T {
        // SAFETY: the caller's promise.
        unsafe { self.map.insert_unique_unchecked(value, ()).0 }
    }

    /// Whether no element is in both sets.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        let (small, large) = self.by_size(other);
        small.iter().all(|element| !large.contains(element))
    }

    /// Whether every element is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.len() <= other.len() && self.iter().all(|element| other.contains(element))
    }

    /// Whether every element of `other` is in this set.
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
