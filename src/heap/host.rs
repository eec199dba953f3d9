//! A host written in Rust, and the table made from it.

use core::alloc::Layout;
use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use maptype::{Barriers, Era, Heap, Observer, Type};

use super::system::text;

/// A host runtime in Rust terms: the memory of maps, and the other services that they need.
/// [`host_heap`] makes the table that a descriptor points to.
///
/// A heap that counts the bytes in use:
///
/// ```
/// use std::alloc::{Layout, alloc_zeroed, dealloc};
/// use std::cell::Cell;
///
/// use gomap::heap::{Host, host_heap};
/// use gomap::maptype::{MapType, Type, alg};
/// use gomap::raw::{makemap_small, mapassign, mapfree};
///
/// struct Counting(Cell<usize>);
///
/// // SAFETY: memory comes from the global allocator, and goes back to it.
/// unsafe impl Host for Counting {
///     const OWNED: bool = true;
///
///     fn allocate(&self, layout: Layout, _: &Type) -> *mut u8 {
///         self.0.update(|bytes| bytes + layout.size());
///         unsafe { alloc_zeroed(layout) }
///     }
///
///     unsafe fn free(&self, memory: *mut u8, layout: Layout) {
///         self.0.update(|bytes| bytes - layout.size());
///         unsafe { dealloc(memory, layout) }
///     }
/// }
///
/// let host = Counting(Cell::new(0));
/// let heap = host_heap(&host);
/// let t = MapType::new(&alg::INT64, &alg::INT64, &heap).unwrap();
/// unsafe {
///     let h = makemap_small(&t);
///     let key = 7i64;
///     *mapassign(&t, h, (&raw const key).cast()).cast::<i64>() = 49;
///     assert_ne!(host.0.get(), 0);
///     mapfree(&t, h);
/// }
/// assert_eq!(host.0.get(), 0);
/// ```
///
/// # Safety
/// The implementor performs the duties that [`Heap`] and [`Barriers`] list for the hook of each
/// name.
pub unsafe trait Host: Sized {
    /// Whether maps free their memory through [`Host::free`]; otherwise a collector frees it.
    const OWNED: bool;
    /// Whether memory comes in pages, which can be returned in part: see [`Host::release`]. It has
    /// no effect without [`Host::OWNED`].
    const PAGED: bool = false;
    /// Whether pointers are written through the barriers.
    const BARRIERS: bool = false;
    /// Whether [`Host::reads`] and [`Host::writes`] are called (with feature `observe`).
    const OBSERVES: bool = false;
    /// The release of Go to follow.
    const ERA: Era = Era::Go119;

    /// [`Heap::allocate`]: memory for one or more consecutive `ty`, or null. It is zeroed, which is
    /// optional for [`DIRTY_BUCKETS`](super::DIRTY_BUCKETS).
    fn allocate(&self, layout: Layout, ty: &Type) -> *mut u8;

    /// [`Heap::free`]. Called only if [`Host::OWNED`].
    ///
    /// # Safety
    /// `memory` came from [`Host::allocate`] with this layout.
    unsafe fn free(&self, memory: *mut u8, layout: Layout) {
        let _ = (memory, layout);
    }

    /// [`Heap::release`]: the whole pages within this range go back to the system, and read as
    /// zeroes from then on. Pages that are partly outside keep their contents. Called only if
    /// [`Host::PAGED`].
    ///
    /// # Safety
    /// The range is allocated memory whose contents are no longer used. It need not be aligned to
    /// pages.
    unsafe fn release(&self, memory: *mut u8, size: usize) {
        let _ = (memory, size);
    }

    /// [`Heap::populate`]: the pages of this range are about to be written. Called only if
    /// [`Host::PAGED`].
    ///
    /// # Safety
    /// The range is allocated memory that was not written to.
    unsafe fn populate(&self, memory: *mut u8, size: usize) {
        let _ = (memory, size);
    }

    /// [`Heap::roundupsize`]. By default 0, which means the size class of the table's era (which
    /// may have been changed since it was [`Host::ERA`]).
    fn roundupsize(&self, size: usize, pointer_free: bool) -> usize {
        let _ = (size, pointer_free);
        0
    }

