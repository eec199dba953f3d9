//! Every method of `Map`, as its documentation says it behaves.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use gomap::typed::{DefaultHasher, Entry, EntryRef};
use gomap::{Map, Set};

use crate::forget;

#[test]
fn a_new_map_is_empty_and_owns_nothing() {
    let map: Map<String, i32> = Map::new();
    assert_eq!(map.len(), 0);
    assert!(map.is_empty());
    assert_eq!(map.capacity(), 0);
    assert_eq!(map.get("nothing"), None);
    assert!(map.iter().next().is_none());
}

#[test]
fn with_capacity_makes_room() {
    for wanted in [0, 1, 8, 9, 13, 14, 100, 5000] {
        let mut map = Map::with_capacity(wanted);
        let capacity = map.capacity();
        assert!(capacity >= wanted);
        for i in 0..wanted {
            map.insert(i, i);
        }
        assert_eq!(map.capacity(), capacity, "no growth for {wanted}");
    }
}

#[test]
#[should_panic(expected = "capacity overflow")]
fn too_much_capacity_panics() {
    let _ = Map::<u64, u64>::with_capacity(usize::MAX);
}

#[test]
fn insert_replaces_the_value_but_not_the_key() {
    let first = Rc::new(7);
    let second = Rc::new(7);
    let mut map = Map::new();
    assert_eq!(map.insert(first.clone(), 'a'), None);
    assert_eq!(map.insert(second.clone(), 'b'), Some('a'));
    assert_eq!(map.len(), 1);
    let (key, value) = map.get_key_value(&7).unwrap();
    assert!(Rc::ptr_eq(key, &first));
    assert_eq!(*value, 'b');
    assert_eq!(Rc::strong_count(&second), 1);
}

#[test]
fn lookups_borrow() {
    let mut map = Map::from([(String::from("one"), 1), (String::from("two"), 2)]);
    assert_eq!(map.get("one"), Some(&1));
    *map.get_mut("two").unwrap() += 20;
    assert_eq!(map["two"], 22);
    assert!(map.contains_key("one") && !map.contains_key("three"));
    assert_eq!(
        map.get_key_value_mut("one").map(|(k, v)| (k.len(), *v)),
        Some((3, 1))
    );
    assert_eq!(map.remove_entry("one"), Some(("one".to_string(), 1)));
    assert_eq!(map.remove("one"), None);
}

#[test]
#[should_panic(expected = "no entry found for key")]
fn indexing_what_is_not_there_panics() {
    let map: Map<i32, i32> = Map::new();
    let _ = map[&1];
}

#[test]
fn entries_insert_modify_and_remove() {
    let mut map = Map::new();
    *map.entry("a").or_insert(1) += 1;
    map.entry("b").or_insert_with(|| 5);
    map.entry("ccc").or_insert_with_key(|key| key.len());
    map.entry("d").or_default();
    map.entry("a").and_modify(|v| *v *= 10).or_insert(0);
    assert_eq!(map.len(), 4);
    assert_eq!((map["a"], map["b"], map["ccc"], map["d"]), (20, 5, 3, 0));
    match map.entry("b") {
        Entry::Occupied(mut entry) => {
            assert_eq!(entry.insert(6), 5);
            assert_eq!(entry.remove_entry(), ("b", 6));
        }
        Entry::Vacant(_) => unreachable!(),
    }
    match map.entry("b") {
        Entry::Vacant(entry) => assert_eq!(entry.into_key(), "b"),
        Entry::Occupied(_) => unreachable!(),
    }
    assert_eq!(*map.entry("e").insert_entry(9).get(), 9);
    assert_eq!(map.len(), 4);
}

#[test]
fn entries_that_store_give_the_entry() {
    let mut map: Map<String, u32> = Map::new();
    assert_eq!(*map.entry("a".into()).or_insert_entry(1).get(), 1);
    assert_eq!(*map.entry("a".into()).or_insert_entry(2).get(), 1);
    assert_eq!(*map.entry("a".into()).insert(3).get(), 3);
    assert_eq!(*map.entry_ref("a").insert(4).get(), 4);
    assert_eq!(*map.entry_ref("a").or_default_entry().get(), 4);
    let (key, value) = map.entry_ref("b").or_default_entry().into_entry();
    *value += 5;
    assert_eq!(key, "b");
    assert_eq!((map.len(), map["b"]), (2, 5));
}

#[test]
fn a_key_is_made_by_the_caller_or_replaced() {
    let mut map: Map<Rc<str>, u32> = Map::new();
    let (first, second) = (Rc::<str>::from("a"), Rc::<str>::from("a"));
    match map.entry_ref("a") {
        EntryRef::Vacant(entry) => *entry.insert_with_key(first.clone(), 1) += 1,
        EntryRef::Occupied(_) => unreachable!(),
    }
    let Entry::Occupied(mut entry) = map.entry(first.clone()) else {
        unreachable!()
    };
    assert!(Rc::ptr_eq(&entry.replace_key(second.clone()), &first));
    assert!(Rc::ptr_eq(entry.key(), &second));
    let other = AssertUnwindSafe(|| entry.replace_key("b".into()));
    assert!(catch_unwind(other).is_err());
    let made_of_another = AssertUnwindSafe(|| match map.entry_ref("c") {
        EntryRef::Vacant(entry) => drop(entry.insert_entry_with_key("d".into(), 1)),
        EntryRef::Occupied(_) => unreachable!(),
    });
    assert!(catch_unwind(made_of_another).is_err());
    assert_eq!((map.len(), map["a"]), (1, 2));
}

