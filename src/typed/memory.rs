//! Where the memory of typed maps comes from.

use maptype::{AllocError, Era, Heap, MapType};

use super::rebuild::{Ahead, fail};
use super::shape::Described;
use super::table::Table;
use super::{DefaultHashBuilder, Map, TryReserveError};
use crate::heap::{Pages, system_heap};

/// Where the memory of a [`Map`] comes from: the [`SystemHeap`], its variant [`SmallPages`], or,
/// with feature `allocator-api2`, any `Allocator` of that crate. Nothing else implements it.
///
/// ```
/// use std::hash::{BuildHasher, Hash};
///
/// use gomap::Map;
/// use gomap::typed::Memory;
///
/// fn count<K, S, A>(counts: &mut Map<K, u32, S, A>, key: K)
/// where
///     K: Eq + Hash,
///     S: BuildHasher,
///     A: Memory,
/// {
///     *counts.entry(key).or_insert(0) += 1;
/// }
/// # count(&mut Map::new(), "a");
/// ```
pub trait Memory: Held {}

impl<A: Held> Memory for A {}

/// The default [`Memory`]: Rust's global allocator, and pages of the system for large arrays, with
/// [`Pages::Huge`].
///
/// ```
/// use gomap::Map;
/// use gomap::typed::SystemHeap;
///
/// let stock: Map<&str, u32> = Map::new_in(SystemHeap);
/// # let _ = stock;
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemHeap;

/// The [`SystemHeap`] with [`Pages::Small`]: for programs that prefer a short worst insertion to a
/// fast average, for example on virtual machines whose host maps memory lazily.
///
/// ```
/// use gomap::Map;
/// use gomap::typed::SmallPages;
///
/// let mut sessions = Map::new_in(SmallPages);
/// sessions.insert(17, "open");
/// assert_eq!(sessions[&17], "open");
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SmallPages;

static SMALL_PAGES: Heap = system_heap(Era::Go119, Pages::Small);

/// An argument of [`Held`]'s functions that no other module can make: users can call the functions
/// of a private trait that bounds a public one.
pub struct Sealed(());

impl Sealed {
    pub(super) const HERE: Sealed = Sealed(());
}

/// How a table holds its memory and finds its descriptor.
///
/// # Safety
/// Until a handle is released, its descriptor is that of `Described`, except for the heap.
pub unsafe trait Held: Sized {
    /// What a table stores.
    type Handle: Copy;

    /// Takes the memory over, for maps from `K` to `V`.
    fn hold<K, V>(self, _: Sealed) -> Result<Self::Handle, AllocError>;

    /// The descriptor of the maps.
    ///
    /// # Safety
    /// The handle was made for these types, and is not released while the descriptor is used.
    unsafe fn map_type<K, V>(handle: &Self::Handle) -> &MapType;

    /// The memory that was taken over.
    ///
    /// # Safety
    /// The handle is not released while the reference is used.
    unsafe fn memory(handle: &Self::Handle) -> &Self;

    /// Drops the memory that was taken over.
    ///
    /// # Safety
    /// The handle is not used again.
    unsafe fn release(handle: Self::Handle);
}

