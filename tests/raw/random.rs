//! Random operations on maps of every kind, compared with a model after each.

use std::cell::Cell;

use maptype::Era;
use proptest::prelude::*;
use proptest::sample::select;

use crate::common::heap::{ERAS, MEMORIES, Memory};
use crate::common::keys::{self, Hash, STABLE};
use crate::common::kinds::{self, Kind};
use crate::common::ops::Op;
use crate::common::subject::Subject;

fn op() -> impl Strategy<Value = Op> {
    // Few keys, so that they meet again; runs of keys that share a bucket under `Hash::Grouped`.
    let id = prop_oneof![0u16..40, 0u16..300, 0u16..2000];
    let group = (0u16..40).prop_map(|group| group * 32);
    let run = prop_oneof![1u8..40, 20u8..32, 100u8..=255];
    prop_oneof![
        8 => (id.clone(), any::<u16>()).prop_map(|(id, elem)| Op::Insert(id, elem)),
        4 => (prop_oneof![id.clone(), group.clone()], run.clone()).prop_map(|(id, n)| Op::InsertRun(id, n)),
        2 => (prop_oneof![id.clone(), group.clone()], run.clone()).prop_map(|(id, n)| Op::InsertMany(id, n)),
        2 => id.clone().prop_map(Op::Get),
        1 => (id.clone(), run.clone()).prop_map(|(id, n)| Op::GetMany(id, n)),
        6 => id.clone().prop_map(Op::Delete),
        3 => (prop_oneof![id, group], run).prop_map(|(id, n)| Op::DeleteRun(id, n)),
        1 => Just(Op::Clear),
        1 => Just(Op::Clone),
        1 => Just(Op::Succeed),
        1 => (0u16..300).prop_map(Op::Remake),
        3 => Just(Op::Start),
        6 => (any::<u8>(), 0u8..20).prop_map(|(which, n)| Op::Step(which, n)),
        2 => any::<u8>().prop_map(Op::Done),
        1 => (1u8..40).prop_map(Op::Scan),
    ]
}

#[derive(Debug, Clone, Copy)]
struct Setting {
    elem: usize,
    memory: Memory,
    era: Era,
    hash: Hash,
}

fn setting() -> impl Strategy<Value = Setting> {
    let elem = 0..kinds::ELEMS.len();
    let (memory, era) = (select(&MEMORIES), select(&ERAS));
    (elem, memory, era, select(&STABLE)).prop_map(|(elem, memory, era, hash)| Setting {
        elem,
        memory,
        era,
        hash,
    })
}

fn run(key: &'static Kind, setting: Setting, ops: &[Op]) {
    keys::set(setting.hash);
    let mut subject = Subject::new(
        key,
        &kinds::ELEMS[setting.elem],
        setting.memory,
        setting.era,
    );
    for &op in ops {
        subject.apply(op).expect("nothing fails here");
        subject.verify();
    }
    subject.end();
}

fn any_operations(key: &'static Kind) {
    let config = ProptestConfig {
        cases: ProptestConfig::default().cases.div_ceil(4).max(1),
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let ran = Cell::new(false);
    proptest!(config, |(setting in setting(), ops in prop::collection::vec(op(), 1..120))| {
        run(key, setting, &ops);
        ran.set(true);
    });
    assert!(ran.get(), "no case was tried");
}

macro_rules! any_operations {
    ($($test:ident: $key:literal),+ $(,)?) => {
        $(#[test]
        fn $test() {
            any_operations(kinds::key($key));
        })+

        /// Every kind of key has its test.
        #[test]
        fn no_kind_of_key_is_left_out() {
            let tested = [$($key),+];
            assert!(kinds::KEYS.iter().all(|kind| tested.contains(&kind.name)));
        }
    };
}

any_operations! {
    u8_keys: "u8",
    u32_keys: "u32",
    u64_keys: "u64",
    u128_keys: "u128",
    float_keys: "float64",
    string_keys: "string",
    keys_of_20_bytes: "[20]byte",
    keys_of_128_bytes: "[128]byte",
    keys_of_129_bytes: "[129]byte",
    keys_of_no_bytes: "struct{}",
    over_aligned_keys: "align 32",
    interface_keys: "interface",
    keys_with_padding: "padded",
    counted_keys: "counted",
    counted_keys_that_are_updated: "counted, updated",
    boxed_counted_keys: "counted in a box",
    boxed_counted_keys_that_are_updated: "counted in a box, updated",
    u32_keys_under_the_default_hash: "u32, default hash",
    u64_keys_under_the_default_hash: "u64, default hash",
    keys_of_12_bytes_under_the_default_hash: "[12]byte, default hash",
    keys_of_16_bytes_under_the_default_hash: "u128, default hash",
    keys_of_32_bytes_under_the_default_hash: "[32]byte, default hash",
    string_keys_under_the_default_hash: "string, default hash",
    float_keys_under_the_default_hash: "float64, default hash",
}
