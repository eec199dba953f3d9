//! Maps whose arrays are populated and given back page by page. `tests/pages/run` repeats these
//! tests under a model of kernels with pages of other sizes.
#![cfg(all(target_os = "linux", feature = "std"))]

use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use gomap::Map;
use gomap::heap::{Pages, SYSTEM, system_heap};
use gomap::inspect::check;
use gomap::layout::{Hiter, Hmap};
use gomap::maptype::{Era, Heap, MapType, alg};
use gomap::raw::*;
use gomap::typed::{DefaultHashBuilder, Memory, SmallPages, SystemHeap};

/// So many that the largest arrays are asked huge pages for.
const ENTRIES: u64 = 400_000;
/// Between these many changes all entries are looked up.
const ROUND: u64 = 25_000;

/// A count of the model of other pages, where that is loaded (`model.c`).
fn model(name: &CStr) -> Option<usize> {
    unsafe extern "C" {
        fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    }
    // SAFETY: the default handle; a symbol of the model is a word that its threads add to.
    let count = unsafe {
        dlsym(ptr::null_mut(), name.as_ptr())
            .cast::<AtomicUsize>()
            .as_ref()
    };
    assert_eq!(
        count.is_some(),
        std::env::var_os("PAGE_MODEL").is_some(),
        "the model is loaded where it is asked for"
    );
    Some(count?.load(Relaxed))
}

/// Under the model of other pages, some were given back, and none in part.
fn only_whole_pages_were_given_back() {
    if let Some(released) = model(c"page_model_released") {
        assert!(released > 4 << 20, "{released}");
        assert_eq!(model(c"page_model_mistakes"), Some(0));
    }
}

fn typed_maps_lose_nothing<A: Memory + Clone + Default>() {
    let mut map: Map<u64, u64, DefaultHashBuilder, A> = Map::default();
    for key in 0..ENTRIES {
        map.insert(key, !key);
        if key % ROUND == 0 {
            assert!((0..=key).all(|key| map.get(&key) == Some(&!key)));
            assert_eq!(map.iter().count(), map.iter().map(|_| 1).sum());
        }
    }
    map.retain(|key, _| key % 2 == 0);
    assert_eq!(map.len() as u64, ENTRIES / 2);
    let copy = map.clone();
    assert!(map == copy && copy.iter().all(|(key, value)| *value == !key));
    for key in ENTRIES..2 * ENTRIES {
        map.insert(key, !key);
    }
    assert_eq!(
        map.drain().filter(|(key, value)| *value == !key).count() as u64,
        ENTRIES * 3 / 2
    );
    only_whole_pages_were_given_back();
}

#[test]
fn typed_maps_on_huge_pages() {
    typed_maps_lose_nothing::<SystemHeap>();
}

#[test]
fn typed_maps_on_small_pages() {
    typed_maps_lose_nothing::<SmallPages>();
}

#[test]
fn boxed_entries() {
    let mut map: Map<String, [u64; 40]> = Map::new();
    for n in 0..100_000 {
        map.insert(n.to_string(), [n; 40]);
    }
    assert!((0..100_000).all(|n| map[&n.to_string()] == [n; 40]));
    map.retain(|_, value| value[0] % 3 == 0);
    assert_eq!(
        map.into_values().map(|value| value[39]).sum::<u64>(),
        3 * (0..33_334).sum::<u64>()
    );
    only_whole_pages_were_given_back();
}

/// # Safety
/// `h` is a map of `t`, of words.
unsafe fn entries(t: &MapType, h: *mut Hmap) -> u64 {
    let (mut each, mut stepped) = (0, 0);
    // SAFETY: nothing else uses the map (caller).
    unsafe {
        for_each(t, h, |key, elem| {
            each += u64::from(*key.cast::<u64>() == !*elem.cast::<u64>());
        });
        let mut it = Hiter::zeroed();
        mapiterinit(t, h, &mut it);
        while !it.key.is_null() {
            stepped += 1;
            mapiternext(&mut it);
        }
    }
    assert_eq!(each, stepped);
    each
}

fn raw_maps_lose_nothing(heap: &Heap) {
    let t = MapType::new(&alg::UINT64, &alg::UINT64, heap).unwrap();
    let key = |id: &u64| ptr::from_ref(id).cast();
    // SAFETY: keys and elems are words; the map is this test's own.
    unsafe {
        let h = makemap_small(&t);
        for id in 0..ENTRIES {
            mapassign(&t, h, key(&id)).cast::<u64>().write(!id);
            if id % ROUND == 0 {
                assert_eq!(check(&t, h), Ok(()));
                assert_eq!(entries(&t, h), id + 1);
            }
        }
        assert!((0..ENTRIES).all(|id| mapaccess1(&t, h, key(&id)).cast::<u64>().read() == !id));
        let copy = mapclone(&t, h);
        assert_eq!(entries(&t, copy), ENTRIES);
        for id in 0..ENTRIES {
            mapdelete(&t, h, key(&id));
        }
        assert_eq!(((*h).count, check(&t, h)), (0, Ok(())));
        mapclear(&t, copy);
        mapfree(&t, copy);
        mapfree(&t, h);
    }
    only_whole_pages_were_given_back();
}

#[test]
fn raw_maps_on_huge_pages() {
    raw_maps_lose_nothing(&SYSTEM);
}

#[test]
fn raw_maps_on_small_pages() {
    for era in [Era::Go112, Era::Go119, Era::Go123] {
        raw_maps_lose_nothing(&system_heap(era, Pages::Small));
    }
}
