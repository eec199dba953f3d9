//! Making array and struct types at run time.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr::{self, NonNull};

use super::aggregate::{ArrayOf, Field, StructOf};
use super::compose::{self, Composition, DefaultHash, Family, Run, Table};
use super::layout::{self, Layout};
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

/// A type and what it points to, at an address that stays.
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
// SAFETY: nothing is changed after construction.
unsafe impl Sync for Aggregate<'_> {}

impl<'a> Aggregate<'a> {
    /// `len` adjacent values of `elem`.
    ///
    /// # Errors
    /// `elem.…` if the element type cannot be; `array.size` if the whole is larger than memory.
    ///
    /// # Examples
    /// ```
    /// use maptype::Kind;
    /// use maptype::alg::{Aggregate, FLOAT64, INT32};
    ///
    /// // Plain memory throughout is hashed as such.
    /// let four = Aggregate::array("[4]int32", &INT32, 4).unwrap();
    /// assert_eq!((four.size, four.kind), (16, Kind::Memory));
    ///
    /// // A float is not: both zeroes are one key.
    /// let point = Aggregate::array("[2]float64", &FLOAT64, 2).unwrap();
    /// assert_eq!((point.size, point.kind), (16, Kind::Array));
    /// ```
    pub fn array(name: &str, elem: &'a Type, len: usize) -> Result<Aggregate<'a>, TypeError> {
        Aggregate::array_by(&DefaultHash, name, elem, len)
    }

    /// A struct of fields of these types in this order, laid out as Go does it: each at the next
    /// offset that suits it, and a byte behind a last field of size zero, so that its address is
    /// inside the struct.
    ///
    /// # Errors
    /// `fields.…` if a field's type cannot be; `struct.size` if the whole is larger than memory.
    ///
    /// # Examples
    /// ```
    /// use maptype::alg::{Aggregate, INT8, INT32};
    ///
    /// // Three bytes of padding follow the first field.
    /// let pair = Aggregate::structure("struct { int8; int32 }", &[&INT8, &INT32]).unwrap();
    /// assert_eq!((pair.size, pair.align), (8, 4));
    /// ```
    pub fn structure(name: &str, fields: &[&'a Type]) -> Result<Aggregate<'a>, TypeError> {
        Aggregate::structure_by(&DefaultHash, name, &layout::in_order(fields)?)
    }

    /// A struct of `size` bytes with fields at given offsets, in rising order. What no field covers
    /// is padding, or a blank field: neither hashed nor compared, and without pointers.
    ///
    /// # Errors
    /// `fields.…` if a field's type cannot be, or if it is misplaced: unaligned, overlapping,
    /// beyond the end; `struct.size` and `struct.align` if these do not suit each other or the
    /// fields.
    ///
    /// # Examples
    /// ```
    /// use maptype::alg::{Aggregate, INT32};
    ///
    /// // Only the second of three words of four bytes is hashed and compared.
    /// let middle = Aggregate::with_layout("middle", &[(4, &INT32)], 12, 4).unwrap();
    /// assert_eq!(middle.size, 12);
    ///
    /// let error = Aggregate::with_layout("odd", &[(2, &INT32)], 12, 4).unwrap_err();
    /// assert_eq!(error.to_string(), "fields.offset: 2 is not a multiple of 4");
    /// ```
    pub fn with_layout(
        name: &str,
        fields: &[(usize, &'a Type)],
        size: usize,
        align: u32,
    ) -> Result<Aggregate<'a>, TypeError> {
        Aggregate::structure_by(&DefaultHash, name, &layout::given(fields, size, align)?)
    }

    /// [`Aggregate::array`] with the hash of `family`.
    pub(super) fn array_by(
        family: &impl Family,
        name: &str,
        elem: &'a Type,
        len: usize,
    ) -> Result<Aggregate<'a>, TypeError> {
        let composition = compose::array(family, elem, len)?;
        Ok(Aggregate::new(name, composition, family))
    }

    /// A struct of this layout, with the hash of `family`.
    pub(super) fn structure_by(
        family: &impl Family,
        name: &str,
        layout: &Layout<'a>,
    ) -> Result<Aggregate<'a>, TypeError> {
        let composition = compose::structure(family, layout)?;
        Ok(Aggregate::new(name, composition, family))
    }

    /// Gives a composition, its name and its tables an address that stays.
    fn new(name: &str, composition: Composition<'a>, family: &impl Family) -> Aggregate<'a> {
        let Composition {
            ty,
            pointers: Pointers { ptrdata, mask },
            table,
        } = composition;
        let mut tables = Box::new(Tables {
            ty,
            name: name.into(),
            mask,
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
        tables.ty.0.ptrdata = ptrdata;
        if !tables.mask.is_empty() {
            tables.ty.0.gcdata = tables.mask.as_ptr();
        }
        let tables = NonNull::from(Box::leak(tables));
        let aggregate = Aggregate {
            tables,
            components: PhantomData,
        };
        match table {
            Table::None => aggregate,
            Table::Array(array) => aggregate.with_array(array),
            Table::Struct(fields) => aggregate.with_fields(fields, family),
        }
    }

    /// The array type with its table.
    fn with_array(self, array: ArrayOf) -> Aggregate<'a> {
        let tables = self.tables.as_ptr();
        // SAFETY: this value owns the tables, and nothing reads them yet.
        unsafe {
            (*tables).array = array;
            (*tables).ty.0.context = (&raw const (*tables).array).cast();
        }
        self
    }

    /// The struct type with its table.
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
        // SAFETY: this value owns the tables, and nothing reads them yet.
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
