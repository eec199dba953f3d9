//! Iteration, in an order that starts anywhere and survives every change of the map.

use core::mem::forget;
use core::ptr;

use maptype::{AllocError, BUCKET_CNT, Era, MapType};

use super::access::{Entry, mapaccess};
use super::observe;
use super::overflow::createOverflow;
use crate::bucket::{Bucket, Cell, tag};
use crate::header::sizes::{bucketMask, bucketShift};
use crate::header::{bucketEvacuated, flags, growing, oldbucketmask};
use crate::heap::{self, Deferred, heap};
use crate::layout::{Bmap, Hiter, Hmap, hashWriting, iterator, noCheck, oldIterator, sameSizeGrow};
use crate::owned::{self, Reader};
use crate::shape::{Erased, Shape};

/// Begins an iteration at a random place and goes to the first entry: `it.key` is null where there
/// is none.
///
/// Entries may be inserted, updated and deleted between steps. An entry that is in the map
/// throughout is visited exactly once, one that is deleted before it is reached not at all, one
/// that is inserted meanwhile at most once.
///
/// After [`mapclear`](super::mapclear) less is promised, as in Go: an iteration that was in an
/// overflow bucket may visit entries twice that are inserted later. In Go 1.19 and before, one that
/// was in an overflow bucket or an old array may still visit what was cleared; in Go 1.23 only keys
/// that equal nothing, in an old array.
///
/// As in Go, a key that equals nothing (a NaN) may be skipped when a same-size growth ends while
/// the iteration is in its chain; and an entry may be visited twice when such a growth begins while
/// the iteration is in an old chain of a growth that doubled the array.
///
/// In an owned heap the iteration must be ended: by stepping to its end, or with [`mapiterdone`].
/// Until then the map keeps what the iterator may read.
///
/// ```
/// # use gomap::{heap::SYSTEM, layout::Hiter, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// # for key in 0i64..10 {
/// #     *mapassign(&t, h, (&raw const key).cast()).cast() = key * key;
/// # }
/// let (mut it, mut sum) = (Hiter::zeroed(), 0);
/// mapiterinit(&t, h, &raw mut it);
/// while !it.key.is_null() {
///     sum += *it.elem.cast::<i64>();
///     mapiternext(&raw mut it);
/// }
/// assert_eq!(sum, 285);
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; *shared* (other iterators may begin and step); `it` may be
/// written. The map must not be moved while the iteration lasts.
pub unsafe fn mapiterinit(t: *const MapType, h: *mut Hmap, it: *mut Hiter) {
    // SAFETY: `t` is valid, `h` is of `t`, `it` may be written; *shared*.
    unsafe { try_mapiterinit(t, h, it).unwrap_or_else(|_| heap::out_of_memory(&*t)) }
}

/// [`mapiterinit`], with an error instead of a throw.
///
/// ```
/// # use gomap::{heap::SYSTEM, layout::Hiter, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let mut it = Hiter::zeroed();
/// assert_eq!(try_mapiterinit(&t, h, &raw mut it), Ok(()));
/// assert!(it.key.is_null()); // The map is empty.
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Errors
/// There is no memory for the list of overflow buckets that the iterator keeps alive. The iteration
/// has not begun.
///
/// # Safety
/// As [`mapiterinit`].
pub unsafe fn try_mapiterinit(
    t: *const MapType,
    h: *mut Hmap,
    it: *mut Hiter,
) -> Result<(), AllocError> {
    // SAFETY: `t` is valid, `h` is of `t`, `it` may be written; *shared*.
    unsafe {
        let t = &*t;
        observe::reads_map(Erased(t), h);
        it.write(Hiter::zeroed());
        if h.is_null() || (*h).count == 0 {
            if heap(t).era != Era::Go112 {
                set_type(t, it);
            }
            return Ok(());
        }
        flags::check_not_writing(t, h, CONCURRENT_ITERATION);
        if t.bucket.ptrdata == 0 {
            let (extra, list) = createOverflow(t, h)?;
            heap::store_pointer(t, &raw mut (*it).overflow, list);
            heap::store_pointer(t, &raw mut (*it).oldoverflow, (*extra).oldoverflow);
        }
        set_type(t, it);
        heap::store_pointer(t, &raw mut (*it).h, h);
        heap::store_pointer(t, &raw mut (*it).buckets, (*h).buckets);
        (*it).B = (*h).B;
        let start = random_start(t, (*h).B);
        (*it).startBucket = start & bucketMask((*h).B);
        (*it).offset = (start >> (*h).B) as u8 & (BUCKET_CNT as u8 - 1);
        (*it).bucket = (*it).startBucket;
        flags::set(h, iterator | oldIterator);
        owned::enter(t, h);
        let unbegun = Deferred(|| {
            it.write(Hiter::zeroed());
            owned::leave(t, h, begun_on((*h).buckets));
        });
        let found = next(it);
        forget(unbegun);
        if !found {
            owned::leave(t, h, begun_on((*it).buckets));
        }
        Ok(())
    }
}

