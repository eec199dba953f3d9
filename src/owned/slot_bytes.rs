//! The bytes of a slot, out of its map.

use core::mem::MaybeUninit;
use core::ptr;

/// Room for the largest slot.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub(crate) struct SlotBytes(MaybeUninit<[u8; 128]>);

impl SlotBytes {
    pub(super) const UNINIT: SlotBytes = SlotBytes(MaybeUninit::uninit());

    /// The bytes of a slot.
    ///
    /// # Safety
    /// `slot` has `size` bytes, at most 128.
    pub(crate) unsafe fn copied(slot: *const u8, size: usize) -> SlotBytes {
        debug_assert!(size <= size_of::<SlotBytes>());
        let mut bytes = SlotBytes::UNINIT;
        // SAFETY: `size` is at most the 128 bytes that there is room for.
        unsafe { ptr::copy_nonoverlapping(slot, bytes.ptr_mut(), size) };
        bytes
    }

    pub(crate) fn ptr(&self) -> *const u8 {
        self.0.as_ptr().cast()
    }

    pub(crate) fn ptr_mut(&mut self) -> *mut u8 {
        self.0.as_mut_ptr().cast()
    }
}
