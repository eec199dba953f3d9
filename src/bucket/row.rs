//! The tophash row of a bucket: eight bytes that are tested at once.

use core::hint::assert_unchecked;

use maptype::BUCKET_CNT;

use crate::bucket::Needle;
use crate::layout::{emptyOne, evacuatedEmpty, minTopHash};

/// Every byte 1.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of every byte.
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// A tophash row, cell 0 in the lowest byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row(u64);

impl Row {
    /// # Safety
    /// `row` points to eight initialised bytes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn load(row: *const u8) -> Row {
        // SAFETY: `row` points to eight initialised bytes; the read needs no alignment.
        Row(u64::from_le(unsafe { row.cast::<u64>().read_unaligned() }))
    }

    /// # Safety
    /// `row` points to eight bytes that may be written.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn store(self, row: *mut u8) {
        // SAFETY: `row` points to eight bytes; the write needs no alignment.
        unsafe { row.cast::<u64>().write_unaligned(self.0.to_le()) }
    }

    /// The cells whose byte is `byte`, none other.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn equal_to(self, byte: u8) -> CellMask {
        imp::equal_to(self.0, byte)
    }

    /// The cells without an entry: `emptyRest` and `emptyOne`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn empty(self) -> CellMask {
        imp::equal_to(self.0 & !ONES, 0)
    }

    /// The cells with this tophash.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn like(self, needle: Needle) -> CellMask {
        imp::like(self.0, needle.0)
    }

    /// Both [`Row::equal_to`] and [`Row::empty`], in fewer instructions.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn equal_to_or_empty(self, byte: u8) -> (CellMask, CellMask) {
        imp::equal_to_or_empty(self.0, byte)
    }

    /// The cells that hold an entry, here or (`evacuatedX`, `evacuatedY`) in the array that this
    /// bucket was moved to.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn occupied_anywhere(self) -> CellMask {
        let vacant = self.empty().union(imp::equal_to(self.0, evacuatedEmpty));
        vacant.complement()
    }

    /// The cells that are neither `emptyRest` nor `emptyOne`: those with entries, and all of a
    /// bucket that was evacuated.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn not_empty(self) -> CellMask {
        imp::at_least(self.0, emptyOne + 1)
    }

    /// The cells that hold an entry here.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn live(self) -> CellMask {
        imp::at_least(self.0, minTopHash)
    }

    /// The cells that hold an entry, of two rows: one bit for each, those of the first row lowest.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn live_of_two(first: Row, second: Row) -> u64 {
        imp::at_least_of_two(first.0, second.0, minTopHash)
    }

    /// Whether cell `i` is `emptyRest`, as are then all after it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_rest(self, i: usize) -> bool {
        self.0 >> (8 * i) == 0
    }

    /// The row with eight cells of the same byte.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn of(byte: u8) -> Row {
        Row(ONES * byte as u64)
    }

    /// The row with another byte in cell `i`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn with(self, i: usize, byte: u8) -> Row {
        Row(self.0 & !(0xff << (8 * i)) | (byte as u64) << (8 * i))
    }

    /// The row with these bits of cell `i` turned.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn flipped(self, i: usize, bits: u8) -> Row {
        Row(self.0 ^ (bits as u64) << (8 * i))
    }

    /// The row with an entry of this tophash in cell `i`, which is empty: it has no bit set but
    /// perhaps the lowest.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn filled(self, i: usize, top: u8) -> Row {
        Row(self.0 & !(1 << (8 * i)) | (top as u64) << (8 * i))
    }

    /// Whether nothing was moved from here.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn only_live_and_empty(self) -> bool {
        self.live()
            .union(self.empty())
            .complement()
            .first()
            .is_none()
    }

    /// The row with the `emptyOne` after its last entry turned to `emptyRest`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn without_tail(self) -> Row {
        // The states are 0 and 1: an entry is what has another bit.
        let entries = self.0 & !ONES;
        let vacant = entries.leading_zeros() & !7;
        Row(self.0 & u64::MAX.checked_shr(vacant).unwrap_or(0))
    }
}

/// A set of cells of one bucket. The bits above those of the cells say nothing: to clear them would
/// be one more step between the row and the key.
#[derive(Clone, Copy)]
pub(crate) struct CellMask(imp::Mask);

impl CellMask {
    pub(crate) const NONE: CellMask = CellMask(0);

