//! Replacing the key of an entry by an equal one.

use core::mem::forget;

use maptype::{AllocError, MapType};

use super::copies;
use crate::bucket::Cell;
use crate::heap::{self, Deferred, free_object, newobject};
use crate::layout::Hmap;
use crate::owned::SlotBytes;
use crate::owned::dispose::{Part, dispose};
use crate::shape::Shape;

/// A key that the map gave up for an equal one.
pub(crate) struct ReplacedKey(SlotBytes);

impl ReplacedKey {
    /// Drops it.
    ///
    /// # Safety
    /// It was a key of a map of `t`; this is called once.
    pub(crate) unsafe fn dispose(&mut self, t: &MapType) {
        // SAFETY: the bytes of a key's slot that is in no map, dropped once.
        unsafe { dispose(t, Part::Key, self.0.ptr_mut()) }
    }
}

/// Replaces a stored key by an equal one, which iterators look up from now on: where anything has
/// glue, the old key may be dropped, or point into an elem that is dropped. Returns the old key, if
/// it has glue itself.
///
/// # Errors
/// There is no memory for a box; nothing has changed.
///
/// # Safety
/// `s` *fits* `h`; `cell` holds an entry with this hash, whose key equals `key`, a *key*;
/// *exclusive*.
#[cold]
#[inline(never)]
pub(super) unsafe fn replace_key<S: Shape>(
    s: S,
    h: *mut Hmap,
    hash: usize,
    cell: Cell,
    key: *const u8,
) -> Result<Option<ReplacedKey>, AllocError> {
    // SAFETY: `cell` holds an entry of `h`, which `s` fits; *exclusive*.
    unsafe {
        debug_assert!(cell.bucket.row().live().contains(cell.i));
        let slot = cell.key_slot(s);
        let before = SlotBytes::copied(slot, s.keysize());
        let has_glue = s.key_type().drop.is_some();
        if has_glue {
            store_key(s, slot, key)?;
        } else {
            s.move_key(cell.key(s), key);
        }
        copies::refresh(s, h, hash, &before, cell);
        Ok(has_glue.then_some(ReplacedKey(before)))
    }
}

/// Stores a key in a slot or, where keys are indirect, in a new box.
///
/// # Safety
/// `s` *fits* the map of `slot`, a key slot; `key` is a *key*; *exclusive*.
unsafe fn store_key<S: Shape>(s: S, slot: *mut u8, key: *const u8) -> Result<(), AllocError> {
    // SAFETY: `slot` is a key slot of a map that `s` fits; *exclusive*.
    unsafe {
        if !s.indirectkey() {
            s.move_key(slot, key);
            return Ok(());
        }
        let fresh = newobject(s.t(), s.key_type())?;
        let unused = Deferred(|| free_object(s.t(), s.key_type(), fresh));
        s.move_key(fresh, key);
        heap::store_pointer(s.t(), slot.cast(), fresh);
        forget(unused);
        Ok(())
    }
}
