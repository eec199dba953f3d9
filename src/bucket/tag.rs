//! What the tophash byte of a cell says, when it is not a tophash.

use crate::layout::{emptyOne, evacuatedX, minTopHash};

/// Whether the cell holds an entry.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn is_live(top: u8) -> bool {
    top >= minTopHash
}

/// Whether the cell is of an evacuated bucket.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn is_evacuated(top: u8) -> bool {
    emptyOne < top && top < minTopHash
}

/// The mark of a cell whose entry moved to this half of the new array: `evacuatedX` or
/// `evacuatedY`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn moved_to(half: usize) -> u8 {
    evacuatedX + half as u8
}
