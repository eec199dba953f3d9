//! What the map says to misuse: nil maps, unhashable keys, writes within writes.

use std::cell::Cell;
use std::ptr;

use gomap::inspect::check;
use gomap::layout::{Hiter, Hmap, hashWriting};
use gomap::raw::*;
use maptype::alg::{self, GoString, Interface};
use maptype::{Era, HASH_MIGHT_PANIC, MapType, REFLEXIVE_KEY, Type};

use crate::common::faults::{Told, catch};
use crate::common::heap::{ERAS, MEMORIES, Memory, TestHeap};

fn heap() -> TestHeap {
    TestHeap::new(Memory::Owned, Era::Go119)
}

fn words(heap: &TestHeap) -> MapType {
    MapType::new(&alg::UINT64, &alg::UINT64, heap.heap()).unwrap()
}

fn key(id: &u64) -> *const u8 {
    ptr::from_ref(id).cast()
}

fn throws<R>(f: impl FnOnce() -> R) -> String {
    match catch::<Told, _>(f) {
        Err(Told::Throw(message)) => message,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("nothing was thrown"),
    }
}

/// While one write is under way, everything else is a misuse, and named.
#[test]
fn use_during_a_write_is_thrown() {
    let heap = heap();
    let t = words(&heap);
    // SAFETY: the map is this test's own; the flag that it sets by hand is reset.
    unsafe {
        let h = makemap_small(&t);
        mapassign(&t, h, key(&1));
        let mut it = Hiter::zeroed();
        mapiterinit(&t, h, &mut it);
        (*h).flags |= hashWriting;

        let mut other = Hiter::zeroed();
        let writes = "concurrent map writes";
        assert_eq!(throws(|| mapassign(&t, h, key(&1))), writes);
        assert_eq!(throws(|| mapassign_fast64(&t, h, 1)), writes);
        assert_eq!(throws(|| mapdelete(&t, h, key(&1))), writes);
        assert_eq!(throws(|| mapclear(&t, h)), writes);
        let read = "concurrent map read and map write";
        assert_eq!(throws(|| mapaccess1(&t, h, key(&1))), read);
        assert_eq!(throws(|| mapaccess2_fast64(&t, h, 1)), read);
        let iteration = "concurrent map iteration and map write";
        assert_eq!(throws(|| mapiterinit(&t, h, &mut other)), iteration);
        assert_eq!(throws(|| mapiternext(&mut it)), iteration);
        assert_eq!(
            throws(|| mapclone(&t, h)),
            "concurrent map clone and map write"
        );

        (*h).flags &= !hashWriting;
        assert_eq!(check(&t, h), Ok(()));
        mapiterdone(&mut it);
        mapfree(&t, h);
    }
    assert_eq!(heap.bytes(), 0);
}

thread_local! {
    /// The map that callbacks use, and whether they are to.
    static MAP: Cell<(*const MapType, *mut Hmap)> = const { Cell::new((ptr::null(), ptr::null_mut())) };
    static FROM_EQUAL: Cell<bool> = const { Cell::new(false) };
    /// The key whose hash function uses the map.
    static FROM_HASH: Cell<Option<u64>> = const { Cell::new(None) };
}

unsafe extern "C-unwind" fn hash(key: *const u8, seed: usize, _: *const Type) -> usize {
    // SAFETY: a key of eight bytes.
    let id = unsafe { key.cast::<u64>().read() };
    if FROM_HASH.get() == Some(id) {
        FROM_HASH.set(None);
        let (t, h) = MAP.get();
        // SAFETY: a hash function may use the map.
        unsafe {
            for id in 0..100u64 {
                mapassign(t, h, ptr::from_ref(&id).cast());
            }
            mapclear(t, h);
            mapassign(t, h, ptr::from_ref(&7u64).cast());
            mapdelete(t, h, ptr::from_ref(&7u64).cast());
        }
    }
    (id ^ (seed as u64) << 8).wrapping_mul(0x9e37_79b9_7f4a_7c15) as usize
}

