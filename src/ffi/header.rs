//! Makes `include/gomap.h`, and checks that the one in the repository is what would be made.
//!
//! After a change, `GOMAP_WRITE_HEADER=1 cargo test --features ffi header` writes it.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::prelude::rust_2024::*;
use std::{format, fs};

use super::layout::{LAYOUTS, Layout};

/// The sources of what C sees, in the order of the header.
const SOURCES: [&str; 25] = [
    "maptype/src/elem_type.rs",
    "maptype/src/heap.rs",
    "maptype/src/descriptor.rs",
    "maptype/src/alg/string.rs",
    "src/layout.rs",
    "src/position.rs",
    "src/scan/mod.rs",
    "src/scan/iter.rs",
    "src/ffi/version.rs",
    "src/ffi/status.rs",
    "src/ffi/types.rs",
    "src/ffi/cstring.rs",
    "src/ffi/fallible.rs",
    "src/ffi/descriptor.rs",
    "src/ffi/heap.rs",
    "src/ffi/hash.rs",
    "src/ffi/handle.rs",
    "src/ffi/map.rs",
    "src/ffi/put.rs",
    "src/ffi/iter.rs",
    "src/raw/assign.rs",
    "src/ffi/runtime.rs",
    "src/ffi/fast.rs",
    "src/ffi/scan.rs",
    "src/ffi/layout.rs",
];

#[test]
fn header_is_current() {
    let path = root().join("include/gomap.h");
    let made = header();
    if std::env::var_os("GOMAP_WRITE_HEADER").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap();
    let difference = made.lines().zip(found.lines()).position(|(a, b)| a != b);
    assert!(
        made == found,
        "{} differs from the sources, first in line {}",
        path.display(),
        difference.map_or(made.lines().count().min(found.lines().count()), |i| i) + 1,
    );
}

/// Every macro that C sees is ours.
#[test]
fn macros_have_one_prefix() {
    let header = header();
    let names = header
        .lines()
        .filter_map(|line| line.strip_prefix("#define "));
    for name in names {
        let ours = name.starts_with("GOMAP_")
            || name
                .strip_prefix("gomap_")
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_lowercase()));
        assert!(ours, "{name}");
    }
}

#[test]
fn functions_are_declared_once() {
    let header = header();
    let mut functions: Vec<&str> = header
        .lines()
        .filter(|line| !line.starts_with([' ', '/', '#']))
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next())
        .filter(|name| name.starts_with("gomap_"))
        .collect();
    functions.sort_unstable();
    assert!(functions.contains(&"gomap_put") && functions.contains(&"gomap_mapassign"));
    let twice = functions.windows(2).find(|pair| pair[0] == pair[1]);
    assert_eq!(twice, None);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn header() -> String {
    let mut config = cbindgen::Config::from_file(root().join("include/cbindgen.toml")).unwrap();
    config.after_includes = Some(preamble());
    let names = config.export.rename.clone();
    let sources = SOURCES.iter().map(|source| root().join(source));
    let builder = cbindgen::Builder::new().with_config(config);
    let bindings = sources
        .fold(builder, |builder, source| builder.with_src(source))
        .generate()
        .unwrap();
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = for_c(&String::from_utf8(text).unwrap(), &names);
    let end = text.rfind("#endif").unwrap();
    format!("{}{}{}", &text[..end], layout_asserts(), &text[end..])
}

fn preamble() -> String {
    format!(
        "\n#define GOMAP_VERSION \"{}\"\n\n\
         // In gomap_hiter.checkBucket: every key of the bucket is to be visited.\n\
         #define gomap_noCheck SIZE_MAX\n\n\
         typedef struct gomap_type gomap_type;\n\
         typedef struct gomap_heap gomap_heap;",
        env!("CARGO_PKG_VERSION")
    )
}

