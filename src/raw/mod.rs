//! The map functions of the document, under its names, over raw memory.
//!
//! # The data structure
//! A map is an array of 2^B buckets of eight cells each. The low bits of a key's hash choose the
//! bucket, the top byte (its *tophash*) is stored in the bucket's first eight bytes and tells most
//! keys apart. A bucket that is full links to an overflow bucket, and so on: a *chain*.
//!
//! When the load passes 6.5 entries a bucket, the array is replaced by one of twice the size; when
//! it has too many overflow buckets, by one of the same size. The entries move, one or two buckets
//! with each write, from `oldbuckets` to `buckets`; the tophash bytes of a moved bucket say where
//! its entries went.
//!
//! Iterators stay on the array that they began on, and look up what has been moved since.
//!
//! # Layers
//! Each verb is written once, over the trait `Shape`: in `make`, `access`, `assign`, `delete`,
//! `clear`, `clone`, `grow`, `evacuate`, `iter`. The public functions, in `generic` and `fast`, are
//! instantiations of those.
//!
//! # Errors
//! Functions whose names start with `try_` return [`AllocError`](maptype::AllocError) when the heap
//! has no memory, and leave the map as it was. The others end the program through the heap's
//! `throw` hook, as Go does.
//!
//! # Safety
//! Terms used in `# Safety` sections:
//! - *valid*: `t` points to a descriptor as [`MapType::new`](maptype::MapType::new) makes them; its
//!   types and heap are alive, as is what these point to, and their functions do what their
//!   documentation asks.
//! - *of `t`*: `h` is null, or points to a map that was made with `t`, or a descriptor with the
//!   same answers, and has not been freed.
//! - *key*: points to an initialised key of the map's type. Of a key of plain memory that is every
//!   byte, as all are hashed and compared; other keys, and elems, may have padding that is not.
//! - *exclusive*: nothing else touches the map until the call returns; but hash functions may use
//!   the map, and a collector may read it.
//! - *shared*: nothing writes to the map until the call returns.
//! - *fits*: shape `s` gives the answers of the descriptor that the map was made with.
//! - *bucket*: a pointer to a live bucket of a map that `s` *fits*.
#![allow(
    non_snake_case,
    reason = "functions and fields keep the document's names"
)]

pub(crate) mod access;
mod advance;
pub(crate) mod assign;
pub(crate) mod batch;
mod boxes;
pub(crate) mod clear;
pub(crate) mod clone;
mod copies;
pub(crate) mod delete;
pub(crate) mod evacuate;
mod fast;
pub(crate) mod find;
mod generic;
pub(crate) mod grow;
mod hash;
pub(crate) mod insert;
pub(crate) mod iter;
mod key_arg;
pub(crate) mod make;
pub(crate) mod observe;
pub(crate) mod overflow;
pub(crate) mod replace;

pub use assign::Assigned;
pub(crate) use clear::forget_entries;
pub use fast::*;
pub use generic::*;
pub use iter::{
    mapiterclears, mapiterdone, mapiterinit, mapiterkeep, mapiternext, try_mapiterinit,
};
pub use make::{makemap, makemap_small, makemap64, try_makemap};

pub use crate::bucket::tophash;
pub use crate::header::sizes::{overLoadFactor, tooManyOverflowBuckets};
pub use crate::heap::size_classes::roundupsize;
pub use crate::owned::{mapfree, mapfree_contents};
