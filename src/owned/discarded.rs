//! Slots taken out of a map, whose values end, or are retired, once the map is whole again.

use core::ptr;

use maptype::MapType;

use super::dispose::{Part, dispose, part_needs_disposal};
use super::records::{Record, SLOT_OFFSET, append, free_empty_records, record_size};
use super::{Generation, SlotBytes, generations, of, watched};
use crate::heap::{self, ALIGN, Deferred, allocate};
use crate::layout::Hmap;

/// Slots taken out of a map, to be disposed of once the map is whole again: glue may unwind, may
/// use the map, and must not find it in the middle of a deletion.
///
/// Where nothing has glue and iterators are alive, slots with boxes are retired instead, as long as
/// there is memory for that and not too much has been retired already (an iterator may be lost):
/// Go's iterators read such boxes. Records are reserved beforehand, so that [`Discarded::take`]
/// cannot fail.
pub(crate) struct Discarded<'t> {
    t: &'t MapType,
    /// Records for slots to come.
    reserved: *mut Record,
    /// Records that hold a slot.
    taken: *mut Record,
    retire_to: *mut Generation,
    /// Whether iterators are alive.
    watched: bool,
    /// Slots that no iterator reads.
    slots: [SlotCopy; 2],
    len: usize,
}

/// Records that a map may keep in any case, and more for each of its entries.
const MOST_RETIRED: (usize, usize) = (2048, 2);

#[derive(Clone, Copy)]
struct SlotCopy {
    part: Part,
    bytes: SlotBytes,
}

impl<'t> Discarded<'t> {
    /// Prepares to discard one entry (or a part of one) of the map.
    ///
    /// # Safety
    /// `h` is a map of `t` with buckets; *exclusive* until the value is dropped.
    pub(crate) unsafe fn new(t: &'t MapType, h: *mut Hmap) -> Self {
        // SAFETY: `h` is a map of `t` with buckets; *exclusive*.
        unsafe { Self::for_entries(t, h, 1) }
    }

    /// Prepares to discard slots that no iterator reads.
    pub(crate) fn unread(t: &'t MapType) -> Self {
        Discarded {
            t,
            reserved: ptr::null_mut(),
            taken: ptr::null_mut(),
            retire_to: ptr::null_mut(),
            watched: false,
            slots: [SlotCopy {
                part: Part::Key,
                bytes: SlotBytes::UNINIT,
            }; 2],
            len: 0,
        }
    }

    /// Prepares to discard `entries` entries. Several can be taken only where they are retired.
    ///
    /// # Safety
    /// As [`Discarded::new`].
    pub(crate) unsafe fn for_entries(t: &'t MapType, h: *mut Hmap, entries: usize) -> Self {
        let mut discarded = Discarded::unread(t);
        // SAFETY: `h` is a map of `t`; *exclusive*.
        discarded.watched = heap::needs_disposal(t) && unsafe { watched(t, h) };
        if discarded.watched && !heap::has_glue(t) {
            // SAFETY: a watched map has buckets, and they have a header.
            unsafe {
                let (least, per_entry) = MOST_RETIRED;
                let most = least + per_entry * (*h).count.cast_unsigned();
                let most = most.min(u32::MAX as usize / 2);
                if retired(h) + 2 * entries <= most && discarded.reserve(2 * entries) {
                    discarded.retire_to = of((*h).buckets);
                }
            }
        }
        discarded
    }

    /// Allocates records; returns whether there was memory for all.
    ///
    /// # Safety
    /// `self.t` is the descriptor of a map in an owned heap.
    unsafe fn reserve(&mut self, records: usize) -> bool {
        for _ in 0..records {
            // SAFETY: `t` is the descriptor of a map; a record is initialised before it is linked.
            unsafe {
                let Ok(record) = allocate(self.t, record_size(self.t), ALIGN, self.t.bucket_type())
                else {
                    return false;
                };
                let record: *mut Record = record.cast();
                (*record).next = self.reserved;
                self.reserved = record;
            }
        }
        true
    }

    /// Whether copies of the slots must be hidden: iterators are alive, and slots are not retired.
    pub(crate) fn must_hide(&self) -> bool {
        self.watched && !self.retires()
    }

    /// Whether slots are retired rather than disposed of.
    pub(crate) fn retires(&self) -> bool {
        !self.retire_to.is_null()
    }

    /// Takes the bytes of a slot; the slot itself is then empty, whatever its bytes.
    ///
    /// # Safety
    /// `slot` is a slot of this map that holds a value. At most two, unless [`Discarded::retires`].
    pub(crate) unsafe fn take(&mut self, part: Part, slot: *const u8) {
        if !part_needs_disposal(self.t, part) {
            return;
        }
        let size = slot_size(self.t, part);
        // SAFETY: a record and a slot copy have room for a slot, and enough of them were reserved.
        unsafe {
            if self.retires() {
                debug_assert!(
                    !self.reserved.is_null(),
                    "as many records as slots were reserved"
                );
                let record = self.reserved;
                self.reserved = (*record).next;
                (*record).part = part;
                ptr::copy_nonoverlapping(slot, record.cast::<u8>().add(SLOT_OFFSET), size);
                (*record).next = self.taken;
                self.taken = record;
                count_retired(self.retire_to);
            } else {
                let copy = &mut self.slots[self.len];
                copy.part = part;
                ptr::copy_nonoverlapping(slot, copy.bytes.ptr_mut(), size);
                self.len += 1;
            }
        }
    }
}

impl Drop for Discarded<'_> {
    fn drop(&mut self) {
        // SAFETY: this value owns the records, and adds or frees each once.
        unsafe {
            free_empty_records(self.t, self.reserved);
            if self.retires() {
                let garbage = &raw mut (*self.retire_to).garbage;
                *garbage = append(self.taken, *garbage);
            }
        }
        let [first, second] = &mut self.slots;
        let second = (self.len > 1).then(|| second.dispose_later(self.t));
        let first = (self.len > 0).then(|| first.dispose_later(self.t));
        drop(first);
        drop(second);
    }
}

impl SlotCopy {
    /// Disposes of the slot when the result is dropped.
    fn dispose_later(&mut self, t: &MapType) -> Deferred<impl FnMut()> {
        // SAFETY: a slot that is in no map any more; `Discarded` drops the result once.
        Deferred(move || unsafe { dispose(t, self.part, self.bytes.ptr_mut()) })
    }
}

fn slot_size(t: &MapType, part: Part) -> usize {
    match part {
        Part::Key => t.keysize as usize,
        Part::Elem => t.elemsize as usize,
    }
}

/// How many slots of discarded entries are kept for iterators.
///
/// # Safety
/// `h` is a map in an owned heap, with buckets; *exclusive*.
unsafe fn retired(h: *const Hmap) -> usize {
    // SAFETY: the list is of live headers.
    unsafe {
        generations(h)
            .map(|generation| (*generation).retired as usize)
            .sum()
    }
}

/// Counts a slot that is about to be retired to a generation.
///
/// # Safety
/// `generation` is the header of the current array of a map; *exclusive*.
unsafe fn count_retired(generation: *mut Generation) {
    // SAFETY: the header of a map's current array; *exclusive*.
    unsafe { (*generation).retired += 1 }
}
