//! What a map keeps about memory that it frees itself (in an *owned* heap): who may still read it,
//! and how it is given back.
//!
//! An owned bucket array, and all that was allocated for its buckets, is a *generation*. Its header
//! stands in front of the array, so that the structs that Go lays out stay as they are. A growth
//! makes a new generation and links the old one behind it. What the map discards while iterators
//! are alive is *retired*: it stays until the last iterator that could read it has ended.
//!
//! - An iterator is counted in the generation that it began on, and in that of the old chain that
//!   it stands in.
//! - An array is read by iterators that are counted in it, and by those that began on its successor
//!   while the growth was under way.
//! - What a generation retired ([`records`]) is read by iterators that began on it or before.
//! - A typed map's cursor pins the array that it began on ([`pins`]), and reads all newer ones. It
//!   may outlive the map, and then frees that array.

mod clears;
pub(crate) mod discarded;
pub(crate) mod dispose;
mod frames;
pub(crate) mod free;
mod generation;
mod iterators;
mod kept;
mod large;
mod lists;
mod pieces;
mod pins;
mod records;
mod slabs;
mod slot_bytes;
mod walk;

pub(crate) use clears::{clears, count_clear, guard, hide_copies, join, unguard};
pub(crate) use frames::clear_frames;
pub(crate) use free::free_memory;
pub use free::{mapfree, mapfree_contents};
use generation::{
    ARRAY_ALIGN, Generation, HEADER, ORPHANED, count_up, free_all, free_all_from, free_generation,
    generations,
};
pub(crate) use generation::{allocate_array, end_of_array, free_array, of, succeed};
pub(crate) use iterators::{
    Reader, change_chain, counts, enter, keep_whole, keeps_whole, leave, reclaim, watched,
};
pub(crate) use kept::{kept_buckets, kept_slots};
pub(crate) use large::{housekeeping, make_ready, release_passed, take_prepared};
pub(crate) use lists::{adopt_list, allocate_list, free_list, reserve_in_list};
pub(crate) use pieces::replaced;
pub(crate) use pins::{arrays, pin, same_size, unpin};
pub(crate) use slabs::{allocate_bucket, discard_overflow, reserve_buckets};
pub(crate) use slot_bytes::SlotBytes;
pub(crate) use walk::{LiveCell, LiveCells};
