//! Iteration in the plain style.

use core::ffi::c_void;
use core::ptr;

use super::check;
use super::handle::{Map, Opened, open};
use super::status::{Status, border};
use crate::layout::Hiter;
use crate::position::Position;
use crate::raw;

/// An iteration. It may be copied only before its first step.
#[repr(C)]
pub struct Iter {
    /// The map to begin on; zeroes from the first step on.
    pub map: Map,
    /// Where the iteration is.
    pub hiter: Hiter,
    /// `gomap_mapiterclears` at the first step.
    pub clears: u64,
}

/// Initialises an iteration. It begins with the first `gomap_iter_next`, at a random place.
///
/// The map may be changed between steps. An entry that is in the map throughout is visited exactly
/// once, one that is removed before its turn is not visited, one that is inserted meanwhile is
/// visited once or not at all. Clearing or freeing the map ends the iteration.
///
/// # Safety
/// `map` is NULL or leads to a handle; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_iter_init(map: *const Map, out: *mut Iter) -> Status {
    // SAFETY: both pointers are checked before they are followed.
    border(|| unsafe {
        check::pointer(out)?;
        let Opened { t, h } = open(map)?;
        out.write(Iter {
            map: Map { r#type: t, hmap: h },
            hiter: Hiter::zeroed(),
            clears: 0,
        });
        Ok(Status::GOMAP_OK)
    })
}

/// Goes to the next entry, and stores where its key and its elem are (`key` and `elem` may be
/// NULL). They stay there until the next write to the map. `GOMAP_NONE` at the end, which also ends
/// the iteration.
///
/// # Safety
/// `iter` is NULL, initialised by `gomap_iter_init`, or zeroed; its map was not freed before the
/// first step; nothing writes to the map meanwhile; `key` and `elem` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_iter_next(
    iter: *mut Iter,
    key: *mut *const u8,
    elem: *mut *mut u8,
) -> Status {
    // SAFETY: the iterator is checked; it was begun or is zeroed.
    border(|| unsafe {
        check::pointer(iter)?;
        if (*iter).map.r#type.is_null() {
            step(iter)?;
        } else {
            let Opened { t, h } = open(&(*iter).map)?;
            raw::try_mapiterinit(t, h, &raw mut (*iter).hiter)?;
            (*iter).map = Map::NONE;
            let it = &raw const (*iter).hiter;
            if !(*it).key.is_null() {
                (*iter).clears = raw::mapiterclears(it);
                raw::mapiterkeep(it);
            }
        }
        let Hiter {
            key: k, elem: e, ..
        } = (*iter).hiter;
        give(key, k.cast_const());
        give(elem, e);
        Ok(found(k))
    })
}

/// A step that is not the first.
///
/// # Safety
/// As [`gomap_iter_next`], of an iteration that has begun.
unsafe fn step(iter: *mut Iter) -> Result<(), Status> {
    // SAFETY: the map of a running iteration is alive, or what is left of it (caller).
    unsafe {
        let it = &raw mut (*iter).hiter;
        if (*it).key.is_null() {
            return Ok(());
        }
        check::not_busy((*it).h)?;
        if raw::mapiterclears(it) == (*iter).clears {
            raw::mapiternext(it);
        } else {
            raw::mapiterdone(it);
        }
        Ok(())
    }
}

/// Ends an iteration before its last entry, so that the map need not keep what it discards. Does
/// nothing if it has ended, or `iter` is NULL.
///
/// # Safety
/// `iter` is NULL, initialised by `gomap_iter_init`, or zeroed; nothing writes to the map
/// meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_iter_done(iter: *mut Iter) -> Status {
    // SAFETY: the iterator is checked; it was begun or is zeroed.
    border(|| unsafe {
        if iter.is_null() {
            return Ok(Status::GOMAP_OK);
        }
        check::pointer(iter)?;
        (*iter).map = Map::NONE;
        raw::mapiterdone(&raw mut (*iter).hiter);
        Ok(Status::GOMAP_OK)
    })
}

/// Goes to the next entry by a position. A position is plain data: it can be copied, kept while the
/// map changes, and forgotten. It begins as zeroes, and is used with one map. Stores where the key
/// and the elem are (`key` and `elem` may be NULL); `GOMAP_NONE` at the end. A step costs more than
/// one of `gomap_iter_next`: it hashes some keys.
///
/// An entry that is in the map throughout is visited exactly once; but of keys with the very same
/// hash, some may be visited twice if others are inserted or removed meanwhile.
///
/// # Safety
/// `map` is NULL or leads to a handle; nothing writes to the map meanwhile; `position`, `key` and
/// `elem` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_position_next(
    map: *const Map,
    position: *mut Position,
    key: *mut *const u8,
    elem: *mut *mut u8,
) -> Status {
    // SAFETY: the handle and the position are checked before they are followed.
    border(|| unsafe {
        check::pointer(position)?;
        let Opened { t, h } = open(map)?;
        let entry = (*position).next(t, h);
        let (k, e) = entry.unwrap_or((ptr::null_mut(), ptr::null_mut()));
        give(key, k.cast_const());
        give(elem, e);
        Ok(found(k))
    })
}

/// Calls `visit` with each entry, in memory order: several times as fast as an iteration, for loops
/// that change nothing but elems. The order reveals something about hashes: do not show it to those
/// who choose the keys.
///
/// # Safety
/// `map` is NULL or leads to a handle; nothing, `visit` included, writes to the map before this
/// returns; `visit` does not unwind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_for_each(
    map: *const Map,
    visit: Option<unsafe extern "C" fn(key: *const u8, elem: *mut u8, context: *mut c_void)>,
    context: *mut c_void,
) -> Status {
    // SAFETY: the handle is checked before it is followed.
    border(|| unsafe {
        let visit = visit.ok_or(Status::GOMAP_NULL)?;
        let Opened { t, h } = open(map)?;
        raw::for_each(t, h, |key, elem| visit(key, elem, context));
        Ok(Status::GOMAP_OK)
    })
}

/// Stores a result where the caller wants it.
unsafe fn give<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: the callers' promise.
        unsafe { place.write(value) }
    }
}

fn found(key: *const u8) -> Status {
    if key.is_null() {
        Status::GOMAP_NONE
    } else {
        Status::GOMAP_OK
    }
}
