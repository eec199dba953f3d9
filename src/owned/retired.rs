//! What an owned map keeps beside the chains of its two arrays, for a host that traces the values in it.
//!
//! It is numbered from the newest to the oldest, as what comes and goes while the map is read does so at these ends: who
//! goes on at a number may see things twice, but passes nothing over.

use maptype::MapType;

use super::dispose::Part;
use super::pieces::pieces;
use super::records::slots;
use super::{HEADER, generations};
use crate::layout::{Bmap, Hmap};

/// The buckets that no chain of the map's two arrays need lead to, from this number on: those of retired arrays, and all
/// overflow buckets, of which some may have been unlinked. Those that lie in a row, and how many; `None` behind the last.
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

/// Where kept buckets lie, and in how many bytes: all pieces but the arrays that are the map's.
unsafe fn kept_pieces(t: &MapType, h: *const Hmap) -> impl Iterator<Item = (*mut u8, usize)> {
    // SAFETY: each header is followed by its array, and leads to live slabs (caller).
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
