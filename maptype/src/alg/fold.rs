//! The folded multiply, and the default hash built of it. Pure functions of a 64-bit state, which the callers make of
//! the process key and the map's seed.

use bytemuck::AnyBitPattern;

/// Odd, half of its bits set, no long runs.
const MULTIPLIER: u64 = 0xa3b1_9535_4a39_b70d;

/// The low and the high half of the product, one upon the other.
#[inline(always)]
pub(super) const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

/// Spreads every bit of `y` over the low bits, which choose the bucket, and over the top byte, which is the tophash.
///
/// A product of `y` with a constant is linear: some strides of keys then share their low bits whatever the constant.
/// The second factor is `y` itself, turned far enough that a run of changing bits meets unchanging ones.
#[inline(always)]
pub(super) const fn finish(y: u64) -> u64 {
    fold(y, y.rotate_left(20) ^ MULTIPLIER)
}

/// The hash as a map takes it: all of it, or on 32-bit targets both halves together.
#[inline(always)]
pub(super) const fn to_usize(hash: u64) -> usize {
    if usize::BITS == 64 {
        hash as usize
    } else {
        (hash ^ hash >> 32) as usize
    }
}

/// The secret for the second factors. It must be one: a factor of zero would erase the other.
#[inline(always)]
const fn second(state: u64) -> u64 {
    state.rotate_left(32) ^ 0x2545_f491_4f6c_dd1d
}

/// The hash of two words.
#[inline(always)]
pub(super) const fn pair(a: u64, b: u64, state: u64) -> u64 {
    finish(fold(a ^ state, b ^ second(state)))
}

/// The hash of `n` bytes.
///
/// # Safety
/// `p` points to `n` readable bytes.
#[inline(always)]
pub(super) unsafe fn bytes(p: *const u8, n: usize, state: u64) -> u64 {
    // SAFETY: the caller's promise, and the lengths tested here.
    let mixed = unsafe {
        match n {
            0..=3 => fold(up_to_3(p, n) ^ state, second(state)),
            4..=8 => fold(
                read::<u32>(p) as u64 ^ state,
                read::<u32>(p.add(n - 4)) as u64 ^ second(state),
            ),
            9..=16 => block(p, p.add(n - 8), state, second(state)),
            17..=32 => up_to_32(p, n, state),
            _ => long(p, n, state),
        }
    };
    finish(mixed ^ n as u64)
}

/// Up to three bytes in one word.
///
/// # Safety
/// `p` points to `n <= 3` readable bytes.
#[inline(always)]
unsafe fn up_to_3(p: *const u8, n: usize) -> u64 {
    if n == 0 {
        return 0;
    }
    // SAFETY: the first, the middle and the last of at least one byte.
    let (first, middle, last) = unsafe { (*p, *p.add(n / 2), *p.add(n - 1)) };
    first as u64 | (middle as u64) << 8 | (last as u64) << 16
}

/// # Safety
/// `p` points to `n` readable bytes, 17 to 32.
#[inline(always)]
unsafe fn up_to_32(p: *const u8, n: usize, state: u64) -> u64 {
    let key = second(state);
    // SAFETY: the first and the last 16 bytes.
    unsafe {
        let last = p.add(n - 16);
        block(p, p.add(8), state, key) ^ block(last, last.add(8), lane(state, 1), key)
    }
}

/// # Safety
/// `p` points to `n > 32` readable bytes.
#[inline(never)]
unsafe fn long(p: *const u8, n: usize, state: u64) -> u64 {
    let key = second(state);
    let mut lanes = [state, lane(state, 1), lane(state, 2), lane(state, 3)];
    // SAFETY: `at` is followed by more than 64 bytes in the loop; the blocks after it are the first 32 bytes (of at
    // most 64) or the last 32 before the last 32, and the last 32.
    unsafe {
        let mut at = p;
        let mut left = n;
        while left > 64 {
            for (i, lane) in lanes.iter_mut().enumerate() {
                let at = at.add(16 * i);
                *lane = block(at, at.add(8), *lane, key);
            }
            at = at.add(64);
            left -= 64;
        }
        let end = p.add(n);
        let front = if n > 64 { end.sub(64) } else { p };
        let starts = [front, front.add(16), end.sub(32), end.sub(16)];
        for (start, lane) in starts.into_iter().zip(&mut lanes) {
            *lane = block(start, start.add(8), *lane, key);
        }
    }
    lanes[0] ^ lanes[1] ^ lanes[2] ^ lanes[3]
}

/// Where lane `i` starts: equal blocks in two lanes must not cancel out.
#[inline(always)]
const fn lane(state: u64, i: u32) -> u64 {
    state.rotate_left(13 * i) ^ 0x9e6c_63d0_676a_9a99u64.rotate_left(i)
}

/// # Safety
/// Eight readable bytes at `a` and at `b`.
#[inline(always)]
unsafe fn block(a: *const u8, b: *const u8, state: u64, key: u64) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { fold(read::<u64>(a) ^ state, read::<u64>(b) ^ key) }
}

/// A value of plain data from any address.
///
/// # Safety
/// `p` points to a readable `T`; its alignment does not matter.
#[inline(always)]
pub(super) unsafe fn read<T: AnyBitPattern>(p: *const u8) -> T {
    // SAFETY: readable (caller), and any bits make a `T`.
    unsafe { p.cast::<T>().read_unaligned() }
}
