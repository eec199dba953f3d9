//! A typed map in the form that code for raw maps takes: a descriptor and a header.

use alloc::boxed::Box;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr;

use maptype::{MapType, Type};

use super::shape::{Described, hash_of, plain};
use super::table::Table;
use super::{Map, SystemHeap};
use crate::heap::types::HMAP;
use crate::heap::{self, ALIGN, SYSTEM};
use crate::layout::Hmap;
use crate::owned;

/// A descriptor with the hash and equality of `K` under a hash builder. The map type is the first
/// field, so that a pointer to the descriptor is one to the map type.
#[repr(C)]
struct Descriptor<S> {
    map: MapType,
    key: Type,
    hash_builder: S,
}

unsafe extern "C-unwind" fn hash<K: Hash, S: BuildHasher>(
    key: *const u8,
    _: usize,
    ty: *const Type,
) -> usize {
    // SAFETY: `key` is a key of this type, and the context is the hash builder (hook's contract).
    unsafe { hash_of(Type::context_of::<S>(ty), &*key.cast::<K>()) }
}

unsafe extern "C-unwind" fn equal<K: Eq>(a: *const u8, b: *const u8, _: *const Type) -> bool {
    // SAFETY: `a` and `b` are keys of this type (hook's contract).
    unsafe { *a.cast::<K>() == *b.cast::<K>() }
}

impl<S> Descriptor<S> {
    /// A boxed descriptor that hashes by `hashed_by` or, if that is null, by its own hash builder.
    fn new<K: Eq + Hash, V, B: BuildHasher>(hash_builder: S, hashed_by: *const B) -> *mut Self {
        let t = Box::into_raw(Box::new(Descriptor {
            map: *Described::<K, V>::MAP,
            key: plain::<K>().with_hash(hash::<K, B>).with_equal(equal::<K>),
            hash_builder,
        }));
        // SAFETY: the descriptor was just boxed, is not shared, and does not move.
        unsafe {
            let context = if hashed_by.is_null() {
                (&raw const (*t).hash_builder).cast()
            } else {
                hashed_by.cast()
            };
            let key = &raw mut (*t).key;
            key.write(key.read().with_context(context));
            let map = MapType::new(&*key, Described::<K, V>::ELEM, &SYSTEM);
            let map = map.unwrap_or_else(|_| heap::out_of_memory(Described::<K, V>::MAP));
            (*t).map = map.with_dirty_cells();
        }
        t
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Map<K, V, S> {
    /// Lends the map to code that works by descriptors: the [raw](crate::raw) map functions, or C.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::raw::mapaccess1;
    ///
    /// let mut squares: Map<u32, u32> = (0..10).map(|i| (i, i * i)).collect();
    /// let mut raw = squares.as_raw();
    /// let (t, h, key) = (raw.descriptor(), raw.header(), 3u32);
    /// // SAFETY: descriptor and header belong together; keys and elems are `u32`.
    /// let square = unsafe { *mapaccess1(t, h, (&raw const key).cast()).cast::<u32>() };
    /// assert_eq!(square, 9);
    /// ```
    ///
    /// # Panics
    /// If a [`Cursor`](super::Cursor) is on a walk through the map.
    pub fn as_raw(&mut self) -> AsRaw<'_, K, V, S> {
        self.assert_unwatched();
        AsRaw {
            t: Descriptor::new::<K, V, S>((), &raw const self.hash_builder),
            h: self.table.h_mut(),
            borrow: PhantomData,
        }
    }

    /// Gives the map away as a descriptor and a header, for the [raw](crate::raw) map functions or
    /// C.
    ///
    /// Their owner may use the map as long as needed, and ends with [`Map::from_raw`].
    /// Alternatively it frees the map with [`mapfree`](crate::raw::mapfree), and then the
    /// descriptor with [`Map::free_descriptor`].
    ///
    /// Keys and values there are Rust values. So:
    /// - Inserting a key moves it: its former owner must not drop it. Looking one up does not.
    /// - The elem of a new key must be initialised before anything else is done with the map. That
    ///   of a present key must be read or overwritten as in Rust:
    ///   [`try_mapassign`](crate::raw::try_mapassign) tells the two apart.
    /// - A lookup that finds nothing returns a pointer to zeroes, which need not be a valid `V`.
    /// - [`mapdelete`](crate::raw::mapdelete) and [`mapclear`](crate::raw::mapclear) drop keys and
    ///   values; while raw iterators are alive, the drop is delayed until they have ended.
    /// - [`mapclone`](crate::raw::mapclone) panics where `K` or `V` has drop glue: a copy of the
    ///   bytes is no clone.
    /// - Raw iterators read copies of keys in buckets that were evacuated. Keys with interior
    ///   mutability must not be changed meanwhile.
    /// - Another thread may use the map if it may use a `Map<K, V, S>`.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::raw::mapdelete;
    ///
    /// let squares: Map<u32, u32> = (0..10).map(|i| (i, i * i)).collect();
    /// let (t, h) = squares.into_raw();
    /// let key = 3u32;
    /// // SAFETY: `t` and `h` came from `into_raw`, and go back to the same types.
    /// let squares: Map<u32, u32> = unsafe {
    ///     mapdelete(t, h, (&raw const key).cast());
    ///     Map::from_raw(t, h)
    /// };
    /// assert_eq!(squares.len(), 9);
    /// ```
    ///
    /// # Panics
    /// If a [`Cursor`](super::Cursor) is on a walk through the map.
    pub fn into_raw(self) -> (*const MapType, *mut Hmap) {
        self.assert_unwatched();
        let Map {
            table,
            hash_builder,
            ..
        } = self;
        let t = Descriptor::new::<K, V, S>(hash_builder, ptr::null::<S>());
        let t: *const MapType = t.cast();
        // SAFETY: `t` is valid, and the new memory has the size of a header; the old header is
        // forgotten.
        unsafe {
            let Ok(h) = heap::allocate(&*t, size_of::<Hmap>(), ALIGN, &HMAP) else {
                heap::out_of_memory(&*t)
            };
            let table = ManuallyDrop::new(table);
            ptr::copy_nonoverlapping(table.h(), h.cast(), 1);
            (t, h.cast())
        }
    }

    fn assert_unwatched(&self) {
        // SAFETY: `h` is this map's header, which is borrowed.
        let watched = unsafe { owned::watched(Described::<K, V>::MAP, self.table.h()) };
        assert!(!watched, "a cursor is on a walk through the map");
    }
}

impl<K, V, S> Map<K, V, S> {
    /// Takes back a map that [`Map::into_raw`] gave away. Neither pointer may be used again.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let stock = Map::from([("apples", 3)]);
    /// let (t, h) = stock.into_raw();
    /// // SAFETY: both pointers came from `into_raw` of a map of these types.
    /// let stock: Map<&str, i32> = unsafe { Map::from_raw(t, h) };
    /// assert_eq!(stock["apples"], 3);
    /// ```
    ///
    /// # Panics
    /// If the sizes and alignments of the descriptor's keys and elems are not those of `K` and `V`.
    ///
    /// # Safety
    /// Both pointers came from one call of `into_raw` with these types, or `h` came from
    /// [`makemap`](crate::raw::makemap) with such a `t`. The rules of `into_raw` were followed,
    /// every elem is initialised, no write is in progress, and no iterator is alive.
    pub unsafe fn from_raw(t: *const MapType, h: *mut Hmap) -> Self {
        // SAFETY: `t` and `h` came from `into_raw` with these types, and no iterator is alive (this
        // fn's contract).
        unsafe {
            let same =
                |ty: &Type, expected: &Type| ty.size == expected.size && ty.align == expected.align;
            let fits = same(&*(*t).key, Described::<K, V>::KEY)
                && same(&*(*t).elem, Described::<K, V>::ELEM)
                && ptr::eq((*t).heap, &SYSTEM);
            assert!(fits, "the descriptor is for another type of map");
            let mut table = Table::new::<K, V>(SystemHeap);
            ptr::copy_nonoverlapping(h, table.h_mut(), 1);
            heap::free(&*t, h.cast(), size_of::<Hmap>(), ALIGN);
            let descriptor = Box::from_raw(t.cast_mut().cast::<Descriptor<S>>());
            Map::from_table(table, descriptor.hash_builder)
        }
    }

