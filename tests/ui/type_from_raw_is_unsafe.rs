//! Code that makes a type of its fields is responsible for its pointers.

use gomap::maptype::{RawType, Type};

fn main() {
    let raw = RawType {
        name: std::ptr::without_provenance(16),
        name_len: 1,
        ..*Type::plain("x", 8, 8).as_raw()
    };
    println!("{}", Type::from_raw(raw).name());
}
