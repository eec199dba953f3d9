//! [`Map`] and [`Set`]: the map of this crate for Rust types, safe.
//!
//! A [`Map`] is used as the standard library's `HashMap` is: names, bounds and behaviour are the same, so that
//! `use gomap::Map as HashMap` compiles in ordinary code. Its memory is that of the raw map functions, and so are its
//! algorithms, instantiated for `K` and `V`: hash and equality are inlined. What differs from the standard map:
//!
//! - No insert moves more than two old buckets. There is no rehash that stops the world.
//! - [`Map::walk`] gives a cursor that tolerates every change of the map between its steps.
//! - [`Map::into_raw`] and [`Map::as_raw`] give the map to code that knows it only by its descriptor, such as C.
//! - [`Map::new_in`] puts a map into the memory of an allocator (feature `allocator-api2`), or takes huge pages from it
//!   ([`SmallPages`]).
//! - [`Map::reserve`] on a map with entries, and shrinking, rebuild it at once: Go has no such operations.

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
