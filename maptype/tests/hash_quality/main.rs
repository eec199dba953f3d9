//! Is the default hash good enough for the map: its low bits, which choose a bucket, and its top
//! byte, which is the tophash? Every check is also shown to reject a hash that is not.

mod judge;
mod keys;
#[path = "../common/random.rs"]
mod random;

use judge::{Hash, judge_avalanche, judge_keys, judge_seeds};
use keys::{Keys, string_sets, word_sets};
use maptype::alg;

/// Lengths on both sides of every branch of the string hash.
const LENGTHS: [usize; 17] = [
    1, 2, 3, 4, 7, 8, 9, 16, 17, 24, 32, 33, 48, 64, 65, 100, 129,
];

/// The default hash of eight-byte keys. The process key is drawn by chance, which a test must not
/// depend on.
fn word_hash(key: &[u8], seed: usize) -> usize {
    alg::set_process_key(0x5bd1_e995_9c3f_a7d1);
    alg::hash_word(word(key), seed)
}

/// The default hash of byte strings.
fn string_hash(key: &[u8], seed: usize) -> usize {
    alg::set_process_key(0x5bd1_e995_9c3f_a7d1);
    alg::hash_bytes(key, seed)
}

fn word(key: &[u8]) -> u64 {
    u64::from_ne_bytes(key.try_into().unwrap())
}

/// What is wrong with `hash`, by set of keys.
fn flaws(hash: Hash, sets: Vec<Keys>) -> impl Iterator<Item = String> {
    sets.into_iter().filter_map(move |set| {
        let flaw = judge_keys(hash, &set).err()?;
        Some(format!("{}: {flaw}", set.name))
    })
}

#[test]
fn words_spread_like_chance() {
    assert_eq!(flaws(word_hash, word_sets()).next(), None);
}

#[test]
fn strings_spread_like_chance() {
    assert_eq!(flaws(string_hash, string_sets()).next(), None);
}

#[test]
fn every_bit_of_a_key_counts() {
    assert_eq!(judge_avalanche(word_hash, 8), Ok(()));
    for len in LENGTHS {
        assert_eq!(judge_avalanche(string_hash, len), Ok(()));
    }
}

#[test]
fn every_bit_of_a_seed_counts() {
    for set in word_sets() {
        assert_eq!(judge_seeds(word_hash, &set), Ok(()), "{}", set.name);
    }
    for set in string_sets() {
        assert_eq!(judge_seeds(string_hash, &set), Ok(()), "{}", set.name);
    }
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

fn byte_by_byte(key: &[u8], seed: usize, factor: u64) -> usize {
    let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(factor);
    key.iter().fold(seed as u64, step) as usize
}

#[test]
fn weak_hashes_of_words_are_rejected() {
    let weak: [(&str, Hash); 4] = [
        ("identity", |key, seed| word(key) as usize ^ seed),
        ("multiply", |key, seed| {
            (word(key) ^ seed as u64).wrapping_mul(ODD) as usize
        }),
        ("multiply and shift", |key, seed| {
            let product = (word(key) ^ seed as u64).wrapping_mul(ODD);
            (product ^ product >> 32) as usize
        }),
        ("one folded multiply", |key, seed| {
            fold(word(key) ^ seed as u64, ODD) as usize
        }),
    ];
    for (name, hash) in weak {
        assert!(flaws(hash, word_sets()).next().is_some(), "{name}: spread");
        assert!(judge_avalanche(hash, 8).is_err(), "{name}: avalanche");
    }
    let unseeded: Hash = |key, _| word_hash(key, 0);
    assert!(judge_seeds(unseeded, &word_sets()[0]).is_err());
}

#[test]
fn weak_hashes_of_strings_are_rejected() {
    let weak: [(&str, Hash); 3] = [
        ("sum of bytes", |key, seed| {
            key.iter()
                .fold(seed, |hash, &byte| hash.wrapping_add(byte.into()))
        }),
        ("times 31", |key, seed| byte_by_byte(key, seed, 31)),
        ("times a prime", |key, seed| {
            byte_by_byte(key, seed, 0x100_0000_01b3)
        }),
    ];
    for (name, hash) in weak {
        assert!(
            flaws(hash, string_sets()).next().is_some(),
            "{name}: spread"
        );
        assert!(judge_avalanche(hash, 16).is_err(), "{name}: avalanche");
    }
}
