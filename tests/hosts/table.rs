//! The table that is made of a [`Host`]: what the map asks of it reaches the host.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use gomap::heap::{Host, host_heap};
use gomap::layout::{Hmap, hashWriting};
use gomap::maptype::{Era, MapType, Type, alg};
use gomap::raw::{makemap, mapassign, mapfree};

#[derive(Default)]
struct Recorder {
    bytes: Cell<usize>,
    largest: Cell<usize>,
    released: Cell<usize>,
    populated: Cell<usize>,
    barriers: Cell<usize>,
}

// SAFETY: memory comes from the global allocator and goes back to it.
unsafe impl Host for Recorder {
    const OWNED: bool = true;
    const PAGED: bool = true;
    const BARRIERS: bool = true;
    const ERA: Era = Era::Go123;

    fn allocate(&self, layout: Layout, ty: &Type) -> *mut u8 {
        assert!(!ty.name().is_empty());
        self.bytes.update(|bytes| bytes + layout.size());
        self.largest.update(|largest| largest.max(layout.size()));
        // SAFETY: maps ask for no empty memory.
        unsafe { alloc_zeroed(layout) }
    }

    unsafe fn free(&self, memory: *mut u8, layout: Layout) {
        self.bytes.update(|bytes| bytes - layout.size());
        // SAFETY: the caller's promise.
        unsafe { dealloc(memory, layout) }
    }

    unsafe fn release(&self, memory: *mut u8, size: usize) {
        self.released.update(|released| released + size);
        // SAFETY: the caller's promise. (Not only whole pages: the rest is not needed.)
        unsafe { memory.write_bytes(0, size) }
    }

    unsafe fn populate(&self, _: *mut u8, size: usize) {
        self.populated.update(|populated| populated + size);
    }

    /// An allocator with other size classes.
    fn roundupsize(&self, size: usize, _: bool) -> usize {
        size + 10 * 208
    }

    fn random(&self) -> u64 {
        0x1234_5678_9abc_def0
    }

    fn throw(&self, message: &str) -> ! {
        panic!("thrown: {message}")
    }

    unsafe fn store_pointer(&self, slot: *mut *mut u8, value: *mut u8) {
        self.barriers.update(|n| n + 1);
        // SAFETY: the caller's promise.
        unsafe { *slot = value }
    }
}

fn message(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("it should have unwound");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast::<&str>().expect("a text").to_string(),
    }
}

#[test]
fn the_host_is_asked() {
    let host = Recorder::default();
    let heap = host_heap(&host);
    let t = MapType::new(&alg::STRING, &alg::INT64, &heap).unwrap();
    // SAFETY: a map of strings.
    unsafe {
        let h = makemap(&t, 60, ptr::null_mut());
        assert_eq!((*h).hash0, 0x9abc_def0);
        // 16 buckets of 208 bytes, one for overflow, and what the host's allocator rounds up by.
        let array = (16 + 1 + 10) * 208;
        assert!(
            (array..array + 128).contains(&host.largest.get()),
            "{}",
            host.largest.get()
        );
        assert_ne!(host.barriers.get(), 0);

        let key = alg::GoString::new(b"key");
        assert_eq!(
            message(|| _ = mapassign(&t, ptr::null_mut(), key.as_key())),
            "assignment to entry in nil map"
        );
        (*h).flags |= hashWriting;
        assert_eq!(
            message(|| _ = mapassign(&t, h, key.as_key())),
            "thrown: concurrent map writes"
        );
        (*h).flags &= !hashWriting;
        mapfree(&t, h);
    }
    assert_eq!(host.bytes.get(), 0);
}

