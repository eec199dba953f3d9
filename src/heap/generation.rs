//! Who may still read a bucket array, in a heap that the map frees itself.
//!
//! An owned bucket array, and all that was allocated for its buckets, is a *generation*. Its header stands in front of
//! the array, so that the structs that Go lays out stay as they are. A growth makes a new generation and links the old
//! one behind it. What the map discards while iterators are alive is *retired*: it stays until the last iterator that
//! could read it has ended.
//!
//! - An iterator is counted in the generation that it began on.
//! - An array is read by iterators that began on it or before, and by those that began on its successor while the
//!   growth was under way.
//! - What a generation retired ([`Record`]) is read by iterators that began on it or before.

use core::mem::size_of;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

use maptype::{AllocError, MapType, Type};

use super::dispose::{self, Record};
use super::{ALIGN, allocate, free, owned};
use crate::layout::{Bmap, BmapSlice, Hmap};

/// Bytes in front of an owned array: a cache line, so that the array starts on one where the allocation does.
const HEADER: usize = 64;

/// The header of an owned bucket array.
#[repr(C)]
pub(crate) struct Generation {
    /// The generation that this one replaced, while it may be read.
    older: *mut Generation,
    /// Memory of the overflow buckets, newest first.
    slabs: *mut Slab,
    /// The lists that `extra.overflow` has pointed to, newest first.
    lists: AtomicPtr<OverflowList>,
    /// Discarded entries that iterators may read.
    pub(super) garbage: *mut Record,
    /// Bytes of the array.
    size: usize,
    /// Iterators alive that began on this array.
    iterators: AtomicU32,
    /// Held while an iterator ends; of the newest generation only.
    lock: AtomicBool,
    /// What remains to be done when the last iterator has ended.
    freed: Freed,
}

const _: () = assert!(size_of::<Generation>() <= HEADER);

/// Whether the map was freed while iterators were alive.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freed {
    No,
    /// All but the `hmap` itself, which the caller owns.
    Contents,
    /// The `hmap` too.
    All,
}

/// Overflow buckets allocated together.
struct Slab {
    next: *mut Slab,
    size: usize,
    used: usize,
}

/// Slabs grow up to this many bytes.
const MAX_SLAB: usize = 64 << 10;
const SLAB_HEADER: usize = size_of::<Slab>().next_multiple_of(ALIGN);

/// A list that `extra.overflow` points to: Go's slice, and what keeps track of it.
#[repr(C)]
struct OverflowList {
    slice: BmapSlice,
    next: *mut OverflowList,
}

/// The generation of an owned array.
///
/// # Safety
/// `buckets` came from [`allocate_array`] in an owned heap.
pub(crate) unsafe fn of(buckets: *mut Bmap) -> *mut Generation {
    // SAFETY: the header precedes the array in its allocation.
    unsafe { buckets.byte_sub(HEADER).cast() }
}

/// A zeroed array of `n` buckets: the document's `newarray(t.bucket, n)`.
///
/// # Safety
/// `t` is a valid descriptor.
pub(crate) unsafe fn allocate_array(t: &MapType, n: usize) -> Result<*mut Bmap, AllocError> {
    let size = n.checked_mul(t.bucketsize as usize).ok_or(AllocError)?;
    // SAFETY: the header is initialised before anybody sees it: its fields are null, zero or false.
    unsafe {
        if !owned(t) {
            return Ok(allocate(t, size, ALIGN, &t.bucket)?.cast());
        }
        let whole = size.checked_add(HEADER).ok_or(AllocError)?;
        let generation: *mut Generation = allocate(t, whole, ALIGN, &t.bucket)?.cast();
        (*generation).size = size;
        Ok(generation.byte_add(HEADER).cast())
    }
}

/// Frees an array that no generation list knows, with its slabs and lists.
///
/// # Safety
/// `generation` is the header of an owned array that nobody will use again; its garbage was taken.
unsafe fn free_generation(t: &MapType, generation: *mut Generation) {
    // SAFETY: everything here was allocated by this module with these sizes.
    unsafe {
        free_slabs(t, (*generation).slabs);
        free_lists(t, *(*generation).lists.get_mut());
        let size = (*generation).size + HEADER;
        free(t, generation.cast(), size, ALIGN);
    }
}

/// Frees an array that was made and then not used.
///
/// # Safety
/// `buckets` came from [`allocate_array`], and nobody will use it again.
pub(crate) unsafe fn free_array(t: &MapType, buckets: *mut Bmap) {
    if owned(t) && !buckets.is_null() {
        // SAFETY: an owned array has a header (caller).
        unsafe { free_generation(t, of(buckets)) }
    }
}

