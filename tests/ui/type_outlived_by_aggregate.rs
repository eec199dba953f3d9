//! An aggregate does not outlive the types of its components.

use gomap::maptype::alg::{Aggregate, INT64};

fn main() {
    let outer = {
        let inner = Aggregate::array("inner", &INT64, 3).unwrap();
        Aggregate::array("outer", &inner, 2).unwrap()
    };
    println!("{}", outer.name());
}
