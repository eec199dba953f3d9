//! Insertion and update ("插入").

use core::hint::select_unpredictable;
use core::mem::forget;
use core::ptr;

use maptype::AllocError;

use super::access::{current_bucket, find_in_bucket, find_in_chain, hash_for_write};
use super::grow::{growWork, hashGrow, home_after_work};
use super::key_arg::KeyArg;
use super::make::make_first_bucket;
use super::overflow::newoverflow;
use super::replace::{ReplacedKey, replace_key};
use super::{observe, tophash};
use crate::bucket::{Bucket, Cell, CellMask, Needle};
use crate::header::flags::Writing;
use crate::header::sizes::{self, bucketMask};
use crate::header::{awaits_evacuation, growing};
use crate::heap::{self, free_object, newobject};
use crate::layout::Hmap;
use crate::shape::Shape;

/// What an assignment found or made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assigned {
    /// The elem: the caller stores there. It is zeroed where the key is new.
    pub elem: *mut u8,
    /// Whether the map had the key already; `elem` then holds its elem, which the caller owes its end.
    pub existed: bool,
    /// Whether the map took over the bytes at `key`: always for a new key, and for an existing one
    /// where the type needs key updates (but if one takes memory, and there is none, the map keeps
    /// the equal key that it had).
    pub key_taken: bool,
}

pub(crate) const NIL_MAP: &str = "assignment to entry in nil map";

/// The slot to store the elem of `key` in; the document's `mapassign`.
///
/// # Safety
/// `s` *fits* `h`, which may be null; `key` is a *key*; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn mapassign<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
) -> Result<Assigned, AllocError> {
    // SAFETY: the caller's promise.
    unsafe {
        let hash = hash_to_assign(s, h, key);
        assign_hashed(s, h, key, hash)
    }
}

/// [`mapassign`] for callers that want no more than the slot, and cannot be told of errors.
///
/// # Safety
/// As [`mapassign`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn or_throw<S: Shape, P: KeyArg>(s: S, h: *mut Hmap, key: P) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe {
        let hash = hash_to_assign(s, h, key.at());
        match assign_in_place(s, h, key.at(), hash) {
            Some(assigned) => assigned.elem,
            None => assign_or_throw(s, h, key, hash),
        }
    }
}

/// [`assign_anywhere`] at the end of [`or_throw`], which then needs no frame.
#[inline(never)]
unsafe fn assign_or_throw<S: Shape, P: KeyArg>(s: S, h: *mut Hmap, key: P, hash: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    match unsafe { assign_anywhere(s, h, key.at(), hash) } {
        Ok(assigned) => assigned.elem,
        Err(AllocError) => heap::out_of_memory(s.t()),
    }
}

/// The hash of a key that is to be assigned to.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn hash_to_assign<S: Shape>(s: S, h: *mut Hmap, key: *const u8) -> usize {
    if h.is_null() {
        heap::panic(s.t(), NIL_MAP);
    }
    observe::writes(s, h, key);
    // SAFETY: the caller's promise. The hash may unwind, before the write has begun.
    unsafe {
        Writing::check(s, h);
        hash_for_write(s, h, key)
    }
}

/// [`mapassign`] of a key whose hash is known.
///
/// # Safety
/// As [`mapassign`]; `h` is not null, and no write to it is under way.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn assign_hashed<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
    hash: usize,
) -> Result<Assigned, AllocError> {
    // SAFETY: the caller's promise.
    unsafe {
        match assign_in_place(s, h, key, hash) {
            Some(assigned) => Ok(assigned),
            None => assign_anywhere(s, h, key, hash),
        }
    }
}

/// The common case of [`assign_hashed`]: nothing need be allocated, moved or dropped. Where it is not met, nothing has
/// happened.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn assign_in_place<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
    hash: usize,
) -> Option<Assigned> {
    // SAFETY: the caller's promise.
    unsafe {
        let home = current_bucket(s, h, hash);
        home.prefetch_all(s);
        let writing = Writing::start(s, h);
        let place = find_or_fill(s, h, home, key, hash, &mut |slot| s.equal(key, slot));
        let in_place =
            place.filter(|&(_, existed)| !(existed && s.needkeyupdate() && heap::has_glue(s.t())));
        if let Some((cell, existed)) = in_place
            && existed
            && s.needkeyupdate()
        {
            s.move_key(cell.key(s), key);
        }
        writing.finish_in_place();
        in_place.map(|(cell, existed)| assigned(s, cell, existed))
    }
}

