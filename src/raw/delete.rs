//! Deletion ("删除").

use maptype::{BUCKET_CNT, Era, MapType};

use super::find::{current_bucket, find_in_chain};
use super::grow::home_after_work;
use super::hash::{hash_for_nothing, hash_for_write};
use super::key_arg::KeyArg;
use super::{copies, observe};
use crate::bucket::{Bucket, Cell, Needle};
use crate::header::flags::Writing;
use crate::header::growing;
use crate::heap::{self, heap};
use crate::layout::{Hmap, emptyOne, emptyRest};
use crate::owned::discarded::Discarded;
use crate::owned::dispose::Part;
use crate::shape::Shape;

/// Removes the entry of `key`, and returns whether there was one: the document's `mapdelete`. It
/// takes no memory.
///
/// # Safety
/// `s` *fits* `h`, which may be null; `key` is a *key*; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn mapdelete<S: Shape, P: KeyArg>(s: S, h: *mut Hmap, key: P) -> bool {
    // SAFETY: `s` fits `h`, `key` is a key; where it has a hash, `h` has buckets; *exclusive*.
    unsafe {
        let Some(hash) = hash_to_delete(s, h, key) else {
            return false;
        };
        match delete_in_place(s, h, key, hash) {
            Some(found) => found,
            None => delete_anywhere(s, h, key, hash),
        }
    }
}

/// The hash of a key that may be in the map; `None` where there are no entries. It may unwind,
/// before the write has begun.
///
/// # Safety
/// As [`mapdelete`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn hash_to_delete<S: Shape, P: KeyArg>(s: S, h: *mut Hmap, key: P) -> Option<usize> {
    observe::writes(s, h, key.at());
    // SAFETY: `s` fits `h`, `key` is a key; *exclusive*.
    unsafe {
        if h.is_null() || (*h).count == 0 {
            if s.hash_might_panic() {
                hash_for_nothing(s, key.at());
            }
            return None;
        }
        Writing::check(s, h);
        Some(hash_for_write(s, h, key.at()))
    }
}

/// The common case of [`mapdelete`]: the map does not grow, the entry needs no disposal, and others
/// are left. Otherwise `None`, and nothing has changed.
///
/// # Safety
/// `s` *fits* `h`, which has buckets; `key` is a *key* with this hash; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn delete_in_place<S: Shape, P: KeyArg>(
    s: S,
    h: *mut Hmap,
    key: P,
    hash: usize,
) -> Option<bool> {
    // SAFETY: `s` fits `h`, `key` is a key; *exclusive*.
    unsafe {
        let home = current_bucket(s, h, hash);
        home.prefetch_all(s);
        if growing(h) || s.needs_disposal() || (*h).count == 1 {
            return None;
        }
        let writing = Writing::start(s, h);
        let equal = |slot: *const u8| s.equal(key.at(), slot);
        let cell = find_in_chain(s, h, home, Needle::of(hash), equal);
        if let Some(cell) = cell {
            erase(s, h, Found { cell, home });
        }
        writing.finish_in_place();
        Some(cell.is_some())
    }
}

/// [`mapdelete`] in all its cases.
///
/// # Safety
/// As [`delete_in_place`].
#[inline(never)]
unsafe fn delete_anywhere<S: Shape, P: KeyArg>(s: S, h: *mut Hmap, key: P, hash: usize) -> bool {
    // SAFETY: `s` fits `h`, which has buckets; `key` is a key with this hash; *exclusive*.
    unsafe {
        let writing = Writing::start(s, h);
        let found = find_to_delete(s, h, hash, |slot| s.equal(key.at(), slot));
        if let Some(found) = found {
            if s.needs_disposal() {
                let mut discarded = Discarded::new(s.t(), h);
                if discarded.must_hide() {
                    copies::hide(s, h, hash, found.cell);
                }
                discarded.take(Part::Key, found.cell.key_slot(s));
                discarded.take(Part::Elem, found.cell.elem_slot(s));
                erase(s, h, found);
                writing.finish();
                drop(discarded);
                return true;
            }
            erase(s, h, found);
        }
        writing.finish();
        found.is_some()
    }
}

/// An entry, and the first bucket of its chain.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) cell: Cell,
    pub(crate) home: Bucket,
}

