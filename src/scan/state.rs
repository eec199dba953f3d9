//! A scan in progress.

use core::{ptr, slice};

use maptype::MapType;

use super::region::{Region, bucket_memory};
use super::words::{kept_parts, pointer_parts, visit_bucket, visit_kept_bucket, visit_slot};
use super::{Allocation, TracedIter, Visitor};
use crate::bucket::Bucket;
use crate::header::flags;
use crate::heap::{self, ALIGN, MAP_EXTRA, OVERFLOW_LIST, OVERFLOW_POINTERS};
use crate::layout::{Bmap, BmapSlice, Hmap, MapExtra, sameSizeGrow};
use crate::owned;
use crate::shape::{Erased, Shape};

/// A scan of one map, which can stop after any step and continue later.
///
/// It is plain data: it may be dropped at any time, and a new scan started.
#[derive(Debug)]
pub struct Scan {
    t: *const MapType,
    h: *mut Hmap,
    stage: Stage,
    /// The next bucket of the array, or the next entry of the list.
    index: usize,
    /// The two arrays of the map.
    regions: [Region; 2],
    /// Where the contents of `extra` are now.
    extra: *mut MapExtra,
    /// The pointers of the list that is being shown.
    list: BmapSlice,
    /// The arrays of the iterator that was added last.
    iterated: [Region; 2],
}

/// What a scan shows next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Array(usize),
    /// Of an owned map.
    KeptBuckets,
    KeptSlots,
    /// Of a map in a traced heap.
    Extra,
    List(usize),
    Iterated(usize),
    Done,
}

impl Scan {
    /// A scan that has shown nothing yet.
    ///
    /// # Safety
    /// `t` is *valid*; `h` is *of `t`* (see [`raw`](crate::raw#safety)).
    pub unsafe fn new(t: *const MapType, h: *mut Hmap) -> Scan {
        // SAFETY: `t` is valid; `h` is null or a map of `t`.
        unsafe {
            let none = [Region::new(&*t, ptr::null_mut(), 0); 2];
            let mut scan = Scan {
                t,
                h,
                stage: Stage::Done,
                index: 0,
                regions: none,
                extra: ptr::null_mut(),
                list: BmapSlice::EMPTY,
                iterated: none,
            };
            let traced = !heap::is_owned(&*t);
            if !h.is_null() && (traced || pointer_parts(&*t).next().is_some()) {
                let doubled = flags::load(h) & sameSizeGrow == 0;
                let old_B = (*h).B.saturating_sub(doubled as u8);
                scan.regions = [
                    Region::new(&*t, (*h).buckets, (*h).B),
                    Region::new(&*t, (*h).oldbuckets, old_B),
                ];
                scan.stage = Stage::Array(0);
            }
            scan
        }
    }

    /// The map.
    pub fn map(&self) -> *mut Hmap {
        self.h
    }

