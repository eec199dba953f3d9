//! Plain memory: values that are equal when their bytes are.

use core::ptr::fn_addr_eq;

use super::bytes::same_bytes;
use super::fold::read;
use super::process_key::init_and_call;
use super::string::STRING;
use super::{hash_word, memhash, memhash32, memhash64, memhash128};
use crate::{Alg, EqualFn, HashFn, Kind, Type};

const WORD: usize = size_of::<usize>();
const WORD_ALIGN: u32 = align_of::<usize>() as u32;

/// `bool`, one byte.
pub static BOOL: Type = memory("bool", 1, 1);
/// `int8`.
pub static INT8: Type = memory("int8", 1, 1);
/// `uint8`.
pub static UINT8: Type = memory("uint8", 1, 1);
/// `int16`.
pub static INT16: Type = memory("int16", 2, 2);
/// `uint16`.
pub static UINT16: Type = memory("uint16", 2, 2);
/// `int32`.
pub static INT32: Type = memory("int32", 4, 4);
/// `uint32`.
pub static UINT32: Type = memory("uint32", 4, 4);
/// `int64`, aligned as Go aligns it: to the word.
pub static INT64: Type = memory("int64", 8, WORD_ALIGN);
/// `uint64`, aligned as Go aligns it: to the word.
pub static UINT64: Type = memory("uint64", 8, WORD_ALIGN);
/// 16 bytes, of either sign, aligned to the word.
pub static UINT128: Type = memory("uint128", 16, WORD_ALIGN);
/// `int`, a word.
pub static INT: Type = memory("int", WORD, WORD_ALIGN);
/// `uint`, a word.
pub static UINT: Type = memory("uint", WORD, WORD_ALIGN);
/// `uintptr`, a word that no collector follows.
pub static UINTPTR: Type = memory("uintptr", WORD, WORD_ALIGN);
/// A pointer or a channel: a word that a collector follows, compared by address.
pub static POINTER: Type = memory("unsafe.Pointer", WORD, WORD_ALIGN).with_pointers(WORD);

/// A type of `size` bytes that are all compared: integers, pointers, arrays and structs of them
/// without padding.
///
/// Every byte of a value must be initialised.
///
/// # Examples
/// ```
/// use maptype::{Kind, Type, alg};
///
/// static UUID: Type = alg::memory("uuid", 16, 1);
/// assert_eq!((UUID.size, UUID.kind), (16, Kind::Memory));
/// ```
pub const fn memory(name: &'static str, size: usize, align: u32) -> Type {
    Type::plain(name, size, align).with_default_hash(Kind::Memory, memory_alg(size))
}

/// Hash and equality of `size` bytes of memory: functions that are never inlined, so that each has
/// one address.
pub(super) const fn memory_alg(size: usize) -> Alg {
    let hash: HashFn = match size {
        1 => hash1,
        2 => hash2,
        4 => hash4,
        8 => hash8,
        16 => hash16,
        _ => hash_any,
    };
    Alg {
        hash: Some(hash),
        equal: Some(memory_equal(size)),
    }
}

/// Equality of `size` bytes of memory.
pub(super) const fn memory_equal(size: usize) -> EqualFn {
    match size {
        1 => equal1,
        2 => equal2,
        4 => equal4,
        8 => equal8,
        16 => equal16,
        _ => equal_any,
    }
}

/// Whether hash and equality of `ty` are the defaults of its kind, as it says. A host that copies a
/// type and replaces its hash may leave the flag on.
///
/// Functions are known by their addresses. One that has two counts as the host's, and is called.
pub(crate) fn has_default_hash(ty: &Type) -> bool {
    ty.default_hash
        && match ty.kind {
            Kind::Memory => same_alg(ty.alg, memory_alg(ty.size)),
            Kind::String => same_alg(ty.alg, STRING.alg),
            _ => true,
        }
}

fn same_alg(a: Alg, b: Alg) -> bool {
    let hash = a.hash.zip(b.hash).is_some_and(|(a, b)| fn_addr_eq(a, b));
    hash && a.equal.zip(b.equal).is_some_and(|(a, b)| fn_addr_eq(a, b))
}

#[inline(never)]
unsafe extern "C-unwind" fn hash1(key: *const u8, seed: usize, ty: *const Type) -> usize {
    init_and_call!(hash1(key, seed, ty));
    // SAFETY: a one-byte key.
    hash_word(unsafe { key.read() }.into(), seed)
}

#[inline(never)]
unsafe extern "C-unwind" fn hash2(key: *const u8, seed: usize, ty: *const Type) -> usize {
    init_and_call!(hash2(key, seed, ty));
    // SAFETY: a two-byte key.
    hash_word(unsafe { read::<u16>(key) }.into(), seed)
}

#[inline(never)]
unsafe extern "C-unwind" fn hash4(key: *const u8, seed: usize, ty: *const Type) -> usize {
    init_and_call!(hash4(key, seed, ty));
    // SAFETY: a four-byte key.
    unsafe { memhash32(key, seed) }
}

#[inline(never)]
unsafe extern "C-unwind" fn hash8(key: *const u8, seed: usize, ty: *const Type) -> usize {
    init_and_call!(hash8(key, seed, ty));
    // SAFETY: an eight-byte key.
    unsafe { memhash64(key, seed) }
}

#[inline(never)]
unsafe extern "C-unwind" fn hash16(key: *const u8, seed: usize, ty: *const Type) -> usize {
    init_and_call!(hash16(key, seed, ty));
    // SAFETY: a sixteen-byte key.
    unsafe { memhash128(key, seed) }
}

#[inline(never)]
unsafe extern "C-unwind" fn hash_any(key: *const u8, seed: usize, ty: *const Type) -> usize {
    init_and_call!(hash_any(key, seed, ty));
    // SAFETY: the key is a value of the type, which says how long it is.
    unsafe { memhash(key, seed, (&*ty).size) }
}

pub(super) unsafe extern "C-unwind" fn equal_as<T: bytemuck::AnyBitPattern + PartialEq>(
    a: *const u8,
    b: *const u8,
    _: *const Type,
) -> bool {
    // SAFETY: both keys are as large as `T`.
    unsafe { read::<T>(a) == read::<T>(b) }
}

/// Declares the equality of memory as large as a word.
macro_rules! equal_words {
    ($($name:ident: $word:ty),*) => {$(
        #[inline(never)]
        unsafe extern "C-unwind" fn $name(a: *const u8, b: *const u8, ty: *const Type) -> bool {
            // SAFETY: both keys are as large as the word (`memory_alg` chooses by size).
            unsafe { equal_as::<$word>(a, b, ty) }
        }
    )*};
}

equal_words!(equal1: u8, equal2: u16, equal4: u32, equal8: u64, equal16: u128);

#[inline(never)]
unsafe extern "C-unwind" fn equal_any(a: *const u8, b: *const u8, ty: *const Type) -> bool {
    // SAFETY: both keys are values of the type, which says how long they are.
    unsafe { same_bytes(a, b, (&*ty).size) }
}
