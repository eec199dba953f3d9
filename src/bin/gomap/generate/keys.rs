//! Keys by number, and special ones.

use std::sync::Arc;

use super::Rng;
use crate::machine::{Encoder, World, hash_value};
use crate::trace::{Hash, Shape, Ty, Types, Value};

/// Keys of one type.
pub struct Keys {
    ty: Arc<Ty>,
    /// The number of different keys.
    universe: u64,
    odd: Vec<Value>,
    /// Numbers of keys that share a chain; more than one list if the hash does not depend on the seed.
    chains: Vec<Vec<u64>>,
}

impl Keys {
    pub fn new(ty: &Arc<Ty>, hash: Hash) -> Keys {
        let universe = universe(ty);
        Keys {
            ty: ty.clone(),
            universe,
            odd: odd_values(ty),
            chains: chains(ty, hash, universe),
        }
    }

    /// Reduces a number to the range in which different numbers are different keys.
    pub fn number(&self, number: u64) -> u64 {
        number % self.universe
    }

    /// The key of that number.
    pub fn value(&self, number: u64) -> Value {
        value(&self.ty, number)
    }

    /// A key that is not equal to itself, cannot be hashed, or is otherwise special; none if the type has none.
    pub fn odd(&self, rng: &mut Rng) -> Option<Value> {
        (!self.odd.is_empty()).then(|| self.odd[rng.below(self.odd.len() as u64) as usize].clone())
    }

    pub fn pick_chain(&self, rng: &mut Rng) -> usize {
        rng.below(self.chains.len() as u64) as usize
    }

    /// The numbers of keys of that chain.
    pub fn chain(&self, chain: usize) -> &[u64] {
        &self.chains[chain]
    }

    /// Whether it is known which keys share a chain.
    pub fn has_chains(&self) -> bool {
        self.chains.len() > 1
    }
}

/// The value of that number, written plainly if that is easy to read.
pub fn value(ty: &Ty, number: u64) -> Value {
    match &ty.shape {
        Shape::Int | Shape::Uint => Value::Bits(number & u64::MAX >> (64 - 8 * ty.size as u32)),
        Shape::Float if ty.size == 4 => Value::Bits(u64::from((number as f32).to_bits())),
        Shape::Float => Value::Bits((number as f64).to_bits()),
        _ => Value::Expanded(number),
    }
}

/// How many numbers give different values; a count larger than any trace needs is capped.
fn universe(ty: &Ty) -> u64 {
    const ENOUGH: u64 = 1 << 24;
    match &ty.shape {
        Shape::Bool => 2,
        _ if ty.size == 0 => 1,
        _ if ty.size == 1 => 256,
        _ if ty.size == 2 => 1 << 16,
        Shape::Array(..) | Shape::Struct(_) => {
            let parts = ty.parts().map(|(_, part)| universe(part));
            parts
                .fold(1, |product: u64, part| product.saturating_mul(part))
                .min(ENOUGH)
        }
        _ => ENOUGH,
    }
}

fn odd_values(ty: &Arc<Ty>) -> Vec<Value> {
    let float = |bits: fn(f64) -> u64| [f64::NAN, f64::NAN, -0.0, f64::INFINITY].map(bits);
    let mut types = Types::default();
    match &ty.shape {
        Shape::Float if ty.size == 8 => float(f64::to_bits).map(Value::Bits).to_vec(),
        Shape::Float => float(|f| u64::from((f as f32).to_bits()))
            .map(Value::Bits)
            .to_vec(),
        Shape::Complex => {
            let bits: fn(f64) -> u64 = match ty.size {
                8 => |f| u64::from((f as f32).to_bits()),
                _ => f64::to_bits,
            };
            float(bits)
                .map(|half| Value::Complex(bits(1.0), half))
                .to_vec()
        }
        Shape::String => vec![Value::Bytes(Box::default())],
        Shape::Interface => {
            let unhashable = types.named("[]int");
            let inside = Value::Dynamic(unhashable.clone(), Box::new(Value::Nil));
            vec![
                Value::Nil,
                dynamic(&mut types, "float64", Value::Bits(f64::NAN.to_bits())),
                dynamic(&mut types, "float64", Value::Bits((-0.0_f64).to_bits())),
                dynamic(&mut types, "*T", Value::Bits(7)),
                dynamic(&mut types, "struct{}", Value::Parts(Box::default())),
                dynamic(
                    &mut types,
                    "[1]interface{}",
                    Value::Parts(Box::new([inside.clone()])),
                ),
                inside,
            ]
        }
        Shape::Array(..) | Shape::Struct(_) if !ty.is_bytes() => odd_aggregates(ty),
        _ => Vec::new(),
    }
}

fn dynamic(types: &mut Types, name: &str, value: Value) -> Value {
    Value::Dynamic(types.named(name), Box::new(value))
}

/// Values of an aggregate in which one part is special.
fn odd_aggregates(ty: &Ty) -> Vec<Value> {
    const PARTS: usize = 64;
    if ty.parts().nth(PARTS).is_some() {
        return Vec::new();
    }
    let plain: Vec<Value> = ty.parts().map(|(_, part)| value(part, 1)).collect();
    let mut found = Vec::new();
    for (i, (_, part)) in ty.parts().enumerate() {
        for odd in odd_values(part) {
            let mut values = plain.clone();
            values[i] = odd;
            found.push(Value::Parts(values.into()));
        }
    }
    found
}

/// Numbers of keys by the low three bits of their hashes, if these do not depend on the seed; else one list.
fn chains(ty: &Arc<Ty>, hash: Hash, universe: u64) -> Vec<Vec<u64>> {
    const KEYS: u64 = 2400;
    let mut encoder = Encoder::new();
    let mut chains = vec![Vec::new(); 8];
    for number in 0..KEYS.min(universe) {
        let value = value(ty, number);
        let chain = match hash {
            Hash::Few | Hash::Identity => {
                let world = World::new(0, encoder.area_needed(ty, &value));
                let mut memory = vec![0_u64; ty.size / 8 + 1];
                let key = memory.as_mut_ptr().cast();
                // SAFETY: `memory` has room for a key, zeroed and aligned, which is then encoded in it.
                unsafe {
                    encoder.encode(&world, ty, &value, key);
                    hash_value(key, 0, ty, hash, &world) % 8
                }
            }
            Hash::Default | Hash::Good | Hash::Const(_) => 0,
        };
        chains[chain as usize].push(number);
    }
    chains.retain(|chain| !chain.is_empty());
    chains
}
