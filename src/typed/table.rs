//! The map's header, and who ends its entries and frees its memory.

use core::cell::UnsafeCell;
use core::panic::RefUnwindSafe;
use core::{mem, ptr};

use maptype::AllocError;

use super::cells::Cells;
use super::memory::Sealed;
use super::shape::{Keyed, Typed, Unhashed};
use super::{Memory, SystemHeap};
use crate::bucket::Bucket;
use crate::header::sizes::bucketMask;
use crate::heap::Deferred;
use crate::layout::Hmap;
use crate::owned;
use crate::raw::delete::{Found, erase};
use crate::raw::forget_entries;
use crate::raw::insert::{fill, make_boxes, vacant_cell};
use crate::shape::Shape;

/// A map's header, where its memory comes from, and the function that frees all that the header leads to.
///
/// That is a pointer, so that this type, which has the `Drop`, does not have the types of keys and values as parameters.
/// The drop check then asks of the types that contain a table only what it asks of their keys and values: a map may hold
/// references to what is dropped at the same time as it.
pub(super) struct Table<A: Memory> {
    /// In a cell, since the flags are read as atomics are, and what is read so must be open to writes.
    h: UnsafeCell<Hmap>,
    free: unsafe fn(*mut Hmap, A::Handle),
    handle: A::Handle,
}

// SAFETY: a table is the sole owner of its memory. What it holds for its entries is said by the types that contain it.
unsafe impl<A: Memory + Send> Send for Table<A> {}
// SAFETY: nothing is written through a shared table, and nothing shown but where its memory comes from.
unsafe impl<A: Memory + Sync> Sync for Table<A> {}
// For the same reason.
impl<A: Memory + RefUnwindSafe> RefUnwindSafe for Table<A> {}

impl<A: Memory> Table<A> {
    /// A table without entries and without memory for them. It takes the handle over, which was made for these types.
    pub(super) const fn new<K, V>(handle: A::Handle) -> Self {
        Table {
            h: UnsafeCell::new(Hmap::zeroed()),
            free: free::<K, V, A>,
            handle,
        }
    }

    /// [`Table::new`], in memory that it takes over.
    pub(super) fn new_in<K, V>(memory: A) -> Result<Self, AllocError> {
        memory.hold::<K, V>(Sealed::HERE).map(Table::new::<K, V>)
    }

