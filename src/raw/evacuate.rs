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
use crate::shape::{Exclusive, Shape};
use crate::{heap, owned};

/// Moves the entries of an old bucket, unless they were moved before.
///
/// # Safety
/// `s` *fits* `h`, which is growing; the old array has more than `oldbucket` buckets; *exclusive*.
#[inline(never)]
pub(crate) unsafe fn evacuate<S: Shape>(
    s: S,
    h: *mut Hmap,
    oldbucket: usize,
) -> Result<(), AllocError> {
    // SAFETY: `growing(h)`, and `oldbucket` is within the old array.
    unsafe {
        if S::EXCLUSIVE {
            unless_evacuated(s, h, oldbucket, |old, halves| move_typed(s, h, old, halves))
        } else {
            evacuate_by(s, &s, h, oldbucket)
        }
    }
}

/// [`evacuate`], where another shape has the hashes.
///
/// # Safety
/// As [`evacuate`]; `hashes` are those of the map's keys.
pub(crate) unsafe fn evacuate_by<S: Shape, H: Hashes + ?Sized>(
    s: S,
    hashes: &H,
    h: *mut Hmap,
    oldbucket: usize,
) -> Result<(), AllocError> {
    // SAFETY: `growing(h)`, and `oldbucket` is within the old array.
    unsafe {
        unless_evacuated(s, h, oldbucket, |old, halves| {
            Evacuation {
                s,
                hashes,
                h,
                old,
                halves,
            }
            .run()
        })
    }
}

/// Has the chain of an old bucket moved, unless it was before, and moves the mark of the evacuation.
///
/// # Safety
/// As [`evacuate`]; `move_chain` moves the chain that starts with its bucket.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn unless_evacuated<S: Shape>(
    s: S,
    h: *mut Hmap,
    oldbucket: usize,
    move_chain: impl FnOnce(Bucket, Halves) -> Result<(), AllocError>,
) -> Result<(), AllocError> {
    // SAFETY: `growing(h)`, and `oldbucket` is within the old array.
    unsafe {
        debug_assert!(growing(h) && oldbucket < noldbuckets(h));
        let newbit = noldbuckets(h);
        if !bucketEvacuated(s, h, oldbucket) {
            let old = Bucket::at(s, (*h).oldbuckets, oldbucket);
            move_chain(old, Halves::new(s, h, oldbucket, newbit))?;
            wipe_unless_iterated(s, h, old);
        }
        if oldbucket == (*h).nevacuate {
            advanceEvacuationMark(s.t(), h, newbit);
        }
        Ok(())
    }
}

/// The hash of a shape's keys. Code that all typed maps share has it by a pointer, and knows nothing else of keys.
pub(crate) trait Hashes {
    /// The hash of a key.
    ///
    /// # Safety
    /// `key` is a *key* of a map of this shape, and `seed` is its map's.
    unsafe fn of_key(&self, key: *const u8, seed: u32) -> usize;
}

impl<S: Shape> Hashes for S {
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn of_key(&self, key: *const u8, seed: u32) -> usize {
        // SAFETY: a key (this method's contract).
        unsafe { self.hash(key, seed) }
    }
}

/// Moves the entries of a chain of a typed map. All types share the code for what is behind the first bucket.
///
/// # Safety
/// As [`evacuate`], of a typed map; the old chain starts with `old`.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn move_typed<S: Shape>(
    s: S,
    h: *mut Hmap,
    old: Bucket,
    mut halves: Halves,
) -> Result<(), AllocError> {
    // SAFETY: the chain from `old` of a growing map.
    unsafe {
        // No barrier can unwind, and hashes come before the first change: there is nothing to put back yet.
        let hashes = halves.hashes(s, &s, old, (*h).hash0);
        halves.take_bucket(s, old, &hashes);
        let rest = old.overflow(s);
        if rest.is_null() {
            return Ok(());
        }
        let (s, hashes): (_, &dyn Hashes) = (Exclusive(s.t()), &s);
        Evacuation {
            s,
            hashes,
            h,
            old,
            halves,
        }
        .run_from(rest)
    }
}

/// Copies the slots of an entry.
///
/// # Safety
/// `s` *fits* the map of both cells; `from` holds an entry, and `to` is empty; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn copy<S: Shape>(s: S, from: Cell, to: Cell) {
    // SAFETY: cells of different arrays of a map that `s` fits.
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

/// Prefetches what the evacuation of an old bucket reads and writes, so that its cache misses overlap.
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

/// Unlinks the overflow buckets of an evacuated chain, and clears its first bucket for the collector; but not what an
/// iterator may be reading. The tophash row stays: it holds the state of the evacuation.
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

/// Whether an iterator that [`oldIterator`] does not tell of may read the old bucket: the flag forgets iterators that are
/// two growths old, which in Go may then meet zeroed keys. Zeroes are not always a key where keys have glue, some
/// iterators ask for better, and cursors of typed maps follow the links.
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

