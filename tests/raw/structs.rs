//! The offsets of the fields of each struct, what is left out between and behind them: a table
//! beside that of Go on amd64, which follows from the document's structs. The offsets alone are
//! proved when the library is compiled.
#![cfg(target_pointer_width = "64")]

use std::mem::size_of;
use std::ops::Range;

use gomap::layout::{Bmap, BmapSlice, Hiter, Hmap, MapExtra};
use maptype::{Heap, MapType, RawType};
use memoffset::span_of;

/// A struct, and each of its fields: where it lies here and in Go. The last span is the tail, from
/// the last field on.
struct Table {
    name: &'static str,
    size: usize,
    fields: Vec<(&'static str, Range<usize>, Range<usize>)>,
    tail: Range<usize>,
}

macro_rules! table {
    ($($go:literal $rust:ty {
        $($field:ident: $from:literal..$to:literal),+
    } $last:ident..$size:literal)+) => {
        [$(Table {
            name: $go,
            size: $size,
            fields: vec![$((stringify!($field), span_of!($rust, $field), $from..$to)),+],
            tail: span_of!($rust, $last..),
        }),+]
    };
}

impl Table {
    /// The bytes that no field has: before each field, and at the end.
    fn paddings(&self) -> Vec<Range<usize>> {
        let starts = self.fields.iter().map(|(_, here, _)| here.start).skip(1);
        let gap = |(field, next): (&(_, Range<usize>, _), usize)| field.1.end..next;
        let gaps = self
            .fields
            .iter()
            .zip(starts.chain([self.tail.end]))
            .map(gap);
        gaps.filter(|gap| !gap.is_empty()).collect()
    }

    fn print(&self) {
        println!("{:<12}{:<14}{:>10}{:>10}", self.name, "", "here", "Go");
        for (field, here, go) in &self.fields {
            let (here, go) = (format!("{here:?}"), format!("{go:?}"));
            println!("{:<12}{field:<14}{here:>10}{go:>10}", "");
        }
        for padding in self.paddings() {
            let padding = format!("{padding:?}");
            println!("{:<12}{:<14}{padding:>10}", "", "(padding)");
        }
        println!(
            "{:<12}{:<14}{:>10}{:>10}",
            "", "(size)", self.tail.end, self.size
        );
    }
}

#[test]
fn structs_lie_as_in_go() {
    let table = table! {
        "hmap" Hmap {
            count: 0..8, flags: 8..9, B: 9..10, noverflow: 10..12, hash0: 12..16, buckets: 16..24,
            oldbuckets: 24..32, nevacuate: 32..40, extra: 40..48
        } extra..48
        "mapextra" MapExtra {
            overflow: 0..8, oldoverflow: 8..16, nextOverflow: 16..24
        } nextOverflow..24
        "[]*bmap" BmapSlice { array: 0..8, len: 8..16, cap: 16..24 } cap..24
        "bmap" Bmap { tophash: 0..8 } tophash..8
        "hiter" Hiter {
            key: 0..8, elem: 8..16, t: 16..24, h: 24..32, buckets: 32..40, bptr: 40..48,
            overflow: 48..56, oldoverflow: 56..64, startBucket: 64..72, offset: 72..73,
            wrapped: 73..74, B: 74..75, i: 75..76, bucket: 80..88, checkBucket: 88..96
        } checkBucket..96
    };
    table.iter().for_each(Table::print);
    for struct_ in &table {
        for (field, here, go) in &struct_.fields {
            assert_eq!(here, go, "{}.{field}", struct_.name);
        }
        assert_eq!(struct_.tail.end, struct_.size, "{}", struct_.name);
    }
    // Go's compiler leaves out the same bytes, and no others: nothing may be kept there.
    let mut paddings = Vec::new();
    for struct_ in &table {
        paddings.extend(
            struct_
                .paddings()
                .into_iter()
                .map(|gap| (struct_.name, gap)),
        );
    }
    assert_eq!(paddings, [("hiter", 76..80)]);
}

/// The structs that a host fills in. What C leaves uninitialised between their fields is these
/// bytes.
#[test]
fn paddings_of_what_hosts_fill_in_are_known() {
    let gaps = |before: Range<usize>, behind: Range<usize>| before.end..behind.start;
    assert_eq!(span_of!(RawType, size..kind), 0..20);
    assert_eq!(
        gaps(
            span_of!(RawType, default_hash),
            span_of!(RawType, key_flags)
        ),
        22..24
    );
    assert_eq!(
        gaps(span_of!(RawType, key_flags), span_of!(RawType, gcdata)),
        28..32
    );
    assert_eq!(span_of!(RawType, name_len..), span_of!(RawType, name_len));
    assert_eq!(span_of!(MapType, bucket), 32..32 + size_of::<RawType>());
    assert_eq!(span_of!(MapType, bucket..=flags), 32..136);
    assert_eq!(
        (span_of!(MapType, path), span_of!(MapType, path..)),
        (136..137, 136..144)
    );
    assert_eq!(
        (span_of!(Heap, era), span_of!(Heap, era..)),
        (88..89, 88..96)
    );
}
