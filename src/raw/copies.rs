//! The copies of an entry that evacuations left behind in arrays that iterators still read.
//!
//! An iterator that meets one looks its key up, so it must not be found after what the key refers
//! to is gone.

use maptype::MapType;

use crate::bucket::{Bucket, Cell, tag};
use crate::header::sizes::bucketMask;
use crate::layout::{Hmap, evacuatedEmpty};
use crate::owned::{self, SlotBytes};
use crate::shape::Shape;

/// Makes iterators skip the copies of the entry in `cell`, which is about to be deleted.
///
/// # Safety
/// `s` *fits* `h`, which has buckets; `cell` holds an entry of its, with this hash; *exclusive*.
#[cold]
#[inline(never)]
pub(crate) unsafe fn hide<S: Shape>(s: S, h: *const Hmap, hash: usize, cell: Cell) {
    // SAFETY: `s` fits `h`, which has buckets; `cell` holds an entry with this hash.
    unsafe {
        for_each(s, h, hash, cell.key_slot(s), |copy| {
            copy.bucket.set_tophash(copy.i, evacuatedEmpty);
        });
    }
}

/// Gives the copies of an entry the key that `cell` has now, instead of the one that its slot had
/// before.
///
/// # Safety
/// As [`hide`]; `before` has the bytes of a key slot.
#[cold]
#[inline(never)]
pub(crate) unsafe fn refresh<S: Shape>(
    s: S,
    h: *const Hmap,
    hash: usize,
    before: &SlotBytes,
    cell: Cell,
) {
    // SAFETY: as asked of the caller. A copy lies in another array than the entry.
    unsafe {
        for_each(s, h, hash, before.ptr(), |copy| {
            let (from, to) = (cell.key_slot(s), copy.key_slot(s));
            core::ptr::copy_nonoverlapping(from, to, s.keysize());
        });
    }
}

/// Calls `f` with each cell of a replaced array whose entry was moved, and whose key has the bytes
/// of this slot.
///
/// # Safety
/// As [`hide`]; `slot` has the bytes of a key slot.
unsafe fn for_each<S: Shape>(
    s: S,
    h: *const Hmap,
    hash: usize,
    slot: *const u8,
    mut f: impl FnMut(Cell),
) {
    let t: &MapType = s.t();
    // SAFETY: `s` fits `h`, and so the arrays that it keeps for iterators, of 2^b buckets.
    unsafe {
        if !owned::watched(t, h) {
            return;
        }
        for (array, b) in owned::replaced(h) {
            for bucket in Bucket::at(s, array, hash & bucketMask(b)).chain(s) {
                for i in bucket.row().occupied_anywhere() {
                    let moved = !tag::is_live(bucket.tophash(i));
                    if moved && same_bytes(bucket.key_slot(s, i), slot, s.keysize()) {
                        f(Cell { bucket, i });
                    }
                }
            }
        }
    }
}

/// Whether two slots have the same bytes. Equality is not asked: it may lie, and a copy that is
/// missed here would be read after its drop. Copies have the padding of what they were copied from.
///
/// # Safety
/// Both have `size` bytes.
unsafe fn same_bytes(a: *const u8, b: *const u8, size: usize) -> bool {
    // SAFETY: both have `size` bytes.
    (0..size).all(|i| unsafe { *a.add(i) == *b.add(i) })
}
