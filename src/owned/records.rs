//! Lists of discarded slots that iterators may still read.

use core::iter::successors;
use core::mem::size_of;
use core::ptr::{self, NonNull};

use maptype::MapType;

use super::dispose::{Part, dispose};
use crate::heap::{ALIGN, Deferred, free};

/// A discarded slot that an iterator may still read; the slot's bytes follow.
#[repr(C)]
pub(crate) struct Record {
    pub(super) next: *mut Record,
    pub(super) part: Part,
}

pub(super) const SLOT_OFFSET: usize = size_of::<Record>().next_multiple_of(ALIGN);

pub(super) fn record_size(t: &MapType) -> usize {
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
    // SAFETY: both are null or lists of live records of the caller's.
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
    // SAFETY: `records` is null or a list of live records that does not change.
    let records = successors(NonNull::new(records), |record| unsafe {
        NonNull::new(record.as_ref().next)
    });
    records.map(|record| {
        // SAFETY: a live record; the slot's bytes follow it.
        unsafe {
            let slot = record.as_ptr().cast::<u8>().add(SLOT_OFFSET);
            (record.as_ref().part, slot)
        }
    })
}

/// Disposes of the slots in records, and frees the records.
///
/// # Safety
/// The records belong to the caller; their slots are not read again.
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
    /// # Safety
    /// As [`free_records`].
    unsafe fn dispose_all(&mut self) {
        while !self.records.is_null() {
            let record = self.records;
            // SAFETY: the list is of live records, each disposed of once.
            unsafe {
                self.records = (*record).next;
                (*record).next = ptr::null_mut();
                let freed = Deferred(|| free_empty_records(self.t, record));
                dispose(self.t, (*record).part, record.cast::<u8>().add(SLOT_OFFSET));
                drop(freed);
            }
        }
    }
}

impl Drop for Records<'_> {
    fn drop(&mut self) {
        // SAFETY: after glue has unwound, the records that were not disposed of are left.
        unsafe { self.dispose_all() }
    }
}

/// Frees records without a slot to dispose of.
///
/// # Safety
/// `record` is null or a list of live records that belong to the caller.
pub(super) unsafe fn free_empty_records(t: &MapType, mut record: *mut Record) {
    while !record.is_null() {
        // SAFETY: the list is of live records that belong to the caller.
        unsafe {
            let next = (*record).next;
            free(t, record.cast(), record_size(t), ALIGN);
            record = next;
        }
    }
}
