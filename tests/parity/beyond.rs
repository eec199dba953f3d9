//! What hashbrown has beyond the standard library, and what this crate has beyond both.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};
use std::ops::{BitAndAssign, BitOrAssign, BitXorAssign, SubAssign};

#[cfg(feature = "allocator-api2")]
use allocator_api2::alloc::{Allocator, Global};

use crate::{absent, rows};

rows! { HASHBROWN:

"`HashMap::entry_ref`" [hashbrown gomap] {
    fn finds<'a, 'q, K, Q, V>(map: &'a mut HashMap<K, V>, key: &'q Q) -> EntryRef<'a, 'q, K, Q, V>
    where
        K: Eq + Hash,
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let entry_ref = HashMap::entry_ref;
        entry_ref(map, key)
    }
}

"`EntryRef`: `or_insert`, `or_insert_with`, `or_insert_with_key`, `or_default`, `key`, `and_modify`"
[hashbrown gomap] {
    type Two<'a, 'q, K, Q, V> = [EntryRef<'a, 'q, K, Q, V>; 2];
    fn places<'a, 'q, K: Hash + Borrow<Q>, Q, V: Default>(
        [one, two]: Two<'a, 'q, K, Q, V>,
    ) -> [&'a mut V; 2]
    where
        Q: ToOwned<Owned = K> + ?Sized,
    {
        let _: &Q = one.key();
        let one = one.and_modify(|value: &mut V| *value = V::default());
        [one.or_insert(V::default()), two.or_insert_with(V::default)]
    }
    fn more<'a, 'q, K: Hash + Borrow<Q>, Q, V: Default>(
        [one, two]: Two<'a, 'q, K, Q, V>,
    ) -> [&'a mut V; 2]
    where
        Q: ToOwned<Owned = K> + ?Sized,
    {
        [
            one.or_insert_with_key(|_: &Q| V::default()),
            two.or_default(),
        ]
    }
}

"`EntryRef`: `insert`, `or_default_entry`" [hashbrown gomap] {
    fn places<'a, 'q, K: Hash, Q: ToOwned<Owned = K> + ?Sized, V: Default>(
        one: EntryRef<'a, 'q, K, Q, V>,
        two: EntryRef<'a, 'q, K, Q, V>,
    ) -> [OccupiedEntry<'a, K, V>; 2] {
        [one.insert(V::default()), two.or_default_entry()]
    }
}

"`VacantEntryRef`: `key`, `insert`, `insert_entry`, `insert_with_key`, `insert_entry_with_key`"
[hashbrown gomap] {
    type Vacant<'a, 'q, K, Q, V> = VacantEntryRef<'a, 'q, K, Q, V>;
    fn places<'a, 'q, K: Hash, Q: ToOwned<Owned = K> + ?Sized, V>(
        one: Vacant<'a, 'q, K, Q, V>,
        two: Vacant<'a, 'q, K, Q, V>,
        values: (V, V),
    ) -> (&'q Q, &'a mut V, OccupiedEntry<'a, K, V>) {
        (one.key(), one.insert(values.0), two.insert_entry(values.1))
    }
    fn made<'a, 'q, K: Hash, Q: Equivalent<K> + ?Sized, V>(
        one: Vacant<'a, 'q, K, Q, V>,
        two: Vacant<'a, 'q, K, Q, V>,
        entries: [(K, V); 2],
    ) -> (&'a mut V, OccupiedEntry<'a, K, V>) {
        let [a, b] = entries;
        (
            one.insert_with_key(a.0, a.1),
            two.insert_entry_with_key(b.0, b.1),
        )
    }
}

"`Entry`: `insert`, `or_insert_entry`, `and_replace_entry_with`" [hashbrown gomap] {
    fn places<'a, K: Hash, V: Default>(
        one: Entry<'a, K, V>,
        two: Entry<'a, K, V>,
    ) -> [OccupiedEntry<'a, K, V>; 2] {
        let one = one.and_replace_entry_with(|_: &K, value: V| Some(value));
        [one.insert(V::default()), two.or_insert_entry(V::default())]
    }
}

"`OccupiedEntry`: `into_entry`, `replace_key`, `replace_entry_with`" [hashbrown gomap] {
    fn places<'a, K: Eq + Hash, V>(
        mut entry: OccupiedEntry<'a, K, V>,
        key: K,
    ) -> Option<(&'a K, &'a mut V)> {
        let _: K = entry.replace_key(key);
        match entry.replace_entry_with(|_: &K, value: V| Some(value)) {
            Entry::Occupied(entry) => Some(entry.into_entry()),
            Entry::Vacant(_) => None,
        }
    }
}

