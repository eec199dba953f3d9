//! Lookup ("查找").

use core::hint::assert_unchecked;
use core::ptr;

use super::find::{find, find_in_bucket, find_in_chain};
use super::hash::hash_for_nothing;
use super::key_arg::KeyArg;
use super::observe;
use crate::bucket::{Bucket, Cell, CellMask, Needle};
use crate::header::flags;
use crate::header::sizes::bucketMask;
use crate::layout::Hmap;
use crate::shape::Shape;

/// What a lookup returns of the cell that it found. It is chosen by type, so that the functions out
/// of line return it too: they are tail calls.
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
        // SAFETY: the cell of an entry of a map that `s` fits.
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
            // SAFETY: the cell of an entry of a map that `s` fits.
            Some(cell) => (unsafe { cell.elem(s) }, true),
            None => (s.t().zero.cast_mut(), false),
        }
    }
}

/// The stored key, and the elem; or nulls. Iterations look up keys that they met before.
pub(crate) struct Entry;

impl View for Entry {
    type Shown = (*mut u8, *mut u8);

    const HASHES_FOR_NOTHING: bool = false;

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn show<S: Shape>(s: S, cell: Option<Cell>) -> (*mut u8, *mut u8) {
        match cell {
            // SAFETY: the cell of an entry of a map that `s` fits.
            Some(cell) => unsafe { (cell.key(s), cell.elem(s)) },
            None => (ptr::null_mut(), ptr::null_mut()),
        }
    }
}

/// Looks a key up: the document's `mapaccess1`, `mapaccess2` and `mapaccessK`, which differ in the
/// view.
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
    // SAFETY: `s` fits `h`, `key` is a key; *shared*.
    unsafe {
        if !s.hashes_inline(key.at()) {
            return mapaccess_of_others::<V, S, P>(s, h, key);
        }
        mapaccess_inline::<V, S, P, true>(s, h, key)
    }
}

/// [`mapaccess`] of a key that does not [hash inline](Shape::hashes_inline).
///
/// # Safety
/// As [`mapaccess`].
#[inline(never)]
unsafe fn mapaccess_of_others<V: View, S: Shape, P: KeyArg>(
    s: S,
    h: *const Hmap,
    key: P,
) -> V::Shown {
    // SAFETY: `s` fits `h`, `key` is a key; *shared*.
    unsafe { mapaccess_inline::<V, S, P, false>(s, h, key) }
}

/// `INLINE`: the key [hashes inline](Shape::hashes_inline).
///
/// # Safety
/// As [`mapaccess`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn mapaccess_inline<V: View, S: Shape, P: KeyArg, const INLINE: bool>(
    s: S,
    h: *const Hmap,
    key: P,
) -> V::Shown {
    // SAFETY: `s` fits `h`, `key` is a key; `h` has buckets where it has entries; *shared*.
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

/// [`mapaccess`] in a map that is growing, or that is being written to: then it throws. As a tail
/// call, it spares the common case a stack frame.
///
/// # Safety
/// As [`mapaccess`]; `h` has buckets.
#[cold]
#[inline(never)]
unsafe fn mapaccess_while_growing<V: View, S: Shape, P: KeyArg>(
    s: S,
    h: *const Hmap,
    key: P,
    hash: usize,
) -> V::Shown {
    // SAFETY: `s` fits `h`, which has buckets; `key` is a key; *shared*.
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
        // SAFETY: `h` points to a map.
        unsafe { flags::check_not_writing(s.t(), h, "concurrent map read and map write") }
    }
}
