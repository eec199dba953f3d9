//! How many buckets an array has: Go's arithmetic, its allocator's size classes included.

use maptype::{BUCKET_CNT, MapType};

use crate::heap::heap;
use crate::heap::size_classes::roundupsize;

/// The average load that starts a growth is 13 entries for 2 buckets.
const LOAD_FACTOR_NUM: usize = 13;
const LOAD_FACTOR_DEN: usize = 2;

/// The largest block that Go's allocator would try to get.
const MAX_ALLOC: usize = if usize::BITS == 64 {
    1 << 48
} else {
    usize::MAX / 2
};

/// 2^b.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn bucketShift(b: u8) -> usize {
    1usize << (b as u32 & (usize::BITS - 1))
}

/// 2^b − 1.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn bucketMask(b: u8) -> usize {
    bucketShift(b) - 1
}

/// Whether `count` entries in 2^B buckets are over the load factor. No count is, where the limit is
/// beyond a word. `B` counts modulo the bits of a word.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn overLoadFactor(count: isize, B: u8) -> bool {
    count > capacity(B).cast_signed()
}

/// The most entries that 2^B buckets hold before they grow.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn capacity(B: u8) -> usize {
    const LARGEST: usize = isize::MAX.cast_unsigned();
    match bucketShift(B) {
        1 => BUCKET_CNT,
        buckets => match LOAD_FACTOR_NUM.checked_mul(buckets / LOAD_FACTOR_DEN) {
            Some(entries) if entries <= LARGEST => entries,
            _ => LARGEST,
        },
    }
}

/// Whether 2^B buckets have so many overflow buckets, about as many again, that a same-size growth
/// should pack them.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn tooManyOverflowBuckets(noverflow: u16, B: u8) -> bool {
    noverflow > most_overflow_buckets(B)
}

/// The most overflow buckets that are not too many.
const fn most_overflow_buckets(B: u8) -> u16 {
    match B {
        ..15 => bucketMask(B) as u16,
        _ => 0x7fff,
    }
}

/// The most entries, and the most overflow buckets, of a map that does not grow.
struct Limits {
    entries: isize,
    overflow: u16,
    /// An eighth of them.
    few: u16,
}

/// The limits for each `B`: loaded in half the instructions that computing them takes, for each new
/// entry.
static LIMITS: [Limits; usize::BITS as usize] = {
    let mut limits = [const {
        Limits {
            entries: 0,
            overflow: 0,
            few: 0,
        }
    }; usize::BITS as usize];
    let mut b = 0;
    while b < limits.len() {
        limits[b].entries = capacity(b as u8).cast_signed();
        limits[b].overflow = most_overflow_buckets(b as u8);
        limits[b].few = most_overflow_buckets(b as u8) / 8;
        b += 1;
    }
    limits
};

/// Whether a map of 2^B buckets grows before it gets an entry with which there are `count`: the
/// document's two tests.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn must_grow(count: isize, noverflow: u16, B: u8) -> bool {
    let limits = &LIMITS[B as usize % LIMITS.len()];
    count > limits.entries || noverflow > limits.overflow
}

/// Whether a map of 2^B buckets that gets `more` overflow buckets still has not too many.
pub(crate) fn has_room_for_overflow(noverflow: u16, more: usize, B: u8) -> bool {
    // From 2^16 buckets on, one in 2^(B−15) is counted, at random.
    let counted = more >> B.saturating_sub(15);
    let chance = if B > 15 { 8 * (counted.isqrt() + 1) } else { 0 };
    noverflow as usize + counted + chance <= most_overflow_buckets(B).into()
}