"`Entry::into_map`, likewise of the other entries" [hashbrown] {
    fn gives<'a, K, V>(entry: Entry<'a, K, V>) -> &'a mut HashMap<K, V> {
        let into_map = Entry::into_map;
        into_map(entry)
    }
}
[gomap] {
    absent!(Entry<'_, u8, u8>: into_map);
    absent!(OccupiedEntry<'_, u8, u8>: into_map);
    absent!(VacantEntry<'_, u8, u8>: into_map);
    absent!(EntryRef<'_, '_, u8, u8, u8>: into_map);
    absent!(VacantEntryRef<'_, '_, u8, u8, u8>: into_map);
}

"`replace_key_unchecked`, `insert_with_key_unchecked`, `insert_entry_with_key_unchecked`"
[hashbrown] {
    type Vacant<'a> = VacantEntryRef<'a, 'a, u8, u8, u8>;
    fn places<'a>(mut one: OccupiedEntry<'a, u8, u8>, [two, three]: [Vacant<'a>; 2]) {
        // SAFETY: compiled, and never run.
        unsafe {
            one.replace_key_unchecked(1);
            two.insert_with_key_unchecked(1, 2);
            three.insert_entry_with_key_unchecked(1, 2);
        }
    }
}
[gomap] {
    absent!(OccupiedEntry<'_, u8, u8>: replace_key_unchecked);
    absent!(VacantEntryRef<'_, '_, u8, u8, u8>: insert_with_key_unchecked);
    absent!(VacantEntryRef<'_, '_, u8, u8, u8>: insert_entry_with_key_unchecked);
}

"`Entry<'a, K, V, S, A>`" [hashbrown] {
    use hash_map::Entry;
    #[cfg(feature = "allocator-api2")]
    fn is<'a, K, V, S, A: Allocator>(_: Entry<'a, K, V, S, A>) {}
}
[gomap] {
    fn is<'a, K, V, A: gomap::typed::Memory>(_: Entry<'a, K, V, A>) {}
}

"`get_key_value_mut`, `insert_unique_unchecked`" [hashbrown gomap] {
    fn changes<K: Eq + Hash, Q: Hash + Equivalent<K> + ?Sized, V, S: BuildHasher>(
        map: &mut HashMap<K, V, S>,
        key: &Q,
        entry: (K, V),
    ) {
        let _: Option<(&K, &mut V)> = map.get_key_value_mut(key);
        // SAFETY: compiled, and never run.
        let _: (&K, &mut V) = unsafe { map.insert_unique_unchecked(entry.0, entry.1) };
    }
}

"`get_disjoint_key_value_mut`" [hashbrown gomap] {
    fn looks<K: Eq + Hash, Q: Hash + Equivalent<K> + ?Sized, V, S: BuildHasher>(
        map: &mut HashMap<K, V, S>,
        keys: [&Q; 2],
    ) {
        let _: [Option<(&K, &mut V)>; 2] = map.get_disjoint_key_value_mut(keys);
    }
}

"`get_disjoint_key_value_unchecked_mut`" [hashbrown] {
    fn looks(map: &mut HashMap<u8, u8>) {
        // SAFETY: compiled, and never run.
        unsafe { map.get_disjoint_key_value_unchecked_mut([&1]) };
    }
}
[gomap] {
    absent!(&mut HashMap<u8, u8>: get_disjoint_key_value_unchecked_mut);
}

"`get_many_mut`, `get_many_key_value_mut` (deprecated), and their unchecked forms" [hashbrown] {
    #[allow(deprecated)]
    fn looks(map: &mut HashMap<u8, u8>) {
        map.get_many_mut([&1]);
        map.get_many_key_value_mut([&1]);
    }
}
[gomap] {
    absent!(&mut HashMap<u8, u8>: get_many_mut get_many_key_value_mut);
    absent!(&mut HashMap<u8, u8>: get_many_unchecked_mut get_many_key_value_unchecked_mut);
}

"`allocation_size` of map and set" [hashbrown gomap] {
    fn size<K: Eq + Hash, V, S: BuildHasher>(map: &HashMap<K, V, S>) -> usize {
        map.allocation_size()
    }
    fn of_set<T: Eq + Hash, S: BuildHasher>(set: &HashSet<T, S>) -> usize {
        set.allocation_size()
    }
}

"`HashSet::get_or_insert`, `HashSet::insert_unique_unchecked`" [hashbrown gomap] {
    fn changes<T: Eq + Hash, S: BuildHasher>(set: &mut HashSet<T, S>, one: T, two: T) {
        let get_or_insert = HashSet::get_or_insert;
        let _: &T = get_or_insert(set, one);
        // SAFETY: compiled, and never run.
        let _: &T = unsafe { HashSet::insert_unique_unchecked(set, two) };
    }
}

"`hash_set::OccupiedEntry::into_ref`" [hashbrown gomap] {
    fn gives<'a, T>(entry: SetOccupied<'a, T>) -> &'a T {
        hash_set::OccupiedEntry::into_ref(entry)
    }
}

