//! Writes values of traces to memory.

use std::ptr;
use std::sync::Arc;

use maptype::Type;
use maptype::alg::{GoString, Interface};

use super::random::scramble;
use super::runtime_type::RuntimeTypes;
use super::world::World;
use crate::trace::{Shape, Ty, Types, Value};

/// The address of `p0`; nothing is there.
const POINTER_BASE: usize = 0x5000_0000_0000;

/// Writes values in their memory representation.
pub struct Encoder {
    runtime_types: RuntimeTypes,
    /// The types that `#N` selects from in an interface.
    expanded: [Arc<Ty>; 4],
}

impl Encoder {
    pub fn new() -> Encoder {
        let mut types = Types::default();
        Encoder {
            runtime_types: RuntimeTypes::default(),
            expanded: ["int", "string", "float64", "[2]uint16"].map(|name| types.named(name)),
        }
    }

    /// The map's descriptor of a type.
    pub fn runtime_type(&mut self, ty: &Ty) -> &'static Type {
        self.runtime_types.of(ty)
    }

    /// The most bytes of the area that a value takes.
    pub fn area_needed(&self, ty: &Ty, value: &Value) -> usize {
        match (value, &ty.shape) {
            (Value::Bytes(text), Shape::String) => text.len(),
            (Value::Expanded(number), Shape::String) => expanded_string(*number).len(),
            (Value::Dynamic(dynamic, value), _) => {
                7 + dynamic.size + self.area_needed(dynamic, value)
            }
            (Value::Expanded(number), Shape::Interface) => {
                let (dynamic, value) = self.expanded_dynamic(*number);
                7 + dynamic.size + self.area_needed(dynamic, &value)
            }
            (Value::Parts(values), _) => {
                let parts = ty.parts().zip(values);
                parts
                    .map(|((_, part), value)| self.area_needed(part, value))
                    .sum()
            }
            (Value::Expanded(number), _) if ty.has_pointers() => {
                let parts = ty.parts().zip(0..);
                parts
                    .map(|((_, part), i)| self.area_needed(part, &expanded_part(*number, i)))
                    .sum()
            }
            _ => 0,
        }
    }

    /// Writes `value` to `dst`.
    ///
    /// # Safety
    /// `dst` has room for a value of type `ty`, zeroed and aligned.
    pub unsafe fn encode(&mut self, world: &World, ty: &Ty, value: &Value, dst: *mut u8) {
        // SAFETY: `dst` has room for a `ty`, so for its parts at their offsets; scalars have the type's size.
        unsafe {
            match (value, &ty.shape) {
                (Value::Expanded(number), _) => self.expand(world, ty, *number, dst),
                (Value::Bits(number), Shape::Pointer) => store_pointer(dst, *number),
                (Value::Bits(bits), _) => store_bits(dst, ty.size, *bits),
                (Value::Complex(real, imaginary), _) => {
                    store_bits(dst, ty.size / 2, *real);
                    store_bits(dst.add(ty.size / 2), ty.size / 2, *imaginary);
                }
                (Value::Bytes(text), Shape::String) => store_string(world, dst, text),
                (Value::Bytes(bytes), _) => store_bytes(dst, bytes),
                (Value::Parts(values), _) => {
                    for ((offset, part), value) in ty.parts().zip(values) {
                        self.encode(world, part, value, dst.add(offset));
                    }
                }
                (Value::Nil, _) => {}
                (Value::Dynamic(dynamic, value), _) => {
                    let data = self.store_interface(world, dynamic, dst);
                    self.encode(world, dynamic, value, data);
                }
            }
        }
    }

    /// Writes the value that `#number` stands for.
    ///
    /// # Safety
    /// As [`Encoder::encode`].
    unsafe fn expand(&mut self, world: &World, ty: &Ty, number: u64, dst: *mut u8) {
        // SAFETY: `dst` has room for a `ty`, so for its parts at their offsets; scalars have the type's size.
        unsafe {
            match &ty.shape {
                Shape::Bool => store_bits(dst, 1, number & 1),
                Shape::Int | Shape::Uint => store_bits(dst, ty.size, number),
                Shape::Float => store_bits(dst, ty.size, expanded_float(number, ty.size)),
                Shape::Complex => {
                    let bits = expanded_float(number, ty.size / 2);
                    store_bits(dst, ty.size / 2, bits);
                    store_bits(dst.add(ty.size / 2), ty.size / 2, bits);
                }
                Shape::String => store_string(world, dst, &expanded_string(number)),
                Shape::Pointer => store_pointer(dst, number),
                Shape::Interface => {
                    let (dynamic, value) = self.expanded_dynamic(number);
                    let dynamic = dynamic.clone();
                    let data = self.store_interface(world, &dynamic, dst);
                    self.encode(world, &dynamic, &value, data);
                }
                Shape::Reference => {}
                Shape::Array(_, len) if ty.is_bytes() => store_scrambled(dst, *len, number),
                Shape::Array(..) | Shape::Struct(_) => {
                    for ((offset, part), i) in ty.parts().zip(0..) {
                        self.expand(world, part, scramble(number, i), dst.add(offset));
                    }
                }
            }
        }
    }

    /// The type and the value in an interface that is `#number`.
    fn expanded_dynamic(&self, number: u64) -> (&Arc<Ty>, Value) {
        (
            &self.expanded[(number % 4) as usize],
            Value::Expanded(number / 4),
        )
    }

    /// Makes the interface at `dst` hold a zero value of that type, and returns the value's address.
    ///
    /// # Safety
    /// `dst` has room for an interface, and is aligned.
    unsafe fn store_interface(
        &mut self,
        world: &World,
        dynamic: &Arc<Ty>,
        dst: *mut u8,
    ) -> *mut u8 {
        let ty = self.runtime_type(dynamic);
        world.type_number(ty, dynamic);
        let data = world.take(dynamic.size, 8);
        // SAFETY: `dst` has room for an interface; the area is zeroed, and each part of it is taken once.
        unsafe { dst.cast::<Interface>().write(Interface::new(ty, data)) };
        data
    }
}

