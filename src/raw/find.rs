//! Where a key is: its bucket, and its cell in the chain that starts there.

use core::hint::select_unpredictable;

use crate::bucket::{Bucket, Cell, CellMask, Needle};
use crate::header::sizes::bucketMask;
use crate::header::{flags, mask_before};
use crate::layout::Hmap;
use crate::shape::Shape;

/// The cell of the key that has this hash and that `equal` accepts.
///
/// # Safety
/// `s` *fits* `h`, which has buckets; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn find<S: Shape>(
    s: S,
    h: *const Hmap,
    hash: usize,
    equal: impl FnMut(*const u8) -> bool,
) -> Option<Cell> {
    // SAFETY: `s` fits `h`, which has buckets; *shared*.
    unsafe {
        let home = home_bucket(s, h, hash);
        home.prefetch(s);
        find_in_chain(s, h, home, Needle::of(hash), equal)
    }
}

/// The cell with this tophash and a key that `equal` accepts, in the chain from `b`.
///
/// # Safety
/// `s` *fits* `h`, and `b` is a *bucket* of it; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn find_in_chain<S: Shape>(
    s: S,
    h: *const Hmap,
    b: Bucket,
    needle: Needle,
    mut equal: impl FnMut(*const u8) -> bool,
) -> Option<Cell> {
    // SAFETY: `b` is a bucket that `s` fits; cells with a tophash hold keys; *shared*.
    unsafe {
        if let Some(cell) = find_in_bucket(s, b, b.row().like(needle), &mut equal) {
            return Some(cell);
        }
        find_behind(s, h, b, needle, &mut equal)
    }
}

/// [`find_in_chain`] where the first bucket, `b`, does not have the key.
///
/// # Safety
/// As [`find_in_chain`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn find_behind<S: Shape>(
    s: S,
    h: *const Hmap,
    mut b: Bucket,
    needle: Needle,
    equal: &mut impl FnMut(*const u8) -> bool,
) -> Option<Cell> {
    // SAFETY: `h` points to a map; `b`, and what it links to, are buckets that `s` fits.
    unsafe {
        b = if (*h).B < FAR_B {
            b.next_or_same(s)
        } else {
            behind(s, b)?
        };
        loop {
            if let Some(cell) = find_in_bucket(s, b, b.row().like(needle), equal) {
                return Some(cell);
            }
            b = behind(s, b)?;
        }
    }
}

/// Maps with `B >= FAR_B` do not fit in the L2 cache: there a lookup branches on the overflow link
/// and, while the map grows, on whether the old bucket was evacuated, so that the core can run
/// ahead while the line is on its way. Below, a branch misprediction costs more than a second look
/// at the same bucket (one miss in forty compares a key twice), or than the computation of both
/// addresses.
const FAR_B: u8 = 14;

/// The next bucket of the chain, if there may be an entry in it.
///
/// # Safety
/// `b` is a *bucket* that `s` *fits*.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn behind<S: Shape>(s: S, b: Bucket) -> Option<Bucket> {
    // SAFETY: `b` is a bucket that `s` fits.
    unsafe {
        let next = b.overflow(s);
        if next.is_null() {
            return None;
        }
        unlikely();
        if b.ends_chain() {
            return None;
        }
        Some(next)
    }
}

/// The first of these cells of `b` with a key that `equal` accepts. There is seldom more than one
/// cell.
///
/// # Safety
/// `b` is a *bucket* that `s` *fits*, and the cells hold keys; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn find_in_bucket<S: Shape>(
    s: S,
    b: Bucket,
    cells: CellMask,
    equal: &mut impl FnMut(*const u8) -> bool,
) -> Option<Cell> {
    for i in cells {
        // SAFETY: `b` is a bucket that `s` fits, and the cells hold keys.
        if equal(unsafe { b.key(s, i) }) {
            return Some(Cell { bucket: b, i });
        }
        unlikely();
    }
    None
}

/// Marks the calling block as cold, so that the overflow link (rarely set) is tested before the row
/// (often full).
#[cold]
#[inline]
pub(crate) fn unlikely() {}

/// The bucket that holds the keys of this hash: the current one, or the old one that was not
/// evacuated.
///
/// # Safety
/// As [`find`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn home_bucket<S: Shape>(s: S, h: *const Hmap, hash: usize) -> Bucket {
    // SAFETY: the mask keeps the index within the array.
    unsafe {
        let (buckets, oldbuckets, mask) = ((*h).buckets, (*h).oldbuckets, bucketMask((*h).B));
        if !oldbuckets.is_null() {
            let home = home_while_growing(s, h, hash, mask);
            if !home.is_null() {
                return home;
            }
        }
        Bucket::at(s, buckets, hash & mask)
    }
}

/// The bucket of this hash in the current array. Raw writes prefetch it before they set their flag:
/// loads after that store begin late, by measure, and the misses of several writes no longer
/// overlap.
///
/// # Safety
/// As [`find`]. In a map without buckets, the result is no bucket.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn current_bucket<S: Shape>(s: S, h: *const Hmap, hash: usize) -> Bucket {
    // SAFETY: `h` points to a map. The pointer is not followed.
    unsafe {
        let offset = (hash & bucketMask((*h).B)) * s.bucketsize();
        Bucket((*h).buckets.wrapping_byte_add(offset))
    }
}

/// [`home_bucket`] of a growing map, which has this mask; null where it is in the current array.
///
/// # Safety
/// `s` *fits* `h`, which is growing; *shared*.
#[cold]
#[inline(never)]
unsafe fn home_while_growing<S: Shape>(s: S, h: *const Hmap, hash: usize, mask: usize) -> Bucket {
    // SAFETY: the masks keep the indices within their arrays.
    unsafe {
        let index = hash & mask_before(mask, flags::peek::<S>(h));
        // The memory of buckets that evacuation has passed may have been given back, and is not
        // read.
        let passed = index < (*h).nevacuate;
        if (*h).B < FAR_B {
            let current = Bucket::at(s, (*h).buckets, hash & mask);
            let old = Bucket::at(s, (*h).oldbuckets, index);
            let kept = select_unpredictable(passed, current, old);
            return select_unpredictable(passed | kept.evacuated(), current, old);
        }
        if passed {
            return Bucket::NULL;
        }
        let old = Bucket::at(s, (*h).oldbuckets, index);
        if old.evacuated() {
            unlikely();
            return Bucket::NULL;
        }
        old
    }
}
