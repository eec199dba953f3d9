//! What a collector must see of a map: its memory, and every slot that holds a pointer.
//!
//! [`mapscan`] walks a map at any time between operations, even in the middle of a growth; a
//! [`Scan`] does the same in bounded steps. They show a [`Visitor`]
//! - each piece of *memory* of the map (bucket arrays, overflow buckets, boxes of keys and elems,
//!   `extra` and its lists), in a traced heap; the `hmap` itself is the host's to reach;
//! - each *pointer* that keys and elems hold, by [`ptrdata`](maptype::RawType::ptrdata) and
//!   [`gcdata`](maptype::RawType::gcdata), except null.
//!
//! It gets the slots, so that a collector that moves memory can store the new address there. The
//! pointers that Go's layout has into the middle of memory (`nextOverflow`, links to preallocated
//! overflow buckets, the mark in the last of them, the words of an iterator) are updated by the
//! scan.
//!
//! # Duties of the collector
//! 1. It scans between operations, not inside of one ([`Heap::allocate`](maptype::Heap::allocate),
//!    duty 4).
//! 2. It moves memory to address ranges that do not overlap the old ones, unless it updates all
//!    slots first and moves afterwards; and from the first step of a scan to the last, nothing uses
//!    the map.
//! 3. If it moves nothing, the map may be used between the steps of a scan. Then memory that the
//!    heap allocates while the collector marks survives that cycle, and either barriers mark the
//!    pointers that are written ([`Barriers`](maptype::Barriers), duty 3; in a traced heap only),
//!    or a map that was written to is scanned again before marking ends. Memory that a visitor was
//!    shown is not freed before the scan is over.
//! 4. Iterators ([`TracedIter`]) of the map that are still to be used are scanned with it, after
//!    it.
//!
//! Under these rules, every pointer that was in the map when a scan began and still is when it ends
//! was shown to the visitor, or has passed through a barrier meanwhile.
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
    /// Size in bytes.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
    /// The type that it was allocated for.
    pub ty: *const Type,
}

/// What a collector does with the findings of a scan. Slots never hold null.
///
/// ```
/// use gomap::scan::{Allocation, Visitor};
///
/// /// Collects the pointers in a map, for a collector that moves nothing.
/// struct Marking(Vec<*mut u8>);
///
/// // SAFETY: nothing is moved, and all that a map holds is kept.
/// unsafe impl Visitor for Marking {
///     unsafe fn memory(&mut self, slot: *mut *mut u8, _: Allocation) -> Option<*mut u8> {
///         // SAFETY: the slot can be read.
///         Some(unsafe { *slot })
///     }
///
///     unsafe fn pointer(&mut self, slot: *mut *mut u8) {
///         // SAFETY: the slot can be read.
///         self.0.push(unsafe { *slot });
///     }
/// }
/// ```
///
/// # Safety
/// The implementor performs the duties of [the module](self).
pub unsafe trait Visitor {
    /// `slot` holds the address of a piece of the map's memory. The visitor stores the address
    /// there that the piece will have after the collection.
    ///
    /// Returns where the contents can be read and written now, or `None` to skip them because they
    /// were visited before. A collector that moves memory returns `None` from the second time on;
    /// one that does not always returns the address.
    ///
    /// # Safety
    /// `slot` can be read and written, and holds an address that `memory` describes.
    unsafe fn memory(&mut self, slot: *mut *mut u8, memory: Allocation) -> Option<*mut u8>;

    /// `slot` is a word of a key or an elem that holds one of the host's pointers. The visitor
    /// stores the address there that the target will have. A slot may be shown more than once.
    ///
    /// # Safety
    /// `slot` can be read and written.
    unsafe fn pointer(&mut self, slot: *mut *mut u8);
}

/// Shows a whole map to a visitor: [`Scan`] in one step. A null map has nothing to show.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, raw::*};
/// # use gomap::scan::{Allocation, Visitor, mapscan};
/// # struct Marking(Vec<*mut u8>);
/// # unsafe impl Visitor for Marking {
/// #     unsafe fn memory(&mut self, slot: *mut *mut u8, _: Allocation) -> Option<*mut u8> {
/// #         Some(unsafe { *slot })
/// #     }
/// #     unsafe fn pointer(&mut self, slot: *mut *mut u8) {
/// #         self.0.push(unsafe { *slot });
/// #     }
/// # }
/// # let t = MapType::new(&alg::INT64, &alg::POINTER, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let (key, mut object) = (7i64, "seven".to_string());
/// *mapassign(&t, h, (&raw const key).cast()).cast() = &raw mut object;
/// let mut marking = Marking(Vec::new());
/// mapscan(&t, h, &mut marking);
/// assert_eq!(marking.0, [(&raw mut object).cast()]);
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; *exclusive* (see [`raw`](crate::raw#safety)).
pub unsafe fn mapscan(t: *const MapType, h: *mut Hmap, visitor: &mut impl Visitor) {
    // SAFETY: `t` is valid; `h` is null or a map of `t`; *exclusive* for the whole scan.
    unsafe {
        Scan::new(t, h).step(visitor, usize::MAX);
    }
}
