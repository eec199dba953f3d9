//! The phases that traces are made of.

use super::keys::value;
use super::model::Chains;
use super::{Generator, Mix, Model};
use crate::trace::{IterId, Op, Value};

/// The largest capacity of maps that are filled and emptied to make them grow to their own size.
const MOST_CHURNED: u64 = 100;

/// Hints on both sides of B 16, where overflow buckets begin to be counted approximately. Traces of large maps begin with
/// the first.
const LARGE_HINTS: [i64; 4] = [212_993, 30_000, 212_992, 425_000];

impl Generator {
    /// Adds a phase of the mix, up to `limit` operations in all.
    pub fn phase(&mut self, mix: Mix, limit: usize) {
        let phases = [Mix::Random, Mix::Grow, Mix::Churn, Mix::Iterate];
        let phase = match mix {
            Mix::All => self.rng.one_of(&phases),
            one => one,
        };
        self.room = limit - self.trace.ops.len();
        let old = if self.model.nil { 900 } else { 150 };
        let large = phase != Mix::Large && self.model.capacity() > 1000;
        if self.trace.ops.is_empty() || large && self.rng.chance(500) || self.rng.chance(old) {
            self.make(phase);
        }
        match phase {
            Mix::Random => self.random(),
            Mix::Grow => self.grow(),
            Mix::Churn => self.churn(),
            Mix::Iterate => self.iterate(),
            Mix::Large => self.large(),
            Mix::All => unreachable!("replaced by one of the phases"),
        }
    }

    /// A new map; rarely the nil map.
    fn make(&mut self, phase: Mix) {
        let limit = 2 << self.rng.below(9);
        let first = phase == Mix::Large && self.trace.ops.is_empty();
        let hint = match self.rng.below(20) {
            _ if first => Some(LARGE_HINTS[0]),
            0 => return,
            1 => Some(-1),
            2 => Some(i64::MAX >> self.rng.below(8)),
            _ if phase == Mix::Large => Some(self.rng.one_of(&LARGE_HINTS)),
            3..8 => Some(self.rng.below(limit) as i64),
            _ => None,
        };
        self.push(Op::Make(hint));
        let counts = hint.filter(|&hint| (0..1 << 32).contains(&hint));
        self.model = Model::made(counts.unwrap_or(0) as usize);
    }

    /// All operations on few keys.
    fn random(&mut self) {
        let keys = self.rng.one_of(&[3, 9, 20, 60, 150, 500]);
        for _ in 0..self.rng.below(600) {
            if self.room == 0 {
                return;
            }
            match self.rng.below(1000) {
                0..420 => self.insert_some(keys),
                420..680 => self.delete_some(keys),
                680..800 => self.look_up(keys),
                800..990 => self.touch_iterators(),
                990..993 => self.clear(),
                993 => self.make(Mix::Random),
                _ => self.copy(),
            }
        }
    }

    /// New keys until the map grows, and a rare operation while it does.
    fn grow(&mut self) {
        let far = self.rng.one_of(&[1, 1, 2, 3, 5]);
        for _ in 0..far {
            let fresh = self.model.until_growth() + self.rng.below(6) as usize;
            for _ in 0..fresh {
                if self.room == 0 {
                    return;
                }
                let number = self.rng.below(1 << 22);
                self.insert(number);
                self.aside(60);
            }
            self.in_the_middle();
        }
        let kept = self.rng.below(self.model.count() as u64 + 1) as usize;
        while self.rng.chance(300) && self.model.count() > kept && self.room > 0 {
            self.delete_live();
        }
    }

    /// An operation that is rare while a map grows.
    fn in_the_middle(&mut self) {
        if self.room == 0 {
            return;
        }
        match self.rng.below(12) {
            0 => self.clear(),
            1 => self.copy(),
            2 => self.make(Mix::Random),
            3..6 => self.begin_iterator(),
            6 => self.delete_all(),
            7 => (0..20).for_each(|_| self.look_up(50)),
            8 => (0..20).for_each(|_| self.delete_live()),
            _ => (0..20).for_each(|_| self.overwrite()),
        }
    }

    /// Fills chains and empties them again, until overflow buckets are too many and the map grows to its own size.
    fn churn(&mut self) {
        if !self.keys.has_chains() {
            return self.random();
        }
        let hint = self.rng.below(MOST_CHURNED);
        self.push(Op::Make(Some(hint as i64)));
        self.model = Model::made(hint as usize);
        let mut chains = Chains::default();
        for _ in 0..self.rng.below(5) + 2 {
            let chain = self.keys.pick_chain(&mut self.rng);
            let filled = self.fill(chain, &mut chains);
            let kept = self.rng.below(4) as usize;
            for number in filled.into_iter().skip(kept) {
                if self.room == 0 {
                    return;
                }
                self.delete(number);
                chains.leave(chain);
                self.aside(40);
            }
        }
    }

    /// Inserts keys of one chain, as many as the map holds without doubling, and returns them.
    fn fill(&mut self, chain: usize, chains: &mut Chains) -> Vec<u64> {
        let room = self.model.capacity().saturating_sub(self.model.count());
        let keys = self.keys.chain(chain);
        let start = self.rng.below(keys.len() as u64) as usize;
        let keys = keys.iter().cycle().skip(start).take(room.min(keys.len()));
        let keys: Vec<u64> = keys.copied().collect();
        let mut filled = Vec::new();
        for number in keys {
            if self.room == 0 {
                break;
            }
            let grows = chains.too_many(self.model.b());
            self.insert(number);
            filled.push(number);
            chains.enter(chain);
            if grows {
                chains.compact();
                if self.rng.chance(700) {
                    self.in_the_middle();
                }
            }
            self.aside(40);
        }
        filled
    }

