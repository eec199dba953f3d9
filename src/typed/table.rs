//! A map's header, and the function that drops its entries and frees its memory.

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

/// A map's header, the handle of its memory, and the function that frees everything.
///
/// `free` is a function pointer so that this type, which implements `Drop`, is not generic over `K`
/// and `V`: the drop check then allows maps of references, as `#[may_dangle]` does in std.
pub(super) struct Table<A: Memory> {
    /// In an `UnsafeCell`, as flags are read atomically, which takes memory that may be written.
    h: UnsafeCell<Hmap>,
    free: unsafe fn(*mut Hmap, A::Handle),
    handle: A::Handle,
}

// SAFETY: a table is the only owner of its memory. The types that contain it answer for its
// entries.
unsafe impl<A: Memory + Send> Send for Table<A> {}
// SAFETY: nothing is written through a shared table, which gives access to nothing but `A`.
unsafe impl<A: Memory + Sync> Sync for Table<A> {}
// As for `Sync`.
impl<A: Memory + RefUnwindSafe> RefUnwindSafe for Table<A> {}

impl<A: Memory> Table<A> {
    /// A table without entries or buckets. It takes over the handle, which was made for these
    /// types.
    pub(super) const fn new<K, V>(handle: A::Handle) -> Self {
        Table {
            h: UnsafeCell::new(Hmap::zeroed()),
            free: free::<K, V, A>,
            handle,
        }
    }

    /// [`Table::new`] in memory that it takes over.
    pub(super) fn new_in<K, V>(memory: A) -> Result<Self, AllocError> {
        memory.hold::<K, V>(Sealed::HERE).map(Table::new::<K, V>)
    }

    /// The shape of this table.
    ///
    /// # Safety
    /// This is a table of `K` and `V`, which outlives the shape.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn shape<K, V, H: Keyed<K>>(&self, keyed: H) -> Typed<K, V, H, A> {
        // SAFETY: a table of `K` and `V`, which outlives the shape (this fn's contract).
        unsafe { Typed::new(keyed, self.handle) }
    }

    /// Its shape for operations that do not hash.
    ///
    /// # Safety
    /// As [`Table::shape`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn unhashed<K, V>(&self) -> Typed<K, V, Unhashed, A> {
        // SAFETY: a table of `K` and `V`, which outlives the shape (this fn's contract).
        unsafe { self.shape(Unhashed) }
    }

    /// The memory that the table allocates from.
    #[inline]
    pub(super) fn memory(&self) -> &A {
        // SAFETY: the handle is released when this table is dropped, not before.
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

    /// The header, for replacement by another whose memory has the same origin.
    pub(super) fn header_mut(&mut self) -> &mut Hmap {
        self.h.get_mut()
    }

    /// Inserts an entry whose key is absent.
    ///
    /// # Errors
    /// There is no memory; the entry is returned.
    ///
    /// # Safety
    /// This is a table of `K` and `V` that does not have `key`. `hash` is the hash of `key`, for
    /// which the growth work was done.
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

    /// Moves an entry out.
    ///
    /// # Safety
    /// This is a table of `K` and `V`; `found` was found in it, and it has not changed since.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn take_entry<K, V>(&mut self, found: Found) -> (K, V) {
        // SAFETY: `found` is an entry of this table (this fn's contract), moved out before its cell
        // is emptied.
        unsafe {
            let s = self.unhashed::<K, V>();
            let entry = s.take(found.cell);
            erase(s, self.h_mut(), found);
            entry
        }
    }

    /// Replaces the value of an entry by the result of `f`; the entry stays in its cell, where
    /// cursors look for it. If `f` returns `None`, the entry is erased and its key returned; if `f`
    /// unwinds, it is erased as well.
    ///
    /// # Safety
    /// This is a table of `K` and `V`; `found` was found in it, and it has not changed since.
    pub(super) unsafe fn replace_value<K, V>(
        &mut self,
        found: Found,
        f: impl FnOnce(&K, V) -> Option<V>,
    ) -> Option<K> {
        // SAFETY: `found` is an entry of this table (this fn's contract): its value is moved out,
        // and then a new one is stored or the cell is emptied.
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

    /// Drops all entries, and keeps the memory.
    ///
    /// # Safety
    /// This is a table of `K` and `V`.
    pub(super) unsafe fn clear<K, V>(&mut self) {
        if self.header().count != 0 {
            let h = self.h_mut();
            // SAFETY: the entries are of these types (this fn's contract); they are forgotten even
            // if a drop unwinds, so none is used again.
            unsafe {
                let s = self.unhashed::<K, V>();
                let emptied = Deferred(|| forget_entries(s.t(), h));
                Cells::<K, V>::new(h).drop_entries(s);
                drop(emptied);
            }
        }
    }

    /// The table, which on drop frees its memory and leaves the entries alone.
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
        // SAFETY: the handle is not used again; it is released even if the drop of an entry
        // unwinds.
        let released = Deferred(|| unsafe { A::release(handle) });
        if !self.header().buckets.is_null() {
            // SAFETY: `free` is for the types of this table (`new`), which is not used again.
            unsafe { (self.free)(self.h.get(), handle) }
        }
        drop(released);
    }
}

/// Drops all entries, and frees their memory.
///
/// # Safety
/// `h` heads a map of these types in this memory, and is not used again.
unsafe fn free<K, V, A: Memory>(h: *mut Hmap, handle: A::Handle) {
    // SAFETY: `h` heads a map of these types that is not used again (this fn's contract); its
    // memory is freed even if the drop of a value unwinds.
    unsafe {
        let s = Typed::<K, V, _, A>::new(Unhashed, handle);
        let freed = Deferred(|| free_memory::<K, V, A>(h, handle));
        Cells::<K, V>::new(h).drop_entries(s);
        drop(freed);
    }
}

/// Frees the memory of a map whose entries were dropped or moved out.
///
/// # Safety
/// As [`free`].
unsafe fn free_memory<K, V, A: Memory>(h: *mut Hmap, handle: A::Handle) {
    // SAFETY: `h` heads a map of these types in this memory that is not used again (this fn's
    // contract).
    unsafe { owned::free_memory(A::map_type::<K, V>(&handle), h) }
}

const _: () = assert!(
    size_of::<Table<SystemHeap>>() == size_of::<Hmap>() + size_of::<usize>(),
    "one word beside the header"
);

/// No array: what a map without buckets has.
pub(super) const NO_BUCKETS: *mut crate::layout::Bmap = ptr::null_mut();
