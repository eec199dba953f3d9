//! Removing all entries at once.

use core::ptr;

use maptype::{Era, MapType};

use super::make::{clearBucketArray, lay_out};
use super::observe;
use crate::bucket::Bucket;
use crate::header::flags::{self, EMPTYING, Writing};
use crate::header::sizes::array_len;
use crate::header::{nbuckets, noldbuckets};
use crate::heap::{self, ALIGN, Deferred, heap, store, store_pointers};
use crate::layout::{Bmap, Hmap, MapExtra, emptyRest, hashWriting, sameSizeGrow};
use crate::owned::discarded::Discarded;
use crate::owned::dispose::{Part, dispose_entries};
use crate::owned::{self, LiveCells};
use crate::shape::{Erased, Shape};

/// Removes all entries; the bucket array stays. The document's `mapclear`; `seed` chooses the next
/// seed.
///
/// # Safety
/// `s` *fits* `h`, which may be null; *exclusive*.
pub(crate) unsafe fn mapclear<S: Shape>(
    s: S,
    h: *mut Hmap,
    seed: unsafe fn(&MapType, *const Hmap) -> u32,
) {
    observe::writes_map(s, h);
    // SAFETY: `s` fits `h`, which has buckets where it has entries; *exclusive*.
    unsafe {
        if h.is_null() || (*h).count == 0 {
            return count_clear_of_nothing(s.t(), h);
        }
        Writing::check(s, h);
        let writing = Writing::start(s, h);
        let hash0 = seed(s.t(), h);
        if !s.needs_disposal() {
            make_empty(s, h, hash0);
        } else if !retire_entries(s, h, hash0) {
            let mut emptied = Emptied::new(s, h, hash0);
            emptied.detach();
            // The value is dropped where it is, after this.
            return writing.finish();
        }
        writing.finish();
    }
}

/// Counts a clear that has nothing else to do, for the iterations that it ends.
///
/// # Safety
/// `h` is *of `t`*; *exclusive*.
#[cold]
unsafe fn count_clear_of_nothing(t: &MapType, h: *mut Hmap) {
    // SAFETY: `h` is of `t`.
    unsafe {
        if !h.is_null() && !(*h).buckets.is_null() {
            owned::count_clear(t, h);
        }
    }
}

/// Makes the map empty, and retires the boxes of its entries for the iterators that are alive: they
/// may still visit them, as Go's do. `false` if there is no iterator, if there is glue to run, or
/// if too much has been retired; then nothing has changed.
///
/// # Safety
/// `s` *fits* `h`, which has entries; *exclusive*.
unsafe fn retire_entries<S: Shape>(s: S, h: *mut Hmap, hash0: u32) -> bool {
    // SAFETY: each live cell holds an entry, and is emptied once its slots have been taken.
    unsafe {
        debug_assert!((*h).count > 0);
        let mut discarded = Discarded::for_entries(s.t(), h, (*h).count.cast_unsigned());
        if discarded.retires() {
            let clearing = Deferred(|| make_empty(s, h, hash0));
            for place in LiveCells::new(s, h) {
                discarded.take(Part::Key, place.key_slot());
                discarded.take(Part::Elem, place.elem_slot());
            }
            drop(clearing);
        }
        discarded.retires()
    }
}

/// The entries of a map that is empty by now: dropping this disposes of them, and gives their
/// memory back to the map. Meanwhile glue may use the map.
struct Emptied<S: Shape> {
    s: S,
    h: *mut Hmap,
    contents: Hmap,
    hash0: u32,
}

impl<S: Shape> Emptied<S> {
    /// # Safety
    /// `s` *fits* `h`, which has entries, until the value is dropped; *exclusive* until
    /// [`Emptied::detach`] returns.
    unsafe fn new(s: S, h: *mut Hmap, hash0: u32) -> Self {
        // SAFETY: `h` points to a map.
        let contents = unsafe { h.read() };
        Emptied {
            s,
            h,
            contents,
            hash0,
        }
    }

    /// Leaves the map without entries and arrays, and stores in it where they are.
    ///
    /// # Safety
    /// A write to the map is under way, and it has not changed since [`Emptied::new`]. This value
    /// is not moved from now on.
    unsafe fn detach(&mut self) {
        let (t, h) = (self.s.t(), self.h);
        let contents = &raw mut self.contents;
        // SAFETY: a write is under way: no one else changes the header.
        unsafe {
            debug_assert!(flags::load(h) & hashWriting != 0);
            owned::count_clear(t, contents);
            if owned::watched(t, contents) {
                owned::hide_copies(t, contents);
            }
            owned::guard(t, contents);
            (*h).count = 0;
            (*h).B = 0;
            (*h).noverflow = 0;
            (*h).hash0 = self.hash0;
            (*h).nevacuate = contents.expose_provenance();
            flags::store(h, flags::load(h) | EMPTYING);
            let stores = [
                store(&raw mut (*h).buckets, ptr::null_mut()),
                store(&raw mut (*h).oldbuckets, ptr::null_mut()),
                store(&raw mut (*h).extra, ptr::null_mut()),
            ];
            store_pointers(t, &stores);
        }
    }
}

impl<S: Shape> Drop for Emptied<S> {
    fn drop(&mut self) {
        let Emptied { s, h, hash0, .. } = *self;
        let contents = &raw mut self.contents;
        // SAFETY: the entries are in no map, and each is disposed of once, also when glue unwinds.
        unsafe {
            let restored = Deferred(|| restore(s.t(), h, contents));
            let emptied = Deferred(|| {
                owned::unguard(s.t(), contents);
                make_empty(s, contents, hash0);
            });
            dispose_entries(s, contents);
            drop(emptied);
            drop(restored);
        }
    }
}