/// Notes that `newer` is about to replace `older` as the map's bucket array.
///
/// # Safety
/// Both are bucket arrays of one map with descriptor `t`; *exclusive*.
pub(crate) unsafe fn succeed(t: &MapType, older: *mut Bmap, newer: *mut Bmap) {
    if owned(t) {
        // SAFETY: owned arrays have headers.
        unsafe { (*of(newer)).older = of(older) }
    }
}

/// Counts an iterator that begins on the map's array.
///
/// # Safety
/// `h` is a map of `t` whose `buckets` is not null. Others may read the map, and begin and end iterators.
pub(crate) unsafe fn enter(t: &MapType, h: *mut Hmap) {
    if owned(t) {
        // SAFETY: an owned array has a header.
        unsafe { &(*of((*h).buckets)).iterators }.fetch_add(1, Ordering::Relaxed);
    }
}

/// Ends an iterator that began on `buckets`, and frees what only it could read.
///
/// # Safety
/// The iterator was counted by [`enter`] and has not ended. Others may read the map, and begin and end iterators.
pub(crate) unsafe fn leave(t: &MapType, h: *mut Hmap, buckets: *mut Bmap) {
    if !owned(t) {
        return;
    }
    // SAFETY: the headers live as long as an iterator that began on them, or on the newest, does; the lock makes this
    // thread the only one that changes the list.
    unsafe {
        let newest = of((*h).buckets);
        let lock = &raw const (*newest).lock;
        while (*lock).swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        (*of(buckets)).iterators.fetch_sub(1, Ordering::Relaxed);
        let freed = (*newest).freed;
        let unread = detach_unread(h);
        let abandoned = freed != Freed::No && !unread.watched;
        (*lock).store(false, Ordering::Release);
        unread.free(t);
        if abandoned {
            crate::raw::free_now(t, h, freed);
        }
    }
}

/// Whether an iterator of the map is alive, as far as an owned heap can know.
///
/// # Safety
/// `h` is a map of `t`; *exclusive*.
pub(crate) unsafe fn watched(t: &MapType, h: *const Hmap) -> bool {
    // SAFETY: owned arrays have headers.
    unsafe {
        owned(t)
            && !(*h).buckets.is_null()
            && generations(h).any(|g| (*g).iterators.load(Ordering::Relaxed) != 0)
    }
}

/// Frees what no iterator can read, after `oldbuckets` was dropped.
///
/// # Safety
/// `h` is a map of `t` with buckets; *exclusive*.
pub(crate) unsafe fn reclaim(t: &MapType, h: *mut Hmap) {
    if owned(t) {
        // SAFETY: nobody else changes the list.
        unsafe { detach_unread(h).free(t) }
    }
}

/// Puts off the free of a map until its last iterator ends; `false` if there is none.
///
/// # Safety
/// `h` is a map of `t`; *exclusive*.
pub(crate) unsafe fn postpone_free(t: &MapType, h: *mut Hmap, freed: Freed) -> bool {
    // SAFETY: a watched map has buckets, and they have a header.
    unsafe {
        let watched = watched(t, h);
        if watched {
            (*of((*h).buckets)).freed = freed;
        }
        watched
    }
}

/// Frees all generations of a map, with everything allocated for them.
///
/// # Safety
/// `h` is a map of `t` in an owned heap whose entries were disposed of and that no iterator reads; *exclusive*.
pub(crate) unsafe fn free_all(t: &MapType, h: *mut Hmap) {
    // SAFETY: nobody will use the arrays again.
    unsafe {
        if (*h).buckets.is_null() {
            return;
        }
        let mut next = of((*h).buckets);
        while !next.is_null() {
            let generation = next;
            next = (*generation).older;
            dispose::free_records(t, (*generation).garbage);
            free_generation(t, generation);
        }
    }
}

unsafe fn generations(h: *const Hmap) -> impl Iterator<Item = *mut Generation> {
    // SAFETY: the map is owned and has buckets (callers).
    let newest = unsafe { of((*h).buckets) };
    core::iter::successors(Some(newest), |&g| {
        // SAFETY: the list is of live headers.
        let older = unsafe { (*g).older };
        (!older.is_null()).then_some(older)
    })
}

/// What was taken from a map because no iterator can read it.
struct Unread {
    generations: *mut Generation,
    garbage: *mut Record,
    /// Whether an iterator is alive.
    watched: bool,
}