    fn s(&self) -> Erased<'static> {
        // SAFETY: the descriptor outlives the map, which is alive in all calls (`new`, `step`).
        Erased(unsafe { &*self.t })
    }

    /// Shows about `budget` buckets (at least one chain) to the visitor, and returns whether the scan
    /// is complete. A discarded key or elem that an owned map keeps for iterators counts as a bucket; a
    /// step skips those that were shown before, at the cost of a load each.
    ///
    /// # Safety
    /// The map is alive; *exclusive* for the time of the call (see [`raw`](crate::raw#safety)); between calls, what
    /// [the module](super) says.
    pub unsafe fn step(&mut self, visitor: &mut impl Visitor, budget: usize) -> bool {
        // A budget of 0 would make no progress.
        let budget = budget.max(1);
        let mut spent = 0;
        while self.stage != Stage::Done && spent < budget {
            // SAFETY: the map is alive; *exclusive*; each stage is entered with its array or list alive.
            unsafe {
                match self.stage {
                    Stage::Array(which) => spent += self.step_array(visitor, which),
                    Stage::KeptBuckets => spent += self.step_kept_buckets(visitor, budget - spent),
                    Stage::KeptSlots => spent += self.step_kept_slots(visitor, budget - spent),
                    Stage::Extra => self.step_extra(visitor),
                    Stage::List(which) => self.step_list(visitor, which),
                    Stage::Iterated(which) => spent += self.step_iterated(visitor, which),
                    Stage::Done => {}
                }
            }
            spent += 1;
        }
        self.stage == Stage::Done
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.index = 0;
    }

    /// Shows one chain of an array, if the map still has that array; returns how many buckets follow
    /// the first.
    ///
    /// # Safety
    /// As [`Scan::step`].
    unsafe fn step_array(&mut self, visitor: &mut impl Visitor, which: usize) -> usize {
        // SAFETY: the map is alive; *exclusive*; an array in its header is alive.
        unsafe {
            let slot = self.slot_of_array(self.regions[which].to);
            if self.index == 0 && !slot.is_null() {
                self.show_array(slot, which, visitor);
            }
            let region = self.regions[which];
            if slot.is_null() || region.here.is_null() || self.index == region.len {
                self.regions[which].shown = !slot.is_null();
                let after_arrays = match heap::is_owned(self.s().t()) {
                    true if (*self.h).buckets.is_null() => Stage::Done,
                    true => Stage::KeptBuckets,
                    false => Stage::Extra,
                };
                self.enter([Stage::Array(1), after_arrays][which]);
                return 0;
            }
            self.index += 1;
            self.show_chain(&region, self.index - 1, visitor)
        }
    }

    /// The field that holds this array; null if the map has it no longer.
    ///
    /// # Safety
    /// As [`Scan::step`].
    unsafe fn slot_of_array(&self, array: *mut Bmap) -> *mut *mut Bmap {
        // SAFETY: the map is alive.
        unsafe {
            if array.is_null() {
                ptr::null_mut()
            } else if (*self.h).buckets == array {
                &raw mut (*self.h).buckets
            } else if (*self.h).oldbuckets == array {
                &raw mut (*self.h).oldbuckets
            } else {
                ptr::null_mut()
            }
        }
    }

    /// # Safety
    /// `slot` can be read and written, and holds the address of this array.
    unsafe fn show_array(
        &mut self,
        slot: *mut *mut Bmap,
        which: usize,
        visitor: &mut impl Visitor,
    ) {
        let t = self.s().0;
        // SAFETY: `slot` holds the address of the region's array.
        unsafe { self.regions[which].show(t, slot, visitor) }
    }

    /// Shows a bucket, and those of its overflow buckets that were allocated alone; preallocated ones
    /// are shown with the array. Returns how many follow.
    ///
    /// # Safety
    /// The region is one of this map's or of an iterator's, and its contents are alive; `index` is
    /// less than its length.
    unsafe fn show_chain(
        &self,
        region: &Region,
        index: usize,
        visitor: &mut impl Visitor,
    ) -> usize {
        let s = self.s();
        // SAFETY: the region's contents are at `here`, and have more than `index` buckets.
        unsafe {
            debug_assert!(!region.here.is_null() && index < region.len);
            let head = Bucket::at(s, region.here, index);
            visit_bucket(s, head, visitor);
            self.show_links(slice::from_ref(region), head.overflow_slot(s), visitor)
        }
    }

    /// Shows the buckets from a link on up to the first within a region; returns how many.
    ///
    /// # Safety
    /// As [`Scan::follow`].
    unsafe fn show_links(
        &self,
        regions: &[Region],
        mut link: *mut *mut Bmap,
        visitor: &mut impl Visitor,
    ) -> usize {
        let s = self.s();
        let mut shown = 0;
        // SAFETY: each link is null, or points into a region or to a bucket that was allocated alone.
        unsafe {
            while let Some(bucket) = self.follow(regions, link, visitor) {
                visit_bucket(s, bucket, visitor);
                link = bucket.overflow_slot(s);
                shown += 1;
            }
        }
        shown
    }

    /// Updates a pointer to a bucket. Returns the bucket if it was allocated alone and is to be shown.
    ///
    /// # Safety
    /// `link` can be read and written, and is null, or points into one of the regions or to a bucket
    /// of the map that was allocated alone.
    unsafe fn follow(
        &self,
        regions: &[Region],
        link: *mut *mut Bmap,
        visitor: &mut impl Visitor,
    ) -> Option<Bucket> {
        let t = self.s().0;
        // SAFETY: `link` is null, or points into a region or to a bucket that was allocated alone.
        unsafe {
            if (*link).is_null() {
                return None;
            }
            if let Some(region) = regions.iter().find(|region| region.contains(t, *link)) {
                region.redirect(link);
                return None;
            }
            if heap::is_owned(t) {
                return Some(Bucket(*link));
            }
            let here = visitor.memory(link.cast(), bucket_memory(t, 1));
            here.map(|here| Bucket(here.cast()))
        }
    }

    /// Shows at most `most` of the buckets that an owned map keeps; returns how many.
    ///
    /// # Safety
    /// As [`Scan::step`], for an owned map with buckets.
    unsafe fn step_kept_buckets(&mut self, visitor: &mut impl Visitor, most: usize) -> usize {
        let s = self.s();
        // SAFETY: an owned map with buckets; *exclusive*.
        unsafe {
            let wanted = kept_parts(s.t()).next().is_some();
            let row = wanted.then(|| owned::kept_buckets(s.t(), self.h, self.index));
            let Some((first, len)) = row.flatten() else {
                self.enter(Stage::KeptSlots);
                return 0;
            };
            let len = len.min(most);
            for index in 0..len {
                visit_kept_bucket(s, Bucket::at(s, first, index), visitor);
            }
            self.index += len;
            len
        }
    }

    /// Shows at most `most` of the slots that an owned map keeps; returns how many.
    ///
    /// # Safety
    /// As [`Scan::step`], for an owned map with buckets.
    unsafe fn step_kept_slots(&mut self, visitor: &mut impl Visitor, most: usize) -> usize {
        let mut shown = 0;
        // SAFETY: an owned map with buckets; *exclusive*.
        unsafe {
            for (part, slot) in owned::kept_slots(self.h).skip(self.index).take(most) {
                visit_slot(self.s().t(), part, slot, visitor);
                shown += 1;
            }
        }
        self.index += shown;
        if shown < most {
            self.enter(Stage::Done);
        }
        shown
    }

    /// Shows `extra`.
    ///
    /// # Safety
    /// As [`Scan::step`], for a map in a traced heap.
    unsafe fn step_extra(&mut self, visitor: &mut impl Visitor) {
        // SAFETY: the map is alive, and `extra` is null or alive; *exclusive*.
        unsafe {
            let slot = &raw mut (*self.h).extra;
            let memory = Allocation {
                size: size_of::<MapExtra>(),
                align: ALIGN,
                ty: &MAP_EXTRA,
            };
            self.enter(Stage::Done);
            if (*slot).is_null() {
                return;
            }
            if let Some(here) = visitor.memory(slot.cast(), memory) {
                self.extra = here.cast();
                let next = &raw mut (*self.extra).nextOverflow;
                if self.regions[0].contains(self.s().t(), *next) {
                    self.regions[0].redirect(next);
                }
                self.enter(Stage::List(0));
            }
        }
    }

    /// Shows one entry of a list of overflow buckets, or the list itself.
    ///
    /// # Safety
    /// As [`Scan::step`], after [`Scan::step_extra`] has shown an `extra`.
    unsafe fn step_list(&mut self, visitor: &mut impl Visitor, which: usize) {
        // SAFETY: `extra` was shown, and is alive; so is the list that is being shown.
        unsafe {
            if self.index == 0 {
                let slot = [
                    &raw mut (*self.extra).overflow,
                    &raw mut (*self.extra).oldoverflow,
                ][which];
                self.list = show_list(slot, visitor);
            }
            if self.index == self.list.len || self.map_was_used() {
                self.enter([Stage::List(1), Stage::Done][which]);
                return;
            }
            // The buckets themselves were shown in their chains.
            self.follow(&self.regions, self.list.array.add(self.index), visitor);
            self.index += 1;
        }
    }

    /// Whether the map has other arrays than when the scan began. Then the collector moves nothing, so
    /// pointers into arrays need no update.
    ///
    /// # Safety
    /// As [`Scan::step`].
    unsafe fn map_was_used(&self) -> bool {
        // SAFETY: the map is alive.
        let arrays = unsafe { [(*self.h).buckets, (*self.h).oldbuckets] };
        arrays != self.regions.map(|region| region.to)
    }

    /// Adds an iterator of the map to the scan and updates its pointers: the steps that follow show
    /// what it may read, until one returns true again. An iterator that has ended is left alone.
    ///
    /// Effects on the iterator:
    /// - `it.key` and `it.elem` become null until its next step: what they point to may have moved,
    ///   and is not shown. [`TracedIter::has_ended`] tells the end from this.
    /// - `it.h`, `it.buckets`, `it.bptr` and the old array get the new addresses that the visitor
    ///   stores; `it.overflow` and `it.oldoverflow`, which only keep memory alive for Go's
    ///   collector, become null.
    /// - Arrays that the map no longer has are shown to the visitor, with the keys and elems in them:
    ///   in this call, or in the steps that follow.
    ///
    /// # Panics
    /// If the last [`Scan::step`] did not return true: the map comes before its iterators, and they come one by one.
    ///
    /// # Safety
    /// The heap is a traced one; `it` is an iterator of this map; otherwise as [`Scan::step`].
    pub unsafe fn add_iterator(&mut self, it: &mut TracedIter, visitor: &mut impl Visitor) {
        assert!(
            self.stage == Stage::Done,
            "the map comes before its iterators, and they come one by one"
        );
        debug_assert!(!heap::is_owned(self.s().0), "an iterator in an owned heap");
        if it.has_ended() {
            return;
        }
        // SAFETY: `it` is an iterator of this map; its arrays are alive as long as it has not ended.
        unsafe {
            let arrays = it.arrays(self.s().0);
            self.iterated = arrays.map(|(slot, array)| self.find_or_show(slot, array, visitor));
            let hiter = &mut it.it;
            self.show_links(&self.iterated, &raw mut hiter.bptr, visitor);
            hiter.h = self.h;
            hiter.overflow = ptr::null_mut();
            hiter.oldoverflow = ptr::null_mut();
        }
        it.forget_entry();
        self.enter(Stage::Iterated(0));
    }

    /// Updates an iterator's pointer to an array. An array that the map no longer has is shown.
    ///
    /// # Safety
    /// `slot` can be read and written, and holds the address of `array`, which is null or alive.
    unsafe fn find_or_show(
        &self,
        slot: *mut *mut Bmap,
        mut array: Region,
        visitor: &mut impl Visitor,
    ) -> Region {
        let mut known = self.regions.iter().filter(|region| region.shown);
        // SAFETY: `slot` holds the address of `array`, which is null or alive.
        unsafe {
            if let Some(known) = known.find(|region| region.from == array.from) {
                *slot = known.to;
                return *known;
            }
            if !array.from.is_null() {
                array.show(self.s().t(), slot, visitor);
            }
        }
        array
    }

    /// Shows one chain of an iterator's array, unless it is one of the map's; returns how many buckets
    /// follow the first.
    ///
    /// # Safety
    /// As [`Scan::step`], after [`Scan::add_iterator`].
    unsafe fn step_iterated(&mut self, visitor: &mut impl Visitor, which: usize) -> usize {
        let array = self.iterated[which];
        if array.shown || array.here.is_null() || self.index == array.len {
            self.enter([Stage::Iterated(1), Stage::Done][which]);
            return 0;
        }
        self.index += 1;
        // SAFETY: the array was shown to the visitor, so it is alive; `index` is less than its length.
        unsafe { self.show_chain(&array, self.index - 1, visitor) }
    }
}

