//! Byte strings: folding them into a state, a multiply for sixteen bytes, and comparing them.

use core::slice;

use super::fold::{fold, read, second};

/// Makes the lanes of one hash differ, so that equal blocks in two of them do not cancel out:
/// fractional digits of the root of 2.
const LANE: u64 = 0x6a09_e667_f3bc_c909;

/// Spreads the length over a word, so that no string of another length can undo it: fractional
/// digits of the root of 3.
const LENGTH: u64 = 0xbb67_ae85_84ca_a73b;

/// The state after `n` bytes, which [`last`](super::fold::last) makes a hash of.
///
/// # Safety
/// `p` points to `n` initialised bytes.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) unsafe fn bytes(p: *const u8, n: usize, state: u64) -> u64 {
    let key = second(state) ^ (n as u64).wrapping_mul(LENGTH);
    // SAFETY: `n` bytes at `p`, and the lengths tested here.
    unsafe {
        if n > 32 {
            long(p, n, state, key)
        } else if n > 16 {
            let end = p.add(n);
            block(p, p.add(8), state, key) ^ block(end.sub(16), end.sub(8), lane(state, 1), key)
        } else if n >= 8 {
            block(p, p.add(n - 8), state, key)
        } else if n >= 4 {
            let (a, b) = (read::<u32>(p), read::<u32>(p.add(n - 4)));
            fold(u64::from(a) ^ state, u64::from(b) ^ key)
        } else {
            fold(up_to_3(p, n) ^ state, key)
        }
    }
}

/// Packs n <= 3 bytes into a word, injectively for a given n.
///
/// # Safety
/// `p` points to `n <= 3` initialised bytes.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) unsafe fn up_to_3(p: *const u8, n: usize) -> u64 {
    if n == 0 {
        return 0;
    }
    // SAFETY: the first, the middle and the last of at least one byte.
    let [first, middle, last] = unsafe { [*p, *p.add(n / 2), *p.add(n - 1)] };
    u64::from(first) | u64::from(middle) << 8 | u64::from(last) << 16
}

/// # Safety
/// `p` points to `n > 32` initialised bytes.
#[inline(never)]
unsafe fn long(p: *const u8, n: usize, state: u64, key: u64) -> u64 {
    let mut lanes = [state, lane(state, 1), lane(state, 2), lane(state, 3)];
    // SAFETY: each step of the loop takes 64 bytes and leaves some; the tail overlaps with what
    // came before it, and for up to 64 bytes with itself.
    unsafe {
        let end = p.add(n);
        let mut from = p;
        for _ in 0..(n - 1) / 64 {
            absorb(&mut lanes, [0, 16, 32, 48].map(|at| from.add(at)), key);
            from = from.add(64);
        }
        if n > 64 {
            from = end.sub(64);
        }
        let tail = [from, from.add(16), end.sub(32), end.sub(16)];
        absorb(&mut lanes, tail, key);
    }
    lanes[0] ^ lanes[1] ^ lanes[2] ^ lanes[3]
}

/// Takes a block into each lane.
///
/// # Safety
/// Sixteen initialised bytes at each of `blocks`.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn absorb(lanes: &mut [u64; 4], blocks: [*const u8; 4], key: u64) {
    for (lane, at) in lanes.iter_mut().zip(blocks) {
        // SAFETY: sixteen bytes at `at`.
        *lane = unsafe { block(at, at.add(8), *lane, key) };
    }
}

/// Where lane `i` starts.
#[cfg_attr(not(debug_assertions), inline(always))]
const fn lane(state: u64, i: u32) -> u64 {
    state.rotate_left(13 * i) ^ LANE.rotate_left(i)
}

/// # Safety
/// Eight initialised bytes at `a` and at `b`.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn block(a: *const u8, b: *const u8, state: u64, key: u64) -> u64 {
    // SAFETY: eight bytes at `a` and at `b`.
    unsafe { fold(read::<u64>(a) ^ state, read::<u64>(b) ^ key) }
}

/// Whether byte strings of this length are hashed and compared in few instructions, without a call.
#[cfg_attr(not(debug_assertions), inline(always))]
pub const fn hashes_inline(n: usize) -> bool {
    n >= 8 && n <= 32
}

/// Whether `n` bytes at `a` and `b` are the same. Null is allowed where `n` is 0. Lengths of most
/// keys are compared without a call.
///
/// # Safety
/// `n` initialised bytes can be read at both.
#[cfg_attr(not(debug_assertions), inline(always))]
pub unsafe fn same_bytes(a: *const u8, b: *const u8, n: usize) -> bool {
    // SAFETY: `n` bytes at both; the words that are read are within them, and with n = 0 nothing is
    // read.
    unsafe {
        let same = |at: usize| read::<u64>(a.add(at)) == read::<u64>(b.add(at));
        match n {
            0..8 => up_to_7(a, n) == up_to_7(b, n),
            8..=16 => same(0) && same(n - 8),
            17..=32 => same(0) && same(8) && same(n - 16) && same(n - 8),
            _ => a == b || slice::from_raw_parts(a, n) == slice::from_raw_parts(b, n),
        }
    }
}

/// Packs n <= 7 bytes into a word, injectively for a given n.
///
/// # Safety
/// `p` points to `n <= 7` initialised bytes.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn up_to_7(p: *const u8, n: usize) -> u64 {
    // SAFETY: `n` bytes at `p`, of which four are read only if there are as many.
    unsafe {
        if n < 4 {
            return up_to_3(p, n);
        }
        u64::from(read::<u32>(p)) | u64::from(read::<u32>(p.add(n - 4))) << 32
    }
}
