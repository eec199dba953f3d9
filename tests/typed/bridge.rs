//! Maps lent and given to code that knows them by their descriptors.

use gomap::{Map, inspect, raw};

#[test]
fn a_lent_map_is_the_same_map() {
    let mut map: Map<String, u64> = (0..500).map(|i| (i.to_string(), i)).collect();
    {
        let mut lent = map.as_raw();
        let (t, h) = (lent.descriptor(), lent.header());
        // SAFETY: the rules of `into_raw`: keys and elems are Rust's.
        unsafe {
            inspect::check(t, h).unwrap();
            for i in 0..500u64 {
                let key = i.to_string();
                let (elem, found) = raw::mapaccess2(t, h, (&raw const key).cast());
                assert!(found);
                *elem.cast::<u64>() += 1;
            }
            for i in 500..2000u64 {
                let key = std::mem::ManuallyDrop::new(i.to_string());
                let assigned = raw::try_mapassign(t, h, (&raw const key).cast()).unwrap();
                assert!(!assigned.existed);
                assigned.elem.cast::<u64>().write(i + 1);
            }
            let key = "7".to_string();
            raw::mapdelete(t, h, (&raw const key).cast());
            inspect::check(t, h).unwrap();
        }
    }
    assert_eq!(map.len(), 1999);
    assert_eq!(map.get("7"), None);
    assert!(map.iter().all(|(k, v)| (v - 1).to_string() == *k));
    map.insert("7".into(), 8);
    assert_eq!(map.len(), 2000);
}

#[test]
fn a_map_given_away_comes_back() {
    let map: Map<String, Vec<u8>> = (0..100).map(|i| (i.to_string(), vec![i])).collect();
    let (t, h) = map.into_raw();
    // SAFETY: nothing was done to it.
    let map: Map<String, Vec<u8>> = unsafe {
        assert_eq!((*h).count, 100);
        Map::from_raw(t, h)
    };
    assert!((0..100).all(|i| map[&i.to_string()] == [i]));
}

#[test]
fn a_map_given_away_can_be_freed_there() {
    let map: Map<String, [String; 9]> = (0..100)
        .map(|i| (i.to_string(), std::array::from_fn(|_| i.to_string())))
        .collect();
    let (t, h) = map.into_raw();
    // SAFETY: neither is used again.
    unsafe {
        raw::mapfree(t, h);
        Map::<String, [String; 9]>::free_descriptor(t);
    }
}

#[test]
#[should_panic(expected = "another type of map")]
fn a_descriptor_of_other_types_is_refused() {
    let mut map: Map<u64, u8> = Map::new();
    let mut lent = map.as_raw();
    let (t, h) = (lent.descriptor(), lent.header());
    // SAFETY: it panics before it takes anything.
    drop(unsafe { Map::<u64, u64>::from_raw(t, h) });
}

#[test]
#[should_panic(expected = "a cursor is on a walk")]
fn a_map_with_a_cursor_is_not_lent() {
    let mut map = Map::from([(1, 1)]);
    let _cursor = map.walk();
    map.as_raw();
}

#[test]
fn new_elems_of_a_lent_map_are_zero() {
    let mut map: Map<u64, u64> = (0..100).map(|i| (i, !0)).collect();
    map.clear();
    map.extend((0..50).map(|i| (i, !i)));
    map.retain(|i, _| i % 3 != 0);
    {
        let mut lent = map.as_raw();
        let (t, h) = (lent.descriptor(), lent.header());
        // SAFETY: the rules of `into_raw`: keys and elems are Rust's.
        unsafe {
            for key in 100..1000u64 {
                let elem = if key % 2 == 0 {
                    raw::mapassign(t, h, (&raw const key).cast())
                } else {
                    raw::mapassign_fast64(t, h, key)
                };
                *elem.cast::<u64>() += key;
            }
        }
    }
    assert!((100..1000).all(|key| map[&key] == key));
}