    /// [`Heap::random`]. By default the stream of the system heap.
    fn random(&self) -> u64 {
        super::system::next_random()
    }

    /// [`Heap::throw`]. By default it prints and aborts, like the system heap.
    fn throw(&self, message: &str) -> ! {
        super::system::die(message)
    }

    /// [`Heap::panic`]. By default a Rust panic.
    fn panic(&self, message: &str) -> ! {
        panic!("{message}")
    }

    /// [`Barriers::typedmemmove`]. By default a plain copy.
    ///
    /// # Safety
    /// Both places have room for a `ty` and do not overlap.
    unsafe fn typedmemmove(&self, ty: &Type, dst: *mut u8, src: *const u8) {
        // SAFETY: both places have room for a `ty`, and do not overlap.
        unsafe { ptr::copy_nonoverlapping(src, dst, ty.size) }
    }

    /// [`Barriers::store_pointer`]. By default an atomic store.
    ///
    /// # Safety
    /// `slot` may be written; other threads read it atomically.
    unsafe fn store_pointer(&self, slot: *mut *mut u8, value: *mut u8) {
        // SAFETY: the slot may be written, and other threads read it atomically.
        unsafe { AtomicPtr::from_ptr(slot) }.store(value, Ordering::Release);
    }

    /// [`Barriers::memclr_has_pointers`]. By default a plain clear.
    ///
    /// # Safety
    /// `memory` has `size` bytes that may be written.
    unsafe fn memclr_has_pointers(&self, memory: *mut u8, size: usize) {
        // SAFETY: `memory` has `size` bytes that may be written.
        unsafe { ptr::write_bytes(memory, 0, size) }
    }

    /// [`Observer::read`].
    fn reads(&self, memory: *const u8, size: usize) {
        let _ = (memory, size);
    }

    /// [`Observer::write`].
    fn writes(&self, memory: *const u8, size: usize) {
        let _ = (memory, size);
    }
}

/// The table of a host, for [`MapType::new`](maptype::MapType::new): see [`Host`] for an example.
/// The host must outlive every map made with it.
pub const fn host_heap<H: Host>(host: &H) -> Heap {
    Heap {
        context: ptr::from_ref(host).cast_mut().cast::<c_void>(),
        allocate: Table::<H>::allocate,
        free: if H::OWNED {
            Some(Table::<H>::free)
        } else {
            None
        },
        release: if H::PAGED {
            Some(Table::<H>::release)
        } else {
            None
        },
        populate: if H::PAGED {
            Some(Table::<H>::populate)
        } else {
            None
        },
        roundupsize: Some(Table::<H>::roundupsize),
        random: Table::<H>::random,
        throw: Table::<H>::throw,
        panic: Table::<H>::panic,
        barriers: if H::BARRIERS {
            &raw const *Table::<H>::BARRIERS
        } else {
            ptr::null()
        },
        observer: if H::OBSERVES {
            &raw const *Table::<H>::OBSERVER
        } else {
            ptr::null()
        },
        era: H::ERA,
    }
}

/// The functions of a host's table. Each finds its host in the table's context.
struct Table<H>(H);