/// Gives a map its memory back or, where glue has given it other arrays, frees it as soon as no
/// iterator reads it.
///
/// # Safety
/// `contents` is what `h` had before [`Emptied::detach`], without entries.
unsafe fn restore(t: &MapType, h: *mut Hmap, contents: *mut Hmap) {
    // SAFETY: both headers are of `t`, and `contents` has no entries.
    unsafe {
        let extra = (*contents).extra;
        if !(*h).buckets.is_null() {
            flags::store(
                h,
                flags::load(h) & !EMPTYING | flags::load(contents) & EMPTYING,
            );
            if heap::is_owned(t) && !extra.is_null() {
                heap::free(t, extra.cast(), size_of::<MapExtra>(), ALIGN);
            }
            return owned::reclaim(t, h);
        }
        (*h).B = (*contents).B;
        (*h).nevacuate = (*contents).nevacuate;
        flags::store(h, flags::load(contents) & !hashWriting);
        let stores = [
            store(&raw mut (*h).buckets, (*contents).buckets),
            store(&raw mut (*h).extra, extra),
        ];
        store_pointers(t, &stores);
    }
}

/// The seed of the map once it is empty.
///
/// # Safety
/// `h` is a map of `t`.
pub(crate) unsafe fn next_seed(t: &MapType, h: *const Hmap) -> u32 {
    // SAFETY: `h` is of `t`.
    unsafe {
        match heap(t).era {
            Era::Go112 => (*h).hash0,
            Era::Go119 | Era::Go123 => heap::random(t) as u32,
        }
    }
}

/// [`next_seed`], but in a traced heap one that differs from the last in every era, whatever the
/// random stream, and from those before almost certainly: there it is the only sign that a map was
/// cleared.
///
/// # Safety
/// As [`next_seed`].
#[cfg(feature = "ffi")]
pub(crate) unsafe fn another_seed(t: &MapType, h: *const Hmap) -> u32 {
    /// The step from seed to seed where none is drawn.
    const STEP: u32 = 0x9e37_79b9;
    // SAFETY: `h` is of `t`.
    unsafe {
        let (before, next) = ((*h).hash0, next_seed(t, h));
        match (heap::is_owned(t), heap(t).era) {
            (true, _) => next,
            (false, Era::Go112) => before.wrapping_add(STEP),
            (false, _) => before.wrapping_add(next | 1),
        }
    }
}

/// Makes the map empty, whatever its cells hold.
///
/// # Safety
/// `h` is *of `t`*, and has buckets; *exclusive*.
#[inline(never)]
pub(crate) unsafe fn forget_entries(t: &MapType, h: *mut Hmap) {
    // SAFETY: a map of `t` with buckets (this function's contract).
    unsafe { make_empty(Erased(t), h, next_seed(t, h)) }
}

/// [`forget_entries`] with the next seed, even if a barrier unwinds.
///
/// # Safety
/// As [`forget_entries`].
unsafe fn make_empty<S: Shape>(s: S, h: *mut Hmap, hash0: u32) {
    let t = s.t();
    // SAFETY: `s` fits `h`, which has buckets; *exclusive*.
    unsafe {
        debug_assert!(!(*h).buckets.is_null());
        let read_by_others = !heap::is_owned(t) || owned::watched(t, h);
        if heap(t).era == Era::Go123 && read_by_others {
            mark_empty(s, (*h).buckets, nbuckets(h));
            if !(*h).oldbuckets.is_null() {
                mark_empty(s, (*h).oldbuckets, noldbuckets(h));
            }
        }
        let len = array_len(t, (*h).B).unwrap_or_else(|| nbuckets(h));
        let header = Deferred(|| reset_header(t, h, hash0, len));
        clearBucketArray(t, len, (*h).buckets);
        drop(header);
        owned::count_clear(t, h);
        owned::discard_overflow(t, h);
        owned::reclaim(t, h);
    }
}

/// Resets all but the array.
///
/// # Safety
/// `h` is *of `t`*; its array has `len` buckets, all empty; *exclusive*.
unsafe fn reset_header(t: &MapType, h: *mut Hmap, hash0: u32, len: usize) {
    // SAFETY: the array has `len` buckets, all empty; *exclusive*.
    unsafe {
        flags::store(h, flags::load(h) & !sameSizeGrow);
        (*h).nevacuate = 0;
        (*h).noverflow = 0;
        (*h).count = 0;
        (*h).hash0 = hash0;
        let array = lay_out(t, (*h).B, len, (*h).buckets);
        let oldbuckets = store(&raw mut (*h).oldbuckets, ptr::null_mut());
        let extra = (*h).extra;
        if extra.is_null() {
            return store_pointers(t, &[oldbuckets]);
        }
        let stores = [
            oldbuckets,
            store(&raw mut (*extra).overflow, ptr::null_mut()),
            store(&raw mut (*extra).oldoverflow, ptr::null_mut()),
            store(&raw mut (*extra).nextOverflow, array.nextOverflow),
        ];
        store_pointers(t, &stores);
    }
}

/// Marks all cells of these chains empty, for iterators that still hold them.
///
/// # Safety
/// `buckets` is an array of `n` *buckets* that `s` *fits*; *exclusive*.
unsafe fn mark_empty<S: Shape>(s: S, buckets: *mut Bmap, n: usize) {
    for index in 0..n {
        // SAFETY: `index` is below the number of buckets.
        unsafe {
            for b in Bucket::at(s, buckets, index).chain(s) {
                b.0.cast::<[u8; 8]>().write([emptyRest; 8]);
            }
        }
    }
}
