//! The end of a key or an elem: glue is run, a box is freed, and both wait while an iterator may read them.

use core::iter::successors;
use core::mem::{MaybeUninit, size_of};
use core::ptr::{self, NonNull};

use maptype::{MapType, Type};

use super::generation::{self, Generation};
use super::{ALIGN, allocate, free, free_object};
use crate::bucket::Entries;
use crate::layout::{Hmap, emptyOne};
use crate::shape::Shape;

/// Which slot of an entry.
#[repr(usize)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Key,
    Elem,
}

/// A discarded slot that an iterator may still read; the slot's bytes follow.
#[repr(C)]
pub(crate) struct Record {
    next: *mut Record,
    part: Part,
}

const SLOT_OFFSET: usize = size_of::<Record>().next_multiple_of(ALIGN);

/// Ends the life of what a slot holds.
///
/// # Safety
/// `slot` has the bytes of a slot of a map of `t`, and nobody will use what it holds again.
pub(crate) unsafe fn dispose(t: &MapType, part: Part, slot: *mut u8) {
    // SAFETY: the slot holds a value, or a pointer to one in a box of its own (caller).
    unsafe {
        let (ty, indirect) = part_type(t, part);
        let value = if indirect {
            *slot.cast::<*mut u8>()
        } else {
            slot
        };
        let boxed = FreeBox {
            t,
            ty,
            value: if indirect { value } else { ptr::null_mut() },
        };
        if let Some(drop) = ty.drop
            && !(indirect && value.is_null())
        {
            drop(value, ty);
        }
        core::mem::drop(boxed);
    }
}

/// Ends the life of every key and elem of a map. If the glue of one unwinds, the others are still disposed of.
///
/// # Safety
/// `s` *fits* `h` (see [`raw`](crate::raw#safety)); nobody will use its entries again.
pub(crate) unsafe fn dispose_entries<S: Shape>(s: S, h: *mut Hmap) {
    // SAFETY: the caller's promise.
    let mut entries = DisposeEntries(s, unsafe { Entries::new(s, h) });
    entries.run();
}

struct DisposeEntries<S: Shape>(S, Entries<S>);

impl<S: Shape> DisposeEntries<S> {
    fn run(&mut self) {
        let s = self.0;
        for place in self.1.by_ref() {
            // SAFETY: each cell holds an entry, and comes up once. An iterator that is stepped by
            // glue finds nothing there.
            unsafe {
                place.cell().bucket.set_tophash(place.cell().i, emptyOne);
                let elem = DisposeSlot(s.t(), Part::Elem, place.elem_slot());
                dispose(s.t(), Part::Key, place.key_slot());
                drop(elem);
            }
        }
    }
}

impl<S: Shape> Drop for DisposeEntries<S> {
    fn drop(&mut self) {
        self.run();
    }
}

/// Disposes of a slot when it goes out of scope.
pub(crate) struct DisposeSlot<'t>(pub(crate) &'t MapType, pub(crate) Part, pub(crate) *mut u8);

impl Drop for DisposeSlot<'_> {
    fn drop(&mut self) {
        // SAFETY: who made this value let go of the slot.
        unsafe { dispose(self.0, self.1, self.2) }
    }
}

/// Frees a box even when the glue of the value in it unwinds.
pub(crate) struct FreeBox<'t> {
    pub(crate) t: &'t MapType,
    pub(crate) ty: &'t Type,
    /// The value in the box; null: there is no box.
    pub(crate) value: *mut u8,
}

impl Drop for FreeBox<'_> {
    fn drop(&mut self) {
        // SAFETY: null, or a box that came from `newobject` with this type and whose value has ended.
        unsafe { free_object(self.t, self.ty, self.value) }
    }
}

/// The type of a part, and whether it is stored in a box.
///
/// # Safety
/// `t` is a valid descriptor.
pub(crate) unsafe fn part_type(t: &MapType, part: Part) -> (&Type, bool) {
    // SAFETY: a descriptor's types outlive it.
    unsafe {
        match part {
            Part::Key => (&*t.key, t.indirectkey()),
            Part::Elem => (&*t.elem, t.indirectelem()),
        }
    }
}