/// Shows the memory of a list of overflow buckets, and returns where its pointers are now: an empty
/// slice if they were updated before.
///
/// # Safety
/// `slot` holds null or a list in a traced heap.
unsafe fn show_list(slot: *mut *mut BmapSlice, visitor: &mut impl Visitor) -> BmapSlice {
    // SAFETY: `slot` holds null or a list, which is alive, as are its pointers.
    unsafe {
        if (*slot).is_null() {
            return BmapSlice::EMPTY;
        }
        let memory = Allocation {
            size: size_of::<BmapSlice>(),
            align: ALIGN,
            ty: &OVERFLOW_LIST,
        };
        let Some(list) = visitor.memory(slot.cast(), memory) else {
            return BmapSlice::EMPTY;
        };
        let list: *mut BmapSlice = list.cast();
        if (*list).cap == 0 {
            return BmapSlice::EMPTY;
        }
        let memory = Allocation {
            size: (*list).cap * size_of::<*mut Bmap>(),
            align: ALIGN,
            ty: &OVERFLOW_POINTERS,
        };
        match visitor.memory((&raw mut (*list).array).cast(), memory) {
            Some(array) => BmapSlice {
                array: array.cast(),
                ..list.read()
            },
            None => BmapSlice::EMPTY,
        }
    }
}
