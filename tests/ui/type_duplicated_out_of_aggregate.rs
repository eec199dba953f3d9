//! Only a type that lives for ever can be copied.

use gomap::maptype::Type;
use gomap::maptype::alg::{Aggregate, INT64};

fn duplicate() -> Type {
    let array = Aggregate::array("a name on the heap", &INT64, 3).unwrap();
    array.duplicate()
}

fn main() {
    println!("{}", duplicate().name());
}
