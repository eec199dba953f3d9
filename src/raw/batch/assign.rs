//! Insertions and updates of many keys.

use core::ops::Range;

use maptype::MapType;

use super::pass::pass;
use super::{GROUP, key, outgrew_caches};
use crate::bucket::Bucket;
use crate::header::flags::Writing;
use crate::header::{bucketEvacuated, growing, oldbucketmask};
use crate::heap;
use crate::layout::Hmap;
use crate::raw::assign::{NIL_MAP, assign_hashed};
use crate::raw::evacuate::prefetch_evacuation;
use crate::raw::find::current_bucket;
use crate::raw::hash::hash_for_write;
use crate::raw::{observe, tophash};
use crate::shape::{Exclusive, Shape};

/// Inserts or updates the `n` keys at `keys`, with copies of the elems at `elems`.
///
/// # Errors
/// There is no memory for the key of this number; those before it are stored.
///
/// # Safety
/// `s` *fits* `h`, which may be null; there are as many *keys* and elems; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn mapassign_many<S: Shape>(
    s: S,
    h: *mut Hmap,
    keys: *const u8,
    n: usize,
    elems: *const u8,
) -> Result<(), usize> {
    if n == 0 {
        return Ok(());
    }
    if h.is_null() {
        heap::panic(s.t(), NIL_MAP);
    }
    // SAFETY: `s` fits `h`; there are `n` keys and elems; *exclusive*.
    unsafe {
        let near = assign_near(s, h, keys, n, elems)?;
        assign_far(s, h, keys, near..n, elems)
    }
}

/// [`mapassign_many`], one key after another, for as long as the map fits in the caches; returns how many that were.
///
/// # Safety
/// As [`mapassign_many`]; `h` is not null.
#[inline(never)]
unsafe fn assign_near<S: Shape>(
    s: S,
    h: *mut Hmap,
    keys: *const u8,
    n: usize,
    elems: *const u8,
) -> Result<usize, usize> {
    // SAFETY: `s` fits `h`; there are `n` keys and elems; *exclusive*.
    unsafe {
        for i in 0..n {
            if outgrew_caches(s, h) {
                return Ok(i);
            }
            observe::writes_map(s, h);
            Writing::check(s, h);
            let hash = hash_for_write(s, h, key(s, keys, i));
            assign(s, h, keys, i, elems, hash)?;
        }
        Ok(n)
    }
}

/// [`mapassign_many`] of a range of the keys, in a larger map.
///
/// # Safety
/// As [`mapassign_many`]; `h` is not null.
#[inline(never)]
unsafe fn assign_far<S: Shape>(
    s: S,
    h: *mut Hmap,
    keys: *const u8,
    range: Range<usize>,
    elems: *const u8,
) -> Result<(), usize> {
    let last = range.end;
    // SAFETY: `s` fits `h`, which has buckets; `range` is of the `n` keys; *exclusive*.
    unsafe {
        let enter = |i: usize| {
            s.prefetch_key(key(s, keys, (i + GROUP).min(last - 1)));
            observe::writes_map(s, h);
            Writing::check(s, h);
            let seed = (*h).hash0;
            let hash = s.hash(key(s, keys, i), seed);
            prefetch_row(s, h, hash);
            (hash, seed)
        };
        let look = |&mut (hash, _): &mut (usize, _)| look(s, h, hash);
        let look_twice = |&mut (hash, _): &mut (usize, _)| look_twice(s, h, hash);
        pass(
            range,
            GROUP,
            enter,
            look,
            Some(look_twice),
            |i, (hash, seed)| {
                let same_seed = (*h).hash0 == seed;
                let hash = if same_seed {
                    hash
                } else {
                    hash_for_write(s, h, key(s, keys, i))
                };
                assign(s, h, keys, i, elems, hash)
            },
        )
    }
}

