//! Batches do what single calls do.

use std::ptr;

use gomap::heap::SYSTEM;
use gomap::inspect::check;
use gomap::raw::*;
use maptype::alg::{GoString, INT64, STRING, UINT32, memory};
use maptype::{MapType, Type};

/// A batch of any length, into maps of every state, agrees with one call after another.
#[test]
fn a_batch_is_as_good_as_its_calls() {
    let t = MapType::new(&INT64, &INT64, &SYSTEM).unwrap();
    for n in [0, 1, 7, 8, 9, 31, 32, 33, 100, 1000, 5000] {
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

/// Lookups of keys that are in buckets, of which the last group is not a full one, while the map
/// grows and after.
#[test]
fn a_batch_finds_keys_that_lie_in_buckets() {
    let keys: Vec<i64> = (0..1999).map(|i| i << 20).collect();
    agree_in_every_state(&INT64, &keys);
}

/// Lookups of strings, whose bytes are elsewhere, and of keys that are stored behind pointers,
/// while the map grows and after.
#[test]
fn a_batch_finds_keys_that_lead_elsewhere() {
    let texts: Vec<String> = (0..2000).map(|i| format!("{:*>1$}", i, i % 40)).collect();
    let strings: Vec<GoString> = texts
        .iter()
        .map(|text| GoString::new(text.as_bytes()))
        .collect();
    agree_in_every_state(&STRING, &strings);
    let boxed: Vec<[u64; 20]> = (0..2000)
        .map(|i| [i % 3, 0, i].repeat(7)[..20].try_into().unwrap())
        .collect();
    agree_in_every_state(&memory("[160]byte", 160, 8), &boxed);
}

/// Inserts keys in batches, and looks all of them up after each, so that some are in old buckets
/// now and then.
fn agree_in_every_state<K>(key_type: &Type, keys: &[K]) {
    let t = MapType::new(key_type, key_type, &SYSTEM).unwrap();
    let mut found = vec![ptr::null_mut(); keys.len()];
    let mut growing = 0;
    // SAFETY: a map of this descriptor; keys, which serve as elems, of its types, as many as told.
    unsafe {
        let h = makemap_small(&t);
        for batch in keys.chunks(37) {
            let first = batch.as_ptr().cast();
            assert_eq!(mapassign_many(&t, h, first, batch.len(), first), Ok(()));
            growing += usize::from(!(*h).oldbuckets.is_null());
            mapaccess_many(&t, h, keys.as_ptr().cast(), keys.len(), found.as_mut_ptr());
            for (key, &found) in keys.iter().zip(&found) {
                let (elem, present) = mapaccess2(&t, h, ptr::from_ref(key).cast());
                assert_eq!(found, if present { elem } else { ptr::null_mut() });
            }
        }
        assert_eq!((*h).count as usize, keys.len());
        check(&t, h).unwrap();
        mapfree(&t, h);
    }
    assert!(
        growing > 3,
        "seen in the middle of a growth {growing} times"
    );
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
