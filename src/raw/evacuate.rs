//! Moving the entries of one old bucket to the new array ("扩容", `evacuate`).

use maptype::{AllocError, BUCKET_CNT};

use super::advance::advanceEvacuationMark;
use super::overflow::newoverflow;
use super::tophash;
use crate::bucket::{Bucket, Cell, Row, tag};
use crate::header::{bucketEvacuated, flags, growing, noldbuckets};
use crate::layout::{
    DATA_OFFSET, Hmap, emptyOne, emptyRest, evacuatedEmpty, evacuatedX, iterator, oldIterator,
    sameSizeGrow,
};
use crate::shape::Shape;
use crate::{heap, owned};

/// Moves the entries of an old bucket, unless they were moved before.
///
/// # Safety
/// `s` *fits* `h`, which is growing; the old array has more than `oldbucket` buckets; *exclusive*.
pub(crate) unsafe fn evacuate<S: Shape>(
    s: S,
    h: *mut Hmap,
    oldbucket: usize,
) -> Result<(), AllocError> {
    // SAFETY: `s` fits `h`, which grows; the old array has more than `oldbucket` buckets.
    unsafe {
        debug_assert!(growing(h) && oldbucket < noldbuckets(h));
        let newbit = noldbuckets(h);
        if !bucketEvacuated(s, h, oldbucket) {
            let old = Bucket::at(s, (*h).oldbuckets, oldbucket);
            let mut evacuation = Evacuation::start(s, h, oldbucket, newbit);
            let next = old.overflow(s);
            if s.reflexivekey() {
                evacuation.move_bucket(old);
                if !next.is_null() {
                    evacuation.move_chain(next)?;
                }
            } else {
                evacuation.move_chain(old)?;
            }
            evacuation.finish();
            wipe_unless_iterated(s, h, old);
        }
        if oldbucket == (*h).nevacuate {
            advanceEvacuationMark(s.t(), h, newbit);
        }
        Ok(())
    }
}

/// Prefetches what the evacuation of an old bucket reads and writes, so that its cache misses
/// overlap.
///
/// # Safety
/// As [`evacuate`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn prefetch_evacuation<S: Shape>(s: S, h: *const Hmap, oldbucket: usize) {
    // SAFETY: `s` fits `h`, which grows; `oldbucket` and its halves are within their arrays.
    unsafe {
        if oldbucket < (*h).nevacuate {
            return;
        }
        Bucket::at(s, (*h).oldbuckets, oldbucket).prefetch_all(s);
        Bucket::at(s, (*h).buckets, oldbucket).prefetch_all(s);
        if flags::load(h) & sameSizeGrow == 0 {
            Bucket::at(s, (*h).buckets, oldbucket + noldbuckets(h)).prefetch_all(s);
        }
    }
}

/// Unlinks the overflow buckets of an evacuated chain, and clears its first bucket for the
/// collector; but not what an iterator may be reading. The tophash row stays: it holds the state of
/// the evacuation.
///
/// # Safety
/// `s` *fits* `h`, which grows; `old` is an evacuated *bucket* of its old array; *exclusive*.
unsafe fn wipe_unless_iterated<S: Shape>(s: S, h: *const Hmap, old: Bucket) {
    // SAFETY: `old` is a bucket that `s` fits; no one reads its cells.
    unsafe {
        let iterated = flags::load(h) & oldIterator != 0;
        if s.pointers() && !iterated && !may_still_be_read(s, h) {
            let data = old.0.cast::<u8>().add(DATA_OFFSET);
            heap::memclr_has_pointers(s.t(), data, s.bucketsize() - DATA_OFFSET);
        }
    }
}

/// Whether an iterator that [`oldIterator`] does not tell of may read the old bucket: the flag
/// forgets iterators that are two growths old, which in Go may then meet zeroed keys. Zeroes are
/// not always a key where keys have glue, some iterators ask for better, and cursors of typed maps
/// follow the links.
///
/// # Safety
/// As [`wipe_unless_iterated`].
unsafe fn may_still_be_read<S: Shape>(s: S, h: *const Hmap) -> bool {
    // SAFETY: `s` fits `h`, which has buckets.
    S::EXCLUSIVE
        || unsafe {
            owned::keeps_whole(s.t(), h) || s.key_type().drop.is_some() && owned::watched(s.t(), h)
        }
}

