//! What a map is made of: the types of its keys and elems, the descriptor that every map function takes, and the heap
//! that it lives in.
//!
//! - [`Type`] describes one key or elem type at run time: size, alignment, pointer words, hash and equality, drop glue.
//! - [`MapType`] is the document's `maptype`: what the map functions read. [`MapType::new`] computes and checks it.
//! - [`Heap`] is what a host runtime gives the map: memory, randomness, write barriers, a way to die.
//! - [`alg`] holds hash and equality for the standard kinds.
//!
//! All of them are `repr(C)` or transparent to what is, so that a host written in another language
//! can fill them in.
//!
//! No safe function follows a pointer that safe code can set: the pointers in a [`Type`] are
//! private and come from literals, from its owner, or through [`Type::from_raw`]; those in the
//! other structs are followed by `unsafe` functions alone.
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
