//! Where the slots of a block of buckets are.

use maptype::{BUCKET_CNT, MapType, bucket_size};

use super::BLOCK;
use crate::layout::DATA_OFFSET;

/// How far a slot of each cell of a block is from its first bucket. To look it up takes fewer instructions than to reckon.
pub(crate) type Offsets = [u16; BLOCK * BUCKET_CNT];

pub(crate) struct SlotOffsets {
    pub(crate) key: Offsets,
    pub(crate) elem: Offsets,
}

impl SlotOffsets {
    pub(crate) const fn of(t: &MapType) -> Self {
        let (key, elem) = (t.keysize as usize, t.elemsize as usize);
        SlotOffsets {
            key: offsets(t.bucketsize as usize, DATA_OFFSET, key),
            elem: offsets(t.bucketsize as usize, first_elem(key), elem),
        }
    }
}

// Of any sizes that a descriptor can have.
const _: () = assert!(BLOCK * bucket_size(u8::MAX as usize, u8::MAX as usize) <= u16::MAX as usize);

const fn offsets(bucketsize: usize, first: usize, size: usize) -> Offsets {
    let mut offsets = [0; BLOCK * BUCKET_CNT];
    let mut cell = 0;
    while cell < offsets.len() {
        offsets[cell] = slot_offset(cell, bucketsize, first, size);
        cell += 1;
    }
    offsets
}

/// How far the slot of a cell is from the first of some buckets that lie side by side; `cell` counts through all of them.
/// `first` is that of their first cell.
///
/// Sixteen bits are enough, and let the compiler reckon eight cells at once.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn slot_offset(cell: usize, bucketsize: usize, first: usize, size: usize) -> u16 {
    let (bucket, i) = (cell / BUCKET_CNT, cell % BUCKET_CNT);
    bucket as u16 * bucketsize as u16 + first as u16 + i as u16 * size as u16
}

/// How far the first elem of a bucket is from its start.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn first_elem(keysize: usize) -> usize {
    DATA_OFFSET + BUCKET_CNT * keysize
}
