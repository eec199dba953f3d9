use core::fmt;

use crate::Kind;

/// Why a type or a descriptor was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeError {
    /// The offending field, as a path: `"key.align"`.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a field of a [`Type`](crate::Type).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The alignment is zero or has more than one bit set.
    NotAPowerOfTwo(usize),
    /// The size is not a multiple of the alignment.
    NotAMultipleOf {
        /// The value found.
        value: usize,
        /// What it must be a multiple of.
        of: usize,
    },
    /// The value is larger than it may be.
    TooLarge {
        /// The value found.
        value: usize,
        /// The largest that is allowed.
        limit: usize,
    },
    /// The kind of the type implies another size.
    WrongFor {
        /// The kind.
        kind: Kind,
        /// The size that it implies.
        size: usize,
    },
    /// The field of this index begins before the one before it ends.
    Overlaps(usize),
    /// So many bytes (zeroes for lookups that find nothing, a pointer mask) could not be allocated.
    OutOfMemory(usize),
    /// A function that this use of the type needs is absent.
    Missing,
    /// These bits are set, and no flags of a key type.
    UnknownFlags(u32),
}

impl fmt::Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.field)?;
        match self.problem {
            Problem::NotAPowerOfTwo(value) => write!(f, "{value} is not a power of two"),
            Problem::NotAMultipleOf { value, of } => {
                write!(f, "{value} is not a multiple of {of}")
            }
            Problem::TooLarge { value, limit } => write!(f, "{value} is larger than {limit}"),
            Problem::WrongFor { kind, size } => write!(f, "a {kind:?} has {size} bytes"),
            Problem::Overlaps(index) => {
                write!(f, "field {index} begins before the one before it ends")
            }
            Problem::OutOfMemory(bytes) => write!(f, "no memory for {bytes} bytes"),
            Problem::Missing => f.write_str("missing"),
            Problem::UnknownFlags(bits) => write!(f, "{bits:#x} is no flag of a key type"),
        }
    }
}

impl core::error::Error for TypeError {}