    /// The shape of this table.
    ///
    /// # Safety
    /// This is a table of `K` and `V`, which outlives the shape.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn shape<K, V, H: Keyed<K>>(&self, keyed: H) -> Typed<K, V, H, A> {
        // SAFETY: the caller's promise.
        unsafe { Typed::new(keyed, self.handle) }
    }

    /// Its shape for what does not hash.
    ///
    /// # Safety
    /// As [`Table::shape`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn unhashed<K, V>(&self) -> Typed<K, V, Unhashed, A> {
        // SAFETY: the caller's promise.
        unsafe { self.shape(Unhashed) }
    }

    /// Where the memory comes from.
    #[inline]
    pub(super) fn memory(&self) -> &A {
        // SAFETY: it is released when this table is dropped.
        unsafe { A::memory(&self.handle) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn handle(&self) -> A::Handle {
        self.handle
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn h(&self) -> *const Hmap {
        self.h.get()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn h_mut(&mut self) -> *mut Hmap {
        self.h.get()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn header(&self) -> &Hmap {
        // SAFETY: nothing is written through a shared table.
        unsafe { &*self.h.get() }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn len(&self) -> usize {
        self.header().count.cast_unsigned()
    }

    /// The header, to be replaced by another whose memory is of the same origin.
    pub(super) fn header_mut(&mut self) -> &mut Hmap {
        self.h.get_mut()
    }

    /// Stores an entry whose key is not there.
    ///
    /// # Errors
    /// There is no memory; the entry comes back.
    ///
    /// # Safety
    /// This is a table of `K` and `V`. `hash` is the hash of `key`, for which the growth work has been done.
    #[inline]
    pub(super) unsafe fn insert_new<K, V>(
        &mut self,
        hash: usize,
        key: K,
        value: V,
    ) -> Result<Found, (K, V)> {
        let h = self.h_mut();
        // SAFETY: a table of these types (this function's contract), and an empty cell of it.
        unsafe {
            let s = self.unhashed::<K, V>();
            let cell = vacant_cell(s.t(), h, hash);
            let Ok(cell) = cell.and_then(|cell| make_boxes(s, cell).map(|()| cell)) else {
                return Err((key, value));
            };
            s.key_of(cell).write(key);
            s.value_of(cell).write(value);
            fill(h, cell, hash);
            let home = Bucket::at(s, (*h).buckets, hash & bucketMask((*h).B));
            Ok(Found { cell, home })
        }
    }

    /// Takes an entry out.
    ///
    /// # Safety
    /// This is a table of `K` and `V`; `found` was found in it, and it has not changed since.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn take_entry<K, V>(&mut self, found: Found) -> (K, V) {
        // SAFETY: the entry is moved out before its cell is emptied.
        unsafe {
            let s = self.unhashed::<K, V>();
            let entry = s.take(found.cell);
            erase(s, self.h_mut(), found);
            entry
        }
    }

    /// Replaces the value of an entry by what `f` makes of it; the entry stays in its cell, where
    /// cursors look for it. Where `f` makes `None`, the entry is erased and its key returned; it is
    /// erased too if `f` unwinds.
    ///
    /// # Safety
    /// This is a table of `K` and `V`; `found` was found in it, and it has not changed since.
    pub(super) unsafe fn replace_value<K, V>(
        &mut self,
        found: Found,
        f: impl FnOnce(&K, V) -> Option<V>,
    ) -> Option<K> {
        // SAFETY: `found` is an entry of this table: its value is moved out, and another moved in,
        // or the cell emptied.
        unsafe {
            let s = self.unhashed::<K, V>();
            let slot = s.value_of(found.cell);
            let value = slot.read();
            let mut take_out = || {
                let key = s.take_key(found.cell);
                erase(s, self.h_mut(), found);
                key
            };
            let unwinding = Deferred(|| drop(take_out()));
            let made = f(&*s.key_of(found.cell), value);
            mem::forget(unwinding);
            match made {
                Some(value) => {
                    slot.write(value);
                    None
                }
                None => Some(take_out()),
            }
        }
    }

    /// Drops all entries; the memory stays.
    ///
    /// # Safety
    /// This is a table of `K` and `V`.
    pub(super) unsafe fn clear<K, V>(&mut self) {
        if self.header().count != 0 {
            let h = self.h_mut();
            // SAFETY: the entries are all there (`h.count`), and none will be used again, also when a drop unwinds.
            unsafe {
                let s = self.unhashed::<K, V>();
                let emptied = Deferred(|| forget_entries(s.t(), h));
                Cells::<K, V>::new(h).drop_entries(s);
                drop(emptied);
            }
        }
    }

    /// The table, which will free its memory and leave the entries alone.
    ///
    /// # Safety
    /// This is a table of `K` and `V`.
    pub(super) unsafe fn without_entries<K, V>(mut self) -> Self {
        self.free = free_memory::<K, V, A>;
        self
    }
}

impl<A: Memory> Drop for Table<A> {
    #[inline]
    fn drop(&mut self) {
        let handle = self.handle;
        // SAFETY: nobody will use the memory again, also when the drop of an entry unwinds.
        let released = Deferred(|| unsafe { A::release(handle) });
        if !self.header().buckets.is_null() {
            // SAFETY: the function is for the types of this table (`new`).
            unsafe { (self.free)(self.h.get(), handle) }
        }
        drop(released);
    }
}

/// Ends all entries and frees the memory that they lie in.
///
/// # Safety
/// `h` heads a map of these types in this memory that nobody will use again.
unsafe fn free<K, V, A: Memory>(h: *mut Hmap, handle: A::Handle) {
    // SAFETY: the caller's promise; the memory is freed also when the drop of a value unwinds.
    unsafe {
        let s = Typed::<K, V, _, A>::new(Unhashed, handle);
        let freed = Deferred(|| free_memory::<K, V, A>(h, handle));
        Cells::<K, V>::new(h).drop_entries(s);
        drop(freed);
    }
}

/// Frees the memory of a map whose entries have ended, or were moved elsewhere.
///
/// # Safety
/// As [`free`].
unsafe fn free_memory<K, V, A: Memory>(h: *mut Hmap, handle: A::Handle) {
    // SAFETY: the caller's promise.
    unsafe { owned::free_memory(A::map_type::<K, V>(&handle), h) }
}

const _: () = assert!(
    size_of::<Table<SystemHeap>>() == size_of::<Hmap>() + size_of::<usize>(),
    "one word beside the header"
);

/// `null`, for maps that have no memory to look at.
pub(super) const NO_BUCKETS: *mut crate::layout::Bmap = ptr::null_mut();
