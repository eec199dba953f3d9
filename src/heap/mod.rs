//! What the map asks of its host: memory, random numbers, barriers, and an end for programs that misuse it.
//!
//! A heap with [`Heap::free`] is *owned*: the map frees, and every bucket array is preceded by a header
//! that says who may still read it. A heap without is *traced*: its collector frees, and memory holds nothing
//! that Go's does not.

mod checkers;
mod host;
mod pages;
mod recycled;
pub(crate) mod size_classes;
mod system;
pub(crate) mod types;

use core::mem::{MaybeUninit, forget};
use core::ptr;

use maptype::{AllocError, Barriers, Heap, MapType, Type};

pub use host::{Host, host_heap};
pub use pages::keep_freed;
pub(crate) use system::next_random;
pub use system::{Pages, SYSTEM, seed, system_heap};
pub use types::{DIRTY_BUCKETS, HMAP, MAP_EXTRA, OVERFLOW_LIST, OVERFLOW_POINTERS};

/// The largest pages in common use: what is given back step by step ends on their edges, so that no
/// step leaves a page over.
pub(crate) const LARGE_PAGE: usize = 64 << 10;

/// Alignment of all memory that the map needs itself; keys and elems stored behind pointers may need more.
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

/// Whether discarding an entry takes more than forgetting its bytes: glue to run, or boxes to free.
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
    // SAFETY: the hook's contract.
    let memory = unsafe { (heap.allocate)(heap, size, align, ty) };
    if memory.is_null() {
        return Err(AllocError);
    }
    Ok(memory)
}

/// Gives memory back, in an owned heap.
///
/// # Safety
/// `memory` came from [`allocate`] with this size and alignment, and nobody will use it again.
pub(crate) unsafe fn free(t: &MapType, memory: *mut u8, size: usize, align: usize) {
    let heap = heap(t);
    if let Some(free) = heap.free {
        // SAFETY: the hook's contract.
        unsafe { free(heap, memory, size, align) };
    }
}

/// A zeroed value of type `ty`, on its own: the document's `newobject`.
///
/// # Safety
/// `t` is a valid descriptor.
pub(crate) unsafe fn newobject(t: &MapType, ty: &Type) -> Result<*mut u8, AllocError> {
    if ty.size == 0 {
        return Ok(ptr::without_provenance_mut(ty.align as usize));
    }
    // SAFETY: the caller's promise.
    unsafe { allocate(t, ty.size, ty.align as usize, ty) }
}

/// Frees what [`newobject`] gave.
///
/// # Safety
/// As [`free`].
pub(crate) unsafe fn free_object(t: &MapType, ty: &Type, object: *mut u8) {
    if ty.size != 0 && !object.is_null() {
        // SAFETY: the caller's promise.
        unsafe { free(t, object, ty.size, ty.align as usize) }
    }
}

/// The next number of the host's random stream.
///
/// # Safety
/// `t` is a valid descriptor.
pub(crate) unsafe fn random(t: &MapType) -> u64 {
    let heap = heap(t);
    // SAFETY: the hook's contract.
    unsafe { (heap.random)(heap) }
}

/// Ends the program, as Go's `throw` and `fatal` do.
#[cold]
#[inline(never)]
pub(crate) fn throw(t: &MapType, message: &'static str) -> ! {
    let heap = heap(t);
    // SAFETY: the hook's contract.
    unsafe { (heap.throw)(heap, message.as_ptr(), message.len()) };
    abort()
}

/// Unwinds, as Go's `panic` does.
#[cold]
#[inline(never)]
pub(crate) fn panic(t: &MapType, message: &'static str) -> ! {
    let heap = heap(t);
    // SAFETY: the hook's contract.
    unsafe { (heap.panic)(heap, message.as_ptr(), message.len()) };
    abort()
}

/// Aborts, since a panic cannot leave an `extern "C"` function: a hook that must not return did.
extern "C" fn abort() -> ! {
    panic!("the heap's throw or panic hook returned")
}

/// Ends the program where the caller left no way to report the lack of memory.
#[cold]
#[inline(never)]
pub(crate) fn out_of_memory(t: &MapType) -> ! {
    throw(t, "out of memory")
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn barriers(t: &MapType) -> Option<&Barriers> {
    // SAFETY: null, or a table that lives as long as the heap.
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
    // SAFETY: the caller's promise.
    unsafe {
        if ty.ptrdata != 0 && barriers(t).is_some() {
            return typedmemmove_barrier(t, ty, dst, src);
        }
        copy_bytes(dst, src, ty.size);
    }
}

/// A copy of a size that is known at run time only, without a call for one to four words. Nothing
/// is made of the bytes on their way: pointers keep their provenance, and padding may be
/// uninitialised.
///
/// # Safety
/// Both places have `size` bytes and do not overlap.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn copy_bytes(dst: *mut u8, src: *const u8, size: usize) {
    const WORD: usize = size_of::<u64>();
    // SAFETY: `size` bytes at both places, which do not overlap (caller); alignment is not asked.
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

#[cold]
unsafe fn typedmemmove_barrier(t: &MapType, ty: &Type, dst: *mut u8, src: *const u8) {
    if let Some(barriers) = barriers(t) {
        // SAFETY: the hook's contract, and the caller's promise.
        unsafe { (barriers.typedmemmove)(heap(t), ty, dst, src) }
    }
}

/// Stores a pointer in a slot that a collector follows.
///
/// # Safety
/// `slot` may be written.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn store_pointer<T>(t: &MapType, slot: *mut *mut T, value: *mut T) {
    // SAFETY: the caller's promise, and the hook's contract.
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

/// Stores pointers as one: even if the barrier of one unwinds, all are stored.
///
/// # Safety
/// The slots may be written.
pub(crate) unsafe fn store_pointers(t: &MapType, stores: &[Store]) {
    let all = Deferred(|| {
        for &(slot, value) in stores {
            // SAFETY: the caller's promise.
            unsafe { *slot = value }
        }
    });
    if barriers(t).is_some() {
        for &(slot, value) in stores {
            // SAFETY: the caller's promise.
            unsafe { store_pointer(t, slot, value) }
        }
    }
    drop(all);
}

/// Does a thing when it is dropped, so also when a hook unwinds or an error is returned; unless it is forgotten.
pub(crate) struct Deferred<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for Deferred<F> {
    #[inline]
    fn drop(&mut self) {
        self.0();
    }
}

/// Tells a collector of a pointer that was stored in a slot atomically. Others may be reading the
/// slot: the barrier, which stores the same once more, does so atomically as well
/// ([`Barriers::store_pointer`]).
///
/// # Safety
/// `slot` holds `value`, and may be written.
pub(crate) unsafe fn store_pointer_barrier<T>(t: &MapType, slot: *mut *mut T, value: *mut T) {
    if barriers(t).is_some() {
        // SAFETY: the caller's promise.
        unsafe { store_pointer(t, slot, value) }
    }
}

/// Zeroes memory that holds pointers, even if the barrier unwinds.
///
/// # Safety
/// `memory` has `size` bytes that may be written.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn memclr_has_pointers(t: &MapType, memory: *mut u8, size: usize) {
    // SAFETY: the caller's promise, and the hook's contract.
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
