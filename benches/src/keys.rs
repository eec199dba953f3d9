//! The keys: the same numbers in every language.

use gomap::maptype::alg::GoString;

/// The `i`-th number of a splitmix64 stream.
pub fn splitmix(i: u64) -> u64 {
    let mut z = i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A type of keys.
pub trait Key: Copy + 'static {
    /// The keys of these numbers, adjacent in separate memory.
    fn make(numbers: impl ExactSizeIterator<Item = u64>) -> Vec<Self>;

    /// What a key adds to the checksum of an iteration.
    fn word(&self) -> u64;
}

impl Key for u64 {
    fn make(numbers: impl ExactSizeIterator<Item = u64>) -> Vec<u64> {
        numbers.map(splitmix).collect()
    }

    fn word(&self) -> u64 {
        *self
    }
}

/// A key of 32 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wide {
    pub a: u64,
    pub b: u64,
    pub c: u64,
    pub d: u64,
}

impl Key for Wide {
    fn make(numbers: impl ExactSizeIterator<Item = u64>) -> Vec<Wide> {
        let wide = |i: u64| Wide {
            a: splitmix(4 * i),
            b: splitmix(4 * i + 1),
            c: splitmix(4 * i + 2),
            d: splitmix(4 * i + 3),
        };
        numbers.map(wide).collect()
    }

    fn word(&self) -> u64 {
        self.a
    }
}

/// The longest string key.
const LONGEST: usize = 24;

/// The letters of the `i`-th string, and how many of them there are: 16 to 24.
fn letters(i: u64) -> ([u8; LONGEST], usize) {
    let mut letters = [0; LONGEST];
    for (chunk, j) in letters.chunks_exact_mut(8).zip(0..) {
        let word = splitmix(3 * i + j).to_le_bytes();
        for (letter, byte) in chunk.iter_mut().zip(word) {
            *letter = b'a' + (byte & 15);
        }
    }
    let len = 16 + (splitmix(3 * i) >> 32) % 9;
    (letters, len as usize)
}

impl Key for &'static str {
    /// The bytes are never freed: they live as long as the process that measures.
    fn make(numbers: impl ExactSizeIterator<Item = u64>) -> Vec<&'static str> {
        let mut text = String::with_capacity(numbers.len() * LONGEST);
        let mut ends = Vec::with_capacity(numbers.len());
        for i in numbers {
            let (letters, len) = letters(i);
            text.extend(letters[..len].iter().map(|&letter| char::from(letter)));
            ends.push(text.len());
        }
        let text: &'static str = text.leak();
        let starts = std::iter::once(0).chain(ends.iter().copied());
        starts
            .zip(&ends)
            .map(|(start, &end)| &text[start..end])
            .collect()
    }

    fn word(&self) -> u64 {
        self.len() as u64
    }
}

/// The headers are adjacent, as in a slice of Go's strings.
impl Key for GoString {
    fn make(numbers: impl ExactSizeIterator<Item = u64>) -> Vec<GoString> {
        let texts = <&str>::make(numbers);
        texts
            .iter()
            .map(|text| GoString::new(text.as_bytes()))
            .collect()
    }

    fn word(&self) -> u64 {
        self.len as u64
    }
}

/// The fewest lookups of a sample: enough that no branch predictor learns them by heart.
const FEWEST: usize = 1 << 16;
/// The most lookups of a sample.
const MOST: usize = 4_000_000;

/// The keys of a map of `size` entries, and those to look up in it.
pub struct Keys<K> {
    /// Entries of the map.
    pub size: usize,
    /// All keys that a map ever holds. The first `size` are those that it is filled with.
    pub universe: Vec<K>,
    /// Keys in the map, in random order, each allocated separately.
    pub hits: Vec<K>,
    /// Keys not in the map.
    pub misses: Vec<K>,
}

impl<K: Key> Keys<K> {
    /// The keys for a map of `size` entries.
    pub fn new(size: usize) -> Keys<K> {
        let probes = probes(size);
        let among = |p: usize| ((splitmix(!(p as u64)) as u128 * size as u128) >> 64) as u64;
        let universe = FEWEST.max(2 * size);
        Keys {
            size,
            universe: K::make((0..universe).map(|i| i as u64)),
            hits: K::make((0..probes).map(among)),
            misses: K::make((universe..universe + probes).map(|i| i as u64)),
        }
    }

    /// The keys that the map is filled with.
    pub fn present(&self) -> &[K] {
        &self.universe[..self.size]
    }
}

/// Lookups of a sample, and steps of a sample of churn.
pub fn probes(size: usize) -> usize {
    size.clamp(FEWEST, MOST)
}
