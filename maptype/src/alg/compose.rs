//! The kind, the flags and the hash of a type that is made of others.

use alloc::vec::Vec;

use super::aggregate::{ARRAY_ALG, ArrayOf, STRUCT_ALG};
use super::layout::{self, Layout, Placed};
use super::pointers::{self, Pointers};
use super::{glue, has_default_hash, memory};
use crate::{HASH_MIGHT_PANIC, Kind, NEED_KEY_UPDATE, REFLEXIVE_KEY, Type, TypeError};

/// Whose hash the types have: what counts as plain memory, and how plain memory is hashed.
pub(super) trait Family {
    /// Whether `ty` is plain memory with this family's hash.
    fn is_plain(&self, ty: &Type) -> bool;
    /// Plain memory of `size` bytes with this family's hash.
    fn plain(&self, size: usize) -> Type;
    /// Plain memory of `size` bytes within a struct that is not plain memory throughout.
    fn run(&self, size: usize) -> Type {
        self.plain(size)
    }
    /// Whether neighbouring fields of plain memory are hashed as one also where the struct as a
    /// whole is not plain.
    fn joins_fields(&self) -> bool;
}

/// The default hash.
pub(super) struct DefaultHash;

impl Family for DefaultHash {
    fn is_plain(&self, ty: &Type) -> bool {
        ty.kind == Kind::Memory && has_default_hash(ty)
    }

    fn plain(&self, size: usize) -> Type {
        memory("memory", size, 1)
    }

    fn joins_fields(&self) -> bool {
        true
    }
}

/// A type made of others, whose tables have no address yet.
pub(super) struct Composition<'a> {
    pub(super) ty: Type,
    pub(super) pointers: Pointers,
    pub(super) table: Table<'a>,
}

/// What the context of a type is to point to.
pub(super) enum Table<'a> {
    None,
    Array(ArrayOf),
    Struct(Vec<Run<'a>>),
}

/// `len` values of `elem`, with the hash of `family`.
pub(super) fn array<'a>(
    family: &impl Family,
    elem: &'a Type,
    len: usize,
) -> Result<Composition<'a>, TypeError> {
    let size = layout::array_size(elem, len)?;
    let pointers = pointers::of_array(elem, len)?;
    let mut ty = composed(size, elem.align, || [elem].into_iter());
    if is_plain(family, elem) || (len == 0 && ty.alg.hash.is_some()) {
        become_plain(&mut ty, family);
        return Ok(Composition {
            ty,
            pointers,
            table: Table::None,
        });
    }
    ty.0.kind = Kind::Array;
    ty.0.alg = ty.alg.hash.map_or(ty.alg, |_| ARRAY_ALG);
    ty.0.drop = elem.drop.and(Some(glue::drop_array));
    ty.0.copy = elem.copy.and(Some(glue::copy_array));
    Ok(Composition {
        ty,
        pointers,
        table: Table::Array(ArrayOf { elem, len }),
    })
}

/// A struct of this layout, with the hash of `family`.
pub(super) fn structure<'a>(
    family: &impl Family,
    layout: &Layout<'a>,
) -> Result<Composition<'a>, TypeError> {
    let types = || layout.fields.iter().map(|field| field.1);
    let pointers = pointers::of_fields(&layout.fields)?;
    let mut ty = composed(layout.size, layout.align, types);
    if types().all(|field| is_plain(family, field)) && layout.is_dense() {
        become_plain(&mut ty, family);
        return Ok(Composition {
            ty,
            pointers,
            table: Table::None,
        });
    }
    ty.0.kind = Kind::Struct;
    ty.0.alg = ty.alg.hash.map_or(ty.alg, |_| STRUCT_ALG);
    ty.0.drop = types()
        .find_map(|field| field.drop)
        .and(Some(glue::drop_struct));
    ty.0.copy = types()
        .find_map(|field| field.copy)
        .and(Some(glue::copy_struct));
    Ok(Composition {
        ty,
        pointers,
        table: Table::Struct(runs(family, &layout.fields)),
    })
}

/// What every aggregate takes from its components. It has an alg (not yet the right one) if all of
/// them do.
fn composed<'a, I: Iterator<Item = &'a Type>>(
    size: usize,
    align: u32,
    components: impl Fn() -> I,
) -> Type {
    let any = |flag| components().fold(0, |flags, ty| flags | ty.key_flags & flag);
    let mut ty = Type::plain("", size, align);
    ty.0.key_flags = any(NEED_KEY_UPDATE | HASH_MIGHT_PANIC);
    if components().all(Type::reflexive) {
        ty.0.key_flags |= REFLEXIVE_KEY;
    }
    ty.0.default_hash = components().all(has_default_hash);
    if components().all(|ty| ty.alg.hash.is_some() && ty.alg.equal.is_some()) {
        ty.0.alg = STRUCT_ALG;
    }
    ty
}

/// Plain memory can be joined with its neighbours, unless it has glue.
fn is_plain(family: &impl Family, ty: &Type) -> bool {
    family.is_plain(ty) && ty.drop.is_none() && ty.copy.is_none()
}

fn become_plain(ty: &mut Type, family: &impl Family) {
    let plain = family.plain(ty.size);
    ty.0.kind = Kind::Memory;
    ty.0.alg = plain.alg;
    ty.0.default_hash = plain.default_hash;
    ty.0.context = plain.context;
}

/// A field, or plain memory that is several fields.
pub(super) struct Run<'a> {
    pub(super) offset: usize,
    pub(super) size: usize,
    /// Absent for plain memory that is not exactly one field.
    pub(super) ty: Option<&'a Type>,
    plain: bool,
}

/// The fields, neighbours of plain memory joined if the family does so.
fn runs<'a>(family: &impl Family, fields: &[Placed<'a>]) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::with_capacity(fields.len());
    for &(offset, ty) in fields {
        let plain = family.joins_fields() && is_plain(family, ty);
        match runs.last_mut() {
            Some(last) if plain && last.plain && last.offset + last.size == offset => {
                last.size += ty.size;
                last.ty = None;
            }
            _ => runs.push(Run {
                offset,
                size: ty.size,
                ty: (!plain || ty.size != 0).then_some(ty),
                plain,
            }),
        }
    }
    runs
}