/// Takes from the map all that no iterator can read.
///
/// # Safety
/// `h` is an owned map with buckets; only this thread changes its list of generations.
unsafe fn detach_unread(h: *mut Hmap) -> Unread {
    let mut unread = Unread {
        generations: ptr::null_mut(),
        garbage: ptr::null_mut(),
        watched: false,
    };
    // SAFETY: the list is of live headers.
    unsafe {
        // The last generation to keep, and the oldest with an iterator.
        let mut last = of((*h).buckets);
        let mut oldest_watched = ptr::null_mut();
        for generation in generations(h) {
            if ptr::eq(generation.byte_add(HEADER).cast(), (*h).oldbuckets) {
                last = generation;
            }
            if (*generation).iterators.load(Ordering::Relaxed) != 0 {
                oldest_watched = generation;
                let older = (*generation).older;
                last = if older.is_null() { generation } else { older };
            }
        }
        unread.watched = !oldest_watched.is_null();
        unread.generations = (*last).older;
        (*last).older = ptr::null_mut();

        let mut unwatched = !unread.watched;
        for generation in generations(h) {
            if unwatched {
                let garbage = core::mem::replace(&mut (*generation).garbage, ptr::null_mut());
                unread.garbage = dispose::append(garbage, unread.garbage);
            }
            unwatched |= generation == oldest_watched;
        }
    }
    unread
}

impl Unread {
    unsafe fn free(self, t: &MapType) {
        // SAFETY: nobody can reach what was detached.
        unsafe {
            let mut next = self.generations;
            let mut garbage = self.garbage;
            while !next.is_null() {
                let generation = next;
                next = (*generation).older;
                garbage = dispose::append((*generation).garbage, garbage);
                free_generation(t, generation);
            }
            dispose::free_records(t, garbage);
        }
    }
}

/// A zeroed overflow bucket for the map's array: the document's `newobject(t.bucket)`.
///
/// # Safety
/// `h` is a map of `t` with buckets; *exclusive*.
pub(crate) unsafe fn allocate_bucket(t: &MapType, h: *mut Hmap) -> Result<*mut Bmap, AllocError> {
    let bucketsize = t.bucketsize as usize;
    // SAFETY: a slab has room for whole buckets, which are handed out once.
    unsafe {
        if !owned(t) {
            return Ok(allocate(t, bucketsize, ALIGN, &t.bucket)?.cast());
        }
        let generation = of((*h).buckets);
        let mut slab = (*generation).slabs;
        if slab.is_null() || (*slab).size - (*slab).used < bucketsize {
            slab = allocate_slab(t, slab)?;
            (*generation).slabs = slab;
        }
        let bucket = slab.byte_add((*slab).used).cast();
        (*slab).used += bucketsize;
        Ok(bucket)
    }
}

/// A slab of twice the buckets of the one before.
unsafe fn allocate_slab(t: &MapType, previous: *mut Slab) -> Result<*mut Slab, AllocError> {
    let bucketsize = t.bucketsize as usize;
    // SAFETY: `previous` is null or a live slab; the new one is initialised here.
    unsafe {
        let buckets = match previous.as_ref() {
            None => 1,
            Some(slab) => {
                let room = (slab.size - SLAB_HEADER) / bucketsize;
                (2 * room).min(MAX_SLAB / bucketsize).max(1)
            }
        };
        let size = SLAB_HEADER + buckets * bucketsize;
        let slab: *mut Slab = allocate(t, size, ALIGN, &t.bucket)?.cast();
        (*slab).next = previous;
        (*slab).size = size;
        (*slab).used = SLAB_HEADER;
        Ok(slab)
    }
}

unsafe fn free_slabs(t: &MapType, mut slab: *mut Slab) {
    while !slab.is_null() {
        // SAFETY: the list is of live slabs, each freed once.
        unsafe {
            let next = (*slab).next;
            free(t, slab.cast(), (*slab).size, ALIGN);
            slab = next;
        }
    }
}

/// Takes back all overflow buckets and lists of the map's array, unless an iterator may read them.
///
/// # Safety
/// `h` is a map of `t` with buckets, none of which links to an overflow bucket; *exclusive*.
pub(crate) unsafe fn discard_overflow(t: &MapType, h: *mut Hmap) {
    // SAFETY: nothing refers to the overflow buckets (caller).
    unsafe {
        if !owned(t) || watched(t, h) {
            return;
        }
        let generation = of((*h).buckets);
        let newest = (*generation).slabs;
        if let Some(slab) = newest.as_mut() {
            free_slabs(t, core::mem::replace(&mut slab.next, ptr::null_mut()));
            newest
                .cast::<u8>()
                .add(SLAB_HEADER)
                .write_bytes(0, slab.used - SLAB_HEADER);
            slab.used = SLAB_HEADER;
        }
        free_lists(
            t,
            (*generation).lists.swap(ptr::null_mut(), Ordering::Relaxed),
        );
    }
}

