//! The key types that the Go program hashes values of.

use std::alloc::Layout;
use std::alloc::alloc_zeroed;

use maptype::Type;
use maptype::alg::go::{GoHash, Hasher};
use maptype::alg::{self, GoString, Interface};

use crate::random::Random;

/// What a type is made of.
#[derive(Clone)]
pub enum Shape {
    Leaf(&'static Type),
    Array(Box<Shape>, usize),
    Struct(Vec<Shape>),
    /// Fields at offsets, the size, the alignment: for structs with blank fields.
    Placed(Vec<(usize, Shape)>, usize, u32),
}

use Shape::{Leaf, Placed, Struct};

fn array(elem: Shape, len: usize) -> Shape {
    Shape::Array(Box::new(elem), len)
}

fn leaves(types: &[&'static Type]) -> Vec<Shape> {
    types.iter().copied().map(Leaf).collect()
}