    /// The lowest cell.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn first(self) -> Option<usize> {
        if self.0 & imp::ALL == 0 {
            return None;
        }
        // SAFETY: some of its bits are set. (The compiler forgets it, and provides for zero.)
        unsafe { assert_unchecked(self.0 != 0) };
        Some(self.0.trailing_zeros() as usize / imp::BITS_PER_CELL)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn contains(self, cell: usize) -> bool {
        self.0 >> (cell * imp::BITS_PER_CELL + imp::BITS_PER_CELL - 1) & 1 != 0
    }

    /// One bit for each cell, the first lowest.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn bits(self) -> u64 {
        let mask: u64 = (self.0 & imp::ALL).into();
        if imp::BITS_PER_CELL == 1 {
            mask
        } else {
            gather(mask)
        }
    }

    /// The cells counted from cell `start` on, around the end of the row: cell `start` becomes cell
    /// 0.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn rotated(self, start: usize) -> CellMask {
        CellMask(imp::rotate(self.0, (start * imp::BITS_PER_CELL) as u32))
    }

    /// Those of the cells that are not below `cell`, which may be the number of cells.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn not_below(self, cell: usize) -> CellMask {
        CellMask(self.0 & !imp::below(cell))
    }

    /// The cells for which `holds` is true. Nothing branches on the answers.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn with(holds: impl Fn(usize) -> bool) -> CellMask {
        CellMask((0..BUCKET_CNT).fold(0, |mask, i| {
            mask | imp::Mask::from(holds(i)) << (i * imp::BITS_PER_CELL + imp::BITS_PER_CELL - 1)
        }))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn intersection(self, other: CellMask) -> CellMask {
        CellMask(self.0 & other.0)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn union(self, other: CellMask) -> CellMask {
        CellMask(self.0 | other.0)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn complement(self) -> CellMask {
        CellMask(!self.0 & imp::ALL)
    }
}

impl Iterator for CellMask {
    type Item = usize;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<usize> {
        let cell = self.first()?;
        self.0 &= self.0 - 1;
        Some(cell)
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
mod imp {
    use core::arch::x86_64::{
        _mm_and_si128, _mm_cmpeq_epi8, _mm_cvtsi32_si128, _mm_cvtsi64_si128, _mm_max_epu8,
        _mm_movemask_epi8, _mm_set_epi64x, _mm_set1_epi8, _mm_shuffle_epi32, _mm_unpacklo_epi64,
    };

    use crate::bucket::needle::Form;

    pub(super) type Mask = u32;
    pub(super) const BITS_PER_CELL: usize = 1;
    pub(super) const ALL: Mask = 0xff;

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn rotate(mask: Mask, bits: u32) -> Mask {
        (mask as u8).rotate_right(bits).into()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn below(cell: usize) -> Mask {
        (1 << cell) - 1
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn equal_to(row: u64, byte: u8) -> super::CellMask {
        like(row, u32::from_ne_bytes([byte; 4]))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn like(row: u64, word: Form) -> super::CellMask {
        // SAFETY: SSE2 is there at compile time.
        let mask = unsafe {
            let row = _mm_cvtsi64_si128(row.cast_signed());
            let bytes = _mm_shuffle_epi32::<0>(_mm_cvtsi32_si128(word.cast_signed()));
            _mm_movemask_epi8(_mm_cmpeq_epi8(row, bytes))
        };
        super::CellMask(mask.cast_unsigned())
    }

    /// The cells of `row` whose byte is `byte`, and those without an entry: the row and what stays
    /// of it without its lowest bits are compared side by side.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn equal_to_or_empty(row: u64, byte: u8) -> (super::CellMask, super::CellMask) {
        // SAFETY: SSE2 is there at compile time.
        let mask = unsafe {
            let row = _mm_cvtsi64_si128(row.cast_signed());
            let states = _mm_set_epi64x(!super::ONES.cast_signed(), -1);
            let rows = _mm_and_si128(_mm_unpacklo_epi64(row, row), states);
            let bytes = _mm_cvtsi64_si128((super::ONES * u64::from(byte)).cast_signed());
            _mm_movemask_epi8(_mm_cmpeq_epi8(rows, bytes)).cast_unsigned()
        };
        (
            super::CellMask(mask),
            super::CellMask(mask >> super::BUCKET_CNT),
        )
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn at_least(row: u64, byte: u8) -> super::CellMask {
        // SAFETY: SSE2 is there at compile time.
        let mask = unsafe {
            let row = _mm_cvtsi64_si128(row.cast_signed());
            let bytes = _mm_set1_epi8(byte.cast_signed());
            _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(row, bytes), row))
        };
        super::CellMask(mask.cast_unsigned() & ALL)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn at_least_of_two(first: u64, second: u64, byte: u8) -> u64 {
        // SAFETY: SSE2 is there at compile time.
        let mask = unsafe {
            let rows = _mm_set_epi64x(second.cast_signed(), first.cast_signed());
            let bytes = _mm_set1_epi8(byte.cast_signed());
            _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(rows, bytes), rows))
        };
        mask.cast_unsigned().into()
    }
}

/// Sets of cells as masks with a byte for each cell, its highest bit set where the cell is in the
/// set.
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2", not(miri))))]
mod bytes {
    pub(in crate::bucket) type Mask = u64;
    pub(in crate::bucket) const BITS_PER_CELL: usize = 8;
    pub(in crate::bucket) const ALL: Mask = super::HIGHS;

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::bucket) fn rotate(mask: Mask, bits: u32) -> Mask {
        mask.rotate_right(bits)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::bucket) fn below(cell: usize) -> Mask {
        Mask::MAX
            .checked_shr(Mask::BITS - 8 * cell as u32)
            .unwrap_or(0)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::bucket) fn like(row: u64, byte: u8) -> super::CellMask {
        super::imp::equal_to(row, byte)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::bucket) fn equal_to_or_empty(
        row: u64,
        byte: u8,
    ) -> (super::CellMask, super::CellMask) {
        let empty = super::imp::equal_to(row & !super::ONES, 0);
        (super::imp::equal_to(row, byte), empty)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::bucket) fn at_least_of_two(first: u64, second: u64, byte: u8) -> u64 {
        let bits = |row| super::imp::at_least(row, byte).bits();
        bits(first) | bits(second) << super::BUCKET_CNT
    }
}

#[cfg(all(target_arch = "aarch64", target_feature = "neon", not(miri)))]
mod imp {
    use core::arch::aarch64::{
        vceq_u8, vcge_u8, vcreate_u8, vdup_n_u8, vget_lane_u64, vreinterpret_u64_u8,
    };

    pub(super) use super::bytes::{
        ALL, BITS_PER_CELL, Mask, at_least_of_two, below, equal_to_or_empty, like, rotate,
    };

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn equal_to(row: u64, byte: u8) -> super::CellMask {
        // SAFETY: NEON is there at compile time.
        let mask = unsafe {
            let equal = vceq_u8(vcreate_u8(row), vdup_n_u8(byte));
            vget_lane_u64::<0>(vreinterpret_u64_u8(equal))
        };
        super::CellMask(mask & ALL)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn at_least(row: u64, byte: u8) -> super::CellMask {
        // SAFETY: NEON is there at compile time.
        let mask = unsafe {
            let reached = vcge_u8(vcreate_u8(row), vdup_n_u8(byte));
            vget_lane_u64::<0>(vreinterpret_u64_u8(reached))
        };
        super::CellMask(mask & ALL)
    }
}

#[cfg(not(any(
    all(target_arch = "x86_64", target_feature = "sse2", not(miri)),
    all(target_arch = "aarch64", target_feature = "neon", not(miri)),
)))]
mod imp {
    pub(super) use super::bytes::{
        ALL, BITS_PER_CELL, Mask, at_least_of_two, below, equal_to_or_empty, like, rotate,
    };

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn equal_to(row: u64, byte: u8) -> super::CellMask {
        super::CellMask(super::portable_equal_to(row, byte))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn at_least(row: u64, byte: u8) -> super::CellMask {
        super::CellMask(super::portable_at_least(row, byte))
    }
}

/// The highest bit of each byte that equals `byte`: exact, since a false match would cost the host
/// a call of its equality.
#[cfg_attr(
    any(target_feature = "sse2", target_feature = "neon"),
    allow(dead_code, reason = "the arm of other targets, tested on all")
)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn portable_equal_to(row: u64, byte: u8) -> u64 {
    let differences = row ^ (ONES * byte as u64);
    !(((differences & !HIGHS) + !HIGHS) | differences) & HIGHS
}

