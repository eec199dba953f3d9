//! Every method of `Set`, as its documentation says it behaves.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use gomap::typed::set::Entry;
use gomap::{Map, Set};
#[cfg(feature = "rayon")]
use rayon::iter::ParallelIterator;

#[test]
fn elements_come_and_go() {
    let mut set = Set::new();
    assert!(set.insert("a".to_string()));
    assert!(!set.insert("a".to_string()));
    assert!(set.contains("a") && !set.contains("b"));
    assert_eq!(set.get("a").map(String::as_str), Some("a"));
    assert_eq!(set.take("a"), Some("a".to_string()));
    assert!(!set.remove("a"));
    assert!(set.is_empty());
    set.extend(["x".to_string(), "y".to_string()]);
    assert_eq!(set.len(), 2);
    set.clear();
    assert_eq!(set.iter().len(), 0);
}

#[test]
fn replace_stores_the_new_one_and_insert_keeps_the_old() {
    let (first, second) = (Rc::new(1), Rc::new(1));
    let mut set = Set::from([first.clone()]);
    assert!(!set.insert(second.clone()));
    assert!(Rc::ptr_eq(set.get(&1).unwrap(), &first));
    let replaced = set.replace(second.clone()).unwrap();
    assert!(Rc::ptr_eq(&replaced, &first));
    assert!(Rc::ptr_eq(set.get(&1).unwrap(), &second));
    assert_eq!(set.replace(Rc::new(2)), None);
    assert_eq!(set.len(), 2);
}

#[test]
fn entries() {
    let mut set: Set<String> = Set::new();
    set.entry("a".into()).or_insert();
    match set.entry("a".into()) {
        Entry::Occupied(entry) => assert_eq!(entry.remove(), "a"),
        Entry::Vacant(_) => unreachable!(),
    }
    match set.entry("b".into()) {
        Entry::Vacant(entry) => assert_eq!(entry.insert().into_ref(), "b"),
        Entry::Occupied(_) => unreachable!(),
    }
    assert_eq!(set.entry("c".into()).insert().get(), "c");
    assert_eq!(set.get_or_insert("d".into()), "d");
    assert_eq!(set.get_or_insert_with("d", |_| unreachable!()), "d");
    assert_eq!(set.get_or_insert_with("e", str::to_owned), "e");
    assert_eq!(set.len(), 4);
}

#[test]
#[should_panic(expected = "not equal to the value")]
fn get_or_insert_with_asks_for_an_equal_element() {
    Set::<String>::new().get_or_insert_with("a", |_| "b".to_string());
}

#[test]
fn algebra_is_that_of_the_standard_set() {
    for (a, b) in [
        (0..0, 0..5),
        (0..50, 25..400),
        (0..300, 250..260),
        (0..9, 9..20),
    ] {
        let ours: (Set<u32>, Set<u32>) = (a.clone().collect(), b.clone().collect());
        let std: (HashSet<u32>, HashSet<u32>) = (a.collect(), b.collect());
        let same = |ours: Set<u32>, std: HashSet<u32>| {
            assert_eq!(ours.len(), std.len());
            assert!(std.iter().all(|element| ours.contains(element)));
        };
        same(&ours.0 & &ours.1, &std.0 & &std.1);
        same(&ours.0 | &ours.1, &std.0 | &std.1);
        same(&ours.0 - &ours.1, &std.0 - &std.1);
        same(&ours.0 ^ &ours.1, &std.0 ^ &std.1);
        assert_eq!(
            ours.0.intersection(&ours.1).count(),
            std.0.intersection(&std.1).count()
        );
        assert_eq!(ours.0.union(&ours.1).count(), std.0.union(&std.1).count());
        assert_eq!(ours.0.is_disjoint(&ours.1), std.0.is_disjoint(&std.1));
        assert_eq!(ours.0.is_subset(&ours.1), std.0.is_subset(&std.1));
        assert_eq!(ours.1.is_superset(&ours.0), std.1.is_superset(&std.0));
        let mut changed = ours.0.clone();
        changed &= &ours.1;
        assert_eq!(changed, &ours.0 & &ours.1);
        changed |= &ours.0;
        assert_eq!(changed, ours.0);
        changed ^= &ours.1;
        assert_eq!(changed, &ours.0 ^ &ours.1);
        changed -= &ours.0;
        assert_eq!(changed, &ours.1 - &ours.0);
    }
}

