//! The generator's model of the map: enough to predict when it grows.

use std::collections::HashMap;

/// The live keys by number, and the size that the map should have.
#[derive(Debug, Clone)]
pub struct Model {
    /// Whether it is the nil map.
    pub nil: bool,
    numbers: Vec<u64>,
    places: HashMap<u64, usize>,
    /// Entries whose keys are not equal to themselves.
    lost: usize,
    b: u32,
}

impl Model {
    /// The nil map.
    pub fn nil() -> Model {
        Model {
            nil: true,
            numbers: Vec::new(),
            places: HashMap::new(),
            lost: 0,
            b: 0,
        }
    }

    /// A map made with that hint.
    pub fn made(hint: usize) -> Model {
        let mut model = Model::nil();
        model.nil = false;
        while over_load(hint, model.b) {
            model.b += 1;
        }
        model
    }

    pub fn count(&self) -> usize {
        self.numbers.len() + self.lost
    }

    pub fn b(&self) -> u32 {
        self.b
    }

    /// New keys that fit in before the map grows.
    pub fn until_growth(&self) -> usize {
        (capacity(self.b) + 1).saturating_sub(self.count())
    }

    /// Entries that the map has room for at its size.
    pub fn capacity(&self) -> usize {
        capacity(self.b)
    }

    /// Live key number `index`, wrapping around.
    pub fn live(&self, index: u64) -> Option<u64> {
        let len = self.numbers.len() as u64;
        (len > 0).then(|| self.numbers[(index % len) as usize])
    }

    pub fn insert(&mut self, number: u64) {
        if self.nil || self.places.contains_key(&number) {
            return;
        }
        self.grow();
        self.places.insert(number, self.numbers.len());
        self.numbers.push(number);
    }

    pub fn insert_lost(&mut self) {
        if !self.nil {
            self.grow();
            self.lost += 1;
        }
    }

    fn grow(&mut self) {
        if over_load(self.count() + 1, self.b) {
            self.b += 1;
        }
    }

    pub fn delete(&mut self, number: u64) {
        if let Some(place) = self.places.remove(&number) {
            self.numbers.swap_remove(place);
            if let Some(&moved) = self.numbers.get(place) {
                self.places.insert(moved, place);
            }
        }
    }

    pub fn clear(&mut self) {
        self.numbers.clear();
        self.places.clear();
        self.lost = 0;
    }
}

/// The lengths of chains, as far as they come from inserting and deleting keys chain by chain.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chains {
    live: [usize; 8],
    /// The most there have been: chains do not get shorter.
    most: [usize; 8],
}

impl Chains {
    pub fn enter(&mut self, chain: usize) {
        self.live[chain] += 1;
        self.most[chain] = self.most[chain].max(self.live[chain]);
    }

    pub fn leave(&mut self, chain: usize) {
        self.live[chain] = self.live[chain].saturating_sub(1);
    }

    /// A growth leaves chains as short as they can be.
    pub fn compact(&mut self) {
        self.most = self.live;
    }

    /// Whether a map of 2^b buckets has so many overflow buckets that the next new key makes it grow.
    pub fn too_many(&self, b: u32) -> bool {
        let buckets = 1 << b.min(3);
        let mut most = [0; 8];
        for (chain, cells) in self.most.iter().enumerate() {
            most[chain % buckets] += cells;
        }
        let overflow: usize = most
            .iter()
            .map(|cells| cells.div_ceil(8).saturating_sub(1))
            .sum();
        overflow >= 1 << b.min(15)
    }
}

fn capacity(b: u32) -> usize {
    (13 * ((1 << b) / 2)).max(8)
}

fn over_load(count: usize, b: u32) -> bool {
    count > capacity(b)
}
