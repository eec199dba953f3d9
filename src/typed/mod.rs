//! [`Map`] and [`Set`]: the safe hash map and hash set for Rust types.
//!
//! A [`Map`] is used like the standard library's `HashMap`: names, bounds and behaviour are the
//! same, and `use gomap::Map as HashMap` compiles in ordinary code. Its memory and algorithms are
//! those of the raw map functions, instantiated for `K` and `V` with inlined hash and equality. The
//! differences from the standard map:
//!
//! - No insertion moves more than two old buckets, so none pauses for a rehash.
//! - [`Map::walk`] returns a cursor that tolerates every change of the map between its steps.
//! - [`Map::into_raw`] and [`Map::as_raw`] give the map to code that works by descriptors, such as
//!   C.
//! - [`Map::new_in`] puts a map into the memory of an allocator (feature `allocator-api2`), or into
//!   the system heap without huge pages ([`SmallPages`]).
//! - [`Map::reserve`] on a map with entries, and shrinking, move all entries at once: Go has no
//!   such operations.

#[cfg(feature = "allocator-api2")]
mod allocator;
mod batch;
mod bridge;
mod build;
mod cells;
mod clone;
mod disjoint;
mod drain;
mod entries;
mod entry;
mod entry_ref;
mod error;
mod hasher;
mod iter;
mod lookup;
mod map;
mod memory;
mod position;
#[cfg(feature = "rayon")]
pub mod rayon;
mod rebuild;
mod remove_if;
#[cfg(feature = "serde")]
mod serde;
pub mod set;
mod shape;
mod table;
mod traits;
mod walk;

pub use batch::GetMany;
pub use bridge::AsRaw;
pub use drain::{Drain, IntoIter, IntoKeys, IntoValues};
pub use entry::{Entry, OccupiedEntry, VacantEntry};
pub use entry_ref::{EntryRef, VacantEntryRef};
pub use equivalent::Equivalent;
pub use error::{InsertError, OccupiedError, TryReserveError};
pub use hasher::{DefaultHashBuilder, DefaultHasher};
pub use iter::{Iter, IterMut, Keys, Values, ValuesMut};
pub use map::Map;
pub use memory::{Memory, SmallPages, SystemHeap};
pub use remove_if::ExtractIf;
pub use set::Set;
pub use walk::Cursor;
