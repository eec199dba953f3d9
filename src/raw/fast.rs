//! The document's functions for keys of 4 bytes, 8 bytes, and strings: what Go's compiler calls for
//! such keys when elems have at most 128 bytes. They take the key by value.
//!
//! A key that comes as an integer has no provenance: keys that are pointers are inserted with
//! `mapassign_fast64ptr` (or its twin), if they are to be followed where the map shows them.
//!
//! Besides the rules of [`mapaccess1`](super::mapaccess1) and the others, they ask that the
//! descriptor has such keys, compared bytewise (strings by content), and elems stored inline: at
//! most 128 bytes, aligned to at most 8. Builds with debug assertions check the sizes. Hashes come
//! from the descriptor; the default hash, which a descriptor of the standard key types names, is
//! inlined.

use maptype::alg::GoString;
use maptype::{MapType, Path};

use super::access::{self, Elem, ElemIfAny};
use super::key_arg::{ByValue, KeyArg};
use super::{assign, delete};
use crate::layout::Hmap;
use crate::shape::{Fast32, Fast64, FastStr};

/// Whether the descriptor has inline keys of so many bytes, and inline elems.
fn serves(t: &MapType, keysize: usize) -> bool {
    usize::from(t.keysize) == keysize && !t.indirectkey() && !t.indirectelem()
}

/// Calls a verb with the shape that the descriptor's path allows: inline where elems are a word and
/// the default hash is inlined, out of line otherwise.
macro_rules! by_path {
    ($path:ident, $to_word:ident, $shape:ident [$($g:literal)?], $verb:expr,
        $t:ident, $h:ident: $map:ty, $key:ident: $key_type:ty $(, $result:ty)?) => {{
        #[inline(never)]
        unsafe fn to_any_elem<P: KeyArg>($t: *const MapType, $h: $map, $key: P) $(-> $result)? {
            // SAFETY: `t` is valid and has this kind of key, `h` is of `t`.
            unsafe { $verb($shape::<$($g,)? true, false>(&*$t), $h, $key) }
        }
        #[inline(never)]
        unsafe fn hash_called<P: KeyArg>($t: *const MapType, $h: $map, $key: P) $(-> $result)? {
            // SAFETY: `t` is valid and has this kind of key, `h` is of `t`.
            unsafe { $verb($shape::<$($g,)? false, false>(&*$t), $h, $key) }
        }
        #[inline(never)]
        unsafe fn hash_called_to_word<P: KeyArg>($t: *const MapType, $h: $map, $key: P) $(-> $result)? {
            // SAFETY: `t` is valid and has this kind of key, `h` is of `t`.
            unsafe { $verb($shape::<$($g,)? false, true>(&*$t), $h, $key) }
        }
        #[inline(never)]
        unsafe fn otherwise<P: KeyArg>($t: *const MapType, $h: $map, $key: P) $(-> $result)? {
            // SAFETY: `t` is valid and has this kind of key, `h` is of `t`.
            unsafe {
                match (*$t).path {
                    Path::$path => to_any_elem($t, $h, $key),
                    Path::GenericToWord => hash_called_to_word($t, $h, $key),
                    _ => hash_called($t, $h, $key),
                }
            }
        }
        #[inline(never)]
        unsafe fn by_path<P: KeyArg>($t: *const MapType, $h: $map, $key: P) $(-> $result)? {
            // SAFETY: `t` is valid and has this kind of key, `h` is of `t`.
            unsafe {
                match (*$t).path {
                    Path::$to_word => $verb($shape::<$($g,)? true, true>(&*$t), $h, $key),
                    _ => otherwise($t, $h, $key),
                }
            }
        }
        debug_assert!(
            serves(&*$t, size_of::<$key_type>()),
            "the map has other keys, or elems in boxes",
        );
        by_path($t, $h, ByValue($key))
    }};
}

