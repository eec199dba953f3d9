//! A copy of a map, as Go 1.22 and 1.23 make it: bucket by bucket, with the same seed and without
//! hashing.

use core::mem::forget;
use core::ptr;

use maptype::{AllocError, BUCKET_CNT, MapType, Type};

use super::insert::{Placed, find_or_insert};
use super::make::{make_first_bucket, try_makemap};
use super::observe;
use super::overflow::newoverflow;
use crate::bucket::{Bucket, Cell};
use crate::header::sizes::{bucketMask, bucketShift, capacity, overLoadFactor};
use crate::header::{bucketEvacuated, flags, growing, nbuckets, oldbucketmask};
use crate::heap::{self, Deferred, free_object, newobject};
use crate::layout::{Hmap, emptyOne};
use crate::owned::dispose::{Part, dispose, part_type};
use crate::owned::free::{Freed, free};
use crate::shape::Shape;

/// A new map with the entries of `src`: in the zeroed `dst`, or in memory of the heap where `dst`
/// is null.
///
/// # Safety
/// `s` *fits* `src`, which may be null; `dst` is null or holds no map; `src` is *shared*.
pub(crate) unsafe fn mapclone<S: Shape>(
    s: S,
    src: *const Hmap,
    dst: *mut Hmap,
) -> Result<*mut Hmap, AllocError> {
    observe::reads_map(s, src);
    let t = s.t();
    // SAFETY: `s` fits `src`; `dst` is null or holds no map; `src` is shared.
    unsafe {
        require_copy_glue(t);
        if src.is_null() {
            return try_makemap(t, 0, dst);
        }
        if !S::EXCLUSIVE {
            flags::check_not_writing(t, src, "concurrent map clone and map write");
        }
        let freed = if dst.is_null() {
            Freed::All
        } else {
            Freed::Contents
        };
        let dst = try_makemap(t, hint(src), dst)?;
        (*dst).hash0 = (*src).hash0;
        let unfinished = Unfinished { t, dst, freed };
        if (*src).count != 0 {
            copy_entries(s, src, dst)?;
        }
        forget(unfinished);
        Ok(dst)
    }
}

/// A clone that is freed if it cannot be completed.
struct Unfinished<'t> {
    t: &'t MapType,
    dst: *mut Hmap,
    freed: Freed,
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        // SAFETY: the map was returned to no one, and all entries that it counts are whole.
        unsafe { free(self.t, self.dst, self.freed) }
    }
}

/// Panics if entries can be dropped but not copied.
fn require_copy_glue(t: &MapType) {
    // SAFETY: a descriptor's types outlive it.
    let (key, elem) = unsafe { (&*t.key, &*t.elem) };
    if [key, elem]
        .into_iter()
        .any(|ty| ty.drop.is_some() && ty.copy.is_none())
    {
        heap::panic(
            t,
            "clone of a map whose entries have drop glue but no copy glue",
        );
    }
}

/// Room for all entries, but not for more than the source could hold without growing.
///
/// # Safety
/// `src` points to a map.
unsafe fn hint(src: *const Hmap) -> isize {
    // SAFETY: `src` points to a map.
    unsafe {
        if overLoadFactor((*src).count, (*src).B) {
            capacity((*src).B) as isize
        } else {
            (*src).count
        }
    }
}

/// # Safety
/// `s` *fits* both maps; `src` has entries, `dst` none; `src` is *shared*, `dst` *exclusive*.
unsafe fn copy_entries<S: Shape>(s: S, src: *const Hmap, dst: *mut Hmap) -> Result<(), AllocError> {
    // SAFETY: `s` fits both maps; `src` has buckets, and `dst` after the first step.
    unsafe {
        debug_assert!((*src).count > 0 && (*dst).count == 0 && (*dst).B <= (*src).B);
        if (*dst).buckets.is_null() {
            make_first_bucket(s.t(), dst)?;
        }
        if (*src).B == 0 && !s.indirectelem() && !(s.indirectkey() && s.needkeyupdate()) {
            return copy_single_bucket(s, src, dst);
        }
        let (from, to) = (nbuckets(src), nbuckets(dst));
        for index in 0..to {
            let mut end = Cell {
                bucket: Bucket::at(s, (*dst).buckets, index),
                i: 0,
            };
            for chain in (index..from).step_by(to) {
                append_chain(s, dst, &mut end, Bucket::at(s, (*src).buckets, chain))?;
            }
        }
        if growing(src) {
            copy_old_entries(s, src, dst)
        } else {
            Ok(())
        }
    }
}