/// Where an iterator is counted before its first step.
fn begun_on(buckets: *mut Bmap) -> Reader {
    Reader {
        began: buckets,
        old_chain: ptr::null_mut(),
    }
}

/// Where an iterator is counted.
fn reader(it: &Hiter) -> Reader {
    Reader {
        began: it.buckets,
        old_chain: if it.checkBucket == noCheck {
            ptr::null_mut()
        } else {
            it.bptr
        },
    }
}

const CONCURRENT_ITERATION: &str = "concurrent map iteration and map write";

/// # Safety
/// `it` is an iterator on a map of `t`.
unsafe fn set_type(t: &MapType, it: *mut Hiter) {
    let t: *const MapType = t;
    // SAFETY: a field of `it`. The descriptor is not written through this pointer.
    unsafe { heap::store_pointer(&*t, (&raw mut (*it).t).cast(), t.cast_mut()) }
}

/// A random number whose low bits choose a bucket of 2^B, and the next three a cell.
///
/// # Safety
/// `t` is *valid*.
unsafe fn random_start(t: &MapType, B: u8) -> usize {
    /// The most that 32 bits have room for.
    const MAX_B_OF_32_BITS: u8 = 31 - 3;
    // SAFETY: `t` is valid.
    unsafe {
        let r = heap::random(t) as usize;
        match heap(t).era {
            Era::Go123 => r,
            Era::Go119 if B > MAX_B_OF_32_BITS => r,
            Era::Go112 if B > MAX_B_OF_32_BITS => {
                (r as u32 as usize).wrapping_add((heap::random(t) as u32 as usize) << 31)
            }
            Era::Go112 | Era::Go119 => r as u32 as usize,
        }
    }
}

/// Goes to the next entry; `it.key` is null at the end, and stays so.
///
/// ```
/// # use gomap::{heap::SYSTEM, layout::Hiter, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// # let key = 7i64;
/// # mapassign(&t, h, (&raw const key).cast());
/// let mut it = Hiter::zeroed();
/// mapiterinit(&t, h, &raw mut it);
/// mapdelete(&t, h, it.key);
/// mapiternext(&raw mut it);
/// assert!(it.key.is_null());
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// `it` was begun by [`mapiterinit`] and not ended by [`mapiterdone`]; its map is alive or, in an
/// owned heap, was freed by [`mapfree`](super::mapfree) since, which is its end; *shared*.
pub unsafe fn mapiternext(it: *mut Hiter) {
    // SAFETY: `it` was begun; as it has a key, it has a map; *shared*.
    unsafe {
        if (*it).key.is_null() {
            return;
        }
        observe::reads_map(Erased(&*(*it).t), (*it).h);
        if !next_in_order(it) {
            next_or_end(it);
        }
    }
}

