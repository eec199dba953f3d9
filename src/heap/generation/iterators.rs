//! Iterators alive, and the freeing of what the last of them could read.

use core::mem::replace;
use core::ptr;
use core::sync::atomic::Ordering;

use maptype::MapType;

use super::{Freed, Generation, HEADER, count_in, free_all_from, generations, large, of};
use crate::heap::dispose::{self, Record};
use crate::heap::{Deferred, owned};
use crate::layout::{Bmap, Hmap};

/// Counts an iterator that begins on the map's array.
///
/// # Safety
/// `h` is a map of `t` whose `buckets` is not null. Others may read the map, and begin and end iterators.
pub(crate) unsafe fn enter(t: &MapType, h: *mut Hmap) {
    if owned(t) {
        // SAFETY: `buckets` is an array of the map, in an owned heap.
        unsafe { count_in(t, (*h).buckets) }
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
        let unread = detach_unread(t, h);
        let abandoned = freed != Freed::No && !unread.watched;
        (*lock).store(false, Ordering::Release);
        // The glue of what is freed may unwind.
        let end = Deferred(|| {
            if abandoned {
                crate::raw::free_now(t, h, freed);
            }
        });
        unread.free(t);
        drop(end);
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
        unsafe { detach_unread(t, h).free(t) }
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
unsafe fn detach_unread(t: &MapType, h: *mut Hmap) -> Unread {
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
            if (*generation).iterators.load(Ordering::Acquire) != 0 {
                oldest_watched = generation;
                let older = (*generation).older;
                last = if older.is_null() { generation } else { older };
            }
        }
        unread.watched = !oldest_watched.is_null();
        let mut next = replace(&mut (*last).older, ptr::null_mut());
        while !next.is_null() {
            let generation = next;
            next = (*generation).older;
            unread.take(t, h, generation);
        }

        let mut unwatched = !unread.watched;
        for generation in generations(h) {
            if unwatched {
                let garbage = replace(&mut (*generation).garbage, ptr::null_mut());
                unread.garbage = dispose::append(garbage, unread.garbage);
            }
            unwatched |= generation == oldest_watched;
        }
    }
    unread
}

impl Unread {
    /// Takes a generation that left the list. A large one stays with the map, to be given back step by step.
    unsafe fn take(&mut self, t: &MapType, h: *mut Hmap, generation: *mut Generation) {
        // SAFETY: a header that nobody else can reach (caller).
        unsafe {
            let garbage = replace(&mut (*generation).garbage, ptr::null_mut());
            self.garbage = dispose::append(garbage, self.garbage);
            let list = match (
                large::trailer(t, generation),
                large::trailer(t, of((*h).buckets)),
            ) {
                (Some(_), Some(newest)) => &raw mut (*newest).draining,
                _ => &raw mut self.generations,
            };
            (*generation).older = *list;
            *list = generation;
        }
    }

    unsafe fn free(self, t: &MapType) {
        // SAFETY: nobody can reach what was detached.
        unsafe {
            free_all_from(t, self.generations);
            dispose::free_records(t, self.garbage);
        }
    }
}
