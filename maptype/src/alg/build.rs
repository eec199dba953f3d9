//! Making array and struct types at run time.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr::{self, NonNull};

use super::aggregate::{ArrayOf, Field, StructOf};
use super::compose::{self, DefaultHash, Family, Run};
use super::layout;
use super::pointers::Pointers;
use crate::{Type, TypeError};

/// An array or struct [`Type`] together with the tables that it needs. It derefs to the type, whose
/// address stays the same until this is dropped. The type cannot be taken out of it: its name and
/// its tables go with it.
///
/// Padding is never hashed or compared. Neighbouring fields of plain memory are hashed as one; an
/// aggregate that is plain memory throughout, without padding, is of
/// [`Kind::Memory`](crate::Kind::Memory). If a component cannot be hashed, neither can the
/// aggregate: [`RawType::alg`](crate::RawType::alg) is then without functions.
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

impl<'a> Aggregate<'a> {
    /// `len` values of `elem` side by side.
    ///
    /// # Errors
    /// `elem.…` if the element type cannot be; `array.size` if the whole is larger than memory.
    pub fn array(name: &str, elem: &'a Type, len: usize) -> Result<Aggregate<'a>, TypeError> {
        compose::array(&DefaultHash, name, elem, len)
    }

    /// A struct of fields of these types in this order, laid out as Go does it: each at the next offset that suits it,
    /// and a byte behind a last field of size zero, so that its address lies inside the struct.
    ///
    /// # Errors
    /// `fields.…` if a field's type cannot be; `struct.size` if the whole is larger than memory.
    pub fn structure(name: &str, fields: &[&'a Type]) -> Result<Aggregate<'a>, TypeError> {
        compose::structure(&DefaultHash, name, &layout::in_order(fields)?)
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
        compose::structure(&DefaultHash, name, &layout::given(fields, size, align)?)
    }

    /// Puts the type where it stays, with its name and its pointer mask.
    pub(super) fn new(ty: Type, name: &str, pointers: Pointers) -> Aggregate<'a> {
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
        tables.ty.0.name = tables.name.as_ptr();
        tables.ty.0.name_len = tables.name.len();
        tables.ty.0.ptrdata = pointers.ptrdata;
        if !tables.mask.is_empty() {
            tables.ty.0.gcdata = tables.mask.as_ptr();
        }
        Aggregate {
            tables: NonNull::from(Box::leak(tables)),
            components: PhantomData,
        }
    }

    /// The array type with its table.
    pub(super) fn with_array(self, array: ArrayOf) -> Aggregate<'a> {
        let tables = self.tables.as_ptr();
        // SAFETY: the tables are this value's own, and nobody reads them yet.
        unsafe {
            (*tables).array = array;
            (*tables).ty.0.context = (&raw const (*tables).array).cast();
        }
        self
    }

    /// The struct type with its table.
    pub(super) fn with_fields(self, fields: Vec<Run<'a>>, family: &impl Family) -> Aggregate<'a> {
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
            (*tables).ty.0.context = (&raw const (*tables).structure).cast();
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
