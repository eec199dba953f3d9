//! A pointer mask must be static: a type may live as long.

use gomap::maptype::Type;

fn with_mask() -> Type {
    let mask = vec![1u8];
    Type::plain("x", 8, 8).with_pointer_mask(8, &mask)
}

fn main() {
    println!("{}", with_mask().ptrdata);
}
