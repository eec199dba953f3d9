//! What a collector must see of a map: its memory, and every slot that holds a pointer.
//!
//! [`mapscan`] walks a map at any time between operations, also in the middle of a growth; a [`Scan`] does the same in
//! bounded steps. It shows a [`Visitor`]
//! - each piece of *memory* of the map (bucket arrays, overflow buckets, boxes of keys and elems, `extra` and its
//!   lists), in a traced heap; the `hmap` itself is the host's to reach;
//! - each *pointer* that keys and elems hold, by [`ptrdata`](maptype::RawType::ptrdata) and
//!   [`gcdata`](maptype::RawType::gcdata), null ones apart.
//!
//! It gets the slots, so that a collector that moves memory stores the new address there. The pointers that Go's layout
//! has into the middle of memory (`nextOverflow`, links to preallocated overflow buckets, the mark in the last of them,
//! the words of an iterator) are updated by the scan.
//!
//! # Duties of the collector
//! 1. It scans between operations, not inside of one ([`Heap::allocate`](maptype::Heap::allocate), duty 4).
//! 2. What it moves, it moves from one address range to another that does not overlap it, unless it updates all slots
//!    first and moves afterwards; and from the first step of a scan to the last nothing uses the map.
//! 3. If it moves nothing, the map may be used between the steps of a scan. Then what the heap allocates while the
//!    collector marks survives that cycle, and either barriers mark the pointers that are written
//!    ([`Barriers`](maptype::Barriers), duty 3; in a traced heap only), or a map that was written to is scanned again
//!    before marking ends. Memory that a visitor was shown is not freed before the scan is over.
//! 4. Iterators ([`TracedIter`]) of the map that are still to be used are scanned with it, after it.
//!
//! Under these rules, every pointer that is in the map from the start of a scan to its end is shown to the visitor, or
//! has passed through a barrier.
#![allow(non_snake_case, reason = "fields keep the document's names")]

mod iter;
mod region;
mod state;
mod words;

use maptype::{MapType, Type};

pub use iter::TracedIter;
pub use state::Scan;

use crate::layout::Hmap;

/// A piece of memory that the map got from [`Heap::allocate`](maptype::Heap::allocate).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Allocation {
    /// Bytes.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
    /// The type passed to `allocate`.
    pub ty: *const Type,
}

/// A collector's actions on the slots that a scan finds. They never hold null.
///
/// # Safety
/// The implementor keeps the duties of [the module](self).
pub unsafe trait Visitor {
    /// `slot` holds the address of a piece of memory of the map, and is given the address that it will have after the
    /// collection.
    ///
    /// Returns where its contents can be read and written now, or `None` to leave them alone, as they were visited
    /// before. A collector that moves memory answers `None` from the second time on; one that does not always answers
    /// the address.
    ///
    /// # Safety
    /// `slot` can be read and written, and holds an address that `memory` describes.
    unsafe fn memory(&mut self, slot: *mut *mut u8, memory: Allocation) -> Option<*mut u8>;

    /// `slot` is a word of a key or an elem that holds a pointer of the host's, and is given the address that what it
    /// points to will have. A slot may come up more than once.
    ///
    /// # Safety
    /// `slot` can be read and written.
    unsafe fn pointer(&mut self, slot: *mut *mut u8);
}

/// Shows all of a map to a visitor: [`Scan`] in one step. A null map has nothing to show.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; *exclusive* (see [`raw`](crate::raw#safety)).
pub unsafe fn mapscan(t: *const MapType, h: *mut Hmap, visitor: &mut impl Visitor) {
    // SAFETY: `t` is valid; `h` is null or a map of `t`; *exclusive* for the whole scan.
    unsafe {
        Scan::new(t, h).step(visitor, usize::MAX);
    }
}
