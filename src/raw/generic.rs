//! The document's functions for map types of every kind.

use core::ptr;

use maptype::{AllocError, MapType};

use super::assign::{self, Assigned};
use super::{batch, clear, clone, delete, observe};
use crate::bucket::SlotOffsets;
use crate::header::flags;
use crate::heap;
use crate::layout::Hmap;
use crate::owned::LiveCells;
use crate::shape::{Erased, Shape, with_shape};

/// The elem of `key`, or the zero value. Never null; it must not be written to.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let mut key = 7i64;
/// *mapassign(&t, h, (&raw const key).cast()).cast::<i64>() = 49;
/// assert_eq!(*mapaccess1(&t, h, (&raw const key).cast()).cast::<i64>(), 49);
/// key = 8;
/// assert_eq!(*mapaccess1(&t, h, (&raw const key).cast()).cast::<i64>(), 0);
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Panics
/// If hashing the key does, even if the map is empty or null.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; `key` is a *key*; *shared*.
#[inline]
pub unsafe fn mapaccess1(t: *const MapType, h: *const Hmap, key: *const u8) -> *mut u8 {
    // SAFETY: `t` is valid, `h` is of `t`, `key` is a key; *shared*.
    unsafe { with_shape!(&*t => outlined::mapaccess1, h, key) }
}

/// [`mapaccess1`], and whether the key is in the map.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let key = 7i64;
/// let (elem, found) = mapaccess2(&t, h, (&raw const key).cast());
/// assert_eq!((*elem.cast::<i64>(), found), (0, false));
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// As [`mapaccess1`].
#[inline]
pub unsafe fn mapaccess2(t: *const MapType, h: *const Hmap, key: *const u8) -> (*mut u8, bool) {
    // SAFETY: `t` is valid, `h` is of `t`, `key` is a key; *shared*.
    unsafe { with_shape!(&*t => outlined::mapaccess2, h, key) }
}

/// The stored key that equals `key`, and its elem; two null pointers if there is none. If the map
/// is empty or null, the key is not hashed.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::FLOAT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// # let stored = -0.0f64;
/// # mapassign(&t, h, (&raw const stored).cast());
/// // -0.0 was stored; it equals 0.0.
/// let key = 0.0f64;
/// let (stored, _) = mapaccessK(&t, h, (&raw const key).cast());
/// assert!((*stored.cast::<f64>()).is_sign_negative());
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// As [`mapaccess1`].
#[inline]
pub unsafe fn mapaccessK(t: *const MapType, h: *const Hmap, key: *const u8) -> (*mut u8, *mut u8) {
    // SAFETY: `t` is valid, `h` is of `t`, `key` is a key; *shared*.
    unsafe { with_shape!(&*t => outlined::mapaccessK, h, key) }
}

/// Looks up the `n` keys of the array at `keys`, and stores pointers to their elems at `elems`:
/// null for each key that is not in the map. If the map is larger than a core's caches, one call
/// with hundreds of keys is about twice as fast as single lookups.
///
/// ```
/// # use std::ptr::null_mut;
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// # for key in 0i64..10 {
/// #     *mapassign(&t, h, (&raw const key).cast()).cast() = key * key;
/// # }
/// let keys = [7i64, 100];
/// let mut elems = [null_mut(); 2];
/// mapaccess_many(&t, h, keys.as_ptr().cast(), 2, elems.as_mut_ptr());
/// assert_eq!(*elems[0].cast::<i64>(), 49);
/// assert!(elems[1].is_null());
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Panics
/// If hashing or comparing a key does. Some of the pointers are stored then.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; `keys` points to an array of `n` *keys*, `elems` to room for
/// `n` pointers; *shared*.
#[inline]
pub unsafe fn mapaccess_many(
    t: *const MapType,
    h: *const Hmap,
    keys: *const u8,
    n: usize,
    elems: *mut *mut u8,
) {
    // SAFETY: `t` is valid, `h` is of `t`; there are `n` keys, and room for `n` pointers; *shared*.
    unsafe { with_shape!(&*t => outlined::mapaccess_many, h, keys, n, elems) }
}