/// Declares a memory whose maps of one type share a descriptor, which is a constant.
macro_rules! shared {
    ($memory:ident, $map_type:expr) => {
        // SAFETY: the descriptor is that of `Described`, except for the heap.
        unsafe impl Held for $memory {
            type Handle = $memory;

            fn hold<K, V>(self, _: Sealed) -> Result<$memory, AllocError> {
                Ok(self)
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            unsafe fn map_type<K, V>(_: &$memory) -> &MapType {
                $map_type
            }

            unsafe fn memory(handle: &$memory) -> &$memory {
                handle
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            unsafe fn release(_: $memory) {}
        }
    };
}

shared!(SystemHeap, Described::<K, V>::MAP);
shared!(SmallPages, const { &Described::<K, V>::on(&SMALL_PAGES) });

impl<K, V, A: Memory> Map<K, V, DefaultHashBuilder, A> {
    /// An empty map in the memory of `allocator`, with a random hash key.
    ///
    /// An allocator is asked at once for room for itself and the map's descriptor; the system heap
    /// for nothing.
    ///
    /// ```
    /// # #[cfg(feature = "allocator-api2")] {
    /// use gomap::Map;
    ///
    /// let arena = bumpalo::Bump::new();
    /// let mut stock = Map::new_in(&arena);
    /// stock.insert("apples", 3);
    /// assert_eq!(stock["apples"], 3);
    /// # }
    /// ```
    #[must_use]
    pub fn new_in(allocator: A) -> Self {
        Map::with_hasher_in(DefaultHashBuilder::default(), allocator)
    }

    /// [`Map::new_in`] with room for `capacity` entries.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::SmallPages;
    ///
    /// let squares: Map<u64, u64, _, _> = Map::with_capacity_in(100, SmallPages);
    /// assert!(squares.capacity() >= 100);
    /// ```
    ///
    /// # Panics
    /// If that many entries do not fit the address space.
    #[must_use]
    pub fn with_capacity_in(capacity: usize, allocator: A) -> Self {
        Map::with_capacity_and_hasher_in(capacity, DefaultHashBuilder::default(), allocator)
    }

    /// [`Map::new_in`], but returns an error instead of aborting.
    ///
    /// ```
    /// # #[cfg(feature = "allocator-api2")] {
    /// use gomap::Map;
    /// use gomap::typed::TryReserveError;
    ///
    /// let arena = bumpalo::Bump::new();
    /// arena.set_allocation_limit(Some(0));
    /// let map: Result<Map<u32, u32, _, _>, _> = Map::try_new_in(&arena);
    /// assert_eq!(map.unwrap_err(), TryReserveError::AllocError);
    /// # }
    /// ```
    ///
    /// # Errors
    /// There is no memory.
    pub fn try_new_in(allocator: A) -> Result<Self, TryReserveError> {
        Map::try_with_hasher_in(DefaultHashBuilder::default(), allocator)
    }

    /// [`Map::with_capacity_in`], but returns an error instead of panicking or aborting. The first
    /// `capacity` insertions allocate nothing: see [`Map::try_reserve`].
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::{SmallPages, TryReserveError};
    ///
    /// let squares: Map<u64, u64, _, _> = Map::try_with_capacity_in(100, SmallPages)?;
    /// assert!(squares.capacity() >= 100);
    /// # Ok::<(), TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// That many entries do not fit the address space, or there is no memory.
    pub fn try_with_capacity_in(capacity: usize, allocator: A) -> Result<Self, TryReserveError> {
        Map::try_with_capacity_and_hasher_in(capacity, DefaultHashBuilder::default(), allocator)
    }
}

impl<K, V, S, A: Memory> Map<K, V, S, A> {
    /// [`Map::new_in`] with the given hash builder.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Map;
    /// use gomap::typed::SmallPages;
    ///
    /// let mut stock = Map::with_hasher_in(RandomState::new(), SmallPages);
    /// stock.insert("apples", 3);
    /// ```
    pub fn with_hasher_in(hash_builder: S, allocator: A) -> Self {
        Map::or_fail(Map::try_with_hasher_in(hash_builder, allocator))
    }

    /// [`Map::with_capacity_in`] and [`Map::with_hasher_in`] together.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Map;
    /// use gomap::typed::SmallPages;
    ///
    /// let builder = RandomState::new();
    /// let squares: Map<u64, u64, _, _> =
    ///     Map::with_capacity_and_hasher_in(100, builder, SmallPages);
    /// assert!(squares.capacity() >= 100);
    /// ```
    ///
    /// # Panics
    /// If that many entries do not fit the address space.
    pub fn with_capacity_and_hasher_in(capacity: usize, hash_builder: S, allocator: A) -> Self {
        Map::or_fail(Map::allocated(
            capacity,
            hash_builder,
            allocator,
            Ahead::WhereCheap,
        ))
    }

    /// [`Map::try_new_in`] with the given hash builder.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Map;
    /// use gomap::typed::{SmallPages, TryReserveError};
    ///
    /// let mut stock = Map::try_with_hasher_in(RandomState::new(), SmallPages)?;
    /// stock.insert("apples", 3);
    /// # Ok::<(), TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// There is no memory.
    pub fn try_with_hasher_in(hash_builder: S, allocator: A) -> Result<Self, TryReserveError> {
        let table = Table::new_in::<K, V>(allocator)?;
        // SAFETY: the table is made for these types, and has no keys.
        Ok(unsafe { Map::from_table(table, hash_builder) })
    }

    /// [`Map::try_with_capacity_in`] and [`Map::try_with_hasher_in`] together.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// use gomap::Map;
    /// use gomap::typed::{SmallPages, TryReserveError};
    ///
    /// let builder = RandomState::new();
    /// let squares: Map<u64, u64, _, _> =
    ///     Map::try_with_capacity_and_hasher_in(100, builder, SmallPages)?;
    /// assert!(squares.capacity() >= 100);
    /// # Ok::<(), TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// That many entries do not fit the address space, or there is no memory.
    pub fn try_with_capacity_and_hasher_in(
        capacity: usize,
        hash_builder: S,
        allocator: A,
    ) -> Result<Self, TryReserveError> {
        Map::allocated(capacity, hash_builder, allocator, Ahead::Always)
    }

    fn allocated(
        capacity: usize,
        hash_builder: S,
        allocator: A,
        ahead: Ahead,
    ) -> Result<Self, TryReserveError> {
        let mut map = Map::try_with_hasher_in(hash_builder, allocator)?;
        map.try_allocate(capacity, ahead)?;
        Ok(map)
    }

    /// A map, for callers that cannot return an error.
    pub(super) fn or_fail(map: Result<Self, TryReserveError>) -> Self {
        map.unwrap_or_else(|error| fail(Described::<K, V>::MAP, error))
    }

    /// The memory that the map allocates from.
    ///
    /// ```
    /// # #[cfg(feature = "allocator-api2")] {
    /// use gomap::Map;
    ///
    /// let arena = bumpalo::Bump::new();
    /// let stock: Map<&str, u32, _, _> = Map::new_in(&arena);
    /// assert!(std::ptr::eq(*stock.allocator(), &arena));
    /// # }
    /// ```
    #[inline]
    pub fn allocator(&self) -> &A {
        self.table.memory()
    }
}