"`&=`, `|=`, `^=`, `-=` on sets" [hashbrown gomap] {
    fn all<T: Eq + Hash + Clone, S: BuildHasher>(a: &mut HashSet<T, S>, b: &HashSet<T, S>) {
        *a &= b;
        *a |= b;
        *a ^= b;
        *a -= b;
    }
}

"`HashSet::from(map)`" [hashbrown gomap] {
    fn set<T: Eq + Hash, S: BuildHasher>(map: HashMap<T, (), S>) -> HashSet<T, S> {
        HashSet::from(map)
    }
}

"`DefaultHashBuilder`, `Equivalent`" [hashbrown gomap] {
    fn is<T: BuildHasher + Clone + Default + std::fmt::Debug>() {}
    fn builder() {
        is::<DefaultHashBuilder>();
    }
    #[derive(Hash, PartialEq, Eq)]
    struct Point(u8, u8);
    #[derive(Hash)]
    struct Parts<'a>(&'a u8, &'a u8);
    impl Equivalent<Point> for Parts<'_> {
        fn equivalent(&self, point: &Point) -> bool {
            (self.0, self.1) == (&point.0, &point.1)
        }
    }
    fn finds(map: &HashMap<Point, u8>) -> Option<&u8> {
        map.get(&Parts(&1, &2))
    }
}

"`HashTable`" [hashbrown] {
    fn makes<T>() -> hashbrown::HashTable<T> {
        hashbrown::HashTable::new()
    }
}
[gomap] {}

"`raw_entry`, `raw_entry_mut`" [hashbrown] {
    fn places(map: &mut HashMap<u8, u8>) {
        map.raw_entry();
        map.raw_entry_mut();
    }
}
[gomap] {
    absent!(&mut HashMap<u8, u8>: raw_entry raw_entry_mut);
}

"feature rustc-internal-api: `rustc_entry`, `rustc_try_insert`" [gomap] {
    absent!(&mut HashMap<u8, u8>: rustc_entry rustc_try_insert);
}

"feature `serde`: `Serialize`, `Deserialize`" [hashbrown gomap] {
    #[cfg(feature = "serde")]
    fn is<T: serde::Serialize + serde::de::DeserializeOwned>() {}
    #[cfg(feature = "serde")]
    fn all<
        T: serde::Serialize + serde::de::DeserializeOwned + Eq + Hash,
        S: BuildHasher + Default,
    >() {
        is::<HashMap<T, T, S>>();
        is::<HashSet<T, S>>();
    }
}

