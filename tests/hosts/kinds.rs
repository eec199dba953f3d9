//! Map types whose keys and elems hold pointers to objects of a machine, driven by numbers: a key
//! is made from a number, and an elem holds a number and a pointer.

use std::mem::MaybeUninit;

use gomap::maptype::{Heap, MapType, Type, alg};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// A random stream, the same in every run.
pub struct Rng(Xoshiro256PlusPlus);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Rng(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    pub fn next(&mut self) -> u64 {
        self.0.random()
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n)
    }
}

fn mix(x: u64) -> u64 {
    let x = (x ^ x >> 31).wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ x >> 32
}

/// Where the words of a key and of an elem are: the number, and the pointers to leaves that hold
/// the same number.
pub struct Kind {
    key: &'static Type,
    elem: &'static Type,
    /// The word of the key that holds a number; the others are garbage, or pointers.
    key_number: Option<usize>,
    key_pointers: &'static [usize],
    elem_number: Option<usize>,
    elem_pointer: Option<usize>,
}

/// One kind for each way to hold a pointer: a plain one, by mask, behind a box, not at all; and
/// chains of overflow buckets, with and without pointers.
pub static KINDS: [Kind; 5] = [
    Kind {
        key: &POINTER,
        elem: &alg::POINTER,
        key_number: None,
        key_pointers: &[0],
        elem_number: None,
        elem_pointer: Some(0),
    },
    Kind {
        key: &TRIPLE,
        elem: &NUMBER_AND_POINTER,
        key_number: Some(1),
        key_pointers: &[0, 2],
        elem_number: Some(0),
        elem_pointer: Some(1),
    },
    Kind {
        key: &LARGE_KEY,
        elem: &LARGE_ELEM,
        key_number: Some(0),
        key_pointers: &[16],
        elem_number: Some(17),
        elem_pointer: Some(3),
    },
    Kind {
        key: &NUMBER,
        elem: &alg::UINT64,
        key_number: Some(0),
        key_pointers: &[],
        elem_number: Some(0),
        elem_pointer: None,
    },
    Kind {
        key: &CROWDED_NUMBER,
        elem: &NUMBER_AND_POINTER,
        key_number: Some(0),
        key_pointers: &[],
        elem_number: Some(0),
        elem_pointer: Some(1),
    },
];

static POINTER: Type = Type::opaque("*leaf", 8, 8, hash_leaf, equal_leaf).with_pointers(8);
static TRIPLE: Type =
    Type::opaque("triple", 24, 8, hash_crowded::<1>, equal::<1>).with_pointer_mask(24, &[0b101]);
static LARGE_KEY: Type =
    Type::opaque("large key", 136, 8, hash::<0>, equal::<0>).with_pointer_mask(136, &[0, 0, 0b1]);
static LARGE_ELEM: Type = Type::plain("large elem", 144, 8).with_pointer_mask(32, &[0b1000]);
static NUMBER: Type = Type::opaque("crowded number", 8, 8, hash_crowded::<0>, equal::<0>);
static CROWDED_NUMBER: Type = Type::opaque("number", 8, 8, hash_crowded::<0>, equal::<0>);
static NUMBER_AND_POINTER: Type =
    Type::plain("number and pointer", 16, 8).with_pointer_mask(16, &[0b10]);

/// The word at `value`.
unsafe fn word(value: *const u8, index: usize) -> u64 {
    // SAFETY: the value has more words (callers).
    unsafe { *value.cast::<u64>().add(index) }
}

/// The pointer at `value`.
unsafe fn pointer(value: *const u8, index: usize) -> *mut u8 {
    // SAFETY: the value has more words (callers).
    unsafe { *value.cast::<*mut u8>().add(index) }
}

unsafe extern "C-unwind" fn hash<const WORD: usize>(
    key: *const u8,
    seed: usize,
    _: *const Type,
) -> usize {
    // SAFETY: a key with its number in that word.
    mix(unsafe { word(key, WORD) } ^ mix(seed as u64)) as usize
}

