//! What docs/embedding.md shows is what the examples do, the offsets that it gives are right, and
//! links lead to files.

use std::mem::offset_of;
use std::path::Path;

use gomap::layout::{Hiter, Hmap};

#[path = "../../examples/embedding.rs"]
mod embedding;

#[path = "../../examples/embedding_jit.rs"]
mod embedding_jit;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_examples_run() {
    embedding::main();
    embedding_jit::main();
}

#[test]
fn the_page_shows_the_examples() {
    let page = read("docs/embedding.md");
    let sources = [
        read("examples/embedding.rs"),
        read("examples/embedding_jit.rs"),
    ];
    let shown: Vec<&str> = page
        .split("```rs\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(shown.len() > 5);
    for code in shown {
        assert!(sources.iter().any(|source| source.contains(code)), "{code}");
    }
}

#[test]
#[cfg(target_pointer_width = "64")]
fn the_page_names_the_right_offsets() {
    let page = read("docs/embedding.md");
    let mut rows = 0;
    for (name, offset) in [
        ("Hmap.count", offset_of!(Hmap, count)),
        ("Hmap.flags", offset_of!(Hmap, flags)),
        ("Hmap.B", offset_of!(Hmap, B)),
        ("Hmap.hash0", offset_of!(Hmap, hash0)),
        ("Hmap.buckets", offset_of!(Hmap, buckets)),
        ("Hmap.oldbuckets", offset_of!(Hmap, oldbuckets)),
        ("Hiter.key", offset_of!(Hiter, key)),
        ("Hiter.elem", offset_of!(Hiter, elem)),
    ] {
        let row = format!("| `{name}` | {offset} |");
        assert!(page.contains(&row), "{row}");
        rows += 1;
    }
    assert_eq!(page.matches("\n| `H").count(), rows);
}

/// The files that a page of this repository links to: by a relative path, or on the project's site.
fn linked_files(page: &str) -> Vec<String> {
    const SITE: &str = "https://github.com/gomap/gomap/";
    let definitions = page.lines().filter(|line| line.starts_with('['));
    let definitions = definitions.filter_map(|line| Some(line.split_once("]: ")?.1));
    let targets = page.split("](").skip(1).chain(definitions);
    let targets = targets.filter_map(|rest| rest.split([')', '\n', ' ']).next());
    let on_site = |target: &str| {
        let path = target.strip_prefix(SITE)?;
        let path = path
            .strip_prefix("blob/main/")
            .or(path.strip_prefix("tree/main/"))?;
        Some(format!("/{path}"))
    };
    let file = |target: &str| match on_site(target) {
        Some(path) => Some(path),
        None if target.contains("://") || target.starts_with('#') => None,
        None => Some(target.to_owned()),
    };
    let without_anchor = |path: String| path.split('#').next().unwrap().to_owned();
    targets.filter_map(file).map(without_anchor).collect()
}

#[test]
fn links_lead_to_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = root.join("docs").read_dir().unwrap();
    let mut pages: Vec<_> = docs
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "md"))
        .collect();
    pages.extend(["README.md", "CHANGELOG.md", "maptype/README.md"].map(|page| root.join(page)));
    let mut links = 0;
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for file in linked_files(&text) {
            let target = match file.strip_prefix('/') {
                Some(path) => root.join(path),
                None => page.parent().unwrap().join(&file),
            };
            assert!(target.exists(), "{} links to {file}", page.display());
            links += 1;
        }
    }
    assert!(links > 30, "{links}");
}
