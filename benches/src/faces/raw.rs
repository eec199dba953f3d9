//! The map functions of `gomap::raw`, through a descriptor.

use std::marker::PhantomData;
use std::ptr;
use std::sync::OnceLock;

use gomap::heap::SYSTEM;
use gomap::layout::{Hiter, Hmap};
use gomap::maptype::alg::{self, GoString};
use gomap::maptype::{Heap, Kind, MapType, Type};
use gomap::raw;

use super::Face;
use crate::keys::{Key, Wide};

/// A key type that the map functions know. Keys are in memory as the map stores them.
pub trait RawKey: Key {
    /// Its standard type.
    const TYPE: &'static Type;
}

impl RawKey for u64 {
    const TYPE: &'static Type = &alg::UINT64;
}

impl RawKey for Wide {
    const TYPE: &'static Type = &alg::memory("wide", 32, 8);
}

impl RawKey for GoString {
    const TYPE: &'static Type = &alg::STRING;
}

fn pointer<K: RawKey>(key: &K) -> *const u8 {
    ptr::from_ref(key).cast()
}

/// Which of the map functions are called.
pub trait Entry<K: RawKey>: 'static {
    /// The key type of the descriptor.
    fn key_type() -> Type {
        K::TYPE.duplicate()
    }

    /// # Safety
    /// As [`raw::mapaccess2`].
    #[inline(always)]
    unsafe fn access(t: *const MapType, h: *const Hmap, key: &K) -> (*mut u8, bool) {
        // SAFETY: the caller's promise.
        unsafe { raw::mapaccess2(t, h, pointer(key)) }
    }

    /// # Safety
    /// As [`raw::mapassign`].
    #[inline(always)]
    unsafe fn assign(t: *const MapType, h: *mut Hmap, key: &K) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { raw::mapassign(t, h, pointer(key)) }
    }

    /// # Safety
    /// As [`raw::mapdelete`].
    #[inline(always)]
    unsafe fn delete(t: *const MapType, h: *mut Hmap, key: &K) {
        // SAFETY: the caller's promise.
        unsafe { raw::mapdelete(t, h, pointer(key)) }
    }
}

/// The functions for every kind of key, with the standard key type.
pub struct Default;

impl<K: RawKey> Entry<K> for Default {}

/// The functions for every kind of key, with a key type of which only hash and equality are known.
pub struct Called;

impl<K: RawKey> Entry<K> for Called {
    fn key_type() -> Type {
        K::TYPE.duplicate().with_kind(Kind::Opaque)
    }
}

/// The functions that Go's compiler would choose for the key.
pub struct Fast;

impl Entry<Wide> for Fast {}

/// Declares that Go's compiler has special functions for a key.
macro_rules! fast_entry {
    ($key:ty, $access2:ident $assign:ident $delete:ident) => {
        impl Entry<$key> for Fast {
            #[inline(always)]
            unsafe fn access(t: *const MapType, h: *const Hmap, key: &$key) -> (*mut u8, bool) {
                // SAFETY: the caller's promise.
                unsafe { raw::$access2(t, h, *key) }
            }

            #[inline(always)]
            unsafe fn assign(t: *const MapType, h: *mut Hmap, key: &$key) -> *mut u8 {
                // SAFETY: the caller's promise.
                unsafe { raw::$assign(t, h, *key) }
            }

            #[inline(always)]
            unsafe fn delete(t: *const MapType, h: *mut Hmap, key: &$key) {
                // SAFETY: the caller's promise.
                unsafe { raw::$delete(t, h, *key) }
            }
        }
    };
}

fast_entry!(u64, mapaccess2_fast64 mapassign_fast64 mapdelete_fast64);
fast_entry!(GoString, mapaccess2_faststr mapassign_faststr mapdelete_faststr);

/// Keys of a call of [`raw::mapaccess_many`].
const IN_A_ROW: usize = 1024;

/// A map on the system heap, or the one of [`use_heap`], used through the functions of `E`.
pub struct Raw<K, E> {
    t: &'static MapType,
    h: *mut Hmap,
    types: PhantomData<(K, E)>,
}

static HEAP: OnceLock<Heap> = OnceLock::new();

