use core::ffi::c_void;
use core::ops::Deref;
use core::ptr;

use crate::descriptor::{HASH_MIGHT_PANIC, NEED_KEY_UPDATE, REFLEXIVE_KEY};

/// Hashes the value at `key` under `seed`. `ty` is the type the function was found in, so that one
/// function can serve many types (through [`RawType::context`]).
///
/// Equal values must have equal hashes under the same seed. It may unwind.
pub type HashFn =
    unsafe extern "C-unwind" fn(key: *const u8, seed: usize, ty: *const Type) -> usize;

/// Whether the values at `a` and `b` are equal. `ty` as in [`HashFn`]. It may unwind.
pub type EqualFn = unsafe extern "C-unwind" fn(a: *const u8, b: *const u8, ty: *const Type) -> bool;

/// Drops the value at `value`; its bytes are not used again. `ty` as in [`HashFn`].
///
/// If it unwinds, the value counts as dropped.
pub type DropFn = unsafe extern "C-unwind" fn(value: *mut u8, ty: *const Type);

/// Turns the bytewise copy at `value` into an independent value (raises a reference count,
/// duplicates a buffer). `ty` as in [`HashFn`].
///
/// If it unwinds, the bytes are no value, and are forgotten.
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

/// How the values of a type are compared, as far as the map makes use of it.
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Compared by the functions in [`RawType::alg`]; nothing else is known.
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

/// A type of keys or elems, known at run time, as plain data: size, alignment, pointer words, hash,
/// equality, drop glue. A host can build one in static memory;
/// [`MapType::new`](crate::MapType::new) checks it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct RawType {
    /// Bytes of a value.
    pub size: usize,
    /// Bytes of the prefix that can hold pointers; 0 for a pointer-free type.
    pub ptrdata: usize,
    /// Alignment in bytes, a power of two.
    pub align: u32,
    /// How values are compared.
    pub kind: Kind,
    /// Whether [`Alg::hash`] is the default hash of [`alg`](crate::alg), which the map may then
    /// inline together with the equality of the kind. [`MapType::new`](crate::MapType::new) ignores
    /// it if the functions are others.
    pub default_hash: bool,
    /// The flags that a map takes from its key type: `REFLEXIVE_KEY`, `NEED_KEY_UPDATE`,
    /// `HASH_MIGHT_PANIC`.
    pub key_flags: u32,
    /// One bit a word, lowest first, for the words in `ptrdata`: 1 where it is a pointer. Null when
    /// all of them are.
    pub gcdata: *const u8,
    /// Hash and equality.
    pub alg: Alg,
    /// Run when the map discards a value; absent for plain data.
    pub drop: Option<DropFn>,
    /// Run by `mapclone` on each copied value; absent for plain data.
    pub copy: Option<CopyFn>,
    /// For the functions above: what they need (fields, a closure, an interpreter).
    pub context: *const c_void,
    /// The name, in UTF-8, for messages.
    pub name: *const u8,
    /// Bytes of the name.
    pub name_len: usize,
}

/// A type of keys or elems, known at run time: size, alignment, pointer words, hash, equality, drop
/// glue.
///
/// Constructors for the standard kinds are in [`alg`](crate::alg); a host can build its own in
/// static memory, with [`Type::opaque`] or [`Type::plain`] and the `with_` functions.
/// [`MapType::new`](crate::MapType::new) checks it.
///
/// Its fields are those of [`RawType`], and can be read as if they were its own. They cannot be
/// written one by one ([`Type::from_raw`] takes all of them), and a type can only be copied where
/// it is `'static` ([`Type::duplicate`]): what it points to may live no longer than it.
///
/// # Examples
/// A struct of a length and a pointer. The pointer is the second word:
/// ```
/// use maptype::Type;
///
/// const WORD: usize = size_of::<usize>();
/// static BUFFER: Type = Type::plain("buffer", 2 * WORD, WORD as u32)
///     .with_pointer_mask(2 * WORD, &[0b10]);
///
/// assert_eq!((BUFFER.name(), BUFFER.size), ("buffer", 2 * WORD));
/// assert!(BUFFER.alg.hash.is_none());
/// ```
#[repr(transparent)]
#[derive(Debug)]
pub struct Type(pub(crate) RawType);

// SAFETY: a `Type` is read-only data; its pointers lead to data and functions that its maker lets
// any thread use.
unsafe impl Send for Type {}
// SAFETY: as for `Send`: nothing is ever written.
unsafe impl Sync for Type {}

