//! The default hash under Go's names, to be inlined.

use super::bytes::bytes;
use super::fold::{last, one, read, to_usize, two};
use super::process_key::key;

/// The state that a hash under `seed` starts from.
#[cfg_attr(not(debug_assertions), inline(always))]
fn state(seed: usize) -> u64 {
    key() ^ seed as u64
}

/// The default hash of one word: what [`memhash32`] and [`memhash64`] give for the bytes of `x`.
///
/// Call [`init`](super::init) before the first hash of a process.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn hash_word(x: u64, seed: usize) -> usize {
    to_usize(one(x ^ state(seed)))
}

/// The default hash of a byte string: what [`strhash`](super::strhash) gives for a string of these
/// bytes.
///
/// Call [`init`](super::init) before the first hash of a process.
///
/// # Examples
/// ```
/// use maptype::alg::{hash_bytes, init};
///
/// init();
/// assert_eq!(hash_bytes(b"left", 7), hash_bytes(b"left", 7));
/// assert_ne!(hash_bytes(b"left", 7), hash_bytes(b"left", 8));
/// ```
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn hash_bytes(data: &[u8], seed: usize) -> usize {
    // SAFETY: a slice is initialised.
    unsafe { memhash(data.as_ptr(), seed, data.len()) }
}

/// The hash of one word, from a 64-bit state of the caller's: neither process key nor seed are
/// used, here and in the other `mix_` functions.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn mix_word(x: u64, state: u64) -> u64 {
    one(x ^ state)
}

/// The state after two words. [`mix_last`] makes a hash of it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn mix_words(a: u64, b: u64, state: u64) -> u64 {
    two(a, b, state)
}

/// The state after a byte string. [`mix_last`] makes a hash of it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn mix_bytes(data: &[u8], state: u64) -> u64 {
    // SAFETY: a slice is initialised.
    unsafe { bytes(data.as_ptr(), data.len(), state) }
}

/// The hash that a state stands for.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn mix_last(state: u64) -> u64 {
    last(state)
}

/// The default hash of the `n` bytes at `p`. For 1, 2, 4, 8 and 16 bytes it is not the hash of the
/// types of these sizes.
///
/// # Safety
/// `p` points to `n` initialised bytes. Call [`init`](super::init) before the first hash of a
/// process.
#[cfg_attr(not(debug_assertions), inline(always))]
pub unsafe fn memhash(p: *const u8, seed: usize, n: usize) -> usize {
    // SAFETY: `n` initialised bytes at `p`.
    to_usize(last(unsafe { bytes(p, n, state(seed)) }))
}

/// The default hash of the four bytes at `p`.
///
/// # Safety
/// As for [`memhash`]; `p` need not be aligned.
#[cfg_attr(not(debug_assertions), inline(always))]
pub unsafe fn memhash32(p: *const u8, seed: usize) -> usize {
    // SAFETY: four initialised bytes at `p`.
    hash_word(unsafe { read::<u32>(p) }.into(), seed)
}

/// The default hash of the eight bytes at `p`.
///
/// # Safety
/// As for [`memhash`]; `p` need not be aligned.
#[cfg_attr(not(debug_assertions), inline(always))]
pub unsafe fn memhash64(p: *const u8, seed: usize) -> usize {
    // SAFETY: eight initialised bytes at `p`.
    hash_word(unsafe { read::<u64>(p) }, seed)
}

/// The default hash of the sixteen bytes at `p`.
///
/// # Safety
/// As for [`memhash`]; `p` need not be aligned.
#[cfg_attr(not(debug_assertions), inline(always))]
pub unsafe fn memhash128(p: *const u8, seed: usize) -> usize {
    // SAFETY: sixteen initialised bytes at `p`.
    let [a, b] = unsafe { read::<[u64; 2]>(p) };
    to_usize(last(two(a, b, state(seed))))
}