#[test]
fn a_hasher_without_a_key_serves_in_a_default_builder() {
    type Builder = BuildHasherDefault<DefaultHasher>;
    let map: Map<u32, u32, Builder> = (0..100).map(|i| (i, i)).collect();
    assert!((0..100).all(|i| map[&i] == i));
    let hash = |x: u64| Builder::default().hash_one(x);
    assert_eq!(hash(5), hash(5));
    assert_ne!(hash(5), hash(6));
}

#[test]
fn the_allocation_is_counted_with_its_boxes() {
    let mut map: Map<u64, [u64; 30]> = Map::new();
    assert_eq!(map.allocation_size(), 0);
    map.insert(1, [1; 30]);
    let bucket = (8 + 8 * 8 + 9 * size_of::<usize>()).next_multiple_of(8);
    assert_eq!(map.allocation_size(), bucket + 240);
    map.extend((0..8).map(|i| (i, [i; 30])));
    assert_eq!(map.allocation_size(), bucket + 8 * 240);
    let set: Set<u64> = (0..9).collect();
    assert!(set.allocation_size() >= 2 * (8 + 8 * 8 + size_of::<usize>()));
}

#[test]
fn iterators_come_to_every_entry_once() {
    let mut map: Map<u32, u32> = (0..1000).map(|i| (i, i * 2)).collect();
    let mut seen: Vec<_> = map.iter().map(|(k, v)| (*k, *v)).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..1000).map(|i| (i, i * 2)).collect::<Vec<_>>());
    map.values_mut().for_each(|v| *v += 1);
    let mut iter = map.iter();
    assert_eq!(iter.len(), 1000);
    for left in (0..1000).rev() {
        assert!(iter.next().is_some());
        assert_eq!(iter.size_hint(), (left, Some(left)));
    }
    assert!(iter.next().is_none() && iter.next().is_none());
    assert_eq!(map.values().map(|&v| v as u64).sum::<u64>(), 1000 * 1000);
    assert_eq!(
        map.into_values().map(|v| v as u64).sum::<u64>(),
        1000 * 1000
    );
}

#[test]
fn drain_leaves_an_empty_map_with_its_memory() {
    let mut map: Map<_, _> = (0..100).map(|i| (i, i.to_string())).collect();
    let capacity = map.capacity();
    {
        let mut drain = map.drain();
        assert_eq!(drain.len(), 100);
        assert!(drain.next().is_some());
    }
    assert!(map.is_empty());
    assert_eq!(map.capacity(), capacity);
    map.insert(5, "x".into());
    assert_eq!(map.len(), 1);
    forget(map.drain());
    assert!(map.is_empty());
    map.insert(6, "y".into());
    assert_eq!(map[&6], "y");
}

#[test]
fn retain_and_extract_if_take_what_they_are_told() {
    let mut map: Map<_, _> = (0..1000).map(|i| (i, i.to_string())).collect();
    map.retain(|k, v| {
        v.push('!');
        k % 3 == 0
    });
    assert_eq!(map.len(), 334);
    assert_eq!(map[&999], "999!");
    let mut odd: Vec<_> = map.extract_if(|k, _| k % 2 == 1).map(|(k, _)| k).collect();
    odd.sort_unstable();
    assert_eq!(odd, (3..1000).step_by(6).collect::<Vec<_>>());
    assert_eq!(map.len(), 167);
    assert!(map.keys().all(|k| k % 6 == 0));
    assert_eq!(map.extract_if(|_, _| true).take(7).count(), 7);
    assert_eq!(map.len(), 160);
}

#[test]
fn reserve_and_shrink() {
    let mut map: Map<_, _> = (0..50).map(|i| (i, i.to_string())).collect();
    map.reserve(10_000);
    let capacity = map.capacity();
    assert!(capacity >= 10_050);
    for i in 50..10_050 {
        map.insert(i, i.to_string());
    }
    assert_eq!(map.capacity(), capacity);
    map.retain(|k, _| *k < 20);
    map.shrink_to(1000);
    assert!((1000..capacity).contains(&map.capacity()));
    map.shrink_to_fit();
    assert_eq!(map.capacity(), 26);
    assert!((0..20).all(|i| map[&i] == i.to_string()));
    map.clear();
    assert_eq!(map.capacity(), 26);
    map.shrink_to_fit();
    assert_eq!(map.capacity(), 0);
    assert!(map.try_reserve(usize::MAX).is_err());
    assert!(map.try_reserve(isize::MAX as usize / 16).is_err());
    map.insert(1, "one".into());
    assert!(map.try_reserve(usize::MAX).is_err());
    assert_eq!(map.len(), 1);
}

