//! Maps whose hash is not stable and whose equality lies: anything may be found or not, but nothing
//! is corrupted, leaked or dropped twice.
#![no_main]

use gomap_fuzz::common::fuzz::Settings;
use gomap_fuzz::common::liar::Liar;
use gomap_fuzz::common::ops::Op;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut bytes = data.iter().copied();
    let mut liar = Liar::new(&Settings::read(&mut bytes));
    while let Some(op) = Op::read(&mut bytes) {
        liar.apply(op);
    }
    liar.end();
});
