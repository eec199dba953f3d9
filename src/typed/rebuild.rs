//! Changing the room for entries at once, which Go's map cannot do.

use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use core::mem::{self, ManuallyDrop};

use maptype::AllocError;

use super::cells::Cells;
use super::shape::{Described, HashedBy, Typed};
use super::table::Table;
use super::{Map, TryReserveError};
use crate::heap::{self, generation};
use crate::raw::assign::adopt;
use crate::raw::make::{make_first_bucket, try_makemap};
use crate::raw::sizes::{array_len, hint_to_B};
use crate::shape::Shape;

impl<K, V, S> Map<K, V, S> {
    /// Gives an empty map without memory room for this many entries.
    pub(super) fn allocate(&mut self, capacity: usize) {
        match new_table::<K, V>(capacity) {
            Ok(table) => self.table = table,
            Err(error) => fail::<K, V>(error),
        }
    }
}

/// A table without entries and with room for `capacity` of them.
fn new_table<K, V>(capacity: usize) -> Result<Table, TryReserveError> {
    let t = Described::<K, V>::MAP;
    let mut table = Table::new::<K, V>();
    if capacity == 0 {
        return Ok(table);
    }
    let hint = isize::try_from(capacity).map_err(|_| TryReserveError::CapacityOverflow)?;
    // Go takes a hint beyond the address space for none.
    let fits = hint <= 8 || hint_to_B(t, hint) != 0 && array_len(t, hint_to_B(t, hint)).is_some();
    if !fits {
        return Err(TryReserveError::CapacityOverflow);
    }
    // SAFETY: the table holds no map yet.
    unsafe {
        try_makemap(t, hint, table.h_mut())?;
        if table.header().buckets.is_null() {
            make_first_bucket(t, table.h_mut())?;
        }
    }
    Ok(table)
}

impl From<AllocError> for TryReserveError {
    fn from(AllocError: AllocError) -> Self {
        TryReserveError::AllocError
    }
}

#[cold]
#[inline(never)]
fn fail<K, V>(error: TryReserveError) -> ! {
    match error {
        TryReserveError::CapacityOverflow => panic!("capacity overflow"),
        TryReserveError::AllocError => heap::out_of_memory(Described::<K, V>::MAP),
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Map<K, V, S> {
    /// Makes room for `additional` more entries at once. In a map with entries all of them move.
    ///
    /// While a [`Cursor`](super::Cursor) is on its way through the map, nothing moves and nothing happens.
    ///
    /// # Panics
    /// If that many entries do not fit the address space.
    pub fn reserve(&mut self, additional: usize) {
        if let Err(error) = self.try_reserve(additional) {
            fail::<K, V>(error);
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
        let t = Described::<K, V>::MAP;
        let smaller = wanted == 0 || hint_to_B(t, wanted.cast_signed()) < self.table.header().B;
        // A smaller map is a favour, not a duty: if there is no memory to build it in, the map stays.
        if smaller {
            let _ = self.rebuild(wanted);
        }
    }

    /// Moves all entries to a new table with room for `capacity` of them.
    fn rebuild(&mut self, capacity: usize) -> Result<(), TryReserveError> {
        // SAFETY: the map's own table.
        if unsafe { generation::watched(Described::<K, V>::MAP, self.table.h()) } {
            return Ok(());
        }
        let mut copies =
            Copies::<K, V>(ManuallyDrop::new(new_table::<K, V>(capacity)?), PhantomData);
        let s = Typed::<K, V, _>::new(HashedBy(&self.hash_builder));
        // SAFETY: the entries belong to the old table until all of them are copied, then to the new one.
        unsafe {
            for cell in Cells::<K, V>::new(self.table.h()) {
                let hash = s.hash(cell.key(s), 0);
                adopt(s, copies.0.h_mut(), cell, hash)?;
            }
            let old = mem::replace(&mut self.table, copies.complete());
            old.free_memory::<K, V>();
        }
        Ok(())
    }
}

/// A table with copies of entries that another table owns.
struct Copies<K, V>(ManuallyDrop<Table>, PhantomData<(K, V)>);

impl<K, V> Copies<K, V> {
    fn complete(self) -> Table {
        let mut copies = ManuallyDrop::new(self);
        // SAFETY: the table is taken once.
        unsafe { ManuallyDrop::take(&mut copies.0) }
    }
}

impl<K, V> Drop for Copies<K, V> {
    fn drop(&mut self) {
        // SAFETY: the table is taken once; its entries are not its own.
        unsafe { ManuallyDrop::take(&mut self.0).free_memory::<K, V>() }
    }
}
