//! The offsets of an aggregate's components.

use alloc::vec::Vec;

use crate::descriptor::{ELEM_FIELDS, FieldNames, check, require};
use crate::{Problem, Type, TypeError};

/// A field: its offset, and its type.
pub(super) type Placed<'a> = (usize, &'a Type);

const FIELDS: FieldNames = FieldNames {
    size: "fields.size",
    align: "fields.align",
    ptrdata: "fields.ptrdata",
    key_flags: "fields.key_flags",
};

const STRUCT: FieldNames = FieldNames {
    size: "struct.size",
    align: "struct.align",
    ptrdata: "struct.ptrdata",
    key_flags: "struct.key_flags",
};

/// A struct's fields, checked.
pub(super) struct Layout<'a> {
    pub(super) fields: Vec<Placed<'a>>,
    pub(super) size: usize,
    pub(super) align: u32,
}

impl Layout<'_> {
    /// Whether every byte belongs to a field.
    pub(super) fn is_dense(&self) -> bool {
        self.fields.iter().map(|(_, ty)| ty.size).sum::<usize>() == self.size
    }
}

/// The fields one after the other, as Go lays them out.
pub(super) fn in_order<'a>(fields: &[&'a Type]) -> Result<Layout<'a>, TypeError> {
    let mut placed = Vec::with_capacity(fields.len());
    let mut end = 0usize;
    let mut align = 1;
    for ty in fields {
        check(ty, &FIELDS)?;
        let offset = round_up(end, ty.align)?;
        placed.push((offset, *ty));
        end = offset.checked_add(ty.size).ok_or_else(too_large)?;
        align = align.max(ty.align);
    }
    if end != 0 && fields.last().is_some_and(|ty| ty.size == 0) {
        end = end.checked_add(1).ok_or_else(too_large)?;
    }
    let size = round_up(end, align)?;
    check(&Type::plain("", size, align), &STRUCT)?;
    Ok(Layout {
        fields: placed,
        size,
        align,
    })
}

/// The fields where the caller wants them.
pub(super) fn given<'a>(
    fields: &[Placed<'a>],
    size: usize,
    align: u32,
) -> Result<Layout<'a>, TypeError> {
    check(&Type::plain("", size, align), &STRUCT)?;
    let mut end = 0;
    for (index, &(offset, ty)) in fields.iter().enumerate() {
        check(ty, &FIELDS)?;
        let multiple = |value: usize| Problem::NotAMultipleOf {
            value,
            of: ty.align as usize,
        };
        require("struct.align", align >= ty.align, multiple(align as usize))?;
        let aligned = offset.is_multiple_of(ty.align as usize);
        require("fields.offset", aligned, multiple(offset))?;
        require("fields.offset", offset >= end, Problem::Overlaps(index))?;
        end = offset.saturating_add(ty.size);
        let beyond = Problem::TooLarge {
            value: end,
            limit: size,
        };
        require("fields.offset", end <= size, beyond)?;
    }
    Ok(Layout {
        fields: fields.to_vec(),
        size,
        align,
    })
}

/// Bytes of `len` values of `elem`.
pub(super) fn array_size(elem: &Type, len: usize) -> Result<usize, TypeError> {
    check(elem, &ELEM_FIELDS)?;
    let size = elem.size.saturating_mul(len);
    let limit = isize::MAX as usize - elem.align as usize;
    let problem = Problem::TooLarge { value: size, limit };
    require("array.size", size <= limit, problem)?;
    Ok(size)
}

fn round_up(offset: usize, align: u32) -> Result<usize, TypeError> {
    offset
        .checked_next_multiple_of(align as usize)
        .ok_or_else(too_large)
}

fn too_large() -> TypeError {
    TypeError {
        field: "struct.size",
        problem: Problem::TooLarge {
            value: usize::MAX,
            limit: isize::MAX as usize,
        },
    }
}