/// The most overflow buckets that `more` keys with random hashes need in 2^B buckets, besides
/// `there` entries placed anyhow, as long as all are within the capacity: eight standard deviations
/// more than the mean.
pub(crate) fn overflow_bound(there: usize, more: usize, B: u8) -> usize {
    /// The mean number of overflow buckets of a chain, in 4096ths, where two chains have 0, 1, …
    /// 13 entries on average.
    const MEANS: [u64; LOAD_FACTOR_NUM + 1] =
        [1, 1, 1, 1, 1, 5, 16, 41, 88, 165, 279, 433, 627, 856];
    let buckets = bucketShift(B);
    let load = LOAD_FACTOR_DEN.saturating_mul(more).div_ceil(buckets);
    let alone = (buckets as u64 * MEANS[load.min(LOAD_FACTOR_NUM)] / 4096) as usize + 1;
    // Each entry that is there adds at most an eighth, and a little more at some loads.
    let mean = alone + there / BUCKET_CNT + buckets / 64;
    // Hardly a chain needs two, so the variance is at most the mean.
    let likely = mean + 8 * (mean.isqrt() + 1);
    // Whatever the hashes, each overflow bucket follows eight entries, and has another.
    let possible = there.saturating_add(more).saturating_sub(1) / BUCKET_CNT;
    likely.min(possible).min(more)
}

/// Whether there is an overflow bucket for every eighth bucket or more.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn crowded(noverflow: u16, B: u8) -> bool {
    noverflow > LIMITS[B as usize % LIMITS.len()].few
}

/// The smallest `B` for `hint` entries of `t`; a hint that is negative or beyond the address space
/// counts as 0.
pub(crate) fn hint_to_B(t: &MapType, hint: isize) -> u8 {
    let bytes = hint.unsigned_abs().checked_mul(t.bucketsize as usize);
    let hint = match bytes {
        Some(bytes) if bytes <= MAX_ALLOC => hint,
        _ => 0,
    };
    let mut B = 0;
    while overLoadFactor(hint, B) {
        B += 1;
    }
    B
}

/// From this `B` on, overflow buckets are allocated with the array.
pub(crate) const PREALLOCATING_B: u8 = 4;

/// Buckets in an array for `b`, with the preallocated overflow buckets; `None` when their bytes
/// overflow.
pub(crate) fn array_len(t: &MapType, b: u8) -> Option<usize> {
    let base = 1usize.checked_shl(b as u32)?;
    if b < PREALLOCATING_B {
        return Some(base);
    }
    let bucketsize = t.bucketsize as usize;
    let wanted = base.checked_add(base >> 4)?;
    let bytes = wanted
        .checked_mul(bucketsize)
        .filter(|&bytes| bytes <= MAX_ALLOC)?;
    let rounded = host_roundupsize(t, bytes);
    Some(rounded / bucketsize)
}

