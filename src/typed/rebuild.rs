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
    /// Gives an empty map without memory room for this many entries; after an error the map must
    /// not be used. With `ahead`, everything that these entries may need is reserved.
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

/// Whether overflow buckets are reserved in advance.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ahead {
    /// In every map.
    Always,
    /// Where it costs nothing. An array of few buckets is allocated without overflow buckets, and
    /// most of its entries never need one: to reserve them would take a quarter of the time of
    /// filling it.
    WhereCheap,
}

impl Ahead {
    /// Reserves the overflow buckets that `additional` entries may need.
    ///
    /// # Safety
    /// `h` is the header of a typed map of `t` that has buckets, unless `additional` is 0;
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

/// Whether a map of so many entries fits the address space; Go ignores a hint that does not.
fn check_capacity(t: &MapType, capacity: usize) -> Result<(), TryReserveError> {
    let hint = isize::try_from(capacity).map_err(|_| TryReserveError::CapacityOverflow)?;
    let b = hint_to_B(t, hint);
    let fits = capacity <= sizes::capacity(b) && array_len(t, b).is_some();
    fits.then_some(()).ok_or(TryReserveError::CapacityOverflow)
}

/// Gives a header room for `capacity` entries.
///
/// # Safety
/// `h` is all zeroes, and for a typed map of `t`.
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

/// Panics, or aborts, where an error cannot be returned.
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
    /// If `additional` is 53 or more, that many insertions then allocate nothing.
    /// [`Map::try_reserve`] ensures that for smaller numbers too.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut squares = Map::from([(0, 0)]);
    /// squares.reserve(100);
    /// let capacity = squares.capacity();
    /// squares.extend((1..=100).map(|i| (i, i * i)));
    /// assert_eq!(squares.capacity(), capacity);
    /// ```
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
            // SAFETY: `h` is this map's header, borrowed mutably, and `s` its shape.
            unsafe { room.reserve(additional) }
        }
    }

    /// [`Map::reserve`], but returns an error instead of panicking or aborting.
    ///
    /// After `Ok`, `additional` insertions allocate nothing, whatever is removed meanwhile, unless
    /// the map is cleared, drained or shrunk first. Two things are not reserved: the boxes of keys
    /// and values larger than 128 bytes, and the extra buckets that a poor hash takes. For a hash
    /// that spreads the keys as if at random, as the default one does, the room is always
    /// sufficient; one that puts more of them into one bucket than chance would can exhaust it.
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
    /// That many entries do not fit the address space, or there is no memory. The entries stay as
    /// they are.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        let h = self.table.h_mut();
        let s = self.shape();
        let room = Room {
            t: s.t(),
            h,
            hashes: &s,
        };
        // SAFETY: `h` is this map's header, borrowed mutably, and `s` its shape.
        unsafe { room.make(additional, Ahead::Always) }
    }

    /// Frees the memory that the entries do not need. All entries move.
    ///
    /// While a [`Cursor`](super::Cursor) is on a walk through the map, this does nothing.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut squares = Map::with_capacity(1000);
    /// squares.extend((0..10).map(|i| (i, i * i)));
    /// squares.shrink_to_fit();
    /// assert!(squares.capacity() < 100);
    /// ```
    pub fn shrink_to_fit(&mut self) {
        self.shrink_to(0);
    }

    /// [`Map::shrink_to_fit`], but keeps room for `min_capacity` entries if there is that much.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let mut squares = Map::with_capacity(1000);
    /// squares.extend((0..10).map(|i| (i, i * i)));
    /// squares.shrink_to(100);
    /// assert!((100..1000).contains(&squares.capacity()));
    /// ```
    pub fn shrink_to(&mut self, min_capacity: usize) {
        let h = self.table.h_mut();
        let s = self.shape();
        let room = Room {
            t: s.t(),
            h,
            hashes: &s,
        };
        // SAFETY: `h` is this map's header, borrowed mutably, and `s` its shape.
        unsafe { room.shrink(min_capacity) }
    }
}

/// A change of the room in a map. All types share its code.
#[derive(Clone, Copy)]
struct Room<'r> {
    t: &'r MapType,
    h: *mut Hmap,
    hashes: &'r dyn Hashes,
}

