//! The traces that are compared with real Go: every shape of map, by every path, under every sort of hash.

use maptype::Era;

use super::{Mix, Plan};
use crate::machine::random::scramble;
use crate::trace::{Hash, MapTy, Path, Types};

/// Keys and elems: by size, on both sides of the limit for inline storage, with and without pointers, with and without
/// reflexive keys, of the bucket sizes whose arrays differ between releases.
const SHAPES: [(&str, &str); 32] = [
    ("int64", "int64"),
    ("int32", "int8"),
    ("uint8", "struct{}"),
    ("struct{}", "int64"),
    ("string", "int"),
    ("string", "string"),
    ("[20]byte", "[40]byte"),
    ("[128]byte", "[128]byte"),
    ("[129]byte", "[129]byte"),
    ("float64", "int"),
    ("interface{}", "int"),
    ("struct{*T;int64}", "*T"),
    ("int16", "*T"),
    ("bool", "string"),
    ("uint32", "*T"),
    ("int64", "string"),
    ("*T", "*T"),
    ("*T", "int8"),
    ("[2]uint64", "int"),
    ("float32", "float32"),
    ("complex128", "int8"),
    ("complex64", "string"),
    ("string", "[200]byte"),
    ("[200]byte", "string"),
    ("string", "struct{}"),
    ("int64", "[1100]byte"),
    ("struct{int32;string}", "interface{}"),
    ("struct{int8;float32;interface{}}", "[3]string"),
    ("[2]interface{}", "int16"),
    ("[300]int8", "[300]int8"),
    ("struct{int32;int32}", "struct{}"),
    ("[0]string", "[0]int8"),
];

const HASHES: [Hash; 5] = [
    Hash::Good,
    Hash::Few,
    Hash::Identity,
    Hash::Few,
    Hash::Const(0x0500_0000_0000_0003),
];

/// One that adds overflow buckets to a large array, one that fills it evenly.
const LARGE_HASHES: [Hash; 2] = [Hash::Few, Hash::Good];

/// A map, and how it is used.
struct Subject {
    map: MapTy,
    path: Path,
    /// Its only hash; none if the hashes alternate.
    hash: Option<Hash>,
}

/// Makes plans, always the same for the same seed.
pub struct Suite {
    seed: u64,
    era: Era,
    maps: Vec<Subject>,
}

/// One in so many traces is of maps with large arrays.
const LARGE_EVERY: u64 = 64;
const OPS: usize = 3000;
const LARGE_OPS: usize = 60_000;

impl Suite {
    pub fn new(seed: u64, era: Era) -> Suite {
        let mut types = Types::default();
        let mut maps = Vec::new();
        for (key, elem) in SHAPES {
            let map = MapTy {
                key: types.named(key),
                elem: types.named(elem),
            };
            let mut add = |path, hash| {
                let map = map.clone();
                maps.push(Subject { map, path, hash });
            };
            add(Path::Generic, None);
            if map.fast().is_some() {
                add(Path::Fast, None);
            }
            if map.has_default_hash() {
                add(Path::Generic, Some(Hash::Default));
            }
        }
        Suite { seed, era, maps }
    }

    /// Plan number `index`. Each map comes once before one is repeated, with another hash.
    pub fn plan(&self, index: u64) -> Plan {
        let count = self.maps.len() as u64;
        let subject = &self.maps[(index % count) as usize];
        let round = (index / count + index % count) as usize;
        let hash = subject.hash.unwrap_or(HASHES[round % HASHES.len()]);
        let large = index % LARGE_EVERY == LARGE_EVERY - 1;
        Plan {
            hash: match large && subject.hash.is_none() {
                true => LARGE_HASHES[(index / LARGE_EVERY % 2) as usize],
                false => hash,
            },
            map: subject.map.clone(),
            path: subject.path,
            era: self.era,
            mix: if large { Mix::Large } else { Mix::All },
            ops: if large { LARGE_OPS } else { OPS },
            seed: scramble(self.seed, index),
        }
    }
}
