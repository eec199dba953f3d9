//! Iterators alive, and the freeing of what the last of them could read.
//!
//! An iterator is counted in the array that it began on, and in the old array whose chain it is in.
//! So what a lost iterator keeps does not grow with later growths of the map.

use core::mem::replace;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use maptype::MapType;

use super::clears::contents_of;
use super::pieces::holds;
use super::records::{self, Record};
use super::{Generation, HEADER, count_up, free_all_from, generations, large, of};
use crate::heap::{self, ALIGN, is_owned};
use crate::layout::{Bmap, Hmap};

/// Where an iterator is counted.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    /// The array that it began on.
    pub(crate) began: *mut Bmap,
    /// The bucket that it is in, of an old array that it entered while the map grew; otherwise
    /// null.
    pub(crate) old_chain: *mut Bmap,
}

impl Reader {
    /// How many counts it has.
    fn counts(self) -> usize {
        1 + usize::from(!self.old_chain.is_null())
    }
}

/// Counts an iterator that begins on the map's array.
///
/// # Safety
/// `h` is a map of `t` whose `buckets` is not null. Others may read the map, and begin and end
/// iterators.
pub(crate) unsafe fn enter(t: &MapType, h: *mut Hmap) {
    if is_owned(t) {
        // SAFETY: an owned array has a header.
        count_up(t, unsafe { &(*of((*h).buckets)).iterators });
    }
}

/// Counts an iterator that goes from one chain to another: `from` is the bucket of an old array
/// that it was in, null where it was in the array that it began on; `into_old`: it goes into the
/// map's old array.
///
/// # Safety
/// `h` is a map of `t` with buckets; `from` is where the iterator was counted last; the map grows
/// if `into_old` says so. Others may read the map, and begin and end iterators.
#[cold]
#[inline(never)]
pub(crate) unsafe fn change_chain(t: &MapType, h: *mut Hmap, from: *mut Bmap, into_old: bool) {
    if !is_owned(t) {
        return;
    }
    // SAFETY: *shared*: the old array stays.
    unsafe {
        let old = (*h).oldbuckets;
        if into_old {
            count_up(t, &(*of(old)).iterators);
        }
        if from.is_null() {
            return;
        }
        if !old.is_null() && holds(t, of(old), from) {
            uncount(of(old));
        } else {
            let newest = of((*h).buckets);
            let unread = locked(newest, || {
                uncount_in_chain(t, h, from);
                detach_unread(t, h)
            });
            unread.free(t);
        }
    }
}

/// Ends an iterator, and frees what only it could read.
///
/// # Safety
/// `reader` is where the iterator was counted last, and it has not ended. `h` is its map of `t`, or
/// what is left of it after it was freed. Others may read the map, and begin and end iterators.
pub(crate) unsafe fn leave(t: &MapType, h: *mut Hmap, reader: Reader) {
    if !is_owned(t) {
        return;
    }
    // SAFETY: the headers live as long as an iterator that began on them, or on the newest, does.
    unsafe {
        if (*h).buckets.is_null() {
            return leave_without_buckets(t, h, reader);
        }
        let unread = locked(of((*h).buckets), || {
            uncount_all(t, h, reader);
            detach_unread(t, h)
        });
        unread.free(t);
    }
}

/// Runs `f` as the only thread that changes the list of generations that `newest` heads.
///
/// # Safety
/// `newest` is the header of a map's current array, which lives until this returns.
unsafe fn locked<R>(newest: *mut Generation, f: impl FnOnce() -> R) -> R {
    // SAFETY: `newest` lives until this returns.
    let lock = unsafe { &(*newest).lock };
    while lock.swap(true, Ordering::Acquire) {
        core::hint::spin_loop();
    }
    let result = f();
    lock.store(false, Ordering::Release);
    result
}

/// # Safety
/// `generation` is a live header in which an iterator is counted.
pub(super) unsafe fn uncount(generation: *mut Generation) {
    // SAFETY: `generation` is a live header.
    let before = unsafe { (*generation).iterators.fetch_sub(1, Ordering::Relaxed) };
    debug_assert_ne!(before, 0, "the iterator was counted");
}

/// Uncounts an iterator in the generation of the bucket that it is in.
///
/// # Safety
/// `h` is a map of `t` with buckets; an iterator is counted for `bucket`; only this thread changes
/// the list.
unsafe fn uncount_in_chain(t: &MapType, h: *mut Hmap, bucket: *mut Bmap) {
    // SAFETY: the list is of live headers.
    unsafe {
        let generation = generations(h).find(|&generation| holds(t, generation, bucket));
        debug_assert!(generation.is_some(), "its generation is kept");
        if let Some(generation) = generation {
            uncount(generation);
        }
    }
}

