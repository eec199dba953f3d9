//! Large arrays, on a heap that works by the page: prepared before they are needed and given back
//! after, step by step, so that no single write pays for a whole array.
//!
//! Behind a large array, in its allocation, are a trailer and room for its overflow buckets. Pages
//! of the room that are never used cost nothing.

use core::mem::{replace, size_of};
use core::ptr;

use maptype::MapType;

use super::iterators::watched;
use super::slabs::free_slabs;
use super::{Generation, HEADER, allocate_array, free_array, free_generation, of};
use crate::header::growing;
use crate::header::sizes::{array_len, bucketShift, capacity};
use crate::heap::{LARGE_PAGE, heap, is_owned};
use crate::layout::{Bmap, Hmap};

/// Arrays of fewer bytes are allocated and freed at once.
const LARGE: usize = 1 << 20;

/// Arrays of fewer bytes are not worth a system call.
const MIDDLING: usize = 64 << 10;

/// Bytes that one step of a write prepares or gives back: enough that steps are rare, few enough
/// that one is short.
const STEP: usize = 256 << 10;

/// What a large array has behind it.
pub(super) struct Large {
    /// Bytes of the room for overflow buckets.
    room: usize,
    /// Bytes of the room that are taken.
    used: usize,
    /// Bytes from the start of the array that were given back.
    released: usize,
    /// Generations that are being given back, linked by `older`; of the newest generation only.
    pub(super) draining: *mut Generation,
    /// An array of twice the size for the next growth, or null, and how many bytes of it are ready.
    pub(super) next: *mut Bmap,
    ready: usize,
}

/// Whether an array of `size` bytes is prepared and given back in steps.
pub(super) fn is_large(size: usize) -> bool {
    size >= LARGE
}

/// Bytes behind an array of `size` bytes, for its trailer and its overflow buckets: 0 unless it is
/// large. At the load that starts a growth, a fifth of the chains overflow.
pub(super) fn bytes_behind(t: &MapType, size: usize) -> usize {
    if !is_large(size) || heap(t).release.is_none() {
        return 0;
    }
    size_of::<Large>() + size / 4
}

/// Initialises the trailer of a zeroed array.
///
/// # Safety
/// `generation` is the header of an array that was allocated with [`bytes_behind`].
pub(super) unsafe fn init(t: &MapType, generation: *mut Generation) {
    // SAFETY: a large array has a trailer, whose other fields start as zeroes and nulls.
    unsafe {
        if let Some(large) = trailer(t, generation) {
            (*large).room = bytes_behind(t, (*generation).size) - size_of::<Large>();
        }
    }
}

/// The trailer of a large array.
///
/// # Safety
/// `generation` is the header of an owned array.
pub(super) unsafe fn trailer(t: &MapType, generation: *mut Generation) -> Option<*mut Large> {
    // SAFETY: the trailer is in the array's allocation.
    unsafe {
        let size = (*generation).size;
        let is_large = bytes_behind(t, size) != 0;
        is_large.then(|| generation.byte_add(HEADER + size).cast())
    }
}

/// An overflow bucket from the room behind a large array, zeroed unless cells are dirty.
///
/// # Safety
/// `generation` is the header of the map's current array; *exclusive*.
pub(super) unsafe fn take_room(t: &MapType, generation: *mut Generation) -> Option<*mut Bmap> {
    // SAFETY: the room follows the trailer; each part of it is handed out once.
    unsafe {
        let large = trailer(t, generation)?;
        let bucketsize = t.bucketsize as usize;
        if (*large).room - (*large).used < bucketsize {
            return None;
        }
        let bucket = large.add(1).byte_add((*large).used).cast();
        (*large).used += bucketsize;
        Some(bucket)
    }
}

/// How many overflow buckets there is room for behind an array.
///
/// # Safety
/// `generation` is the header of an owned array.
pub(super) unsafe fn room_left(t: &MapType, generation: *mut Generation) -> usize {
    // SAFETY: the header of an owned array; the trailer is in its allocation.
    unsafe {
        let left = trailer(t, generation).map(|large| (*large).room - (*large).used);
        left.unwrap_or(0) / t.bucketsize as usize
    }
}

