//! Go's hash of memory.

use super::super::bytes::up_to_3;
use super::super::fold::{fold, read};
use super::GoHash;

/// Mixed with the length, in both families.
const LENGTH: u64 = 0x1d8e_4e27_c47d_124f;

/// What Go 1.19 mixes in beside its one process key.
const CONSTANTS: [u64; 4] = [
    0xa076_1d64_78bd_642f,
    0xe703_7ed1_a0b4_28db,
    0x8ebc_6af0_9c88_c6e3,
    0x5899_65cc_7537_4cc3,
];

pub(super) const fn keys_of_go119(hashkey: u64) -> [u64; 4] {
    let [seed, first, second, third] = CONSTANTS;
    [hashkey ^ seed, first, second, third]
}

impl GoHash {
    /// Go's `memhash` of the `n` bytes at `p`.
    ///
    /// # Safety
    /// `p` points to `n` initialised bytes.
    pub unsafe fn memhash(&self, p: *const u8, seed: u64, n: usize) -> u64 {
        let start = seed ^ self.keys[0];
        if n == 0 {
            return start;
        }
        // SAFETY: `n` bytes at `p`, and the lengths tested here.
        let (a, b, state) = unsafe {
            match n {
                1..=3 => (up_to_3(p, n), 0, start),
                4..=7 => (word4(p), word4(p.add(n - 4)), start),
                8..=16 => (word8(p), word8(p.add(n - 8)), start),
                _ => {
                    let end = p.add(n);
                    (
                        word8(end.sub(16)),
                        word8(end.sub(8)),
                        self.blocks(p, n, start),
                    )
                }
            }
        };
        fold(LENGTH ^ n as u64, fold(a ^ self.keys[1], b ^ state))
    }

    /// The state after all but the last one to sixteen of more than sixteen bytes: three lanes of
    /// sixteen bytes each, then one.
    ///
    /// # Safety
    /// `p` points to `n > 16` initialised bytes.
    unsafe fn blocks(&self, mut p: *const u8, n: usize, start: u64) -> u64 {
        let [_, lane_keys @ ..] = self.keys;
        let mut lanes = [start; 3];
        let mut left = n;
        // SAFETY: 48, then 16 bytes are taken from more than as many.
        unsafe {
            while left > 48 {
                for (i, (lane, key)) in lanes.iter_mut().zip(lane_keys).enumerate() {
                    *lane = block(p.add(16 * i), *lane, key);
                }
                p = p.add(48);
                left -= 48;
            }
            let mut state = if n > 48 {
                lanes[0] ^ lanes[1] ^ lanes[2]
            } else {
                start
            };
            while left > 16 {
                state = block(p, state, self.keys[1]);
                p = p.add(16);
                left -= 16;
            }
            state
        }
    }
}

/// # Safety
/// `p` points to 16 initialised bytes.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn block(p: *const u8, state: u64, key: u64) -> u64 {
    // SAFETY: sixteen bytes at `p`.
    unsafe { fold(word8(p) ^ key, word8(p.add(8)) ^ state) }
}

/// # Safety
/// `p` points to four initialised bytes.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn word4(p: *const u8) -> u64 {
    // SAFETY: four bytes at `p`.
    u64::from(u32::from_le(unsafe { read(p) }))
}

/// # Safety
/// `p` points to eight initialised bytes.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn word8(p: *const u8) -> u64 {
    // SAFETY: eight bytes at `p`.
    u64::from_le(unsafe { read(p) })
}
