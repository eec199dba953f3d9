use core::ffi::c_void;
use core::ptr;

use crate::descriptor::{HASH_MIGHT_PANIC, NEED_KEY_UPDATE, REFLEXIVE_KEY};

/// Hashes the value at `key` under `seed`. `ty` is the type the function was found in, so that one function can serve
/// many types (through [`Type::context`]).
///
/// Equal values must hash alike under the same seed. It may unwind.
pub type HashFn =
    unsafe extern "C-unwind" fn(key: *const u8, seed: usize, ty: *const Type) -> usize;

/// Whether the values at `a` and `b` are equal. `ty` as in [`HashFn`]. It may unwind.
pub type EqualFn = unsafe extern "C-unwind" fn(a: *const u8, b: *const u8, ty: *const Type) -> bool;

/// Ends the life of the value at `value`; its bytes are garbage afterwards. `ty` as in [`HashFn`].
///
/// If it unwinds, the value has ended all the same.
pub type DropFn = unsafe extern "C-unwind" fn(value: *mut u8, ty: *const Type);

/// Turns the bytewise copy at `value` into a value of its own (raises a reference count, duplicates a buffer).
/// `ty` as in [`HashFn`].
///
/// If it unwinds, the bytes are nobody's value, and are forgotten.
pub type CopyFn = unsafe extern "C-unwind" fn(value: *mut u8, ty: *const Type);

/// Hash and equality of a type: the document's `typeAlg`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Alg {
    /// Absent in a type that cannot be a key.
    pub hash: Option<HashFn>,
    /// Absent in a type that cannot be a key.
    pub equal: Option<EqualFn>,
}

/// How the values of a type are compared, as far as the map can profit from knowing.
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Compared by the functions in [`Type::alg`], of which nothing is known.
    Opaque = 0,
    /// Equal when all bytes are equal, every one of which is initialised.
    Memory = 1,
    /// A pointer and a length, equal when the bytes pointed to are equal.
    String = 2,
    /// IEEE 754 binary32.
    Float32 = 3,
    /// IEEE 754 binary64.
    Float64 = 4,
    /// Two binary32.
    Complex64 = 5,
    /// Two binary64.
    Complex128 = 6,
    /// A pointer to a [`Type`] and a pointer to a value of it.
    Interface = 7,
    /// A fixed number of elements of one type.
    Array = 8,
    /// Fields of several types.
    Struct = 9,
}

/// A type of keys or elems, known at run time: size, alignment, pointer words, hash, equality, drop glue.
///
/// The fields are public so that a host can build one in static memory; [`MapType::new`](crate::MapType::new) checks
/// them. Constructors for the standard kinds are in [`alg`](crate::alg).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Type {
    /// Bytes of a value.
    pub size: usize,
    /// Bytes of the prefix that can hold pointers; 0 for a pointer-free type.
    pub ptrdata: usize,
    /// Alignment in bytes, a power of two.
    pub align: u32,
    /// How values are compared.
    pub kind: Kind,
    /// Whether [`Alg::hash`] is the default hash of [`alg`](crate::alg), which the map may then inline.
    pub default_hash: bool,
    /// The flags that a map takes over from its key type: `REFLEXIVE_KEY`, `NEED_KEY_UPDATE`, `HASH_MIGHT_PANIC`.
    pub key_flags: u32,
    /// One bit a word, lowest first, for the words in `ptrdata`: 1 where it is a pointer. Null when all of them are.
    pub gcdata: *const u8,
    /// Hash and equality.
    pub alg: Alg,
    /// Run when the map discards a value; absent for plain data.
    pub drop: Option<DropFn>,
    /// Run by `mapclone` on each copied value; absent for plain data.
    pub copy: Option<CopyFn>,
    /// For the functions above: whatever they need to know (fields, a closure, an interpreter).
    pub context: *const c_void,
    /// The name, in UTF-8, for messages.
    pub name: *const u8,
    /// Bytes of the name.
    pub name_len: usize,
}

// SAFETY: a `Type` is read-only data; its pointers lead to data and functions that its maker lets any thread use.
unsafe impl Send for Type {}
// SAFETY: as above.
unsafe impl Sync for Type {}

impl Type {
    /// A type without hash, equality, pointers or glue: good for elems.
    pub const fn plain(name: &'static str, size: usize, align: u32) -> Type {
        Type {
            size,
            ptrdata: 0,
            align,
            kind: Kind::Opaque,
            default_hash: false,
            key_flags: REFLEXIVE_KEY,
            gcdata: ptr::null(),
            alg: Alg {
                hash: None,
                equal: None,
            },
            drop: None,
            copy: None,
            context: ptr::null(),
            name: name.as_ptr(),
            name_len: name.len(),
        }
    }

    /// A key type with the caller's own hash and equality. It counts as reflexive (`x == x`) and never needs its
    /// stored key replaced by an equal one; change [`Type::key_flags`] where that is not so.
    pub const fn opaque(
        name: &'static str,
        size: usize,
        align: u32,
        hash: HashFn,
        equal: EqualFn,
    ) -> Type {
        let mut ty = Type::plain(name, size, align);
        ty.alg.hash = Some(hash);
        ty.alg.equal = Some(equal);
        ty
    }

    /// The same type with [`Type::context`] set.
    pub const fn with_context(mut self, context: *const c_void) -> Type {
        self.context = context;
        self
    }

    /// The same type with drop glue.
    pub const fn with_drop(mut self, drop: DropFn) -> Type {
        self.drop = Some(drop);
        self
    }

    /// The same type with copy glue for `mapclone`.
    pub const fn with_copy(mut self, copy: CopyFn) -> Type {
        self.copy = Some(copy);
        self
    }

    /// The same type with `ptrdata` bytes of pointer words, masked by `gcdata` (null: every word).
    pub const fn with_pointers(mut self, ptrdata: usize, gcdata: *const u8) -> Type {
        self.ptrdata = ptrdata;
        self.gcdata = gcdata;
        self
    }

    /// Whether every value equals itself.
    pub const fn reflexive(&self) -> bool {
        self.key_flags & REFLEXIVE_KEY != 0
    }

    /// Whether overwriting an entry must also overwrite its key (equal keys can differ in their bytes).
    pub const fn need_key_update(&self) -> bool {
        self.key_flags & NEED_KEY_UPDATE != 0
    }

    /// Whether hashing a value can panic.
    pub const fn hash_might_panic(&self) -> bool {
        self.key_flags & HASH_MIGHT_PANIC != 0
    }

    /// The name, for messages.
    pub fn name(&self) -> &str {
        if self.name.is_null() {
            return "";
        }
        // SAFETY: name and name_len describe a live byte slice, as their documentation asks of the type's maker.
        let bytes = unsafe { core::slice::from_raw_parts(self.name, self.name_len) };
        core::str::from_utf8(bytes).unwrap_or("")
    }
}
