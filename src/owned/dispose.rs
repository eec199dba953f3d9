//! The end of a key or an elem: glue is run, a box is freed, and both wait while an iterator may read them.

use core::ptr;

use maptype::{MapType, Type};

use super::LiveCells;
use crate::heap::{self, free_object};
use crate::layout::{Hmap, emptyOne};
use crate::shape::Shape;

/// Which slot of an entry.
#[repr(usize)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Key,
    Elem,
}

/// Ends the life of what a slot holds.
///
/// # Safety
/// `slot` has the bytes of a slot of a map of `t`, and nobody will use what it holds again.
pub(crate) unsafe fn dispose(t: &MapType, part: Part, slot: *mut u8) {
    // SAFETY: the slot holds a value, or a pointer to one in a box of its own (caller).
    unsafe {
        let (ty, indirect) = part_type(t, part);
        let value = if indirect {
            *slot.cast::<*mut u8>()
        } else {
            slot
        };
        let boxed = FreeBox {
            t,
            ty,
            value: if indirect { value } else { ptr::null_mut() },
        };
        if let Some(drop) = ty.drop
            && !(indirect && value.is_null())
        {
            drop(value, ty);
        }
        core::mem::drop(boxed);
    }
}

/// Ends the life of every key and elem of a map. If the glue of one unwinds, the others are still disposed of.
///
/// # Safety
/// `s` *fits* `h` (see [`raw`](crate::raw#safety)); nobody will use its entries again.
pub(crate) unsafe fn dispose_entries<S: Shape>(s: S, h: *mut Hmap) {
    // SAFETY: the caller's promise.
    let mut entries = DisposeEntries(s, unsafe { LiveCells::new(s, h) });
    entries.run();
}

struct DisposeEntries<S: Shape>(S, LiveCells<S>);

impl<S: Shape> DisposeEntries<S> {
    fn run(&mut self) {
        let s = self.0;
        for place in self.1.by_ref() {
            // SAFETY: each cell holds an entry, and comes up once. An iterator that is stepped by
            // glue finds nothing there.
            unsafe {
                place.cell().bucket.set_tophash(place.cell().i, emptyOne);
                let elem = DisposeSlot(s.t(), Part::Elem, place.elem_slot());
                dispose(s.t(), Part::Key, place.key_slot());
                drop(elem);
            }
        }
    }
}

impl<S: Shape> Drop for DisposeEntries<S> {
    fn drop(&mut self) {
        self.run();
    }
}

/// Disposes of a slot when it goes out of scope.
pub(crate) struct DisposeSlot<'t>(pub(crate) &'t MapType, pub(crate) Part, pub(crate) *mut u8);

impl Drop for DisposeSlot<'_> {
    fn drop(&mut self) {
        // SAFETY: who made this value let go of the slot.
        unsafe { dispose(self.0, self.1, self.2) }
    }
}

/// Frees a box even when the glue of the value in it unwinds.
pub(crate) struct FreeBox<'t> {
    pub(crate) t: &'t MapType,
    pub(crate) ty: &'t Type,
    /// The value in the box; null: there is no box.
    pub(crate) value: *mut u8,
}

impl Drop for FreeBox<'_> {
    fn drop(&mut self) {
        // SAFETY: null, or a box that came from `newobject` with this type and whose value has ended.
        unsafe { free_object(self.t, self.ty, self.value) }
    }
}

/// The type of a part, and whether it is stored in a box.
///
/// # Safety
/// `t` is a valid descriptor.
pub(crate) unsafe fn part_type(t: &MapType, part: Part) -> (&Type, bool) {
    // SAFETY: a descriptor's types outlive it.
    unsafe {
        match part {
            Part::Key => (&*t.key, t.indirectkey()),
            Part::Elem => (&*t.elem, t.indirectelem()),
        }
    }
}

/// Whether discarding this part takes more than forgetting its bytes.
pub(crate) fn part_needs_disposal(t: &MapType, part: Part) -> bool {
    // SAFETY: `t` is a valid descriptor in all callers.
    let (ty, indirect) = unsafe { part_type(t, part) };
    ty.drop.is_some() || (indirect && heap::is_owned(t))
}
