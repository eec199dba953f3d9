//! Memory for a key and an elem that are not stored inline.

use core::mem::forget;
use core::ptr;

use maptype::AllocError;

use crate::bucket::Cell;
use crate::heap::{self, free_object, newobject};
use crate::shape::Shape;

/// The boxes of a new entry; null where the part is stored inline. They are freed unless they are
/// stored.
pub(super) struct Boxes<S: Shape> {
    s: S,
    pub(super) key: *mut u8,
    elem: *mut u8,
}

impl<S: Shape> Boxes<S> {
    /// # Safety
    /// `s` gives the answers of a *valid* descriptor.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn new(s: S) -> Result<Self, AllocError> {
        let mut boxes = Boxes {
            s,
            key: ptr::null_mut(),
            elem: ptr::null_mut(),
        };
        if s.indirectkey() || s.indirectelem() {
            // SAFETY: `s` gives the answers of a valid descriptor.
            unsafe { boxes.allocate()? };
        }
        Ok(boxes)
    }

    /// Points the slots of an empty cell to the boxes.
    ///
    /// # Safety
    /// `s` *fits* the map of `cell`, which is empty; *exclusive*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn store(self, cell: Cell) {
        let s = self.s;
        // SAFETY: `s` fits the map, so an indirect slot is a pointer; exclusive.
        unsafe {
            if s.indirectkey() {
                heap::store_pointer(s.t(), cell.key_slot(s).cast(), self.key);
            }
            if s.indirectelem() {
                heap::store_pointer(s.t(), cell.elem_slot(s).cast(), self.elem);
            }
        }
        forget(self);
    }

    /// # Safety
    /// As [`Boxes::new`].
    #[cold]
    #[inline(never)]
    unsafe fn allocate(&mut self) -> Result<(), AllocError> {
        let s = self.s;
        // SAFETY: `s` gives the answers of a valid descriptor.
        unsafe {
            if s.indirectkey() {
                self.key = newobject(s.t(), s.key_type())?;
            }
            if s.indirectelem() {
                self.elem = newobject(s.t(), s.elem_type())?;
            }
        }
        Ok(())
    }
}

impl<S: Shape> Drop for Boxes<S> {
    #[cold]
    fn drop(&mut self) {
        let s = self.s;
        // SAFETY: null, or boxes that `allocate` got for these types and that hold no value.
        unsafe {
            free_object(s.t(), s.key_type(), self.key);
            free_object(s.t(), s.elem_type(), self.elem);
        }
    }
}
