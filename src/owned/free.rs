//! The end of a map. Go has no such function: its collector does it.

use maptype::MapType;

use super::dispose::dispose_entries;
use super::{counts, free_all};
use crate::header::flags::{self, EMPTYING};
use crate::heap::{self, ALIGN};
use crate::layout::{Hmap, MapExtra, hashWriting};
use crate::shape::Erased;

/// What of a map is freed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freed {
    /// All but the `hmap` itself, which the caller owns.
    Contents,
    /// The `hmap` too.
    All,
}

/// Frees a map that [`makemap`](crate::raw::makemap) allocated: runs the drop glue of its entries
/// and, in an owned heap, frees all its memory. While the glue runs the map is empty, and must not
/// be written to.
///
/// A running iteration in an owned heap ends with its next step. Until then, or until
/// [`mapiterdone`](crate::raw::mapiterdone), the map's header stays. In a traced heap, iterations
/// must not be continued.
///
/// ```
/// # use gomap::{heap::SYSTEM, layout::Hiter, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// # let key = 7i64;
/// # mapassign(&t, h, (&raw const key).cast());
/// let mut it = Hiter::zeroed();
/// mapiterinit(&t, h, &raw mut it);
/// mapfree(&t, h);
/// mapiternext(&raw mut it);
/// assert!(it.key.is_null());
/// # }
/// ```
///
/// # Safety
/// `t` is *valid*; `h` is null, or *of `t`* and was allocated by [`makemap`](crate::raw::makemap);
/// *exclusive*. The map is not used again, except by its iterators.
pub unsafe fn mapfree(t: *const MapType, h: *mut Hmap) {
    // SAFETY: a valid descriptor, and null or a map that nobody uses (caller).
    unsafe { free(&*t, h, Freed::All) }
}

/// [`mapfree`] for a map that was made in the caller's own `Hmap`, which then holds no map.
///
/// ```
/// # use gomap::{heap::SYSTEM, layout::Hmap, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// let mut map = Hmap::zeroed();
/// let h = makemap(&t, 100, &raw mut map);
/// mapfree_contents(&t, h);
/// assert!(map.buckets.is_null());
/// # }
/// ```
///
/// # Safety
/// As [`mapfree`], but `h` is the caller's; while iterations are running, it is neither moved nor
/// used.
pub unsafe fn mapfree_contents(t: *const MapType, h: *mut Hmap) {
    // SAFETY: as `mapfree` asks, of a header that is the caller's.
    unsafe { free(&*t, h, Freed::Contents) }
}

/// Ends a map, and frees so much of it.
///
/// # Safety
/// As [`mapfree`] or [`mapfree_contents`].
pub(crate) unsafe fn free(t: &MapType, h: *mut Hmap, freed: Freed) {
    if h.is_null() {
        return;
    }
    // SAFETY: a map that nobody will use again (caller); its entries are disposed of once.
    unsafe {
        if flags::load(h) & EMPTYING != 0 {
            heap::throw(t, "map freed by the glue of its own entries");
        }
        let mut memory = Memory::take(t, h, freed);
        if heap::needs_disposal(t) {
            memory.announce();
            dispose_entries(Erased(t), &raw mut memory.contents);
        }
    }
}

/// Frees the memory of a map whose entries have ended, but not the header itself.
///
/// # Safety
/// `h` is *of `t`*, and nobody will use it again.
pub(crate) unsafe fn free_memory(t: &MapType, h: *mut Hmap) {
    // SAFETY: a map that nobody will use again (caller).
    drop(unsafe { Memory::take(t, h, Freed::Contents) });
}

/// The memory of a map, freed when its entries have been disposed of, also when their glue unwinds.
struct Memory<'t> {
    t: &'t MapType,
    contents: Hmap,
    h: *mut Hmap,
    freed: Freed,
}

impl<'t> Memory<'t> {
    /// # Safety
    /// `h` is *of `t`*, and nobody will use its entries again but to dispose of them.
    unsafe fn take(t: &'t MapType, h: *mut Hmap, freed: Freed) -> Self {
        let emptying = Hmap {
            flags: hashWriting,
            ..Hmap::zeroed()
        };
        Memory {
            t,
            // SAFETY: a header (caller).
            contents: unsafe { h.replace(emptying) },
            h,
            freed,
        }
    }

    /// Says where the entries are, for the iterators that glue may end. The value stays where it is
    /// from now on.
    unsafe fn announce(&mut self) {
        let contents = &raw mut self.contents;
        // SAFETY: the header was this map's (`take`).
        unsafe {
            if !(*contents).buckets.is_null() {
                (*self.h).flags |= EMPTYING;
                (*self.h).nevacuate = contents.expose_provenance();
            }
        }
    }

    /// Frees the header, unless iterators will still look at it.
    unsafe fn free_header(&mut self, readers: usize) {
        let left = Hmap {
            nevacuate: readers,
            ..Hmap::zeroed()
        };
        // SAFETY: the header was this map's (`take`).
        unsafe {
            match self.freed {
                Freed::Contents => self.h.write(Hmap::zeroed()),
                Freed::All if readers == 0 => {
                    heap::free(self.t, self.h.cast(), size_of::<Hmap>(), ALIGN);
                }
                Freed::All => self.h.write(left),
            }
        }
    }
}

impl Drop for Memory<'_> {
    fn drop(&mut self) {
        let t = self.t;
        // SAFETY: nobody will use the map again (`take`).
        unsafe {
            let readers = counts(t, &raw const self.contents);
            if heap::is_owned(t) {
                let extra = self.contents.extra;
                if !extra.is_null() {
                    heap::free(t, extra.cast(), size_of::<MapExtra>(), ALIGN);
                }
                free_all(t, &raw mut self.contents);
            }
            self.free_header(readers);
        }
    }
}