/// Inserts or updates the `n` keys of the array at `keys`, with elems copied from the array at
/// `elems`. The elem type must have no drop glue; if the key type has, the caller must know which
/// keys the map takes over (see [`Assigned::key_taken`]). If the map is larger than a core's
/// caches, one call with hundreds of keys is about twice as fast as single [`mapassign`]s.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let (keys, elems) = ([7i64, 8], [49i64, 64]);
/// let stored = mapassign_many(&t, h, keys.as_ptr().cast(), 2, elems.as_ptr().cast());
/// assert_eq!(stored, Ok(()));
/// assert_eq!((*h).count, 2);
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Errors
/// There is no memory. The error is the number of entries that were stored before.
///
/// # Panics
/// As [`mapassign`]. The entries of some of the keys before the failing one are stored then, in
/// order from the first.
///
/// # Safety
/// As [`mapassign`], for each of the `n` *keys* of the array at `keys`; `elems` points to as many
/// elems.
#[inline]
pub unsafe fn mapassign_many(
    t: *const MapType,
    h: *mut Hmap,
    keys: *const u8,
    n: usize,
    elems: *const u8,
) -> Result<(), usize> {
    // SAFETY: `t` is valid, `h` is of `t`; there are `n` keys, and room for `n` pointers;
    // *exclusive*.
    unsafe { with_shape!(&*t => outlined::mapassign_many, h, keys, n, elems) }
}

/// [`mapaccess1`] with the caller's own zero value, for elems larger than the shared one.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let (key, mut zero) = (7i64, 0i64);
/// let elem = mapaccess1_fat(&t, h, (&raw const key).cast(), (&raw mut zero).cast());
/// assert_eq!(elem, (&raw mut zero).cast());
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// As [`mapaccess1`].
#[inline]
pub unsafe fn mapaccess1_fat(
    t: *const MapType,
    h: *const Hmap,
    key: *const u8,
    zero: *mut u8,
) -> *mut u8 {
    // SAFETY: `t` is valid, `h` is of `t`, `key` is a key; *shared*.
    unsafe { mapaccess2_fat(t, h, key, zero).0 }
}

/// [`mapaccess2`] with the caller's own zero value, for elems larger than the shared one.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let (key, mut zero) = (7i64, 0i64);
/// let found = mapaccess2_fat(&t, h, (&raw const key).cast(), (&raw mut zero).cast());
/// assert_eq!(found, ((&raw mut zero).cast(), false));
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// As [`mapaccess1`].
#[inline]
pub unsafe fn mapaccess2_fat(
    t: *const MapType,
    h: *const Hmap,
    key: *const u8,
    zero: *mut u8,
) -> (*mut u8, bool) {
    // SAFETY: `t` is valid, `h` is of `t`, `key` is a key; *shared*.
    unsafe {
        match mapaccess2(t, h, key) {
            (elem, true) => (elem, true),
            (_, false) => (zero, false),
        }
    }
}

/// A pointer to the elem of `key`, for the caller to write; the key is inserted if it is absent.
/// Throws when there is no memory.
///
/// The elem is the present one, or zeroed. If the types have drop glue, use [`try_mapassign`],
/// which tells the two apart.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let key = 7i64;
/// *mapassign(&t, h, (&raw const key).cast()).cast::<i64>() += 1;
/// *mapassign(&t, h, (&raw const key).cast()).cast::<i64>() += 1;
/// assert_eq!(*mapaccess1(&t, h, (&raw const key).cast()).cast::<i64>(), 2);
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Panics
/// "assignment to entry in nil map" if `h` is null; and if hashing or comparing keys does. The map
/// does not change then.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; `key` is a *key*; *exclusive*.
#[inline]
pub unsafe fn mapassign(t: *const MapType, h: *mut Hmap, key: *const u8) -> *mut u8 {
    // SAFETY: `t` is valid, `h` is of `t`, `key` is a key; *exclusive*.
    unsafe { with_shape!(&*t => outlined::mapassign, h, key) }
}

/// [`mapassign`], but returns an error instead of throwing, and says what it found.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{AllocError, MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let key = 7i64;
/// let assigned = try_mapassign(&t, h, (&raw const key).cast())?;
/// assert!(!assigned.existed && assigned.key_taken);
/// *assigned.elem.cast::<i64>() = 49;
/// assert!(try_mapassign(&t, h, (&raw const key).cast())?.existed);
/// # mapfree(&t, h);
/// # }
/// # Ok::<(), AllocError>(())
/// ```
///
/// # Errors
/// There is no memory for a new key; the map has not changed. Overwriting allocates nothing.
///
/// # Safety
/// As [`mapassign`].
#[inline]
pub unsafe fn try_mapassign(
    t: *const MapType,
    h: *mut Hmap,
    key: *const u8,
) -> Result<Assigned, AllocError> {
    // SAFETY: `t` is valid, `h` is of `t`, `key` is a key; *exclusive*.
    unsafe { with_shape!(&*t => outlined::try_mapassign, h, key) }
}

