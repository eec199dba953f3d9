//! Lookup ("查找").

use core::hint::{assert_unchecked, select_unpredictable};
use core::ptr;

use maptype::{Era, MapType};

use super::key_arg::KeyArg;
use super::observe;
use crate::bucket::{Bucket, Cell, CellMask, Needle};
use crate::header::flags;
use crate::header::mask_before;
use crate::header::sizes::bucketMask;
use crate::heap::heap;
use crate::layout::Hmap;
use crate::shape::Shape;

/// What a lookup shows of the cell that it found.
pub(crate) trait View {
    type Shown;

    /// Whether a lookup in an empty map hashes a key whose hash might panic.
    const HASHES_FOR_NOTHING: bool = true;

    /// # Safety
    /// The cell is that of an entry of a map that `s` *fits*.
    unsafe fn show<S: Shape>(s: S, cell: Option<Cell>) -> Self::Shown;
}

/// The cell itself.
pub(crate) struct Whole;

impl View for Whole {
    type Shown = Option<Cell>;

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn show<S: Shape>(_: S, cell: Option<Cell>) -> Option<Cell> {
        cell
    }
}

/// The elem, or the zero value.
pub(crate) struct Elem;

impl View for Elem {
    type Shown = *mut u8;

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn show<S: Shape>(s: S, cell: Option<Cell>) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { ElemIfAny::show(s, cell).0 }
    }
}

/// The elem, or the zero value, and whether it is the elem.
pub(crate) struct ElemIfAny;

impl View for ElemIfAny {
    type Shown = (*mut u8, bool);

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn show<S: Shape>(s: S, cell: Option<Cell>) -> (*mut u8, bool) {
        match cell {
            // SAFETY: the caller's promise.
            Some(cell) => (unsafe { cell.elem(s) }, true),
            None => (s.t().zero.cast_mut(), false),
        }
    }
}

/// The stored key, and the elem; or nulls. Go looks for them where a key is known to have been
/// stored: in iterations.
pub(crate) struct Entry;

impl View for Entry {
    type Shown = (*mut u8, *mut u8);

    const HASHES_FOR_NOTHING: bool = false;

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn show<S: Shape>(s: S, cell: Option<Cell>) -> (*mut u8, *mut u8) {
        match cell {
            // SAFETY: the caller's promise.
            Some(cell) => unsafe { (cell.key(s), cell.elem(s)) },
            None => (ptr::null_mut(), ptr::null_mut()),
        }
    }
}

/// Looks a key up: the document's `mapaccess1`, `mapaccess2` and `mapaccessK`, which differ in the view.
///
/// # Safety
/// `s` *fits* `h`, which may be null; `key` is a *key*; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn mapaccess<V: View, S: Shape, P: KeyArg>(
    s: S,
    h: *const Hmap,
    key: P,
) -> V::Shown {
    observe::reads(s, h, key.at());
    // SAFETY: the caller's promise.
    unsafe {
        if !s.hashes_inline(key.at()) {
            return mapaccess_of_others::<V, S, P>(s, h, key);
        }
        mapaccess_inline::<V, S, P, true>(s, h, key)
    }
}

/// [`mapaccess`] of a key that does not [hash inline](Shape::hashes_inline): a tail call of the other.
#[inline(never)]
unsafe fn mapaccess_of_others<V: View, S: Shape, P: KeyArg>(
    s: S,
    h: *const Hmap,
    key: P,
) -> V::Shown {
    // SAFETY: the caller's promise.
    unsafe { mapaccess_inline::<V, S, P, false>(s, h, key) }
}

/// `INLINE`: of a key that [hashes inline](Shape::hashes_inline).
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn mapaccess_inline<V: View, S: Shape, P: KeyArg, const INLINE: bool>(
    s: S,
    h: *const Hmap,
    key: P,
) -> V::Shown {
    // SAFETY: the caller's promise.
    unsafe {
        if h.is_null() || (*h).count == 0 {
            if V::HASHES_FOR_NOTHING && s.hash_might_panic() {
                hash_for_nothing(s, key.at());
            }
            return V::show(s, None);
        }
        if S::HASH_IS_CALLED {
            check_not_writing(s, h);
        }
        let only = Bucket((*h).buckets);
        if (*h).B == 0 && (*h).oldbuckets.is_null() && s.has_candidates() {
            let candidates = CellMask::with(|i| s.is_candidate(only.key_slot(s, i), key.at()));
            let cells = only.row().live().intersection(candidates);
            let mut equal = |slot: *const u8| s.equal(key.at(), slot);
            return V::show(s, find_in_bucket(s, only, cells, &mut equal));
        }
        let hash = s.hash(key.at(), (*h).hash0);
        if !(*h).oldbuckets.is_null() | flags::writing::<S>(h) {
            return mapaccess_while_growing::<V, S, P>(s, h, key, hash);
        }
        let home = Bucket::at(s, (*h).buckets, hash & bucketMask((*h).B));
        home.prefetch(s);
        let equal = |slot: *const u8| {
            if INLINE {
                assert_unchecked(s.hashes_inline(key.at()));
            }
            s.equal(key.at(), slot)
        };
        V::show(s, find_in_chain(s, h, home, Needle::of(hash), equal))
    }
}

