//! Any operations on a map of any shape, some of which fail because a hook does; compared with a
//! model and checked after each.
#![no_main]

use gomap_fuzz::common::faults;
use gomap_fuzz::common::fuzz::Settings;
use gomap_fuzz::common::ops::Op;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut bytes = data.iter().copied();
    let mut subject = Settings::read(&mut bytes).subject();
    while let Some(calls) = bytes.next() {
        let calls = calls as usize;
        let fault = faults::ALL[calls % faults::ALL.len()];
        let Some(op) = Op::read(&mut bytes) else {
            break;
        };
        faults::arm(fault, (calls / faults::ALL.len()) as u64);
        let done = subject.apply(op);
        faults::disarm();
        subject.verify();
        if let Err(failed) = done {
            assert_eq!(failed.0, fault);
            subject.apply(op).expect("the fault is over");
            subject.verify();
        }
    }
    subject.end();
});
