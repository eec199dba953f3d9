//! Hash and equality of the standard kinds, through the functions that a map calls.

mod common;

use common::{address, equal, hash, hashable, panic_message, same};
use maptype::alg::{
    self, Aggregate, BYTES, COMPLEX64, COMPLEX128, FLOAT32, FLOAT64, GoSlice, GoString, INT64,
    INTERFACE, Interface, STRING,
};
use maptype::{HASH_MIGHT_PANIC, REFLEXIVE_KEY, Type};

#[test]
fn memory_of_every_size_counts_every_byte() {
    // Both sides of every branch; Miri has less patience.
    let sizes = if cfg!(miri) { 0..=70 } else { 0..=300 };
    for size in sizes {
        let ty = alg::memory("memory", size, 1);
        let a: Vec<u8> = (0..size).map(|i| i as u8).collect();
        let mut b = a.clone();
        assert!(equal(a.as_ptr(), b.as_ptr(), &ty));
        assert_eq!(hash(a.as_ptr(), 7, &ty), hash(b.as_ptr(), 7, &ty));
        for i in 0..size {
            b[i] ^= 1 << (i % 8);
            assert!(!equal(a.as_ptr(), b.as_ptr(), &ty), "size {size}, byte {i}");
            assert_ne!(hash(a.as_ptr(), 7, &ty), hash(b.as_ptr(), 7, &ty));
            b[i] = a[i];
        }
    }
}

#[test]
fn inlined_hashes_are_those_of_the_types() {
    alg::init();
    let bytes: Vec<u8> = (0..40).collect();
    let p = bytes.as_ptr();
    for seed in [0, 1, 0x9e37_79b9] {
        let string = GoString::new(&bytes);
        // SAFETY: there are 40 bytes, and a string.
        let inlined = unsafe {
            [
                alg::memhash32(p, seed),
                alg::memhash64(p, seed),
                alg::memhash128(p, seed),
                alg::memhash(p, seed, 40),
                alg::strhash(string.as_key(), seed),
            ]
        };
        let any = alg::memory("40 bytes", 40, 1);
        let of_string = hash(string.as_key(), seed, &STRING);
        let called = [
            hash(p, seed, &alg::INT32),
            hash(p, seed, &INT64),
            hash(p, seed, &alg::UINT128),
            hash(p, seed, &any),
            of_string,
        ];
        assert_eq!(inlined, called);
        assert_eq!(alg::hash_word(5, seed), hash(address(&5u64), seed, &INT64));
        assert_eq!(alg::hash_bytes(&bytes, seed), of_string);
    }
}

#[test]
fn strings_and_slices_are_their_bytes() {
    let (a, b) = (String::from("gopher"), String::from("gopher"));
    let [x, y, z] = [a.as_bytes(), b.as_bytes(), b"gophe"].map(GoString::new);
    assert!(same(&x, &y, &STRING));
    assert!(!same(&x, &z, &STRING));
    let empty = GoString::new(&[]);
    let null: GoString = bytemuck::Zeroable::zeroed();
    assert!(same(&empty, &null, &STRING));
    // SAFETY: there are no bytes to be gone.
    assert_eq!(unsafe { null.as_bytes() }, b"");

    let roomy = GoSlice {
        cap: 99,
        ..GoSlice::new(a.as_bytes())
    };
    assert!(same(&roomy, &GoSlice::new(b.as_bytes()), &BYTES));
}

#[test]
fn zeroes_are_equal_and_nans_are_not() {
    assert!(same(&0.0f32, &-0.0f32, &FLOAT32));
    assert!(same(&0.0f64, &-0.0f64, &FLOAT64));
    assert!(same(&[0.0f32, -0.0], &[-0.0, 0.0], &COMPLEX64));
    assert!(same(&[1.5f64, -0.0], &[1.5, 0.0], &COMPLEX128));
    assert!(!same(&[1.5f64, 2.0], &[2.0, 1.5], &COMPLEX128));
    let nan = f64::NAN;
    assert!(!equal(address(&nan), address(&nan), &FLOAT64));
    assert_ne!(
        hash(address(&nan), 1, &FLOAT64),
        hash(address(&nan), 1, &FLOAT64)
    );
    let half_nan = [1.0f32, f32::NAN];
    assert!(!equal(address(&half_nan), address(&half_nan), &COMPLEX64));
    assert_ne!(
        hash(address(&half_nan), 1, &COMPLEX64),
        hash(address(&half_nan), 1, &COMPLEX64)
    );
}

