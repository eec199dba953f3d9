//! The C ABI: what `include/gomap.h` declares (feature `ffi`).
//!
//! - *Runtime style* (`runtime`, `fast`, `scan`): the document's functions with the prefix
//!   `gomap_`, for compilers and language runtimes. Nothing is checked; whatever unwinds from a
//!   callback goes through them to the caller.
//! - *Plain style* (`map`, `put`, `iter`): a handle, status codes, every argument checked. Nothing
//!   unwinds out of it.
//!
//! Both work on the same maps. Rust programs have no use for this module: it is built as a shared
//! or static library, by `include/install` or `cargo cinstall`.

mod check;
mod cstring;
mod descriptor;
mod fallible;
mod fast;
mod handle;
mod hash;
#[cfg(test)]
mod header;
mod heap;
mod iter;
mod key;
mod layout;
mod map;
mod put;
mod runtime;
mod scan;
mod status;
mod types;
mod version;
