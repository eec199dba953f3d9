//! The document's functions for keys of 4 bytes, 8 bytes, and strings: what Go's compiler calls for such keys when
//! elems have at most 128 bytes. They take the key by value.
//!
//! Besides the rules of [`mapaccess1`](super::mapaccess1) and the others, they ask that the descriptor has such keys,
//! compared bytewise (strings by content), and elems stored inline. Hashes come from the descriptor; the default hash,
//! which a descriptor of the standard key types names, is inlined.

use maptype::alg::GoString;
use maptype::{MapType, Path};

use super::access::{self, Elem, ElemIfAny};
use super::passed::ByValue;
use super::{assign, delete};
use crate::layout::Hmap;
use crate::shape::{Fast32, Fast64, FastStr};

/// Calls a verb with the shape for the default hash where the descriptor has it, and else, in a function of its own, with
/// the other.
macro_rules! by_hash {
    ($path:ident, $default:expr, $other:expr, $verb:expr,
        $t:ident, $h:ident: $map:ty, $key:ident: $key_type:ty $(, $result:ty)?) => {{
        #[inline(never)]
        unsafe fn hash_called($t: *const MapType, $h: $map, $key: $key_type) $(-> $result)? {
            // SAFETY: the caller's promise.
            unsafe { $verb($other(&*$t), $h, ByValue($key)) }
        }
        if matches!((*$t).path, Path::$path) {
            $verb($default(&*$t), $h, ByValue($key))
        } else {
            hash_called($t, $h, $key)
        }
    }};
}

/// Declares the functions of one kind of key.
macro_rules! fast_functions {
    ($path:ident, $default:expr, $other:expr, $key:ty, $what:literal:
        $access1:ident $access2:ident $assign:ident $delete:ident) => {
        fast_functions!(assign $path, $default, $other, $key, $what: $assign);

        #[doc = concat!("[`mapaccess1`](super::mapaccess1) for ", $what, ".")]
        ///
        /// # Safety
        /// `t` is *valid* and of this kind; `h` is *of `t`*; *shared*.
        pub unsafe fn $access1(t: *const MapType, h: *const Hmap, key: $key) -> *mut u8 {
            // SAFETY: the caller's promise.
            unsafe {
                by_hash!($path, $default, $other, access::mapaccess::<Elem, _, _>,
                    t, h: *const Hmap, key: $key, *mut u8)
            }
        }

        #[doc = concat!("[`mapaccess2`](super::mapaccess2) for ", $what, ".")]
        ///
        /// # Safety
        /// `t` is *valid* and of this kind; `h` is *of `t`*; *shared*.
        pub unsafe fn $access2(t: *const MapType, h: *const Hmap, key: $key) -> (*mut u8, bool) {
            // SAFETY: the caller's promise.
            unsafe {
                by_hash!($path, $default, $other, access::mapaccess::<ElemIfAny, _, _>,
                    t, h: *const Hmap, key: $key, (*mut u8, bool))
            }
        }

        #[doc = concat!("[`mapdelete`](super::mapdelete) for ", $what, ".")]
        ///
        /// # Safety
        /// `t` is *valid* and of this kind; `h` is *of `t`*; *exclusive*.
        pub unsafe fn $delete(t: *const MapType, h: *mut Hmap, key: $key) {
            // SAFETY: the caller's promise.
            unsafe {
                by_hash!($path, $default, $other, delete::or_throw, t, h: *mut Hmap, key: $key)
            }
        }
    };
    (assign $path:ident, $default:expr, $other:expr, $key:ty, $what:literal: $assign:ident) => {
        #[doc = concat!("[`mapassign`](super::mapassign) for ", $what, ".")]
        ///
        /// # Safety
        /// `t` is *valid* and of this kind; `h` is *of `t`*; *exclusive*.
        pub unsafe fn $assign(t: *const MapType, h: *mut Hmap, key: $key) -> *mut u8 {
            // SAFETY: the caller's promise.
            unsafe {
                by_hash!($path, $default, $other, assign::or_throw, t, h: *mut Hmap, key: $key, *mut u8)
            }
        }
    };
}

fast_functions!(Memory32, Fast32::<true>, Fast32::<false>, u32, "keys of four bytes":
    mapaccess1_fast32 mapaccess2_fast32 mapassign_fast32 mapdelete_fast32);
fast_functions!(Memory64, Fast64::<true>, Fast64::<false>, u64, "keys of eight bytes":
    mapaccess1_fast64 mapaccess2_fast64 mapassign_fast64 mapdelete_fast64);
fast_functions!(String, FastStr::<false, true>, FastStr::<false, false>, GoString, "strings":
    mapaccess1_faststr mapaccess2_faststr mapassign_faststr mapdelete_faststr);
#[cfg(target_pointer_width = "32")]
fast_functions!(assign Memory32, Fast32::<true>, Fast32::<false>, *mut u8,
    "pointers on 32-bit platforms; it serves any platform's": mapassign_fast32ptr);
#[cfg(target_pointer_width = "32")]
fast_functions!(assign Memory32, Fast32::<true>, Fast32::<false>, *mut u8,
    "pointers on 64-bit platforms; it serves any platform's": mapassign_fast64ptr);
#[cfg(target_pointer_width = "64")]
fast_functions!(assign Memory64, Fast64::<true>, Fast64::<false>, *mut u8,
    "pointers on 32-bit platforms; it serves any platform's": mapassign_fast32ptr);
#[cfg(target_pointer_width = "64")]
fast_functions!(assign Memory64, Fast64::<true>, Fast64::<false>, *mut u8,
    "pointers on 64-bit platforms; it serves any platform's": mapassign_fast64ptr);
