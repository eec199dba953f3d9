//! The runtime style for keys of 4 bytes, 8 bytes, and strings, which are passed by value: what
//! Go's compiler calls for such keys when elems have at most 128 bytes.

use maptype::MapType;
use maptype::alg::GoString;

use super::runtime::Lookup;
use crate::layout::Hmap;
use crate::raw;

/// `gomap_mapaccess1` for keys of four bytes of plain memory.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *shared*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapaccess1_fast32(
    t: *const MapType,
    h: *const Hmap,
    key: u32,
) -> *mut u8 {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapaccess1_fast32(t, h, key) }
}

/// `gomap_mapaccess2` for keys of four bytes of plain memory.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *shared*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapaccess2_fast32(
    t: *const MapType,
    h: *const Hmap,
    key: u32,
) -> Lookup {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapaccess2_fast32(t, h, key) }.into()
}

/// `gomap_mapassign` for keys of four bytes of plain memory.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *exclusive*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapassign_fast32(
    t: *const MapType,
    h: *mut Hmap,
    key: u32,
) -> *mut u8 {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapassign_fast32(t, h, key) }
}

/// `gomap_mapdelete` for keys of four bytes of plain memory.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *exclusive*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapdelete_fast32(t: *const MapType, h: *mut Hmap, key: u32) {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapdelete_fast32(t, h, key) }
}

/// `gomap_mapaccess1` for keys of eight bytes of plain memory.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *shared*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapaccess1_fast64(
    t: *const MapType,
    h: *const Hmap,
    key: u64,
) -> *mut u8 {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapaccess1_fast64(t, h, key) }
}

/// `gomap_mapaccess2` for keys of eight bytes of plain memory.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *shared*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapaccess2_fast64(
    t: *const MapType,
    h: *const Hmap,
    key: u64,
) -> Lookup {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapaccess2_fast64(t, h, key) }.into()
}

/// `gomap_mapassign` for keys of eight bytes of plain memory.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *exclusive*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapassign_fast64(
    t: *const MapType,
    h: *mut Hmap,
    key: u64,
) -> *mut u8 {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapassign_fast64(t, h, key) }
}

/// `gomap_mapdelete` for keys of eight bytes of plain memory.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *exclusive*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapdelete_fast64(t: *const MapType, h: *mut Hmap, key: u64) {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapdelete_fast64(t, h, key) }
}

/// `gomap_mapaccess1` for strings.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *shared*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapaccess1_faststr(
    t: *const MapType,
    h: *const Hmap,
    key: GoString,
) -> *mut u8 {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapaccess1_faststr(t, h, key) }
}

/// `gomap_mapaccess2` for strings.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *shared*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapaccess2_faststr(
    t: *const MapType,
    h: *const Hmap,
    key: GoString,
) -> Lookup {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapaccess2_faststr(t, h, key) }.into()
}

/// `gomap_mapassign` for strings.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *exclusive*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapassign_faststr(
    t: *const MapType,
    h: *mut Hmap,
    key: GoString,
) -> *mut u8 {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapassign_faststr(t, h, key) }
}

/// `gomap_mapdelete` for strings.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *exclusive*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapdelete_faststr(
    t: *const MapType,
    h: *mut Hmap,
    key: GoString,
) {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapdelete_faststr(t, h, key) }
}

/// `gomap_mapassign` for pointer keys. Go uses it on 32-bit platforms; here it works on all.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *exclusive*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapassign_fast32ptr(
    t: *const MapType,
    h: *mut Hmap,
    key: *mut u8,
) -> *mut u8 {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapassign_fast32ptr(t, h, key) }
}

/// `gomap_mapassign` for pointer keys. Go uses it on 64-bit platforms; here it works on all.
///
/// # Safety
/// `t` is *valid*, has such keys, compared bytewise, and elems stored inline (of at most
/// `GOMAP_MAX_ELEM_SIZE` bytes, aligned to at most 8); `h` is *of `t`*; *exclusive*.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapassign_fast64ptr(
    t: *const MapType,
    h: *mut Hmap,
    key: *mut u8,
) -> *mut u8 {
    // SAFETY: what the function of this name in `raw` asks of its caller.
    unsafe { raw::mapassign_fast64ptr(t, h, key) }
}
