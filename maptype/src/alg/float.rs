//! Floating point: zeroes of both signs are one key, and no NaN equals anything.

use super::fold::read;
use super::hash_word;
use super::memory::equal_as;
use super::process_key::draw;
use super::process_key::init_and_call;
use crate::{Alg, EqualFn, HashFn, Kind, NEED_KEY_UPDATE, Type};

const WORD_ALIGN: u32 = align_of::<usize>() as u32;

/// `float32`.
pub static FLOAT32: Type = float(("float32", Kind::Float32), 4, 4, hash32, equal_as::<f32>);
/// `float64`.
pub static FLOAT64: Type = float(
    ("float64", Kind::Float64),
    8,
    WORD_ALIGN,
    hash64,
    equal_as::<f64>,
);
/// `complex64`: the real part, then the imaginary one.
pub static COMPLEX64: Type = float(
    ("complex64", Kind::Complex64),
    8,
    4,
    hash_complex64,
    equal_as::<[f32; 2]>,
);
/// `complex128`: the real part, then the imaginary one.
pub static COMPLEX128: Type = float(
    ("complex128", Kind::Complex128),
    16,
    WORD_ALIGN,
    hash_complex128,
    equal_as::<[f64; 2]>,
);

const fn float(
    (name, kind): (&'static str, Kind),
    size: usize,
    align: u32,
    hash: HashFn,
    equal: EqualFn,
) -> Type {
    let alg = Alg {
        hash: Some(hash),
        equal: Some(equal),
    };
    Type::plain(name, size, align)
        .with_default_hash(kind, alg)
        .with_key_flags(NEED_KEY_UPDATE)
}

/// One word for equal numbers, another one each time for what equals nothing.
fn word(x: f64) -> u64 {
    if x == 0.0 {
        0
    } else if x.is_nan() {
        draw()
    } else {
        x.to_bits()
    }
}

fn hash_parts(parts: [f64; 2], seed: usize) -> usize {
    hash_word(word(parts[1]), hash_word(word(parts[0]), seed))
}

unsafe extern "C-unwind" fn hash32(key: *const u8, seed: usize, ty: *const Type) -> usize {
    init_and_call!(hash32(key, seed, ty));
    // SAFETY: a four-byte key.
    hash_word(word(unsafe { read::<f32>(key) }.into()), seed)
}

unsafe extern "C-unwind" fn hash64(key: *const u8, seed: usize, ty: *const Type) -> usize {
    init_and_call!(hash64(key, seed, ty));
    // SAFETY: an eight-byte key.
    hash_word(word(unsafe { read::<f64>(key) }), seed)
}

unsafe extern "C-unwind" fn hash_complex64(key: *const u8, seed: usize, ty: *const Type) -> usize {
    init_and_call!(hash_complex64(key, seed, ty));
    // SAFETY: two four-byte parts.
    hash_parts(unsafe { read::<[f32; 2]>(key) }.map(f64::from), seed)
}

unsafe extern "C-unwind" fn hash_complex128(key: *const u8, seed: usize, ty: *const Type) -> usize {
    init_and_call!(hash_complex128(key, seed, ty));
    // SAFETY: two eight-byte parts.
    hash_parts(unsafe { read::<[f64; 2]>(key) }, seed)
}
