//! Maps in the memory of an allocator: all of it comes from there and goes back there, as it came.

use std::alloc::Layout;
use std::cell::Cell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::Mutex;

use allocator_api2::alloc::{AllocError, Allocator, Global};
use bumpalo::Bump;
use gomap::typed::{DefaultHashBuilder, TryReserveError};
use gomap::{Map, Set};

type MapIn<K, V, A> = Map<K, V, DefaultHashBuilder, A>;

/// What an allocator has given and not got back.
#[derive(Default)]
struct Ledger {
    given: Mutex<HashMap<usize, Layout>>,
    /// Allocations until one fails; never if it is `None`.
    fuse: Mutex<Option<usize>>,
}

impl Ledger {
    fn allocations(&self) -> usize {
        self.given.lock().unwrap().len()
    }

    fn bytes(&self) -> usize {
        self.given.lock().unwrap().values().map(Layout::size).sum()
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        assert_eq!(self.allocations(), 0, "everything has come back");
    }
}

#[derive(Clone, Copy)]
struct Counting<'l>(&'l Ledger);

// SAFETY: the memory is the global allocator's; all copies are the same.
unsafe impl Allocator for Counting<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if let Some(left) = &mut *self.0.fuse.lock().unwrap() {
            *left = left.checked_sub(1).ok_or(AllocError)?;
        }
        let memory = Global.allocate(layout)?;
        let address = memory.cast::<u8>().addr().get();
        self.0.given.lock().unwrap().insert(address, layout);
        Ok(memory)
    }

    unsafe fn deallocate(&self, memory: NonNull<u8>, layout: Layout) {
        let given = self.0.given.lock().unwrap().remove(&memory.addr().get());
        assert_eq!(given, Some(layout), "it comes back as it came");
        // SAFETY: the caller's promise.
        unsafe { Global.deallocate(memory, layout) }
    }
}

/// Does everything that takes memory or gives it back.
fn work<K, V>(make: fn(u64) -> (K, V))
where
    K: Eq + std::hash::Hash + Clone + std::fmt::Debug,
    V: Clone + PartialEq + std::fmt::Debug,
{
    let ledger = Ledger::default();
    let mut map: MapIn<K, V, _> = Map::new_in(Counting(&ledger));
    assert_eq!(ledger.allocations(), 1, "the descriptor and the allocator");
    for n in 0..3000 {
        let (key, value) = make(n);
        map.insert(key, value);
    }
    assert!(ledger.bytes() > 3000 * (size_of::<K>() + size_of::<V>()));
    let copy = map.clone();
    assert_eq!(copy, map);
    assert_eq!(map.drain().take(1000).count(), 1000);
    assert!(map.is_empty());
    map.extend(copy.clone());
    map.retain(|key, _| *key != make(5).0);
    assert_eq!(map.extract_if(|_, _| true).take(100).count(), 100);
    let (key, value) = make(5);
    assert_eq!(map.entry(key.clone()).or_insert(value.clone()), &value);
    assert_eq!(map.remove(&key), Some(value));
    map.reserve(10_000);
    map.shrink_to_fit();
    assert_eq!(map.len(), 2899);
    assert_eq!(
        map.iter()
            .filter(|(key, _)| copy.contains_key(*key))
            .count(),
        2899
    );
    assert_eq!(copy.into_iter().take(1000).count(), 1000);

    let mut cursor = map.walk();
    assert!(cursor.next(&mut map).is_some());
    for n in 10_000..20_000 {
        let (key, value) = make(n);
        map.insert(key, value);
    }
    assert!(cursor.next(&mut map).is_some());
    map.clear();
    drop(map);
    assert_ne!(
        ledger.allocations(),
        0,
        "the cursor keeps the array that it is in"
    );
    drop(cursor);
}

#[test]
fn memory_goes_back_to_where_it_came_from() {
    work(|n| (n, n));
    work(|n| (n.to_string(), vec![n]));
    work(|n| ([n; 20], [n; 30]));
}

/// A value whose drop panics for one number.
struct Fragile<'c> {
    number: u32,
    dropped: &'c Cell<u32>,
    _box: [u64; 20],
}

