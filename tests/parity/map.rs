//! `HashMap`.

use std::borrow::Borrow;
use std::fmt::Debug;
use std::hash::{BuildHasher, BuildHasherDefault, Hash};
use std::iter::FusedIterator;
use std::ops::Index;
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::rows;

rows! { ROWS:

"`new`, `with_capacity`, `with_hasher`, `with_capacity_and_hasher`" [standard hashbrown gomap] {
    fn makes<K, V, S>(
        s: S,
        t: S,
    ) -> (
        HashMap<K, V>,
        HashMap<K, V>,
        HashMap<K, V, S>,
        HashMap<K, V, S>,
    ) {
        (
            HashMap::new(),
            HashMap::with_capacity(5),
            HashMap::with_hasher(s),
            HashMap::with_capacity_and_hasher(5, t),
        )
    }
    static EMPTY: HashMap<u8, u8, ()> = HashMap::with_hasher(());
}

"`capacity`, `len`, `is_empty`, `hasher`" [standard hashbrown gomap] {
    fn asks<K, V, S>(map: &HashMap<K, V, S>) -> (usize, usize, bool, &S) {
        (map.capacity(), map.len(), map.is_empty(), map.hasher())
    }
}

"`keys`, `values`, `values_mut`, `into_keys`, `into_values`, `iter`, `iter_mut`"
[standard hashbrown gomap] {
    fn walks<K, V, S>(mut map: HashMap<K, V, S>, other: HashMap<K, V, S>) {
        let _: hash_map::Keys<'_, K, V> = map.keys();
        let _: hash_map::Values<'_, K, V> = map.values();
        let _: hash_map::ValuesMut<'_, K, V> = map.values_mut();
        let _: hash_map::Iter<'_, K, V> = map.iter();
        let _: hash_map::IterMut<'_, K, V> = map.iter_mut();
        let _: hash_map::IntoKeys<K, V> = map.into_keys();
        let _: hash_map::IntoValues<K, V> = other.into_values();
    }
}

"`drain`, `retain`, `extract_if`, `clear`" [standard hashbrown gomap] {
    fn takes<K, V, S>(map: &mut HashMap<K, V, S>) {
        let _: hash_map::Drain<'_, K, V> = map.drain();
        map.retain(|_: &K, _: &mut V| true);
        let _: Option<(K, V)> = map.extract_if(|_: &K, _: &mut V| true).next();
        map.clear();
    }
}

"`reserve`, `try_reserve`, `shrink_to_fit`, `shrink_to`" [standard hashbrown gomap] {
    fn resizes<K: Eq + Hash, V, S: BuildHasher>(
        map: &mut HashMap<K, V, S>,
    ) -> Result<(), TryReserveError> {
        map.reserve(5);
        map.shrink_to_fit();
        map.shrink_to(5);
        map.try_reserve(5)
    }
}

"`entry`" [standard hashbrown gomap] {
    fn finds<K: Eq + Hash, V>(map: &mut HashMap<K, V>, key: K) -> Entry<'_, K, V> {
        map.entry(key)
    }
}

"`get`, `get_key_value`, `get_mut`, `contains_key`" [standard hashbrown gomap] {
    fn looks<K, Q, V, S>(map: &mut HashMap<K, V, S>, key: &Q) -> bool
    where
        K: Eq + Hash + Borrow<Q>,
        Q: Eq + Hash + ?Sized,
        S: BuildHasher,
    {
        let _: Option<&V> = map.get(key);
        let _: Option<(&K, &V)> = map.get_key_value(key);
        let _: Option<&mut V> = map.get_mut(key);
        map.contains_key(key)
    }
    fn strings(map: &HashMap<String, u8>, boxes: &HashMap<Box<[u8]>, u8>) -> bool {
        map.contains_key("a") && boxes.contains_key(&[5][..])
    }
}

