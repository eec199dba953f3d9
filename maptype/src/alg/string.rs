//! Strings and byte slices: a pointer and a length, equal when the bytes pointed to are.

use core::slice;

use super::bytes::same_bytes;
use super::memhash;
use super::process_key::init_and_call;
use crate::{Alg, Kind, NEED_KEY_UPDATE, REFLEXIVE_KEY, Type};

const WORD: usize = size_of::<usize>();
const WORD_ALIGN: u32 = align_of::<usize>() as u32;

/// The header of a Go string. It borrows the bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct GoString {
    /// The first byte; anything, also null, where `len` is 0.
    pub data: *const u8,
    /// Bytes.
    pub len: usize,
}

/// The header of a Go slice of bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct GoSlice {
    /// The first byte; anything, also null, where `len` is 0.
    pub data: *const u8,
    /// Bytes that count.
    pub len: usize,
    /// Bytes that there is room for; it takes no part in equality.
    pub cap: usize,
}

// SAFETY: null and zero are the empty string.
unsafe impl bytemuck::Zeroable for GoString {}
// SAFETY: null and zero are the empty slice.
unsafe impl bytemuck::Zeroable for GoSlice {}

impl GoString {
    /// The header of `bytes`, to be used no longer than they live.
    ///
    /// # Examples
    /// ```
    /// use maptype::alg::{self, GoString};
    ///
    /// let key = GoString::new(b"left");
    /// alg::init();
    /// // SAFETY: the bytes of the header are alive.
    /// unsafe {
    ///     assert_eq!(key.as_bytes(), b"left");
    ///     assert_eq!(alg::strhash(key.as_key(), 7), alg::hash_bytes(b"left", 7));
    /// }
    /// ```
    #[inline]
    pub const fn new(bytes: &[u8]) -> GoString {
        GoString {
            data: bytes.as_ptr(),
            len: bytes.len(),
        }
    }

    /// The bytes.
    ///
    /// # Safety
    /// They are still there, and unchanged for `'a`.
    #[inline]
    pub const unsafe fn as_bytes<'a>(self) -> &'a [u8] {
        // SAFETY: the bytes are unchanged for `'a`; null is not read.
        unsafe { bytes_at(self.data, self.len) }
    }

    /// Address of the header, as the map functions take a key.
    #[inline]
    pub const fn as_key(&self) -> *const u8 {
        (&raw const *self).cast()
    }
}

impl GoSlice {
    /// The header of `bytes`, to be used no longer than they live.
    #[inline]
    pub const fn new(bytes: &[u8]) -> GoSlice {
        GoSlice {
            data: bytes.as_ptr(),
            len: bytes.len(),
            cap: bytes.len(),
        }
    }

    /// The bytes.
    ///
    /// # Safety
    /// They are still there, and unchanged for `'a`.
    #[inline]
    pub const unsafe fn as_bytes<'a>(self) -> &'a [u8] {
        // SAFETY: the bytes are unchanged for `'a`; null is not read.
        unsafe { bytes_at(self.data, self.len) }
    }

    /// Address of the header, as the map functions take a key.
    #[inline]
    pub const fn as_key(&self) -> *const u8 {
        (&raw const *self).cast()
    }
}

/// # Safety
/// `len` initialised bytes at `data`, unchanged for `'a`; null is allowed where `len` is 0.
const unsafe fn bytes_at<'a>(data: *const u8, len: usize) -> &'a [u8] {
    if len == 0 {
        return &[];
    }
    // SAFETY: `len` initialised bytes, unchanged for `'a`.
    unsafe { slice::from_raw_parts(data, len) }
}

/// Go's `string`. An overwritten entry takes the new key, so that the old key's bytes can go.
pub static STRING: Type = pointer_first("string", Kind::String, 2 * WORD);

/// A slice of bytes keyed by what is in it. (Go itself has no such key; it has the layout of Go's
/// `[]byte`.)
pub static BYTES: Type = pointer_first("[]byte", Kind::Opaque, 3 * WORD);

const fn pointer_first(name: &'static str, kind: Kind, size: usize) -> Type {
    let alg = Alg {
        hash: Some(hash),
        equal: Some(equal),
    };
    Type::plain(name, size, WORD_ALIGN)
        .with_pointers(WORD)
        .with_default_hash(kind, alg)
        .with_key_flags(REFLEXIVE_KEY | NEED_KEY_UPDATE)
}

/// The default hash of the string whose header is at `p`.
///
/// # Safety
/// `p` points to a [`GoString`] whose bytes are initialised. Call [`init`](super::init) before the
/// first hash of a process.
#[cfg_attr(not(debug_assertions), inline(always))]
pub unsafe fn strhash(p: *const u8, seed: usize) -> usize {
    // SAFETY: `p` points to a header whose bytes are initialised.
    unsafe {
        let string = p.cast::<GoString>().read_unaligned();
        memhash(string.data, seed, string.len)
    }
}

/// Both headers begin with the pointer and the length.
#[inline(never)]
unsafe extern "C-unwind" fn hash(key: *const u8, seed: usize, ty: *const Type) -> usize {
    init_and_call!(hash(key, seed, ty));
    // SAFETY: a key of these types begins with the header of a string.
    unsafe { strhash(key, seed) }
}

#[inline(never)]
pub(super) unsafe extern "C-unwind" fn equal(a: *const u8, b: *const u8, _: *const Type) -> bool {
    // SAFETY: keys of these types begin with the header of a string.
    unsafe {
        let a = a.cast::<GoString>().read_unaligned();
        let b = b.cast::<GoString>().read_unaligned();
        a.len == b.len && same_bytes(a.data, b.data, a.len)
    }
}