/// [`assign_hashed`] in all its cases. The glue of a key that is replaced runs within the write:
/// the caller is told of a slot, which glue must not move.
#[inline(never)]
unsafe fn assign_anywhere<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
    hash: usize,
) -> Result<Assigned, AllocError> {
    // SAFETY: a map, and a key with this hash (caller).
    unsafe {
        let writing = Writing::start(s, h);
        let (assigned, replaced) = assign_and_keep(s, h, key, hash)?;
        if let Some(mut replaced) = replaced {
            replaced.dispose(s.t());
        }
        writing.finish();
        Ok(assigned)
    }
}

/// [`mapassign`] that hands the key over which was replaced, if it has glue to run.
///
/// # Safety
/// As [`mapassign`]. The key is to be disposed of.
#[cfg(feature = "ffi")]
pub(crate) unsafe fn mapassign_and_keep<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
) -> Result<(Assigned, Option<ReplacedKey>), AllocError> {
    // SAFETY: a map and a key (caller).
    unsafe {
        let hash = hash_to_assign(s, h, key);
        let writing = Writing::start(s, h);
        let kept = assign_and_keep(s, h, key, hash)?;
        writing.finish();
        Ok(kept)
    }
}

/// [`assign_anywhere`] within a write; with the key that was replaced, if it has glue to run.
///
/// # Safety
/// As [`assign_hashed`], within a write.
unsafe fn assign_and_keep<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
    hash: usize,
) -> Result<(Assigned, Option<ReplacedKey>), AllocError> {
    // SAFETY: a map, and a key with this hash (caller).
    unsafe {
        let mut equal = |slot: *const u8| s.equal(key, slot);
        let (cell, existed) = find_or_insert(s, h, key, hash, &mut equal)?;
        let mut assigned = assigned(s, cell, existed);
        let mut replaced = None;
        if existed && s.needkeyupdate() {
            if !heap::has_glue(s.t()) {
                s.move_key(cell.key(s), key);
            } else if let Ok(old) = replace_key(s, h, hash, cell, key) {
                replaced = old;
            } else {
                // There is no memory for a box: the old key will do.
                assigned.key_taken = false;
            }
        }
        Ok((assigned, replaced))
    }
}

#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn assigned<S: Shape>(s: S, cell: Cell, existed: bool) -> Assigned {
    Assigned {
        // SAFETY: the cell of an entry (caller).
        elem: unsafe { cell.elem(s) },
        existed,
        key_taken: !existed || s.needkeyupdate(),
    }
}

/// The common case of [`find_or_insert`]: the map does not grow, and has the key, or an empty cell for it. Where it is not
/// met, nothing has happened.
///
/// # Safety
/// As [`find_or_insert`]; `home` is the [`current_bucket`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn find_or_fill<S: Shape>(
    s: S,
    h: *mut Hmap,
    home: Bucket,
    key: *const u8,
    hash: usize,
    equal: &mut impl FnMut(*const u8) -> bool,
) -> Option<(Cell, bool)> {
    // SAFETY: the caller's promise.
    unsafe {
        let plain = !s.indirectkey() && !s.indirectelem() && !s.zeroes_new_elems();
        if (*h).buckets.is_null() || growing(h) || !plain {
            return None;
        }
        let top = tophash(hash);
        let (same, empty) = home.row().equal_to_or_empty(top);
        if let Some(cell) = find_in_bucket(s, home, same, equal) {
            return Some((cell, true));
        }
        let cell = if !crowded(h) && home.ends_chain() {
            let i = empty.first()?;
            Cell { bucket: home, i }
        } else {
            vacancy_in_two(s, home, empty, top)?
        };
        if must_grow(h) {
            return None;
        }
        s.move_key(cell.key_slot(s), key);
        fill(h, cell, hash);
        Some((cell, false))
    }
}

