//! The structs that a map is made of, field for field the document's ("基础结构"), and the proofs of
//! every offset.
//!
//! Compiled code, collectors and debuggers read these; nothing here may move. Layouts are those of
//! Go 1.12 to 1.23.
#![allow(non_snake_case, reason = "fields keep the document's names")]

use core::mem::{offset_of, size_of};
use core::ptr;

use maptype::{BUCKET_CNT, MapType};

/// Bytes of a bucket before its keys: the tophash row.
pub const DATA_OFFSET: usize = BUCKET_CNT;

/// [`Hmap::flags`]: an iterator may be using `buckets`.
pub const iterator: u8 = 1;
/// [`Hmap::flags`]: an iterator may be using `oldbuckets`.
pub const oldIterator: u8 = 2;
/// [`Hmap::flags`]: a write is under way.
pub const hashWriting: u8 = 4;
/// [`Hmap::flags`]: the growth under way keeps the number of buckets.
pub const sameSizeGrow: u8 = 8;

/// Tophash of a cell that is empty, as are all after it in the chain.
pub const emptyRest: u8 = 0;
/// Tophash of a cell that is empty.
pub const emptyOne: u8 = 1;
/// Tophash of an old cell whose entry moved to the low half of the new array.
pub const evacuatedX: u8 = 2;
/// Tophash of an old cell whose entry moved to the high half of the new array.
pub const evacuatedY: u8 = 3;
/// Tophash of an old cell that was empty when its bucket was evacuated.
pub const evacuatedEmpty: u8 = 4;
/// The smallest tophash of a cell with an entry.
pub const minTopHash: u8 = 5;

/// [`Hiter::checkBucket`]: every key of the bucket is to be visited.
pub const noCheck: usize = usize::MAX;

/// Go's `hmap`: the header of a map.
#[repr(C)]
#[derive(Debug)]
pub struct Hmap {
    /// Entries. First, because `len` is a plain load.
    pub count: isize,
    /// [`iterator`], [`oldIterator`], [`hashWriting`], [`sameSizeGrow`].
    pub flags: u8,
    /// Binary logarithm of the number of buckets.
    pub B: u8,
    /// Overflow buckets; approximate from `B` 16 on.
    pub noverflow: u16,
    /// The hash seed.
    pub hash0: u32,
    /// 2^B buckets; null while nothing was stored at `B` 0.
    pub buckets: *mut Bmap,
    /// The previous bucket array, while the map grows.
    pub oldbuckets: *mut Bmap,
    /// Old buckets below this are evacuated.
    pub nevacuate: usize,
    /// What not every map has.
    pub extra: *mut MapExtra,
}

/// Go's `mapextra`.
#[repr(C)]
#[derive(Debug)]
pub struct MapExtra {
    /// All overflow buckets of `buckets`, where buckets hold no pointers.
    pub overflow: *mut BmapSlice,
    /// All overflow buckets of `oldbuckets`, where buckets hold no pointers.
    pub oldoverflow: *mut BmapSlice,
    /// The next preallocated overflow bucket that is free.
    pub nextOverflow: *mut Bmap,
}

/// Go's `[]*bmap`.
#[repr(C)]
#[derive(Debug)]
pub struct BmapSlice {
    /// The first pointer.
    pub array: *mut *mut Bmap,
    /// Pointers in use.
    pub len: usize,
    /// Pointers allocated.
    pub cap: usize,
}

/// Go's `bmap`: the part of a bucket that every map type shares. Eight key slots, eight elem slots
/// and the pointer to the next bucket of the chain follow it.
#[repr(C)]
#[derive(Debug)]
pub struct Bmap {
    /// The top byte of each key's hash, or the state of the cell.
    pub tophash: [u8; BUCKET_CNT],
}

