//! Memory from the system: small pieces from the global allocator, large ones mapped by the page, so
//! that parts of them can be released.

use alloc::alloc::{alloc, alloc_zeroed, dealloc};
use core::alloc::Layout;
use core::hint::black_box;

use maptype::Heap;

use super::checkers;
use super::recycled::{MOST, Piece, Recycled};

#[cfg(all(feature = "std", unix, not(miri)))]
mod mapped;

#[cfg(all(feature = "std", unix, not(miri)))]
use mapped as large;
#[cfg(not(all(feature = "std", unix, not(miri))))]
use unmapped as large;

pub(super) use large::{POPULATE, RELEASE, ask_for_huge};

/// A hook for a part of an allocation: [`Heap::release`] or [`Heap::populate`].
type PageHook = unsafe extern "C" fn(*const Heap, *mut u8, usize);

/// Pieces up to this size are zeroed here: glibc caches them per thread when they are freed, but its
/// `calloc` does not use that cache before release 2.41.
const CACHED: usize = 1024;

static RECYCLED: Recycled = Recycled::new();

/// In builds with debug assertions nothing is kept, so that checkers find uses of freed memory.
const KEEPS: bool = cfg!(any(test, not(any(debug_assertions, miri))));

/// Memory, or null. If it is not `zeroed`, it may hold anything.
///
/// # Safety
/// `size` is not zero, and at most `isize::MAX - align`; `align` is a power of two.
pub(super) unsafe fn allocate(size: usize, align: usize, zeroed: bool) -> *mut u8 {
    debug_assert!(size != 0 && align.is_power_of_two());
    // SAFETY: `size` is not zero, and makes a layout with `align`; a piece has `size` bytes.
    unsafe {
        if large::takes(size, align) {
            return large::allocate(size);
        }
        if KEEPS && let Some(memory) = RECYCLED.take(size, align) {
            if zeroed {
                memory.write_bytes(0, size);
            }
            return memory;
        }
        let layout = Layout::from_size_align_unchecked(size, align);
        if !zeroed {
            alloc(layout)
        } else if size <= CACHED {
            zeroed_here(layout)
        } else {
            alloc_zeroed(layout)
        }
    }
}

/// Zeroed memory, or null.
///
/// # Safety
/// The layout is not of size zero.
unsafe fn zeroed_here(layout: Layout) -> *mut u8 {
    // SAFETY: the layout is not of size zero; allocated memory may be written.
    unsafe {
        // Without `black_box` the compiler would make one call of `calloc` of the two.
        let memory = black_box(alloc(layout));
        if !memory.is_null() {
            memory.write_bytes(0, layout.size());
        }
        memory
    }
}

/// # Safety
/// `memory` came from [`allocate`] with this size and alignment, and is not used again.
pub(super) unsafe fn free(memory: *mut u8, size: usize, align: usize) {
    let piece = Piece {
        memory,
        size,
        align,
    };
    if large::takes(size, align) {
        // SAFETY: `allocate` mapped `memory` with this size; it is not used again.
        unsafe { large::free(memory, size) };
    } else if KEEPS {
        RECYCLED.keep(piece, most_kept, give_back);
    } else {
        give_back(piece);
    }
}

/// Returns a piece that [`free`] took to the allocator.
fn give_back(piece: Piece) {
    // SAFETY: the allocator gave `memory` with this layout; the piece owned it.
    unsafe {
        let layout = Layout::from_size_align_unchecked(piece.size, piece.align);
        dealloc(piece.memory, layout);
    }
}

/// Nothing is kept under a memory checker, which must see every call of `free`.
#[cold]
fn most_kept() -> usize {
    if checkers::watch() { 0 } else { MOST }
}

/// Sets how many bytes of freed bucket arrays the system heap keeps at most for reuse, and frees any
/// excess: all of it if `bytes` is 0. The default is two megabytes, in at most sixteen pieces of
/// 16 KiB to 1 MiB: allocators cache smaller ones, and larger ones return to the system
/// immediately. Nothing is kept in builds with debug assertions, or where a memory checker is found
/// in the process (on Linux with feature `std`: valgrind, and the sanitizers whose symbols the
/// dynamic linker knows).
///
/// ```
/// gomap::heap::keep_freed(0);
/// ```
pub fn keep_freed(bytes: usize) {
    RECYCLED.limit(bytes, give_back);
}

/// Frees all kept memory when the library is unloaded.
#[cfg(all(feature = "ffi", unix, not(target_vendor = "apple")))]
#[used]
#[unsafe(link_section = ".fini_array")]
static AT_UNLOADING: extern "C" fn() = {
    extern "C" fn keep_nothing() {
        keep_freed(0);
    }
    keep_nothing
};

/// For systems without memory by the page: no request is taken, so that the rest is not called.
#[cfg(not(all(feature = "std", unix, not(miri))))]
mod unmapped {
    use core::ptr;

    use super::PageHook;

    pub(in crate::heap) const RELEASE: Option<PageHook> = None;
    pub(in crate::heap) const POPULATE: Option<PageHook> = None;

    pub(super) fn takes(_: usize, _: usize) -> bool {
        false
    }

    /// # Safety
    /// None.
    pub(super) unsafe fn allocate(_: usize) -> *mut u8 {
        ptr::null_mut()
    }

    /// # Safety
    /// None.
    pub(super) unsafe fn free(_: *mut u8, _: usize) {}

    /// # Safety
    /// None.
    pub(in crate::heap) unsafe fn ask_for_huge(_: *mut u8, _: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recycled memory holds zeroes, as fresh memory does. (It may be fresh if another test has the
    /// lock of the recycled pieces, but not always.)
    #[test]
    fn kept_memory_is_zeroed_again() {
        const SIZE: usize = 50_000;
        let given_out_again = || {
            // SAFETY: each piece is freed once, with the size and the alignment that it was allocated with.
            unsafe {
                let used = allocate(SIZE, 16, false);
                used.write_bytes(0xff, SIZE);
                free(used, SIZE, 16);
                let again = allocate(SIZE, 16, true);
                assert!((0..SIZE).all(|i| *again.add(i) == 0));
                free(again, SIZE, 16);
                again == used
            }
        };
        assert!((0..100).any(|_| given_out_again()));
    }
}
