//! The one seam between an algorithm and the types that it moves.
//!
//! Go keeps a copy of each map function for every kind of key. Here each is written once, over [`Shape`]; what a kind
//! knows at compile time it answers with a constant, and the compiler folds the rest away.

mod to_word;

use core::mem::MaybeUninit;
use core::ptr;

use maptype::alg::{self, GoString};
use maptype::{MapType, Type};

use crate::bucket::{Bucket, Cells, first_elem, prefetch, slot_offset};
use crate::heap;
use crate::layout::DATA_OFFSET;
pub(crate) use to_word::ToWord;

/// What the map functions ask about a map type. The defaults read the descriptor.
///
/// # Safety
/// The answers are those of the descriptor, and agree with each other for as long as a map of this shape lives.
pub(crate) unsafe trait Shape: Copy {
    /// Whether the type system keeps others from the map during a write, so that `hashWriting` need not.
    const EXCLUSIVE: bool = false;

    /// Whether hash and equality are functions of the host's, which may unwind, or use the map.
    const HASH_IS_CALLED: bool = true;

    /// For keys whose hash is a call and whose equality is not, the cells of a bucket whose slots hold what may be a key
    /// equal to `key`. In a map of one bucket that is found sooner than the hash; Go's functions for such keys do the same.
    ///
    /// # Safety
    /// `b` is a *bucket* that the shape *fits*; `key` points to an initialised key.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn alike(self, _b: Bucket, _key: *const u8) -> Option<Cells> {
        None
    }

    fn t(&self) -> &MapType;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn keysize(&self) -> usize {
        self.t().keysize as usize
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn elemsize(&self) -> usize {
        self.t().elemsize as usize
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn bucketsize(&self) -> usize {
        self.t().bucketsize as usize
    }

    /// How far the slot of a key is from the first bucket of a block; `cell` counts through all of the block.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn key_offset(&self, cell: usize) -> usize {
        slot_offset(cell, self.bucketsize(), DATA_OFFSET, self.keysize()).into()
    }

    /// As [`Shape::key_offset`], of the slot of an elem.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn elem_offset(&self, cell: usize) -> usize {
        let first = first_elem(self.keysize());
        slot_offset(cell, self.bucketsize(), first, self.elemsize()).into()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn indirectkey(&self) -> bool {
        self.t().indirectkey()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn indirectelem(&self) -> bool {
        self.t().indirectelem()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn reflexivekey(&self) -> bool {
        self.t().reflexivekey()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn needkeyupdate(&self) -> bool {
        self.t().needkeyupdate()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn hash_might_panic(&self) -> bool {
        self.t().hashMightPanic()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn dirtycells(&self) -> bool {
        self.t().dirtycells()
    }

    /// Whether the map itself must zero the elem of a new entry: its slot may hold anything, and the caller counts on it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn zeroes_new_elems(&self) -> bool {
        !Self::EXCLUSIVE && self.dirtycells()
    }

    /// Whether buckets hold pointers, besides the overflow word.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pointers(&self) -> bool {
        self.t().bucket.ptrdata != 0
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn key_type(&self) -> &Type {
        // SAFETY: a descriptor's types outlive it.
        unsafe { &*self.t().key }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn elem_type(&self) -> &Type {
        // SAFETY: a descriptor's types outlive it.
        unsafe { &*self.t().elem }
    }

    /// Bytes of a key, wherever it is stored.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn key_type_size(&self) -> usize {
        if self.indirectkey() {
            self.key_type().size
        } else {
            self.keysize()
        }
    }

    /// Bytes of an elem, wherever it is stored.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn elem_type_size(&self) -> usize {
        if self.indirectelem() {
            self.elem_type().size
        } else {
            self.elemsize()
        }
    }

    /// Whether discarding an entry takes more than forgetting its bytes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn needs_disposal(&self) -> bool {
        heap::needs_disposal(self.t())
    }

    /// The hash of the key at `key`. May unwind.
    ///
    /// # Safety
    /// `key` points to an initialised key.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn hash(self, key: *const u8, seed: u32) -> usize {
        let ty = self.key_type();
        // SAFETY: a key type has a hash, which takes a key of that type (caller).
        unsafe { ty.alg.hash.unwrap_unchecked()(key, seed as usize, ty) }
    }

    /// Whether this key is hashed and compared in few instructions, without a call, where others of its type are not. A lookup
    /// of those goes on in a function of its own: for a handy key it needs no frame.
    ///
    /// # Safety
    /// `key` points to an initialised key.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn handy(self, _key: *const u8) -> bool {
        true
    }

    /// Asks for bytes that are hashed and do not lie in the key itself, a while before they are.
    ///
    /// # Safety
    /// `key` points to an initialised key.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn prefetch_key(self, _key: *const u8) {}

    /// Whether a lookup, or who reads what it finds, follows a pointer in a slot.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn slots_lead_on(&self) -> bool {
        self.indirectkey() || self.indirectelem()
    }

    /// Whether two keys are equal. May unwind.
    ///
    /// # Safety
    /// `a` and `b` point to initialised keys.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn equal(self, a: *const u8, b: *const u8) -> bool {
        let ty = self.key_type();
        // SAFETY: a key type has an equality, which takes keys of that type (caller).
        unsafe { ty.alg.equal.unwrap_unchecked()(a, b, ty) }
    }

    /// Copies a key's bytes as they are, pointers and padding included: the document's
    /// `typedmemmove(t.key, dst, src)`.
    ///
    /// # Safety
    /// Both places have room for a key and do not overlap.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn move_key(self, dst: *mut u8, src: *const u8) {
        // SAFETY: the caller's promise.
        unsafe { heap::typedmemmove(self.t(), self.key_type(), dst, src) }
    }

    /// Copies an elem's bytes as they are, pointers and padding included: the document's
    /// `typedmemmove(t.elem, dst, src)`.
    ///
    /// # Safety
    /// Both places have room for an elem and do not overlap.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn move_elem(self, dst: *mut u8, src: *const u8) {
        // SAFETY: the caller's promise.
        unsafe { heap::typedmemmove(self.t(), self.elem_type(), dst, src) }
    }

    /// Clears the slot of a deleted key as far as a collector could follow it.
    ///
    /// # Safety
    /// `slot` is a key slot of a map of this shape.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn clear_key_slot(self, slot: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe {
            if self.indirectkey() {
                heap::store_pointer(self.t(), slot.cast::<*mut u8>(), ptr::null_mut());
            } else if self.stale_key_bytes() != 0 {
                heap::memclr_has_pointers(self.t(), slot, self.stale_key_bytes());
            }
        }
    }

    /// How many bytes of a deleted key, stored inline, are zeroed.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn stale_key_bytes(&self) -> usize {
        if self.key_type().ptrdata == 0 {
            0
        } else {
            self.keysize()
        }
    }

    /// Zeroes the slot of a deleted elem, unless it may be dirty.
    ///
    /// # Safety
    /// `slot` is an elem slot of a map of this shape.
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn clear_elem_slot(self, slot: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe {
            if self.indirectelem() {
                heap::store_pointer(self.t(), slot.cast::<*mut u8>(), ptr::null_mut());
            } else if self.elem_type().ptrdata != 0 {
                heap::memclr_has_pointers(self.t(), slot, self.elemsize());
            } else if !self.dirtycells() {
                ptr::write_bytes(slot, 0, self.elemsize());
            }
        }
    }
}

