//! Typed maps when memory runs out: what was reserved is there, what is stored can be changed and
//! removed, and what cannot be stored comes back.

use std::cell::Cell;
use std::hash::{BuildHasher, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::rc::Rc;

use allocator_api2::alloc::{AllocError, Allocator, Global};
use gomap::typed::{DefaultHashBuilder, Entry, EntryRef, InsertError, TryReserveError, set};
use gomap::{Map, Set};
use std::alloc::Layout;

/// Allocations that are left, and those that were asked for.
struct Supply {
    left: Cell<usize>,
    asked: Cell<usize>,
}

impl Supply {
    fn new() -> Supply {
        Supply {
            left: Cell::new(usize::MAX),
            asked: Cell::new(0),
        }
    }

    /// Ends the supply after so many allocations.
    fn end_after(&self, allocations: usize) {
        self.left.set(allocations);
        self.asked.set(0);
    }

    fn renew(&self) {
        self.end_after(usize::MAX);
    }
}

#[derive(Clone, Copy)]
struct Rationed<'s>(&'s Supply);

// SAFETY: the memory is the global allocator's; all copies are the same.
unsafe impl Allocator for Rationed<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let Supply { left, asked } = self.0;
        asked.set(asked.get() + 1);
        left.set(left.get().checked_sub(1).ok_or(AllocError)?);
        Global.allocate(layout)
    }

    unsafe fn deallocate(&self, memory: NonNull<u8>, layout: Layout) {
        // SAFETY: memory of the global allocator (caller).
        unsafe { Global.deallocate(memory, layout) }
    }
}

type Rations<'s, K, V, S = DefaultHashBuilder> = Map<K, V, S, Rationed<'s>>;

/// Puts 32 keys in a row into one chain.
#[derive(Clone, Copy, Default)]
struct Grouped;

impl BuildHasher for Grouped {
    type Hasher = Group;

    fn build_hasher(&self) -> Group {
        Group(0)
    }
}

struct Group(u64);

