//! `HashSet`.

use std::borrow::Borrow;
use std::fmt::Debug;
use std::hash::{BuildHasher, Hash};
use std::iter::FusedIterator;
use std::ops::{BitAnd, BitOr, BitXor, Sub};
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::rows;

rows! { ROWS:

"`new`, `with_capacity`, `with_hasher`, `with_capacity_and_hasher`" [standard hashbrown gomap] {
    fn makes<T, S>(s: S, t: S) -> (HashSet<T>, HashSet<T>, HashSet<T, S>, HashSet<T, S>) {
        (
            HashSet::new(),
            HashSet::with_capacity(5),
            HashSet::with_hasher(s),
            HashSet::with_capacity_and_hasher(5, t),
        )
    }
    static EMPTY: HashSet<u8, ()> = HashSet::with_hasher(());
}

"`capacity`, `len`, `is_empty`, `hasher`, `iter`" [standard hashbrown gomap] {
    fn asks<T, S>(set: &HashSet<T, S>) -> (usize, usize, bool, &S, hash_set::Iter<'_, T>) {
        (
            set.capacity(),
            set.len(),
            set.is_empty(),
            set.hasher(),
            set.iter(),
        )
    }
}

"`drain`, `retain`, `extract_if`, `clear`" [standard hashbrown gomap] {
    fn takes<T, S>(set: &mut HashSet<T, S>) {
        let _: hash_set::Drain<'_, T> = set.drain();
        set.retain(|_: &T| true);
        let _: Option<T> = set.extract_if(|_: &T| true).next();
        set.clear();
    }
}

"`reserve`, `try_reserve`, `shrink_to_fit`, `shrink_to`" [standard hashbrown gomap] {
    fn resizes<T: Eq + Hash, S: BuildHasher>(
        set: &mut HashSet<T, S>,
    ) -> Result<(), TryReserveError> {
        set.reserve(5);
        set.shrink_to_fit();
        set.shrink_to(5);
        set.try_reserve(5)
    }
}

"`contains`, `get`, `insert`, `replace`, `remove`, `take`" [standard hashbrown gomap] {
    fn changes<T, Q, S>(set: &mut HashSet<T, S>, one: T, two: T, value: &Q)
    where
        T: Eq + Hash + Borrow<Q>,
        Q: Eq + Hash + ?Sized,
        S: BuildHasher,
    {
        let _: (bool, Option<&T>) = (set.contains(value), set.get(value));
        let _: (bool, Option<T>) = (set.insert(one), set.replace(two));
        let _: (bool, Option<T>) = (set.remove(value), set.take(value));
    }
}

"a reference too many: `filter(|x| set.contains(x))`" [standard] {
    fn finds(set: &HashSet<u8>, values: &[u8]) -> usize {
        values.iter().filter(|x| set.contains(x)).count()
    }
}
[hashbrown gomap] {
    fn finds(set: &HashSet<u8>, values: &[u8]) -> usize {
        values.iter().filter(|x| set.contains(*x)).count()
    }
}

"`difference`, `symmetric_difference`, `intersection`, `union`" [standard hashbrown gomap] {
    fn compares<'a, T: Eq + Hash, S: BuildHasher>(a: &'a HashSet<T, S>, b: &'a HashSet<T, S>) {
        let _: hash_set::Difference<'a, T, S> = a.difference(b);
        let _: hash_set::SymmetricDifference<'a, T, S> = a.symmetric_difference(b);
        let _: hash_set::Intersection<'a, T, S> = a.intersection(b);
        let _: hash_set::Union<'a, T, S> = a.union(b);
    }
}

"`is_disjoint`, `is_subset`, `is_superset`" [standard hashbrown gomap] {
    fn compares<T: Eq + Hash, S: BuildHasher>(a: &HashSet<T, S>, b: &HashSet<T, S>) -> [bool; 3] {
        [a.is_disjoint(b), a.is_subset(b), a.is_superset(b)]
    }
}

"`&`, `|`, `^`, `-` on references" [standard hashbrown gomap] {
    fn all<T: Eq + Hash + Clone, S: BuildHasher + Default>(
        a: &HashSet<T, S>,
        b: &HashSet<T, S>,
    ) -> HashSet<T, S> {
        &(&(a & b) | &(a ^ b)) - b
    }
}