/// Any map type: everything is read from the descriptor at run time.
#[derive(Clone, Copy)]
pub(crate) struct Erased<'t>(pub(crate) &'t MapType);

// SAFETY: the answers are the descriptor's.
unsafe impl Shape for Erased<'_> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn t(&self) -> &MapType {
        self.0
    }
}

/// The answers of a shape for keys that are stored inline, as are the elems, equal to themselves, and never a reason to
/// panic.
macro_rules! inline_answers {
    (needkeyupdate: $needkeyupdate:literal) => {
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn t(&self) -> &MapType {
            self.0
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn indirectkey(&self) -> bool {
            false
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn indirectelem(&self) -> bool {
            false
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn reflexivekey(&self) -> bool {
            true
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn needkeyupdate(&self) -> bool {
            $needkeyupdate
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn hash_might_panic(&self) -> bool {
            false
        }
    };
}

/// Such answers for keys that Go's compiler has functions of their own for, with a default hash to inline.
macro_rules! fast_answers {
    ($key:ty, needkeyupdate: $needkeyupdate:literal, inlined: $inlined:ident, $default_hash:path) => {
        inline_answers!(needkeyupdate: $needkeyupdate);

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn keysize(&self) -> usize {
            size_of::<$key>()
        }

        #[cfg_attr(not(debug_assertions), inline(always))]
        unsafe fn hash(self, key: *const u8, seed: u32) -> usize {
            // SAFETY: the caller's promise.
            unsafe {
                if $inlined {
                    $default_hash(key, seed as usize)
                } else {
                    Erased(self.0).hash(key, seed)
                }
            }
        }
    };
}

/// Declares a shape whose keys are compared as one integer.
macro_rules! integer_shape {
    ($(#[$doc:meta])* $name:ident, $int:ty, $default_hash:path) => {
        $(#[$doc])*
        /// `DEFAULT_HASH`: hashed by the default hash, which is inlined.
        #[derive(Clone, Copy)]
        pub(crate) struct $name<'t, const DEFAULT_HASH: bool>(pub(crate) &'t MapType);

        // SAFETY: the descriptor is of keys of this size, compared bytewise, stored inline, as are the elems.
        unsafe impl<const DEFAULT_HASH: bool> Shape for $name<'_, DEFAULT_HASH> {
            const HASH_IS_CALLED: bool = !DEFAULT_HASH;

            #[cfg_attr(not(debug_assertions), inline(always))]
            unsafe fn alike(self, b: Bucket, key: *const u8) -> Option<Cells> {
                // SAFETY: every slot holds bytes, as it is not dirty; equality takes any.
                let equal = |i| unsafe { self.equal(key, b.key_slot(self, i)) };
                (!DEFAULT_HASH && !self.dirtycells()).then(|| Cells::with(equal))
            }

            fast_answers!($int, needkeyupdate: false, inlined: DEFAULT_HASH, $default_hash);

            #[cfg_attr(not(debug_assertions), inline(always))]
            unsafe fn equal(self, a: *const u8, b: *const u8) -> bool {
                // SAFETY: keys are initialised (caller), and have the size of the integer (shape).
                unsafe { a.cast::<$int>().read_unaligned() == b.cast::<$int>().read_unaligned() }
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            unsafe fn move_key(self, dst: *mut u8, src: *const u8) {
                // SAFETY: room for a key at both places (caller), of the integer's size (shape).
                unsafe {
                    // Not as an integer: a key that is a pointer would lose its provenance.
                    let key = src.cast::<MaybeUninit<$int>>().read_unaligned();
                    if self.key_type().ptrdata != 0 {
                        return move_pointer_key(self.t(), dst, key);
                    }
                    dst.cast::<MaybeUninit<$int>>().write_unaligned(key);
                }
            }
        }
    };
}

/// Stores a key that is a pointer. The key comes by value: it can then be in a register where it is none.
///
/// # Safety
/// `dst` has room for a key of `t`, which has the size of `key`.
#[cold]
#[inline(never)]
unsafe fn move_pointer_key<T>(t: &MapType, dst: *mut u8, key: MaybeUninit<T>) {
    // SAFETY: `dst` has room for a key (caller), and `key` holds the bytes of one.
    unsafe { heap::typedmemmove(t, &*t.key, dst, (&raw const key).cast()) }
}

integer_shape!(
    /// Keys of four bytes of plain memory.
    Fast32,
    u32,
    alg::memhash32
);
integer_shape!(
    /// Keys of eight bytes of plain memory.
    Fast64,
    u64,
    alg::memhash64
);

/// String keys. In the functions of Go's string path (`GENERIC` is false) a deleted string's length word stays in its
/// slot. `DEFAULT_HASH`: hashed by the default hash, which is inlined.
#[derive(Clone, Copy)]
pub(crate) struct FastStr<'t, const GENERIC: bool, const DEFAULT_HASH: bool>(
    pub(crate) &'t MapType,
);

// SAFETY: the descriptor is of string keys, with elems stored inline.
unsafe impl<const GENERIC: bool, const DEFAULT_HASH: bool> Shape
    for FastStr<'_, GENERIC, DEFAULT_HASH>
{
    const HASH_IS_CALLED: bool = !DEFAULT_HASH;

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn alike(self, b: Bucket, key: *const u8) -> Option<Cells> {
        // SAFETY: every slot that is not dirty holds a string, or what is left of one, or zeroes.
        let len = |slot: *const u8| unsafe { (*slot.cast::<GoString>()).len };
        // SAFETY: a slot of the bucket (caller).
        let same_len = |i| len(unsafe { b.key_slot(self, i) }) == len(key);
        (!DEFAULT_HASH && !self.dirtycells()).then(|| Cells::with(same_len))
    }

    fast_answers!(GoString, needkeyupdate: true, inlined: DEFAULT_HASH, alg::strhash);

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn handy(self, key: *const u8) -> bool {
        // SAFETY: a string (caller).
        let len = unsafe { (*key.cast::<GoString>()).len };
        !DEFAULT_HASH || alg::is_handy(len)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn prefetch_key(self, key: *const u8) {
        // SAFETY: a string (caller).
        prefetch(unsafe { (*key.cast::<GoString>()).data });
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn slots_lead_on(&self) -> bool {
        true
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn equal(self, a: *const u8, b: *const u8) -> bool {
        // SAFETY: both are strings (caller).
        unsafe {
            let (a, b) = (a.cast::<GoString>().read(), b.cast::<GoString>().read());
            // The same string is often at hand, and its bytes need not be fetched then.
            a.len == b.len
                && (a.data.addr() == b.data.addr() || alg::same_bytes(a.data, b.data, a.len))
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn stale_key_bytes(&self) -> usize {
        if GENERIC {
            size_of::<GoString>()
        } else {
            size_of::<*const u8>()
        }
    }
}

/// Keys of plain memory whose default hash is inlined: of `SIZE` bytes, or where that is 0 of as many as the descriptor says,
/// neither 16 nor fewer than nine.
#[derive(Clone, Copy)]
pub(crate) struct FastMemory<'t, const SIZE: usize>(pub(crate) &'t MapType);

// SAFETY: the descriptor is of keys of such a size, compared bytewise, stored inline, as are the elems.
unsafe impl<const SIZE: usize> Shape for FastMemory<'_, SIZE> {
    const HASH_IS_CALLED: bool = false;

    inline_answers!(needkeyupdate: false);

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn keysize(&self) -> usize {
        if SIZE == 0 {
            self.t().keysize as usize
        } else {
            SIZE
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn hash(self, key: *const u8, seed: u32) -> usize {
        // SAFETY: as many bytes as the key has (caller).
        unsafe {
            if SIZE == 16 {
                alg::memhash128(key, seed as usize)
            } else {
                alg::memhash(key, seed as usize, self.keysize())
            }
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn equal(self, a: *const u8, b: *const u8) -> bool {
        // SAFETY: as many bytes as keys have (caller).
        unsafe { alg::same_bytes(a, b, self.keysize()) }
    }
}

/// Calls a generic function with the shape that knows most about the descriptor, as its first argument. The function
/// should not be inlined here: a shape that needs few registers would pay for the others' frame.
macro_rules! with_shape {
    ($t:expr => $function:path, $($argument:expr),*) => {{
        use maptype::Path;

        use $crate::shape::*;
        let t: &maptype::MapType = $t;
        match t.path {
            Path::Generic => $function(Erased(t), $($argument),*),
            Path::Memory32 => $function(Fast32::<true>(t), $($argument),*),
            Path::Memory64 => $function(Fast64::<true>(t), $($argument),*),
            Path::String => $function(FastStr::<true, true>(t), $($argument),*),
            Path::Memory => match t.keysize {
                16 => $function(FastMemory::<16>(t), $($argument),*),
                32 => $function(FastMemory::<32>(t), $($argument),*),
                _ => $function(FastMemory::<0>(t), $($argument),*),
            },
            Path::GenericToWord => $function(ToWord(Erased(t)), $($argument),*),
            Path::Memory32ToWord => $function(ToWord(Fast32::<true>(t)), $($argument),*),
            Path::Memory64ToWord => $function(ToWord(Fast64::<true>(t)), $($argument),*),
            Path::StringToWord => $function(ToWord(FastStr::<true, true>(t)), $($argument),*),
            Path::MemoryToWord => match t.keysize {
                16 => $function(ToWord(FastMemory::<16>(t)), $($argument),*),
                32 => $function(ToWord(FastMemory::<32>(t)), $($argument),*),
                _ => $function(ToWord(FastMemory::<0>(t)), $($argument),*),
            },
        }
    }};
}
pub(crate) use with_shape;
