//! Values of keys and elems, as traces write them.

use std::fmt::{self, Write};
use std::sync::Arc;

use super::cursor::{Cursor, Malformed, Result};
use super::ty::{Shape, Ty, Types};

/// A value, whose meaning depends on its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `#N`: what the number expands to in the type.
    Expanded(u64),
    /// The bits of a boolean, of a number, or of a float; the number of a pointer, 0 for nil.
    Bits(u64),
    /// The bits of both halves.
    Complex(u64, u64),
    /// The bytes of a string, or of an array of bytes.
    Bytes(Box<[u8]>),
    /// The elements of an array, or the fields of a struct.
    Parts(Box<[Value]>),
    /// The nil interface; the value of a type that cannot be hashed.
    Nil,
    /// A value in an interface.
    Dynamic(Arc<Ty>, Box<Value>),
}

impl PartialEq for Ty {
    fn eq(&self, other: &Ty) -> bool {
        self.name == other.name
    }
}

/// Reads a value of type `ty`.
pub fn parse_value(cursor: &mut Cursor, ty: &Ty, types: &mut Types) -> Result<Value> {
    cursor.skip_blanks();
    let start = *cursor;
    if cursor.skip("#") {
        return Ok(Value::Expanded(cursor.number()?));
    }
    match &ty.shape {
        Shape::Bool => match cursor.word() {
            "true" => Ok(Value::Bits(1)),
            "false" => Ok(Value::Bits(0)),
            _ => Err(wrong(start, ty)),
        },
        Shape::Int | Shape::Uint => integer(cursor, ty),
        Shape::Float => float(cursor, ty).map(Value::Bits),
        Shape::Complex => complex(cursor, ty, types),
        Shape::String => quoted(cursor).map(Value::Bytes),
        Shape::Pointer if cursor.skip("nil") => Ok(Value::Bits(0)),
        Shape::Pointer if cursor.skip("p") => pointer(cursor, start),
        Shape::Interface if cursor.skip("nil") => Ok(Value::Nil),
        Shape::Interface => {
            let dynamic = types.parse(cursor)?;
            cursor.expect(":")?;
            let value = parse_value(cursor, &dynamic, types)?;
            Ok(Value::Dynamic(dynamic, Box::new(value)))
        }
        Shape::Reference if cursor.skip("nil") => Ok(Value::Nil),
        Shape::Pointer | Shape::Reference => Err(wrong(start, ty)),
        Shape::Array(_, len) if ty.is_bytes() && cursor.skip("x\"") => hexadecimal(cursor, *len),
        Shape::Array(..) => parts(cursor, ty, types, "[", "]"),
        Shape::Struct(_) => parts(cursor, ty, types, "{", "}"),
    }
}

fn wrong(at: Cursor, ty: &Ty) -> Malformed {
    at.expected(&format!("expected {}", forms(ty)))
}

/// How values of the type are written, for messages.
fn forms(ty: &Ty) -> String {
    let form = match &ty.shape {
        Shape::Bool => "`true` or `false`".to_string(),
        Shape::Int | Shape::Uint => format!("a number of type {ty}"),
        Shape::Float => "a number such as 1.5, -0, inf, nan or bits:0x7ff8000000000001".to_string(),
        Shape::Complex => "a complex number such as (1.5,nan)".to_string(),
        Shape::String => "a string in double quotes".to_string(),
        Shape::Pointer => "a pointer: `nil` or `p` and a number below 2^32".to_string(),
        Shape::Interface => "`nil` or a value with its type, such as int:5".to_string(),
        Shape::Array(..) => format!("a value of type {ty}, such as [v,v]"),
        Shape::Struct(_) => format!("a value of type {ty}, such as {{v,v}}"),
        Shape::Reference => "`nil`".to_string(),
    };
    format!("{form}, or # and a number")
}

