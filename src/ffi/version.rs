//! Which library this is.

use core::ffi::c_char;

/// The version of the library that is running, as `GOMAP_VERSION` gives that of the header.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}
