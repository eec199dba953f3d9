//! The lists of overflow buckets that `extra.overflow` points to, owned by a generation.

use core::iter::successors;
use core::mem::size_of;
use core::ptr::{self, NonNull};
use core::sync::atomic::Ordering;

use maptype::{AllocError, MapType};

use super::{Generation, large, of};
use crate::heap::{
    ALIGN, Deferred, OVERFLOW_LIST, OVERFLOW_POINTERS, allocate, free, is_owned, store,
    store_pointers,
};
use crate::layout::{Bmap, BmapSlice, Hmap};

/// Pointers that a list has room for at first.
const SMALL: usize = 4;

/// An owned list that `extra.overflow` points to: Go's slice, and what keeps track of it.
#[repr(C)]
pub(super) struct OverflowList {
    slice: BmapSlice,
    next: *mut OverflowList,
    /// The slice's first array: most maps need no other.
    first: [*mut Bmap; SMALL],
}

/// An empty list of overflow buckets.
///
/// # Safety
/// `h` is a map of `t` with buckets.
pub(crate) unsafe fn allocate_list(t: &MapType) -> Result<*mut BmapSlice, AllocError> {
    // SAFETY: all zeroes is an empty list; an owned one is an `OverflowList`.
    unsafe {
        let slice: *mut BmapSlice = allocate(t, list_size(t), ALIGN, &OVERFLOW_LIST)?.cast();
        if is_owned(t) {
            (*slice).array = first_array(slice);
            (*slice).cap = SMALL;
        }
        Ok(slice)
    }
}

/// # Safety
/// `slice` is that of an owned list.
unsafe fn first_array(slice: *mut BmapSlice) -> *mut *mut Bmap {
    let list: *mut OverflowList = slice.cast();
    // SAFETY: `slice` is that of an owned list.
    unsafe { (&raw mut (*list).first).cast() }
}

/// Frees a list that was made and then not used.
///
/// # Safety
/// `list` came from [`allocate_list`] and is empty.
pub(crate) unsafe fn free_list(t: &MapType, list: *mut BmapSlice) {
    // SAFETY: `list` came from `allocate_list`, and is empty.
    unsafe { free(t, list.cast(), list_size(t), ALIGN) }
}

/// Makes the map's generation the owner of a list. Other threads may do the same.
///
/// # Safety
/// `h` is a map of `t` with buckets; `list` came from [`allocate_list`].
pub(crate) unsafe fn adopt_list(t: &MapType, h: *mut Hmap, list: *mut BmapSlice) {
    if !is_owned(t) {
        return;
    }
    let list: *mut OverflowList = list.cast();
    // SAFETY: an owned list is an `OverflowList`; this thread alone adopts it.
    unsafe {
        let lists = &(*of((*h).buckets)).lists;
        let mut head = lists.load(Ordering::Relaxed);
        loop {
            (*list).next = head;
            match lists.compare_exchange_weak(head, list, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(other) => head = other,
            }
        }
    }
}

fn list_size(t: &MapType) -> usize {
    if is_owned(t) {
        size_of::<OverflowList>()
    } else {
        size_of::<BmapSlice>()
    }
}

/// Frees lists, with their arrays.
///
/// # Safety
/// `list` is null or heads the lists of a generation, which are not used again.
pub(super) unsafe fn free_lists(t: &MapType, mut list: *mut OverflowList) {
    while !list.is_null() {
        // SAFETY: the list of lists is of live ones, each freed once.
        unsafe {
            let next = (*list).next;
            let BmapSlice { array, cap, .. } = (*list).slice;
            free_array_of_pointers(t, list.cast(), array, cap);
            free(t, list.cast(), size_of::<OverflowList>(), ALIGN);
            list = next;
        }
    }
}

/// Whether an array has had many lists, one for each clear.
///
/// # Safety
/// `generation` is a live header, whose lists do not change meanwhile.
pub(super) unsafe fn are_many(generation: *const Generation) -> bool {
    /// The most lists that are kept for iterators, which may be lost.
    const MANY: usize = 64;
    // SAFETY: `generation` is a live header.
    let first = unsafe { (*generation).lists.load(Ordering::Relaxed) };
    // SAFETY: the lists of a live generation are alive.
    let next = |list: &NonNull<OverflowList>| unsafe { NonNull::new(list.as_ref().next) };
    successors(NonNull::new(first), next).nth(MANY).is_some()
}

/// Makes room for `n` more pointers in the list of the map's overflow buckets.
///
/// # Safety
/// `h` is a map of `t` that has the list; *exclusive*.
pub(crate) unsafe fn reserve_in_list(
    t: &MapType,
    h: *mut Hmap,
    n: usize,
) -> Result<(), AllocError> {
    // SAFETY: the array has `cap` pointers, of which `len` are initialised.
    unsafe {
        let list = (*(*h).extra).overflow;
        let BmapSlice { array, len, cap } = list.read();
        debug_assert!(len <= cap);
        if cap - len >= n {
            return Ok(());
        }
        let larger = (2 * cap).max(first_list_cap(t, h)).max(len + n);
        let bytes = larger
            .checked_mul(size_of::<*mut Bmap>())
            .ok_or(AllocError)?;
        let moved: *mut *mut Bmap = allocate(t, bytes, ALIGN, &OVERFLOW_POINTERS)?.cast();
        if len != 0 {
            ptr::copy_nonoverlapping(array, moved, len);
        }
        (*list).cap = larger;
        let old = Deferred(move || free_array_of_pointers(t, list, array, cap));
        store_pointers(t, &[store(&raw mut (*list).array, moved)]);
        drop(old);
        Ok(())
    }
}

/// The capacity of a list's first separate array. For a large array that is a quarter of its
/// chains, about the most that overflow: untouched memory costs nothing there, and copies would
/// grow with the map.
///
/// # Safety
/// `h` is a map of `t` with buckets.
unsafe fn first_list_cap(t: &MapType, h: *const Hmap) -> usize {
    // SAFETY: an owned array has a header.
    unsafe {
        if !is_owned(t) {
            return SMALL;
        }
        let generation = of((*h).buckets);
        match large::trailer(t, generation) {
            None => SMALL,
            Some(_) => (*generation).size / t.bucketsize as usize / 4,
        }
    }
}

/// Frees an array that a list had, unless it is in the list itself.
///
/// # Safety
/// `array` is what the list `slice` had, with this capacity, and is not used again.
unsafe fn free_array_of_pointers(
    t: &MapType,
    slice: *mut BmapSlice,
    array: *mut *mut Bmap,
    cap: usize,
) {
    // SAFETY: `slice` is of an owned list; `reserve_in_list` allocated the array with this
    // capacity.
    unsafe {
        if is_owned(t) && array != first_array(slice) {
            free(t, array.cast(), cap * size_of::<*mut Bmap>(), ALIGN);
        }
    }
}
