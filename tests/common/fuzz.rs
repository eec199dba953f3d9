//! What a map is tried with, read from bytes.

use maptype::Era;

use super::heap::{ERAS, MEMORIES, Memory};
use super::keys::{self, Hash, STABLE};
use super::kinds::{ELEMS, KEYS, Kind};
use super::subject::Subject;

/// The setting of a run.
pub struct Settings {
    pub key: &'static Kind,
    pub elem: &'static Kind,
    pub memory: Memory,
    pub era: Era,
    pub hash: Hash,
}

impl Settings {
    /// Takes three bytes, as far as there are any.
    pub fn read(bytes: &mut impl Iterator<Item = u8>) -> Settings {
        let mut byte = || bytes.next().unwrap_or(0) as usize;
        let (key, elem, rest) = (byte(), byte(), byte());
        Settings {
            key: &KEYS[key % KEYS.len()],
            elem: &ELEMS[elem % ELEMS.len()],
            memory: MEMORIES[rest % 4],
            era: ERAS[rest / 4 % 3],
            hash: STABLE[rest / 12 % STABLE.len()],
        }
    }

    pub fn subject(&self) -> Subject {
        keys::set(self.hash);
        Subject::new(self.key, self.elem, self.memory, self.era)
    }
}
