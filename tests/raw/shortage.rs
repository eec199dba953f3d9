//! Memory that is short for a moment, in the middle of a write.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::Cell;
use std::ptr;

use gomap::heap::{Host, host_heap};
use gomap::inspect::check;
use gomap::maptype::{MapType, REFLEXIVE_KEY, Type, alg};
use gomap::raw::{
    makemap_small, mapaccess2, mapassign, mapdelete, mapfree, try_mapassign, try_mapdelete,
};

thread_local! {
    /// Allocations that succeed, and after them allocations that fail; then all succeed.
    static SHORTAGE: Cell<(usize, usize)> = const { Cell::new((usize::MAX, 0)) };
}

struct Short;

// SAFETY: memory comes from the global allocator and goes back to it.
unsafe impl Host for Short {
    const OWNED: bool = true;

    fn allocate(&self, layout: Layout, _: &Type) -> *mut u8 {
        match SHORTAGE.get() {
            (0, 0) => (),
            (0, failures) => {
                SHORTAGE.set((0, failures - 1));
                return ptr::null_mut();
            }
            (successes, failures) => SHORTAGE.set((successes - 1, failures)),
        }
        // SAFETY: maps ask for no empty memory.
        unsafe { alloc_zeroed(layout) }
    }

    unsafe fn free(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the memory came from `allocate` with this layout.
        unsafe { dealloc(memory, layout) }
    }
}

unsafe extern "C-unwind" fn constant<const HASH: usize>(
    _: *const u8,
    _: usize,
    _: *const Type,
) -> usize {
    HASH
}

unsafe extern "C-unwind" fn equal(a: *const u8, b: *const u8, _: *const Type) -> bool {
    // SAFETY: keys are words.
    unsafe { a.cast::<u64>().read() == b.cast::<u64>().read() }
}

/// A growth has begun whose only chain could not be moved. Then `failures` allocations fail in one
/// write, in which the chain comes up as the one that the write needs and as the next in order.
fn write_in_a_shortage(hash: gomap::maptype::HashFn, failures: usize) {
    let key = Type::opaque("key", 8, 8, hash, equal).with_key_flags(REFLEXIVE_KEY);
    let heap = host_heap(&Short);
    let t = MapType::new(&key, &alg::UINT64, &heap).unwrap();
    let at = |id: &u64| -> *const u8 { ptr::from_ref(id).cast() };
    // SAFETY: keys and elems are words; the map is this test's own.
    unsafe {
        let h = makemap_small(&t);
        for id in 0..13u64 {
            mapassign(&t, h, at(&id)).cast::<u64>().write(id);
        }
        SHORTAGE.set((1, 100));
        assert!(try_mapassign(&t, h, at(&13)).is_err());
        assert!(!(*h).oldbuckets.is_null(), "the growth has begun");

        SHORTAGE.set((0, failures));
        assert_eq!(try_mapdelete(&t, h, at(&3)), Ok(true));
        assert!(!mapaccess2(&t, h, at(&3)).1);
        SHORTAGE.set((0, failures));
        if try_mapassign(&t, h, at(&14)).is_ok() {
            assert!(mapaccess2(&t, h, at(&14)).1);
            mapdelete(&t, h, at(&14));
        }
        SHORTAGE.set((usize::MAX, 0));
        assert_eq!(check(&t, h), Ok(()));
        assert_eq!((*h).count, 12);
        mapfree(&t, h);
    }
}

#[test]
fn a_chain_that_moves_at_the_second_try_is_found() {
    for failures in 0..4 {
        write_in_a_shortage(constant::<0>, failures);
        write_in_a_shortage(constant::<1>, failures);
    }
}
