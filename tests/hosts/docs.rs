//! What docs/embedding.md shows is what the examples do, and what it says of offsets is so.

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
