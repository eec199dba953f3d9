//! Every hook fails once, at every place where a workload calls it; the map is whole after each,
//! and the workload goes on.

use maptype::Era;

use crate::common::faults::{self, Fault};
use crate::common::heap::Memory;
use crate::common::keys::{self, Hash};
use crate::common::kinds;
use crate::common::ops::Op;
use crate::common::subject::{Passed, Subject};

/// A walk through growth of both kinds, with iterators, clones and clears on the way. Under
/// [`Hash::Grouped`] 32 keys in a row share a chain.
fn workload() -> Vec<Op> {
    let mut ops = small_map();
    ops.extend(same_size_growth());
    ops.extend(doubling());
    ops
}

/// From nothing, through the first growths.
fn small_map() -> Vec<Op> {
    vec![
        Op::Insert(0, 1),
        Op::Insert(0, 2),
        Op::Start,
        Op::InsertRun(0, 30),
        Op::Start,
        Op::Step(0, 3),
        Op::Clone,
        Op::Delete(3),
        Op::Step(1, 7),
        Op::InsertRun(7, 3),
        Op::Get(7),
        Op::Get(400),
        Op::InsertMany(20, 90),
        Op::GetMany(0, 70),
        Op::Scan(3),
        Op::Step(1, 50),
        Op::Done(0),
        Op::DeleteRun(0, 110),
        Op::Succeed,
    ]
}

/// Chains are filled and emptied until the map has too many overflow buckets, and is then used
/// while it packs itself.
fn same_size_growth() -> Vec<Op> {
    let mut ops = vec![Op::Remake(60)];
    for group in 0..5 {
        ops.push(Op::InsertRun(group * 32, 32));
        ops.push(Op::DeleteRun(group * 32 + 2, 30));
    }
    ops.extend([
        Op::Start,
        Op::Step(0, 2),
        Op::InsertRun(160, 9),
        Op::Insert(300, 1),
        Op::Start,
        Op::Step(1, 3),
        Op::Scan(2),
        Op::Clone,
        Op::Delete(0),
        Op::Get(33),
        Op::Step(0, 3),
        Op::InsertRun(64, 9),
        Op::Step(1, 40),
        Op::Clear,
        Op::Step(0, 1),
        Op::InsertRun(0, 12),
    ]);
    ops
}

/// The entry too many for 16 buckets comes last; the growth that it starts is iterated, cloned and
/// cleared.
fn doubling() -> Vec<Op> {
    vec![
        Op::Remake(60),
        Op::InsertRun(0, 90),
        Op::Start,
        Op::Step(1, 9),
        Op::InsertRun(90, 15),
        Op::Start,
        Op::Step(2, 5),
        Op::Scan(1),
        Op::Clone,
        Op::InsertMany(1, 8),
        Op::GetMany(0, 40),
        Op::Delete(40),
        Op::Step(1, 7),
        Op::Succeed,
        Op::InsertRun(105, 2),
        Op::Start,
        Op::Step(2, 9),
        Op::Clear,
        Op::Step(2, 2),
        Op::Done(0),
        Op::InsertRun(0, 5),
        Op::Step(0, 250),
        Op::Clear,
    ]
}

struct Setting {
    key: &'static str,
    elem: &'static str,
    memory: Memory,
    era: Era,
    hash: Hash,
}

const fn setting(
    key: &'static str,
    elem: &'static str,
    memory: Memory,
    era: Era,
    hash: Hash,
) -> Setting {
    Setting {
        key,
        elem,
        memory,
        era,
        hash,
    }
}

const SETTINGS: [Setting; 9] = [
    setting("u64", "u64", Memory::Owned, Era::Go119, Hash::Grouped),
    setting("u64", "string", Memory::Barriers, Era::Go123, Hash::Grouped),
    setting(
        "string",
        "[129]byte",
        Memory::Barriers,
        Era::Go112,
        Hash::Grouped,
    ),
    setting(
        "float64",
        "counted",
        Memory::Owned,
        Era::Go123,
        Hash::Grouped,
    ),
    setting(
        "[129]byte",
        "align 32",
        Memory::Owned,
        Era::Go119,
        Hash::Few,
    ),
    setting(
        "counted",
        "counted",
        Memory::Owned,
        Era::Go112,
        Hash::Grouped,
    ),
    setting(
        "counted, updated",
        "u64",
        Memory::Barriers,
        Era::Go119,
        Hash::Good,
    ),
    setting(
        "counted in a box, updated",
        "counted in a box",
        Memory::Owned,
        Era::Go123,
        Hash::Grouped,
    ),
    setting(
        "counted in a box",
        "counted",
        Memory::Traced,
        Era::Go119,
        Hash::Grouped,
    ),
];

/// Runs the workload with one fault; `None` when it ended before the fault.
fn run(setting: &Setting, fault: Fault, calls: u64) -> Option<Passed> {
    keys::set(setting.hash);
    let (key, elem) = (kinds::key(setting.key), kinds::elem(setting.elem));
    let mut subject = Subject::new(key, elem, setting.memory, setting.era);
    faults::arm(fault, calls);
    let mut failed = false;
    for op in workload() {
        if let Err(failure) = subject.apply(op) {
            assert_eq!(failure.0, fault);
            assert!(!failed, "a fault comes once");
            failed = true;
            subject.verify();
            subject.apply(op).expect("the fault is over");
            subject.verify();
        }
    }
    // What no operation need fail for was put off.
    let came = !faults::disarm();
    assert!(came || !failed);
    subject.verify();
    let passed = subject.passed;
    subject.end();
    came.then_some(passed)
}

