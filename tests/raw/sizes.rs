//! Keys of plain memory of every size that is stored inline, and of one that is not.

use gomap::heap::SYSTEM;
use gomap::inspect::check;
use gomap::raw::*;
use maptype::MapType;
use maptype::alg::{INT64, memory};

/// Keys that differ in one byte, wherever it is, are different keys; equal ones are found at any address.
#[test]
fn every_byte_of_a_key_tells_it_apart() {
    for size in 1..=130 {
        let key_type = memory("key", size, 1);
        let t = MapType::new(&key_type, &INT64, &SYSTEM).unwrap();
        let key = |changed: usize| {
            let mut key: Vec<u8> = (0..size).map(|i| (i as u8).wrapping_mul(37)).collect();
            if changed < size {
                key[changed] ^= 0x80;
            }
            key
        };
        // SAFETY: a map of this descriptor; keys and elems of its types.
        unsafe {
            let h = makemap_small(&t);
            for changed in 0..=size {
                *mapassign(&t, h, key(changed).as_ptr()).cast::<i64>() = changed as i64;
            }
            check(&t, h).unwrap();
            assert_eq!((*h).count, size as isize + 1);
            for changed in 0..=size {
                let (elem, found) = mapaccess2(&t, h, key(changed).as_ptr());
                assert!(
                    found && *elem.cast::<i64>() == changed as i64,
                    "{size} {changed}"
                );
            }
            for changed in (0..=size).step_by(2) {
                mapdelete(&t, h, key(changed).as_ptr());
            }
            for changed in 0..=size {
                let found = mapaccess2(&t, h, key(changed).as_ptr()).1;
                assert_eq!(found, changed % 2 == 1, "{size} {changed}");
            }
            mapfree(&t, h);
        }
    }
}
