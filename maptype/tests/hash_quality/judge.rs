//! What a map suffers from a bad hash, measured against what chance would give.

use crate::keys::Keys;
use crate::random::Random;

/// A seeded hash of byte strings.
pub type Hash = fn(&[u8], usize) -> usize;

/// Keys per bucket of a map that is about to grow.
const LOAD: f64 = 6.5;
/// The share of keys beyond the eighth of their bucket, for Poisson-distributed buckets of that
/// load.
const OVERFLOWING: f64 = 0.0697;
/// Buckets are drawn by the lowest bits, so many of them…
const BITS: [u32; 3] = [4, 8, 11];
/// …under so many seeds that every count rests on tens of thousands of keys.
const SEEDS: [usize; 3] = [64, 8, 1];

/// The first thing that is wrong with `hash` on these keys.
pub fn judge_keys(hash: Hash, keys: &Keys) -> Result<(), String> {
    let mut random = Random(11);
    for (bits, seeds) in BITS.into_iter().zip(SEEDS) {
        let count = (LOAD * f64::from(1 << bits)) as u64;
        let keys: Vec<Vec<u8>> = (0..count).map(&keys.key).collect();
        let mut sums = Counts::default();
        for _ in 0..seeds {
            let seed = random.next() as usize;
            let hashes: Vec<usize> = keys.iter().map(|key| hash(key, seed)).collect();
            sums.add(&hashes, bits);
        }
        sums.judge()
            .map_err(|flaw| format!("{bits} bits: {flaw}"))?;
    }
    Ok(())
}

/// Sums over several seeds.
#[derive(Default)]
struct Counts {
    keys: f64,
    /// Keys beyond the eighth of their bucket.
    overflowing: f64,
    /// Pairs of keys in one bucket.
    pairs: f64,
    /// Pairs of keys in one bucket with one tophash.
    clashes: f64,
    /// Keys whose whole hash another key has.
    collisions: usize,
    longest: usize,
}

impl Counts {
    fn add(&mut self, hashes: &[usize], bits: u32) {
        let mask = (1 << bits) - 1;
        let buckets = multiplicities(hashes.iter().map(|hash| hash & mask));
        let tops = hashes
            .iter()
            .map(|hash| hash.rotate_left(8) & (mask << 8 | 255));
        let clashes = multiplicities(tops);
        let pairs = |n: &usize| (n * (n - 1) / 2) as f64;
        self.keys += hashes.len() as f64;
        self.overflowing += buckets
            .iter()
            .map(|n| n.saturating_sub(8) as f64)
            .sum::<f64>();
        self.pairs += buckets.iter().map(pairs).sum::<f64>();
        self.clashes += clashes.iter().map(pairs).sum::<f64>();
        self.longest = self.longest.max(*buckets.iter().max().unwrap());
        self.collisions += hashes.len() - multiplicities(hashes.iter().copied()).len();
    }

    fn judge(&self) -> Result<(), String> {
        let overflowing = self.overflowing / self.keys / OVERFLOWING;
        let clashes = self.clashes / (self.pairs / 256.0);
        // 2^32 hashes are few enough that chance gives a clash now and then.
        let collisions = if usize::BITS == 64 { 0 } else { 4 };
        let flaws = [
            (
                overflowing > 1.5,
                format!("{overflowing:.2} times the overflowing keys"),
            ),
            (
                clashes > 1.6,
                format!("{clashes:.2} times the tophash clashes"),
            ),
            (
                self.longest > 32,
                format!("{} keys in a bucket", self.longest),
            ),
            (
                self.collisions > collisions,
                format!("{} collisions", self.collisions),
            ),
        ];
        match flaws.into_iter().find(|flaw| flaw.0) {
            Some((_, flaw)) => Err(flaw),
            None => Ok(()),
        }
    }
}

/// How often each of the values comes.
fn multiplicities(values: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut values: Vec<usize> = values.collect();
    values.sort_unstable();
    values.chunk_by(|a, b| a == b).map(<[usize]>::len).collect()
}

/// Every bit of the key flips every bit that counts of the hash in about half of all cases. (The
/// bits that count: those of the bucket in any map that fits into memory, and the tophash.)
pub fn judge_avalanche(hash: Hash, len: usize) -> Result<(), String> {
    const ROUNDS: usize = 400;
    let mut random = Random(len as u64);
    let mut flips = vec![[0usize; usize::BITS as usize]; 8 * len];
    for _ in 0..ROUNDS {
        let (mut key, seed) = (random.bytes(len), random.next() as usize);
        let before = hash(&key, seed);
        for (bit, flips) in flips.iter_mut().enumerate() {
            key[bit / 8] ^= 1 << (bit % 8);
            let changed = before ^ hash(&key, seed);
            for (i, flips) in flips.iter_mut().enumerate() {
                *flips += changed >> i & 1;
            }
            key[bit / 8] ^= 1 << (bit % 8);
        }
    }
    for (bit, flips) in flips.iter().enumerate() {
        for i in (0..24).chain(usize::BITS as usize - 8..usize::BITS as usize) {
            let share = flips[i] as f64 / ROUNDS as f64;
            if !(0.35..=0.65).contains(&share) {
                return Err(format!(
                    "{len} bytes: bit {bit} flips bit {i} in {share:.2} of all cases"
                ));
            }
        }
    }
    Ok(())
}

/// Under two seeds, keys share their bucket no more often than two other keys would.
pub fn judge_seeds(hash: Hash, keys: &Keys) -> Result<(), String> {
    let keys: Vec<Vec<u8>> = (0..1024).map(&keys.key).collect();
    let seed = 0x1b87_3593;
    let before: Vec<usize> = keys.iter().map(|key| hash(key, seed)).collect();
    for bit in 0..32 {
        let after = keys.iter().map(|key| hash(key, seed ^ 1 << bit));
        let unmoved = before
            .iter()
            .zip(after)
            .filter(|(a, b)| (*a ^ b) & 15 == 0)
            .count();
        if unmoved > 256 {
            return Err(format!(
                "seed bit {bit}: {unmoved} of 1024 keys stay in one of 16 buckets"
            ));
        }
    }
    Ok(())
}