/// Copies a map of one bucket cell by cell, the empty ones too.
///
/// # Safety
/// As [`copy_entries`]; both maps have one bucket, and boxes that need no copy of a deleted key.
unsafe fn copy_single_bucket<S: Shape>(
    s: S,
    src: *const Hmap,
    dst: *mut Hmap,
) -> Result<(), AllocError> {
    // SAFETY: both maps have one bucket that `s` fits.
    unsafe {
        debug_assert!((*src).B == 0 && (*dst).B == 0 && !growing(src));
        let (from, to) = (Bucket((*src).buckets), Bucket((*dst).buckets));
        for i in 0..BUCKET_CNT {
            if !from.row().occupied_anywhere().contains(i) {
                let dead_key = from.key_slot(s, i);
                ptr::copy_nonoverlapping(dead_key, to.key_slot(s, i), s.keysize());
                to.set_tophash(i, from.tophash(i));
            }
        }
        for i in from.row().occupied_anywhere() {
            copy_entry(s, Cell { bucket: from, i }, Cell { bucket: to, i })?;
            (*dst).count += 1;
        }
        Ok(())
    }
}

/// Appends the entries of a chain to a chain of the copy.
///
/// # Safety
/// As [`copy_entries`]; `end` is behind the last entry of a chain of `dst`; `chain` is a *bucket*
/// of the source.
unsafe fn append_chain<S: Shape>(
    s: S,
    dst: *mut Hmap,
    end: &mut Cell,
    chain: Bucket,
) -> Result<(), AllocError> {
    // SAFETY: `end` is behind the last entry of a chain of `dst`, in its last bucket.
    unsafe {
        for bucket in chain.chain(s) {
            for i in bucket.row().occupied_anywhere() {
                if end.i == BUCKET_CNT {
                    *end = Cell {
                        bucket: newoverflow(s.t(), dst, end.bucket)?,
                        i: 0,
                    };
                }
                copy_entry(s, Cell { bucket, i }, *end)?;
                (*dst).count += 1;
                end.i += 1;
            }
        }
        Ok(())
    }
}

/// Copies what the growth of the source has not moved yet.
///
/// # Safety
/// As [`copy_entries`]; the source grows.
unsafe fn copy_old_entries<S: Shape>(
    s: S,
    src: *const Hmap,
    dst: *mut Hmap,
) -> Result<(), AllocError> {
    // SAFETY: the source grows; the masks keep indices within their arrays.
    unsafe {
        let mask = oldbucketmask(src);
        for index in 0..=mask {
            if bucketEvacuated(s, src, index) {
                continue;
            }
            let old = Bucket::at(s, (*src).oldbuckets, index);
            if mask + 1 >= bucketShift((*dst).B) {
                let home = Bucket::at(s, (*dst).buckets, index & bucketMask((*dst).B));
                let mut end = end_of_chain(s, home);
                append_chain(s, dst, &mut end, old)?;
            } else {
                assign_chain(s, dst, old)?;
            }
        }
        Ok(())
    }
}

/// The first empty cell of a chain without gaps.
///
/// # Safety
/// `home` is a *bucket* that `s` *fits*.
unsafe fn end_of_chain<S: Shape>(s: S, home: Bucket) -> Cell {
    // SAFETY: `home` is a bucket that `s` fits.
    unsafe {
        let bucket = home.chain(s).last().unwrap_or(home);
        let i = bucket.row().empty().first().unwrap_or(BUCKET_CNT);
        Cell { bucket, i }
    }
}

