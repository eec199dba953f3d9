//! Walks through maps that change on the way.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};

use gomap::typed::Entry;
use gomap::{Map, Set};

use crate::forget;
use crate::model::Random;

/// Hashes that collide in every way: few buckets, few values, one value.
#[derive(Default, Clone)]
struct Poor<const VALUES: u64>(u64);

impl<const VALUES: u64> Hasher for Poor<VALUES> {
    fn finish(&self) -> u64 {
        self.0 % VALUES
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.wrapping_mul(0x100_0000_01b3) ^ byte as u64;
        }
    }
}

/// Walks through maps of many sizes and states of growth with random changes at each step, and
/// checks every promise.
fn walk_and_change<K, V, S>(key: impl Fn(u64) -> K, value: impl Fn(u64) -> V)
where
    K: Hash + Eq + Clone + std::fmt::Debug,
    S: BuildHasher + Default,
{
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let mut map: Map<K, V, S> = Map::default();
        let mut there: HashMap<K, u64> = HashMap::new();
        let mut next = 0;
        let mut insert = |map: &mut Map<K, V, S>, there: &mut HashMap<K, u64>| {
            map.insert(key(next), value(next));
            there.insert(key(next), next);
            next += 1;
        };
        for _ in 0..random.below(2 << (seed % 9)) {
            insert(&mut map, &mut there);
        }
        remove_a_third(&mut map, &mut there, &mut random);
        let changes = [0, 1, 3, 12][seed as usize % 4];
        let mut due: HashSet<K> = there.keys().cloned().collect();
        let mut seen = HashSet::new();
        let mut cursor = map.walk();
        let mut growth = 1000;
        while let Some((k, _)) = cursor.next(&mut map) {
            let k = k.clone();
            assert!(there.contains_key(&k), "{k:?} was removed");
            assert!(seen.insert(k.clone()), "{k:?} came twice");
            due.remove(&k);
            for _ in 0..random.below(1 + changes) {
                match random.below(6) {
                    0 | 1 if growth > 0 => {
                        growth -= 1;
                        insert(&mut map, &mut there);
                    }
                    2 => {
                        let other = there.keys().next().filter(|_| random.below(2) == 0);
                        let victim = other.unwrap_or(&k).clone();
                        map.remove(&victim);
                        there.remove(&victim);
                        due.remove(&victim);
                    }
                    3 => replace_some(&mut map, there.keys(), &mut random),
                    4 => {
                        map.entry(k.clone()).and_replace_entry_with(|_, _| None);
                        there.remove(&k);
                    }
                    _ => map.shrink_to_fit(),
                }
            }
        }
        assert!(due.is_empty(), "seed {seed}: {due:?} never came");
        assert!(cursor.next(&mut map).is_none());
        assert_eq!(map.len(), there.len());
    }
}

fn remove_a_third<K: Hash + Eq + Clone, V, S: BuildHasher>(
    map: &mut Map<K, V, S>,
    there: &mut HashMap<K, u64>,
    random: &mut Random,
) {
    for victim in there.keys().cloned().collect::<Vec<_>>() {
        if random.below(3) == 0 {
            map.remove(&victim);
            there.remove(&victim);
        }
    }
}

/// Replaces the values of some of these keys, which is no removal.
fn replace_some<'k, K, V, S>(
    map: &mut Map<K, V, S>,
    keys: impl Iterator<Item = &'k K>,
    random: &mut Random,
) where
    K: Hash + Eq + Clone + 'k,
    S: BuildHasher,
{
    for key in keys.take(random.below(8) as usize) {
        let entry = map.entry(key.clone());
        let entry = entry.and_replace_entry_with(|_, value| Some(value));
        assert!(matches!(entry, Entry::Occupied(_)));
    }
}

#[test]
fn every_entry_comes_once_whatever_happens() {
    type Default = gomap::typed::DefaultHashBuilder;
    walk_and_change::<_, _, Default>(|i| i, |i| i);
    walk_and_change::<_, _, Default>(|i| i.to_string(), |i| vec![i]);
    walk_and_change::<_, _, Default>(|i| [i; 30], Box::new);
    walk_and_change::<_, _, Default>(|i| i, |i| [i; 30]);
}

#[test]
fn every_entry_comes_once_even_if_hashes_collide() {
    walk_and_change::<_, _, BuildHasherDefault<Poor<1>>>(|i| i, |i| i);
    walk_and_change::<_, _, BuildHasherDefault<Poor<3>>>(|i| i.to_string(), |i| i);
    walk_and_change::<_, _, BuildHasherDefault<Poor<40>>>(|i| i, |i| i.to_string());
    walk_and_change::<_, _, BuildHasherDefault<Poor<40>>>(|i| [i; 30], |i| i);
}

#[test]
fn clearing_ends_a_walk_over_what_was_there() {
    for n in [1, 8, 9, 100, 105, 106, 110] {
        let mut map: Map<u32, String> = (0..n).map(|i| (i, i.to_string())).collect();
        let mut cursor = map.walk();
        assert!(cursor.next(&mut map).is_some());
        map.clear();
        assert!(cursor.next(&mut map).is_none());
        map.insert(1, "one".into());
        assert!(cursor.next(&mut map).is_none());
    }
}