/// The common case of a step: the map does not grow, the next entry has not moved since the
/// iteration began and comes before the end of the array, and no hook is called. Otherwise `false`,
/// and nothing has changed.
///
/// # Safety
/// `it` is on an entry; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn next_in_order(it: *mut Hiter) -> bool {
    // SAFETY: `it` is on an entry, so in a bucket of a map; *shared*.
    unsafe {
        let (s, h) = (Erased(&*(*it).t), (*it).h);
        let writing = flags::load(h) & hashWriting != 0;
        let gone = (*h).buckets.is_null();
        if writing || gone || (*it).checkBucket != noCheck || heap::has_barriers(s.t()) {
            return false;
        }
        let offset = (*it).offset as usize;
        let mut bucket = Bucket((*it).bptr);
        let mut from = (*it).i as usize;
        let mut index = (*it).bucket;
        loop {
            let cells = bucket.row().not_empty().rotated(offset).not_below(from);
            if let Some(i) = cells.first() {
                let cell = Cell {
                    bucket,
                    i: (i + offset) % BUCKET_CNT,
                };
                if !tag::is_live(bucket.tophash(cell.i)) {
                    return false;
                }
                (*it).bptr = bucket.0;
                (*it).bucket = index;
                (*it).i = i as u8 + 1;
                (*it).key = cell.key(s);
                (*it).elem = cell.elem(s);
                return true;
            }
            bucket = bucket.overflow(s);
            if bucket.is_null() {
                let last = index == bucketMask((*it).B) || index == (*it).startBucket;
                if last || growing(h) {
                    return false;
                }
                bucket = Bucket::at(s, (*it).buckets, index);
                index += 1;
            }
            from = 0;
        }
    }
}

/// A step in all cases; at the end of the map the iteration ends.
///
/// # Safety
/// As [`next_in_order`]; or the map was freed, and its header is left.
#[inline(never)]
unsafe fn next_or_end(it: *mut Hiter) {
    // SAFETY: `it` is on an entry of a map, of which the header is left at least.
    unsafe {
        let (t, h) = (&*(*it).t, (*it).h);
        if (*h).buckets.is_null() {
            return end(it);
        }
        flags::check_not_writing(t, h, CONCURRENT_ITERATION);
        let reader = reader(&*it);
        if !next(it) {
            owned::leave(t, h, reader);
        }
    }
}

/// Ends the iteration of a map that was freed.
///
/// # Safety
/// `it` is counted in what is left of the map.
#[cold]
unsafe fn end(it: *mut Hiter) {
    // SAFETY: `it` is counted; its header is left.
    unsafe {
        let (t, h, reader) = (&*(*it).t, (*it).h, reader(&*it));
        let stores = Stores::new(t);
        stores.pointer(&raw mut (*it).elem, ptr::null_mut());
        stores.pointer(&raw mut (*it).key, ptr::null_mut());
        owned::leave(t, h, reader);
    }
}

/// Ends an iteration, so that the map need not keep what it discards. Does nothing if it has ended.
///
/// ```
/// # use gomap::{heap::SYSTEM, layout::Hiter, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// # let key = 7i64;
/// # mapassign(&t, h, (&raw const key).cast());
/// let mut it = Hiter::zeroed();
/// mapiterinit(&t, h, &raw mut it);
/// assert!(!it.key.is_null());
/// mapiterdone(&raw mut it); // after the first entry
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// `it` was begun by [`mapiterinit`], or is zeroed; no copy of it is used; its map is alive or, in
/// an owned heap, was freed by [`mapfree`](super::mapfree) since; *shared*.
pub unsafe fn mapiterdone(it: *mut Hiter) {
    // SAFETY: `it` was begun or is zeroed. One that reached its end is not counted any more.
    unsafe {
        let ended = it.replace(Hiter::zeroed());
        if !ended.h.is_null() && !ended.key.is_null() {
            owned::leave(&*ended.t, ended.h, reader(&ended));
        }
    }
}

/// A number that changes when the map of an iteration is cleared or freed. A caller that compares
/// it can end the iteration then with [`mapiterdone`], and so never meets an entry that was
/// cleared, nor twice one that was inserted since.
///
/// In an owned heap it is a count. In a traced heap, which keeps nothing that Go does not, it is
/// the seed, which eras from [`Go119`](maptype::Era::Go119) on draw again.
///
/// ```
/// # use gomap::{heap::SYSTEM, layout::Hiter, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// # let key = 7i64;
/// # mapassign(&t, h, (&raw const key).cast());
/// let mut it = Hiter::zeroed();
/// mapiterinit(&t, h, &raw mut it);
/// let clears = mapiterclears(&raw const it);
/// mapclear(&t, h);
/// if mapiterclears(&raw const it) != clears {
///     mapiterdone(&raw mut it);
/// }
/// # assert!(it.key.is_null());
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// `it` is on an entry (its key is not null); its map is alive or, in an owned heap, was freed by
/// [`mapfree`](super::mapfree) since; *shared*.
pub unsafe fn mapiterclears(it: *const Hiter) -> u64 {
    // SAFETY: `it` is on an entry; *shared*.
    unsafe {
        debug_assert!(!(*it).key.is_null());
        owned::clears(&*(*it).t, &*it)
    }
}

