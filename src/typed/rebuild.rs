//! Changing the capacity at once, which Go's map cannot do.

use core::hash::{BuildHasher, Hash};
use core::ptr;

use maptype::{AllocError, MapType};

use super::{Map, Memory, TryReserveError};
use crate::header::growing;
use crate::header::sizes::{
    self, PREALLOCATING_B, array_len, has_room_for_overflow, hint_to_B, overflow_bound,
};
use crate::heap;
use crate::layout::Hmap;
use crate::owned::{self, LiveCells, free_memory};
use crate::raw::evacuate::Hashes;
use crate::raw::grow::{begin_growth, finish_growth};
use crate::raw::insert::adopt;
use crate::raw::make::{make_first_bucket, try_makemap};
use crate::raw::overflow::reserve_overflow;
use crate::shape::{Exclusive, Shape};

impl<K, V, S, A: Memory> Map<K, V, S, A> {
    /// Gives an empty map without memory room for this many entries; after an error it is not to be
    /// used. With `ahead`, all is reserved that these entries can come to ask for.
    pub(super) fn try_allocate(
        &mut self,
        capacity: usize,
        ahead: Ahead,
    ) -> Result<(), TryReserveError> {
        let h = self.table.h_mut();
        // SAFETY: a table of `K` and `V`, borrowed mutably, whose header has no buckets yet.
        unsafe {
            let s = self.table.unhashed::<K, V>();
            make_room(s.t(), h, capacity)?;
            ahead.reserve(s.t(), h, capacity)
        }
    }
}

/// Whether room for overflow buckets is reserved ahead.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ahead {
    /// In all maps.
    Always,
    /// Where that costs nothing. In an array of few buckets, which has none allocated with it, most
    /// entries never need one, and to reserve them takes a quarter of the time of filling it.
    WhereCheap,
}

impl Ahead {
    /// Reserves the overflow buckets that `additional` entries come to need.
    ///
    /// # Safety
    /// `h` is the header of a typed map of `t` that has buckets, if `additional` is not 0;
    /// *exclusive*.
    unsafe fn reserve(
        self,
        t: &MapType,
        h: *mut Hmap,
        additional: usize,
    ) -> Result<(), TryReserveError> {
        // SAFETY: `h` has buckets unless `additional` is 0, exclusively (this fn's contract).
        unsafe {
            if additional != 0 && (self == Ahead::Always || (*h).B >= PREALLOCATING_B) {
                reserve_overflow(t, h, overflow_needed(h, additional))?;
            }
        }
        Ok(())
    }
}

/// Whether a map of so many entries fits the address space; Go takes a hint beyond it for none.
fn check_capacity(t: &MapType, capacity: usize) -> Result<(), TryReserveError> {
    let hint = isize::try_from(capacity).map_err(|_| TryReserveError::CapacityOverflow)?;
    let b = hint_to_B(t, hint);
    let fits = capacity <= sizes::capacity(b) && array_len(t, b).is_some();
    fits.then_some(()).ok_or(TryReserveError::CapacityOverflow)
}

/// Gives a header room for `capacity` entries.
///
/// # Safety
/// `h` is all zeroes; maps of `t` are those of a typed map.
unsafe fn make_room(t: &MapType, h: *mut Hmap, capacity: usize) -> Result<(), TryReserveError> {
    if capacity == 0 {
        return Ok(());
    }
    check_capacity(t, capacity)?;
    // SAFETY: `h` is all zeroes (this fn's contract), so it holds no map.
    unsafe {
        try_makemap(t, capacity.cast_signed(), h)?;
        if (*h).buckets.is_null() {
            make_first_bucket(t, h)?;
        }
    }
    Ok(())
}

impl From<AllocError> for TryReserveError {
    fn from(AllocError: AllocError) -> Self {
        TryReserveError::AllocError
    }
}