impl<H: Host> Table<H> {
    const BARRIERS: &'static Barriers = &Barriers {
        typedmemmove: Self::typedmemmove,
        store_pointer: Self::store_pointer,
        memclr_has_pointers: Self::memclr_has_pointers,
    };

    const OBSERVER: &'static Observer = &Observer {
        read: Self::read,
        write: Self::write,
    };

    /// # Safety
    /// `heap` was made by [`host_heap`] of an `H` that is alive.
    unsafe fn host<'a>(heap: *const Heap) -> &'a H {
        // SAFETY: the context of a table of `host_heap` is its host, an `H` that is alive.
        unsafe { &*(*heap).context.cast::<H>() }
    }

    /// # Safety
    /// That of [`Heap::allocate`].
    unsafe extern "C-unwind" fn allocate(
        heap: *const Heap,
        size: usize,
        align: usize,
        ty: *const Type,
    ) -> *mut u8 {
        let Ok(layout) = Layout::from_size_align(size, align) else {
            return ptr::null_mut();
        };
        // SAFETY: `heap` is this host's table; `ty` is alive during the call.
        unsafe { Self::host(heap).allocate(layout, &*ty) }
    }

    /// # Safety
    /// That of [`Heap::free`].
    unsafe extern "C" fn free(heap: *const Heap, memory: *mut u8, size: usize, align: usize) {
        // SAFETY: `heap` is this host's table, whose `allocate` accepted this layout for `memory`.
        unsafe {
            let layout = Layout::from_size_align_unchecked(size, align);
            Self::host(heap).free(memory, layout);
        }
    }

    /// # Safety
    /// That of [`Heap::release`].
    unsafe extern "C" fn release(heap: *const Heap, memory: *mut u8, size: usize) {
        // SAFETY: `heap` is this host's table; the contents of `memory` are not needed.
        unsafe { Self::host(heap).release(memory, size) }
    }

    /// # Safety
    /// That of [`Heap::populate`].
    unsafe extern "C" fn populate(heap: *const Heap, memory: *mut u8, size: usize) {
        // SAFETY: `heap` is this host's table; `memory` was not written to.
        unsafe { Self::host(heap).populate(memory, size) }
    }

    /// # Safety
    /// That of [`Heap::roundupsize`].
    unsafe extern "C" fn roundupsize(heap: *const Heap, size: usize, pointer_free: bool) -> usize {
        // SAFETY: `heap` is this host's table, and alive.
        unsafe {
            match Self::host(heap).roundupsize(size, pointer_free) {
                0 => super::size_classes::roundupsize((*heap).era, size, pointer_free),
                rounded => rounded,
            }
        }
    }

    /// # Safety
    /// That of [`Heap::random`].
    unsafe extern "C-unwind" fn random(heap: *const Heap) -> u64 {
        // SAFETY: `heap` is this host's table.
        unsafe { Self::host(heap).random() }
    }

    /// # Safety
    /// That of [`Heap::throw`].
    unsafe extern "C-unwind" fn throw(heap: *const Heap, message: *const u8, len: usize) {
        // SAFETY: `heap` is this host's table; messages are string literals.
        unsafe { Self::host(heap).throw(text(message, len)) }
    }

    /// # Safety
    /// That of [`Heap::panic`].
    unsafe extern "C-unwind" fn panic(heap: *const Heap, message: *const u8, len: usize) {
        // SAFETY: `heap` is this host's table; messages are string literals.
        unsafe { Self::host(heap).panic(text(message, len)) }
    }

    /// # Safety
    /// That of [`Barriers::typedmemmove`].
    unsafe extern "C-unwind" fn typedmemmove(
        heap: *const Heap,
        ty: *const Type,
        dst: *mut u8,
        src: *const u8,
    ) {
        // SAFETY: `heap` is this host's table; both places have room for a `ty`, and do not overlap.
        unsafe { Self::host(heap).typedmemmove(&*ty, dst, src) }
    }

    /// # Safety
    /// That of [`Barriers::store_pointer`].
    unsafe extern "C-unwind" fn store_pointer(
        heap: *const Heap,
        slot: *mut *mut u8,
        value: *mut u8,
    ) {
        // SAFETY: `heap` is this host's table; `slot` may be written.
        unsafe { Self::host(heap).store_pointer(slot, value) }
    }

    /// # Safety
    /// That of [`Barriers::memclr_has_pointers`].
    unsafe extern "C-unwind" fn memclr_has_pointers(
        heap: *const Heap,
        memory: *mut u8,
        size: usize,
    ) {
        // SAFETY: `heap` is this host's table; `memory` has `size` bytes that may be written.
        unsafe { Self::host(heap).memclr_has_pointers(memory, size) }
    }

    /// # Safety
    /// That of [`Observer::read`].
    unsafe extern "C-unwind" fn read(heap: *const Heap, memory: *const u8, size: usize) {
        // SAFETY: `heap` is this host's table.
        unsafe { Self::host(heap).reads(memory, size) }
    }

    /// # Safety
    /// That of [`Observer::write`].
    unsafe extern "C-unwind" fn write(heap: *const Heap, memory: *const u8, size: usize) {
        // SAFETY: `heap` is this host's table.
        unsafe { Self::host(heap).writes(memory, size) }
    }
}
