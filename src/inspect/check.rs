//! The invariants of a map, checked in one walk.

use core::fmt;

use maptype::{BUCKET_CNT, MapType};

use crate::bucket::{Bucket, Cell};
use crate::header::extra;
use crate::header::sizes::{array_len, capacity};
use crate::header::{flags, growing, nbuckets, oldbucketmask};
use crate::heap::heap;
use crate::layout::{
    Bmap, Hmap, emptyOne, emptyRest, evacuatedEmpty, evacuatedX, evacuatedY, iterator, minTopHash,
    oldIterator, sameSizeGrow,
};
use crate::owned::LiveCells;
use crate::raw::access::find;
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
    /// A lookup of a stored key finds that very cell.
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
    // SAFETY: the caller's promise.
    unsafe {
        let checker = Checker { s: Erased(&*t), h };
        checker.header()?;
        if (*h).buckets.is_null() {
            return Ok(());
        }
        let mut overflow = 0;
        for index in 0..nbuckets(h) {
            overflow += checker.chain((*h).buckets, index, false)?;
        }
        if growing(h) {
            checker.old_array()?;
        }
        checker.entries()?;
        checker.overflow(overflow)
    }
}

/// Fails at a place unless a condition holds.
fn require(holds: bool, invariant: Invariant, place: Place) -> Result<(), Broken> {
    if holds {
        return Ok(());
    }
    Err(Broken {
        invariant,
        old: place.old,
        bucket: place.bucket,
        link: place.link,
        cell: place.cell,
    })
}

