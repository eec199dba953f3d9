//! What the generator knows of the map: enough to tell when it grows.

use std::collections::HashMap;

/// The live keys by number, and the size that the map should have.
#[derive(Debug, Clone)]
pub struct Model {
    /// Whether it is the nil map.
    pub nil: bool,
    numbers: Vec<u64>,
    places: HashMap<u64, usize>,
    /// Entries whose keys are equal to nothing.
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

fn capacity(b: u32) -> usize {
    (13 * ((1 << b) / 2)).max(8)
}

fn over_load(count: usize, b: u32) -> bool {
    count > capacity(b)
}
