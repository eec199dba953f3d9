//! Is the hash of typed maps good enough for them, whatever their keys are made of? The default
//! hash of the raw map, of which it is made, is judged in the same way in `maptype`, where every
//! check is also shown to reject hashes that are not.

#[path = "../maptype/tests/hash_quality/judge.rs"]
mod judge;
#[path = "../maptype/tests/hash_quality/keys.rs"]
mod keys;
#[path = "../maptype/tests/common/random.rs"]
mod random;

use std::hash::{BuildHasher, Hasher};

use gomap::typed::DefaultHashBuilder;
use judge::{Hash, judge_avalanche, judge_keys, judge_seeds};
use keys::{Keys, string_sets, word_sets};

fn builder(seed: usize) -> DefaultHashBuilder {
    DefaultHashBuilder::with_key(0x5bd1_e995_9c3f_a7d1 ^ seed as u64)
}

/// The hash of keys of so many words.
fn words<const N: usize>(key: &[u8], seed: usize) -> usize {
    let mut hasher = builder(seed).build_hasher();
    for word in key.as_chunks().0 {
        hasher.write_u64(u64::from_ne_bytes(*word));
    }
    assert_eq!(key.len(), 8 * N);
    hasher.finish() as usize
}

/// The hash of strings, as `str` asks for it.
fn string(key: &[u8], seed: usize) -> usize {
    let mut hasher = builder(seed).build_hasher();
    hasher.write(key);
    hasher.write_u8(0xff);
    hasher.finish() as usize
}

/// The hash of a string that follows a word.
fn word_and_string(key: &[u8], seed: usize) -> usize {
    let mut hasher = builder(seed).build_hasher();
    hasher.write_u64(key.len() as u64);
    hasher.write(key);
    hasher.write_u8(0xff);
    hasher.finish() as usize
}

/// The hash of a key whose bytes are hashed one by one, as those of a tuple are.
fn single_bytes(key: &[u8], seed: usize) -> usize {
    let mut hasher = builder(seed).build_hasher();
    key.iter().for_each(|&byte| hasher.write_u8(byte));
    hasher.finish() as usize
}

/// Keys of seven bytes, of which many are 255: it is what strings end with, too.
fn byte_sets() -> [Keys; 2] {
    let byte = |i: u64, at: u64| !(i >> (2 * at) & 3) as u8;
    [
        Keys {
            name: "seven bytes, the first counts fastest".into(),
            key: Box::new(move |i| (0..7).map(|at| byte(i, at)).collect()),
        },
        Keys {
            name: "seven bytes, the last counts fastest".into(),
            key: Box::new(move |i| (0..7).rev().map(|at| byte(i, at)).collect()),
        },
    ]
}

/// The sets of words, as keys of `N` words: varied in one word, and in several.
fn sets_of<const N: usize>() -> impl Iterator<Item = Keys> {
    // Which words of the key hold the word.
    let masks = [0b1, 0b10, 0b100, 0b1000, 0b11, 0b101, 0b1001, 0b1111];
    let masks = masks.into_iter().filter(|mask| mask >> N == 0);
    masks.flat_map(|mask: usize| {
        word_sets().into_iter().map(move |set| Keys {
            name: format!("{} in words {mask:b} of {N}", set.name),
            key: Box::new(move |i| {
                let word = (set.key)(i);
                let zero = vec![0; word.len()];
                let part = |at: usize| if mask >> at & 1 == 1 { &word } else { &zero };
                (0..N).flat_map(part).copied().collect()
            }),
        })
    })
}

fn first_flaw(hash: Hash, sets: impl IntoIterator<Item = Keys>) -> Option<String> {
    sets.into_iter().find_map(|set| {
        let judged = judge_keys(hash, &set).and_then(|()| judge_seeds(hash, &set));
        Some(format!("{}: {}", set.name, judged.err()?))
    })
}

#[test]
fn keys_of_words_spread_like_chance() {
    assert_eq!(first_flaw(words::<1>, word_sets()), None);
    assert_eq!(first_flaw(words::<2>, sets_of::<2>()), None);
    assert_eq!(first_flaw(words::<3>, sets_of::<3>()), None);
    assert_eq!(first_flaw(words::<4>, sets_of::<4>()), None);
}

#[test]
fn keys_of_single_bytes_spread_like_chance() {
    assert_eq!(first_flaw(single_bytes, byte_sets()), None);
}

#[test]
fn strings_spread_like_chance() {
    assert_eq!(first_flaw(string, string_sets()), None);
    assert_eq!(first_flaw(word_and_string, string_sets()), None);
}

#[test]
fn every_bit_of_a_key_counts() {
    for (hash, len) in [
        (words::<1> as Hash, 8),
        (words::<2>, 16),
        (words::<3>, 24),
        (words::<4>, 32),
        (string, 20),
        (word_and_string, 20),
    ] {
        assert_eq!(judge_avalanche(hash, len), Ok(()));
    }
}
