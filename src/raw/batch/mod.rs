//! Many keys at once, in the order in which they come.

pub(crate) mod assign;
pub(crate) mod lookup;
pub(crate) mod window;

use super::sizes::bucketShift;
use crate::layout::Hmap;
use crate::shape::Shape;

/// Bytes of buckets that a core's own caches have room for, on most machines. Fewer where assertions are tested, so that tests
/// come to larger maps.
const CACHES: usize = if cfg!(debug_assertions) {
    1 << 12
} else {
    1 << 20
};

/// Whether memory is worth asking for ahead.
///
/// # Safety
/// `s` *fits* `h`.
pub(crate) unsafe fn outgrew_caches<S: Shape>(s: S, h: *const Hmap) -> bool {
    // SAFETY: the caller's promise.
    unsafe { !(*h).buckets.is_null() && bucketShift((*h).B) * s.bucketsize() > CACHES }
}

/// Key `i` of some that lie one behind another.
///
/// # Safety
/// There are more than `i`.
#[inline(always)]
unsafe fn key<S: Shape>(s: S, keys: *const u8, i: usize) -> *const u8 {
    // SAFETY: the caller's promise.
    unsafe { keys.add(i * s.key_type_size()) }
}