/// Declares the functions of one kind of key.
macro_rules! fast_functions {
    ($path:ident, $to_word:ident, $shape:ident [$($g:literal)?], $key:ty, $what:literal $alg:literal $sample:literal:
        $access1:ident $access2:ident $assign:ident $delete:ident) => {
        fast_functions!(assign $path, $to_word, $shape [$($g)?], $key, $what $alg $sample: $assign);

        #[doc = concat!("[`mapaccess1`](super::mapaccess1) for ", $what, ".")]
        ///
        /// ```
        /// # use gomap::{heap::SYSTEM, maptype::{MapType, alg::*}, raw::*};
        #[doc = concat!("# let t = MapType::new(&", $alg, ", &INT64, &SYSTEM).unwrap();")]
        /// # unsafe {
        /// # let h = makemap_small(&t);
        #[doc = concat!("let key = ", $sample, ";")]
        #[doc = concat!("*", stringify!($assign), "(&t, h, key).cast::<i64>() = 49;")]
        #[doc = concat!("assert_eq!(*", stringify!($access1), "(&t, h, key).cast::<i64>(), 49);")]
        /// # mapfree(&t, h);
        /// # }
        /// ```
        ///
        /// # Safety
        /// `t` is *valid*, has such keys, which are compared bytewise, and elems stored inline (of
        /// at most 128 bytes, aligned to at most 8); `h` is *of `t`*; *shared*.
        #[inline]
        pub unsafe fn $access1(t: *const MapType, h: *const Hmap, key: $key) -> *mut u8 {
            // SAFETY: `t` is valid and has such keys, `h` is of `t`, `key` is a key; *shared*.
            unsafe {
                by_path!($path, $to_word, $shape [$($g)?], access::mapaccess::<Elem, _, _>,
                    t, h: *const Hmap, key: $key, *mut u8)
            }
        }

        #[doc = concat!("[`mapaccess2`](super::mapaccess2) for ", $what, ".")]
        ///
        /// ```
        /// # use gomap::{heap::SYSTEM, maptype::{MapType, alg::*}, raw::*};
        #[doc = concat!("# let t = MapType::new(&", $alg, ", &INT64, &SYSTEM).unwrap();")]
        /// # unsafe {
        /// # let h = makemap_small(&t);
        #[doc = concat!("let key = ", $sample, ";")]
        #[doc = concat!("let (_, found) = ", stringify!($access2), "(&t, h, key);")]
        /// assert!(!found);
        /// # mapfree(&t, h);
        /// # }
        /// ```
        ///
        /// # Safety
        /// `t` is *valid*, has such keys, which are compared bytewise, and elems stored inline (of
        /// at most 128 bytes, aligned to at most 8); `h` is *of `t`*; *shared*.
        #[inline]
        pub unsafe fn $access2(t: *const MapType, h: *const Hmap, key: $key) -> (*mut u8, bool) {
            // SAFETY: `t` is valid and has such keys, `h` is of `t`, `key` is a key; *shared*.
            unsafe {
                by_path!($path, $to_word, $shape [$($g)?], access::mapaccess::<ElemIfAny, _, _>,
                    t, h: *const Hmap, key: $key, (*mut u8, bool))
            }
        }

        #[doc = concat!("[`mapdelete`](super::mapdelete) for ", $what, ".")]
        ///
        /// ```
        /// # use gomap::{heap::SYSTEM, maptype::{MapType, alg::*}, raw::*};
        #[doc = concat!("# let t = MapType::new(&", $alg, ", &INT64, &SYSTEM).unwrap();")]
        /// # unsafe {
        /// # let h = makemap_small(&t);
        #[doc = concat!("let key = ", $sample, ";")]
        #[doc = concat!("*", stringify!($assign), "(&t, h, key).cast::<i64>() = 49;")]
        #[doc = concat!(stringify!($delete), "(&t, h, key);")]
        /// assert_eq!((*h).count, 0);
        /// # mapfree(&t, h);
        /// # }
        /// ```
        ///
        /// # Safety
        /// `t` is *valid*, has such keys, which are compared bytewise, and elems stored inline (of
        /// at most 128 bytes, aligned to at most 8); `h` is *of `t`*; *exclusive*.
        #[inline]
        pub unsafe fn $delete(t: *const MapType, h: *mut Hmap, key: $key) {
            // SAFETY: `t` is valid and has such keys, `h` is of `t`, `key` is a key; *exclusive*.
            unsafe {
                by_path!($path, $to_word, $shape [$($g)?], delete::mapdelete,
                    t, h: *mut Hmap, key: $key, bool);
            }
        }
    };
    (assign $path:ident, $to_word:ident, $shape:ident [$($g:literal)?], $key:ty,
        $what:literal $alg:literal $sample:literal: $assign:ident) => {
        #[doc = concat!("[`mapassign`](super::mapassign) for ", $what, ".")]
        ///
        /// ```
        /// # use gomap::{heap::SYSTEM, maptype::{MapType, alg::*}, raw::*};
        #[doc = concat!("# let t = MapType::new(&", $alg, ", &INT64, &SYSTEM).unwrap();")]
        /// # unsafe {
        /// # let h = makemap_small(&t);
        #[doc = concat!("let key = ", $sample, ";")]
        #[doc = concat!("*", stringify!($assign), "(&t, h, key).cast::<i64>() = 49;")]
        /// assert_eq!((*h).count, 1);
        /// # mapfree(&t, h);
        /// # }
        /// ```
        ///
        /// # Safety
        /// `t` is *valid*, has such keys, which are compared bytewise, and elems stored inline (of
        /// at most 128 bytes, aligned to at most 8); `h` is *of `t`*; *exclusive*.
        #[inline]
        pub unsafe fn $assign(t: *const MapType, h: *mut Hmap, key: $key) -> *mut u8 {
            // SAFETY: `t` is valid and has such keys, `h` is of `t`, `key` is a key; *exclusive*.
            unsafe {
                by_path!($path, $to_word, $shape [$($g)?], assign::mapassign_or_throw, t, h: *mut Hmap, key: $key, *mut u8)
            }
        }
    };
}