impl Drop for Fragile<'_> {
    fn drop(&mut self) {
        self.dropped.set(self.dropped.get() + 1);
        assert_ne!(self.number, 50, "fragile");
    }
}

#[test]
fn drops_that_panic_leave_nothing_behind() {
    type Doomed<'c, 'l> = MapIn<u32, Fragile<'c>, Counting<'l>>;
    let ways: [fn(Doomed<'_, '_>); 5] = [
        |map| drop(map),
        |mut map| map.clear(),
        |map| drop(map.into_iter()),
        |mut map| drop(map.drain()),
        |mut map| map.retain(|key, _| key % 2 == 1),
    ];
    for way in ways {
        let (ledger, dropped) = (Ledger::default(), Cell::new(0));
        let mut map = Map::new_in(Counting(&ledger));
        for number in 0..100 {
            let value = Fragile {
                number,
                dropped: &dropped,
                _box: [0; 20],
            };
            map.insert(number, value);
        }
        assert!(catch_unwind(AssertUnwindSafe(|| way(map))).is_err());
        assert_eq!(dropped.get(), 100);
    }
}

#[test]
fn a_map_in_an_arena() {
    let arena = Bump::new();
    let mut words: MapIn<&str, MapIn<usize, u32, &Bump>, &Bump> = Map::new_in(&arena);
    for word in "the quick brown fox jumps over the lazy dog".split(' ') {
        let lengths = words.entry(word).or_insert_with(|| Map::new_in(&arena));
        *lengths.entry(word.len()).or_insert(0) += 1;
    }
    assert_eq!(words["the"][&3], 2);
    assert!(std::ptr::eq(*words.allocator(), &arena));
    let before = arena.allocated_bytes();
    let elements: Vec<usize> = (0..10_000).collect();
    let mut set = Set::with_capacity_in(elements.len(), &arena);
    set.extend(elements.iter().copied());
    assert!(arena.allocated_bytes() - before > elements.len() * size_of::<usize>());
    drop((words, set));
}

#[test]
fn an_allocator_takes_one_word_of_the_map() {
    assert_eq!(size_of::<MapIn<u64, u64, &Bump>>(), 72);
}

#[test]
fn an_allocator_that_fails() {
    for n in 0.. {
        let ledger = Ledger::default();
        let mut map: MapIn<u64, [u64; 20], _> = Map::new_in(Counting(&ledger));
        map.extend((0..100).map(|i| (i, [i; 20])));
        let (capacity, bytes) = (map.capacity(), ledger.bytes());
        *ledger.fuse.lock().unwrap() = Some(n);
        let result = map.try_reserve(1000);
        if result.is_err() {
            assert_eq!(result, Err(TryReserveError::AllocError));
            assert_eq!((map.capacity(), ledger.bytes()), (capacity, bytes));
        }
        map.shrink_to(200);
        *ledger.fuse.lock().unwrap() = None;
        assert!((0..100).all(|i| map[&i] == [i; 20]));
        assert_eq!(map.len(), 100);
        if result.is_ok() {
            assert!(n > 1, "a reservation needs an array at least");
            break;
        }
    }
}

#[test]
fn maps_whose_memory_has_a_default_are_made_as_usual() {
    let a: Set<u32, DefaultHashBuilder, Global> = (0..10).collect();
    let b: Set<u32, DefaultHashBuilder, Global> = (5..15).collect();
    assert_eq!((&a & &b).len(), 5);
    assert_eq!((&a | &b).len(), 15);
    assert_eq!(a.union(&b).count(), 15);
    let map: MapIn<u32, u32, Global> = Map::default();
    assert_eq!(map.len(), 0);
}

#[cfg(feature = "rayon")]
#[test]
fn parallel_iterators_in_an_allocator() {
    use rayon::prelude::*;

    let ledger = Ledger::default();
    let mut map = Map::new_in(Counting(&ledger));
    map.par_extend((0..5000u64).into_par_iter().map(|n| (n, [n; 20])));
    assert!(map.par_eq(&map.clone()));
    assert_eq!(
        map.par_drain().filter(|(_, value)| value[0] < 100).count(),
        100
    );
    map.insert(1, [2; 20]);
    assert_eq!(map.into_par_iter().collect::<Vec<_>>(), [(1, [2; 20])]);
}