impl Hasher for Group {
    fn finish(&self) -> u64 {
        self.0 >> 5 | self.0 << 56
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0 << 8 | byte as u64;
        }
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

/// A key that no other call returns.
fn fresh(serial: &mut u64) -> u64 {
    *serial += 1;
    serial.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Gives a map so many entries, with keys from a series.
type Past = fn(&mut Rations<u64, u64>, &mut u64, usize);

/// Ways in which a map came to have its entries.
const PASTS: [Past; 4] = [
    |_, _, _| {},
    // In whatever state of a growth that leaves it.
    |map, serial, n| (0..n as u64).for_each(|i| *map.entry(fresh(serial)).or_insert(0) = i),
    // Just when a growth has begun.
    |map, serial, n| {
        (0..n as u64).for_each(|i| *map.entry(fresh(serial)).or_insert(0) = i);
        let capacity = map.capacity();
        while map.capacity() == capacity {
            map.insert(fresh(serial), 0);
        }
    },
    // After many entries have come and gone, which leaves overflow buckets.
    |map, serial, n| {
        for i in 0..3 * n as u64 {
            map.insert(fresh(serial), i);
            if map.len() > n {
                let key = *map.keys().next().unwrap();
                map.remove(&key);
            }
        }
    },
];

fn sizes() -> impl Iterator<Item = usize> {
    let powers = (0..14).flat_map(|b| [(1 << b) - 1, 1 << b, (1 << b) + 1]);
    let loads = (1..12).flat_map(|b| [(13 << b) / 2, (13 << b) / 2 + 1]);
    let others = (1..100usize).map(|i| i.wrapping_mul(0x9e37_79b9) % 3000);
    powers.chain(loads).chain(others)
}

/// Inserts `n` new entries without memory, by every function in turn; some entries go meanwhile.
fn insert_reserved(map: &mut Rations<u64, u64>, serial: &mut u64, n: usize) {
    for i in 0..n as u64 {
        let key = fresh(serial);
        match i % 5 {
            0 => assert_eq!(map.insert(key, i), None),
            1 => assert_eq!(*map.entry(key).or_insert(i), i),
            2 => map.extend([(key, i)]),
            3 => assert_eq!(map.insert_fallible(key, i), Ok(None)),
            _ => {
                map.insert(key, i);
                let other = *map.keys().next().unwrap();
                map.remove(&other);
            }
        }
    }
}

#[test]
fn what_was_reserved_is_there() {
    for (i, n) in sizes().enumerate() {
        for past in PASTS {
            for watched in [false, true] {
                let supply = Supply::new();
                let hasher = DefaultHashBuilder::with_key(i as u64);
                let mut map = Map::with_hasher_in(hasher, Rationed(&supply));
                let mut serial = i as u64 * 1_000_000;
                past(&mut map, &mut serial, n / 2 + i % 7);
                let mut cursor = watched.then(|| map.walk());
                let there = map.len();
                map.try_reserve(n).unwrap();
                assert!(map.capacity() >= there + n);
                supply.end_after(0);
                insert_reserved(&mut map, &mut serial, n);
                assert_eq!(supply.asked.get(), 0, "{n}");
                if let Some(cursor) = &mut cursor {
                    while cursor.next(&mut map).is_some() {}
                }
            }
        }
    }
}

#[test]
fn one_at_a_time_can_be_reserved() {
    let supply = Supply::new();
    let mut map: Rations<u64, u64> = Map::new_in(Rationed(&supply));
    let (mut serial, mut asked) = (0, 0);
    for i in 0..20_000 {
        supply.renew();
        map.try_reserve(1).unwrap();
        asked += supply.asked.get();
        supply.end_after(0);
        map.insert(fresh(&mut serial), i);
        assert_eq!(supply.asked.get(), 0);
    }
    assert!(asked < 500, "{asked} allocations are too many");
}

#[test]
fn a_capacity_is_room_for_so_many() {
    for n in sizes() {
        let supply = Supply::new();
        let memory = Rationed(&supply);
        let mut maps = vec![Map::try_with_capacity_in(n, memory).unwrap()];
        if n > 52 {
            maps.push(Map::with_capacity_in(n, memory));
            let mut map = Map::new_in(memory);
            map.reserve(n);
            maps.push(map);
        }
        supply.end_after(0);
        for map in &mut maps {
            insert_reserved(map, &mut 0, n);
            assert_eq!(supply.asked.get(), 0, "{n}");
        }
    }
}

#[test]
fn what_does_not_fit_is_an_error_beside_a_cursor_too() {
    let mut map: Map<u64, u64> = (0..100).map(|i| (i, i)).collect();
    for watched in [false, true] {
        let cursor = watched.then(|| map.walk());
        for n in [usize::MAX, usize::MAX / 4, isize::MAX as usize] {
            assert_eq!(map.try_reserve(n), Err(TryReserveError::CapacityOverflow));
            let panic = catch_unwind(AssertUnwindSafe(|| map.reserve(n))).unwrap_err();
            assert_eq!(panic.downcast_ref(), Some(&"capacity overflow"));
        }
        drop(cursor);
    }
    assert_eq!(map.len(), 100);
}

#[test]
fn a_reservation_that_fails_leaves_the_entries() {
    for n in 0.. {
        let supply = Supply::new();
        let mut map: Rations<u64, u64> = Map::new_in(Rationed(&supply));
        let mut serial = 0;
        PASTS[2](&mut map, &mut serial, 200);
        let (copy, mut cursor) = (map.clone(), map.walk());
        supply.end_after(n);
        let reserved = map.try_reserve(1000);
        supply.renew();
        assert!(map == copy);
        let seen = std::iter::from_fn(|| cursor.next(&mut map).map(|(&key, _)| key));
        assert_eq!(
            seen.collect::<std::collections::HashSet<_>>().len(),
            copy.len()
        );
        match reserved {
            Ok(()) => return assert!(n > 3, "{n}"),
            Err(error) => assert_eq!(error, TryReserveError::AllocError),
        }
    }
}

#[test]
fn maps_and_sets_that_cannot_be_made() {
    let supply = Supply::new();
    let memory = Rationed(&supply);
    for n in 0.. {
        supply.end_after(n);
        let map = Map::<u64, u64, _, _>::try_with_capacity_in(100, memory);
        supply.end_after(n);
        let set = Set::<u64, _, _>::try_with_capacity_and_hasher_in(100, Grouped, memory);
        assert_eq!(map.is_ok(), set.is_ok());
        if let Ok(map) = map {
            assert!(n > 2 && map.capacity() >= 100);
            supply.end_after(n - 1);
            assert!(map.try_clone().is_err() || n > 3);
            break;
        }
        assert_eq!(map.err(), Some(TryReserveError::AllocError));
    }
    supply.end_after(0);
    let lack = Some(TryReserveError::AllocError);
    assert_eq!(Map::<u64, u64, _, _>::try_new_in(memory).err(), lack);
    assert_eq!(
        Map::<u64, u64, _, _>::try_with_hasher_in(Grouped, memory).err(),
        lack
    );
    assert_eq!(Set::<u64, _, _>::try_new_in(memory).err(), lack);
    assert_eq!(
        Set::<u64, _, _>::try_with_hasher_in(Grouped, memory).err(),
        lack
    );
    let overflow = Some(TryReserveError::CapacityOverflow);
    assert_eq!(
        Map::<u64, u64>::try_with_capacity(usize::MAX / 8).err(),
        overflow
    );
    assert_eq!(Set::<u64>::try_with_capacity(usize::MAX).err(), overflow);
    assert!(Map::<u64, u64>::try_with_capacity(100).unwrap().capacity() >= 100);
}

/// Fills a map until an insertion fails, from the n-th allocation on; what was refused must come
/// back.
fn fill<'s, V>(
    supply: &'s Supply,
    n: usize,
    make: fn(u64) -> V,
) -> Option<Rations<'s, u64, V, Grouped>>
where
    V: Clone + PartialEq + std::fmt::Debug,
{
    supply.end_after(n);
    let mut map = Map::try_with_hasher_in(Grouped, Rationed(supply)).ok()?;
    for key in 0..600 {
        let error = match key % 3 {
            0 => map.insert_fallible(key, make(key)).err(),
            1 => map.entry(key).or_insert_fallible(make(key)).err(),
            _ => match map.entry_ref(&key) {
                EntryRef::Vacant(entry) => entry.insert_fallible(make(key)).err(),
                EntryRef::Occupied(_) => unreachable!("each key comes once"),
            },
        };
        if let Some(error) = error {
            assert_eq!(
                error,
                InsertError {
                    key,
                    value: make(key)
                }
            );
            assert_eq!(map.len() as u64, key);
            return Some(map);
        }
    }
    None
}

/// Changes, looks up and removes all entries, by every function in turn.
fn empty<V>(map: &mut Rations<u64, V, Grouped>, make: fn(u64) -> V)
where
    V: Clone + PartialEq + std::fmt::Debug,
{
    let len = map.len() as u64;
    for key in 0..len {
        assert_eq!(map.insert(key, make(key + 1)), Some(make(key)));
        assert_eq!(map.insert_fallible(key, make(key)), Ok(Some(make(key + 1))));
        *map.get_mut(&key).unwrap() = make(key + 2);
        *map.entry(key).or_insert_fallible(make(0)).unwrap() = make(key + 3);
        match map.entry(key) {
            Entry::Occupied(mut entry) => assert_eq!(entry.insert(make(key)), make(key + 3)),
            Entry::Vacant(_) => panic!("{key} is there"),
        }
        assert_eq!(map.get(&key), Some(&make(key)));
    }
    map.retain(|key, _| key % 5 != 4);
    for key in (0..len)
        .filter(|key| key % 3 == 0)
        .chain((0..len).filter(|key| key % 3 != 0))
    {
        let there = (key % 5 != 4).then(|| make(key));
        let removed = match (key % 2, map.entry(key)) {
            (0, Entry::Occupied(entry)) => Some(entry.remove()),
            _ => map.remove(&key),
        };
        assert_eq!(removed, there);
        assert!(!map.contains_key(&key));
    }
    assert!(map.is_empty());
}

/// Fills maps in memory that ends after the n-th allocation, for every n, and empties them then.
fn run_dry<V: Clone + PartialEq + std::fmt::Debug>(make: fn(u64) -> V) {
    let mut growing = 0;
    for n in 0.. {
        let supply = Supply::new();
        let Some(mut map) = fill(&supply, n, make) else {
            if n < 20 {
                continue;
            }
            break;
        };
        let mut cursor = (n % 2 == 1 && !map.is_empty()).then(|| {
            supply.end_after(1);
            map.walk()
        });
        if let Some(cursor) = &mut cursor {
            cursor.next(&mut map);
        }
        supply.end_after(0);
        let before = supply.asked.get();
        empty(&mut map, make);
        growing += (supply.asked.get() > before) as u32;
        if let Some(mut cursor) = cursor {
            assert!(cursor.next(&mut map).is_none());
        }
        supply.renew();
        map.extend((0..300).map(|key| (key, make(key))));
        assert_eq!(map.len(), 300);
    }
    assert!(
        growing > 10,
        "{growing} times a growth asked for memory in vain"
    );
}

#[test]
fn without_memory_entries_can_be_changed_and_removed() {
    run_dry(|n| n);
    run_dry(|n| n.to_string());
    run_dry(|n| [n; 20]);
}

#[test]
fn nothing_is_lost_with_a_refused_entry() {
    let supply = Supply::new();
    let (key, value) = (Rc::new(1), Rc::new(2));
    let mut map = Map::new_in(Rationed(&supply));
    let mut set = Set::new_in(Rationed(&supply));
    supply.end_after(0);
    drop(map.insert_fallible(key.clone(), value.clone()).unwrap_err());
    drop(
        map.entry(key.clone())
            .or_insert_fallible(value.clone())
            .unwrap_err(),
    );
    assert_eq!(set.insert_fallible(key.clone()).unwrap_err().key, key);
    match set.entry(key.clone()) {
        set::Entry::Vacant(entry) => assert_eq!(entry.insert_fallible().unwrap_err().key, key),
        set::Entry::Occupied(_) => panic!("the set is empty"),
    }
    assert_eq!((Rc::strong_count(&key), Rc::strong_count(&value)), (1, 1));
    assert!(map.is_empty() && set.is_empty());
}
