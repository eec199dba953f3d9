//! Hash and equality through the functions that a map calls.
#![allow(dead_code, reason = "each test uses some of it")]

use std::panic::{UnwindSafe, catch_unwind};

use maptype::{Type, alg};

/// The hash of the value at `key`, which must be one of `ty`.
pub fn hash(key: *const u8, seed: usize, ty: &Type) -> usize {
    // SAFETY: a value of this type.
    unsafe { ty.alg.hash.unwrap()(key, seed, ty) }
}

/// Whether the values at `a` and `b`, which must be of `ty`, are equal.
pub fn equal(a: *const u8, b: *const u8, ty: &Type) -> bool {
    // SAFETY: values of this type.
    unsafe { ty.alg.equal.unwrap()(a, b, ty) }
}

/// Panics if hashing the value at `key`, which must be one of `ty`, would.
pub fn hashable(key: *const u8, ty: &Type) {
    // SAFETY: a value of this type.
    unsafe { alg::hashable(key, ty) }
}

pub fn address<T>(value: &T) -> *const u8 {
    (&raw const *value).cast()
}

/// Whether two values are equal under the type. If so, their hashes are also equal under several
/// seeds.
pub fn same<T>(a: &T, b: &T, ty: &Type) -> bool {
    let (a, b) = (address(a), address(b));
    let same = equal(a, b, ty);
    assert_eq!(same, equal(b, a, ty));
    for seed in [0, 1, 0xffff_ffff] {
        let hashes = hash(a, seed, ty) == hash(b, seed, ty);
        assert_eq!(hashes, same, "{}", ty.name());
    }
    same
}

/// What `f` panics with.
pub fn panic_message<R>(f: impl FnOnce() -> R + UnwindSafe) -> String {
    let payload = catch_unwind(f).err().expect("must panic");
    *payload.downcast::<String>().unwrap()
}
