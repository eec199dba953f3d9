//! Batches, compared with the model: many keys in one call.

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::{ptr, slice};

use gomap::raw::{mapaccess_many, mapaccessK, mapassign_many};

use super::faults::{self, Fault};
use super::kinds::{Buf, Kind};
use super::subject::{Failed, Subject};

/// Adjacent values of one kind.
struct Row {
    bytes: Vec<Buf>,
    stride: usize,
}

impl Row {
    fn new(kind: &Kind, len: usize) -> Row {
        let stride = kind.ty.size;
        let bufs = (len * stride).div_ceil(size_of::<Buf>()).max(1);
        Row {
            bytes: (0..bufs).map(|_| Buf::new()).collect(),
            stride,
        }
    }

    fn at(&mut self, i: usize) -> *mut u8 {
        let start: *mut u8 = self.bytes.as_mut_ptr().cast();
        start.wrapping_add(i * self.stride)
    }
}

/// Different keys, with their ids and variants.
struct Keys {
    row: Row,
    values: Vec<(u32, u32)>,
}

impl Subject {
    /// Keys in a row that can be found again.
    fn keys(&mut self, id: u32, n: u32) -> Keys {
        let ids: BTreeSet<u32> = (id..id + n)
            .map(|id| self.id(id))
            .filter(|&id| !(self.key.unequal)(id))
            .collect();
        let mut row = Row::new(self.key, ids.len());
        let mut values = Vec::new();
        for (i, id) in ids.into_iter().enumerate() {
            let variant = self.variant(id);
            (self.key.write)(row.at(i), id, variant);
            values.push((id, variant));
        }
        Keys { row, values }
    }

    /// Inserts keys in a row in one call; one by one where elems have glue, which batches do not
    /// take.
    pub(super) unsafe fn insert_many(&mut self, id: u32, n: u32) -> Result<(), Failed> {
        if self.elem.counted() {
            // SAFETY: the caller's promise.
            return (0..n).try_for_each(|i| unsafe { self.insert(id + i, i) });
        }
        self.note_state();
        let mut keys = self.keys(id, n);
        let len = keys.values.len();
        let mut elems = Row::new(self.elem, len);
        let elem = |id: u32| (id ^ n) % self.elem.ids;
        for (i, &(id, _)) in keys.values.iter().enumerate() {
            (self.elem.write)(elems.at(i), elem(id), 0);
        }
        let stored = faults::catch::<Fault, _>(|| {
            let (keys, elems) = (keys.row.at(0), elems.at(0));
            // SAFETY: as many keys and elems of the map's types.
            unsafe { mapassign_many(&*self.t, self.h, keys, len, elems) }
        });
        let (least, failed) = match stored {
            Ok(Ok(())) => (len, None),
            Ok(Err(stored)) => (stored, Some(Fault::NoMemory)),
            Err(fault) => (0, Some(fault)),
        };
        // SAFETY: the map is alive.
        let stored = faults::spared(|| unsafe { self.settle(&mut keys, elem, failed) });
        assert!(stored >= least);
        failed.map_or(Ok(()), |fault| Err(Failed(fault)))
    }

    /// Brings the model up to date, and proves that of the keys the first so many were stored, and
    /// no others.
    unsafe fn settle(
        &self,
        keys: &mut Keys,
        elem: impl Fn(u32) -> u32,
        failed: Option<Fault>,
    ) -> usize {
        let mut stored = 0;
        for (i, &(id, variant)) in keys.values.iter().enumerate() {
            let before = self.model.borrow().entries.get(&(id, 0)).copied();
            let own = keys.row.at(i);
            // SAFETY: a key of the map's type.
            let (key, place) = unsafe { mapaccessK(&*self.t, self.h, own) };
            // SAFETY: keys.
            if key.is_null() || unsafe { bytes(key, self.key) != bytes(own, self.key) } {
                self.end_key_at(own);
            }
            if key.is_null() {
                assert!(before.is_none(), "{id} was lost");
                continue;
            }
            // SAFETY: an elem.
            let zero = unsafe { is_zero(place, self.elem) };
            if before.is_none() && failed == Some(Fault::Barrier) && zero {
                // It was the barrier of the elem that failed.
                (self.elem.write)(place, elem(id), 0);
            }
            let now = ((self.key.read)(key).1, (self.elem.read)(place).0);
            let kept = before.filter(|_| !self.key.ty.need_key_update());
            let wanted = (kept.map_or(variant, |entry| entry.variant), elem(id));
            if stored == i && now == wanted {
                stored += 1;
            } else {
                let before = before.expect("only the first are stored");
                // The glue of a key that was replaced runs before the elem is stored.
                let key_alone = failed == Some(Fault::Drop) && stored == i;
                assert!(now.0 == before.variant || key_alone);
                assert_eq!(now.1, before.elem);
            }
            let mut model = self.model.borrow_mut();
            model.insert(self.key, id, now.0, now.1);
        }
        stored
    }

    /// Looks up keys in a row in one call.
    pub(super) unsafe fn get_many(&mut self, id: u32, n: u32) {
        let mut keys = self.keys(id, n);
        let mut found = vec![ptr::null_mut(); keys.values.len()];
        let done = faults::catch::<Fault, _>(|| {
            let (keys, len) = (keys.row.at(0), keys.values.len());
            // SAFETY: as many keys of the map's type, and room for as many pointers.
            unsafe { mapaccess_many(&*self.t, self.h, keys, len, found.as_mut_ptr()) }
        });
        for i in 0..keys.values.len() {
            self.end_key_at(keys.row.at(i));
        }
        if let Err(fault) = done {
            resume_unwind(Box::new(fault));
        }
        for (&(id, _), place) in keys.values.iter().zip(found) {
            let found = (!place.is_null()).then(|| (self.elem.read)(place).0);
            let model = self.model.borrow();
            assert_eq!(found, model.entries.get(&(id, 0)).map(|entry| entry.elem));
        }
    }
}

/// The bytes of a value of this kind.
unsafe fn bytes<'a>(value: *const u8, kind: &Kind) -> &'a [u8] {
    // SAFETY: the caller's promise.
    unsafe { slice::from_raw_parts(value, kind.ty.size) }
}

/// Whether a value of this kind has no bit set.
pub(super) unsafe fn is_zero(value: *const u8, kind: &Kind) -> bool {
    // SAFETY: the caller's promise.
    unsafe { bytes(value, kind).iter().all(|&byte| byte == 0) }
}
