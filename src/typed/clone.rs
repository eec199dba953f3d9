//! A copy of a map, made chain by chain, without hashing, at the same stage of growth.
//!
//! The raw map's clone copies bytes and then lets copy glue repair them. Rust values do not allow
//! that, as other threads may change them through shared references: each is cloned in place.

use maptype::{AllocError, BUCKET_CNT};

use super::shape::{Typed, Unhashed};
use super::table::Table;
use super::{Map, Memory, TryReserveError};
use crate::bucket::{Bucket, Cell};
use crate::header::{bucketEvacuated, growing, nbuckets, oldbucketmask};
use crate::layout::{Hmap, evacuatedEmpty, sameSizeGrow};
use crate::raw::assign::make_boxes;
use crate::raw::grow::begin_growth;
use crate::raw::make::make_array;
use crate::raw::overflow::newoverflow;
use crate::shape::Shape;

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
            Copying::<K, V, A>::new(&self.table, &mut table).run()?;
            Ok(Map::from_table(table, hash_builder))
        }
    }
}

/// A copy in progress. At every step the copy is a table that can be dropped.
struct Copying<K, V, A: Memory> {
    src: *const Hmap,
    dst: *mut Hmap,
    /// The shape of the copy.
    s: Typed<K, V, Unhashed, A>,
}

impl<K: Clone, V: Clone, A: Memory> Copying<K, V, A> {
    /// # Safety
    /// Both tables are of these types.
    unsafe fn new(src: &Table<A>, dst: &mut Table<A>) -> Self {
        Copying {
            src: src.h(),
            dst: dst.h_mut(),
            // SAFETY: `dst` is a table of these types (this fn's contract).
            s: unsafe { dst.unhashed() },
        }
    }

    /// # Safety
    /// Both tables are of these types; `dst` has no memory, and `src` does not change.
    unsafe fn run(&self) -> Result<(), AllocError> {
        let (s, src, dst) = (self.s, self.src, self.dst);
        // SAFETY: `src` does not change and `dst` has no buckets (this fn's contract); both get
        // arrays of the same lengths.
        unsafe {
            if (*src).count == 0 {
                return Ok(());
            }
            if !growing(src) {
                make_array(s.t(), dst, (*src).B)?;
                return self.copy_array();
            }
            let grown = (*src).flags & sameSizeGrow == 0;
            make_array(s.t(), dst, (*src).B - grown as u8)?;
            self.copy_old_array()?;
            begin_growth(s.t(), dst, grown)?;
            (*dst).nevacuate = (*src).nevacuate;
            self.mark_evacuated();
            self.copy_array()
        }
    }

    /// Copies the current array.
    unsafe fn copy_array(&self) -> Result<(), AllocError> {
        // SAFETY: both current arrays have the same length (`run`).
        unsafe {
            for index in 0..nbuckets(self.src) {
                let from = Bucket::at(self.s, (*self.src).buckets, index);
                let to = Bucket::at(self.s, (*self.dst).buckets, index);
                self.copy_chain(from, to)?;
            }
            Ok(())
        }
    }

    /// Copies the old array to the copy's array, which becomes its old one afterwards.
    unsafe fn copy_old_array(&self) -> Result<(), AllocError> {
        // SAFETY: the copy's array has the length of the original's old one (`run`).
        unsafe {
            for index in 0..=oldbucketmask(self.src) {
                if !bucketEvacuated(self.s, self.src, index) {
                    let from = Bucket::at(self.s, (*self.src).oldbuckets, index);
                    let to = Bucket::at(self.s, (*self.dst).buckets, index);
                    self.copy_chain(from, to)?;
                }
            }
            Ok(())
        }
    }

    /// Marks the old buckets that need no evacuation.
    unsafe fn mark_evacuated(&self) {
        // SAFETY: both old arrays have the same length (`run`); the marked buckets of the copy are
        // empty.
        unsafe {
            for index in 0..=oldbucketmask(self.src) {
                if bucketEvacuated(self.s, self.src, index) {
                    let copy = Bucket::at(self.s, (*self.dst).oldbuckets, index);
                    for i in 0..BUCKET_CNT {
                        copy.set_tophash(i, evacuatedEmpty);
                    }
                }
            }
        }
    }

    /// Copies the entries of a chain, without the gaps between them.
    unsafe fn copy_chain(&self, from: Bucket, to: Bucket) -> Result<(), AllocError> {
        let mut end = Cell { bucket: to, i: 0 };
        // SAFETY: `from` and `to` start chains of the two tables (`run`).
        unsafe {
            for bucket in from.chain(self.s) {
                for i in bucket.row().live() {
                    if end.i == BUCKET_CNT {
                        end.bucket = newoverflow(self.s.t(), self.dst, end.bucket)?;
                        end.i = 0;
                    }
                    self.copy_entry(Cell { bucket, i }, end)?;
                    end.i += 1;
                }
            }
            Ok(())
        }
    }

    unsafe fn copy_entry(&self, from: Cell, to: Cell) -> Result<(), AllocError> {
        let s = self.s;
        // SAFETY: `from` holds an entry, and `to` is an empty cell (`copy_chain`).
        unsafe {
            let entry = ((*s.key_of(from)).clone(), (*s.value_of(from)).clone());
            make_boxes(s, to)?;
            let (key, value) = entry;
            s.key_of(to).write(key);
            s.value_of(to).write(value);
            to.bucket.set_tophash(to.i, from.bucket.tophash(from.i));
            (*self.dst).count += 1;
            Ok(())
        }
    }
}
