//! The pointers that `Type::name` and `Aggregate` follow cannot be set.

use gomap::maptype::Type;

fn main() {
    let mut ty = Type::plain("x", 8, 8);
    ty.name = std::ptr::without_provenance(16);
    ty.name_len = 1;
    ty.gcdata = std::ptr::without_provenance(16);
    ty.ptrdata = 800;
    println!("{}", ty.name());
}