"a reference too many: `get(&key)`, `contains_key(&boxed)`, `filter(|key| map.contains_key(key))`"
[standard] {
    fn finds(map: &HashMap<u8, u8>, key: &u8, boxed: Box<u8>, keys: &[u8]) {
        map.get(&key);
        map.contains_key(&boxed);
        keys.iter().filter(|key| map.contains_key(key)).count();
    }
}
[hashbrown gomap] {
    fn finds(map: &HashMap<u8, u8>, key: &u8, boxed: Box<u8>, keys: &[u8]) {
        map.get(key);
        map.contains_key(&*boxed);
        keys.iter().filter(|key| map.contains_key(*key)).count();
    }
}

"a key of no known type: `get(&x.into())`, `get(&Default::default())`"
[standard] {
    fn finds(map: &HashMap<u64, u8>, x: u32, text: &str) {
        map.get(&x.into());
        map.get(&text.parse().unwrap());
        map.get(&Default::default());
    }
}
[hashbrown gomap] {
    fn finds(map: &HashMap<u64, u8>, x: u32, text: &str) {
        map.get(&u64::from(x));
        map.get(&text.parse::<u64>().unwrap());
        map.get(&u64::default());
    }
}

"`get_disjoint_mut`, `get_disjoint_unchecked_mut`" [standard hashbrown gomap] {
    fn looks<K: Eq + Hash + Borrow<Q>, Q: Eq + Hash + ?Sized, V, S: BuildHasher>(
        map: &mut HashMap<K, V, S>,
        keys: [&Q; 2],
    ) {
        let _: [Option<&mut V>; 2] = map.get_disjoint_mut(keys);
        // SAFETY: compiled, and never run.
        let _: [Option<&mut V>; 2] = unsafe { map.get_disjoint_unchecked_mut(keys) };
    }
}

"`insert`, `remove`, `remove_entry`" [standard hashbrown gomap] {
    fn changes<K: Eq + Hash + Borrow<Q>, Q: Eq + Hash + ?Sized, V, S: BuildHasher>(
        map: &mut HashMap<K, V, S>,
        entry: (K, V),
        key: &Q,
    ) {
        let _: Option<V> = map.insert(entry.0, entry.1);
        let _: Option<V> = map.remove(key);
        let _: Option<(K, V)> = map.remove_entry(key);
    }
}

"`try_insert`, `OccupiedError` (unstable)" [hashbrown gomap] {
    fn changes<K: Eq + Hash, V>(map: &mut HashMap<K, V>, key: K, value: V) -> V {
        match map.try_insert(key, value) {
            Ok(_) => unreachable!(),
            Err(hash_map::OccupiedError { entry, value }) => {
                let _: &V = entry.get();
                value
            }
        }
    }
}

"`Entry`: `or_insert`, `or_insert_with`, `or_insert_with_key`, `or_default`, `key`, `and_modify`"
[standard hashbrown gomap] {
    fn places<'a, K: Hash, V: Default>(
        one: Entry<'a, K, V>,
        two: Entry<'a, K, V>,
    ) -> [&'a mut V; 2] {
        let _: &K = one.key();
        let one = one.and_modify(|value: &mut V| *value = V::default());
        [one.or_insert(V::default()), two.or_insert_with(V::default)]
    }
    fn more<'a, K: Hash, V: Default>(one: Entry<'a, K, V>, two: Entry<'a, K, V>) -> [&'a mut V; 2] {
        [
            one.or_insert_with_key(|_: &K| V::default()),
            two.or_default(),
        ]
    }
}

"`Entry::insert_entry`" [standard gomap] {
    fn places<'a, K, V>(entry: Entry<'a, K, V>, value: V) -> OccupiedEntry<'a, K, V> {
        let insert_entry = Entry::insert_entry;
        insert_entry(entry, value)
    }
}

"`OccupiedEntry`: `key`, `get`, `get_mut`, `into_mut`, `insert`, `remove`, `remove_entry`"
[standard hashbrown gomap] {
    fn places<'a, K, V>(mut entry: OccupiedEntry<'a, K, V>, value: V) -> &'a mut V {
        let _: (&K, &V) = (entry.key(), entry.get());
        let _: &mut V = entry.get_mut();
        let _: V = entry.insert(value);
        entry.into_mut()
    }
    fn takes<K, V>(one: OccupiedEntry<'_, K, V>, two: OccupiedEntry<'_, K, V>) -> (V, (K, V)) {
        (one.remove(), two.remove_entry())
    }
}

