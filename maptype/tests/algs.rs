//! Hash and equality of the standard kinds, through the functions that a map calls.

use std::panic::catch_unwind;

use maptype::alg::{
    self, Aggregate, BYTES, COMPLEX64, COMPLEX128, FLOAT32, FLOAT64, GoSlice, GoString, INT64,
    INTERFACE, Interface, STRING,
};
use maptype::{Kind, Type};

fn hash(key: *const u8, seed: usize, ty: &Type) -> usize {
    unsafe { ty.alg.hash.unwrap()(key, seed, ty) }
}

fn equal(a: *const u8, b: *const u8, ty: &Type) -> bool {
    unsafe { ty.alg.equal.unwrap()(a, b, ty) }
}

fn address<T>(value: &T) -> *const u8 {
    (&raw const *value).cast()
}

/// Equal under the type, and hashed alike under several seeds.
fn same<T>(a: &T, b: &T, ty: &Type) -> bool {
    let (a, b) = (address(a), address(b));
    let same = equal(a, b, ty);
    assert_eq!(same, equal(b, a, ty));
    if same {
        for seed in [0, 1, 0xffff_ffff] {
            assert_eq!(hash(a, seed, ty), hash(b, seed, ty), "{}", ty.name());
        }
    }
    same
}

fn panic_message<R>(f: impl FnOnce() -> R + std::panic::UnwindSafe) -> String {
    let payload = catch_unwind(f).err().expect("must panic");
    *payload.downcast::<String>().unwrap()
}

#[test]
fn memory_of_every_size_counts_every_byte() {
    for size in 0..=300 {
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
        unsafe {
            assert_eq!(alg::memhash32(p, seed), hash(p, seed, &alg::INT32));
            assert_eq!(alg::memhash64(p, seed), hash(p, seed, &INT64));
            assert_eq!(alg::memhash128(p, seed), hash(p, seed, &alg::UINT128));
            assert_eq!(
                alg::memhash(p, seed, 40),
                hash(p, seed, &alg::memory("", 40, 1))
            );
            let string = GoString::new(&bytes);
            assert_eq!(
                alg::strhash(string.as_key(), seed),
                hash(string.as_key(), seed, &STRING)
            );
        }
        assert_eq!(alg::hash_word(5, seed), hash(address(&5u64), seed, &INT64));
        let string = GoString::new(&bytes);
        assert_eq!(
            alg::hash_bytes(&bytes, seed),
            hash(string.as_key(), seed, &STRING)
        );
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
    let five_too = Interface::new(&INT64, address(&{ 5i64 }));
    let unsigned = Interface::new(&alg::UINT64, address(&5u64));
    assert!(same(&five, &five_too, &INTERFACE));
    assert!(!same(&five, &unsigned, &INTERFACE));
    assert!(!same(&five, &Interface::NIL, &INTERFACE));
    assert!(same(&Interface::NIL, &Interface::NIL, &INTERFACE));
}

#[test]
fn unhashable_keys_are_named() {
    static SLICE: Type = Type::plain("[]int", 24, 8);
    let slice = Interface::new(&SLICE, [0u64; 3].as_ptr().cast());
    let message = "runtime error: hash of unhashable type []int";
    assert_eq!(
        panic_message(move || hash(slice.as_key(), 0, &INTERFACE)),
        message
    );
    assert_eq!(
        panic_message(move || unsafe { alg::hashable(slice.as_key(), &INTERFACE) }),
        message
    );
    assert_eq!(
        panic_message(move || equal(slice.as_key(), slice.as_key(), &INTERFACE)),
        "runtime error: comparing uncomparable type []int"
    );

    // A struct with a slice in it is itself unhashable; an array of interfaces is not, the slice in it is.
    let structure = Aggregate::structure("struct { f []int }", &[&SLICE]).unwrap();
    let value = Interface::new(&structure, [0u64; 3].as_ptr().cast());
    let message = "runtime error: hash of unhashable type struct { f []int }";
    assert_eq!(
        panic_message(move || hash(value.as_key(), 0, &INTERFACE)),
        message
    );
    assert_eq!(
        panic_message(move || unsafe { alg::hashable(value.as_key(), &INTERFACE) }),
        message
    );
    let array = Aggregate::array("[1]interface {}", &INTERFACE, 1).unwrap();
    let value = Interface::new(&array, slice.as_key());
    let message = "runtime error: hash of unhashable type []int";
    assert_eq!(
        panic_message(move || hash(value.as_key(), 0, &INTERFACE)),
        message
    );
    assert_eq!(
        panic_message(move || unsafe { alg::hashable(value.as_key(), &INTERFACE) }),
        message
    );

    let five = Interface::new(&INT64, address(&5i64));
    unsafe {
        alg::hashable(five.as_key(), &INTERFACE);
        alg::hashable(Interface::NIL.as_key(), &INTERFACE);
    }
}

#[test]
fn padding_takes_no_part() {
    #[repr(C)]
    struct Padded {
        a: u8,
        b: u32,
        s: GoString,
        c: u8,
    }
    let ty = Aggregate::structure("padded", &[&alg::UINT8, &alg::UINT32, &STRING, &alg::UINT8]);
    let ty = ty.unwrap();
    assert_eq!(
        (ty.size, ty.align as usize),
        (size_of::<Padded>(), align_of::<Padded>())
    );
    let text = [String::from("x"), String::from("x")];
    let [one, two] = [0u8, 0xff].map(|fill| {
        let mut bytes = [fill; size_of::<Padded>()];
        let s = GoString::new(text[fill as usize & 1].as_bytes());
        let value = bytes.as_mut_ptr().cast::<Padded>();
        unsafe {
            (&raw mut (*value).a).write_unaligned(1);
            (&raw mut (*value).b).write_unaligned(2);
            (&raw mut (*value).s).write_unaligned(s);
            (&raw mut (*value).c).write_unaligned(3);
        }
        bytes
    });
    assert_ne!(one, two);
    assert!(same(&one, &two, &ty));
    assert_eq!(ty.kind, Kind::Struct);
}
