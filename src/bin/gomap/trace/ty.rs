//! Types of keys and elems, as traces write them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::cursor::{Cursor, Result};

/// Bytes that a type may have, and components, all levels counted.
const MAX_SIZE: usize = 1 << 16;
/// Larger values are boxed.
const MAX_INLINE: usize = 128;
/// Arrays and structs in one another.
const MAX_DEPTH: usize = 16;

/// A type, laid out as Go does it for 64-bit machines.
#[derive(Debug)]
pub struct Ty {
    pub shape: Shape,
    pub size: usize,
    pub align: usize,
    /// As traces write it.
    pub name: String,
    /// As Go's messages do.
    pub go_name: String,
    /// Scalars in it, counted up to all levels.
    components: usize,
}

/// The structure of a type.
#[derive(Debug)]
pub enum Shape {
    Bool,
    Int,
    Uint,
    Float,
    /// Two floats.
    Complex,
    String,
    Pointer,
    Interface,
    Array(Arc<Ty>, usize),
    Struct(Vec<Field>),
    /// Cannot be hashed, and has no value but `nil`.
    Reference,
}

#[derive(Debug)]
pub struct Field {
    pub offset: usize,
    pub ty: Arc<Ty>,
}

/// `map[key]elem`.
#[derive(Debug, Clone)]
pub struct MapTy {
    pub key: Arc<Ty>,
    pub elem: Arc<Ty>,
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Display for MapTy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "map[{}]{}", self.key, self.elem)
    }
}

impl Ty {
    /// Whether its values are written and hashed as a run of bytes.
    pub fn is_bytes(&self) -> bool {
        match &self.shape {
            Shape::Array(elem, _) => {
                elem.size == 1 && matches!(elem.shape, Shape::Int | Shape::Uint)
            }
            _ => false,
        }
    }

    /// The parts that a value is written as, with their offsets: elements or fields.
    pub fn parts(&self) -> impl Iterator<Item = (usize, &Arc<Ty>)> {
        let count = match &self.shape {
            Shape::Array(_, len) => *len,
            Shape::Struct(fields) => fields.len(),
            _ => 0,
        };
        (0..count).map(|i| match &self.shape {
            Shape::Array(elem, _) => (i * elem.size, elem),
            Shape::Struct(fields) => (fields[i].offset, &fields[i].ty),
            _ => unreachable!("other shapes have no parts"),
        })
    }

    /// Whether two values are equal if and only if all their bytes are.
    pub fn is_plain_memory(&self) -> bool {
        match &self.shape {
            Shape::Bool | Shape::Int | Shape::Uint | Shape::Pointer => true,
            Shape::Array(elem, len) => *len == 0 || elem.is_plain_memory(),
            Shape::Struct(fields) => {
                let used: usize = fields.iter().map(|f| f.ty.size).sum();
                used == self.size && fields.iter().all(|f| f.ty.is_plain_memory())
            }
            _ => false,
        }
    }

    /// Whether a value contains a pointer.
    pub fn has_pointers(&self) -> bool {
        match &self.shape {
            Shape::String | Shape::Pointer | Shape::Interface | Shape::Reference => true,
            Shape::Array(elem, len) => *len > 0 && elem.has_pointers(),
            Shape::Struct(fields) => fields.iter().any(|f| f.ty.has_pointers()),
            _ => false,
        }
    }

    /// Whether Go keeps a value of it in an interface itself, instead of behind a pointer.
    pub fn is_direct(&self) -> bool {
        match &self.shape {
            Shape::Pointer => true,
            Shape::Reference => self.size == 8,
            Shape::Array(elem, 1) => elem.is_direct(),
            Shape::Struct(fields) => fields.len() == 1 && fields[0].ty.is_direct(),
            _ => false,
        }
    }

    /// Whether it contains a type without hash, other than in an interface's value.
    pub fn is_hashable(&self) -> bool {
        match &self.shape {
            Shape::Reference => false,
            Shape::Array(elem, _) => elem.is_hashable(),
            Shape::Struct(fields) => fields.iter().all(|f| f.ty.is_hashable()),
            _ => true,
        }
    }
}

