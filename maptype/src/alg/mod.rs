//! Hash and equality for the standard kinds.
//!
//! - Types to use as they are: [`INT64`] and its like, [`STRING`], [`BYTES`], [`FLOAT64`],
//!   [`INTERFACE`]…; [`memory`] makes one for plain memory of any size, [`Aggregate`] one for
//!   arrays and structs.
//! - Their hash, inlined: [`memhash`], [`memhash32`], [`memhash64`], [`memhash128`], [`strhash`],
//!   and for values at hand [`hash_word`] and [`hash_bytes`].
//! - [`go`]: types with Go's own hash instead, for maps that must look like those of a Go program.
//! - [`hashable`]: would hashing this key panic?
//!
//! # The default hash
//! Folded multiplies, seeded by the map (`hash0`) and by the process ([`init`],
//! [`set_process_key`]): hashes are not the same in two processes, nor in two releases of this
//! crate. `tests/hash_quality` judges it on counters, multiples, strides, bit fields, floats,
//! addresses and texts, by what a map suffers from: keys beyond the eighth of a bucket, clashes of
//! the tophash within a bucket, collisions, bits that do not matter, seeds that do not matter. It
//! is made to withstand chosen keys as far as its key is unknown; it is no cryptographic hash.

mod aggregate;
mod build;
mod bytes;
mod compose;
mod float;
mod fold;
mod glue;
#[cfg(target_pointer_width = "64")]
pub mod go;
mod hashable;
mod interface;
mod layout;
mod memhash;
mod memory;
mod missing;
mod pointers;
mod process_key;
mod string;

pub use aggregate::{ARRAY_ALG, ArrayOf, Field, STRUCT_ALG, StructOf};
pub use build::Aggregate;
pub use bytes::{hashes_inline, same_bytes};
pub use float::{COMPLEX64, COMPLEX128, FLOAT32, FLOAT64};
pub use hashable::hashable;
pub use interface::{INTERFACE, Interface};
pub use memhash::{
    hash_bytes, hash_word, memhash, memhash32, memhash64, memhash128, mix_bytes, mix_last,
    mix_word, mix_words,
};
pub(crate) use memory::has_default_hash;
pub use memory::{
    BOOL, INT, INT8, INT16, INT32, INT64, POINTER, UINT, UINT8, UINT16, UINT32, UINT64, UINT128,
    UINTPTR, memory,
};
pub use process_key::{init, set_process_key};
pub use string::{BYTES, GoSlice, GoString, STRING, strhash};
