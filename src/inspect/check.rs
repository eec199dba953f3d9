//! The invariants of a map, checked in one walk.

use core::fmt;
use core::ops::Range;

use maptype::{BUCKET_CNT, MapType};

use crate::bucket::{Bucket, Cell, tag};
use crate::header::extra;
use crate::header::sizes::{array_len, bucketMask, capacity};
use crate::header::{flags, growing, nbuckets, noldbuckets};
use crate::heap::heap;
use crate::layout::{
    Bmap, Hmap, emptyOne, emptyRest, evacuatedEmpty, evacuatedX, evacuatedY, iterator, oldIterator,
    sameSizeGrow,
};
use crate::owned::LiveCells;
use crate::raw::find::find;
use crate::raw::tophash;
use crate::shape::{Erased, Shape};

/// An invariant of a map that does not hold, and where.
///
/// ```
/// use gomap::inspect::{Broken, Invariant};
///
/// let broken = Broken { invariant: Invariant::Count, old: false, bucket: 3, link: 0, cell: 7 };
/// assert_eq!(
///     broken.to_string(),
///     "Count does not hold: current array, bucket 3, link 0, cell 7",
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// What should hold.
    pub invariant: Invariant,
    /// Which array the cell is in.
    pub old: bool,
    /// The index of the chain; not used by invariants of the map as a whole.
    pub bucket: usize,
    /// The bucket's index in its chain.
    pub link: usize,
    /// The cell.
    pub cell: usize,
}

/// What holds for every map between operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Invariant {
    /// A map without buckets has no entries, `B` 0, and does not grow.
    NoBucketsMeansEmpty,
    /// Between operations `hashWriting` is not set, unknown flags never.
    FlagsAtRest,
    /// `sameSizeGrow` is set only while growing.
    SameSizeOnlyWhileGrowing,
    /// `nevacuate` is within the old array, and all before it is evacuated.
    EvacuatedBelowMark,
    /// A row of the current array, or of an old bucket that was not evacuated, has no evacuation marks.
    NoStrayMarks,
    /// A row of an evacuated bucket has only evacuation marks, `evacuatedY` only if the array doubled.
    OnlyMarksWhenEvacuated,
    /// After `emptyRest` the chain has only `emptyRest`.
    NothingAfterRest,
    /// No `emptyOne` precedes `emptyRest`.
    RestIsMaximal,
    /// An overflow bucket is not one of the array's main buckets.
    ChainsLeaveTheArray,
    /// A new bucket whose old one was not evacuated is empty.
    UnusedUntilEvacuated,
    /// A key is in the bucket that its hash selects.
    KeyInItsBucket,
    /// A cell's tophash is that of its key.
    TophashOfKey,
    /// A lookup of a stored key finds its cell.
    KeyIsFound,
    /// `count` is the number of entries.
    Count,
    /// The load is within its bound.
    Load,
    /// `noverflow` is the number of overflow buckets (below `B` 16).
    OverflowCount,
    /// The list of overflow buckets, if there is one, has one pointer for each.
    OverflowList,
    /// `nextOverflow` leads through empty buckets to the last of the preallocated ones.
    PreallocatedBuckets,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let array = if self.old { "old" } else { "current" };
        write!(
            f,
            "{:?} does not hold: {array} array, bucket {}, link {}, cell {}",
            self.invariant, self.bucket, self.link, self.cell
        )
    }
}

impl core::error::Error for Broken {}

/// Checks every invariant of a map, and returns the first one that does not hold. It hashes every
/// key; a null map is sound.
///
/// ```
/// # use gomap::{heap::SYSTEM, inspect::{Invariant, check}, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// let key = 7i64;
/// mapassign(&t, h, (&raw const key).cast());
/// assert_eq!(check(&t, h), Ok(()));
/// (*h).count += 1;
/// assert_eq!(check(&t, h).unwrap_err().invariant, Invariant::Count);
/// # (*h).count -= 1;
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Errors
/// The first broken invariant.
///
/// # Safety
/// `t` is *valid*, `h` is *of `t`* and *shared* (see [`raw`](crate::raw#safety)).
pub unsafe fn check(t: *const MapType, h: *const Hmap) -> Result<(), Broken> {
    if h.is_null() {
        return Ok(());
    }
    // SAFETY: `t` is valid; `h` is a map of `t`; *shared*. Each check relies on those before it.
    unsafe {
        let checker = Checker { s: Erased(&*t), h };
        checker.header()?;
        if (*h).buckets.is_null() {
            return Ok(());
        }
        let mut overflow = 0;
        for index in 0..nbuckets(h) {
            overflow += checker.chain(index, false)?;
        }
        if growing(h) {
            checker.old_array()?;
        }
        checker.entries()?;
        checker.overflow(overflow)
    }
}

