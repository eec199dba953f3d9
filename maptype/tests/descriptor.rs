//! The descriptor of a map type: computed from its key and elem as Go's compiler does it, or
//! refused.

use std::ffi::c_void;
use std::ptr;

use maptype::alg::{
    self, Aggregate, BOOL, COMPLEX128, FLOAT32, FLOAT64, INT8, INT32, INT64, INTERFACE, POINTER,
    STRING,
};
use maptype::{
    Alg, Barriers, DIRTY_CELLS, Era, Heap, Kind, MapType, Path, Problem, REFLEXIVE_KEY, RawType,
    Type,
};

mod common;

use common::{address, hash};

const WORD: usize = size_of::<usize>();

/// A heap for descriptors whose maps are never made.
static HEAP: Heap = {
    unsafe extern "C-unwind" fn allocate(
        _: *const Heap,
        _: usize,
        _: usize,
        _: *const Type,
    ) -> *mut u8 {
        ptr::null_mut()
    }
    unsafe extern "C-unwind" fn random(_: *const Heap) -> u64 {
        0
    }
    unsafe extern "C-unwind" fn die(_: *const Heap, _: *const u8, _: usize) {
        std::process::abort()
    }
    Heap {
        context: ptr::null_mut::<c_void>(),
        allocate,
        free: None,
        release: None,
        populate: None,
        roundupsize: None,
        random,
        throw: die,
        panic: die,
        barriers: ptr::null(),
        observer: ptr::null(),
        era: Era::Go119,
    }
};

fn map(key: &Type, elem: &Type) -> MapType {
    MapType::new(key, elem, &HEAP).unwrap()
}

fn bytes(size: usize) -> Type {
    alg::memory("bytes", size, 1)
}

/// Key and elem slots, bucket size and flags, as Go 1.19 and 1.23 have them on 64-bit platforms.
#[test]
#[cfg(target_pointer_width = "64")]
fn descriptors_are_those_of_go() {
    let nothing = bytes(0);
    let sizes = |t: MapType| (t.keysize, t.elemsize, t.bucketsize, t.flags);
    assert_eq!(sizes(map(&INT64, &INT64)), (8, 8, 144, 4));
    assert_eq!(sizes(map(&STRING, &INT64)), (16, 8, 208, 12));
    assert_eq!(sizes(map(&STRING, &STRING)), (16, 16, 272, 12));
    assert_eq!(sizes(map(&INT32, &INT8)), (4, 1, 56, 4));
    assert_eq!(sizes(map(&alg::UINT8, &nothing)), (1, 0, 24, 4));
    assert_eq!(sizes(map(&nothing, &INT64)), (0, 8, 80, 4));
    assert_eq!(sizes(map(&nothing, &nothing)), (0, 0, 16, 4));
    assert_eq!(sizes(map(&alg::INT16, &POINTER)), (2, 8, 96, 4));
    assert_eq!(sizes(map(&alg::INT16, &STRING)), (2, 16, 160, 4));
    assert_eq!(sizes(map(&bytes(20), &bytes(40))), (20, 40, 496, 4));
    assert_eq!(sizes(map(&bytes(128), &bytes(128))), (128, 128, 2064, 4));
    assert_eq!(sizes(map(&bytes(129), &bytes(129))), (8, 8, 144, 7));
    assert_eq!(sizes(map(&bytes(200), &bytes(200))), (8, 8, 144, 7));
    assert_eq!(sizes(map(&STRING, &bytes(200))), (16, 8, 208, 14));
    assert_eq!(sizes(map(&bytes(129), &INT64)).3, 5);
}

#[test]
fn flags_follow_the_key() {
    let flags = |key: &Type| map(key, &INT64).flags;
    for key in [&BOOL, &INT8, &INT64, &POINTER] {
        assert_eq!(flags(key), 4, "{}", key.name());
    }
    assert_eq!(flags(&STRING), 12);
    assert_eq!([flags(&FLOAT64), flags(&COMPLEX128)], [8, 8]);
    assert_eq!(flags(&INTERFACE), 24);
    assert_eq!(
        flags(&Aggregate::array("[3]string", &STRING, 3).unwrap()),
        12
    );
    assert_eq!(
        flags(&Aggregate::array("[0]string", &STRING, 0).unwrap()),
        12
    );
    let floating = Aggregate::structure("struct { float32; int32 }", &[&FLOAT32, &INT32]);
    assert_eq!(flags(&floating.unwrap()), 8);
}

#[test]
fn over_aligned_values_are_indirect() {
    let wide = alg::memory("wide", 16, 16);
    let t = map(&wide, &wide);
    assert!(t.indirectkey() && t.indirectelem());
    assert_eq!((t.keysize, t.elemsize), (WORD as u8, WORD as u8));
}