"feature `rayon`: `par_iter`, `par_iter_mut`, `par_keys`, `par_values`, `par_values_mut`"
[hashbrown gomap] {
    #[cfg(feature = "rayon")]
    fn shared<K: Sync + Eq + Hash, V: Sync, S: BuildHasher>(map: &HashMap<K, V, S>) -> usize {
        use rayon::prelude::*;
        map.par_iter().count() + map.par_keys().count() + map.par_values().count()
    }
    #[cfg(feature = "rayon")]
    fn changed<K: Sync + Eq + Hash, V: Send, S: BuildHasher>(map: &mut HashMap<K, V, S>) -> usize {
        use rayon::prelude::*;
        map.par_iter_mut().count()
    }
    #[cfg(feature = "rayon")]
    fn values<K: Send + Sync + Eq + Hash, V: Send, S: BuildHasher>(
        map: &mut HashMap<K, V, S>,
    ) -> usize {
        use rayon::prelude::*;
        map.par_values_mut().count()
    }
}

"feature `rayon`: `into_par_iter`, `par_drain`, `par_eq`" [hashbrown gomap] {
    #[cfg(feature = "rayon")]
    fn takes<K: Send + Eq + Hash, V: Send, S: BuildHasher>(mut map: HashMap<K, V, S>) -> usize {
        use rayon::prelude::*;
        map.par_drain().count() + map.into_par_iter().count()
    }
    #[cfg(feature = "rayon")]
    fn equal<K, V, S>(one: &HashMap<K, V, S>, two: &HashMap<K, V, S>) -> bool
    where
        K: Sync + Eq + Hash,
        V: Sync + PartialEq,
        S: Sync + BuildHasher,
    {
        one.par_eq(two)
    }
}

"feature `rayon`: `par_extend` by value and by reference, `FromParallelIterator`"
[hashbrown gomap] {
    #[cfg(feature = "rayon")]
    fn all<K, V>(map: &mut HashMap<K, V>, set: &mut HashSet<K>, other: &HashMap<K, V>)
    where
        K: Copy + Send + Sync + Eq + Hash,
        V: Copy + Send + Sync,
    {
        use rayon::prelude::*;
        fn is<T: Send, C: FromParallelIterator<T>>() {}
        is::<(K, V), HashMap<K, V>>();
        is::<K, HashSet<K>>();
        map.par_extend(vec![] as Vec<(K, V)>);
        map.par_extend(other);
        set.par_extend(vec![] as Vec<K>);
        set.par_extend(other.par_keys());
    }
}

"feature `rayon`: `par_union`, `par_intersection`, `par_difference`, `par_symmetric_difference`"
[hashbrown gomap] {
    #[cfg(feature = "rayon")]
    fn compares<T: Sync + Eq + Hash, S: Sync + BuildHasher>(a: &HashSet<T, S>, b: &HashSet<T, S>) {
        use rayon::prelude::*;
        a.par_union(b).count();
        a.par_intersection(b).count();
        a.par_difference(b).count();
        a.par_symmetric_difference(b).count();
    }
}

"feature `rayon`: `par_is_disjoint`, `par_is_subset`, `par_is_superset`, `par_eq` of sets"
[hashbrown gomap] {
    #[cfg(feature = "rayon")]
    fn compares<T: Sync + Eq + Hash, S: Sync + BuildHasher>(
        a: &HashSet<T, S>,
        b: &HashSet<T, S>,
    ) -> [bool; 4] {
        [
            a.par_is_disjoint(b),
            a.par_is_subset(b),
            a.par_is_superset(b),
            a.par_eq(b),
        ]
    }
}

"feature `rayon`: names of the iterators, as `ParKeys`" [hashbrown] {
    #[cfg(feature = "rayon")]
    fn keys<K: Sync, V: Sync>(map: &HashMap<K, V>) -> hash_map::rayon::ParKeys<'_, K, V> {
        map.par_keys()
    }
}
[gomap] {
    #[cfg(feature = "rayon")]
    fn keys<K: Sync, V: Sync>(
        map: &HashMap<K, V>,
    ) -> impl rayon::iter::ParallelIterator<Item = &K> {
        map.par_keys()
    }
}

