//! For hosts with a collector: what it must see of a map.

use core::ffi::c_void;

use maptype::MapType;

use super::status::Status;
use crate::layout::Hmap;
use crate::scan::{self, Allocation, TracedIter};

/// What a collector does with what a scan finds. Slots never hold NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Visitor {
    /// Passed to both functions.
    pub context: *mut c_void,
    /// `slot` holds the address of memory that the map allocated: store the address there that it
    /// will have after the collection. Returns where its contents can be read and written now, or
    /// NULL to skip them, as they were visited before.
    pub memory: unsafe extern "C-unwind" fn(
        context: *mut c_void,
        slot: *mut *mut u8,
        memory: *const Allocation,
    ) -> *mut u8,
    /// `slot` is a word of a key or an elem that holds a pointer of the host's: store the address
    /// there that its target will have. A slot may be shown more than once.
    pub pointer: unsafe extern "C-unwind" fn(context: *mut c_void, slot: *mut *mut u8),
}

// SAFETY: the C side keeps the duties, as `gomap_mapscan` asks.
unsafe impl scan::Visitor for Visitor {
    unsafe fn memory(&mut self, slot: *mut *mut u8, memory: Allocation) -> Option<*mut u8> {
        // SAFETY: the hook's contract.
        let here = unsafe { (self.memory)(self.context, slot, &memory) };
        (!here.is_null()).then_some(here)
    }

    unsafe fn pointer(&mut self, slot: *mut *mut u8) {
        // SAFETY: the hook's contract.
        unsafe { (self.pointer)(self.context, slot) }
    }
}

/// Shows a map, and then the `n` iterators of it that `iterators` points to, to a visitor: each
/// piece of memory of the map (in a traced heap; the `gomap_hmap` itself is the host's to reach)
/// and each pointer that its keys and elems hold. The pointers that the map has into the middle of
/// memory follow by themselves. An iterator's `it.key` and `it.elem` are NULL until its next step:
/// what they led to may have moved. docs/embedding.md has the duties of a collector.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; *exclusive*; the iterators are of this map, and `n` is 0 if the
/// heap is not a traced one; no other map operation is under way.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_mapscan(
    t: *const MapType,
    h: *mut Hmap,
    iterators: *const *mut TracedIter,
    n: usize,
    visitor: *const Visitor,
) {
    // SAFETY: `t` is valid, `h` is of `t`; there are `n` iterators; *exclusive*.
    unsafe {
        let mut visitor = *visitor;
        let mut scan = scan::Scan::new(t, h);
        scan.step(&mut visitor, usize::MAX);
        for i in 0..n {
            scan.add_iterator(&mut **iterators.add(i), &mut visitor);
            scan.step(&mut visitor, usize::MAX);
        }
    }
}

/// A scan of one map, which can stop after any step and continue later. It is plain data: it may be
/// abandoned at any time, and begun again.
#[repr(C)]
pub struct Scan {
    state: [*mut c_void; 32],
}

const _: () = assert!(size_of::<scan::Scan>() <= size_of::<Scan>());
const _: () = assert!(align_of::<scan::Scan>() <= align_of::<Scan>());

/// Begins a scan.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; `scan` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_scan_begin(t: *const MapType, h: *mut Hmap, scan: *mut Scan) {
    // SAFETY: `scan` may be written, and has room for a scan.
    unsafe { scan.cast::<scan::Scan>().write(scan::Scan::new(t, h)) }
}

/// Shows the contents of about `budget` buckets (at least one chain) to the visitor, and returns
/// whether the scan is complete. Between steps the map may be used, under the rules of
/// docs/embedding.md.
///
/// # Safety
/// `scan` was begun by `gomap_scan_begin`; its map is alive; *exclusive*; no other map operation is
/// under way.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_scan_step(
    scan: *mut Scan,
    visitor: *const Visitor,
    budget: usize,
) -> bool {
    // SAFETY: `scan` was begun; *exclusive*.
    unsafe {
        let mut visitor = *visitor;
        (*scan.cast::<scan::Scan>()).step(&mut visitor, budget)
    }
}

/// Adds what an iterator may read to a complete scan. Continue with `gomap_scan_step` until it
/// returns true again. `it.key` and `it.elem` are NULL until the iterator's next step, as what they
/// pointed to may have moved; that does not end the iteration. Its other pointers are updated to
/// the addresses that the visitor gives.
///
/// # Safety
/// As `gomap_scan_step`; `it` is an iterator of the map, which is in a traced heap.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_scan_add_iterator(
    scan: *mut Scan,
    it: *mut TracedIter,
    visitor: *const Visitor,
) {
    // SAFETY: `scan` was begun; `it` is an iterator of its map; *exclusive*.
    unsafe {
        let mut visitor = *visitor;
        (*scan.cast::<scan::Scan>()).add_iterator(&mut *it, &mut visitor);
    }
}

/// `gomap_try_mapiterinit` for an iterator that collectors see.
///
/// # Safety
/// As `gomap_try_mapiterinit`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_traced_iter_init(
    t: *const MapType,
    h: *mut Hmap,
    it: *mut TracedIter,
) -> Status {
    // SAFETY: as `gomap_mapiterinit` asks of its caller; `it` may be written.
    unsafe {
        it.write(TracedIter::zeroed());
        match (*it).init(t, h) {
            Ok(()) => Status::GOMAP_OK,
            Err(error) => error.into(),
        }
    }
}

/// `gomap_mapiternext` for an iterator that collectors see. Its `it.key` and `it.elem` are to be
/// read before the next scan.
///
/// # Safety
/// As `gomap_mapiternext`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn gomap_traced_iter_next(it: *mut TracedIter) {
    // SAFETY: `it` was begun, and its map is alive; *shared*.
    unsafe { (*it).next() }
}
