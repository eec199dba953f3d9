//! Maps in the memory of an allocator of their own.
//!
//! What all maps of one type share otherwise, the descriptor and the heap that it leads to, such a map has for itself,
//! beside the allocator, in memory of the allocator.

use core::alloc::Layout;
use core::ptr::{self, NonNull};

use allocator_api2::alloc::Allocator;
use maptype::{AllocError, Heap, MapType, Type};

use super::memory::{Held, Sealed};
use super::shape::Described;
use crate::heap::{DIRTY_BUCKETS, Host, host_heap};

/// An allocator, and what leads a map to it.
pub struct Record<A> {
    map: MapType,
    heap: Heap,
    host: Allocated<A>,
}

/// The host of maps in the memory of an allocator.
struct Allocated<A>(A);

// SAFETY: an allocator keeps these duties. Where several threads give memory back, it is `Sync` (`rayon`).
unsafe impl<A: Allocator> Host for Allocated<A> {
    const OWNED: bool = true;

    fn allocate(&self, layout: Layout, ty: &Type) -> *mut u8 {
        let memory = if ptr::eq(ty, &DIRTY_BUCKETS) {
            self.0.allocate(layout)
        } else {
            self.0.allocate_zeroed(layout)
        };
        match memory {
            Ok(memory) => memory.as_ptr().cast(),
            Err(_) => ptr::null_mut(),
        }
    }

    unsafe fn free(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the map frees what it was given, with its layout.
        unsafe { self.0.deallocate(NonNull::new_unchecked(memory), layout) }
    }
}

// SAFETY: the descriptor in the record is made like that of `Described`.
unsafe impl<A: Allocator> Held for A {
    type Handle = NonNull<Record<A>>;

    fn hold<K, V>(self, _: Sealed) -> Result<NonNull<Record<A>>, AllocError> {
        let memory = self.allocate(Layout::new::<Record<A>>());
        let handle: NonNull<Record<A>> = memory.map_err(|_| AllocError)?.cast();
        let record = handle.as_ptr();
        // SAFETY: there is room for a record, which will stay where it is.
        unsafe {
            (&raw mut (*record).host).write(Allocated(self));
            (&raw mut (*record).heap).write(host_heap(&(*record).host));
            let map = Described::<K, V>::on(&raw const (*record).heap);
            (&raw mut (*record).map).write(map);
        }
        Ok(handle)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn map_type<K, V>(handle: &NonNull<Record<A>>) -> &MapType {
        // SAFETY: the record is alive (caller).
        unsafe { &(*handle.as_ptr()).map }
    }

    unsafe fn memory(handle: &NonNull<Record<A>>) -> &A {
        // SAFETY: the record is alive (caller).
        unsafe { &(*handle.as_ptr()).host.0 }
    }

    unsafe fn release(handle: NonNull<Record<A>>) {
        // SAFETY: the allocator is moved out before its memory goes.
        unsafe {
            let allocator = (&raw const (*handle.as_ptr()).host.0).read();
            allocator.deallocate(handle.cast(), Layout::new::<Record<A>>());
        }
    }
}
