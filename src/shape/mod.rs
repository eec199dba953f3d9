//! The one seam between an algorithm and the types that it moves.
//!
//! Go keeps a copy of each map function for every kind of key. Here each is written once, over
//! [`Shape`]: what is known at compile time of a kind is a constant, and the compiler folds the
//! rest away.

mod fast;
mod select;

use core::ptr;

use maptype::{MapType, Type, bucket_size};

pub(crate) use fast::{Fast32, Fast64, FastMemory, FastStr};
pub(crate) use select::with_shape;

use crate::heap;
use crate::layout::{DATA_OFFSET, first_elem, slot_offset};

/// What the map functions ask about a map type. The defaults read the descriptor.
///
/// # Safety
/// The answers are those of the descriptor, and agree with each other for as long as a map of this
/// shape lives.
pub(crate) unsafe trait Shape: Copy {
    /// Whether the borrow checker keeps others from the map during a write, so that `hashWriting`
    /// is not needed.
    const EXCLUSIVE: bool = false;

    /// Whether hash and equality are the host's functions, which may unwind, or use the map.
    const HASH_IS_CALLED: bool = true;

    /// Whether the descriptor's path is *to a word* (see [`Path`](maptype::Path)): elems are words,
    /// nothing is indirect, has drop glue, or is copied or zeroed through the heap's barriers, and
    /// cells are not dirty.
    const TO_WORD: bool = false;

    fn t(&self) -> &MapType;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn keysize(&self) -> usize {
        self.t().keysize as usize
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn elemsize(&self) -> usize {
        if Self::TO_WORD {
            size_of::<usize>()
        } else {
            self.t().elemsize as usize
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn bucketsize(&self) -> usize {
        if Self::TO_WORD {
            bucket_size(self.keysize(), self.elemsize())
        } else {
            self.t().bucketsize as usize
        }
    }

    /// How far the slot of a key is from the first bucket of a block; `cell` counts through all of
    /// the block.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn key_offset(&self, cell: usize) -> usize {
        slot_offset(cell, self.bucketsize(), DATA_OFFSET, self.keysize()).into()
    }

    /// As [`Shape::key_offset`], of the slot of an elem.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn elem_offset(&self, cell: usize) -> usize {
        let first = first_elem(self.keysize());
        slot_offset(cell, self.bucketsize(), first, self.elemsize()).into()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn indirectkey(&self) -> bool {
        !Self::TO_WORD && self.t().indirectkey()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn indirectelem(&self) -> bool {
        !Self::TO_WORD && self.t().indirectelem()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn reflexivekey(&self) -> bool {
        self.t().reflexivekey()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn needkeyupdate(&self) -> bool {
        self.t().needkeyupdate()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn hash_might_panic(&self) -> bool {
        self.t().hashMightPanic()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn dirtycells(&self) -> bool {
        !Self::TO_WORD && self.t().dirtycells()
    }

    /// Whether the map must zero the elem of a new entry: its slot may hold anything, and the
    /// caller relies on zeroes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn zeroes_new_elems(&self) -> bool {
        !Self::EXCLUSIVE && self.dirtycells()
    }

    /// Whether buckets hold pointers, besides the overflow word.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pointers(&self) -> bool {
        self.t().bucket.ptrdata != 0
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn key_type(&self) -> &Type {
        // SAFETY: a descriptor's types outlive it.
        unsafe { &*self.t().key }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn elem_type(&self) -> &Type {
        // SAFETY: a descriptor's types outlive it.
        unsafe { &*self.t().elem }
    }

    /// Bytes of a key, wherever it is stored.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn key_type_size(&self) -> usize {
        if self.indirectkey() {
            self.key_type().size
        } else {
            self.keysize()
        }
    }

    /// Bytes of an elem, wherever it is stored.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn elem_type_size(&self) -> usize {
        if self.indirectelem() {
            self.elem_type().size
        } else {
            self.elemsize()
        }
    }

    /// Whether discarding an entry takes more than forgetting its bytes: glue to run, or boxes to
    /// free.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn needs_disposal(&self) -> bool {
        !Self::TO_WORD && heap::needs_disposal(self.t())
    }

    /// The hash of the key at `key`. May unwind.
    ///
    /// # Safety
    /// `key` points to an initialised key.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn hash(self, key: *const u8, seed: u32) -> usize {
        let ty = self.key_type();
        // SAFETY: a key type has a hash, and `key` is of that type.
        unsafe { ty.alg.hash.unwrap_unchecked()(key, seed as usize, ty) }
    }

    /// Whether this particular key is hashed and compared inline. Other keys are looked up out of
    /// line, so that the inline path needs no stack frame.
    ///
    /// # Safety
    /// `key` points to an initialised key.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn hashes_inline(self, _key: *const u8) -> bool {
        true
    }

    /// Whether a map of one bucket is searched without a hash: the hash is a call, and equality, or
    /// most of it, is not. Go's functions for such keys do the same.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn has_candidates(&self) -> bool {
        false
    }

    /// Whether the key in `slot` may be equal to `key`: found without a call, and only asked where
    /// [`Shape::has_candidates`].
    ///
    /// # Safety
    /// `slot` is a key slot of a map of this shape, in use or not; `key` points to an initialised
    /// key.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn is_candidate(self, _slot: *const u8, _key: *const u8) -> bool {
        true
    }