/// What is taken of the room behind a large array: its start, and its bytes.
///
/// # Safety
/// `generation` is the header of an owned array.
pub(super) unsafe fn used_room(
    t: &MapType,
    generation: *mut Generation,
) -> Option<(*mut u8, usize)> {
    // SAFETY: the room follows the trailer.
    unsafe { trailer(t, generation).map(|large| (large.add(1).cast(), (*large).used)) }
}

/// Takes back all of the room, and the array that was prepared: the map was cleared.
///
/// # Safety
/// No bucket links to the room; no iterator reads it; *exclusive*.
pub(super) unsafe fn discard(t: &MapType, generation: *mut Generation) {
    // SAFETY: what is in use of the room is the map's to write.
    unsafe {
        if let Some(large) = trailer(t, generation) {
            let used = replace(&mut (*large).used, 0);
            if !t.dirtycells() {
                large.add(1).cast::<u8>().write_bytes(0, used);
            }
            free_array(t, replace(&mut (*large).next, ptr::null_mut()));
        }
    }
}

/// Hands what a large array keeps for the map to the array that replaces it.
///
/// # Safety
/// Both are headers of arrays of one map.
pub(super) unsafe fn inherit(t: &MapType, older: *mut Generation, newer: *mut Generation) {
    // SAFETY: two trailers.
    unsafe {
        if let (Some(from), Some(to)) = (trailer(t, older), trailer(t, newer)) {
            (*to).draining = replace(&mut (*from).draining, ptr::null_mut());
            (*to).next = replace(&mut (*from).next, ptr::null_mut());
            (*to).ready = (*from).ready;
        }
    }
}

/// Does a step of the work for large arrays: gives back a part of an array that nothing can read
/// or, shortly before a growth, prepares a part of the array that it will need.
///
/// # Safety
/// `h` is a map of `t` with buckets; *exclusive*.
pub(crate) unsafe fn housekeeping(t: &MapType, h: *mut Hmap) {
    if !is_owned(t) {
        return;
    }
    // SAFETY: an owned array has a header.
    unsafe {
        let Some(large) = trailer(t, of((*h).buckets)) else {
            return;
        };
        if !(*large).draining.is_null() {
            drain(t, large);
        } else if !growing(h) && is_nearly_full(h) {
            prepare(t, h, large);
        }
    }
}

/// Whether the map has reached the last sixteenth of the entries that it holds without growing.
///
/// # Safety
/// `h` points to a map.
unsafe fn is_nearly_full(h: *const Hmap) -> bool {
    // SAFETY: `h` points to a map.
    unsafe {
        let capacity = capacity((*h).B);
        (*h).count as usize > capacity - capacity / 16
    }
}

/// Prepares a part of the next array. If there is no memory for it, the growth will report that.
///
/// # Safety
/// `h` is a map of `t`; `large` is the trailer of its current array; *exclusive*.
unsafe fn prepare(t: &MapType, h: *const Hmap, large: *mut Large) {
    let Some(populate) = heap(t).populate else {
        return;
    };
    // SAFETY: the next array belongs to the trailer.
    unsafe {
        if (*large).next.is_null() {
            let next = array_len(t, (*h).B + 1).map(|len| allocate_array(t, len));
            (*large).next = next.and_then(Result::ok).unwrap_or(ptr::null_mut());
            (*large).ready = 0;
            return;
        }
        // Not its overflow buckets: they are used one by one.
        let (ready, needed) = (
            (*large).ready,
            bucketShift((*h).B + 1) * t.bucketsize as usize,
        );
        let next: *mut u8 = (*large).next.cast();
        let end = whole_pages(next, needed.min(ready + STEP));
        if end > ready {
            populate(heap(t), next.add(ready), end - ready);
            (*large).ready = end;
        }
    }
}

/// The most of the first `bytes` bytes from `start` on that end on the edge of a page.
fn whole_pages(start: *const u8, bytes: usize) -> usize {
    bytes.saturating_sub((start.addr() + bytes) % LARGE_PAGE)
}

