//! The Go runtime as the map's heap: its allocator and collector, its random numbers, its panics.

use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use gomap::heap::{HMAP, MAP_EXTRA, OVERFLOW_LIST, OVERFLOW_POINTERS};
use gomap::maptype::{Barriers, Era, Heap, Type};

use crate::abi::{BUCKET_POINTER, BUCKET_POINTERS, GoType};
use crate::closure::Component;
use crate::runtime;

/// The heap of every map. It has no `free`: the collector frees.
pub(crate) static HEAP: Heap = Heap {
    context: ptr::null_mut(),
    allocate,
    free: None,
    release: None,
    populate: None,
    roundupsize: None,
    random,
    throw,
    panic,
    barriers: &raw const BARRIERS,
    observer: ptr::null(),
    era: Era::Go119,
};

static BARRIERS: Barriers = Barriers {
    typedmemmove,
    store_pointer,
    memclr_has_pointers,
};

/// Memory of the type's size class: it is aligned to a word at least, which is all that a map's
/// layout asks for.
unsafe extern "C-unwind" fn allocate(
    _: *const Heap,
    size: usize,
    _align: usize,
    ty: *const Type,
) -> *mut u8 {
    // SAFETY: the types that the map allocates are those of its descriptor, or its own.
    unsafe { runtime::mallocgc(size, go_type(ty), true) }
}

/// libgo's descriptor of a type.
///
/// # Safety
/// `ty` is one of the map's own types, or has a [`Component`] as its context.
unsafe fn go_type(ty: *const Type) -> *const GoType {
    // SAFETY: `ty` is live; its context is null or a `Component`.
    unsafe {
        if let Some(component) = (&*ty).context.cast::<Component>().as_ref() {
            return component.go;
        }
    }
    if ptr::eq(ty, &HMAP) {
        &raw const runtime::HMAP
    } else if ptr::eq(ty, &MAP_EXTRA) {
        &raw const runtime::MAP_EXTRA
    } else if ptr::eq(ty, &OVERFLOW_LIST) {
        &BUCKET_POINTERS
    } else {
        debug_assert!(ptr::eq(ty, &OVERFLOW_POINTERS));
        &BUCKET_POINTER
    }
}

unsafe extern "C-unwind" fn random(_: *const Heap) -> u64 {
    // SAFETY: a Go program.
    unsafe { u64::from(runtime::fastrand()) | u64::from(runtime::fastrand()) << 32 }
}

unsafe extern "C-unwind" fn throw(_: *const Heap, message: *const u8, len: usize) {
    // SAFETY: a Go program.
    unsafe { runtime::throw(message, len) }
}

/// Panics with a `runtime.Error`, which Go code can recover from.
unsafe extern "C-unwind" fn panic(_: *const Heap, message: *const u8, len: usize) {
    // SAFETY: the value of a `plainError` is a string header; what it points to is not the
    // collector's, so the header may lie in memory that is not searched for pointers.
    unsafe {
        let header = runtime::mallocgc(16, ptr::null(), false).cast::<(*const u8, usize)>();
        header.write((message, len));
        runtime::gopanic(&raw const runtime::PLAIN_ERROR, header.cast())
    }
}

unsafe extern "C-unwind" fn typedmemmove(
    _: *const Heap,
    ty: *const Type,
    dst: *mut u8,
    src: *const u8,
) {
    // SAFETY: the hook's contract.
    unsafe {
        if runtime::write_barrier_enabled() {
            return runtime::typedmemmove(go_type(ty), dst, src);
        }
        copy(dst, src, (&*ty).size);
    }
}

/// Copies values with pointers. The collector may be reading them: each word is written at once.
#[inline(always)]
unsafe fn copy(dst: *mut u8, src: *const u8, size: usize) {
    // SAFETY: both have `size` bytes and do not overlap (caller).
    unsafe {
        match size {
            8 => dst.cast::<u64>().write(src.cast::<u64>().read()),
            16 => dst.cast::<[u64; 2]>().write(src.cast::<[u64; 2]>().read()),
            _ => ptr::copy_nonoverlapping(src, dst, size),
        }
    }
}

/// Goroutines may read a map at once. (The runtime's own barrier stores plainly, as Go's map does.)
unsafe extern "C-unwind" fn store_pointer(_: *const Heap, slot: *mut *mut u8, value: *mut u8) {
    // SAFETY: the slot may be written (the hook's contract), and is read atomically meanwhile.
    unsafe {
        if runtime::write_barrier_enabled() {
            return runtime::gc_write_barrier(slot, value);
        }
        AtomicPtr::from_ptr(slot).store(value, Ordering::Release);
    }
}

unsafe extern "C-unwind" fn memclr_has_pointers(_: *const Heap, memory: *mut u8, size: usize) {
    // SAFETY: the hook's contract; what holds pointers has whole words.
    unsafe {
        if runtime::write_barrier_enabled() {
            return runtime::memclr_has_pointers(memory, size);
        }
        memory.write_bytes(0, size);
    }
}
