//! What an owned map keeps beside the chains of its two arrays, for a host that traces the values in it.

use maptype::MapType;

use super::{HEADER, generations, large, slabs};
use crate::heap::dispose;
use crate::layout::{Bmap, Hmap};

/// Calls `visit` with the buckets that no chain of the map's two arrays need lead to: those of retired arrays, and all
/// overflow buckets, of which some may have been unlinked.
///
/// # Safety
/// `h` is a map of `t` with buckets, in an owned heap; *shared*.
pub(crate) unsafe fn each_kept_bucket(
    t: &MapType,
    h: *const Hmap,
    mut visit: impl FnMut(*mut Bmap),
) {
    let bucketsize = t.bucketsize as usize;
    // SAFETY: arrays, slabs and rooms hold whole buckets, from the first to the last byte in use.
    unsafe {
        let mut each_of = |start: *mut u8, size: usize| {
            for offset in (0..size).step_by(bucketsize) {
                visit(start.add(offset).cast());
            }
        };
        for generation in generations(h) {
            let array: *mut Bmap = generation.byte_add(HEADER).cast();
            if array != (*h).buckets && array != (*h).oldbuckets {
                each_of(array.cast(), (*generation).size);
            }
            if let Some((room, used)) = large::used_room(t, generation) {
                each_of(room, used);
            }
            slabs::each((*generation).slabs, &mut each_of);
        }
    }
}

/// Calls `visit` with the slots of discarded entries that the map keeps for iterators.
///
/// # Safety
/// As [`each_kept_bucket`].
pub(crate) unsafe fn each_kept_slot(h: *const Hmap, mut visit: impl FnMut(dispose::Part, *mut u8)) {
    // SAFETY: the lists are of live records.
    unsafe {
        for generation in generations(h) {
            dispose::each_slot((*generation).garbage, &mut visit);
        }
    }
}
