//! Drop and copy glue of arrays and structs: that of their components, one after the other.

use core::mem::forget;

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

/// Ends the parts of a value in order. If the glue of one unwinds, the others still end.
///
/// # Safety
/// `value` points to a value made of `parts`, which is not used again.
unsafe fn drop_parts<'a>(value: *mut u8, parts: impl Iterator<Item = Part<'a>>) {
    DropParts { value, parts }.run();
}

/// The parts of a value that are still to end.
struct DropParts<'a, I: Iterator<Item = Part<'a>>> {
    value: *mut u8,
    parts: I,
}

impl<'a, I: Iterator<Item = Part<'a>>> DropParts<'a, I> {
    fn run(&mut self) {
        for (ty, offset) in self.parts.by_ref() {
            if let Some(drop) = ty.drop {
                // SAFETY: the part is in the value, comes up once, and the function belongs to its
                // type.
                unsafe { drop(self.value.add(offset), ty) }
            }
        }
    }
}

impl<'a, I: Iterator<Item = Part<'a>>> Drop for DropParts<'a, I> {
    fn drop(&mut self) {
        self.run();
    }
}

/// Makes the parts of a value its own. If the glue of one unwinds, those before it end: the others
/// are bytes.
///
/// # Safety
/// `value` points to a bytewise copy of a value made of `parts`.
unsafe fn copy_parts<'a>(value: *mut u8, parts: impl Iterator<Item = Part<'a>> + Clone) {
    for (done, (ty, offset)) in parts.clone().enumerate() {
        if let Some(copy) = ty.copy {
            let copied = DropParts {
                value,
                parts: parts.clone().take(done),
            };
            // SAFETY: the part is in the value, and the function belongs to its type.
            unsafe { copy(value.add(offset), ty) }
            forget(copied);
        }
    }
}