unsafe extern "C-unwind" fn equal(a: *const u8, b: *const u8, _: *const Type) -> bool {
    if FROM_EQUAL.replace(false) {
        let (t, h) = MAP.get();
        // SAFETY: the map is alive; that it is in use is what this is about.
        unsafe { mapassign(t, h, ptr::from_ref(&9u64).cast()) };
    }
    // SAFETY: keys of eight bytes.
    unsafe { a.cast::<u64>().read() == b.cast::<u64>().read() }
}

#[test]
fn a_write_from_within_a_write_is_thrown() {
    let heap = heap();
    let keys = Type::opaque("key", 8, 8, hash, equal);
    let t = MapType::new(&keys, &alg::UINT64, heap.heap()).unwrap();
    // SAFETY: the map is this test's own.
    unsafe {
        let h = makemap_small(&t);
        MAP.set((&raw const t, h));
        mapassign(&t, h, key(&1));
        FROM_EQUAL.set(true);
        assert_eq!(
            throws(|| mapassign(&t, h, key(&1))),
            "concurrent map writes"
        );
        FROM_EQUAL.set(true);
        assert_eq!(
            throws(|| mapdelete(&t, h, key(&1))),
            "concurrent map writes"
        );
        // A throw that unwinds lets the write end: its guard resets the flag.
        assert_eq!(check(&t, h), Ok(()));
        assert_eq!((*h).count, 1);
        mapfree(&t, h);
    }
}

/// A hash function may use the map, even so that the map has another seed afterwards.
#[test]
fn a_hash_function_may_use_the_map() {
    let keys = Type::opaque("key", 8, 8, hash, equal);
    for era in ERAS {
        let heap = TestHeap::new(Memory::Owned, era);
        let t = MapType::new(&keys, &alg::UINT64, heap.heap()).unwrap();
        // SAFETY: the map is this test's own.
        unsafe {
            let h = makemap_small(&t);
            MAP.set((&raw const t, h));
            for round in 0..20 {
                let id = 1000 + round;
                FROM_HASH.set(Some(id));
                mapassign(&t, h, key(&id)).cast::<u64>().write(round);
                assert_eq!(check(&t, h), Ok(()));
                assert_eq!(mapaccess1(&t, h, key(&id)).cast::<u64>().read(), round);
                mapassign(&t, h, key(&5));
                FROM_HASH.set(Some(5));
                mapdelete(&t, h, key(&5));
                assert_eq!(check(&t, h), Ok(()));
            }
            mapfree(&t, h);
        }
        assert_eq!(heap.bytes(), 0);
    }
}

/// The same within a batch: keys in the pipeline that were hashed under the old seed are hashed
/// again.
#[test]
fn a_hash_function_may_use_the_map_within_a_batch() {
    let types = Type::opaque("key", 8, 8, hash, equal);
    let keys: Vec<u64> = (1000..1300).collect();
    for era in ERAS {
        for from in [1000, 1031, 1128, 1200, 1299] {
            let heap = TestHeap::new(Memory::Owned, era);
            let t = MapType::new(&types, &alg::UINT64, heap.heap()).unwrap();
            // SAFETY: the map is this test's own; keys serve as elems.
            unsafe {
                let h = makemap_small(&t);
                MAP.set((&raw const t, h));
                mapassign(&t, h, key(&5));
                FROM_HASH.set(Some(from));
                let at = keys.as_ptr().cast();
                assert_eq!(mapassign_many(&t, h, at, keys.len(), at), Ok(()));
                assert_eq!(check(&t, h), Ok(()));
                // What was there, and what had been stored before the key was on its way, was
                // cleared by its hash function.
                let cleared = keys.len() - (*h).count as usize;
                assert!((cleared..cleared + 32).contains(&(from as usize - 1000)));
                for id in &keys[cleared..] {
                    assert_eq!(mapaccess1(&t, h, key(id)).cast::<u64>().read(), *id);
                }
                mapfree(&t, h);
            }
            assert_eq!(heap.bytes(), 0);
        }
    }
}

