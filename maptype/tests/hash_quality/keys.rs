//! Keys as programs have them, rather than random ones.

/// A set of keys: its name, and its keys by number. The numbers go up to [`MOST`].
pub struct Keys {
    pub name: String,
    pub key: Box<dyn Fn(u64) -> Vec<u8>>,
}

/// No set is asked for more keys than this.
pub const MOST: usize = 1 << 14;

fn words(name: impl Into<String>, word: impl Fn(u64) -> u64 + 'static) -> Keys {
    Keys {
        name: name.into(),
        key: Box::new(move |i| word(i).to_ne_bytes().into()),
    }
}

/// Sets of eight-byte keys: counters, multiples, bit fields, floats, addresses.
pub fn word_sets() -> Vec<Keys> {
    let shifted = (0..=64 - MOST.ilog2()).map(|by| words(format!("i << {by}"), move |i| i << by));
    let factors = [3, 7, 10, 24, 100, 1000, 65537, 1_000_003, 0x1_0000_0001];
    let multiples = factors
        .into_iter()
        .chain([0x0101_0101_0101_0101, 0x9e37_79b9_7f4a_7c15])
        .map(|by: u64| words(format!("i * {by}"), move |i| i.wrapping_mul(by)));
    let others = [
        words("-i", u64::wrapping_neg),
        words("!(i << 20)", |i| !(i << 20)),
        words("i * i", |i| i * i),
        words("gray code", |i| i ^ i >> 1),
        words("reversed bits", u64::reverse_bits),
        words("reversed bytes", u64::swap_bytes),
        words("both halves", |i| i | i << 32),
        words("two fields", |i| i & 63 | (i >> 6) << 32),
        words("three fields", |i| {
            (i & 15) << 16 | (i >> 4 & 15) << 32 | (i >> 8) << 48
        }),
        words("two equal fields", |i| i << 20 ^ i << 44),
        words("addresses 16 apart", |i| 0xc000_0100_0000 + i * 16),
        words("addresses 48 apart", |i| 0x7f3a_1234_5000 + i * 48),
        words("floats", |i| (i as f64).to_bits()),
        words("tenths", |i| (i as f64 * 0.1).to_bits()),
        words("eighths", |i| (i as f64 * 0.125).to_bits()),
        words("single floats", |i| (i as f32).to_bits().into()),
        few_bits(),
    ];
    shifted.chain(multiples).chain(others).collect()
}

/// Words with at most three bits set, all over the word.
fn few_bits() -> Keys {
    let mut table = Vec::new();
    for a in 0..64 {
        for b in 0..=a {
            table.extend((0..=b).map(|c| 1u64 << a | 1 << b | 1 << c));
        }
    }
    table.sort_unstable();
    table.dedup();
    let step = table.len() / MOST;
    words("few bits", move |i| table[i as usize * step])
}

fn strings(name: impl Into<String>, text: impl Fn(u64) -> String + 'static) -> Keys {
    Keys {
        name: name.into(),
        key: Box::new(move |i| text(i).into_bytes()),
    }
}

/// Sets of byte strings: numbers in words, paths, lines that differ in one place, runs of zeroes.
pub fn string_sets() -> Vec<Keys> {
    let mut sets = vec![
        strings("decimal", |i| format!("{i}")),
        strings("zero-padded", |i| format!("{i:08}")),
        strings("hexadecimal", |i| format!("{i:x}")),
        strings("binary", |i| format!("{i:014b}")),
        strings("key_i", |i| format!("key_{i}")),
        strings("i_key", |i| format!("{i}_of_the_keys")),
        strings("path", |i| {
            format!("/usr/share/doc/{}/{}.html", i / 40, i % 40)
        }),
        strings("address", |i| format!("user{i}@mail{}.example.org", i % 7)),
        strings("long line", |i| format!("{:>1$}", i, 150)),
        strings("unit", |i| format!("00000000-0000-4000-8000-{i:012x}")),
        Keys {
            name: "zeroes".into(),
            key: Box::new(|i| vec![0; i as usize % MOST]),
        },
    ];
    for len in [
        2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 40, 63, 64, 65, 100, 200,
    ] {
        for at in [0, len / 3, len / 2, len - 2] {
            sets.push(two_bytes_of(len, at));
        }
    }
    sets
}

/// Strings of `len` bytes, all `x`, but for the two bytes from `at` on, which count.
fn two_bytes_of(len: usize, at: usize) -> Keys {
    let at = at.min(len - 2);
    Keys {
        name: format!("bytes {at} and {} of {len}", at + 1),
        key: Box::new(move |i| {
            let mut key = vec![b'x'; len];
            key[at..at + 2].copy_from_slice(&(i as u16).to_le_bytes());
            key
        }),
    }
}
