//! The mark that evacuation has reached, and the end of a growth.

use core::ptr;

use maptype::MapType;

use crate::header::{bucketEvacuated, flags, growing};
use crate::heap::{store, store_pointers};
use crate::layout::{Hmap, sameSizeGrow};
use crate::owned;
use crate::shape::Erased;

/// Evacuated buckets that one step may pass, so that a step stays bounded.
const SKIP_LIMIT: usize = 1024;

/// Moves the mark past the bucket that was just evacuated, and past those after it that were
/// evacuated before; ends the growth when it reaches the end.
///
/// # Safety
/// `h` is *of `t`*, growing from `newbit` buckets, and bucket `nevacuate` is evacuated;
/// *exclusive*.
pub(crate) unsafe fn advanceEvacuationMark(t: &MapType, h: *mut Hmap, newbit: usize) {
    // SAFETY: `h` is of `t`, and bucket `nevacuate` of its `newbit` old ones is evacuated.
    unsafe {
        debug_assert!(bucketEvacuated(Erased(t), h, (*h).nevacuate));
        let mut mark = (*h).nevacuate + 1;
        let stop = newbit.min(mark + SKIP_LIMIT);
        while mark != stop && bucketEvacuated(Erased(t), h, mark) {
            mark += 1;
        }
        (*h).nevacuate = mark;
        if mark == newbit {
            end_growth(t, h);
        } else {
            owned::release_passed(t, h, mark);
        }
    }
}

/// Drops the old array.
///
/// # Safety
/// `h` is *of `t`*, and every entry of its old array has moved; *exclusive*.
#[cold]
unsafe fn end_growth(t: &MapType, h: *mut Hmap) {
    // SAFETY: every entry of the old array has moved; *exclusive*.
    unsafe {
        debug_assert!(growing(h));
        flags::store(h, flags::load(h) & !sameSizeGrow);
        let extra = (*h).extra;
        let oldbuckets = store(&raw mut (*h).oldbuckets, ptr::null_mut());
        if extra.is_null() {
            store_pointers(t, &[oldbuckets]);
        } else {
            let oldoverflow = store(&raw mut (*extra).oldoverflow, ptr::null_mut());
            store_pointers(t, &[oldbuckets, oldoverflow]);
        }
        owned::reclaim(t, h);
    }
}
