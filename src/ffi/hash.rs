//! The default hash, for callers with their own key types.

use maptype::alg;

/// The default hash of `n` bytes. Hash several parts of a key by passing the hash of one as the
/// seed of the next.
///
/// # Safety
/// `n` bytes can be read at `p`; NULL is accepted where `n` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gomap_memhash(p: *const u8, seed: usize, n: usize) -> usize {
    alg::init();
    if n == 0 {
        return alg::hash_bytes(&[], seed);
    }
    // SAFETY: `n` bytes can be read at `p`.
    unsafe { alg::memhash(p, seed, n) }
}

/// The default hash of one word.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_hash_word(x: u64, seed: usize) -> usize {
    alg::init();
    alg::hash_word(x, seed)
}

/// Makes `key` the process's part of the default hash, for runs that must repeat. Returns false,
/// and changes nothing, once a first hash or descriptor has drawn one at random.
#[unsafe(no_mangle)]
pub extern "C" fn gomap_set_process_key(key: u64) -> bool {
    alg::set_process_key(key)
}
