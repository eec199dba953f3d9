//! Insertion and update in the plain style: the map takes ownership of keys and elems.

use core::mem::MaybeUninit;
use core::ptr;
use std::alloc::{Layout, alloc, dealloc};

use maptype::{AllocError, MAX_ELEM_SIZE, MapType, Type};

use super::check;
use super::handle::{Map, Opened, open};
use super::key::Key;
use super::status::{Status, border};
use crate::header::flags::Writing;
use crate::heap;
use crate::raw::Assigned;
use crate::raw::assign::mapassign_and_keep;
use crate::raw::replace::ReplacedKey;
use crate::shape::Erased;

/// Stores the bytes at `elem` as the elem of `key`. After `GOMAP_OK` the map owns both values: drop
/// glue runs for the elem that was there before, and for the key given if the map keeps the equal
/// one that it had. After an error the caller still owns both.
///
/// # Safety
/// `map` is NULL or leads to a handle, `key` is NULL or leads to a key, which is in the map only
/// if its type has no drop glue, `elem` is NULL or leads to an elem outside the map; nothing else
/// uses the map meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_put(map: *const Map, key: *const u8, elem: *const u8) -> Status {
    // SAFETY: all pointers are checked before they are followed.
    border(|| unsafe {
        let map = open(map)?;
        let Opened { t, h } = map;
        let key = Key::new(&map, key)?;
        let elem_type = &*t.elem;
        let elem = check::value(elem, elem_type)?;
        // All that can fail comes before the assignment, all that runs the caller's code after it.
        let mut old = Stash::new(elem_type)?;
        let (assigned, replaced) = mapassign_and_keep(Erased(t), h, key.at())?;
        if assigned.existed {
            old.take(assigned.elem);
        }
        // The old elem and key are dropped when this returns, also if the glue of one unwinds.
        let _keys = Discarded::new(t, &key, assigned, replaced);
        if !ptr::eq(assigned.elem, elem) {
            heap::typedmemmove(t, elem_type, assigned.elem, elem);
        }
        Ok(Status::GOMAP_OK)
    })
}

/// Stores where the elem of `key` is in `out`; if there is none, inserts one of zero bytes. Whether
/// there was one is stored in `existed` (may be NULL). After `GOMAP_OK` the map owns the key, as
/// after `gomap_put`.
///
/// The elem stays there until the next write to the map; until then it may be read and written.
/// So drop glue of a key that runs during this call must not use the map (`GOMAP_BUSY`).
///
/// # Safety
/// `map` is NULL or leads to a handle, `key` is NULL or leads to a key; nothing else uses the map
/// meanwhile; `out` and `existed` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_slot(
    map: *const Map,
    key: *const u8,
    out: *mut *mut u8,
    existed: *mut bool,
) -> Status {
    // SAFETY: all pointers are checked before they are followed.
    border(|| unsafe {
        check::pointer(out)?;
        let map = open(map)?;
        let Opened { t, h } = map;
        let key = Key::new(&map, key)?;
        let (assigned, replaced) = mapassign_and_keep(Erased(t), h, key.at())?;
        out.write(assigned.elem);
        if !existed.is_null() {
            existed.write(assigned.existed);
        }
        let busy = Writing::start(Erased(t), h);
        drop(Discarded::new(t, &key, assigned, replaced));
        busy.finish();
        Ok(Status::GOMAP_OK)
    })
}

/// The key that the map gave up, or the one that it did not take over: dropped with this.
struct Discarded<'a> {
    t: &'a MapType,
    /// Null where the map took the key over.
    given: *const u8,
    replaced: Option<ReplacedKey>,
}

impl<'a> Discarded<'a> {
    fn new(t: &'a MapType, key: &Key, assigned: Assigned, replaced: Option<ReplacedKey>) -> Self {
        Discarded {
            t,
            given: if assigned.key_taken {
                ptr::null()
            } else {
                key.at()
            },
            replaced,
        }
    }
}

impl Drop for Discarded<'_> {
    fn drop(&mut self) {
        // SAFETY: the map owns both keys, and has neither in a cell (`new`).
        unsafe {
            if let Some(replaced) = &mut self.replaced {
                replaced.dispose(self.t);
            }
            if let Some(drop) = self.t.key_type().drop
                && !self.given.is_null()
            {
                drop(self.given.cast_mut(), self.t.key_type());
            }
        }
    }
}

/// Keeps the elem that is being replaced, and drops it later, when the map is whole again.
struct Stash<'t> {
    ty: &'t Type,
    /// Memory for an elem that is larger than a slot.
    large: *mut u8,
    small: [MaybeUninit<u64>; MAX_ELEM_SIZE / 8],
    taken: bool,
}

impl<'t> Stash<'t> {
    fn new(ty: &'t Type) -> Result<Self, AllocError> {
        let mut stash = Stash {
            ty,
            large: ptr::null_mut(),
            small: [MaybeUninit::uninit(); MAX_ELEM_SIZE / 8],
            taken: false,
        };
        if let Some(layout) = stash.large_layout() {
            // SAFETY: a large elem is not empty.
            stash.large = unsafe { alloc(layout) };
            if stash.large.is_null() {
                return Err(AllocError);
            }
        }
        Ok(stash)
    }

    /// The layout of the memory that must be allocated, if there is glue to run and the elem is
    /// large.
    fn large_layout(&self) -> Option<Layout> {
        let (size, align) = (self.ty.size, self.ty.align as usize);
        let is_large = size > MAX_ELEM_SIZE || align > align_of::<u64>();
        (self.ty.drop.is_some() && size != 0 && is_large)
            .then(|| Layout::from_size_align(size, align).ok())
            .flatten()
    }

    fn memory(&mut self) -> *mut u8 {
        if self.large.is_null() {
            self.small.as_mut_ptr().cast()
        } else {
            self.large
        }
    }

    /// # Safety
    /// `elem` is an elem that is about to be overwritten.
    unsafe fn take(&mut self, elem: *const u8) {
        if self.ty.drop.is_some() {
            // SAFETY: the stash has `size` bytes.
            unsafe { ptr::copy_nonoverlapping(elem, self.memory(), self.ty.size) }
            self.taken = true;
        }
    }
}

impl Drop for Stash<'_> {
    fn drop(&mut self) {
        let elem = self.memory();
        let memory = self
            .large_layout()
            .map(|layout| Allocated(self.large, layout));
        if let Some(drop) = self.ty.drop
            && self.taken
        {
            // SAFETY: an elem that the map gave up, dropped once.
            unsafe { drop(elem, self.ty) }
        }
        drop(memory);
    }
}

/// Allocated memory, freed also when glue unwinds.
struct Allocated(*mut u8, Layout);

impl Drop for Allocated {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: allocated by `Stash::new` with this layout.
            unsafe { dealloc(self.0, self.1) }
        }
    }
}
