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

/// A scan of one map, which can stop after any step and go on later.
///
/// It is plain data: it may be dropped at any time, and begun anew.
#[derive(Debug)]
pub struct Scan {
    t: *const MapType,
    h: *mut Hmap,
    stage: Stage,
    /// The bucket of the array, or the entry of the list, to go on with.
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
        // SAFETY: the caller's promise.
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

    /// Shows what there is in about `budget` buckets (at least one chain) to the visitor, and says whether that was the
    /// last of it. A discarded key or elem that an owned map keeps for iterators counts as a bucket; a step passes by
    /// those that were shown before, at the cost of a load each.
    ///
    /// # Safety
    /// The map is alive; *exclusive* for the time of the call (see [`raw`](crate::raw#safety)); between calls, what
    /// [the module](super) says.
    pub unsafe fn step(&mut self, visitor: &mut impl Visitor, budget: usize) -> bool {
        // A budget of nothing would never come to an end.
        let budget = budget.max(1);
        let mut spent = 0;
        while self.stage != Stage::Done && spent < budget {
            // SAFETY: the caller's promise.
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

    fn go_on_to(&mut self, stage: Stage) {
        self.stage = stage;
        self.index = 0;
    }

    /// Shows one chain of an array, if the map still has that array; returns how many buckets follow the first.
    unsafe fn step_array(&mut self, visitor: &mut impl Visitor, which: usize) -> usize {
        // SAFETY: a map that nobody uses (`step`); an array that it has is alive.
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
                self.go_on_to([Stage::Array(1), after_arrays][which]);
                return 0;
            }
            self.index += 1;
            self.show_chain(&region, self.index - 1, visitor)
        }
    }

