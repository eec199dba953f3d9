//! The random stream of a trace.

/// The high half of a product, mixed with its low half.
pub fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

pub const MIX: [u64; 3] = [
    0xa076_1d64_78bd_642f,
    0xe703_7ed1_a0b4_28db,
    0x8ebc_6af0_9c88_c6e3,
];

/// The next number of the wyrand sequence.
pub fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(MIX[0]);
    mix(*state, *state ^ MIX[1])
}

/// The number that component `i` of the value of `#n` is expanded from.
pub fn scramble(n: u64, i: u64) -> u64 {
    let mut x = n.wrapping_add((i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}
