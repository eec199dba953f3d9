//! Where the slots of a block of buckets are.

use maptype::{BUCKET_CNT, MapType, bucket_size};

use crate::layout::{DATA_OFFSET, first_elem, slot_offset};

/// Buckets side by side whose rows are read at once: as many as a word has bytes.
pub(crate) const BLOCK: usize = u64::BITS as usize / BUCKET_CNT;

/// The offset of a slot of each cell of a block from its first bucket. Loading it takes fewer
/// instructions than computing it.
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