/// The bytes that the host's allocator hands out for a request of `size`.
fn host_roundupsize(t: &MapType, size: usize) -> usize {
    let heap = heap(t);
    let pointer_free = t.bucket.ptrdata == 0;
    match heap.roundupsize {
        // SAFETY: the hook's contract.
        Some(roundupsize) => unsafe { roundupsize(heap, size, pointer_free) }.max(size),
        None => roundupsize(heap.era, size, pointer_free),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{Pages, system_heap};
    use maptype::{Era, Type};

    fn lengths(era: Era, bucketsize: u16, pointers: bool) -> [usize; 13] {
        let heap = system_heap(era, Pages::Small);
        let unit = Type::plain("", 0, 1);
        let mut t = MapType::new_unchecked(&unit, &unit, &heap, core::ptr::null());
        t.bucketsize = bucketsize;
        t.bucket.ptrdata = if pointers { bucketsize as usize } else { 0 };
        core::array::from_fn(|i| array_len(&t, 4 + i as u8).unwrap())
    }

    /// Array lengths for B = 4 to 16, observed in Go 1.19.8 and 1.23.9.
    #[test]
    fn arrays_are_as_long_as_gos() {
        #[rustfmt::skip]
        let observed = [
            (24, [17, 37, 74, 144, 272, 565, 1136, 2389, 4437, 8874, 17408, 34816, 69632]),
            (80, [17, 38, 76, 136, 272, 614, 1126, 2252, 4403, 8704, 17408, 34816, 69632]),
            (144, [18, 37, 71, 142, 284, 568, 1137, 2218, 4380, 8704, 17408, 34816, 69632]),
            (208, [19, 39, 68, 137, 275, 551, 1102, 2205, 4371, 8704, 17408, 34816, 69632]),
            (2064, [19, 35, 71, 138, 273, 547, 1091, 2178, 4353, 8704, 17408, 34816, 69632]),
        ];
        for (bucketsize, expected) in observed {
            assert_eq!(
                lengths(Era::Go119, bucketsize, false),
                expected,
                "{bucketsize}"
            );
            assert_eq!(
                lengths(Era::Go119, bucketsize, true),
                expected,
                "{bucketsize}"
            );
            assert_eq!(
                lengths(Era::Go123, bucketsize, false),
                expected,
                "{bucketsize}"
            );
        }
    }

    /// The bucket sizes whose arrays changed with Go 1.22's malloc headers, at one B each.
    #[test]
    fn malloc_headers_change_the_arrays_that_gos_change() {
        let changed = [
            (80, 7, 136, 153),
            (96, 5, 36, 35),
            (128, 4, 18, 17),
            (160, 6, 68, 76),
            (192, 5, 34, 35),
            (256, 6, 72, 71),
            (320, 5, 34, 38),
            (640, 4, 17, 19),
            (1280, 4, 17, 19),
            (144, 6, 71, 71),
        ];
        for (bucketsize, B, before, after) in changed {
            assert_eq!(
                lengths(Era::Go119, bucketsize, true)[B - 4],
                before,
                "{bucketsize}"
            );
            assert_eq!(
                lengths(Era::Go123, bucketsize, true)[B - 4],
                after,
                "{bucketsize}"
            );
        }
    }

    /// For every `B` that a byte has, also where the document's products leave a word.
    #[test]
    fn limits_are_those_of_the_document() {
        let word = usize::BITS as u8;
        for B in 0..=u8::MAX {
            let entries = (13u128 << (B % word) >> 1).max(8);
            for count in [0, 1, 8, 9, 13, 14, 100, isize::MAX - 1, isize::MAX] {
                let over = count as u128 > if B % word == 0 { 8 } else { entries };
                assert_eq!(overLoadFactor(count, B), over, "{count} {B}");
                assert!(!overLoadFactor(-count, B));
                assert_eq!(must_grow(count, 0, B), over, "{count} {B}");
            }
            let overflow = 1u16 << B.min(15);
            assert!(
                tooManyOverflowBuckets(overflow, B) && !tooManyOverflowBuckets(overflow - 1, B)
            );
        }
    }

    #[test]
    fn every_hint_has_a_b() {
        let heap = system_heap(Era::Go119, Pages::Small);
        let nothing = Type::plain("", 0, 1);
        let t = MapType::new_unchecked(&nothing, &nothing, &heap, core::ptr::null());
        for hint in (0..isize::BITS).map(|bit| isize::MIN >> bit) {
            assert_eq!(hint_to_B(&t, hint), 0);
            let most = hint_to_B(&t, !hint);
            assert!(!overLoadFactor(!hint, most) || most == 0);
        }
    }

    #[test]
    fn hints_choose_b_as_gos_do() {
        let heap = system_heap(Era::Go119, Pages::Small);
        let word = Type::plain("", 8, 8);
        let t = MapType::new_unchecked(&word, &word, &heap, core::ptr::null());
        let hints = [
            (0, 0),
            (8, 0),
            (9, 1),
            (13, 1),
            (14, 2),
            (26, 2),
            (27, 3),
            (52, 3),
        ];
        for (hint, B) in hints
            .into_iter()
            .chain([(53, 4), (104, 4), (105, 5), (208, 5), (209, 6)])
        {
            assert_eq!(hint_to_B(&t, hint), B, "{hint}");
        }
        assert_eq!(hint_to_B(&t, -1), 0);
        assert_eq!(hint_to_B(&t, isize::MAX), 0);
        assert_eq!(hint_to_B(&t, (MAX_ALLOC / 144) as isize + 1), 0);
    }
}
