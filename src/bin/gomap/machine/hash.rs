//! The hash functions of traces.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::ptr;
use std::sync::Arc;

use maptype::Type;
use maptype::alg::{GoString, Interface};

use super::random::{MIX, mix};
use super::world::{MapPanic, World};
use crate::trace::{Hash, Shape, Ty};

/// The parameters of the hash function of a machine's keys.
pub struct Hashing {
    key: Arc<Ty>,
    hash: Hash,
    world: *const World,
}

thread_local! {
    /// The hashing of the machine that runs on this thread. It is not in the type's context, which
    /// aggregates use.
    static CURRENT: Cell<*const Hashing> = const { Cell::new(ptr::null()) };
}

impl Hashing {
    /// The world must outlive this value and not be moved.
    pub fn new(key: Arc<Ty>, hash: Hash, world: &World) -> Hashing {
        Hashing { key, hash, world }
    }

    /// `runtime` with the hash of the thread's current [`Hashing`], or with the map's default hash.
    pub fn key_type(runtime: &'static Type, hash: Hash) -> Type {
        match hash {
            Hash::Default => runtime.duplicate(),
            _ => runtime.duplicate().with_hash(hash_key),
        }
    }

    /// Makes this the hashing of keys on this thread.
    ///
    /// # Safety
    /// It is alive, and not moved, while keys are hashed; its world is alive.
    pub unsafe fn make_current(&self) {
        CURRENT.set(self);
    }
}

/// # Safety
/// A machine runs on this thread; `key` is one of its keys.
unsafe extern "C-unwind" fn hash_key(key: *const u8, seed: usize, _: *const Type) -> usize {
    // SAFETY: a machine runs on this thread, so `CURRENT` is set; `key` is one of its keys.
    unsafe {
        let hashing = &*CURRENT.get();
        hash_value(
            key,
            seed as u64,
            &hashing.key,
            hashing.hash,
            &*hashing.world,
        ) as usize
    }
}

/// Fixes the process-wide random key of the default hash. Maps made before have other hashes.
pub fn fix_default_hash() {
    const PROCESS_KEY: u64 = 0x0123_4567_89ab_cdef;
    maptype::alg::set_process_key(PROCESS_KEY);
}

/// The hash of the key at `key`; not the default one.
///
/// # Safety
/// `key` points to a value of type `ty` that was encoded in `world`.
pub unsafe fn hash_value(key: *const u8, seed: u64, ty: &Ty, hash: Hash, world: &World) -> u64 {
    let mut words = Words {
        world,
        folded: if hash == Hash::Good { seed } else { 0 },
        first: None,
    };
    // SAFETY: `key` points to a value of type `ty`, encoded in `world`.
    unsafe { words.value(ty, key) };
    let folded = mix(words.folded ^ MIX[0], MIX[2]);
    match hash {
        Hash::Good | Hash::Default => folded,
        Hash::Few => (folded % 8) | ((3 + (folded >> 8) % 4) << 56),
        Hash::Identity => words.first.unwrap_or(0),
        Hash::Const(value) => value,
    }
}

/// Folds the words of a key.
struct Words<'a> {
    world: &'a World,
    folded: u64,
    first: Option<u64>,
}

impl Words<'_> {
    fn word(&mut self, word: u64) {
        self.first.get_or_insert(word);
        self.folded = mix(self.folded ^ word ^ MIX[0], MIX[1]);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    fn float(&mut self, bits: u64, size: usize) {
        let number = match size {
            4 => f64::from(f32::from_bits(bits as u32)),
            _ => f64::from_bits(bits),
        };
        if number == 0.0 {
            self.word(0);
        } else if number.is_nan() {
            self.word(self.world.draw() & u64::from(u32::MAX));
        } else {
            self.word(bits);
        }
    }

    /// # Safety
    /// `at` points to a value of type `ty` that was encoded in this world.
    unsafe fn value(&mut self, ty: &Ty, at: *const u8) {
        // SAFETY: `at` points to a value of type `ty`, whose parts are at the type's offsets.
        unsafe {
            match &ty.shape {
                Shape::Bool | Shape::Int | Shape::Uint | Shape::Pointer => {
                    self.word(load_bits(at, ty.size));
                }
                Shape::Float => self.float(load_bits(at, ty.size), ty.size),
                Shape::Complex => {
                    let half = ty.size / 2;
                    self.float(load_bits(at, half), half);
                    self.float(load_bits(at.add(half), half), half);
                }
                Shape::String => {
                    let text = at.cast::<GoString>().read().as_bytes();
                    self.bytes(text);
                    self.word(text.len() as u64);
                }
                Shape::Interface => self.interface(at.cast::<Interface>().read()),
                Shape::Reference => unreachable!("refused where it is put into an interface"),
                Shape::Array(_, len) if ty.is_bytes() => {
                    self.bytes(std::slice::from_raw_parts(at, *len));
                }
                Shape::Array(..) | Shape::Struct(_) => {
                    for (offset, part) in ty.parts() {
                        self.value(part, at.add(offset));
                    }
                }
            }
        }
    }

    /// # Safety
    /// `interface` was encoded in this world.
    unsafe fn interface(&mut self, interface: Interface) {
        let Some((number, ty)) = self.world.dynamic_type(interface.ty) else {
            self.word(0);
            return;
        };
        if !ty.is_hashable() {
            let message = format!("runtime error: hash of unhashable type {}", ty.go_name);
            resume_unwind(Box::new(MapPanic(message)));
        }
        self.word(number);
        // SAFETY: `data` points to a value of the interface's dynamic type.
        unsafe { self.value(&ty, interface.data) }
    }
}

/// # Safety
/// `at` points to `size` bytes, at most 8.
pub unsafe fn load_bits(at: *const u8, size: usize) -> u64 {
    let mut bits = [0; 8];
    debug_assert!(size <= 8);
    // SAFETY: `at` points to `size` bytes, at most the 8 of `bits`.
    unsafe { ptr::copy_nonoverlapping(at, bits.as_mut_ptr(), size) };
    u64::from_le_bytes(bits)
}
