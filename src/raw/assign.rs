//! Insertion and update ("插入").

use maptype::AllocError;

use super::find::current_bucket;
use super::hash::hash_for_write;
use super::insert::{Placed, find_or_fill, find_or_insert};
use super::key_arg::KeyArg;
use super::observe;
use super::replace::{ReplacedKey, replace_key};
use crate::header::flags::Writing;
use crate::heap;
use crate::layout::Hmap;
use crate::shape::Shape;

/// What an assignment found or made.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assigned {
    /// The elem: the caller stores there. It is zeroed where the key is new.
    pub elem: *mut u8,
    /// Whether the map had the key already. `elem` then holds the old value, which the caller must
    /// drop or overwrite.
    pub existed: bool,
    /// Whether the map took over the bytes at `key`: always for a new key, and for an existing one
    /// where the type needs key updates (unless the update takes memory and there is none: then the
    /// map keeps the equal key that it had).
    pub key_taken: bool,
}

pub(crate) const NIL_MAP: &str = "assignment to entry in nil map";

/// The slot to store the elem of `key` in: the document's `mapassign`.
///
/// # Safety
/// `s` *fits* `h`, which may be null; `key` is a *key*; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn mapassign<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
) -> Result<Assigned, AllocError> {
    // SAFETY: `s` fits `h`, `key` is a key with that hash; exclusive.
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
pub(crate) unsafe fn mapassign_or_throw<S: Shape, P: KeyArg>(
    s: S,
    h: *mut Hmap,
    key: P,
) -> *mut u8 {
    // SAFETY: `s` fits `h`, `key` is a key with that hash; exclusive.
    unsafe {
        let hash = hash_to_assign(s, h, key.at());
        match assign_in_place(s, h, key.at(), hash) {
            Some(assigned) => assigned.elem,
            None => assign_or_throw(s, h, key, hash),
        }
    }
}

/// [`assign_anywhere`] as a tail call of [`mapassign_or_throw`], which then needs no stack frame.
///
/// # Safety
/// As [`assign_hashed`].
#[inline(never)]
unsafe fn assign_or_throw<S: Shape, P: KeyArg>(s: S, h: *mut Hmap, key: P, hash: usize) -> *mut u8 {
    // SAFETY: `s` fits `h`, `key` is a key with this hash; exclusive.
    match unsafe { assign_anywhere(s, h, key.at(), hash) } {
        Ok(assigned) => assigned.elem,
        Err(AllocError) => heap::out_of_memory(s.t()),
    }
}

/// The hash of a key that is to be assigned to. It may unwind, before the write has begun.
///
/// # Safety
/// As [`mapassign`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn hash_to_assign<S: Shape>(s: S, h: *mut Hmap, key: *const u8) -> usize {
    if h.is_null() {
        heap::panic(s.t(), NIL_MAP);
    }
    observe::writes(s, h, key);
    // SAFETY: `s` fits `h`, which is not null; `key` is a key; exclusive.
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
    debug_assert!(!h.is_null());
    // SAFETY: `s` fits `h`, `key` is a key with this hash; exclusive.
    unsafe {
        match assign_in_place(s, h, key, hash) {
            Some(assigned) => Ok(assigned),
            None => assign_anywhere(s, h, key, hash),
        }
    }
}

/// The common case of [`assign_hashed`]: nothing is allocated, moved or dropped. Otherwise `None`,
/// and nothing has changed.
///
/// # Safety
/// As [`assign_hashed`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn assign_in_place<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
    hash: usize,
) -> Option<Assigned> {
    // SAFETY: `s` fits `h`, `key` is a key with this hash; exclusive.
    unsafe {
        let home = current_bucket(s, h, hash);
        home.prefetch_all(s);
        let writing = Writing::start(s, h);
        let placed = find_or_fill(s, h, home, key, hash, &mut |slot| s.equal(key, slot));
        let in_place = placed
            .filter(|placed| !(placed.existed() && s.needkeyupdate() && heap::has_glue(s.t())));
        if let Some(Placed::Found(cell)) = in_place
            && s.needkeyupdate()
        {
            s.move_key(cell.key(s), key);
        }
        writing.finish_in_place();
        in_place.map(|placed| assigned(s, placed))
    }
}

/// [`assign_hashed`] in all its cases. The glue of a key that is replaced runs within the write, so
/// that it cannot move the slot that the caller is given.
///
/// # Safety
/// As [`assign_hashed`].
#[inline(never)]
unsafe fn assign_anywhere<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
    hash: usize,
) -> Result<Assigned, AllocError> {
    // SAFETY: `s` fits `h`, `key` is a key with this hash; exclusive.
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

/// [`mapassign`] that hands over the key that was replaced, if it has glue to run.
///
/// # Safety
/// As [`mapassign`]. The caller disposes of the key.
#[cfg(feature = "ffi")]
pub(crate) unsafe fn mapassign_and_keep<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
) -> Result<(Assigned, Option<ReplacedKey>), AllocError> {
    // SAFETY: `s` fits `h`, `key` is a key with that hash; exclusive.
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
    // SAFETY: `s` fits `h`, `key` is a key with this hash; exclusive.
    unsafe {
        let mut equal = |slot: *const u8| s.equal(key, slot);
        let placed = find_or_insert(s, h, key, hash, &mut equal)?;
        let mut assigned = assigned(s, placed);
        let mut replaced = None;
        if let Placed::Found(cell) = placed
            && s.needkeyupdate()
        {
            if !heap::has_glue(s.t()) {
                s.move_key(cell.key(s), key);
            } else if let Ok(old) = replace_key(s, h, hash, cell, key) {
                replaced = old;
            } else {
                // No memory for a box: the equal key that is stored stays.
                assigned.key_taken = false;
            }
        }
        Ok((assigned, replaced))
    }
}

/// # Safety
/// `placed` is of a map that `s` *fits*.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn assigned<S: Shape>(s: S, placed: Placed) -> Assigned {
    Assigned {
        // SAFETY: a cell with an entry of a map that `s` fits.
        elem: unsafe { placed.cell().elem(s) },
        existed: placed.existed(),
        key_taken: !placed.existed() || s.needkeyupdate(),
    }
}