/// Makes all raw maps of the process live on `heap`. It must come before the first of them.
///
/// # Panics
/// If it does not.
pub fn use_heap(heap: Heap) {
    assert!(HEAP.set(heap).is_ok(), "one heap a process");
}

/// The descriptor for the keys of `E`. A process measures one face with one type of keys: there is
/// only one.
fn descriptor<K: RawKey, E: Entry<K>>() -> &'static MapType {
    static DESCRIPTOR: OnceLock<(&Type, MapType)> = OnceLock::new();
    let make = || {
        let key: &'static Type = Box::leak(Box::new(E::key_type()));
        let t =
            MapType::new(key, &alg::UINT64, HEAP.get_or_init(|| SYSTEM)).expect("a standard type");
        (key, t)
    };
    let (key, t) = DESCRIPTOR.get_or_init(make);
    assert_eq!(
        key.name(),
        E::key_type().name(),
        "one type of keys a process"
    );
    t
}

impl<K: RawKey, E: Entry<K>> Face<K> for Raw<K, E> {
    fn new() -> Self {
        Self::with_capacity(0)
    }

    fn with_capacity(n: usize) -> Self {
        let t = descriptor::<K, E>();
        // SAFETY: a checked descriptor; the heap allocates the map.
        let h = unsafe { raw::makemap(t, n as isize, ptr::null_mut()) };
        Raw {
            t,
            h,
            types: PhantomData,
        }
    }

    #[inline(always)]
    fn count(&self) -> usize {
        // SAFETY: a live map.
        unsafe { (*self.h).count as usize }
    }

    #[inline(always)]
    fn insert(&mut self, key: &K, value: u64) {
        // SAFETY: a live map of this descriptor, which nothing else uses; elems are `u64`.
        unsafe { E::assign(self.t, self.h, key).cast::<u64>().write(value) }
    }

    #[inline(always)]
    fn get(&self, key: &K) -> Option<u64> {
        // SAFETY: as above.
        unsafe {
            let (elem, found) = E::access(self.t, self.h, key);
            found.then(|| elem.cast::<u64>().read())
        }
    }

    fn get_many(&self, keys: &[K]) -> u64 {
        let mut sum = 0u64;
        for keys in keys.chunks(IN_A_ROW) {
            let mut elems = [ptr::null_mut(); IN_A_ROW];
            // SAFETY: as above; there are as many keys, and room for as many pointers.
            unsafe {
                let first = keys.as_ptr().cast();
                raw::mapaccess_many(self.t, self.h, first, keys.len(), elems.as_mut_ptr());
            }
            // SAFETY: as above.
            let values = elems
                .iter()
                .map(|elem| unsafe { elem.cast::<u64>().as_ref() });
            sum = values
                .flatten()
                .fold(sum, |sum, value| sum.wrapping_add(*value));
        }
        sum
    }

    #[inline(always)]
    fn remove(&mut self, key: &K) -> bool {
        let before = self.count();
        // SAFETY: as above.
        unsafe { E::delete(self.t, self.h, key) };
        self.count() < before
    }

    #[inline(always)]
    fn clear(&mut self) {
        // SAFETY: as above.
        unsafe { raw::mapclear(self.t, self.h) }
    }

    #[inline(always)]
    fn sum(&self) -> u64 {
        let mut sum = 0u64;
        // SAFETY: as above.
        unsafe {
            raw::for_each(self.t, self.h, |key, elem| {
                sum = sum
                    .wrapping_add((*key.cast::<K>()).word())
                    .wrapping_add(elem.cast::<u64>().read());
            });
        }
        sum
    }

    #[inline(always)]
    fn sum_in_go_order(&self) -> u64 {
        let mut it = Hiter::zeroed();
        let mut sum = 0u64;
        // SAFETY: as above; the iteration is stepped to its end.
        unsafe {
            raw::mapiterinit(self.t, self.h, &raw mut it);
            while !it.key.is_null() {
                let value = it.elem.cast::<u64>().read();
                sum = sum
                    .wrapping_add((*it.key.cast::<K>()).word())
                    .wrapping_add(value);
                raw::mapiternext(&raw mut it);
            }
        }
        sum
    }
}

impl<K, E> Drop for Raw<K, E> {
    fn drop(&mut self) {
        // SAFETY: a live map of this descriptor, made by the heap; it is not used again.
        unsafe { raw::mapfree(self.t, self.h) }
    }
}
