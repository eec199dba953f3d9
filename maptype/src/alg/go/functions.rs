//! Go's hash of each kind, as the functions that a map calls.

use super::super::fold::read;
use super::super::interface::parts;
use super::super::missing::unhashable;
use super::super::string::GoString;
use super::GoHash;
use crate::Type;

const C0: u64 = 33054211828000289;
const C1: u64 = 23344194077549503;

/// The functions that `ty` was made with.
///
/// # Safety
/// `ty` was made by a [`GoHash`], which is alive for `'a`.
unsafe fn go<'a>(ty: *const Type) -> &'a GoHash {
    // SAFETY: the maker made itself the context of the type, which is alive.
    unsafe { Type::context_of(ty) }
}

/// The compiler's hash of a key without bytes.
pub(super) unsafe extern "C-unwind" fn nothing(_: *const u8, seed: usize, _: *const Type) -> usize {
    seed
}

pub(super) unsafe extern "C-unwind" fn memory(
    key: *const u8,
    seed: usize,
    ty: *const Type,
) -> usize {
    // SAFETY: the key is a value of the type, which says how long it is.
    unsafe { go(ty).memhash(key, seed as u64, (&*ty).size) as usize }
}

pub(super) unsafe extern "C-unwind" fn string(
    key: *const u8,
    seed: usize,
    ty: *const Type,
) -> usize {
    // SAFETY: the key is a string, whose bytes are initialised.
    unsafe {
        let string = key.cast::<GoString>().read_unaligned();
        go(ty).memhash(string.data, seed as u64, string.len) as usize
    }
}

pub(super) unsafe extern "C-unwind" fn float32(
    key: *const u8,
    seed: usize,
    ty: *const Type,
) -> usize {
    // SAFETY: a four-byte key.
    unsafe { go(ty).float32(key, seed as u64) as usize }
}

pub(super) unsafe extern "C-unwind" fn float64(
    key: *const u8,
    seed: usize,
    ty: *const Type,
) -> usize {
    // SAFETY: an eight-byte key.
    unsafe { go(ty).float64(key, seed as u64) as usize }
}

pub(super) unsafe extern "C-unwind" fn complex64(
    key: *const u8,
    seed: usize,
    ty: *const Type,
) -> usize {
    // SAFETY: two four-byte parts.
    unsafe { go(ty).float32(key.add(4), go(ty).float32(key, seed as u64)) as usize }
}

pub(super) unsafe extern "C-unwind" fn complex128(
    key: *const u8,
    seed: usize,
    ty: *const Type,
) -> usize {
    // SAFETY: two eight-byte parts.
    unsafe { go(ty).float64(key.add(8), go(ty).float64(key, seed as u64)) as usize }
}

/// The dynamic type hashes the value: it must itself be made by a [`GoHash`].
pub(super) unsafe extern "C-unwind" fn interface(
    key: *const u8,
    seed: usize,
    _: *const Type,
) -> usize {
    // SAFETY: the key is an interface, and its type and value are alive as long as it is in use.
    let Some((ty, data)) = (unsafe { parts(key) }) else {
        return seed;
    };
    let hash = ty.alg.hash.unwrap_or_else(|| unhashable(ty));
    // SAFETY: the value is one of the type whose function this is.
    let hash = unsafe { hash(data, seed ^ C0 as usize, ty) };
    C1.wrapping_mul(hash as u64) as usize
}

impl GoHash {
    /// # Safety
    /// `p` points to four initialised bytes.
    unsafe fn float32(&self, p: *const u8, seed: u64) -> u64 {
        // SAFETY: `p` points to four initialised bytes.
        let x = unsafe { read::<f32>(p) };
        self.unusual(x.into(), seed)
            // SAFETY: `p` points to four initialised bytes.
            .unwrap_or_else(|| unsafe { self.memhash(p, seed, 4) })
    }

    /// # Safety
    /// `p` points to eight initialised bytes.
    unsafe fn float64(&self, p: *const u8, seed: u64) -> u64 {
        // SAFETY: `p` points to eight initialised bytes.
        let x = unsafe { read::<f64>(p) };
        self.unusual(x, seed)
            // SAFETY: `p` points to eight initialised bytes.
            .unwrap_or_else(|| unsafe { self.memhash(p, seed, 8) })
    }

    /// The hash of the numbers whose bytes do not say what they equal: zeroes and NaN.
    fn unusual(&self, x: f64, seed: u64) -> Option<u64> {
        let hash = |drawn: u64| Some(C1.wrapping_mul(C0 ^ seed ^ drawn));
        if x == 0.0 {
            hash(0)
        } else if x.is_nan() {
            // SAFETY: what the maker gave for this.
            hash(unsafe { (self.random)(self.context) } & self.random_mask)
        } else {
            None
        }
    }
}
