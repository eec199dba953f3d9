//! Batches do what single calls do.

use std::ptr;

use gomap::heap::SYSTEM;
use gomap::inspect::check;
use gomap::raw::*;
use maptype::MapType;
use maptype::alg::{INT64, UINT32, memory};

/// A batch of every length around the block size, into maps of every state, agrees with one call after another.
#[test]
fn a_batch_is_as_good_as_its_calls() {
    let t = MapType::new(&INT64, &INT64, &SYSTEM).unwrap();
    for n in [0, 1, 2, 63, 64, 65, 128, 1000, 5000] {
        let keys: Vec<i64> = (0..n).map(|i| i * i % 1777).collect();
        let elems: Vec<i64> = (0..n).collect();
        // SAFETY: maps of this descriptor, keys and elems of its types, as many as told.
        unsafe {
            let (many, single) = (makemap_small(&t), makemap_small(&t));
            let stored = mapassign_many(
                &t,
                many,
                keys.as_ptr().cast(),
                keys.len(),
                elems.as_ptr().cast(),
            );
            assert_eq!(stored, Ok(()));
            for (key, elem) in keys.iter().zip(&elems) {
                *mapassign(&t, single, ptr::from_ref(key).cast()).cast::<i64>() = *elem;
            }
            check(&t, many).unwrap();
            assert_eq!((*many).count, (*single).count);

            let wanted: Vec<i64> = (0..2000).collect();
            let mut found = vec![ptr::null_mut(); wanted.len()];
            mapaccess_many(
                &t,
                many,
                wanted.as_ptr().cast(),
                wanted.len(),
                found.as_mut_ptr(),
            );
            for (key, found) in wanted.iter().zip(found) {
                let (elem, present) = mapaccess2(&t, single, ptr::from_ref(key).cast());
                assert_eq!(found.is_null(), !present);
                if present {
                    assert_eq!(*found.cast::<i64>(), *elem.cast::<i64>());
                }
            }
            mapfree(&t, many);
            mapfree(&t, single);
        }
    }
}

#[test]
fn a_batch_of_boxed_values_is_stored_behind_pointers() {
    let wide = memory("[160]byte", 160, 8);
    let t = MapType::new(&UINT32, &wide, &SYSTEM).unwrap();
    let keys: Vec<u32> = (0..300).collect();
    let elems: Vec<[u64; 20]> = (0..300).map(|i| [i; 20]).collect();
    // SAFETY: maps of this descriptor, keys and elems of its types, as many as told.
    unsafe {
        let h = makemap_small(&t);
        mapassign_many(&t, h, keys.as_ptr().cast(), 300, elems.as_ptr().cast()).unwrap();
        let mut found = vec![ptr::null_mut(); 300];
        mapaccess_many(&t, h, keys.as_ptr().cast(), 300, found.as_mut_ptr());
        for (elem, found) in elems.iter().zip(found) {
            assert_eq!(*found.cast::<[u64; 20]>(), *elem);
        }
        mapfree(&t, h);
    }
}

#[test]
#[should_panic(expected = "assignment to entry in nil map")]
fn a_batch_into_a_nil_map_panics() {
    let t = MapType::new(&INT64, &INT64, &SYSTEM).unwrap();
    let key = 1i64;
    let key = ptr::from_ref(&key).cast();
    // SAFETY: a nil map, and one key and elem.
    let _ = unsafe { mapassign_many(&t, ptr::null_mut(), key, 1, key) };
}

#[test]
fn a_batch_from_an_empty_map_finds_nothing() {
    let t = MapType::new(&INT64, &INT64, &SYSTEM).unwrap();
    let keys = [1i64, 2, 3];
    let mut found = [ptr::dangling_mut(); 3];
    // SAFETY: a nil map, three keys and room for three elems.
    unsafe { mapaccess_many(&t, ptr::null(), keys.as_ptr().cast(), 3, found.as_mut_ptr()) };
    assert!(found.iter().all(|elem| elem.is_null()));
}
