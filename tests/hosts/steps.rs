//! No step of a scan shows more than it was asked for.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::RefCell;
use std::ptr;

use gomap::heap::{Host, SYSTEM, host_heap};
use gomap::layout::{Hiter, Hmap};
use gomap::maptype::{MapType, Type};
use gomap::raw::{
    makemap_small, mapassign, mapclear, mapdelete, mapfree, mapiterdone, mapiterinit,
};
use gomap::scan::{Allocation, Scan, TracedIter, Visitor};

use crate::kinds::{KINDS, Kind};

/// With pointers behind boxes, and in the slots themselves.
const KINDS_OF_POINTERS: [usize; 2] = [2, 4];

/// Counts what it is shown.
struct Counter(usize);

// SAFETY: nothing is moved.
unsafe impl Visitor for Counter {
    unsafe fn memory(&mut self, slot: *mut *mut u8, _: Allocation) -> Option<*mut u8> {
        self.0 += 1;
        // SAFETY: the caller's promise.
        Some(unsafe { *slot })
    }

    unsafe fn pointer(&mut self, _: *mut *mut u8) {
        self.0 += 1;
    }
}

/// What a step shows at most: the buckets that were asked for, and a chain; of each two boxes and
/// two pointers a cell.
fn bound(budget: usize) -> usize {
    const CHAIN: usize = 10;
    (budget + CHAIN) * (1 + 8 * 4)
}

/// Steps to the end of a scan; returns how much that showed.
unsafe fn show(scan: &mut Scan, budget: usize) -> usize {
    let mut shown = 0;
    loop {
        let mut step = Counter(0);
        // SAFETY: the map is alive, and nothing uses it.
        let done = unsafe { scan.step(&mut step, budget) };
        assert!(
            budget == usize::MAX || step.0 <= bound(budget),
            "{}",
            step.0
        );
        shown += step.0;
        if done {
            return shown;
        }
    }
}

unsafe fn insert(kind: &Kind, t: &MapType, h: *mut Hmap, ids: std::ops::Range<u64>) {
    for id in ids {
        let nowhere = ptr::without_provenance_mut(8);
        let key = kind.key(id, || nowhere);
        // SAFETY: a map of this kind; the pointers are not followed.
        unsafe { kind.store_elem(mapassign(t, h, key.as_ptr().cast()), id, nowhere) };
    }
}

#[test]
fn what_an_owned_map_keeps_is_shown_in_steps() {
    for kind in KINDS_OF_POINTERS.map(|kind| &KINDS[kind]) {
        let t = kind.map_type(&SYSTEM);
        // SAFETY: the map is this test's own.
        unsafe {
            let h = makemap_small(&t);
            let mut iters: Vec<Box<Hiter>> = Vec::new();
            for i in 0..10 {
                insert(kind, &t, h, 500 * i..500 * (i + 1));
                let mut it = Box::new(Hiter::zeroed());
                mapiterinit(&t, h, &mut *it);
                iters.push(it);
            }
            for id in 0..4900 {
                let key = kind.key(id, || ptr::without_provenance_mut(8));
                mapdelete(&t, h, key.as_ptr().cast());
            }
            let kept = show(&mut Scan::new(&t, h), usize::MAX);
            assert!(kept > 3 * bound(10), "{kept}");
            for budget in [0, 1, 10, 100] {
                assert_eq!(show(&mut Scan::new(&t, h), budget), kept);
            }
            iters.iter_mut().for_each(|it| mapiterdone(&mut **it));
            mapfree(&t, h);
        }
    }
}

/// A traced heap that frees at the end of all.
#[derive(Default)]
struct Hoard(RefCell<Vec<(*mut u8, Layout)>>);

// SAFETY: memory comes from the global allocator, zeroed, and stays.
unsafe impl Host for Hoard {
    const OWNED: bool = false;

    fn allocate(&self, layout: Layout, _: &Type) -> *mut u8 {
        // SAFETY: maps ask for no empty memory.
        let memory = unsafe { alloc_zeroed(layout) };
        self.0.borrow_mut().push((memory, layout));
        memory
    }

    fn random(&self) -> u64 {
        7
    }
}

impl Drop for Hoard {
    fn drop(&mut self) {
        for (memory, layout) in self.0.take() {
            // SAFETY: allocated above, with this layout.
            unsafe { dealloc(memory, layout) }
        }
    }
}

/// What an iterator stood on may have moved: a scan leaves null there, which is not the end.
#[test]
fn a_scan_takes_the_key_and_the_elem_away() {
    let kind = &KINDS[KINDS_OF_POINTERS[0]];
    let hoard = Hoard::default();
    let heap = host_heap(&hoard);
    let t = kind.map_type(&heap);
    // SAFETY: the map is this test's own.
    unsafe {
        let h = makemap_small(&t);
        insert(kind, &t, h, 0..100);
        let mut it = TracedIter::zeroed();
        it.init(&t, h).unwrap();
        let mut visited = 0;
        while !it.has_ended() {
            assert!(!it.it.key.is_null() && !it.it.elem.is_null());
            visited += 1;
            for _ in 0..2 {
                let mut scan = Scan::new(&t, h);
                show(&mut scan, usize::MAX);
                scan.add_iterator(&mut it, &mut Counter(0));
                show(&mut scan, usize::MAX);
                assert!(it.it.key.is_null() && it.it.elem.is_null());
                assert!(!it.has_ended());
            }
            it.next();
        }
        assert_eq!(visited, 100);

        it.init(&t, h).unwrap();
        assert!(!it.it.key.is_null() && !it.has_ended());
        mapclear(&t, h);
        it.init(&t, h).unwrap();
        assert!(it.has_ended());
    }
}

#[test]
fn what_an_iterator_reads_is_shown_in_steps() {
    for kind in KINDS_OF_POINTERS.map(|kind| &KINDS[kind]) {
        let hoard = Hoard::default();
        let heap = host_heap(&hoard);
        let t = kind.map_type(&heap);
        // SAFETY: the map is this test's own.
        unsafe {
            let h = makemap_small(&t);
            insert(kind, &t, h, 0..1000);
            let mut it = TracedIter::zeroed();
            it.init(&t, h).unwrap();
            insert(kind, &t, h, 1000..5000);
            assert!(it.it.buckets != (*h).buckets && it.it.buckets != (*h).oldbuckets);

            let counts = [usize::MAX, 0, 1, 10, 100].map(|budget| {
                let mut scan = Scan::new(&t, h);
                let map = show(&mut scan, budget);
                let mut first = Counter(0);
                scan.add_iterator(&mut it, &mut first);
                assert!(first.0 <= bound(0), "{}", first.0);
                (map, first.0 + show(&mut scan, budget))
            });
            assert!(counts[0].1 > 2 * bound(10), "{counts:?}");
            assert!(counts.iter().all(|shown| *shown == counts[0]));
        }
    }
}