/// Go's `hiter`: an iteration in progress. The first two fields are what the caller reads.
#[repr(C)]
#[derive(Debug)]
pub struct Hiter {
    /// The key; null at the end.
    pub key: *mut u8,
    /// The elem.
    pub elem: *mut u8,
    /// The map's descriptor.
    pub t: *const MapType,
    /// The map; null when it was empty at the start.
    pub h: *mut Hmap,
    /// The bucket array at the start.
    pub buckets: *mut Bmap,
    /// The bucket last looked at.
    pub bptr: *mut Bmap,
    /// Keeps the overflow buckets of `buckets` alive.
    pub overflow: *mut BmapSlice,
    /// Keeps the overflow buckets of the old array alive.
    pub oldoverflow: *mut BmapSlice,
    /// The bucket that the iteration started at.
    pub startBucket: usize,
    /// The cell that each bucket is started at.
    pub offset: u8,
    /// Whether the last bucket was passed.
    pub wrapped: bool,
    /// `B` at the start.
    pub B: u8,
    /// The next cell of `bptr`.
    pub i: u8,
    /// The bucket to visit next.
    pub bucket: usize,
    /// The bucket whose keys alone count, in an old bucket that will be split; else [`noCheck`].
    pub checkBucket: usize,
}

impl Hmap {
    /// A map without entries, for [`makemap`](crate::raw::makemap) to initialise in place.
    pub const fn zeroed() -> Hmap {
        Hmap {
            count: 0,
            flags: 0,
            B: 0,
            noverflow: 0,
            hash0: 0,
            buckets: ptr::null_mut(),
            oldbuckets: ptr::null_mut(),
            nevacuate: 0,
            extra: ptr::null_mut(),
        }
    }
}

impl BmapSlice {
    /// A slice of nothing.
    pub const EMPTY: BmapSlice = BmapSlice {
        array: ptr::null_mut(),
        len: 0,
        cap: 0,
    };
}

impl Hiter {
    /// An iterator that was not started.
    pub const fn zeroed() -> Hiter {
        Hiter {
            key: ptr::null_mut(),
            elem: ptr::null_mut(),
            t: ptr::null(),
            h: ptr::null_mut(),
            buckets: ptr::null_mut(),
            bptr: ptr::null_mut(),
            overflow: ptr::null_mut(),
            oldoverflow: ptr::null_mut(),
            startBucket: 0,
            offset: 0,
            wrapped: false,
            B: 0,
            i: 0,
            bucket: 0,
            checkBucket: 0,
        }
    }
}

/// The offset of a slot from the first of some adjacent buckets; `cell` counts through all of them,
/// and `first` is the offset of the first cell's slot.
///
/// Sixteen bits are enough, and let the compiler compute eight cells at once.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn slot_offset(cell: usize, bucketsize: usize, first: usize, size: usize) -> u16 {
    let (bucket, i) = (cell / BUCKET_CNT, cell % BUCKET_CNT);
    bucket as u16 * bucketsize as u16 + first as u16 + i as u16 * size as u16
}

/// The offset of the first elem slot of a bucket.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) const fn first_elem(keysize: usize) -> usize {
    DATA_OFFSET + BUCKET_CNT * keysize
}

/// Asserts at compile time that fields stand at these offsets, counted in words and bytes of 64-bit
/// Go.
macro_rules! offsets {
    ($ty:ty, $words:literal words $(+ $bytes:literal)?: $($field:ident = $w:literal $(+ $b:literal)?),+ $(,)?) => {
        const _: () = {
            const WORD: usize = size_of::<usize>();
            assert!(size_of::<$ty>() == $words * WORD $(+ $bytes)?);
            $(assert!(offset_of!($ty, $field) == $w * WORD $(+ $b)?);)+
        };
    };
}

offsets!(Hmap, 5 words + 8: count = 0, flags = 1, B = 1 + 1, noverflow = 1 + 2, hash0 = 1 + 4,
    buckets = 1 + 8, oldbuckets = 2 + 8, nevacuate = 3 + 8, extra = 4 + 8);
offsets!(MapExtra, 3 words: overflow = 0, oldoverflow = 1, nextOverflow = 2);
offsets!(BmapSlice, 3 words: array = 0, len = 1, cap = 2);
offsets!(Bmap, 0 words + 8: tophash = 0);
offsets!(Hiter, 12 words: key = 0, elem = 1, t = 2, h = 3, buckets = 4, bptr = 5, overflow = 6,
    oldoverflow = 7, startBucket = 8, offset = 9, wrapped = 9 + 1, B = 9 + 2, i = 9 + 3,
    bucket = 10, checkBucket = 11);
