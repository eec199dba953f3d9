//! The map's functions that depend on the kind of key, as a table for each path that a trace can choose.

use gomap::layout::Hmap;
use gomap::raw::*;
use maptype::MapType;
use maptype::alg::GoString;

use crate::trace::Fast;

/// Functions that take the key by address. Each has the safety preconditions of the function it calls.
pub struct Verbs {
    pub access1: unsafe fn(*const MapType, *const Hmap, *const u8) -> *mut u8,
    pub access2: unsafe fn(*const MapType, *const Hmap, *const u8) -> (*mut u8, bool),
    pub assign: unsafe fn(*const MapType, *mut Hmap, *const u8) -> *mut u8,
    pub delete: unsafe fn(*const MapType, *mut Hmap, *const u8),
}

impl Verbs {
    /// The functions that Go calls for such keys: the generic ones if it has no fast ones.
    pub fn of(fast: Option<Fast>) -> &'static Verbs {
        match fast {
            None => &GENERIC,
            Some(Fast::Fast32) => &FAST32,
            Some(Fast::Fast64) => &FAST64,
            Some(Fast::Fast64Ptr) => &FAST64PTR,
            Some(Fast::Str) => &FASTSTR,
        }
    }
}

static GENERIC: Verbs = Verbs {
    access1: mapaccess1,
    access2: mapaccess2,
    assign: mapassign,
    delete: mapdelete,
};

/// The table of functions that take keys of type `$key` by value.
macro_rules! by_value {
    ($key:ty: $access1:ident $access2:ident $assign:ident($assigned:ty) $delete:ident) => {
        Verbs {
            // SAFETY: `key` is a *key*, of type `$key`; the others as for `$access1`.
            access1: |t, h, key| unsafe { $access1(t, h, key.cast::<$key>().read()) },
            // SAFETY: `key` is a *key*, of type `$key`; the others as for `$access2`.
            access2: |t, h, key| unsafe { $access2(t, h, key.cast::<$key>().read()) },
            // SAFETY: `key` is a *key*, of type `$assigned`; the others as for `$assign`.
            assign: |t, h, key| unsafe { $assign(t, h, key.cast::<$assigned>().read()) },
            // SAFETY: `key` is a *key*, of type `$key`; the others as for `$delete`.
            delete: |t, h, key| unsafe { $delete(t, h, key.cast::<$key>().read()) },
        }
    };
}

static FAST32: Verbs = by_value!(u32:
    mapaccess1_fast32 mapaccess2_fast32 mapassign_fast32(u32) mapdelete_fast32);
static FAST64: Verbs = by_value!(u64:
    mapaccess1_fast64 mapaccess2_fast64 mapassign_fast64(u64) mapdelete_fast64);
static FAST64PTR: Verbs = by_value!(u64:
    mapaccess1_fast64 mapaccess2_fast64 mapassign_fast64ptr(*mut u8) mapdelete_fast64);
static FASTSTR: Verbs = by_value!(GoString:
    mapaccess1_faststr mapaccess2_faststr mapassign_faststr(GoString) mapdelete_faststr);
