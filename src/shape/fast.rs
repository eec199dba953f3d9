//! Shapes of maps whose keys are hashed and compared inline. `TO_WORD`: see [`Shape::TO_WORD`].

use core::mem::MaybeUninit;

use maptype::MapType;
use maptype::alg::{self, GoString};

use super::{Erased, Shape};
use crate::heap;
use crate::prefetch::prefetch;

/// The answers of a shape whose keys and elems are stored inline, and whose keys equal themselves
/// and always hash.
macro_rules! inline_answers {
    (needkeyupdate: $needkeyupdate:literal) => {
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn t(&self) -> &MapType {
            self.0
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn indirectkey(&self) -> bool {
            false
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn indirectelem(&self) -> bool {
            false
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn reflexivekey(&self) -> bool {
            true
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn needkeyupdate(&self) -> bool {
            $needkeyupdate
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn hash_might_panic(&self) -> bool {
            false
        }
    };
}

/// Such answers for the keys that Go's compiler has special functions for, with a default hash to
/// inline.
macro_rules! fast_answers {
    ($key:ty, needkeyupdate: $needkeyupdate:literal, inlined: $inlined:ident, $default_hash:path) => {
        inline_answers!(needkeyupdate: $needkeyupdate);

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn keysize(&self) -> usize {
            size_of::<$key>()
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        unsafe fn hash(self, key: *const u8, seed: u32) -> usize {
            // SAFETY: `key` points to a key of this kind.
            unsafe {
                if $inlined {
                    $default_hash(key, seed as usize)
                } else {
                    Erased(self.0).hash(key, seed)
                }
            }
        }
    };
}

/// Declares a shape whose keys are compared as one integer.
macro_rules! integer_shape {
    ($(#[$doc:meta])* $name:ident, $int:ty, $default_hash:path) => {
        $(#[$doc])*
        /// `DEFAULT_HASH`: hashed by the default hash, which is inlined.
        #[derive(Clone, Copy)]
        pub(crate) struct $name<'t, const DEFAULT_HASH: bool, const TO_WORD: bool>(
            pub(crate) &'t MapType,
        );

        // SAFETY: the descriptor is of keys of this size, compared bytewise, stored inline, as are
        // the elems.
        unsafe impl<const DEFAULT_HASH: bool, const TO_WORD: bool> Shape
            for $name<'_, DEFAULT_HASH, TO_WORD>
        {
            const HASH_IS_CALLED: bool = !DEFAULT_HASH;
            const TO_WORD: bool = TO_WORD;

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn has_candidates(&self) -> bool {
                !DEFAULT_HASH && !self.dirtycells()
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            unsafe fn is_candidate(self, slot: *const u8, key: *const u8) -> bool {
                // SAFETY: a slot that is not dirty is initialised; equality takes any bytes.
                unsafe { self.equal(key, slot) }
            }

            fast_answers!($int, needkeyupdate: false, inlined: DEFAULT_HASH, $default_hash);

            #[cfg_attr(not(debug_assertions), inline(always))]
            unsafe fn equal(self, a: *const u8, b: *const u8) -> bool {
                // SAFETY: both keys are initialised, and have the integer's size.
                unsafe { a.cast::<$int>().read_unaligned() == b.cast::<$int>().read_unaligned() }
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            unsafe fn move_key(self, dst: *mut u8, src: *const u8) {
                // SAFETY: `dst` and `src` have the integer's size.
                unsafe {
                    // Not as an integer: a key that is a pointer would lose its provenance.
                    let key = src.cast::<MaybeUninit<$int>>().read_unaligned();
                    if !TO_WORD && self.key_type().ptrdata != 0 {
                        return move_pointer_key(self.t(), dst, key);
                    }
                    dst.cast::<MaybeUninit<$int>>().write_unaligned(key);
                }
            }
        }
    };
}

/// Stores a key that is a pointer. It is passed by value, so that keys that are not can stay in a
/// register.
///
/// # Safety
/// `dst` has room for a key of `t`, which has the size of `key`.
#[cold]
#[inline(never)]
unsafe fn move_pointer_key<T>(t: &MapType, dst: *mut u8, key: MaybeUninit<T>) {
    // SAFETY: `dst` has room for a key, and `key` holds the bytes of one.
    unsafe { heap::typedmemmove(t, &*t.key, dst, (&raw const key).cast()) }
}

integer_shape!(
    /// Keys of four bytes of plain memory.
    Fast32,
    u32,
    alg::memhash32
);
integer_shape!(
    /// Keys of eight bytes of plain memory.
    Fast64,
    u64,
    alg::memhash64
);

/// String keys. In the functions of Go's string path (`GENERIC` is false) a deleted string's length
/// word stays in its slot. `DEFAULT_HASH`: hashed by the default hash, which is inlined.
#[derive(Clone, Copy)]
pub(crate) struct FastStr<'t, const GENERIC: bool, const DEFAULT_HASH: bool, const TO_WORD: bool>(
    pub(crate) &'t MapType,
);

// SAFETY: the descriptor is of string keys, with elems stored inline.
unsafe impl<const GENERIC: bool, const DEFAULT_HASH: bool, const TO_WORD: bool> Shape
    for FastStr<'_, GENERIC, DEFAULT_HASH, TO_WORD>
{
    const HASH_IS_CALLED: bool = !DEFAULT_HASH;
    const TO_WORD: bool = TO_WORD;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn has_candidates(&self) -> bool {
        !DEFAULT_HASH && !self.dirtycells()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn is_candidate(self, slot: *const u8, key: *const u8) -> bool {
        // SAFETY: a slot that is not dirty holds a string, what is left of one, or zeroes.
        unsafe { (*slot.cast::<GoString>()).len == (*key.cast::<GoString>()).len }
    }

    fast_answers!(GoString, needkeyupdate: true, inlined: DEFAULT_HASH, alg::strhash);

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn hashes_inline(self, key: *const u8) -> bool {
        // SAFETY: `key` points to a string.
        let len = unsafe { (*key.cast::<GoString>()).len };
        !DEFAULT_HASH || alg::hashes_inline(len)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn prefetch_key(self, key: *const u8) {
        // SAFETY: `key` points to a string.
        prefetch(unsafe { (*key.cast::<GoString>()).data });
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn follows_slots(&self) -> bool {
        true
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn equal(self, a: *const u8, b: *const u8) -> bool {
        // SAFETY: `a` and `b` point to strings.
        unsafe {
            let (a, b) = (a.cast::<GoString>().read(), b.cast::<GoString>().read());
            // Often it is the same string, whose bytes need not be loaded then.
            a.len == b.len
                && (a.data.addr() == b.data.addr() || alg::same_bytes(a.data, b.data, a.len))
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn stale_key_bytes(&self) -> usize {
        if GENERIC {
            size_of::<GoString>()
        } else {
            size_of::<*const u8>()
        }
    }
}

/// Keys of plain memory whose default hash is inlined: of `SIZE` bytes, or, for `SIZE` = 0, of the
/// descriptor's size (at least 9, and not 16).
#[derive(Clone, Copy)]
pub(crate) struct FastMemory<'t, const SIZE: usize, const TO_WORD: bool>(pub(crate) &'t MapType);

// SAFETY: the descriptor is of keys of such a size, compared bytewise, stored inline, as are the
// elems.
unsafe impl<const SIZE: usize, const TO_WORD: bool> Shape for FastMemory<'_, SIZE, TO_WORD> {
    const HASH_IS_CALLED: bool = false;
    const TO_WORD: bool = TO_WORD;

    inline_answers!(needkeyupdate: false);

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn keysize(&self) -> usize {
        if SIZE == 0 {
            self.t().keysize as usize
        } else {
            SIZE
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn hash(self, key: *const u8, seed: u32) -> usize {
        // SAFETY: the key has `keysize` bytes.
        unsafe {
            if SIZE == 16 {
                alg::memhash128(key, seed as usize)
            } else {
                alg::memhash(key, seed as usize, self.keysize())
            }
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn equal(self, a: *const u8, b: *const u8) -> bool {
        // SAFETY: both keys have `keysize` bytes.
        unsafe { alg::same_bytes(a, b, self.keysize()) }
    }
}
