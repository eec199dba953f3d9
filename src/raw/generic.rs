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

/// The elem of `key`, or the zero value. Never null; not to be written to.
///
/// # Panics
/// If hashing the key does, also where the map is empty or null.
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
/// # Safety
/// As [`mapaccess1`].
#[inline]
pub unsafe fn mapaccess2(t: *const MapType, h: *const Hmap, key: *const u8) -> (*mut u8, bool) {
    // SAFETY: `t` is valid, `h` is of `t`, `key` is a key; *shared*.
    unsafe { with_shape!(&*t => outlined::mapaccess2, h, key) }
}

/// The stored key that equals `key`, and its elem; nulls where there is none. Where the map is
/// empty or null, the key is not hashed.
///
/// # Safety
/// As [`mapaccess1`].
#[inline]
pub unsafe fn mapaccessK(t: *const MapType, h: *const Hmap, key: *const u8) -> (*mut u8, *mut u8) {
    // SAFETY: `t` is valid, `h` is of `t`, `key` is a key; *shared*.
    unsafe { with_shape!(&*t => outlined::mapaccessK, h, key) }
}

/// Looks up `n` keys that lie one behind another at `keys`, and stores pointers to their elems at
/// `elems`: null for each key that is not in the map. Where the map is larger than a core's caches,
/// a call with hundreds of keys is about twice as fast as one lookup after another.
///
/// # Panics
/// If hashing or comparing a key does. Some of the pointers are stored then.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; `keys` points to `n` *keys* in a row, `elems` to room for `n`
/// pointers; *shared*.
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

/// Inserts or updates `n` keys that lie one behind another at `keys`, with elems copied from those
/// at `elems`. The elem type must have no drop glue; of a key type with drop glue, the caller must
/// know which keys the map takes over (see [`Assigned::key_taken`]). Where the map is larger than a
/// core's caches, a call with hundreds of keys is about twice as fast as one [`mapassign`] after
/// another.
///
/// # Errors
/// There is no memory: how many entries were stored before.
///
/// # Panics
/// As [`mapassign`]; the first so many entries are stored, of those before the one at fault.
///
/// # Safety
/// As [`mapassign`], for each of the `n` *keys* in a row at `keys`; `elems` points to as many
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

/// [`mapaccess1`] with the caller's own zero value.
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

/// [`mapaccess2`] with the caller's own zero value.
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

/// The place to store the elem of `key` in; the key is inserted if need be. Throws when there is no
/// memory.
///
/// The bytes there are the present elem, or zeroes. A caller whose types have drop glue needs
/// [`try_mapassign`] to tell which.
///
/// # Panics
/// "assignment to entry in nil map" where `h` is null; and if hashing or comparing keys does. The
/// map is then as it was.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; `key` is a *key*; *exclusive*.
#[inline]
pub unsafe fn mapassign(t: *const MapType, h: *mut Hmap, key: *const u8) -> *mut u8 {
    // SAFETY: `t` is valid, `h` is of `t`, `key` is a key; *exclusive*.
    unsafe { with_shape!(&*t => outlined::mapassign, h, key) }
}

/// [`mapassign`], with an error instead of a throw, and what was found.
///
/// # Errors
/// There is no memory for a new key; the map is as it was. To overwrite takes none.
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

/// Removes the entry of `key`, if there is one. Drop glue runs when that is done.
///
/// # Safety
/// As [`mapassign`]; `h` may be null.
#[inline]
pub unsafe fn mapdelete(t: *const MapType, h: *mut Hmap, key: *const u8) {
    // SAFETY: as `try_mapdelete` asks.
    unsafe { with_shape!(&*t => outlined::mapdelete, h, key) };
}

/// [`mapdelete`], which says whether there was an entry, in the form that verbs have which may
/// fail.
///
/// # Errors
/// None: to remove an entry takes no memory.
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

/// Removes all entries; the bucket array stays. Drop glue runs when the map is empty, and may use
/// it.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; *exclusive*.
#[inline]
pub unsafe fn mapclear(t: *const MapType, h: *mut Hmap) {
    // SAFETY: `t` is valid, `h` is of `t`; *exclusive*.
    unsafe { clear::mapclear(Erased(&*t), h, clear::next_seed) }
}

/// [`mapclear`], in the form that verbs have which may fail.
///
/// # Errors
/// None: to clear a map takes no memory.
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

/// Calls `f` with the key and the elem of each entry, in the order in which they lie: faster than
/// an iteration, in an order that says something about hashes. Elems may be changed. What unwinds
/// out of `f` ends the walk.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*, not used otherwise before this returns; *shared*, or
/// *exclusive* where `f` changes elems.
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

/// [`mapclone`] into the zeroed `dst` (null: memory of the heap), with an error instead of a throw.
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
