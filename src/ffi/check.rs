//! Checks of what C passes, before it counts as a Rust value.

use core::ffi::c_void;
use core::ptr;

use maptype::{Era, Heap, Kind, MapType, RawType, Type};

use super::status::Status;
use crate::header::flags::{self, EMPTYING};
use crate::layout::{Hmap, hashWriting};

/// Refuses a pointer that is null or misaligned.
pub(crate) fn pointer<T>(p: *const T) -> Result<(), Status> {
    if p.is_null() {
        Err(Status::GOMAP_NULL)
    } else if !p.is_aligned() {
        Err(Status::GOMAP_MISALIGNED)
    } else {
        Ok(())
    }
}

/// The address of a value of `ty`. A value without bytes may be at null.
pub(crate) fn value(p: *const u8, ty: &Type) -> Result<*const u8, Status> {
    let align = ty.align as usize;
    if ty.size == 0 {
        Ok(ptr::without_provenance(align))
    } else if p.is_null() {
        Err(Status::GOMAP_NULL)
    } else if !p.addr().is_multiple_of(align) {
        Err(Status::GOMAP_MISALIGNED)
    } else {
        Ok(p)
    }
}

/// The type at `ty`, if its fields have valid values.
///
/// # Safety
/// `ty` is null or misaligned, or points to a `gomap_type` that does not change.
pub(crate) unsafe fn type_at<'a>(ty: *const Type) -> Result<&'a Type, Status> {
    pointer(ty)?;
    // SAFETY: bytes of a live struct, read before it counts as a `Type`.
    unsafe {
        let raw = ty.cast::<RawType>();
        let kind = (&raw const (*raw).kind).cast::<u8>().read();
        let default_hash = (&raw const (*raw).default_hash).cast::<u8>().read();
        if kind > Kind::Struct as u8 || default_hash > 1 {
            return Err(Status::GOMAP_BAD_TYPE);
        }
        Ok(&*ty)
    }
}

/// The heap at `heap`, if it has the functions that it must have.
///
/// # Safety
/// `heap` is null or misaligned, or points to a `gomap_heap` that does not change.
pub(crate) unsafe fn heap_at<'a>(heap: *const Heap) -> Result<&'a Heap, Status> {
    pointer(heap)?;
    // SAFETY: words of a live struct, read before it counts as a `Heap`.
    unsafe {
        let hooks: [*const *const c_void; 4] = [
            (&raw const (*heap).allocate).cast(),
            (&raw const (*heap).random).cast(),
            (&raw const (*heap).throw).cast(),
            (&raw const (*heap).panic).cast(),
        ];
        if hooks.iter().any(|hook| hook.read().is_null()) {
            return Err(Status::GOMAP_NULL);
        }
        if (&raw const (*heap).era).cast::<u8>().read() > Era::Go123 as u8 {
            return Err(Status::GOMAP_BAD_TYPE);
        }
        Ok(&*heap)
    }
}

/// The descriptor at `t`, if it was made.
///
/// # Safety
/// `t` is null or misaligned, or points to a descriptor or zeroes.
pub(crate) unsafe fn descriptor_at<'a>(t: *const MapType) -> Result<&'a MapType, Status> {
    pointer(t)?;
    // SAFETY: a live struct, whose types are read only where it was made.
    unsafe {
        pointer((*t).key)?;
        pointer((*t).elem)?;
        pointer((*t).heap)?;
        Ok(&*t)
    }
}

/// Refuses to free a map while the glue of its entries runs, in a clear.
///
/// # Safety
/// `h` points to a map.
pub(crate) unsafe fn not_emptying(h: *const Hmap) -> Result<(), Status> {
    // SAFETY: `h` points to a map.
    if unsafe { flags::load(h) } & EMPTYING != 0 {
        return Err(Status::GOMAP_BUSY);
    }
    Ok(())
}

/// Refuses a map that is being written to.
///
/// # Safety
/// `h` points to a map.
pub(crate) unsafe fn not_busy(h: *const Hmap) -> Result<(), Status> {
    // SAFETY: `h` points to a map.
    if unsafe { flags::load(h) } & hashWriting != 0 {
        return Err(Status::GOMAP_BUSY);
    }
    Ok(())
}
