//! The key types that the Go program hashes values of, in its order and under its names.

use maptype::Type;
use maptype::alg::{
    BOOL, COMPLEX64, COMPLEX128, FLOAT32, FLOAT64, INT8, INT16, INT32, INT64, INTERFACE, STRING,
    UINT8, UINT16, UINT32, UINT64,
};

/// What a type is made of.
#[derive(Clone)]
pub enum Shape {
    Leaf(&'static Type),
    Array(Box<Shape>, usize),
    Struct(Vec<Shape>),
    /// Fields at offsets, the size and the alignment of a struct with blank fields.
    Placed(Vec<(usize, Shape)>, usize, u32),
}

use Shape::{Leaf, Placed, Struct};

fn array(elem: Shape, len: usize) -> Shape {
    Shape::Array(Box::new(elem), len)
}

fn padded() -> Shape {
    Struct(vec![Leaf(&INT8), Leaf(&INT64)])
}

fn mixed() -> Shape {
    Struct(vec![
        Leaf(&INT32),
        Leaf(&INT32),
        Leaf(&INT64),
        Leaf(&STRING),
    ])
}

fn runs() -> Shape {
    Struct(vec![
        Leaf(&INT8),
        Leaf(&FLOAT32),
        array(Leaf(&UINT8), 3),
        Leaf(&UINT8),
        Leaf(&UINT32),
        Leaf(&INTERFACE),
        Leaf(&BOOL),
    ])
}

fn dense() -> Shape {
    Struct(vec![Leaf(&INT16), array(Leaf(&INT8), 6), Leaf(&UINT64)])
}

fn hollow() -> Shape {
    let nothing = Struct(vec![]);
    Struct(vec![
        Leaf(&FLOAT32),
        nothing.clone(),
        Leaf(&STRING),
        array(nothing, 2),
        Leaf(&UINT16),
        Leaf(&UINT16),
    ])
}

fn nested() -> Shape {
    let small = Struct(vec![Leaf(&INT16)]);
    Struct(vec![dense(), padded(), small, Leaf(&INT16)])
}

/// What an interface may hold, besides nothing.
pub fn dynamic() -> Vec<Shape> {
    let strings = array(Leaf(&STRING), 2);
    vec![
        Leaf(&INT64),
        Leaf(&STRING),
        Leaf(&FLOAT64),
        padded(),
        strings,
        mixed(),
    ]
}

/// The key types.
pub fn keys() -> Vec<(&'static str, Shape)> {
    vec![
        ("bool", Leaf(&BOOL)),
        ("int8", Leaf(&INT8)),
        ("uint16", Leaf(&UINT16)),
        ("int32", Leaf(&INT32)),
        ("uint64", Leaf(&UINT64)),
        ("string", Leaf(&STRING)),
        ("float32", Leaf(&FLOAT32)),
        ("float64", Leaf(&FLOAT64)),
        ("complex64", Leaf(&COMPLEX64)),
        ("complex128", Leaf(&COMPLEX128)),
        ("interface {}", Leaf(&INTERFACE)),
        ("struct {}", Struct(vec![])),
        ("[0]int32", array(Leaf(&INT32), 0)),
        ("[0]string", array(Leaf(&STRING), 0)),
        ("[0]float64", array(Leaf(&FLOAT64), 0)),
        ("[1]string", array(Leaf(&STRING), 1)),
        ("[3]string", array(Leaf(&STRING), 3)),
        ("[5]int32", array(Leaf(&INT32), 5)),
        ("[200]uint8", array(Leaf(&UINT8), 200)),
        ("[2]float64", array(Leaf(&FLOAT64), 2)),
        ("[2]interface {}", array(Leaf(&INTERFACE), 2)),
        ("[2][2]float32", array(array(Leaf(&FLOAT32), 2), 2)),
        ("main.padded", padded()),
        ("main.mixed", mixed()),
        ("main.runs", runs()),
        (
            "main.blank",
            Placed(vec![(0, Leaf(&INT16)), (4, Leaf(&INT32))], 8, 4),
        ),
        (
            "main.trailing",
            Struct(vec![Leaf(&INT32), array(Leaf(&STRING), 0)]),
        ),
        ("main.dense", dense()),
        ("main.hollow", hollow()),
        ("main.nested", nested()),
        ("[2]main.padded", array(padded(), 2)),
        ("[2]main.mixed", array(mixed(), 2)),
    ]
}
