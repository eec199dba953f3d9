//! The map functions of libgo, each by gomap's function of the same name. Their entry points are in
//! `entry`.
//!
//! `t` is a map type of the program, `h` a map made with it, `key` a key of it: the compiler sees
//! to that, and calls nothing else.

use core::ptr;

use gomap::layout::{Hiter, Hmap};
use gomap::maptype::alg::GoString;
use gomap::maptype::{MapType, Type};
use gomap::raw;

use crate::abi::GoMapType;
use crate::adapter::descriptor;
use crate::heap::HEAP;
use crate::preempt::checkpoint;
use crate::runtime;
use crate::stats::{Counter, count, count_assign};

/// An elem and whether it was found, in the two registers that Go expects them in.
#[repr(C)]
pub(crate) struct Found {
    elem: *mut u8,
    found: bool,
}

impl From<(*mut u8, bool)> for Found {
    #[inline(always)]
    fn from((elem, found): (*mut u8, bool)) -> Found {
        Found { elem, found }
    }
}

type T = *const GoMapType;

pub(crate) unsafe extern "C-unwind" fn makemap(t: T, hint: isize, h: *mut Hmap) -> *mut Hmap {
    count(Counter::Make);
    // SAFETY: the compiler's promise (module).
    unsafe { raw::makemap(descriptor(t), hint, h) }
}

/// Makes a map of a type that it is not told: none is needed while there are no buckets.
pub(crate) unsafe extern "C-unwind" fn makemap_small() -> *mut Hmap {
    static UNIT: Type = Type::plain("", 0, 1);
    static ANY: MapType = MapType::new_unchecked(&UNIT, &UNIT, &raw const HEAP, ptr::null());
    count(Counter::Make);
    // SAFETY: a descriptor of a map without buckets.
    unsafe { raw::makemap_small(&raw const ANY) }
}

pub(crate) unsafe extern "C-unwind" fn mapaccess1(t: T, h: *mut Hmap, key: *const u8) -> *mut u8 {
    count(Counter::Access);
    checkpoint();
    // SAFETY: the compiler's promise (module).
    unsafe { raw::mapaccess1(descriptor(t), h, key) }
}

pub(crate) unsafe extern "C-unwind" fn mapaccess2(t: T, h: *mut Hmap, key: *const u8) -> Found {
    count(Counter::Access);
    checkpoint();
    // SAFETY: the compiler's promise (module).
    unsafe { raw::mapaccess2(descriptor(t), h, key).into() }
}

pub(crate) unsafe extern "C-unwind" fn mapaccess1_fat(
    t: T,
    h: *mut Hmap,
    key: *const u8,
    zero: *mut u8,
) -> *mut u8 {
    count(Counter::Access);
    checkpoint();
    // SAFETY: the compiler's promise (module).
    unsafe { raw::mapaccess1_fat(descriptor(t), h, key, zero) }
}

pub(crate) unsafe extern "C-unwind" fn mapaccess2_fat(
    t: T,
    h: *mut Hmap,
    key: *const u8,
    zero: *mut u8,
) -> Found {
    count(Counter::Access);
    checkpoint();
    // SAFETY: the compiler's promise (module).
    unsafe { raw::mapaccess2_fat(descriptor(t), h, key, zero).into() }
}

pub(crate) unsafe extern "C-unwind" fn mapassign(t: T, h: *mut Hmap, key: *const u8) -> *mut u8 {
    checkpoint();
    // SAFETY: the compiler's promise (module).
    unsafe { count_assign(h, || raw::mapassign(descriptor(t), h, key)) }
}

pub(crate) unsafe extern "C-unwind" fn mapdelete(t: T, h: *mut Hmap, key: *const u8) {
    count(Counter::Delete);
    // SAFETY: the compiler's promise (module).
    unsafe { raw::mapdelete(descriptor(t), h, key) }
}

pub(crate) unsafe extern "C-unwind" fn mapclear(t: T, h: *mut Hmap) {
    count(Counter::Clear);
    // SAFETY: the compiler's promise (module).
    unsafe { raw::mapclear(descriptor(t), h) }
}

/// The iterator is uninitialised memory of a stack, or lies in the heap and was used before: then
/// the collector must hear of the pointers that go.
pub(crate) unsafe extern "C-unwind" fn mapiterinit(t: T, h: *mut Hmap, it: *mut Hiter) {
    count(Counter::IterInit);
    // SAFETY: the compiler's promise (module).
    unsafe {
        if runtime::write_barrier_enabled() {
            runtime::memclr_has_pointers(it.cast(), size_of::<Hiter>());
        }
        raw::mapiterinit(descriptor(t), h, it);
    }
}

pub(crate) unsafe extern "C-unwind" fn mapiternext(it: *mut Hiter) {
    count(Counter::IterNext);
    checkpoint();
    // SAFETY: the compiler's promise (module).
    unsafe { raw::mapiternext(it) }
}

/// The functions of a kind of key that is passed by value.
macro_rules! fast_functions {
    ($key:ty: $access1:ident $access2:ident $assign:ident $delete:ident) => {
        pub(crate) unsafe extern "C-unwind" fn $access1(t: T, h: *mut Hmap, key: $key) -> *mut u8 {
            count(Counter::Access);
            // SAFETY: the compiler's promise (module).
            unsafe { raw::$access1(descriptor(t), h, key) }
        }

        pub(crate) unsafe extern "C-unwind" fn $access2(t: T, h: *mut Hmap, key: $key) -> Found {
            count(Counter::Access);
            // SAFETY: the compiler's promise (module).
            unsafe { raw::$access2(descriptor(t), h, key).into() }
        }

        pub(crate) unsafe extern "C-unwind" fn $delete(t: T, h: *mut Hmap, key: $key) {
            count(Counter::Delete);
            // SAFETY: the compiler's promise (module).
            unsafe { raw::$delete(descriptor(t), h, key) }
        }

        fast_functions!(assign $key: $assign);
    };
    (assign $key:ty: $assign:ident) => {
        pub(crate) unsafe extern "C-unwind" fn $assign(t: T, h: *mut Hmap, key: $key) -> *mut u8 {
            // SAFETY: the compiler's promise (module).
            unsafe { count_assign(h, || raw::$assign(descriptor(t), h, key)) }
        }
    };
}

fast_functions!(u32: mapaccess1_fast32 mapaccess2_fast32 mapassign_fast32 mapdelete_fast32);
fast_functions!(u64: mapaccess1_fast64 mapaccess2_fast64 mapassign_fast64 mapdelete_fast64);
fast_functions!(GoString: mapaccess1_faststr mapaccess2_faststr mapassign_faststr mapdelete_faststr);
fast_functions!(assign *mut u8: mapassign_fast64ptr);
