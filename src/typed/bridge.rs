//! Between a typed map and code that knows maps by their descriptors.

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

/// A descriptor with the hash and the equality of `K` under a hash builder. The map type comes first, so that a pointer
/// to the whole is one to it.
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
    // SAFETY: the hook's contract; the context is the hash builder of the descriptor.
    unsafe { hash_of(Type::context_of::<S>(ty), &*key.cast::<K>()) }
}

unsafe extern "C-unwind" fn equal<K: Eq>(a: *const u8, b: *const u8, _: *const Type) -> bool {
    // SAFETY: the hook's contract.
    unsafe { *a.cast::<K>() == *b.cast::<K>() }
}

impl<S> Descriptor<S> {
    /// A descriptor in memory of its own, that hashes by `hashed_by` or, where that is null, by its own hash builder.
    fn new<K: Eq + Hash, V, B: BuildHasher>(hash_builder: S, hashed_by: *const B) -> *mut Self {
        let t = Box::into_raw(Box::new(Descriptor {
            map: *Described::<K, V>::MAP,
            key: plain::<K>().with_hash(hash::<K, B>).with_equal(equal::<K>),
            hash_builder,
        }));
        // SAFETY: nobody else knows of the descriptor, which stays where it is.
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
    /// Lends the map to code that knows it by its descriptor: the [raw](crate::raw) map functions, or C.
    ///
    /// # Panics
    /// If a [`Cursor`](super::Cursor) is on its way through the map.
    pub fn as_raw(&mut self) -> AsRaw<'_, K, V, S> {
        self.assert_unwatched();
        AsRaw {
            t: Descriptor::new::<K, V, S>((), &raw const self.hash_builder),
            h: self.table.h_mut(),
            borrow: PhantomData,
        }
    }

    /// Gives the map away, as a descriptor and a header, to be used with the [raw](crate::raw) map functions, or by C.
    ///
    /// Whoever has them may use the map as long as they like, and ends it with [`Map::from_raw`]. They may instead free
    /// it with [`mapfree`](crate::raw::mapfree), and must then free the descriptor with [`Map::free_descriptor`].
    ///
    /// Keys and values there are Rust's. So:
    /// - A key that is stored is taken over: its former owner must not drop it. One that only looks up is not.
    /// - The elem of a new key is to be initialised before anything else is done with the map. That of an old one is to
    ///   be read or overwritten as Rust would: [`try_mapassign`](crate::raw::try_mapassign) tells the two apart.
    /// - What a lookup that finds nothing points to is zeroes, and no value of `V`.
    /// - [`mapdelete`](crate::raw::mapdelete) and [`mapclear`](crate::raw::mapclear) drop keys and values; while raw
    ///   iterators are alive, they keep them until those have ended.
    /// - [`mapclone`](crate::raw::mapclone) panics where `K` or `V` has drop glue: a copy of their bytes is no clone.
    /// - Raw iterators read copies of keys that evacuations have left behind. Keys with interior mutability must not be
    ///   changed meanwhile.
    /// - Another thread may use them if it may use a `Map<K, V, S>`.
    ///
    /// # Panics
    /// If a [`Cursor`](super::Cursor) is on its way through the map.
    pub fn into_raw(self) -> (*const MapType, *mut Hmap) {
        self.assert_unwatched();
        let Map {
            table,
            hash_builder,
            ..
        } = self;
        let t = Descriptor::new::<K, V, S>(hash_builder, ptr::null::<S>());
        let t: *const MapType = t.cast();
        // SAFETY: the header moves to memory of its own.
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
        // SAFETY: the map's own table.
        let watched = unsafe { owned::watched(Described::<K, V>::MAP, self.table.h()) };
        assert!(!watched, "a cursor is on its way through the map");
    }
}

impl<K, V, S> Map<K, V, S> {
    /// Takes back a map that [`Map::into_raw`] gave away. Neither pointer must be used again.
    ///
    /// # Panics
    /// If the descriptor is not of keys and elems with the sizes and alignments of `K` and `V`.
    ///
    /// # Safety
    /// Both pointers came from one call of `into_raw` with these types, or `h` from [`makemap`](crate::raw::makemap)
    /// with such a `t`. The rules there were kept, every elem is initialised, no write is under way, and no iterator is
    /// alive.
    pub unsafe fn from_raw(t: *const MapType, h: *mut Hmap) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            let same =
                |ty: &Type, expected: &Type| ty.size == expected.size && ty.align == expected.align;
            let fits = same(&*(*t).key, Described::<K, V>::KEY)
                && same(&*(*t).elem, Described::<K, V>::ELEM)
                && ptr::eq((*t).heap, &SYSTEM);
            assert!(fits, "the descriptor is of another type of map");
            let mut table = Table::new::<K, V>(SystemHeap);
            ptr::copy_nonoverlapping(h, table.h_mut(), 1);
            heap::free(&*t, h.cast(), size_of::<Hmap>(), ALIGN);
            let descriptor = Box::from_raw(t.cast_mut().cast::<Descriptor<S>>());
            Map::from_table(table, descriptor.hash_builder)
        }
    }

    /// Frees a descriptor that [`Map::into_raw`] gave away, once its maps are freed, and drops the hash builder in it.
    ///
    /// # Safety
    /// `t` came from `into_raw` with these types, and nobody uses it, nor any map made with it, again.
    pub unsafe fn free_descriptor(t: *const MapType) {
        // SAFETY: the caller's promise.
        drop(unsafe { Box::from_raw(t.cast_mut().cast::<Descriptor<S>>()) });
    }
}

/// A map lent to code that knows it by its descriptor: see [`Map::as_raw`].
///
/// The rules of [`Map::into_raw`] hold. When this value is dropped, every elem must be initialised, and every iterator
/// must have ended; the descriptor is gone then.
pub struct AsRaw<'a, K, V, S> {
    t: *mut Descriptor<()>,
    h: *mut Hmap,
    borrow: PhantomData<&'a mut Map<K, V, S>>,
}

impl<K, V, S> AsRaw<'_, K, V, S> {
    /// The descriptor.
    pub fn descriptor(&self) -> *const MapType {
        self.t.cast()
    }

    /// The header. The map must not be freed.
    pub fn header(&mut self) -> *mut Hmap {
        self.h
    }
}

impl<K, V, S> Drop for AsRaw<'_, K, V, S> {
    fn drop(&mut self) {
        // SAFETY: the descriptor is this value's own.
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