/// Whether discarding this part takes more than forgetting its bytes.
pub(crate) fn part_needs_disposal(t: &MapType, part: Part) -> bool {
    // SAFETY: `t` is a valid descriptor in all callers.
    let (ty, indirect) = unsafe { part_type(t, part) };
    ty.drop.is_some() || (indirect && super::owned(t))
}

/// Slots taken out of a map, to be disposed of once the map is whole again.
///
/// Glue may unwind, may use the map, and must not find it half way through a deletion.
///
/// Where nothing has glue and iterators are alive, slots with boxes are retired instead, as long as
/// there is memory for that and not too much has been retired already (for an iterator that may be
/// lost): Go's iterators read such boxes. Room for them is reserved beforehand, so that
/// [`Discarded::take`] cannot fail.
pub(crate) struct Discarded<'t> {
    t: &'t MapType,
    /// Records for slots to come.
    reserved: *mut Record,
    /// Records that hold a slot.
    taken: *mut Record,
    retire_to: *mut Generation,
    /// Whether iterators are alive.
    watched: bool,
    /// Slots that nobody else reads.
    slots: [SlotCopy; 2],
    len: usize,
}

/// Records that a map keeps in any case, and for each entry that it has.
const MOST_RETIRED: (usize, usize) = (2048, 2);

#[derive(Clone, Copy)]
struct SlotCopy {
    part: Part,
    bytes: SlotBytes,
}

/// Room for the largest slot.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub(crate) struct SlotBytes(MaybeUninit<[u8; 128]>);

impl SlotBytes {
    const UNINIT: SlotBytes = SlotBytes(MaybeUninit::uninit());

    /// The bytes of a slot.
    ///
    /// # Safety
    /// `slot` has `size` bytes, at most 128.
    pub(crate) unsafe fn copied(slot: *const u8, size: usize) -> SlotBytes {
        let mut bytes = SlotBytes::UNINIT;
        // SAFETY: there is room for them (caller).
        unsafe { ptr::copy_nonoverlapping(slot, bytes.ptr_mut(), size) };
        bytes
    }

    pub(crate) fn ptr(&self) -> *const u8 {
        self.0.as_ptr().cast()
    }

    pub(crate) fn ptr_mut(&mut self) -> *mut u8 {
        self.0.as_mut_ptr().cast()
    }
}