#[test]
fn a_host_of_pages_gets_them_back_as_a_growth_goes_on() {
    let host = Recorder::default();
    let heap = host_heap(&host);
    let t = MapType::new(&alg::INT64, &alg::INT64, &heap).unwrap();
    // SAFETY: a map of integers.
    unsafe {
        let mut h = Hmap::zeroed();
        makemap(&t, 0, &raw mut h);
        for key in 0..200_000i64 {
            *mapassign(&t, &raw mut h, (&raw const key).cast()).cast() = key;
        }
        assert!(host.released.get() > 1 << 20, "{}", host.released.get());
        assert!(host.populated.get() > 1 << 20, "{}", host.populated.get());
        gomap::raw::mapfree_contents(&t, &raw mut h);
    }
    assert_eq!(host.bytes.get(), 0);
}

/// The era of the table decides on the size classes, also where it was changed after the table was
/// made.
#[test]
fn a_changed_era_brings_its_size_classes() {
    #[derive(Default)]
    struct Sized(Cell<usize>);

    // SAFETY: memory comes from the global allocator and goes back to it.
    unsafe impl Host for Sized {
        const OWNED: bool = true;

        fn allocate(&self, layout: Layout, _: &Type) -> *mut u8 {
            self.0.set(self.0.get().max(layout.size()));
            // SAFETY: maps ask for no empty memory.
            unsafe { alloc_zeroed(layout) }
        }

        unsafe fn free(&self, memory: *mut u8, layout: Layout) {
            // SAFETY: the memory came from `allocate` with this layout.
            unsafe { dealloc(memory, layout) }
        }
    }

    for (era, buckets) in [(Era::Go119, 68), (Era::Go123, 76)] {
        for by_hand in [false, true] {
            let host = Sized::default();
            let mut heap = host_heap(&host);
            heap.era = era;
            if by_hand {
                heap.roundupsize = None;
            }
            let t = MapType::new(&alg::INT16, &alg::STRING, &heap).unwrap();
            // SAFETY: an empty map, of this test alone.
            unsafe { mapfree(&t, makemap(&t, 13 * 32, ptr::null_mut())) };
            let header = 64;
            let found = (host.0.get() - header) / t.bucketsize as usize;
            assert_eq!(found, buckets, "{era:?}, by hand: {by_hand}");
        }
    }
}

/// A host of large pages gets back as much as one of small ones, but for the ends of arrays: steps
/// end where pages do.
#[test]
fn steps_leave_no_page_over() {
    #[derive(Default)]
    struct Pages([Cell<usize>; 2]);

    const SIZES: [usize; 2] = [4096, 64 << 10];

    // SAFETY: memory comes from the global allocator and goes back to it.
    unsafe impl Host for Pages {
        const OWNED: bool = true;
        const PAGED: bool = true;

        fn allocate(&self, layout: Layout, _: &Type) -> *mut u8 {
            // SAFETY: maps ask for no empty memory.
            unsafe { alloc_zeroed(layout) }
        }

        unsafe fn free(&self, memory: *mut u8, layout: Layout) {
            // SAFETY: the memory came from `allocate` with this layout.
            unsafe { dealloc(memory, layout) }
        }

        unsafe fn release(&self, memory: *mut u8, size: usize) {
            for (page, released) in SIZES.into_iter().zip(&self.0) {
                let start = memory.addr().next_multiple_of(page);
                let end = (memory.addr() + size) / page * page;
                released.update(|released| released + end.saturating_sub(start));
            }
            // SAFETY: the map needs none of these bytes.
            unsafe { memory.write_bytes(0, size) }
        }
    }

    let host = Pages::default();
    let heap = host_heap(&host);
    let t = MapType::new(&alg::INT64, &alg::INT64, &heap).unwrap();
    // SAFETY: a map of integers, of this test alone.
    unsafe {
        let h = makemap(&t, 0, ptr::null_mut());
        for key in 0..400_000i64 {
            *mapassign(&t, h, (&raw const key).cast()).cast() = key;
        }
        mapfree(&t, h);
    }
    let [small, large] = host.0.map(|released| released.get());
    assert!(small > 4 << 20, "{small}");
    assert!(large > small / 100 * 90, "{large} of {small}");
}