/// The first empty cell of a chain that has no third bucket, nor this tophash in a second. Nothing branches on whether there
/// is a second one, or on which of the two has the cell: where many chains are long, nobody can foretell that.
///
/// # Safety
/// `home` is a *bucket* that `s` *fits*, with these empty cells.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn vacancy_in_two<S: Shape>(s: S, home: Bucket, empty: CellMask, top: u8) -> Option<Cell> {
    // SAFETY: the caller's promise.
    unsafe {
        let second = home.next_or_same(s);
        let (same, more) = second.row().equal_to_or_empty(top);
        if same.first().is_some() || !second.overflow(s).is_null() {
            return None;
        }
        let full = empty.first().is_none();
        let bucket = select_unpredictable(full, second, home);
        let i = select_unpredictable(full, more, empty).first()?;
        Some(Cell { bucket, i })
    }
}

/// The cell of the key with this hash that `equal` accepts, and whether there was one; otherwise `key` is stored anew,
/// with a zeroed elem.
///
/// # Errors
/// There is no memory for a new entry, or none to move its chain first. What is stored is found
/// without.
///
/// # Safety
/// `s` *fits* `h`; `key` is a *key* that `equal` accepts, with this hash; *exclusive*.
#[inline(never)]
pub(crate) unsafe fn find_or_insert<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
    hash: usize,
    equal: &mut impl FnMut(*const u8) -> bool,
) -> Result<(Cell, bool), AllocError> {
    // SAFETY: the caller's promise.
    unsafe {
        if (*h).buckets.is_null() {
            make_first_bucket(s.t(), h)?;
        }
        loop {
            let home = home_after_work(s, h, hash);
            if let Some(cell) = find_in_chain(s, h, home, Needle::of(hash), &mut *equal) {
                return Ok((cell, true));
            }
            if home != current_bucket(s, h, hash) {
                // It waits in the old array, where nothing is inserted.
                return Err(AllocError);
            }
            if !growing(h) && must_grow(h) {
                hashGrow(s.t(), h)?;
                continue;
            }
            return Ok((insert_at(s, h, home, key, hash)?, false));
        }
    }
}

/// Begins a growth if a new entry with this hash calls for one, so that [`insert_new`] can follow.
///
/// # Errors
/// There is no memory for the array to come.
///
/// # Safety
/// `s` *fits* `h`; the growth work for this hash has been done; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn make_room<S: Shape>(
    s: S,
    h: *mut Hmap,
    hash: usize,
) -> Result<(), AllocError> {
    // SAFETY: the caller's promise.
    unsafe {
        if !(*h).buckets.is_null() && !growing(h) && must_grow(h) {
            hashGrow(s.t(), h)?;
            growWork(s, h, hash & bucketMask((*h).B));
        }
        Ok(())
    }
}

/// Stores a key that is not in the map, with a zeroed elem. Nothing is hashed, and the load is not looked at.
///
/// # Errors
/// There is no memory for the entry, or there was none to move its chain.
///
/// # Safety
/// `s` *fits* `h`; `key` is a *key* with this hash, for which the growth work has been done; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn insert_new<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
    hash: usize,
) -> Result<Cell, AllocError> {
    // SAFETY: the caller's promise.
    unsafe {
        if (*h).buckets.is_null() {
            make_first_bucket(s.t(), h)?;
        }
        if awaits_evacuation(s, h, hash) {
            return Err(AllocError);
        }
        let home = Bucket::at(s, (*h).buckets, hash & bucketMask((*h).B));
        insert_at(s, h, home, key, hash)
    }
}

/// Whether many chains have a second bucket.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn crowded(h: *const Hmap) -> bool {
    // SAFETY: a map (caller).
    unsafe { sizes::crowded((*h).noverflow, (*h).B) }
}

/// Whether a new entry calls for a growth.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn must_grow(h: *const Hmap) -> bool {
    // SAFETY: a map (caller).
    unsafe { sizes::must_grow((*h).count + 1, (*h).noverflow, (*h).B) }
}

/// The first empty cell of the chain from `b`, at the end of which a bucket is added if there is none.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn vacancy<S: Shape>(s: S, h: *mut Hmap, mut b: Bucket) -> Result<Cell, AllocError> {
    // SAFETY: a chain of the map, whose buckets `s` fits (caller).
    unsafe {
        loop {
            if let Some(i) = b.row().empty().first() {
                return Ok(Cell { bucket: b, i });
            }
            let next = b.overflow(s);
            if next.is_null() {
                let bucket = newoverflow(s.t(), h, b)?;
                return Ok(Cell { bucket, i: 0 });
            }
            b = next;
        }
    }
}