/// Makes later growths keep what this iteration may read. Go zeroes some of it under an iteration
/// that is two growths old, which may then miss entries, or hash zeroed keys: raw iterations do the
/// same, unless this is called once after [`mapiterinit`].
///
/// In a traced heap, which keeps nothing that Go does not, it does nothing.
///
/// ```
/// # use gomap::{heap::SYSTEM, layout::Hiter, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// # let key = 7i64;
/// # mapassign(&t, h, (&raw const key).cast());
/// let mut it = Hiter::zeroed();
/// mapiterinit(&t, h, &raw mut it);
/// if !it.key.is_null() {
///     mapiterkeep(&raw const it);
/// }
/// # mapiterdone(&raw mut it);
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// As [`mapiterclears`].
pub unsafe fn mapiterkeep(it: *const Hiter) {
    // SAFETY: `it` is on an entry, and counted in the array that it began on.
    unsafe {
        debug_assert!(!(*it).key.is_null());
        owned::keep_whole(&*(*it).t, (*it).buckets);
    }
}

/// A step of an iteration that has not ended; returns whether there was another entry.
///
/// # Safety
/// `it` was begun, on a map with buckets; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn next(it: *mut Hiter) -> bool {
    // SAFETY: `it` is on a map; *shared*.
    unsafe {
        let s = Erased(&*(*it).t);
        let stores = Stores::new(s.t());
        let mut at = Position {
            bucket: (*it).bucket,
            b: Bucket((*it).bptr),
            i: (*it).i as usize,
            check: (*it).checkBucket,
        };
        loop {
            if at.b.is_null() && !enter_chain(s, it, &mut at) {
                stores.pointer(&raw mut (*it).elem, ptr::null_mut());
                stores.pointer(&raw mut (*it).key, ptr::null_mut());
                return false;
            }
            let offset = (*it).offset as usize;
            for i in
                at.b.row()
                    .occupied_anywhere()
                    .rotated(offset)
                    .not_below(at.i)
            {
                at.i = i + 1;
                let cell = Cell {
                    bucket: at.b,
                    i: (i + offset) % BUCKET_CNT,
                };
                if let Some((key, elem)) = visit(s, it, cell, at.check) {
                    stores.pointer(&raw mut (*it).key, key);
                    stores.pointer(&raw mut (*it).elem, elem);
                    at.save(stores, it);
                    return true;
                }
            }
            at.b = at.b.overflow(s);
            at.i = 0;
        }
    }
}

/// The stores of one step. The hooks are looked up once: for all that the compiler knows, each
/// store might change them.
#[derive(Clone, Copy)]
struct Stores<'t> {
    t: &'t MapType,
    barriers: bool,
}

impl Stores<'_> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn new(t: &MapType) -> Stores<'_> {
        Stores {
            t,
            barriers: heap::has_barriers(t),
        }
    }

    /// # Safety
    /// `slot` is a field of the iterator.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn pointer<T>(self, slot: *mut *mut T, value: *mut T) {
        // SAFETY: `slot` is a field of the iterator.
        unsafe {
            if self.barriers {
                heap::store_pointer(self.t, slot, value);
            } else {
                *slot = value;
            }
        }
    }
}

/// An iterator's position, in registers for the length of a step.
struct Position {
    /// The chain to visit next.
    bucket: usize,
    /// A bucket of the chain that is being visited; null between chains.
    b: Bucket,
    i: usize,
    check: usize,
}

