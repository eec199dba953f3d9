//! The process key: drawn by chance, or set, once. Each test has a process of its own, since a
//! process has one key.
#![cfg(not(miri))]

use std::env;
use std::process::Command;

use maptype::alg;

/// Present in the process that is to hash, with the key to set, if any.
const CHILD: &str = "MAPTYPE_TEST_PROCESS_KEY";

/// What [`child`] writes in a new process.
fn hashes_with_key(key: &str) -> String {
    let mut child = Command::new(env::current_exe().unwrap());
    child
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, key);
    let output = String::from_utf8(child.output().unwrap().stdout).unwrap();
    let line = output.lines().find(|line| line.contains("hashes"));
    line.expect("the child writes its hashes").to_owned()
}

#[test]
fn child() {
    let Ok(key) = env::var(CHILD) else { return };
    if let Ok(key) = key.parse() {
        assert!(alg::set_process_key(key));
    }
    alg::init();
    let hashes = || [alg::hash_word(7, 3), alg::hash_bytes(b"gopher", 3)];
    let before = hashes();
    assert!(!alg::set_process_key(99), "the first key stays");
    assert_eq!(hashes(), before);
    println!("\nhashes {before:?}");
}

#[test]
fn processes_hash_differently() {
    assert_ne!(hashes_with_key("by chance"), hashes_with_key("by chance"));
}

#[test]
fn a_given_key_repeats() {
    assert_eq!(hashes_with_key("1"), hashes_with_key("1"));
    assert_ne!(hashes_with_key("1"), hashes_with_key("2"));
}
