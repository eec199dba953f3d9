#![doc = include_str!("../README.md")]
#![no_std]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod bucket;
#[cfg(feature = "gc-arena")]
mod collect;
#[cfg(feature = "ffi")]
mod ffi;
mod header;
pub mod heap;
pub mod inspect;
#[allow(non_upper_case_globals, reason = "constants keep the document's names")]
pub mod layout;
mod owned;
pub mod position;
mod prefetch;
pub mod raw;
pub mod scan;
mod shape;
pub mod typed;

pub use maptype;
#[doc(inline)]
pub use typed::{Map, Set};