/// The fast functions that Go's compiler calls for a map type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fast {
    Fast32,
    Fast64,
    Fast64Ptr,
    Str,
}

impl MapTy {
    /// Whether the map's default hash is inlined in its generic functions.
    pub fn has_default_hash(&self) -> bool {
        let word = matches!(self.key.shape, Shape::Int | Shape::Uint) && self.key.size >= 4;
        (word || matches!(self.key.shape, Shape::String)) && self.elem.size <= MAX_INLINE
    }

    /// Which functions compiled code calls; `None` for the generic ones.
    pub fn fast(&self) -> Option<Fast> {
        if self.elem.size > MAX_INLINE {
            return None;
        }
        let mut key = &self.key;
        while let Some((_, only)) = only_part(key) {
            key = only;
        }
        match key.size {
            _ if matches!(key.shape, Shape::String) => Some(Fast::Str),
            _ if !key.is_plain_memory() => None,
            4 => Some(Fast::Fast32),
            8 if key.has_pointers() => Some(Fast::Fast64Ptr),
            8 => Some(Fast::Fast64),
            _ => None,
        }
    }
}

fn only_part(ty: &Ty) -> Option<(usize, &Arc<Ty>)> {
    let mut parts = ty.parts();
    let first = parts.next()?;
    parts.next().is_none().then_some(first)
}

/// The types found so far, each made once.
#[derive(Debug, Default)]
pub struct Types {
    by_name: HashMap<String, Arc<Ty>>,
}