    /// Frees a descriptor that [`Map::into_raw`] gave away, after its maps, and drops its hash
    /// builder.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::raw::mapfree;
    ///
    /// let (t, h) = Map::from([("apples", 3)]).into_raw();
    /// // SAFETY: both pointers came from `into_raw`, and neither is used again.
    /// unsafe {
    ///     mapfree(t, h);
    ///     Map::<&str, i32>::free_descriptor(t);
    /// }
    /// ```
    ///
    /// # Safety
    /// `t` came from `into_raw` with these types. Neither it nor any map made with it is used
    /// again.
    pub unsafe fn free_descriptor(t: *const MapType) {
        // SAFETY: `into_raw` boxed `t` with these types, and it is not used again (this fn's
        // contract).
        drop(unsafe { Box::from_raw(t.cast_mut().cast::<Descriptor<S>>()) });
    }
}

/// A map lent to code that works by descriptors: see [`Map::as_raw`].
///
/// The rules of [`Map::into_raw`] hold. When this value is dropped, every elem must be initialised,
/// and every iterator must have ended; the descriptor is freed.
///
/// ```
/// use gomap::Map;
///
/// let mut stock = Map::from([("apples", 3)]);
/// let mut raw = stock.as_raw();
/// // SAFETY: the header is that of the map.
/// assert_eq!(unsafe { (*raw.header()).count }, 1);
/// ```
pub struct AsRaw<'a, K, V, S> {
    t: *mut Descriptor<()>,
    h: *mut Hmap,
    borrow: PhantomData<&'a mut Map<K, V, S>>,
}

impl<K, V, S> AsRaw<'_, K, V, S> {
    /// The descriptor.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut squares: Map<u32, u64> = Map::new();
    /// let raw = squares.as_raw();
    /// // SAFETY: the descriptor lives as long as `raw`.
    /// let t = unsafe { &*raw.descriptor() };
    /// assert_eq!((t.keysize, t.elemsize), (4, 8));
    /// ```
    pub fn descriptor(&self) -> *const MapType {
        self.t.cast()
    }

    /// The header. The map must not be freed.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::raw::mapclear;
    ///
    /// let mut stock = Map::from([("apples", 3)]);
    /// let mut raw = stock.as_raw();
    /// // SAFETY: the descriptor and the header of one map.
    /// unsafe { mapclear(raw.descriptor(), raw.header()) };
    /// drop(raw);
    /// assert!(stock.is_empty());
    /// ```
    pub fn header(&mut self) -> *mut Hmap {
        self.h
    }
}

impl<K, V, S> Drop for AsRaw<'_, K, V, S> {
    fn drop(&mut self) {
        // SAFETY: `as_raw` boxed the descriptor for this value alone.
        drop(unsafe { Box::from_raw(self.t) });
    }
}

impl<K, V, S> fmt::Debug for AsRaw<'_, K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsRaw")
            .field("header", &self.h)
            .finish_non_exhaustive()
    }
}
