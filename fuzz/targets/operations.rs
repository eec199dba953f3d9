//! Any operations on a map of any shape, compared with a model and checked after each.
#![no_main]

use gomap_fuzz::common::fuzz::Settings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut bytes = data.iter().copied();
    let mut subject = Settings::read(&mut bytes).subject();
    while let Some(op) = gomap_fuzz::common::ops::Op::read(&mut bytes) {
        subject.apply(op).expect("nothing fails here");
        subject.verify();
    }
    subject.end();
});