#[test]
fn a_bucket_has_pointers_when_a_slot_has() {
    let pointers = |key: &Type, elem: &Type| map(key, elem).bucket.ptrdata != 0;
    assert!(!pointers(&INT64, &INT64));
    assert!(pointers(&POINTER, &INT64));
    assert!(pointers(&INT64, &STRING));
    assert!(pointers(&bytes(129), &INT64));
    assert!(pointers(&INT64, &bytes(129)));
}

/// The path tells what the map functions need not ask: it must not promise what the types do not
/// keep.
#[test]
fn paths_follow_key_and_elem() {
    let path = |key: &Type, elem: &Type| map(key, elem).path;
    static NINE: Type = alg::memory("nine", 9, 1);
    let word = bytes(WORD);
    for (key, to_word, to_any) in [
        (&INT32, Path::Memory32ToWord, Path::Memory32),
        (&INT64, Path::Memory64ToWord, Path::Memory64),
        (&STRING, Path::StringToWord, Path::String),
        (&NINE, Path::MemoryToWord, Path::Memory),
    ] {
        assert_eq!(path(key, &word), to_word);
        assert_eq!(path(key, &POINTER), to_word);
        assert_eq!(path(key, &INT8), to_any);
        assert_eq!(path(key, &bytes(2 * WORD)), to_any);
        assert_eq!(path(key, &bytes(WORD).with_drop(ignore)), to_any);
        assert_eq!(path(&key.duplicate().with_drop(ignore), &word), to_any);
        assert_eq!(path(key, &bytes(129)), Path::Generic);
        for own in [
            key.duplicate().with_hash(constant),
            key.duplicate().with_equal(never),
            key.duplicate().with_kind(Kind::Opaque),
            left_on(key, |alg| alg.hash = Some(constant)),
            left_on(key, |alg| alg.equal = Some(never)),
        ] {
            assert_eq!(path(&own, &word), Path::GenericToWord);
            assert_eq!(path(&own, &INT8), Path::Generic);
        }
    }
    for key in [&FLOAT64, &INT8, &INTERFACE] {
        assert_eq!(path(key, &word), Path::GenericToWord);
        assert_eq!(path(key, &bytes(2 * WORD)), Path::Generic);
    }
    assert_eq!(path(&bytes(129), &word), Path::Generic);
}

unsafe extern "C-unwind" fn ignore(_: *mut u8, _: *const Type) {}

unsafe extern "C-unwind" fn constant(_: *const u8, _: usize, _: *const Type) -> usize {
    7
}

unsafe extern "C-unwind" fn never(_: *const u8, _: *const u8, _: *const Type) -> bool {
    false
}

/// A type as a host may make it that copies one and puts functions of its own there, and forgets
/// `default_hash`.
fn left_on(ty: &'static Type, change: fn(&mut Alg)) -> Type {
    let mut raw = *ty.as_raw();
    change(&mut raw.alg);
    assert!(raw.default_hash);
    // SAFETY: name and mask are those of a static.
    unsafe { Type::from_raw(raw) }
}

/// Nor does an aggregate hash such a type as the plain memory that it could be.
#[test]
fn functions_of_ones_own_are_called_in_aggregates() {
    let own = left_on(&INT64, |alg| alg.hash = Some(constant));
    let pair = Aggregate::array("[2]own", &own, 2).unwrap();
    assert_eq!((pair.kind, pair.default_hash), (Kind::Array, false));
    assert_eq!(hash(address(&[1u64, 2]), 0, &pair), 7);
}

/// Nor may a path bypass a collector's barriers.
#[test]
fn barriers_are_for_keys_and_elems_with_pointers() {
    let heap = Heap {
        barriers: &raw const BARRIERS,
        ..HEAP
    };
    let path = |key: &Type, elem: &Type| MapType::new(key, elem, &heap).unwrap().path;
    assert_eq!(path(&INT64, &bytes(WORD)), Path::Memory64ToWord);
    assert_eq!(path(&INT64, &POINTER), Path::Memory64);
    assert_eq!(path(&STRING, &bytes(WORD)), Path::String);
    assert_eq!(path(&POINTER, &bytes(WORD)), map(&POINTER, &INT8).path);
    assert_eq!(path(&FLOAT64, &bytes(WORD)), Path::GenericToWord);
    assert_eq!(path(&INTERFACE, &bytes(WORD)), Path::Generic);
    let unseen = MapType::new_unchecked(&INT64, &POINTER, &HEAP, ptr::null());
    assert_eq!(unseen.path, Path::Memory64);
}

static BARRIERS: Barriers = {
    unsafe extern "C-unwind" fn copy(_: *const Heap, _: *const Type, _: *mut u8, _: *const u8) {}
    unsafe extern "C-unwind" fn store(_: *const Heap, _: *mut *mut u8, _: *mut u8) {}
    unsafe extern "C-unwind" fn clear(_: *const Heap, _: *mut u8, _: usize) {}
    Barriers {
        typedmemmove: copy,
        store_pointer: store,
        memclr_has_pointers: clear,
    }
};

