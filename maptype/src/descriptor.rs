use core::mem::{align_of, size_of};

use crate::zero::zero_value;
use crate::{Heap, Kind, Problem, RawType, Type, TypeError, alg};

/// Cells of a bucket.
pub const BUCKET_CNT: usize = 8;
/// Keys of more bytes than this are stored behind a pointer.
pub const MAX_KEY_SIZE: usize = 128;
/// Elems of more bytes than this are stored behind a pointer.
pub const MAX_ELEM_SIZE: usize = 128;
/// Bytes of Go's shared zero value: elems up to this size are read from it on a miss.
pub const MAX_ZERO: usize = 1024;

/// [`MapType::flags`]: key slots hold pointers to keys.
pub const INDIRECT_KEY: u32 = 1;
/// [`MapType::flags`]: elem slots hold pointers to elems.
pub const INDIRECT_ELEM: u32 = 2;
/// [`MapType::flags`]: every key equals itself.
pub const REFLEXIVE_KEY: u32 = 4;
/// [`MapType::flags`]: overwriting an entry overwrites its key.
pub const NEED_KEY_UPDATE: u32 = 8;
/// [`MapType::flags`]: hashing a key can panic.
pub const HASH_MIGHT_PANIC: u32 = 16;
/// [`MapType::flags`]: cells without an entry may hold anything, where Go's hold zeroes. Only for keys and elems that are
/// stored inline and hold no pointers, and not beside a path to a word. [`MapType::new`] never sets
/// it; crate `gomap` does for its typed maps.
pub const DIRTY_CELLS: u32 = 32;

/// The flags that a map takes from its key type.
const KEY_FLAGS: u32 = REFLEXIVE_KEY | NEED_KEY_UPDATE | HASH_MIGHT_PANIC;

/// Values of a larger alignment are stored behind a pointer: a bucket is only aligned to this.
const MAX_SLOT_ALIGN: usize = 8;
const WORD: usize = size_of::<usize>();

/// The descriptor of a map type, which every map function takes: the document's `maptype`.
///
/// A map's descriptor must give the same sizes, flags, hash and equality for as long as the map
/// lives. The types and the heap that it points to must outlive every map made with it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct MapType {
    /// The key type.
    pub key: *const Type,
    /// The elem type.
    pub elem: *const Type,
    /// Where memory, randomness and barriers come from.
    pub heap: *const Heap,
    /// What a miss reads: at least `elem.size` zero bytes, aligned for an elem.
    pub zero: *const u8,
    /// The type of a bucket. `bucket.ptrdata` is 0 when neither slot holds a pointer: the overflow
    /// word does not count.
    pub bucket: RawType,
    /// Bytes of a key slot.
    pub keysize: u8,
    /// Bytes of an elem slot.
    pub elemsize: u8,
    /// Bytes of a bucket.
    pub bucketsize: u16,
    /// [`INDIRECT_KEY`], [`INDIRECT_ELEM`], [`REFLEXIVE_KEY`], [`NEED_KEY_UPDATE`],
    /// [`HASH_MIGHT_PANIC`], [`DIRTY_CELLS`].
    pub flags: u32,
    /// What the map functions need not ask.
    pub path: Path,
}

/// Which shortcuts the map functions take. All but [`Path::Generic`] imply keys and elems that are
/// stored inline; all but this one and [`Path::GenericToWord`] also imply the default hash.
///
/// A path to a *word* implies more: elems have the size of a pointer, neither keys nor elems have
/// drop glue, both are copied and zeroed without the heap's barriers (it has none, or they hold no
/// pointers), and [`DIRTY_CELLS`] is not set.
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Hash and equality of the descriptor.
    Generic = 0,
    /// Four bytes of plain memory.
    Memory32 = 1,
    /// Eight bytes of plain memory.
    Memory64 = 2,
    /// Strings.
    String = 3,
    /// Plain memory of more than eight bytes.
    Memory = 4,
    /// [`Path::Memory32`], with elems of one word.
    Memory32ToWord = 5,
    /// [`Path::Memory64`], with elems of one word.
    Memory64ToWord = 6,
    /// [`Path::String`], with elems of one word.
    StringToWord = 7,
    /// [`Path::Memory`], with elems of one word.
    MemoryToWord = 8,
    /// [`Path::Generic`], with elems of one word.
    GenericToWord = 9,
}

