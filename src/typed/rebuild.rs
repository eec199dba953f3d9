//! Changing the room for entries at once, which Go's map cannot do.

use core::hash::{BuildHasher, Hash};
use core::ptr;

use maptype::{AllocError, MapType};

use super::cells::Cells;
use super::{Map, Memory, TryReserveError};
use crate::heap::{self, generation};
use crate::layout::Hmap;
use crate::raw::assign::adopt;
use crate::raw::free_memory;
use crate::raw::make::{make_first_bucket, try_makemap};
use crate::raw::sizes::{array_len, hint_to_B};
use crate::shape::Shape;

impl<K, V, S, A: Memory> Map<K, V, S, A> {
    /// Gives an empty map without memory room for this many entries.
    pub(super) fn allocate(&mut self, capacity: usize) {
        // SAFETY: the map's types, and its own header, which leads to nothing.
        unsafe {
            let s = self.table.unhashed::<K, V>();
            if let Err(error) = make_room(s.t(), self.table.h_mut(), capacity) {
                fail(s.t(), error);
            }
        }
    }
}

/// Gives a header room for `capacity` entries.
///
/// # Safety
/// `h` is all zeroes; maps of `t` are those of a typed map.
unsafe fn make_room(t: &MapType, h: *mut Hmap, capacity: usize) -> Result<(), TryReserveError> {
    if capacity == 0 {
        return Ok(());
    }
    let hint = isize::try_from(capacity).map_err(|_| TryReserveError::CapacityOverflow)?;
    // Go takes a hint beyond the address space for none.
    let fits = hint <= 8 || hint_to_B(t, hint) != 0 && array_len(t, hint_to_B(t, hint)).is_some();
    if !fits {
        return Err(TryReserveError::CapacityOverflow);
    }
    // SAFETY: the header leads to no map yet (caller).
    unsafe {
        try_makemap(t, hint, h)?;
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

#[cold]
#[inline(never)]
fn fail(t: &MapType, error: TryReserveError) -> ! {
    match error {
        TryReserveError::CapacityOverflow => panic!("capacity overflow"),
        TryReserveError::AllocError => heap::out_of_memory(t),
    }
}

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Map<K, V, S, A> {
    /// Makes room for `additional` more entries at once. In a map with entries all of them move.
    ///
    /// While a [`Cursor`](super::Cursor) is on its way through the map, nothing moves and nothing happens.
    ///
    /// # Panics
    /// If that many entries do not fit the address space.
    pub fn reserve(&mut self, additional: usize) {
        if let Err(error) = self.try_reserve(additional) {
            fail(self.shape().t(), error);
        }
    }

    /// [`Map::reserve`], with an error instead of a panic.
    ///
    /// # Errors
    /// That many entries do not fit the address space, or there is no memory. The map is as it was.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        let wanted = self.len().checked_add(additional);
        let wanted = wanted.ok_or(TryReserveError::CapacityOverflow)?;
        if wanted <= self.capacity() {
            return Ok(());
        }
        self.rebuild(wanted)
    }

    /// Gives back memory that the entries do not need. All of them move.
    ///
    /// While a [`Cursor`](super::Cursor) is on its way through the map, nothing moves and nothing happens.
    pub fn shrink_to_fit(&mut self) {
        self.shrink_to(0);
    }

    /// [`Map::shrink_to_fit`], but keeps room for `min_capacity` entries if there is so much.
    pub fn shrink_to(&mut self, min_capacity: usize) {
        let wanted = self.len().max(min_capacity);
        if wanted >= self.capacity() {
            return;
        }
        let s = self.shape();
        let smaller = wanted == 0 || hint_to_B(s.t(), wanted.cast_signed()) < self.table.header().B;
        // A smaller map is a favour, not a duty: if there is no memory to build it in, the map stays.
        if smaller {
            let _ = self.rebuild(wanted);
        }
    }

    /// Moves all entries to a new table with room for `capacity` of them.
    fn rebuild(&mut self, capacity: usize) -> Result<(), TryReserveError> {
        let old = self.table.h_mut();
        let s = self.shape();
        // SAFETY: the map's own header.
        if unsafe { generation::watched(s.t(), old) } {
            return Ok(());
        }
        let mut other = Other {
            t: s.t(),
            h: Hmap::zeroed(),
        };
        // SAFETY: the entries belong to the map's header until all of them are copied, then to the new one.
        unsafe {
            make_room(s.t(), &mut other.h, capacity)?;
            for place in Cells::<K, V>::new(old) {
                let hash = s.hash(place.key(), 0);
                adopt(s, &mut other.h, place.cell(), hash)?;
            }
            ptr::swap(old, &mut other.h);
        }
        Ok(())
    }
}

/// A header that is not the map's, or no longer: its entries belong to another.
struct Other<'t> {
    t: &'t MapType,
    h: Hmap,
}

impl Drop for Other<'_> {
    fn drop(&mut self) {
        // SAFETY: nobody else knows of the header.
        unsafe { free_memory(self.t, &mut self.h) }
    }
}
