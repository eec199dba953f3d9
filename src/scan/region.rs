//! A bucket array in a scan.

use core::ptr;

use maptype::MapType;

use super::{Allocation, Visitor};
use crate::header::sizes::array_len;
use crate::heap::{self, ALIGN};
use crate::layout::Bmap;

/// A bucket array, before and after the collection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Region {
    /// Its address when the scan found it, which pointers into it still have.
    pub(super) from: *mut Bmap,
    /// Its address after the collection.
    pub(super) to: *mut Bmap,
    /// Where its contents are now; null until it is shown to the visitor, and if they were visited
    /// before.
    pub(super) here: *mut Bmap,
    /// Buckets, the preallocated ones included.
    pub(super) len: usize,
    /// Whether all of it was shown to the visitor.
    pub(super) shown: bool,
}

impl Region {
    pub(super) fn new(t: &MapType, buckets: *mut Bmap, B: u8) -> Region {
        Region {
            from: buckets,
            to: buckets,
            here: ptr::null_mut(),
            len: if buckets.is_null() {
                0
            } else {
                array_len(t, B).unwrap_or(0)
            },
            shown: false,
        }
    }

    fn size(&self, t: &MapType) -> usize {
        self.len * t.bucketsize as usize
    }

    pub(super) fn contains(&self, t: &MapType, p: *mut Bmap) -> bool {
        (self.from.addr()..self.from.addr() + self.size(t)).contains(&p.addr())
    }

    /// Updates a pointer into the array to the array's new address.
    ///
    /// # Safety
    /// `slot` can be written, and holds a pointer into the array.
    pub(super) unsafe fn redirect(&self, slot: *mut *mut Bmap) {
        if self.from != self.to {
            // SAFETY: `slot` can be written, and holds a pointer into the array.
            unsafe {
                debug_assert!((*slot).addr() >= self.from.addr());
                let offset = (*slot).addr() - self.from.addr();
                *slot = self.to.wrapping_byte_add(offset);
            }
        }
    }

    /// Shows the array, which `slot` holds, to the visitor.
    ///
    /// # Safety
    /// `slot` can be read and written, and holds the address of this array.
    pub(super) unsafe fn show(
        &mut self,
        t: &MapType,
        slot: *mut *mut Bmap,
        visitor: &mut impl Visitor,
    ) {
        // SAFETY: `slot` holds the address of this array, as `bucket_memory` describes it.
        unsafe {
            self.here = if heap::is_owned(t) {
                self.from
            } else {
                let here = visitor.memory(slot.cast(), bucket_memory(t, self.len));
                here.map_or(ptr::null_mut(), <*mut u8>::cast)
            };
            self.to = *slot;
        }
    }
}

/// The allocation of `n` buckets.
pub(super) fn bucket_memory(t: &MapType, n: usize) -> Allocation {
    Allocation {
        size: n * t.bucketsize as usize,
        align: ALIGN,
        ty: t.bucket_type(),
    }
}