/// Removes the entry of `key`, if there is one. Its drop glue runs last.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let key = 7i64;
/// mapassign(&t, h, (&raw const key).cast());
/// mapdelete(&t, h, (&raw const key).cast());
/// assert_eq!((*h).count, 0);
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// As [`mapassign`]; `h` may be null.
#[inline]
pub unsafe fn mapdelete(t: *const MapType, h: *mut Hmap, key: *const u8) {
    // SAFETY: as `try_mapdelete` asks.
    unsafe { with_shape!(&*t => outlined::mapdelete, h, key) };
}

/// [`mapdelete`], which returns whether there was an entry. It has the signature of the verbs that
/// may fail.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let key = 7i64;
/// mapassign(&t, h, (&raw const key).cast());
/// assert_eq!(try_mapdelete(&t, h, (&raw const key).cast()), Ok(true));
/// assert_eq!(try_mapdelete(&t, h, (&raw const key).cast()), Ok(false));
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Errors
/// None: removing an entry allocates nothing.
///
/// # Safety
/// As [`mapdelete`].
#[inline]
pub unsafe fn try_mapdelete(
    t: *const MapType,
    h: *mut Hmap,
    key: *const u8,
) -> Result<bool, AllocError> {
    // SAFETY: `t` is valid, `h` is of `t`, `key` is a key; *exclusive*.
    Ok(unsafe { with_shape!(&*t => outlined::mapdelete, h, key) })
}

/// Removes all entries; the map keeps its bucket array. Drop glue runs when the map is already
/// empty, and may use it.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// for key in 0i64..100 {
///     mapassign(&t, h, (&raw const key).cast());
/// }
/// let b = (*h).B;
/// mapclear(&t, h);
/// assert_eq!(((*h).count, (*h).B), (0, b));
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; *exclusive*.
#[inline]
pub unsafe fn mapclear(t: *const MapType, h: *mut Hmap) {
    // SAFETY: `t` is valid, `h` is of `t`; *exclusive*.
    unsafe { clear::mapclear(Erased(&*t), h, clear::next_seed) }
}

/// [`mapclear`], with the signature of the verbs that may fail.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// assert_eq!(try_mapclear(&t, h), Ok(()));
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Errors
/// None: clearing a map allocates nothing.
///
/// # Safety
/// As [`mapclear`].
#[inline]
pub unsafe fn try_mapclear(t: *const MapType, h: *mut Hmap) -> Result<(), AllocError> {
    // SAFETY: as `mapclear` asks.
    unsafe { mapclear(t, h) }
    Ok(())
}

/// [`mapclear`] after which [`mapiterclears`](super::mapiterclears) is another number in every heap
/// and era.
///
/// # Safety
/// As [`mapclear`].
#[cfg(feature = "ffi")]
pub(crate) unsafe fn mapclear_told(t: *const MapType, h: *mut Hmap) {
    // SAFETY: as `mapclear` asks.
    unsafe { clear::mapclear(Erased(&*t), h, clear::another_seed) }
}

/// LiveCells whose walk takes longer than to make a table of where they are.
const WORTH_A_TABLE: isize = 16;

/// Calls `f` with the key and the elem of each entry, in memory order. That is faster than an
/// iteration, but the order reveals something about the hashes. `f` may change elems. If `f`
/// unwinds, the walk ends.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// for key in 0i64..10 {
///     *mapassign(&t, h, (&raw const key).cast()).cast() = key * key;
/// }
/// let mut sum = 0;
/// for_each(&t, h, |_, elem| sum += *elem.cast::<i64>());
/// assert_eq!(sum, 285);
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*, and not used otherwise before this returns; *shared*, or
/// *exclusive* if `f` changes elems.
#[inline]
pub unsafe fn for_each(t: *const MapType, h: *const Hmap, mut f: impl FnMut(*mut u8, *mut u8)) {
    // SAFETY: `t` is valid, `h` is of `t`, and does not change; each live cell holds an entry.
    unsafe {
        let s = Erased(&*t);
        observe::reads_map(s, h);
        if h.is_null() || (*h).count == 0 {
            return;
        }
        flags::check_not_writing(s.t(), h, "concurrent map iteration and map write");
        let entries = LiveCells::new(s, h);
        if (*h).count < WORTH_A_TABLE || s.indirectkey() || s.indirectelem() {
            return entries.for_each(|place| f(place.key(), place.elem()));
        }
        let offsets = SlotOffsets::of(s.t());
        entries.for_each(|place| f(place.slot_at(&offsets.key), place.slot_at(&offsets.elem)));
    }
}

