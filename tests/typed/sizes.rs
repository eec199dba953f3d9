//! Large maps, in every state of a growth.

use gomap::Map;

#[test]
fn large_maps_are_whole_while_they_grow() {
    let mut map: Map<u64, u64> = Map::new();
    let mut next = 0;
    for size in [
        106_496, 106_497, 108_000, 150_000, 170_000, 212_993, 213_100, 300_000,
    ] {
        while next < size {
            map.insert(next, next + 1);
            next += 1;
        }
        assert_eq!(
            map.iter().map(|(k, v)| (v - k) as usize).sum::<usize>(),
            map.len()
        );
        assert_eq!(
            map.keys().copied().fold(0, u64::wrapping_add),
            size * (size - 1) / 2
        );
        assert!((0..size).all(|k| map.get(&k) == Some(&(k + 1))));
        assert!((size..2 * size).all(|k| !map.contains_key(&k)));
        let mut copy = map.clone();
        assert!((0..size).all(|k| copy.get(&k) == Some(&(k + 1))));
        let mut cursor = copy.walk();
        let mut visits = 0;
        while let Some((_, value)) = cursor.next(&mut copy) {
            *value += 1;
            visits += 1;
        }
        assert_eq!(visits, size);
        assert!(copy.iter().all(|(k, v)| *v == k + 2));
        copy.retain(|k, _| k % 2 == 0);
        assert_eq!(copy.len() as u64, size.div_ceil(2));
        assert_eq!(copy.into_iter().map(|(k, _)| k % 2).sum::<u64>(), 0);
    }
}

#[test]
fn a_walk_over_a_large_map_that_grows_and_shrinks() {
    let mut map: Map<u64, bool> = (0..106_600).map(|i| (i, false)).collect();
    let mut cursor = map.walk();
    let mut next = 1_000_000;
    while let Some((&key, seen)) = cursor.next(&mut map) {
        assert!(!std::mem::replace(seen, true), "{key} came twice");
        if next < 1_300_000 {
            map.insert(next, false);
            map.insert(next + 1, false);
            map.remove(&next);
            next += 2;
        }
    }
    assert!((0..106_600).all(|key| map[&key]));
}

/// A growth that is half done has given the memory of the first old buckets back.
#[test]
fn keys_are_found_where_memory_was_given_back() {
    let mut map: Map<u64, u64> = (0..425_984).map(|key| (key, !key)).collect();
    for (first, size) in [(425_984, 430_000), (430_000, 455_000), (455_000, 470_000)] {
        map.extend((first..size).map(|key| (key, !key)));
        assert!((0..size).all(|key| map.get(&key) == Some(&!key)));
    }
}

#[test]
fn a_map_dropped_in_the_middle_of_a_growth() {
    let mut map: Map<u64, String> = Map::new();
    for i in 0..110_000 {
        map.insert(i, String::new());
    }
    let mut iter = map.into_iter();
    assert!(iter.by_ref().take(1000).count() == 1000);
    drop(iter);
}