impl Position {
    /// Stores it in the iterator.
    ///
    /// # Safety
    /// `it` is on a map with buckets; *shared*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn save(&self, stores: Stores<'_>, it: *mut Hiter) {
        // SAFETY: `it` is on a map with buckets.
        unsafe {
            let from = reader(&*it).old_chain;
            let changed = self.check != (*it).checkBucket || (*it).bptr.is_null();
            if (*it).bptr != self.b.0 {
                stores.pointer(&raw mut (*it).bptr, self.b.0);
            }
            if changed && !(self.check == noCheck && from.is_null()) {
                owned::change_chain(stores.t, (*it).h, from, self.check != noCheck);
            }
            (*it).bucket = self.bucket;
            (*it).i = self.i as u8;
            (*it).checkBucket = self.check;
        }
    }
}

/// Goes to the first bucket of the next chain: in the old array, if the map is still growing to the
/// iterator's array and the chain is not evacuated. `false` at the end.
///
/// # Safety
/// As [`next`]; `s` *fits* the map.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn enter_chain(s: Erased<'_>, it: *mut Hiter, at: &mut Position) -> bool {
    // SAFETY: the iterator's array is alive; indices are below 2^B; *shared*.
    unsafe {
        debug_assert!(at.bucket < bucketShift((*it).B));
        let h = (*it).h;
        let index = at.bucket;
        if index == (*it).startBucket && (*it).wrapped {
            return false;
        }
        at.b = Bucket::at(s, (*it).buckets, index);
        at.check = noCheck;
        if growing(h) && (*it).B == (*h).B {
            let old = index & oldbucketmask(h);
            if !bucketEvacuated(s, h, old) {
                at.b = Bucket::at(s, (*h).oldbuckets, old);
                at.check = index;
            }
        }
        at.bucket += 1;
        if at.bucket == bucketShift((*it).B) {
            at.bucket = 0;
            (*it).wrapped = true;
        }
        at.i = 0;
        true
    }
}

/// The entry of a cell as it is now, if the iterator is to visit it here.
///
/// # Safety
/// `s` *fits* the map of `it`; the cell holds an entry, or held one that has moved; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn visit(
    s: Erased<'_>,
    it: *const Hiter,
    cell: Cell,
    check: usize,
) -> Option<(*mut u8, *mut u8)> {
    // SAFETY: the cell holds an entry, or held one that has moved.
    unsafe {
        if check == noCheck && tag::is_live(cell.bucket.tophash(cell.i)) {
            return Some((cell.key(s), cell.elem(s)));
        }
        visit_moving(s, it, cell, check)
    }
}

/// [`visit`] of an entry that has moved, or that will.
///
/// # Safety
/// As [`visit`].
#[cold]
#[inline(never)]
unsafe fn visit_moving(
    s: Erased<'_>,
    it: *const Hiter,
    cell: Cell,
    check: usize,
) -> Option<(*mut u8, *mut u8)> {
    // SAFETY: `s` fits the map of `it`; the cell holds or held an entry.
    unsafe {
        let h = (*it).h;
        let key = cell.key(s);
        // A bucket that was wiped while the iterator was in it: Go's iterator crashes here.
        if s.indirectkey() && key.is_null() {
            return None;
        }
        let top = cell.bucket.tophash(cell.i);
        let splits = check != noCheck && flags::load(h) & sameSizeGrow == 0;
        if splits && !will_go_to(s, it, key, top, check) {
            return None;
        }
        if tag::is_live(top) || !(s.reflexivekey() || s.equal(key, key)) {
            return Some((key, cell.elem(s)));
        }
        // The entry has moved: it may have been updated or deleted since, or deleted and inserted
        // again.
        let (key, elem) = mapaccess::<Entry, _, _>(s, h, key.cast_const());
        (!key.is_null()).then_some((key, elem))
    }
}

/// Whether a key of an old bucket will move to bucket `check` of the new array: for a key that does
/// not equal itself, the tophash says so.
///
/// # Safety
/// `s` *fits* the map of `it`, which grows to twice the buckets; `key` is a *key*.
unsafe fn will_go_to(
    s: Erased<'_>,
    it: *const Hiter,
    key: *const u8,
    top: u8,
    check: usize,
) -> bool {
    // SAFETY: `key` is a key; `it` is on a map.
    unsafe {
        if s.reflexivekey() || s.equal(key, key) {
            s.hash(key, (*(*it).h).hash0) & bucketMask((*it).B) == check
        } else {
            check >> ((*it).B - 1) == (top & 1) as usize
        }
    }
}
