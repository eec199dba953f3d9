//! The tophash that rows are searched for.

use crate::raw::tophash;

/// A tophash in the form in which rows are compared with it.
///
/// With SSE2 that is four bytes, from a table with a word for each first byte of a hash. To reckon them takes five
/// instructions more: some bytes are states of a cell, and no tophash; and all cells are compared at once.
#[derive(Clone, Copy)]
pub(crate) struct Sought(pub(super) Form);

impl Sought {
    /// The tophash of a hash.
    #[inline(always)]
    pub(crate) fn of(hash: usize) -> Sought {
        Sought(form(hash))
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
mod sse2 {
    use super::tophash;

    pub(in crate::bucket) type Form = u32;

    #[inline(always)]
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
#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
pub(super) use sse2::Form;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
use sse2::form;

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2", not(miri))))]
pub(super) type Form = u8;

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2", not(miri))))]
#[inline(always)]
fn form(hash: usize) -> Form {
    tophash(hash)
}