/// Ends an iterator of a map that was freed, or whose entries are being disposed of.
///
/// # Safety
/// As [`leave`]; `h` has no buckets.
#[cold]
unsafe fn leave_without_buckets(t: &MapType, h: *mut Hmap, reader: Reader) {
    // SAFETY: the header is left while iterators are counted in it. Other threads may end iterators
    // here; nothing else writes the field.
    unsafe {
        if let Some(contents) = contents_of(h) {
            return uncount_all(t, contents, reader);
        }
        let left = AtomicUsize::from_ptr(&raw mut (*h).nevacuate);
        let ended = reader.counts();
        if left.load(Ordering::Acquire) != 0 && left.fetch_sub(ended, Ordering::AcqRel) == ended {
            // The last of the iterators that knew the header has ended.
            heap::free(t, h.cast(), size_of::<Hmap>(), ALIGN);
        }
    }
}

/// Uncounts an iterator wherever it is counted.
///
/// # Safety
/// `h` is a map of `t` with buckets; the iterator is counted there; only this thread changes the
/// list.
unsafe fn uncount_all(t: &MapType, h: *mut Hmap, reader: Reader) {
    // SAFETY: live headers, in which the iterator is counted.
    unsafe {
        uncount(of(reader.began));
        if !reader.old_chain.is_null() {
            uncount_in_chain(t, h, reader.old_chain);
        }
    }
}

/// Makes growths keep what an iterator may read that began on this array. Go's flags forget
/// iterators that are two growths old, which may then meet zeroed keys.
///
/// # Safety
/// `buckets` is an array of the heap of `t` that an iterator is counted in.
pub(crate) unsafe fn keep_whole(t: &MapType, buckets: *mut Bmap) {
    if is_owned(t) {
        // SAFETY: an owned array has a header.
        unsafe { (*of(buckets)).keeps_whole.store(true, Ordering::Relaxed) }
    }
}

/// Whether an iterator that may be alive asked for [`keep_whole`].
///
/// # Safety
/// `h` is a map of `t` with buckets; *exclusive*.
pub(crate) unsafe fn keeps_whole(t: &MapType, h: *const Hmap) -> bool {
    let asked = |generation: *mut Generation| {
        // SAFETY: a live header.
        unsafe { (*generation).keeps_whole.load(Ordering::Relaxed) }
    };
    // SAFETY: the list is of live headers.
    is_owned(t) && unsafe { generations(h).any(asked) }
}

/// Whether an iterator of the map is alive, as far as an owned heap can know.
///
/// # Safety
/// `h` is a map of `t`; *exclusive*.
pub(crate) unsafe fn watched(t: &MapType, h: *const Hmap) -> bool {
    // SAFETY: owned arrays have headers.
    unsafe {
        is_owned(t)
            && !(*h).buckets.is_null()
            && generations(h).any(|g| is_counted(g) || is_pinned(g))
    }
}

/// The counts of all iterators of a map.
///
/// # Safety
/// `h` is a map of `t`; *exclusive*.
pub(crate) unsafe fn counts(t: &MapType, h: *const Hmap) -> usize {
    // SAFETY: owned arrays have headers.
    unsafe {
        if !is_owned(t) || (*h).buckets.is_null() {
            return 0;
        }
        let counts = generations(h).map(|g| (*g).iterators.load(Ordering::Acquire) as usize);
        counts.sum()
    }
}

/// Frees what no iterator can read, after `oldbuckets` was dropped.
///
/// # Safety
/// `h` is a map of `t` with buckets; *exclusive*.
pub(crate) unsafe fn reclaim(t: &MapType, h: *mut Hmap) {
    if is_owned(t) {
        // SAFETY: *exclusive*: only this thread changes the list.
        unsafe { detach_unread(t, h).free(t) }
    }
}

/// # Safety
/// `generation` is a live header.
unsafe fn is_counted(generation: *mut Generation) -> bool {
    // SAFETY: `generation` is a live header.
    unsafe { (*generation).iterators.load(Ordering::Acquire) != 0 }
}

/// # Safety
/// `generation` is a live header.
unsafe fn is_pinned(generation: *mut Generation) -> bool {
    // SAFETY: `generation` is a live header.
    unsafe { (*generation).pins.load(Ordering::Acquire) != 0 }
}