    /// Prefetches what is hashed and not part of the key itself.
    ///
    /// # Safety
    /// `key` points to an initialised key.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn prefetch_key(self, _key: *const u8) {}

    /// Whether a lookup, or its caller, follows a pointer in a slot.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn follows_slots(&self) -> bool {
        self.indirectkey() || self.indirectelem()
    }

    /// Whether two keys are equal. May unwind.
    ///
    /// # Safety
    /// `a` and `b` point to initialised keys.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn equal(self, a: *const u8, b: *const u8) -> bool {
        let ty = self.key_type();
        // SAFETY: a key type has an equality, and both keys are of that type.
        unsafe { ty.alg.equal.unwrap_unchecked()(a, b, ty) }
    }

    /// Copies a key's bytes as they are, pointers and padding included: the document's
    /// `typedmemmove(t.key, dst, src)`.
    ///
    /// # Safety
    /// Both places have room for a key and do not overlap.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn move_key(self, dst: *mut u8, src: *const u8) {
        // SAFETY: both places have room for a key (this method's contract).
        unsafe {
            if Self::TO_WORD {
                heap::copy_bytes(dst, src, self.keysize());
            } else {
                heap::typedmemmove(self.t(), self.key_type(), dst, src);
            }
        }
    }

    /// Copies an elem's bytes as they are, pointers and padding included: the document's
    /// `typedmemmove(t.elem, dst, src)`.
    ///
    /// # Safety
    /// Both places have room for an elem and do not overlap.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn move_elem(self, dst: *mut u8, src: *const u8) {
        // SAFETY: both places have room for an elem (this method's contract).
        unsafe {
            if Self::TO_WORD {
                ptr::copy_nonoverlapping(src, dst, self.elemsize());
            } else {
                heap::typedmemmove(self.t(), self.elem_type(), dst, src);
            }
        }
    }

    /// Zeroes the pointers in the slot of a deleted key, so that a collector does not follow them.
    ///
    /// # Safety
    /// `slot` is a key slot of a map of this shape.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn clear_key_slot(self, slot: *mut u8) {
        // SAFETY: `slot` is a key slot of a map of this shape.
        unsafe {
            if self.indirectkey() {
                return heap::store_pointer(self.t(), slot.cast::<*mut u8>(), ptr::null_mut());
            }
            match self.stale_key_bytes() {
                0 => (),
                stale if Self::TO_WORD => ptr::write_bytes(slot, 0, stale),
                stale => heap::memclr_has_pointers(self.t(), slot, stale),
            }
        }
    }

    /// How many bytes of a deleted key, stored inline, are zeroed.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn stale_key_bytes(&self) -> usize {
        if self.key_type().ptrdata == 0 {
            0
        } else {
            self.keysize()
        }
    }

    /// Zeroes the slot of a deleted elem, unless it may be dirty.
    ///
    /// # Safety
    /// `slot` is an elem slot of a map of this shape.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn clear_elem_slot(self, slot: *mut u8) {
        // SAFETY: `slot` is an elem slot of a map of this shape.
        unsafe {
            if Self::TO_WORD {
                ptr::write_bytes(slot, 0, self.elemsize());
            } else if self.indirectelem() {
                heap::store_pointer(self.t(), slot.cast::<*mut u8>(), ptr::null_mut());
            } else if self.elem_type().ptrdata != 0 {
                heap::memclr_has_pointers(self.t(), slot, self.elemsize());
            } else if !self.dirtycells() {
                ptr::write_bytes(slot, 0, self.elemsize());
            }
        }
    }
}

/// Any map type: everything is read from the descriptor at run time.
#[derive(Clone, Copy)]
pub(crate) struct Erased<'t>(pub(crate) &'t MapType);

// SAFETY: the answers are the descriptor's.
unsafe impl Shape for Erased<'_> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn t(&self) -> &MapType {
        self.0
    }
}

/// Any typed map, for what neither hashes nor compares keys: one copy of that code serves all types.
#[derive(Clone, Copy)]
pub(crate) struct Exclusive<'t>(pub(crate) &'t MapType);

// SAFETY: the answers are the descriptor's, and what all typed maps have in common.
unsafe impl Shape for Exclusive<'_> {
    const EXCLUSIVE: bool = true;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn t(&self) -> &MapType {
        self.0
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn reflexivekey(&self) -> bool {
        true
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn needkeyupdate(&self) -> bool {
        false
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn hash_might_panic(&self) -> bool {
        false
    }
}

/// Any map type whose path is to a word.
#[derive(Clone, Copy)]
pub(crate) struct ErasedToWord<'t>(pub(crate) &'t MapType);

// SAFETY: the answers are the descriptor's, by what its path implies.
unsafe impl Shape for ErasedToWord<'_> {
    const TO_WORD: bool = true;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn t(&self) -> &MapType {
        self.0
    }
}
