//! Moves and stores through the write barriers of a collector, where the heap has them.

use core::mem::{MaybeUninit, forget};
use core::ptr;

use maptype::{Barriers, MapType, Type};

use super::{Deferred, heap};

#[cfg_attr(not(debug_assertions), inline(always))]
fn barriers(t: &MapType) -> Option<&Barriers> {
    // SAFETY: null, or a table that outlives the heap.
    unsafe { heap(t).barriers.as_ref() }
}

/// Whether stores of pointers go through hooks.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn has_barriers(t: &MapType) -> bool {
    barriers(t).is_some()
}

/// Copies the bytes of a value, through the collector's barrier where it holds pointers.
///
/// # Safety
/// Both places have room for a `ty` and do not overlap.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn typedmemmove(t: &MapType, ty: &Type, dst: *mut u8, src: *const u8) {
    // SAFETY: both places have room for a `ty`, `ty.size` bytes, and do not overlap.
    unsafe {
        if ty.ptrdata != 0 && barriers(t).is_some() {
            return typedmemmove_barrier(t, ty, dst, src);
        }
        copy_bytes(dst, src, ty.size);
    }
}

/// A copy whose size is known at run time only, without a call for one to four words. The bytes are
/// copied untyped: pointers keep their provenance, and padding may be uninitialised.
///
/// # Safety
/// Both places have `size` bytes and do not overlap.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn copy_bytes(dst: *mut u8, src: *const u8, size: usize) {
    const WORD: usize = size_of::<u64>();
    // SAFETY: both places have `size` bytes, and do not overlap; any alignment is allowed.
    unsafe {
        if !size.is_multiple_of(WORD) || size > 4 * WORD {
            return ptr::copy_nonoverlapping(src, dst, size);
        }
        for i in 0..4 {
            if i * WORD < size {
                let word = src
                    .add(i * WORD)
                    .cast::<MaybeUninit<u64>>()
                    .read_unaligned();
                dst.add(i * WORD)
                    .cast::<MaybeUninit<u64>>()
                    .write_unaligned(word);
            }
        }
    }
}

/// # Safety
/// As [`typedmemmove`].
#[cold]
unsafe fn typedmemmove_barrier(t: &MapType, ty: &Type, dst: *mut u8, src: *const u8) {
    if let Some(barriers) = barriers(t) {
        // SAFETY: both places have room for a `ty`, and do not overlap.
        unsafe { (barriers.typedmemmove)(heap(t), ty, dst, src) }
    }
}

/// Stores a pointer in a slot that a collector follows.
///
/// # Safety
/// `slot` may be written.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn store_pointer<T>(t: &MapType, slot: *mut *mut T, value: *mut T) {
    // SAFETY: `slot` may be written.
    unsafe {
        match barriers(t) {
            None => *slot = value,
            Some(barriers) => (barriers.store_pointer)(heap(t), slot.cast(), value.cast()),
        }
    }
}

/// A slot that a collector follows, and the pointer to store there.
pub(crate) type Store = (*mut *mut u8, *mut u8);

/// One of the stores of [`store_pointers`].
pub(crate) fn store<T>(slot: *mut *mut T, value: *mut T) -> Store {
    (slot.cast(), value.cast())
}

/// Stores all pointers, even if a barrier unwinds.
///
/// # Safety
/// The slots may be written.
pub(crate) unsafe fn store_pointers(t: &MapType, stores: &[Store]) {
    let all = Deferred(|| {
        for &(slot, value) in stores {
            // SAFETY: the slots may be written.
            unsafe { *slot = value }
        }
    });
    if barriers(t).is_some() {
        for &(slot, value) in stores {
            // SAFETY: the slots may be written.
            unsafe { store_pointer(t, slot, value) }
        }
    }
    drop(all);
}

/// Runs the barrier of a pointer that was stored in a slot atomically. Other threads may be reading
/// the slot: the barrier stores the same value again, also atomically
/// ([`Barriers::store_pointer`]).
///
/// # Safety
/// `slot` holds `value`, and may be written.
pub(crate) unsafe fn store_pointer_barrier<T>(t: &MapType, slot: *mut *mut T, value: *mut T) {
    if barriers(t).is_some() {
        // SAFETY: `slot` may be written; with barriers the store is atomic.
        unsafe { store_pointer(t, slot, value) }
    }
}

/// Zeroes memory that holds pointers, even if the barrier unwinds.
///
/// # Safety
/// `memory` has `size` bytes that may be written.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn memclr_has_pointers(t: &MapType, memory: *mut u8, size: usize) {
    // SAFETY: `memory` has `size` bytes that may be written.
    unsafe {
        match barriers(t) {
            None => ptr::write_bytes(memory, 0, size),
            Some(barriers) => {
                let zeroed = Deferred(|| ptr::write_bytes(memory, 0, size));
                (barriers.memclr_has_pointers)(heap(t), memory, size);
                forget(zeroed);
            }
        }
    }
}