#[test]
fn a_nil_map_is_empty_and_takes_nothing() {
    let heap = heap();
    let t = words(&heap);
    let nil = ptr::null_mut();
    // SAFETY: every function but `mapassign` takes a nil map, and that one panics.
    unsafe {
        let (zero, found) = mapaccess2(&t, nil, key(&1));
        assert_eq!((zero.cast::<u64>().read(), found), (0, false));
        assert_eq!(mapaccessK(&t, nil, key(&1)), (nil.cast(), nil.cast()));
        mapdelete(&t, nil, key(&1));
        mapclear(&t, nil);
        let mut it = Hiter::zeroed();
        mapiterinit(&t, nil, &mut it);
        assert!(it.key.is_null());
        mapiternext(&mut it);
        mapiterdone(&mut it);
        let clone = mapclone(&t, nil);
        assert_eq!((*clone).count, 0);
        mapfree(&t, clone);
        mapfree(&t, nil);
        let told = catch::<Told, _>(|| mapassign(&t, nil, key(&1)));
        assert_eq!(
            told,
            Err(Told::Panic("assignment to entry in nil map".into()))
        );
    }
    assert_eq!(heap.bytes(), 0);
}

/// All that stays of the map is its header, for as long as an iteration has not noticed.
#[test]
fn an_iteration_of_a_freed_map_ends() {
    for memory in [Memory::Owned, Memory::Traced] {
        let heap = TestHeap::new(memory, Era::Go119);
        let t = words(&heap);
        // SAFETY: the map is used by its iterators alone once it was freed; the traced heap frees
        // nothing.
        unsafe {
            let h = makemap_small(&t);
            (0..105).for_each(|id: u64| _ = mapassign(&t, h, key(&id)));
            let mut its = [const { Hiter::zeroed() }; 3];
            for it in &mut its {
                mapiterinit(&t, h, it);
                (0..3).for_each(|_| mapiternext(it));
            }
            mapfree(&t, h);
            if memory == Memory::Owned {
                assert_eq!(heap.bytes(), size_of::<Hmap>());
            }
            let [stepped, done, lost] = &mut its;
            mapiternext(stepped);
            assert!(stepped.key.is_null() && stepped.elem.is_null());
            mapiternext(stepped);
            mapiterdone(stepped);
            mapiterdone(done);
            mapiternext(lost);
        }
        assert!(memory == Memory::Traced || heap.bytes() == 0);
    }
}

#[test]
fn an_unhashable_key_panics_wherever_it_is_used() {
    let slice = Type::plain("[]int", 24, 8);
    let words = [1usize, 2, 3];
    let unhashable = Interface::new(&slice, words.as_ptr().cast());
    let one = 1u64;
    let hashable = Interface::new(&alg::UINT64, key(&one));
    let panics = |f: &mut dyn FnMut()| {
        let message = catch::<String, _>(f).expect_err("a panic");
        assert_eq!(message, "runtime error: hash of unhashable type []int");
    };
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for era in ERAS {
        let heap = TestHeap::new(Memory::Owned, era);
        let t = MapType::new(&alg::INTERFACE, &alg::UINT64, heap.heap()).unwrap();
        // SAFETY: keys are interfaces; maps are nil, empty, and with an entry.
        unsafe {
            let (nil, empty, full) = (ptr::null_mut(), makemap_small(&t), makemap_small(&t));
            mapassign(&t, full, hashable.as_key());
            for h in [nil, empty, full] {
                panics(&mut || _ = mapaccess1(&t, h, unhashable.as_key()));
                panics(&mut || mapdelete(&t, h, unhashable.as_key()));
                mapaccess1(&t, h, hashable.as_key());
            }
            // Go looks for the stored key only where it has seen one: it asks an empty map nothing.
            for h in [nil, empty] {
                let none = mapaccessK(&t, h, unhashable.as_key());
                assert_eq!(none, (ptr::null_mut(), ptr::null_mut()));
            }
            panics(&mut || _ = mapaccessK(&t, full, unhashable.as_key()));
            for h in [empty, full] {
                panics(&mut || _ = mapassign(&t, h, unhashable.as_key()));
                assert_eq!(check(&t, h), Ok(()));
            }
            assert_eq!((*full).count, 1);
            mapdelete(&t, empty, hashable.as_key());
            mapfree(&t, empty);
            mapfree(&t, full);
        }
    }
    std::panic::set_hook(print);
}

