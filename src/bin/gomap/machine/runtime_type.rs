//! The map's type descriptors for the types of traces.

use std::collections::HashMap;

use maptype::Type;
use maptype::alg::{
    Aggregate, COMPLEX64, COMPLEX128, FLOAT32, FLOAT64, INTERFACE, POINTER, STRING, memory,
};

use crate::trace::{Shape, Ty};

/// The descriptors made so far, one for each type. They live as long as the program: there are few.
#[derive(Default)]
pub struct RuntimeTypes {
    by_name: HashMap<String, &'static Type>,
}

impl RuntimeTypes {
    /// The descriptor of `ty`.
    pub fn of(&mut self, ty: &Ty) -> &'static Type {
        if let Some(known) = self.by_name.get(&ty.name) {
            return known;
        }
        let made = self.make(ty);
        self.by_name.insert(ty.name.clone(), made);
        made
    }

    fn make(&mut self, ty: &Ty) -> &'static Type {
        let name: &'static str = ty.go_name.clone().leak();
        let narrow = ty.size <= 4;
        let scalar = match &ty.shape {
            Shape::Bool | Shape::Int | Shape::Uint => memory(name, ty.size, ty.align as u32),
            Shape::Float if narrow => FLOAT32.duplicate(),
            Shape::Float => FLOAT64.duplicate(),
            Shape::Complex if ty.size == 8 => COMPLEX64.duplicate(),
            Shape::Complex => COMPLEX128.duplicate(),
            Shape::String => STRING.duplicate(),
            Shape::Pointer => POINTER.duplicate(),
            Shape::Interface => INTERFACE.duplicate(),
            Shape::Reference => Type::plain(name, ty.size, ty.align as u32).with_pointers(8),
            Shape::Array(elem, len) => {
                return leak(Aggregate::array(name, self.of(elem), *len));
            }
            Shape::Struct(fields) => {
                let types: Vec<&Type> = fields.iter().map(|field| self.of(&field.ty)).collect();
                return leak(Aggregate::structure(name, &types));
            }
        };
        Box::leak(Box::new(scalar))
    }
}

fn leak(made: Result<Aggregate<'static>, maptype::TypeError>) -> &'static Type {
    Box::leak(Box::new(made.expect("the parser limits sizes")))
}
