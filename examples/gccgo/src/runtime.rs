//! What the library uses of libgo.
//!
//! All of it is weak: a process that is not a Go program (a child of one, with the same
//! environment) has none of these and must load all the same.

use core::sync::atomic::{AtomicU32, Ordering};

use crate::abi::GoType;

unsafe extern "C-unwind" {
    /// Zeroed or dirty memory for one or more consecutive values of `ty` (null: of no pointers).
    /// Never null. It may run a part of the collector, let other goroutines go first, and come back
    /// in another thread.
    #[link_name = "runtime.mallocgc"]
    pub(crate) fn mallocgc(size: usize, ty: *const GoType, zero: bool) -> *mut u8;
    #[link_name = "runtime.typedmemmove"]
    pub(crate) fn typedmemmove(ty: *const GoType, dst: *mut u8, src: *const u8);
    /// Throws unless both are multiples of a word.
    #[link_name = "runtime.memclrHasPointers"]
    pub(crate) fn memclr_has_pointers(memory: *mut u8, size: usize);
    /// Stores the pointer, and tells the collector.
    #[link_name = "runtime.gcWriteBarrier"]
    pub(crate) fn gc_write_barrier(slot: *mut *mut u8, value: *mut u8);
    #[link_name = "runtime.fastrand"]
    pub(crate) fn fastrand() -> u32;
    /// Panics with the interface value of this type and data.
    #[link_name = "runtime.gopanic"]
    pub(crate) fn gopanic(ty: *const GoType, data: *const u8) -> !;
    #[link_name = "runtime.throw"]
    pub(crate) fn throw(message: *const u8, len: usize) -> !;
    /// The running goroutine.
    #[link_name = "runtime.getg"]
    pub(crate) fn getg() -> *const u8;

    #[link_name = "runtime.writeBarrier"]
    static WRITE_BARRIER: AtomicU32;
    #[link_name = "runtime.zeroVal"]
    pub(crate) static ZERO_VAL: [u8; 1024];
    #[link_name = "runtime.hmap..d"]
    pub(crate) static HMAP: GoType;
    #[link_name = "runtime.mapextra..d"]
    pub(crate) static MAP_EXTRA: GoType;
    #[link_name = "runtime.hiter..d"]
    pub(crate) static HITER: GoType;
    #[link_name = "runtime.g..d"]
    pub(crate) static G: GoType;
    #[link_name = "runtime.plainError..d"]
    pub(crate) static PLAIN_ERROR: GoType;
}

core::arch::global_asm!(
    ".irp name, mallocgc, typedmemmove, memclrHasPointers, gcWriteBarrier, fastrand, gopanic, throw, getg",
    ".weak \"runtime.\\name\"",
    ".endr",
    ".irp name, writeBarrier, zeroVal, hmap..d, mapextra..d, hiter..d, g..d, plainError..d",
    ".weak \"runtime.\\name\"",
    ".endr",
);

/// Whether pointers must be stored with the collector's knowledge. The answer holds until the next
/// call of a function of the runtime.
#[inline(always)]
pub(crate) fn write_barrier_enabled() -> bool {
    // SAFETY: map functions are only called in Go programs, which have the flag.
    unsafe { WRITE_BARRIER.load(Ordering::Relaxed) != 0 }
}