/// An empty list of overflow buckets.
///
/// # Safety
/// `h` is a map of `t` with buckets.
pub(crate) unsafe fn allocate_list(t: &MapType) -> Result<*mut BmapSlice, AllocError> {
    // SAFETY: all zeroes is an empty list.
    unsafe { Ok(allocate(t, list_size(t), ALIGN, &OVERFLOW_LIST)?.cast()) }
}

/// Frees a list that was made and then not used.
///
/// # Safety
/// `list` came from [`allocate_list`] and is empty.
pub(crate) unsafe fn free_list(t: &MapType, list: *mut BmapSlice) {
    // SAFETY: the caller's promise.
    unsafe { free(t, list.cast(), list_size(t), ALIGN) }
}

/// Lets the map's generation own a list. Others may do the same.
///
/// # Safety
/// `h` is a map of `t` with buckets; `list` came from [`allocate_list`].
pub(crate) unsafe fn adopt_list(t: &MapType, h: *mut Hmap, list: *mut BmapSlice) {
    if !owned(t) {
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
    if owned(t) {
        size_of::<OverflowList>()
    } else {
        size_of::<BmapSlice>()
    }
}

unsafe fn free_lists(t: &MapType, mut list: *mut OverflowList) {
    while !list.is_null() {
        // SAFETY: the list of lists is of live ones, each freed once.
        unsafe {
            let next = (*list).next;
            free_array_of_pointers(t, (*list).slice.array, (*list).slice.cap);
            free(t, list.cast(), size_of::<OverflowList>(), ALIGN);
            list = next;
        }
    }
}

/// Makes room for one more pointer in a list.
///
/// # Safety
/// `list` is a list of a map of `t`; *exclusive*.
pub(crate) unsafe fn reserve_in_list(t: &MapType, list: *mut BmapSlice) -> Result<(), AllocError> {
    // SAFETY: the array has `cap` pointers, of which `len` are initialised.
    unsafe {
        let BmapSlice { array, len, cap } = list.read();
        if len < cap {
            return Ok(());
        }
        let larger = (2 * cap).max(4);
        let bytes = larger
            .checked_mul(size_of::<*mut Bmap>())
            .ok_or(AllocError)?;
        let moved: *mut *mut Bmap = allocate(t, bytes, ALIGN, &OVERFLOW_POINTERS)?.cast();
        if len != 0 {
            ptr::copy_nonoverlapping(array, moved, len);
        }
        super::store_pointer(t, &raw mut (*list).array, moved);
        (*list).cap = larger;
        free_array_of_pointers(t, array, cap);
        Ok(())
    }
}

unsafe fn free_array_of_pointers(t: &MapType, array: *mut *mut Bmap, cap: usize) {
    if cap != 0 {
        // SAFETY: allocated by `reserve_in_list` with this size (callers).
        unsafe { free(t, array.cast(), cap * size_of::<*mut Bmap>(), ALIGN) }
    }
}

const WORD: usize = size_of::<usize>();

/// What a traced heap is told it allocates for an `hmap`: words 16 to 32 and the last one are pointers.
pub static HMAP: Type = Type::plain("hmap", size_of::<Hmap>(), WORD as u32)
    .with_pointers(size_of::<Hmap>(), HMAP_POINTERS.as_ptr());
static HMAP_POINTERS: [u8; 1] = [if WORD == 8 { 0b10_1100 } else { 0b101_1000 }];

/// What a traced heap is told it allocates for a `mapextra`.
pub static MAP_EXTRA: Type =
    Type::plain("mapextra", 3 * WORD, WORD as u32).with_pointers(3 * WORD, ptr::null());

/// What a traced heap is told it allocates for the slice that `extra.overflow` points to.
pub static OVERFLOW_LIST: Type =
    Type::plain("[]*bmap", 3 * WORD, WORD as u32).with_pointers(WORD, ptr::null());

/// What a traced heap is told it allocates for the pointers of such a slice.
pub static OVERFLOW_POINTERS: Type =
    Type::plain("*bmap", WORD, WORD as u32).with_pointers(WORD, ptr::null());