/// Panics, or ends the program, where an error cannot be returned.
#[cold]
#[inline(never)]
pub(super) fn fail(t: &MapType, error: TryReserveError) -> ! {
    match error {
        TryReserveError::CapacityOverflow => panic!("capacity overflow"),
        TryReserveError::AllocError => heap::out_of_memory(t),
    }
}

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Map<K, V, S, A> {
    /// Makes room for `additional` more entries at once. If there is not enough, all entries move.
    ///
    /// From 53 entries on, no memory is asked for then until they were inserted: see
    /// [`Map::try_reserve`], which sees to that in smaller maps too.
    ///
    /// # Panics
    /// If that many entries do not fit the address space.
    pub fn reserve(&mut self, additional: usize) {
        if additional != 0 {
            let h = self.table.h_mut();
            let s = self.shape();
            let room = Room {
                t: s.t(),
                h,
                hashes: &s,
            };
            // SAFETY: the map's own header, which is borrowed mutably.
            unsafe { room.reserve(additional) }
        }
    }

    /// [`Map::reserve`], with an error instead of a panic.
    ///
    /// After `Ok`, `additional` insertions ask for no memory, whatever is removed meanwhile; unless
    /// the map is cleared, drained or shrunk before. Two things are not reserved: the boxes that
    /// keys and values of more than 128 bytes are kept in, and what a poor hash takes. For one that
    /// spreads the keys as if at random, as the default one does, there is room beyond any doubt;
    /// one that puts more of them in one place than chance would can use it up.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::TryReserveError;
    ///
    /// fn count(names: &[&str]) -> Result<Map<String, u32>, TryReserveError> {
    ///     let mut counts = Map::new();
    ///     counts.try_reserve(names.len())?;
    ///     for &name in names {
    ///         *counts.entry(name.into()).or_insert(0) += 1;
    ///     }
    ///     Ok(counts)
    /// }
    /// assert_eq!(count(&["a", "b", "a"])?["a"], 2);
    /// # Ok::<(), TryReserveError>(())
    /// ```
    ///
    /// # Errors
    /// That many entries do not fit the address space, or there is no memory. The map has the
    /// entries that it had.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        let h = self.table.h_mut();
        let s = self.shape();
        let room = Room {
            t: s.t(),
            h,
            hashes: &s,
        };
        // SAFETY: the map's own header, which is borrowed mutably.
        unsafe { room.make(additional, Ahead::Always) }
    }

    /// Gives back memory that the entries do not need. All of them move.
    ///
    /// While a [`Cursor`](super::Cursor) is on its way through the map, nothing moves and nothing happens.
    pub fn shrink_to_fit(&mut self) {
        self.shrink_to(0);
    }

    /// [`Map::shrink_to_fit`], but keeps room for `min_capacity` entries if there is so much.
    pub fn shrink_to(&mut self, min_capacity: usize) {
        let h = self.table.h_mut();
        let s = self.shape();
        let room = Room {
            t: s.t(),
            h,
            hashes: &s,
        };
        // SAFETY: the map's own header, which is borrowed mutably.
        unsafe { room.shrink(min_capacity) }
    }
}

/// The room in a map, to change. All types share its code.
#[derive(Clone, Copy)]
struct Room<'r> {
    t: &'r MapType,
    h: *mut Hmap,
    hashes: &'r dyn Hashes,
}