fn integer(cursor: &mut Cursor, ty: &Ty) -> Result<Value> {
    let start = *cursor;
    let negative = cursor.skip("-");
    let magnitude = cursor.number().map_err(|_| wrong(start, ty))?;
    let width = 8 * ty.size as u32;
    let signed = matches!(ty.shape, Shape::Int);
    let limit = match (signed, negative) {
        (true, true) => 1 << (width - 1),
        (true, false) => (1 << (width - 1)) - 1,
        (false, false) => u64::MAX >> (64 - width),
        (false, true) => 0,
    };
    if magnitude > limit {
        return Err(wrong(start, ty));
    }
    let bits = if negative {
        magnitude.wrapping_neg()
    } else {
        magnitude
    };
    Ok(Value::Bits(bits & (u64::MAX >> (64 - width))))
}

/// The bits of a float of `ty`, or of half of a complex number of it.
fn float(cursor: &mut Cursor, ty: &Ty) -> Result<u64> {
    cursor.skip_blanks();
    let start = *cursor;
    let narrow = ty.name == "float32" || ty.name == "complex64";
    if cursor.skip("bits:") {
        let bits = cursor.number()?;
        let fits = !narrow || bits <= u64::from(u32::MAX);
        return if fits {
            Ok(bits)
        } else {
            Err(wrong(start, ty))
        };
    }
    let text = cursor.take_while(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c));
    let text = std::str::from_utf8(text).expect("ASCII");
    match text.parse::<f64>() {
        Err(_) => Err(wrong(start, ty)),
        Ok(number) if number.is_nan() => Ok(nan(narrow)),
        Ok(_) if narrow => Ok(text.parse::<f32>().map_or(0, |f| u64::from(f.to_bits()))),
        Ok(number) => Ok(number.to_bits()),
    }
}

/// The bits of `nan`.
fn nan(narrow: bool) -> u64 {
    if narrow {
        0x7fc0_0000
    } else {
        0x7ff8_0000_0000_0001
    }
}

fn complex(cursor: &mut Cursor, ty: &Ty, _: &mut Types) -> Result<Value> {
    cursor.expect("(").map_err(|_| wrong(*cursor, ty))?;
    let real = float(cursor, ty)?;
    cursor.expect(",")?;
    let imaginary = float(cursor, ty)?;
    cursor.expect(")")?;
    Ok(Value::Complex(real, imaginary))
}

fn pointer(cursor: &mut Cursor, start: Cursor) -> Result<Value> {
    let number = cursor.number()?;
    if number >> 32 != 0 {
        return Err(start.refused("pointers are numbered below 2^32"));
    }
    Ok(Value::Bits(number))
}

fn quoted(cursor: &mut Cursor) -> Result<Box<[u8]>> {
    let start = *cursor;
    cursor
        .expect("\"")
        .map_err(|_| start.expected("expected a string in double quotes"))?;
    let mut text = Vec::new();
    loop {
        match cursor.byte() {
            Some(b'"') => return Ok(text.into()),
            Some(b'\\') => text.push(escaped(cursor)?),
            Some(byte) => text.push(byte),
            None => return Err(start.refused("the string has no closing quote")),
        }
    }
}

fn escaped(cursor: &mut Cursor) -> Result<u8> {
    let start = *cursor;
    match cursor.byte() {
        Some(b'n') => Ok(b'\n'),
        Some(b't') => Ok(b'\t'),
        Some(b'r') => Ok(b'\r'),
        Some(b'x') => hex_byte(cursor),
        Some(plain @ (b'"' | b'\\')) => Ok(plain),
        _ => Err(start.expected("expected one of \" \\ n t r x after the backslash")),
    }
}

fn hex_byte(cursor: &mut Cursor) -> Result<u8> {
    let start = *cursor;
    let digits = [cursor.byte(), cursor.byte()];
    let [Some(high), Some(low)] = digits.map(|d| char::from(d?).to_digit(16)) else {
        return Err(start.expected("expected two hexadecimal digits"));
    };
    Ok((high * 16 + low) as u8)
}

fn hexadecimal(cursor: &mut Cursor, len: usize) -> Result<Value> {
    let mut bytes = Vec::with_capacity(len);
    for _ in 0..len {
        bytes.push(hex_byte(cursor)?);
    }
    cursor.expect("\"")?;
    Ok(Value::Bytes(bytes.into()))
}