"feature `allocator-api2`: `new_in`, `with_capacity_in`, `allocator`" [hashbrown gomap] {
    #[cfg(feature = "allocator-api2")]
    fn map<K, V, A: Allocator + Clone>(a: A) -> HashMap<K, V, State, A> {
        let map = HashMap::new_in(a.clone());
        let _: &A = HashMap::<K, V, State, A>::allocator(&map);
        HashMap::with_capacity_in(5, a)
    }
    #[cfg(feature = "allocator-api2")]
    fn set<T: Eq + Hash, A: Allocator + Clone>(a: A) -> HashSet<T, State, A> {
        let set = HashSet::new_in(a.clone());
        let _: &A = HashSet::<T, State, A>::allocator(&set);
        HashSet::with_capacity_in(5, a)
    }
}

"feature `allocator-api2`: `with_hasher_in`, `with_capacity_and_hasher_in`" [hashbrown gomap] {
    #[cfg(feature = "allocator-api2")]
    fn map<K, V, S, A: Allocator + Clone>(s: S, t: S, a: A) -> [HashMap<K, V, S, A>; 2] {
        [
            HashMap::with_hasher_in(s, a.clone()),
            HashMap::with_capacity_and_hasher_in(5, t, a),
        ]
    }
    #[cfg(feature = "allocator-api2")]
    fn set<T: Eq + Hash, S, A: Allocator + Clone>(s: S, t: S, a: A) -> [HashSet<T, S, A>; 2] {
        [
            HashSet::with_hasher_in(s, a.clone()),
            HashSet::with_capacity_and_hasher_in(5, t, a),
        ]
    }
}

"`with_hasher_in` in a constant" [hashbrown] {
    #[cfg(feature = "allocator-api2")]
    static EMPTY: HashMap<u8, u8, (), Global> = HashMap::with_hasher_in((), Global);
}
[gomap] {
    static EMPTY: HashMap<u8, u8, ()> = HashMap::with_hasher(());
}

"in an allocator: `From<[(K, V); N]>`, `Default` of the iterators" [hashbrown] {
    #[cfg(feature = "allocator-api2")]
    fn made<K: Eq + Hash, V, A: Allocator + Default, const N: usize>(
        entries: [(K, V); N],
    ) -> HashMap<K, V, State, A> {
        let _: hash_map::IntoIter<K, V, A> = Default::default();
        <HashMap<K, V, State, A> as From<[(K, V); N]>>::from(entries)
    }
}
[gomap] {
    #[cfg(feature = "allocator-api2")]
    fn made<K: Eq + Hash, V, A: Allocator + Default, const N: usize>(
        entries: [(K, V); N],
    ) -> HashMap<K, V, State, A> {
        entries.into_iter().collect()
    }
}

}

