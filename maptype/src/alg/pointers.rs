//! Which words of an aggregate are pointers.

use alloc::vec::Vec;

use super::layout::Placed;
use crate::{Problem, Type, TypeError};

const WORD: usize = size_of::<usize>();

/// The pointer words of a type, as [`RawType::ptrdata`](crate::RawType) and `gcdata` have them.
pub(super) struct Pointers {
    pub(super) ptrdata: usize,
    /// Empty where all words are pointers.
    pub(super) mask: Vec<u8>,
}

/// The pointers of `len` values of `elem`, whose total size is known to fit.
pub(super) fn of_array(elem: &Type, len: usize) -> Result<Pointers, TypeError> {
    if elem.ptrdata == 0 || len == 0 {
        return of_fields(&[]);
    }
    let ptrdata = (len - 1) * elem.size + elem.ptrdata;
    let only_pointers = elem.gcdata.is_null() && (elem.ptrdata == elem.size || len == 1);
    let mut mask = Mask::new(if only_pointers { 0 } else { ptrdata }, "array.size")?;
    if !only_pointers {
        (0..len).for_each(|i| mask.add(i * elem.size, elem));
    }
    Ok(mask.finish(ptrdata))
}

/// The pointers of a struct's fields, in rising order.
pub(super) fn of_fields(fields: &[Placed<'_>]) -> Result<Pointers, TypeError> {
    let with_pointers = || fields.iter().filter(|(_, ty)| ty.ptrdata != 0);
    let ptrdata = with_pointers()
        .next_back()
        .map_or(0, |(offset, ty)| offset + ty.ptrdata);
    let mut mask = Mask::new(ptrdata, "struct.size")?;
    with_pointers().for_each(|(offset, ty)| mask.add(*offset, ty));
    Ok(mask.finish(ptrdata))
}

struct Mask(Vec<u8>);

impl Mask {
    fn new(ptrdata: usize, field: &'static str) -> Result<Mask, TypeError> {
        let bytes = (ptrdata / WORD).div_ceil(8);
        let mut mask = Vec::new();
        mask.try_reserve_exact(bytes).map_err(|_| TypeError {
            field,
            problem: Problem::OutOfMemory(bytes),
        })?;
        mask.resize(bytes, 0);
        Ok(Mask(mask))
    }

    fn add(&mut self, offset: usize, ty: &Type) {
        for word in 0..ty.ptrdata / WORD {
            if ty.is_pointer(word) {
                let bit = offset / WORD + word;
                self.0[bit / 8] |= 1 << (bit % 8);
            }
        }
    }

    fn finish(self, ptrdata: usize) -> Pointers {
        let ones: u32 = self.0.iter().map(|byte| byte.count_ones()).sum();
        let all = ones as usize == ptrdata / WORD;
        Pointers {
            ptrdata,
            mask: if all { Vec::new() } else { self.0 },
        }
    }
}
