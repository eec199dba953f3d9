//! Types made of shapes, and values of them.

use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::AtomicPtr;

use maptype::alg::go::{GoHash, Hasher};
use maptype::alg::{self, Aggregate, GoString, Interface};
use maptype::{Kind, Type};

use crate::random::Random;
use crate::shapes::Shape;

/// A type with Go's hash, and its components.
pub struct Built {
    pub ty: &'static Type,
    /// The components and their offsets; empty in a leaf.
    parts: Vec<(usize, Built)>,
    is_leaf: bool,
}

/// What lives to the end of the test, where leak checkers find it.
static KEPT: Mutex<Vec<AtomicPtr<()>>> = Mutex::new(Vec::new());

pub fn keep<T>(value: T) -> &'static T {
    let value = Box::leak(Box::new(value));
    let kept = AtomicPtr::new(ptr::from_mut(value).cast());
    KEPT.lock().unwrap().push(kept);
    value
}

fn aggregate(ty: Aggregate<'static>, parts: Vec<(usize, Built)>) -> Built {
    let ty: &'static Aggregate<'static> = keep(ty);
    Built {
        ty,
        parts,
        is_leaf: false,
    }
}

impl Built {
    pub fn new(go: &'static GoHash, hasher: Hasher, shape: &Shape) -> Built {
        let build = |shape: &Shape| Built::new(go, hasher, shape);
        match shape {
            Shape::Leaf(ty) => Built {
                ty: keep(go.of(hasher, ty).unwrap()),
                parts: vec![],
                is_leaf: true,
            },
            Shape::Array(elem, len) => {
                let ty = build(elem).ty;
                let parts = (0..*len).map(|i| (i * ty.size, build(elem))).collect();
                aggregate(go.array(hasher, "array", ty, *len).unwrap(), parts)
            }
            Shape::Struct(fields) => {
                let fields: Vec<Built> = fields.iter().map(build).collect();
                let types: Vec<&Type> = fields.iter().map(|field| field.ty).collect();
                let ty = go.structure(hasher, "struct", &types).unwrap();
                let mut end = 0usize;
                let place = |field: Built| {
                    let offset = end.next_multiple_of(field.ty.align as usize);
                    end = offset + field.ty.size;
                    (offset, field)
                };
                aggregate(ty, fields.into_iter().map(place).collect())
            }
            Shape::Placed(fields, size, align) => {
                let place = |(offset, field): &(usize, Shape)| (*offset, build(field));
                let parts: Vec<(usize, Built)> = fields.iter().map(place).collect();
                let types: Vec<_> = parts
                    .iter()
                    .map(|(offset, field)| (*offset, field.ty))
                    .collect();
                let ty = go.with_layout(hasher, "struct", &types, *size, *align);
                aggregate(ty.unwrap(), parts)
            }
        }
    }

    /// A value drawn from `random`, as the Go program draws it, with garbage for padding.
    pub fn value(&self, random: &mut Random, dynamic: &[Built]) -> *const u8 {
        let mut words = vec![0xa5a5_a5a5_a5a5_a5a5u64; self.ty.size.div_ceil(8)];
        let value = words.as_mut_ptr().cast();
        keep(words);
        self.fill(value, random, dynamic);
        value
    }

    fn fill(&self, at: *mut u8, random: &mut Random, dynamic: &[Built]) {
        if self.is_leaf {
            // SAFETY: `at` has room for a value of this type.
            return unsafe { fill_leaf(self.ty, at, random, dynamic) };
        }
        for (offset, part) in &self.parts {
            // SAFETY: the part is in the value.
            part.fill(unsafe { at.add(*offset) }, random, dynamic);
        }
    }

    /// The hash of the value at `key`.
    pub fn hash(&self, key: *const u8, seed: u64) -> usize {
        // SAFETY: `key` was filled with a value of this shape.
        unsafe { self.ty.alg.hash.unwrap()(key, seed as usize, self.ty) }
    }
}

/// # Safety
/// `at` has room for a value of the leaf type `ty`, aligned.
unsafe fn fill_leaf(ty: &Type, at: *mut u8, random: &mut Random, dynamic: &[Built]) {
    let mut float = || simple_float(random);
    // SAFETY: the caller's promise, and what the kinds mean.
    unsafe {
        match ty.kind {
            Kind::Float32 => at.cast::<f32>().write(float() as f32),
            Kind::Float64 => at.cast::<f64>().write(float()),
            Kind::Complex64 => at
                .cast::<[f32; 2]>()
                .write([float() as f32, float() as f32]),
            Kind::Complex128 => at.cast::<[f64; 2]>().write([float(), float()]),
            Kind::String => {
                let len = random.next() as usize % 24;
                at.cast::<GoString>()
                    .write(GoString::new(keep(random.bytes(len))));
            }
            Kind::Interface => {
                let chosen = random.next() as usize % (dynamic.len() + 1);
                let held = dynamic.get(chosen);
                let held = held.map(|built| Interface::new(built.ty, built.value(random, &[])));
                at.cast::<Interface>().write(held.unwrap_or(Interface::NIL));
            }
            _ if ty.name() == alg::BOOL.name() => at.write((random.next() % 2) as u8),
            _ => {
                let bytes = random.bytes(ty.size);
                at.copy_from_nonoverlapping(bytes.as_ptr(), ty.size);
            }
        }
    }
}

/// A float with few fractional bits, so that it is the same however it is computed.
fn simple_float(random: &mut Random) -> f64 {
    match random.next() % 4 {
        0 => 0.0,
        1 => -0.0,
        _ => f64::from(random.next() as i32 >> 8) / 16.0,
    }
}
