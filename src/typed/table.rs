//! The map's header, and who ends its entries and frees its memory.

use core::cell::UnsafeCell;
use core::panic::RefUnwindSafe;
use core::{mem, ptr};

use super::cells::Cells;
use super::shape::{Described, unhashed};
use crate::bucket::Bucket;
use crate::heap;
use crate::layout::Hmap;
use crate::raw::assign::insert_new;
use crate::raw::delete::{Found, erase};
use crate::raw::sizes::bucketMask;
use crate::raw::{self, forget_entries};
use crate::shape::Shape;

/// A map's header, and the function that frees all that it leads to.
///
/// That is a pointer, so that this type, which has the `Drop`, has no type parameters. The drop check then asks of the
/// types that contain a table only what it asks of their keys and values: a map may hold references to what is dropped
/// at the same time as it.
pub(super) struct Table {
    /// In a cell, since the flags are read as atomics are, and what is read so must be open to writes.
    h: UnsafeCell<Hmap>,
    free: unsafe fn(*mut Hmap),
}

// SAFETY: a table is the sole owner of its memory. What it holds for its entries is said by the types that contain it.
unsafe impl Send for Table {}
// SAFETY: nothing is written through a shared table.
unsafe impl Sync for Table {}
// For the same reason.
impl RefUnwindSafe for Table {}

impl Table {
    /// A table without entries and without memory.
    pub(super) const fn new<K, V>() -> Table {
        Table {
            h: UnsafeCell::new(Hmap::zeroed()),
            free: free::<K, V>,
        }
    }

    #[inline(always)]
    pub(super) fn h(&self) -> *const Hmap {
        self.h.get()
    }

    #[inline(always)]
    pub(super) fn h_mut(&mut self) -> *mut Hmap {
        self.h.get()
    }

    #[inline(always)]
    pub(super) fn header(&self) -> &Hmap {
        // SAFETY: nothing is written through a shared table.
        unsafe { &*self.h.get() }
    }

    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.header().count.cast_unsigned()
    }

    /// Moves everything to a table of its own.
    pub(super) fn take(&mut self) -> Table {
        let h = mem::replace(&mut self.h, UnsafeCell::new(Hmap::zeroed()));
        Table { h, free: self.free }
    }

    /// Stores an entry whose key is not there.
    ///
    /// # Safety
    /// This is a table of `K` and `V`. `hash` is the hash of `key`, for which the growth work has been done.
    #[inline]
    pub(super) unsafe fn insert_new<K, V>(&mut self, hash: usize, key: K, value: V) -> Found {
        let h = self.h_mut();
        let s = unhashed::<K, V>();
        // SAFETY: the caller's promise; the key is forgotten, since its bytes were stored.
        unsafe {
            let Ok(cell) = insert_new(s, h, (&raw const key).cast(), hash) else {
                heap::out_of_memory(s.t())
            };
            mem::forget(key);
            s.value_of(cell).write(value);
            let home = Bucket::at(s, (*h).buckets, hash & bucketMask((*h).B));
            Found { cell, home }
        }
    }

    /// Takes an entry out.
    ///
    /// # Safety
    /// This is a table of `K` and `V`; `found` was found in it, and it has not changed since.
    #[inline(always)]
    pub(super) unsafe fn take_entry<K, V>(&mut self, found: Found) -> (K, V) {
        let s = unhashed::<K, V>();
        // SAFETY: the entry is moved out before its cell is emptied.
        unsafe {
            let entry = s.take(found.cell);
            erase(s, self.h_mut(), found);
            entry
        }
    }

    /// Drops all entries; the memory stays.
    ///
    /// # Safety
    /// This is a table of `K` and `V`.
    pub(super) unsafe fn clear<K, V>(&mut self) {
        if self.header().count != 0 {
            let emptied = Emptied::<K, V>(self.h_mut(), core::marker::PhantomData);
            // SAFETY: the entries are all there (`h.count`), and none will be used again.
            unsafe { Cells::<K, V>::new(self.h_mut()).drop_entries() };
            drop(emptied);
        }
    }

    /// Forgets all entries, whose values were taken or dropped; the memory stays.
    ///
    /// # Safety
    /// This is a table of `K` and `V` that has buckets.
    pub(super) unsafe fn forget_entries<K, V>(&mut self) {
        // SAFETY: the caller's promise.
        unsafe { forget_entries(unhashed::<K, V>(), self.h_mut()) }
    }

    /// Frees the memory; the values of the entries, if there are any, were moved elsewhere.
    ///
    /// # Safety
    /// This is a table of `K` and `V`.
    pub(super) unsafe fn free_memory<K, V>(mut self) {
        // SAFETY: nobody will use the memory again; the header is left without any.
        unsafe { raw::free_memory(Described::<K, V>::MAP, self.h_mut()) }
    }
}

impl Drop for Table {
    #[inline]
    fn drop(&mut self) {
        if !self.header().buckets.is_null() {
            // SAFETY: the function is for the types of this table (`new`).
            unsafe { (self.free)(self.h.get()) }
        }
    }
}

/// Ends all entries and frees all memory.
///
/// # Safety
/// `h` heads a map of this shape that nobody will use again.
unsafe fn free<K, V>(h: *mut Hmap) {
    /// Frees the memory also when the drop of a value unwinds.
    struct Memory<K, V>(*mut Hmap, core::marker::PhantomData<(K, V)>);

    impl<K, V> Drop for Memory<K, V> {
        fn drop(&mut self) {
            // SAFETY: the entries have ended (below).
            unsafe { raw::free_memory(Described::<K, V>::MAP, self.0) }
        }
    }

    let memory = Memory::<K, V>(h, core::marker::PhantomData);
    // SAFETY: the caller's promise.
    unsafe { Cells::<K, V>::new(h).drop_entries() };
    drop(memory);
}

/// Empties a map whose entries are being dropped, also when that unwinds.
struct Emptied<K, V>(*mut Hmap, core::marker::PhantomData<(K, V)>);

impl<K, V> Drop for Emptied<K, V> {
    fn drop(&mut self) {
        // SAFETY: the map has buckets, and its entries were dropped (`Table::clear`).
        unsafe { forget_entries(unhashed::<K, V>(), self.0) }
    }
}

const _: () = assert!(
    size_of::<Table>() == size_of::<Hmap>() + size_of::<usize>(),
    "one word beside the header"
);

/// `null`, for maps that have no memory to look at.
pub(super) const NO_BUCKETS: *mut crate::layout::Bmap = ptr::null_mut();