/// One assertion for each size and offset in [`LAYOUTS`].
fn layout_asserts() -> String {
    let mut text = String::from(
        "// The layout that the library has, and that compiled code may rely on.\n\
         #ifdef __cplusplus\n#define GOMAP_ASSERT(x) static_assert(x, #x)\n\
         #else\n#define GOMAP_ASSERT(x) _Static_assert(x, #x)\n#endif\n\n",
    );
    for Layout { name, size, fields } in LAYOUTS {
        let size = bytes(*size);
        writeln!(text, "GOMAP_ASSERT(sizeof({name}) == {size});").unwrap();
        for (field, words, more) in *fields {
            let offset = bytes((*words, *more));
            let field = field_name(field);
            writeln!(text, "GOMAP_ASSERT(offsetof({name}, {field}) == {offset});").unwrap();
        }
        text.push('\n');
    }
    text + "#undef GOMAP_ASSERT\n\n"
}

fn bytes((words, more): (usize, usize)) -> String {
    match (words, more) {
        (0, more) => format!("{more}"),
        (words, 0) => format!("{words} * sizeof(void *)"),
        (words, more) => format!("{words} * sizeof(void *) + {more}"),
    }
}

/// A field's name in the header, where C++ and Rust keywords are no names.
fn field_name(field: &str) -> &str {
    match field {
        "throw" => "throw_",
        field => field.trim_start_matches("r#"),
    }
}

/// Says in C's words what the sources say in Rust's; `names` are those that Rust's become.
fn for_c(header: &str, names: &HashMap<String, String>) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in header.lines() {
        // A constant of a Rust type: a value of a struct, made of constants that C does not have.
        if line.starts_with("#define") && line.contains("){ .") {
            while lines.pop_if(|line| line.starts_with("//")).is_some() {}
            continue;
        }
        let line = match line.find("///") {
            Some(start) => format!("{}//{}", &line[..start], prose(&line[start + 3..], names)),
            // Bytes of a value that can be of any type.
            None => line.replace("uint8_t *", "void *"),
        };
        lines.push(line.trim_end().to_owned());
    }
    let text = lines.join("\n") + "\n";
    plain_function_pointers(text, names)
}

/// A function pointer that may be NULL is to cbindgen an opaque `Option` of its alias. Puts the
/// alias there.
fn plain_function_pointers(mut text: String, names: &HashMap<String, String>) -> String {
    for alias in ["HashFn", "EqualFn", "DropFn", "CopyFn"] {
        let option = format!("gomap_Option_{alias}");
        let name = &names[alias];
        let at = text.find(&format!("(*{name})")).unwrap();
        let start = text[..at].rfind("\n\n").unwrap() + 2;
        let end = start + text[start..].find("\n\n").unwrap() + 2;
        let declaration: String = text.drain(start..end).collect();
        let opaque = format!("typedef struct {option} {option};\n\n");
        text = text.replace(&opaque, &declaration);
        text = text.replace(&format!("struct {option} "), &format!("{name} "));
    }
    text
}

/// A line of documentation without links, emphasis and headings.
fn prose(text: &str, names: &HashMap<String, String>) -> String {
    let mut prose = text.to_owned();
    while let Some(middle) = prose.find("](") {
        let start = prose[..middle].rfind('[').unwrap();
        let end = prose[middle..].find(')').unwrap() + middle;
        let label = prose[start + 1..middle].to_owned();
        prose.replace_range(start..=end, &label);
    }
    prose = prose.replace("[`", "`").replace("`]", "`");
    prose = prose.replace("`MapType::new`", "gomap_maptype_init");
    for (rust, c) in names {
        prose = prose
            .replace(&format!("`{rust}`"), c)
            .replace(&format!("`{rust}::"), &format!("`{c}."));
    }
    if let Some(heading) = prose.strip_prefix(" # ") {
        prose = format!(" {heading}:");
    }
    // Emphasis goes, but not the stars of what stands between backticks.
    let parts = prose.split('`').enumerate();
    parts
        .map(|(i, part)| match i % 2 {
            0 => part.replace('*', ""),
            _ => part.to_owned(),
        })
        .collect()
}