impl Deref for Type {
    type Target = RawType;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn deref(&self) -> &RawType {
        &self.0
    }
}

impl Type {
    /// A type without hash, equality, pointers or glue: good for elems.
    pub const fn plain(name: &'static str, size: usize, align: u32) -> Type {
        Type(RawType {
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
        })
    }

    /// A key type with the caller's own hash and equality. It counts as reflexive (`x == x`) and
    /// never needs its stored key replaced by an equal one; see [`Type::with_key_flags`] where that
    /// is not so.
    ///
    /// # Examples
    /// Letters of both cases are one key, and an assignment stores the newer one:
    /// ```
    /// use maptype::{NEED_KEY_UPDATE, REFLEXIVE_KEY, Type, alg};
    ///
    /// unsafe extern "C-unwind" fn hash(key: *const u8, seed: usize, _: *const Type) -> usize {
    ///     // SAFETY: `key` points to a value of `LETTER`, which is one byte.
    ///     alg::hash_word(unsafe { *key }.to_ascii_lowercase().into(), seed)
    /// }
    ///
    /// unsafe extern "C-unwind" fn equal(a: *const u8, b: *const u8, _: *const Type) -> bool {
    ///     // SAFETY: both point to a value of `LETTER`, which is one byte.
    ///     unsafe { (*a).eq_ignore_ascii_case(&*b) }
    /// }
    ///
    /// static LETTER: Type = Type::opaque("letter", 1, 1, hash, equal)
    ///     .with_key_flags(REFLEXIVE_KEY | NEED_KEY_UPDATE);
    ///
    /// alg::init();
    /// let [upper, lower] = [b'g', b'G'];
    /// // SAFETY: both are one byte.
    /// unsafe {
    ///     assert_eq!(hash(&upper, 7, &LETTER), hash(&lower, 7, &LETTER));
    ///     assert!(equal(&upper, &lower, &LETTER));
    /// }
    /// assert!(LETTER.reflexive() && LETTER.need_key_update());
    /// ```
    pub const fn opaque(
        name: &'static str,
        size: usize,
        align: u32,
        hash: HashFn,
        equal: EqualFn,
    ) -> Type {
        Type::plain(name, size, align)
            .with_hash(hash)
            .with_equal(equal)
    }

    /// The type that has these fields.
    ///
    /// # Safety
    /// For as long as the type is used, or any copy of it:
    /// - `name` is null, or points to `name_len` bytes that stay as they are;
    /// - `gcdata` is null, or points to a bit for each word in `ptrdata`, and these stay as they
    ///   are;
    /// - `default_hash` is only set beside the kind, the hash and the equality of a type that has
    ///   it in [`alg`](crate::alg).
    ///
    /// The functions find in `context` what they expect there by the time that a map calls them.
    pub const unsafe fn from_raw(raw: RawType) -> Type {
        Type(raw)
    }

