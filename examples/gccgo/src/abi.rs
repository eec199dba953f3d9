//! The structs of libgo 12 that describe types, as its compiler emits them.

use core::mem::{offset_of, size_of};

/// A Go func value: what it points to starts with the address of the code, and is passed along in
/// r10.
pub(crate) type Func = *const *const u8;

/// libgo's `_type`.
#[repr(C)]
pub(crate) struct GoType {
    pub(crate) size: usize,
    pub(crate) ptrdata: usize,
    hash: u32,
    tflag: u8,
    pub(crate) align: u8,
    field_align: u8,
    pub(crate) kind: u8,
    pub(crate) equal: Func,
    gcdata: *const u8,
    string: *const u8,
    uncommon: *const u8,
    ptr_to_this: *const GoType,
}

// SAFETY: a type is read-only.
unsafe impl Sync for GoType {}

/// [`GoType::kind`] of a slice.
const KIND_SLICE: u8 = 23;
/// [`GoType::kind`] of a pointer, which interfaces store directly.
const KIND_POINTER: u8 = 22 | 0x20;

impl GoType {
    /// A type whose first word is its only pointer, good for allocations.
    const fn one_pointer(size: usize, kind: u8) -> GoType {
        static FIRST_WORD: u8 = 1;
        GoType {
            size,
            ptrdata: size_of::<usize>(),
            hash: 0,
            tflag: 0,
            align: 8,
            field_align: 8,
            kind,
            equal: core::ptr::null(),
            gcdata: &raw const FIRST_WORD,
            string: core::ptr::null(),
            uncommon: core::ptr::null(),
            ptr_to_this: core::ptr::null(),
        }
    }
}

/// `*bmap`.
pub(crate) static BUCKET_POINTER: GoType = GoType::one_pointer(8, KIND_POINTER);
/// `[]*bmap`.
pub(crate) static BUCKET_POINTERS: GoType = GoType::one_pointer(24, KIND_SLICE);

/// libgo's `maptype`.
#[repr(C)]
pub(crate) struct GoMapType {
    typ: GoType,
    pub(crate) key: *const GoType,
    pub(crate) elem: *const GoType,
    pub(crate) bucket: *const GoType,
    pub(crate) hasher: Func,
    pub(crate) keysize: u8,
    pub(crate) elemsize: u8,
    pub(crate) bucketsize: u16,
    pub(crate) flags: u32,
}

const _: () = {
    assert!(size_of::<GoType>() == 64);
    assert!(offset_of!(GoType, kind) == 23 && offset_of!(GoType, equal) == 24);
    assert!(size_of::<GoMapType>() == 104);
    assert!(offset_of!(GoMapType, key) == 64 && offset_of!(GoMapType, hasher) == 88);
    assert!(offset_of!(GoMapType, keysize) == 96 && offset_of!(GoMapType, flags) == 100);
};
