//! The same bytes as real Go. These tests install Go 1.19 and 1.23 where they are missing, and fail
//! without them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Builds the oracles, once, and says where they are.
fn oracles() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let build = Command::new(root.join("tests/go/build")).output();
        let build = build.expect("tests/go/build starts");
        let complaint = String::from_utf8_lossy(&build.stderr).into_owned();
        assert!(build.status.success(), "{complaint}");
        root.join("target/go")
    })
}

/// Runs `gomap diff` with these arguments and the oracles in that directory.
fn diff(oracles: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gomap"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
        .arg("diff")
        .arg("--oracles")
        .arg(oracles)
        .args(arguments);
    command.output().expect("gomap starts")
}

/// What a run printed, on both streams.
fn told(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{out}{err}")
}

#[track_caller]
fn assert_no_difference(arguments: &[&str]) {
    let output = diff(oracles(), arguments);
    assert!(output.status.success(), "{}", told(&output));
}

#[test]
fn generated_traces_leave_the_same_bytes_in_go_1_19() {
    assert_no_difference(&["--suite", "--complete", "--era", "go119", "--ops", "700000"]);
}

#[test]
fn generated_traces_leave_the_same_bytes_in_go_1_23() {
    assert_no_difference(&["--suite", "--complete", "--era", "go123", "--ops", "700000"]);
}

#[test]
fn generated_traces_leave_the_same_bytes_when_go_1_19_keeps_its_seeds_as_go_1_12_did() {
    assert_no_difference(&["--suite", "--era", "go112", "--ops", "200000"]);
}

#[test]
fn written_traces_leave_the_same_bytes() {
    let traces = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go/traces");
    let mut checked = 0;
    for entry in fs::read_dir(traces).expect("the traces") {
        let entry = entry.expect("a file");
        let has_clone = entry.file_name().to_string_lossy().contains("clone");
        let file = entry.path();
        let file = file.to_str().expect("a plain name");
        let eras: &[&str] = if has_clone {
            &["go123"]
        } else {
            &["go112", "go119", "go123"]
        };
        for era in eras {
            for memory in ["lasting", "reused"] {
                assert_no_difference(&[file, "--era", era, "--memory", memory]);
                checked += 1;
            }
        }
    }
    assert!(checked >= 20, "{checked}");
}

/// A directory with an oracle that hears something else than it is told, by a `sed` script.
fn deceived_oracle(name: &str, script: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&directory).expect("a directory");
    let real = oracles().join("oracle-1.19");
    let real = real.display();
    let text = format!("#!/bin/bash\nexec '{real}' < <(sed -u '{script}' 2>/dev/null)\n");
    let program = directory.join("oracle-1.19");
    fs::write(&program, text).expect("a script");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("permissions");
    directory
}

#[test]
fn a_difference_is_found_cut_down_and_explained() {
    // Of a whole trace, two operations are to blame: `make` and the assignment whose elem is
    // changed on the way.
    let directory = deceived_oracle("deceived", "s/^insert 7 .*/insert 7 1234567/");
    let trace = directory.join("long.trace");
    let generated = Command::new(env!("CARGO_BIN_EXE_gomap"))
        .args([
            "trace",
            "gen",
            "--map",
            "map[int64]int64",
            "--mix",
            "random",
            "--ops",
            "2000",
        ])
        .output()
        .expect("gomap starts");
    fs::write(&trace, generated.stdout).expect("a trace");

    let saved = directory.join("short.trace");
    let [trace, saved] = [&trace, &saved].map(|path| path.to_str().expect("a plain name"));
    let output = diff(&directory, &[trace, "--save", saved]);
    let text = told(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("gomap and Go differ after operation 2"),
        "{text}"
    );
    assert!(
        text.contains("a0[0].elem[0]: Go has 1234567, gomap has "),
        "{text}"
    );
    assert!(text.contains("operation 2, insert 7 "), "{text}");

    // The trace that was saved shows it again, and passes where nothing deceives.
    assert_eq!(diff(&directory, &[saved]).status.code(), Some(1));
    assert!(diff(oracles(), &[saved]).status.success());
}

#[test]
fn a_difference_between_comparisons_is_traced_to_its_operation() {
    // Memory is compared every 500 operations, the change happens in between.
    let directory = deceived_oracle("seldom", "s/^insert \"odd\" 3/insert \"odd\" 4/");
    let inserts: String = (0..900).map(|i| format!("insert #{i} {i}\n")).collect();
    let text = format!(
        "gomap trace 1\nmap[string]int\ncheck every 500\nmake 2000\n{inserts}insert \"odd\" 3\n{inserts}"
    );
    let trace = directory.join("seldom.trace");
    fs::write(&trace, text).expect("a trace");
    let output = diff(&directory, &[trace.to_str().expect("a plain name")]);
    let text = told(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("after operation 2 of the trace below, insert \"odd\" 3"),
        "{text}"
    );
    assert!(text.contains("Go has 4, gomap has 3"), "{text}");
}

#[test]
fn an_oracle_that_stops_is_a_difference_and_one_that_is_not_there_an_error() {
    let directory = deceived_oracle("stopped", "s/^clear/clean/");
    let trace = directory.join("stopped.trace");
    fs::write(
        &trace,
        "gomap trace 1\nmap[int8]int8\nmake\nget 3\nclear\nget 4\n",
    )
    .expect("a trace");
    let trace = trace.to_str().expect("a plain name");
    let output = diff(&directory, &[trace]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(
        told(&output).contains("unknown operation clean"),
        "{}",
        told(&output)
    );

    let output = diff(Path::new("nowhere"), &[trace]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        told(&output).contains("tests/go/build makes it"),
        "{}",
        told(&output)
    );
}