/// Keys whose hash might panic, and which count how often it is called.
static COUNTED: Type = {
    unsafe extern "C-unwind" fn hash(key: *const u8, seed: usize, _: *const Type) -> usize {
        HASHED.set(HASHED.get() + 1);
        // SAFETY: a key of eight bytes.
        alg::hash_word(unsafe { key.cast::<u64>().read() }, seed)
    }
    unsafe extern "C-unwind" fn equal(a: *const u8, b: *const u8, _: *const Type) -> bool {
        // SAFETY: keys of eight bytes.
        unsafe { a.cast::<u64>().read() == b.cast::<u64>().read() }
    }
    Type::opaque("counted", 8, 8, hash, equal).with_key_flags(REFLEXIVE_KEY | HASH_MIGHT_PANIC)
};

thread_local! {
    static HASHED: Cell<usize> = const { Cell::new(0) };
}

fn hashed(f: impl FnOnce()) -> usize {
    let before = HASHED.get();
    f();
    HASHED.get() - before
}

/// An iterator looks up what has moved since it began; in a map that was emptied there is
/// nothing to look for, and Go hashes no key for that. Lookups and deletions hash one also there,
/// in the eras that do.
#[test]
fn iterations_of_emptied_maps_hash_nothing() {
    for (era, memory) in ERAS
        .into_iter()
        .flat_map(|era| MEMORIES.map(|memory| (era, memory)))
    {
        let heap = TestHeap::new(memory, era);
        let t = MapType::new(&COUNTED, &alg::UINT64, heap.heap()).unwrap();
        // SAFETY: the map is this test's own.
        unsafe {
            let h = makemap_small(&t);
            (0..8u64).for_each(|id| _ = mapassign(&t, h, key(&id)));
            let mut it = Hiter::zeroed();
            mapiterinit(&t, h, &mut it);
            (8..100u64).for_each(|id| _ = mapassign(&t, h, key(&id)));
            assert!((*h).oldbuckets != it.buckets && (*h).buckets != it.buckets);
            let step = hashed(|| mapiternext(&mut it));
            assert_eq!((step, it.key.is_null()), (1, false), "it looks a key up");

            (0..100u64).for_each(|id| mapdelete(&t, h, key(&id)));
            assert_eq!(hashed(|| mapiternext(&mut it)), 0);
            assert!(it.key.is_null());
            mapiterdone(&mut it);
            assert_eq!(hashed(|| _ = mapaccess1(&t, h, key(&1))), 1);
            assert_eq!(hashed(|| mapdelete(&t, h, key(&1))), 1);
            assert_eq!(hashed(|| _ = mapaccessK(&t, h, key(&1))), 0);
            mapfree(&t, h);
        }
    }
}

/// A host that puts another hash into a copy of a standard type has it called everywhere,
/// though it leaves `default_hash` on.
#[test]
fn a_hash_of_ones_own_is_called_throughout() {
    unsafe extern "C-unwind" fn hash(key: *const u8, seed: usize, _: *const Type) -> usize {
        // SAFETY: a key is a string.
        let bytes = unsafe { key.cast::<GoString>().read().as_bytes() };
        let folded = bytes
            .iter()
            .fold(seed, |hash, &byte| hash.rotate_left(5) ^ byte as usize);
        folded.wrapping_mul(usize::MAX / 0x11d3)
    }
    let mut raw = *alg::STRING.as_raw();
    raw.alg.hash = Some(hash);
    // SAFETY: the name is that of a static, and there is no mask; that the flag is wrong is what
    // this is about.
    let own = unsafe { Type::from_raw(raw) };
    assert!(own.default_hash);
    let heap = heap();
    let t = MapType::new(&own, &alg::UINT64, heap.heap()).unwrap();
    let names: Vec<String> = (0..1000).map(|id| format!("key{id}")).collect();
    let name = |id: usize| GoString::new(names[id].as_bytes());
    // SAFETY: the map is this test's own; keys are strings that outlive it.
    unsafe {
        let h = makemap_small(&t);
        (0..1000).for_each(|id| _ = mapassign(&t, h, name(id).as_key()));
        assert_eq!(check(&t, h), Ok(()));
        let copy = mapclone(&t, h);
        for map in [h, copy] {
            assert!((0..1000).all(|id| mapaccess2(&t, map, name(id).as_key()).1));
            assert!((0..1000).all(|id| mapaccess2_faststr(&t, map, name(id)).1));
            mapfree(&t, map);
        }
    }
}