/// Stores a new key in the chain from `home`, and gives it a zeroed elem.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn insert_at<S: Shape>(
    s: S,
    h: *mut Hmap,
    home: Bucket,
    key: *const u8,
    hash: usize,
) -> Result<Cell, AllocError> {
    // SAFETY: the cell is empty, and stays so until nothing can fail any more.
    unsafe {
        let boxes = Boxes::new(s)?;
        let cell = vacancy(s, h, home)?;
        let key_place = if s.indirectkey() {
            boxes.key
        } else {
            cell.key_slot(s)
        };
        s.move_key(key_place, key);
        boxes.store(cell);
        if s.zeroes_new_elems() {
            cell.elem_slot(s).write_bytes(0, s.elemsize());
        }
        fill(h, cell, hash);
        Ok(cell)
    }
}

/// Makes an empty cell, whose slots were written, an entry of the map.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn fill(h: *mut Hmap, cell: Cell, hash: usize) {
    // SAFETY: a cell of the map (caller).
    unsafe {
        let row = cell.bucket.row().filled(cell.i, tophash(hash));
        cell.bucket.set_row(row);
        (*h).count += 1;
    }
}

/// Gives an empty cell the boxes that an entry needs. Its tophash and the count are the caller's.
///
/// # Safety
/// `s` *fits* the map of `cell`, which is empty; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn make_boxes<S: Shape>(s: S, cell: Cell) -> Result<(), AllocError> {
    // SAFETY: the caller's promise.
    unsafe {
        Boxes::new(s)?.store(cell);
        Ok(())
    }
}

/// Stores a copy of an entry of another map as it is: its slots, and with them its boxes. The load is not looked at.
///
/// # Safety
/// `s` *fits* `h`, which has buckets, does not grow and has no such key, and the other map; `from` holds an entry with
/// this hash; *exclusive*.
pub(crate) unsafe fn adopt<S: Shape>(
    s: S,
    h: *mut Hmap,
    from: Cell,
    hash: usize,
) -> Result<(), AllocError> {
    // SAFETY: the cell is empty, in another map.
    unsafe {
        let home = Bucket::at(s, (*h).buckets, hash & bucketMask((*h).B));
        let cell = vacancy(s, h, home)?;
        ptr::copy_nonoverlapping(from.key_slot(s), cell.key_slot(s), s.keysize());
        ptr::copy_nonoverlapping(from.elem_slot(s), cell.elem_slot(s), s.elemsize());
        fill(h, cell, hash);
        Ok(())
    }
}

/// Memory for a key and an elem that are not stored inline, freed unless it is put to use.
struct Boxes<S: Shape> {
    s: S,
    key: *mut u8,
    elem: *mut u8,
}

impl<S: Shape> Boxes<S> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn new(s: S) -> Result<Self, AllocError> {
        let mut boxes = Boxes {
            s,
            key: ptr::null_mut(),
            elem: ptr::null_mut(),
        };
        if s.indirectkey() || s.indirectelem() {
            // SAFETY: a valid descriptor (caller).
            unsafe { boxes.fill()? };
        }
        Ok(boxes)
    }

    /// Lets the slots of an empty cell point to the boxes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn store(self, cell: Cell) {
        let s = self.s;
        // SAFETY: slots of a part that is stored behind a pointer.
        unsafe {
            if s.indirectkey() {
                heap::store_pointer(s.t(), cell.key_slot(s).cast(), self.key);
            }
            if s.indirectelem() {
                heap::store_pointer(s.t(), cell.elem_slot(s).cast(), self.elem);
            }
        }
        forget(self);
    }

    #[cold]
    #[inline(never)]
    unsafe fn fill(&mut self) -> Result<(), AllocError> {
        let s = self.s;
        // SAFETY: a valid descriptor (`new`).
        unsafe {
            if s.indirectkey() {
                self.key = newobject(s.t(), s.key_type())?;
            }
            if s.indirectelem() {
                self.elem = newobject(s.t(), s.elem_type())?;
            }
        }
        Ok(())
    }
}

impl<S: Shape> Drop for Boxes<S> {
    #[cold]
    fn drop(&mut self) {
        let s = self.s;
        // SAFETY: the boxes were allocated by `fill`, and hold nothing.
        unsafe {
            free_object(s.t(), s.key_type(), self.key);
            free_object(s.t(), s.elem_type(), self.elem);
        }
    }
}
