//! Arrays and structs made at run time: what they are taken for, what counts in them, what is
//! refused.

mod common;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use common::{address, equal, hash, same};
use maptype::alg::{
    Aggregate, FLOAT32, FLOAT64, GoString, INT8, INT16, INT32, INT64, INTERFACE, POINTER, STRING,
    UINT8, UINT32, UINT128,
};
use maptype::{
    DropFn, HASH_MIGHT_PANIC, Kind, NEED_KEY_UPDATE, Problem, REFLEXIVE_KEY, Type, TypeError,
};

const WORD: usize = size_of::<usize>();

fn structure<'a>(fields: &[&'a Type]) -> Aggregate<'a> {
    Aggregate::structure("struct", fields).unwrap()
}

fn array(elem: &Type, len: usize) -> Aggregate<'_> {
    Aggregate::array("array", elem, len).unwrap()
}

/// A value of `T` in memory that was filled with `fill` before: its padding is that.
fn in_garbage<T>(fill: u8, write: impl FnOnce(*mut T)) -> Vec<u64> {
    let mut words = vec![u64::from_ne_bytes([fill; 8]); size_of::<T>().div_ceil(8)];
    write(words.as_mut_ptr().cast());
    words
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
    let ty = structure(&[&UINT8, &UINT32, &STRING, &UINT8]);
    assert_eq!(
        (ty.size, ty.align as usize),
        (size_of::<Padded>(), align_of::<Padded>())
    );
    let value = |fill: u8, text: &str, c: u8| {
        in_garbage::<Padded>(fill, |value| {
            // SAFETY: field by field, so that the padding stays.
            unsafe {
                (&raw mut (*value).a).write(1);
                (&raw mut (*value).b).write(2);
                (&raw mut (*value).s).write(GoString::new(text.as_bytes()));
                (&raw mut (*value).c).write(c);
            }
        })
    };
    let (x, y) = (String::from("x"), String::from("x"));
    let (one, two) = (value(0, &x, 3), value(0xff, &y, 3));
    assert_ne!(one, two);
    assert!(equal(one.as_ptr().cast(), two.as_ptr().cast(), &ty));
    let hash = |value: &[u64]| hash(value.as_ptr().cast(), 1, &ty);
    assert_eq!(hash(&one), hash(&two));
    for other in [value(0, &x, 4), value(0, "y", 3)] {
        assert!(!equal(one.as_ptr().cast(), other.as_ptr().cast(), &ty));
        assert_ne!(hash(&one), hash(&other));
    }
}

#[test]
fn blank_fields_take_no_part() {
    let fields = [(0, &INT32 as &Type), (8, &INT32)];
    let ty = Aggregate::with_layout("blank in the middle", &fields, 12, 4).unwrap();
    assert!(same(&[1, 2, 3], &[1, 99, 3], &ty));
    assert!(!same(&[1, 2, 3], &[1, 2, 4], &ty));
}

#[test]
fn every_element_counts_under_its_own_equality() {
    let pair = array(&FLOAT32, 2);
    let pairs = array(&pair, 2);
    assert!(same(
        &[[1.0f32, 0.0], [2.0, -0.0]],
        &[[1.0, -0.0], [2.0, 0.0]],
        &pairs
    ));
    assert!(!same(
        &[[1.0f32, 0.0], [2.0, 3.0]],
        &[[1.0, 0.0], [2.0, 4.0]],
        &pairs
    ));
    assert!(!same(
        &[[1.0f32, 2.0], [3.0, 4.0]],
        &[[2.0, 1.0], [3.0, 4.0]],
        &pairs
    ));
    let nan = [[f32::NAN; 2]; 2];
    assert!(!equal(address(&nan), address(&nan), &pairs));
}

#[test]
fn dense_memory_is_memory() {
    let half = structure(&[&INT16, &UINT8, &UINT8]);
    let whole = array(&half, 3);
    let nested = structure(&[&whole, &INT32]);
    for ty in [&half, &whole, &nested, &structure(&[])] {
        assert_eq!(ty.kind, Kind::Memory);
        assert!(ty.default_hash);
    }
    assert!(same(&[1u32, 2, 3, 4], &[1, 2, 3, 4], &nested));
    assert_eq!(
        hash(address(&[1u8; 16]), 5, &nested),
        hash(address(&[1u8; 16]), 5, &UINT128)
    );

    for ty in [
        structure(&[&INT8, &INT16]),
        structure(&[&INT64, &FLOAT64]),
        array(&STRING, 2),
    ] {
        assert_ne!(ty.kind, Kind::Memory);
    }
}