fn parts(
    cursor: &mut Cursor,
    ty: &Ty,
    types: &mut Types,
    open: &str,
    close: &str,
) -> Result<Value> {
    cursor.expect(open).map_err(|_| wrong(*cursor, ty))?;
    let mut values = Vec::new();
    for (i, (_, part)) in ty.parts().enumerate() {
        if i > 0 {
            cursor.expect(",")?;
        }
        values.push(parse_value(cursor, part, types)?);
    }
    cursor.expect(close)?;
    Ok(Value::Parts(values.into()))
}

/// Prints a value as a trace has it.
pub struct Shown<'a>(pub &'a Value, pub &'a Ty);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shown(value, ty) = self;
        match (value, &ty.shape) {
            (Value::Expanded(number), _) => write!(f, "#{number}"),
            (Value::Bits(bits), Shape::Bool) => write!(f, "{}", *bits != 0),
            (Value::Bits(bits), Shape::Int) => write!(f, "{}", sign_extended(*bits, ty.size)),
            (Value::Bits(bits), Shape::Float) => show_float(f, *bits, ty.size == 4),
            (Value::Bits(0), Shape::Pointer) => f.write_str("nil"),
            (Value::Bits(number), Shape::Pointer) => write!(f, "p{number}"),
            (Value::Bits(bits), _) => write!(f, "{bits}"),
            (Value::Complex(real, imaginary), _) => {
                f.write_char('(')?;
                show_float(f, *real, ty.size == 8)?;
                f.write_char(',')?;
                show_float(f, *imaginary, ty.size == 8)?;
                f.write_char(')')
            }
            (Value::Bytes(text), Shape::String) => show_string(f, text),
            (Value::Bytes(bytes), _) => {
                f.write_str("x\"")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_char('"')
            }
            (Value::Parts(values), Shape::Array(..)) => show_parts(f, values, ty, ['[', ']']),
            (Value::Parts(values), _) => show_parts(f, values, ty, ['{', '}']),
            (Value::Nil, _) => f.write_str("nil"),
            (Value::Dynamic(dynamic, value), _) => {
                write!(f, "{dynamic}:{}", Shown(value, dynamic))
            }
        }
    }
}

fn sign_extended(bits: u64, size: usize) -> i64 {
    let unused = 64 - 8 * size as u32;
    (bits << unused) as i64 >> unused
}

fn show_float(f: &mut fmt::Formatter<'_>, bits: u64, narrow: bool) -> fmt::Result {
    let narrowed = f32::from_bits(bits as u32);
    let (is_nan, text) = match narrow {
        true => (narrowed.is_nan(), format!("{narrowed:?}")),
        false => (
            f64::from_bits(bits).is_nan(),
            format!("{:?}", f64::from_bits(bits)),
        ),
    };
    match is_nan {
        true if bits == nan(narrow) => f.write_str("nan"),
        true => write!(f, "bits:{bits:#x}"),
        false => f.write_str(&text),
    }
}

fn show_string(f: &mut fmt::Formatter<'_>, text: &[u8]) -> fmt::Result {
    f.write_char('"')?;
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                '\r' => f.write_str("\\r")?,
                c if c.is_ascii_control() => write!(f, "\\x{:02x}", c as u32)?,
                c => f.write_char(c)?,
            }
        }
        chunk
            .invalid()
            .iter()
            .try_for_each(|byte| write!(f, "\\x{byte:02x}"))?;
    }
    f.write_char('"')
}

fn show_parts(
    f: &mut fmt::Formatter<'_>,
    values: &[Value],
    ty: &Ty,
    [open, close]: [char; 2],
) -> fmt::Result {
    f.write_char(open)?;
    for (i, (value, (_, part))) in values.iter().zip(ty.parts()).enumerate() {
        if i > 0 {
            f.write_char(',')?;
        }
        write!(f, "{}", Shown(value, part))?;
    }
    f.write_char(close)
}