"`get_or_insert_with`, `entry` (unstable)" [hashbrown gomap] {
    fn finds<'a, T, Q>(set: &'a mut HashSet<T>, value: T, other: &Q) -> &'a T
    where
        T: Eq + Hash + Borrow<Q>,
        Q: Eq + Hash + ?Sized + ToOwned<Owned = T>,
    {
        let _: SetEntry<'_, T> = set.entry(value);
        set.get_or_insert_with(other, |other: &Q| other.to_owned())
    }
}

"`Entry`: `get`, `insert`, `or_insert` (unstable)" [hashbrown gomap] {
    fn places<'a, T: Hash>(one: SetEntry<'a, T>, two: SetEntry<'a, T>) -> SetOccupied<'a, T> {
        let _: &T = one.get();
        one.or_insert();
        two.insert()
    }
    use hash_set::Entry;
}

"`OccupiedEntry`: `get`, `remove`; `VacantEntry`: `get`, `into_value`, `insert` (unstable)"
[hashbrown gomap] {
    fn places<'a, T: Hash>(
        one: SetOccupied<'a, T>,
        two: SetVacant<'a, T>,
        three: SetVacant<'a, T>,
    ) -> (T, T) {
        let _: (&T, &T) = (one.get(), two.get());
        three.insert();
        (one.remove(), two.into_value())
    }
    use hash_set::{OccupiedEntry, VacantEntry};
}

"`Clone`, `Debug`, `Default`, `PartialEq`, `Eq`, `FromIterator`, `Extend`, `From<[T; N]>`"
[standard hashbrown gomap] {
    fn is<T: Clone + Debug + Default + PartialEq + Eq>() {}
    fn all<T: Clone + Debug + Eq + Hash, S: Clone + Default + BuildHasher>() {
        is::<HashSet<T, S>>();
        fn made<C: FromIterator<T> + Extend<T>, T>() {}
        made::<HashSet<T, S>, T>();
    }
    fn no_hash<T: Clone + Debug, S: Clone + Default>(set: HashSet<T, S>) {
        (set.clone(), format!("{set:?}"), HashSet::<T, S>::default());
    }
    fn copied<'a, T: Eq + Hash + Copy + 'a, S: BuildHasher>(
        set: &mut HashSet<T, S>,
        elements: &'a [T],
    ) {
        Extend::<&'a T>::extend(set, elements);
    }
    fn array<T: Eq + Hash, const N: usize>(elements: [T; N]) -> HashSet<T> {
        <HashSet<T> as From<[T; N]>>::from(elements)
    }
}

"`IntoIterator` for the set and references to it" [standard hashbrown gomap] {
    fn walked<T, S>(set: HashSet<T, S>) -> hash_set::IntoIter<T> {
        fn is<T: IntoIterator>() {}
        is::<&HashSet<T, S>>();
        set.into_iter()
    }
}

"`Send`, `Sync`, `UnwindSafe`, covariance" [standard hashbrown gomap] {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    fn safe<T: UnwindSafe + RefUnwindSafe + Unpin>() {}
    fn all<'a, T: Send + 'a, S: Send, U: Sync + 'a, R: Sync>() {
        send::<HashSet<T, S>>();
        sync::<HashSet<U, R>>();
        send::<hash_set::Drain<'a, T>>();
        send::<hash_set::IntoIter<T>>();
        send::<hash_set::Iter<'a, U>>();
        sync::<hash_set::Iter<'a, U>>();
        safe::<HashSet<u8>>();
    }
    fn set<'a>(set: HashSet<&'static str>) -> HashSet<&'a str> {
        set
    }
    fn drain<'a>(iter: hash_set::Drain<'static, &'static str>) -> hash_set::Drain<'a, &'a str> {
        iter
    }
}

"drop check" [standard gomap] {
    fn dropped_together() {
        let (mut set, text);
        text = String::new();
        set = HashSet::new();
        set.insert(&text);
    }
}

"`Clone`, `Debug`, `Default`, `ExactSizeIterator`, `FusedIterator` of the iterators"
[standard hashbrown gomap] {
    fn is<T: Debug + Default + ExactSizeIterator + FusedIterator>() {}
    fn all<'a, T: Debug + 'a>() {
        is::<hash_set::Iter<'a, T>>();
        is::<hash_set::IntoIter<T>>();
    }
    fn algebra<I: Clone + Debug + FusedIterator>(_: I) {}
    fn each<T: Debug + Eq + Hash, S: BuildHasher>(a: &HashSet<T, S>, b: &HashSet<T, S>) {
        algebra(a.union(b));
        algebra(a.intersection(b));
        algebra(a.difference(b));
        algebra(a.symmetric_difference(b));
    }
}

}