/// Whose slots hold no elem, or no key of that size, has no fast functions.
#[cfg(debug_assertions)]
#[test]
fn fast_functions_refuse_other_maps() {
    let heap = heap();
    let (wide, narrow) = (alg::memory("wide", 136, 8), alg::memory("narrow", 4, 4));
    let boxed = MapType::new(&alg::UINT64, &wide, heap.heap()).unwrap();
    let small = MapType::new(&narrow, &alg::UINT64, heap.heap()).unwrap();
    let message = "the map has other keys, or elems in boxes";
    let refuses = |f: &mut dyn FnMut()| {
        let told = catch::<&str, _>(f).expect_err("a panic");
        assert_eq!(told, message);
    };
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for t in [&boxed, &small] {
        // SAFETY: null is a map of every type; nothing is read of it before the refusal.
        unsafe {
            refuses(&mut || _ = mapaccess1_fast64(t, ptr::null(), 7));
            refuses(&mut || _ = mapaccess2_fast64(t, ptr::null(), 7));
            refuses(&mut || _ = mapassign_fast64(t, ptr::null_mut(), 7));
            refuses(&mut || mapdelete_fast64(t, ptr::null_mut(), 7));
            refuses(&mut || _ = mapaccess1_faststr(t, ptr::null(), GoString::new(b"seven")));
        }
    }
    std::panic::set_hook(print);
}

/// A miss reads as many zeroes as an elem has bytes, however many.
#[test]
fn a_miss_reads_a_whole_elem() {
    for size in [0, 1, 1024, 1025, 5000, 100_000] {
        let heap = heap();
        let elem = Type::plain("large", size, 1);
        let t = MapType::new(&alg::UINT64, &elem, heap.heap()).unwrap();
        // SAFETY: the elem has `size` bytes.
        unsafe {
            let h = makemap_small(&t);
            mapassign(&t, h, key(&1)).write_bytes(0xff, size);
            let zero = std::slice::from_raw_parts(mapaccess1(&t, h, key(&2)), size);
            assert!(zero.iter().all(|&byte| byte == 0));
            let mut own = vec![7u8; size.max(1)];
            assert_eq!(
                mapaccess1_fat(&t, h, key(&2), own.as_mut_ptr()),
                own.as_mut_ptr()
            );
            mapfree(&t, h);
        }
    }
}

/// Where there is no memory, the functions that cannot say so throw; hints beyond all memory count
/// as none.
#[test]
fn hints_and_memory() {
    use crate::common::faults::{self, Fault};
    for memory in MEMORIES {
        let heap = TestHeap::new(memory, Era::Go119);
        let t = words(&heap);
        // SAFETY: the maps are this test's own.
        unsafe {
            for hint in [-1, isize::MIN, isize::MAX, isize::MAX / 8] {
                let h = makemap(&t, hint, ptr::null_mut());
                assert_eq!(((*h).B, (*h).buckets.is_null()), (0, true), "{hint}");
                mapfree(&t, h);
            }
            faults::arm(Fault::NoMemory, 0);
            assert_eq!(throws(|| makemap(&t, 0, ptr::null_mut())), "out of memory");
            let h = makemap(&t, 1000, ptr::null_mut());
            assert_eq!((*h).B, 8);
            let mut own = Hmap::zeroed();
            assert_eq!(makemap64(&t, 20, &mut own), &raw mut own);
            mapfree_contents(&t, &mut own);
            assert!(own.buckets.is_null());
            mapfree(&t, h);
        }
        if memory != Memory::Traced {
            assert_eq!(heap.bytes(), 0);
        }
    }
}
