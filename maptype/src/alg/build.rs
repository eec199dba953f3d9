//! Making array and struct types at run time.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr::{self, NonNull};

use super::aggregate::{ARRAY_ALG, ArrayOf, Field, STRUCT_ALG, StructOf};
use super::layout::{self, Layout, Placed};
use super::pointers::{self, Pointers};
use super::{glue, memory};
use crate::{HASH_MIGHT_PANIC, Kind, NEED_KEY_UPDATE, REFLEXIVE_KEY, Type, TypeError};

/// An array or struct [`Type`] together with the tables that it needs. It derefs to the type, whose address stays the
/// same until this is dropped; the type must not be used after that.
///
/// Padding is never hashed or compared. Neighbouring fields of plain memory are hashed as one; an aggregate that is
/// plain memory throughout, without padding, becomes [`Kind::Memory`]. If a component cannot be hashed, neither can the
/// aggregate: [`Type::alg`] is then without functions.
#[derive(Debug)]
pub struct Aggregate<'a> {
    tables: NonNull<Tables>,
    components: PhantomData<&'a Type>,
}

/// A type and what it points to, at an address of their own.
#[derive(Debug)]
struct Tables {
    ty: Type,
    name: Box<str>,
    mask: Vec<u8>,
    array: ArrayOf,
    structure: StructOf,
    fields: Vec<Field>,
    runs: Vec<Type>,
}

// SAFETY: nothing is changed after construction, and types may be used by any thread.
unsafe impl Send for Aggregate<'_> {}
// SAFETY: as above.
unsafe impl Sync for Aggregate<'_> {}

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
    /// Whether neighbouring fields of plain memory are hashed as one also where the struct as a whole is not plain.
    fn joins_fields(&self) -> bool;
}

/// The default hash.
struct DefaultHash;

impl Family for DefaultHash {
    fn is_plain(&self, ty: &Type) -> bool {
        ty.kind == Kind::Memory && ty.default_hash
    }

    fn plain(&self, size: usize) -> Type {
        memory("memory", size, 1)
    }

    fn joins_fields(&self) -> bool {
        true
    }
}

impl<'a> Aggregate<'a> {
    /// `len` values of `elem` side by side.
    ///
    /// # Errors
    /// `elem.…` if the element type cannot be; `array.size` if the whole is larger than memory.
    pub fn array(name: &str, elem: &'a Type, len: usize) -> Result<Aggregate<'a>, TypeError> {
        array(&DefaultHash, name, elem, len)
    }

    /// A struct of fields of these types in this order, laid out as Go does it: each at the next offset that suits it,
    /// and a byte behind a last field of size zero, so that its address lies inside the struct.
    ///
    /// # Errors
    /// `fields.…` if a field's type cannot be; `struct.size` if the whole is larger than memory.
    pub fn structure(name: &str, fields: &[&'a Type]) -> Result<Aggregate<'a>, TypeError> {
        structure(&DefaultHash, name, &layout::in_order(fields)?)
    }

    /// A struct of `size` bytes with fields at given offsets, in rising order. What no field covers is padding, or a
    /// blank field: neither hashed nor compared, and without pointers.
    ///
    /// # Errors
    /// `fields.…` if a field's type cannot be, or if it is misplaced: unaligned, overlapping, beyond the end;
    /// `struct.size` and `struct.align` if these do not suit each other or the fields.
    pub fn with_layout(
        name: &str,
        fields: &[(usize, &'a Type)],
        size: usize,
        align: u32,
    ) -> Result<Aggregate<'a>, TypeError> {
        structure(&DefaultHash, name, &layout::given(fields, size, align)?)
    }

    /// Puts the type where it stays, with its name and its pointer mask.
    fn new(ty: Type, name: &str, pointers: Pointers) -> Aggregate<'a> {
        let mut tables = Box::new(Tables {
            ty,
            name: name.into(),
            mask: pointers.mask,
            array: ArrayOf {
                elem: ptr::null(),
                len: 0,
            },
            structure: StructOf {
                fields: ptr::null(),
                len: 0,
            },
            fields: Vec::new(),
            runs: Vec::new(),
        });
        tables.ty.name = tables.name.as_ptr();
        tables.ty.name_len = tables.name.len();
        tables.ty.ptrdata = pointers.ptrdata;
        if !tables.mask.is_empty() {
            tables.ty.gcdata = tables.mask.as_ptr();
        }
        Aggregate {
            tables: NonNull::from(Box::leak(tables)),
            components: PhantomData,
        }
    }

    fn with_array(self, array: ArrayOf) -> Aggregate<'a> {
        let tables = self.tables.as_ptr();
        // SAFETY: the tables are this value's own, and nobody reads them yet.
        unsafe {
            (*tables).array = array;
            (*tables).ty.context = (&raw const (*tables).array).cast();
        }
        self
    }

    fn with_fields(self, fields: Vec<Run<'a>>, family: &impl Family) -> Aggregate<'a> {
        let joined = fields.iter().filter(|run| run.ty.is_none());
        let runs: Vec<Type> = joined.map(|run| family.run(run.size)).collect();
        let mut next_run = runs.iter();
        let fields: Vec<Field> = fields
            .iter()
            .map(|run| Field {
                offset: run.offset,
                ty: run
                    .ty
                    .or_else(|| next_run.next())
                    .map_or(ptr::null(), ptr::from_ref),
            })
            .collect();
        let tables = self.tables.as_ptr();
        // SAFETY: the tables are this value's own, and nobody reads them yet.
        unsafe {
            (*tables).structure = StructOf {
                fields: fields.as_ptr(),
                len: fields.len(),
            };
            (*tables).fields = fields;
            (*tables).runs = runs;
            (*tables).ty.context = (&raw const (*tables).structure).cast();
        }
        self
    }
}

impl Deref for Aggregate<'_> {
    type Target = Type;

    fn deref(&self) -> &Type {
        // SAFETY: the tables live until `self` is dropped, and do not change.
        unsafe { &(*self.tables.as_ptr()).ty }
    }
}

impl Drop for Aggregate<'_> {
    fn drop(&mut self) {
        // SAFETY: made by `Box::leak`, and not freed before.
        drop(unsafe { Box::from_raw(self.tables.as_ptr()) });
    }
}

/// [`Aggregate::array`] with the hash of `family`.
pub(super) fn array<'a>(
    family: &impl Family,
    name: &str,
    elem: &'a Type,
    len: usize,
) -> Result<Aggregate<'a>, TypeError> {
    let size = layout::array_size(elem, len)?;
    let pointers = pointers::of_array(elem, len)?;
    let mut ty = composed(size, elem.align, || [elem].into_iter());
    if is_plain(family, elem) || (len == 0 && ty.alg.hash.is_some()) {
        become_plain(&mut ty, family);
        return Ok(Aggregate::new(ty, name, pointers));
    }
    ty.kind = Kind::Array;
    ty.alg = ty.alg.hash.map_or(ty.alg, |_| ARRAY_ALG);
    ty.drop = elem.drop.and(Some(glue::drop_array));
    ty.copy = elem.copy.and(Some(glue::copy_array));
    Ok(Aggregate::new(ty, name, pointers).with_array(ArrayOf { elem, len }))
}

