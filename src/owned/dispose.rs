//! Disposal of a key or an elem: its drop glue runs, and its box is freed.

use core::mem;

use maptype::{MapType, Type};

use super::LiveCells;
use crate::heap::{self, Deferred, free_object};
use crate::layout::{Hmap, emptyOne};
use crate::shape::Shape;

/// Which slot of an entry.
#[repr(usize)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Key,
    Elem,
}

/// Disposes of what a slot holds.
///
/// # Safety
/// `slot` has the bytes of a slot of a map of `t`; what it holds is not used again.
pub(crate) unsafe fn dispose(t: &MapType, part: Part, slot: *mut u8) {
    // SAFETY: the slot holds a value, or the pointer to one in a box; it is not used again.
    unsafe {
        let (ty, indirect) = part_type(t, part);
        let value = if indirect {
            *slot.cast::<*mut u8>()
        } else {
            slot
        };
        let boxed = Deferred(|| {
            if indirect {
                free_object(t, ty, value);
            }
        });
        if let Some(drop) = ty.drop
            && !(indirect && value.is_null())
        {
            drop(value, ty);
        }
        mem::drop(boxed);
    }
}

/// Disposes of every key and elem of a map. If the glue of one unwinds, the others are still
/// disposed of.
///
/// # Safety
/// `s` *fits* `h` (see [`raw`](crate::raw#safety)); its entries are not used again.
pub(crate) unsafe fn dispose_entries<S: Shape>(s: S, h: *mut Hmap) {
    // SAFETY: `s` fits `h`, whose entries are in no other use.
    let mut entries = DisposeEntries(s, unsafe { LiveCells::new(s, h) });
    entries.run();
}

struct DisposeEntries<S: Shape>(S, LiveCells<S>);

impl<S: Shape> DisposeEntries<S> {
    fn run(&mut self) {
        let s = self.0;
        for place in self.1.by_ref() {
            // SAFETY: each cell holds an entry, and comes up once. An iterator that glue steps
            // finds nothing there.
            unsafe {
                place.cell().bucket.set_tophash(place.cell().i, emptyOne);
                let elem = Deferred(|| dispose(s.t(), Part::Elem, place.elem_slot()));
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
