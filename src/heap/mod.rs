//! What the map needs from its host: memory, random numbers, write barriers, and a way to stop
//! programs that misuse it.
//!
//! A heap with [`Heap::free`] is *owned*: the map frees, and every bucket array is preceded by a
//! header that counts its readers. A heap without is *traced*: its collector frees, and memory
//! holds the same as in Go.

mod barrier;
mod checkers;
mod deferred;
mod host;
mod pages;
mod recycled;
pub(crate) mod size_classes;
mod system;
pub(crate) mod types;

use core::ptr;

use maptype::{AllocError, Heap, MapType, Type};

pub(crate) use barrier::{
    copy_bytes, has_barriers, memclr_has_pointers, store, store_pointer, store_pointer_barrier,
    store_pointers, typedmemmove,
};
pub(crate) use deferred::Deferred;
pub use host::{Host, host_heap};
pub use pages::keep_freed;
pub(crate) use system::next_random;
pub use system::{Pages, SYSTEM, seed, system_heap};
pub use types::{DIRTY_BUCKETS, HMAP, MAP_EXTRA, OVERFLOW_LIST, OVERFLOW_POINTERS};

/// The largest pages in common use. Memory is released in steps that end on their boundaries, so
/// that no page falls between two steps.
pub(crate) const LARGE_PAGE: usize = 64 << 10;

/// The alignment of the map's own memory; keys and elems stored behind pointers may need more.
pub(crate) const ALIGN: usize = 8;

#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn heap(t: &MapType) -> &Heap {
    // SAFETY: a descriptor's heap outlives it.
    unsafe { &*t.heap }
}

/// Whether the map frees its memory itself.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn is_owned(t: &MapType) -> bool {
    heap(t).free.is_some()
}

/// Whether keys or elems have drop glue.
#[inline]
pub(crate) fn has_glue(t: &MapType) -> bool {
    // SAFETY: a descriptor's types outlive it.
    unsafe { t.key_type().drop.is_some() || t.elem_type().drop.is_some() }
}

/// Whether a discarded entry has drop glue to run or boxes to free.
#[inline]
pub(crate) fn needs_disposal(t: &MapType) -> bool {
    has_glue(t) || (is_owned(t) && (t.indirectkey() || t.indirectelem()))
}

/// `size` zeroed bytes for values of type `ty`.
///
/// # Safety
/// `t` is a valid descriptor; `align` is a power of two and `size` not zero.
pub(crate) unsafe fn allocate(
    t: &MapType,
    size: usize,
    align: usize,
    ty: *const Type,
) -> Result<*mut u8, AllocError> {
    if size > isize::MAX as usize - align {
        return Err(AllocError);
    }
    let heap = heap(t);
    debug_assert!(size != 0 && align.is_power_of_two());
    // SAFETY: `size` is not zero, and makes a layout with `align`.
    let memory = unsafe { (heap.allocate)(heap, size, align, ty) };
    if memory.is_null() {
        return Err(AllocError);
    }
    Ok(memory)
}

/// Gives memory back, in an owned heap.
///
/// # Safety
/// `memory` came from [`allocate`] with this size and alignment, and is not used again.
pub(crate) unsafe fn free(t: &MapType, memory: *mut u8, size: usize, align: usize) {
    let heap = heap(t);
    if let Some(free) = heap.free {
        // SAFETY: `memory` came from this heap with this layout, and is not used again.
        unsafe { free(heap, memory, size, align) };
    }
}

/// A zeroed value of type `ty`: the document's `newobject`.
///
/// # Safety
/// `t` is a valid descriptor.
pub(crate) unsafe fn newobject(t: &MapType, ty: &Type) -> Result<*mut u8, AllocError> {
    if ty.size == 0 {
        return Ok(ptr::without_provenance_mut(ty.align as usize));
    }
    // SAFETY: `t` is a valid descriptor; the size is not zero, and a type's alignment is a power of two.
    unsafe { allocate(t, ty.size, ty.align as usize, ty) }
}

/// Frees an object that [`newobject`] returned.
///
/// # Safety
/// `object` is null, or came from [`newobject`] with this type and is not used again.
pub(crate) unsafe fn free_object(t: &MapType, ty: &Type, object: *mut u8) {
    if ty.size != 0 && !object.is_null() {
        // SAFETY: `newobject` allocated it with this size and alignment; it is not used again.
        unsafe { free(t, object, ty.size, ty.align as usize) }
    }
}

/// The next number of the host's random stream.
///
/// # Safety
/// `t` is a valid descriptor.
pub(crate) unsafe fn random(t: &MapType) -> u64 {
    let heap = heap(t);
    // SAFETY: `heap` is the table of this hook.
    unsafe { (heap.random)(heap) }
}

/// Ends the program, as Go's `throw` and `fatal` do.
#[cold]
#[inline(never)]
pub(crate) fn throw(t: &MapType, message: &'static str) -> ! {
    let heap = heap(t);
    // SAFETY: `heap` is the table of this hook; the message is a string literal.
    unsafe { (heap.throw)(heap, message.as_ptr(), message.len()) };
    abort()
}

/// Unwinds, as Go's `panic` does.
#[cold]
#[inline(never)]
pub(crate) fn panic(t: &MapType, message: &'static str) -> ! {
    let heap = heap(t);
    // SAFETY: `heap` is the table of this hook; the message is a string literal.
    unsafe { (heap.panic)(heap, message.as_ptr(), message.len()) };
    abort()
}

/// Aborts, since a panic cannot leave an `extern "C"` function.
extern "C" fn abort() -> ! {
    panic!("the heap's throw or panic hook returned")
}

/// Ends the program in functions that cannot return an [`AllocError`].
#[cold]
#[inline(never)]
pub(crate) fn out_of_memory(t: &MapType) -> ! {
    throw(t, "out of memory")
}
