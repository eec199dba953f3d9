//! Parallel iterators come to what the others come to.

use std::panic::catch_unwind;
use std::sync::Arc;

use gomap::{Map, Set};
use rayon::prelude::*;

#[test]
fn parallel_iterators_come_to_every_entry_once() {
    for n in [0, 1, 5, 8, 9, 100, 105, 110, 833, 900, 60_000] {
        let mut map: Map<u64, u64> = (0..n).map(|i| (i, i)).collect();
        assert_eq!(
            map.par_iter().map(|(k, v)| k + v).sum::<u64>(),
            n * n.saturating_sub(1)
        );
        map.par_iter_mut().for_each(|(_, v)| *v += 1);
        map.par_values_mut().for_each(|v| *v += 1);
        assert!(map.iter().all(|(k, v)| *v == k + 2));
        let mut keys: Vec<u64> = map.par_keys().copied().collect();
        keys.par_sort_unstable();
        assert_eq!(keys, (0..n).collect::<Vec<_>>());
        assert_eq!(map.par_values().count() as u64, n);
        let copy: Map<u64, u64> = map.clone().into_par_iter().collect();
        assert_eq!(copy, map);
        let boxed: Map<[u64; 20], [u64; 20]> = (0..n).map(|i| ([i; 20], [i; 20])).collect();
        assert_eq!(
            boxed.par_iter().map(|(k, _)| k[0]).sum::<u64>(),
            n * n.saturating_sub(1) / 2
        );
        let mut copied: Map<u64, u64> = Map::new();
        copied.par_extend(&map);
        assert_eq!(copied, map);
        assert_eq!(map.par_drain().count() as u64, n);
        assert!(map.is_empty());
    }
}

#[test]
fn entries_that_nobody_takes_are_dropped() {
    for n in [1, 9, 1000] {
        let shared = Arc::new(());
        let mut map: Map<u64, Arc<()>> = (0..n).map(|i| (i, shared.clone())).collect();
        drop(map.clone().into_par_iter());
        drop(map.clone().par_drain());
        assert!(map.clone().into_par_iter().any(|(key, _)| key == n / 2));
        let panicked = catch_unwind(|| {
            let entries = map.clone().into_par_iter();
            entries.for_each(|(key, _)| assert_ne!(key, n / 2, "fuse"));
        });
        assert!(panicked.is_err());
        assert_eq!(Arc::strong_count(&shared), n as usize + 1);
        assert!(map.par_drain().find_any(|(key, _)| *key == 0).is_some());
        assert_eq!((map.len(), Arc::strong_count(&shared)), (0, 1));
    }
}

#[test]
fn parallel_comparison() {
    let map: Map<u64, u64> = (0..1000).map(|i| (i, i)).collect();
    let mut other = map.clone();
    assert!(map.par_eq(&other));
    other.insert(5, 6);
    assert!(!map.par_eq(&other));
    other.remove(&5);
    assert!(!map.par_eq(&other));
}

#[test]
fn parallel_set_algebra_comes_to_what_the_other_does() {
    let sets = [0..0, 0..1000, 500..2000, 600..700].map(|range| range.collect::<Set<u64>>());
    for (a, b) in sets.iter().flat_map(|a| sets.iter().map(move |b| (a, b))) {
        let collected = [
            (a.par_union(b).copied().collect(), a | b),
            (a.par_intersection(b).copied().collect(), a & b),
            (a.par_difference(b).copied().collect(), a - b),
            (a.par_symmetric_difference(b).copied().collect(), a ^ b),
        ];
        for (parallel, other) in collected {
            let parallel: Vec<u64> = parallel;
            assert_eq!(parallel.len(), other.len());
            assert!(parallel.iter().all(|element| other.contains(element)));
        }
        assert_eq!(a.par_is_disjoint(b), a.is_disjoint(b));
        assert_eq!(a.par_is_subset(b), a.is_subset(b));
        assert_eq!(a.par_is_superset(b), a.is_superset(b));
        assert_eq!(a.par_eq(b), a == b);
    }
}

#[test]
fn parallel_sets() {
    let mut set: Set<u64> = (0..1000u64).into_par_iter().collect();
    assert_eq!(set.par_iter().sum::<u64>(), 499_500);
    set.par_extend(1000..1500u64);
    set.par_extend(&(1400..2000u64).collect::<Set<_>>());
    assert_eq!(set.len(), 2000);
    assert!(set.par_iter().find_any(|&&n| n == 1234).is_some());
    assert_eq!(set.par_drain().max(), Some(1999));
    assert_eq!(set.into_par_iter().count(), 0);
}