/// Settings in which every call fails in turn; of the others, every seventh does, unless
/// `GOMAP_THOROUGH` is set.
const EVERY_CALL: [usize; 2] = [1, 7];

/// Lets the n-th call fail, for every n; returns how many there are.
fn fail_everywhere(fault: Fault) -> usize {
    let thorough = std::env::var_os("GOMAP_THOROUGH").is_some();
    let mut places = 0;
    for (index, setting) in SETTINGS.iter().enumerate() {
        let every = thorough || EVERY_CALL.contains(&index);
        let (first, step) = if every { (0, 1) } else { (index as u64 % 7, 7) };
        let calls = (first..).step_by(step);
        places += calls
            .take_while(|&n| run(setting, fault, n).is_some())
            .count();
    }
    places
}

macro_rules! everywhere {
    ($($test:ident: $fault:ident),+ $(,)?) => {
        $(#[test]
        fn $test() {
            let places = fail_everywhere(Fault::$fault);
            println!("{places} calls failed in turn");
            assert!(places > 40, "{places} calls are too few to mean anything");
        })+
    };
}

everywhere! {
    no_memory_for_any_allocation: NoMemory,
    unwinding_from_any_allocation: Allocate,
    unwinding_from_any_random_number: Random,
    unwinding_from_any_hash: Hash,
    unwinding_from_any_equality: Equal,
    unwinding_from_any_drop: Drop,
    unwinding_from_any_copy: Copy,
    unwinding_from_any_barrier: Barrier,
    unwinding_from_any_visitor: Visit,
}

/// Where memory comes to an end.
#[derive(Clone, Copy, Debug)]
enum End {
    /// After so many allocations.
    Allocation(u64),
    /// After so many operations.
    Operation(usize),
}

/// [`workload`], one key after the other.
fn small_steps() -> Vec<Op> {
    let each = |op| -> Vec<Op> {
        match op {
            Op::InsertRun(id, n) => (0..n.into()).map(|i| Op::Insert(id + i, i)).collect(),
            Op::DeleteRun(id, n) => (0..n.into()).map(|i| Op::Delete(id + i)).collect(),
            op => vec![op],
        }
    };
    workload().into_iter().flat_map(each).collect()
}

/// Runs the workload until there is no memory left, for good: what the map has can still be
/// overwritten and removed. Returns whether it came to that, and whether a chain could not be moved
/// meanwhile.
fn run_dry(setting: &Setting, end: End) -> (bool, bool) {
    keys::set(setting.hash);
    let (key, elem) = (kinds::key(setting.key), kinds::elem(setting.elem));
    let mut subject = Subject::new(key, elem, setting.memory, setting.era);
    let ops = small_steps();
    let (ops, dry) = match end {
        End::Allocation(n) => {
            faults::starve(n);
            (&ops[..], false)
        }
        End::Operation(n) => (ops.get(..n).unwrap_or(&ops), n < ops.len()),
    };
    let failed = ops.iter().any(|&op| subject.apply(op).is_err());
    if dry {
        faults::starve(0);
    }
    faults::spared(|| subject.verify());
    let stuck = subject.empty();
    faults::feed();
    subject.verify();
    subject
        .apply(Op::InsertRun(0, 200))
        .expect("there is memory again");
    subject.verify();
    subject.end();
    (dry || failed, stuck)
}

/// Whether the workload was run dry at all of these places, one of which at least left a growth
/// that could not go on.
fn run_dry_everywhere(end: impl Fn(usize) -> End) {
    let (mut places, mut stuck) = (0, 0);
    for (index, setting) in SETTINGS.iter().enumerate() {
        let thorough = std::env::var_os("GOMAP_THOROUGH").is_some();
        let (first, step) = if thorough { (0, 1) } else { (index, 7) };
        for n in (first..).step_by(step) {
            let (dry, growing) = run_dry(setting, end(n));
            if !dry {
                break;
            }
            places += 1;
            stuck += growing as usize;
        }
    }
    println!("{places} times without memory, {stuck} of them in a growth");
    assert!(places > 300 && stuck > 5, "{places}, {stuck}");
}

#[test]
fn without_memory_after_any_allocation() {
    run_dry_everywhere(|n| End::Allocation(n as u64));
}

#[test]
fn without_memory_after_any_operation() {
    run_dry_everywhere(End::Operation);
}

/// What the faults are worth depends on where the workload leads.
#[test]
fn the_workload_passes_through_everything() {
    let setting = &SETTINGS[7];
    let everything = Passed {
        doubled: true,
        same_size: true,
        chained: true,
        cleared_growing: true,
        cloned_growing: true,
        iterated_growth: true,
        freed_iterated: true,
    };
    assert_eq!(run(setting, Fault::Hash, 0), Some(everything));
}
