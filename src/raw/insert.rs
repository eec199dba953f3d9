//! The cell of a key: found, or filled with a new entry.

use core::hint::select_unpredictable;

use maptype::{AllocError, MapType};

use super::boxes::Boxes;
use super::find::{current_bucket, find_in_bucket};
use super::grow::{growWork, hashGrow, home_after_work};
use super::make::make_first_bucket;
use super::overflow::newoverflow;
use super::tophash;
use crate::bucket::{Bucket, Cell, CellMask, Needle, tag};
use crate::header::sizes::{self, bucketMask};
use crate::header::{awaits_evacuation, growing};
use crate::heap::copy_bytes;
use crate::layout::Hmap;
use crate::shape::{Exclusive, Shape};

/// The cell that an insertion of a key led to.
#[derive(Clone, Copy)]
pub(crate) enum Placed {
    /// The map had the key.
    Found(Cell),
    /// The cell was empty, and has the key now; its elem is zeroed unless the shape says otherwise.
    Filled(Cell),
}

impl Placed {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn cell(self) -> Cell {
        match self {
            Placed::Found(cell) | Placed::Filled(cell) => cell,
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn existed(self) -> bool {
        matches!(self, Placed::Found(_))
    }
}

/// The common case of [`find_or_insert`]: the map does not grow, and one of the first two buckets
/// has the key or an empty cell for it. Otherwise `None`, and nothing has changed.
///
/// # Safety
/// As [`find_or_insert`]; `home` is the [`current_bucket`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn find_or_fill<S: Shape>(
    s: S,
    h: *mut Hmap,
    home: Bucket,
    key: *const u8,
    hash: usize,
    equal: &mut impl FnMut(*const u8) -> bool,
) -> Option<Placed> {
    // SAFETY: `s` fits `h`, which has buckets from here on; `home` is one of them; exclusive.
    unsafe {
        let plain = !s.indirectkey() && !s.indirectelem() && !s.zeroes_new_elems();
        if (*h).buckets.is_null() || growing(h) || !plain {
            return None;
        }
        let top = tophash(hash);
        let (same, empty) = home.row().equal_to_or_empty(top);
        if let Some(cell) = find_in_bucket(s, home, same, equal) {
            return Some(Placed::Found(cell));
        }
        let cell = if !crowded(h) && home.ends_chain() {
            let i = empty.first()?;
            Cell { bucket: home, i }
        } else {
            vacancy_in_two(s, home, empty, top)?
        };
        if must_grow(h) {
            return None;
        }
        s.move_key(cell.key_slot(s), key);
        fill(h, cell, hash);
        Some(Placed::Filled(cell))
    }
}

/// The first empty cell of a chain that has no third bucket, and no such tophash in a second.
/// Neither whether there is a second bucket nor which of the two has the cell is branched on: where
/// many chains are long, both are unpredictable.
///
/// # Safety
/// `home` is a *bucket* that `s` *fits*; `empty` are its empty cells.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn vacancy_in_two<S: Shape>(s: S, home: Bucket, empty: CellMask, top: u8) -> Option<Cell> {
    // SAFETY: `home` is a bucket that `s` fits, and so are those that it links to.
    unsafe {
        let second = home.next_or_same(s);
        let (same, more) = second.row().equal_to_or_empty(top);
        if same.first().is_some() || !second.overflow(s).is_null() {
            return None;
        }
        let full = empty.first().is_none();
        let bucket = select_unpredictable(full, second, home);
        let i = select_unpredictable(full, more, empty).first()?;
        Some(Cell { bucket, i })
    }
}

