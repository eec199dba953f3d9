//! What a map is made of: the types of its keys and elems, the descriptor that every map function
//! takes, and the heap that it lives in.
//!
//! - [`Type`] describes one key or elem type at run time: size, alignment, pointer words, hash and
//!   equality, drop glue.
//! - [`MapType`] is the document's `maptype`: what the map functions read. [`MapType::new`]
//!   computes and checks it.
//! - [`Heap`] is what a host runtime gives the map: memory, randomness, write barriers, a way to
//!   die.
//! - [`alg`] holds hash and equality for the standard kinds.
//!
//! All of them are `repr(C)` or transparent to what is, so that a host written in another language
//! can fill them in.
//!
//! No safe function follows a pointer that safe code can set: the pointers in a [`Type`] are
//! private and come from literals, from its owner, or through [`Type::from_raw`]; those in the
//! other structs are followed by `unsafe` functions alone.
//!
//! # Examples
//! A [`Heap`] that is owned, on the program's allocator, and a map type:
//! ```
//! use maptype::{Era, Heap, MapType, Type, alg};
//! use std::alloc::{Layout, alloc_zeroed, dealloc};
//! use std::ptr;
//!
//! unsafe extern "C-unwind" fn allocate(
//!     _: *const Heap,
//!     size: usize,
//!     align: usize,
//!     _: *const Type,
//! ) -> *mut u8 {
//!     // SAFETY: the map asks for a valid layout, and never for 0 bytes.
//!     unsafe { alloc_zeroed(Layout::from_size_align_unchecked(size, align)) }
//! }
//!
//! unsafe extern "C" fn free(_: *const Heap, memory: *mut u8, size: usize, align: usize) {
//!     // SAFETY: `memory` is from `allocate`, with this size and alignment.
//!     unsafe { dealloc(memory, Layout::from_size_align_unchecked(size, align)) }
//! }
//!
//! unsafe extern "C-unwind" fn random(_: *const Heap) -> u64 {
//!     4 // A program takes a random number.
//! }
//!
//! unsafe extern "C-unwind" fn abort(_: *const Heap, message: *const u8, len: usize) {
//!     // SAFETY: the message is `len` bytes.
//!     let message = unsafe { std::slice::from_raw_parts(message, len) };
//!     eprintln!("{}", String::from_utf8_lossy(message));
//!     std::process::abort()
//! }
//!
//! static HEAP: Heap = Heap {
//!     context: ptr::null_mut(),
//!     allocate,
//!     free: Some(free),
//!     release: None,
//!     populate: None,
//!     roundupsize: None,
//!     random,
//!     throw: abort,
//!     panic: abort,
//!     barriers: ptr::null(),
//!     observer: ptr::null(),
//!     era: Era::Go119,
//! };
//!
//! let t = MapType::new(&alg::STRING, &alg::UINT64, &HEAP)?;
//! assert!(t.needkeyupdate());
//! # Ok::<(), maptype::TypeError>(())
//! ```
#![no_std]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod alg;
mod descriptor;
mod elem_type;
mod error;
mod heap;
mod zero;

pub use descriptor::{
    BUCKET_CNT, DIRTY_CELLS, HASH_MIGHT_PANIC, INDIRECT_ELEM, INDIRECT_KEY, MAX_ELEM_SIZE,
    MAX_KEY_SIZE, MAX_ZERO, MapType, NEED_KEY_UPDATE, Path, REFLEXIVE_KEY, bucket_size,
};
pub use elem_type::{Alg, CopyFn, DropFn, EqualFn, HashFn, Kind, RawType, Type};
pub use error::{Problem, TypeError};
pub use heap::{AllocError, Barriers, Era, Heap, Observer};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