/// Component `i` of the value that `#number` stands for.
fn expanded_part(number: u64, i: u64) -> Value {
    Value::Expanded(scramble(number, i))
}

fn expanded_string(number: u64) -> Vec<u8> {
    let padding = if number % 4 == 3 { 32 } else { 0 };
    format!("k{number}{}", ".".repeat(padding)).into_bytes()
}

fn expanded_float(number: u64, size: usize) -> u64 {
    match size {
        4 => u64::from((number as f32).to_bits()),
        _ => (number as f64).to_bits(),
    }
}

/// # Safety
/// `dst` has room for `size` bytes, at most 8.
unsafe fn store_bits(dst: *mut u8, size: usize, bits: u64) {
    debug_assert!(size <= 8);
    // SAFETY: `dst` has room for `size` bytes, at most the 8 of `bits`.
    unsafe { ptr::copy_nonoverlapping(bits.to_le_bytes().as_ptr(), dst, size) }
}

/// # Safety
/// `dst` has room for a pointer, and is aligned.
unsafe fn store_pointer(dst: *mut u8, number: u64) {
    let address = match number as usize {
        0 => 0,
        number => number.wrapping_mul(8).wrapping_add(POINTER_BASE),
    };
    // SAFETY: `dst` has room for a pointer, and is aligned.
    unsafe {
        dst.cast::<*mut u8>()
            .write(ptr::without_provenance_mut(address))
    }
}

/// The number of the pointer with that address, if it is one of a trace's.
pub fn pointer_number(address: u64) -> Option<u64> {
    match address {
        0 => Some(0),
        _ => Some(address.checked_sub(POINTER_BASE as u64)? / 8),
    }
}

/// # Safety
/// `dst` has room for the bytes, and does not overlap them.
unsafe fn store_bytes(dst: *mut u8, bytes: &[u8]) {
    // SAFETY: `dst` has room for the bytes; new memory does not overlap them.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), dst, bytes.len()) }
}

/// # Safety
/// `dst` has room for a string header, and is aligned.
unsafe fn store_string(world: &World, dst: *mut u8, text: &[u8]) {
    let data = world.take(text.len(), 1);
    let header = GoString {
        data,
        len: text.len(),
    };
    // SAFETY: `take` returned room for the text; `dst` has room for a header, and is aligned.
    unsafe {
        store_bytes(data, text);
        dst.cast::<GoString>().write(header);
    }
}

/// # Safety
/// `dst` has room for `len` bytes.
unsafe fn store_scrambled(dst: *mut u8, len: usize, number: u64) {
    for (i, start) in (0..len).step_by(8).enumerate() {
        let word = scramble(number, i as u64).to_le_bytes();
        let used = word.len().min(len - start);
        // SAFETY: `start + used <= len`, and `dst` has room for `len` bytes.
        unsafe { store_bytes(dst.add(start), &word[..used]) }
    }
}
