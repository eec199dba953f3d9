//! Handles: how the plain style passes maps.

use core::ptr;

use maptype::MapType;

use super::check;
use super::status::Status;
use crate::layout::Hmap;

/// A map and its descriptor. A zeroed handle has no map: `gomap_len` and `gomap_free` accept it,
/// `gomap_new` and `gomap_clone` fill one in; all others, and `gomap_clone` as its source, return
/// `GOMAP_NULL`.
///
/// A handle may be moved, and copied as long as only one of the copies is given to `gomap_free`.
/// Functions of the runtime style take `type` and `hmap`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Map {
    /// The descriptor.
    pub r#type: *const MapType,
    /// The map itself.
    pub hmap: *mut Hmap,
}

impl Map {
    pub(crate) const NONE: Map = Map {
        r#type: ptr::null(),
        hmap: ptr::null_mut(),
    };
}

/// A handle that leads to a map.
pub(crate) struct Opened<'t> {
    pub(crate) t: &'t MapType,
    pub(crate) h: *mut Hmap,
}

/// Opens a handle, unless its map is being written to.
///
/// # Safety
/// `map` is null or misaligned, or points to a handle.
pub(crate) unsafe fn open<'t>(map: *const Map) -> Result<Opened<'t>, Status> {
    check::pointer(map)?;
    // SAFETY: `map` points to a handle; its pointers are checked before they are followed.
    unsafe {
        let Map { r#type, hmap } = map.read();
        let t = check::descriptor_at(r#type)?;
        check::pointer(hmap)?;
        check::not_busy(hmap)?;
        Ok(Opened { t, h: hmap })
    }
}
