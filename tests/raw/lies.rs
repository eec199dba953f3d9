//! A hash that is not stable, an equality that lies, keys that become unhashable: the map's memory
//! and values come to no harm.

use proptest::prelude::*;

use crate::common::faults::{self, Fault};
use crate::common::fuzz::Settings;
use crate::common::heap::{ERAS, MEMORIES};
use crate::common::keys::{self, Hash};
use crate::common::kinds;
use crate::common::liar::Liar;
use crate::common::ops::Op;
use crate::common::subject::Subject;

#[test]
fn lies_harm_nobody() {
    let config = ProptestConfig {
        cases: ProptestConfig::default().cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(bytes in prop::collection::vec(any::<u8>(), 1..2000))| {
        let mut bytes = bytes.into_iter();
        let mut liar = Liar::new(&Settings::read(&mut bytes));
        while let Some(op) = Op::read(&mut bytes) {
            liar.apply(op);
        }
        liar.end();
    });
}

/// What is done to a map while some of its keys cannot be hashed: in a growth, and after it is
/// cleared.
const OPERATIONS: [Op; 15] = [
    Op::Start,
    Op::Step(0, 200),
    Op::InsertRun(200, 3),
    Op::Delete(1),
    Op::Delete(3),
    Op::Get(3),
    Op::GetMany(0, 100),
    Op::InsertMany(0, 100),
    Op::Insert(208, 1),
    Op::Clone,
    Op::Scan(2),
    Op::Step(0, 200),
    Op::Clear,
    Op::InsertRun(0, 10),
    Op::Done(0),
];

/// An operation that needs the hash of such a key unwinds and changes nothing; every other one is
/// done.
#[test]
fn keys_that_become_unhashable_stay() {
    for (memory, era) in MEMORIES.into_iter().flat_map(|m| ERAS.map(|e| (m, e))) {
        for (key, elem) in [
            ("u64", "string"),
            ("counted in a box", "u64"),
            ("counted, updated", "u64"),
        ] {
            keys::set(Hash::Grouped);
            let mut subject = Subject::new(kinds::key(key), kinds::elem(elem), memory, era);
            for op in [Op::Remake(60), Op::InsertRun(0, 105)] {
                subject.apply(op).expect("nothing fails here");
            }
            let mut failed = 0;
            for op in OPERATIONS {
                faults::make_unhashable(true);
                let done = subject.apply(op);
                faults::make_unhashable(false);
                subject.verify();
                if let Err(failure) = done {
                    assert_eq!(failure.0, Fault::Hash);
                    failed += 1;
                }
            }
            assert!((4..OPERATIONS.len()).contains(&failed), "{failed}");
            subject.end();
        }
    }
}
