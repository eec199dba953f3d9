//! Lookups of many keys.

use core::convert::Infallible;
use core::ptr;

use super::pass::pass;
use super::{GROUP, LARGE_GROUP, key, outgrew_caches};
use crate::bucket::{Bucket, Cell, CellMask, Needle};
use crate::header::flags;
use crate::layout::Hmap;
use crate::raw::access::{Whole, mapaccess};
use crate::raw::find::{find_behind, find_in_bucket, find_in_chain, home_bucket};
use crate::raw::observe;
use crate::shape::Shape;

/// What is known of a key that is looked up.
#[derive(Clone, Copy)]
pub(crate) struct Lookup {
    /// The first bucket of its chain; null where the key is not in the map.
    home: Bucket,
    needle: Needle,
    /// The cells of that bucket with its tophash.
    cells: CellMask,
}

impl Default for Lookup {
    /// Of a key that is not in the map.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn default() -> Self {
        Lookup {
            home: Bucket::NULL,
            needle: Needle::of(0),
            cells: CellMask::NONE,
        }
    }
}

impl Lookup {
    /// Prefetches the row of a key with this hash.
    ///
    /// # Safety
    /// `s` *fits* `h`, which has buckets; *shared*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn begin<S: Shape>(s: S, h: *const Hmap, hash: usize) -> Lookup {
        // SAFETY: `s` fits `h`, which has buckets; *shared*.
        let home = unsafe { home_bucket(s, h, hash) };
        home.prefetch_row();
        Lookup {
            home,
            needle: Needle::of(hash),
            cells: CellMask::NONE,
        }
    }

    /// Reads the row, and prefetches what it leads to.
    ///
    /// # Safety
    /// `s` *fits* the map, which has not changed since [`Lookup::begin`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn look<S: Shape>(&mut self, s: S) {
        let home = self.home;
        // SAFETY: the map has not changed: `home` is a bucket that `s` fits.
        unsafe {
            self.cells = home.row().like(self.needle);
            if let Some(i) = self.cells.first() {
                home.prefetch_cell(s, i);
            } else if home.ends_chain() {
                self.home = Bucket::NULL;
            } else {
                home.prefetch_link(s);
            }
        }
    }

    /// Reads the slots that were prefetched, and prefetches what they point to.
    ///
    /// # Safety
    /// As [`Lookup::look`], which was called.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn look_twice<S: Shape>(&mut self, s: S) {
        if let Some(i) = self.cells.first() {
            // SAFETY: the map has not changed: the cell of an entry.
            unsafe { self.home.prefetch_stored(s, i) };
        }
    }

    /// The cell of the key, which `equal` accepts.
    ///
    /// # Safety
    /// As [`Lookup::look`], which was called; *shared*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn find<S: Shape>(
        self,
        s: S,
        h: *const Hmap,
        mut equal: impl FnMut(*const u8) -> bool,
    ) -> Option<Cell> {
        if self.home.is_null() {
            return None;
        }
        // SAFETY: the map has not changed: `home` is a bucket that `s` fits, and the cells hold
        // keys.
        unsafe {
            let cell = find_in_bucket(s, self.home, self.cells, &mut equal);
            cell.or_else(|| find_behind(s, h, self.home, self.needle, &mut equal))
        }
    }
}

/// Looks up the `n` keys at `keys`, and stores where their elems are, or nulls.
///
/// # Safety
/// `s` *fits* `h`, which may be null; there are as many *keys*, and there is room for as many
/// pointers; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn mapaccess_many<S: Shape>(
    s: S,
    h: *const Hmap,
    keys: *const u8,
    n: usize,
    elems: *mut *mut u8,
) {
    observe::reads_map(s, h);
    // SAFETY: `s` fits `h`; there are `n` keys, and room for `n` pointers; *shared*.
    unsafe {
        if h.is_null() || (*h).count == 0 {
            return access_none(s, h, keys, n, elems);
        }
        if !S::EXCLUSIVE {
            flags::check_not_writing(s.t(), h, "concurrent map read and map write");
        }
        if outgrew_caches(s, h) {
            access_far(s, h, keys, n, elems);
        } else {
            access_near(s, h, keys, n, elems);
        }
    }
}

