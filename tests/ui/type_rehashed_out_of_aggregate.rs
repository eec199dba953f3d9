//! Nor does a type with Go's hash outlive the one that it was made of.

use core::ffi::c_void;

use gomap::maptype::Type;
use gomap::maptype::alg::go::{Family, GoHash, Hasher};
use gomap::maptype::alg::{Aggregate, INT64};

unsafe extern "C-unwind" fn random(_: *mut c_void) -> u64 {
    4
}

static GO: GoHash = GoHash::new(Family::Go123, [1; 4], random, core::ptr::null_mut());

fn rehashed() -> Type {
    let array = Aggregate::array("a name on the heap", &INT64, 3).unwrap();
    GO.of(Hasher::Compiled, &array).unwrap()
}

fn main() {
    println!("{}", rehashed().name());
}