/// The name, the shape, the size and the alignment of a type that is not made of others.
type Scalar = (&'static str, fn() -> Shape, usize, usize);

const SCALARS: [Scalar; 22] = [
    ("bool", || Shape::Bool, 1, 1),
    ("int8", || Shape::Int, 1, 1),
    ("int16", || Shape::Int, 2, 2),
    ("int32", || Shape::Int, 4, 4),
    ("int64", || Shape::Int, 8, 8),
    ("int", || Shape::Int, 8, 8),
    ("uint8", || Shape::Uint, 1, 1),
    ("uint16", || Shape::Uint, 2, 2),
    ("uint32", || Shape::Uint, 4, 4),
    ("uint64", || Shape::Uint, 8, 8),
    ("uint", || Shape::Uint, 8, 8),
    ("uintptr", || Shape::Uint, 8, 8),
    ("float32", || Shape::Float, 4, 4),
    ("float64", || Shape::Float, 8, 8),
    ("complex64", || Shape::Complex, 8, 4),
    ("complex128", || Shape::Complex, 16, 8),
    ("string", || Shape::String, 16, 8),
    ("*T", || Shape::Pointer, 8, 8),
    ("interface{}", || Shape::Interface, 16, 8),
    ("[]int", || Shape::Reference, 24, 8),
    ("func()", || Shape::Reference, 8, 8),
    ("map[int]int", || Shape::Reference, 8, 8),
];

impl Types {
    /// The type of that name, for the types that programs need themselves.
    ///
    /// # Panics
    /// If there is none.
    pub fn named(&mut self, name: &str) -> Arc<Ty> {
        self.parse(&mut Cursor::new(name.as_bytes(), 1))
            .expect("the name of a type")
    }

    /// Reads `map[KEY]ELEM`.
    pub fn parse_map(&mut self, cursor: &mut Cursor) -> Result<MapTy> {
        cursor.expect("map[")?;
        let before_key = *cursor;
        let key = self.parse(cursor)?;
        if !key.is_hashable() {
            return Err(before_key.refused(&format!("keys of type {key} cannot be hashed")));
        }
        cursor.expect("]")?;
        let before_elem = *cursor;
        let elem = self.parse(cursor)?;
        if !elem.is_hashable() {
            return Err(before_elem.refused(&format!("{elem} stands in interfaces only")));
        }
        Ok(MapTy { key, elem })
    }

    /// Reads a type.
    pub fn parse(&mut self, cursor: &mut Cursor) -> Result<Arc<Ty>> {
        self.parse_at(cursor, 0)
    }

    fn parse_at(&mut self, cursor: &mut Cursor, depth: usize) -> Result<Arc<Ty>> {
        cursor.skip_blanks();
        let start = *cursor;
        if depth > MAX_DEPTH {
            return Err(start.refused("the type is nested too deep"));
        }
        if let Some(reference) = self.reference(cursor) {
            return Ok(reference);
        }
        let ty = if cursor.skip("[") {
            let len = cursor.number()?;
            cursor.expect("]")?;
            let elem = self.parse_at(cursor, depth + 1)?;
            array(elem, usize::try_from(len).unwrap_or(usize::MAX))
        } else if cursor.skip("struct{") {
            let mut fields = Vec::new();
            while !cursor.skip("}") {
                fields.push(self.parse_at(cursor, depth + 1)?);
                if !cursor.skip(";") {
                    cursor.expect("}")?;
                    break;
                }
            }
            structure(fields)
        } else {
            let name = cursor.word();
            let name = if name == "byte" { "uint8" } else { name };
            return self
                .scalar(name)
                .ok_or_else(|| start.expected("expected a type"));
        };
        let ty = ty.ok_or_else(|| start.refused("the type is too large"))?;
        Ok(self.known(ty))
    }

    /// The types whose names are not words.
    fn reference(&mut self, cursor: &mut Cursor) -> Option<Arc<Ty>> {
        let odd = ["*T", "interface{}", "[]int", "func()", "map[int]int"];
        let name = odd.into_iter().find(|name| cursor.skip(name))?;
        self.scalar(name)
    }

    fn scalar(&mut self, name: &str) -> Option<Arc<Ty>> {
        if let Some(known) = self.by_name.get(name) {
            return Some(known.clone());
        }
        let (name, shape, size, align) = SCALARS.into_iter().find(|scalar| scalar.0 == name)?;
        let go_name = match name {
            "interface{}" => "interface {}",
            "*T" => "*main.T",
            _ => name,
        };
        Some(self.known(Ty {
            shape: shape(),
            size,
            align,
            name: name.to_string(),
            go_name: go_name.to_string(),
            components: 1,
        }))
    }

    fn known(&mut self, ty: Ty) -> Arc<Ty> {
        let entry = self.by_name.entry(ty.name.clone());
        entry.or_insert_with(|| Arc::new(ty)).clone()
    }
}

fn array(elem: Arc<Ty>, len: usize) -> Option<Ty> {
    let size = elem.size.checked_mul(len)?;
    let components = elem.components.checked_mul(len)?.checked_add(1)?;
    (len <= MAX_SIZE && size <= MAX_SIZE && components <= MAX_SIZE + 1).then(|| Ty {
        size,
        align: elem.align,
        name: format!("[{len}]{elem}"),
        go_name: format!("[{len}]{}", elem.go_name),
        components,
        shape: Shape::Array(elem, len),
    })
}

fn structure(types: Vec<Arc<Ty>>) -> Option<Ty> {
    let (mut end, mut align, mut components) = (0_usize, 1, 1);
    let mut fields = Vec::new();
    let (mut names, mut go_names) = (Vec::new(), Vec::new());
    let last_is_empty = types.last().is_some_and(|last| last.size == 0);
    for (i, ty) in types.into_iter().enumerate() {
        let offset = end.next_multiple_of(ty.align);
        end = offset + ty.size;
        align = align.max(ty.align);
        components += ty.components;
        names.push(ty.name.clone());
        go_names.push(format!("F{i} {}", ty.go_name));
        fields.push(Field { offset, ty });
    }
    // A pointer to a zero-sized last field must not point past the struct.
    end += usize::from(last_is_empty && end > 0);
    let go_name = match go_names.is_empty() {
        true => "struct {}".to_string(),
        false => format!("struct {{ {} }}", go_names.join("; ")),
    };
    (end <= MAX_SIZE && components <= MAX_SIZE + 1).then(|| Ty {
        shape: Shape::Struct(fields),
        size: end.next_multiple_of(align),
        align,
        name: format!("struct{{{}}}", names.join(";")),
        go_name,
        components,
    })
}
