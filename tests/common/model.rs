//! What a map should hold.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds::Kind;

/// What tells entries apart: an id; and for keys that equal nothing, the variant.
pub type Key = (u32, u32);

/// An entry, with a number that no other entry ever had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    pub elem: u32,
    pub variant: u32,
    pub number: u64,
}

/// The model of a map.
#[derive(Clone, Default, Debug)]
pub struct Model {
    pub entries: BTreeMap<Key, Entry>,
    next_number: u64,
}

impl Model {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The key under which the model knows a value of this kind.
    pub fn key(kind: &Kind, id: u32, variant: u32) -> Key {
        (id, if (kind.unequal)(id) { variant } else { 0 })
    }

    /// Inserts or updates; an update changes the variant only where the type says so.
    pub fn insert(&mut self, kind: &Kind, id: u32, variant: u32, elem: u32) {
        let number = self.next_number;
        let entry = self
            .entries
            .entry(Self::key(kind, id, variant))
            .or_insert_with(|| {
                self.next_number += 1;
                Entry {
                    elem,
                    variant,
                    number,
                }
            });
        entry.elem = elem;
        if kind.ty.need_key_update() {
            entry.variant = variant;
        }
    }

    /// The numbers of all entries.
    pub fn numbers(&self) -> BTreeSet<u64> {
        self.entries.values().map(|entry| entry.number).collect()
    }
}
