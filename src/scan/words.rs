//! The pointer words of values, and the values of buckets.

use maptype::{MapType, Type};

use super::{Allocation, Visitor};
use crate::bucket::{Bucket, tag};
use crate::heap;
use crate::owned::dispose::{Part, part_needs_disposal, part_type};
use crate::shape::Shape;

const WORD: usize = size_of::<usize>();

/// Shows the pointers in a value to the visitor.
///
/// # Safety
/// `value` points to a value of `ty`.
unsafe fn visit_value(ty: &Type, value: *mut u8, visitor: &mut impl Visitor) {
    for word in 0..ty.ptrdata / WORD {
        // SAFETY: `value` points to a value of `ty`, which contains the `ptrdata` bytes; the mask has a
        // bit for each word of them.
        unsafe {
            let masked = !ty.gcdata.is_null() && *ty.gcdata.add(word / 8) >> (word % 8) & 1 == 0;
            let slot = value.cast::<*mut u8>().add(word);
            if !masked && !(*slot).is_null() {
                visitor.pointer(slot);
            }
        }
    }
}

/// The parts of an entry whose slots may hold pointers, or point to memory that does.
pub(super) fn pointer_parts(t: &MapType) -> impl Iterator<Item = Part> {
    [Part::Key, Part::Elem].into_iter().filter(|&part| {
        // SAFETY: `t` is the descriptor of a map, so it is valid.
        let (ty, indirect) = unsafe { part_type(t, part) };
        ty.ptrdata != 0 || (indirect && !heap::is_owned(t))
    })
}

/// Shows the entries of a bucket to the visitor, and the old bytes of moved entries if an iterator
/// may read them. If the map disposes of a part, pointers in its old bytes may dangle: these are
/// skipped, as the map keeps such a part for iterators elsewhere.
///
/// # Safety
/// `b` is a *bucket* that `s` *fits*, linked from an array of the map.
pub(super) unsafe fn visit_bucket<S: Shape>(s: S, b: Bucket, visitor: &mut impl Visitor) {
    for part in pointer_parts(s.t()) {
        let stale_too = !heap::is_owned(s.t()) || !part_needs_disposal(s.t(), part);
        // SAFETY: the slots of occupied cells hold entries, or the bytes of moved ones, or zeroes.
        unsafe {
            for i in b.row().occupied_anywhere() {
                if stale_too || tag::is_live(b.tophash(i)) {
                    visit_slot(s.t(), part, slot(s, b, part, i), visitor);
                }
            }
        }
    }
}

/// The parts that an iterator of an owned map may read in the buckets kept for it. Parts that need
/// disposal are kept elsewhere.
pub(super) fn kept_parts(t: &MapType) -> impl Iterator<Item = Part> {
    pointer_parts(t).filter(|&part| !part_needs_disposal(t, part))
}

/// Shows a bucket that an owned map keeps for iterators to the visitor.
///
/// # Safety
/// `b` is a *bucket* that `s` *fits*, or was one before the map was cleared.
pub(super) unsafe fn visit_kept_bucket<S: Shape>(s: S, b: Bucket, visitor: &mut impl Visitor) {
    for part in kept_parts(s.t()) {
        // SAFETY: the slots of occupied cells hold entries, or the bytes of moved or cleared ones, or
        // zeroes.
        unsafe {
            for i in b.row().occupied_anywhere() {
                visit_slot(s.t(), part, slot(s, b, part, i), visitor);
            }
        }
    }
}

/// # Safety
/// As [`Bucket::key_slot`].
unsafe fn slot<S: Shape>(s: S, b: Bucket, part: Part, i: usize) -> *mut u8 {
    // SAFETY: `b` is a bucket that `s` fits, and `i` one of its cells.
    unsafe {
        match part {
            Part::Key => b.key_slot(s, i),
            Part::Elem => b.elem_slot(s, i),
        }
    }
}

/// Shows the pointers of a slot to the visitor, and its box if it has one.
///
/// # Safety
/// `slot` has the bytes of a slot of a map of `t`, or zeroes.
pub(super) unsafe fn visit_slot(
    t: &MapType,
    part: Part,
    slot: *mut u8,
    visitor: &mut impl Visitor,
) {
    // SAFETY: `slot` has the bytes of a slot of a map of `t`, or zeroes: a box in it is alive.
    unsafe {
        let (ty, indirect) = part_type(t, part);
        if !indirect {
            return visit_value(ty, slot, visitor);
        }
        let slot: *mut *mut u8 = slot.cast();
        if (*slot).is_null() || ty.size == 0 {
            return;
        }
        let value = if heap::is_owned(t) {
            Some(*slot)
        } else {
            let memory = Allocation {
                size: ty.size,
                align: ty.align as usize,
                ty,
            };
            visitor.memory(slot, memory)
        };
        if let Some(value) = value {
            visit_value(ty, value, visitor);
        }
    }
}
