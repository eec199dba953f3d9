//! What must be initialised of an empty bucket, whatever its cells hold: its row and its link.

use core::ptr;

use maptype::MapType;

use crate::bucket::{Bucket, Row};
use crate::layout::{Bmap, emptyRest};
use crate::shape::Erased;

/// Makes `n` adjacent empty buckets, and touches no more of them than their frames.
///
/// # Safety
/// `buckets` is memory for so many buckets of `t`, whatever it holds; *exclusive*.
pub(crate) unsafe fn make_frames(t: &MapType, n: usize, buckets: *mut Bmap) {
    let s = Erased(t);
    for index in 0..n {
        // SAFETY: `index < n`: within the memory.
        unsafe {
            let bucket = Bucket::at(s, buckets, index);
            bucket.set_row(Row::of(emptyRest));
            *bucket.overflow_slot(s) = ptr::null_mut();
        }
    }
}

/// Makes `n` adjacent buckets empty. Most links are null already: their cache lines need not be
/// written back then.
///
/// # Safety
/// `buckets` is an array of so many *buckets* of `t`; *exclusive*.
pub(crate) unsafe fn clear_frames(t: &MapType, n: usize, buckets: *mut Bmap) {
    let s = Erased(t);
    for index in 0..n {
        // SAFETY: `index < n`: within the array.
        unsafe {
            let bucket = Bucket::at(s, buckets, index);
            bucket.set_row(Row::of(emptyRest));
            if !bucket.overflow(s).is_null() {
                *bucket.overflow_slot(s) = ptr::null_mut();
            }
        }
    }
}
