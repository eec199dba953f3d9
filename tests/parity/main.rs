//! Each row of docs/std-parity.md, by the compiler: the same code for the standard library,
//! hashbrown and this crate. It is generic, with the bounds of the standard library: what asks for
//! more does not compile.

#![allow(clippy::complexity, clippy::perf, clippy::style)]
#![allow(
    dead_code,
    unused_imports,
    unused_must_use,
    unused_mut,
    unused_variables
)]

mod beyond;
mod examples;
mod map;
mod set;

/// The maps and sets of each library by the same names.
mod names {
    pub mod standard {
        pub use std::collections::{HashMap, HashSet, TryReserveError, hash_map, hash_set};
        pub use std::hash::{DefaultHasher, RandomState as State};
        pub type Entry<'a, K, V> = hash_map::Entry<'a, K, V>;
        pub type OccupiedEntry<'a, K, V> = hash_map::OccupiedEntry<'a, K, V>;
        pub type VacantEntry<'a, K, V> = hash_map::VacantEntry<'a, K, V>;
    }

    pub mod hashbrown {
        pub use ::hashbrown::{DefaultHashBuilder as State, DefaultHashBuilder};
        pub use ::hashbrown::{Equivalent, HashMap, HashSet, TryReserveError, hash_map, hash_set};
        pub type Entry<'a, K, V> = hash_map::Entry<'a, K, V, State>;
        pub type OccupiedEntry<'a, K, V> = hash_map::OccupiedEntry<'a, K, V>;
        pub type VacantEntry<'a, K, V> = hash_map::VacantEntry<'a, K, V>;
        pub type EntryRef<'a, 'q, K, Q, V> = hash_map::EntryRef<'a, 'q, K, Q, V, State>;
        pub type VacantEntryRef<'a, 'q, K, Q, V> = hash_map::VacantEntryRef<'a, 'q, K, Q, V, State>;
        pub type SetEntry<'a, T> = hash_set::Entry<'a, T, State>;
        pub type SetOccupied<'a, T> = hash_set::OccupiedEntry<'a, T, State>;
        pub type SetVacant<'a, T> = hash_set::VacantEntry<'a, T, State>;
    }

    pub mod gomap {
        pub use ::gomap::typed::{self as hash_map, set as hash_set};
        pub use ::gomap::typed::{DefaultHashBuilder, DefaultHasher};
        pub use ::gomap::typed::{DefaultHashBuilder as State, Equivalent, TryReserveError};
        pub use ::gomap::typed::{Entry, EntryRef, OccupiedEntry, VacantEntry, VacantEntryRef};
        pub use ::gomap::{Map as HashMap, Set as HashSet};
        pub use hash_set::Entry as SetEntry;
        pub use hash_set::{OccupiedEntry as SetOccupied, VacantEntry as SetVacant};
    }
}

/// A row of a table: what it names, and the code that holds it.
struct Row {
    names: &'static str,
    code: &'static str,
    /// For which libraries each block of the code is.
    libraries: &'static [&'static [&'static str]],
}

/// A table of rows. Each block of code is compiled for the libraries that are named before it; a
/// block for this crate alone says that something differs.
macro_rules! rows {
    ($table:ident: $($names:literal $([$($library:ident)*] $code:tt)+)*) => {
        $($($(const _: () = crate::with!($library $code);)*)+)*

        pub const $table: &[crate::Row] = &[$(crate::Row {
            names: $names,
            code: concat!($(stringify!($code)),+),
            libraries: &[$(&[$(stringify!($library)),*]),+],
        }),*];
    };
}
pub(crate) use rows;

/// Code with the names of a library.
macro_rules! with {
    ($library:ident { $($code:tt)* }) => {{
        use crate::names::$library::*;
        $($code)*
    }};
}
pub(crate) use with;

/// Proves that a type has no methods of these names: they would be preferred to those of a trait.
macro_rules! absent {
    ($type:ty: $($method:ident)*) => {
        const _: () = {
            struct Nothing;
            trait Absent {
                $(fn $method(&mut self) -> Nothing {
                    Nothing
                })*
            }
            impl<T> Absent for T {}
            fn calls(mut value: $type) {
                $(let Nothing = value.$method();)*
            }
        };
    };
}
pub(crate) use absent;

impl Row {
    fn same(&self) -> bool {
        matches!(self.libraries, [libraries] if libraries.len() > 1)
    }

    /// What stands between backquotes in the first cell.
    fn named(&self) -> impl Iterator<Item = &str> {
        self.names.split('`').skip(1).step_by(2)
    }
}

/// The tables of the document: heading, first cell, second cell.
fn document() -> Vec<(&'static str, String, String)> {
    let mut heading = "";
    let mut rows = Vec::new();
    for line in include_str!("../../docs/std-parity.md").lines() {
        if let Some(title) = line.strip_prefix("## ") {
            heading = title;
        }
        let Some(cells) = line
            .strip_prefix("| ")
            .and_then(|line| line.strip_suffix(" |"))
        else {
            continue;
        };
        let (names, answer) = cells.split_once(" | ").expect("two cells");
        rows.push((heading, names.replace("\\|", "|"), answer.to_string()));
    }
    // The heads of the tables.
    rows.retain(|(_, names, _)| !["std", "hashbrown", "here"].contains(&names.as_str()));
    rows
}

const TABLES: [(&str, &[Row]); 4] = [
    ("`HashMap`", map::ROWS),
    ("`HashSet`", set::ROWS),
    ("hashbrown, beyond std", beyond::HASHBROWN),
    ("What neither has", beyond::OURS),
];

#[test]
fn the_document_has_these_rows_and_no_others() {
    let documented = document();
    let mut documented = documented
        .iter()
        .map(|(title, names, _)| (*title, names.as_str()));
    for (title, rows) in TABLES {
        for row in rows {
            assert_eq!(documented.next(), Some((title, row.names)));
        }
    }
    assert_eq!(documented.next(), None);
}

#[test]
fn the_document_says_same_where_the_code_is() {
    let rows = TABLES.iter().flat_map(|(_, rows)| *rows);
    for (row, (_, names, answer)) in rows.zip(document()) {
        let same = answer == "same" || answer.starts_with("same;");
        assert_eq!(same, row.same(), "{names}: {answer}");
    }
}

#[test]
fn the_code_of_a_row_uses_all_that_it_names() {
    let packed = |text: &str| text.replace(char::is_whitespace, "");
    let missing = |row: &Row, name: &str| !packed(row.code).contains(&packed(name));
    for row in TABLES.iter().flat_map(|(_, rows)| *rows) {
        let missing: Vec<_> = row.named().filter(|name| missing(row, name)).collect();
        assert!(missing.is_empty(), "{missing:?} of {}", row.names);
    }
}
