//! Written traces are read back unchanged, and errors say where and why.

use super::*;

/// The traces in `text`.
fn traces(text: &str) -> Vec<Trace> {
    parse_all(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The message about a trace of `map[string]int64` with these lines.
fn complaint(lines: &str) -> String {
    let text = format!("gomap trace 1\nmap[string]int64\n{lines}");
    parse_all(text.as_bytes()).expect_err(&text).to_string()
}

/// Reads the operation `insert VALUE 0` of a map from that type, and prints the value.
fn echo(ty: &str, value: &str) -> String {
    let trace = traces(&format!("gomap trace 1\nmap[{ty}]int8\ninsert {value} 0")).remove(0);
    let Op::Insert(key, _) = &trace.ops[0] else {
        panic!("{trace}")
    };
    Shown(key, &trace.header.map.key).to_string()
}

#[test]
fn a_trace_is_printed_as_it_was_read() {
    let text = "gomap trace 1\nmap[string]struct{*T;[2]int16}\nseed 18446744073709551615\nhash const 0x2a\n\
                path fast\nera go123\ncheck every 7\nmemory reused\nshow all\nshow end\nshow 3\nshow 5\n\n\
                make -5\nmake\ninsert \"a \\\"b\\\\\" {p7,[1,-2]}\ninsert #3 #4\nget \"\"\nread \"é\\xff\"\n\
                delete \"x\"\niter a\nnext a\ndrop a\nclone\nswap\nclear\n";
    assert_eq!(traces(text)[0].to_string(), text);
}

#[test]
fn every_kind_of_value_comes_back() {
    for (ty, value) in [
        ("bool", "true"),
        ("int8", "-128"),
        ("int64", "-9223372036854775808"),
        ("uint64", "18446744073709551615"),
        ("float32", "1.5"),
        ("float32", "nan"),
        ("float32", "bits:0x7fc00001"),
        ("float64", "-0.0"),
        ("float64", "nan"),
        ("float64", "-inf"),
        ("float64", "1e300"),
        ("float64", "bits:0x7ff8000000000002"),
        ("complex64", "(1.0,nan)"),
        ("complex128", "(-0.0,inf)"),
        ("string", "\"tab\\t\\x00\""),
        ("*T", "nil"),
        ("*T", "p4294967295"),
        ("[3]uint8", "x\"00ff10\""),
        ("[2]string", "[\"a\",#5]"),
        ("struct{}", "{}"),
        ("struct{int8;[0]int8;float32}", "{1,x\"\",2.0}"),
        ("interface{}", "nil"),
        ("interface{}", "int:5"),
        ("interface{}", "[1]interface{}:[[]int:nil]"),
        ("interface{}", "struct{func()}:{nil}"),
    ] {
        assert_eq!(echo(ty, value), value, "{ty}");
    }
}

#[test]
fn other_spellings_are_understood() {
    assert_eq!(echo("int64", "0x10"), "16");
    assert_eq!(echo("float64", "-0"), "-0.0");
    assert_eq!(echo("[2]byte", "[1, 255]"), "[1,255]");
    assert_eq!(
        echo("struct{ int8 ; string }", "{ 1 , \"a b\" }"),
        "{1,\"a b\"}"
    );
    assert_eq!(echo("string", "\"#1\""), "\"#1\"");
    let trace = &traces(
        "# two\n\ngomap trace 1 # traces\r\nmap[int8]int8\nend\ngomap trace 1\nmap[bool]bool\nclear",
    )[1];
    assert_eq!(trace.ops, [Op::Clear]);
}

#[test]
fn types_have_gos_sizes() {
    let mut types = Types::default();
    for (name, size, align) in [
        ("struct{int8;int64;int8}", 24, 8),
        ("struct{int32;struct{}}", 8, 4),
        ("struct{}", 0, 1),
        ("[3]struct{int16;int8}", 12, 2),
        ("interface{}", 16, 8),
        ("complex64", 8, 4),
    ] {
        let ty = types.named(name);
        assert_eq!((ty.size, ty.align), (size, align), "{name}");
    }
}

#[test]
fn the_fast_functions_are_the_compilers() {
    let mut types = Types::default();
    for (key, elem, fast) in [
        ("int32", "int8", Some(Fast::Fast32)),
        ("struct{int16;int16}", "[128]byte", Some(Fast::Fast32)),
        ("[8]byte", "int8", Some(Fast::Fast64)),
        ("struct{int32;int32}", "int8", Some(Fast::Fast64)),
        ("struct{*T}", "int8", Some(Fast::Fast64Ptr)),
        ("[1]string", "int8", Some(Fast::Str)),
        ("string", "[129]byte", None),
        ("struct{int32;int8}", "int8", None),
        ("float64", "int8", None),
        ("uint16", "int8", None),
    ] {
        let map = MapTy {
            key: types.named(key),
            elem: types.named(elem),
        };
        assert_eq!(map.fast(), fast, "{map}");
    }
}

#[test]
fn bad_lines_are_located_and_explained() {
    for (lines, place_and_message) in [
        (
            "insert \"a\"",
            "3:11: expected a number of type int64, or # and a number, found the end of the line",
        ),
        (
            "insert a 5",
            "3:8: expected a string in double quotes, found `a`",
        ),
        (
            "get \"a\" 5",
            "3:9: expected the end of the line, found `5`",
        ),
        ("get \"a", "3:5: the string has no closing quote"),
        (
            "get \"\\q\"",
            "3:7: expected one of \" \\ n t r x after the backslash, found `q\"`",
        ),
        ("\n  jump 3", "4:3: expected an operation"),
        (
            "clear\nseed 3",
            "4:1: `seed` must stand before the operations",
        ),
        ("seed 3\nseed 3", "4:1: a second `seed`"),
        ("seed -3", "3:6: expected a number from 0 to"),
        (
            "hash best",
            "3:6: expected default, good, few, identity or const, found `best`",
        ),
        (
            "era go121",
            "3:5: expected go112, go119 or go123, found `go121`",
        ),
        (
            "check every 0",
            "3:13: expected a number above 0, found `0`",
        ),
        ("next a", "3:6: no iterator `a` is alive"),
        ("iter a\ndrop a\nnext a", "5:6: no iterator `a` is alive"),
        (
            "make 9223372036854775808",
            "3:6: expected a hint from -2^63 to 2^63 - 1, found `9223372036854775808`",
        ),
        (
            "make -9223372036854775809",
            "3:6: expected a hint from -2^63 to 2^63 - 1, found `-9223372036854775809`",
        ),
        (
            "insert \"a\" 9223372036854775808",
            "3:12: expected a number of type int64",
        ),
        (
            "get #99999999999999999999",
            "3:6: expected a number from 0 to",
        ),
    ] {
        let complaint = complaint(lines);
        assert!(
            complaint.starts_with(place_and_message),
            "{lines:?}: {complaint}"
        );
    }
}

#[test]
fn hints_reach_from_the_least_number_to_the_largest() {
    for hint in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX] {
        let trace = &traces(&format!("gomap trace 1\nmap[int8]int8\nmake {hint}"))[0];
        assert_eq!(trace.ops, [Op::Make(Some(hint))]);
    }
}

#[test]
fn bad_heads_are_located_and_explained() {
    let nested = format!(
        "gomap trace 1\nmap[{}int8{}]int8",
        "struct{".repeat(40),
        "}".repeat(40)
    );
    for (text, place_and_message) in [
        (
            "map[int8]int8",
            "1:1: expected `gomap trace 1`, found `map[int8]int8`",
        ),
        ("gomap trace 2", "1:13: expected `1`, found `2`"),
        ("gomap trace 1", "1:1: expected the map's type"),
        (
            "gomap trace 1\nmap[int]",
            "2:9: expected a type, found the end of the line",
        ),
        (
            "gomap trace 1\nmap[int9]int",
            "2:5: expected a type, found `int9]int`",
        ),
        (
            "gomap trace 1\nmap[[]int]int",
            "2:5: keys of type []int cannot be hashed",
        ),
        (
            "gomap trace 1\nmap[int][2]func()",
            "2:9: [2]func() stands in interfaces only",
        ),
        (
            "gomap trace 1\nmap[int][70000]byte",
            "2:9: the type is too large",
        ),
        (
            "gomap trace 1\nmap[[65536][65536]struct{}]int",
            "2:5: the type is too large",
        ),
        (
            "gomap trace 1\nmap[[18446744073709551615]int]int",
            "2:5: the type is too large",
        ),
        (&nested, "2:124: the type is nested too deep"),
        (
            "gomap trace 1\nmap[[4]byte]int\nhash default",
            "3:6: the default hash is for strings and integers",
        ),
        (
            "gomap trace 1\nmap[float64]int\npath fast",
            "3:6: Go has no fast functions for map[float64]int",
        ),
    ] {
        let error = parse_all(text.as_bytes()).expect_err(text).to_string();
        assert!(error.starts_with(place_and_message), "{text:?}: {error}");
    }
}

#[test]
fn no_input_panics() {
    let good = b"gomap trace 1\nmap[struct{string;[2]float32}]interface{}\nseed 1\nmake\n\
                 insert {\"a\\x41\",[1.5,nan]} [2]int8:[1,2]\niter a\nnext a\nget {#3,#4}\n";
    for place in 0..good.len() {
        let _ = parse_all(&good[..place]);
        for byte in [0, b'"', b'#', b'[', b'9', 0xff] {
            let mut text = good.to_vec();
            text[place] = byte;
            let _ = parse_all(&text);
        }
    }
}
