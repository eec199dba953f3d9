//! What maps are by their types: `Send`, `Sync`, unwind safe, covariant; and what a map may
//! outlive.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::slice;

use gomap::typed::{
    Cursor, DefaultHashBuilder, Drain, Entry, GetMany, IntoIter, Iter, IterMut, Keys, SystemHeap,
};
use gomap::{Map, Set};

fn send_and_sync<T: Send + Sync>() {}
fn unwind_safe<T: UnwindSafe + RefUnwindSafe>() {}

#[test]
fn maps_are_what_their_parts_are() {
    send_and_sync::<Map<String, u8>>();
    send_and_sync::<Set<String>>();
    send_and_sync::<Iter<'_, String, u8>>();
    send_and_sync::<IterMut<'_, String, u8>>();
    send_and_sync::<Drain<'_, String, u8>>();
    send_and_sync::<IntoIter<String, u8>>();
    send_and_sync::<Entry<'_, String, u8>>();
    send_and_sync::<Cursor<String, u8>>();
    type Many<'a> =
        GetMany<'a, 'a, String, u8, DefaultHashBuilder, SystemHeap, str, slice::Iter<'a, &'a str>>;
    send_and_sync::<Many<'_>>();
    unwind_safe::<Map<String, u8>>();
}

#[test]
fn maps_are_covariant() {
    fn map<'n>(map: Map<&'static str, &'static str>) -> Map<&'n str, &'n str> {
        map
    }
    fn iter<'a, 'n>(iter: Iter<'a, &'static str, &'static str>) -> Iter<'a, &'n str, &'n str> {
        iter
    }
    fn keys<'a, 'n>(keys: Keys<'a, &'static str, &'static str>) -> Keys<'a, &'n str, &'n str> {
        keys
    }
    fn drain<'n>(drain: Drain<'static, &'static str, &'static str>) -> Drain<'n, &'n str, &'n str> {
        drain
    }
    fn owned<'n>(iter: IntoIter<&'static str, &'static str>) -> IntoIter<&'n str, &'n str> {
        iter
    }
    let _ = (drain, owned);
    let shorter = map(Map::from([("a", "b")]));
    assert_eq!(iter(shorter.iter()).len() + keys(shorter.keys()).len(), 2);
}

#[test]
fn a_map_may_hold_references_to_what_ends_with_it() {
    let mut map = Map::new();
    let key = String::from("a");
    let value = 5;
    map.insert(&key, &value);
    assert_eq!(map[&key], &5);
}

#[test]
fn iterators_may_hold_references_to_what_ends_with_them() {
    let (mut entries, mut elements);
    let key = String::from("a");
    entries = Map::from([(&key, &key)]).into_iter();
    elements = Set::from([&key, &key]).into_iter();
    assert_eq!(
        (entries.next(), elements.next()),
        (Some((&key, &key)), Some(&key))
    );
}

#[test]
fn a_map_has_the_size_of_a_cache_line() {
    assert_eq!(size_of::<Map<u64, u64>>(), 64);
}
