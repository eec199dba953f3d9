//! When a key is hashed for a verb.

use maptype::{Era, MapType};

use crate::heap::heap;
use crate::layout::Hmap;
use crate::shape::Shape;

/// The hash of a key for a write. The hash function may use the map, and with that change its seed.
///
/// # Safety
/// `s` *fits* `h`; `key` is a *key*; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn hash_for_write<S: Shape>(s: S, h: *const Hmap, key: *const u8) -> usize {
    loop {
        // SAFETY: `h` points to a map, `key` is a key.
        unsafe {
            let seed = (*h).hash0;
            let hash = s.hash(key, seed);
            if (*h).hash0 == seed {
                return hash;
            }
        }
    }
}

/// Panics if the key is unhashable, as a lookup in a map with entries would.
///
/// # Safety
/// `s` gives the answers of a *valid* descriptor; `key` is a *key*.
#[cold]
#[inline(never)]
pub(crate) unsafe fn hash_for_nothing<S: Shape>(s: S, key: *const u8) {
    // SAFETY: `s` gives the answers of a valid descriptor, `key` is a key.
    unsafe {
        match heap(s.t()).era {
            Era::Go112 | Era::Go119 => {
                s.hash(key, 0);
            }
            Era::Go123 => check_hashable(s.t(), key),
        }
    }
}

/// From Go 1.22 on, a key that is looked up in an empty map is not hashed, only checked: a NaN in
/// it draws no random number.
///
/// # Safety
/// `t` is *valid*, `key` is a *key*.
unsafe fn check_hashable(t: &MapType, key: *const u8) {
    // SAFETY: `key` is a key of the type, and a descriptor's types outlive it.
    unsafe { maptype::alg::hashable(key, &*t.key) }
}
