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
    // SAFETY: `t` is valid; `h` is null or a map that `makemap` allocated; *exclusive*.
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
    // SAFETY: `t` is valid; `h` is null or a map in the caller's header; *exclusive*.
    unsafe { free(&*t, h, Freed::Contents) }
}

/// Disposes of a map's entries, and frees this much of its memory.
///
/// # Safety
/// As [`mapfree`] or [`mapfree_contents`].
pub(crate) unsafe fn free(t: &MapType, h: *mut Hmap, freed: Freed) {
    if h.is_null() {
        return;
    }
    // SAFETY: the map is not used again; its entries are disposed of once.
    unsafe {
        if flags::load(h) & EMPTYING != 0 {
            heap::throw(t, "map freed by the glue of its own entries");
        }
        let mut taken = Taken::take(t, h, freed);
        if heap::needs_disposal(t) {
            taken.announce();
            dispose_entries(Erased(t), &raw mut taken.contents);
        }
    }
}

/// Frees the memory of a map whose entries have been disposed of, but not the header itself.
///
/// # Safety
/// `h` is *of `t`*, and not used again.
pub(crate) unsafe fn free_memory(t: &MapType, h: *mut Hmap) {
    // SAFETY: the map is not used again.
    drop(unsafe { Taken::take(t, h, Freed::Contents) });
}

/// What was taken out of a map to be freed: dropping this frees its memory, also when glue unwinds.
struct Taken<'t> {
    t: &'t MapType,
    contents: Hmap,
    h: *mut Hmap,
    freed: Freed,
}

impl<'t> Taken<'t> {
    /// # Safety
    /// `h` is *of `t`*; its entries are not used again but to dispose of them.
    unsafe fn take(t: &'t MapType, h: *mut Hmap, freed: Freed) -> Self {
        let emptying = Hmap {
            flags: hashWriting,
            ..Hmap::zeroed()
        };
        Taken {
            t,
            // SAFETY: `h` points to a map.
            contents: unsafe { h.replace(emptying) },
            h,
            freed,
        }
    }

    /// Stores in the header where the entries are, for the iterators that glue may end.
    ///
    /// # Safety
    /// This value is not moved from now on.
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

    /// Frees the header, unless iterators will still read it.
    ///
    /// # Safety
    /// `readers` is the number of counts of iterators that know the header.
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

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let t = self.t;
        // SAFETY: the map is not used again (`take`).
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
