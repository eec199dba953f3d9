//! The same for typed maps: their readers share the map, and a cursor ends while others read.

use std::sync::Barrier;
use std::thread;

use gomap::{Map, typed::Cursor};

use super::pairs::pairs;

type Words = Map<u64, u64>;

type Read = fn(&Words, Cursor<u64, u64>);

const READS: &[Read] = &[
    |map, _cursor| assert!((0..LEN).all(|id| map.get(&id) == Some(&!id))),
    |map, _cursor| assert_eq!(map.get_many(&[0, 1, LEN]).flatten().count(), 2),
    |map, _cursor| assert!(map.iter().all(|(id, elem)| *elem == !id)),
    |map, _cursor| assert!(&map.clone() == map),
    |_, cursor| drop(cursor),
];

const LEN: u64 = 105;

/// A map in the middle of a growth, and cursors that began on its old array.
fn growing() -> (Words, [Cursor<u64, u64>; 2]) {
    let mut map: Words = (0..50).map(|id| (id, !id)).collect();
    let cursors = [map.walk(), map.walk()];
    map.extend((50..LEN).map(|id| (id, !id)));
    (map, cursors)
}

#[test]
fn readers_of_typed_maps() {
    for reads in pairs(READS) {
        let (map, cursors) = growing();
        let (map, start) = (&map, &Barrier::new(2));
        thread::scope(|scope| {
            let mut readers = Vec::new();
            for (read, cursor) in reads.into_iter().zip(cursors) {
                readers.push(scope.spawn(move || {
                    start.wait();
                    read(map, cursor);
                }));
            }
            for reader in readers {
                reader.join().expect("a reader that is left in peace");
            }
        });
    }
}
