//! Drop and copy glue of arrays and structs: that of their components, one after the other.

use super::aggregate::{Part, elements, fields};
use crate::Type;

pub(super) unsafe extern "C-unwind" fn drop_array(value: *mut u8, ty: *const Type) {
    // SAFETY: the value is of the array type `ty`.
    unsafe { drop_parts(value, elements(ty)) }
}

pub(super) unsafe extern "C-unwind" fn drop_struct(value: *mut u8, ty: *const Type) {
    // SAFETY: the value is of the struct type `ty`.
    unsafe { drop_parts(value, fields(ty)) }
}

pub(super) unsafe extern "C-unwind" fn copy_array(value: *mut u8, ty: *const Type) {
    // SAFETY: the value is of the array type `ty`.
    unsafe { copy_parts(value, elements(ty)) }
}

pub(super) unsafe extern "C-unwind" fn copy_struct(value: *mut u8, ty: *const Type) {
    // SAFETY: the value is of the struct type `ty`.
    unsafe { copy_parts(value, fields(ty)) }
}

/// # Safety
/// `value` points to a value made of `parts`, which is not used again.
unsafe fn drop_parts<'a>(value: *mut u8, parts: impl Iterator<Item = Part<'a>>) {
    for (ty, offset) in parts {
        if let Some(drop) = ty.drop {
            // SAFETY: the part lies in the value, and the function belongs to its type.
            unsafe { drop(value.add(offset), ty) }
        }
    }
}

/// # Safety
/// `value` points to a bytewise copy of a value made of `parts`.
unsafe fn copy_parts<'a>(value: *mut u8, parts: impl Iterator<Item = Part<'a>>) {
    for (ty, offset) in parts {
        if let Some(copy) = ty.copy {
            // SAFETY: the part lies in the value, and the function belongs to its type.
            unsafe { copy(value.add(offset), ty) }
        }
    }
}
