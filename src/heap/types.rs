//! The types that a heap allocates besides those of a descriptor.

use core::mem::size_of;

use maptype::Type;

use crate::layout::Hmap;

const WORD: usize = size_of::<usize>();

/// Buckets of a map with [`DIRTY_CELLS`](maptype::DIRTY_CELLS): the memory need not be zeroed.
pub static DIRTY_BUCKETS: Type = Type::plain("bmap", WORD, WORD as u32);

/// An `hmap`: words 16 to 32 and the last one are pointers.
pub static HMAP: Type = Type::plain("hmap", size_of::<Hmap>(), WORD as u32)
    .with_pointer_mask(size_of::<Hmap>(), &HMAP_POINTERS);
static HMAP_POINTERS: [u8; 1] = [if WORD == 8 { 0b10_1100 } else { 0b101_1000 }];

/// A `mapextra`.
pub static MAP_EXTRA: Type = Type::plain("mapextra", 3 * WORD, WORD as u32).with_pointers(3 * WORD);

/// The slice that `extra.overflow` points to.
pub static OVERFLOW_LIST: Type = Type::plain("[]*bmap", 3 * WORD, WORD as u32).with_pointers(WORD);

/// The pointers of such a slice.
pub static OVERFLOW_POINTERS: Type = Type::plain("*bmap", WORD, WORD as u32).with_pointers(WORD);
