//! Memory from the system: small pieces from the global allocator, large ones by the page, which can be given back in
//! part.

use alloc::alloc::{alloc, alloc_zeroed, dealloc};
use core::alloc::Layout;
use core::hint::black_box;

use maptype::Heap;

use super::checkers;
use super::kept::{Kept, MOST, Piece};

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
    // SAFETY: the caller's promise.
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
    // SAFETY: the caller's promise; what was allocated may be written.
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
    // SAFETY: the memory came from the allocator with this layout, and belongs to the piece, which ends here.
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

/// Sets how many bytes of freed bucket arrays the system heap keeps at most for the arrays to come, and gives back what is
/// more: all of it where `bytes` is 0. They are two megabytes unless the program says otherwise. Nothing is kept in builds with
/// debug assertions, and where a memory checker is found in the process (on Linux with feature `std`: valgrind, and
/// the sanitizers as far as the dynamic linker knows them).
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

/// Memory mapped from the operating system.
#[cfg(all(feature = "std", unix, not(miri)))]
mod mapped {
    use core::ptr;

    use super::PageHook;

    /// The smallest piece that is mapped. Below it, memory that a program frees and asks for again is better kept by
    /// the allocator than faulted in anew.
    const LEAST: usize = 1 << 20;
    /// The smallest page of any system: what every mapping is aligned to.
    const SMALLEST_PAGE: usize = 4096;
    /// The size of a huge page where pages are of 4 KiB. Where they are larger, so are huge ones, and mappings of less do
    /// without.
    const HUGE: usize = 2 << 20;

    /// The heap's hooks.
    pub(in crate::heap) const RELEASE: Option<PageHook> = Some(release);
    pub(in crate::heap) const POPULATE: Option<PageHook> = Some(populate);

    pub(super) fn takes(size: usize, align: usize) -> bool {
        size >= LEAST && align <= SMALLEST_PAGE
    }

    /// # Safety
    /// `size` is not zero.
    pub(super) unsafe fn allocate(size: usize) -> *mut u8 {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: a new mapping, wherever the system likes.
        let memory = unsafe { libc::mmap(ptr::null_mut(), size, protection, flags, -1, 0) };
        if memory == libc::MAP_FAILED {
            ptr::null_mut()
        } else {
            memory.cast()
        }
    }

    /// # Safety
    /// `memory` is a mapping of this size that is not used again.
    pub(super) unsafe fn free(memory: *mut u8, size: usize) {
        // SAFETY: `memory` is a whole mapping, which nobody uses.
        unsafe { libc::munmap(memory.cast(), size) };
    }

    /// # Safety
    /// `memory` is null, or came from [`allocate`](super::allocate) with this size.
    pub(in crate::heap) unsafe fn ask_for_huge(memory: *mut u8, size: usize) {
        #[cfg(target_os = "linux")]
        if !memory.is_null() && size >= 2 * HUGE {
            // SAFETY: advice about a live mapping.
            unsafe { libc::madvise(memory.cast(), size, libc::MADV_HUGEPAGE) };
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (memory, size, HUGE);
    }

    #[cfg(not(target_os = "linux"))]
    use elsewhere::{populate, release};
    #[cfg(target_os = "linux")]
    use linux::{populate, release};

    /// Systems that promise less than pages of zeroes: what is given back in part is kept.
    #[cfg(not(target_os = "linux"))]
    mod elsewhere {
        use maptype::Heap;

        pub(super) unsafe extern "C" fn release(_: *const Heap, _: *mut u8, _: usize) {}

        pub(super) unsafe extern "C" fn populate(_: *const Heap, _: *mut u8, _: usize) {}
    }

    /// Advice about pages, which are of 4, 16 or 64 KiB. Linux refuses a start within a page, and takes an end within a page
    /// for the end of that page.
    #[cfg(target_os = "linux")]
    mod linux {
        use core::ops::Range;
        use core::sync::atomic::{AtomicUsize, Ordering};

        use maptype::Heap;

        use crate::heap::LARGE_PAGE;

        /// Pages given back are lost, so whoever errs must err towards larger pages: an emulator may report those of the
        /// machine that it emulates, and pass advice on to a system with larger ones.
        pub(super) unsafe extern "C" fn release(_: *const Heap, memory: *mut u8, size: usize) {
            let pages = whole_pages(memory, size, page_size().max(LARGE_PAGE));
            advise(memory, pages, libc::MADV_DONTNEED);
        }

        /// Linux before 5.14 does not know this advice; each page then comes when it is first touched.
        pub(super) unsafe extern "C" fn populate(_: *const Heap, memory: *mut u8, size: usize) {
            let pages = whole_pages(memory, size, page_size());
            if !last_is_there(memory, &pages) {
                advise(memory, pages, libc::MADV_POPULATE_WRITE);
            }
        }

        /// The size of the system's pages.
        fn page_size() -> usize {
            static SIZE: AtomicUsize = AtomicUsize::new(0);
            let known = SIZE.load(Ordering::Relaxed);
            if known != 0 {
                return known;
            }
            // SAFETY: a question.
            let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
            SIZE.store(size, Ordering::Relaxed);
            size
        }

        /// The addresses of the pages wholly within a piece of memory.
        pub(super) fn whole_pages(memory: *mut u8, size: usize, page: usize) -> Range<usize> {
            let start = memory.addr().next_multiple_of(page);
            let end = (memory.addr() + size) / page * page;
            start..end
        }

        /// Whether the last of some pages is there. Then all are, as a rule: the allocator had the piece in use before.
        fn last_is_there(memory: *mut u8, pages: &Range<usize>) -> bool {
            if pages.is_empty() {
                return true;
            }
            let last = memory.with_addr(pages.end - page_size());
            let mut there = 0_u8;
            // SAFETY: asks about one byte, so about one page, for which one byte is written.
            let answered = unsafe { libc::mincore(last.cast(), 1, &raw mut there) } == 0;
            answered && there & 1 != 0
        }

        /// Gives advice about pages of the mapping that `memory` is in.
        fn advise(memory: *mut u8, pages: Range<usize>, advice: libc::c_int) {
            if !pages.is_empty() {
                let start = memory.with_addr(pages.start);
                // SAFETY: pages of a live mapping; those to be given back are read by nobody (the hooks' contract).
                unsafe { libc::madvise(start.cast(), pages.len(), advice) };
            }
        }

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn only_whole_pages_are_touched_whatever_their_size() {
                let at = core::ptr::without_provenance_mut::<u8>;
                for page in [4096, 16 << 10, 64 << 10] {
                    let pages = |start, size| whole_pages(at(start), size, page);
                    assert_eq!(pages(page, 3 * page), page..4 * page);
                    assert_eq!(pages(page + 64, 3 * page), 2 * page..4 * page);
                    assert_eq!(pages(page, 3 * page - 1), page..3 * page);
                    assert!(pages(page + 64, page).is_empty());
                    assert!(pages(page + 64, page - 64 - 1).is_empty());
                }
            }
        }
    }
}

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
