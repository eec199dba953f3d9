//! How buckets are laid out, beside those of Go on amd64.

use std::mem::size_of;
use std::ptr;

use gomap::layout::Bmap;
use gomap::raw::{makemap_small, mapassign, mapfree};
use maptype::MapType;

use crate::common::heap::{Memory, TestHeap};
use crate::common::kinds::{self, Buf};

/// Key, elem; and of a bucket: key slot, elem slot, bytes, whether it holds pointers. Sizes are
/// those that Go 1.19 was seen to use.
#[cfg(target_pointer_width = "64")]
const BUCKETS: [(&str, &str, u8, u8, u16, bool); 11] = [
    ("struct{}", "u8", 0, 1, 24, false),
    ("u8", "struct{}", 1, 0, 24, false),
    ("u32", "u8", 4, 1, 56, false),
    ("u64", "struct{}", 8, 0, 80, false),
    ("u64", "u64", 8, 8, 144, false),
    ("string", "u64", 16, 8, 208, true),
    ("string", "string", 16, 16, 272, true),
    ("[128]byte", "[128]byte", 128, 128, 2064, false),
    ("[129]byte", "u64", 8, 8, 144, true),
    ("u64", "[129]byte", 8, 8, 144, true),
    ("align 32", "align 32", 8, 8, 144, true),
];

#[cfg(target_pointer_width = "64")]
#[test]
fn buckets_are_as_large_as_gos() {
    let heap = TestHeap::new(Memory::Owned, maptype::Era::Go119);
    println!(
        "{:<28}{:>5}{:>6}{:>8}{:>7}",
        "map", "key", "elem", "bucket", "Go"
    );
    for (key, elem, keysize, elemsize, bucketsize, pointers) in BUCKETS {
        let t = MapType::new(&kinds::key(key).ty, &kinds::elem(elem).ty, heap.heap()).unwrap();
        let name = format!("map[{key}]{elem}");
        println!(
            "{name:<28}{:>5}{:>6}{:>8}{bucketsize:>7}",
            t.keysize, t.elemsize, t.bucketsize
        );
        assert_eq!(
            (t.keysize, t.elemsize, t.bucketsize),
            (keysize, elemsize, bucketsize),
            "{name}"
        );
        assert_eq!(t.bucket.ptrdata != 0, pointers, "{name}");
    }
}

/// Eight entries in one bucket: the tophash row, then keys, then elems, then the link.
#[test]
fn a_bucket_has_its_parts_in_order() {
    let heap = TestHeap::new(Memory::Owned, maptype::Era::Go119);
    let (key, elem) = (kinds::key("u64, default hash"), kinds::elem("u64"));
    let t = MapType::new(&key.ty, &elem.ty, heap.heap()).unwrap();
    // SAFETY: keys and elems are of the map's types; the reads are of its only bucket.
    unsafe {
        let h = makemap_small(&t);
        for id in 0..8 {
            let mut buf = Buf::new();
            (key.write)(buf.mut_ptr(), id, 0);
            (elem.write)(mapassign(&t, h, buf.ptr()), 100 + id, 0);
        }
        let bucket = (*h).buckets.cast::<u8>().cast_const();
        for id in 0..8u32 {
            assert!(*bucket.add(id as usize) >= 5, "a tophash");
            assert_eq!((key.read)(bucket.add(8 + 8 * id as usize)).0, id);
            assert_eq!((elem.read)(bucket.add(72 + 8 * id as usize)).0, 100 + id);
        }
        let link = bucket.add(t.bucketsize as usize - size_of::<usize>());
        assert_eq!(link.cast::<*mut Bmap>().read(), ptr::null_mut());
        mapfree(&t, h);
    }
}