/// The evacuation of one chain. If it cannot be completed (the hash unwinds, or there is no
/// memory), dropping it undoes it.
///
/// Invariant: `s` *fits* `h`, which grows; `old` is the first bucket of a chain of the old array
/// that is not evacuated; no other entry is stored in the chains of `halves` meanwhile.
struct Evacuation<S: Shape> {
    s: S,
    h: *mut Hmap,
    old: Bucket,
    /// The bit of the hash that tells the halves apart; 0 when the size stays.
    newbit: usize,
    /// Where entries of the low and of the high half go.
    halves: [Destination; 2],
}

/// Where the next entry of a half goes.
#[derive(Clone, Copy)]
struct Destination {
    home: Bucket,
    next: Cell,
}

impl Destination {
    /// # Safety
    /// `s` *fits* `h`, whose current array has more than `index` buckets.
    unsafe fn at<S: Shape>(s: S, h: *const Hmap, index: usize) -> Destination {
        // SAFETY: the current array has more than `index` buckets.
        let home = unsafe { Bucket::at(s, (*h).buckets, index) };
        Destination {
            home,
            next: Cell { bucket: home, i: 0 },
        }
    }
}

/// Which half an entry goes to, its tophash there, and what its old cell is marked with.
struct Course {
    half: usize,
    top: u8,
    /// `evacuatedX` or `evacuatedY`, as the copy has the tophash; else the old tophash, until all
    /// have moved.
    mark: u8,
}

impl Course {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn to(half: usize, top: u8) -> Course {
        Course {
            half,
            top,
            mark: tag::moved_to(half),
        }
    }
}

/// The half of an entry that follows the NaN rule.
#[cfg_attr(not(debug_assertions), inline(always))]
fn half_by_tophash(top: u8) -> usize {
    (top & 1) as usize
}

