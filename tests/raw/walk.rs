//! `for_each` shows every entry once, at any time of a map's life.

use std::collections::HashMap;
use std::ptr;

use gomap::heap::SYSTEM;
use gomap::raw::*;
use maptype::alg::{GoString, INT64, STRING, memory};
use maptype::{MapType, Type};

/// Fills a map with so many keys, deletes some, and compares what is shown with a model after each
/// change.
fn every_entry_is_shown_once<K: Copy + Eq + std::hash::Hash>(ty: &Type, keys: &[K]) {
    let t = MapType::new(ty, &INT64, &SYSTEM).unwrap();
    // SAFETY: a map of this descriptor, keys and elems of its types.
    unsafe {
        let h = makemap_small(&t);
        let mut model = HashMap::new();
        let shown = || {
            let mut shown = Vec::new();
            for_each(&t, h, |key, elem| {
                shown.push((*key.cast::<K>(), *elem.cast::<i64>()));
            });
            let len = shown.len();
            let shown: HashMap<K, i64> = shown.into_iter().collect();
            assert_eq!(shown.len(), len, "no key comes twice");
            shown
        };
        let mut growing = 0;
        for (i, key) in keys.iter().enumerate() {
            *mapassign(&t, h, ptr::from_ref(key).cast()).cast::<i64>() = i as i64;
            model.insert(*key, i as i64);
            if i % 5 == 4 {
                mapdelete(&t, h, ptr::from_ref(&keys[i / 2]).cast());
                model.remove(&keys[i / 2]);
            }
            growing += usize::from(!(*h).oldbuckets.is_null());
            assert!(shown() == model, "after {i} keys");
        }
        assert!(growing > 100, "some walks met a growth");
        mapfree(&t, h);
    }
}

#[test]
fn plain_keys_are_shown_once() {
    let keys: Vec<i64> = (0..1500).map(|i| i * 7919).collect();
    every_entry_is_shown_once(&INT64, &keys);
}

/// Buckets with pointers have no list of overflow buckets.
#[test]
fn keys_with_pointers_are_shown_once() {
    let texts: Vec<String> = (0..1500).map(|i| format!("key {i}")).collect();
    let keys: Vec<Text> = texts
        .iter()
        .map(|text| Text(GoString::new(text.as_bytes())))
        .collect();
    every_entry_is_shown_once(&STRING, &keys);
}

/// Slots of any size, and those that hold a pointer to their key.
#[test]
fn keys_of_odd_sizes_are_shown_once() {
    fn check<const N: usize>() {
        let keys: Vec<[u8; N]> = (0..1500_u32)
            .map(|i| {
                std::array::from_fn(|byte| {
                    if byte < 2 {
                        (i >> (8 * byte)) as u8
                    } else {
                        byte as u8
                    }
                })
            })
            .collect();
        every_entry_is_shown_once(&memory("key", N, 1), &keys);
    }
    check::<2>();
    check::<3>();
    check::<29>();
    check::<128>();
    check::<129>();
}

#[derive(Clone, Copy)]
#[repr(transparent)]
struct Text(GoString);

impl Text {
    fn bytes(&self) -> &[u8] {
        // SAFETY: the texts outlive the test's maps.
        unsafe { self.0.as_bytes() }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Text {}

impl std::hash::Hash for Text {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bytes().hash(state);
    }
}

#[test]
fn a_map_without_entries_shows_none() {
    let t = MapType::new(&INT64, &INT64, &SYSTEM).unwrap();
    // SAFETY: null is a map, and so is one that was just made.
    unsafe {
        for_each(&t, ptr::null(), |_, _| unreachable!());
        let h = makemap_small(&t);
        for_each(&t, h, |_, _| unreachable!());
        mapfree(&t, h);
    }
}