/// The highest bit of each byte that is `byte` or more, for `byte` from 1 to 128.
#[cfg_attr(
    any(target_feature = "sse2", target_feature = "neon"),
    allow(dead_code, reason = "the arm of other targets, tested on all")
)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn portable_at_least(row: u64, byte: u8) -> u64 {
    let carry = ONES * (0x80 - byte) as u64;
    (((row & !HIGHS) + carry) | row) & HIGHS
}

/// The highest bits of eight bytes, side by side. The multiply takes that of byte i to bit 56 + i;
/// no two meet.
#[cfg_attr(not(debug_assertions), inline(always))]
fn gather(highest: u64) -> u64 {
    (highest >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

const _: () = assert!(BUCKET_CNT == size_of::<u64>());

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::bucket::tophash;
    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{RngExt, SeedableRng};
    use std::vec::Vec;

    /// Rows in which every state meets every other at every distance.
    fn rows() -> impl Iterator<Item = [u8; 8]> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        (0..20_000).map(move |_| {
            random.random::<[u8; 8]>().map(|byte| match byte {
                0..=127 => byte % 8,
                _ => byte,
            })
        })
    }

    fn load(bytes: [u8; 8]) -> Row {
        // SAFETY: eight bytes.
        unsafe { Row::load(bytes.as_ptr()) }
    }

    fn cells(bytes: [u8; 8], holds: impl Fn(u8) -> bool) -> Vec<usize> {
        (0..8).filter(|&i| holds(bytes[i])).collect()
    }

    #[test]
    fn sets_of_cells_are_those_found_byte_by_byte() {
        for bytes in rows() {
            let row = load(bytes);
            assert_eq!(
                row.empty().collect::<Vec<_>>(),
                cells(bytes, |top| top <= 1)
            );
            assert_eq!(
                row.occupied_anywhere().collect::<Vec<_>>(),
                cells(bytes, |top| top > 1 && top != 4)
            );
            assert_eq!(row.live().collect::<Vec<_>>(), cells(bytes, |top| top >= 5));
            assert_eq!(
                row.not_empty().collect::<Vec<_>>(),
                cells(bytes, |top| top > 1)
            );
            let bits = row.live().bits();
            assert_eq!(
                (0..64).filter(|i| bits >> i & 1 == 1).collect::<Vec<_>>(),
                cells(bytes, |top| top >= 5)
            );
            let other = bytes.map(|byte| byte ^ 6);
            assert_eq!(
                Row::live_of_two(row, load(other)),
                bits | load(other).live().bits() << 8
            );
            let rest = |i: usize| bytes[i..].iter().all(|&top| top == 0);
            assert!((0..8).all(|i| row.is_rest(i) == rest(i)));
            let entries = bytes.iter().rposition(|&top| top > 1).map_or(0, |i| i + 1);
            let mut trimmed = bytes;
            trimmed[entries..].fill(0);
            assert_eq!(row.without_tail(), load(trimmed));
            for byte in [0, 1, 4, 5, 7, 128, 255, bytes[3]] {
                let found: Vec<_> = row.equal_to(byte).collect();
                assert_eq!(found, cells(bytes, |top| top == byte), "{bytes:?} = {byte}");
                assert!((0..8).all(|i| row.equal_to(byte).contains(i) == found.contains(&i)));
                let both = (row.equal_to(byte), row.empty());
                let (same, empty) = row.equal_to_or_empty(byte);
                assert_eq!((same.bits(), empty.bits()), (both.0.bits(), both.1.bits()));
            }
            for first in [0, 4, 5, 7, 128, 255, bytes[3]] {
                let hash = (first as usize) << (usize::BITS - 8);
                let found: Vec<_> = row.like(Needle::of(hash)).collect();
                assert_eq!(found, cells(bytes, |top| top == tophash(hash)));
            }
        }
    }

    #[test]
    fn cells_are_visited_from_any_start() {
        for bytes in rows().take(2000) {
            let full = load(bytes).occupied_anywhere();
            for start in 0..8 {
                for from in 0..=8 {
                    let visited: Vec<_> = full.rotated(start).not_below(from).collect();
                    let holds = |&i: &usize| full.contains((i + start) % 8);
                    assert_eq!(visited, (from..8).filter(holds).collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    fn the_portable_arm_agrees() {
        for bytes in rows() {
            for byte in 0..=255 {
                let mask = portable_equal_to(u64::from_le_bytes(bytes), byte);
                let found: Vec<_> = (0..8).filter(|i| mask >> (8 * i + 7) & 1 == 1).collect();
                assert_eq!(found, cells(bytes, |top| top == byte));
            }
            for byte in 1..=128 {
                let mask = portable_at_least(u64::from_le_bytes(bytes), byte);
                let found: Vec<_> = (0..8).filter(|i| gather(mask) >> i & 1 == 1).collect();
                assert_eq!(found, cells(bytes, |top| top >= byte));
                assert_eq!(gather(mask) >> 8, 0);
            }
        }
    }
}