#[test]
fn draining_on_the_way() {
    let mut map: Map<u32, String> = (0..100).map(|i| (i, i.to_string())).collect();
    let mut cursor = map.walk();
    assert!(cursor.next(&mut map).is_some());
    assert_eq!(map.drain().count(), 100);
    assert!(cursor.next(&mut map).is_none());
}

/// The map is empty then, and its memory is lost.
#[test]
fn forgetting_a_drain_on_the_way() {
    let mut map: Map<u32, String> = (0..100).map(|i| (i, i.to_string())).collect();
    let mut set: Set<u32> = (0..100).collect();
    let (mut cursor, mut of_set) = (map.walk(), set.walk());
    assert!(cursor.next(&mut map).is_some());
    forget(map.drain());
    forget(set.drain());
    assert!(map.is_empty() && set.is_empty());
    assert!(cursor.next(&mut map).is_none());
    assert!(of_set.next(&mut set).is_none());
    map.insert(1, "one".into());
    assert!(
        cursor.next(&mut map).is_none(),
        "a walk that is over stays over"
    );
    assert_eq!(map.walk().next(&mut map), Some((&1, &mut "one".into())));
}

#[test]
#[should_panic(expected = "its `Drain` was forgotten")]
fn a_map_that_is_filled_after_its_drain_was_forgotten_is_another() {
    let mut map: Map<u32, u32> = (0..100).map(|i| (i, i)).collect();
    let mut cursor = map.walk();
    forget(map.drain());
    map.insert(1, 1);
    cursor.next(&mut map);
}

#[test]
fn a_walk_over_an_empty_map_is_over() {
    let mut map: Map<u32, u32> = Map::new();
    let mut cursor = map.walk();
    map.insert(1, 1);
    assert!(cursor.next(&mut map).is_none());
}

#[test]
fn a_cursor_follows_a_map_that_moves() {
    let mut a: Map<u32, u32> = (0..50).map(|i| (i, i)).collect();
    let mut b: Map<u32, u32> = (100..150).map(|i| (i, i)).collect();
    let mut of_a = a.walk();
    let mut seen: Vec<u32> = Vec::new();
    seen.extend(of_a.next(&mut a).map(|(k, _)| *k));
    std::mem::swap(&mut a, &mut b);
    let mut boxed = Box::new(b);
    while let Some((k, v)) = of_a.next(&mut boxed) {
        assert_eq!(k, v);
        seen.push(*k);
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..50).collect::<Vec<_>>());
}

#[test]
#[should_panic(expected = "another map")]
fn a_cursor_of_another_map_panics() {
    let mut a = Map::from([(1, 1)]);
    let mut b = a.clone();
    a.walk().next(&mut b);
}

#[test]
#[should_panic(expected = "another map")]
fn a_cursor_of_a_map_that_was_replaced_panics() {
    let mut map = Map::from([(1, 1)]);
    let mut cursor = map.walk();
    map = Map::from([(1, 1)]);
    cursor.next(&mut map);
}

#[test]
fn cursors_and_maps_end_in_any_order() {
    let mut map: Map<u32, String> = (0..200).map(|i| (i, i.to_string())).collect();
    let mut first = map.walk();
    first.next(&mut map);
    for i in 200..2000 {
        map.insert(i, i.to_string());
    }
    let mut second = map.walk();
    let third = map.walk();
    second.next(&mut map);
    drop(third);
    let thread = std::thread::spawn(move || drop(second));
    drop(map);
    drop(first);
    thread.join().unwrap();
}

#[test]
fn a_forgotten_cursor_does_no_harm() {
    let mut map: Map<u32, String> = (0..20).map(|i| (i, i.to_string())).collect();
    let mut cursor = map.walk();
    cursor.next(&mut map);
    forget(cursor);
    for i in 0..1000 {
        map.insert(i, "x".into());
    }
    map.retain(|k, _| k % 2 == 0);
    map.clear();
}

#[test]
fn room_is_kept_while_a_cursor_is_on_its_way() {
    let mut map: Map<u32, u32> = (0..100).map(|i| (i, i)).collect();
    map.reserve(10_000);
    let capacity = map.capacity();
    let mut cursor = map.walk();
    cursor.next(&mut map);
    map.shrink_to_fit();
    assert_eq!(map.capacity(), capacity);
    drop(cursor);
    map.shrink_to_fit();
    assert!(map.capacity() < 250);
}

/// Of a large array, what was evacuated before the walk began has been given back to the system.
#[test]
fn a_walk_that_begins_in_a_large_growth_visits_everything_once() {
    let mut map: Map<u64, u64> = Map::new();
    let mut growing_at = Vec::new();
    for i in 0..120_000 {
        map.insert(i, 0);
        // Some way into the growths that begin at 53248 and 106496 entries.
        if [54_000, 57_000, 59_500, 108_000, 114_000].contains(&i) {
            let mut cursor = map.walk();
            let mut seen = vec![false; i as usize + 1];
            while let Some((&key, _)) = cursor.next(&mut map) {
                assert!(
                    !std::mem::replace(&mut seen[key as usize], true),
                    "{key} twice"
                );
            }
            assert!(seen.iter().all(|&seen| seen), "missed some of {i}");
            growing_at.push(i);
        }
    }
    assert_eq!(growing_at.len(), 5);
}