/// # Safety
/// Of all functions: `h` is the header of a typed map of `t`, and `hashes` are those of its keys; *exclusive*.
impl Room<'_> {
    #[inline(never)]
    unsafe fn reserve(self, additional: usize) {
        // SAFETY: a typed map.
        if let Err(error) = unsafe { self.make(additional, Ahead::WhereCheap) } {
            fail(self.t, error);
        }
    }

    /// Makes room for so many more entries.
    #[inline(never)]
    unsafe fn make(self, additional: usize, ahead: Ahead) -> Result<(), TryReserveError> {
        if additional == 0 {
            return Ok(());
        }
        // SAFETY: a typed map, which has buckets where it has grown.
        unsafe {
            let wanted = (*self.h).count.cast_unsigned().checked_add(additional);
            let wanted = wanted.ok_or(TryReserveError::CapacityOverflow)?;
            check_capacity(self.t, wanted)?;
            if !self.grow_to(wanted, additional)? {
                // No chain has more overflow buckets than it needs then, so all its entries cannot need
                // too many.
                return self.rebuild(wanted.max(capacity(self.h)), additional, ahead);
            }
            ahead.reserve(self.t, self.h, additional)
        }
    }

    /// Whether no growth begins before `additional` entries have come, `wanted` in all. A growth
    /// that is under way is finished; beside a cursor, which can follow the entries from one array
    /// to the next, so many more as it takes.
    unsafe fn grow_to(self, wanted: usize, additional: usize) -> Result<bool, TryReserveError> {
        let Room { t, h, hashes } = self;
        // SAFETY: a typed map; only a map with buckets is watched.
        unsafe {
            let watched = owned::watched(t, h);
            if watched || wanted <= sizes::capacity((*h).B) {
                finish_growth(t, hashes, h)?;
            }
            while watched && !has_room(h, additional) {
                begin_growth(t, h, true)?;
                finish_growth(t, hashes, h)?;
            }
            Ok(has_room(h, additional))
        }
    }

    /// Gives back what is beyond the room for `min_capacity` entries.
    #[inline(never)]
    unsafe fn shrink(self, min_capacity: usize) {
        // SAFETY: a typed map.
        unsafe {
            let wanted = (*self.h).count.cast_unsigned().max(min_capacity);
            if wanted >= capacity(self.h) {
                return;
            }
            let smaller = wanted == 0 || hint_to_B(self.t, wanted.cast_signed()) < (*self.h).B;
            // A smaller map is a favour, not a duty: if there is no memory to build it in, the map stays.
            if smaller && !owned::watched(self.t, self.h) {
                let _ = self.rebuild(wanted, 0, Ahead::WhereCheap);
            }
        }
    }

    /// Moves all entries to a new table with room for `capacity` of them, `additional` of which are
    /// to come. No cursor is on its way.
    unsafe fn rebuild(
        self,
        capacity: usize,
        additional: usize,
        ahead: Ahead,
    ) -> Result<(), TryReserveError> {
        let mut other = Other {
            t: self.t,
            h: Hmap::zeroed(),
        };
        // SAFETY: both headers are for maps of this shape. The entries belong to the map's header
        // until all of them are copied, then to the new one.
        unsafe {
            make_room(self.t, &mut other.h, capacity)?;
            self.copy_entries(&mut other.h)?;
            ahead.reserve(self.t, &mut other.h, additional)?;
            ptr::swap(self.h, &mut other.h);
        }
        Ok(())
    }

    /// Copies all entries, as they are, to a map that has room for them.
    unsafe fn copy_entries(self, to: &mut Hmap) -> Result<(), AllocError> {
        let Room { t, h, hashes } = self;
        // SAFETY: a typed map, and the cells of its entries.
        unsafe {
            for place in LiveCells::new(Exclusive(t), h) {
                let hash = hashes.of_key(place.key(), 0);
                adopt(Exclusive(t), to, place.cell(), hash)?;
            }
        }
        Ok(())
    }
}

/// Entries that a map holds before it grows next.
///
/// # Safety
/// `h` is the header of a typed map.
pub(super) unsafe fn capacity(h: *const Hmap) -> usize {
    // SAFETY: a map.
    let h = unsafe { &*h };
    if h.buckets.is_null() {
        0
    } else {
        sizes::capacity(h.B).max(h.count.cast_unsigned())
    }
}

/// Whether `additional` entries can come before a growth begins.
///
/// # Safety
/// `h` is the header of a typed map.
unsafe fn has_room(h: *const Hmap, additional: usize) -> bool {
    // SAFETY: `h` is the header of a typed map (this fn's contract).
    unsafe {
        let &Hmap {
            count,
            B,
            noverflow,
            buckets,
            ..
        } = &*h;
        !buckets.is_null()
            && !growing(h)
            && count.cast_unsigned() + additional <= sizes::capacity(B)
            && has_room_for_overflow(noverflow, overflow_needed(h, additional), B)
    }
}

/// The most overflow buckets that `additional` entries come to need.
///
/// # Safety
/// `h` is the header of a typed map.
unsafe fn overflow_needed(h: *const Hmap, additional: usize) -> usize {
    // SAFETY: `h` is the header of a typed map (this fn's contract).
    let h = unsafe { &*h };
    overflow_bound(h.count.cast_unsigned(), additional, h.B)
}

/// A header that is not the map's, or no longer: its entries belong to another.
struct Other<'t> {
    t: &'t MapType,
    h: Hmap,
}

impl Drop for Other<'_> {
    fn drop(&mut self) {
        // SAFETY: the header is this value's own, and its entries belong to the map.
        unsafe { free_memory(self.t, &mut self.h) }
    }
}
