//! Positions and `mapnext`: what they promise, against a model, while the map changes under them.

use std::collections::{BTreeMap, BTreeSet};
use std::ptr;

use crate::kinds::Rng;
use gomap::heap::{Pages, SYSTEM, system_heap};
use gomap::layout::Hmap;
use gomap::maptype::{Era, Heap, MapType, Type, alg};
use gomap::position::{Position, mapnext};
use gomap::raw::{makemap, makemap_small, mapassign, mapclear, mapdelete, mapfree};

/// Spreads numbers well.
unsafe extern "C-unwind" fn good(key: *const u8, seed: usize, _: *const Type) -> usize {
    // SAFETY: a key of eight bytes.
    unsafe { alg::memhash64(key, seed) }
}

/// Has 16 values in 4 buckets: most keys share their hash with others.
unsafe extern "C-unwind" fn crowded(key: *const u8, _: usize, _: *const Type) -> usize {
    // SAFETY: a key of eight bytes.
    let key = unsafe { key.cast::<usize>().read() };
    (key % 4) | ((key / 4 % 4) << 60)
}

unsafe extern "C-unwind" fn constant(_: *const u8, _: usize, _: *const Type) -> usize {
    7
}

unsafe extern "C-unwind" fn equal(a: *const u8, b: *const u8, _: *const Type) -> bool {
    // SAFETY: keys of eight bytes.
    unsafe { a.cast::<u64>().read() == b.cast::<u64>().read() }
}

static GOOD: Type = Type::opaque("good", 8, 8, good, equal);
static CROWDED: Type = Type::opaque("crowded", 8, 8, crowded, equal);
static CONSTANT: Type = Type::opaque("constant", 8, 8, constant, equal);

/// A map of numbers, and what it should hold.
struct Checked {
    t: MapType,
    h: *mut Hmap,
    model: BTreeMap<u64, u64>,
}

impl Checked {
    fn new(key: &'static Type, heap: &'static Heap) -> Checked {
        let t = MapType::new(key, &alg::UINT64, heap).unwrap();
        // SAFETY: a descriptor just made.
        let h = unsafe { makemap_small(&t) };
        Checked {
            t,
            h,
            model: BTreeMap::new(),
        }
    }

    fn insert(&mut self, key: u64, value: u64) {
        // SAFETY: a map of numbers.
        unsafe { *mapassign(&self.t, self.h, (&raw const key).cast()).cast() = value };
        self.model.insert(key, value);
    }

    fn delete(&mut self, key: u64) {
        // SAFETY: a map of numbers.
        unsafe { mapdelete(&self.t, self.h, (&raw const key).cast()) };
        self.model.remove(&key);
    }

    fn clear(&mut self) {
        // SAFETY: a map of numbers.
        unsafe { mapclear(&self.t, self.h) };
        self.model.clear();
    }

    /// A step, of whose entry the model knows.
    fn next(&self, position: &mut Position) -> Option<u64> {
        // SAFETY: a map of numbers.
        unsafe { self.entry(position.next(&self.t, self.h)) }
    }

    fn next_after(&self, key: Option<u64>) -> Option<u64> {
        let key = key.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: a map of numbers.
        unsafe { self.entry(mapnext(&self.t, self.h, key.cast())) }
    }

    unsafe fn entry(&self, entry: Option<(*mut u8, *mut u8)>) -> Option<u64> {
        let (key, elem) = entry?;
        // SAFETY: an entry of a map of numbers.
        let (key, elem) = unsafe { (key.cast::<u64>().read(), elem.cast::<u64>().read()) };
        assert_eq!(self.model.get(&key), Some(&elem));
        Some(key)
    }
}

impl Drop for Checked {
    fn drop(&mut self) {
        // SAFETY: the map is not used again.
        unsafe { mapfree(&self.t, self.h) }
    }
}

/// A walk, and what it owes.
struct Walk {
    position: Position,
    /// Entries that were there from the start and were not visited.
    owed: BTreeSet<u64>,
    /// Entries visited since they were last inserted.
    seen: BTreeSet<u64>,
    twice: usize,
}

