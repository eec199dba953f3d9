//! The meaning of each word of a map type's buckets.

use gomap::raw::roundupsize;
use maptype::MapType;

use crate::trace::{MapTy, Shape, Ty};

/// How a snapshot treats words of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Folded unchanged.
    Raw(usize),
    /// A string's pointer into the area.
    String,
    /// An interface's two words.
    Interface,
    /// A pointer to a key, or an elem, in a box.
    KeyBox,
    ElemBox,
    /// The link to the next bucket.
    Overflow,
}

/// Words of a value that are pointers into the area, by offset.
pub type Pointers = Vec<(usize, Words)>;

/// A stretch of a bucket.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub offset: usize,
    pub words: Words,
}

/// The buckets of a map type.
#[derive(Debug)]
pub struct Layout {
    pub bucket_size: usize,
    pub runs: Vec<Run>,
    pub key: Slots,
    pub elem: Slots,
}

/// The eight key slots or elem slots of a bucket.
#[derive(Debug)]
pub struct Slots {
    pub offset: usize,
    pub size: usize,
    pub boxed: bool,
    /// Bytes of a value.
    pub value_size: usize,
    pub pointers: Pointers,
}

impl Layout {
    pub fn new(t: &MapType, map: &MapTy) -> Layout {
        let (keysize, elemsize) = (t.keysize as usize, t.elemsize as usize);
        let bucket_size = t.bucketsize as usize;
        let key = Slots::new(8, keysize, t.indirectkey(), &map.key);
        let elem = Slots::new(8 + 8 * keysize, elemsize, t.indirectelem(), &map.elem);
        let mut special = key.special(Words::KeyBox);
        special.extend(elem.special(Words::ElemBox));
        special.push((bucket_size - 8, Words::Overflow));
        Layout {
            bucket_size,
            runs: fill_gaps(special),
            key,
            elem,
        }
    }
}

impl Slots {
    fn new(offset: usize, size: usize, boxed: bool, ty: &Ty) -> Slots {
        let mut found = Vec::new();
        find_pointers(ty, 0, &mut found);
        Slots {
            offset,
            size,
            boxed,
            value_size: ty.size,
            pointers: found,
        }
    }

    /// Words of these slots that are not plain.
    fn special(&self, boxes: Words) -> Pointers {
        let boxed = [(0, boxes)];
        let each: &[(usize, Words)] = if self.boxed { &boxed } else { &self.pointers };
        let slots = (0..8).map(|i| self.offset + i * self.size);
        slots
            .flat_map(|slot| {
                each.iter()
                    .map(move |&(offset, words)| (slot + offset, words))
            })
            .collect()
    }
}

/// Finds the words of a value at `offset` that are pointers into the area.
pub fn find_pointers(ty: &Ty, offset: usize, found: &mut Pointers) {
    match ty.shape {
        Shape::String => found.push((offset, Words::String)),
        Shape::Interface => found.push((offset, Words::Interface)),
        _ if ty.has_pointers() => {
            for (inside, part) in ty.parts() {
                find_pointers(part, offset + inside, found);
            }
        }
        _ => {}
    }
}

fn fill_gaps(special: Pointers) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut end = 0;
    for (offset, words) in special {
        if end < offset {
            runs.push(Run {
                offset: end,
                words: Words::Raw((offset - end) / 8),
            });
        }
        runs.push(Run { offset, words });
        end = offset + if words == Words::Interface { 16 } else { 8 };
    }
    runs
}

/// How many buckets an array of 2^b has, with the preallocated ones, by the rules of the heap's era.
pub fn buckets_of(t: &MapType, b: u8) -> usize {
    let base = 1_usize << b;
    if b < 4 {
        return base;
    }
    let bucket_size = t.bucketsize as usize;
    // SAFETY: the heap of a descriptor outlives it.
    let era = unsafe { (*t.heap).era };
    roundupsize(era, (base + base / 16) * bucket_size, t.bucket.ptrdata == 0) / bucket_size
}