"`VacantEntry`: `key`, `into_key`, `insert`, `insert_entry`" [standard hashbrown gomap] {
    fn places<'a, K: Hash, V>(entry: VacantEntry<'a, K, V>, value: V) -> &'a mut V {
        let _: &K = entry.key();
        entry.insert(value)
    }
    fn more<'a, K: Hash, V>(
        one: VacantEntry<'a, K, V>,
        two: VacantEntry<'a, K, V>,
        value: V,
    ) -> (K, OccupiedEntry<'a, K, V>) {
        (one.into_key(), two.insert_entry(value))
    }
}

"`Clone`, `Debug`, `Default`, `PartialEq`, `Eq`, `Index`" [standard hashbrown gomap] {
    fn is<T: Clone + Debug + Default + PartialEq + Eq>() {}
    fn all<
        K: Clone + Debug + Eq + Hash,
        V: Clone + Debug + Eq,
        S: Clone + Default + BuildHasher,
    >() {
        is::<HashMap<K, V, S>>();
    }
    fn index<K: Eq + Hash + Borrow<Q>, Q: Eq + Hash + ?Sized, V, S: BuildHasher>()
    where
        HashMap<K, V, S>: for<'q> Index<&'q Q, Output = V>,
    {
    }
    fn no_hash<K: Clone + Debug, V: Clone + Debug, S: Clone + Default>(map: HashMap<K, V, S>) {
        (
            map.clone(),
            format!("{map:?}"),
            HashMap::<K, V, S>::default(),
        );
    }
}

"`IntoIterator` for the map and references to it" [standard hashbrown gomap] {
    fn is<T: IntoIterator>() {}
    fn all<K, V, S>(map: HashMap<K, V, S>) {
        is::<&HashMap<K, V, S>>();
        is::<&mut HashMap<K, V, S>>();
        let _: hash_map::IntoIter<K, V> = map.into_iter();
    }
}

"`FromIterator`, `Extend` by value and by reference, `From<[(K, V); N]>`"
[standard hashbrown gomap] {
    fn made<K: Eq + Hash, V, S: BuildHasher + Default>() {
        fn is<T: FromIterator<(K, V)> + Extend<(K, V)>, K, V>() {}
        is::<HashMap<K, V, S>, K, V>();
    }
    fn copied<'a, K: Eq + Hash + Copy + 'a, V: Copy + 'a, S: BuildHasher>() {
        fn is<'a, T: Extend<(&'a K, &'a V)>, K: 'a, V: 'a>() {}
        is::<HashMap<K, V, S>, K, V>();
    }
    fn array<K: Eq + Hash, V, const N: usize>(entries: [(K, V); N]) -> HashMap<K, V> {
        <HashMap<K, V> as From<[(K, V); N]>>::from(entries)
    }
}

"`Send`, `Sync`, `UnwindSafe`, `RefUnwindSafe`, `Unpin` of the map" [standard hashbrown gomap] {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    fn safe<T: UnwindSafe + RefUnwindSafe + Unpin>() {}
    fn all<K: Send, V: Send, S: Send, L: Sync, W: Sync, T: Sync>() {
        send::<HashMap<K, V, S>>();
        sync::<HashMap<L, W, T>>();
        safe::<HashMap<u8, u8>>();
    }
}

"`Send` and `Sync` of iterators and entries" [standard hashbrown gomap] {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    fn owned<'a, K: Send + 'a, V: Send + 'a>() {
        send::<hash_map::IterMut<'a, K, V>>();
        send::<hash_map::ValuesMut<'a, K, V>>();
        send::<hash_map::Drain<'a, K, V>>();
        send::<hash_map::IntoIter<K, V>>();
        send::<OccupiedEntry<'a, K, V>>();
    }
    fn shared<'a, K: Sync + 'a, V: Sync + 'a>() {
        send::<hash_map::Iter<'a, K, V>>();
        send::<hash_map::Keys<'a, K, V>>();
        send::<hash_map::Values<'a, K, V>>();
        sync::<hash_map::Iter<'a, K, V>>();
        sync::<hash_map::IterMut<'a, K, V>>();
        sync::<hash_map::ValuesMut<'a, K, V>>();
        sync::<hash_map::Drain<'a, K, V>>();
        sync::<hash_map::IntoIter<K, V>>();
        sync::<OccupiedEntry<'a, K, V>>();
    }
}

