//! The key of the process: what makes hashes unpredictable from outside, whatever seeds the maps
//! have.

use core::sync::atomic::{AtomicUsize, Ordering};

use super::fold::{fold, one};
use crate::{HashFn, Type};

const WORDS: usize = (u64::BITS / usize::BITS) as usize;

/// Zero words are not drawn yet. A word changes once, from zero, so that all threads see the same
/// key.
static KEY: [AtomicUsize; WORDS] = [const { AtomicUsize::new(0) }; WORDS];

/// How many values that hash differently each time have been hashed.
static DRAWS: AtomicUsize = AtomicUsize::new(0);

/// Draws the process key unless that has been done.
///
/// The inlined hashes ([`memhash64`](super::memhash64) and the like) use the key without checking
/// that it was drawn: call this before the first of them. [`MapType::new`](crate::MapType::new)
/// does; the functions in [`RawType::alg`](crate::RawType) check.
#[inline]
pub fn init() {
    checked_key();
}

/// Makes `key` (as far as its words are not zero) the key of the process, for hosts without an
/// operating system's randomness and for runs that must repeat. It comes too late, and returns
/// false, once the key is drawn.
pub fn set_process_key(key: u64) -> bool {
    let mut all = true;
    for (i, word) in KEY.iter().enumerate() {
        let value = word_of(key, i);
        all &= word
            .compare_exchange(0, value, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok();
    }
    all
}

/// The first statement of a hash function that is called by pointer: draws the process key if that
/// has not been done. It does so by a tail call that calls the function again, so that the function
/// itself saves no registers.
macro_rules! init_and_call {
    ($hash:ident($key:ident, $seed:ident, $ty:ident)) => {
        if !$crate::alg::process_key::drawn() {
            // SAFETY: the same call.
            return unsafe { $crate::alg::process_key::hash_first($hash, $key, $seed, $ty) };
        }
    };
}
pub(super) use init_and_call;

/// Whether the process key is there.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn drawn() -> bool {
    KEY.iter().all(|word| word.load(Ordering::Relaxed) != 0)
}

/// The first hash of a process.
///
/// # Safety
/// That of the hash function.
#[cold]
#[inline(never)]
pub(super) unsafe fn hash_first(
    hash: HashFn,
    key: *const u8,
    seed: usize,
    ty: *const Type,
) -> usize {
    draw_key();
    // SAFETY: the call that was asked for.
    unsafe { hash(key, seed, ty) }
}

/// The process key: a load, no branch.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn key() -> u64 {
    let mut key = 0;
    for (i, word) in KEY.iter().enumerate() {
        key |= (word.load(Ordering::Relaxed) as u64) << (i as u32 * usize::BITS % u64::BITS);
    }
    debug_assert!(key != 0, "alg::init() comes before the first hash");
    key
}

/// The process key, drawn now if it must be.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn checked_key() -> u64 {
    if !drawn() {
        draw_key();
    }
    key()
}

/// A number that does not come again soon, for hashing what equals nothing.
#[cold]
pub(super) fn draw() -> u64 {
    one(checked_key() ^ DRAWS.fetch_add(1, Ordering::Relaxed) as u64)
}

#[cold]
#[inline(never)]
fn draw_key() {
    set_process_key(entropy());
}

/// Word `i` of `key`, never zero: zero means not drawn.
fn word_of(key: u64, i: usize) -> usize {
    let word = (key >> (i as u32 * usize::BITS % u64::BITS)) as usize;
    if word == 0 { usize::MAX } else { word }
}

/// 64 bits from the operating system.
#[cfg(feature = "std")]
fn entropy() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    fold(RandomState::new().hash_one(0u8), addresses() | 1)
}

/// What the loader and the stack leave to chance; a host that has better calls [`set_process_key`].
#[cfg(not(feature = "std"))]
fn entropy() -> u64 {
    one(addresses())
}

fn addresses() -> u64 {
    let local = 0u8;
    let data = (&raw const KEY).addr() as u64;
    fold(
        data ^ 0x9216_d5d9_8979_fb1b,
        (&raw const local).addr() as u64,
    )
}