#[test]
fn dirty_cells_take_a_path_that_zeroes() {
    let dirty = map(&INT64, &INT64).with_dirty_cells();
    assert_eq!(
        (dirty.path, dirty.flags & DIRTY_CELLS),
        (Path::Memory64, DIRTY_CELLS)
    );
    let pointers = map(&STRING, &INT64).with_dirty_cells();
    assert_eq!(
        (pointers.path, pointers.flags & DIRTY_CELLS),
        (Path::StringToWord, 0)
    );
}

#[test]
fn a_miss_can_read_a_whole_elem_of_zeroes() {
    for size in [0, 8, 1024, 1025, 5000, 20_000, 3000] {
        let t = map(&INT64, &bytes(size));
        // SAFETY: the descriptor promises so many bytes.
        let zeroes = unsafe { std::slice::from_raw_parts(t.zero, size) };
        assert!(zeroes.iter().all(|&byte| byte == 0));
    }
    let page = alg::memory("page", 4096, 4096);
    assert!(map(&INT64, &page).zero.addr().is_multiple_of(4096));
}

fn refused(key: &Type, elem: &Type) -> (String, Problem) {
    let error = MapType::new(key, elem, &HEAP).expect_err("must be refused");
    let text = error.to_string();
    assert!(text.starts_with(&format!("{}: ", error.field)), "{text}");
    (error.field.to_owned(), error.problem)
}

/// Whatever is wrong with a type is found in a key as in an elem.
#[test]
fn bad_sizes_and_alignments_are_named() {
    let multiple = |value, of| Problem::NotAMultipleOf { value, of };
    let limit = isize::MAX as usize - 1;
    let changed = |change: fn(&mut RawType)| {
        let mut raw = *POINTER.as_raw();
        change(&mut raw);
        // SAFETY: the name is that of a static, and there is no mask.
        unsafe { Type::from_raw(raw) }
    };
    let cases = [
        (
            changed(|ty| ty.align = 0),
            "align",
            Problem::NotAPowerOfTwo(0),
        ),
        (
            changed(|ty| ty.align = 12),
            "align",
            Problem::NotAPowerOfTwo(12),
        ),
        (changed(|ty| ty.size += 1), "size", multiple(WORD + 1, WORD)),
        (changed(|ty| ty.ptrdata = 1), "ptrdata", multiple(1, WORD)),
        (
            changed(|ty| ty.ptrdata = 2 * WORD),
            "ptrdata",
            Problem::TooLarge {
                value: 2 * WORD,
                limit: WORD,
            },
        ),
        (changed(|ty| ty.align = 1), "align", multiple(1, WORD)),
        (
            alg::memory("", usize::MAX, 1),
            "size",
            Problem::TooLarge {
                value: usize::MAX,
                limit,
            },
        ),
    ];
    for (ty, field, problem) in cases {
        assert_eq!(refused(&ty, &INT64), (format!("key.{field}"), problem));
        assert_eq!(refused(&INT64, &ty), (format!("elem.{field}"), problem));
    }
}

#[test]
fn keys_need_hash_and_equality() {
    let missing = |field: &str| (field.to_owned(), Problem::Missing);
    let plain = Type::plain("plain", 8, 8);
    assert_eq!(refused(&plain, &plain), missing("key.alg.hash"));
    let unequal = left_on(&INT64, |alg| alg.equal = None);
    assert_eq!(refused(&unequal, &plain), missing("key.alg.equal"));
    map(&INT64, &plain);
}

#[test]
fn keys_have_no_other_flags() {
    let odd = INT64.duplicate().with_key_flags(REFLEXIVE_KEY | 1 | 64);
    let problem = Problem::UnknownFlags(65);
    assert_eq!(refused(&odd, &INT64), ("key.key_flags".to_owned(), problem));
    assert_eq!(
        refused(&INT64, &odd),
        ("elem.key_flags".to_owned(), problem)
    );
}

#[test]
fn kinds_have_their_sizes() {
    let kinds = [
        (Kind::String, 2 * WORD),
        (Kind::Interface, 2 * WORD),
        (Kind::Float32, 4),
        (Kind::Float64, 8),
        (Kind::Complex64, 8),
        (Kind::Complex128, 16),
    ];
    for (kind, size) in kinds {
        let ty = bytes(3).with_kind(kind);
        let problem = Problem::WrongFor { kind, size };
        assert_eq!(refused(&ty, &INT64), ("key.size".to_owned(), problem));
    }
}

/// (So many zeroes that, aligned as the library aligns them, they are more than memory can be
/// addressed.)
#[test]
fn elems_that_no_memory_has_zeroes_for_are_refused() {
    let size = isize::MAX as usize - 1;
    let refusal = ("elem.size".to_owned(), Problem::OutOfMemory(size));
    assert_eq!(refused(&INT64, &bytes(size)), refusal);
}