impl Walk {
    fn of(map: &Checked) -> Walk {
        Walk {
            position: Position::START,
            owed: map.model.keys().copied().collect(),
            seen: BTreeSet::new(),
            twice: 0,
        }
    }

    fn forget(&mut self, key: u64) {
        self.owed.remove(&key);
        self.seen.remove(&key);
    }

    /// Says whether there was an entry. At the end nothing may be owed.
    fn step(&mut self, map: &Checked) -> bool {
        match map.next(&mut self.position) {
            Some(key) => {
                self.owed.remove(&key);
                self.twice += !self.seen.insert(key) as usize;
                true
            }
            None => {
                assert!(self.owed.is_empty(), "not visited: {:?}", self.owed);
                assert_eq!(map.next(&mut self.position), None);
                false
            }
        }
    }
}

/// What may happen between two steps.
#[derive(Clone, Copy)]
struct Changes {
    insertions: bool,
    deletions: bool,
    clears: bool,
}

/// Walks again and again over a map that changes with every step. Returns how often an entry came
/// up twice.
fn walk_and_change(key: &'static Type, heap: &'static Heap, changes: Changes, seed: u64) -> usize {
    // A step takes as long as there are keys of one hash.
    let most_entries = if ptr::eq(key, &GOOD) { 1500 } else { 150 };
    let mut rng = Rng::new(seed);
    let mut twice = 0;
    let mut map = Checked::new(key, heap);
    let mut base = 0;
    for round in 0..30 {
        for _ in 0..rng.below(most_entries / 10) {
            base += 1;
            map.insert(base, rng.next());
        }
        let mut walk = Walk::of(&map);
        for _ in 0..10_000 {
            if rng.below(3) != 0 {
                if !walk.step(&map) {
                    break;
                }
            } else if changes.insertions && rng.below(3) != 0 && map.model.len() < most_entries {
                // In a burst, so that the map may grow more than once between two steps.
                let most = if rng.below(50) == 0 { 300 } else { 3 };
                for _ in 0..rng.below(most) {
                    base += 1;
                    map.insert(base, rng.next());
                }
            } else if changes.clears && rng.below(100) == 0 {
                map.clear();
                (walk.owed, walk.seen) = Default::default();
            } else if changes.deletions
                && let Some((&key, _)) = map.model.iter().nth(rng.below(40))
            {
                map.delete(key);
                walk.forget(key);
            }
        }
        twice += walk.twice;
        if round % 10 == 9 {
            map.clear();
        }
    }
    twice
}

const ALL: Changes = Changes {
    insertions: true,
    deletions: true,
    clears: true,
};

static HEAPS: [Heap; 3] = [
    system_heap(Era::Go112, Pages::Small),
    SYSTEM,
    system_heap(Era::Go123, Pages::Small),
];

#[test]
fn every_entry_is_visited_exactly_once_whatever_happens_to_the_map() {
    for heap in &HEAPS {
        for seed in 0..6 {
            assert_eq!(walk_and_change(&GOOD, heap, ALL, seed), 0);
        }
    }
}

/// Among keys of one hash: no entry is missed if there are only insertions, or only deletions,
/// between two steps.
#[test]
fn keys_of_one_hash_are_all_visited() {
    for key in [&CROWDED, &CONSTANT] {
        for (insertions, deletions) in [(true, false), (false, true)] {
            let changes = Changes {
                insertions,
                deletions,
                clears: false,
            };
            for seed in 0..2 {
                walk_and_change(key, &SYSTEM, changes, seed);
            }
        }
        let untouched = Changes {
            insertions: false,
            deletions: false,
            clears: true,
        };
        assert_eq!(walk_and_change(key, &SYSTEM, untouched, 1), 0);
    }
}

/// The loop that everybody writes: some of what comes up is deleted there and then.
#[test]
fn deleting_what_was_just_visited_changes_nothing_for_the_others() {
    for key in [&GOOD, &CROWDED, &CONSTANT] {
        let mut map = Checked::new(key, &SYSTEM);
        (0..300).for_each(|key| map.insert(key, key));
        let mut walk = Walk::of(&map);
        let mut visited = 0;
        let mut before = walk.seen.clone();
        while walk.step(&map) {
            visited += 1;
            let now = walk.seen.difference(&before).next().copied();
            before = walk.seen.clone();
            if let Some(key) = now
                && key % 3 != 0
            {
                map.delete(key);
            }
        }
        assert_eq!((visited, map.model.len()), (300, 100));
    }
}