#[test]
fn flags_come_from_the_components() {
    let flags = |ty: &Aggregate<'_>| ty.key_flags;
    let string = REFLEXIVE_KEY | NEED_KEY_UPDATE;
    assert_eq!(flags(&structure(&[&INT8, &POINTER])), REFLEXIVE_KEY);
    assert_eq!(flags(&array(&STRING, 3)), string);
    assert_eq!(flags(&array(&STRING, 0)), string);
    assert_eq!(flags(&structure(&[&FLOAT32, &INT32])), NEED_KEY_UPDATE);
    assert_eq!(
        flags(&structure(&[&INT8, &INTERFACE])),
        NEED_KEY_UPDATE | HASH_MIGHT_PANIC
    );
}

#[test]
fn layouts_are_those_of_go() {
    let nothing = structure(&[]);
    let sizes = |ty: &Aggregate<'_>| (ty.size, ty.align);
    assert_eq!(sizes(&nothing), (0, 1));
    assert_eq!(sizes(&structure(&[&INT8, &INT32, &INT8])), (12, 4));
    assert_eq!(sizes(&structure(&[&nothing, &INT32])), (4, 4));
    assert_eq!(sizes(&structure(&[&INT32, &nothing])), (8, 4));
    assert_eq!(sizes(&structure(&[&nothing, &nothing])), (0, 1));
    assert_eq!(sizes(&array(&INT16, 7)), (14, 2));
}

/// The pointer words of a type, by number.
fn pointer_words(ty: &Type) -> Vec<usize> {
    let is_pointer = |word: &usize| {
        // SAFETY: the mask has one bit for each word in `ptrdata`.
        ty.gcdata.is_null() || unsafe { *ty.gcdata.add(word / 8) } >> (word % 8) & 1 == 1
    };
    (0..ty.ptrdata / WORD).filter(is_pointer).collect()
}

#[test]
fn pointer_words_are_found() {
    let word = if WORD == 8 { &INT64 } else { &INT32 };
    assert_eq!(pointer_words(&structure(&[word, word])), [0; 0]);
    assert_eq!(
        pointer_words(&structure(&[&POINTER, &POINTER, word])),
        [0, 1]
    );
    assert_eq!(
        pointer_words(&structure(&[word, &STRING, &INTERFACE])),
        [1, 3, 4]
    );
    assert_eq!(pointer_words(&array(&POINTER, 3)), [0, 1, 2]);
    assert_eq!(
        pointer_words(&array(&STRING, 20)),
        (0..20).map(|i| 2 * i).collect::<Vec<_>>()
    );
    assert_eq!(pointer_words(&array(&STRING, 0)), [0; 0]);
    let mixed = structure(&[word, &POINTER, word]);
    assert_eq!(pointer_words(&array(&mixed, 3)), [1, 4, 7]);
    assert_eq!(array(&mixed, 3).ptrdata, 8 * WORD);
}

#[test]
fn what_cannot_be_hashed_makes_the_whole_unhashable() {
    let slice = Type::plain("[]int", 3 * WORD, align_of::<usize>() as u32);
    for ty in [
        structure(&[&INT8, &slice]),
        array(&slice, 2),
        array(&slice, 0),
    ] {
        assert!(ty.alg.hash.is_none() && ty.alg.equal.is_none());
    }
}

thread_local! {
    static DROPPED: Cell<u64> = const { Cell::new(0) };
}

unsafe extern "C-unwind" fn note_drop(value: *mut u8, _: *const Type) {
    // SAFETY: an eight-byte value.
    let value = unsafe { value.cast::<u64>().read_unaligned() };
    DROPPED.set(DROPPED.get() * 10 + value);
}

unsafe extern "C-unwind" fn increment(value: *mut u8, _: *const Type) {
    // SAFETY: an eight-byte value.
    unsafe { *value.cast::<u64>() += 1 };
}

#[test]
fn glue_runs_for_each_component() {
    let owned = INT64.duplicate().with_drop(note_drop).with_copy(increment);
    let pair = array(&owned, 2);
    let ty = structure(&[&pair, &INT64, &owned]);
    let mut value = [1u64, 2, 3, 4];
    let at = (&raw mut value).cast();
    // SAFETY: a value of the type.
    unsafe {
        ty.copy.unwrap()(at, &*ty);
        ty.drop.unwrap()(at, &*ty);
    }
    assert_eq!(value, [2, 3, 3, 5]);
    assert_eq!(DROPPED.get(), 235);
    assert!(structure(&[&INT64, &STRING]).drop.is_none());
}

