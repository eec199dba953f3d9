//! How much memory a map takes, and that it gives all of it back.

use std::collections::HashMap;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use gomap::heap::SYSTEM;
use gomap::inspect::check;
use gomap::layout::{Hiter, Hmap};
use gomap::raw::*;
use maptype::{Heap, MapType, Type, alg};

use crate::common::keys::mix;

/// The system heap, counted: what is allocated, and at most was; blocks, and pages given back
/// early.
#[derive(Default)]
struct Counts {
    bytes: AtomicUsize,
    most: AtomicUsize,
    blocks: AtomicUsize,
    released: AtomicUsize,
}

impl Counts {
    fn heap(&self) -> Heap {
        Heap {
            context: ptr::from_ref(self).cast_mut().cast(),
            allocate,
            free: Some(free),
            release: SYSTEM.release.map(|_| release as _),
            ..SYSTEM
        }
    }

    unsafe fn of<'a>(heap: *const Heap) -> &'a Counts {
        // SAFETY: the heap was made by `Counts::heap`.
        unsafe { &*(*heap).context.cast() }
    }

    fn are_balanced(&self) -> bool {
        self.bytes.load(Relaxed) == 0 && self.blocks.load(Relaxed) == 0
    }
}

unsafe extern "C-unwind" fn allocate(
    heap: *const Heap,
    size: usize,
    align: usize,
    ty: *const Type,
) -> *mut u8 {
    // SAFETY: the contract of the hook.
    unsafe {
        let counts = Counts::of(heap);
        let bytes = counts.bytes.fetch_add(size, Relaxed) + size;
        counts.most.fetch_max(bytes, Relaxed);
        counts.blocks.fetch_add(1, Relaxed);
        (SYSTEM.allocate)(heap, size, align, ty)
    }
}

unsafe extern "C" fn free(heap: *const Heap, memory: *mut u8, size: usize, align: usize) {
    // SAFETY: the contract of the hook.
    unsafe {
        let counts = Counts::of(heap);
        counts.bytes.fetch_sub(size, Relaxed);
        counts.blocks.fetch_sub(1, Relaxed);
        if let Some(free) = SYSTEM.free {
            free(heap, memory, size, align);
        }
    }
}

unsafe extern "C" fn release(heap: *const Heap, memory: *mut u8, size: usize) {
    // SAFETY: the contract of the hook.
    unsafe {
        Counts::of(heap).released.fetch_add(size, Relaxed);
        if let Some(release) = SYSTEM.release {
            release(heap, memory, size);
        }
    }
}

fn key(id: &u64) -> *const u8 {
    ptr::from_ref(id).cast()
}

/// A window of a million entries moves over ten million keys.
#[test]
fn ten_million_inserts_and_deletes() {
    const KEYS: u64 = 10_000_000;
    const WINDOW: u64 = 1_000_000;
    let counts = Counts::default();
    let heap = counts.heap();
    let t = MapType::new(&alg::UINT64, &alg::UINT64, &heap).unwrap();
    // SAFETY: keys and elems are words; the map is this test's own.
    unsafe {
        let h = makemap_small(&t);
        for id in 0..KEYS {
            mapassign(&t, h, key(&id)).cast::<u64>().write(!id);
            if let Some(oldest) = id.checked_sub(WINDOW) {
                assert_eq!(try_mapdelete(&t, h, key(&oldest)), Ok(true));
            }
        }
        assert_eq!((*h).count as u64, WINDOW);
        assert_eq!(check(&t, h), Ok(()));
        for id in KEYS - WINDOW..KEYS {
            assert_eq!(mapaccess1(&t, h, key(&id)).cast::<u64>().read(), !id);
            mapdelete(&t, h, key(&id));
        }
        assert_eq!((*h).count, 0);
        mapfree(&t, h);
    }
    let most = counts.most.load(Relaxed);
    println!("{most} bytes at most for {WINDOW} entries of 16 bytes");
    assert!(most < WINDOW as usize * 16 * 8, "{most} bytes are too many");
    assert!(counts.are_balanced());
}