impl Path {
    const fn to_word(self) -> Path {
        match self {
            Path::Memory32 => Path::Memory32ToWord,
            Path::Memory64 => Path::Memory64ToWord,
            Path::String => Path::StringToWord,
            Path::Memory => Path::MemoryToWord,
            Path::Generic => Path::GenericToWord,
            other => other,
        }
    }

    const fn to_any_elem(self) -> Path {
        match self {
            Path::Memory32ToWord => Path::Memory32,
            Path::Memory64ToWord => Path::Memory64,
            Path::StringToWord => Path::String,
            Path::MemoryToWord => Path::Memory,
            Path::GenericToWord => Path::Generic,
            other => other,
        }
    }
}

// SAFETY: a descriptor is read-only, and so is all that it points to.
unsafe impl Send for MapType {}
// SAFETY: as for `Send`: read-only.
unsafe impl Sync for MapType {}

impl MapType {
    /// Computes the descriptor of a map from `key` to `elem` on `heap`, by the rules of Go's
    /// compiler: keys and elems of more than 128 bytes, or aligned to more than 8, are stored
    /// behind pointers. It also draws the key of the default hash ([`alg::init`]), and reads
    /// whether the heap has barriers, which must not change.
    ///
    /// [`RawType::default_hash`] is ignored unless hash and equality are the defaults of the kind;
    /// others are called.
    ///
    /// # Errors
    /// Names the field that is wrong: a size that is not a multiple of its alignment, an alignment
    /// that is not a power of two, pointer words beyond the size or not whole, a key without hash
    /// or equality, unknown key flags.
    ///
    /// # Examples
    /// ```
    /// # use core::{ffi::c_void, ptr};
    /// # use maptype::{Era, Heap, Type};
    /// # unsafe extern "C-unwind" fn allocate(_: *const Heap, _: usize, _: usize, _: *const Type) -> *mut u8 {
    /// #     ptr::null_mut()
    /// # }
    /// # unsafe extern "C-unwind" fn random(_: *const Heap) -> u64 { 0 }
    /// # unsafe extern "C-unwind" fn die(_: *const Heap, _: *const u8, _: usize) { std::process::abort() }
    /// # static HEAP: Heap = Heap {
    /// #     context: ptr::null_mut::<c_void>(), allocate, free: None, release: None, populate: None,
    /// #     roundupsize: None, random, throw: die, panic: die, barriers: ptr::null(),
    /// #     observer: ptr::null(), era: Era::Go119,
    /// # };
    /// use maptype::{MapType, Problem, alg};
    ///
    /// let t = MapType::new(&alg::UINT32, &alg::UINT64, &HEAP).unwrap();
    /// assert_eq!((t.keysize, t.elemsize), (4, 8));
    /// assert!(!t.indirectkey() && t.reflexivekey());
    ///
    /// // 200 bytes are stored behind a pointer.
    /// let large = alg::memory("large", 200, 1);
    /// let t = MapType::new(&large, &alg::UINT64, &HEAP).unwrap();
    /// assert!(t.indirectkey());
    /// assert_eq!(usize::from(t.keysize), size_of::<usize>());
    ///
    /// let error = MapType::new(&Type::plain("plain", 8, 8), &large, &HEAP).unwrap_err();
    /// assert_eq!(error.problem, Problem::Missing);
    /// assert_eq!(error.to_string(), "key.alg.hash: missing");
    /// ```
    pub fn new(key: &Type, elem: &Type, heap: &Heap) -> Result<MapType, TypeError> {
        alg::init();
        check_key(key)?;
        check(elem, &ELEM_FIELDS)?;
        let zero = zero_value(elem.size, elem.align as usize).ok_or(TypeError {
            field: "elem.size",
            problem: Problem::OutOfMemory(elem.size),
        })?;
        let known = Known {
            default_hash: alg::has_default_hash(key),
            barriers: !heap.barriers.is_null(),
        };
        Ok(MapType::describe(key, elem, heap, zero, known))
    }

    /// [`MapType::new`] for constants: without its checks, without [`alg::init`], without reading
    /// the heap, and with the zero value given (null where `mapaccess1` is not called).
    pub const fn new_unchecked(
        key: &Type,
        elem: &Type,
        heap: *const Heap,
        zero: *const u8,
    ) -> MapType {
        let known = Known {
            default_hash: key.as_raw().default_hash,
            barriers: true,
        };
        MapType::describe(key, elem, heap, zero, known)
    }

