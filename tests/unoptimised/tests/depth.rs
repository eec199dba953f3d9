//! Without optimisation, a program that recurses between operations of a map comes at least half as
//! deep as with the standard library's, and a third as deep from the midst of iterations.

use std::process::{Command, Stdio};

/// Whether a recursion of this depth has stack enough.
fn survives(library: &str, case: &str, depth: u64) -> bool {
    let status = Command::new(env!("CARGO_BIN_EXE_gomap-unoptimised"))
        .args([library, case, &depth.to_string()])
        .stderr(Stdio::null())
        .status()
        .expect("it can be run");
    let failed = status.code().is_some_and(|code| code != 0);
    assert!(
        !failed,
        "{library} {case} {depth} fails, but not for want of stack"
    );
    status.success()
}

/// How deep a recursion comes, to one part in fifty.
fn deepest(library: &str, case: &str) -> u64 {
    let (mut low, mut high) = (10, 1 << 20);
    assert!(survives(library, case, low), "{library} {case}");
    assert!(
        !survives(library, case, high),
        "{library} {case} ends early"
    );
    while high - low > low / 50 + 1 {
        let depth = low.midpoint(high);
        if survives(library, case, depth) {
            low = depth;
        } else {
            high = depth;
        }
    }
    low
}

#[test]
fn recursions_come_half_as_deep_as_with_the_standard_map() {
    let mut shallow = Vec::new();
    // An iterator has 128 bytes, the standard map's 40, and a frame holds it more than once.
    for (case, part) in [
        ("search", 2),
        ("count", 2),
        ("follow", 3),
        ("spell", 2),
        ("sift", 3),
    ] {
        let [ours, standard] = ["gomap", "standard"].map(|library| deepest(library, case));
        println!("{case}: {ours}, with the standard map {standard}");
        if ours * part < standard {
            shallow.push(case);
        }
    }
    assert!(shallow.is_empty(), "not deep enough: {shallow:?}");
}
