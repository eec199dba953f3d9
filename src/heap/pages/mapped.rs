//! Memory mapped from the operating system.

use core::ptr;

use super::PageHook;

#[cfg(not(target_os = "linux"))]
use elsewhere::{populate, release};
#[cfg(target_os = "linux")]
use linux::{populate, release};

/// The smallest piece that is mapped. Smaller ones are reused often, and cost less cached by the
/// allocator than faulted in again.
const LEAST: usize = 1 << 20;
/// The smallest page of any system: every mapping is aligned to it.
const SMALLEST_PAGE: usize = 4096;
/// The size of a huge page where pages have 4 KiB. Where they are larger, so are huge pages, and
/// mappings smaller than those get none.
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
    // SAFETY: a new anonymous mapping, at an address that the system chooses.
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
    // SAFETY: `memory` is a whole mapping of `size` bytes, which is not used again.
    unsafe { libc::munmap(memory.cast(), size) };
}

/// # Safety
/// `memory` is null, or came from [`allocate`](super::allocate) with this size.
pub(in crate::heap) unsafe fn ask_for_huge(memory: *mut u8, size: usize) {
    #[cfg(target_os = "linux")]
    if !memory.is_null() && size >= 2 * HUGE {
        // SAFETY: `memory` is a live mapping of `size` bytes.
        unsafe { libc::madvise(memory.cast(), size, libc::MADV_HUGEPAGE) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (memory, size, HUGE);
}

/// Other systems do not promise that released pages read as zeroes: there parts are kept.
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use maptype::Heap;

    /// # Safety
    /// None.
    pub(super) unsafe extern "C" fn release(_: *const Heap, _: *mut u8, _: usize) {}

    /// # Safety
    /// None.
    pub(super) unsafe extern "C" fn populate(_: *const Heap, _: *mut u8, _: usize) {}
}

/// Advice about pages of 4, 16 or 64 KiB. Linux refuses a start within a page, and rounds an end
/// within a page up to the end of the page.
#[cfg(target_os = "linux")]
mod linux {
    use core::ops::Range;
    use core::sync::atomic::{AtomicUsize, Ordering};

    use maptype::Heap;

    use crate::heap::LARGE_PAGE;

    /// Released pages lose their contents, so the assumed page must not be too small: an emulator
    /// may report the page size of the machine that it emulates, and pass advice on to a system
    /// with larger pages.
    ///
    /// # Safety
    /// That of [`Heap::release`].
    pub(super) unsafe extern "C" fn release(_: *const Heap, memory: *mut u8, size: usize) {
        let pages = whole_pages(memory, size, page_size().max(LARGE_PAGE));
        // SAFETY: whole pages within the memory, whose contents are not needed (`Heap::release`).
        unsafe { advise(memory, pages, libc::MADV_DONTNEED) };
    }

    /// Linux before 5.14 does not know this advice; there each page is mapped at its first touch.
    ///
    /// # Safety
    /// That of [`Heap::populate`].
    pub(super) unsafe extern "C" fn populate(_: *const Heap, memory: *mut u8, size: usize) {
        let pages = whole_pages(memory, size, page_size());
        if !last_is_resident(memory, &pages) {
            // SAFETY: whole pages within the memory; they keep their contents.
            unsafe { advise(memory, pages, libc::MADV_POPULATE_WRITE) };
        }
    }

    /// The size of the system's pages.
    fn page_size() -> usize {
        static SIZE: AtomicUsize = AtomicUsize::new(0);
        let known = SIZE.load(Ordering::Relaxed);
        if known != 0 {
            return known;
        }
        // SAFETY: `sysconf` has no preconditions.
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

    /// Whether the last whole page is resident (mincore). If it is, the block was used before and
    /// all pages usually are.
    fn last_is_resident(memory: *mut u8, pages: &Range<usize>) -> bool {
        if pages.is_empty() {
            return true;
        }
        let last = memory.with_addr(pages.end - page_size());
        let mut resident = 0_u8;
        // SAFETY: one byte of a mapping is one page, for which one byte of `resident` is written.
        let answered = unsafe { libc::mincore(last.cast(), 1, &raw mut resident) } == 0;
        answered && resident & 1 != 0
    }

    /// Gives advice about pages of the mapping that `memory` is in.
    ///
    /// # Safety
    /// `pages` are within a live mapping; if they are to be released, their contents are not needed.
    unsafe fn advise(memory: *mut u8, pages: Range<usize>, advice: libc::c_int) {
        if !pages.is_empty() {
            let start = memory.with_addr(pages.start);
            // SAFETY: `pages` are within a live mapping; the contents of released ones are not needed.
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
