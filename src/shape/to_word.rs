//! Maps to a word, which nobody need be told of when it is moved or cleared.

use core::ptr;

use maptype::MapType;

use super::Shape;
use crate::bucket::{Bucket, Cells};
use crate::heap;

/// Keys of a shape to elems of a word: what a [`Path`](maptype::Path) *to a word* implies. Only with such a path does it give the
/// descriptor's answers.
#[derive(Clone, Copy)]
pub(crate) struct ToWord<S>(pub(crate) S);

// SAFETY: the shape gives the descriptor's answers, and so do the constants, by what the path implies.
unsafe impl<S: Shape> Shape for ToWord<S> {
    const HASH_IS_CALLED: bool = S::HASH_IS_CALLED;

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn alike(self, b: Bucket, key: *const u8) -> Option<Cells> {
        // SAFETY: the caller's promise; the other shape fits as well.
        unsafe { self.0.alike(b, key) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn t(&self) -> &MapType {
        self.0.t()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn keysize(&self) -> usize {
        self.0.keysize()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn elemsize(&self) -> usize {
        size_of::<usize>()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn bucketsize(&self) -> usize {
        maptype::bucket_size(self.keysize(), self.elemsize())
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
        self.0.reflexivekey()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn needkeyupdate(&self) -> bool {
        self.0.needkeyupdate()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn hash_might_panic(&self) -> bool {
        self.0.hash_might_panic()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn dirtycells(&self) -> bool {
        false
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn stale_key_bytes(&self) -> usize {
        self.0.stale_key_bytes()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn needs_disposal(&self) -> bool {
        false
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn hash(self, key: *const u8, seed: u32) -> usize {
        // SAFETY: the caller's promise.
        unsafe { self.0.hash(key, seed) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn prefetch_key(self, key: *const u8) {
        // SAFETY: the caller's promise.
        unsafe { self.0.prefetch_key(key) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn slots_lead_on(&self) -> bool {
        self.0.slots_lead_on()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn handy(self, key: *const u8) -> bool {
        // SAFETY: the caller's promise.
        unsafe { self.0.handy(key) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn equal(self, a: *const u8, b: *const u8) -> bool {
        // SAFETY: the caller's promise.
        unsafe { self.0.equal(a, b) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn move_key(self, dst: *mut u8, src: *const u8) {
        // SAFETY: the caller's promise.
        unsafe { heap::copy_bytes(dst, src, self.keysize()) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn move_elem(self, dst: *mut u8, src: *const u8) {
        // SAFETY: the caller's promise.
        unsafe { ptr::copy_nonoverlapping(src, dst, self.elemsize()) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn clear_key_slot(self, slot: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe {
            if self.stale_key_bytes() != 0 {
                ptr::write_bytes(slot, 0, self.stale_key_bytes());
            }
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn clear_elem_slot(self, slot: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe { ptr::write_bytes(slot, 0, self.elemsize()) }
    }
}