    /// The fields.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub const fn as_raw(&self) -> &RawType {
        &self.0
    }

    /// A copy, to be changed by the `with_` functions.
    ///
    /// # Examples
    /// ```
    /// use maptype::{Type, alg};
    ///
    /// static USER_ID: Type = alg::UINT64.duplicate().with_name("user id");
    ///
    /// assert_eq!(USER_ID.name(), "user id");
    /// assert_eq!(alg::UINT64.name(), "uint64");
    /// ```
    pub const fn duplicate(&'static self) -> Type {
        Type(self.0)
    }

    /// The same type with another name.
    pub const fn with_name(mut self, name: &'static str) -> Type {
        self.0.name = name.as_ptr();
        self.0.name_len = name.len();
        self
    }

    /// The same type with another hash, which the map then calls.
    pub const fn with_hash(mut self, hash: HashFn) -> Type {
        self.0.alg.hash = Some(hash);
        self.0.default_hash = false;
        self
    }

    /// The same type with another equality. The map then calls both the equality and the hash.
    pub const fn with_equal(mut self, equal: EqualFn) -> Type {
        self.0.alg.equal = Some(equal);
        self.0.default_hash = false;
        self
    }

    /// The same type with another kind. The map then calls its hash and its equality, even if the
    /// kind has a default hash.
    pub const fn with_kind(mut self, kind: Kind) -> Type {
        self.0.kind = kind;
        self.0.default_hash = false;
        self
    }

    /// The same type with [`RawType::key_flags`].
    pub const fn with_key_flags(mut self, key_flags: u32) -> Type {
        self.0.key_flags = key_flags;
        self
    }

    /// The same type with [`RawType::context`].
    pub const fn with_context(mut self, context: *const c_void) -> Type {
        self.0.context = context;
        self
    }

    /// What the context of a type points to, for the functions that are given the type.
    ///
    /// # Safety
    /// `ty` points to a type whose context points to a `T`; both are alive for `'a`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    ///
    /// # Examples
    /// One hash for byte strings of any length, which is in the context:
    /// ```
    /// use maptype::{Type, alg};
    ///
    /// static LEN: usize = 12;
    ///
    /// unsafe extern "C-unwind" fn hash(key: *const u8, seed: usize, ty: *const Type) -> usize {
    ///     // SAFETY: the context points to a `usize`, and `key` to so many bytes.
    ///     unsafe { alg::memhash(key, seed, *Type::context_of::<usize>(ty)) }
    /// }
    ///
    /// let ty = Type::plain("bytes", LEN, 1).with_hash(hash).with_context((&raw const LEN).cast());
    /// alg::init();
    /// // SAFETY: twelve bytes, as the context says.
    /// let hashed = unsafe { hash(b"Hello world!".as_ptr(), 7, &ty) };
    /// assert_eq!(hashed, alg::hash_bytes(b"Hello world!", 7));
    /// ```
    pub const unsafe fn context_of<'a, T>(ty: *const Type) -> &'a T {
        // SAFETY: a live type, and the live value that its context points to (the caller's
        // promise).
        unsafe { &*(*ty).0.context.cast::<T>() }
    }

    /// The same type with drop glue.
    pub const fn with_drop(mut self, drop: DropFn) -> Type {
        self.0.drop = Some(drop);
        self
    }

    /// The same type with copy glue for `mapclone`.
    pub const fn with_copy(mut self, copy: CopyFn) -> Type {
        self.0.copy = Some(copy);
        self
    }

    /// The same type with pointers in all words of its first `ptrdata` bytes.
    pub const fn with_pointers(mut self, ptrdata: usize) -> Type {
        self.0.ptrdata = ptrdata;
        self.0.gcdata = ptr::null();
        self
    }

    /// The same type with pointers in those words of its first `ptrdata` bytes whose bits are set
    /// in `mask`: one bit a word, lowest first.
    ///
    /// # Panics
    /// If `mask` has not as many bits as there are words.
    pub const fn with_pointer_mask(mut self, ptrdata: usize, mask: &'static [u8]) -> Type {
        let words = ptrdata.div_ceil(size_of::<usize>());
        assert!(mask.len() >= words.div_ceil(8), "a bit for each word");
        self.0.ptrdata = ptrdata;
        self.0.gcdata = mask.as_ptr();
        self
    }

    /// The same type with the hash and the equality of [`alg`](crate::alg) for this kind.
    pub(crate) const fn with_default_hash(mut self, kind: Kind, alg: Alg) -> Type {
        self.0.kind = kind;
        self.0.alg = alg;
        self.0.default_hash = true;
        self
    }

    /// Whether every value equals itself.
    pub const fn reflexive(&self) -> bool {
        self.0.key_flags & REFLEXIVE_KEY != 0
    }

    /// Whether overwriting an entry must also overwrite its key (equal keys can differ in their
    /// bytes).
    pub const fn need_key_update(&self) -> bool {
        self.0.key_flags & NEED_KEY_UPDATE != 0
    }

    /// Whether hashing a value can panic.
    pub const fn hash_might_panic(&self) -> bool {
        self.0.key_flags & HASH_MIGHT_PANIC != 0
    }

    /// The name, for messages.
    pub fn name(&self) -> &str {
        if self.0.name.is_null() {
            return "";
        }
        // SAFETY: a live name of so many bytes: a literal's, an aggregate's, or as `from_raw` asks.
        let bytes = unsafe { core::slice::from_raw_parts(self.0.name, self.0.name_len) };
        core::str::from_utf8(bytes).unwrap_or("")
    }

    /// Whether the `word`th word of a value can hold a pointer.
    pub(crate) fn is_pointer(&self, word: usize) -> bool {
        debug_assert!(word < self.0.ptrdata.div_ceil(size_of::<usize>()));
        let mask = self.0.gcdata;
        // SAFETY: a live mask of one bit for each word in `ptrdata`: checked when it was given, an
        // aggregate's, or as `from_raw` asks.
        mask.is_null() || unsafe { *mask.add(word / 8) } >> (word % 8) & 1 != 0
    }
}