#[test]
fn interfaces_compare_type_and_value() {
    let five = Interface::new(&INT64, address(&5i64));
    let elsewhere = Box::new(5i64);
    let five_too = Interface::new(&INT64, address(&*elsewhere));
    let unsigned = Interface::new(&alg::UINT64, address(&5u64));
    assert!(same(&five, &five_too, &INTERFACE));
    assert!(!same(&five, &unsigned, &INTERFACE));
    assert!(!same(&five, &Interface::NIL, &INTERFACE));
    assert!(same(&Interface::NIL, &Interface::NIL, &INTERFACE));
}

/// A type without hash and equality.
static SLICE: Type = Type::plain("[]int", 24, 8);

/// An interface that holds an unhashable value.
fn slice() -> Interface {
    Interface::new(&SLICE, address(&[0u64; 3]))
}

/// Both hashing the value as an interface and asking whether one could panic, and so name `ty`.
fn assert_unhashable(value: Interface, ty: &str) {
    let message = format!("runtime error: hash of unhashable type {ty}");
    let key = std::panic::AssertUnwindSafe(value.as_key());
    assert_eq!(panic_message(|| hash(*key, 0, &INTERFACE)), message);
    assert_eq!(panic_message(|| hashable(*key, &INTERFACE)), message);
}

#[test]
fn unhashable_keys_are_named() {
    assert_unhashable(slice(), "[]int");
    let message = panic_message(|| equal(slice().as_key(), slice().as_key(), &INTERFACE));
    assert_eq!(message, "runtime error: comparing uncomparable type []int");
}

#[test]
fn the_outermost_unhashable_type_is_named() {
    let structure = Aggregate::structure("struct { f []int }", &[&SLICE]).unwrap();
    let value = Interface::new(&structure, address(&[0u64; 3]));
    assert_unhashable(value, "struct { f []int }");

    // An array of interfaces has a hash; what is in them has not.
    let array = Aggregate::array("[1]interface {}", &INTERFACE, 1).unwrap();
    let held = slice();
    assert_unhashable(Interface::new(&array, held.as_key()), "[]int");
    let fields = [&INTERFACE, &INT64];
    let structure = Aggregate::structure("struct { i interface {}; n int64 }", &fields).unwrap();
    let held = (slice(), 0i64);
    assert_unhashable(Interface::new(&structure, address(&held)), "[]int");
}

#[test]
fn hashable_keys_pass() {
    let five = Interface::new(&INT64, address(&5i64));
    hashable(five.as_key(), &INTERFACE);
    hashable(Interface::NIL.as_key(), &INTERFACE);
    hashable(address(&5i64), &INT64);
    let pair = Aggregate::array("[2]interface {}", &INTERFACE, 2).unwrap();
    hashable(address(&[five, Interface::NIL]), &pair);
}

#[test]
fn opaque_types_are_asked_by_hashing() {
    unsafe extern "C-unwind" fn refuse(_: *const u8, seed: usize, _: *const Type) -> usize {
        panic!("no hash under seed {seed}")
    }
    let odd = Type::opaque("odd", 8, 8, refuse, INT64.alg.equal.unwrap());
    hashable(address(&1u64), &odd);
    let ty = odd.with_key_flags(REFLEXIVE_KEY | HASH_MIGHT_PANIC);
    assert_eq!(
        panic_message(|| hashable(address(&1u64), &ty)),
        "no hash under seed 0"
    );
}
