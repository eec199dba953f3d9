//! Maps in the memory of an allocator.
//!
//! Other maps of one type share a descriptor and its heap. Such a map has its own copies, beside
//! the allocator, in the allocator's memory.

use core::alloc::Layout;
use core::ptr::{self, NonNull};

use allocator_api2::alloc::Allocator;
use maptype::{AllocError, Heap, MapType, Type};

use super::memory::{Held, Sealed};
use super::shape::Described;
use crate::heap::{DIRTY_BUCKETS, Host, host_heap};

/// An allocator, and the descriptor and heap that lead a map to it.
pub struct Record<A> {
    map: MapType,
    heap: Heap,
    host: Allocated<A>,
}

/// The host of maps in the memory of an allocator.
struct Allocated<A>(A);

// SAFETY: `Allocator`'s contract covers the duties of `Host`. Where several threads free memory
// (`rayon`), `A` is `Sync`.
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
        // SAFETY: `memory` came from `allocate` with `layout` (this fn's contract).
        unsafe { self.0.deallocate(NonNull::new_unchecked(memory), layout) }
    }
}

// SAFETY: `hold` makes the descriptor of the record with `Described::on`.
unsafe impl<A: Allocator> Held for A {
    type Handle = NonNull<Record<A>>;

    fn hold<K, V>(self, _: Sealed) -> Result<NonNull<Record<A>>, AllocError> {
        let memory = self.allocate(Layout::new::<Record<A>>());
        let handle: NonNull<Record<A>> = memory.map_err(|_| AllocError)?.cast();
        let record = handle.as_ptr();
        // SAFETY: `record` is allocated with the layout of a `Record`, and does not move.
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
        // SAFETY: `handle` is not released (this fn's contract), so its record is alive.
        unsafe { &(*handle.as_ptr()).map }
    }

    unsafe fn memory(handle: &NonNull<Record<A>>) -> &A {
        // SAFETY: `handle` is not released (this fn's contract), so its record is alive.
        unsafe { &(*handle.as_ptr()).host.0 }
    }

    unsafe fn release(handle: NonNull<Record<A>>) {
        // SAFETY: `handle` is not used again (this fn's contract); the allocator is moved out
        // before its memory is freed.
        unsafe {
            let allocator = (&raw const (*handle.as_ptr()).host.0).read();
            allocator.deallocate(handle.cast(), Layout::new::<Record<A>>());
        }
    }
}
