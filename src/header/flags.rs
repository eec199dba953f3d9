//! The flag byte of a map. Reads and writes are atomic (relaxed): iterators of several threads may
//! begin at once.

use core::mem::forget;
use core::sync::atomic::{AtomicU8, Ordering};

use maptype::MapType;

use crate::heap;
use crate::layout::{Hmap, hashWriting};
use crate::shape::Shape;

/// In [`Hmap::flags`]: the map's entries are being disposed of. While it has no buckets,
/// [`Hmap::nevacuate`] is the address of the header that has them.
pub(crate) const EMPTYING: u8 = 1 << 7;

/// # Safety
/// `h` points to a map.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn flags<'a>(h: *const Hmap) -> &'a AtomicU8 {
    // SAFETY: the byte is alive, and is accessed atomically wherever threads may meet.
    unsafe { AtomicU8::from_ptr((&raw const (*h).flags).cast_mut()) }
}

/// # Safety
/// `h` points to a map.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn load(h: *const Hmap) -> u8 {
    // SAFETY: `h` points to a map.
    unsafe { flags(h) }.load(Ordering::Relaxed)
}

/// Like [`load`], but a plain read for exclusive shapes: LLVM treats an atomic load as a possible
/// write and would reload the whole header in every lookup.
///
/// # Safety
/// `h` points to a map of shape `S`; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn peek<S: Shape>(h: *const Hmap) -> u8 {
    // SAFETY: `h` points to a map.
    unsafe { if S::EXCLUSIVE { (*h).flags } else { load(h) } }
}

/// # Safety
/// `h` points to a map; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn store(h: *mut Hmap, value: u8) {
    // SAFETY: `h` points to a map; *exclusive*.
    unsafe { flags(h) }.store(value, Ordering::Relaxed);
}

/// Sets flags that other threads may be setting too.
///
/// # Safety
/// `h` points to a map.
#[inline]
pub(crate) unsafe fn set(h: *mut Hmap, bits: u8) {
    // SAFETY: `h` points to a map.
    unsafe {
        if load(h) & bits != bits {
            flags(h).fetch_or(bits, Ordering::Relaxed);
        }
    }
}

/// Whether a write to the map is under way.
///
/// # Safety
/// `h` points to a map of shape `S`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn writing<S: Shape>(h: *const Hmap) -> bool {
    // SAFETY: `h` points to a map.
    !S::EXCLUSIVE && unsafe { load(h) } & hashWriting != 0
}

/// Throws if a write to the map is under way.
///
/// # Safety
/// `h` points to a map of `t`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn check_not_writing(t: &MapType, h: *const Hmap, message: &'static str) {
    // SAFETY: `h` points to a map.
    if unsafe { load(h) } & hashWriting != 0 {
        heap::throw(t, message);
    }
}

/// A write under way: `hashWriting` is set from its start to its end, or until it unwinds.
pub(crate) struct Writing<S: Shape> {
    s: S,
    h: *mut Hmap,
    /// The flags at its start.
    before: u8,
}

const CONCURRENT_WRITES: &str = "concurrent map writes";

impl<S: Shape> Writing<S> {
    /// Throws if another write is under way, before a hash function of the host is called. Where
    /// none is called, [`Writing::start`] checks.
    ///
    /// # Safety
    /// `h` points to a map of this shape, for as long as the value lives.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn check(s: S, h: *const Hmap) {
        if S::HASH_IS_CALLED && !S::EXCLUSIVE {
            // SAFETY: `h` points to a map.
            unsafe { check_not_writing(s.t(), h, CONCURRENT_WRITES) }
        }
    }

    /// Starts a write.
    ///
    /// # Safety
    /// As [`Writing::check`], which was called before the hash function was.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn start(s: S, h: *mut Hmap) -> Self {
        let mut before = 0;
        if !S::EXCLUSIVE {
            // SAFETY: `h` points to a map for as long as the value lives.
            unsafe {
                before = load(h);
                if !S::HASH_IS_CALLED && before & hashWriting != 0 {
                    heap::throw(s.t(), CONCURRENT_WRITES);
                }
                store(h, before ^ hashWriting);
            }
        }
        Writing { s, h, before }
    }

    /// [`Writing::finish`] of a write that changed no flag.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn finish_in_place(self) {
        if !S::EXCLUSIVE {
            // SAFETY: the map is alive (`start`).
            unsafe {
                if load(self.h) & hashWriting == 0 {
                    heap::throw(self.s.t(), CONCURRENT_WRITES);
                }
                store(self.h, self.before);
            }
            forget(self);
        }
    }

    /// Ends the write. Throws if another ended meanwhile.
    ///
    /// Flags that have not changed are written back as they were, not computed from a read: that
    /// would make the next write depend on this one through memory.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn finish(self) {
        if !S::EXCLUSIVE {
            // SAFETY: the map is alive (`start`).
            unsafe {
                let now = load(self.h);
                if now == self.before ^ hashWriting {
                    store(self.h, self.before);
                } else if now & hashWriting != 0 {
                    store(self.h, now & !hashWriting);
                } else {
                    heap::throw(self.s.t(), CONCURRENT_WRITES);
                }
            }
            forget(self);
        }
    }
}

impl<S: Shape> Drop for Writing<S> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if !S::EXCLUSIVE {
            // SAFETY: the map is alive (`start`).
            unsafe { store(self.h, load(self.h) & !hashWriting) }
        }
    }
}