impl<'t> Discarded<'t> {
    /// Prepares to discard one entry (or a part of one) of the map.
    ///
    /// # Safety
    /// `h` is a map of `t` with buckets; *exclusive* until the value is dropped.
    pub(crate) unsafe fn new(t: &'t MapType, h: *mut Hmap) -> Self {
        // SAFETY: as asked of the caller.
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

    /// Prepares to discard `entries` entries. If there are several, they can be taken only where
    /// they are retired.
    ///
    /// # Safety
    /// As [`Discarded::new`].
    pub(crate) unsafe fn for_entries(t: &'t MapType, h: *mut Hmap, entries: usize) -> Self {
        let mut discarded = Discarded::unread(t);
        // SAFETY: a map of `t` (caller).
        discarded.watched = super::needs_disposal(t) && unsafe { generation::watched(t, h) };
        if discarded.watched && !super::has_glue(t) {
            // SAFETY: a watched map has buckets, and they have a header.
            unsafe {
                let (least, per_entry) = MOST_RETIRED;
                let most = least + per_entry * (*h).count.cast_unsigned();
                let most = most.min(u32::MAX as usize / 2);
                if generation::retired(h) + 2 * entries <= most && discarded.reserve(2 * entries) {
                    discarded.retire_to = generation::of((*h).buckets);
                }
            }
        }
        discarded
    }

    /// Allocates records; says whether there was memory for all.
    ///
    /// # Safety
    /// `self.t` is the descriptor of a map in an owned heap.
    unsafe fn reserve(&mut self, records: usize) -> bool {
        for _ in 0..records {
            // SAFETY: a valid descriptor (caller); a record is initialised before it is linked.
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

    /// Whether iterators are alive which, since slots are not retired, must not come upon what was
    /// copied from them.
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
        // SAFETY: there is room for a slot in a record and in a slot copy; the number of slots was reserved (caller).
        unsafe {
            if self.retires() {
                let record = self.reserved;
                self.reserved = (*record).next;
                (*record).part = part;
                ptr::copy_nonoverlapping(slot, record.cast::<u8>().add(SLOT_OFFSET), size);
                (*record).next = self.taken;
                self.taken = record;
                generation::count_retired(self.retire_to);
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
        // SAFETY: each record and slot copy is owned by this value, and is let go of once.
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
    fn dispose_later<'t>(&mut self, t: &'t MapType) -> DisposeSlot<'t> {
        DisposeSlot(t, self.part, self.bytes.ptr_mut())
    }
}

fn slot_size(t: &MapType, part: Part) -> usize {
    match part {
        Part::Key => t.keysize as usize,
        Part::Elem => t.elemsize as usize,
    }
}

fn record_size(t: &MapType) -> usize {
    SLOT_OFFSET + t.keysize.max(t.elemsize) as usize
}

/// Joins two lists of records.
///
/// # Safety
/// Both are null or lists of live records that belong to the caller.
pub(super) unsafe fn append(list: *mut Record, rest: *mut Record) -> *mut Record {
    if list.is_null() {
        return rest;
    }
    // SAFETY: the caller's promise.
    unsafe {
        let mut last = list;
        while !(*last).next.is_null() {
            last = (*last).next;
        }
        (*last).next = rest;
    }
    list
}

/// The slots that records hold.
///
/// # Safety
/// `records` is null or a list of live records that does not change.
pub(super) unsafe fn slots(records: *mut Record) -> impl Iterator<Item = (Part, *mut u8)> {
    // SAFETY: the caller's promise.
    let records = successors(NonNull::new(records), |record| unsafe {
        NonNull::new(record.as_ref().next)
    });
    records.map(|record| {
        // SAFETY: as above; the slot's bytes follow the record.
        unsafe {
            let slot = record.as_ptr().cast::<u8>().add(SLOT_OFFSET);
            (record.as_ref().part, slot)
        }
    })
}

/// Disposes of the slots in records, and frees the records.
///
/// # Safety
/// The records belong to the caller, and nobody will read their slots again.
pub(super) unsafe fn free_records(t: &MapType, records: *mut Record) {
    let mut rest = Records { t, records };
    // SAFETY: each record is disposed of once, and freed.
    unsafe { rest.dispose_all() }
}

struct Records<'t> {
    t: &'t MapType,
    records: *mut Record,
}

impl Records<'_> {
    unsafe fn dispose_all(&mut self) {
        while !self.records.is_null() {
            let record = self.records;
            // SAFETY: the list is of live records (caller).
            unsafe {
                self.records = (*record).next;
                (*record).next = ptr::null_mut();
                let freed = EmptyRecord(self.t, record);
                dispose(self.t, (*record).part, record.cast::<u8>().add(SLOT_OFFSET));
                drop(freed);
            }
        }
    }
}

impl Drop for Records<'_> {
    fn drop(&mut self) {
        // SAFETY: only records that were not disposed of are left, after glue has unwound.
        unsafe { self.dispose_all() }
    }
}

struct EmptyRecord<'t>(&'t MapType, *mut Record);

impl Drop for EmptyRecord<'_> {
    fn drop(&mut self) {
        // SAFETY: the record belongs to this value.
        unsafe { free_empty_records(self.0, self.1) }
    }
}

unsafe fn free_empty_records(t: &MapType, mut record: *mut Record) {
    while !record.is_null() {
        // SAFETY: the list is of live records that belong to the caller.
        unsafe {
            let next = (*record).next;
            free(t, record.cast(), record_size(t), ALIGN);
            record = next;
        }
    }
}
