//! `gomap replay` and `gomap trace gen`, as they are used.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Runs `gomap` with these arguments and that on standard input.
fn gomap(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gomap"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("gomap starts");
    let mut stdin = child.stdin.take().expect("a piped stream");
    stdin.write_all(input.as_bytes()).expect("gomap reads");
    drop(stdin);
    child.wait_with_output().expect("gomap ends")
}

/// What it printed on standard output.
#[track_caller]
fn output(arguments: &[&str], input: &str) -> String {
    let output = gomap(arguments, input);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

const TRACE: &str = "gomap trace 1
map[interface{}]string
insert int:1 \"no map yet\"
make
insert int:1 \"one\"
insert string:\"two\" \"2\"
get int:1
get int8:1
get []int:nil
read string:\"three\"
delete int:1
iter a
next a
next a
";

#[test]
fn results_are_told_in_words() {
    let text = output(&["replay", "-"], TRACE);
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| {
            line.split("  ")
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect()
        })
        .collect();
    assert_eq!(lines[0], ["map[interface{}]string"]);
    assert_eq!(
        lines[1..13],
        [
            [
                "insert int:1 \"no map yet\"",
                "panic assignment to entry in nil map"
            ],
            ["make", "ok"],
            ["insert int:1 \"one\"", "ok"],
            ["insert string:\"two\" \"2\"", "ok"],
            ["get int:1", "found \"one\""],
            ["get int8:1", "missing"],
            [
                "get []int:nil",
                "panic runtime error: hash of unhashable type []int"
            ],
            ["read string:\"three\"", "found \"\""],
            ["delete int:1", "ok"],
            ["iter a", "entry string:\"two\" \"2\""],
            ["next a", "end"],
            ["next a", "end"],
        ]
    );
    assert!(text.contains("  h0.count 1\n"), "{text}");
    assert!(
        text.contains("  a0[0].key[1] string:\"two\"\n  a0[0].elem[1] \"2\"\n"),
        "{text}"
    );
}

#[test]
fn results_and_memory_are_told_in_json() {
    let text = output(&["replay", "--json", "-"], TRACE);
    let story: serde_json::Value = serde_json::from_str(&text).expect("one JSON object");
    assert_eq!(story["map"], "map[interface{}]string");
    assert_eq!(story["operations"][4]["operation"], "get int:1");
    assert_eq!(story["operations"][4]["result"], "found \"one\"");
    assert_eq!(story["operations"].as_array().expect("a list").len(), 12);
    assert_eq!(story["memory"]["h0.count"], "1");
    assert_eq!(story["memory"]["a0[0].key[1]"], "string:\"two\"");
}

#[test]
fn shown_operations_come_with_their_memory() {
    let text = output(
        &["replay", "-"],
        "gomap trace 1\nmap[int8]int8\nshow 2\nmake\ninsert 5 -7\ninsert 6 0\n",
    );
    let (shown, _) = text.split_once("insert 6 0").expect("the third operation");
    assert!(
        shown.contains("a0[0].key[0] 5\n  a0[0].elem[0] -7\n"),
        "{text}"
    );
    assert!(!shown.contains("key[1]"), "{text}");
}

#[test]
fn what_is_too_large_is_a_failure_and_not_a_crash() {
    let trace = "gomap trace 1\nmap[int64][128]byte\nmake 100000000000\n";
    let failed = gomap(&["replay", "-"], trace);
    let message = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert_eq!(failed.status.code(), Some(2), "{message}");
    assert!(
        message.contains("operation 1, make 100000000000: fatal error: out of memory"),
        "{message}"
    );
}

#[test]
fn bad_lines_are_named_with_their_file() {
    let failed = gomap(
        &["replay", "-"],
        "gomap trace 1\nmap[string]int8\ninsert \"a\" 128\n",
    );
    let message = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert_eq!(failed.status.code(), Some(2));
    assert_eq!(
        message,
        "gomap: -:3:12: expected a number of type int8, or # and a number, found `128`\n"
    );
    let failed = gomap(&["replay", "no such file"], "");
    assert!(String::from_utf8_lossy(&failed.stderr).starts_with("gomap: no such file: "));
}

#[test]
fn the_same_seed_makes_the_same_trace_and_another_another() {
    let made = |seed| {
        output(
            &[
                "trace", "gen", "--hash", "few", "--ops", "3000", "--seed", seed,
            ],
            "",
        )
    };
    assert_eq!(made("7"), made("7"));
    assert_ne!(made("7"), made("8"));
    let digests = output(&["replay", "--digests", "-"], &made("7"));
    assert_eq!(digests.lines().count(), 3001);
}

#[test]
fn maps_that_free_their_memory_have_the_same_results() {
    let made = output(
        &[
            "trace",
            "gen",
            "--map",
            "map[string][200]byte",
            "--ops",
            "4000",
        ],
        "",
    );
    let results = |memory| {
        let text = output(&["replay", "--memory", memory, "-"], &made);
        let (results, _) = text.split_once("memory in the end").expect("both parts");
        results.to_string()
    };
    assert_eq!(results("lasting"), results("reused"));
}
