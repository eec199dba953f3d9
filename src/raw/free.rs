//! The end of a map. Go has no such function: its collector does it.

use maptype::MapType;

use crate::heap::dispose::dispose_entries;
use crate::heap::generation::{self, Freed};
use crate::heap::{self, ALIGN};
use crate::layout::{Hmap, MapExtra};
use crate::shape::Erased;

/// Ends a map that [`makemap`](super::makemap) allocated: runs the glue of its entries and, in an owned heap, frees all
/// its memory. While iterators are alive this is put off until the last one ends; they go on as if nothing had happened.
/// In a traced heap nothing can be put off: its iterators are not to be used again.
///
/// # Safety
/// `t` is *valid*; `h` is null, or *of `t`* and was allocated by [`makemap`](super::makemap); *exclusive*. The map must
/// not be used again, but by its iterators.
pub unsafe fn mapfree(t: *const MapType, h: *mut Hmap) {
    // SAFETY: the caller's promise.
    unsafe { free(&*t, h, Freed::All) }
}

/// [`mapfree`] for a map that was made in the caller's own `Hmap`, which then holds no map.
///
/// # Safety
/// As [`mapfree`], but `h` is the caller's; while iterators are alive, it stays where it is and is not used.
pub unsafe fn mapfree_contents(t: *const MapType, h: *mut Hmap) {
    // SAFETY: the caller's promise.
    unsafe { free(&*t, h, Freed::Contents) }
}

unsafe fn free(t: &MapType, h: *mut Hmap, freed: Freed) {
    // SAFETY: the caller's promise.
    unsafe {
        if !h.is_null() && !generation::postpone_free(t, h, freed) {
            free_now(t, h, freed);
        }
    }
}

/// Ends a map that no iterator reads.
///
/// # Safety
/// As [`mapfree`].
pub(crate) unsafe fn free_now(t: &MapType, h: *mut Hmap, freed: Freed) {
    let memory = Memory { t, h, freed };
    // SAFETY: nobody will use the entries again (caller).
    unsafe {
        if heap::needs_disposal(t) {
            dispose_entries(Erased(t), h);
        }
    }
    drop(memory);
}

/// Frees the memory of a map whose entries have ended, but not the header itself.
///
/// # Safety
/// `h` is *of `t`*, and nobody will use it again.
pub(crate) unsafe fn free_memory(t: &MapType, h: *mut Hmap) {
    drop(Memory {
        t,
        h,
        freed: Freed::Contents,
    });
}

/// The memory of a map, freed when its entries have been disposed of, also when their glue unwinds.
struct Memory<'t> {
    t: &'t MapType,
    h: *mut Hmap,
    freed: Freed,
}

impl Drop for Memory<'_> {
    fn drop(&mut self) {
        let Memory { t, h, freed } = *self;
        // SAFETY: nobody will use the map again (`free_now`).
        unsafe {
            if heap::owned(t) {
                let extra = (*h).extra;
                if !extra.is_null() {
                    heap::free(t, extra.cast(), size_of::<MapExtra>(), ALIGN);
                }
                generation::free_all(t, h);
            }
            h.write(Hmap::zeroed());
            if freed == Freed::All {
                heap::free(t, h.cast(), size_of::<Hmap>(), ALIGN);
            }
        }
    }
}
