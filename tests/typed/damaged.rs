//! Maps that something else has written over: rows of tophashes that are zeroes, a count that is
//! wrong. What such a map holds is lost; but every walk through it ends.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use gomap::Map;
use gomap::inspect::check;
use gomap::layout::{Hiter, Hmap, evacuatedEmpty, evacuatedX};
use gomap::maptype::MapType;
use gomap::position::Position;
use gomap::raw::{for_each, mapclear, mapclone, mapfree, mapiterinit, mapiternext};

/// With glue that does nothing: an entry that is never dropped is no leak.
#[derive(Clone, PartialEq)]
struct Value(u64);

impl Drop for Value {
    fn drop(&mut self) {
        std::hint::black_box(self.0);
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Value(value)
    }
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    CountTooHigh,
    CountTooLow,
    RowsOfZeroes,
}

/// The first byte of a bucket whose entries were moved.
const EVACUATED: std::ops::RangeInclusive<u8> = evacuatedX..=evacuatedEmpty;

/// A map that is growing, or at rest, and then damaged.
fn damaged<V: From<u64>>(growing: bool, damage: Damage) -> Map<u64, V> {
    let mut map = Map::new();
    let mut key = 0;
    while key < 3000 || is_growing(&mut map) != growing {
        map.insert(key, V::from(key));
        key += 1;
    }
    let mut lent = map.as_raw();
    // SAFETY: a header and an array of buckets; a row of zeroes is one of empty cells.
    unsafe {
        let (t, h) = (&*lent.descriptor(), lent.header());
        match damage {
            Damage::CountTooHigh => (*h).count += 1000,
            Damage::CountTooLow => (*h).count -= 1000,
            Damage::RowsOfZeroes => {
                let old = growing.then(|| ((*h).oldbuckets, (*h).B - 1));
                for (array, b) in [((*h).buckets, (*h).B)].into_iter().chain(old) {
                    for index in (0..1 << b).step_by(2) {
                        let bucket: *mut u64 = array.byte_add(index * t.bucketsize as usize).cast();
                        // Of an old bucket that was evacuated, the rest of its chain would give
                        // the damage away: the map would throw "bad map state".
                        if !EVACUATED.contains(&bucket.cast::<u8>().read()) {
                            bucket.write(0);
                        }
                    }
                }
            }
        }
    }
    drop(lent);
    map
}

fn is_growing<V>(map: &mut Map<u64, V>) -> bool {
    // SAFETY: the header of a map.
    unsafe { !(*map.as_raw().header()).oldbuckets.is_null() }
}

/// Calls a raw function on a map.
fn raw<V>(mut map: Map<u64, V>, f: impl FnOnce(&MapType, *mut Hmap)) {
    let mut lent = map.as_raw();
    // SAFETY: a descriptor that lives as long as the map is lent.
    f(unsafe { &*lent.descriptor() }, lent.header());
}

/// A walk through a map that is its own.
type Walk<V> = fn(Map<u64, V>);

const WALKS: &[(&str, Walk<Value>)] = &[
    ("drop", |map| drop(map)),
    ("clear", |mut map| map.clear()),
    ("iter", |map| for _ in map.iter() {}),
    ("iter().for_each", |map| map.iter().for_each(|_| ())),
    ("iter_mut", |mut map| for _ in &mut map {}),
    ("retain", |mut map| map.retain(|key, _| key % 2 == 0)),
    ("extract_if", |mut map| {
        map.extract_if(|_, _| true).for_each(drop);
    }),
    ("drain", |mut map| for _ in map.drain() {}),
    ("drain that is dropped", |mut map| drop(map.drain())),
    ("into_iter", |map| for _ in map {}),
    ("into_iter that is dropped", |map| drop(map.into_iter())),
    ("clone", |map| drop(map.clone())),
    ("==", |map| assert!(map.eq(&map))),
    ("walk", |mut map| {
        let mut cursor = map.walk();
        while cursor.next(&mut map).is_some() {}
    }),
    ("next_entry", |map| {
        let mut position = Position::START;
        while map.next_entry(&mut position).is_some() {}
    }),
    #[cfg(feature = "rayon")]
    ("par_iter", |map| {
        use ::rayon::iter::{IntoParallelIterator, ParallelIterator};
        map.into_par_iter().for_each(drop);
    }),
    ("reserve", |mut map| map.reserve(100_000)),
    ("shrink_to_fit", |mut map| map.shrink_to_fit()),
    ("insert", |mut map| {
        for key in 10_000..30_000 {
            map.insert(key, Value(key));
        }
    }),
    ("remove", |mut map| {
        for key in 0..10_000 {
            map.remove(&key);
        }
    }),
    ("for_each", |map| {
        // SAFETY: nothing else uses the map.
        raw(map, |t, h| unsafe { for_each(t, h, |_, _| ()) })
    }),
    ("mapiternext", |map| {
        // SAFETY: the iteration ends while the map is lent.
        raw(map, |t, h| unsafe {
            let mut it = Hiter::zeroed();
            mapiterinit(t, h, &mut it);
            while !it.key.is_null() {
                mapiternext(&mut it);
            }
        })
    }),
    ("check", |map| {
        // SAFETY: nothing else uses the map.
        raw(map, |t, h| unsafe { assert!(check(t, h).is_err()) })
    }),
];

/// Walks through maps without glue.
const PLAIN_WALKS: &[(&str, Walk<u64>)] = &[
    ("mapclone", |map| {
        // SAFETY: nothing else uses the map, nor its copy.
        raw(map, |t, h| unsafe { mapfree(t, mapclone(t, h)) })
    }),
    ("mapclear in an iteration", |map| {
        // SAFETY: the iteration ends while the map is lent.
        raw(map, |t, h| unsafe {
            let mut it = Hiter::zeroed();
            mapiterinit(t, h, &mut it);
            mapclear(t, h);
            while !it.key.is_null() {
                mapiternext(&mut it);
            }
        })
    }),
];

fn end<V: From<u64> + Send + 'static>(walks: &[(&str, Walk<V>)]) {
    for growing in [false, true] {
        for damage in [
            Damage::CountTooHigh,
            Damage::CountTooLow,
            Damage::RowsOfZeroes,
        ] {
            for &(name, walk) in walks {
                let map = damaged(growing, damage);
                let (ended, end) = channel();
                let walk = thread::spawn(move || {
                    walk(map);
                    _ = ended.send(());
                });
                // A walk that unwinds ends too.
                let waited = end.recv_timeout(Duration::from_secs(60));
                let timely = waited != Err(RecvTimeoutError::Timeout);
                assert!(timely, "{name} (growing: {growing}, {damage:?}) never ends");
                assert!(
                    walk.join().is_ok(),
                    "{name} (growing: {growing}, {damage:?}) panics"
                );
            }
        }
    }
}

#[test]
fn every_walk_ends() {
    end(WALKS);
    end(PLAIN_WALKS);
}