/// The evacuation of one chain. If it cannot be completed (the hash unwinds, or there is no memory), dropping it undoes
/// it.
///
/// Invariant: `s` *fits* `h`, which grows; `old` is the first bucket of a chain of the old array that is not evacuated;
/// no other entry is stored in the chains of `halves` meanwhile.
struct Evacuation<'m, S: Shape, H: Hashes + ?Sized> {
    s: S,
    hashes: &'m H,
    h: *mut Hmap,
    old: Bucket,
    halves: Halves,
}

/// Where the entries of an old bucket go.
#[derive(Clone, Copy)]
struct Halves {
    /// The bit of the hash that tells the halves apart; 0 when the size stays.
    newbit: usize,
    /// The first buckets of the low and of the high half, and the next cells there.
    home: [Bucket; 2],
    next: [Cell; 2],
}

impl Halves {
    /// # Safety
    /// As [`evacuate`]; `newbit` is the size of the old array.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn new<S: Shape>(s: S, h: *const Hmap, oldbucket: usize, newbit: usize) -> Self {
        // SAFETY: a growing map; both indices are within its current array.
        unsafe {
            let same_size = flags::load(h) & sameSizeGrow != 0;
            let newbit = if same_size { 0 } else { newbit };
            let low = Bucket::at(s, (*h).buckets, oldbucket);
            let high = Bucket::at(s, (*h).buckets, oldbucket + newbit);
            let home = [low, high];
            Halves {
                newbit,
                home,
                next: home.map(|bucket| Cell { bucket, i: 0 }),
            }
        }
    }

    /// The hashes of the keys in a bucket, where they decide which half an entry goes to. They come before the first entry
    /// is moved, so that the machine fetches what several keys point to at once.
    ///
    /// # Safety
    /// `b` is a *bucket* that `s` *fits*; `hashes` are those of its map, and so is `seed`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn hashes<S: Shape, H: Hashes + ?Sized>(
        &self,
        s: S,
        hashes: &H,
        b: Bucket,
        seed: u32,
    ) -> [usize; BUCKET_CNT] {
        let mut of_cells = [0; BUCKET_CNT];
        if self.newbit != 0 {
            // SAFETY: live cells hold keys of the map.
            unsafe {
                for i in b.row().live() {
                    of_cells[i] = hashes.of_key(b.key(s, i), seed);
                }
            }
        }
        of_cells
    }

    /// Whether both halves have room for all entries of a bucket, without another overflow bucket.
    ///
    /// # Safety
    /// `from` is a *bucket* of the old chain.
    ///
    /// # Safety
    /// `from` is a *bucket*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn have_room_for(&self, from: Bucket) -> bool {
        let [low, high] = self.next.map(|next| next.i);
        // SAFETY: a bucket.
        let entries = unsafe { from.row() }.live().bits().count_ones() as usize;
        low.max(high) + entries <= BUCKET_CNT
    }

    /// Moves the entries of a bucket. Which half an entry goes to is unpredictable, so nothing branches on it.
    ///
    /// # Safety
    /// `s` *fits* the map; `from` is a bucket of its old array, for which the halves [have
    /// room](Halves::have_room_for), with these hashes; *exclusive*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn take_bucket<S: Shape>(&mut self, s: S, from: Bucket, hashes: &[usize; BUCKET_CNT]) {
        // SAFETY: live cells, and room for as many in each half.
        unsafe {
            let row = from.row();
            if !row.only_live_and_empty() {
                heap::throw(s.t(), "bad map state");
            }
            let mut next = self.next;
            let mut marks = Row::of(evacuatedEmpty);
            for i in row.live() {
                let half = (hashes[i] & self.newbit != 0) as usize;
                let to = next[half];
                next[half].i += 1;
                copy(s, Cell { bucket: from, i }, to);
                to.bucket.set_tophash(to.i, from.tophash(i));
                marks = marks.flipped(i, evacuatedEmpty ^ tag::moved_to(half));
            }
            from.set_row(marks);
            self.next = next;
        }
    }
}