/// [`mapaccess`] in a map that is growing, or where it throws, as a write is under way. A call at the end of the other, which
/// then needs no frame.
#[cold]
#[inline(never)]
unsafe fn mapaccess_while_growing<V: View, S: Shape, P: KeyArg>(
    s: S,
    h: *const Hmap,
    key: P,
    hash: usize,
) -> V::Shown {
    // SAFETY: the caller's promise.
    unsafe {
        check_not_writing(s, h);
        V::show(s, find(s, h, hash, |slot| s.equal(key.at(), slot)))
    }
}

/// # Safety
/// As [`find`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn check_not_writing<S: Shape>(s: S, h: *const Hmap) {
    if !S::EXCLUSIVE {
        // SAFETY: the caller's promise.
        unsafe { flags::check_not_writing(s.t(), h, "concurrent map read and map write") }
    }
}

/// The cell of the key that has this hash and that `equal` accepts.
///
/// # Safety
/// `s` *fits* `h`, which has buckets; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn find<S: Shape>(
    s: S,
    h: *const Hmap,
    hash: usize,
    equal: impl FnMut(*const u8) -> bool,
) -> Option<Cell> {
    // SAFETY: the caller's promise.
    unsafe {
        let home = home_bucket(s, h, hash);
        home.prefetch(s);
        find_in_chain(s, h, home, Needle::of(hash), equal)
    }
}

/// The cell with this tophash and a key that `equal` accepts, in the chain from `b`.
///
/// # Safety
/// `s` *fits* `h`, and `b` is a *bucket* of it; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn find_in_chain<S: Shape>(
    s: S,
    h: *const Hmap,
    b: Bucket,
    needle: Needle,
    mut equal: impl FnMut(*const u8) -> bool,
) -> Option<Cell> {
    // SAFETY: the caller's promise.
    unsafe {
        if let Some(cell) = find_in_bucket(s, b, b.row().like(needle), &mut equal) {
            return Some(cell);
        }
        find_behind(s, h, b, needle, &mut equal)
    }
}

/// [`find_in_chain`] where the first bucket, `b`, does not have the key.
///
/// # Safety
/// As [`find_in_chain`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn find_behind<S: Shape>(
    s: S,
    h: *const Hmap,
    mut b: Bucket,
    needle: Needle,
    equal: &mut impl FnMut(*const u8) -> bool,
) -> Option<Cell> {
    // SAFETY: the caller's promise.
    unsafe {
        b = if (*h).B < FAR_B {
            b.next_or_same(s)
        } else {
            behind(s, b)?
        };
        loop {
            if let Some(cell) = find_in_bucket(s, b, b.row().like(needle), equal) {
                return Some(cell);
            }
            b = behind(s, b)?;
        }
    }
}

/// From this `B` on, lookups branch on whether a chain has a second bucket, and while the map grows on whether the old
/// bucket was evacuated, and do not wait for the answer, which comes from memory. In smaller maps, which lie in the
/// second-level cache, a wrong guess costs more than to look twice at the only bucket (where a key of the same tophash, one in
/// forty misses, is then compared twice), or to compute both places; where entries come and go half of the chains come to have
/// a second one, and a growth rests half done for as long as nothing is written.
const FAR_B: u8 = 14;

/// The next bucket of the chain, if there may be an entry in it.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn behind<S: Shape>(s: S, b: Bucket) -> Option<Bucket> {
    // SAFETY: a bucket that `s` fits (caller).
    unsafe {
        let next = b.overflow(s);
        if next.is_null() {
            return None;
        }
        unlikely();
        if b.ends_chain() {
            return None;
        }
        Some(next)
    }
}

