//! Random operations on a map and on the standard one, which must agree after each.

use std::collections::HashMap;
use std::hash::Hash;

use gomap::Map;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// A small random stream, the same in every run.
pub struct Random(Xoshiro256PlusPlus);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.0.random_range(0..n)
    }
}

fn run<K: Hash + Eq + Clone + std::fmt::Debug, V: Clone + PartialEq + std::fmt::Debug>(
    seed: u64,
    key: impl Fn(u64) -> K,
    value: impl Fn(u64) -> V,
) {
    let mut random = Random::new(seed);
    let mut map: Map<K, V> = Map::new();
    let mut model: HashMap<K, V> = HashMap::new();
    let keys = 10 << random.below(8);
    for step in 0..2000 {
        let (k, v) = (key(random.below(keys)), value(step));
        match random.below(40) {
            0..=17 => assert_eq!(map.insert(k.clone(), v.clone()), model.insert(k, v)),
            18..=27 => assert_eq!(map.remove(&k), model.remove(&k)),
            28..=31 => assert_eq!(map.get(&k), model.get(&k)),
            32..=35 => {
                let ours = map.entry(k.clone()).or_insert(v.clone()).clone();
                assert_eq!(ours, *model.entry(k).or_insert(v));
            }
            36 => {
                let modulus = 2 + random.below(5);
                let mut turn = 0;
                map.retain(|k, _| {
                    turn += 1;
                    let keep = turn % modulus != 0;
                    if !keep {
                        model.remove(k);
                    }
                    keep
                });
            }
            37 => {
                let copy = map.clone();
                assert_eq!(copy.len(), map.len());
                map = copy;
            }
            38 if random.below(8) == 0 => {
                map.clear();
                model.clear();
            }
            38 => map.shrink_to_fit(),
            _ => map.reserve(random.below(200) as usize),
        }
        assert_eq!(map.len(), model.len());
        if step % 20 == 0 {
            let mut lent = map.as_raw();
            // SAFETY: the map's own descriptor and header.
            unsafe { gomap::inspect::check(lent.descriptor(), lent.header()).unwrap() }
        }
        if step % 50 == 0 {
            assert_same(&map, &model);
        }
    }
    assert_same(&map, &model);
    let drained: HashMap<K, V> = map.drain().collect();
    assert_eq!(drained, model);
    assert!(map.is_empty());
}

fn assert_same<K: Hash + Eq, V: PartialEq>(map: &Map<K, V>, model: &HashMap<K, V>) {
    assert_eq!(map.iter().count(), model.len());
    assert!(map.iter().all(|(k, v)| model.get(k) == Some(v)));
    assert!(model.iter().all(|(k, v)| map.get(k) == Some(v)));
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[repr(align(64))]
struct OverAligned(u8);

#[test]
fn agrees_with_the_standard_map() {
    for seed in 0..12 {
        run(seed, |k| k, |v| v);
        run(seed, |k| k.to_string(), |v| v.to_string());
        run(seed, |k| k as u8, |_| ());
        run(seed, |_| (), |v| v);
        run(seed, |k| [k; 40], |v| vec![v; 3]);
        run(seed, |k| OverAligned(k as u8), |v| [v; 17]);
        run(seed, |k| (k as u16, k.to_string()), Box::new);
    }
}
