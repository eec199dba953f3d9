//! A hash that is not stable, and an equality that lies: the map's memory and values come to no harm.

use proptest::prelude::*;

use crate::common::fuzz::Settings;
use crate::common::liar::Liar;
use crate::common::ops::Op;

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
