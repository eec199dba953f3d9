//! Keys of every size: plain memory that is stored inline and behind a pointer, and strings.

use gomap::heap::SYSTEM;
use gomap::inspect::check;
use gomap::raw::*;
use maptype::MapType;
use maptype::alg::{GoString, INT64, STRING, memory};

/// Keys that differ in one byte, wherever it is, are different keys; equal ones are found at any
/// address.
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

#[test]
fn every_byte_of_a_string_tells_it_apart() {
    let t = MapType::new(&STRING, &INT64, &SYSTEM).unwrap();
    let text = |len: usize, changed: usize| {
        let mut text = vec![b'a'; len];
        if changed < len {
            text[changed] = b'b';
        }
        text
    };
    for len in 1..=70 {
        let stored: Vec<_> = (0..=len).map(|changed| text(len, changed)).collect();
        // SAFETY: a map of this descriptor; the bytes of its keys outlive it.
        unsafe {
            let h = makemap_small(&t);
            for (i, text) in stored.iter().enumerate() {
                *mapassign_faststr(&t, h, GoString::new(text)).cast::<i64>() = i as i64;
            }
            assert_eq!((*h).count, len as isize + 1);
            for i in 0..=len {
                let other = text(len, i);
                let (elem, found) = mapaccess2_faststr(&t, h, GoString::new(&other));
                assert!(found && *elem.cast::<i64>() == i as i64, "{len} {i}");
                let longer = text(len + 1, i);
                assert!(!mapaccess2_faststr(&t, h, GoString::new(&longer)).1);
            }
            mapfree(&t, h);
        }
    }
}
