//! A copy of a map, made chain by chain, without hashing, at the same stage of growth.
//!
//! The raw map's clone copies bytes and then lets copy glue repair them. Rust values do not allow
//! that, as other threads may change them through shared references: each is cloned in place.

use maptype::{AllocError, BUCKET_CNT, MapType};

use super::shape::{Typed, Unhashed};
use super::table::Table;
use super::{Map, Memory, TryReserveError};
use crate::bucket::{Bucket, Cell};
use crate::header::{bucketEvacuated, growing, nbuckets, noldbuckets};
use crate::layout::{Hmap, evacuatedEmpty, sameSizeGrow};
use crate::raw::grow::begin_growth;
use crate::raw::insert::make_boxes;
use crate::raw::make::make_array;
use crate::raw::overflow::newoverflow;
use crate::shape::{Exclusive, Shape};

impl<K: Clone, V: Clone, S: Clone, A: Memory + Clone> Clone for Map<K, V, S, A> {
    fn clone(&self) -> Self {
        Map::or_fail(self.try_clone())
    }
}

impl<K: Clone, V: Clone, S: Clone, A: Memory + Clone> Map<K, V, S, A> {
    /// A copy of the map, or an error instead of aborting when there is no memory.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::TryReserveError;
    ///
    /// fn with(stock: &Map<String, u32>, name: &str) -> Result<Map<String, u32>, TryReserveError> {
    ///     let mut copy = stock.try_clone()?;
    ///     copy.insert(name.into(), 1);
    ///     Ok(copy)
    /// }
    /// # assert_eq!(with(&Map::new(), "apples").unwrap().len(), 1);
    /// ```
    ///
    /// # Errors
    /// There is no memory.
    pub fn try_clone(&self) -> Result<Self, TryReserveError> {
        let hash_builder = self.hash_builder.clone();
        let mut table = Table::new_in::<K, V>(self.table.memory().clone())?;
        // SAFETY: both tables are of these types, and the new one has no buckets. The copied hash
        // builder gives the same hashes.
        unsafe {
            let (src, dst) = (self.table.h(), table.h_mut());
            let s = table.unhashed::<K, V>();
            Copying {
                t: s.t(),
                entries: &s,
                src,
                dst,
            }
            .run()?;
            Ok(Map::from_table(table, hash_builder))
        }
    }
}

/// How the entries of an array are cloned. The rest of a copy is the same for all types.
trait CloneEntries {
    /// Clones the entries of `n` chains, except evacuated ones, without the gaps between them.
    ///
    /// # Safety
    /// Both arrays have `n` buckets, from these on, of maps of this shape; those of `to`, in the
    /// map `h`, are all empty.
    unsafe fn clone_chains(
        &self,
        from: Bucket,
        to: Bucket,
        n: usize,
        h: *mut Hmap,
    ) -> Result<(), AllocError>;
}

impl<K: Clone, V: Clone, A: Memory> CloneEntries for Typed<K, V, Unhashed, A> {
    unsafe fn clone_chains(
        &self,
        from: Bucket,
        to: Bucket,
        n: usize,
        h: *mut Hmap,
    ) -> Result<(), AllocError> {
        let s = *self;
        // SAFETY: both arrays have `n` buckets from these on (this fn's contract).
        unsafe {
            for index in 0..n {
                let (from, to) = (Bucket::at(s, from.0, index), Bucket::at(s, to.0, index));
                if !from.evacuated() {
                    clone_chain(s, from, to, h)?;
                }
            }
        }
        Ok(())
    }
}

/// Clones the entries of a chain into an empty one of the map `h`, and counts them.
///
/// # Safety
/// `s` *fits* both maps; `from` starts a chain of one of them, and `to` one of `h`.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn clone_chain<K: Clone, V: Clone, A: Memory>(
    s: Typed<K, V, Unhashed, A>,
    from: Bucket,
    to: Bucket,
    h: *mut Hmap,
) -> Result<(), AllocError> {
    let mut end = Cell { bucket: to, i: 0 };
    // SAFETY: live cells hold entries; `end` is the first empty cell of the copy, or behind its
    // bucket's last.
    unsafe {
        for bucket in from.chain(s) {
            for i in bucket.row().live() {
                if end.i == BUCKET_CNT {
                    end.bucket = newoverflow(s.t(), h, end.bucket)?;
                    end.i = 0;
                }
                clone_entry(s, Cell { bucket, i }, end)?;
                (*h).count += 1;
                end.i += 1;
            }
        }
    }
    Ok(())
}

