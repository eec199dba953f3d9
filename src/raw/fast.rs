//! The document's functions for keys of 4 bytes, 8 bytes, and strings: what Go's compiler calls for such keys when
//! elems have at most 128 bytes. They take the key by value.
//!
//! Besides the rules of [`mapaccess1`](super::mapaccess1) and the others, they ask that the descriptor has such keys,
//! compared bytewise (strings by content), and elems stored inline. Hashes come from the descriptor.

use maptype::MapType;
use maptype::alg::GoString;

use super::{access, assign, delete};
use crate::layout::Hmap;
use crate::shape::{Fast32, Fast64, FastStr};
#[cfg(target_pointer_width = "32")]
use Fast32 as FastPtr;
#[cfg(target_pointer_width = "64")]
use Fast64 as FastPtr;

/// Declares the functions of one kind of key.
macro_rules! fast_functions {
    ($shape:expr, $key:ty, $what:literal: $access1:ident $access2:ident $assign:ident $delete:ident) => {
        fast_functions!(assign $shape, $key, $what: $assign);

        #[doc = concat!("[`mapaccess1`](super::mapaccess1) for ", $what, ".")]
        ///
        /// # Safety
        /// `t` is *valid* and of this kind; `h` is *of `t`*; *shared*.
        pub unsafe fn $access1(t: *const MapType, h: *const Hmap, key: $key) -> *mut u8 {
            // SAFETY: the caller's promise.
            unsafe { access::mapaccess1($shape(&*t), h, (&raw const key).cast()) }
        }

        #[doc = concat!("[`mapaccess2`](super::mapaccess2) for ", $what, ".")]
        ///
        /// # Safety
        /// `t` is *valid* and of this kind; `h` is *of `t`*; *shared*.
        pub unsafe fn $access2(t: *const MapType, h: *const Hmap, key: $key) -> (*mut u8, bool) {
            // SAFETY: the caller's promise.
            unsafe { access::mapaccess2($shape(&*t), h, (&raw const key).cast()) }
        }

        #[doc = concat!("[`mapdelete`](super::mapdelete) for ", $what, ".")]
        ///
        /// # Safety
        /// `t` is *valid* and of this kind; `h` is *of `t`*; *exclusive*.
        pub unsafe fn $delete(t: *const MapType, h: *mut Hmap, key: $key) {
            // SAFETY: the caller's promise.
            unsafe { delete::or_throw($shape(&*t), h, (&raw const key).cast()) }
        }
    };
    (assign $shape:expr, $key:ty, $what:literal: $assign:ident) => {
        #[doc = concat!("[`mapassign`](super::mapassign) for ", $what, ".")]
        ///
        /// # Safety
        /// `t` is *valid* and of this kind; `h` is *of `t`*; *exclusive*.
        pub unsafe fn $assign(t: *const MapType, h: *mut Hmap, key: $key) -> *mut u8 {
            // SAFETY: the caller's promise.
            unsafe { assign::or_throw($shape(&*t), h, (&raw const key).cast()) }
        }
    };
}

fast_functions!(Fast32::<false>, u32, "keys of four bytes":
    mapaccess1_fast32 mapaccess2_fast32 mapassign_fast32 mapdelete_fast32);
fast_functions!(Fast64::<false>, u64, "keys of eight bytes":
    mapaccess1_fast64 mapaccess2_fast64 mapassign_fast64 mapdelete_fast64);
fast_functions!(FastStr::<false>, GoString, "strings":
    mapaccess1_faststr mapaccess2_faststr mapassign_faststr mapdelete_faststr);
fast_functions!(assign FastPtr::<false>, *mut u8, "pointers on 32-bit platforms; it serves any platform's":
    mapassign_fast32ptr);
fast_functions!(assign FastPtr::<false>, *mut u8, "pointers on 64-bit platforms; it serves any platform's":
    mapassign_fast64ptr);
