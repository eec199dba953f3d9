//! Arrays and structs: values made of other values, in order, with padding that never counts.

use core::slice;

use super::missing::{uncomparable, unhashable};
use crate::{Alg, Type};

/// What the context of a [`Kind::Array`](crate::Kind::Array) type points to.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ArrayOf {
    /// The type of the elements, which are adjacent.
    pub elem: *const Type,
    /// How many there are.
    pub len: usize,
}

/// What the context of a [`Kind::Struct`](crate::Kind::Struct) type points to.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct StructOf {
    /// The fields that count: all but padding and blank ones, in order.
    pub fields: *const Field,
    /// How many there are.
    pub len: usize,
}

/// One field of a [`StructOf`].
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Bytes before it in the struct.
    pub offset: usize,
    /// Its type.
    pub ty: *const Type,
}

/// Hash and equality of a type whose context is an [`ArrayOf`]: element by element, each hash the
/// seed of the next.
pub const ARRAY_ALG: Alg = Alg {
    hash: Some(hash_array),
    equal: Some(equal_array),
};

/// Hash and equality of a type whose context is a [`StructOf`]: field by field, each hash the seed
/// of the next.
pub const STRUCT_ALG: Alg = Alg {
    hash: Some(hash_struct),
    equal: Some(equal_struct),
};

/// A component: its type, and where it is.
pub(super) type Part<'a> = (&'a Type, usize);

/// The elements of the array type `ty`.
///
/// # Safety
/// The context of `ty` is an [`ArrayOf`]; it and its element type live for `'a`.
pub(super) unsafe fn elements<'a>(ty: *const Type) -> impl Iterator<Item = Part<'a>> + Clone {
    // SAFETY: the context of `ty` is an `ArrayOf`.
    let (elem, len) = unsafe {
        let array = Type::context_of::<ArrayOf>(ty);
        (&*array.elem, array.len)
    };
    (0..len).map(move |i| (elem, i * elem.size))
}

/// The fields of the struct type `ty`.
///
/// # Safety
/// The context of `ty` is a [`StructOf`]; it, its fields and their types live for `'a`.
pub(super) unsafe fn fields<'a>(ty: *const Type) -> impl Iterator<Item = Part<'a>> + Clone {
    // SAFETY: the context of `ty` is a `StructOf`; without fields it may have no table.
    let fields = unsafe {
        let table = Type::context_of::<StructOf>(ty);
        match table.len {
            0 => &[],
            len => slice::from_raw_parts(table.fields, len),
        }
    };
    // SAFETY: the types of the fields live for `'a`.
    fields
        .iter()
        .map(|field| (unsafe { &*field.ty }, field.offset))
}

unsafe extern "C-unwind" fn hash_array(key: *const u8, seed: usize, ty: *const Type) -> usize {
    // SAFETY: the key is a value of the array type `ty`.
    unsafe { hash_parts(key, seed, elements(ty)) }
}

unsafe extern "C-unwind" fn hash_struct(key: *const u8, seed: usize, ty: *const Type) -> usize {
    // SAFETY: the key is a value of the struct type `ty`.
    unsafe { hash_parts(key, seed, fields(ty)) }
}

unsafe extern "C-unwind" fn equal_array(a: *const u8, b: *const u8, ty: *const Type) -> bool {
    // SAFETY: both keys are values of the array type `ty`.
    unsafe { equal_parts(a, b, elements(ty)) }
}

unsafe extern "C-unwind" fn equal_struct(a: *const u8, b: *const u8, ty: *const Type) -> bool {
    // SAFETY: both keys are values of the struct type `ty`.
    unsafe { equal_parts(a, b, fields(ty)) }
}

/// # Safety
/// `key` points to a value made of `parts`.
#[inline]
unsafe fn hash_parts<'a>(
    key: *const u8,
    seed: usize,
    parts: impl Iterator<Item = Part<'a>>,
) -> usize {
    parts.fold(seed, |seed, (ty, offset)| {
        let hash = ty.alg.hash.unwrap_or_else(|| unhashable(ty));
        // SAFETY: the part is in the value, and the function belongs to its type.
        unsafe { hash(key.add(offset), seed, ty) }
    })
}

/// # Safety
/// `a` and `b` point to values made of `parts`.
#[inline]
unsafe fn equal_parts<'a>(
    a: *const u8,
    b: *const u8,
    mut parts: impl Iterator<Item = Part<'a>>,
) -> bool {
    parts.all(|(ty, offset)| {
        let equal = ty.alg.equal.unwrap_or_else(|| uncomparable(ty));
        // SAFETY: the part is in both values, and the function belongs to its type.
        unsafe { equal(a.add(offset), b.add(offset), ty) }
    })
}