/// The first of these cells of `b` with a key that `equal` accepts. There is seldom more than one cell to ask.
///
/// # Safety
/// `b` is a *bucket* that `s` *fits*, and the cells hold keys; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn find_in_bucket<S: Shape>(
    s: S,
    b: Bucket,
    cells: CellMask,
    equal: &mut impl FnMut(*const u8) -> bool,
) -> Option<Cell> {
    for i in cells {
        // SAFETY: the caller's promise.
        if equal(unsafe { b.key(s, i) }) {
            return Some(Cell { bucket: b, i });
        }
        unlikely();
    }
    None
}

/// Says that the block that calls it is rarely run. Else the compiler would test the row first, which has its last cell in
/// use far more often than a chain goes on, and is as often guessed wrong.
#[cold]
#[inline]
pub(crate) fn unlikely() {}

/// The bucket that holds the keys of this hash: the current one, or the old one that was not evacuated.
///
/// # Safety
/// As [`find`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn home_bucket<S: Shape>(s: S, h: *const Hmap, hash: usize) -> Bucket {
    // SAFETY: the mask keeps the index within the array.
    unsafe {
        let (buckets, oldbuckets, mask) = ((*h).buckets, (*h).oldbuckets, bucketMask((*h).B));
        if !oldbuckets.is_null() {
            let home = home_while_growing(s, h, hash, mask);
            if !home.is_null() {
                return home;
            }
        }
        Bucket::at(s, buckets, hash & mask)
    }
}

/// The bucket of this hash in the current array. Raw writes ask for it before they store their flag: what is loaded
/// after that store begins late, by measure, and the misses of several writes no longer overlap.
///
/// # Safety
/// As [`find`]. Where there are no buckets, nor is there what is returned.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn current_bucket<S: Shape>(s: S, h: *const Hmap, hash: usize) -> Bucket {
    // SAFETY: the caller's promise.
    unsafe {
        let offset = (hash & bucketMask((*h).B)) * s.bucketsize();
        Bucket((*h).buckets.wrapping_byte_add(offset))
    }
}

/// [`home_bucket`] of a map that is growing, which has this mask. Null is the one in the current array.
///
/// # Safety
/// `s` *fits* `h`, which is growing; *shared*.
#[cold]
#[inline(never)]
unsafe fn home_while_growing<S: Shape>(s: S, h: *const Hmap, hash: usize, mask: usize) -> Bucket {
    // SAFETY: the masks keep the indices within their arrays.
    unsafe {
        let index = hash & mask_before(mask, flags::peek::<S>(h));
        // The memory of buckets that were passed may be the system's again, and is not read.
        let passed = index < (*h).nevacuate;
        if (*h).B < FAR_B {
            let current = Bucket::at(s, (*h).buckets, hash & mask);
            let old = Bucket::at(s, (*h).oldbuckets, index);
            let kept = select_unpredictable(passed, current, old);
            return select_unpredictable(passed | kept.evacuated(), current, old);
        }
        if passed {
            return Bucket::NULL;
        }
        let old = Bucket::at(s, (*h).oldbuckets, index);
        if old.evacuated() {
            unlikely();
            return Bucket::NULL;
        }
        old
    }
}

/// The hash of a key for a write, before which the hash function may use the map: it may come to have another seed.
///
/// # Safety
/// `s` *fits* `h`; `key` is a *key*; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn hash_for_write<S: Shape>(s: S, h: *const Hmap, key: *const u8) -> usize {
    loop {
        // SAFETY: the caller's promise.
        unsafe {
            let seed = (*h).hash0;
            let hash = s.hash(key, seed);
            if (*h).hash0 == seed {
                return hash;
            }
        }
    }
}

/// Lets an unhashable key panic on a map without entries too.
///
/// # Safety
/// `s` gives the answers of a *valid* descriptor; `key` is a *key*.
#[cold]
#[inline(never)]
pub(crate) unsafe fn hash_for_nothing<S: Shape>(s: S, key: *const u8) {
    // SAFETY: the caller's promise.
    unsafe {
        match heap(s.t()).era {
            Era::Go112 | Era::Go119 => {
                s.hash(key, 0);
            }
            Era::Go123 => check_hashable(s.t(), key),
        }
    }
}

/// From Go 1.22 on, a key that is looked up in an empty map is not hashed, only checked: a NaN in it draws no random
/// number.
unsafe fn check_hashable(t: &MapType, key: *const u8) {
    // SAFETY: a key of the type (caller), and a descriptor's types outlive it.
    unsafe { maptype::alg::hashable(key, &*t.key) }
}