/// The cell of the key with this hash that `equal` accepts; where there is none, a cell that `key`
/// is stored in, with a zeroed elem.
///
/// # Errors
/// There is no memory for a new entry, or none to move its chain first. A key that is stored is
/// found without memory.
///
/// # Safety
/// `s` *fits* `h`; `key` is a *key* that `equal` accepts, with this hash; *exclusive*.
#[inline(never)]
pub(crate) unsafe fn find_or_insert<S: Shape>(
    s: S,
    h: *mut Hmap,
    key: *const u8,
    hash: usize,
    equal: &mut impl FnMut(*const u8) -> bool,
) -> Result<Placed, AllocError> {
    // SAFETY: `s` fits `h`, which has buckets after the first step; exclusive.
    unsafe {
        if (*h).buckets.is_null() {
            make_first_bucket(s.t(), h)?;
        }
        loop {
            let home = home_after_work(s, h, hash);
            let vacancy = match search(s, home, Needle::of(hash), &mut *equal) {
                Search::Found(cell) => return Ok(Placed::Found(cell)),
                Search::Absent(vacancy) => vacancy,
            };
            if home != current_bucket(s, h, hash) {
                // The chain is still in the old array, where nothing is inserted.
                return Err(AllocError);
            }
            if !growing(h) && must_grow(h) {
                hashGrow(s.t(), h)?;
                continue;
            }
            return Ok(Placed::Filled(insert_at(s, h, vacancy, key, hash)?));
        }
    }
}

/// What a chain has of a key.
enum Search {
    Found(Cell),
    Absent(Vacancy),
}

/// Where the next entry of a chain goes.
#[derive(Clone, Copy)]
enum Vacancy {
    /// To its first empty cell.
    In(Cell),
    /// To a new overflow bucket behind its last bucket.
    Behind(Bucket),
}

/// Looks for a key, and for the first empty cell, in one pass.
///
/// # Safety
/// `home` is a *bucket* that `s` *fits*; *shared*.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn search<S: Shape>(
    s: S,
    home: Bucket,
    needle: Needle,
    equal: &mut impl FnMut(*const u8) -> bool,
) -> Search {
    let mut empty = None;
    let mut bucket = home;
    loop {
        // SAFETY: a bucket of the chain from `home`, which `s` fits.
        let (row, next) = unsafe { (bucket.row(), bucket.overflow(s)) };
        // SAFETY: as for the row; cells with a tophash hold keys.
        if let Some(cell) = unsafe { find_in_bucket(s, bucket, row.like(needle), equal) } {
            return Search::Found(cell);
        }
        empty = empty.or_else(|| row.empty().first().map(|i| Cell { bucket, i }));
        if next.is_null() {
            return Search::Absent(empty.map_or(Vacancy::Behind(bucket), Vacancy::In));
        }
        bucket = next;
    }
}

/// Where the next entry of the chain from `home` goes.
///
/// # Safety
/// As [`search`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn vacancy<S: Shape>(s: S, home: Bucket) -> Vacancy {
    let mut bucket = home;
    loop {
        // SAFETY: a bucket of the chain from `home`, which `s` fits.
        let (row, next) = unsafe { (bucket.row(), bucket.overflow(s)) };
        if let Some(i) = row.empty().first() {
            return Vacancy::In(Cell { bucket, i });
        }
        if next.is_null() {
            return Vacancy::Behind(bucket);
        }
        bucket = next;
    }
}

/// Begins a growth if a new entry with this hash calls for one, so that [`vacant_cell`] can follow.
///
/// # Errors
/// There is no memory for the new array.
///
/// # Safety
/// `s` *fits* `h`; the growth work for this hash has been done; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn make_room<S: Shape>(
    s: S,
    h: *mut Hmap,
    hash: usize,
) -> Result<(), AllocError> {
    // SAFETY: `s` fits `h`, which has buckets and does not grow where it begins to; exclusive.
    unsafe {
        if !(*h).buckets.is_null() && !growing(h) && must_grow(h) {
            hashGrow(s.t(), h)?;
            growWork(s, h, hash & bucketMask((*h).B));
        }
        Ok(())
    }
}

/// The empty cell for a key of this hash that is not in a typed map. Nothing is hashed, and the load is not looked at. One
/// copy for all types.
///
/// # Errors
/// There is no memory for the entry, or there was none to move its chain.
///
/// # Safety
/// `h` is a typed map of `t`; the growth work for this hash has been done; *exclusive*.
#[inline(never)]
pub(crate) unsafe fn vacant_cell(
    t: &MapType,
    h: *mut Hmap,
    hash: usize,
) -> Result<Cell, AllocError> {
    let s = Exclusive(t);
    // SAFETY: `s` fits `h`, which has buckets after the first step; exclusive.
    unsafe {
        if (*h).buckets.is_null() {
            make_first_bucket(t, h)?;
        }
        if awaits_evacuation(s, h, hash) {
            return Err(AllocError);
        }
        let home = Bucket::at(s, (*h).buckets, hash & bucketMask((*h).B));
        occupy(s, h, vacancy(s, home))
    }
}

