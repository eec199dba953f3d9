//! The hash map that a language runtime would otherwise have to write for itself.
#![no_std]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod bucket;
pub mod heap;
pub mod inspect;
#[allow(non_upper_case_globals, reason = "constants keep the document's names")]
pub mod layout;
pub mod raw;
mod shape;

pub use maptype;
