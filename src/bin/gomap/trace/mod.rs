//! Traces: sequences of map operations as text. `docs/trace.md` describes the format.

mod cursor;
mod parse;
mod print;
#[cfg(test)]
mod tests;
mod ty;
mod value;

use maptype::Era;

pub use parse::{NO_DEFAULT_HASH, parse_all, parse_hash, parse_map};
pub use ty::{Fast, MapTy, Shape, Ty, Types};
pub use value::{Shown, Value};

/// A trace: its header and its operations.
#[derive(Debug, Clone)]
pub struct Trace {
    pub header: Header,
    pub ops: Vec<Op>,
    /// The names of its iterators, by [`IterId`].
    pub iterators: Vec<String>,
}

/// The part before the operations.
#[derive(Debug, Clone)]
pub struct Header {
    pub map: MapTy,
    /// The first state of the random stream.
    pub seed: u64,
    pub hash: Hash,
    pub path: Path,
    pub era: Era,
    pub check: Check,
    pub memory: Memory,
    pub show: Show,
}

/// The hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// The map's own default hash, inlined in the generic functions.
    Default,
    Good,
    Few,
    Identity,
    Const(u64),
}

/// Which of the map's functions are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    Generic,
    Fast,
}

/// After which operations memory is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// As often as keeps the average at that many words an operation.
    Auto(u64),
    /// After each operation whose number is a multiple.
    Every(u64),
    /// After each operation from that one on.
    From(u64),
}

/// The treatment of memory that a map discards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// It is never freed, as if the collector did not run.
    Lasting,
    /// The map frees it.
    Reused,
}

/// After which operations memory is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Show {
    pub all: bool,
    pub end: bool,
    /// Numbers of operations, rising.
    pub after: Vec<u64>,
}

impl Show {
    /// Whether memory is printed after operation `number`.
    pub fn shows(&self, number: u64) -> bool {
        self.all || self.after.binary_search(&number).is_ok()
    }
}

/// An iterator, as an index of [`Trace::iterators`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IterId(pub u32);

/// An operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    Make(Option<i64>),
    Insert(Value, Value),
    Delete(Value),
    Get(Value),
    Read(Value),
    Clear,
    Iter(IterId),
    Next(IterId),
    Drop(IterId),
    Clone,
    Swap,
}

impl Header {
    /// The header of a trace that gives only its type.
    pub fn new(map: MapTy) -> Header {
        Header {
            map,
            seed: 0,
            hash: Hash::Good,
            path: Path::Generic,
            era: Era::Go119,
            check: Check::Auto(1024),
            memory: Memory::Lasting,
            show: Show::default(),
        }
    }
}
