//! What an owned map keeps beside the chains of its two arrays, for a host that traces the values
//! in it.
//!
//! It is numbered from the newest to the oldest. What is added or freed while the map is read is at
//! these ends, so a scan that continues at a number may see things twice, but misses nothing.

use maptype::MapType;

use super::dispose::Part;
use super::pieces::pieces;
use super::records::slots;
use super::{HEADER, generations};
use crate::layout::{Bmap, Hmap};

/// The buckets that the chains of the map's two arrays may not lead to, from this number on: those
/// of retired arrays, and all overflow buckets, as some may have been unlinked. Returns the first
/// of some adjacent ones, and how many; `None` after the last.
///
/// # Safety
/// `h` is a map of `t` with buckets, in an owned heap; *shared*.
pub(crate) unsafe fn kept_buckets(
    t: &MapType,
    h: *const Hmap,
    mut index: usize,
) -> Option<(*mut Bmap, usize)> {
    let bucketsize = t.bucketsize as usize;
    // SAFETY: arrays, slabs and rooms hold whole buckets, from the first to the last byte in use.
    unsafe {
        for (start, size) in kept_pieces(t, h) {
            let len = size / bucketsize;
            if index < len {
                return Some((start.add(index * bucketsize).cast(), len - index));
            }
            index -= len;
        }
        None
    }
}

/// The pieces of memory of kept buckets: all but the map's two arrays.
///
/// # Safety
/// As [`kept_buckets`].
unsafe fn kept_pieces(t: &MapType, h: *const Hmap) -> impl Iterator<Item = (*mut u8, usize)> {
    // SAFETY: each header is followed by its array, and leads to live slabs.
    unsafe {
        generations(h).flat_map(move |generation| {
            let array: *mut Bmap = generation.byte_add(HEADER).cast();
            let in_use = array == (*h).buckets || array == (*h).oldbuckets;
            pieces(t, generation).skip(usize::from(in_use))
        })
    }
}

/// The slots of discarded entries that the map keeps for iterators.
///
/// # Safety
/// As [`kept_buckets`].
pub(crate) unsafe fn kept_slots(h: *const Hmap) -> impl Iterator<Item = (Part, *mut u8)> {
    // SAFETY: the lists are of live records.
    unsafe { generations(h).flat_map(|generation| slots((*generation).garbage)) }
}