#[test]
fn a_position_is_data() {
    let mut map = Checked::new(&GOOD, &SYSTEM);
    (0..100).for_each(|key| map.insert(key, key));
    let mut position = Position::default();
    assert_eq!(position, Position::START);
    assert_eq!(size_of::<Position>(), 16);
    (0..40).for_each(|_| assert!(map.next(&mut position).is_some()));
    // Two copies see the same.
    let mut copy = position;
    let rest =
        |position: &mut Position| std::iter::from_fn(|| map.next(position)).collect::<Vec<_>>();
    let first = rest(&mut position);
    assert_eq!(first, rest(&mut copy));
    assert_eq!((first.len(), position), (60, Position::END));
}

#[test]
fn a_map_without_entries_has_no_next() {
    let map = Checked::new(&GOOD, &SYSTEM);
    assert_eq!(map.next(&mut Position::START.clone()), None);
    assert_eq!(map.next_after(None), None);
    assert_eq!(map.next_after(Some(7)), None);
    let nil = |position: &mut Position| {
        // SAFETY: a null map is a map.
        unsafe { position.next(&map.t, ptr::null()).is_none() }
    };
    assert!(nil(&mut Position::START.clone()));
}

/// Keys that are equal to nothing are visited too, if the map does not change.
#[test]
fn nans_are_visited() {
    let t = MapType::new(&alg::FLOAT64, &alg::UINT64, &SYSTEM).unwrap();
    // SAFETY: a map of floats.
    unsafe {
        let h = makemap(&t, 0, ptr::null_mut());
        for i in 0..200u64 {
            let key = if i % 2 == 0 { f64::NAN } else { i as f64 };
            *mapassign(&t, h, (&raw const key).cast()).cast() = i;
        }
        let mut position = Position::START;
        let mut elems = BTreeSet::new();
        while let Some((_, elem)) = position.next(&t, h) {
            assert!(elems.insert(elem.cast::<u64>().read()));
        }
        assert!(elems.into_iter().eq(0..200));

        let mut named = 0;
        let mut key = ptr::null();
        while let Some((next, _)) = mapnext(&t, h, key) {
            assert!(!next.cast::<f64>().read().is_nan());
            named += 1;
            key = next.cast_const();
        }
        assert_eq!(named, 100);
        let nan = f64::NAN;
        assert!(mapnext(&t, h, (&raw const nan).cast()).is_none());
        mapfree(&t, h);
    }
}

/// Lua's loop, with assignments to entries that exist, deletions of what was visited, and, unlike
/// in Lua, insertions.
#[test]
fn next_key_visits_all() {
    for key in [&GOOD, &CROWDED, &CONSTANT] {
        let mut map = Checked::new(key, &SYSTEM);
        (0..200).for_each(|key| map.insert(key, key));
        let mut seen = BTreeSet::new();
        let mut at = None;
        while let Some(key) = map.next_after(at) {
            assert!(seen.insert(key), "{key} twice");
            map.insert(key, key + 1);
            at = Some(key);
        }
        assert!(seen.into_iter().eq(0..200));
    }
    let mut map = Checked::new(&GOOD, &SYSTEM);
    (0..200).for_each(|key| map.insert(key, key));
    let mut seen = BTreeSet::new();
    let mut at = None;
    while let Some(key) = map.next_after(at) {
        assert!(seen.insert(key));
        map.delete(key);
        if map.model.len() < 250 && key % 2 == 0 {
            map.insert(1000 + key, key);
        }
        at = Some(key);
    }
    assert!((0..200).all(|key| seen.contains(&key)));
}

/// With keys of one hash, deleting as one goes still comes to every entry.
#[test]
fn next_key_empties_a_map_of_one_hash() {
    let mut map = Checked::new(&CONSTANT, &SYSTEM);
    (0..50).for_each(|key| map.insert(key, key));
    let mut at = None;
    while let Some(key) = map.next_after(at) {
        map.delete(key);
        at = Some(key);
    }
    assert!(map.model.is_empty());
}