thread_local! {
    /// The value from whose glue to unwind.
    static FAULT: Cell<u64> = const { Cell::new(0) };
}

fn unwind_at(value: u64) {
    if FAULT.get() == value {
        resume_unwind(Box::new("the fault"));
    }
}

unsafe extern "C-unwind" fn unwinding_drop(value: *mut u8, ty: *const Type) {
    // SAFETY: an eight-byte value.
    unsafe {
        note_drop(value, ty);
        unwind_at(value.cast::<u64>().read());
    }
}

unsafe extern "C-unwind" fn unwinding_copy(value: *mut u8, ty: *const Type) {
    // SAFETY: an eight-byte value.
    unsafe {
        unwind_at(value.cast::<u64>().read());
        increment(value, ty);
    }
}

/// Whichever component's drop glue unwinds, each has ended once; whichever one's copy glue does,
/// those that were copied have ended.
#[test]
fn no_component_leaks_when_glue_unwinds() {
    let owned = INT64
        .duplicate()
        .with_drop(unwinding_drop)
        .with_copy(unwinding_copy);
    let pair = array(&owned, 2);
    let ty = structure(&[&owned, &INT64, &pair, &owned]);
    let dropped = |glue: DropFn, fault| {
        let mut value = [1u64, 0, 3, 5, 7];
        FAULT.set(fault);
        DROPPED.set(0);
        // SAFETY: a value of the type.
        let unwound = catch_unwind(AssertUnwindSafe(|| unsafe {
            glue((&raw mut value).cast(), &*ty)
        }));
        assert!(unwound.is_err(), "{fault}");
        DROPPED.get()
    };
    for (fault, copied) in [(1, 0), (3, 2), (5, 42), (7, 246)] {
        assert_eq!(dropped(ty.drop.unwrap(), fault), 1357);
        assert_eq!(dropped(ty.copy.unwrap(), fault), copied);
    }
}

fn refused(result: Result<Aggregate<'_>, TypeError>) -> (&'static str, Problem) {
    let error = result.expect_err("must be refused");
    assert!(error.to_string().starts_with(error.field));
    (error.field, error.problem)
}

#[test]
fn arrays_larger_than_memory_are_refused() {
    let too_large = refused(Aggregate::array("", &INT64, usize::MAX / 8));
    assert!(matches!(
        too_large,
        ("array.size", Problem::TooLarge { .. })
    ));
    let too_large = refused(Aggregate::array("", &INT64, usize::MAX));
    assert!(matches!(
        too_large,
        ("array.size", Problem::TooLarge { .. })
    ));
}

#[test]
fn bad_components_are_refused() {
    let crooked = Type::plain("crooked", 8, 3);
    let problem = Problem::NotAPowerOfTwo(3);
    assert_eq!(
        refused(Aggregate::array("", &crooked, 1)),
        ("elem.align", problem)
    );
    assert_eq!(
        refused(Aggregate::structure("", &[&crooked])),
        ("fields.align", problem)
    );
    let half = Type::plain("half", isize::MAX as usize - 7, 1);
    let too_large = refused(Aggregate::structure("", &[&half, &half]));
    assert!(matches!(
        too_large,
        ("struct.size", Problem::TooLarge { .. })
    ));
    let too_large = refused(Aggregate::structure("", &[&half, &half, &half]));
    assert!(matches!(
        too_large,
        ("struct.size", Problem::TooLarge { .. })
    ));
}

#[test]
fn misplaced_fields_are_refused() {
    let refused = |fields: &[(usize, &'static Type)], size, align| {
        refused(Aggregate::with_layout("", fields, size, align))
    };
    let multiple = |value, of| Problem::NotAMultipleOf { value, of };
    let overlapping = refused(&[(0, &INT32), (4, &INT16), (5, &INT8)], 8, 4);
    assert_eq!(overlapping, ("fields.offset", Problem::Overlaps(2)));
    assert_eq!(
        refused(&[(2, &INT32)], 8, 4),
        ("fields.offset", multiple(2, 4))
    );
    let beyond = Problem::TooLarge {
        value: 12,
        limit: 8,
    };
    assert_eq!(
        refused(&[(0, &INT32), (8, &INT32)], 8, 4),
        ("fields.offset", beyond)
    );
    assert_eq!(
        refused(&[(0, &INT32)], 8, 2),
        ("struct.align", multiple(2, 4))
    );
    assert_eq!(
        refused(&[(0, &INT32)], 6, 4),
        ("struct.size", multiple(6, 4))
    );
    assert_eq!(
        refused(&[], 6, 0),
        ("struct.align", Problem::NotAPowerOfTwo(0))
    );
}
