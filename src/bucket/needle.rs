//! The tophash that rows are searched for.

use core::hint::assert_unchecked;

pub(super) use imp::Form;

use crate::layout::minTopHash;

/// The byte of a hash that is stored with its key.
#[cfg_attr(not(debug_assertions), inline(always))]
pub const fn tophash(hash: usize) -> u8 {
    // In a register's width, where the comparison and the sum cost no extension.
    let mut top = hash >> (usize::BITS - 8);
    let raised = top + minTopHash as usize;
    if top < minTopHash as usize {
        top = raised;
    }
    // SAFETY: eight bits, raised only where they are next to nothing.
    unsafe { assert_unchecked(top <= u8::MAX as usize) };
    top as u8
}

/// A tophash in the form in which rows are compared with it.
///
/// With SSE2 that is a word of four such bytes, from a table with one for each first byte of a
/// hash: to raise those bytes that are states of a cell, and to spread them, would take three
/// instructions more in each lookup.
#[derive(Clone, Copy)]
pub(crate) struct Needle(pub(super) Form);

impl Needle {
    /// The tophash of a hash.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn of(hash: usize) -> Needle {
        Needle(imp::form(hash))
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
mod imp {
    use super::tophash;

    pub(in crate::bucket) type Form = u32;

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn form(hash: usize) -> Form {
        WORDS[hash >> (usize::BITS - 8)]
    }

    static WORDS: [u32; 256] = {
        let mut words = [0; 256];
        let mut first = 0;
        while first < words.len() {
            let top = tophash(first << (usize::BITS - 8));
            words[first] = u32::from_ne_bytes([top; 4]);
            first += 1;
        }
        words
    };
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2", not(miri))))]
mod imp {
    pub(in crate::bucket) type Form = u8;

    pub(super) use super::tophash as form;
}
