//! Memory from the system: small pieces from the global allocator, large ones by the page, which can be given back in
//! part.

use alloc::alloc::{alloc, alloc_zeroed, dealloc};
use core::alloc::Layout;
use core::hint::black_box;

use maptype::Heap;

use super::checkers;
use super::recycled::{Kept, MOST, Piece};

#[cfg(all(feature = "std", unix, not(miri)))]
mod mapped;

#[cfg(all(feature = "std", unix, not(miri)))]
use mapped as large;
#[cfg(not(all(feature = "std", unix, not(miri))))]
use unmapped as large;

pub(super) use large::{POPULATE, RELEASE, ask_for_huge};

/// What the heap lets the map do with a part of an allocation.
type PageHook = unsafe extern "C" fn(*const Heap, *mut u8, usize);

/// Pieces up to this size are zeroed here: glibc keeps them at hand once they are freed, but its `calloc` does not look
/// there before release 2.41.
const AT_HAND: usize = 1024;

static KEPT: Kept = Kept::new();

/// In builds with debug assertions nothing is kept, so that whatever looks for uses of freed memory finds them.
const KEEPS: bool = cfg!(any(test, not(any(debug_assertions, miri))));

/// Memory, or null. If it is not `zeroed`, it may hold anything.
///
/// # Safety
/// `size` is not zero, and at most `isize::MAX - align`; `align` is a power of two.
pub(super) unsafe fn allocate(size: usize, align: usize, zeroed: bool) -> *mut u8 {
    // SAFETY: the size is not zero, and makes a layout with the alignment (caller).
    unsafe {
        if large::takes(size, align) {
            return large::allocate(size);
        }
        if KEEPS && let Some(memory) = KEPT.take(size, align) {
            if zeroed {
                memory.write_bytes(0, size);
            }
            return memory;
        }
        let layout = Layout::from_size_align_unchecked(size, align);
        if !zeroed {
            alloc(layout)
        } else if size <= AT_HAND {
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
    // SAFETY: the layout is not of size zero (caller); what was allocated may be written.
    unsafe {
        // Else the compiler would make a call of `calloc` of the two.
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
        // SAFETY: `allocate` mapped it, with this size.
        unsafe { large::free(memory, size) };
    } else if KEEPS {
        KEPT.keep(piece, most_kept, give_back);
    } else {
        give_back(piece);
    }
}

/// Gives a piece back to the allocator: one that [`free`] was given, which nobody uses.
fn give_back(piece: Piece) {
    // SAFETY: the memory came from the allocator with this layout, and belongs to the piece, which
    // ends here.
    unsafe {
        let layout = Layout::from_size_align_unchecked(piece.size, piece.align);
        dealloc(piece.memory, layout);
    }
}

/// A checker that looks for uses of freed memory must see all memory freed.
#[cold]
fn most_kept() -> usize {
    if checkers::watch() { 0 } else { MOST }
}

/// Sets how many bytes of freed bucket arrays the system heap keeps at most for the arrays to come,
/// and gives back what is more: all of it where `bytes` is 0. They are two megabytes unless the
/// program says otherwise, in sixteen pieces of 16 KiB to 1 MiB at most: smaller ones the allocator
/// keeps, larger ones the system gets back at once. Nothing is kept in builds with debug
/// assertions, and where a memory checker is found in the process (on Linux with feature `std`:
/// valgrind, and the sanitizers as far as the dynamic linker knows them).
///
/// ```
/// gomap::heap::keep_freed(0);
/// ```
pub fn keep_freed(bytes: usize) {
    KEPT.limit(bytes, give_back);
}

/// Who unloads the library gets back all that it took.
#[cfg(all(feature = "ffi", unix, not(target_vendor = "apple")))]
#[used]
#[unsafe(link_section = ".fini_array")]
static AT_UNLOADING: extern "C" fn() = {
    extern "C" fn keep_nothing() {
        keep_freed(0);
    }
    keep_nothing
};

/// Where memory cannot be had by the page.
#[cfg(not(all(feature = "std", unix, not(miri))))]
mod unmapped {
    use core::ptr;

    use super::PageHook;

    pub(in crate::heap) const RELEASE: Option<PageHook> = None;
    pub(in crate::heap) const POPULATE: Option<PageHook> = None;

    pub(super) fn takes(_: usize, _: usize) -> bool {
        false
    }

    pub(super) unsafe fn allocate(_: usize) -> *mut u8 {
        ptr::null_mut()
    }

    pub(super) unsafe fn free(_: *mut u8, _: usize) {}

    pub(in crate::heap) unsafe fn ask_for_huge(_: *mut u8, _: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Memory that was in use before and is given out again holds zeroes, as fresh memory does. (It may be fresh where another
    /// test is at the kept pieces, but not always.)
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
