//! The C ABI of gomap: what `include/gomap.h` declares.
//!
//! - *Runtime style* (`runtime`, `fast`): the document's functions with the prefix `gomap_`, for compilers and language
//!   runtimes. Nothing is checked; whatever unwinds from a callback goes through them to the caller.
//! - *Plain style* (`map`, `put`, `iter`): a handle, status codes, every argument checked. Nothing unwinds out of it.
//!
//! Both work on the same maps. A crate of its own, because a shared library needs the standard library and a panic
//! runtime, which the crate `gomap` must not ask of those who embed it.

mod check;
mod cstring;
mod descriptor;
mod fallible;
mod fast;
mod hash;
#[cfg(test)]
mod header;
mod heap;
mod iter;
mod layout;
mod map;
mod put;
mod runtime;
mod status;
mod types;

/// The version of the library that is running, as `GOMAP_VERSION` gives that of the header.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_version() -> *const core::ffi::c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}
