//! Turns the bytes of a snapshot back into readable values.

use std::ptr;

use super::layout::{Words, find_pointers};
use super::rows::Row;
use crate::machine::{World, pointer_number};
use crate::trace::{MapTy, Shape, Shown, Ty, Value};

/// Larger keys and elems are boxed.
const MAX_INLINE: usize = 128;

/// The value of a row, written in the key's or elem's type if it has that type.
pub fn readable(row: &Row, map: &MapTy, world: &World) -> String {
    if row.path == "result" {
        return readable_result(&row.value, map, world);
    }
    let is_box = row.path.starts_with('b');
    let boxed_key = is_box && map.key.size > MAX_INLINE && row.value.len() == 2 * map.key.size;
    let ty = if boxed_key || row.path.contains(".key[") {
        &map.key
    } else if is_box || row.path.contains(".elem[") {
        &map.elem
    } else {
        return row.value.clone();
    };
    from_hex(&row.value)
        .and_then(|bytes| decode(ty, &bytes, world))
        .unwrap_or_else(|| row.value.clone())
}

/// A result with its values.
fn readable_result(text: &str, map: &MapTy, world: &World) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let value = |ty: &Ty, word: &str| {
        let decoded = from_hex(word).and_then(|bytes| decode(ty, &bytes, world));
        decoded.unwrap_or_else(|| word.to_string())
    };
    match words[..] {
        ["found", elem] => format!("found {}", value(&map.elem, elem)),
        ["entry", key, elem] => {
            format!("entry {} {}", value(&map.key, key), value(&map.elem, elem))
        }
        _ => text.to_string(),
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(
        digits
            .chunks(2)
            .map(|pair| (pair[0] * 16 + pair[1]) as u8)
            .collect(),
    )
}

/// The value whose canonical bytes these are, as a trace writes it; none if they are not of that type.
pub fn decode(ty: &Ty, bytes: &[u8], world: &World) -> Option<String> {
    let value = decode_value(ty, bytes, world)?;
    Some(Shown(&value, ty).to_string())
}

fn decode_value(ty: &Ty, bytes: &[u8], world: &World) -> Option<Value> {
    let bytes = bytes.get(..ty.size)?;
    let word = |index: usize| Some(u64::from_le_bytes(*bytes.get(8 * index..)?.first_chunk()?));
    match &ty.shape {
        Shape::Bool | Shape::Int | Shape::Uint | Shape::Float => Some(Value::Bits(number(bytes))),
        Shape::Complex => {
            let (real, imaginary) = bytes.split_at(ty.size / 2);
            Some(Value::Complex(number(real), number(imaginary)))
        }
        Shape::Pointer => Some(Value::Bits(pointer_number(number(bytes))?)),
        Shape::String if word(0)? == 0 && word(1)? == 0 => Some(Value::Bytes(Box::default())),
        Shape::String => Some(Value::Bytes(world.bytes_at(word(0)?, word(1)?)?.into())),
        Shape::Interface if word(0)? == 0 => Some(Value::Nil),
        Shape::Interface => {
            let dynamic = world.numbered_type(word(0)?)?;
            let data = match dynamic.is_direct() {
                true => bytes[8..].to_vec(),
                false => world.bytes_at(word(1)?, dynamic.size as u64)?,
            };
            let value = decode_value(&dynamic, &canonical(&dynamic, data, world), world)?;
            Some(Value::Dynamic(dynamic, Box::new(value)))
        }
        Shape::Reference => Some(Value::Nil),
        Shape::Array(..) if ty.is_bytes() => Some(Value::Bytes(bytes.into())),
        Shape::Array(..) | Shape::Struct(_) => {
            let parts = ty
                .parts()
                .map(|(offset, part)| decode_value(part, &bytes[offset..], world));
            Some(Value::Parts(parts.collect::<Option<Vec<Value>>>()?.into()))
        }
    }
}

/// A value of the area with canonical numbers for its pointers.
fn canonical(ty: &Ty, mut bytes: Vec<u8>, world: &World) -> Vec<u8> {
    let mut pointers = Vec::new();
    find_pointers(ty, 0, &mut pointers);
    for (offset, words) in pointers {
        let word = &mut bytes[offset..offset + 8];
        let pointer = number(word);
        let number = match words {
            Words::Interface => {
                let known = world.dynamic_type(ptr::without_provenance(pointer as usize));
                known.map_or(0, |(number, _)| number)
            }
            _ => world.canonical(pointer),
        };
        word.copy_from_slice(&number.to_le_bytes());
        if let Some(dynamic) = world.numbered_type(number)
            && words == Words::Interface
            && !dynamic.is_direct()
        {
            let data = &mut bytes[offset + 8..offset + 16];
            let distance = world.canonical(self::number(data));
            data.copy_from_slice(&distance.to_le_bytes());
        }
    }
    bytes
}

fn number(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}