#[test]
fn clones_are_equal_and_independent() {
    for n in [0, 1, 8, 9, 60, 105, 110, 500, 833, 840, 900, 2000] {
        let mut map: Map<_, _> = (0..n).map(|i| (i.to_string(), i)).collect();
        map.retain(|_, v| *v % 5 != 0);
        let mut copy = map.clone();
        assert_eq!(copy, map);
        copy.insert("other".into(), 0);
        assert_ne!(copy, map);
        for i in 0..n {
            assert_eq!(copy.remove(&i.to_string()), (i % 5 != 0).then_some(i));
        }
        assert_eq!(copy.len(), 1);
        assert!(map.iter().all(|(k, v)| *k == v.to_string()));
    }
}

#[test]
fn disjoint_values() {
    let mut map = Map::from([("a", 1), ("b", 2), ("c", 3)]);
    let [a, none, c] = map.get_disjoint_mut(["a", "z", "c"]);
    std::mem::swap(a.unwrap(), c.unwrap());
    assert!(none.is_none());
    assert_eq!((map["a"], map["c"]), (3, 1));
}

#[test]
#[should_panic(expected = "duplicate keys found")]
fn overlapping_disjoint_values_panic() {
    let mut map = Map::from([("a", 1)]);
    map.get_disjoint_mut(["a", "a"]);
}

#[test]
fn many_keys_are_looked_up_in_their_order() {
    let none: Map<u32, u32> = Map::new();
    assert_eq!(none.get_many(&[1, 2]).collect::<Vec<_>>(), [None, None]);
    for entries in [1, 8, 9, 1000, 100_000] {
        let map: Map<u32, u32> = (0..entries).map(|i| (2 * i, i)).collect();
        for asked in [0, 1, 7, 8, 9, 31, 32, 33, 1000] {
            let keys: Vec<u32> = (0..asked).map(|i| i * 7919 % (2 * entries + 3)).collect();
            let mut values = map.get_many(&keys);
            assert_eq!(values.len(), asked as usize);
            assert!(values.by_ref().eq(keys.iter().map(|key| map.get(key))));
            assert_eq!(values.next(), None);
        }
    }
    let words = Map::from([(String::from("one"), 1), (String::from("two"), 2)]);
    let found: Vec<_> = words.get_many(["two", "three"]).collect();
    assert_eq!(found, [Some(&2), None]);
}

#[test]
fn a_map_that_outgrows_the_caches_is_extended_as_a_small_one() {
    let entry = |i: u64| (i * 0x9e37_79b9 % 50_000, i);
    let mut map: Map<u64, u64> = Map::new();
    let mut model = HashMap::new();
    for (start, n) in [
        (0, 10),
        (10, 90_000),
        (90_010, 31),
        (90_041, 32),
        (90_073, 1),
    ] {
        map.extend((start..start + n).map(entry));
        model.extend((start..start + n).map(entry));
        assert_eq!(map.len(), model.len());
    }
    assert!(model.iter().all(|(key, value)| map.get(key) == Some(value)));
}

#[test]
fn an_extension_whose_iterator_panics_has_what_it_gave() {
    for size in [0, 100, 200_000] {
        let given = |n| (0..1000u64).map(move |i| if i == n { panic!("enough") } else { size + i });
        let mut map: Map<u64, String> = (0..size).map(|i| (i, String::new())).collect();
        let mut set: Set<u64> = (0..size).collect();
        for n in [0, 1, 31, 32, 33, 500, 999] {
            let entries = given(n).map(|i| (i, n.to_string()));
            assert!(catch_unwind(AssertUnwindSafe(|| map.extend(entries))).is_err());
            assert!(catch_unwind(AssertUnwindSafe(|| set.extend(given(n)))).is_err());
            assert_eq!((map.len() as u64, set.len() as u64), (size + n, size + n));
            assert!((size..size + n).all(|i| map[&i] == n.to_string() && set.contains(&i)));
        }
    }
}

/// What a panic in the middle leaves behind: the entries before, but for those on their way, and no
/// leak.
#[test]
fn an_extension_whose_hash_panics_keeps_what_it_inserted() {
    #[derive(PartialEq, Eq)]
    struct Key(Rc<u64>);
    impl Hash for Key {
        fn hash<H: Hasher>(&self, state: &mut H) {
            assert!(*self.0 != 30_000, "this one has no hash");
            self.0.hash(state);
        }
    }
    let counted = Rc::new(7);
    let mut map: Map<Key, Rc<u64>> = Map::new();
    let extension = AssertUnwindSafe(|| {
        map.extend((0..40_000).map(|i| (Key(i.into()), Rc::clone(&counted))));
    });
    assert!(catch_unwind(extension).is_err());
    assert_eq!(Rc::strong_count(&counted), 1 + map.len());
    assert!((30_000 - 32..30_000).contains(&map.len()));
    assert!(map.iter().all(|(key, _)| *key.0 < 30_000));
}