/// A hash that puts 32 consecutive numbers into one bucket.
unsafe extern "C-unwind" fn hash_crowded<const WORD: usize>(
    key: *const u8,
    seed: usize,
    ty: *const Type,
) -> usize {
    // SAFETY: as above.
    unsafe {
        let bucket = mix((word(key, WORD) / 32) ^ seed as u64) & 0xffff_ffff;
        hash::<WORD>(key, seed, ty) & !0xffff_ffff | bucket as usize
    }
}

unsafe extern "C-unwind" fn equal<const WORD: usize>(
    a: *const u8,
    b: *const u8,
    _: *const Type,
) -> bool {
    // SAFETY: as above.
    unsafe { word(a, WORD) == word(b, WORD) }
}

unsafe extern "C-unwind" fn hash_leaf(key: *const u8, seed: usize, ty: *const Type) -> usize {
    // SAFETY: the key points to a number.
    unsafe { hash::<0>(pointer(key, 0), seed, ty) }
}

unsafe extern "C-unwind" fn equal_leaf(a: *const u8, b: *const u8, ty: *const Type) -> bool {
    // SAFETY: as above.
    unsafe { equal::<0>(pointer(a, 0), pointer(b, 0), ty) }
}

/// Room for any key.
pub type Key = [MaybeUninit<*mut u8>; 17];

impl Kind {
    pub fn map_type(&self, heap: &Heap) -> MapType {
        MapType::new(self.key, self.elem, heap).unwrap()
    }

    pub fn holds_pointers(&self) -> bool {
        self.elem_pointer.is_some()
    }

    /// The key of a number. `leaf` makes the objects that it points to.
    pub fn key(&self, id: u64, leaf: impl Fn() -> *mut u8) -> Key {
        // What is not a pointer looks like one to nowhere.
        let mut key = [MaybeUninit::new(std::ptr::without_provenance_mut(0x10)); 17];
        if let Some(index) = self.key_number {
            key[index].write(std::ptr::without_provenance_mut(id as usize));
        }
        for &index in self.key_pointers {
            key[index].write(leaf());
        }
        key
    }

    /// The number that a key was made of; its pointers must lead to the same.
    ///
    /// # Safety
    /// A key of this kind.
    pub unsafe fn id_of_key(&self, key: *const u8) -> u64 {
        // SAFETY: the caller's promise.
        unsafe {
            let leaves = self
                .key_pointers
                .iter()
                .map(|&index| word(pointer(key, index), 0));
            let numbers: Vec<u64> = self
                .key_number
                .map(|index| word(key, index))
                .into_iter()
                .chain(leaves)
                .collect();
            assert!(
                numbers.iter().all(|&number| number == numbers[0]),
                "{numbers:?}"
            );
            numbers[0]
        }
    }

    /// # Safety
    /// The place of an elem of this kind.
    pub unsafe fn store_elem(&self, elem: *mut u8, number: u64, pointer: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe {
            if let Some(index) = self.elem_number {
                elem.cast::<u64>().add(index).write(number);
            }
            if let Some(index) = self.elem_pointer {
                elem.cast::<*mut u8>().add(index).write(pointer);
            }
        }
    }

    /// # Safety
    /// An elem of this kind that holds a pointer.
    pub unsafe fn pointer_of_elem(&self, elem: *const u8) -> *mut u8 {
        let index = self.elem_pointer.expect("a kind with pointers");
        // SAFETY: the caller's promise.
        unsafe { pointer(elem, index) }
    }

    /// The number in an elem; its pointer must lead to the same.
    ///
    /// # Safety
    /// An elem of this kind, whose pointer is to a leaf.
    pub unsafe fn number_of_elem(&self, elem: *const u8) -> u64 {
        // SAFETY: the caller's promise.
        unsafe {
            let own = self.elem_number.map(|index| word(elem, index));
            let leaf = self.elem_pointer.map(|index| word(pointer(elem, index), 0));
            assert!(
                own.is_none() || leaf.is_none() || own == leaf,
                "{own:?} {leaf:?}"
            );
            own.or(leaf).expect("a number")
        }
    }
}