rows! { OURS:

"`Map::walk`, `Set::walk`, `Cursor::next`" [gomap] {
    use gomap::typed::Cursor;
    use gomap::{Map, Set};
    fn walks<K, V, S>(map: &mut Map<K, V, S>, set: &mut Set<K, S>) {
        let mut cursor: Cursor<K, V> = Map::walk(map);
        let _: Option<(&K, &mut V)> = Cursor::next(&mut cursor, map);
        let _: Option<&K> = Set::walk(set).next(set);
    }
}

"`Map::next_entry`, `Map::next_after`" [gomap] {
    use gomap::Map;
    fn walks<K: Eq + Hash, V, S: BuildHasher>(map: &Map<K, V, S>, key: &K) {
        let mut position = gomap::position::Position::START;
        let _: Option<(&K, &V)> = Map::next_entry(map, &mut position);
        let _: Option<(&K, &V)> = Map::next_after(map, Some(key));
    }
}

"`Map::get_many`" [gomap] {
    use gomap::Map;
    fn looks<K: Eq + Hash, V, S: BuildHasher>(map: &Map<K, V, S>, keys: &[K]) {
        let _: Option<Option<&V>> = Map::get_many(map, keys).next();
    }
}

"`EntryRef::insert_entry`" [gomap] {
    fn places<'a>(entry: EntryRef<'a, '_, String, str, u8>) -> OccupiedEntry<'a, String, u8> {
        EntryRef::insert_entry(entry, 5)
    }
}

"`try_with_capacity`, `try_with_capacity_and_hasher`, `try_clone` of map and set" [gomap] {
    use gomap::typed::TryReserveError;
    use gomap::{Map, Set};
    type Tried<M> = Result<M, TryReserveError>;
    fn makes(map: &Map<u8, u8>, set: &Set<u8>) {
        let _: [Tried<Map<u8, u8>>; 2] = [Map::try_with_capacity(9), map.try_clone()];
        let _: [Tried<Set<u8>>; 2] = [Set::try_with_capacity(9), set.try_clone()];
        let hasher = map.hasher().clone();
        let _: Tried<Map<u8, u8>> = Map::try_with_capacity_and_hasher(9, hasher.clone());
        let _: Tried<Set<u8>> = Set::try_with_capacity_and_hasher(9, hasher);
    }
}

"`insert_fallible` of map, set and vacant entries, `insert_entry_fallible`, `or_insert_fallible`"
[gomap] {
    use gomap::typed::{Entry, InsertError, VacantEntry, VacantEntryRef};
    use gomap::{Map, Set};
    fn inserts(map: &mut Map<String, u8>, set: &mut Set<u8>) {
        let _: Result<Option<u8>, InsertError<String, u8>> = map.insert_fallible("a".into(), 1);
        let _: Result<bool, InsertError<u8, ()>> = set.insert_fallible(1);
    }
    fn enters<'a>(
        entry: Entry<'a, String, u8>,
        vacant: [VacantEntry<'a, String, u8>; 2],
        borrowed: VacantEntryRef<'a, '_, String, str, u8>,
    ) {
        let _: Result<&mut u8, InsertError<String, u8>> = entry.or_insert_fallible(1);
        let [one, two] = vacant;
        let _: Result<&mut u8, InsertError<String, u8>> = one.insert_fallible(1);
        let _ = two.insert_entry_fallible(1);
        let _: Result<&mut u8, InsertError<String, u8>> = borrowed.insert_fallible(1);
    }
}

"feature `allocator-api2`: `try_new_in`, `try_with_hasher_in`, `try_with_capacity_in`, `try_with_capacity_and_hasher_in`"
[gomap] {
    #[cfg(feature = "allocator-api2")]
    fn map<S: Clone>(s: S, a: Global) -> [gomap::Map<u8, u8, S, Global>; 2] {
        use gomap::Map;
        let _: Map<u8, u8, _, _> = Map::try_new_in(a).unwrap();
        let _: Map<u8, u8, _, _> = Map::try_with_capacity_in(9, a).unwrap();
        let made = Map::try_with_hasher_in(s.clone(), a);
        [made.unwrap(), Map::try_with_capacity_and_hasher_in(9, s, a).unwrap()]
    }
    #[cfg(feature = "allocator-api2")]
    fn set<S: Clone>(s: S, a: Global) -> [gomap::Set<u8, S, Global>; 2] {
        use gomap::Set;
        let _: Set<u8, _, _> = Set::try_new_in(a).unwrap();
        let _: Set<u8, _, _> = Set::try_with_capacity_in(9, a).unwrap();
        let made = Set::try_with_hasher_in(s.clone(), a);
        [made.unwrap(), Set::try_with_capacity_and_hasher_in(9, s, a).unwrap()]
    }
}

"`Map::as_raw`, `into_raw`, `from_raw`, `free_descriptor`" [gomap] {
    use gomap::Map;
    fn lends<K: Eq + Hash, V>(map: &mut Map<K, V>) {
        Map::as_raw(map);
        let _ = (Map::<K, V>::into_raw, Map::<K, V>::from_raw, Map::<K, V>::free_descriptor);
    }
}

}