/// Stores a copy of an entry of another map as it is: its slots, and with them its boxes. The load
/// is not looked at.
///
/// # Errors
/// There is no memory for an overflow bucket.
///
/// # Safety
/// `s` *fits* `h`, which has buckets, does not grow and does not have the key, and the other map;
/// `from` holds an entry with this hash; *exclusive*.
pub(crate) unsafe fn adopt<S: Shape>(
    s: S,
    h: *mut Hmap,
    from: Cell,
    hash: usize,
) -> Result<(), AllocError> {
    // SAFETY: `s` fits both maps; the cells are in different ones.
    unsafe {
        debug_assert!(!growing(h) && tag::is_live(from.bucket.tophash(from.i)));
        let home = Bucket::at(s, (*h).buckets, hash & bucketMask((*h).B));
        let cell = occupy(s, h, vacancy(s, home))?;
        copy_bytes(cell.key_slot(s), from.key_slot(s), s.keysize());
        copy_bytes(cell.elem_slot(s), from.elem_slot(s), s.elemsize());
        fill(h, cell, hash);
        Ok(())
    }
}

/// Stores a new key in this place of its chain, and zeroes its elem.
///
/// # Safety
/// `s` *fits* `h`; `vacancy` is where the next entry of the chain of this hash goes; `key` is a
/// *key*; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn insert_at<S: Shape>(
    s: S,
    h: *mut Hmap,
    vacancy: Vacancy,
    key: *const u8,
    hash: usize,
) -> Result<Cell, AllocError> {
    // SAFETY: `s` fits `h`; the cell is empty, and stays so until nothing can fail any more.
    unsafe {
        let boxes = Boxes::new(s)?;
        let cell = occupy(s, h, vacancy)?;
        let stored_at = if s.indirectkey() {
            boxes.key
        } else {
            cell.key_slot(s)
        };
        s.move_key(stored_at, key);
        boxes.store(cell);
        if s.zeroes_new_elems() {
            cell.elem_slot(s).write_bytes(0, s.elemsize());
        }
        fill(h, cell, hash);
        Ok(cell)
    }
}

/// The empty cell that a vacancy is, with a new overflow bucket where it takes one.
///
/// # Safety
/// As [`insert_at`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn occupy<S: Shape>(s: S, h: *mut Hmap, vacancy: Vacancy) -> Result<Cell, AllocError> {
    let last = match vacancy {
        Vacancy::In(cell) => return Ok(cell),
        Vacancy::Behind(last) => last,
    };
    // SAFETY: the last bucket of a chain of the current array; *exclusive*.
    let bucket = unsafe { newoverflow(s.t(), h, last)? };
    Ok(Cell { bucket, i: 0 })
}

/// Makes an empty cell, whose slots were written, an entry of the map.
///
/// # Safety
/// `cell` is an empty cell of the current array of `h`; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn fill(h: *mut Hmap, cell: Cell, hash: usize) {
    // SAFETY: a cell of the map; exclusive.
    unsafe {
        let row = cell.bucket.row();
        debug_assert!(row.empty().contains(cell.i), "the cell is empty");
        cell.bucket.set_row(row.filled(cell.i, tophash(hash)));
        (*h).count += 1;
    }
}

/// Gives an empty cell the boxes that an entry needs. Its tophash and the count are the caller's.
///
/// # Safety
/// `s` *fits* the map of `cell`, which is empty; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn make_boxes<S: Shape>(s: S, cell: Cell) -> Result<(), AllocError> {
    // SAFETY: `s` fits the map of the cell, which is empty; exclusive.
    unsafe {
        Boxes::new(s)?.store(cell);
        Ok(())
    }
}

/// Whether many chains have a second bucket.
///
/// # Safety
/// `h` points to a map.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn crowded(h: *const Hmap) -> bool {
    // SAFETY: `h` points to a map.
    unsafe { sizes::crowded((*h).noverflow, (*h).B) }
}

/// Whether a new entry calls for a growth.
///
/// # Safety
/// `h` points to a map.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn must_grow(h: *const Hmap) -> bool {
    // SAFETY: `h` points to a map.
    unsafe { sizes::must_grow((*h).count + 1, (*h).noverflow, (*h).B) }
}