fast_functions!(Memory32, Memory32ToWord, Fast32 [], u32, "keys of four bytes" "INT32" "7":
    mapaccess1_fast32 mapaccess2_fast32 mapassign_fast32 mapdelete_fast32);
fast_functions!(Memory64, Memory64ToWord, Fast64 [], u64, "keys of eight bytes" "INT64" "7":
    mapaccess1_fast64 mapaccess2_fast64 mapassign_fast64 mapdelete_fast64);
fast_functions!(String, StringToWord, FastStr [false], GoString, "strings" "STRING" "GoString::new(b\"seven\")":
    mapaccess1_faststr mapaccess2_faststr mapassign_faststr mapdelete_faststr);
#[cfg(target_pointer_width = "32")]
fast_functions!(assign Memory32, Memory32ToWord, Fast32 [], *mut u8,
    "pointer keys. Go uses it on 32-bit platforms; here it works on all"
    "POINTER" "std::ptr::without_provenance_mut(0x1000)": mapassign_fast32ptr);
#[cfg(target_pointer_width = "32")]
fast_functions!(assign Memory32, Memory32ToWord, Fast32 [], *mut u8,
    "pointer keys. Go uses it on 64-bit platforms; here it works on all"
    "POINTER" "std::ptr::without_provenance_mut(0x1000)": mapassign_fast64ptr);
#[cfg(target_pointer_width = "64")]
fast_functions!(assign Memory64, Memory64ToWord, Fast64 [], *mut u8,
    "pointer keys. Go uses it on 32-bit platforms; here it works on all"
    "POINTER" "std::ptr::without_provenance_mut(0x1000)": mapassign_fast32ptr);
#[cfg(target_pointer_width = "64")]
fast_functions!(assign Memory64, Memory64ToWord, Fast64 [], *mut u8,
    "pointer keys. Go uses it on 64-bit platforms; here it works on all"
    "POINTER" "std::ptr::without_provenance_mut(0x1000)": mapassign_fast64ptr);