/// [`Aggregate::structure`] with the hash of `family`.
pub(super) fn structure<'a>(
    family: &impl Family,
    name: &str,
    layout: &Layout<'a>,
) -> Result<Aggregate<'a>, TypeError> {
    let types = || layout.fields.iter().map(|field| field.1);
    let pointers = pointers::of_fields(&layout.fields)?;
    let mut ty = composed(layout.size, layout.align, types);
    if types().all(|field| is_plain(family, field)) && layout.is_dense() {
        become_plain(&mut ty, family);
        return Ok(Aggregate::new(ty, name, pointers));
    }
    ty.kind = Kind::Struct;
    ty.alg = ty.alg.hash.map_or(ty.alg, |_| STRUCT_ALG);
    ty.drop = types()
        .find_map(|field| field.drop)
        .and(Some(glue::drop_struct));
    ty.copy = types()
        .find_map(|field| field.copy)
        .and(Some(glue::copy_struct));
    Ok(Aggregate::new(ty, name, pointers).with_fields(runs(family, &layout.fields), family))
}

/// What every aggregate takes over from its components. It has an alg (not yet the right one) if all of them do.
fn composed<'a, I: Iterator<Item = &'a Type>>(
    size: usize,
    align: u32,
    components: impl Fn() -> I,
) -> Type {
    let any = |flag| components().fold(0, |flags, ty| flags | ty.key_flags & flag);
    let mut ty = Type::plain("", size, align);
    ty.key_flags = any(NEED_KEY_UPDATE | HASH_MIGHT_PANIC);
    if components().all(Type::reflexive) {
        ty.key_flags |= REFLEXIVE_KEY;
    }
    ty.default_hash = components().all(|ty| ty.default_hash);
    if components().all(|ty| ty.alg.hash.is_some() && ty.alg.equal.is_some()) {
        ty.alg = STRUCT_ALG;
    }
    ty
}

/// Plain memory can be joined with its neighbours, unless it has glue of its own.
fn is_plain(family: &impl Family, ty: &Type) -> bool {
    family.is_plain(ty) && ty.drop.is_none() && ty.copy.is_none()
}

fn become_plain(ty: &mut Type, family: &impl Family) {
    let plain = family.plain(ty.size);
    ty.kind = Kind::Memory;
    ty.alg = plain.alg;
    ty.default_hash = plain.default_hash;
    ty.context = plain.context;
}

/// A field, or plain memory that is several fields.
struct Run<'a> {
    offset: usize,
    size: usize,
    /// Absent for plain memory that is not one field just as it is.
    ty: Option<&'a Type>,
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