/// Inserts the entries of a chain that the copy splits.
///
/// # Safety
/// As [`copy_entries`]; `chain` is a *bucket* of the source that is not evacuated.
unsafe fn assign_chain<S: Shape>(s: S, dst: *mut Hmap, chain: Bucket) -> Result<(), AllocError> {
    // SAFETY: cells with entries of the source; `s` fits both maps.
    unsafe {
        for bucket in chain.chain(s) {
            for i in bucket.row().occupied_anywhere() {
                let from = Cell { bucket, i };
                let key = from.key(s);
                let hash = s.hash(key, (*dst).hash0);
                let mut equal = |slot: *const u8| s.equal(key, slot);
                let Placed::Filled(cell) = find_or_insert(s, dst, key, hash, &mut equal)? else {
                    // Keys of one map are unequal, unless their equality lies.
                    continue;
                };
                let mut copy = Inserted {
                    s,
                    dst,
                    cell,
                    has_key: false,
                };
                copy_glue(s.key_type(), cell.key(s));
                copy.has_key = true;
                s.move_elem(cell.elem(s), from.elem(s));
                copy_glue(s.elem_type(), cell.elem(s));
                forget(copy);
            }
        }
        Ok(())
    }
}

/// An entry whose bytes were copied and whose values were not yet; taken out again if they cannot
/// be.
struct Inserted<S: Shape> {
    s: S,
    dst: *mut Hmap,
    cell: Cell,
    has_key: bool,
}

impl<S: Shape> Drop for Inserted<S> {
    fn drop(&mut self) {
        let Inserted { s, dst, cell, .. } = *self;
        // SAFETY: the insertion filled the cell; its values are copies as far as `has_key` says.
        unsafe {
            cell.bucket.set_tophash(cell.i, emptyOne);
            (*dst).count -= 1;
            if s.indirectelem() {
                free_object(s.t(), s.elem_type(), cell.elem(s));
            }
            if self.has_key {
                dispose(s.t(), Part::Key, cell.key_slot(s));
            } else if s.indirectkey() {
                free_object(s.t(), s.key_type(), cell.key(s));
            }
        }
    }
}

/// Copies an entry to an empty cell: both values, by their copy glue where they have any.
///
/// # Safety
/// `s` *fits* both maps; `from` holds an entry of one, `to` is an empty cell of the other.
unsafe fn copy_entry<S: Shape>(s: S, from: Cell, to: Cell) -> Result<(), AllocError> {
    // SAFETY: cells of different maps that `s` fits; `to` is empty.
    unsafe {
        debug_assert!(!to.bucket.row().live().contains(to.i));
        copy_part(s, Part::Key, from.key_slot(s), to.key_slot(s))?;
        let key = Deferred(|| dispose(s.t(), Part::Key, to.key_slot(s)));
        copy_part(s, Part::Elem, from.elem_slot(s), to.elem_slot(s))?;
        forget(key);
        to.bucket.set_tophash(to.i, from.bucket.tophash(from.i));
        Ok(())
    }
}

/// Copies a slot, and the box that it may point to. In a traced heap a boxed key without glue is
/// shared, unless assignments overwrite keys.
///
/// # Safety
/// `from` and `to` are slots of this part, of different maps that `s` *fits*; `from` holds a value.
unsafe fn copy_part<S: Shape>(
    s: S,
    part: Part,
    from: *const u8,
    to: *mut u8,
) -> Result<(), AllocError> {
    let t = s.t();
    // SAFETY: slots of this part of the descriptor; `from` holds a value.
    unsafe {
        let (ty, indirect) = part_type(t, part);
        if !indirect {
            heap::typedmemmove(t, ty, to, from);
            copy_glue(ty, to);
            return Ok(());
        }
        let value: *mut u8 = *from.cast();
        let plain = ty.drop.is_none() && ty.copy.is_none();
        let shared = part == Part::Key && plain && !s.needkeyupdate() && !heap::is_owned(t);
        if shared {
            heap::store_pointer(t, to.cast(), value);
            return Ok(());
        }
        let copy = newobject(t, ty)?;
        let unfinished = Deferred(|| free_object(t, ty, copy));
        heap::store_pointer(t, to.cast(), copy);
        heap::typedmemmove(t, ty, copy, value);
        copy_glue(ty, copy);
        forget(unfinished);
        Ok(())
    }
}

/// Makes a bytewise copy an independent value.
///
/// # Safety
/// `value` holds a copy of the bytes of a value of this type.
unsafe fn copy_glue(ty: &Type, value: *mut u8) {
    if let Some(copy) = ty.copy {
        // SAFETY: the hook's contract.
        unsafe { copy(value, ty) };
    }
}
