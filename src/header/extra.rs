//! What hangs on a header and may be published while the map is read: `extra`, and the lists of
//! overflow buckets.

use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::layout::{BmapSlice, Hmap, MapExtra};

/// The map's `extra`, which the first iterator may be publishing in another thread.
///
/// # Safety
/// `h` points to a map; *shared*.
pub(crate) unsafe fn load(h: *const Hmap) -> *mut MapExtra {
    // SAFETY: a field of the map, written atomically wherever threads may meet.
    unsafe { atomic((&raw const (*h).extra).cast_mut()) }.load(Ordering::Acquire)
}

/// The lists of the overflow buckets of the current array and of the old one; null where none is
/// kept. While another thread publishes the first, it is null or empty.
///
/// # Safety
/// As [`load`].
pub(crate) unsafe fn lists(h: *const Hmap) -> [*const BmapSlice; 2] {
    // SAFETY: `extra` is null or published whole; *shared*: nobody writes its `oldoverflow`.
    unsafe {
        let extra = load(h);
        if extra.is_null() {
            return [ptr::null(); 2];
        }
        let list = atomic(&raw mut (*extra).overflow).load(Ordering::Acquire);
        [list, (*extra).oldoverflow]
    }
}

/// Stores a pointer in a slot that is null, unless another thread does so first. Returns what the
/// slot then holds.
///
/// # Safety
/// `slot` is a field of a map or of its `extra`; it is accessed atomically wherever threads may
/// meet.
pub(crate) unsafe fn publish<T>(slot: *mut *mut T, value: *mut T) -> *mut T {
    let null = ptr::null_mut();
    // SAFETY: such a field (this function's contract).
    let slot = unsafe { atomic(slot) };
    match slot.compare_exchange(null, value, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => value,
        Err(winner) => winner,
    }
}

/// # Safety
/// As [`publish`], for as long as the reference lives.
pub(crate) unsafe fn atomic<'a, T>(slot: *mut *mut T) -> &'a AtomicPtr<T> {
    // SAFETY: aligned, alive and accessed atomically (this function's contract).
    unsafe { AtomicPtr::from_ptr(slot) }
}