/// # Safety
/// `h` is a map of `t`.
unsafe fn clone_and_clear(t: &MapType, h: *mut Hmap) {
    // SAFETY: a map of `t`, and its clone.
    unsafe {
        let clone = mapclone(t, h);
        assert_eq!(check(t, clone), Ok(()));
        mapclear(t, clone);
        assert_eq!(check(t, clone), Ok(()));
        mapfree(t, clone);
    }
}

/// Steps an iterator, which shows an entry of the model.
///
/// # Safety
/// `it` is on a map from words to words.
unsafe fn step_beside(it: &mut Hiter, model: &HashMap<u64, u64>) {
    // SAFETY: keys and elems are words.
    unsafe {
        mapiternext(it);
        if !it.key.is_null() {
            let (key, elem) = (it.key.cast::<u64>().read(), it.elem.cast::<u64>().read());
            assert_eq!(model.get(&key), Some(&elem));
        }
    }
}

/// Growth of arrays that the heap gives back page by page, with iterators that come and go, against
/// a model.
#[test]
fn large_arrays_come_and_go_by_the_page() {
    let counts = Counts::default();
    let heap = counts.heap();
    let t = MapType::new(&alg::UINT64, &alg::UINT64, &heap).unwrap();
    let mut model = HashMap::new();
    let mut its: Vec<Box<Hiter>> = Vec::new();
    // SAFETY: keys and elems are words; the map is this test's own.
    unsafe {
        let h = makemap_small(&t);
        for step in 0..600_000u64 {
            let id = mix(step) % 400_000;
            mapassign(&t, h, key(&id)).cast::<u64>().write(step);
            model.insert(id, step);
            if step % 3 == 0 {
                let id = mix(step / 2) % 400_000;
                assert_eq!(
                    try_mapdelete(&t, h, key(&id)),
                    Ok(model.remove(&id).is_some())
                );
            }
            // Stretches with iterators, and stretches without: only these give pages back early.
            if step % 100_000 > 90_000 && its.len() < 3 {
                let mut it = Box::new(Hiter::zeroed());
                mapiterinit(&t, h, &mut *it);
                its.push(it);
            }
            its.iter_mut().for_each(|it| step_beside(it, &model));
            if step % 100_000 == 20_000 {
                its.drain(..).for_each(|mut it| mapiterdone(&mut *it));
            }
            if step % 40_000 == 0 || step == 350_003 {
                assert_eq!(check(&t, h), Ok(()));
                assert_eq!((*h).count as usize, model.len());
            }
        }
        for (id, elem) in &model {
            assert_eq!(mapaccess1(&t, h, key(id)).cast::<u64>().read(), *elem);
        }
        clone_and_clear(&t, h);
        mapfree(&t, h);
        its.drain(..).for_each(|mut it| mapiterdone(&mut *it));
    }
    if SYSTEM.release.is_some() {
        assert_ne!(
            counts.released.load(Relaxed),
            0,
            "no page was given back early"
        );
    }
    assert!(counts.are_balanced());
}

/// An iterator that is never ended costs memory until its map is freed; then no more than the
/// header, until it is stepped or ended after all.
#[test]
fn an_abandoned_iterator_costs_memory_only() {
    let counts = Counts::default();
    let heap = counts.heap();
    let t = MapType::new(&alg::UINT64, &alg::UINT64, &heap).unwrap();
    // SAFETY: keys and elems are words; the map is this test's own.
    unsafe {
        let h = makemap_small(&t);
        mapassign(&t, h, key(&0));
        let mut it = Hiter::zeroed();
        mapiterinit(&t, h, &mut it);
        for id in 0..100_000 {
            mapassign(&t, h, key(&id));
        }
        assert_eq!(check(&t, h), Ok(()));
        mapfree(&t, h);
        assert!(!counts.are_balanced(), "the iterator looks at the header");
        mapiternext(&mut it);
        assert!(it.key.is_null());
    }
    assert!(counts.are_balanced());
}