/// Discarded entries that were taken from a generation.
struct Garbage {
    records: *mut Record,
    len: u32,
}

impl Garbage {
    const NONE: Garbage = Garbage {
        records: ptr::null_mut(),
        len: 0,
    };

    /// # Safety
    /// `generation` is a live header, whose garbage has no other user.
    unsafe fn take(generation: *mut Generation) -> Garbage {
        // SAFETY: `generation` is a live header, whose garbage has no other user.
        unsafe {
            Garbage {
                records: replace(&mut (*generation).garbage, ptr::null_mut()),
                len: replace(&mut (*generation).retired, 0),
            }
        }
    }

    /// Adds what `other` holds.
    fn append(&mut self, other: Garbage) {
        // SAFETY: lists of live records, each in one piece of garbage.
        self.records = unsafe { records::append(other.records, self.records) };
        self.len += other.len;
    }

    /// Adds it to that of a generation.
    ///
    /// # Safety
    /// As [`Garbage::take`].
    unsafe fn give(mut self, generation: *mut Generation) {
        if self.len != 0 {
            // SAFETY: `generation` is a live header, whose garbage has no other user.
            unsafe {
                self.append(Garbage::take(generation));
                (*generation).garbage = self.records;
                (*generation).retired = self.len;
            }
        }
    }
}

/// What was taken from a map because no iterator can read it.
struct Unread {
    generations: *mut Generation,
    garbage: Garbage,
}

/// Takes from the map all that no iterator can read.
///
/// # Safety
/// `h` is an owned map with buckets; only this thread changes its list of generations.
unsafe fn detach_unread(t: &MapType, h: *mut Hmap) -> Unread {
    let mut unread = Unread {
        generations: ptr::null_mut(),
        garbage: Garbage::NONE,
    };
    // SAFETY: the list is of live headers.
    unsafe {
        let oldest_watched = generations(h)
            .filter(|&g| is_counted(g) || is_pinned(g))
            .last();
        let oldest_pinned = generations(h).filter(|&g| is_pinned(g)).last();
        let mut watched = oldest_watched.is_some();
        let mut pinned = oldest_pinned.is_some();
        // That of generations that went: its readers began on the next one that is kept, or on an
        // older one.
        let mut garbage = Garbage::NONE;
        let mut newer: *mut Generation = ptr::null_mut();
        let mut newer_is_counted = false;
        let mut next = of((*h).buckets);
        while !next.is_null() {
            let generation = next;
            next = (*generation).older;
            if !watched {
                garbage.append(Garbage::take(generation));
                unread.garbage.append(replace(&mut garbage, Garbage::NONE));
            }
            let counted = is_counted(generation);
            let in_use = newer.is_null() || is_old_array(h, generation);
            if in_use || counted || newer_is_counted || pinned {
                replace(&mut garbage, Garbage::NONE).give(generation);
                if let Some(newer) = newer.as_mut() {
                    newer.older = generation;
                }
                newer = generation;
            } else {
                garbage.append(Garbage::take(generation));
                unread.take(t, h, generation);
            }
            newer_is_counted = counted;
            watched &= Some(generation) != oldest_watched;
            pinned &= Some(generation) != oldest_pinned;
        }
        (*newer).older = ptr::null_mut();
        unread.garbage.append(garbage);
    }
    unread
}

/// # Safety
/// `h` is a map with buckets; `generation` is one of its headers.
unsafe fn is_old_array(h: *const Hmap, generation: *mut Generation) -> bool {
    // SAFETY: an array follows its header.
    unsafe { ptr::eq(generation.byte_add(HEADER).cast(), (*h).oldbuckets) }
}

impl Unread {
    /// Takes a generation that left the list. A large one stays with the map, to be given back step
    /// by step.
    ///
    /// # Safety
    /// As [`detach_unread`]; `generation` has left the list.
    unsafe fn take(&mut self, t: &MapType, h: *mut Hmap, generation: *mut Generation) {
        // SAFETY: `generation` has left the list: nothing else can reach it.
        unsafe {
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

    /// # Safety
    /// What was detached is of a map of `t`, and is freed once.
    unsafe fn free(self, t: &MapType) {
        // SAFETY: nothing else can reach what was detached.
        unsafe {
            free_all_from(t, self.generations);
            records::free_records(t, self.garbage.records);
        }
    }
}
