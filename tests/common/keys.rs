//! Hash functions: one that is good, and others that put keys where a test wants them.

use std::cell::Cell;

use super::faults::unwind_if_unhashable;

/// How ids are hashed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hash {
    /// Well.
    Good,
    /// All the same: one chain.
    Constant,
    /// To eight buckets and four tophashes.
    Few,
    /// The id itself: tophash 0, which the map moves out of the way of its marks.
    Identity,
    /// 32 ids in a row share a bucket: what lets a test fill and empty chain after chain.
    Grouped,
    /// Another hash each time. The map is not to be trusted then, but its memory is.
    Unstable,
}

pub const STABLE: [Hash; 5] = [
    Hash::Good,
    Hash::Constant,
    Hash::Few,
    Hash::Identity,
    Hash::Grouped,
];

thread_local! {
    static HASH: Cell<Hash> = const { Cell::new(Hash::Good) };
    static DRAWS: Cell<u64> = const { Cell::new(0) };
}

/// Sets the hash of all keys of this thread.
pub fn set(hash: Hash) {
    HASH.set(hash);
}

/// Whether the equality of counted keys is to lie this time: now and then, where the hash is not
/// stable.
pub fn lies() -> bool {
    HASH.get() == Hash::Unstable && draw().is_multiple_of(4)
}

/// How many keys a map is tried with: few enough that they meet again, and that long chains can be
/// checked.
pub fn universe() -> u32 {
    match HASH.get() {
        Hash::Constant => 150,
        Hash::Few => 400,
        _ => 1500,
    }
}

/// A bijection that spreads every bit.
pub fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 31)).wrapping_mul(0x7fb5_d329_728e_a185);
    let x = (x ^ (x >> 27)).wrapping_mul(0x81da_def4_bc2d_d44d);
    x ^ (x >> 33)
}

/// The hash of something that equals nothing.
pub fn draw() -> usize {
    DRAWS.set(DRAWS.get() + 1);
    mix(DRAWS.get()) as usize
}

/// The hash of an id.
pub fn hash(id: u32, seed: usize) -> usize {
    unwind_if_unhashable(id);
    let good = mix(id as u64 ^ ((seed as u64) << 32)) as usize;
    const TOP: usize = 0xff << (usize::BITS - 8);
    match HASH.get() {
        Hash::Good => good,
        Hash::Constant => 7 << (usize::BITS - 8),
        Hash::Few => good & (7 | 3 << (usize::BITS - 2)),
        Hash::Identity => id as usize,
        Hash::Grouped => id as usize >> 5 | good & TOP,
        // Mostly the same few, so that lies are asked for.
        Hash::Unstable => good & (3 | 1 << (usize::BITS - 1)) ^ draw().is_multiple_of(8) as usize,
    }
}
