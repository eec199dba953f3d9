//! A cell: a bucket and an index in it.

use super::Bucket;
use crate::shape::Shape;

/// One of the eight cells of a bucket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) bucket: Bucket,
    pub(crate) i: usize,
}

impl Cell {
    /// # Safety
    /// As [`Bucket::key`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn key<S: Shape>(self, s: S) -> *mut u8 {
        // SAFETY: `self.bucket` is a bucket that `s` fits, `self.i` is below 8 (this function's
        // contract).
        unsafe { self.bucket.key(s, self.i) }
    }

    /// # Safety
    /// As [`Bucket::key`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn elem<S: Shape>(self, s: S) -> *mut u8 {
        // SAFETY: `self.bucket` is a bucket that `s` fits, `self.i` is below 8 (this function's
        // contract).
        unsafe { self.bucket.elem(s, self.i) }
    }

    /// # Safety
    /// As [`Bucket::key_slot`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn key_slot<S: Shape>(self, s: S) -> *mut u8 {
        // SAFETY: `self.bucket` is a bucket that `s` fits, `self.i` is below 8 (this function's
        // contract).
        unsafe { self.bucket.key_slot(s, self.i) }
    }

    /// # Safety
    /// As [`Bucket::key_slot`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) unsafe fn elem_slot<S: Shape>(self, s: S) -> *mut u8 {
        // SAFETY: `self.bucket` is a bucket that `s` fits, `self.i` is below 8 (this function's
        // contract).
        unsafe { self.bucket.elem_slot(s, self.i) }
    }
}