/// Fails unless a condition holds.
fn require(holds: bool, invariant: Invariant, at: At) -> Result<(), Broken> {
    if holds {
        return Ok(());
    }
    Err(Broken {
        invariant,
        old: at.old,
        bucket: at.bucket,
        link: at.link,
        cell: at.cell,
    })
}

/// Where a check failed: the fields of [`Broken`].
#[derive(Clone, Copy, Default)]
struct At {
    old: bool,
    bucket: usize,
    link: usize,
    cell: usize,
}

struct Checker<'t> {
    s: Erased<'t>,
    h: *const Hmap,
}

impl Checker<'_> {
    /// Checks the fields of the header against each other.
    ///
    /// # Safety
    /// That of [`check`].
    unsafe fn header(&self) -> Result<(), Broken> {
        let here = At::default();
        // SAFETY: `h` is a map; *shared*.
        unsafe {
            let h = self.h;
            let flags = flags::load(h);
            let known = iterator | oldIterator | sameSizeGrow;
            require(flags & !known == 0, Invariant::FlagsAtRest, here)?;
            let same_size = flags & sameSizeGrow != 0;
            require(
                !same_size || growing(h),
                Invariant::SameSizeOnlyWhileGrowing,
                here,
            )?;
            if (*h).buckets.is_null() {
                let empty = (*h).count == 0 && (*h).B == 0 && !growing(h);
                require(empty, Invariant::NoBucketsMeansEmpty, here)?;
                return Ok(());
            }
            let most = capacity((*h).B) + nbuckets(h);
            require(
                (*h).count >= 0 && (*h).count as usize <= most,
                Invariant::Load,
                here,
            )
        }
    }

    /// Checks the old array, and the current buckets that wait for its entries.
    ///
    /// # Safety
    /// That of [`check`]; the map is growing.
    unsafe fn old_array(&self) -> Result<(), Broken> {
        // SAFETY: `growing(h)`; indices are less than the number of buckets of their array.
        unsafe {
            let n = noldbuckets(self.h);
            let mark = (*self.h).nevacuate;
            require(mark < n, Invariant::EvacuatedBelowMark, At::default())?;
            for index in 0..n {
                let at = At {
                    old: true,
                    bucket: index,
                    ..At::default()
                };
                let head = Bucket::at(self.s, (*self.h).oldbuckets, index);
                let released = index < mark && heap(self.s.t()).release.is_some();
                if released {
                    continue;
                }
                if head.evacuated() {
                    self.evacuated_row(head, at)?;
                    continue;
                }
                require(index >= mark, Invariant::EvacuatedBelowMark, at)?;
                self.chain(index, true)?;
                for new in (index..nbuckets(self.h)).step_by(n) {
                    let unused = Bucket::at(self.s, (*self.h).buckets, new).row();
                    let empty = unused.equal_to(emptyRest).count() == BUCKET_CNT;
                    require(
                        empty,
                        Invariant::UnusedUntilEvacuated,
                        At { bucket: new, ..at },
                    )?;
                }
            }
            Ok(())
        }
    }

    /// Checks the marks of an evacuated bucket.
    ///
    /// # Safety
    /// `head` is a bucket of the old array.
    unsafe fn evacuated_row(&self, head: Bucket, at: At) -> Result<(), Broken> {
        for cell in 0..BUCKET_CNT {
            // SAFETY: `head` is a bucket of the old array; `cell` is less than `BUCKET_CNT`.
            let (top, flags) = unsafe { (head.tophash(cell), flags::load(self.h)) };
            let doubled = flags & sameSizeGrow == 0;
            let allowed =
                top == evacuatedX || top == evacuatedEmpty || (top == evacuatedY && doubled);
            require(
                allowed,
                Invariant::OnlyMarksWhenEvacuated,
                At { cell, ..at },
            )?;
        }
        Ok(())
    }

    /// The main buckets of the old array or the current one.
    ///
    /// # Safety
    /// The map has buckets, and is growing if `old`.
    unsafe fn main_buckets(&self, old: bool) -> Range<*mut Bmap> {
        // SAFETY: the map has buckets, and is growing if `old`; the end is within the array or behind it.
        unsafe {
            let (array, n) = if old {
                ((*self.h).oldbuckets, noldbuckets(self.h))
            } else {
                ((*self.h).buckets, nbuckets(self.h))
            };
            array..Bucket::at(self.s, array, n).0
        }
    }

    /// Checks the rows of a chain, and returns how many overflow buckets it has.
    ///
    /// # Safety
    /// As [`Checker::main_buckets`]; `index` is that of a main bucket that was not evacuated.
    unsafe fn chain(&self, index: usize, old: bool) -> Result<usize, Broken> {
        let mut before = None;
        let mut links = 0;
        // SAFETY: `index` is that of a main bucket, whose chain is alive.
        unsafe {
            let main = self.main_buckets(old);
            let head = Bucket::at(self.s, main.start, index);
            for (link, bucket) in head.chain(self.s).enumerate() {
                let at = At {
                    old,
                    bucket: index,
                    link,
                    cell: 0,
                };
                let left = link == 0 || !main.contains(&bucket.0);
                require(left, Invariant::ChainsLeaveTheArray, at)?;
                links = link;
                for cell in 0..BUCKET_CNT {
                    let at = At { cell, ..at };
                    let top = bucket.tophash(cell);
                    let stray = tag::is_evacuated(top);
                    require(!stray, Invariant::NoStrayMarks, at)?;
                    if before == Some(emptyRest) {
                        require(top == emptyRest, Invariant::NothingAfterRest, at)?;
                    } else if top == emptyRest {
                        require(before != Some(emptyOne), Invariant::RestIsMaximal, at)?;
                    }
                    before = Some(top);
                }
            }
        }
        require(
            before != Some(emptyOne),
            Invariant::RestIsMaximal,
            At {
                old,
                bucket: index,
                link: links,
                cell: BUCKET_CNT - 1,
            },
        )?;
        Ok(links)
    }

    /// Checks that each entry is found in its cell, and counts them.
    ///
    /// # Safety
    /// That of [`check`], for a map with buckets whose chains are sound.
    unsafe fn entries(&self) -> Result<(), Broken> {
        let mut count = 0;
        // SAFETY: `h` has buckets, and its chains are sound; *shared*.
        unsafe {
            for live in LiveCells::new(self.s, self.h) {
                count += 1;
                self.entry(live.cell())?;
            }
            require(count == (*self.h).count, Invariant::Count, At::default())
        }
    }

    /// Checks an entry's tophash, and that a lookup of its key finds it.
    ///
    /// # Safety
    /// `cell` has an entry of the map; *shared*.
    unsafe fn entry(&self, cell: Cell) -> Result<(), Broken> {
        let s = self.s;
        // SAFETY: `cell` has an entry of the map; *shared*.
        unsafe {
            let key = cell.key(s);
            if !s.reflexivekey() && !s.equal(key, key) {
                return Ok(());
            }
            let hash = s.hash(key, (*self.h).hash0);
            let at = At {
                bucket: hash & bucketMask((*self.h).B),
                cell: cell.i,
                ..At::default()
            };
            let same_top = cell.bucket.tophash(cell.i) == tophash(hash);
            require(same_top, Invariant::TophashOfKey, at)?;
            match find(s, self.h, hash, |slot| s.equal(key, slot)) {
                Some(found) => require(found == cell, Invariant::KeyIsFound, at),
                None => require(false, Invariant::KeyInItsBucket, at),
            }
        }
    }

    /// Checks the map's records of its overflow buckets against the number that are linked.
    ///
    /// # Safety
    /// That of [`check`], for a map with buckets.
    unsafe fn overflow(&self, linked: usize) -> Result<(), Broken> {
        let here = At::default();
        // SAFETY: `h` is a map; its `extra` and lists are null or alive; *shared*.
        unsafe {
            let h = self.h;
            let counted = (*h).B >= 16 || (*h).noverflow == linked as u16;
            require(counted, Invariant::OverflowCount, here)?;
            if !self.s.pointers() {
                let [list, _] = extra::lists(h);
                let listed = if list.is_null() { 0 } else { (*list).len };
                require(listed == linked, Invariant::OverflowList, here)?;
            }
            let extra = extra::load(h);
            if extra.is_null() || (*extra).nextOverflow.is_null() {
                return Ok(());
            }
            self.preallocated(Bucket((*extra).nextOverflow))
        }
    }

    /// Checks that the buckets from `next` on are the preallocated ones not used yet.
    ///
    /// # Safety
    /// That of [`check`], for a map with buckets.
    unsafe fn preallocated(&self, next: Bucket) -> Result<(), Broken> {
        let s = self.s;
        // SAFETY: `h` has buckets; indices are less than the array's length. `next` is only compared.
        unsafe {
            let buckets = (*self.h).buckets;
            let len = array_len(s.t(), (*self.h).B).unwrap_or(0);
            for index in nbuckets(self.h)..len {
                let bucket = Bucket::at(s, buckets, index);
                if bucket.0 < next.0 {
                    continue;
                }
                let at = At {
                    bucket: index,
                    ..At::default()
                };
                let last = index == len - 1;
                let unused = bucket.row().equal_to(emptyRest).count() == BUCKET_CNT
                    && bucket.overflow(s).is_null() != last;
                require(unused, Invariant::PreallocatedBuckets, at)?;
            }
            let region = Bucket::at(s, buckets, nbuckets(self.h)).0..Bucket::at(s, buckets, len).0;
            require(
                region.contains(&next.0),
                Invariant::PreallocatedBuckets,
                At::default(),
            )
        }
    }
}
