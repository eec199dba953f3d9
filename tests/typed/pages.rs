//! Which pages large arrays ask the system for.

use std::fs;
use std::path::Path;
use std::ptr;

use gomap::Map;
use gomap::typed::{DefaultHashBuilder, Memory, SmallPages, SystemHeap};

/// Whether huge pages were asked for where a map of some megabytes keeps its entries.
fn asks_for_huge<A: Memory>(memory: A) -> bool {
    let mut map = Map::with_capacity_in(300_000, memory);
    let value = map.entry(1_u64).or_insert(2_u64);
    flags(ptr::from_mut(value).addr())
        .split(' ')
        .any(|flag| flag == "hg")
}

/// The flags of the mapping that an address is in.
fn flags(address: usize) -> String {
    let mappings = fs::read_to_string("/proc/self/smaps").expect("Linux");
    let mut inside = false;
    for line in mappings.lines() {
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        let parse = |end| usize::from_str_radix(end, 16).ok();
        let range = first
            .split_once('-')
            .and_then(|(start, end)| Some(parse(start)?..parse(end)?));
        if let Some(range) = range {
            inside = range.contains(&address);
        } else if inside && first == "VmFlags:" {
            return rest.to_owned();
        }
    }
    panic!("no mapping of {address:x}")
}

#[test]
fn large_arrays_ask_for_huge_pages_unless_told_not_to() {
    let has_huge_pages = Path::new("/sys/kernel/mm/transparent_hugepage").exists();
    assert_eq!(asks_for_huge(SystemHeap), has_huge_pages);
    assert!(!asks_for_huge(SmallPages));
}

#[test]
fn a_map_on_small_pages_is_used_as_any_other() {
    let mut map: Map<u32, String, DefaultHashBuilder, SmallPages> =
        (0..100_000).map(|n| (n, n.to_string())).collect();
    map.retain(|key, _| key % 3 == 0);
    let copy = map.clone();
    assert_eq!(copy, map);
    assert_eq!(map.drain().map(|(_, text)| text.len()).max(), Some(5));
    assert_eq!(copy[&99_999], "99999");
}