/// Which half an entry goes to, its tophash there, and what its old cell is marked with.
struct Course {
    half: usize,
    top: u8,
    /// `evacuatedX` or `evacuatedY`, as the copy has the tophash; else the old tophash, until all have moved.
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

impl<S: Shape, H: Hashes + ?Sized> Evacuation<'_, S, H> {
    /// Moves the entries of the old chain.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn run(mut self) -> Result<(), AllocError> {
        // SAFETY: buckets of the old chain; the first has room in empty chains.
        unsafe {
            let mut rest = self.old;
            if self.s.reflexivekey() {
                let hashes = self.hashes(self.old);
                self.halves.take_bucket(self.s, self.old, &hashes);
                rest = self.old.overflow(self.s);
            }
            if !rest.is_null() {
                self.move_chain(rest)?;
            }
            self.finish();
        }
        Ok(())
    }

    /// Moves the entries of the old chain from bucket `rest` on. Those before it were moved.
    #[inline(never)]
    unsafe fn run_from(mut self, rest: Bucket) -> Result<(), AllocError> {
        // SAFETY: `from` is a bucket of the old chain.
        unsafe {
            self.move_chain(rest)?;
            self.finish();
        }
        Ok(())
    }

    /// Moves the entries of the chain from `from` on: by buckets, or cell by cell where a half may lack room.
    ///
    /// # Safety
    /// `from` is a *bucket* of the old chain, and those before it have been moved.
    #[inline(never)]
    unsafe fn move_chain(&mut self, from: Bucket) -> Result<(), AllocError> {
        let s = self.s;
        // SAFETY: cells of the old chain, each moved once.
        unsafe {
            for bucket in from.chain(s) {
                let hashes = self.hashes(bucket);
                if s.reflexivekey() && self.halves.have_room_for(bucket) {
                    self.halves.take_bucket(s, bucket, &hashes);
                    continue;
                }
                for (i, hash) in hashes.iter().enumerate() {
                    self.move_cell(Cell { bucket, i }, *hash)?;
                }
            }
        }
        Ok(())
    }

    /// [`Halves::hashes`]; but not of keys that may have a new hash each time, whose random numbers are drawn when Go
    /// draws them.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn hashes(&self, b: Bucket) -> [usize; BUCKET_CNT] {
        if !self.s.reflexivekey() {
            return [0; BUCKET_CNT];
        }
        // SAFETY: `from` is a bucket of the old chain.
        unsafe { self.halves.hashes(self.s, self.hashes, b, (*self.h).hash0) }
    }

    /// Copies an entry to its half of the new array, and marks its cell as moved.
    ///
    /// # Safety
    /// `cell` is of the old chain, and not moved; `hash` is its key's, if [`Evacuation::hashes`] has it.
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
            copy(self.s, cell, to);
            to.bucket.set_tophash(to.i, top);
            cell.bucket.set_tophash(cell.i, mark);
            self.halves.next[half].i += 1;
            Ok(())
        }
    }

    /// Where an entry goes.
    ///
    /// # Safety
    /// As [`Evacuation::move_cell`]; the cell holds an entry.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn choose_half(&self, cell: Cell, top: u8, hash: usize) -> Course {
        if self.halves.newbit == 0 {
            return Course::to(0, top);
        }
        // SAFETY: the cell holds an entry.
        unsafe {
            if self.s.reflexivekey() {
                return Course::to((hash & self.halves.newbit != 0) as usize, top);
            }
            let key = cell.key(self.s);
            let hash = self.s.hash(key, (*self.h).hash0);
            if self.follows_nan_rule(key) {
                // A key that is not equal to itself has a new hash each time. Any half would do, but an iterator must know
                // which: the old tophash says so. The new tophash is from the new hash, so that such keys spread evenly in
                // later growths.
                return Course {
                    half: half_by_tophash(top),
                    top: tophash(hash),
                    mark: top,
                };
            }
            Course::to((hash & self.halves.newbit != 0) as usize, top)
        }
    }

    /// # Safety
    /// `key` is a *key*.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn follows_nan_rule(&self, key: *const u8) -> bool {
        // SAFETY: `key` is a key.
        unsafe { flags::load(self.h) & iterator != 0 && !self.s.equal(key, key) }
    }

    /// The next cell of a half. An overflow bucket may be linked already, by an evacuation that was undone.
    ///
    /// # Safety
    /// Everything moved to this half so far is counted in it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn room_in(&mut self, half: usize) -> Result<Cell, AllocError> {
        let cell = &mut self.halves.next[half];
        if cell.i == BUCKET_CNT {
            // SAFETY: `full` is the last bucket in use of a chain of the new array.
            unsafe {
                let full = cell.bucket;
                let mut next = full.overflow(self.s);
                if next.is_null() {
                    next = newoverflow(self.s.t(), self.h, full)?;
                }
                *cell = Cell { bucket: next, i: 0 };
            }
        }
        Ok(*cell)
    }

    /// Ends the evacuation: nothing can fail from here on, and the cells that kept their tophash get their marks.
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

    /// Restores the tophash bytes of the old chain from those of the copies. Only a cell with an entry can fail to be
    /// moved, so each empty cell before it is `emptyOne`. No key is read: its callbacks may be what failed.
    ///
    /// # Safety
    /// No bucket of the halves has been changed since the entries were copied.
    unsafe fn restore_old(&self) {
        let mut copies = self.halves.home.map(|bucket| Cell { bucket, i: 0 });
        // SAFETY: the marks of the old chain lead through the copies in the order in which they were made.
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

    /// The tophash of a copy, whose index counts from the start of a bucket and may go past its end.
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
        for home in self.halves.home {
            // SAFETY: nothing else uses these chains while their old bucket is not evacuated.
            unsafe {
                for b in home.chain(self.s) {
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

impl<S: Shape, H: Hashes + ?Sized> Drop for Evacuation<'_, S, H> {
    #[cold]
    fn drop(&mut self) {
        // SAFETY: the evacuation was not completed: the halves hold copies only.
        unsafe {
            self.restore_old();
            self.empty_new();
        }
    }
}
