//! Parallel iterators come to what the others come to.

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
        assert_eq!(map.par_drain().count() as u64, n);
        assert!(map.is_empty());
    }
}

#[test]
fn parallel_sets() {
    let mut set: Set<u64> = (0..1000u64).into_par_iter().collect();
    assert_eq!(set.par_iter().sum::<u64>(), 499_500);
    set.par_extend(1000..2000u64);
    assert_eq!(set.len(), 2000);
    assert!(set.par_iter().find_any(|&&n| n == 1234).is_some());
    assert_eq!(set.par_drain().max(), Some(1999));
    assert_eq!(set.into_par_iter().count(), 0);
}