    /// Long-running iterators.
    fn iterate(&mut self) {
        for _ in 0..self.rng.below(4) + 1 {
            self.begin_iterator();
        }
        let keys = self.rng.one_of(&[30, 100, 400]);
        for _ in 0..self.rng.below(800) {
            if self.room == 0 {
                return;
            }
            match self.rng.below(100) {
                0..60 => self.step_iterator(),
                60..63 => self.begin_iterator(),
                63..82 => self.insert_some(keys),
                82..96 => self.delete_some(keys),
                96..99 => self.look_up(keys),
                _ if self.rng.chance(200) => self.clear(),
                _ => self.copy(),
            }
        }
    }

    /// Maps with a large array.
    fn large(&mut self) {
        let keys = self.rng.one_of(&[1000, 30_000, 400_000]);
        for _ in 0..self.rng.below(keys) + 500 {
            if self.room == 0 {
                return;
            }
            match self.rng.below(100_000) {
                0..70_000 => self.insert_some(keys),
                70_000..85_000 => self.delete_some(keys),
                85_000..95_000 => self.look_up(keys),
                95_000..99_990 => self.touch_iterators(),
                _ if self.rng.chance(100) => self.clear(),
                _ => self.copy(),
            }
        }
    }

    /// Occasionally, another operation in between.
    fn aside(&mut self, in_a_thousand: u64) {
        if self.room > 0 && self.rng.chance(in_a_thousand) {
            match self.rng.below(4) {
                0 => self.look_up(100),
                1 => self.overwrite(),
                _ => self.touch_iterators(),
            }
        }
    }

    fn insert_some(&mut self, keys: u64) {
        if self.rng.chance(60)
            && let Some(odd) = self.keys.odd(&mut self.rng)
        {
            // Special keys are not equal to themselves, or few: the model need not be exact.
            self.model.insert_lost();
            let elem = self.elem();
            return self.push(Op::Insert(odd, elem));
        }
        let number = self.rng.below(keys);
        self.insert(number);
    }

    fn insert(&mut self, number: u64) {
        let number = self.keys.number(number);
        self.model.insert(number);
        let elem = self.elem();
        self.push(Op::Insert(self.keys.value(number), elem));
    }

    fn overwrite(&mut self) {
        let index = self.rng.below(u64::MAX);
        if let Some(number) = self.model.live(index) {
            self.insert(number);
        }
    }

    fn elem(&mut self) -> Value {
        let number = self.rng.below(1000);
        value(&self.trace.header.map.elem, number)
    }

    fn delete(&mut self, number: u64) {
        let number = self.keys.number(number);
        self.model.delete(number);
        self.push(Op::Delete(self.keys.value(number)));
    }

    fn delete_some(&mut self, keys: u64) {
        if self.rng.chance(600) {
            return self.delete_live();
        }
        if self.rng.chance(30)
            && let Some(odd) = self.keys.odd(&mut self.rng)
        {
            return self.push(Op::Delete(odd));
        }
        let number = self.rng.below(keys);
        self.delete(number);
    }

    fn delete_live(&mut self) {
        let index = self.rng.below(u64::MAX);
        let number = self.model.live(index).unwrap_or(index);
        self.delete(number);
    }

    fn delete_all(&mut self) {
        while let Some(number) = self.model.live(0)
            && self.room > 0
        {
            self.delete(number);
        }
    }

    fn look_up(&mut self, keys: u64) {
        let index = self.rng.below(u64::MAX);
        let number = match self.model.live(index) {
            Some(number) if self.rng.chance(700) => number,
            _ => self.keys.number(self.rng.below(2 * keys)),
        };
        let key = match self.keys.odd(&mut self.rng) {
            Some(odd) if self.rng.chance(50) => odd,
            _ => self.keys.value(number),
        };
        let read = self.rng.chance(300);
        self.push(if read { Op::Read(key) } else { Op::Get(key) });
    }

    fn clear(&mut self) {
        self.model.clear();
        self.push(Op::Clear);
    }

    /// A clone, or the other map.
    fn copy(&mut self) {
        if self.clones && self.rng.chance(600) {
            self.spare = self.model.clone();
            return self.push(Op::Clone);
        }
        std::mem::swap(&mut self.model, &mut self.spare);
        self.push(Op::Swap);
        if self.model.nil && self.rng.chance(800) {
            self.make(Mix::Random);
        }
    }

    fn touch_iterators(&mut self) {
        match self.rng.below(20) {
            0..4 => self.begin_iterator(),
            4 => self.drop_iterator(),
            _ => self.step_iterator(),
        }
    }

    fn begin_iterator(&mut self) {
        let id = IterId(self.rng.below(self.trace.iterators.len() as u64) as u32);
        if !self.alive.contains(&id) {
            self.alive.push(id);
        }
        self.push(Op::Iter(id));
    }

    fn step_iterator(&mut self) {
        match self.alive.is_empty() {
            true => self.begin_iterator(),
            false => {
                let id = self.rng.one_of(&self.alive);
                self.push(Op::Next(id));
            }
        }
    }

    fn drop_iterator(&mut self) {
        if !self.alive.is_empty() {
            let index = self.rng.below(self.alive.len() as u64) as usize;
            let id = self.alive.swap_remove(index);
            self.push(Op::Drop(id));
        }
    }
}
