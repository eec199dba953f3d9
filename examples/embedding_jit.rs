//! What compiled code may do by itself: the length of a map, and a lookup, by the offsets that
//! docs/embedding.md names.
//!
//! `cargo run --example embedding_jit`

use std::mem::offset_of;

use gomap::heap::SYSTEM;
use gomap::layout::{Bmap, Hmap, hashWriting};
use gomap::maptype::{MapType, alg};
use gomap::raw::{makemap_small, mapaccess2_fast64, mapassign_fast64, mapdelete_fast64, mapfree};

// What a code generator would have built in, and the proof that it is so.
const COUNT: usize = 0;
const FLAGS: usize = 8;
const B: usize = 9;
const HASH0: usize = 12;
const BUCKETS: usize = 16;
const OLDBUCKETS: usize = 24;
const HASH_WRITING: u8 = 4;
/// Of keys and elems of 8 bytes.
const BUCKET_SIZE: usize = 8 + 8 * 8 + 8 * 8 + 8;

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(COUNT == offset_of!(Hmap, count) && FLAGS == offset_of!(Hmap, flags));
    assert!(B == offset_of!(Hmap, B) && HASH0 == offset_of!(Hmap, hash0));
    assert!(BUCKETS == offset_of!(Hmap, buckets) && OLDBUCKETS == offset_of!(Hmap, oldbuckets));
    assert!(HASH_WRITING == hashWriting && size_of::<Bmap>() == 8);
};

/// # Safety
/// There is a `T` at the offset.
unsafe fn load<T: Copy>(base: *const u8, offset: usize) -> T {
    // SAFETY: there is a `T` at the offset (this fn's contract).
    unsafe { base.add(offset).cast::<T>().read() }
}

/// # Safety
/// `h` is null or a map.
unsafe fn inlined_len(h: *const u8) -> isize {
    if h.is_null() {
        return 0;
    }
    // SAFETY: `h` is a map, whose first word is `count`.
    unsafe { load(h, COUNT) }
}

/// # Safety
/// `t` describes maps of `u64` to `u64` with the default hash, of which `h` is one, or null.
unsafe fn inlined_lookup(t: *const MapType, h: *const u8, key: u64) -> Option<u64> {
    // SAFETY: `h` is null or a map of `t`; the offsets are those of the layout.
    unsafe {
        if h.is_null() || load::<isize>(h, COUNT) == 0 {
            return None;
        }
        let busy = load::<u8>(h, FLAGS) & HASH_WRITING != 0;
        if busy || !load::<*const u8>(h, OLDBUCKETS).is_null() {
            return called_lookup(t, h, key);
        }
        let hash = alg::hash_word(key, load::<u32>(h, HASH0) as usize);
        let top = (hash >> 56) as u8;
        let top = if top < 5 { top + 5 } else { top };
        let mask = (1 << load::<u8>(h, B)) - 1;
        let mut bucket = load::<*const u8>(h, BUCKETS).add((hash & mask) * BUCKET_SIZE);
        while !bucket.is_null() {
            for i in 0..8 {
                if load::<u8>(bucket, i) == top && load::<u64>(bucket, 8 + 8 * i) == key {
                    return Some(load(bucket, 72 + 8 * i));
                }
            }
            bucket = load(bucket, BUCKET_SIZE - 8);
        }
        None
    }
}

/// # Safety
/// As [`inlined_lookup`].
unsafe fn called_lookup(t: *const MapType, h: *const u8, key: u64) -> Option<u64> {
    // SAFETY: `t` describes maps of `u64` to `u64`; `h` is null or one of them.
    unsafe {
        let (elem, found) = mapaccess2_fast64(t, h.cast(), key);
        found.then(|| elem.cast::<u64>().read())
    }
}

pub fn main() {
    let t = MapType::new(&alg::UINT64, &alg::UINT64, &SYSTEM).expect("a good type");
    assert_eq!(t.bucketsize as usize, BUCKET_SIZE);
    // SAFETY: a map of `u64` to `u64`.
    unsafe {
        let h = makemap_small(&t);
        for key in 0..10_000 {
            mapassign_fast64(&t, h, key).cast::<u64>().write(key * key);
            mapdelete_fast64(&t, h, key / 2);
            let kept = key / 2 + 1..=key;
            assert_eq!(inlined_len(h.cast()), kept.clone().count() as isize);
            for probe in [0, key / 2, key / 2 + 1, key, key + 1] {
                let expected = kept.contains(&probe).then_some(probe * probe);
                assert_eq!(inlined_lookup(&t, h.cast(), probe), expected);
            }
        }
        println!("{} entries, {} found", inlined_len(h.cast()), {
            (0..10_000)
                .filter(|&key| inlined_lookup(&t, h.cast(), key).is_some())
                .count()
        });
        mapfree(&t, h);
    }
}