/// A cell, in the terms of a reader.
#[derive(Clone, Copy, Default)]
struct Place {
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
    unsafe fn header(&self) -> Result<(), Broken> {
        let here = Place::default();
        // SAFETY: a map (`check`).
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

    unsafe fn old_array(&self) -> Result<(), Broken> {
        // SAFETY: the map is growing (`check`).
        unsafe {
            let n = oldbucketmask(self.h) + 1;
            let mark = (*self.h).nevacuate;
            require(mark < n, Invariant::EvacuatedBelowMark, Place::default())?;
            for index in 0..n {
                let place = Place {
                    old: true,
                    bucket: index,
                    ..Place::default()
                };
                let head = Bucket::at(self.s, (*self.h).oldbuckets, index);
                let given_back = index < mark && heap(self.s.t()).release.is_some();
                if given_back {
                    continue;
                }
                if head.evacuated() {
                    self.evacuated_row(head, place)?;
                    continue;
                }
                require(index >= mark, Invariant::EvacuatedBelowMark, place)?;
                self.chain((*self.h).oldbuckets, index, true)?;
                for new in (index..nbuckets(self.h)).step_by(n) {
                    let unused = Bucket::at(self.s, (*self.h).buckets, new).row();
                    let empty = unused.equal_to(emptyRest).count() == BUCKET_CNT;
                    require(
                        empty,
                        Invariant::UnusedUntilEvacuated,
                        Place {
                            bucket: new,
                            ..place
                        },
                    )?;
                }
            }
            Ok(())
        }
    }

    unsafe fn evacuated_row(&self, head: Bucket, place: Place) -> Result<(), Broken> {
        for cell in 0..BUCKET_CNT {
            // SAFETY: a bucket of the old array (caller).
            let (top, flags) = unsafe { (head.tophash(cell), flags::load(self.h)) };
            let doubled = flags & sameSizeGrow == 0;
            let allowed =
                top == evacuatedX || top == evacuatedEmpty || (top == evacuatedY && doubled);
            require(
                allowed,
                Invariant::OnlyMarksWhenEvacuated,
                Place { cell, ..place },
            )?;
        }
        Ok(())
    }

    /// Checks the rows of a chain, and returns how many overflow buckets it has.
    unsafe fn chain(&self, array: *mut Bmap, index: usize, old: bool) -> Result<usize, Broken> {
        let mut before = None;
        let mut links = 0;
        // SAFETY: an index of the array (callers).
        unsafe {
            let head = Bucket::at(self.s, array, index);
            for (link, bucket) in head.chain(self.s).enumerate() {
                let place = Place {
                    old,
                    bucket: index,
                    link,
                    cell: 0,
                };
                let main =
                    array..Bucket::at(self.s, array, oldbucketmask_or_mask(self.h, old) + 1).0;
                let left = link == 0 || !main.contains(&bucket.0);
                require(left, Invariant::ChainsLeaveTheArray, place)?;
                links = link;
                for cell in 0..BUCKET_CNT {
                    let place = Place { cell, ..place };
                    let top = bucket.tophash(cell);
                    let stray = top > emptyOne && top < minTopHash;
                    require(!stray, Invariant::NoStrayMarks, place)?;
                    if before == Some(emptyRest) {
                        require(top == emptyRest, Invariant::NothingAfterRest, place)?;
                    } else if top == emptyRest {
                        require(before != Some(emptyOne), Invariant::RestIsMaximal, place)?;
                    }
                    before = Some(top);
                }
            }
        }
        require(
            before != Some(emptyOne),
            Invariant::RestIsMaximal,
            Place {
                old,
                bucket: index,
                link: links,
                cell: BUCKET_CNT - 1,
            },
        )?;
        Ok(links)
    }

    /// Checks that a lookup finds each entry in its cell, and counts the entries.
    unsafe fn entries(&self) -> Result<(), Broken> {
        let mut count = 0;
        // SAFETY: nobody changes the map (`check`), and its chains are sound.
        unsafe {
            for place in LiveCells::new(self.s, self.h) {
                count += 1;
                self.entry(place.cell())?;
            }
            require(count == (*self.h).count, Invariant::Count, Place::default())
        }
    }

    unsafe fn entry(&self, cell: Cell) -> Result<(), Broken> {
        let s = self.s;
        // SAFETY: a cell with an entry (caller).
        unsafe {
            let key = cell.key(s);
            if !s.reflexivekey() && !s.equal(key, key) {
                return Ok(());
            }
            let hash = s.hash(key, (*self.h).hash0);
            let place = Place {
                bucket: hash & oldbucketmask_or_mask(self.h, false),
                cell: cell.i,
                ..Place::default()
            };
            let same_top = cell.bucket.tophash(cell.i) == tophash(hash);
            require(same_top, Invariant::TophashOfKey, place)?;
            match find(s, self.h, hash, |slot| s.equal(key, slot)) {
                Some(found) => require(found == cell, Invariant::KeyIsFound, place),
                None => require(false, Invariant::KeyInItsBucket, place),
            }
        }
    }

    /// Checks what is known of the overflow buckets of the current array against how many there are.
    unsafe fn overflow(&self, linked: usize) -> Result<(), Broken> {
        let here = Place::default();
        // SAFETY: a map (`check`).
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

    unsafe fn preallocated(&self, next: Bucket) -> Result<(), Broken> {
        let s = self.s;
        // SAFETY: `nextOverflow` points into the array, or the walk stops before its first step.
        unsafe {
            let buckets = (*self.h).buckets;
            let len = array_len(s.t(), (*self.h).B).unwrap_or(0);
            for index in nbuckets(self.h)..len {
                let bucket = Bucket::at(s, buckets, index);
                if bucket.0 < next.0 {
                    continue;
                }
                let place = Place {
                    bucket: index,
                    ..Place::default()
                };
                let last = index == len - 1;
                let unused = bucket.row().equal_to(emptyRest).count() == BUCKET_CNT
                    && bucket.overflow(s).is_null() != last;
                require(unused, Invariant::PreallocatedBuckets, place)?;
            }
            let region = Bucket::at(s, buckets, nbuckets(self.h)).0..Bucket::at(s, buckets, len).0;
            require(
                region.contains(&next.0),
                Invariant::PreallocatedBuckets,
                Place::default(),
            )
        }
    }
}

/// The mask of the array that is asked for.
unsafe fn oldbucketmask_or_mask(h: *const Hmap, old: bool) -> usize {
    // SAFETY: a map that is growing, if its old array is asked for (callers).
    unsafe {
        if old {
            oldbucketmask(h)
        } else {
            nbuckets(h) - 1
        }
    }
}
