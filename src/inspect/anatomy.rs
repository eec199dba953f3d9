//! A count of the parts of a map.

use alloc::vec::Vec;
use core::fmt;

use maptype::MapType;

use crate::bucket::Bucket;
use crate::header::extra;
use crate::header::sizes::array_len;
use crate::header::{flags, growing, nbuckets, oldbucketmask};
use crate::layout::{Bmap, Hmap, MapExtra, sameSizeGrow};
use crate::shape::Erased;

/// The parts of a map, as counted by [`anatomy`].
///
/// ```
/// use gomap::inspect::Anatomy;
///
/// let nothing = Anatomy::default().to_string();
/// assert_eq!(nothing.lines().next(), Some("entries           0"));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Anatomy {
    /// The number of entries.
    pub count: usize,
    /// Binary logarithm of the number of buckets.
    pub b: u8,
    /// Entries per bucket of the current array, on average.
    pub load: f64,
    /// Overflow buckets linked in the current array's chains.
    pub overflow_buckets: usize,
    /// How many chains of the current array have 1, 2, 3… buckets.
    pub chain_lengths: Vec<usize>,
    /// The growth in progress.
    pub growth: Option<Growth>,
    /// Bytes by part.
    pub bytes: Bytes,
}

/// A growth in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// Old buckets that were evacuated, of those that `nevacuate` has passed.
    pub evacuated: usize,
    /// The number of old buckets.
    pub old_buckets: usize,
    /// Whether the new array has the same number of buckets.
    pub same_size: bool,
}

/// Bytes by part, as Go lays them out; the overhead of a heap's blocks is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bytes {
    /// `hmap` and `mapextra`.
    pub header: usize,
    /// The current array's main buckets.
    pub buckets: usize,
    /// The overflow buckets preallocated with it.
    pub preallocated: usize,
    /// Overflow buckets linked but not preallocated.
    pub overflow: usize,
    /// The old array, all of it.
    pub old: usize,
    /// Keys and elems stored behind pointers.
    pub boxes: usize,
}

impl Bytes {
    /// The sum of all parts.
    ///
    /// ```
    /// use gomap::inspect::Bytes;
    ///
    /// let bytes = Bytes { header: 48, buckets: 272, ..Bytes::default() };
    /// assert_eq!(bytes.total(), 320);
    /// ```
    pub fn total(&self) -> usize {
        self.header + self.buckets + self.preallocated + self.overflow + self.old + self.boxes
    }
}

/// Counts the parts of a map; a null map has none.
///
/// ```
/// # use gomap::{heap::SYSTEM, inspect::anatomy, maptype::{MapType, alg}, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// for key in 0i64..10 {
///     mapassign(&t, h, (&raw const key).cast());
/// }
/// let parts = anatomy(&t, h);
/// assert_eq!((parts.count, parts.b, parts.load), (10, 1, 5.0));
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// `t` is *valid*, `h` is *of `t`* and *shared* (see [`raw`](crate::raw#safety)).
pub unsafe fn anatomy(t: *const MapType, h: *const Hmap) -> Anatomy {
    let mut anatomy = Anatomy::default();
    if h.is_null() {
        return anatomy;
    }
    // SAFETY: `t` is valid; `h` is a map of `t`; *shared*.
    unsafe {
        let t = &*t;
        anatomy.count = (*h).count.unsigned_abs();
        anatomy.b = (*h).B;
        anatomy.load = anatomy.count as f64 / nbuckets(h) as f64;
        anatomy.bytes.header = size_of::<Hmap>();
        if !extra::load(h).is_null() {
            anatomy.bytes.header += size_of::<MapExtra>();
        }
        anatomy.bytes.boxes = anatomy.count * boxed_bytes(t);
        if (*h).buckets.is_null() {
            return anatomy;
        }
        anatomy.array(t, h);
        if growing(h) {
            let old_buckets = oldbucketmask(h) + 1;
            let b = old_buckets.trailing_zeros() as u8;
            anatomy.growth = Some(Growth {
                evacuated: (*h).nevacuate,
                old_buckets,
                same_size: flags::load(h) & sameSizeGrow != 0,
            });
            anatomy.bytes.old = array_len(t, b).unwrap_or(0) * t.bucketsize as usize;
        }
        anatomy
    }
}

/// Bytes that an entry has outside its bucket.
///
/// # Safety
/// `t` is *valid*.
unsafe fn boxed_bytes(t: &MapType) -> usize {
    // SAFETY: `t` is valid, so its types are alive.
    unsafe {
        let key = if t.indirectkey() {
            t.key_type().size
        } else {
            0
        };
        let elem = if t.indirectelem() {
            t.elem_type().size
        } else {
            0
        };
        key + elem
    }
}

impl Anatomy {
    /// Counts the current array and its chains.
    ///
    /// # Safety
    /// `h` is *of `t`*, and has buckets; *shared*.
    unsafe fn array(&mut self, t: &MapType, h: *const Hmap) {
        let bucketsize = t.bucketsize as usize;
        // SAFETY: `h` is a map of `t` with buckets; *shared*; indices are less than `n`.
        unsafe {
            let n = nbuckets(h);
            let len = array_len(t, (*h).B).unwrap_or(n);
            let array: core::ops::Range<*mut Bmap> =
                (*h).buckets..Bucket::at(Erased(t), (*h).buckets, len).0;
            for index in 0..n {
                let chain = Bucket::at(Erased(t), (*h).buckets, index).chain(Erased(t));
                let mut length = 0;
                for bucket in chain {
                    length += 1;
                    if !array.contains(&bucket.0) {
                        self.bytes.overflow += bucketsize;
                    }
                }
                if self.chain_lengths.len() < length {
                    self.chain_lengths.resize(length, 0);
                }
                self.chain_lengths[length - 1] += 1;
                self.overflow_buckets += length - 1;
            }
            self.bytes.buckets = n * bucketsize;
            self.bytes.preallocated = (len - n) * bucketsize;
        }
    }
}

impl fmt::Display for Anatomy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "entries           {}", self.count)?;
        writeln!(f, "buckets           2^{} = {}", self.b, 1u128 << self.b)?;
        writeln!(f, "load              {:.2} entries a bucket", self.load)?;
        writeln!(f, "overflow buckets  {}", self.overflow_buckets)?;
        write!(f, "chains")?;
        for (i, chains) in self.chain_lengths.iter().enumerate() {
            let gap = if i == 0 { "            " } else { ", " };
            write!(f, "{gap}{chains} of {}", i + 1)?;
        }
        writeln!(f)?;
        match self.growth {
            None => writeln!(f, "growing           no")?,
            Some(growth) => {
                let kind = if growth.same_size {
                    "same size"
                } else {
                    "doubling"
                };
                let Growth {
                    evacuated,
                    old_buckets,
                    ..
                } = growth;
                writeln!(
                    f,
                    "growing           {kind}, {evacuated} of {old_buckets} evacuated"
                )?;
            }
        }
        let bytes = &self.bytes;
        let parts = [
            ("header", bytes.header),
            ("buckets", bytes.buckets),
            ("preallocated", bytes.preallocated),
            ("overflow", bytes.overflow),
            ("old array", bytes.old),
            ("boxes", bytes.boxes),
        ];
        write!(f, "bytes             {}", bytes.total())?;
        for (i, (part, bytes)) in parts.into_iter().filter(|part| part.1 != 0).enumerate() {
            let gap = if i == 0 { " = " } else { " + " };
            write!(f, "{gap}{bytes} {part}")?;
        }
        Ok(())
    }
}