/// [`mapaccess_many`] in a map without entries.
///
/// # Safety
/// As [`mapaccess_many`].
#[cold]
#[inline(never)]
unsafe fn access_none<S: Shape>(
    s: S,
    h: *const Hmap,
    keys: *const u8,
    n: usize,
    elems: *mut *mut u8,
) {
    for i in 0..n {
        // SAFETY: `i < n`: a key, and room for a pointer.
        unsafe {
            mapaccess::<Whole, _, _>(s, h, key(s, keys, i));
            *elems.add(i) = ptr::null_mut();
        }
    }
}

/// [`mapaccess_many`] in a map that fits in the caches: the hashes of many keys are computed before
/// the first is compared, so that a branch misprediction in one lookup does not delay the start of
/// the next.
///
/// # Safety
/// As [`mapaccess_many`]; the map has entries.
#[inline(never)]
unsafe fn access_near<S: Shape>(
    s: S,
    h: *const Hmap,
    keys: *const u8,
    n: usize,
    elems: *mut *mut u8,
) {
    const BLOCK: usize = 64;
    let mut block = [(Bucket::NULL, Needle::of(0)); BLOCK];
    for start in (0..n).step_by(BLOCK) {
        let block = &mut block[..BLOCK.min(n - start)];
        // SAFETY: `s` fits `h`; there are `n` keys, and room for `n` pointers; *shared*.
        unsafe {
            for (i, lookup) in (start..).zip(&mut *block) {
                let hash = s.hash(key(s, keys, i), (*h).hash0);
                *lookup = (home_bucket(s, h, hash), Needle::of(hash));
                lookup.0.prefetch_all(s);
            }
            for (i, &(home, needle)) in (start..).zip(&*block) {
                let equal = |slot: *const u8| s.equal(key(s, keys, i), slot);
                *elems.add(i) = elem_or_null(s, find_in_chain(s, h, home, needle, equal));
            }
        }
    }
}

/// [`mapaccess_many`] in a larger map.
///
/// # Safety
/// As [`mapaccess_many`]; the map has entries.
#[inline(never)]
unsafe fn access_far<S: Shape>(
    s: S,
    h: *const Hmap,
    keys: *const u8,
    n: usize,
    elems: *mut *mut u8,
) {
    // SAFETY: `s` fits `h`; there are `n` keys, and room for `n` pointers; *shared*.
    unsafe {
        let follows = s.follows_slots();
        let group = if follows { GROUP } else { LARGE_GROUP };
        let enter = |i: usize| {
            s.prefetch_key(key(s, keys, (i + group).min(n - 1)));
            Lookup::begin(s, h, s.hash(key(s, keys, i), (*h).hash0))
        };
        let look = |lookup: &mut Lookup| lookup.look(s);
        let look_twice = follows.then_some(|lookup: &mut Lookup| lookup.look_twice(s));
        let Ok(()) = pass(0..n, group, enter, look, look_twice, |i, lookup: Lookup| {
            let equal = |slot: *const u8| s.equal(key(s, keys, i), slot);
            *elems.add(i) = elem_or_null(s, lookup.find(s, h, equal));
            Ok::<(), Infallible>(())
        });
    }
}

/// # Safety
/// The cell is that of an entry of a map that `s` *fits*.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn elem_or_null<S: Shape>(s: S, cell: Option<Cell>) -> *mut u8 {
    match cell {
        // SAFETY: the cell of an entry of a map that `s` fits.
        Some(cell) => unsafe { cell.elem(s) },
        None => ptr::null_mut(),
    }
}
