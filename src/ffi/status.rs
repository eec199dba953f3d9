//! The results of the plain style.

use core::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use maptype::AllocError;

/// cbindgen:rename-all=None
/// The result of a function of the plain style. Errors are negative; after one, the map is as it
/// was before the call.
#[repr(i32)]
#[allow(non_camel_case_types, reason = "the names are C's")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done.
    GOMAP_OK = 0,
    /// Not an error: there is no such entry, or no further one.
    GOMAP_NONE = 1,
    /// The heap has no memory.
    GOMAP_NO_MEMORY = -1,
    /// A pointer is NULL, or leads to a map or descriptor that was not made or was freed.
    GOMAP_NULL = -2,
    /// A pointer is not aligned to what it points to.
    GOMAP_MISALIGNED = -3,
    /// A type cannot be used like this; the message says why.
    GOMAP_BAD_TYPE = -4,
    /// The map is being written to: the call comes from within another one, or from another thread.
    GOMAP_BUSY = -5,
    /// A callback of a `gomap_fallible` reported failure.
    GOMAP_FAILED = -6,
    /// A hash, a heap hook or glue panicked. If it was glue, a function that discards values
    /// (`gomap_put`, `gomap_remove`, `gomap_clear`, `gomap_free`, the iterators) has discarded them
    /// nevertheless.
    GOMAP_PANICKED = -7,
}

impl From<AllocError> for Status {
    fn from(_: AllocError) -> Status {
        Status::GOMAP_NO_MEMORY
    }
}

impl Status {
    fn message(status: i32) -> &'static CStr {
        match status {
            0 => c"done",
            1 => c"there is no such entry",
            -1 => c"out of memory",
            -2 => {
                c"a pointer is NULL, or leads to a map or descriptor that was not made or was freed"
            }
            -3 => c"a pointer is not aligned to what it points to",
            -4 => c"a type cannot be used like this",
            -5 => c"the map is being written to",
            -6 => c"a callback reported failure",
            -7 => c"a callback panicked",
            _ => c"not a status of gomap",
        }
    }
}

/// What a status means, in a few words: a static string. Any number is accepted.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_strerror(status: i32) -> *const c_char {
    Status::message(status).as_ptr()
}

/// What unwinds to the border of the plain style when a callback reports failure.
pub(crate) struct CallbackFailed;

/// The border of the plain style: nothing unwinds past it.
pub(crate) fn border(verb: impl FnOnce() -> Result<Status, Status>) -> Status {
    match catch_unwind(AssertUnwindSafe(verb)) {
        Ok(Ok(status)) | Ok(Err(status)) => status,
        Err(payload) if payload.is::<CallbackFailed>() => Status::GOMAP_FAILED,
        Err(_) => Status::GOMAP_PANICKED,
    }
}
