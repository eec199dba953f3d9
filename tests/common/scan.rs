//! A scan whose visitor knows the heap, and can fail.

use std::alloc::Layout;

use gomap::layout::Hmap;
use gomap::scan::{Allocation, Scan, Visitor};
use maptype::MapType;

use super::faults::{Fault, unwind_if_due};
use super::heap::TestHeap;

/// Shows a map in steps of `budget` buckets.
///
/// # Safety
/// `h` is a map of `t`, in this heap, and nothing else uses it.
pub unsafe fn scan(heap: &TestHeap, t: &MapType, h: *mut Hmap, budget: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut scan = Scan::new(t, h);
        while !scan.step(&mut Onlooker(heap), budget.max(1)) {}
    }
}

struct Onlooker<'a>(&'a TestHeap);

// SAFETY: it moves nothing.
unsafe impl Visitor for Onlooker<'_> {
    unsafe fn memory(&mut self, slot: *mut *mut u8, memory: Allocation) -> Option<*mut u8> {
        unwind_if_due(Fault::Visit);
        // SAFETY: the caller's promise.
        let start = unsafe { *slot };
        let layout = Layout::from_size_align(memory.size, memory.align).expect("a layout");
        assert!(self.0.holds(start, layout), "not an allocation");
        Some(start)
    }

    unsafe fn pointer(&mut self, slot: *mut *mut u8) {
        unwind_if_due(Fault::Visit);
        // SAFETY: the caller's promise.
        assert!(unsafe { !(*slot).is_null() });
    }
}