"covariance" [standard hashbrown gomap] {
    type Key = &'static str;
    fn map<'a>(map: HashMap<Key, Key>) -> HashMap<&'a str, &'a str> {
        map
    }
    fn iter<'a, 'b>(iter: hash_map::Iter<'a, Key, Key>) -> hash_map::Iter<'a, &'b str, &'b str> {
        iter
    }
    fn drain<'a>(
        iter: hash_map::Drain<'static, Key, Key>,
    ) -> hash_map::Drain<'a, &'a str, &'a str> {
        iter
    }
    fn into_iter<'a>(iter: hash_map::IntoIter<Key, Key>) -> hash_map::IntoIter<&'a str, &'a str> {
        iter
    }
}

"drop check" [standard gomap] {
    fn dropped_together() {
        let (mut map, text);
        text = String::new();
        map = HashMap::new();
        map.insert(&text, &text);
    }
}

"`Clone`, `Debug`, `Default`, `ExactSizeIterator`, `FusedIterator` of the iterators"
[standard hashbrown gomap] {
    fn is<T: Debug + Default + ExactSizeIterator + FusedIterator>() {}
    fn clone<T: Clone>() {}
    fn all<'a, K: Debug + 'a, V: Debug + 'a>() {
        is::<hash_map::Iter<'a, K, V>>();
        is::<hash_map::IterMut<'a, K, V>>();
        is::<hash_map::IntoIter<K, V>>();
        is::<hash_map::Keys<'a, K, V>>();
        is::<hash_map::Values<'a, K, V>>();
        is::<hash_map::ValuesMut<'a, K, V>>();
        is::<hash_map::IntoKeys<K, V>>();
        is::<hash_map::IntoValues<K, V>>();
    }
    fn cloned<'a, K: 'a, V: 'a>() {
        clone::<hash_map::Iter<'a, K, V>>();
        clone::<hash_map::Keys<'a, K, V>>();
        clone::<hash_map::Values<'a, K, V>>();
    }
    fn drain<T: Debug + ExactSizeIterator + FusedIterator>() {}
    fn drained<'a, K: Debug + 'a, V: Debug + 'a>() {
        drain::<hash_map::Drain<'a, K, V>>();
    }
}

"`TryReserveError`: `Clone`, `Debug`, `Eq`, `Display`, `Error`" [standard hashbrown gomap] {
    fn is<T: Clone + Debug + Eq + std::fmt::Display + std::error::Error>() {}
    fn error() {
        is::<TryReserveError>();
    }
}

"what `TryReserveError` is" [standard] {
    use std::collections::TryReserveError as Same;
    fn is(error: TryReserveError) -> Same {
        error
    }
}
[gomap] {
    fn is(error: TryReserveError) -> bool {
        error == TryReserveError::CapacityOverflow || error == TryReserveError::AllocError
    }
}

"`RandomState`" [standard] {
    fn is() -> std::hash::RandomState {
        State::new()
    }
}
[gomap] {
    fn is() -> DefaultHashBuilder {
        State::new()
    }
}

"`DefaultHasher`: `new`, `Clone`, `Debug`, `Default`, with `BuildHasherDefault`" [standard gomap] {
    fn is<T: Clone + Debug + Default>() {}
    fn hasher() -> DefaultHasher {
        is::<DefaultHasher>();
        DefaultHasher::new()
    }
    fn map() -> HashMap<u8, u8, BuildHasherDefault<DefaultHasher>> {
        let map = HashMap::default();
        map.get(&5);
        map
    }
}

}