    /// The same descriptor with [`DIRTY_CELLS`], or as it is where slots hold pointers.
    pub const fn with_dirty_cells(mut self) -> MapType {
        if self.bucket.ptrdata == 0 {
            self.flags |= DIRTY_CELLS;
            self.path = self.path.to_any_elem();
        }
        self
    }

    const fn describe(
        key_type: &Type,
        elem_type: &Type,
        heap: *const Heap,
        zero: *const u8,
        known: Known,
    ) -> MapType {
        let (key, elem) = (key_type.as_raw(), elem_type.as_raw());
        let indirect_key = is_indirect(key, MAX_KEY_SIZE);
        let indirect_elem = is_indirect(elem, MAX_ELEM_SIZE);
        let keysize = if indirect_key { WORD } else { key.size };
        let elemsize = if indirect_elem { WORD } else { elem.size };
        let bucketsize = bucket_size(keysize, elemsize);
        let key_pointers = indirect_key || key.ptrdata != 0;
        let elem_pointers = indirect_elem || elem.ptrdata != 0;

        let mut bucket = *Type::plain("bucket", bucketsize, MAX_SLOT_ALIGN as u32).as_raw();
        if key_pointers || elem_pointers {
            bucket.ptrdata = bucketsize;
        }
        let mut flags = key.key_flags & KEY_FLAGS;
        if indirect_key {
            flags |= INDIRECT_KEY;
        }
        if indirect_elem {
            flags |= INDIRECT_ELEM;
        }
        MapType {
            key: key_type,
            elem: elem_type,
            heap,
            zero,
            bucket,
            keysize: keysize as u8,
            elemsize: elemsize as u8,
            bucketsize: bucketsize as u16,
            flags,
            path: path(key, elem, flags, known),
        }
    }

    /// The key type.
    ///
    /// # Safety
    /// [`MapType::key`] points to a type, which is alive for as long as the descriptor is borrowed.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub const unsafe fn key_type(&self) -> &Type {
        // SAFETY: a live type (the caller's promise).
        unsafe { &*self.key }
    }

    /// The elem type.
    ///
    /// # Safety
    /// [`MapType::elem`] points to a type, which is alive for as long as the descriptor is
    /// borrowed.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub const unsafe fn elem_type(&self) -> &Type {
        // SAFETY: a live type (the caller's promise).
        unsafe { &*self.elem }
    }

    /// The type of a bucket, as a heap is told it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub const fn bucket_type(&self) -> *const Type {
        (&raw const self.bucket).cast()
    }

    /// Whether key slots hold pointers to keys.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub const fn indirectkey(&self) -> bool {
        self.flags & INDIRECT_KEY != 0
    }

    /// Whether elem slots hold pointers to elems.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub const fn indirectelem(&self) -> bool {
        self.flags & INDIRECT_ELEM != 0
    }

    /// Whether every key equals itself.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub const fn reflexivekey(&self) -> bool {
        self.flags & REFLEXIVE_KEY != 0
    }

    /// Whether overwriting an entry overwrites its key.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub const fn needkeyupdate(&self) -> bool {
        self.flags & NEED_KEY_UPDATE != 0
    }

    /// Whether hashing a key can panic.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[allow(non_snake_case, reason = "the document's name")]
    pub const fn hashMightPanic(&self) -> bool {
        self.flags & HASH_MIGHT_PANIC != 0
    }

    /// Whether cells without an entry may hold anything.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub const fn dirtycells(&self) -> bool {
        self.flags & DIRTY_CELLS != 0
    }
}

/// What is known of a map beside the fields of its types.
struct Known {
    /// The key's hash and equality are the defaults of its kind.
    default_hash: bool,
    /// The heap may have barriers.
    barriers: bool,
}

const fn is_indirect(ty: &RawType, limit: usize) -> bool {
    ty.size > limit || ty.align as usize > MAX_SLOT_ALIGN
}

/// The path of a map with these flags.
const fn path(key: &RawType, elem: &RawType, flags: u32, known: Known) -> Path {
    if flags & (INDIRECT_KEY | INDIRECT_ELEM) != 0 {
        return Path::Generic;
    }
    let path = match (known.default_hash, key.kind, key.size) {
        (true, Kind::Memory, 4) => Path::Memory32,
        (true, Kind::Memory, 8) => Path::Memory64,
        (true, Kind::Memory, 9..) => Path::Memory,
        (true, Kind::String, _) => Path::String,
        _ => Path::Generic,
    };
    if elem.size == WORD && is_bytes(key, known.barriers) && is_bytes(elem, known.barriers) {
        path.to_word()
    } else {
        path
    }
}

