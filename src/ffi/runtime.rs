//! The runtime style: the document's functions, for map types of every kind. They check nothing.

use core::ptr;

use maptype::{AllocError, Era, MapType};

use super::status::Status;
use crate::layout::{Hiter, Hmap};
use crate::position::mapnext;
use crate::raw::{self, Assigned};

/// An elem, and whether the key is in the map.
#[repr(C)]
pub struct Lookup {
    /// The elem, or the zero value.
    pub elem: *mut u8,
    /// Whether the key is in the map.
    pub found: bool,
}

/// Where a key and its elem are stored.
#[repr(C)]
pub struct Entry {
    /// The key; NULL if there is none.
    pub key: *mut u8,
    /// The elem; NULL if there is none.
    pub elem: *mut u8,
}

impl From<(*mut u8, bool)> for Lookup {
    fn from((elem, found): (*mut u8, bool)) -> Lookup {
        Lookup { elem, found }
    }
}

fn status(result: Result<(), AllocError>) -> Status {
    match result {
        Ok(()) => Status::GOMAP_OK,
        Err(AllocError) => Status::GOMAP_NO_MEMORY,
    }
}

/// Makes a map with room for `hint` entries: in the zeroed `h`, or in memory of the heap where `h`
/// is NULL. A hint that is negative or beyond the address space counts as 0. Throws when there is
/// no memory.
///
/// # Safety
/// `t` is *valid*; `h` is NULL or holds no map.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_makemap(
    t: *const MapType,
    hint: isize,
    h: *mut Hmap,
) -> *mut Hmap {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::makemap(t, hint, h) }
}

/// `gomap_makemap` with a hint of 64 bits on every platform.
///
/// # Safety
/// As `gomap_makemap`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_makemap64(
    t: *const MapType,
    hint: i64,
    h: *mut Hmap,
) -> *mut Hmap {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::makemap64(t, hint, h) }
}

/// `gomap_makemap` without a hint, in memory of the heap.
///
/// # Safety
/// As `gomap_makemap`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_makemap_small(t: *const MapType) -> *mut Hmap {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::makemap_small(t) }
}

/// `gomap_makemap`, returning NULL where that throws.
///
/// # Safety
/// As `gomap_makemap`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_try_makemap(
    t: *const MapType,
    hint: isize,
    h: *mut Hmap,
) -> *mut Hmap {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::try_makemap(t, hint, h) }.unwrap_or(ptr::null_mut())
}

/// The elem of `key`, or the zero value; never NULL. Unwinds if hashing or comparing keys does; the
/// hash is called for an empty or NULL map too if it might panic.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; `key` is a *key*; *shared*. Where there is no such entry,
/// nothing may be written to the result.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapaccess1(
    t: *const MapType,
    h: *const Hmap,
    key: *const u8,
) -> *mut u8 {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapaccess1(t, h, key) }
}

/// `gomap_mapaccess1`, and whether the key is in the map.
///
/// # Safety
/// As `gomap_mapaccess1`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapaccess2(
    t: *const MapType,
    h: *const Hmap,
    key: *const u8,
) -> Lookup {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapaccess2(t, h, key) }.into()
}

/// The stored key that equals `key`, and its elem.
///
/// # Safety
/// As `gomap_mapaccess1`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapaccessK(
    t: *const MapType,
    h: *const Hmap,
    key: *const u8,
) -> Entry {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    let (key, elem) = unsafe { raw::mapaccessK(t, h, key) };
    Entry { key, elem }
}

/// Looks up the `n` keys of the array `keys`, and stores pointers to their elems in the array
/// `elems`: NULL for each key that is not in the map. Where the map is larger than the L2 cache, a
/// call with hundreds of keys is about twice as fast as one lookup after another.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; `keys` points to `n` adjacent *keys*, `elems` to room for `n`
/// pointers; *shared*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapaccess_many(
    t: *const MapType,
    h: *const Hmap,
    keys: *const u8,
    n: usize,
    elems: *mut *mut u8,
) {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapaccess_many(t, h, keys, n, elems) }
}

/// `gomap_mapaccess1` with the caller's own zero value.
///
/// # Safety
/// As `gomap_mapaccess1`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapaccess1_fat(
    t: *const MapType,
    h: *const Hmap,
    key: *const u8,
    zero: *mut u8,
) -> *mut u8 {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapaccess1_fat(t, h, key, zero) }
}

/// `gomap_mapaccess2` with the caller's own zero value.
///
/// # Safety
/// As `gomap_mapaccess1`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapaccess2_fat(
    t: *const MapType,
    h: *const Hmap,
    key: *const u8,
    zero: *mut u8,
) -> Lookup {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapaccess2_fat(t, h, key, zero) }.into()
}