/// The array of `len` buckets that was prepared for the map's growth.
///
/// # Safety
/// `h` is a map of `t` with buckets; *exclusive*.
pub(crate) unsafe fn take_prepared(t: &MapType, h: *mut Hmap, len: usize) -> Option<*mut Bmap> {
    if !is_owned(t) {
        return None;
    }
    // SAFETY: an owned array has a header.
    unsafe {
        let large = trailer(t, of((*h).buckets))?;
        let next = (*large).next;
        let fits = !next.is_null() && (*of(next)).size == len * t.bucketsize as usize;
        fits.then(|| replace(&mut (*large).next, ptr::null_mut()))
    }
}

/// Populates the pages of a new array that a growth is about to fill, and that is not large.
/// Faulted in one by one, they take up to three times as long.
///
/// # Safety
/// `buckets` is an array of `len` buckets of the heap's.
pub(crate) unsafe fn make_ready(t: &MapType, buckets: *mut Bmap, len: usize) {
    let size = len * t.bucketsize as usize;
    if let Some(populate) = heap(t).populate
        && (MIDDLING..LARGE).contains(&size)
    {
        // SAFETY: the array has `size` bytes, as the hook asks.
        unsafe { populate(heap(t), buckets.cast(), size) }
    }
}

/// Gives back the pages of the old array that evacuation has passed. Not while iterators are alive:
/// they may read them.
///
/// # Safety
/// `h` is a map of `t` that is growing; the first `passed` old buckets are evacuated; *exclusive*.
pub(crate) unsafe fn release_passed(t: &MapType, h: *mut Hmap, passed: usize) {
    if !is_owned(t) {
        return;
    }
    // SAFETY: only iterators read old buckets that evacuation has passed.
    unsafe {
        debug_assert!(growing(h));
        let generation = of((*h).oldbuckets);
        let end = passed * t.bucketsize as usize;
        if let Some(large) = trailer(t, generation)
            && end - (*large).released >= STEP
            && !watched(t, h)
        {
            release_until(t, generation, large, end);
        }
    }
}

/// Gives back the pages of the first `end` bytes of an array that were not given back before.
///
/// # Safety
/// Nothing reads these bytes, which are at least [`STEP`] more than were given back before.
unsafe fn release_until(t: &MapType, generation: *mut Generation, large: *mut Large, end: usize) {
    // SAFETY: within the array; the pages of the header and the trailer are not wholly within it.
    unsafe {
        let array: *mut u8 = generation.byte_add(HEADER).cast();
        let (start, end) = ((*large).released, whole_pages(array, end));
        release(t, array.add(start), end - start);
        (*large).released = end;
    }
}

/// # Safety
/// `memory` has `size` bytes of an array that nothing reads.
unsafe fn release(t: &MapType, memory: *mut u8, size: usize) {
    if let Some(release) = heap(t).release {
        // SAFETY: `size` bytes that hold nothing in use, as the hook asks.
        unsafe { release(heap(t), memory, size) }
    }
}

/// Gives back a part of a generation that nothing can read.
///
/// # Safety
/// `newest` is the trailer of a map's current array, which is draining one; *exclusive*.
unsafe fn drain(t: &MapType, newest: *mut Large) {
    // SAFETY: only this list leads to its generations, all of which are large.
    unsafe {
        let generation = (*newest).draining;
        let Some(large) = trailer(t, generation) else {
            return;
        };
        let slab = (*generation).slabs;
        let (size, released) = ((*generation).size, (*large).released);
        if !slab.is_null() {
            (*generation).slabs = replace(&mut (*slab).next, ptr::null_mut());
            free_slabs(t, slab);
        } else if (*large).used > 0 {
            let room: *mut u8 = large.add(1).cast();
            let left = whole_pages(room, (*large).used.saturating_sub(STEP));
            release(t, room.add(left), (*large).used - left);
            (*large).used = left;
        } else if size - released > STEP {
            release_until(t, generation, large, released + STEP);
        } else {
            (*newest).draining = (*generation).older;
            free_generation(t, generation);
        }
    }
}