impl Room<'_> {
    /// [`Room::make`], but panics or aborts on errors.
    ///
    /// # Safety
    /// `h` is the header of a typed map of `t`, whose keys have these `hashes`; *exclusive*.
    #[inline(never)]
    unsafe fn reserve(self, additional: usize) {
        // SAFETY: a typed map, exclusively (this fn's contract).
        if let Err(error) = unsafe { self.make(additional, Ahead::WhereCheap) } {
            fail(self.t, error);
        }
    }

    /// Makes room for so many more entries.
    ///
    /// # Safety
    /// As [`Room::reserve`].
    #[inline(never)]
    unsafe fn make(self, additional: usize, ahead: Ahead) -> Result<(), TryReserveError> {
        if additional == 0 {
            return Ok(());
        }
        // SAFETY: a typed map, exclusively (this fn's contract); it has buckets where `grow_to`
        // says so.
        unsafe {
            let wanted = (*self.h).count.cast_unsigned().checked_add(additional);
            let wanted = wanted.ok_or(TryReserveError::CapacityOverflow)?;
            check_capacity(self.t, wanted)?;
            if !self.grow_to(wanted, additional)? {
                // A rebuilt map has no more overflow buckets than its entries need, so `ahead`
                // cannot find too many.
                return self.rebuild(wanted.max(capacity(self.h)), additional, ahead);
            }
            ahead.reserve(self.t, self.h, additional)
        }
    }

    /// Whether `additional` entries, `wanted` in all, fit before the next growth. A growth in
    /// progress is finished; if a cursor is on a walk, which can follow entries from one array to
    /// the next, as many growths follow as are needed.
    ///
    /// # Safety
    /// As [`Room::reserve`].
    unsafe fn grow_to(self, wanted: usize, additional: usize) -> Result<bool, TryReserveError> {
        let Room { t, h, hashes } = self;
        // SAFETY: a typed map, exclusively (this fn's contract); it has buckets if it is watched or
        // has room.
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

    /// Frees the memory beyond the room for `min_capacity` entries.
    ///
    /// # Safety
    /// As [`Room::reserve`].
    #[inline(never)]
    unsafe fn shrink(self, min_capacity: usize) {
        // SAFETY: a typed map, exclusively (this fn's contract).
        unsafe {
            let wanted = (*self.h).count.cast_unsigned().max(min_capacity);
            if wanted >= capacity(self.h) {
                return;
            }
            let smaller = wanted == 0 || hint_to_B(self.t, wanted.cast_signed()) < (*self.h).B;
            // Shrinking is optional: if there is no memory for the smaller array, the map stays as
            // it is.
            if smaller && !owned::watched(self.t, self.h) {
                let _ = self.rebuild(wanted, 0, Ahead::WhereCheap);
            }
        }
    }

    /// Moves all entries to a new table with room for `capacity` of them, `additional` of which are
    /// yet to come.
    ///
    /// # Safety
    /// As [`Room::reserve`]; no cursor is on a walk.
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

    /// Copies the bytes of all entries to a map that has room for them.
    ///
    /// # Safety
    /// As [`Room::reserve`]; `to` is the header of another map of `t`.
    unsafe fn copy_entries(self, to: &mut Hmap) -> Result<(), AllocError> {
        let Room { t, h, hashes } = self;
        // SAFETY: both are typed maps of `t` (this fn's contract); each cell of the walk holds an
        // entry.
        unsafe {
            for place in LiveCells::new(Exclusive(t), h) {
                let hash = hashes.of_key(place.key(), 0);
                adopt(Exclusive(t), to, place.cell(), hash)?;
            }
        }
        Ok(())
    }
}

/// The number of entries at which a map grows next.
///
/// # Safety
/// `h` is the header of a typed map.
pub(super) unsafe fn capacity(h: *const Hmap) -> usize {
    // SAFETY: `h` is the header of a typed map (this fn's contract).
    let h = unsafe { &*h };
    if h.buckets.is_null() {
        0
    } else {
        sizes::capacity(h.B).max(h.count.cast_unsigned())
    }
}

/// Whether `additional` entries fit before the next growth.
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

/// The most overflow buckets that `additional` entries may need.
///
/// # Safety
/// `h` is the header of a typed map.
unsafe fn overflow_needed(h: *const Hmap, additional: usize) -> usize {
    // SAFETY: `h` is the header of a typed map (this fn's contract).
    let h = unsafe { &*h };
    overflow_bound(h.count.cast_unsigned(), additional, h.B)
}

/// A header beside the map's: the new one while it is filled, then the old one. Its entries belong
/// to the map.
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