/// Assigns elem `i` to key `i`, which has this hash.
///
/// # Errors
/// `i`, where there is no memory.
///
/// # Safety
/// As [`mapassign_many`], of which `i` is one of the keys.
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn assign<S: Shape>(
    s: S,
    h: *mut Hmap,
    keys: *const u8,
    i: usize,
    elems: *const u8,
    hash: usize,
) -> Result<(), usize> {
    // SAFETY: `s` fits `h`; `i` is below the number of keys and elems; *exclusive*.
    unsafe {
        let assigned = assign_hashed(s, h, key(s, keys, i), hash).map_err(|_| i)?;
        if s.needkeyupdate() && !assigned.key_taken {
            return Err(i);
        }
        s.move_elem(assigned.elem, elems.add(i * s.elem_type_size()));
        Ok(())
    }
}

/// Prefetches the row that says where a key of this hash is to be assigned to.
///
/// # Safety
/// `s` *fits* `h`; *exclusive*.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) unsafe fn prefetch_row<S: Shape>(s: S, h: *const Hmap, hash: usize) {
    // SAFETY: `s` fits `h`; the masks keep indices within their arrays.
    unsafe {
        if growing(h) {
            Bucket::at(s, (*h).oldbuckets, hash & oldbucketmask(h)).prefetch_row();
        } else {
            current_bucket(s, h, hash).prefetch_row();
        }
    }
}

/// Prefetches what an assignment will read and write besides that row. In a growing map that is what an evacuation will
/// touch or, where the chain has moved since, the row in the current array.
///
/// # Safety
/// As [`prefetch_row`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn look<S: Shape>(s: S, h: *const Hmap, hash: usize) {
    // SAFETY: `s` fits `h`; the masks keep indices within their arrays.
    unsafe {
        if !growing(h) {
            return look_at_current(s, h, hash);
        }
        let oldbucket = hash & oldbucketmask(h);
        if bucketEvacuated(s, h, oldbucket) {
            current_bucket(s, h, hash).prefetch_row();
        } else {
            prefetch_evacuation(s, h, oldbucket);
        }
    }
}

/// Prefetches the cell of a key whose row in the current array was prefetched last.
///
/// # Safety
/// As [`prefetch_row`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn look_twice<S: Shape>(s: S, h: *const Hmap, hash: usize) {
    // SAFETY: `s` fits `h`; the masks keep indices within their arrays.
    unsafe {
        if growing(h) && bucketEvacuated(s, h, hash & oldbucketmask(h)) {
            look_at_current(s, h, hash);
        }
    }
}

/// [`look`], in one copy for all typed maps.
///
/// # Safety
/// As [`ask`]; `h` is a typed map of `t`.
#[inline(never)]
pub(crate) unsafe fn look_in_typed(t: &MapType, h: *const Hmap, hash: usize) {
    // SAFETY: a typed map of `t`.
    unsafe { look(Exclusive(t), h, hash) }
}

/// [`look_twice`], in one copy for all typed maps.
///
/// # Safety
/// As [`look_in_typed`].
#[inline(never)]
pub(crate) unsafe fn look_twice_in_typed(t: &MapType, h: *const Hmap, hash: usize) {
    // SAFETY: a typed map of `t`.
    unsafe { look_twice(Exclusive(t), h, hash) }
}

/// Prefetches the cell of a key, or the link of its bucket, in the current array.
///
/// # Safety
/// As [`prefetch_row`].
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn look_at_current<S: Shape>(s: S, h: *const Hmap, hash: usize) {
    // SAFETY: `s` fits `h`; without buckets, the address is null and not read.
    unsafe {
        let home = current_bucket(s, h, hash);
        if home.is_null() {
            return;
        }
        let (same, empty) = home.row().equal_to_or_empty(tophash(hash));
        match same.first().or(empty.first()) {
            Some(i) => home.prefetch_cell(s, i),
            None => home.prefetch_link(s),
        }
    }
}
