//! The folded multiply, and the default hash of words. Pure functions of a 64-bit state, which the
//! callers make of the process key and the map's seed.

use bytemuck::AnyBitPattern;

/// Fractional digits of e: as good as random, and odd.
const FIRST: u64 = 0xb7e1_5162_8aed_2a6b;
/// Fractional digits of the golden ratio: likewise.
const LAST: u64 = 0x9e37_79b9_7f4a_7c15;
/// Fractional digits of pi.
const SECOND_STATE: u64 = 0x243f_6a88_85a3_08d3;

/// The low and the high half of the product, one upon the other.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

/// The hash of one word, already mixed with the state.
///
/// A folded multiply alone is nearly linear: whatever the constant, the keys of some strides share
/// their low bits. The upper half of a second product depends on all of the first; turned, it gives
/// the low bits, which choose the bucket.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) const fn one(word: u64) -> u64 {
    fold(word, FIRST).wrapping_mul(LAST).rotate_left(32)
}

/// The state after two words, which [`last`] makes a hash of.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) const fn two(a: u64, b: u64, state: u64) -> u64 {
    fold(a ^ state, b ^ second(state))
}

/// The hash of what is already folded with secrets. A secret factor is not always a good one, so
/// this must be as strong as multiplication gets.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) const fn last(folded: u64) -> u64 {
    fold(folded, LAST)
}

/// The state for second factors. It must be as secret as the first: a factor of zero would erase
/// the other.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) const fn second(state: u64) -> u64 {
    state.rotate_left(32) ^ SECOND_STATE
}

/// The hash as a map takes it: all of it, or on 32-bit targets both halves together.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) const fn to_usize(hash: u64) -> usize {
    if usize::BITS == 64 {
        hash as usize
    } else {
        (hash ^ hash >> 32) as usize
    }
}

/// A value of plain data from any address.
///
/// # Safety
/// `p` points to as many initialised bytes as a `T` has; its alignment does not matter.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) unsafe fn read<T: AnyBitPattern>(p: *const u8) -> T {
    // SAFETY: initialised (caller), and any bits make a `T`.
    unsafe { p.cast::<T>().read_unaligned() }
}