/// Whether a value is copied, zeroed and forgotten without a call.
const fn is_bytes(ty: &RawType, barriers: bool) -> bool {
    ty.drop.is_none() && (ty.ptrdata == 0 || !barriers)
}

/// Bytes of a bucket: the tophash row, eight key slots, eight elem slots, and the overflow pointer
/// as the last word. The sum is padded only where a word is smaller than the slots' largest
/// alignment.
#[cfg_attr(not(debug_assertions), inline(always))]
pub const fn bucket_size(keysize: usize, elemsize: usize) -> usize {
    let slots = BUCKET_CNT + BUCKET_CNT * keysize + BUCKET_CNT * elemsize;
    (slots + WORD).next_multiple_of(MAX_SLOT_ALIGN)
}

/// The names that a [`TypeError`] gives the fields of a type.
pub(crate) struct FieldNames {
    pub(crate) size: &'static str,
    pub(crate) align: &'static str,
    pub(crate) ptrdata: &'static str,
    pub(crate) key_flags: &'static str,
}

const KEY_FIELDS: FieldNames = FieldNames {
    size: "key.size",
    align: "key.align",
    ptrdata: "key.ptrdata",
    key_flags: "key.key_flags",
};

pub(crate) const ELEM_FIELDS: FieldNames = FieldNames {
    size: "elem.size",
    align: "elem.align",
    ptrdata: "elem.ptrdata",
    key_flags: "elem.key_flags",
};

fn check_key(key: &Type) -> Result<(), TypeError> {
    check(key, &KEY_FIELDS)?;
    require("key.alg.hash", key.alg.hash.is_some(), Problem::Missing)?;
    require("key.alg.equal", key.alg.equal.is_some(), Problem::Missing)?;
    let unknown = key.key_flags & !KEY_FLAGS;
    require(
        "key.key_flags",
        unknown == 0,
        Problem::UnknownFlags(unknown),
    )?;
    match known_size(key.kind) {
        Some(size) if size != key.size => Err(TypeError {
            field: "key.size",
            problem: Problem::WrongFor {
                kind: key.kind,
                size,
            },
        }),
        _ => Ok(()),
    }
}

/// The size that a kind implies.
const fn known_size(kind: Kind) -> Option<usize> {
    match kind {
        Kind::String | Kind::Interface => Some(2 * WORD),
        Kind::Float32 => Some(4),
        Kind::Float64 | Kind::Complex64 => Some(8),
        Kind::Complex128 => Some(16),
        Kind::Opaque | Kind::Memory | Kind::Array | Kind::Struct => None,
    }
}

pub(crate) fn check(ty: &Type, names: &FieldNames) -> Result<(), TypeError> {
    check_size(ty, names)?;
    check_pointers(ty, names)?;
    let unknown = ty.key_flags & !KEY_FLAGS;
    require(
        names.key_flags,
        unknown == 0,
        Problem::UnknownFlags(unknown),
    )
}

fn check_size(ty: &Type, names: &FieldNames) -> Result<(), TypeError> {
    let (size, align) = (ty.size, ty.align as usize);
    let power = Problem::NotAPowerOfTwo(align);
    require(names.align, align.is_power_of_two(), power)?;
    let multiple = Problem::NotAMultipleOf {
        value: size,
        of: align,
    };
    require(names.size, size.is_multiple_of(align), multiple)?;
    let limit = isize::MAX as usize - align;
    let too_large = Problem::TooLarge { value: size, limit };
    require(names.size, size <= limit, too_large)
}

fn check_pointers(ty: &Type, names: &FieldNames) -> Result<(), TypeError> {
    let (ptrdata, align) = (ty.ptrdata, ty.align as usize);
    let multiple = |value: usize, of: usize| Problem::NotAMultipleOf { value, of };
    let too_large = Problem::TooLarge {
        value: ptrdata,
        limit: ty.size,
    };
    require(names.ptrdata, ptrdata <= ty.size, too_large)?;
    let whole = ptrdata.is_multiple_of(WORD);
    require(names.ptrdata, whole, multiple(ptrdata, WORD))?;
    let aligned = ptrdata == 0 || align.is_multiple_of(align_of::<usize>());
    require(names.align, aligned, multiple(align, align_of::<usize>()))
}

pub(crate) fn require(field: &'static str, holds: bool, problem: Problem) -> Result<(), TypeError> {
    if holds {
        Ok(())
    } else {
        Err(TypeError { field, problem })
    }
}
