//! Every public item of the typed map and every raw verb has an example, which is a doctest.

use std::fs;
use std::path::Path;

/// Public only because they occur in a sealed trait.
const SEALED: [&str; 3] = ["Held", "Record", "Sealed"];

#[test]
fn every_public_item_has_an_example() {
    let mut lacking = Vec::new();
    for path in [
        "typed",
        "position.rs",
        "owned/free.rs",
        "raw/fast.rs",
        "raw/generic.rs",
        "raw/iter.rs",
        "raw/make.rs",
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path);
        find_lacking(&path, &mut lacking);
    }
    assert!(lacking.is_empty(), "no example:\n{}", lacking.join("\n"));
}

fn find_lacking(path: &Path, lacking: &mut Vec<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            find_lacking(&entry.unwrap().path(), lacking);
        }
        return;
    }
    let mut example = false;
    for line in fs::read_to_string(path).unwrap().lines().map(str::trim) {
        if line.starts_with("/// ```") {
            example = true;
        } else if !line.starts_with("///") && !line.starts_with("#[") {
            if is_public_item(line) && !example {
                lacking.push(format!("{}: {line}", path.display()));
            }
            example = false;
        }
    }
}

fn is_public_item(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("pub ") else {
        return false;
    };
    let mut words = rest
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .skip_while(|&word| word == "const" || word == "unsafe");
    let is_item = matches!(words.next(), Some("fn" | "struct" | "enum" | "trait"));
    is_item && words.next().is_some_and(|name| !SEALED.contains(&name))
}