/// The place to store the elem of `key` in; the key is inserted if need be. Throws when there is no
/// memory. Unwinds ("assignment to entry in nil map") where `h` is NULL, and if hashing or
/// comparing keys does; the map is then as it was.
///
/// The bytes there are the present elem, or zeroes. If the types have drop glue, use
/// `gomap_try_mapassign`: it tells which.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; `key` is a *key*; *exclusive*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapassign(
    t: *const MapType,
    h: *mut Hmap,
    key: *const u8,
) -> *mut u8 {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapassign(t, h, key) }
}

/// `gomap_mapassign`, returning `GOMAP_NO_MEMORY` where that throws, with the map as it was; and
/// what was found.
///
/// # Safety
/// As `gomap_mapassign`; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_try_mapassign(
    t: *const MapType,
    h: *mut Hmap,
    key: *const u8,
    out: *mut Assigned,
) -> Status {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    status(unsafe { raw::try_mapassign(t, h, key).map(|assigned| out.write(assigned)) })
}

/// Inserts or updates the `n` keys of the array `keys`, with elems copied from the array `elems`,
/// and returns how many were stored: less than `n` where memory ran out. The elem type must have no
/// drop glue; of a key type with drop glue, the caller must know which keys the map takes over, as
/// with `gomap_try_mapassign`. If a callback unwinds, some or all of the keys before the one at
/// fault are stored, in order. It is faster than one assignment after another, as
/// `gomap_mapaccess_many` is.
///
/// # Safety
/// As `gomap_mapassign`, for each of the `n` adjacent *keys* at `keys`; `elems` points to as many
/// elems.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapassign_many(
    t: *const MapType,
    h: *mut Hmap,
    keys: *const u8,
    n: usize,
    elems: *const u8,
) -> usize {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    match unsafe { raw::mapassign_many(t, h, keys, n, elems) } {
        Ok(()) => n,
        Err(stored) => stored,
    }
}

/// Removes the entry of `key`, if there is one. Drop glue runs when that is done.
///
/// # Safety
/// As `gomap_mapassign`; `h` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapdelete(t: *const MapType, h: *mut Hmap, key: *const u8) {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapdelete(t, h, key) }
}

/// `gomap_mapdelete`, which says whether there was an entry and takes no memory. `GOMAP_NONE` if
/// there was no such entry.
///
/// # Safety
/// As `gomap_mapdelete`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_try_mapdelete(
    t: *const MapType,
    h: *mut Hmap,
    key: *const u8,
) -> Status {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    match unsafe { raw::try_mapdelete(t, h, key) } {
        Ok(true) => Status::GOMAP_OK,
        Ok(false) => Status::GOMAP_NONE,
        Err(AllocError) => Status::GOMAP_NO_MEMORY,
    }
}

/// Removes all entries; the bucket array stays. Drop glue runs when the map is empty, and may use
/// it.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; *exclusive*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapclear(t: *const MapType, h: *mut Hmap) {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapclear(t, h) }
}

/// `gomap_mapclear`, returning `GOMAP_OK`: clearing a map takes no memory.
///
/// # Safety
/// As `gomap_mapclear`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_try_mapclear(t: *const MapType, h: *mut Hmap) -> Status {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    status(unsafe { raw::try_mapclear(t, h) })
}

/// A number that changes when the map of an iteration is cleared or freed: compare it before each
/// step, to end the iteration then with `gomap_mapiterdone`. In an owned heap it is a count. In a
/// traced heap, which keeps nothing that Go does not, it is the seed, which eras from
/// GOMAP_ERA_GO119 on draw again.
///
/// # Safety
/// `it` is on an entry (its key is not NULL); its map is alive or, in an owned heap, was freed by
/// `gomap_mapfree` since; *shared*.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_mapiterclears(it: *const Hiter) -> u64 {
    // SAFETY: as `mapiterclears` asks.
    unsafe { raw::mapiterclears(it) }
}

/// Makes later growths keep what this iteration may read. Go zeroes some of it under an iteration
/// that is two growths old, which may then miss entries, or hash zeroed keys: iterations of this
/// style do the same, unless this is called once after `gomap_mapiterinit`. In a traced heap it
/// does nothing.
///
/// # Safety
/// As `gomap_mapiterclears`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_mapiterkeep(it: *const Hiter) {
    // SAFETY: as `mapiterkeep` asks.
    unsafe { raw::mapiterkeep(it) }
}

/// A new map with the same entries and the same seed. Throws when there is no memory. Unwinds if a
/// type has drop glue but no copy glue, and if copy glue does.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; *shared*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapclone(t: *const MapType, h: *const Hmap) -> *mut Hmap {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapclone(t, h) }
}