    /// The field that holds this array; null if the map has let go of it.
    unsafe fn slot_of_array(&self, array: *mut Bmap) -> *mut *mut Bmap {
        // SAFETY: a map (`step`).
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

    unsafe fn show_array(
        &mut self,
        slot: *mut *mut Bmap,
        which: usize,
        visitor: &mut impl Visitor,
    ) {
        let t = self.s().0;
        // SAFETY: the slot holds the region's array (callers).
        unsafe { self.regions[which].show(t, slot, visitor) }
    }

    /// Shows a bucket and those that were allocated one by one to follow it; the others will come up by themselves.
    /// Returns how many follow.
    unsafe fn show_chain(
        &self,
        region: &Region,
        index: usize,
        visitor: &mut impl Visitor,
    ) -> usize {
        let s = self.s();
        // SAFETY: the region's contents are at `here`, and have more than `index` buckets.
        unsafe {
            let head = Bucket::at(s, region.here, index);
            visit_bucket(s, head, visitor);
            self.show_links(slice::from_ref(region), head.overflow_slot(s), visitor)
        }
    }

    /// Shows the buckets from a link on, as far as they are outside of the regions; returns how many.
    unsafe fn show_links(
        &self,
        regions: &[Region],
        mut link: *mut *mut Bmap,
        visitor: &mut impl Visitor,
    ) -> usize {
        let s = self.s();
        let mut shown = 0;
        // SAFETY: links are null, or lead into one of the regions or to a bucket that was allocated alone.
        unsafe {
            while let Some(bucket) = self.follow(regions, link, visitor) {
                visit_bucket(s, bucket, visitor);
                link = bucket.overflow_slot(s);
                shown += 1;
            }
        }
        shown
    }

    /// Brings a pointer to a bucket up to date. Returns the bucket if it was allocated alone and is to be shown.
    unsafe fn follow(
        &self,
        regions: &[Region],
        link: *mut *mut Bmap,
        visitor: &mut impl Visitor,
    ) -> Option<Bucket> {
        let t = self.s().0;
        // SAFETY: as for `show_links`.
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

    /// Shows at most so many of the buckets that an owned map keeps; returns how many.
    unsafe fn step_kept_buckets(&mut self, visitor: &mut impl Visitor, most: usize) -> usize {
        let s = self.s();
        // SAFETY: an owned map with buckets, which nobody uses (`step`).
        unsafe {
            let wanted = kept_parts(s.t()).next().is_some();
            let row = wanted.then(|| owned::kept_buckets(s.t(), self.h, self.index));
            let Some((first, len)) = row.flatten() else {
                self.go_on_to(Stage::KeptSlots);
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

    /// Shows at most so many of the slots that an owned map keeps; returns how many.
    unsafe fn step_kept_slots(&mut self, visitor: &mut impl Visitor, most: usize) -> usize {
        let mut shown = 0;
        // SAFETY: an owned map with buckets, which nobody uses (`step`).
        unsafe {
            for (part, slot) in owned::kept_slots(self.h).skip(self.index).take(most) {
                visit_slot(self.s().t(), part, slot, visitor);
                shown += 1;
            }
        }
        self.index += shown;
        if shown < most {
            self.go_on_to(Stage::Done);
        }
        shown
    }

    unsafe fn step_extra(&mut self, visitor: &mut impl Visitor) {
        // SAFETY: a map that nobody uses (`step`).
        unsafe {
            let slot = &raw mut (*self.h).extra;
            let memory = Allocation {
                size: size_of::<MapExtra>(),
                align: ALIGN,
                ty: &MAP_EXTRA,
            };
            self.go_on_to(Stage::Done);
            if (*slot).is_null() {
                return;
            }
            if let Some(here) = visitor.memory(slot.cast(), memory) {
                self.extra = here.cast();
                let next = &raw mut (*self.extra).nextOverflow;
                if self.regions[0].contains(self.s().t(), *next) {
                    self.regions[0].redirect(next);
                }
                self.go_on_to(Stage::List(0));
            }
        }
    }

    /// Shows one entry of a list of overflow buckets, or the list itself.
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
                self.go_on_to([Stage::List(1), Stage::Done][which]);
                return;
            }
            // The buckets themselves came up in their chains.
            self.follow(&self.regions, self.list.array.add(self.index), visitor);
            self.index += 1;
        }
    }

    /// Whether the map has other arrays than when the scan began. Then the collector moves nothing, and pointers into
    /// arrays need no care.
    unsafe fn map_was_used(&self) -> bool {
        // SAFETY: a map (`step`).
        let arrays = unsafe { [(*self.h).buckets, (*self.h).oldbuckets] };
        arrays != self.regions.map(|region| region.to)
    }

    /// Adds what an iterator of the map may read, and brings its pointers up to date: steps go on, and show it, until
    /// the last of them returns true again. An iterator that has ended is left alone.
    ///
    /// What it does to the iterator:
    /// - `it.key` and `it.elem` become null, until its next step: what they led to may have moved,
    ///   and is not shown. [`TracedIter::has_ended`] tells the end from this.
    /// - `it.h`, `it.buckets`, `it.bptr` and the old array come to lead to where the visitor says
    ///   that these will be; `it.overflow` and `it.oldoverflow`, which only keep memory alive for
    ///   Go's collector, become null.
    /// - Its arrays are shown to the visitor where the map no longer has them, with the keys and
    ///   elems in them: at once here, or in the steps that follow.
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
        // SAFETY: the iterator's arrays are alive (`TracedIter`).
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
        self.go_on_to(Stage::Iterated(0));
    }

    /// Brings an iterator's pointer to an array up to date. One that the map has let go of is shown.
    unsafe fn find_or_show(
        &self,
        slot: *mut *mut Bmap,
        mut array: Region,
        visitor: &mut impl Visitor,
    ) -> Region {
        let mut known = self.regions.iter().filter(|region| region.shown);
        // SAFETY: null, or an array that is alive (caller).
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

    /// Shows one chain of an iterator's array, unless it is one of the map's; returns how many buckets follow the first.
    unsafe fn step_iterated(&mut self, visitor: &mut impl Visitor, which: usize) -> usize {
        let array = self.iterated[which];
        if array.shown || array.here.is_null() || self.index == array.len {
            self.go_on_to([Stage::Iterated(1), Stage::Done][which]);
            return 0;
        }
        self.index += 1;
        // SAFETY: the visitor was told of the array, which therefore is alive.
        unsafe { self.show_chain(&array, self.index - 1, visitor) }
    }
}

/// Shows the memory of a list of overflow buckets, and returns where its pointers are now: none, if they were brought
/// up to date before.
///
/// # Safety
/// `slot` holds null or a list in a traced heap.
unsafe fn show_list(slot: *mut *mut BmapSlice, visitor: &mut impl Visitor) -> BmapSlice {
    // SAFETY: the caller's promise.
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