/// As in the standard set.
#[test]
fn a_union_keeps_the_elements_of_the_larger_set_or_of_the_first() {
    #[derive(Clone, Copy)]
    struct From(u32, char);
    impl Hash for From {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }
    impl PartialEq for From {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }
    impl Eq for From {}
    let elements = |n, origin| (0..n).map(move |i| From(i, origin));
    for (n, m) in [(3, 3), (3, 5), (5, 3), (100, 100)] {
        let ours = (
            elements(n, 'a').collect(),
            elements(m, 'b').collect::<Set<_>>(),
        );
        let std = (
            elements(n, 'a').collect(),
            elements(m, 'b').collect::<HashSet<_>>(),
        );
        let kept: HashSet<_> = HashSet::union(&std.0, &std.1).map(|x| (x.0, x.1)).collect();
        assert_eq!(
            Set::union(&ours.0, &ours.1)
                .map(|x| (x.0, x.1))
                .collect::<HashSet<_>>(),
            kept
        );
        assert_eq!(
            (&ours.0 | &ours.1)
                .iter()
                .map(|x| (x.0, x.1))
                .collect::<HashSet<_>>(),
            kept
        );
        #[cfg(feature = "rayon")]
        assert!(
            kept.len()
                == ours
                    .0
                    .par_union(&ours.1)
                    .filter(|x| kept.contains(&(x.0, x.1)))
                    .count()
        );
    }
}

#[test]
fn taking_many_out() {
    let mut set: Set<u32> = (0..100).collect();
    let mut odd: Vec<_> = set.extract_if(|n| n % 2 == 1).collect();
    odd.sort_unstable();
    assert_eq!(odd, (1..100).step_by(2).collect::<Vec<_>>());
    set.retain(|n| n % 4 == 0);
    assert_eq!(set, (0..100).step_by(4).collect());
    assert_eq!(set.drain().count(), 25);
    assert!(set.is_empty() && set.capacity() >= 100);
    set.shrink_to_fit();
    set.reserve(10);
    assert!((10..100).contains(&set.capacity()));
    assert!(set.try_reserve(usize::MAX).is_err());
}

#[test]
fn a_walk_over_a_set_that_changes() {
    let mut set: Set<u32> = (0..50).collect();
    let mut cursor = set.walk();
    let mut seen = Set::new();
    while let Some(&element) = cursor.next(&mut set) {
        assert!(seen.insert(element));
        set.insert(element + 1000);
        set.remove(&(element + 1));
    }
    assert!(set.is_superset(&(1000..1001).filter(|_| seen.contains(&0)).collect()));
    assert!(seen.is_superset(&(0..50).filter(|n| set.contains(n)).collect()));
}

#[test]
fn sets_are_made_shown_and_compared() {
    assert_eq!(format!("{:?}", Set::from([7])), "{7}");
    assert_eq!(format!("{:?}", Set::from([7]).iter()), "[7]");
    assert_eq!(format!("{:?}", Set::from([7]).into_iter()), "[7]");
    assert_eq!(format!("{:?}", Set::from([7]).drain()), "[7]");
    assert_eq!(Set::from([1, 2, 2]), [2, 1].iter().copied().collect());
    assert_ne!(Set::from([1]), Set::from([2]));
    let mut set = Set::from([1]);
    set.extend(&[2, 3]);
    assert_eq!(set, Set::from(Map::from([(1, ()), (2, ()), (3, ())])));
    let mut all: Vec<_> = (&set).into_iter().copied().collect();
    all.sort_unstable();
    assert_eq!(all, [1, 2, 3]);
}
