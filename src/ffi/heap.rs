//! The system heap.

use core::ptr;

use maptype::{Era, Heap};

use crate::heap::{Pages, keep_freed, system_heap};

/// Sets how many bytes of freed bucket arrays the system heap may keep for later arrays, and gives
/// back what exceeds them: everything where `bytes` is 0. The default is two megabytes, in at most
/// sixteen pieces of 16 KiB to 1 MiB, and none where valgrind or a sanitizer watches the process.
/// Everything is given back when the library is unloaded.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_keep_freed(bytes: usize) {
    keep_freed(bytes);
}

/// Seeds the random numbers of the system heap, for runs that must repeat: the seeds of its maps,
/// and where iterations begin, follow from `seed` from now on, in this thread and in those that
/// draw their first number later. (`gomap_set_process_key` decides the rest of the default hash.)
#[unsafe(no_mangle)]
pub extern "C" fn gomap_seed(seed: u64) {
    crate::heap::seed(seed);
}

/// The system heap of each era.
const fn system_heaps(pages: Pages) -> [Heap; 3] {
    [
        system_heap(Era::Go112, pages),
        system_heap(Era::Go119, pages),
        system_heap(Era::Go123, pages),
    ]
}

static SYSTEM_HEAPS: [Heap; 3] = system_heaps(Pages::Huge);
static SYSTEM_HEAPS_WITH_SMALL_PAGES: [Heap; 3] = system_heaps(Pages::Small);

/// The system heap (`malloc`, randomness of the operating system, `abort`) in one of the eras; NULL
/// if there is no such era. Copy it to replace some of its functions: with `allocate`, replace
/// `free`, `release` and `populate` too.
///
/// For bucket arrays of four megabytes and more it asks the system for huge pages.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_system_heap(era: u8) -> *const Heap {
    of_era(&SYSTEM_HEAPS, era)
}

/// `gomap_system_heap` without huge pages.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_system_heap_with_small_pages(era: u8) -> *const Heap {
    of_era(&SYSTEM_HEAPS_WITH_SMALL_PAGES, era)
}

fn of_era(heaps: &'static [Heap; 3], era: u8) -> *const Heap {
    heaps.get(era as usize).map_or(ptr::null(), |heap| heap)
}