/// A new map with the same entries and the same seed. Throws when there is no memory.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// # let key = 7i64;
/// # mapassign(&t, h, (&raw const key).cast());
/// let copy = mapclone(&t, h);
/// assert_eq!(((*copy).count, (*copy).hash0), ((*h).count, (*h).hash0));
/// mapfree(&t, copy);
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Panics
/// If a type has drop glue but no copy glue, and if copy glue does.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; *shared*.
#[inline]
pub unsafe fn mapclone(t: *const MapType, h: *const Hmap) -> *mut Hmap {
    // SAFETY: `t` is valid, `h` is of `t`; *shared*.
    unsafe { try_mapclone(t, h, ptr::null_mut()).unwrap_or_else(|_| heap::out_of_memory(&*t)) }
}

/// [`mapclone`] into the zeroed `dst` (null: memory of the heap), but returns an error instead of
/// throwing.
///
/// ```
/// # use gomap::{heap::SYSTEM, layout::Hmap, maptype::{AllocError, MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let mut copy = Hmap::zeroed();
/// try_mapclone(&t, h, &raw mut copy)?;
/// mapfree_contents(&t, &raw mut copy);
/// # mapfree(&t, h);
/// # }
/// # Ok::<(), AllocError>(())
/// ```
///
/// # Errors
/// There is no memory; `dst` holds no map.
///
/// # Safety
/// As [`mapclone`]; `dst` is null or points to an `Hmap` that holds no map.
#[inline]
pub unsafe fn try_mapclone(
    t: *const MapType,
    h: *const Hmap,
    dst: *mut Hmap,
) -> Result<*mut Hmap, AllocError> {
    // SAFETY: `t` is valid, `h` is of `t`; `dst` is null or holds no map.
    unsafe { clone::mapclone(Erased(&*t), h, dst) }
}

/// The verbs as functions of their own, one for each shape.
mod outlined {
    use maptype::AllocError;

    use super::{Assigned, Hmap, assign, batch, delete};
    use crate::raw::access::{self, Elem, ElemIfAny, Entry};
    use crate::shape::Shape;

    /// # Safety
    /// As [`super::mapaccess_many`].
    #[inline(never)]
    pub(super) unsafe fn mapaccess_many<S: Shape>(
        s: S,
        h: *const Hmap,
        keys: *const u8,
        n: usize,
        elems: *mut *mut u8,
    ) {
        // SAFETY: `s` fits `h`; there are `n` keys, and room for `n` pointers; *shared*.
        unsafe { batch::lookup::mapaccess_many(s, h, keys, n, elems) }
    }

    /// # Safety
    /// As [`super::mapassign_many`].
    #[inline(never)]
    pub(super) unsafe fn mapassign_many<S: Shape>(
        s: S,
        h: *mut Hmap,
        keys: *const u8,
        n: usize,
        elems: *const u8,
    ) -> Result<(), usize> {
        // SAFETY: `s` fits `h`; there are `n` keys, and room for `n` pointers; *exclusive*.
        unsafe { batch::assign::mapassign_many(s, h, keys, n, elems) }
    }

    macro_rules! outline {
        ($($name:ident = $verb:path: ($h:ty) -> $result:ty;)*) => {
            $(
                /// # Safety
                /// As the verb.
                #[inline(never)]
                pub(super) unsafe fn $name<S: Shape>(s: S, h: $h, key: *const u8) -> $result {
                    // SAFETY: `s` fits `h`, `key` is a key: what the verb of this name asks of its
                    // caller.
                    unsafe { $verb(s, h, key) }
                }
            )*
        };
    }

    outline! {
        mapaccess1 = access::mapaccess::<Elem, S, *const u8>: (*const Hmap) -> *mut u8;
        mapaccess2 = access::mapaccess::<ElemIfAny, S, *const u8>: (*const Hmap) -> (*mut u8, bool);
        mapaccessK = access::mapaccess::<Entry, S, *const u8>: (*const Hmap) -> (*mut u8, *mut u8);
        mapassign = assign::mapassign_or_throw: (*mut Hmap) -> *mut u8;
        try_mapassign = assign::mapassign: (*mut Hmap) -> Result<Assigned, AllocError>;
        mapdelete = delete::mapdelete: (*mut Hmap) -> bool;
    }
}