/// # Safety
/// `s` *fits* the maps of both cells; `from` holds an entry, and `to` is empty.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn clone_entry<K: Clone, V: Clone, A: Memory>(
    s: Typed<K, V, Unhashed, A>,
    from: Cell,
    to: Cell,
) -> Result<(), AllocError> {
    // SAFETY: `from` holds an entry, and `to` is empty (this fn's contract).
    unsafe {
        let entry = ((*s.key_of(from)).clone(), (*s.value_of(from)).clone());
        make_boxes(s, to)?;
        let (key, value) = entry;
        s.key_of(to).write(key);
        s.value_of(to).write(value);
        to.bucket.set_tophash(to.i, from.bucket.tophash(from.i));
    }
    Ok(())
}

/// A copy in progress. At every step the copy is a map that can be dropped.
struct Copying<'c> {
    t: &'c MapType,
    entries: &'c dyn CloneEntries,
    src: *const Hmap,
    dst: *mut Hmap,
}

impl Copying<'_> {
    /// # Safety
    /// Both headers are of typed maps of `t`, whose entries `entries` clones; `dst` has no buckets,
    /// and `src` does not change.
    #[inline(never)]
    unsafe fn run(&self) -> Result<(), AllocError> {
        let (t, src, dst) = (self.t, self.src, self.dst);
        // SAFETY: `src` does not change and `dst` has no buckets (this fn's contract); both get
        // arrays of the same lengths.
        unsafe {
            if (*src).count == 0 {
                return Ok(());
            }
            if !growing(src) {
                make_array(t, dst, (*src).B)?;
                return self.copy_array();
            }
            let grown = (*src).flags & sameSizeGrow == 0;
            make_array(t, dst, (*src).B - grown as u8)?;
            self.copy_old_array()?;
            begin_growth(t, dst, grown)?;
            (*dst).nevacuate = (*src).nevacuate;
            self.mark_evacuated();
            self.copy_array()
        }
    }

    /// Copies the current array.
    ///
    /// # Safety
    /// As [`Copying::run`], which has made an array of the same length.
    unsafe fn copy_array(&self) -> Result<(), AllocError> {
        // SAFETY: both current arrays have the same length (this fn's contract).
        unsafe {
            let (from, to) = (Bucket((*self.src).buckets), Bucket((*self.dst).buckets));
            self.entries
                .clone_chains(from, to, nbuckets(self.src), self.dst)
        }
    }

    /// Copies the old array to the copy's array, which becomes its old one afterwards.
    ///
    /// # Safety
    /// As [`Copying::run`], which has made an array of the old one's length; `src` grows.
    unsafe fn copy_old_array(&self) -> Result<(), AllocError> {
        let s = Exclusive(self.t);
        // SAFETY: both arrays have the same length (this fn's contract); buckets below `nevacuate`
        // are not read.
        unsafe {
            let passed = (*self.src).nevacuate;
            let n = noldbuckets(self.src) - passed;
            let from = Bucket::at(s, (*self.src).oldbuckets, passed);
            let to = Bucket::at(s, (*self.dst).buckets, passed);
            self.entries.clone_chains(from, to, n, self.dst)
        }
    }

    /// Marks the old buckets that need no evacuation.
    ///
    /// # Safety
    /// As [`Copying::run`]; both maps grow, from the same number of buckets.
    unsafe fn mark_evacuated(&self) {
        let s = Exclusive(self.t);
        // SAFETY: both old arrays have the same length (this fn's contract); marked buckets of the
        // copy are empty.
        unsafe {
            for index in 0..noldbuckets(self.src) {
                if bucketEvacuated(s, self.src, index) {
                    let copy = Bucket::at(s, (*self.dst).oldbuckets, index);
                    for i in 0..BUCKET_CNT {
                        copy.set_tophash(i, evacuatedEmpty);
                    }
                }
            }
        }
    }
}
