//! Many keys at once: while the memory of one key is on its way, the next is asked for.

use core::ptr;

use super::access::{Whole, find_in_chain, hash_for_write, home_bucket, mapaccess};
use super::assign::{Assigned, NIL_MAP, assign_hashed};
use super::flags::{self, Writing};
use super::observe;
use crate::bucket::{Bucket, Cell, Sought};
use crate::heap;
use crate::layout::Hmap;
use crate::shape::Shape;

/// Keys that are in flight together.
pub(crate) const BLOCK: usize = 64;

/// Looks up the keys `0..n`, and hands each its cell.
///
/// # Safety
/// `s` *fits* `h`, which may be null; `key` gives *keys*; *shared*.
#[inline(always)]
pub(crate) unsafe fn mapaccess_many<S: Shape>(
    s: S,
    h: *const Hmap,
    n: usize,
    key: impl Fn(usize) -> *const u8,
    mut found: impl FnMut(usize, Option<Cell>),
) {
    observe::reads_map(s, h);
    // SAFETY: the caller's promise.
    unsafe {
        let empty = h.is_null() || (*h).count == 0;
        if empty {
            for i in 0..n {
                found(i, mapaccess::<Whole, _, _>(s, h, key(i)));
            }
            return;
        }
        if !S::EXCLUSIVE {
            flags::check_not_writing(s.t(), h, "concurrent map read and map write");
        }
        let mut homes = [(Bucket(ptr::null_mut()), Sought::of(0)); BLOCK];
        for start in (0..n).step_by(BLOCK) {
            let len = BLOCK.min(n - start);
            for (i, home) in homes[..len].iter_mut().enumerate() {
                let hash = s.hash(key(start + i), (*h).hash0);
                *home = (home_bucket(s, h, hash), Sought::of(hash));
                home.0.prefetch_far(s);
            }
            for (i, &(home, sought)) in homes[..len].iter().enumerate() {
                let key = key(start + i);
                found(
                    start + i,
                    find_in_chain(s, h, home, sought, |slot| s.equal(key, slot)),
                );
            }
        }
    }
}

/// Inserts or updates the keys `0..n`, and hands each what was assigned. The buckets are asked for a block ahead.
///
/// # Errors
/// There is no memory for the key of this number; those before it are stored.
///
/// # Safety
/// `s` *fits* `h`, which may be null; `key` gives *keys*; *exclusive*.
#[inline(always)]
pub(crate) unsafe fn mapassign_many<S: Shape>(
    s: S,
    h: *mut Hmap,
    n: usize,
    key: impl Fn(usize) -> *const u8,
    mut assigned: impl FnMut(usize, Assigned),
) -> Result<(), usize> {
    if n == 0 {
        return Ok(());
    }
    if h.is_null() {
        heap::panic(s.t(), NIL_MAP);
    }
    // SAFETY: the caller's promise.
    unsafe {
        let mut hashes = [0; BLOCK];
        for start in (0..n).step_by(BLOCK) {
            observe::writes_map(s, h);
            Writing::check(s, h);
            let len = BLOCK.min(n - start);
            let seed = (*h).hash0;
            for (i, hash) in hashes[..len].iter_mut().enumerate() {
                *hash = s.hash(key(start + i), seed);
                if !(*h).buckets.is_null() {
                    home_bucket(s, h, *hash).prefetch_all(s);
                }
            }
            for (i, &hash) in hashes[..len].iter().enumerate() {
                let key = key(start + i);
                let hash = if (*h).hash0 == seed {
                    hash
                } else {
                    hash_for_write(s, h, key)
                };
                assigned(
                    start + i,
                    assign_hashed(s, h, key, hash).map_err(|_| start + i)?,
                );
            }
        }
        Ok(())
    }
}
