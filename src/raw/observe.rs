//! The document's `raceenabled` and `msanenabled` call-outs, as hooks of the heap (feature
//! `observe`).

use crate::layout::Hmap;
use crate::shape::Shape;

/// A map is about to be read with this key.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn reads<S: Shape>(s: S, h: *const Hmap, key: *const u8) {
    #[cfg(feature = "observe")]
    hooks::reads(s.t(), h, key);
    #[cfg(not(feature = "observe"))]
    let _ = (s, h, key);
}

/// A map is about to be written with this key.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn writes<S: Shape>(s: S, h: *const Hmap, key: *const u8) {
    #[cfg(feature = "observe")]
    hooks::writes(s.t(), h, key);
    #[cfg(not(feature = "observe"))]
    let _ = (s, h, key);
}

/// A map is about to be read as a whole.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn reads_map<S: Shape>(s: S, h: *const Hmap) {
    reads(s, h, core::ptr::null());
}

/// A map is about to be written as a whole.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn writes_map<S: Shape>(s: S, h: *const Hmap) {
    writes(s, h, core::ptr::null());
}

#[cfg(feature = "observe")]
mod hooks {
    use maptype::{MapType, Observer};

    use crate::heap::heap;
    use crate::layout::Hmap;

    fn observer(t: &MapType) -> Option<&Observer> {
        // SAFETY: null, or a table that lives as long as the heap.
        unsafe { heap(t).observer.as_ref() }
    }

    pub(super) fn reads(t: &MapType, h: *const Hmap, key: *const u8) {
        if let Some(observer) = observer(t) {
            if !h.is_null() {
                // SAFETY: the hook's contract.
                unsafe { (observer.read)(heap(t), h.cast(), size_of::<Hmap>()) }
            }
            reads_key(t, observer, key);
        }
    }

    pub(super) fn writes(t: &MapType, h: *const Hmap, key: *const u8) {
        if let Some(observer) = observer(t) {
            if !h.is_null() {
                // SAFETY: the hook's contract.
                unsafe { (observer.write)(heap(t), h.cast(), size_of::<Hmap>()) }
            }
            reads_key(t, observer, key);
        }
    }

    fn reads_key(t: &MapType, observer: &Observer, key: *const u8) {
        if !key.is_null() {
            // SAFETY: the hook's contract; a descriptor's types outlive it.
            unsafe { (observer.read)(heap(t), key, t.key_type().size) }
        }
    }
}
