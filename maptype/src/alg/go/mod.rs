//! Go's own hash functions, bit for bit, for maps that must look like those of a Go program.
//!
//! These are the functions that Go uses where it does not hash with AES instructions
//! (`GODEBUG=cpu.aes=off`), as they are on little-endian 64-bit platforms. A [`GoHash`] holds the
//! keys of the process; types made by it hash with them.
//!
//! ```
//! use maptype::alg::go::{Family, GoHash, Hasher};
//! use maptype::alg::STRING;
//!
//! unsafe extern "C-unwind" fn random(_: *mut core::ffi::c_void) -> u64 {
//!     4 // hashes of NaN draw from here
//! }
//! static GO: GoHash = GoHash::new(Family::Go123, [1, 2, 3, 4], random, core::ptr::null_mut());
//! let go_string = GO.of(Hasher::Compiled, &STRING).unwrap();
//! assert!(!go_string.default_hash);
//! ```

mod functions;
mod memhash;

use core::ffi::c_void;
use core::ptr;

use super::build::Aggregate;
use super::{compose, layout, memory};
use crate::{HashFn, Kind, Type, TypeError};

/// Where a hash of what equals nothing takes its random number from: the host's `fastrand` or
/// `rand`.
pub type RandomFn = unsafe extern "C-unwind" fn(context: *mut c_void) -> u64;

/// Which releases' hash functions.
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Go 1.19 to 1.21: one process key, and random numbers of 32 bits.
    Go119 = 0,
    /// Go 1.22: one process key, and random numbers of 64 bits. Its maps are those of
    /// [`Era::Go123`](crate::Era::Go123).
    Go122 = 1,
    /// Go 1.23: four process keys, and random numbers of 64 bits.
    Go123 = 2,
}

/// Where a type's hash comes from. Go has two places, and for structs that are not plain memory
/// throughout, as for types of size zero, they disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hasher {
    /// The compiler made it, for a map type of the program: neighbouring fields of plain memory are
    /// hashed as one, and a key of size zero leaves the seed unchanged.
    Compiled,
    /// The runtime walks the type, for dynamic types in interfaces, and for map types made by
    /// reflection: field by field.
    Interpreted,
}

/// Go's hash functions with the keys of one process. The types made by it point to it, so it must
/// outlive them and stay where it is.
#[repr(C)]
#[derive(Debug)]
pub struct GoHash {
    /// What is mixed in: the seed's word, then one for each lane.
    keys: [u64; 4],
    /// The bits of a random number that count.
    random_mask: u64,
    random: RandomFn,
    context: *mut c_void,
}

// SAFETY: read-only, and the maker of `random` and `context` lets any thread that hashes use them.
unsafe impl Send for GoHash {}
// SAFETY: as for `Send`: nothing is written after construction.
unsafe impl Sync for GoHash {}

impl GoHash {
    /// The functions of `family`, with the four words of the Go runtime's `hashkey` as they are
    /// after its start (Go 1.19 sets their lowest bits), and with `random` called on `context`
    /// whenever a NaN is hashed, by whichever thread does.
    pub const fn new(
        family: Family,
        hashkey: [u64; 4],
        random: RandomFn,
        context: *mut c_void,
    ) -> GoHash {
        let (keys, random_mask) = match family {
            Family::Go119 => (memhash::keys_of_go119(hashkey[0]), u32::MAX as u64),
            Family::Go122 => (memhash::keys_of_go119(hashkey[0]), u64::MAX),
            Family::Go123 => (hashkey, u64::MAX),
        };
        GoHash {
            keys,
            random_mask,
            random,
            context,
        }
    }

    /// `ty` with Go's hash. None if its kind has no hash in Go ([`Kind::Opaque`]) or contains other
    /// types, which must themselves be made by this value ([`GoHash::array`],
    /// [`GoHash::structure`]).
    pub const fn of(&self, hasher: Hasher, ty: &'static Type) -> Option<Type> {
        self.hashing(hasher, ty.duplicate())
    }

    const fn hashing(&self, hasher: Hasher, ty: Type) -> Option<Type> {
        let raw = ty.as_raw();
        let hash: HashFn = match raw.kind {
            Kind::Memory if raw.size == 0 && matches!(hasher, Hasher::Compiled) => {
                functions::nothing
            }
            Kind::Memory => functions::memory,
            Kind::String => functions::string,
            Kind::Float32 => functions::float32,
            Kind::Float64 => functions::float64,
            Kind::Complex64 => functions::complex64,
            Kind::Complex128 => functions::complex128,
            Kind::Interface => functions::interface,
            Kind::Opaque | Kind::Array | Kind::Struct => return None,
        };
        let context = ptr::from_ref(self).cast();
        Some(ty.with_hash(hash).with_context(context))
    }

    /// Plain memory of `size` bytes.
    const fn memory(&self, hasher: Hasher, size: usize) -> Type {
        match self.hashing(hasher, memory("memory", size, 1)) {
            Some(ty) => ty,
            None => unreachable!(),
        }
    }

    /// [`Aggregate::array`] of a type made by this value.
    ///
    /// # Errors
    /// As [`Aggregate::array`].
    pub fn array<'a>(
        &'a self,
        hasher: Hasher,
        name: &str,
        elem: &'a Type,
        len: usize,
    ) -> Result<Aggregate<'a>, TypeError> {
        Aggregate::array_by(&self.family(hasher), name, elem, len)
    }

    /// [`Aggregate::structure`] of types made by this value.
    ///
    /// # Errors
    /// As [`Aggregate::structure`].
    pub fn structure<'a>(
        &'a self,
        hasher: Hasher,
        name: &str,
        fields: &[&'a Type],
    ) -> Result<Aggregate<'a>, TypeError> {
        Aggregate::structure_by(&self.family(hasher), name, &layout::in_order(fields)?)
    }

    /// [`Aggregate::with_layout`] of types made by this value.
    ///
    /// # Errors
    /// As [`Aggregate::with_layout`].
    pub fn with_layout<'a>(
        &'a self,
        hasher: Hasher,
        name: &str,
        fields: &[(usize, &'a Type)],
        size: usize,
        align: u32,
    ) -> Result<Aggregate<'a>, TypeError> {
        Aggregate::structure_by(
            &self.family(hasher),
            name,
            &layout::given(fields, size, align)?,
        )
    }

    const fn family(&self, hasher: Hasher) -> GoFamily<'_> {
        GoFamily { go: self, hasher }
    }
}

/// How aggregates of Go's hash are built.
struct GoFamily<'a> {
    go: &'a GoHash,
    hasher: Hasher,
}

impl compose::Family for GoFamily<'_> {
    fn is_plain(&self, ty: &Type) -> bool {
        ty.kind == Kind::Memory && ptr::eq(ty.context.cast(), self.go)
    }

    fn plain(&self, size: usize) -> Type {
        self.go.memory(self.hasher, size)
    }

    fn run(&self, size: usize) -> Type {
        self.go.memory(Hasher::Interpreted, size)
    }

    fn joins_fields(&self) -> bool {
        self.hasher == Hasher::Compiled
    }
}