impl<S: Shape> Evacuation<S> {
    /// # Safety
    /// `s` *fits* `h`, which grows from `newbit` buckets; `oldbucket` is one of them, and not
    /// evacuated; *exclusive*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn start(s: S, h: *mut Hmap, oldbucket: usize, newbit: usize) -> Self {
        // SAFETY: `oldbucket < newbit`; the halves are within the current array.
        unsafe {
            let same_size = flags::load(h) & sameSizeGrow != 0;
            let newbit = if same_size { 0 } else { newbit };
            Evacuation {
                s,
                h,
                old: Bucket::at(s, (*h).oldbuckets, oldbucket),
                newbit,
                halves: [
                    Destination::at(s, h, oldbucket),
                    Destination::at(s, h, oldbucket + newbit),
                ],
            }
        }
    }

    /// Moves the entries of a bucket where both halves have room for all of them in their last
    /// bucket. Which half an entry goes to is unpredictable, and is not branched on.
    ///
    /// # Safety
    /// `from` is a *bucket* of the old chain; [`Evacuation::has_room_for`] it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn move_bucket(&mut self, from: Bucket) {
        let s = self.s;
        // SAFETY: live cells of the old chain; either half has room for all of them.
        unsafe {
            debug_assert!(self.has_room_for(from));
            let row = from.row();
            if !row.only_live_and_empty() {
                heap::throw(s.t(), "bad map state");
            }
            let mut marks = Row::of(evacuatedEmpty);
            let mut next = self.halves.map(|half| half.next);
            let hashes = self.hashes(from);
            for i in row.live() {
                let half = (hashes[i] & self.newbit != 0) as usize;
                let to = next[half];
                next[half].i += 1;
                self.copy(Cell { bucket: from, i }, to);
                to.bucket.set_tophash(to.i, from.tophash(i));
                marks = marks.flipped(i, evacuatedEmpty ^ tag::moved_to(half));
            }
            from.set_row(marks);
            for (half, next) in self.halves.iter_mut().zip(next) {
                half.next = next;
            }
        }
    }

    /// Whether both halves have room for all entries of a bucket, without another overflow bucket.
    ///
    /// # Safety
    /// `from` is a *bucket* of the old chain.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn has_room_for(&self, from: Bucket) -> bool {
        let [low, high] = self.halves.map(|half| half.next.i);
        // SAFETY: `from` is a bucket of the old chain.
        let entries = unsafe { from.row() }.live().bits().count_ones() as usize;
        low.max(high) + entries <= BUCKET_CNT
    }

    /// Moves the entries of the chain from `from` on: by buckets, or cell by cell where a half may
    /// lack room.
    ///
    /// # Safety
    /// `from` is a *bucket* of the old chain, and those before it have been moved.
    #[inline(never)]
    unsafe fn move_chain(&mut self, from: Bucket) -> Result<(), AllocError> {
        let s = self.s;
        // SAFETY: cells of the old chain, each moved once.
        unsafe {
            for bucket in from.chain(s) {
                if s.reflexivekey() && self.has_room_for(bucket) {
                    self.move_bucket(bucket);
                    continue;
                }
                let hashes = self.hashes(bucket);
                for (i, hash) in hashes.iter().enumerate() {
                    self.move_cell(Cell { bucket, i }, *hash)?;
                }
            }
        }
        Ok(())
    }

    /// The hashes of the keys in a bucket, where they decide which half an entry goes to. All are
    /// computed before the first entry is moved, so that cache misses on what keys point to
    /// overlap; but not those of keys that may hash to a new number each time: their random numbers
    /// are drawn when Go draws them.
    ///
    /// # Safety
    /// `b` is a *bucket* of the old chain, and not moved.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn hashes(&self, b: Bucket) -> [usize; BUCKET_CNT] {
        let mut hashes = [0; BUCKET_CNT];
        if self.newbit != 0 && self.s.reflexivekey() {
            // SAFETY: live cells of the old chain hold keys.
            unsafe {
                for i in b.row().live() {
                    hashes[i] = self.s.hash(b.key(self.s, i), (*self.h).hash0);
                }
            }
        }
        hashes
    }

    /// Copies an entry to its half of the new array, and marks its cell as moved.
    ///
    /// # Safety
    /// `cell` is of the old chain, and not moved; `hash` is its key's, if [`Evacuation::hashes`]
    /// has it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn move_cell(&mut self, cell: Cell, hash: usize) -> Result<(), AllocError> {
        // SAFETY: `cell` is of the old chain, and not moved.
        unsafe {
            let top = cell.bucket.tophash(cell.i);
            if top <= emptyOne {
                cell.bucket.set_tophash(cell.i, evacuatedEmpty);
                return Ok(());
            }
            if !tag::is_live(top) {
                heap::throw(self.s.t(), "bad map state");
            }
            let Course { half, top, mark } = self.choose_half(cell, top, hash);
            let to = self.room_in(half)?;
            self.copy(cell, to);
            to.bucket.set_tophash(to.i, top);
            cell.bucket.set_tophash(cell.i, mark);
            self.halves[half].next.i += 1;
            Ok(())
        }
    }

    /// Where an entry goes.
    ///
    /// # Safety
    /// As [`Evacuation::move_cell`]; the cell holds an entry.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn choose_half(&self, cell: Cell, top: u8, hash: usize) -> Course {
        if self.newbit == 0 {
            return Course::to(0, top);
        }
        // SAFETY: the cell holds an entry.
        unsafe {
            if self.s.reflexivekey() {
                return Course::to((hash & self.newbit != 0) as usize, top);
            }
            let key = cell.key(self.s);
            let hash = self.s.hash(key, (*self.h).hash0);
            if self.follows_nan_rule(key) {
                // A key that is not equal to itself has a new hash each time. Any half would do,
                // but an iterator must know which: the old tophash says so. The new tophash is from
                // the new hash, so that such keys spread evenly in later growths.
                return Course {
                    half: half_by_tophash(top),
                    top: tophash(hash),
                    mark: top,
                };
            }
            Course::to((hash & self.newbit != 0) as usize, top)
        }
    }

    /// # Safety
    /// `key` is a *key*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn follows_nan_rule(&self, key: *const u8) -> bool {
        // SAFETY: `key` is a key.
        unsafe { flags::load(self.h) & iterator != 0 && !self.s.equal(key, key) }
    }

    /// The next cell of a half. An overflow bucket may be linked already, by an evacuation that was
    /// undone.
    ///
    /// # Safety
    /// Everything moved to this half so far is counted in it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn room_in(&mut self, half: usize) -> Result<Cell, AllocError> {
        let destination = &mut self.halves[half];
        if destination.next.i == BUCKET_CNT {
            // SAFETY: `full` is the last bucket in use of a chain of the new array.
            unsafe {
                let full = destination.next.bucket;
                let mut next = full.overflow(self.s);
                if next.is_null() {
                    next = newoverflow(self.s.t(), self.h, full)?;
                }
                destination.next = Cell { bucket: next, i: 0 };
            }
        }
        Ok(destination.next)
    }

    /// Copies the slots of an entry.
    ///
    /// # Safety
    /// `from` holds an entry of the old chain; `to` is an empty cell of a half.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn copy(&self, from: Cell, to: Cell) {
        let s = self.s;
        // SAFETY: `from` and `to` are cells of different arrays that `s` fits.
        unsafe {
            if s.indirectkey() {
                heap::store_pointer(s.t(), to.key_slot(s).cast(), from.key(s));
            } else {
                s.move_key(to.key_slot(s), from.key_slot(s));
            }
            if s.indirectelem() {
                heap::store_pointer(s.t(), to.elem_slot(s).cast(), from.elem(s));
            } else {
                s.move_elem(to.elem_slot(s), from.elem_slot(s));
            }
        }
    }

    /// Ends the evacuation: nothing can fail from here on, and the cells that kept their tophash
    /// get their marks.
    ///
    /// # Safety
    /// The whole chain was moved.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn finish(self) {
        if !self.s.reflexivekey() {
            // SAFETY: buckets of the old chain, which was moved.
            unsafe {
                for b in self.old.chain(self.s) {
                    for i in b.row().live() {
                        let half = half_by_tophash(b.tophash(i));
                        b.set_tophash(i, tag::moved_to(half));
                    }
                }
            }
        }
        core::mem::forget(self);
    }

    /// Restores the tophash bytes of the old chain from those of the copies. Only a cell with an
    /// entry can fail to be moved, so each empty cell before it is `emptyOne`. No key is read: its
    /// callbacks may be what failed.
    ///
    /// # Safety
    /// No bucket of the halves has been changed since the entries were copied.
    unsafe fn restore_old(&self) {
        let mut copies = self.halves.map(|half| Cell {
            bucket: half.home,
            i: 0,
        });
        // SAFETY: the marks of the old chain lead through the copies in the order in which they
        // were made.
        unsafe {
            for b in self.old.chain(self.s) {
                for i in 0..BUCKET_CNT {
                    let mark = b.tophash(i);
                    if mark == evacuatedEmpty {
                        b.set_tophash(i, emptyOne);
                    } else if tag::is_live(mark) {
                        // It follows the NaN rule, or was not moved: then nothing after it was.
                        copies[half_by_tophash(mark)].i += 1;
                    } else if mark >= evacuatedX {
                        let copy = &mut copies[(mark - evacuatedX) as usize];
                        b.set_tophash(i, self.tophash_of_copy(copy));
                        copy.i += 1;
                    }
                }
            }
        }
    }

    /// The tophash of a copy, whose index counts from the start of a bucket and may go past its
    /// end.
    ///
    /// # Safety
    /// The chain has that many cells.
    unsafe fn tophash_of_copy(&self, copy: &mut Cell) -> u8 {
        // SAFETY: the chain goes on for as many cells.
        unsafe {
            while copy.i >= BUCKET_CNT {
                *copy = Cell {
                    bucket: copy.bucket.overflow(self.s),
                    i: copy.i - BUCKET_CNT,
                };
            }
            copy.bucket.tophash(copy.i)
        }
    }

    /// Empties the chains that entries were copied to; their overflow buckets stay linked.
    ///
    /// # Safety
    /// The entries are in the old chain again.
    unsafe fn empty_new(&self) {
        for half in &self.halves {
            // SAFETY: nothing else uses these chains while their old bucket is not evacuated.
            unsafe {
                for b in half.home.chain(self.s) {
                    for i in 0..BUCKET_CNT {
                        b.set_tophash(i, emptyRest);
                    }
                    let data = b.0.cast::<u8>().add(DATA_OFFSET);
                    let size = self.s.bucketsize() - DATA_OFFSET - size_of::<usize>();
                    data.write_bytes(0, size);
                }
            }
        }
    }
}

impl<S: Shape> Drop for Evacuation<S> {
    #[cold]
    fn drop(&mut self) {
        // SAFETY: the evacuation was not completed: the halves hold copies only.
        unsafe {
            self.restore_old();
            self.empty_new();
        }
    }
}
