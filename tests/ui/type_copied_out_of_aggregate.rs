//! The name and the tables of an aggregate go with it: its type cannot be taken out, and used
//! afterwards.

use gomap::maptype::Type;
use gomap::maptype::alg::{Aggregate, INT64, POINTER};

fn main() {
    let array: Type = *Aggregate::array("a name on the heap", &INT64, 3).unwrap();
    println!("{}", array.name());

    let inner: Type = *Aggregate::structure("inner", &[&INT64, &POINTER, &INT64]).unwrap();
    let outer = Aggregate::structure("outer", &[&inner]).unwrap();
    println!("{}", outer.ptrdata);
}
