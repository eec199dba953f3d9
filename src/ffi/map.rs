//! The plain style: maps as handles, every argument checked, every outcome a status.

use core::ptr;

use maptype::MapType;

use super::check;
use super::handle::{Map, Opened, open};
use super::key::Key;
use super::status::{Status, border};
use crate::raw;

/// Makes a map with room for `hint` entries. A hint that no address space could hold counts as 0.
///
/// # Safety
/// `type` is NULL or leads to a descriptor that outlives the map; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_new(r#type: *const MapType, hint: usize, out: *mut Map) -> Status {
    // SAFETY: both pointers are checked before they are followed.
    border(|| unsafe {
        check::pointer(out)?;
        check::descriptor_at(r#type)?;
        let hint = isize::try_from(hint).unwrap_or(0);
        let hmap = raw::try_makemap(r#type, hint, ptr::null_mut())?;
        out.write(Map { r#type, hmap });
        Ok(Status::GOMAP_OK)
    })
}

/// Frees the map and zeroes the handle. NULL and a handle without a map are accepted. Drop glue
/// runs for every key and elem; through a copy of the handle the map is busy meanwhile. Iterations
/// that are under way end: for each map with one that is neither stepped nor ended, a header of
/// some fifty bytes stays allocated.
///
/// # Safety
/// `map` is NULL or leads to a handle that is not used meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_free(map: *mut Map) -> Status {
    // SAFETY: `map` is checked; *exclusive*.
    border(|| unsafe {
        if map.is_null() || (map.is_aligned() && (*map).hmap.is_null()) {
            return Ok(Status::GOMAP_OK);
        }
        let Opened { t, h } = open(map)?;
        check::not_emptying(h)?;
        map.write(Map::NONE);
        raw::mapfree(t, h);
        Ok(Status::GOMAP_OK)
    })
}

/// How many entries there are: 0 also for NULL and for a handle without a map.
///
/// # Safety
/// `map` is NULL or leads to a handle; nothing writes to the map meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_len(map: *const Map) -> usize {
    if check::pointer(map).is_err() {
        return 0;
    }
    // SAFETY: `map` points to a handle.
    unsafe {
        let hmap = (*map).hmap;
        if check::pointer(hmap).is_err() {
            return 0;
        }
        (*hmap).count.unsigned_abs()
    }
}

/// Looks up `key`. Stores where its elem is in `out`, NULL where there is none (`GOMAP_NONE`).
/// `out` may be NULL.
///
/// The elem stays there until the next write to the map; until then it may be read and written.
///
/// # Safety
/// `map` is NULL or leads to a handle, `key` is NULL or leads to a key; nothing writes to the map
/// meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_get(map: *const Map, key: *const u8, out: *mut *mut u8) -> Status {
    // SAFETY: all pointers are checked before they are followed.
    border(|| unsafe {
        if !out.is_null() {
            check::pointer(out)?;
            out.write(ptr::null_mut());
        }
        let Opened { t, h } = open(map)?;
        let key = check::value(key, &*t.key)?;
        let (elem, found) = raw::mapaccess2(t, h, key);
        if !found {
            return Ok(Status::GOMAP_NONE);
        }
        if !out.is_null() {
            out.write(elem);
        }
        Ok(Status::GOMAP_OK)
    })
}

/// Removes the entry of `key`, and runs drop glue for its key and elem; `GOMAP_NONE` if there is
/// none.
///
/// # Safety
/// `map` is NULL or leads to a handle, `key` is NULL or leads to a key, which may be in the map;
/// nothing else uses the map meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_remove(map: *const Map, key: *const u8) -> Status {
    // SAFETY: all pointers are checked before they are followed.
    border(|| unsafe {
        let map = open(map)?;
        let key = Key::new(&map, key)?;
        Ok(match raw::try_mapdelete(map.t, map.h, key.at())? {
            true => Status::GOMAP_OK,
            false => Status::GOMAP_NONE,
        })
    })
}

/// Removes all entries, and runs drop glue for each key and elem once the map is empty. The memory
/// of the buckets stays. Iterations that are under way end.
///
/// # Safety
/// `map` is NULL or leads to a handle; nothing else uses the map meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_clear(map: *const Map) -> Status {
    // SAFETY: the handle is checked before it is followed.
    border(|| unsafe {
        let Opened { t, h } = open(map)?;
        raw::mapclear_told(t, h);
        Ok(Status::GOMAP_OK)
    })
}

/// Makes another map with the same entries, and runs copy glue for each key and elem. A type with
/// drop glue but without copy glue cannot be cloned: `GOMAP_BAD_TYPE`.
///
/// # Safety
/// `map` is NULL or leads to a handle; nothing writes to the map meanwhile; `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_clone(map: *const Map, out: *mut Map) -> Status {
    // SAFETY: both pointers are checked before they are followed.
    border(|| unsafe {
        check::pointer(out)?;
        let Opened { t, h } = open(map)?;
        if [&*t.key, &*t.elem]
            .iter()
            .any(|ty| ty.drop.is_some() && ty.copy.is_none())
        {
            return Err(Status::GOMAP_BAD_TYPE);
        }
        let hmap = raw::try_mapclone(t, h, ptr::null_mut())?;
        out.write(Map { r#type: t, hmap });
        Ok(Status::GOMAP_OK)
    })
}