/// `gomap_mapclone` into the zeroed `dst` (NULL: memory of the heap), returning NULL where that
/// throws.
///
/// # Safety
/// As `gomap_mapclone`; `dst` is NULL or holds no map.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_try_mapclone(
    t: *const MapType,
    h: *const Hmap,
    dst: *mut Hmap,
) -> *mut Hmap {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::try_mapclone(t, h, dst) }.unwrap_or(ptr::null_mut())
}

/// Begins an iteration at a random place and goes to the first entry: `it->key` is NULL where there
/// is none. Throws when there is no memory.
///
/// Entries may be inserted, updated and deleted between steps. In an owned heap the iteration must
/// be ended: by stepping to its end, or with `gomap_mapiterdone`.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; *shared* (other iterators may begin and step); `it` may be
/// written. The map must not be moved while the iteration lasts.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapiterinit(t: *const MapType, h: *mut Hmap, it: *mut Hiter) {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapiterinit(t, h, it) }
}

/// `gomap_mapiterinit`, returning `GOMAP_NO_MEMORY` where that throws; the iteration has then not
/// begun.
///
/// # Safety
/// As `gomap_mapiterinit`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_try_mapiterinit(
    t: *const MapType,
    h: *mut Hmap,
    it: *mut Hiter,
) -> Status {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    status(unsafe { raw::try_mapiterinit(t, h, it) })
}

/// Goes to the next entry; `it->key` is NULL at the end, and stays so.
///
/// # Safety
/// `it` was begun by `gomap_mapiterinit` and not ended by `gomap_mapiterdone`; its map is alive or,
/// in an owned heap, was freed by `gomap_mapfree` since; *shared*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapiternext(it: *mut Hiter) {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapiternext(it) }
}

/// Ends an iteration, so that the map need not keep for it what it discards. Nothing happens if it
/// has ended.
///
/// # Safety
/// `it` was begun by `gomap_mapiterinit`, or is zeroed; no copy of it is used; its map is alive or,
/// in an owned heap, was freed by `gomap_mapfree` since; *shared*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapiterdone(it: *mut Hiter) {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapiterdone(it) }
}

/// The entry after that of `key`, in the manner of Lua's `next`: the first one for NULL, NULLs at
/// the end. Nothing is kept between calls. Keys that are not equal to themselves are skipped.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; `key` is NULL or a *key*; *shared*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapnext(
    t: *const MapType,
    h: *const Hmap,
    key: *const u8,
) -> Entry {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    let entry = unsafe { mapnext(t, h, key) };
    let (key, elem) = entry.unwrap_or((ptr::null_mut(), ptr::null_mut()));
    Entry { key, elem }
}

/// Frees a map that `gomap_makemap` allocated: runs the glue of its entries and, in an owned heap,
/// frees all its memory. While glue runs the map is empty, and cannot be written to.
///
/// An iteration that is under way in an owned heap ends with its next step. Until then, or until
/// `gomap_mapiterdone`, the map's header stays. In a traced heap, do not step iterations of the map
/// afterwards.
///
/// # Safety
/// `t` is *valid*; `h` is NULL, or *of `t`* and was allocated by `gomap_makemap`; *exclusive*. The
/// map must not be used again, except by its iterators in an owned heap.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapfree(t: *const MapType, h: *mut Hmap) {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapfree(t, h) }
}

/// `gomap_mapfree` for a map that was made in the caller's own `gomap_hmap`, which then holds no
/// map.
///
/// # Safety
/// As `gomap_mapfree`, but `h` is the caller's; while iterators are alive, it stays where it is and
/// is not used.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapfree_contents(t: *const MapType, h: *mut Hmap) {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapfree_contents(t, h) }
}

/// The byte of a hash that is stored with its key.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_tophash(hash: usize) -> u8 {
    raw::tophash(hash)
}

/// Whether `count` entries in 2^B buckets are over the load factor.
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "the document's name")]
pub extern "C" fn gomap_overLoadFactor(count: isize, B: u8) -> bool {
    raw::overLoadFactor(count, B)
}

/// Whether 2^B buckets have so many overflow buckets that a same-size growth should pack them.
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "the document's name")]
pub extern "C" fn gomap_tooManyOverflowBuckets(noverflow: u16, B: u8) -> bool {
    raw::tooManyOverflowBuckets(noverflow, B)
}

/// The bytes that Go's allocator hands out for a request of `size`.
///
/// # Safety
/// `era` is one of the enumerators.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_roundupsize(era: Era, size: usize, pointer_free: bool) -> usize {
    raw::roundupsize(era, size, pointer_free)
}