/// Does the growth work of a deletion, and finds the entry to delete: in the old array, if there
/// was no memory to move it.
///
/// # Safety
/// `s` *fits* `h`, which has buckets; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn find_to_delete<S: Shape>(
    s: S,
    h: *mut Hmap,
    hash: usize,
    equal: impl FnMut(*const u8) -> bool,
) -> Option<Found> {
    // SAFETY: `s` fits `h`, which has buckets; `key` is a key with this hash; *exclusive*.
    unsafe {
        let home = home_after_work(s, h, hash);
        let cell = find_in_chain(s, h, home, Needle::of(hash), equal);
        cell.map(|cell| Found { cell, home })
    }
}

/// Empties the cell of an entry whose key and elem were taken.
///
/// # Safety
/// `s` *fits* `h`; `found` is what [`find_to_delete`] found, and the map has not changed;
/// *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn erase<S: Shape>(s: S, h: *mut Hmap, found: Found) {
    let Found { cell, home } = found;
    // SAFETY: `s` fits `h`, which has buckets; *exclusive*.
    unsafe {
        debug_assert!((*h).count > 0 && cell.bucket.row().live().contains(cell.i));
        mark_empty(s, cell, home);
        (*h).count -= 1;
        // Barriers may unwind: the entry is gone by now, and its elem is zeroed in any case.
        s.clear_elem_slot(cell.elem_slot(s));
        s.clear_key_slot(cell.key_slot(s));
        if (*h).count == 0 {
            renew_seed(s.t(), h);
        }
    }
}

/// Marks a cell `emptyOne`; or, if no entry follows it in its chain, marks it `emptyRest`, with the
/// empty cells right before it, back through the chain. Whole rows are computed, since which cell
/// is deleted is unpredictable.
///
/// # Safety
/// `cell` is in the chain from `home`, of a map that `s` *fits*; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn mark_empty<S: Shape>(s: S, cell: Cell, home: Bucket) {
    let Cell { bucket: b, i } = cell;
    // SAFETY: cells of a chain that `s` fits and that starts at `home` (caller).
    unsafe {
        let mut row = b.row().with(i, emptyOne);
        let ends = if i < BUCKET_CNT - 1 {
            row.is_rest(i + 1)
        } else {
            rest_is_empty(s, b)
        };
        if ends {
            row = row.without_tail();
        }
        b.set_row(row);
        if row.is_rest(0) && b != home {
            mark_before(s.bucketsize(), b, home);
        }
    }
}

/// Marks the run of `emptyOne` that ends with the bucket before `b`, which is empty itself.
///
/// # Safety
/// `b` is in the chain from `home`, after it, in a map with buckets of this size; *exclusive*.
#[cold]
#[inline(never)]
unsafe fn mark_before(bucketsize: usize, mut b: Bucket, home: Bucket) {
    // SAFETY: buckets of the chain from `home` to `b` (this function's contract).
    unsafe {
        loop {
            b = bucket_before(bucketsize, b, home);
            let row = b.row().without_tail();
            b.set_row(row);
            if !row.is_rest(0) || b == home {
                return;
            }
        }
    }
}

/// Whether no entry follows this bucket in its chain.
///
/// # Safety
/// `b` is a *bucket* that `s` *fits*.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn rest_is_empty<S: Shape>(s: S, b: Bucket) -> bool {
    // SAFETY: `b` is a bucket that `s` fits.
    unsafe {
        let next = b.overflow(s);
        next.is_null() || next.tophash(0) == emptyRest
    }
}

/// The bucket of the chain from `home` that links to `b`.
///
/// # Safety
/// As [`mark_before`].
unsafe fn bucket_before(bucketsize: usize, b: Bucket, home: Bucket) -> Bucket {
    let mut before = home;
    // SAFETY: `b` is in the chain, after `before` (this function's contract).
    unsafe {
        loop {
            let next = before.overflow_of(bucketsize);
            if next == b {
                return before;
            }
            before = next;
        }
    }
}

/// Gives a map that lost its last entry a new seed, so that collisions found under the old one are
/// of no use.
///
/// # Safety
/// `s` *fits* `h`, which has no entries; *exclusive*.
#[cold]
#[inline(never)]
unsafe fn renew_seed(t: &MapType, h: *mut Hmap) {
    if heap(t).era != Era::Go112 {
        // SAFETY: a map without entries: none was stored under the old seed (caller).
        unsafe { (*h).hash0 = heap::random(t) as u32 }
    }
}
