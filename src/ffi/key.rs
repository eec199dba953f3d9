//! The key of a write, which may be in the map itself.

use maptype::MapType;

use super::check;
use super::handle::Opened;
use super::status::Status;
use crate::owned::SlotBytes;

/// A key, copied if the map grows: the growth work of a write clears slots that it has moved, and a
/// loop may pass the key of such a slot.
pub(crate) struct Key {
    at: *const u8,
    copy: Option<SlotBytes>,
}

impl Key {
    /// # Safety
    /// `key` is null, or leads to a key of the map, until the write has been done.
    pub(crate) unsafe fn new(map: &Opened<'_>, key: *const u8) -> Result<Key, Status> {
        let t: &MapType = map.t;
        // SAFETY: an open handle leads to a descriptor and to a map; an inline key fits a slot.
        unsafe {
            let at = check::value(key, t.key_type())?;
            let in_danger = !t.indirectkey() && !(*map.h).oldbuckets.is_null();
            let copy = in_danger.then(|| SlotBytes::copied(at, t.keysize as usize));
            Ok(Key { at, copy })
        }
    }

    /// Where the key is, as long as this value stays where it is.
    pub(crate) fn at(&self) -> *const u8 {
        self.copy.as_ref().map_or(self.at, SlotBytes::ptr)
    }
}
